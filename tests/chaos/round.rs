//! One round: people meet in fresh rooms, a storm comes and goes, and what happened is judged.

use crate::{
    actor,
    device::{Device, Shared, TENANT, full},
    director,
    measure::Baseline,
    totals::Outcome,
};
use carewire_tests::{
    Server,
    check::{self, Access, Entry, What},
    http,
    proxy::Weather,
    truth,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{sync::RwLock, time::Instant};

/// How long it storms.
const STORM: Duration = Duration::from_secs(10);
/// How long all may take to converge once the network is healed and the server runs.
const PATIENCE: Duration = Duration::from_secs(90);
/// Who takes part, and on which devices.
const DEVICES: [(&str, &str); 8] = [
    ("ana", "phone"),
    ("ana", "desk"),
    ("ben", "phone"),
    ("ben", "desk"),
    ("cho", "phone"),
    ("dee", "phone"),
    ("eli", "phone"),
    ("fay", "phone"),
];
/// How many rooms a round has.
const ROOMS: usize = 3;

pub(crate) async fn play(
    server: &RwLock<Server>,
    seed: u64,
    number: u64,
    baseline: &mut Baseline,
) -> Outcome {
    let mut rng = ChaCha8Rng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(number));
    let rooms: Vec<String> = (0..ROOMS)
        .map(|room| format!("thread:{seed}-{number}-{room}"))
        .collect();
    let shared = Arc::new(Shared::default());
    let mut devices = Vec::new();
    {
        let server = server.read().await;
        open_rooms(&server, &shared, &rooms).await;
        for names in DEVICES {
            let device = Device::start(&server, Arc::clone(&shared), names, &rooms).await;
            devices.push(Arc::new(device));
        }
    }

    let end = Instant::now() + STORM;
    let name = "a storm".into();
    shared.recorder.note(What::Fault {
        name,
        target: None,
        loses: true,
    });
    for device in &devices {
        device.proxy.storm(Weather::storm(rng.random()));
    }
    let actors: Vec<_> = devices
        .iter()
        .map(|device| {
            tokio::spawn(actor::act(
                Arc::clone(device),
                ChaCha8Rng::from_rng(&mut rng),
                end,
            ))
        })
        .collect();
    // In each third round the server lives on, so that what it forgets to give back can be seen.
    let restarts = number % 3 != 2;
    let directing = director::direct(
        server,
        &devices,
        ChaCha8Rng::from_rng(&mut rng),
        end,
        restarts,
    );
    let mut faults = directing.await;

    for device in &devices {
        device.proxy.heal();
    }
    shared.recorder.note(What::Healed);
    let deadline = Instant::now() + PATIENCE;
    for actor in actors {
        // Whatever is not answered in time is judged as never answered.
        if let Ok(waiting) = tokio::time::timeout_at(deadline, actor).await {
            let mut waiting = waiting.unwrap();
            let all = async { while waiting.join_next().await.is_some() {} };
            let _ = tokio::time::timeout_at(deadline, all).await;
        }
    }
    let logs = truth::read(&*server.read().await, TENANT, &rooms).await;
    let heads = logs
        .iter()
        .map(|(room, log)| (room.clone(), log.head))
        .collect();
    let mut connections = 0;
    for device in devices {
        let mut device = Arc::into_inner(device).expect("nobody acts any more");
        let _ = tokio::time::timeout_at(deadline, device.catches_up(&heads)).await;
        device.note_end();
        for (name, count) in device.proxy.injected() {
            *faults.entry(name).or_default() += count;
        }
        connections += device.stop().await;
    }

    let history = shared.recorder.history().clone();
    let operations = history
        .entries
        .iter()
        .filter(|entry| is_operation(entry))
        .count() as u64;
    drop(logs);
    let delivered = shared.delivered.load(Ordering::Relaxed);
    let restarted = shared.restarted.lock().unwrap().clone();
    assert!(
        restarted.is_empty(),
        "nothing justifies this: {restarted:#?}"
    );
    let mut history = history;
    history.logs = truth::read(&*server.read().await, TENANT, &rooms).await;
    history.limits.typing = None;
    drop(shared);
    for verdict in baseline.compare(&*server.read().await).await {
        let at = history.end();
        history.push(at, verdict);
    }
    let report = match check::check(&history) {
        Ok(report) => report,
        Err(violations) => {
            let lines: Vec<_> = violations
                .iter()
                .take(40)
                .map(ToString::to_string)
                .collect();
            panic!(
                "round {number} of seed {seed}: {} violations\n{}\ninjected: {faults:?}",
                violations.len(),
                lines.join("\n"),
            );
        }
    };
    Outcome {
        faults,
        operations,
        delivered,
        connections,
        report,
    }
}

fn is_operation(entry: &Entry) -> bool {
    matches!(entry.what, What::Invoked(_))
}

/// Makes the rooms, and notes who may be there.
async fn open_rooms(server: &Server, shared: &Shared, rooms: &[String]) {
    let token = server.service_token(TENANT);
    let members: Vec<&str> = DEVICES.iter().map(|(user, _)| *user).collect();
    for user in &members {
        let (user, role) = (full(user), "provider".into());
        shared
            .recorder
            .note(What::Access(Access::Role { user, role }));
    }
    for room in rooms {
        let id = room.strip_prefix("thread:").unwrap();
        let body = json!({"memberIds": members});
        let path = format!("/v1/threads/{id}");
        let answer = http::request(server, "PUT", &path, Some(&token), Some(&body)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        for user in &members {
            shared.recorder.note(What::Access(Access::Member {
                room: full(room),
                user: full(user),
                floor: Some(0),
            }));
        }
    }
}
