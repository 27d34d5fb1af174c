//! Calls. The client drives the signalling; the media are the application's own peer connection.

mod event;

pub use event::CallEvent;

use crate::{Client, EventStream, RequestError, Typed, room::json};
use carewire_protocol::{
    CallId, EventData, Finite, Millis, PrivateText, RoomId, UserId, VisitId,
    call::{self, CallType, History, HistoryReply, SignalType},
};
use serde::Serialize;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Starting, taking and finding calls. From [`Client::calls`].
#[derive(Debug, Clone)]
pub struct Calls {
    client: Client,
}

/// A call in which this device holds the user's place, until the last handle is dropped.
///
/// Offers, answers and candidates of any WebRTC implementation go out with [`offer`](Self::offer),
/// [`answer`](Self::answer) and [`candidate`](Self::candidate), and come in as
/// [`CallEvent::Signal`]. A reconnect in the middle is [`CallEvent::Resumed`]: the place is still
/// this device's, or was taken again; signals that were sent meanwhile are lost, so whoever made
/// the offer makes another.
///
/// ```no_run
/// # struct Peer;
/// # impl Peer {
/// #     async fn offer(&self) -> String { String::new() }
/// #     async fn take(&self, signal: carewire::protocol::call::SignalEvent) {}
/// # }
/// # async fn example(client: carewire::Client, peer: Peer) -> Result<(), Box<dyn std::error::Error>> {
/// use carewire::{CallEvent, protocol::call::CallType};
///
/// let call = client.calls().start(["ana".parse()?], CallType::Video).await?;
/// let mut events = call.events();
/// while let Some(event) = events.next().await {
///     match event {
///         CallEvent::Joined { .. } | CallEvent::Resumed(_) => {
///             call.offer(None, &peer.offer().await).await?;
///         }
///         CallEvent::Signal(signal) => peer.take(signal).await,
///         CallEvent::QualityIssue(issue) => println!("{} is {}", issue.metric, issue.value.get()),
///         CallEvent::Ended { reason, .. } => println!("over: {reason:?}"),
///         _ => {}
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Call {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    id: CallId,
    room: RoomId,
    /// Begins before the call, so that nothing falls between calling and listening.
    first: Mutex<Option<EventStream>>,
}

/// A call that rings here.
#[derive(Debug, Clone)]
pub struct IncomingCall {
    calls: Calls,
    /// The call.
    pub call: call::Call,
    /// Who calls, where the server knows their name.
    pub caller_name: Option<PrivateText>,
}

impl Client {
    /// Calls.
    pub fn calls(&self) -> Calls {
        Calls {
            client: self.clone(),
        }
    }
}

impl Calls {
    /// Calls people one may chat with; all of their devices ring. Fails with
    /// [`RequestError::Offline`] without a connection, and with `call_conflict` when somebody is
    /// busy.
    pub async fn start(
        &self,
        recipients: impl IntoIterator<Item = UserId>,
        call_type: CallType,
    ) -> Result<Call, RequestError> {
        self.initiate(call::Initiate {
            recipient_ids: recipients.into_iter().collect(),
            visit_id: None,
            call_type,
        })
        .await
    }

    /// Calls participants of a visit.
    pub async fn start_in_visit(
        &self,
        visit: VisitId,
        recipients: impl IntoIterator<Item = UserId>,
        call_type: CallType,
    ) -> Result<Call, RequestError> {
        self.initiate(call::Initiate {
            recipient_ids: recipients.into_iter().collect(),
            visit_id: Some(visit),
            call_type,
        })
        .await
    }

    async fn initiate(&self, initiate: call::Initiate) -> Result<Call, RequestError> {
        let first = self.client.events();
        let started = self.client.request(initiate).await?;
        Ok(self.entered(started.call_id, started.room_id, first))
    }

    /// Enters a call with this device: again, or from another device of the user.
    pub async fn join(&self, call: CallId) -> Result<Call, RequestError> {
        self.enter(call::Join::call(call)).await
    }

    /// Enters the call of a visit, which starts when there is none; nobody rings.
    pub async fn join_visit(&self, visit: VisitId) -> Result<Call, RequestError> {
        self.enter(call::Join::visit(visit)).await
    }

    async fn enter(&self, join: call::Join) -> Result<Call, RequestError> {
        let first = self.client.events();
        let call = self.client.request(join).await?.call;
        Ok(self.entered(call.call_id, call.room_id, first))
    }

    fn entered(&self, id: CallId, room: RoomId, first: EventStream) -> Call {
        Call {
            inner: Arc::new(Inner {
                client: self.client.clone(),
                id,
                room,
                first: Mutex::new(Some(first)),
            }),
        }
    }

