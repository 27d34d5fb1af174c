import CarewireCore
import Foundation

/// A client of a Carewire server.
///
/// It connects with `connect`, stays connected through outages, and closes with `close` or when the
/// last reference to it and its handles is gone. The connection is lost and found again without
/// help: nothing retained is missed or delivered twice, and what the user did happens exactly once.
///
/// ```swift
/// let client = try CarewireClient(url: url) { _ in try await fetchToken() }
/// try await client.connect()
/// let room = try await client.join(.chat("dr-lee", "ana"), snapshot: true)
/// try await room.send("Hello")  // durable when it returns; queued while offline
/// for await event in room.events() {
///     if let message = event.newMessage { print(message.senderID) }
/// }
/// ```
public final class CarewireClient: Sendable {
    let known = Known()
    let rooms = Counts<RoomID>()
    let people = Counts<UserID>()
    let charts = Counts<UserID>()
    let newestShown = Locked(NotificationInfo?.none)
    private let core: Core

    /// A client, without any I/O. Nothing happens before `connect`.
    ///
    /// `token` is asked once for every connection, and again before the token of a connection
    /// expires. What it throws is tried again with backoff, except for `SignedOut`, which closes the
    /// client.
    public init(
        url: URL,
        configuration: Configuration = Configuration(),
        token: @escaping @Sendable (TokenNeed) async throws -> String
    ) throws {
        do {
            core = try Core(
                options: configuration.options(url.absoluteString),
                tokens: Tokens(token),
                listener: Ears(known),
                network: configuration.network?.core
            )
        } catch let failure as Failure {
            throw failure.forApplications
        }
    }

    /// The name of this client object: the origin of what it does.
    public var clientID: ClientID { ClientID(core.clientId()) }

    /// The state of the connection.
    public var state: ConnectionState { known.state.value }

    /// The state of the connection, now and whenever it changes.
    public var states: AsyncStream<ConnectionState> { known.state.stream() }

    /// How many commands wait to be confirmed by the server: what the user did while offline.
    public var queued: AsyncStream<Int> { known.queued.stream() }

    /// Who one is connected as; `nil` before the first connection.
    public var identity: ConnectedEvent? { known.identity.value }

    /// Everything that happens from now on. Each caller has a stream of its own.
    public func events() -> EventStream<Event> {
        Streams(known.hub).all()
    }

    /// Presence: one's own status, and that of others.
    public var presence: PresenceAPI { PresenceAPI(client: self) }

    /// Calls.
    public var calls: Calls { Calls(client: self) }

    /// Notifications to oneself and to one's topics.
    public var notifications: Notifications { Notifications(client: self) }

    /// Conversations, unread counts and threads.
    public var inbox: Inbox { Inbox(client: self) }

    /// Reports and live rows.
    public var reports: Reports { Reports(client: self) }

    /// Connects, and waits until the server has said who this is. Waits through outages: race it
    /// with a timer where that is too long; the client goes on trying.
    @discardableResult
    public func connect() async throws -> ConnectedEvent {
        let connected = try await calling { cancel in try await core.connect(cancel: cancel) }
        return try read(ConnectedEvent.self, connected)
    }

    /// Sends any command of the contract and waits for its reply.
    ///
    /// Commands that create or change something are queued while there is no connection and
    /// repeated until they are answered, so that they happen once. Queries wait for a connection.
    /// Live commands fail with `CarewireError.offline` without one.
    ///
    /// A cancelled task stops waiting; a command that was given to the client still happens.
    ///
    /// - Parameter key: for an application that stores its queue: the same key again does nothing
    ///   again.
    @discardableResult
    public func request<C: Command>(_ command: C, key: Key? = nil) async throws -> C.Reply {
        let data = try text(command)
        let reply = try await calling { cancel in
            try await core.request(name: C.wireName, data: data, key: key?.rawValue, cancel: cancel)
        }
        do {
            return try read(C.Reply.self, reply)
        } catch {
            throw CarewireError.badReply("the reply of \(C.wireName) cannot be read")
        }
    }

    /// Sends a command whose reply nobody waits for.
    func sendAndForget<C: Command>(_ command: C) {
        if let data = try? text(command) { core.send(name: C.wireName, data: data) }
    }

    func typing(_ room: RoomID) { core.typing(room: room.rawValue) }

    func stoppedTyping(_ room: RoomID) { core.stoppedTyping(room: room.rawValue) }

    /// The application is no longer seen: the socket is closed cleanly.
    public func background() { core.background() }

    /// The application is seen again: reconnects at once, and everything is resumed.
    public func foreground() { core.foreground() }

    /// The network changed: reconnects at once, or sees whether the connection lives.
    public func networkChanged(available: Bool) { core.networkChanged(available: available) }

    /// Does not wait out the present backoff.
    public func reconnectNow() { core.reconnectNow() }

    /// Closes for good, and waits until it is. Commands that are not answered yet fail with
    /// `CarewireError.closed`; streams end.
    public func close() async { await core.shutDown() }
}

extension AsyncSequence where Element == Event, Self: Sendable {
    /// The data of the events of the contract, with nothing around it.
    public var data: AsyncCompactMapSequence<Self, EventData> {
        compactMap { $0.data }
    }
}
