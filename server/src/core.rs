//! The server without its sockets: what connections and HTTP calls share.

use crate::{
    alarm::Alarm,
    audit::Audit,
    auth::{Authenticator, Identity},
    backplane::{Backplane, Change, Receiver, Signal},
    config::Config,
    domain::{
        self, call::Places, inbox::Inbox, presence::Presences, record::Viewers, session::Activity,
        whiteboard::Cursors,
    },
    env::{Runtime, yield_once},
    error::{Error, Result},
    hub::{self, Added, Audience, Connection, Hub, Number, Room, event_frame},
    keys::{RoomKey, UserKey},
    metrics::Metrics,
    policy::{self, Action, Authoriser, Decision},
    rate::MessageRate,
    rates::Rates,
    repair::{self, Repair},
    store::{self, Committed, Floor, Rows, Store, Tx},
    timers::Timers,
};
use carewire_protocol::{ClientId, ErrorReply, EventType, Key, Timestamp};
use futures_util::future::BoxFuture;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Everything a running server is made of.
pub struct Core {
    /// Time, randomness and tasks.
    pub env: Runtime,
    /// The settings.
    pub config: Config,
    /// The durable truth.
    pub store: Arc<dyn Store>,
    /// Who is connected here, and in which rooms.
    pub hub: Arc<Hub>,
    /// Reaches every node.
    pub backplane: Arc<dyn Backplane>,
    /// Checks tokens.
    pub authenticator: Authenticator,
    /// Decides instead of the directory, where an application wants to.
    pub authoriser: Option<Arc<dyn Authoriser>>,
    /// How much one may ask for.
    pub rates: Rates,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Everything that happens later.
    pub timers: Timers,
    /// What the backplane may have lost.
    pub repair: Repair,
    /// Who is there.
    pub presences: Presences,
    /// Who has to be told about their conversations.
    pub inbox: Inbox,
    /// Who looks at charts.
    pub viewers: Viewers,
    /// Which devices here hold places in calls.
    pub places: Places,
    /// When something is to be done about a call.
    pub call_alarm: Alarm,
    /// When the next lease ends.
    pub lease_alarm: Alarm,
    /// When the next emergency access ends.
    pub emergency_alarm: Alarm,
    /// The audit trail on its way to the store.
    pub audit: Audit,
    /// Where people point on whiteboards.
    pub cursors: Cursors,
    /// When people were last active, by device; only kept where inactivity ends a session.
    pub activity: Mutex<Activity>,
    /// Messages a second.
    pub message_rate: MessageRate,
    /// When the server started.
    pub started_at: Timestamp,
    numbers: AtomicU64,
    stopping: CancellationToken,
    directory_version: AtomicU64,
    this: Weak<Self>,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// What a core is made of.
pub struct Parts {
    /// Time, randomness and tasks.
    pub env: Runtime,
    /// The settings.
    pub config: Config,
    /// The durable truth.
    pub store: Arc<dyn Store>,
    /// Reaches every node.
    pub backplane: Arc<dyn Backplane>,
    /// Checks tokens.
    pub authenticator: Authenticator,
    /// Decides instead of the directory.
    pub authoriser: Option<Arc<dyn Authoriser>>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// Who asks for something: a connection, or a backend over HTTP.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The server.
    pub core: Arc<Core>,
    /// Who.
    pub identity: Identity,
    /// Over which connection.
    pub connection: Option<Arc<Connection>>,
    /// The key of the command.
    pub key: Option<Key>,
}

impl Caller {
    /// The device that asks.
    pub fn origin(&self) -> Option<&ClientId> {
        self.connection
            .as_ref()
            .map(|connection| &connection.client)
    }

    /// The connection, for commands that only one can send.
    pub fn connection(&self) -> Result<&Arc<Connection>> {
        self.connection
            .as_ref()
            .ok_or_else(|| Error::Fault("a command needs a connection".into()))
    }

    /// A room of the caller's tenant.
    pub fn room(&self, room: &carewire_protocol::RoomId) -> RoomKey {
        RoomKey::new(&self.identity.tenant, room.clone())
    }
}

/// The floor of whoever may do something to a room of their tenant; the refusal of the contract
/// for whoever may not.
pub async fn require(
    rows: &mut dyn Rows,
    identity: &Identity,
    action: Action,
    room: &RoomKey,
    options: &policy::Options,
) -> Result<Floor> {
    let Identity {
        tenant, user, role, ..
    } = identity;
    let facts = policy::gather(rows, tenant, user, role, &room.room).await?;
    match policy::decide(tenant, user, role, action, &room.room, &facts, options) {
        Decision::Allow(floor) => Ok(floor),
        Decision::Deny => Err(Error::Refused(action.refusal(&room.room))),
        Decision::NotFound => Err(Error::Refused(ErrorReply::room_not_found())),
    }
}

impl Core {
    /// Puts a core together and starts its background tasks.
    pub fn start(parts: Parts) -> Arc<Self> {
        let core = Self::new(parts);
        let env = &core.env;
        env.spawn(Box::pin(domain::due::run(Arc::downgrade(&core))));
        if !core.backplane.is_lossless() {
            env.spawn(Box::pin(repair::run(Arc::downgrade(&core))));
        }
        core
    }

