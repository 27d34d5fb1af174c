// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// A message.
public struct Message: Codable, Hashable, Sendable, Private {
    /// Ids sort in a room as the offsets do.
    public var id: MessageID
    /// Where it was sent.
    public var roomID: RoomID
    /// Who sent it.
    public var senderID: UserID
    /// Their name, where the server knows it.
    public var senderName: String?
    /// The text; empty in a deleted message.
    public var body: String
    /// Files that belong to it.
    public var attachments: [Attachment]
    /// The message it answers.
    public var replyTo: MessageID?
    /// The platform it came from or goes to, where that is not Carewire.
    public var platform: Platform?
    /// Any JSON of the application.
    public var metadata: JSONValue?
    /// When the server stored it.
    public var sentAt: Date
    /// When its body was last replaced.
    public var editedAt: Date?
    /// When it was deleted.
    public var deletedAt: Date?
    /// Who reacted how.
    public var reactions: [String: [UserID]]
    /// The least advanced of the other members.
    public var status: MessageStatus
    /// The key it was sent with, so that its sender's devices recognise it.
    public var key: Key?

    public init(
        id: MessageID,
        roomID: RoomID,
        senderID: UserID,
        senderName: String? = nil,
        body: String,
        attachments: [Attachment] = [],
        replyTo: MessageID? = nil,
        platform: Platform? = nil,
        metadata: JSONValue? = nil,
        sentAt: Date,
        editedAt: Date? = nil,
        deletedAt: Date? = nil,
        reactions: [String: [UserID]] = [:],
        status: MessageStatus,
        key: Key? = nil
    ) {
        self.id = id
        self.roomID = roomID
        self.senderID = senderID
        self.senderName = senderName
        self.body = body
        self.attachments = attachments
        self.replyTo = replyTo
        self.platform = platform
        self.metadata = metadata
        self.sentAt = sentAt
        self.editedAt = editedAt
        self.deletedAt = deletedAt
        self.reactions = reactions
        self.status = status
        self.key = key
    }

    private enum CodingKeys: String, CodingKey {
        case id
        case roomID = "roomId"
        case senderID = "senderId"
        case senderName
        case body
        case attachments
        case replyTo
        case platform
        case metadata
        case sentAt
        case editedAt
        case deletedAt
        case reactions
        case status
        case key
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.id = try fields.decode(MessageID.self, forKey: .id)
        self.roomID = try fields.decode(RoomID.self, forKey: .roomID)
        self.senderID = try fields.decode(UserID.self, forKey: .senderID)
        self.senderName = try fields.decodeIfPresent(String.self, forKey: .senderName)
        self.body = try fields.decode(String.self, forKey: .body)
        self.attachments = try fields.decodeIfPresent([Attachment].self, forKey: .attachments) ?? []
        self.replyTo = try fields.decodeIfPresent(MessageID.self, forKey: .replyTo)
        self.platform = try fields.decodeIfPresent(Platform.self, forKey: .platform)
        self.metadata = try fields.decodeIfPresent(JSONValue.self, forKey: .metadata)
        self.sentAt = try fields.decode(Date.self, forKey: .sentAt)
        self.editedAt = try fields.decodeIfPresent(Date.self, forKey: .editedAt)
        self.deletedAt = try fields.decodeIfPresent(Date.self, forKey: .deletedAt)
        self.reactions = try fields.decodeIfPresent([String: [UserID]].self, forKey: .reactions) ?? [:]
        self.status = try fields.decode(MessageStatus.self, forKey: .status)
        self.key = try fields.decodeIfPresent(Key.self, forKey: .key)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(roomID, forKey: .roomID)
        try fields.encode(senderID, forKey: .senderID)
        try fields.encodeIfPresent(senderName, forKey: .senderName)
        try fields.encode(body, forKey: .body)
        try fields.encode(attachments, forKey: .attachments)
        try fields.encodeIfPresent(replyTo, forKey: .replyTo)
        try fields.encodeIfPresent(platform, forKey: .platform)
        try fields.encodeIfPresent(metadata, forKey: .metadata)
        try fields.encode(sentAt, forKey: .sentAt)
        try fields.encodeIfPresent(editedAt, forKey: .editedAt)
        try fields.encodeIfPresent(deletedAt, forKey: .deletedAt)
        try fields.encode(reactions, forKey: .reactions)
        try fields.encode(status, forKey: .status)
        try fields.encodeIfPresent(key, forKey: .key)
    }

