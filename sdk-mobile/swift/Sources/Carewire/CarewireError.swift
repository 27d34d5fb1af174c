import CarewireCore

/// Why something did not work. A cancelled task is no such reason: it throws `CancellationError`.
public enum CarewireError: Error, Hashable, Sendable {
    /// The server refused it, or it breaks a rule of the contract that the client checks itself.
    case refused(ErrorReply)
    /// It waited too long and was never sent: it has certainly had no effect.
    case expired
    /// It was sent and never answered: it may have had its effect. Load the state again.
    case unknown
    /// The queue for commands that wait for a connection is full.
    case queueFull
    /// It is about this moment, and there is no connection.
    case offline
    /// It is larger than the server takes.
    case payloadTooLarge(String)
    /// The client is closed.
    case closed(CloseReason)
    /// The reply is not of the type that the contract names. The command did succeed.
    case badReply(String)
    /// The client cannot work as it was configured.
    case invalidConfiguration(String)
    /// Something that only a later version of the core says.
    case other(code: String, reason: String)

    /// For programs: the server's code, or one of the SDK's own.
    public var code: String {
        switch self {
        case .refused(let error): error.code.word
        case .expired: "expired"
        case .unknown: "unknown"
        case .queueFull: "queue_full"
        case .offline: "offline"
        case .payloadTooLarge: "payload_too_large"
        case .closed: "closed"
        case .badReply: "bad_reply"
        case .invalidConfiguration: "invalid_options"
        case .other(let code, _): code
        }
    }

    /// For people.
    public var reason: String {
        switch self {
        case .refused(let error): error.message
        case .expired: "the command grew too old before it could be sent"
        case .unknown: "the command was sent and never answered"
        case .queueFull: "the queue of waiting commands is full"
        case .offline: "there is no connection"
        case .closed(let reason): "the client is closed: \(reason)"
        case .payloadTooLarge(let reason), .badReply(let reason), .invalidConfiguration(let reason),
            .other(_, let reason):
            reason
        }
    }

    /// When to come again, where the server said so.
    public var retryAfter: Duration? {
        if case .refused(let error) = self { error.retryAfter } else { nil }
    }
}

/// A token provider throws it when nobody is signed in: the client closes.
public struct SignedOut: Error {
    public init() {}
}

/// Runs a call of the core. What fails is a `CarewireError`; a cancelled task stops waiting.
func calling<Value: Sendable>(_ call: (CancelToken) async throws -> Value) async throws -> Value {
    let cancel = CancelToken()
    return try await withTaskCancellationHandler {
        do {
            return try await call(cancel)
        } catch let failure as Failure {
            throw failure.forApplications
        }
    } onCancel: {
        cancel.cancel()
    }
}

extension Failure {
    var forApplications: any Error {
        switch self {
        case .Cancelled:
            CancellationError()
        case .Failed(_, _, let refusal?):
            (try? read(ErrorReply.self, refusal)).map { CarewireError.refused($0) } ?? CarewireError.badReply(refusal)
        case .Failed(let code, let reason, nil):
            CarewireError(code: code, reason: reason)
        }
    }
}

extension CarewireError {
    fileprivate init(code: String, reason: String) {
        self =
            switch code {
            case "expired": .expired
            case "unknown": .unknown
            case "queue_full": .queueFull
            case "offline": .offline
            case "payload_too_large": .payloadTooLarge(reason)
            case "closed": .closed(CloseReason(word: reason))
            case "bad_reply": .badReply(reason)
            case "invalid_options": .invalidConfiguration(reason)
            default: .other(code: code, reason: reason)
            }
    }
}
