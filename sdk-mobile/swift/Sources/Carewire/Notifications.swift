import Foundation

/// One's notifications. From `CarewireClient.notifications`.
public struct Notifications: Sendable {
    let client: CarewireClient

    /// One page, the newest first.
    public func list(
        unreadOnly: Bool = false,
        cursor: String? = nil,
        limit: Int? = nil
    ) async throws -> NotificationListReply {
        let list = NotificationListCommand(unreadOnly: unreadOnly ? true : nil, cursor: cursor, limit: limit)
        let page = try await client.request(list)
        if let newest = page.notifications.first { client.noteShown(newest) }
        return page
    }

    /// All that are unread, the newest first.
    public func unread() async throws -> [NotificationInfo] {
        try await allPages { cursor in
            let page = try await list(unreadOnly: true, cursor: cursor)
            return (page.notifications, page.cursor)
        }
    }

    /// How many are unread, on all devices.
    public func unreadCount() async throws -> Int {
        try await client.request(NotificationGetUnreadCountCommand()).unreadCount
    }

    /// The person has read one.
    public func markRead(_ notification: NotificationID) async throws {
        try await client.request(NotificationReadCommand(notificationID: notification))
    }

    /// The person has read all that this client has shown; one that arrives meanwhile stays unread.
    /// Says how many were unread before.
    @discardableResult
    public func markAllRead() async throws -> Int {
        let upTo = client.newestShown.with { $0?.id }
        return try await client.request(NotificationReadAllCommand(upTo: upTo)).markedCount
    }

    /// Subscribes the user to topics, on all devices and for the future.
    public func subscribe(_ topics: [TopicName]) async throws {
        try await client.request(NotificationSubscribeCommand(topics: topics))
    }

    /// Ends such subscriptions.
    public func unsubscribe(_ topics: [TopicName]) async throws {
        try await client.request(NotificationUnsubscribeCommand(topics: topics))
    }

    /// What happens to one's notifications from now on.
    public func events() -> EventStream<NotificationEvent> {
        Streams(client.known.hub).of { [weak client] event in
            if event.isLoss {
                let kind = event.about?.kind
                return kind == nil || kind == "notifications" || kind == "topic" ? .reload : nil
            }
            switch event.data {
            case .notificationNew(let new):
                client?.noteShown(new.notification)
                return .new(new.notification)
            case .notificationRead(let read): return .read(read)
            case .notificationSubscribed(let event): return .subscribed(event.topics)
            case .notificationUnsubscribed(let event): return .unsubscribed(event.topics)
            default: return nil
            }
        }
    }
}

extension CarewireClient {
    /// A notification was given to the application.
    fileprivate func noteShown(_ shown: NotificationInfo) {
        newestShown.with { newest in
            let isNewer = newest.map { ($0.createdAt, $0.id.rawValue) < (shown.createdAt, shown.id.rawValue) }
            if isNewer ?? true { newest = shown }
        }
    }
}

/// What happens to one's notifications.
public enum NotificationEvent: Hashable, Sendable {
    /// A notification, to oneself or to a topic of one's own.
    case new(NotificationInfo)
    /// One of one's devices marked notifications as read.
    case read(NotificationReadEvent)
    /// One is subscribed to topics from now on.
    case subscribed([TopicName])
    /// One is no longer.
    case unsubscribed([TopicName])
    /// Some were missed and will not come: list them again.
    case reload
}
