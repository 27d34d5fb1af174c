/// A channel that was subscribed to, as long as its last handle is held.
public final class Channel: Sendable {
    /// What the server said when it was subscribed to.
    public let joined: RoomJoinReply
    private let client: CarewireClient
    private let membership: Membership
    private let streams: Streams

    init(_ client: CarewireClient, _ membership: Membership, _ streams: Streams, _ joined: RoomJoinReply) {
        self.client = client
        self.membership = membership
        self.streams = streams
        self.joined = joined
    }

    /// The channel.
    public var id: RoomID { membership.id }

    /// Publishes. Queued while there is no connection.
    public func publish(_ event: String, _ payload: JSONValue) async throws {
        try await client.request(ChannelPublishCommand(channel: id, event: event, payload: payload))
    }

    /// What happens there. The first stream begins with the subscription.
    public func events() -> EventStream<ChannelEvent> {
        streams.of { event in
            if event.isLoss { return .missed }
            if case .channelEvent(let event)? = event.data { return .published(event) }
            return nil
        }
    }

    /// Unsubscribes now, if this is its last handle.
    public func leave() { membership.end() }
}

extension CarewireClient {
    /// Subscribes to a channel. After a reconnect the client is there again, and what was missed is
    /// replayed.
    public func channel(_ channel: RoomID) async throws -> Channel {
        let streams = Streams(known.hub) { $0.concerns(channel) }
        let membership = Membership(self, channel)
        let joined = try await request(ChannelSubscribeCommand(channel: channel))
        return Channel(self, membership, streams, joined)
    }
}

/// What happens in a channel.
public enum ChannelEvent: Hashable, Sendable {
    /// Somebody published, oneself included.
    case published(ChannelEventEvent)
    /// Something was missed and will not come.
    case missed
}
