// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// A whiteboard.
public struct WhiteboardState: Codable, Hashable, Sendable, Private {
    /// Grows with every update and every wipe; 0 before the first.
    public var revision: Int
    /// Everything drawn since the last wipe, in order.
    public var ops: [JSONValue]
    /// Set when there is more: ask `whiteboard:snapshot` with it.
    public var cursor: String?

    public init(revision: Int, ops: [JSONValue], cursor: String? = nil) {
        self.revision = revision
        self.ops = ops
        self.cursor = cursor
    }

    public var description: String {
        "WhiteboardState(revision: \(revision), ops: …, cursor: \(shown(cursor)))"
    }
}

/// Draws.
public struct WhiteboardUpdateCommand: Command, Private {
    public typealias Reply = WhiteboardUpdateReply
    public static let wireName = "whiteboard:update"

    /// The room.
    public var roomID: RoomID
    /// What is drawn: 1 to 500 entries of any JSON, together at most 256 KiB.
    public var ops: [JSONValue]

    public init(roomID: RoomID, ops: [JSONValue]) {
        self.roomID = roomID
        self.ops = ops
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case ops
    }

    public var description: String {
        "WhiteboardUpdateCommand(roomID: \(roomID), ops: …)"
    }
}

/// Drawn.
public struct WhiteboardUpdateReply: Codable, Hashable, Sendable {
    /// The revision that this update made.
    public var revision: Int

    public init(revision: Int) {
        self.revision = revision
    }
}

/// Shows the others where one points.
public struct WhiteboardCursorCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "whiteboard:cursor"

    /// The room.
    public var roomID: RoomID
    /// From the left.
    public var x: Double
    /// From the top.
    public var y: Double

    public init(roomID: RoomID, x: Double, y: Double) {
        self.roomID = roomID
        self.x = x
        self.y = y
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case x
        case y
    }
}

/// Wipes the whiteboard.
public struct WhiteboardClearCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "whiteboard:clear"

    /// The room.
    public var roomID: RoomID

    public init(roomID: RoomID) {
        self.roomID = roomID
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
    }
}

/// Asks for the whiteboard.
public struct WhiteboardSnapshotCommand: Command {
    public typealias Reply = WhiteboardState
    public static let wireName = "whiteboard:snapshot"

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

/// Somebody drew.
public struct WhiteboardUpdateEvent: Codable, Hashable, Sendable, Private {
    /// The room.
    public var roomID: RoomID
    /// Who.
    public var userID: UserID
    /// The revision that the update made.
    public var revision: Int
    /// What was drawn.
    public var ops: [JSONValue]

    public init(roomID: RoomID, userID: UserID, revision: Int, ops: [JSONValue]) {
        self.roomID = roomID
        self.userID = userID
        self.revision = revision
        self.ops = ops
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case userID = "userId"
        case revision
        case ops
    }

    public var description: String {
        "WhiteboardUpdateEvent(roomID: \(roomID), userID: \(userID), revision: \(revision), ops: …)"
    }
}

/// Somebody points.
public struct WhiteboardCursorEvent: Codable, Hashable, Sendable {
    /// The room.
    public var roomID: RoomID
    /// Who.
    public var userID: UserID
    /// From the left.
    public var x: Double
    /// From the top.
    public var y: Double

    public init(roomID: RoomID, userID: UserID, x: Double, y: Double) {
        self.roomID = roomID
        self.userID = userID
        self.x = x
        self.y = y
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case userID = "userId"
        case x
        case y
    }
}

/// Somebody wiped the whiteboard.
public struct WhiteboardClearedEvent: Codable, Hashable, Sendable {
    /// The room.
    public var roomID: RoomID
    /// Who.
    public var userID: UserID
    /// The revision that the wipe made.
    public var revision: Int

    public init(roomID: RoomID, userID: UserID, revision: Int) {
        self.roomID = roomID
        self.userID = userID
        self.revision = revision
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case userID = "userId"
        case revision
    }
}
