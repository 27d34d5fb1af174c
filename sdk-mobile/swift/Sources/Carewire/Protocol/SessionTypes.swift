// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// The person is there: counts as activity against the inactivity log-off.
public struct SessionTouchCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "session:touch"

    public init() {
    }
}

/// Asks what the server knows about this connection.
public struct SessionStatusCommand: Command {
    public typealias Reply = SessionStatusReply
    public static let wireName = "session:status"

    public init() {
    }
}

/// What the server knows about this connection.
public struct SessionStatusReply: Codable, Hashable, Sendable {
    /// The connection.
    public var connectionID: ConnectionID
    /// Its user.
    public var userID: UserID
    /// Since when.
    public var connectedAt: Date
    /// The rooms it is in.
    public var rooms: [RoomID]
    /// The server's clock.
    public var serverTime: Date

    public init(
        connectionID: ConnectionID,
        userID: UserID,
        connectedAt: Date,
        rooms: [RoomID],
        serverTime: Date
    ) {
        self.connectionID = connectionID
        self.userID = userID
        self.connectedAt = connectedAt
        self.rooms = rooms
        self.serverTime = serverTime
    }

    private enum CodingKeys: String, CodingKey {
        case connectionID = "connectionId"
        case userID = "userId"
        case connectedAt
        case rooms
        case serverTime
    }
}

/// What a person or backend is in its tenant.
public enum Role: Word {
    /// Sees only what concerns them.
    case patient
    /// A clinician; sees the patients whose care team they belong to.
    case provider
    /// Sees all patients of the tenant.
    case staff
    /// Staff who also administer.
    case admin
    /// A backend.
    case service
    /// A word of a later version.
    case other(String)

    public static let known: [Role] = [.patient, .provider, .staff, .admin, .service]

    public init(word: String) {
        switch word {
        case "patient": self = .patient
        case "provider": self = .provider
        case "staff": self = .staff
        case "admin": self = .admin
        case "service": self = .service
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .patient: "patient"
        case .provider: "provider"
        case .staff: "staff"
        case .admin: "admin"
        case .service: "service"
        case .other(let word): word
        }
    }
}

/// The first event after success.
public struct ConnectedEvent: Codable, Hashable, Sendable, Private {
    /// This connection.
    public var connectionID: ConnectionID
    /// Who it belongs to.
    public var userID: UserID
    /// In which tenant.
    public var tenantID: TenantID
    /// As what.
    public var role: Role
    /// The user's name, where the server knows it.
    public var name: String?
    /// The protocol version: `"1"`.
    public var `protocol`: String
    /// The server's clock.
    public var serverTime: Date
    /// When the session ends without a refresh.
    public var tokenExpiresAt: Date
    /// How often the server pings.
    public var heartbeatInterval: Duration
    /// What the server takes.
    public var limits: SessionLimits
    /// The user's calls that have not ended.
    public var calls: [CallInfo]
    /// The rooms joined without asking, each with its newest position.
    public var rooms: [RoomPosition]

    public init(
        connectionID: ConnectionID,
        userID: UserID,
        tenantID: TenantID,
        role: Role,
        name: String? = nil,
        `protocol`: String,
        serverTime: Date,
        tokenExpiresAt: Date,
        heartbeatInterval: Duration,
        limits: SessionLimits,
        calls: [CallInfo],
        rooms: [RoomPosition]
    ) {
        self.connectionID = connectionID
        self.userID = userID
        self.tenantID = tenantID
        self.role = role
        self.name = name
        self.protocol = `protocol`
        self.serverTime = serverTime
        self.tokenExpiresAt = tokenExpiresAt
        self.heartbeatInterval = heartbeatInterval
        self.limits = limits
        self.calls = calls
        self.rooms = rooms
    }