    public var description: String {
        "Message(id: \(id), roomID: \(roomID), senderID: \(senderID), senderName: …, body: …, attachments: \(attachments), replyTo: \(shown(replyTo)), platform: \(shown(platform)), metadata: …, sentAt: \(sentAt), editedAt: \(shown(editedAt)), deletedAt: \(shown(deletedAt)), reactions: \(reactions), status: \(status), key: \(shown(key)))"
    }
}

/// A file that belongs to a message. Carewire moves the reference, never the file.
public struct Attachment: Codable, Hashable, Sendable, Private {
    /// The file's name.
    public var name: String
    /// Its media type.
    public var mimeType: String
    /// Its size.
    public var sizeBytes: Int
    /// Where it is: http, https or relative.
    public var url: String
    /// How long it plays.
    public var duration: Duration?

    public init(
        name: String,
        mimeType: String,
        sizeBytes: Int,
        url: String,
        duration: Duration? = nil
    ) {
        self.name = name
        self.mimeType = mimeType
        self.sizeBytes = sizeBytes
        self.url = url
        self.duration = duration
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case mimeType
        case sizeBytes
        case url
        case duration = "durationMs"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.name = try fields.decode(String.self, forKey: .name)
        self.mimeType = try fields.decode(String.self, forKey: .mimeType)
        self.sizeBytes = try fields.decode(Int.self, forKey: .sizeBytes)
        self.url = try fields.decode(String.self, forKey: .url)
        self.duration = try fields.millisIfPresent(.duration)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(mimeType, forKey: .mimeType)
        try fields.encode(sizeBytes, forKey: .sizeBytes)
        try fields.encode(url, forKey: .url)
        try fields.encodeMillis(duration, .duration)
    }

    public var description: String {
        "Attachment(name: …, mimeType: \(mimeType), sizeBytes: \(sizeBytes), url: …, duration: \(shown(duration)))"
    }
}

/// How far a message has come, by the least advanced of the other members.
public enum MessageStatus: Word {
    /// Stored.
    case sent
    /// Reached a device of everyone.
    case delivered
    /// Read by everyone.
    case read
    /// Another platform could not deliver it.
    case failed
    /// A word of a later version.
    case other(String)

    public static let known: [MessageStatus] = [.sent, .delivered, .read, .failed]

    public init(word: String) {
        switch word {
        case "sent": self = .sent
        case "delivered": self = .delivered
        case "read": self = .read
        case "failed": self = .failed
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .sent: "sent"
        case .delivered: "delivered"
        case .read: "read"
        case .failed: "failed"
        case .other(let word): word
        }
    }
}

/// Sends a message. A body or an attachment is required.
public struct MessageSendCommand: Command, Private {
    public typealias Reply = MessageSendReply
    public static let wireName = "message:send"

    /// The room: chat, thread, visit or call.
    public var roomID: RoomID
    /// The text, at most 64 KiB.
    public var body: String
    /// At most 20.
    public var attachments: [Attachment]
    /// The message this answers, in the same room.
    public var replyTo: MessageID?
    /// Any JSON of the application, at most 256 KiB.
    public var metadata: JSONValue?
    /// When the person pressed send, where that was long ago (an offline queue).
    public var composedAt: Date?

