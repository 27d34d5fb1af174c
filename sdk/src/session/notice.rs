//! What the session itself must know of what the server says: a few fields of a few payloads.
//! Whoever wants the whole reads the contract's types; see [`reader`](crate::reader).

use super::{frame::EventFrame, rooms::Position};
use crate::{
    Lazy, Refusal,
    json::{Fields, Json},
};
use carewire_protocol::{
    CallId, ClientId, EventType as _, MessageId, RecordId, RoomId, Timestamp, UserId, call,
    message, record, room, session as wire,
};
use std::time::Duration;

/// `connected`
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) user_id: UserId,
    pub(super) server_time: Timestamp,
    pub(super) heartbeat_interval: Duration,
    pub(super) max_payload_bytes: u64,
    pub(super) calls: Vec<OpenCall>,
    pub(super) rooms: Vec<(RoomId, Position)>,
}

/// A call that goes on.
#[derive(Debug)]
pub(super) struct OpenCall {
    pub(super) id: CallId,
    pub(super) places: Vec<Place>,
    pub(super) call: Lazy<call::Call>,
}

/// A message that is new.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) id: MessageId,
    pub(super) room: RoomId,
    pub(super) sender: UserId,
}

/// Somebody's place in a call.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) call: CallId,
    pub(super) user: Option<UserId>,
    pub(super) client: Option<ClientId>,
    pub(super) is_joined: bool,
}

/// `record:unlocked`
#[derive(Debug)]
pub(super) struct Unlocked {
    pub(super) record_id: RecordId,
    /// Whoever held it gave it back.
    pub(super) is_released: bool,
}

/// The reply to a join, or to `session:resume` for one room.
#[derive(Debug)]
pub(super) struct Joined {
    pub(super) head: Option<Position>,
    pub(super) recovered: bool,
    pub(super) missed: u64,
    pub(super) has_snapshot: bool,
    pub(super) error: Option<Refusal>,
}

/// An event that the session acts on.
#[derive(Debug)]
pub(super) enum Notice {
    Connected(Connected),
    Expiring(Timestamp),
    Shutdown(Duration),
    Joined(RoomId, Position),
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
        let data = || Fields::of(event.data?);
        Some(match &*event.name {
            message::NewEvent::NAME => {
                let message = Fields::of(data()?.raw("message")?)?;
                Self::Message(Message {
                    id: message.id("id")?,
                    room: message.id("roomId")?,
                    sender: message.id("senderId")?,
                })
            }
            wire::ConnectedEvent::NAME => Self::Connected(connected(&data()?)?),
            wire::ExpiringEvent::NAME => Self::Expiring(data()?.time("expiresAt")?),
            wire::ShutdownEvent::NAME => {
                Self::Shutdown(Duration::from_millis(data()?.number("retryAfterMs")?))
            }
            room::JoinedEvent::NAME => {
                let (room, position) = placed(&data()?)?;
                Self::Joined(room, position)
            }
            room::LeftEvent::NAME => Self::Left(data()?.id("roomId")?),
            call::EndedEvent::NAME => Self::CallEnded(data()?.id("callId")?),
            call::ParticipantLeftEvent::NAME => Self::CallLeft(place(&data()?)?),
            call::ParticipantJoinedEvent::NAME => Self::CallJoined(place(&data()?)?),
            record::UnlockedEvent::NAME => {
                let data = data()?;
                Self::Unlocked(Unlocked {
                    record_id: data.id("recordId")?,
                    is_released: data.text("reason")? == record::UnlockReason::Released.as_str(),
                })
            }
            _ => return None,
        })
    }
}

fn connected(data: &Fields<'_>) -> Option<Connected> {
    let limits = Fields::of(data.raw("limits")?)?;
    let rooms = data.list("rooms");
    Some(Connected {
        user_id: data.id("userId")?,
        server_time: data.time("serverTime")?,
        heartbeat_interval: Duration::from_millis(data.number("heartbeatIntervalMs")?),
        max_payload_bytes: limits.number("maxPayloadBytes")?,
        calls: data.list("calls").filter_map(open_call).collect(),
        rooms: rooms
            .map(|room| placed(&Fields::of(room)?))
            .collect::<Option<_>>()?,
    })
}

/// The position that an object names.
fn position(data: &Fields<'_>) -> Option<Position> {
    Some((data.id("epoch")?, data.number("offset")?))
}

fn placed(data: &Fields<'_>) -> Option<(RoomId, Position)> {
    Some((data.id("roomId")?, position(data)?))
}

fn place(data: &Fields<'_>) -> Option<Place> {
    Some(Place {
        call: data.id("callId")?,
        user: data.id("userId"),
        client: data.id("clientId"),
        is_joined: true,
    })
}

fn open_call(call: Json<'_>) -> Option<OpenCall> {
    Some(OpenCall {
        id: call_of(call)?,
        places: places(call),
        call: Lazy::of(call.get()),
    })
}

/// The places in a call.
fn places(call: Json<'_>) -> Vec<Place> {
    let Some(call) = Fields::of(call) else {
        return Vec::new();
    };
    let participants = call.list("participants");
    let place = |one: Json<'_>| {
        let one = Fields::of(one)?;
        let state = one.text("state")?;
        Some(Place {
            call: call.id("callId")?,
            user: one.id("userId"),
            client: one.id("clientId"),
            is_joined: state == call::ParticipantState::Joined.as_str(),
        })
    };
    participants.filter_map(place).collect()
}

/// Which call an object is.
pub(super) fn call_of(call: Json<'_>) -> Option<CallId> {
    Fields::of(call)?.id("callId")
}

/// What the reply to a join says; `None`: it is none.
pub(super) fn joined(data: Json<'_>) -> Option<Joined> {
    let data = Fields::of(data)?;
    Some(Joined {
        head: position(&data),
        recovered: data.is_true("recovered"),
        missed: data.number("missed").unwrap_or(0),
        has_snapshot: data.raw("snapshot").is_some(),
        error: data.given("error").and_then(Refusal::of),
    })
}

/// What the reply to `session:resume` says of each room; `None`: it is none.
pub(super) fn resumed(data: Json<'_>) -> Option<Vec<(RoomId, Joined)>> {
    let data = Fields::of(data)?;
    data.raw("rooms")?;
    let rooms = data.list("rooms");
    let room = |one| Some((Fields::of(one)?.id("roomId")?, joined(one)?));
    Some(rooms.filter_map(room).collect())
}
