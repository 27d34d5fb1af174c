//! Events of the contract on their way to the layer above.

use carewire::protocol::{self, EventData, session};

/// An event of the contract: what all have in common, and its data as JSON.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ServerEvent {
    /// Its name on the wire.
    pub name: String,
    /// The room it belongs to.
    pub room: Option<String>,
    /// The life of the room's log, where the event is retained.
    pub epoch: Option<String>,
    /// Its place there.
    pub offset: Option<u64>,
    /// The device that caused it.
    pub origin: Option<String>,
    /// When it happened, in milliseconds since 1970.
    pub timestamp_ms: i64,
    /// What happened, as JSON.
    pub data: String,
}

impl ServerEvent {
    /// None: it was read as its type, as only `connected` is; see `ClientBuilder::for_text`.
    pub(crate) fn of(event: &protocol::Event) -> Option<Self> {
        let data = match &event.data {
            EventData::Unknown(event) => event.data.get().to_owned(),
            EventData::Session(session::Event::Connected(me)) => serde_json::to_string(me).ok()?,
            _ => return None,
        };
        let position = event.position.as_ref();
        Some(Self {
            name: event.data.name().to_owned(),
            room: event.room.as_ref().map(ToString::to_string),
            epoch: position.map(|(epoch, _)| epoch.to_string()),
            offset: position.map(|(_, offset)| *offset),
            origin: event.origin.as_ref().map(ToString::to_string),
            timestamp_ms: event.timestamp.as_millis(),
            data,
        })
    }
}