    /// What rings here from now on. A call that rings while the client connects is told again.
    ///
    /// ```no_run
    /// # async fn example(client: carewire::Client) -> Result<(), carewire::RequestError> {
    /// let mut ringing = client.calls().incoming();
    /// while let Some(incoming) = ringing.next().await {
    ///     println!("{} calls", incoming.call.caller_id);
    ///     let call = incoming.accept().await?; // or incoming.reject("later").await?
    /// }
    /// # Ok(()) }
    /// ```
    pub fn incoming(&self) -> Typed<IncomingCall> {
        let weak = self.client.downgrade();
        Typed::new(self.client.events(), move |event| match event.data() {
            Some(EventData::Call(call::Event::Incoming(incoming))) => Some(IncomingCall {
                calls: weak.upgrade()?.calls(),
                call: incoming.clone().into_call(),
                caller_name: incoming.caller_name.clone(),
            }),
            _ => None,
        })
    }

    /// One's calls, the newest first, page by page.
    pub async fn history(&self, page: History) -> Result<HistoryReply, RequestError> {
        self.client.request(page).await
    }
}

impl IncomingCall {
    /// Takes it with this device; one's others stop ringing.
    pub async fn accept(self) -> Result<Call, RequestError> {
        let first = self.calls.client.events();
        let call_id = self.call.call_id.clone();
        let accept = call::Accept { call_id };
        self.calls.client.request(accept).await?;
        let call::Call {
            call_id, room_id, ..
        } = self.call;
        Ok(self.calls.entered(call_id, room_id, first))
    }

    /// Declines it, with a word for the caller (none: an empty text).
    pub async fn reject(self, reason: impl Into<PrivateText>) -> Result<(), RequestError> {
        let reason = Some(reason.into()).filter(|reason: &PrivateText| !reason.is_empty());
        let reject = call::Reject {
            call_id: self.call.call_id,
            reason,
        };
        self.calls.client.request(reject).await.map(drop)
    }
}

impl Call {
    /// The call.
    pub fn id(&self) -> &CallId {
        &self.inner.id
    }

    /// Its room, for a chat or a whiteboard beside it.
    pub fn room(&self) -> &RoomId {
        &self.inner.room
    }

    /// Sends a session description that asks, to one participant or to all others. What passes
    /// between devices is never queued: without a connection it fails with
    /// [`RequestError::Offline`].
    pub async fn offer(
        &self,
        to: Option<UserId>,
        description: &impl Serialize,
    ) -> Result<(), RequestError> {
        self.signal(to, SignalType::Offer, description).await
    }

    /// Sends a session description that answers.
    pub async fn answer(
        &self,
        to: Option<UserId>,
        description: &impl Serialize,
    ) -> Result<(), RequestError> {
        self.signal(to, SignalType::Answer, description).await
    }

    /// Sends a network address to try.
    pub async fn candidate(
        &self,
        to: Option<UserId>,
        candidate: &impl Serialize,
    ) -> Result<(), RequestError> {
        self.signal(to, SignalType::IceCandidate, candidate).await
    }

    async fn signal(
        &self,
        recipient_id: Option<UserId>,
        signal_type: SignalType,
        signal: &impl Serialize,
    ) -> Result<(), RequestError> {
        let signal = call::Signal {
            call_id: self.inner.id.clone(),
            recipient_id,
            signal_type,
            signal: json("signal", signal)?,
        };
        self.inner.client.request(signal).await.map(drop)
    }

    /// Tells the others what this device sends: voice, picture, screen.
    pub async fn set_media(
        &self,
        audio: bool,
        video: bool,
        screen: bool,
    ) -> Result<(), RequestError> {
        let media = call::Media {
            call_id: self.inner.id.clone(),
            audio,
            video,
            screen,
        };
        self.inner.client.request(media).await.map(drop)
    }

    /// Reports how well the call arrives here. What is worse than it should be is told to
    /// everybody in it, as [`CallEvent::QualityIssue`].
    pub async fn report_quality(
        &self,
        packet_loss_pct: Finite,
        jitter: Duration,
        round_trip: Duration,
        bitrate_kbps: Finite,
    ) -> Result<(), RequestError> {
        let quality = call::Quality {
            call_id: self.inner.id.clone(),
            packet_loss_pct,
            jitter_ms: Millis::from(jitter),
            round_trip_ms: Millis::from(round_trip),
            bitrate_kbps,
        };
        self.inner.client.request(quality).await.map(drop)
    }

    /// Leaves it; the others go on. Without a connection the server is told with the next.
    pub async fn leave(&self) -> Result<(), RequestError> {
        let call_id = self.inner.id.clone();
        self.inner.client.request(call::Leave { call_id }).await?;
        Ok(())
    }

    /// Ends it for all, for those who may: whoever started it, providers, staff and admins. Others
    /// leave it.
    pub async fn end(&self) -> Result<(), RequestError> {
        let call_id = self.inner.id.clone();
        self.inner.client.request(call::End { call_id }).await?;
        Ok(())
    }

    /// What happens in it. The first stream begins with the call, further ones begin now.
    pub fn events(&self) -> Typed<CallEvent> {
        let first = &self.inner.first;
        let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
        let id = self.inner.id.clone();
        let events = first.unwrap_or_else(|| self.inner.client.events());
        Typed::new(events, move |event| CallEvent::of(&id, event))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Of a call that is over the server says so, and nobody listens.
        self.client.send_and_forget(&call::Leave {
            call_id: self.id.clone(),
        });
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("id", self.id())
            .finish_non_exhaustive()
    }
}
