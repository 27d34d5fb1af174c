//! Joining, leaving and publishing; section 5 of the contract.

use crate::{
    Class, Epoch, ErrorReply, PrivateJson, PrivateText, Role, RoomId, Timestamp, UserId,
    call::Call,
    limits,
    message::Message,
    record::{LockState, Viewer},
    report::ReportSnapshot,
    session::Empty,
    whiteboard::WhiteboardState,
};
use std::collections::BTreeMap;

domain! {
    "Rooms"
    commands {
        "room:join" => Join -> JoinReply, State;
        "room:leave" => Leave -> Empty, State;
        "room:participants" => Participants -> ParticipantsReply, State;
        "room:publish" => Publish -> PublishReply, Keyed checked varying;
    }
    events {
        "room:event" => Custom(CustomEvent), OnRequest;
        "room:userJoined" => UserJoined(UserJoinedEvent), Ephemeral;
        "room:userLeft" => UserLeft(UserLeftEvent), Ephemeral;
        "room:joined" => Joined(JoinedEvent), Ephemeral;
        "room:left" => Left(LeftEvent), Ephemeral;
    }
}

wire! {
    /// Joins a room. With `epoch` and `offset`, everything retained after that position follows.
    pub struct Join {
        /// The room.
        pub room_id: RoomId,
        /// The life of the log the position belongs to.
        pub epoch: Option<Epoch>,
        /// The offset of the last event delivered.
        pub offset: Option<u64>,
        /// Whether to add the state of the room as of the reply's offset.
        pub snapshot: Option<bool>,
    }

    /// Joined. The reply precedes every event of the room that it leads to.
    pub struct JoinReply {
        /// The room.
        pub room_id: RoomId,
        /// The life of its log.
        pub epoch: Epoch,
        /// The newest offset at this moment.
        pub offset: u64,
        /// Whether everything after the position follows. `true` where none was given.
        pub recovered: bool,
        /// How many events lie between the position and `offset`.
        pub missed: u64,
        /// Who is there; empty where members are not announced.
        #[serde(default)]
        pub participants: Vec<Participant>,
        /// Continues `participants` with `room:participants` where there are too many.
        pub cursor: Option<String>,
        /// How far the members have received and read; in large rooms only one's own.
        #[serde(default)]
        pub receipts: BTreeMap<UserId, Receipts>,
        /// The state of the room, where asked for.
        pub snapshot: Option<Snapshot>,
    }

    /// Leaves a room.
    pub struct Leave {
        /// The room.
        pub room_id: RoomId,
    }

    /// Asks who is there.
    pub struct Participants {
        /// The room.
        pub room_id: RoomId,
        /// Where the former page ended.
        pub cursor: Option<String>,
    }

    /// Who is there.
    pub struct ParticipantsReply {
        /// In the order of their ids.
        pub participants: Vec<Participant>,
        /// Set when there are more.
        pub cursor: Option<String>,
    }

    /// Publishes an event of the application's own.
    pub struct Publish {
        /// The room.
        pub room_id: RoomId,
        /// The event's name, chosen by the application; at most 1,024 bytes.
        pub event: String,
        /// Any JSON.
        pub payload: PrivateJson,
        /// Whether it is kept and replayed.
        pub retain: Option<bool>,
    }

    /// Published.
    #[derive(Copy, Default)]
    pub struct PublishReply {
        /// Its place in the log, where it is kept.
        pub offset: Option<u64>,
    }

    /// A member of a room.
    pub struct Participant {
        /// Who.
        pub user_id: UserId,
        /// Their name, where the server knows it.
        pub name: Option<PrivateText>,
        /// Their role.
        pub role: Role,
        /// Since when.
        pub joined_at: Timestamp,
        /// With how many connections.
        pub connections: u32,
    }

    /// How far a member has received and read.
    #[derive(Default)]
    pub struct Receipts {
        /// The newest message that reached one of their devices.
        pub delivered: Option<crate::MessageId>,
        /// The newest message they have read.
        pub read: Option<crate::MessageId>,
    }

    /// The state of a room as of the offset of the reply that carries it.
    #[derive(Default)]
    pub struct Snapshot {
        /// The newest messages, oldest first, in rooms with messages.
        pub messages: Option<Vec<Message>>,
        /// Whether there are older messages.
        pub has_more: Option<bool>,
        /// Who is typing.
        pub typing: Option<Vec<UserId>>,
        /// The whiteboard, where something was drawn.
        pub whiteboard: Option<WhiteboardState>,
        /// The call, where there is one.
        pub call: Option<Call>,
        /// The last event of the report.
        pub report: Option<ReportSnapshot>,
        /// Who is viewing the chart.
        pub viewers: Option<Vec<Viewer>>,
        /// Which parts of the chart are locked.
        pub locks: Option<Vec<LockState>>,
    }

    /// An event of the application's own.
    pub struct CustomEvent {
        /// Its name.
        pub event: String,
        /// Any JSON.
        pub payload: PrivateJson,
        /// Who published it.
        pub sender_id: UserId,
    }

    /// A user's first connection joined.
    pub struct UserJoinedEvent {
        /// The room.
        pub room_id: RoomId,
        /// Who.
        pub user: Participant,
    }

    /// A user's last connection left, or has been gone for the presence grace.
    pub struct UserLeftEvent {
        /// The room.
        pub room_id: RoomId,
        /// Who.
        pub user_id: UserId,
    }

    /// The server joined this connection.
    pub struct JoinedEvent {
        /// The room.
        pub room_id: RoomId,
        /// The life of its log.
        pub epoch: Epoch,
        /// The newest offset.
        pub offset: u64,
    }

    /// The server removed this connection.
    pub struct LeftEvent {
        /// The room.
        pub room_id: RoomId,
        /// Why.
        pub reason: LeftReason,
    }
}

open_enum! {
    /// Why the server ended a membership.
    pub enum LeftReason {
        /// The right to be there is gone.
        Revoked = "revoked",
        /// Removed from the thread or visit.
        Removed = "removed",
        /// A refreshed token brought another role.
        Role = "role",
        /// What allowed it ran out.
        Expired = "expired",
        /// A backend ended it.
        Server = "server",
    }
}

impl Join {
    /// Joins without a position: nothing is replayed.
    pub fn fresh(room_id: RoomId) -> Self {
        Self {
            room_id,
            epoch: None,
            offset: None,
            snapshot: None,
        }
    }
}

impl Publish {
    /// What is kept is repeated until it is stored; what is not kept is about this moment.
    pub fn class(&self) -> Class {
        if self.retain == Some(true) {
            Class::Keyed
        } else {
            Class::Live
        }
    }

    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_event_name("event", &self.event)?;
        let most = match self.retain {
            Some(true) => limits::MAX_RETAINED_BYTES,
            _ => limits::MAX_EPHEMERAL_BYTES,
        };
        limits::check_json("payload", &self.payload, most)
    }
}
