// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// The person is writing. Lasts 6 s unless repeated.
public struct TypingStartCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "typing:start"

    /// The room.
    public var roomID: RoomID

    public init(roomID: RoomID) {
        self.roomID = roomID
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
    }
}

/// The person has stopped writing.
public struct TypingStopCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "typing:stop"

    /// The room.
    public var roomID: RoomID

    public init(roomID: RoomID) {
        self.roomID = roomID
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
    }
}

/// Somebody else is writing.
public struct TypingStartEvent: Codable, Hashable, Sendable, Private {
    /// The room.
    public var roomID: RoomID
    /// Who.
    public var userID: UserID
    /// Their name, where the server knows it.
    public var name: String?

    public init(roomID: RoomID, userID: UserID, name: String? = nil) {
        self.roomID = roomID
        self.userID = userID
        self.name = name
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case userID = "userId"
        case name
    }

    public var description: String {
        "TypingStartEvent(roomID: \(roomID), userID: \(userID), name: …)"
    }
}

/// Somebody else has stopped writing.
public struct TypingStopEvent: Codable, Hashable, Sendable, Private {
    /// The room.
    public var roomID: RoomID
    /// Who.
    public var userID: UserID
    /// Their name, where the server knows it.
    public var name: String?

    public init(roomID: RoomID, userID: UserID, name: String? = nil) {
        self.roomID = roomID
        self.userID = userID
        self.name = name
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case userID = "userId"
        case name
    }

    public var description: String {
        "TypingStopEvent(roomID: \(roomID), userID: \(userID), name: …)"
    }
}
