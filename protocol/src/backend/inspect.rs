//! What a backend or an operator asks over HTTP: who is connected, who holds a lease, how the
//! server is.

use crate::{
    ClientId, ConnectionId, Epoch, Finite, Millis, PrivateText, Role, RoomId, TenantId, Timestamp,
    UserId,
    presence::{Presence, PresenceStatus},
    room::Participant,
};
use std::collections::BTreeMap;

wire! {
    /// `GET /v1/users/{userId}`
    pub struct UserInfo {
        /// Whether there is any connection.
        pub connected: bool,
        /// How many there are.
        pub connections: u32,
        /// What others see of the user.
        pub presence: Presence,
    }

    /// A live connection.
    pub struct ConnectionInfo {
        /// The connection.
        pub connection_id: ConnectionId,
        /// Whose.
        pub user_id: UserId,
        /// The device.
        pub client_id: Option<ClientId>,
        /// The role of its token.
        pub role: Role,
        /// Since when.
        pub connected_at: Timestamp,
        /// When its token expires.
        pub token_expires_at: Timestamp,
        /// The rooms it is in.
        pub rooms: Vec<RoomId>,
    }

    /// `GET /v1/connections`
    pub struct ConnectionList {
        /// In the order of their ids.
        pub connections: Vec<ConnectionInfo>,
        /// Set when there are more.
        pub cursor: Option<String>,
    }

    /// `GET /v1/rooms/{roomId}`
    pub struct RoomInfo {
        /// The room.
        pub room_id: RoomId,
        /// Its kind: the first part of its name, `channel` for channels.
        pub kind: String,
        /// How many connections are in it.
        pub connections: u32,
        /// The life of its log.
        pub epoch: Option<Epoch>,
        /// The newest offset.
        pub offset: u64,
        /// When something last happened.
        pub last_activity_at: Option<Timestamp>,
        /// Who is there; only of one room, and only where members are announced.
        pub participants: Option<Vec<Participant>>,
    }

    /// `GET /v1/rooms`
    pub struct RoomList {
        /// In the order of their names.
        pub rooms: Vec<RoomInfo>,
        /// Set when there are more.
        pub cursor: Option<String>,
    }

    /// One line of the audit trail: ids, no content.
    pub struct AuditEntry {
        /// Grows with every entry.
        pub id: u64,
        /// When.
        pub at: Timestamp,
        /// Who.
        pub user_id: UserId,
        /// With which role.
        pub role: Option<Role>,
        /// What they did.
        pub action: AuditAction,
        /// Where.
        pub room_id: Option<RoomId>,
        /// What was tried, by the name of the command or call.
        pub command: Option<String>,
    }

    /// `GET /v1/audit`
    pub struct AuditList {
        /// The newest first.
        pub entries: Vec<AuditEntry>,
        /// Set when there are more.
        pub cursor: Option<String>,
    }

    /// `GET /v1/records/{patientId}/{recordId}/lock`
    pub struct LockInfo {
        /// Who holds the lease.
        pub holder_id: UserId,
        /// The token of the grant. What carries a smaller one is stale.
        pub fencing_token: u64,
        /// When it ends without a renewal.
        pub expires_at: Timestamp,
    }

    /// An event that the webhook refused for 24 hours.
    pub struct ParkedEvent {
        /// The room of the event.
        pub room: RoomId,
        /// The life of its log.
        pub epoch: Epoch,
        /// Its place in the log.
        pub offset: u64,
        /// The event's name.
        #[serde(rename = "type")]
        pub name: String,
        /// When it was given up.
        pub parked_at: Timestamp,
        /// How often it was tried.
        pub attempts: u32,
        /// The last HTTP status, where there was an answer.
        pub status: Option<u16>,
    }

    /// `GET /v1/webhook/parked`
    pub struct ParkedList {
        /// The newest first.
        pub events: Vec<ParkedEvent>,
        /// Set when there are more.
        pub cursor: Option<String>,
    }

    /// `GET /health`
    pub struct Health {
        /// Over all.
        pub status: HealthStatus,
        /// The server's clock.
        pub timestamp: Timestamp,
        /// Since the start.
        pub uptime_ms: Millis,
        /// Live connections of this node.
        pub connections: u64,
        /// Rooms with members on this node.
        pub rooms: u64,
        /// The parts.
        pub services: HealthServices,
    }

    /// The parts of a server.
    pub struct HealthServices {
        /// The store.
        pub database: ServiceStatus,
        /// The way to other nodes.
        pub backplane: ServiceStatus,
        /// The sockets.
        pub websocket: WebsocketHealth,
    }

    /// The sockets of a server.
    pub struct WebsocketHealth {
        /// Whether it takes new ones.
        pub status: ServiceStatus,
        /// Live connections.
        pub connections: u64,
        /// Different users among them.
        pub authenticated_users: u64,
    }

    /// What `WS /ws/health` sends before it closes.
    pub struct HealthFrame {
        /// Always `health`.
        #[serde(rename = "type")]
        pub name: String,
        /// Over all.
        pub status: HealthStatus,
        /// The server's clock.
        pub timestamp: Timestamp,
    }

    /// `GET /stats`: numbers of one tenant.
    pub struct Stats {
        /// Live connections.
        pub connections: u64,
        /// Different users among them.
        pub authenticated_users: u64,
        /// The one divided by the other; 0 without users.
        pub average_connections_per_user: Finite,
        /// Live connections by role.
        pub connections_by_role: BTreeMap<Role, u64>,
        /// Rooms with members by kind.
        pub rooms_by_kind: BTreeMap<String, u64>,
        /// The rooms with the most connections.
        pub rooms: Vec<RoomActivity>,
        /// Calls that are ringing or active.
        pub active_calls: u64,
        /// Users by presence.
        pub presence_by_status: BTreeMap<PresenceStatus, u64>,
        /// Over the last minute.
        pub messages_per_second: Finite,
    }

    /// How busy a room is.
    pub struct RoomActivity {
        /// The room.
        pub room_id: RoomId,
        /// How many connections are in it.
        pub connections: u64,
        /// When something last happened.
        pub last_activity_at: Option<Timestamp>,
    }

    /// What the server asks `CAREWIRE_AUTHORIZER_URL`.
    pub struct AuthorizerRequest {
        /// In which tenant.
        pub tenant_id: TenantId,
        /// Who.
        pub user_id: UserId,
        /// With which role.
        pub role: Role,
        /// Wants to do what.
        pub action: AuthorizerAction,
        /// Where; about a person, their `user:` room.
        pub room_id: RoomId,
    }

    /// What it answers.
    pub struct AuthorizerReply {
        /// Whether they may.
        pub allow: bool,
        /// Why, for the log.
        pub reason: Option<PrivateText>,
    }
}

