// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// Joins a room. With `epoch` and `offset`, everything retained after that position follows.
public struct RoomJoinCommand: Command {
    public typealias Reply = RoomJoinReply
    public static let wireName = "room:join"

    /// The room.
    public var roomID: RoomID
    /// The life of the log the position belongs to.
    public var epoch: Epoch?
    /// The offset of the last event delivered.
    public var offset: Int?
    /// Whether to add the state of the room as of the reply's offset.
    public var snapshot: Bool?

    public init(roomID: RoomID, epoch: Epoch? = nil, offset: Int? = nil, snapshot: Bool? = nil) {
        self.roomID = roomID
        self.epoch = epoch
        self.offset = offset
        self.snapshot = snapshot
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case epoch
        case offset
        case snapshot
    }
}

/// Joined. The reply precedes every event of the room that it leads to.
public struct RoomJoinReply: Codable, Hashable, Sendable {
    /// The room.
    public var roomID: RoomID
    /// The life of its log.
    public var epoch: Epoch
    /// The newest offset at this moment.
    public var offset: Int
    /// Whether everything after the position follows. `true` where none was given.
    public var recovered: Bool
    /// How many events lie between the position and `offset`.
    public var missed: Int
    /// Who is there; empty where members are not announced.
    public var participants: [Participant]
    /// Continues `participants` with `room:participants` where there are too many.
    public var cursor: String?
    /// How far the members have received and read; in large rooms only one's own.
    public var receipts: [UserID: Receipts]
    /// The state of the room, where asked for.
    public var snapshot: Snapshot?

    public init(
        roomID: RoomID,
        epoch: Epoch,
        offset: Int,
        recovered: Bool,
        missed: Int,
        participants: [Participant] = [],
        cursor: String? = nil,
        receipts: [UserID: Receipts] = [:],
        snapshot: Snapshot? = nil
    ) {
        self.roomID = roomID
        self.epoch = epoch
        self.offset = offset
        self.recovered = recovered
        self.missed = missed
        self.participants = participants
        self.cursor = cursor
        self.receipts = receipts
        self.snapshot = snapshot
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case epoch
        case offset
        case recovered
        case missed
        case participants
        case cursor
        case receipts
        case snapshot
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.roomID = try fields.decode(RoomID.self, forKey: .roomID)
        self.epoch = try fields.decode(Epoch.self, forKey: .epoch)
        self.offset = try fields.decode(Int.self, forKey: .offset)
        self.recovered = try fields.decode(Bool.self, forKey: .recovered)
        self.missed = try fields.decode(Int.self, forKey: .missed)
        self.participants = try fields.decodeIfPresent([Participant].self, forKey: .participants) ?? []
        self.cursor = try fields.decodeIfPresent(String.self, forKey: .cursor)
        self.receipts = try fields.decodeIfPresent([UserID: Receipts].self, forKey: .receipts) ?? [:]
        self.snapshot = try fields.decodeIfPresent(Snapshot.self, forKey: .snapshot)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(roomID, forKey: .roomID)
        try fields.encode(epoch, forKey: .epoch)
        try fields.encode(offset, forKey: .offset)
        try fields.encode(recovered, forKey: .recovered)
        try fields.encode(missed, forKey: .missed)
        try fields.encode(participants, forKey: .participants)
        try fields.encodeIfPresent(cursor, forKey: .cursor)
        try fields.encode(receipts, forKey: .receipts)
        try fields.encodeIfPresent(snapshot, forKey: .snapshot)
    }
}

/// A member of a room.
public struct Participant: Codable, Hashable, Sendable, Private {
    /// Who.
    public var userID: UserID
    /// Their name, where the server knows it.
    public var name: String?
    /// Their role.
    public var role: Role
    /// Since when.
    public var joinedAt: Date
    /// With how many connections.
    public var connections: Int

    public init(userID: UserID, name: String? = nil, role: Role, joinedAt: Date, connections: Int) {
        self.userID = userID
        self.name = name
        self.role = role
        self.joinedAt = joinedAt
        self.connections = connections
    }

    private enum CodingKeys: String, CodingKey {
        case userID = "userId"
        case name
        case role
        case joinedAt
        case connections
    }

    public var description: String {
        "Participant(userID: \(userID), name: …, role: \(role), joinedAt: \(joinedAt), connections: \(connections))"
    }
}

/// How far a member has received and read.
public struct Receipts: Codable, Hashable, Sendable {
    /// The newest message that reached one of their devices.
    public var delivered: MessageID?
    /// The newest message they have read.
    public var read: MessageID?

    public init(delivered: MessageID? = nil, read: MessageID? = nil) {
        self.delivered = delivered
        self.read = read
    }
}

/// The state of a room as of the offset of the reply that carries it.
public struct Snapshot: Codable, Hashable, Sendable {
    /// The newest messages, oldest first, in rooms with messages.
    public var messages: [Message]?
    /// Whether there are older messages.
    public var hasMore: Bool?
    /// Who is typing.
    public var typing: [UserID]?
    /// The whiteboard, where something was drawn.
    public var whiteboard: WhiteboardState?
    /// The call, where there is one.
    public var call: CallInfo?
    /// The last event of the report.
    public var report: ReportSnapshot?
    /// Who is viewing the chart.
    public var viewers: [Viewer]?
    /// Which parts of the chart are locked.
    public var locks: [LockState]?

