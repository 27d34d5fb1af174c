//! How the payloads of events are read.
//!
//! A Rust application wants every event as its type. Where events go to another language as text,
//! only what the session itself must know is worth the code that reads it.

use carewire_protocol::{
    EventData, EventType as _, call, catalog::UnknownEvent, frame::EventFrame, message, record,
    room, session as wire,
};
use serde::de::DeserializeOwned;

/// Reads the payload of an event.
pub type Reader = fn(&EventFrame<'_>) -> serde_json::Result<EventData>;

/// Reads every event of the contract.
pub fn all(event: &EventFrame<'_>) -> serde_json::Result<EventData> {
    EventData::decode(&event.name, event.data)
}

/// Reads what the session acts on, and leaves the rest as its text.
pub fn own(event: &EventFrame<'_>) -> serde_json::Result<EventData> {
    fn read<T: DeserializeOwned, D: Into<EventData>>(
        event: &EventFrame<'_>,
        wrap: fn(T) -> D,
    ) -> serde_json::Result<EventData> {
        serde_json::from_str(event.data.get()).map(|data| wrap(data).into())
    }
    match &*event.name {
        wire::ConnectedEvent::NAME => read(event, wire::Event::Connected),
        wire::ExpiringEvent::NAME => read(event, wire::Event::Expiring),
        wire::ShutdownEvent::NAME => read(event, wire::Event::Shutdown),
        room::JoinedEvent::NAME => read(event, room::Event::Joined),
        room::LeftEvent::NAME => read(event, room::Event::Left),
        message::NewEvent::NAME => read(event, message::Event::New),
        call::EndedEvent::NAME => read(event, call::Event::Ended),
        call::ParticipantLeftEvent::NAME => read(event, call::Event::ParticipantLeft),
        call::ParticipantJoinedEvent::NAME => read(event, call::Event::ParticipantJoined),
        record::UnlockedEvent::NAME => read(event, record::Event::Unlocked),
        _ => Ok(unread(event)),
    }
}

/// The payload as its text.
pub(super) fn unread(event: &EventFrame<'_>) -> EventData {
    EventData::Unknown(UnknownEvent {
        name: (&*event.name).into(),
        data: event.data.to_owned().into(),
    })
}
