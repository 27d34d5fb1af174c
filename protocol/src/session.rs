//! Authentication and the life of a connection.

use crate::{
    ClientId, ConnectionId, Epoch, ErrorReply, Millis, PrivateText, RoomId, TenantId, Timestamp,
    UserId, call::Call, conversation::UnreadCounts, presence::Presence, room::Receipts,
};
use std::collections::BTreeMap;

domain! {
    "Session"
    commands {
        "auth:authenticate" => Authenticate -> Empty, Control;
        "auth:refresh" => Refresh -> RefreshReply, Control;
        "session:resume" => Resume -> ResumeReply, Control checked;
        "session:touch" => Touch -> Empty, State;
        "session:status" => Status -> StatusReply, State;
    }
    events {
        "connected" => Connected(ConnectedEvent), Ephemeral;
        "auth:expiring" => Expiring(ExpiringEvent), Ephemeral;
        "auth:idle" => Idle(IdleEvent), Ephemeral;
        "server:shutdown" => Shutdown(ShutdownEvent), Ephemeral;
    }
}

open_enum! {
    /// What a person or backend is in its tenant.
    pub enum Role {
        /// Sees only what concerns them.
        Patient = "patient",
        /// A clinician; sees the patients whose care team they belong to.
        Provider = "provider",
        /// Sees all patients of the tenant.
        Staff = "staff",
        /// Staff who also administer.
        Admin = "admin",
        /// A backend.
        Service = "service",
    }
}

wire! {
    /// No data: the reply of commands that have nothing to say.
    #[derive(Copy, Default)]
    pub struct Empty {}

    /// The first command of a connection that sent no header: who this is.
    pub struct Authenticate {
        /// The JWT. Text of any length; the server judges it.
        #[serde(default)]
        pub token: PrivateText,
        /// The device; the connection's id when left out.
        pub client_id: Option<ClientId>,
    }

    /// A newer token for the same user and tenant.
    pub struct Refresh {
        /// The JWT.
        #[serde(default)]
        pub token: PrivateText,
    }

    /// The refreshed session.
    pub struct RefreshReply {
        /// The role of the new token. Another one re-checks every joined room.
        pub role: Role,
        /// When the new token expires.
        pub expires_at: Timestamp,
    }

    /// Everything a client needs after a reconnect, in one round trip.
    #[derive(Default)]
    pub struct Resume {
        /// The rooms to be in again, each with the last position delivered.
        #[serde(default)]
        pub rooms: Vec<RoomPosition>,
        /// The people whose presence to follow again.
        #[serde(default)]
        pub presence: Vec<UserId>,
    }

    /// A place in the log of a room.
    pub struct RoomPosition {
        /// The room.
        pub room_id: RoomId,
        /// The life of its log.
        pub epoch: Epoch,
        /// The offset of the last event delivered; 0 before the first.
        pub offset: u64,
    }

    /// The answer to [`Resume`].
    pub struct ResumeReply {
        /// One entry for each room asked for, in the same order.
        pub rooms: Vec<ResumedRoom>,
        /// The user's unread counts.
        pub unread: UnreadCounts,
        /// The presences asked for.
        pub presences: Vec<Presence>,
    }

    /// How resuming one room went.
    pub struct ResumedRoom {
        /// The room.
        pub room_id: RoomId,
        /// The life of its log; absent with an error.
        pub epoch: Option<Epoch>,
        /// The newest offset; absent with an error.
        pub offset: Option<u64>,
        /// Whether everything missed follows; otherwise the client replaces its state.
        pub recovered: bool,
        /// How many events lie between the position and the newest.
        pub missed: u64,
        /// How far the members have received and read.
        #[serde(default)]
        pub receipts: BTreeMap<UserId, Receipts>,
        /// Why the room could not be joined again.
        pub error: Option<ErrorReply>,
    }

    /// The person is there: counts as activity against the inactivity log-off.
    #[derive(Copy, Default)]
    pub struct Touch {}

    /// Asks what the server knows about this connection.
    #[derive(Copy, Default)]
    pub struct Status {}

    /// What the server knows about this connection.
    pub struct StatusReply {
        /// The connection.
        pub connection_id: ConnectionId,
        /// Its user.
        pub user_id: UserId,
        /// Since when.
        pub connected_at: Timestamp,
        /// The rooms it is in.
        pub rooms: Vec<RoomId>,
        /// The server's clock.
        pub server_time: Timestamp,
    }

    /// The first event after success.
    pub struct ConnectedEvent {
        /// This connection.
        pub connection_id: ConnectionId,
        /// Who it belongs to.
        pub user_id: UserId,
        /// In which tenant.
        pub tenant_id: TenantId,
        /// As what.
        pub role: Role,
        /// The user's name, where the server knows it.
        pub name: Option<PrivateText>,
        /// The protocol version: `"1"`.
        pub protocol: String,
        /// The server's clock.
        pub server_time: Timestamp,
        /// When the session ends without a refresh.
        pub token_expires_at: Timestamp,
        /// How often the server pings.
        pub heartbeat_interval_ms: Millis,
        /// What the server takes.
        pub limits: SessionLimits,
        /// The user's calls that have not ended.
        pub calls: Vec<Call>,
        /// The rooms joined without asking, each with its newest position.
        pub rooms: Vec<RoomPosition>,
    }

    /// What the server takes from one user or connection.
    #[derive(Copy)]
    pub struct SessionLimits {
        /// The largest message, in bytes.
        pub max_payload_bytes: u64,
        /// Creating commands a second.
        pub messages_per_second: u32,
        /// Other commands a second.
        pub commands_per_second: u32,
        /// Rooms that one connection may join.
        pub rooms_per_connection: u32,
    }

    /// The token expires soon: send `auth:refresh`.
    #[derive(Copy)]
    pub struct ExpiringEvent {
        /// When.
        pub expires_at: Timestamp,
    }

    /// Nobody has done anything for a while.
    #[derive(Copy)]
    pub struct IdleEvent {
        /// When the connection will be closed.
        pub logoff_at: Timestamp,
    }

    /// The server stops; the connection closes next.
    pub struct ShutdownEvent {
        /// Why, for people.
        pub reason: String,
        /// When to come back. Differs from client to client.
        pub retry_after_ms: Millis,
    }
}

impl Resume {
    fn check(&self) -> Result<(), ErrorReply> {
        crate::limits::check_list("rooms", self.rooms.len())?;
        crate::limits::check_list("presence", self.presence.len())
    }
}