    fn new(parts: Parts) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            rates: Rates::new(&parts.config, &parts.env),
            started_at: parts.env.wall(),
            env: parts.env,
            config: parts.config,
            store: parts.store,
            hub: Arc::default(),
            backplane: parts.backplane,
            authenticator: parts.authenticator,
            authoriser: parts.authoriser,
            metrics: parts.metrics,
            timers: Timers::default(),
            repair: Repair::default(),
            presences: Presences::default(),
            inbox: Inbox::default(),
            viewers: Viewers::default(),
            places: Places::default(),
            call_alarm: Alarm::default(),
            lease_alarm: Alarm::default(),
            emergency_alarm: Alarm::default(),
            audit: Audit::default(),
            cursors: Cursors::default(),
            activity: Mutex::default(),
            message_rate: MessageRate::default(),
            numbers: AtomicU64::new(1),
            stopping: CancellationToken::new(),
            directory_version: AtomicU64::new(0),
            this: this.clone(),
        })
    }

    /// This core, to be kept.
    pub fn handle(&self) -> Option<Arc<Self>> {
        self.this.upgrade()
    }

    /// The wall clock.
    pub fn wall(&self) -> Timestamp {
        self.env.wall()
    }

    /// Time since the start.
    pub fn now(&self) -> Duration {
        self.env.now()
    }

    /// A number for a new connection.
    pub fn next_number(&self) -> Number {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether the server is stopping.
    pub fn is_draining(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Cancelled when the server stops.
    pub fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// The server stops: nothing new is taken.
    pub fn set_draining(&self) {
        self.stopping.cancel();
    }

    /// Grows with every change of the directory that this node has heard of.
    pub fn directory_version(&self) -> u64 {
        self.directory_version.load(Ordering::Acquire)
    }

    /// Runs a task in the background while the core lives.
    pub fn spawn<F>(&self, task: impl FnOnce(Arc<Self>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if let Some(core) = self.handle() {
            self.env.spawn(Box::pin(task(core)));
        }
    }

    /// Runs a unit of work in a transaction.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        store::write(&*self.store, work).await
    }

    /// Publishes an ephemeral event to a room, on every node.
    pub fn tell<E: EventType>(
        &self,
        room: &RoomKey,
        origin: Option<&ClientId>,
        event: &E,
        audience: Audience,
    ) {
        let frame = event_frame(Some(&room.room), origin, self.wall(), event);
        self.backplane.publish(Signal::Told {
            room: room.clone(),
            frame,
            audience,
        });
    }

    /// Publishes an ephemeral event to a user's devices, on every node.
    pub fn tell_user<E: EventType>(
        &self,
        user: &UserKey,
        origin: Option<&ClientId>,
        event: &E,
        audience: Audience,
    ) {
        self.tell(&user.room(), origin, event, audience);
    }

    /// The directory has changed: decides anew what that may have ended.
    pub(crate) fn apply_change(&self, change: Change) {
        if let Some(authoriser) = &self.authoriser {
            let (user, room) = (change.user(), change.room());
            authoriser.forget(change.tenant(), user, room);
        }
        self.directory_version.fetch_add(1, Ordering::AcqRel);
        self.spawn(|core| async move { domain::room::recheck(&core, change).await });
    }

    /// Runs a unit of work that changes the directory, and says on every node that it did. That
    /// it did is stored with it, for nodes that do not hear.
    pub async fn change_directory<T, F, C>(&self, changes: C, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
        C: IntoIterator<Item = Change>,
    {
        let changes: Vec<Change> = changes.into_iter().collect();
        let stored = changes.clone();
        let done = self
            .write(move |tx| {
                Box::pin(async move {
                    let done = work(tx).await?;
                    for change in &stored {
                        tx.rows().note_directory_change(change).await?;
                    }
                    Ok(done)
                })
            })
            .await?;
        for change in changes {
            self.announce(change);
        }
        Ok(done)
    }

    /// Says on every node that the directory has changed.
    pub fn announce(&self, change: Change) {
        self.backplane.publish(Signal::DirectoryChanged(change));
    }

    /// Lets members that are behind read the log.
    pub fn catch_up(&self, room: &RoomKey, number: Number) {
        hub::catch_up::start(&self.hub, &self.store, &self.env, room, number);
    }

    /// Connections by role, for `/metrics`.
    pub fn gauges(&self) -> crate::metrics::Gauges {
        let mut connections = BTreeMap::new();
        let mut queued = 0;
        for connection in self.hub.all_connections() {
            *connections.entry(connection.identity().role).or_default() += 1;
            queued += connection.outbox.len();
        }
        crate::metrics::Gauges {
            connections,
            rooms: self.hub.rooms_by_kind(),
            queued,
            jobs: self.store.depth(),
        }
    }

    /// Sends what a room was just given to tell, once whatever else is ready has given it more.
    fn fan_out(&self, key: &RoomKey, add: impl FnOnce(&Room) -> Added) {
        let Some(room) = self.hub.room(key) else {
            return;
        };
        let added = add(&room);
        if added.members > 0 {
            self.metrics.fan_out.record(added.members as f64);
        }
        if added.first {
            self.spawn(|core| async move {
                yield_once().await;
                if !core.hub.finish_fan_out(&room).is_empty() {
                    repair::note_gap(&core, &room.key);
                }
            });
        }
    }
}

impl Receiver for Core {
    fn receive(&self, signal: Signal) {
        let at = self.wall();
        match signal {
            Signal::Committed(_) | Signal::Told { .. } if repair::is_blind(self) => {}
            Signal::Committed(Committed::Event(event)) => self.fan_out(&event.room, |room| {
                room.deliver(event.offset, &event.frame, at)
            }),
            Signal::Committed(Committed::Rows(rows)) => domain::live::offer(self, &rows),
            Signal::Told {
                room,
                frame,
                audience,
            } => self.fan_out(&room, |room| room.tell(&frame, &audience, at)),
            Signal::Addressed { to, frame } => {
                for connection in self.hub.addressed(&to) {
                    connection.outbox.push(frame.clone());
                }
            }
            Signal::DirectoryChanged(change) => self.apply_change(change),
        }
    }
}
