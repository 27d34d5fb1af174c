// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// Asks for one's conversations, the most recently active first.
public struct ConversationListCommand: Command {
    public typealias Reply = ConversationListReply
    public static let wireName = "conversation:list"

    /// Only those of this platform.
    public var platform: Platform?
    /// Where the former page ended.
    public var cursor: String?
    /// How many: 1 to 100, 50 when left out.
    public var limit: Int?

    public init(platform: Platform? = nil, cursor: String? = nil, limit: Int? = nil) {
        self.platform = platform
        self.cursor = cursor
        self.limit = limit
    }
}

/// A page of conversations.
public struct ConversationListReply: Codable, Hashable, Sendable {
    /// The most recently active first.
    public var conversations: [Conversation]
    /// Set when there are more.
    public var cursor: String?

    public init(conversations: [Conversation], cursor: String? = nil) {
        self.conversations = conversations
        self.cursor = cursor
    }
}

/// A conversation as one member sees it.
public struct Conversation: Codable, Hashable, Sendable, Private {
    /// Its room.
    public var roomID: RoomID
    /// Its title.
    public var title: String?
    /// Where it takes place.
    public var platform: Platform
    /// Who takes part.
    public var memberIDs: [UserID]
    /// The newest message.
    public var lastMessage: Message?
    /// How many messages of others are unread.
    public var unreadCount: Int
    /// When something last happened.
    public var updatedAt: Date

    public init(
        roomID: RoomID,
        title: String? = nil,
        platform: Platform,
        memberIDs: [UserID],
        lastMessage: Message? = nil,
        unreadCount: Int,
        updatedAt: Date
    ) {
        self.roomID = roomID
        self.title = title
        self.platform = platform
        self.memberIDs = memberIDs
        self.lastMessage = lastMessage
        self.unreadCount = unreadCount
        self.updatedAt = updatedAt
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case title
        case platform
        case memberIDs = "memberIds"
        case lastMessage
        case unreadCount
        case updatedAt
    }

    public var description: String {
        "Conversation(roomID: \(roomID), title: …, platform: \(platform), memberIDs: \(memberIDs), lastMessage: \(shown(lastMessage)), unreadCount: \(unreadCount), updatedAt: \(updatedAt))"
    }
}

/// Makes a thread; its creator is a member.
public struct ThreadCreateCommand: Command, Private {
    public typealias Reply = ThreadCreateReply
    public static let wireName = "thread:create"

    /// Its title.
    public var title: String?
    /// People one may chat with.
    public var memberIDs: [UserID]
    /// Where it takes place; `internal` when left out.
    public var platform: Platform?
    /// Any JSON of the application.
    public var metadata: JSONValue?

    public init(
        title: String? = nil,
        memberIDs: [UserID],
        platform: Platform? = nil,
        metadata: JSONValue? = nil
    ) {
        self.title = title
        self.memberIDs = memberIDs
        self.platform = platform
        self.metadata = metadata
    }

    private enum CodingKeys: String, CodingKey {
        case title
        case memberIDs = "memberIds"
        case platform
        case metadata
    }

    public var description: String {
        "ThreadCreateCommand(title: …, memberIDs: \(memberIDs), platform: \(shown(platform)), metadata: …)"
    }
}

/// Made.
public struct ThreadCreateReply: Codable, Hashable, Sendable {
    /// The thread's room.
    public var roomID: RoomID

    public init(roomID: RoomID) {
        self.roomID = roomID
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
    }
}

/// Adds members: the creator, staff and admins.
public struct ThreadAddMembersCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "thread:addMembers"

    /// The thread's room.
    public var roomID: RoomID
    /// People one may chat with.
    public var memberIDs: [UserID]
    /// Whether they may read what was written before; otherwise their history begins now.
    public var shareHistory: Bool?

    public init(roomID: RoomID, memberIDs: [UserID], shareHistory: Bool? = nil) {
        self.roomID = roomID
        self.memberIDs = memberIDs
        self.shareHistory = shareHistory
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case memberIDs = "memberIds"
        case shareHistory
    }
}

