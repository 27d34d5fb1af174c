/// Presence: one's own status, and that of others. From `CarewireClient.presence`.
public struct PresenceAPI: Sendable {
    let client: CarewireClient

    /// Asks once.
    public func get(_ people: [UserID]) async throws -> [Presence] {
        try await client.request(PresenceGetCommand(userIDs: people)).presences
    }

    /// Sets one's own status on all devices, with a few words beside it. It outlives a reconnect.
    public func set(_ status: PresenceStatus, _ text: String? = nil) async throws {
        try await client.request(PresenceSetStatusCommand(status: status, customStatus: text))
    }

    /// Follows people until the subscription is gone, over reconnects.
    public func subscribe(_ people: some Sequence<UserID>) async throws -> PresenceSubscription {
        let subscription = PresenceSubscription(client, Set(people))
        let subscribe = PresenceSubscribeCommand(userIDs: subscription.people.sorted { $0.rawValue < $1.rawValue })
        subscription.take(try await client.request(subscribe).presences)
        return subscription
    }
}

/// Following the presence of people, as long as it is held.
public final class PresenceSubscription: Sendable {
    let people: Set<UserID>
    private let client: CarewireClient
    private let streams: Streams
    private let known = Locked([UserID: Presence]())
    private let ended = Locked(false)

    init(_ client: CarewireClient, _ people: Set<UserID>) {
        self.client = client
        self.people = people
        streams = Streams(client.known.hub)
        for person in people { client.people.hold(person) }
    }

    deinit { end() }

    /// The presences as far as they have been read from `changes`.
    public var current: [Presence] { known.with { Array($0.values) } }

    /// Each change. The first stream begins with the subscription.
    public func changes() -> EventStream<[Presence]> {
        streams.of { [self] event in
            let news: [Presence]
            if case .presenceChanged(let presence)? = event.data {
                news = take([presence])
            } else if case .resumed(let resumed) = event {
                news = take(resumed.presences)
            } else {
                return nil
            }
            return news.isEmpty ? nil : news
        }
    }

    /// Says which of them are news about the people followed.
    @discardableResult
    func take(_ presences: [Presence]) -> [Presence] {
        known.with { known in
            presences.filter { people.contains($0.userID) && known.updateValue($0, forKey: $0.userID) != $0 }
        }
    }

    /// Follows them no longer.
    public func end() {
        guard ended.first() else { return }
        let unwatched = people.filter { client.people.letGo($0) }
        if !unwatched.isEmpty { client.sendAndForget(PresenceUnsubscribeCommand(userIDs: Array(unwatched))) }
    }
}
