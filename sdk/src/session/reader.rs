//! How the payloads of events are read for the application.

use carewire_protocol::{EventData, catalog::UnknownEvent, frame::EventFrame};

/// Reads the payload of an event.
pub type Reader = fn(&EventFrame<'_>) -> serde_json::Result<EventData>;

/// Reads every event of the contract, for a Rust application.
pub fn all(event: &EventFrame<'_>) -> serde_json::Result<EventData> {
    EventData::decode(&event.name, event.data)
}

/// Reads none, where events go to another language as their text: what is not called is not
/// downloaded.
pub fn none(event: &EventFrame<'_>) -> serde_json::Result<EventData> {
    Ok(unread(event))
}

/// The payload as its text.
pub(super) fn unread(event: &EventFrame<'_>) -> EventData {
    EventData::Unknown(UnknownEvent {
        name: (&*event.name).into(),
        data: event.data.to_owned().into(),
    })
}
