//! Whiteboards in chats, threads, visits and calls.

use crate::{ErrorReply, Finite, PrivateJson, RoomId, UserId, limits, session::Empty};

domain! {
    "Whiteboard"
    commands {
        "whiteboard:update" => Update -> UpdateReply, Keyed checked;
        "whiteboard:cursor" => Cursor -> Empty, Live;
        "whiteboard:clear" => Clear -> Empty, LiveKeyed;
        "whiteboard:snapshot" => Snapshot -> WhiteboardState, State;
    }
    events {
        "whiteboard:update" => Updated(UpdatedEvent), Retained;
        "whiteboard:cursor" => Cursor(CursorEvent), Ephemeral;
        "whiteboard:cleared" => Cleared(ClearedEvent), Retained;
    }
}

wire! {
    /// Draws.
    pub struct Update {
        /// The room.
        pub room_id: RoomId,
        /// What is drawn: 1 to 500 entries of any JSON, together at most 256 KiB.
        pub ops: Vec<PrivateJson>,
    }

    /// Drawn.
    #[derive(Copy)]
    pub struct UpdateReply {
        /// The revision that this update made.
        pub revision: u64,
    }

    /// Shows the others where one points.
    pub struct Cursor {
        /// The room.
        pub room_id: RoomId,
        /// From the left.
        pub x: Finite,
        /// From the top.
        pub y: Finite,
    }

    /// Wipes the whiteboard.
    pub struct Clear {
        /// The room.
        pub room_id: RoomId,
    }

    /// Asks for the whiteboard.
    pub struct Snapshot {
        /// The room.
        pub room_id: RoomId,
        /// Where the former page ended.
        pub cursor: Option<String>,
    }

    /// A whiteboard.
    #[derive(Default)]
    pub struct WhiteboardState {
        /// Grows with every update and every wipe; 0 before the first.
        pub revision: u64,
        /// Everything drawn since the last wipe, in order.
        pub ops: Vec<PrivateJson>,
        /// Set when there is more: ask `whiteboard:snapshot` with it.
        pub cursor: Option<String>,
    }

    /// Somebody drew.
    pub struct UpdatedEvent {
        /// The room.
        pub room_id: RoomId,
        /// Who.
        pub user_id: UserId,
        /// The revision that the update made.
        pub revision: u64,
        /// What was drawn.
        pub ops: Vec<PrivateJson>,
    }

    /// Somebody points.
    pub struct CursorEvent {
        /// The room.
        pub room_id: RoomId,
        /// Who.
        pub user_id: UserId,
        /// From the left.
        pub x: Finite,
        /// From the top.
        pub y: Finite,
    }

    /// Somebody wiped the whiteboard.
    pub struct ClearedEvent {
        /// The room.
        pub room_id: RoomId,
        /// Who.
        pub user_id: UserId,
        /// The revision that the wipe made.
        pub revision: u64,
    }
}

impl Update {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_filled_list("ops", self.ops.len())?;
        let size = self.ops.iter().map(|op| op.get().len() + 1).sum();
        limits::check_size("ops", size, limits::MAX_RETAINED_BYTES)
    }
}
