//! What happens in a visit, all at once, and what must have come of it.

use crate::practice::{Practice, find, texts};
use carewire::{
    BoardEvent, Call, CallEvent, ChartEvent, Client, Event, EventStream, Lease, NotificationEvent,
    Room, RoomId, Typed, Viewing, Whiteboard,
    protocol::{ErrorCode, call::CallType, message::Message},
};
use carewire_tests::{
    TENANT, http,
    wait::{until, within},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use std::time::Duration;
use tokio::sync::RwLock;

/// How much each of the two writes and draws.
const EACH: usize = 8;
/// How many notifications there are, and how many of them are read.
const NOTIFICATIONS: usize = 4;
const READ: usize = 2;

/// Somebody with what they have open.
struct Side {
    client: Client,
    room: Room,
    heard: EventStream,
    board: Whiteboard,
    drawn: Typed<BoardEvent>,
}

/// Everybody, before anything happens.
pub(super) struct Visit {
    lee: Side,
    ana: Side,
    kim: Client,
    news: Typed<NotificationEvent>,
    watching: Viewing,
    seen: Typed<ChartEvent>,
    lease: Lease,
    call: Call,
    calls: Typed<CallEvent>,
}

fn chat() -> RoomId {
    RoomId::chat("ana", "dr-lee").unwrap()
}

impl Side {
    async fn enter(client: Client) -> Self {
        let board = client.whiteboard(chat()).await.unwrap();
        let drawn = board.events();
        let room = client.join(chat()).await.unwrap();
        let heard = room.events();
        Self {
            client,
            room,
            heard,
            board,
            drawn,
        }
    }

    fn pause(rng: &mut ChaCha8Rng) -> tokio::time::Sleep {
        tokio::time::sleep(Duration::from_millis(rng.random_range(0..60)))
    }

    async fn write(&self, name: &str, seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 1);
        for number in 0..EACH {
            Self::pause(&mut rng).await;
            let sent = self.room.send(format!("{name} {number}"));
            within("a message", sent).await.unwrap();
        }
    }

    async fn draw(&self, name: &str, seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 2);
        for number in 0..EACH {
            Self::pause(&mut rng).await;
            let op = format!("{name} {number}");
            within("a line", self.board.draw([op])).await.unwrap();
        }
    }
}

impl Visit {
    pub(super) async fn arrive(practice: &Practice) -> Self {
        let lee = Side::enter(practice.beside("dr-lee", "provider").await).await;
        let ana = Side::enter(practice.beside("ana", "patient").await).await;
        let kim = practice.beside("dr-kim", "provider").await;
        let news = ana.client.notifications().events();
        let watching = kim.record("ana".parse().unwrap()).view().await.unwrap();
        let seen = watching.events();
        let record = lee.client.record("ana".parse().unwrap());
        let lease = record.lock("notes".parse().unwrap()).await.unwrap();
        let mut ringing = ana.client.calls().incoming();
        let calls = lee.client.calls();
        let call = calls.start(["ana".parse().unwrap()], CallType::Video);
        let call = call.await.unwrap();
        let calls = call.events();
        let incoming = within("ringing", ringing.next()).await.unwrap();
        let taken = incoming.accept().await.unwrap();
        tokio::spawn(async move {
            // Held until it is over.
            let mut events = taken.events();
            while let Some(event) = events.next().await {
                if matches!(event, CallEvent::Ended { .. }) {
                    return;
                }
            }
        });
        Self {
            lee,
            ana,
            kim,
            news,
            watching,
            seen,
            lease,
            call,
            calls,
        }
    }

    /// Everything at once.
    pub(super) async fn play(self, practice: &RwLock<Practice>, seed: u64) -> Self {
        let Self { lee, ana, .. } = &self;
        tokio::join!(
            lee.write("lee", seed),
            ana.write("ana", seed + 1000),
            lee.draw("lee", seed),
            ana.draw("ana", seed + 1000),
            notify(practice, seed),
            self.contest(),
        );
        self
    }

    /// Whoever asks for the lock while it is held is refused, whatever has become of the server.
    async fn contest(&self) {
        let record = self.kim.record("ana".parse().unwrap());
        for _ in 0..EACH {
            tokio::time::sleep(Duration::from_millis(30)).await;
            match record.lock("notes".parse().unwrap()).await {
                Err(error) if error.is(&ErrorCode::RecordLocked) || error.refusal().is_none() => {}
                other => panic!("{other:?}"),
            }
        }
    }

    pub(super) async fn verify(mut self, seed: &str) {
        let Self { lee, ana, .. } = &mut self;
        let stored = messages(&lee.room, seed).await;
        for side in [&mut *lee, &mut *ana] {
            let told = heard(&mut side.heard, stored.len()).await;
            let bodies: Vec<String> = stored.iter().map(|m| m.body.to_string()).collect();
            assert_eq!(told, bodies, "{seed}: told as stored");
        }
        receipts(lee, ana, &stored).await;
        self.boards(seed).await;
        self.notifications(seed).await;
        self.locks(seed).await;
        self.end(seed).await;
    }