    public init(
        roomID: RoomID,
        body: String = "",
        attachments: [Attachment] = [],
        replyTo: MessageID? = nil,
        metadata: JSONValue? = nil,
        composedAt: Date? = nil
    ) {
        self.roomID = roomID
        self.body = body
        self.attachments = attachments
        self.replyTo = replyTo
        self.metadata = metadata
        self.composedAt = composedAt
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case body
        case attachments
        case replyTo
        case metadata
        case composedAt
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.roomID = try fields.decode(RoomID.self, forKey: .roomID)
        self.body = try fields.decodeIfPresent(String.self, forKey: .body) ?? ""
        self.attachments = try fields.decodeIfPresent([Attachment].self, forKey: .attachments) ?? []
        self.replyTo = try fields.decodeIfPresent(MessageID.self, forKey: .replyTo)
        self.metadata = try fields.decodeIfPresent(JSONValue.self, forKey: .metadata)
        self.composedAt = try fields.decodeIfPresent(Date.self, forKey: .composedAt)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(roomID, forKey: .roomID)
        try fields.encode(body, forKey: .body)
        try fields.encode(attachments, forKey: .attachments)
        try fields.encodeIfPresent(replyTo, forKey: .replyTo)
        try fields.encodeIfPresent(metadata, forKey: .metadata)
        try fields.encodeIfPresent(composedAt, forKey: .composedAt)
    }

    public var description: String {
        "MessageSendCommand(roomID: \(roomID), body: …, attachments: \(attachments), replyTo: \(shown(replyTo)), metadata: …, composedAt: \(shown(composedAt)))"
    }
}

/// Sent, and durable.
public struct MessageSendReply: Codable, Hashable, Sendable {
    /// The message as stored.
    public var message: Message

    public init(message: Message) {
        self.message = message
    }
}

/// Something reached this device: everything up to this message.
public struct MessageReceivedCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "message:received"

    /// The room.
    public var roomID: RoomID
    /// The newest message that arrived.
    public var messageID: MessageID

    public init(roomID: RoomID, messageID: MessageID) {
        self.roomID = roomID
        self.messageID = messageID
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case messageID = "messageId"
    }
}

/// The person has read everything up to this message.
public struct MessageReadCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "message:read"

    /// The room.
    public var roomID: RoomID
    /// The newest message that was read.
    public var messageID: MessageID

    public init(roomID: RoomID, messageID: MessageID) {
        self.roomID = roomID
        self.messageID = messageID
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case messageID = "messageId"
    }
}

/// Asks for older or newer messages.
public struct MessageHistoryCommand: Command {
    public typealias Reply = MessageHistoryReply
    public static let wireName = "message:history"

    /// The room.
    public var roomID: RoomID
    /// Only messages before this one; the newest of them come.
    public var before: MessageID?
    /// Only messages after this one; the oldest of them come.
    public var after: MessageID?
    /// Only answers to this one.
    public var replyTo: MessageID?
    /// How many: 1 to 100, 50 when left out.
    public var limit: Int?

    public init(
        roomID: RoomID,
        before: MessageID? = nil,
        after: MessageID? = nil,
        replyTo: MessageID? = nil,
        limit: Int? = nil
    ) {
        self.roomID = roomID
        self.before = before
        self.after = after
        self.replyTo = replyTo
        self.limit = limit
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case before
        case after
        case replyTo
        case limit
    }
}

/// A page of messages.
public struct MessageHistoryReply: Codable, Hashable, Sendable {
    /// Oldest first.
    public var messages: [Message]
    /// Whether there are more in the direction asked for.
    public var hasMore: Bool

    public init(messages: [Message], hasMore: Bool) {
        self.messages = messages
        self.hasMore = hasMore
    }
}

/// Replaces the body of one's own message.
public struct MessageEditCommand: Command, Private {
    public typealias Reply = Empty
    public static let wireName = "message:edit"

    /// The message.
    public var messageID: MessageID
    /// The new text.
    public var body: String

    public init(messageID: MessageID, body: String) {
        self.messageID = messageID
        self.body = body
    }

    private enum CodingKeys: String, CodingKey {
        case messageID = "messageId"
        case body
    }

    public var description: String {
        "MessageEditCommand(messageID: \(messageID), body: …)"
    }
}

/// Deletes a message: author and admins.
public struct MessageDeleteCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "message:delete"

    /// The message.
    public var messageID: MessageID

    public init(messageID: MessageID) {
        self.messageID = messageID
    }

    private enum CodingKeys: String, CodingKey {
        case messageID = "messageId"
    }
}