/// Removes members: the creator, staff and admins.
public struct ThreadRemoveMembersCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "thread:removeMembers"

    /// The thread's room.
    public var roomID: RoomID
    /// Whom.
    public var memberIDs: [UserID]

    public init(roomID: RoomID, memberIDs: [UserID]) {
        self.roomID = roomID
        self.memberIDs = memberIDs
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case memberIDs = "memberIds"
    }
}

/// Asks for one's unread counts.
public struct UnreadGetCommand: Command {
    public typealias Reply = UnreadCounts
    public static let wireName = "unread:get"

    public init() {
    }
}

/// How many messages of others are unread.
public struct UnreadCounts: Codable, Hashable, Sendable {
    /// By platform; platforms without unread messages are left out.
    public var unreadCounts: [Platform: Int]
    /// Over all platforms.
    public var totalUnread: Int
    /// By room; in `unread:update` only those that changed, 0 included.
    public var rooms: [RoomID: Int]

    public init(
        unreadCounts: [Platform: Int] = [:],
        totalUnread: Int = 0,
        rooms: [RoomID: Int] = [:]
    ) {
        self.unreadCounts = unreadCounts
        self.totalUnread = totalUnread
        self.rooms = rooms
    }

    private enum CodingKeys: String, CodingKey {
        case unreadCounts
        case totalUnread
        case rooms
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.unreadCounts = try fields.decodeIfPresent([Platform: Int].self, forKey: .unreadCounts) ?? [:]
        self.totalUnread = try fields.decodeIfPresent(Int.self, forKey: .totalUnread) ?? 0
        self.rooms = try fields.decodeIfPresent([RoomID: Int].self, forKey: .rooms) ?? [:]
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(unreadCounts, forKey: .unreadCounts)
        try fields.encode(totalUnread, forKey: .totalUnread)
        try fields.encode(rooms, forKey: .rooms)
    }
}

/// A new message, a new conversation or new members.
public struct ConversationUpdateEvent: Codable, Hashable, Sendable {
    /// The conversation as it is now.
    public var conversation: Conversation
    /// The message that is new.
    public var message: Message?

    public init(conversation: Conversation, message: Message? = nil) {
        self.conversation = conversation
        self.message = message
    }
}

/// Unread counts changed.
public struct UnreadUpdateEvent: Codable, Hashable, Sendable {
    /// By platform; platforms without unread messages are left out.
    public var unreadCounts: [Platform: Int]
    /// Over all platforms.
    public var totalUnread: Int
    /// By room; in `unread:update` only those that changed, 0 included.
    public var rooms: [RoomID: Int]

    public init(
        unreadCounts: [Platform: Int] = [:],
        totalUnread: Int = 0,
        rooms: [RoomID: Int] = [:]
    ) {
        self.unreadCounts = unreadCounts
        self.totalUnread = totalUnread
        self.rooms = rooms
    }

    private enum CodingKeys: String, CodingKey {
        case unreadCounts
        case totalUnread
        case rooms
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.unreadCounts = try fields.decodeIfPresent([Platform: Int].self, forKey: .unreadCounts) ?? [:]
        self.totalUnread = try fields.decodeIfPresent(Int.self, forKey: .totalUnread) ?? 0
        self.rooms = try fields.decodeIfPresent([RoomID: Int].self, forKey: .rooms) ?? [:]
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(unreadCounts, forKey: .unreadCounts)
        try fields.encode(totalUnread, forKey: .totalUnread)
        try fields.encode(rooms, forKey: .rooms)
    }
}

/// A message on another platform was delivered, read, or failed.
public struct MessageStatusEvent: Codable, Hashable, Sendable {
    /// The message.
    public var messageID: MessageID
    /// Its room.
    public var roomID: RoomID
    /// How far it has come.
    public var status: MessageStatus
    /// For whom.
    public var userID: UserID

    public init(messageID: MessageID, roomID: RoomID, status: MessageStatus, userID: UserID) {
        self.messageID = messageID
        self.roomID = roomID
        self.status = status
        self.userID = userID
    }

    private enum CodingKeys: String, CodingKey {
        case messageID = "messageId"
        case roomID = "roomId"
        case status
        case userID = "userId"
    }
}