    async fn boards(&mut self, seed: &str) {
        let Self { lee, ana, .. } = self;
        let state = lee.board.load().await.unwrap();
        assert_eq!(state.revision, 2 * EACH as u64, "{seed}");
        let ops: Vec<String> = texts(&state.ops)
            .into_iter()
            .map(|op| serde_json::from_str(op).unwrap())
            .collect();
        whole(&ops, seed);
        for side in [lee, ana] {
            let mut told = Vec::new();
            while told.len() < ops.len() {
                let drawn = find("a line", &mut side.drawn, |event| match event {
                    BoardEvent::Updated(update) => Some(update.clone()),
                    BoardEvent::Reload => panic!("{seed}: to be loaded anew"),
                    _ => None,
                });
                let drawn = drawn.await;
                assert_eq!(drawn.revision, told.len() as u64 + 1, "{seed}");
                told.push(drawn.ops[0].to::<String>().unwrap());
            }
            assert_eq!(told, ops, "{seed}");
        }
    }

    async fn notifications(&mut self, seed: &str) {
        let notifications = self.ana.client.notifications();
        for number in 0..NOTIFICATIONS {
            let new = find("a notification", &mut self.news, |event| match event {
                NotificationEvent::New(new) => Some(new.clone()),
                _ => None,
            });
            let new = new.await;
            assert_eq!(new.title, number.to_string().as_str(), "{seed}");
            if number < READ {
                notifications.mark_read(new.id).await.unwrap();
            }
        }
        let unread = notifications.unread().await.unwrap();
        assert_eq!(unread.len(), NOTIFICATIONS - READ, "{seed}");
        let count = notifications.unread_count().await.unwrap();
        assert_eq!(count, unread.len() as u64, "{seed}");
    }

    /// One holder all along, and then the next one with a greater token.
    async fn locks(&mut self, seed: &str) {
        assert!(self.lease.is_held(), "{seed}: {:?}", self.lease.state());
        let token = self.lease.fencing_token();
        self.lease = self.relock().await;
        assert!(self.lease.fencing_token() > token, "{seed}");
        let notes = self.kim.record("ana".parse().unwrap());
        let marker = notes.lock("marker".parse().unwrap()).await.unwrap();
        loop {
            let event = within("the chart", self.seen.next()).await.unwrap();
            match event {
                ChartEvent::Locked(lock) if lock.holder_id.as_str() == "dr-kim" => break,
                ChartEvent::Locked(lock) => assert_eq!(lock.holder_id.as_str(), "dr-lee"),
                ChartEvent::Unlocked(end) => panic!("{seed}: {end:?}"),
                _ => {}
            }
        }
        drop(marker);
        drop(self.watching.events());
    }

    /// The same device takes the lock anew.
    async fn relock(&self) -> Lease {
        let record = self.lee.client.record("ana".parse().unwrap());
        until("the lock", async || {
            record.lock("notes".parse().unwrap()).await.ok()
        })
        .await
    }

    async fn end(mut self, seed: &str) {
        let ended = self.call.end().await;
        let reason = find(
            "the end of the call",
            &mut self.calls,
            |event| match event {
                CallEvent::Ended { reason, .. } => Some(reason.clone()),
                _ => None,
            },
        );
        let reason = reason.await;
        assert!(reason.is_some(), "{seed}: over without a reason, {ended:?}");
    }
}

async fn notify(practice: &RwLock<Practice>, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 3);
    for number in 0..NOTIFICATIONS {
        Side::pause(&mut rng).await;
        let practice = practice.read().await;
        let bearer = format!("Bearer {}", practice.server.service_token(TENANT));
        let key = format!("visit-{number}");
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
            ("Idempotency-Key", key.as_str()),
        ];
        let body = json!({"userId": "ana", "kind": "system", "title": number.to_string(),
            "message": "…"});
        let body = body.to_string();
        for _ in 0..2 {
            let path = "/v1/notifications";
            let sent = http::send(&practice.server, "POST", path, &headers, Some(&body));
            assert_eq!(sent.await.status, 200);
        }
    }
}

/// All that was written, each once and in the order of its author.
async fn messages(room: &Room, seed: &str) -> Vec<Message> {
    let page = room.history().limit(100).await.unwrap();
    let bodies: Vec<String> = page.messages.iter().map(|m| m.body.to_string()).collect();
    whole(&bodies, seed);
    page.messages
}

fn whole(all: &[String], seed: &str) {
    for name in ["lee", "ana"] {
        let of: Vec<&String> = all.iter().filter(|one| one.starts_with(name)).collect();
        let expected: Vec<String> = (0..EACH).map(|n| format!("{name} {n}")).collect();
        assert!(of.iter().copied().eq(&expected), "{seed}: {all:?}");
    }
    assert_eq!(all.len(), 2 * EACH, "{seed}");
}

async fn heard(events: &mut EventStream, count: usize) -> Vec<String> {
    let mut bodies = Vec::new();
    within("what was written", async {
        while bodies.len() < count {
            let event = events.next().await.unwrap();
            assert!(
                !matches!(event, Event::Resynced(_) | Event::Lagged(_)),
                "{event:?}"
            );
            bodies.extend(event.new_message().map(|m| m.body.to_string()));
        }
    })
    .await;
    bodies
}

/// Both have received everything, and what one has read the other knows.
async fn receipts(lee: &Side, ana: &Side, stored: &[Message]) {
    let last = |user: &str| {
        let of = stored.iter().rev().find(|m| m.sender_id.as_str() == user);
        of.unwrap().id.clone()
    };
    ana.room.mark_read(last("dr-lee")).await.unwrap();
    until("the receipts", async || {
        let receipts = lee.room.reload().await.ok()?.receipts;
        let anas = receipts.get("ana")?;
        let lees = receipts.get("dr-lee")?;
        let delivered = lees.delivered.as_ref()? >= &last("ana");
        (anas.read.as_ref() == Some(&last("dr-lee")) && delivered).then_some(())
    })
    .await;
}
