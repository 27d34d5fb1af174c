//! The client object that the packages wrap.

use crate::{
    CancelToken, ConnectionState, Failure, Listener, Network, Options, ServerEvent, TokenSource,
    cancel::cancelled, runtime::Runtime, tokens,
};
use carewire::{Client, CloseReason, Event, EventStream, Key, RoomId, State};
use std::{
    future::Future,
    sync::{Arc, Weak},
};
use tokio::sync::{oneshot, watch};

/// One client of a server. It closes with [`shut_down`](Self::shut_down) or when it is dropped.
#[derive(Debug, uniffi::Object)]
pub struct Core {
    client: Client,
    /// The thread is held by the task that tells what happens, and so until the client has ended.
    runtime: Weak<Runtime>,
}

#[uniffi::export]
impl Core {
    /// A client, without any I/O. Nothing happens before [`connect`](Self::connect).
    #[uniffi::constructor]
    pub fn new(
        options: Options,
        tokens: Arc<dyn TokenSource>,
        listener: Arc<dyn Listener>,
        network: Option<Arc<Network>>,
    ) -> Result<Arc<Self>, Failure> {
        let mut builder = options
            .builder()?
            .token_provider_for(move |need| tokens::ask(Arc::clone(&tokens), need));
        if let Some(network) = network {
            builder = builder.network(&network.switch);
        }
        let client = builder.build()?;
        let runtime = Runtime::current().map_err(|error| Failure::new("no_thread", &error))?;
        let (events, state, queued) = (client.events(), client.state(), client.queued());
        let weak = Arc::downgrade(&runtime);
        let handle = runtime.handle().clone();
        handle.spawn(async move {
            tell(listener, events, state, queued).await;
            drop(runtime);
        });
        Ok(Arc::new(Self {
            client,
            runtime: weak,
        }))
    }

    /// Connects, and waits through outages until the server has said who this is: the data of
    /// `connected` as JSON. The client goes on trying when the waiting is cancelled.
    pub async fn connect(&self, cancel: Option<Arc<CancelToken>>) -> Result<String, Failure> {
        let client = self.client.clone();
        let connected = self.run(async move {
            let identity = client.connect().await?;
            serde_json::to_string(&*identity).map_err(|error| Failure::new("bad_reply", &error))
        });
        self.wait(connected, cancel).await
    }

    /// Sends a command: its name, its data as JSON, and a key of the application's own. The
    /// answer is the reply as JSON. A command that was given to the client happens even if the
    /// waiting is cancelled.
    pub async fn request(
        &self,
        name: String,
        data: String,
        key: Option<String>,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<String, Failure> {
        let key = key.map(Key::new).transpose();
        let key = key.map_err(|error| Failure::new("invalid_input", &error))?;
        let client = self.client.clone();
        let answered = self.run(async move { Ok(client.request_text(&name, &data, key).await?) });
        self.wait(answered, cancel).await
    }

    /// Sends a command whose reply nobody waits for.
    pub fn send(&self, name: String, data: String) {
        let client = self.client.clone();
        let forgotten = self.run(async move { Ok(client.request_text(&name, &data, None).await?) });
        drop(forgotten);
    }

    /// The person pressed a key in a room.
    pub fn typing(&self, room: &str) {
        if let Ok(room) = room.parse::<RoomId>() {
            self.client.typing(room);
        }
    }

    /// The person has stopped writing in a room.
    pub fn stopped_typing(&self, room: &str) {
        if let Ok(room) = room.parse::<RoomId>() {
            self.client.stopped_typing(room);
        }
    }

    /// The name of this client object.
    pub fn client_id(&self) -> String {
        self.client.client_id().to_string()
    }

    /// The application is no longer seen: the socket is closed cleanly.
    pub fn background(&self) {
        self.client.suspend();
    }

    /// The application is seen again.
    pub fn foreground(&self) {
        self.client.foreground();
    }

    /// The network changed; whether there is one now.
    pub fn network_changed(&self, available: bool) {
        self.client.network_changed(available);
    }

    /// Does not wait out the present backoff.
    pub fn reconnect_now(&self) {
        self.client.reconnect_now();
    }

    /// Closes for good, and waits until it is.
    pub async fn shut_down(&self) {
        let client = self.client.clone();
        let closed = self.run(async move {
            client.close().await;
            Ok(())
        });
        // Only a process that ends leaves it without an answer.
        let _ = closed.await;
    }
}

impl Core {
    /// Starts a task, and hands over what it comes to. Dropping the receiver does not end it.
    fn run<T: Send + 'static>(
        &self,
        task: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, Failure>> {
        let (done, result) = oneshot::channel();
        // Of a client that has ended nothing is to be done, and the receiver says so.
        if let Some(runtime) = self.runtime.upgrade() {
            runtime.handle().spawn(async move {
                let _ = done.send(task.await);
            });
        }
        result
    }

    async fn wait<T>(
        &self,
        result: oneshot::Receiver<Result<T, Failure>>,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            result = result => result.unwrap_or_else(|_| Err(self.ended())),
            () = cancelled(cancel) => Err(Failure::Cancelled),
        }
    }

    /// Why a client that has ended answers nothing.
    fn ended(&self) -> Failure {
        match &*self.client.state().borrow() {
            State::Closed { reason } => Failure::closed(reason),
            _ => Failure::closed(&CloseReason::ByApplication),
        }
    }
}

/// Tells everything in order, and last of all that the client is closed.
async fn tell(
    listener: Arc<dyn Listener>,
    mut events: EventStream,
    mut state: watch::Receiver<State>,
    mut queued: watch::Receiver<usize>,
) {
    // What a listener throws is its own affair.
    loop {
        tokio::select! {
            biased;
            Ok(()) = state.changed() => {
                let now = ConnectionState::from(&*state.borrow_and_update());
                if !matches!(now, ConnectionState::Closed { .. }) {
                    let _ = listener.state(now);
                }
            }
            event = events.next() => match event {
                Some(event) => hand_over(&*listener, &event),
                None => break,
            },
            Ok(()) = queued.changed() => {
                let count = *queued.borrow_and_update();
                let _ = listener.queued(u64::try_from(count).unwrap_or(u64::MAX));
            }
        }
    }
    let last = ConnectionState::from(&*state.borrow());
    let _ = listener.state(last);
}

fn hand_over(listener: &dyn Listener, event: &Event) {
    if let Event::Server(event) = event {
        if let Some(event) = ServerEvent::of(event) {
            let _ = listener.event(event);
        }
    } else if let Some(text) = event.local_json() {
        let _ = listener.local(text);
    }
}
