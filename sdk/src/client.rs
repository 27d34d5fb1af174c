//! The client: one connection, and handles for everything that happens over it.

use crate::{
    ClientBuilder, CloseReason, ConnectError, EventStream, RequestError,
    driver::{
        desk::{Ask, Desk, LeaseTable, Shared},
        native::{Link, pump},
    },
    reader::Reader,
    session::{Config, Hint, Request, Session, State},
};
use carewire_protocol::{
    ClientId, Command, Key, NotificationId, RoomId, Timestamp, UserId, notification::Notification,
    session as wire,
};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};
use tokio::sync::{mpsc, oneshot, watch};
use tracing::Instrument as _;

/// A client of a Carewire server.
///
/// Cloning is cheap, and all clones are one client. It connects with [`connect`](Self::connect),
/// stays connected through outages, and closes with [`close`](Self::close) or when its last clone
/// and last [`Room`](crate::Room) are dropped.
///
/// ```no_run
/// use carewire::{Client, RoomId};
///
/// # async fn example(token: String) -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder("ws://127.0.0.1:9003/ws").token(token).connect().await?;
/// let room = client.join(RoomId::chat("dr-lee", "ana")?).await?;
/// room.send("Hello").await?; // durable when it returns; queued while offline
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    client_id: ClientId,
    asks: mpsc::UnboundedSender<Ask>,
    shared: Arc<Shared>,
    /// What the pump needs, until somebody connects.
    parts: Mutex<Option<Parts>>,
    /// How many handles each room has.
    rooms: Mutex<BTreeMap<RoomId, usize>>,
    /// How many subscriptions each person's presence has.
    people: Mutex<BTreeMap<UserId, usize>>,
    /// How many handles look at each chart.
    charts: Mutex<BTreeMap<UserId, usize>>,
    /// The newest notification that was given to the application.
    shown: Mutex<Option<(Timestamp, NotificationId)>>,
}

/// What a pump is made of.
pub(crate) struct Parts {
    pub(crate) desk: Desk,
    pub(crate) asks: mpsc::UnboundedReceiver<Ask>,
    pub(crate) link: Link,
}