open_enum! {
    /// What somebody did, for the audit trail.
    pub enum AuditAction {
        /// Joined a room.
        Joined = "joined",
        /// Read history.
        Read = "read",
        /// Looked at a chart.
        Viewed = "viewed",
        /// Tried what they may not.
        Denied = "denied",
        /// Took emergency access.
        BrokeGlass = "broke_glass",
    }
}

open_enum! {
    /// What is to be decided about a room.
    pub enum AuthorizerAction {
        /// Join it, and so read what happens there.
        Join = "join",
        /// Write there.
        Write = "write",
        /// Read what was written.
        History = "history",
        /// Call its members.
        Call = "call",
        /// Look at the chart.
        View = "view",
        /// Take a lease on the chart.
        Lock = "lock",
        /// Publish to a channel.
        Publish = "publish",
        /// See the person's presence.
        Presence = "presence",
    }
}

open_enum! {
    /// How a server is.
    pub enum HealthStatus {
        /// Everything works.
        Ok = "ok",
        /// Something does not.
        Degraded = "degraded",
    }
}

open_enum! {
    /// How a part of a server is.
    pub enum ServiceStatus {
        /// It works.
        Ok = "ok",
        /// It works in part.
        Degraded = "degraded",
        /// It does not work.
        Down = "down",
        /// It is not configured.
        Disabled = "disabled",
    }
}

impl HealthFrame {
    /// A frame that says how the server is.
    pub fn new(status: HealthStatus, timestamp: Timestamp) -> Self {
        Self {
            name: "health".into(),
            status,
            timestamp,
        }
    }
}
