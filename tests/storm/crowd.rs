//! Everybody, in rooms of ten.

use crate::{figures::Return, member::Member};
use carewire::{Client, RequestError};
use carewire_tests::{
    Server, TENANT, Token,
    check::{Access, History, Log, Name, Operation, Recorder, What},
    http,
    wait::within,
};
use futures_util::{StreamExt, stream};
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

/// How many members a room has.
const ROOM: usize = 10;
/// How many clients connect at once in the beginning.
const AT_ONCE: usize = 64;
/// How often somebody speaks in a room.
const PAUSE: Duration = Duration::from_secs(30);

pub(crate) struct Crowd {
    recorder: Arc<Recorder>,
    rooms: Vec<String>,
    members: Vec<Arc<Member>>,
    silent: Arc<AtomicBool>,
    operations: Arc<AtomicU64>,
}

fn user(number: usize) -> String {
    format!("user-{number}")
}

fn room(number: usize) -> String {
    format!("thread:ward-{}", number / ROOM)
}

fn full(name: &str) -> Name {
    format!("{TENANT}/{name}").into()
}

impl Crowd {
    /// Connects everybody and lets them join their rooms.
    pub(crate) async fn gather(server: &Server, clients: usize) -> Self {
        let recorder = Arc::<Recorder>::default();
        let rooms: Vec<String> = (0..clients).step_by(ROOM).map(room).collect();
        let token = server.service_token(TENANT);
        for (number, name) in rooms.iter().enumerate() {
            let members: Vec<_> = (number * ROOM..clients.min((number + 1) * ROOM))
                .map(user)
                .collect();
            let path = format!("/v1/threads/{}", name.strip_prefix("thread:").unwrap());
            let body = json!({"memberIds": members});
            let answer = http::request(server, "PUT", &path, Some(&token), Some(&body)).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            let mut history = recorder.history();
            for member in &members {
                let (room, user) = (full(name), full(member));
                let access = Access::Member {
                    room,
                    user,
                    floor: Some(0),
                };
                history.push(Duration::ZERO, What::Access(access));
            }
        }
        let members = stream::iter(0..clients)
            .map(|number| enter(server.url(), Arc::clone(&recorder), number))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        Self {
            recorder,
            rooms,
            members,
            silent: Arc::default(),
            operations: Arc::default(),
        }
    }

    /// Lets one member of each room speak each [`PAUSE`], until told otherwise.
    pub(crate) fn talk(&self) -> JoinSet<()> {
        let mut speakers: BTreeMap<&Name, &Arc<Member>> = BTreeMap::new();
        for member in &self.members {
            speakers.entry(&member.room_name).or_insert(member);
        }
        let mut talkers = JoinSet::new();
        for (number, speaker) in speakers.into_values().enumerate() {
            let first = PAUSE.mul_f64(number as f64 / self.rooms.len() as f64);
            let (silent, operations) = (Arc::clone(&self.silent), Arc::clone(&self.operations));
            let (speaker, recorder) = (Arc::clone(speaker), Arc::clone(&self.recorder));
            talkers.spawn(async move {
                sleep(first).await;
                while !silent.load(Ordering::Relaxed) {
                    speak(
                        &speaker,
                        &recorder,
                        operations.fetch_add(1, Ordering::Relaxed),
                    )
                    .await;
                    sleep(PAUSE).await;
                }
            });
        }
        talkers
    }

    /// Waits until everybody has resumed.
    pub(crate) async fn all_are_back(&mut self, patience: Duration) {
        let end = Instant::now() + patience;
        loop {
            let away = self
                .members
                .iter()
                .filter(|m| m.returned(end).is_none())
                .count();
            if away == 0 {
                return;
            }
            assert!(Instant::now() < end, "{away} did not come back");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// When everybody had resumed.
    pub(crate) fn returns(&self, gone: Instant) -> Vec<Return> {
        self.members
            .iter()
            .filter_map(|member| member.returned(gone))
            .collect()
    }

    /// Lets everybody finish what they say.
    pub(crate) async fn stop_talking(&self, mut talkers: JoinSet<()>) {
        self.silent.store(true, Ordering::Relaxed);
        while let Some(done) = talkers.join_next().await {
            done.unwrap();
        }
    }

    pub(crate) fn rooms(&self) -> &[String] {
        &self.rooms
    }

    /// Waits until everybody has been given the whole of their room.
    pub(crate) async fn all_have_everything(&self, logs: &BTreeMap<Name, Log>, patience: Duration) {
        let end = Instant::now() + patience;
        for member in &self.members {
            let head = logs[&member.room_name].head;
            let mut position = member.position.clone();
            let left = end.saturating_duration_since(Instant::now());
            // Who has not is judged.
            let _ = timeout(left, position.wait_for(|at| *at >= head)).await;
            let well = member.client.state().borrow().is_connected();
            let device = member.device.clone();
            self.recorder.note(What::Ended { device, well });
        }
    }

    /// What everybody noted.
    pub(crate) fn history(&self) -> History {
        self.recorder.history().clone()
    }
}

async fn enter(url: String, recorder: Arc<Recorder>, number: usize) -> Arc<Member> {
    let user = user(number);
    let token = Token::new(&user, "provider").sign();
    let client = Client::builder(url).token(token).build().unwrap();
    within("a connection", client.connect()).await.unwrap();
    let device = full(&format!("{user}/desk"));
    recorder.note(What::Device {
        device: device.clone(),
        user: full(&user),
    });
    let name = room(number);
    let room = client.join(name.parse().unwrap());
    let room = within("a room", room.into_future()).await.unwrap();
    Arc::new(Member::follow(&recorder, client, device, room, full(&name)))
}

/// Says one thing, which waits for a connection where there is none.
async fn speak(member: &Member, recorder: &Recorder, op: u64) {
    let mark = format!("word {op}");
    let user = member.device.rsplit_once('/').unwrap().0;
    recorder.note(What::Invoked(Operation {
        op,
        device: member.device.clone(),
        user: user.into(),
        key: None,
        room: member.room_name.clone(),
        event: "message:new".into(),
        subject: None,
        mark: Some(mark.as_str().into()),
    }));
    recorder.note(match member.room.send(mark).await {
        Ok(message) => What::Acknowledged {
            op,
            message: Some(message.id.as_str().into()),
        },
        Err(RequestError::Refused(_)) => What::Refused { op },
        Err(_) => What::Unknown { op },
    });
}
