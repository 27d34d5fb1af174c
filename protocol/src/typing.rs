//! Who is writing.

use crate::{PrivateText, RoomId, UserId, session::Empty};

domain! {
    "Typing"
    commands {
        "typing:start" => Start -> Empty, Live;
        "typing:stop" => Stop -> Empty, Live;
    }
    events {
        "typing:start" => Started(StartedEvent), Ephemeral;
        "typing:stop" => Stopped(StoppedEvent), Ephemeral;
    }
}

wire! {
    /// The person is writing. Lasts 6 s unless repeated.
    pub struct Start {
        /// The room.
        pub room_id: RoomId,
    }

    /// The person has stopped writing.
    pub struct Stop {
        /// The room.
        pub room_id: RoomId,
    }

    /// Somebody else is writing.
    pub struct StartedEvent {
        /// The room.
        pub room_id: RoomId,
        /// Who.
        pub user_id: UserId,
        /// Their name, where the server knows it.
        pub name: Option<PrivateText>,
    }

    /// Somebody else has stopped writing.
    pub struct StoppedEvent {
        /// The room.
        pub room_id: RoomId,
        /// Who.
        pub user_id: UserId,
        /// Their name, where the server knows it.
        pub name: Option<PrivateText>,
    }
}