/// Who one is connected as.
pub type Identity = wire::ConnectedEvent;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Client {
    /// Begins to build a client for the address of a server, such as
    /// `wss://live.example.org/ws`.
    pub fn builder(url: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(url.into())
    }

    pub(crate) fn from_parts(
        config: Config,
        reader: Reader,
        parts: impl FnOnce(Desk, mpsc::UnboundedReceiver<Ask>) -> Parts,
    ) -> Self {
        let shared = Shared::new();
        let client_id = config.client_id.clone();
        let desk = Desk::new(Session::new(config), shared.clone(), reader);
        let (asks, receiver) = mpsc::unbounded_channel();
        let inner = Inner {
            client_id,
            asks,
            shared,
            parts: Mutex::new(Some(parts(desk, receiver))),
            rooms: Mutex::default(),
            people: Mutex::default(),
            charts: Mutex::default(),
            shown: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Connects, and waits until the server has said who this is.
    ///
    /// Waits through outages for as long as they last: bound it with `tokio::time::timeout` where
    /// that is too long; the client goes on trying. Fails only when the client is closed for good.
    /// Connecting twice is no error.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, the first time.
    pub async fn connect(&self) -> Result<Arc<Identity>, ConnectError> {
        if let Some(Parts { desk, asks, link }) = lock(&self.inner.parts).take() {
            let span = tracing::debug_span!("carewire.connect", client = %self.inner.client_id);
            tokio::spawn(pump(desk, link, asks).instrument(span));
        }
        self.ask(Ask::Connect);
        let mut state = self.state();
        loop {
            match &*state.borrow_and_update() {
                State::Connected => {
                    if let Some(identity) = self.identity() {
                        return Ok(identity);
                    }
                }
                State::Closed { reason } => return Err(ConnectError::Closed(reason.clone())),
                State::Idle | State::Connecting | State::Reconnecting { .. } => {}
            }
            if state.changed().await.is_err() {
                return Err(ConnectError::Closed(CloseReason::ByApplication));
            }
        }
    }

    /// Sends any command of the contract and waits for its reply.
    ///
    /// Commands that create or change something are queued while there is no connection and
    /// repeated with their key until they are answered, so that they happen once. Queries wait for
    /// a connection. Live commands fail with [`RequestError::Offline`] without one.
    ///
    /// Dropping the future stops waiting; a command that was given to the client still happens.
    ///
    /// ```no_run
    /// use carewire::protocol::{RoomId, message};
    ///
    /// # async fn example(client: carewire::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let room = RoomId::chat("dr-lee", "ana")?;
    /// let page = client.request(message::History::newest(room)).await?;
    /// println!("{} messages", page.messages.len());
    /// # Ok(()) }
    /// ```
    pub async fn request<C: Command>(&self, command: C) -> Result<C::Reply, RequestError> {
        self.submit(command, None).await
    }

    /// Like [`request`](Self::request), with a key of the application's own: for an application
    /// that stores its queue and repeats it after a restart.
    pub async fn request_with_key<C: Command>(
        &self,
        command: C,
        key: Key,
    ) -> Result<C::Reply, RequestError> {
        self.submit(command, Some(key)).await
    }

    /// Sends a command that another language has written: its name on the wire, its data as JSON,
    /// and a key of the application's own where it stores its queue. The answer is the reply's
    /// JSON. What [`request`](Self::request) checks beforehand, the server refuses.
    ///
    /// ```no_run
    /// # async fn example(client: carewire::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let data = r#"{"roomId":"chat:ana:dr-lee","body":"Hello"}"#;
    /// let reply = client.request_text("message:send", data, None).await?;
    /// println!("{} bytes", reply.len());
    /// # Ok(()) }
    /// ```
    pub async fn request_text(
        &self,
        name: &str,
        data: &str,
        key: Option<Key>,
    ) -> Result<String, RequestError> {
        let request = Request::parse(name, data, key).map_err(|refusal| refusal.read())?;
        let span = tracing::debug_span!("carewire.request", name = request.name());
        let reply = self.answer_to(request).instrument(span).await?;
        Ok(reply.into())
    }

    async fn submit<C: Command>(
        &self,
        command: C,
        key: Option<Key>,
    ) -> Result<C::Reply, RequestError> {
        command.validate()?;
        let request = Request::new(&command, key)
            .map_err(|error| RequestError::BadReply(error.to_string()))?;
        let span = tracing::debug_span!("carewire.request", name = request.name());
        let reply = self.answer_to(request).instrument(span).await?;
        serde_json::from_str(&reply).map_err(|error| RequestError::BadReply(error.to_string()))
    }

    async fn answer_to(&self, request: Request) -> crate::driver::desk::Answer {
        let (answer, answered) = oneshot::channel();
        self.ask(Ask::Request { request, answer });
        match answered.await {
            Ok(result) => result,
            Err(_) => Err(RequestError::Closed(self.close_reason())),
        }
    }

    /// Sends a command whose reply nobody waits for.
    pub(crate) fn send_and_forget<C: Command>(&self, command: &C) {
        if let Ok(request) = Request::new(command, None) {
            let (answer, _) = oneshot::channel();
            self.ask(Ask::Request { request, answer });
        }
    }

    pub(crate) fn ask(&self, ask: Ask) {
        // A pump that has ended answers nothing; whoever waits is told by the dropped channel.
        let _ = self.inner.asks.send(ask);
    }

    fn close_reason(&self) -> CloseReason {
        match &*self.inner.shared.state.borrow() {
            State::Closed { reason } => reason.clone(),
            _ => CloseReason::ByApplication,
        }
    }

    /// Everything that happens from now on.
    pub fn events(&self) -> EventStream {
        self.inner.shared.hub.stream(None)
    }

    pub(crate) fn events_in(&self, room: RoomId) -> EventStream {
        self.inner.shared.hub.stream(Some(room))
    }

    /// The state of the connection, now and whenever it changes.
    pub fn state(&self) -> watch::Receiver<State> {
        self.inner.shared.state.subscribe()
    }

    /// How many commands wait to be confirmed by the server, now and whenever it changes: what the
    /// user did while offline, for a badge.
    pub fn queued(&self) -> watch::Receiver<usize> {
        self.inner.shared.queued.subscribe()
    }

    /// Who one is connected as; `None` before the first connection.
    pub fn identity(&self) -> Option<Arc<Identity>> {
        self.inner.shared.identity.borrow().clone()
    }

    /// The name of this client object: the `origin` of what it does.
    pub fn client_id(&self) -> &ClientId {
        &self.inner.client_id
    }

    /// The application is no longer seen.
    pub fn background(&self) {
        self.ask(Ask::Hint(Hint::Background));
    }

    /// The system is about to stop the application, as it does on phones: the socket is closed
    /// cleanly, and nothing is tried before [`foreground`](Self::foreground).
    pub fn suspend(&self) {
        self.ask(Ask::Hint(Hint::Suspend));
    }

    /// The application is seen again: reconnects at once, or sees whether the connection lives.
    pub fn foreground(&self) {
        self.ask(Ask::Hint(Hint::Foreground));
    }

    /// The network changed: reconnects at once, or sees whether the connection lives.
    pub fn network_changed(&self, available: bool) {
        self.ask(Ask::Hint(Hint::Network(available)));
    }

    /// Does not wait out the present backoff.
    pub fn reconnect_now(&self) {
        self.ask(Ask::Hint(Hint::ReconnectNow));
    }

    /// Closes for good. Commands that are not answered yet fail with [`RequestError::Closed`];
    /// streams end.
    pub async fn close(&self) {
        drop(lock(&self.inner.parts).take());
        self.ask(Ask::Close);
        self.inner.asks.closed().await;
    }

    /// One more handle of a room. The room is left when the last one is gone.
    pub(crate) fn hold_room(&self, room: &RoomId) {
        *lock(&self.inner.rooms).entry(room.clone()).or_default() += 1;
    }

    /// One handle less; says whether it was the last one.
    pub(crate) fn let_room_go(&self, room: &RoomId) -> bool {
        is_last(&mut lock(&self.inner.rooms), room)
    }

    pub(crate) fn hold_chart(&self, patient: &UserId) {
        *lock(&self.inner.charts).entry(patient.clone()).or_default() += 1;
    }

    pub(crate) fn let_chart_go(&self, patient: &UserId) -> bool {
        is_last(&mut lock(&self.inner.charts), patient)
    }

    /// A notification was given to the application.
    pub(crate) fn note_shown(&self, notification: &Notification) {
        let this = (notification.created_at, notification.id.clone());
        let mut newest = lock(&self.inner.shown);
        if newest.as_ref().is_none_or(|newest| *newest < this) {
            *newest = Some(this);
        }
    }

    pub(crate) fn newest_shown(&self) -> Option<NotificationId> {
        lock(&self.inner.shown).as_ref().map(|(_, id)| id.clone())
    }

    /// How the leases of this client stand.
    pub(crate) fn leases(&self) -> &watch::Sender<LeaseTable> {
        &self.inner.shared.leases
    }

    /// For streams, which keep no client open.
    pub(crate) fn downgrade(&self) -> WeakClient {
        WeakClient(Arc::downgrade(&self.inner))
    }

    pub(crate) fn hold_person(&self, person: &UserId) {
        *lock(&self.inner.people).entry(person.clone()).or_default() += 1;
    }

    pub(crate) fn let_person_go(&self, person: &UserId) -> bool {
        is_last(&mut lock(&self.inner.people), person)
    }
}

/// A client that may be gone.
#[derive(Clone)]
pub(crate) struct WeakClient(Weak<Inner>);

impl WeakClient {
    pub(crate) fn upgrade(&self) -> Option<Client> {
        self.0.upgrade().map(|inner| Client { inner })
    }
}

fn is_last<K: Ord>(counts: &mut BTreeMap<K, usize>, key: &K) -> bool {
    match counts.get_mut(key) {
        Some(count) if *count > 1 => {
            *count -= 1;
            false
        }
        Some(_) => counts.remove(key).is_some(),
        None => false,
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.inner.shared.state.borrow().clone();
        f.debug_struct("Client")
            .field("client_id", &self.inner.client_id)
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
