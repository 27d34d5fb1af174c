//! What the session itself must know of what the server says: a few fields of a few payloads.
//! Whoever wants the whole reads the contract's types; see [`reader`](super::reader).

use carewire_protocol::{
    CallId, ClientId, Epoch, ErrorReply, EventType as _, MessageId, Millis, RecordId, RoomId,
    Timestamp, UserId,
    call::{self, ParticipantState},
    frame::EventFrame,
    message,
    record::{self, UnlockReason},
    room,
    session::{self as wire, RoomPosition},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// Defines structs that read some fields of a payload.
macro_rules! some_fields {
    ($(
        $(#[doc = $doc:literal])*
        $(#[allow($($allow:tt)*)])?
        struct $name:ident {$($field:ident: $type:ty,)*}
    )+) => {$(
        $(#[doc = $doc])*
        $(#[allow($($allow)*)])?
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub(super) struct $name {$(pub(super) $field: $type,)*}
    )+};
}

some_fields! {
    /// `connected`
    struct Connected {
        user_id: UserId,
        server_time: Timestamp,
        heartbeat_interval_ms: Millis,
        limits: Limits,
        calls: Vec<Box<RawValue>>,
        rooms: Vec<RoomPosition>,
    }

    struct Limits {
        max_payload_bytes: u64,
    }

    /// The event of a message.
    struct NewMessage {
        message: Message,
    }

    #[allow(clippy::struct_field_names, reason = "as on the wire")]
    struct Message {
        id: MessageId,
        room_id: RoomId,
        sender_id: UserId,
    }

    /// Somebody's place in a call, and the end of one.
    #[allow(clippy::struct_field_names, reason = "as on the wire")]
    struct Place {
        call_id: CallId,
        user_id: Option<UserId>,
        client_id: Option<ClientId>,
    }

    /// A call.
    struct Call {
        call_id: CallId,
        participants: Vec<Participant>,
    }

    struct Participant {
        user_id: UserId,
        state: ParticipantState,
        client_id: Option<ClientId>,
    }

    /// A page of calls.
    struct Calls {
        calls: Vec<Box<RawValue>>,
    }

    /// A reply with a call.
    struct WithCall {
        call: Box<RawValue>,
    }

    /// `record:unlocked`
    struct Unlocked {
        record_id: RecordId,
        reason: UnlockReason,
    }

    /// The reply to a join.
    struct Joined {
        epoch: Epoch,
        offset: u64,
        recovered: bool,
        snapshot: Option<serde::de::IgnoredAny>,
    }

    /// The reply to `session:resume`.
    struct Resumed {
        rooms: Vec<ResumedRoom>,
    }

    struct ResumedRoom {
        room_id: RoomId,
        epoch: Option<Epoch>,
        offset: Option<u64>,
        recovered: bool,
        missed: u64,
        error: Option<ErrorReply>,
    }
}

/// An event that the session acts on.
#[derive(Debug)]
pub(super) enum Notice {
    Connected(Connected),
    Expiring(wire::ExpiringEvent),
    Shutdown(wire::ShutdownEvent),
    Joined(RoomPosition),
    Left(RoomId),
    Message(Message),
    CallEnded(CallId),
    CallLeft(Place),
    CallJoined(Place),
    Unlocked(Unlocked),
    /// None of these, or one that cannot be read.
    Other,
}

impl Notice {
    pub(super) fn of(event: &EventFrame<'_>) -> Self {
        Self::read(event).unwrap_or(Self::Other)
    }

    fn read(event: &EventFrame<'_>) -> Option<Self> {
        let data = event.data;
        Some(match &*event.name {
            message::NewEvent::NAME => Self::Message(read::<NewMessage>(data)?.message),
            wire::ConnectedEvent::NAME => Self::Connected(read(data)?),
            wire::ExpiringEvent::NAME => Self::Expiring(read(data)?),
            wire::ShutdownEvent::NAME => Self::Shutdown(read(data)?),
            room::JoinedEvent::NAME => Self::Joined(read(data)?),
            room::LeftEvent::NAME => Self::Left(read::<room::Leave>(data)?.room_id),
            call::EndedEvent::NAME => Self::CallEnded(read::<Place>(data)?.call_id),
            call::ParticipantLeftEvent::NAME => Self::CallLeft(read(data)?),
            call::ParticipantJoinedEvent::NAME => Self::CallJoined(read(data)?),
            record::UnlockedEvent::NAME => Self::Unlocked(read(data)?),
            _ => return None,
        })
    }
}

/// Reads a part of a payload; `None`: it is not of its type.
pub(super) fn read<T: DeserializeOwned>(data: &RawValue) -> Option<T> {
    serde_json::from_str(data.get()).ok()
}