/// Adds one's reaction.
public struct MessageReactCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "message:react"

    /// The message.
    public var messageID: MessageID
    /// An emoji or short name, at most 64 bytes.
    public var emoji: String

    public init(messageID: MessageID, emoji: String) {
        self.messageID = messageID
        self.emoji = emoji
    }

    private enum CodingKeys: String, CodingKey {
        case messageID = "messageId"
        case emoji
    }
}

/// Takes one's reaction back.
public struct MessageUnreactCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "message:unreact"

    /// The message.
    public var messageID: MessageID
    /// As given to `message:react`.
    public var emoji: String

    public init(messageID: MessageID, emoji: String) {
        self.messageID = messageID
        self.emoji = emoji
    }

    private enum CodingKeys: String, CodingKey {
        case messageID = "messageId"
        case emoji
    }
}

/// A message was stored.
public struct MessageNewEvent: Codable, Hashable, Sendable {
    /// The message.
    public var message: Message

    public init(message: Message) {
        self.message = message
    }
}

/// A message's body was replaced.
public struct MessageEditedEvent: Codable, Hashable, Sendable {
    /// The message as it is now.
    public var message: Message

    public init(message: Message) {
        self.message = message
    }
}

/// A message was deleted.
public struct MessageDeletedEvent: Codable, Hashable, Sendable {
    /// The room.
    public var roomID: RoomID
    /// The message.
    public var messageID: MessageID

    public init(roomID: RoomID, messageID: MessageID) {
        self.roomID = roomID
        self.messageID = messageID
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case messageID = "messageId"
    }
}

/// A reaction was added or taken back.
public struct MessageReactionEvent: Codable, Hashable, Sendable {
    /// The message.
    public var messageID: MessageID
    /// Which reaction.
    public var emoji: String
    /// Whose.
    public var userID: UserID
    /// `false`: taken back.
    public var added: Bool

    public init(messageID: MessageID, emoji: String, userID: UserID, added: Bool) {
        self.messageID = messageID
        self.emoji = emoji
        self.userID = userID
        self.added = added
    }

    private enum CodingKeys: String, CodingKey {
        case messageID = "messageId"
        case emoji
        case userID = "userId"
        case added
    }
}

/// To the sender's other devices: one of them sent a message.
public struct MessageSentEvent: Codable, Hashable, Sendable {
    /// The message.
    public var messageID: MessageID
    /// The room.
    public var roomID: RoomID
    /// The key it was sent with.
    public var key: Key?

    public init(messageID: MessageID, roomID: RoomID, key: Key? = nil) {
        self.messageID = messageID
        self.roomID = roomID
        self.key = key
    }

    private enum CodingKeys: String, CodingKey {
        case messageID = "messageId"
        case roomID = "roomId"
        case key
    }
}

/// To the sender: everything up to the message reached a member's device.
public struct MessageDeliveredEvent: Codable, Hashable, Sendable {
    /// The newest message that arrived.
    public var messageID: MessageID
    /// The room.
    public var roomID: RoomID
    /// Who received it.
    public var userID: UserID
    /// When.
    public var at: Date

    public init(messageID: MessageID, roomID: RoomID, userID: UserID, at: Date) {
        self.messageID = messageID
        self.roomID = roomID
        self.userID = userID
        self.at = at
    }

    private enum CodingKeys: String, CodingKey {
        case messageID = "messageId"
        case roomID = "roomId"
        case userID = "userId"
        case at
    }
}

/// A member has read everything up to the message.
public struct MessageReadEvent: Codable, Hashable, Sendable {
    /// The room.
    public var roomID: RoomID
    /// The newest message that was read.
    public var messageID: MessageID
    /// Who read it.
    public var userID: UserID
    /// When.
    public var at: Date

    public init(roomID: RoomID, messageID: MessageID, userID: UserID, at: Date) {
        self.roomID = roomID
        self.messageID = messageID
        self.userID = userID
        self.at = at
    }

    private enum CodingKeys: String, CodingKey {
        case roomID = "roomId"
        case messageID = "messageId"
        case userID = "userId"
        case at
    }
}
