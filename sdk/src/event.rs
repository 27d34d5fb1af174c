//! What a client tells its application.

use crate::{Lazy, Refusal};
use carewire_protocol::{
    CallId, ErrorReply, EventData, RecordId, RoomId, Timestamp, UserId, call::Call, message,
    message::Message, room, room::JoinReply, session::ResumeReply,
};
use std::{sync::Arc, time::Duration};

/// Something happened: on the server, or to the connection.
///
/// ```
/// use carewire::{Event, protocol::{EventData, message}};
///
/// fn show(event: &Event) {
///     match event.data() {
///         Some(EventData::Message(message::Event::New(new))) => println!("{}", &*new.message.body),
///         Some(EventData::Typing(_)) => println!("somebody is writing"),
///         _ => {}
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event<S = Arc<carewire_protocol::Event>, R = ErrorReply> {
    /// An event of the contract. Shared by all streams. (A [session](crate::session) names it and
    /// leaves the reading to its driver: there `S` is `()`, and `R` a [`Refusal`].)
    Server(S),
    /// The connection was lost and is back, and everything missed follows, except for `gaps`.
    Resumed(Arc<Resumed>),
    /// What was missed in a room cannot be replayed: replace its state. The position is set to the
    /// newest; what happens from now on follows.
    Resynced(Arc<Resynced>),
    /// Every room has caught up with what was missed.
    CaughtUp,
    /// The client has left a room without having asked for it: it may no longer be there.
    RoomLost {
        /// The room.
        room: RoomId,
        /// What the server answered when the client wanted to come back.
        error: R,
    },
    /// The server has cut the connection three times within five minutes because this client reads
    /// too slowly. Its rooms start over with snapshots instead of replays.
    Lagging,
    /// A lease on a part of a chart was granted or renewed, or is lost.
    Lease(Arc<LeaseEvent<R>>),
    /// After a reconnect this device is in its call again. The peers may have to negotiate anew.
    CallResumed(Arc<CallResumed>),
    /// After a reconnect this device is no longer in its call.
    CallLost(Arc<CallLost<R>>),
    /// This stream was not read fast enough and has lost the oldest of its waiting events. No
    /// other stream is affected.
    Lagged(u64),
}

/// What a reconnect brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Resumed {
    /// How long there was no connection.
    pub away: Duration,
    /// How many retained events were missed; they follow.
    pub missed: u64,
    /// The rooms in which what was missed cannot be replayed. An [`Event::Resynced`] follows for
    /// each.
    pub gaps: Vec<RoomId>,
    /// What the server answered: the unread counts, the presences that are followed, and how far
    /// the members of each room have read, as they are now.
    pub reply: Lazy<ResumeReply>,
}

/// The state of a room is to be replaced.
#[derive(Debug, Clone, PartialEq)]
pub struct Resynced {
    /// The room.
    pub room: RoomId,
    /// The new state, where the client asked for it by itself (after [`Event::Lagging`]).
    pub state: Option<Lazy<JoinReply>>,
}

/// Something happened to a lease of this client.
#[derive(Debug, Clone, PartialEq)]
pub struct LeaseEvent<R = ErrorReply> {
    /// Whose chart.
    pub patient_id: UserId,
    /// Which part of it.
    pub record_id: RecordId,
    /// As granted.
    pub fencing_token: u64,
    /// How it stands.
    pub state: LeaseState<R>,
}

/// How a lease stands.
#[derive(Debug, Clone, PartialEq)]
pub enum LeaseState<R = ErrorReply> {
    /// It is held.
    Held {
        /// When it ends unless it is renewed, by the server's clock.
        expires_at: Timestamp,
    },
    /// It is held no longer; somebody else may hold it already. What is still to be written under
    /// it must not be.
    Lost(LeaseLoss<R>),
}

/// Why a lease is lost.
#[derive(Debug, Clone, PartialEq)]
pub enum LeaseLoss<R = ErrorReply> {
    /// It could not be renewed in time.
    NotRenewed,
    /// The server refused to renew it: it was revoked, or one may no longer see the chart.
    Refused(R),
    /// This client has taken it anew, with a newer token.
    Superseded,
    /// The client is closed.
    Closed,
}

