//! Channels: rooms that an application names itself.

use crate::{
    Epoch, ErrorReply, PrivateJson, RoomId, limits, room::JoinReply, room_id::RoomKind,
    session::Empty,
};

domain! {
    "Channels"
    commands {
        "channel:subscribe" => Subscribe -> JoinReply, State checked;
        "channel:unsubscribe" => Unsubscribe -> Empty, State checked;
        "channel:publish" => Publish -> Empty, Keyed checked;
    }
    events {
        "channel:event" => Published(PublishedEvent), Retained;
    }
}

wire! {
    /// Joins a channel. With `epoch` and `offset`, everything after that position follows.
    pub struct Subscribe {
        /// The channel.
        pub channel: RoomId,
        /// The life of the log the position belongs to.
        pub epoch: Option<Epoch>,
        /// The offset of the last event delivered.
        pub offset: Option<u64>,
    }

    /// Leaves a channel.
    pub struct Unsubscribe {
        /// The channel.
        pub channel: RoomId,
    }

    /// Publishes to a channel: staff, admins and services, unless the access file says otherwise.
    pub struct Publish {
        /// The channel.
        pub channel: RoomId,
        /// The event's name, chosen by the application; at most 1,024 bytes.
        pub event: String,
        /// Any JSON, at most 256 KiB.
        pub payload: PrivateJson,
    }

    /// Somebody published to a channel.
    pub struct PublishedEvent {
        /// The channel.
        pub channel: RoomId,
        /// The event's name, chosen by the application.
        pub event: String,
        /// Any JSON.
        pub payload: PrivateJson,
    }
}

impl Subscribe {
    fn check(&self) -> Result<(), ErrorReply> {
        check_channel(&self.channel)
    }
}

impl Unsubscribe {
    fn check(&self) -> Result<(), ErrorReply> {
        check_channel(&self.channel)
    }
}

impl Publish {
    fn check(&self) -> Result<(), ErrorReply> {
        check_published(&self.channel, &self.event, &self.payload)
    }
}

impl PublishedEvent {
    /// The rules for an event that a backend publishes.
    pub fn check(&self) -> Result<(), ErrorReply> {
        check_published(&self.channel, &self.event, &self.payload)
    }
}

fn check_published(channel: &RoomId, event: &str, payload: &PrivateJson) -> Result<(), ErrorReply> {
    check_channel(channel)?;
    limits::check_event_name("event", event)?;
    limits::check_json("payload", payload, limits::MAX_RETAINED_BYTES)
}

fn check_channel(room: &RoomId) -> Result<(), ErrorReply> {
    if room.kind() == RoomKind::Channel {
        Ok(())
    } else {
        Err(ErrorReply::room_not_found())
    }
}
