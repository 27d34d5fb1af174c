import CarewireCore
import Foundation

/// How a client behaves. Everything has a default.
public struct Configuration: Sendable {
    /// The name of this client object; a random one otherwise. A newer connection of the same user
    /// and client id replaces the older one, so no two clients may share it.
    public var clientID: ClientID?
    /// How long to wait between attempts to connect.
    public var backoff: Backoff
    /// What may wait for a connection.
    public var queue: Queue
    /// How long one attempt to open a socket may take: 10 s.
    public var dialTimeout: Duration?
    /// The certificate authorities to trust, and nobody else: a hospital's own, each a certificate
    /// in DER. Otherwise those that the system trusts.
    public var authorities: [Data]?
    /// A network that a test or a demonstration can cut.
    public var network: NetworkSwitch?

    public init(
        clientID: ClientID? = nil,
        backoff: Backoff = Backoff(),
        queue: Queue = Queue(),
        dialTimeout: Duration? = nil,
        authorities: [Data]? = nil,
        network: NetworkSwitch? = nil
    ) {
        self.clientID = clientID
        self.backoff = backoff
        self.queue = queue
        self.dialTimeout = dialTimeout
        self.authorities = authorities
        self.network = network
    }

    /// How long to wait between attempts to connect.
    public struct Backoff: Sendable {
        /// The first interval: 500 ms. Each further one is twice as long.
        public var first: Duration?
        /// The longest one: 20 s.
        public var most: Duration?

        public init(first: Duration? = nil, most: Duration? = nil) {
            self.first = first
            self.most = most
        }
    }

    /// What may wait for a connection.
    public struct Queue: Sendable {
        /// How many commands may be unanswered, sent or not: 1,000.
        public var commands: Int?
        /// How old a command may grow: one hour, at most 23.
        public var age: Duration?
        /// How many commands may be on their way into one room at once: 1. Only then is the order
        /// kept even where the server refuses one for the moment.
        public var inFlightPerRoom: Int?

        public init(commands: Int? = nil, age: Duration? = nil, inFlightPerRoom: Int? = nil) {
            self.commands = commands
            self.age = age
            self.inFlightPerRoom = inFlightPerRoom
        }
    }

    func options(_ url: String) -> Options {
        Options(
            url: url,
            clientId: clientID?.rawValue,
            firstRetryMs: millis(backoff.first),
            longestRetryMs: millis(backoff.most),
            dialTimeoutMs: millis(dialTimeout),
            queueCommands: queue.commands.map { UInt64($0) },
            queueAgeMs: millis(queue.age),
            inFlightPerRoom: queue.inFlightPerRoom.map { UInt64($0) },
            authorities: authorities
        )
    }

    private func millis(_ duration: Duration?) -> UInt64? {
        duration.map { UInt64(max(0, $0.wholeMilliseconds)) }
    }
}

/// Why a token is needed.
public enum TokenNeed: Hashable, Sendable {
    /// For a new connection.
    case connect
    /// For a new connection, because the server refused the last token: fetch another one.
    case refused
    /// For the present connection, whose token expires: fetch another one.
    case refresh

    init(_ core: CarewireCore.TokenNeed) {
        self =
            switch core {
            case .connect: .connect
            case .refused: .refused
            case .refresh: .refresh
            }
    }
}

/// Cuts a client off from its network and brings it back, as tests and demonstrations need.
public final class NetworkSwitch: Sendable {
    let core = Network()

    public init() {}

    /// Resets the connection and lets every attempt fail, until `heal`.
    public func cut() { core.cut() }

    /// Like `cut`, but nobody notices: what is sent disappears and nothing arrives.
    public func cutSilently() { core.cutSilently() }

    /// Lets new connections through again.
    public func heal() { core.heal() }
}