/// A call goes on after a reconnect.
#[derive(Debug, Clone, PartialEq)]
pub struct CallResumed {
    /// The call.
    pub call_id: CallId,
    /// The call as it is now.
    pub call: Lazy<Call>,
    /// Whether the place had been lost meanwhile and was taken again. The others have seen this
    /// user leave.
    pub rejoined: bool,
}

/// A call goes on without this device, or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct CallLost<R = ErrorReply> {
    /// The call.
    pub call_id: CallId,
    /// The call as it is now, where the server told: over, with its reason, or with another device
    /// of the user in this one's place.
    pub call: Option<Lazy<Call>>,
    /// What the server answered when the client wanted to come back.
    pub error: Option<R>,
}

impl Event<(), Refusal> {
    /// For the application: with the event of the server as `read`; `None`: there is none.
    pub fn with(
        self,
        read: impl FnOnce() -> Option<Arc<carewire_protocol::Event>>,
    ) -> Option<Event> {
        Some(match self {
            Self::Server(()) => Event::Server(read()?),
            Self::Resumed(resumed) => Event::Resumed(resumed),
            Self::Resynced(resynced) => Event::Resynced(resynced),
            Self::CaughtUp => Event::CaughtUp,
            Self::RoomLost { room, error } => Event::RoomLost {
                room,
                error: error.read(),
            },
            Self::Lagging => Event::Lagging,
            Self::Lease(lease) => Event::Lease(Arc::new(Arc::unwrap_or_clone(lease).read())),
            Self::CallResumed(resumed) => Event::CallResumed(resumed),
            Self::CallLost(lost) => Event::CallLost(Arc::new(Arc::unwrap_or_clone(lost).read())),
            Self::Lagged(count) => Event::Lagged(count),
        })
    }
}

impl LeaseEvent<Refusal> {
    fn read(self) -> LeaseEvent {
        let state = match self.state {
            LeaseState::Held { expires_at } => LeaseState::Held { expires_at },
            LeaseState::Lost(loss) => LeaseState::Lost(match loss {
                LeaseLoss::NotRenewed => LeaseLoss::NotRenewed,
                LeaseLoss::Refused(refusal) => LeaseLoss::Refused(refusal.read()),
                LeaseLoss::Superseded => LeaseLoss::Superseded,
                LeaseLoss::Closed => LeaseLoss::Closed,
            }),
        };
        LeaseEvent {
            patient_id: self.patient_id,
            record_id: self.record_id,
            fencing_token: self.fencing_token,
            state,
        }
    }
}

impl CallLost<Refusal> {
    fn read(self) -> CallLost {
        CallLost {
            call_id: self.call_id,
            call: self.call,
            error: self.error.as_ref().map(Refusal::read),
        }
    }
}

impl Event {
    /// What happened on the server.
    pub fn data(&self) -> Option<&EventData> {
        match self {
            Self::Server(event) => Some(&event.data),
            _ => None,
        }
    }

    /// The room it belongs to.
    pub fn room(&self) -> Option<&RoomId> {
        match self {
            Self::Server(event) => match &event.data {
                // Told to the connection, about a room.
                EventData::Room(room::Event::Left(left)) => Some(&left.room_id),
                EventData::Room(room::Event::Joined(joined)) => Some(&joined.room_id),
                _ => event.room.as_ref(),
            },
            Self::Resynced(resynced) => Some(&resynced.room),
            Self::RoomLost { room, .. } => Some(room),
            _ => None,
        }
    }

    /// The message, where this is a new one.
    pub fn new_message(&self) -> Option<&Message> {
        match self.data()? {
            EventData::Message(message::Event::New(new)) => Some(&new.message),
            _ => None,
        }
    }

    /// The offset in its room, where the event is retained.
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::Server(event) => event.position.as_ref().map(|(_, offset)| *offset),
            _ => None,
        }
    }
}
