//! One client object behind a network of its own, and what its application was given.

use carewire::{
    Backoff, Client, Event, EventStream, MessageId, Room, State,
    protocol::{self, EventData, Timestamp, message, room},
};
use carewire_tests::{
    Proxy, Server, Token,
    check::{self, Name, Recorder, What},
    wait::within,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{sync::watch, task::JoinSet};

/// Where all of it happens.
pub(crate) const TENANT: &str = "chaos";

/// How long a token lives, in seconds: some are refreshed in a storm, some expire offline.
const TOKEN_LIVES: i64 = 20;

/// A name as the checker has it.
pub(crate) fn full(name: &str) -> Name {
    format!("{TENANT}/{name}").into()
}

/// What all devices of a round share.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) recorder: Recorder,
    pub(crate) next_operation: AtomicU64,
    /// Messages that can be reacted to, and where they are.
    pub(crate) messages: Mutex<Vec<(Room, MessageId)>>,
    pub(crate) delivered: AtomicU64,
    /// Places that a stream had to start over at, which nothing in a round justifies.
    pub(crate) restarted: Mutex<Vec<String>>,
}

pub(crate) struct Device {
    pub(crate) name: Name,
    pub(crate) user: Name,
    pub(crate) client: Client,
    pub(crate) rooms: Vec<Room>,
    pub(crate) proxy: Proxy,
    pub(crate) shared: Arc<Shared>,
    /// How far the application was given each room.
    positions: watch::Receiver<BTreeMap<Name, u64>>,
    listeners: JoinSet<()>,
}

impl Device {
    /// Connects over a network that is still healthy, and follows the rooms.
    pub(crate) async fn start(
        server: &Server,
        shared: Arc<Shared>,
        (user, device): (&str, &str),
        rooms: &[String],
    ) -> Self {
        let proxy = Proxy::start(server.address()).await;
        let owner = user.to_owned();
        let client = Client::builder(proxy.url())
            .token_provider(move || {
                let token = Token::new(&owner, "provider").tenant(TENANT);
                std::future::ready(Ok(token.lives(TOKEN_LIVES).sign()))
            })
            .backoff(Backoff {
                first: Duration::from_millis(100),
                most: Duration::from_secs(1),
                at_once: Duration::from_millis(50),
                ..Backoff::default()
            })
            .dial_timeout(Duration::from_secs(3))
            .build()
            .unwrap();
        within("a connection", client.connect()).await.unwrap();
        let name = full(&format!("{user}/{device}"));
        shared.recorder.note(What::Device {
            device: name.clone(),
            user: full(user),
        });
        let (positions, known) = watch::channel(BTreeMap::new());
        let (mut listeners, mut joined) = (JoinSet::new(), Vec::new());
        for id in rooms {
            let room = client.join(id.parse().unwrap());
            let room: Room = within("a room", room.into_future()).await.unwrap();
            let reply = room.joined();
            shared.recorder.note(What::Follows {
                device: name.clone(),
                room: full(id),
                epoch: reply.epoch.as_str().into(),
                offset: reply.offset,
            });
            positions.send_modify(|known| _ = known.insert(full(id), reply.offset));
            let listener = Listener {
                device: name.clone(),
                room: full(id),
                client: client.clone(),
                shared: Arc::clone(&shared),
                positions: positions.clone(),
                connected: Duration::ZERO,
            };
            listeners.spawn(listener.run(room.events()));
            joined.push(room);
        }
        Self {
            name,
            user: full(user),
            client,
            rooms: joined,
            proxy,
            shared,
            positions: known,
            listeners,
        }
    }

    /// Waits until the application has been given everything up to these heads, and is connected.
    pub(crate) async fn catches_up(&mut self, heads: &BTreeMap<Name, u64>) {
        let mut state = self.client.state();
        let there = |known: &BTreeMap<Name, u64>| {
            known.iter().all(|(room, at)| heads.get(room) == Some(at))
        };
        let _ = self.positions.wait_for(there).await;
        let _ = state.wait_for(State::is_connected).await;
    }

    /// How it is in the end.
    pub(crate) fn note_end(&self) {
        let well = self.client.state().borrow().is_connected();
        let device = self.name.clone();
        self.shared.recorder.note(What::Ended { device, well });
    }

    /// Closes the client; says how many connections it had.
    pub(crate) async fn stop(mut self) -> u64 {
        within("the client to close", self.client.close()).await;
        while self.listeners.join_next().await.is_some() {}
        drop((self.rooms, self.client));
        let made = self.proxy.links().borrow().made;
        let mut links = self.proxy.links();
        let gone = links.wait_for(|links| links.open == 0);
        within("its sockets to close", gone).await.unwrap();
        made
    }
}

struct Listener {
    device: Name,
    room: Name,
    client: Client,
    shared: Arc<Shared>,
    positions: watch::Sender<BTreeMap<Name, u64>>,
    /// When the present connection began. A network may hold back whatever was queued since.
    connected: Duration,
}

impl Listener {
    async fn run(mut self, mut events: EventStream) {
        self.connected = self.connected_at();
        while let Some(event) = events.next().await {
            match &event {
                Event::Server(event) => self.take(event),
                Event::Resumed(_) => self.connected = self.connected_at(),
                Event::Resynced(_) | Event::RoomLost { .. } | Event::Lagged(_) => {
                    let what = format!("{} in {}: {event:?}", self.device, self.room);
                    self.shared.restarted.lock().unwrap().push(what);
                }
                _ => {}
            }
        }
    }

    /// By the clock of the server, which is ours.
    fn connected_at(&self) -> Duration {
        let identity = self.client.identity().expect("it is connected");
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap());
        let ago = now.since(identity.server_time);
        self.shared.recorder.now().saturating_sub(ago)
    }

    fn take(&self, event: &protocol::Event) {
        let Some((epoch, offset)) = &event.position else {
            return;
        };
        let queued = self.connected;
        self.shared.recorder.note(What::Observed {
            device: self.device.clone(),
            room: self.room.clone(),
            epoch: epoch.as_str().into(),
            offset: *offset,
            event: told(&event.data),
            queued,
        });
        self.shared.delivered.fetch_add(1, Ordering::Relaxed);
        self.positions
            .send_modify(|known| _ = known.insert(self.room.clone(), *offset));
    }
}

/// A retained event as the checker has it.
fn told(data: &EventData) -> check::Event {
    let (message, mark) = match data {
        EventData::Message(
            message::Event::New(message::NewEvent { message })
            | message::Event::Edited(message::EditedEvent { message }),
        ) => {
            let body = &*message.body;
            (Some(&message.id), (!body.is_empty()).then(|| body.into()))
        }
        EventData::Message(message::Event::Reaction(reaction)) => (
            Some(&reaction.message_id),
            Some(reaction.emoji.as_str().into()),
        ),
        EventData::Message(message::Event::Deleted(deleted)) => (Some(&deleted.message_id), None),
        EventData::Room(room::Event::Custom(published)) => {
            let payload: Option<String> = published.payload.to().ok();
            (None, payload.map(Name::from))
        }
        _ => (None, None),
    };
    check::Event {
        name: data.name().into(),
        message: message.map(|id| id.as_str().into()),
        mark,
    }
}
