import Foundation

/// A room that was joined. It is left when its last handle is gone.
///
/// ```swift
/// let room = try await client.join(.chat("dr-lee", "ana"), snapshot: true)
/// try await room.send("Hello")
/// for await event in room.events() {
///     if let message = event.newMessage { try await room.markRead(message.id) }
/// }
/// ```
public final class Room: Sendable {
    /// The client it was joined with.
    public let client: CarewireClient
    /// What the server said when the room was joined.
    public let joined: RoomJoinReply
    private let membership: Membership
    private let streams: Streams

    init(_ client: CarewireClient, _ membership: Membership, _ streams: Streams, _ joined: RoomJoinReply) {
        self.client = client
        self.membership = membership
        self.streams = streams
        self.joined = joined
    }

    /// The room.
    public var id: RoomID { membership.id }

    /// The state of the room when it was joined, where it was asked for.
    public var snapshot: Snapshot? { joined.snapshot }

    /// How far the members had received and read when the room was joined.
    public var receipts: [UserID: Receipts] { joined.receipts }

    /// What happens in the room, and to the connection. The first stream begins with the join, so
    /// nothing falls between joining and listening; further ones begin now.
    public func events() -> EventStream<Event> { streams.all() }

    func streamOf<Element: Sendable>(_ pick: @escaping @Sendable (Event) -> Element?) -> EventStream<Element> {
        streams.of(pick)
    }

    /// Sends a text. It is durable when this returns; without a connection it waits in the queue.
    @discardableResult
    public func send(
        _ body: String,
        attachments: [Attachment] = [],
        replyTo: MessageID? = nil,
        metadata: JSONValue? = nil,
        composedAt: Date? = nil,
        key: Key? = nil
    ) async throws -> Message {
        let send = MessageSendCommand(
            roomID: id, body: body, attachments: attachments, replyTo: replyTo, metadata: metadata,
            composedAt: composedAt)
        return try await client.request(send, key: key).message
    }

    /// Replaces the body of one's own message.
    public func edit(_ message: MessageID, body: String) async throws {
        try await client.request(MessageEditCommand(messageID: message, body: body))
    }

    /// Deletes a message.
    public func delete(_ message: MessageID) async throws {
        try await client.request(MessageDeleteCommand(messageID: message))
    }

    /// Adds one's reaction to a message.
    public func react(_ message: MessageID, emoji: String) async throws {
        try await client.request(MessageReactCommand(messageID: message, emoji: emoji))
    }

    /// Takes one's reaction back.
    public func unreact(_ message: MessageID, emoji: String) async throws {
        try await client.request(MessageUnreactCommand(messageID: message, emoji: emoji))
    }

    /// The person has read everything up to this message. That it was received the client says by
    /// itself.
    public func markRead(_ message: MessageID) async throws {
        try await client.request(MessageReadCommand(roomID: id, messageID: message))
    }

    /// Older messages, oldest first: the newest fifty, unless something else is asked for.
    public func history(
        before: MessageID? = nil,
        after: MessageID? = nil,
        replyTo: MessageID? = nil,
        limit: Int? = nil
    ) async throws -> MessageHistoryReply {
        try await client.request(
            MessageHistoryCommand(roomID: id, before: before, after: after, replyTo: replyTo, limit: limit))
    }

    /// The person pressed a key. Call it on every one: the client tells the others when the person
    /// begins, repeats it every three seconds, and says that they stopped four and a half seconds
    /// after the last key or when the message is sent.
    public func typing() { client.typing(id) }

    /// The person has stopped writing, for instance by emptying the field.
    public func stoppedTyping() { client.stoppedTyping(id) }

    /// Who is there now, in the order of their ids.
    public func participants() async throws -> [Participant] {
        try await allPages { cursor in
            let page = try await client.request(RoomParticipantsCommand(roomID: id, cursor: cursor))
            return (page.participants, page.cursor)
        }
    }

    /// Loads the state of the room anew, as of exactly the position from which its events follow:
    /// what to do after `Event.resynced`.
    public func reload() async throws -> RoomJoinReply {
        try await client.request(RoomJoinCommand(roomID: id, snapshot: true))
    }

    /// Publishes an event of the application's own to whoever is there now. Fails with
    /// `CarewireError.offline` without a connection.
    public func publish(_ event: String, _ payload: JSONValue) async throws {
        try await client.request(RoomPublishCommand(roomID: id, event: event, payload: payload))
    }

    /// Publishes an event of the application's own that is kept and replayed. Queued while there is
    /// no connection. Returns its offset.
    @discardableResult
    public func publishRetained(_ event: String, _ payload: JSONValue) async throws -> Int? {
        try await client.request(RoomPublishCommand(roomID: id, event: event, payload: payload, retain: true)).offset
    }

    /// Leaves the room now, if this is its last handle.
    public func leave() { membership.end() }
}

extension CarewireClient {
    /// Joins a room. Joining is reading: its events follow until the last handle is gone. After a
    /// reconnect the client is there again, and what was missed is replayed. Waits for a
    /// connection.
    ///
    /// - Parameter snapshot: with the state of the room, as of exactly the moment from which its
    ///   events follow.
    public func join(_ room: RoomID, snapshot: Bool = false) async throws -> Room {
        let streams = Streams(known.hub) { $0.concerns(room) }
        let membership = Membership(self, room)
        let join = RoomJoinCommand(roomID: room, snapshot: snapshot ? true : nil)
        return Room(self, membership, streams, try await request(join))
    }
}

/// One handle's share in being there; it ends with the handle.
final class Membership: Sendable {
    let id: RoomID
    private let client: CarewireClient
    private let left = Locked(false)

    init(_ client: CarewireClient, _ id: RoomID) {
        self.client = client
        self.id = id
        client.rooms.hold(id)
    }

    deinit { end() }

    func end() {
        if left.first(), client.rooms.letGo(id) { client.sendAndForget(RoomLeaveCommand(roomID: id)) }
    }
}

extension Locked<Bool> {
    /// Whether nobody has said so before.
    func first() -> Bool {
        with { was in
            defer { was = true }
            return !was
        }
    }
}

/// Everything of a list that comes in pages.
func allPages<Element>(_ page: (String?) async throws -> ([Element], String?)) async throws -> [Element] {
    var all = [Element]()
    var cursor: String?
    repeat {
        let (entries, next) = try await page(cursor)
        all += entries
        cursor = next
    } while cursor != nil
    return all
}