    private enum CodingKeys: String, CodingKey {
        case connectionID = "connectionId"
        case userID = "userId"
        case tenantID = "tenantId"
        case role
        case name
        case `protocol`
        case serverTime
        case tokenExpiresAt
        case heartbeatInterval = "heartbeatIntervalMs"
        case limits
        case calls
        case rooms
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.connectionID = try fields.decode(ConnectionID.self, forKey: .connectionID)
        self.userID = try fields.decode(UserID.self, forKey: .userID)
        self.tenantID = try fields.decode(TenantID.self, forKey: .tenantID)
        self.role = try fields.decode(Role.self, forKey: .role)
        self.name = try fields.decodeIfPresent(String.self, forKey: .name)
        self.protocol = try fields.decode(String.self, forKey: .protocol)
        self.serverTime = try fields.decode(Date.self, forKey: .serverTime)
        self.tokenExpiresAt = try fields.decode(Date.self, forKey: .tokenExpiresAt)
        self.heartbeatInterval = try fields.millis(.heartbeatInterval)
        self.limits = try fields.decode(SessionLimits.self, forKey: .limits)
        self.calls = try fields.decode([CallInfo].self, forKey: .calls)
        self.rooms = try fields.decode([RoomPosition].self, forKey: .rooms)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(connectionID, forKey: .connectionID)
        try fields.encode(userID, forKey: .userID)
        try fields.encode(tenantID, forKey: .tenantID)
        try fields.encode(role, forKey: .role)
        try fields.encodeIfPresent(name, forKey: .name)
        try fields.encode(`protocol`, forKey: .protocol)
        try fields.encode(serverTime, forKey: .serverTime)
        try fields.encode(tokenExpiresAt, forKey: .tokenExpiresAt)
        try fields.encodeMillis(heartbeatInterval, .heartbeatInterval)
        try fields.encode(limits, forKey: .limits)
        try fields.encode(calls, forKey: .calls)
        try fields.encode(rooms, forKey: .rooms)
    }

    public var description: String {
        "ConnectedEvent(connectionID: \(connectionID), userID: \(userID), tenantID: \(tenantID), role: \(role), name: …, protocol: \(`protocol`), serverTime: \(serverTime), tokenExpiresAt: \(tokenExpiresAt), heartbeatInterval: \(heartbeatInterval), limits: \(limits), calls: \(calls), rooms: \(rooms))"
    }
}

/// What the server takes from one user or connection.
public struct SessionLimits: Codable, Hashable, Sendable {
    /// The largest message, in bytes.
    public var maxPayloadBytes: Int
    /// Creating commands a second.
    public var messagesPerSecond: Int
    /// Other commands a second.
    public var commandsPerSecond: Int
    /// Rooms that one connection may join.
    public var roomsPerConnection: Int

    public init(
        maxPayloadBytes: Int,
        messagesPerSecond: Int,
        commandsPerSecond: Int,
        roomsPerConnection: Int
    ) {
        self.maxPayloadBytes = maxPayloadBytes
        self.messagesPerSecond = messagesPerSecond
        self.commandsPerSecond = commandsPerSecond
        self.roomsPerConnection = roomsPerConnection
    }
}

/// A place in the log of a room.
public struct RoomPosition: Codable, Hashable, Sendable {
    /// The room.
    public var roomID: RoomID
    /// The life of its log.
    public var epoch: Epoch
    /// The offset of the last event delivered; 0 before the first.
    public var offset: Int

    public init(roomID: RoomID, epoch: Epoch, offset: Int) {
        self.roomID = roomID
        self.epoch = epoch
        self.offset = offset
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case epoch
        case offset
    }
}

/// The token expires soon: send `auth:refresh`.
public struct AuthExpiringEvent: Codable, Hashable, Sendable {
    /// When.
    public var expiresAt: Date

    public init(expiresAt: Date) {
        self.expiresAt = expiresAt
    }
}

/// Nobody has done anything for a while.
public struct AuthIdleEvent: Codable, Hashable, Sendable {
    /// When the connection will be closed.
    public var logoffAt: Date

    public init(logoffAt: Date) {
        self.logoffAt = logoffAt
    }
}

/// The server stops; the connection closes next.
public struct ServerShutdownEvent: Codable, Hashable, Sendable {
    /// Why, for people.
    public var reason: String
    /// When to come back. Differs from client to client.
    public var retryAfter: Duration

    public init(reason: String, retryAfter: Duration) {
        self.reason = reason
        self.retryAfter = retryAfter
    }

    private enum CodingKeys: String, CodingKey {
        case reason
        case retryAfter = "retryAfterMs"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.reason = try fields.decode(String.self, forKey: .reason)
        self.retryAfter = try fields.millis(.retryAfter)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(reason, forKey: .reason)
        try fields.encodeMillis(retryAfter, .retryAfter)
    }
}
