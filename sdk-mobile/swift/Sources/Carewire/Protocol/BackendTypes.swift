// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// Publishes an event; also the body of `POST /v1/publish`.
public struct EventPublishCommand: Command {
    public typealias Reply = RoomPublishReply
    public static let wireName = "event:publish"

    /// For whom.
    public var target: Target
    /// What happened.
    public var event: PublishedEvent
    /// The device that caused it.
    public var origin: ClientID?
    /// Whether a `room:event` is kept and replayed. Other events decide that by their type.
    public var retain: Bool?

    public init(
        target: Target,
        event: PublishedEvent,
        origin: ClientID? = nil,
        retain: Bool? = nil
    ) {
        self.target = target
        self.event = event
        self.origin = origin
        self.retain = retain
    }
}

/// Whom an event is for.
public enum Target: Codable, Hashable, Sendable {
    case user(UserID)
    case room(RoomID)
    case tenant(TenantID)
    case staff(TenantID)
    case role(Role)
    case connection(ConnectionID)
    /// One of a later version.
    case other(name: String, data: JSONValue)

    public init(from decoder: any Decoder) throws {
        let union = try UnionContent(from: decoder, .key)
        switch union.name {
        case "user": self = .user(try union.content(UserID.self))
        case "room": self = .room(try union.content(RoomID.self))
        case "tenant": self = .tenant(try union.content(TenantID.self))
        case "staff": self = .staff(try union.content(TenantID.self))
        case "role": self = .role(try union.content(Role.self))
        case "connection": self = .connection(try union.content(ConnectionID.self))
        default: self = .other(name: union.name, data: try union.content(JSONValue.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .user(let content): try encoder.writeUnion("user", content, .key)
        case .room(let content): try encoder.writeUnion("room", content, .key)
        case .tenant(let content): try encoder.writeUnion("tenant", content, .key)
        case .staff(let content): try encoder.writeUnion("staff", content, .key)
        case .role(let content): try encoder.writeUnion("role", content, .key)
        case .connection(let content): try encoder.writeUnion("connection", content, .key)
        case .other(let name, let data): try encoder.writeUnion(name, data, .key)
        }
    }
}

/// An event to publish: one of those that can be published with its data.
public struct PublishedEvent: Codable, Hashable, Sendable, Private {
    /// The event's name on the wire.
    public var type: String
    /// Its data. A `room:event` may leave out `senderId`, which is then the backend.
    public var data: JSONValue

    public init(type: String, data: JSONValue = [:]) {
        self.type = type
        self.data = data
    }

    private enum CodingKeys: String, CodingKey {
        case type
        case data
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.type = try fields.decode(String.self, forKey: .type)
        self.data = try fields.decodeIfPresent(JSONValue.self, forKey: .data) ?? [:]
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(type, forKey: .type)
        try fields.encode(data, forKey: .data)
    }

    public var description: String {
        "PublishedEvent(type: \(type), data: …)"
    }
}

/// Somebody wrote in a conversation of another platform: deliver it there.
public struct MessageOutboundEvent: Codable, Hashable, Sendable {
    /// The message.
    public var message: Message
    /// Its conversation.
    public var conversation: Conversation

    public init(message: Message, conversation: Conversation) {
        self.message = message
        self.conversation = conversation
    }
}

/// Something happened for people who have no connection. No content travels here.
public struct PushWantedEvent: Codable, Hashable, Sendable {
    /// Who.
    public var userIDs: [UserID]
    /// What it is about.
    public var kind: PushKind
    /// The id of the message, notification or call.
    public var id: String
    /// How much it matters.
    public var priority: Priority

    public init(userIDs: [UserID], kind: PushKind, id: String, priority: Priority) {
        self.userIDs = userIDs
        self.kind = kind
        self.id = id
        self.priority = priority
    }

    private enum CodingKeys: String, CodingKey {
        case userIDs = "userIds"
        case kind
        case id
        case priority
    }
}

/// What a push notification would be about.
public enum PushKind: Word {
    /// A message.
    case message
    /// A notification.
    case notification
    /// A call.
    case call
    /// A word of a later version.
    case other(String)

    public static let known: [PushKind] = [.message, .notification, .call]

    public init(word: String) {
        switch word {
        case "message": self = .message
        case "notification": self = .notification
        case "call": self = .call
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .message: "message"
        case .notification: "notification"
        case .call: "call"
        case .other(let word): word
        }
    }
}
