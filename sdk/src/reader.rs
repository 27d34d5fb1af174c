//! How the events that a session lets through are read for the application.

use carewire_protocol::{
    Event, EventData,
    catalog::UnknownEvent,
    frame::{EventFrame, ServerFrame},
};
use std::sync::Arc;

/// Reads the payload of an event.
pub type Reader = fn(&EventFrame<'_>) -> serde_json::Result<EventData>;

/// Reads every event of the contract.
pub fn all(event: &EventFrame<'_>) -> serde_json::Result<EventData> {
    EventData::decode(&event.name, event.data)
}

/// Reads none and leaves the payload as its text.
pub fn none(event: &EventFrame<'_>) -> EventData {
    EventData::Unknown(UnknownEvent {
        name: (&*event.name).into(),
        data: event.data.to_owned().into(),
    })
}

/// The event that a frame is; `None`: it is none. A payload that this version cannot read stays
/// text, as its place in the log counts all the same. A frame whose envelope breaks the contract
/// (a `timestamp` that is none, a field twice) is told to the log alone.
pub fn event(frame: &str, read: Reader) -> Option<Arc<Event>> {
    let event = match ServerFrame::decode(frame) {
        Ok(ServerFrame::Event(event)) => event,
        Ok(_) => return None,
        Err(error) => {
            tracing::warn!(%error, "an event whose envelope cannot be read");
            return None;
        }
    };
    let data = read(&event).unwrap_or_else(|error| {
        tracing::warn!(%error, name = %event.name, "an event that cannot be read");
        none(&event)
    });
    Some(Arc::new(Event {
        room: event.room,
        position: event.position,
        origin: event.origin,
        timestamp: event.timestamp,
        data,
    }))
}