    public init(
        messages: [Message]? = nil,
        hasMore: Bool? = nil,
        typing: [UserID]? = nil,
        whiteboard: WhiteboardState? = nil,
        call: CallInfo? = nil,
        report: ReportSnapshot? = nil,
        viewers: [Viewer]? = nil,
        locks: [LockState]? = nil
    ) {
        self.messages = messages
        self.hasMore = hasMore
        self.typing = typing
        self.whiteboard = whiteboard
        self.call = call
        self.report = report
        self.viewers = viewers
        self.locks = locks
    }
}

/// Leaves a room.
public struct RoomLeaveCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "room:leave"

    /// The room.
    public var roomID: RoomID

    public init(roomID: RoomID) {
        self.roomID = roomID
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
    }
}

/// Asks who is there.
public struct RoomParticipantsCommand: Command {
    public typealias Reply = RoomParticipantsReply
    public static let wireName = "room:participants"

    /// The room.
    public var roomID: RoomID
    /// Where the former page ended.
    public var cursor: String?

    public init(roomID: RoomID, cursor: String? = nil) {
        self.roomID = roomID
        self.cursor = cursor
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case cursor
    }
}

/// Who is there.
public struct RoomParticipantsReply: Codable, Hashable, Sendable {
    /// In the order of their ids.
    public var participants: [Participant]
    /// Set when there are more.
    public var cursor: String?

    public init(participants: [Participant], cursor: String? = nil) {
        self.participants = participants
        self.cursor = cursor
    }
}

/// Publishes an event of the application's own.
public struct RoomPublishCommand: Command, Private {
    public typealias Reply = RoomPublishReply
    public static let wireName = "room:publish"

    /// The room.
    public var roomID: RoomID
    /// The event's name, chosen by the application; at most 1,024 bytes.
    public var event: String
    /// Any JSON.
    public var payload: JSONValue
    /// Whether it is kept and replayed.
    public var retain: Bool?

    public init(roomID: RoomID, event: String, payload: JSONValue, retain: Bool? = nil) {
        self.roomID = roomID
        self.event = event
        self.payload = payload
        self.retain = retain
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case event
        case payload
        case retain
    }

    public var description: String {
        "RoomPublishCommand(roomID: \(roomID), event: \(event), payload: …, retain: \(shown(retain)))"
    }
}

/// Published.
public struct RoomPublishReply: Codable, Hashable, Sendable {
    /// Its place in the log, where it is kept.
    public var offset: Int?

    public init(offset: Int? = nil) {
        self.offset = offset
    }
}

/// An event of the application's own.
public struct RoomEventEvent: Codable, Hashable, Sendable, Private {
    /// Its name.
    public var event: String
    /// Any JSON.
    public var payload: JSONValue
    /// Who published it.
    public var senderID: UserID

    public init(event: String, payload: JSONValue, senderID: UserID) {
        self.event = event
        self.payload = payload
        self.senderID = senderID
    }

    private enum CodingKeys: String, CodingKey {
        case event
        case payload
        case senderID = "senderId"
    }

    public var description: String {
        "RoomEventEvent(event: \(event), payload: …, senderID: \(senderID))"
    }
}

/// A user's first connection joined.
public struct RoomUserJoinedEvent: Codable, Hashable, Sendable {
    /// The room.
    public var roomID: RoomID
    /// Who.
    public var user: Participant

    public init(roomID: RoomID, user: Participant) {
        self.roomID = roomID
        self.user = user
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case user
    }
}

/// A user's last connection left, or has been gone for the presence grace.
public struct RoomUserLeftEvent: Codable, Hashable, Sendable {
    /// The room.
    public var roomID: RoomID
    /// Who.
    public var userID: UserID

    public init(roomID: RoomID, userID: UserID) {
        self.roomID = roomID
        self.userID = userID
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case userID = "userId"
    }
}

/// The server joined this connection.
public struct RoomJoinedEvent: Codable, Hashable, Sendable {
    /// The room.
    public var roomID: RoomID
    /// The life of its log.
    public var epoch: Epoch
    /// The newest offset.
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

/// The server removed this connection.
public struct RoomLeftEvent: Codable, Hashable, Sendable {
    /// The room.
    public var roomID: RoomID
    /// Why.
    public var reason: LeftReason

    public init(roomID: RoomID, reason: LeftReason) {
        self.roomID = roomID
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case reason
    }
}

/// Why the server ended a membership.
public enum LeftReason: Word {
    /// The right to be there is gone.
    case revoked
    /// Removed from the thread or visit.
    case removed
    /// A refreshed token brought another role.
    case role
    /// What allowed it ran out.
    case expired
    /// A backend ended it.
    case server
    /// A word of a later version.
    case other(String)

    public static let known: [LeftReason] = [.revoked, .removed, .role, .expired, .server]

    public init(word: String) {
        switch word {
        case "revoked": self = .revoked
        case "removed": self = .removed
        case "role": self = .role
        case "expired": self = .expired
        case "server": self = .server
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .revoked: "revoked"
        case .removed: "removed"
        case .role: "role"
        case .expired: "expired"
        case .server: "server"
        case .other(let word): word
        }
    }
}
