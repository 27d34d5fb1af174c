import CarewireCore

/// The state of the connection, for people to see.
public enum ConnectionState: Hashable, Sendable {
    /// Nobody has asked for a connection yet.
    case idle
    /// The first attempt is being made.
    case connecting
    /// Connected and authenticated.
    case connected
    /// The connection is lost, or could not be made. `attempt`: how many there were since the last
    /// healthy connection, this one included; `retryIn`: how long until it is made, `nil`: now.
    case reconnecting(attempt: Int, retryIn: Duration?)
    /// Closed for good.
    case closed(CloseReason)

    /// Whether commands reach the server now.
    public var isConnected: Bool { self == .connected }

    /// Whether it is closed for good.
    public var isClosed: Bool {
        if case .closed = self { true } else { false }
    }
}

/// Why a client is closed for good.
public enum CloseReason: Hashable, Sendable {
    /// The application closed it, or dropped it.
    case byApplication
    /// The token provider said that nobody is signed in.
    case signedOut
    /// 4401: the token is missing, invalid or expired, and a new one did not help.
    case unauthenticated
    /// 4400: the server says that this client broke the protocol.
    case violation
    /// 4403: forbidden.
    case forbidden
    /// 4409: disconnected by an administrator.
    case disconnected
    /// 4410: logged off for inactivity.
    case idle
    /// 4411: another connection with the same client id took its place.
    case replaced
    /// A final close code of a later version.
    case other(String)
}

extension CloseReason {
    init(word: String) {
        self =
            switch word {
            case "closed": .byApplication
            case "signed_out": .signedOut
            case "unauthorized": .unauthenticated
            case "protocol": .violation
            case "forbidden": .forbidden
            case "disconnected": .disconnected
            case "inactive": .idle
            case "replaced": .replaced
            default: .other(word)
            }
    }
}

extension ConnectionState {
    init(_ core: CarewireCore.ConnectionState) {
        self =
            switch core {
            case .idle: .idle
            case .connecting: .connecting
            case .connected: .connected
            case .reconnecting(let attempt, let retryInMs):
                .reconnecting(attempt: Int(attempt), retryIn: retryInMs.map { .milliseconds(Int64($0)) })
            case .closed(let reason): .closed(CloseReason(word: reason))
            }
    }
}
