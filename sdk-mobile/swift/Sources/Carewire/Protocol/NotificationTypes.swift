// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// Asks for one's notifications, the newest first.
public struct NotificationListCommand: Command {
    public typealias Reply = NotificationListReply
    public static let wireName = "notification:list"

    /// Only those not read yet.
    public var unreadOnly: Bool?
    /// Where the former page ended.
    public var cursor: String?
    /// How many: 1 to 100, 50 when left out.
    public var limit: Int?

    public init(unreadOnly: Bool? = nil, cursor: String? = nil, limit: Int? = nil) {
        self.unreadOnly = unreadOnly
        self.cursor = cursor
        self.limit = limit
    }
}

/// A page of notifications.
public struct NotificationListReply: Codable, Hashable, Sendable {
    /// The newest first.
    public var notifications: [NotificationInfo]
    /// Set when there are more.
    public var cursor: String?

    public init(notifications: [NotificationInfo], cursor: String? = nil) {
        self.notifications = notifications
        self.cursor = cursor
    }
}

/// A notification.
public struct NotificationInfo: Codable, Hashable, Sendable, Private {
    /// The notification.
    public var id: NotificationID
    /// What it is about.
    public var kind: NotificationKind
    /// Its heading.
    public var title: String
    /// Its text.
    public var message: String
    /// How much it matters.
    public var priority: Priority
    /// The topic it was sent to, where that is not one person.
    public var topic: TopicName?
    /// Any JSON of the application.
    public var data: JSONValue?
    /// When it was stored.
    public var createdAt: Date
    /// When it was read.
    public var readAt: Date?

    public init(
        id: NotificationID,
        kind: NotificationKind,
        title: String,
        message: String,
        priority: Priority,
        topic: TopicName? = nil,
        data: JSONValue? = nil,
        createdAt: Date,
        readAt: Date? = nil
    ) {
        self.id = id
        self.kind = kind
        self.title = title
        self.message = message
        self.priority = priority
        self.topic = topic
        self.data = data
        self.createdAt = createdAt
        self.readAt = readAt
    }

    public var description: String {
        "NotificationInfo(id: \(id), kind: \(kind), title: …, message: …, priority: \(priority), topic: \(shown(topic)), data: …, createdAt: \(createdAt), readAt: \(shown(readAt)))"
    }
}

/// How much it matters.
public enum Priority: Word {
    /// Can wait.
    case low
    /// As usual.
    case normal
    /// Soon.
    case high
    /// Now.
    case urgent
    /// A word of a later version.
    case other(String)

    public static let known: [Priority] = [.low, .normal, .high, .urgent]

    public init(word: String) {
        switch word {
        case "low": self = .low
        case "normal": self = .normal
        case "high": self = .high
        case "urgent": self = .urgent
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .low: "low"
        case .normal: "normal"
        case .high: "high"
        case .urgent: "urgent"
        case .other(let word): word
        }
    }
}

/// Marks a notification as read.
public struct NotificationReadCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "notification:read"

    /// Which.
    public var notificationID: NotificationID

    public init(notificationID: NotificationID) {
        self.notificationID = notificationID
    }

    private enum CodingKeys: String, CodingKey {
        case notificationID = "notificationId"
    }
}

/// Marks all notifications as read.
public struct NotificationReadAllCommand: Command {
    public typealias Reply = NotificationReadAllReply
    public static let wireName = "notification:readAll"

    /// The newest that was shown, so that one arriving meanwhile stays unread.
    public var upTo: NotificationID?

    public init(upTo: NotificationID? = nil) {
        self.upTo = upTo
    }
}

/// Marked.
public struct NotificationReadAllReply: Codable, Hashable, Sendable {
    /// How many were unread before.
    public var markedCount: Int

    public init(markedCount: Int) {
        self.markedCount = markedCount
    }
}

/// Asks how many are unread.
public struct NotificationGetUnreadCountCommand: Command {
    public typealias Reply = NotificationGetUnreadCountReply
    public static let wireName = "notification:getUnreadCount"

    public init() {
    }
}

/// How many are unread.
public struct NotificationGetUnreadCountReply: Codable, Hashable, Sendable {
    /// Those of topics included.
    public var unreadCount: Int

    public init(unreadCount: Int) {
        self.unreadCount = unreadCount
    }
}

/// Subscribes the user to topics, on all devices and for the future.
public struct NotificationSubscribeCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "notification:subscribe"

    /// Which.
    public var topics: [TopicName]

    public init(topics: [TopicName]) {
        self.topics = topics
    }
}

/// Ends such subscriptions.
public struct NotificationUnsubscribeCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "notification:unsubscribe"

    /// Which.
    public var topics: [TopicName]

    public init(topics: [TopicName]) {
        self.topics = topics
    }
}

/// A notification was stored.
public struct NotificationNewEvent: Codable, Hashable, Sendable {
    /// The notification.
    public var notification: NotificationInfo

    public init(notification: NotificationInfo) {
        self.notification = notification
    }
}

/// Another of one's devices marked notifications as read.
public struct NotificationReadEvent: Codable, Hashable, Sendable {
    /// Which.
    public var notificationIDs: [NotificationID]
    /// How many remain unread.
    public var unreadCount: Int

    public init(notificationIDs: [NotificationID], unreadCount: Int) {
        self.notificationIDs = notificationIDs
        self.unreadCount = unreadCount
    }

    private enum CodingKeys: String, CodingKey {
        case notificationIDs = "notificationIds"
        case unreadCount
    }
}

/// The user is now subscribed.
public struct NotificationSubscribedEvent: Codable, Hashable, Sendable {
    /// To which topics.
    public var topics: [TopicName]

    public init(topics: [TopicName]) {
        self.topics = topics
    }
}

/// The user is no longer subscribed.
public struct NotificationUnsubscribedEvent: Codable, Hashable, Sendable {
    /// To which topics.
    public var topics: [TopicName]

    public init(topics: [TopicName]) {
        self.topics = topics
    }
}
