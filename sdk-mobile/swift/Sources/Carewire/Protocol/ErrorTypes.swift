// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// The error object, in `error` frames and as the body of refused HTTP calls.
public struct ErrorReply: Codable, Hashable, Sendable, Private {
    /// For programs.
    public var code: ErrorCode
    /// For people.
    public var message: String
    /// The field that is wrong, for `invalid_input`.
    public var field: String?
    /// When to come again, for `rate_limited` and `unavailable`.
    public var retryAfter: Duration?
    /// More, by code: the holder of a lease, the call that is in the way.
    public var details: JSONValue?

    public init(
        code: ErrorCode,
        message: String,
        field: String? = nil,
        retryAfter: Duration? = nil,
        details: JSONValue? = nil
    ) {
        self.code = code
        self.message = message
        self.field = field
        self.retryAfter = retryAfter
        self.details = details
    }

    private enum CodingKeys: String, CodingKey {
        case code
        case message
        case field
        case retryAfter = "retryAfterMs"
        case details
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.code = try fields.decode(ErrorCode.self, forKey: .code)
        self.message = try fields.decode(String.self, forKey: .message)
        self.field = try fields.decodeIfPresent(String.self, forKey: .field)
        self.retryAfter = try fields.millisIfPresent(.retryAfter)
        self.details = try fields.decodeIfPresent(JSONValue.self, forKey: .details)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(code, forKey: .code)
        try fields.encode(message, forKey: .message)
        try fields.encodeIfPresent(field, forKey: .field)
        try fields.encodeMillis(retryAfter, .retryAfter)
        try fields.encodeIfPresent(details, forKey: .details)
    }

    public var description: String {
        "ErrorReply(code: \(code), message: \(message), field: \(shown(field)), retryAfter: \(shown(retryAfter)), details: …)"
    }
}

/// The codes of the contract, section 4. Programs decide by the code, people read the message.
public enum ErrorCode: Word {
    /// A command before authentication, or an empty token.
    case noToken
    /// Bad signature, algorithm or claims, or another tenant on refresh.
    case invalidToken
    /// The token's `exp` has passed.
    case tokenExpired
    /// Not JSON, not an object, no `type`, or nested too deep.
    case malformed
    /// No such command.
    case unknownType
    /// A field is wrong; `field` names it.
    case invalidInput
    /// Not allowed.
    case accessDenied
    /// No such room, or one of another tenant.
    case roomNotFound
    /// The action needs membership first.
    case notJoined
    /// No such message.
    case messageNotFound
    /// No such call.
    case callNotFound
    /// The call is not in a state that allows it, or the user is busy.
    case callConflict
    /// Somebody else holds the lease, or the fencing token is stale.
    case recordLocked
    /// Too many; `retryAfterMs` says when to come again.
    case rateLimited
    /// Larger than the server takes.
    case payloadTooLarge
    /// More rooms than one connection may join.
    case tooManyRooms
    /// The server cannot do it now; it may work again soon.
    case unavailable
    /// A fault of the server. The cause is in its log, never here.
    case `internal`
    /// A word of a later version.
    case other(String)

    public static let known: [ErrorCode] = [.noToken, .invalidToken, .tokenExpired, .malformed, .unknownType, .invalidInput, .accessDenied, .roomNotFound, .notJoined, .messageNotFound, .callNotFound, .callConflict, .recordLocked, .rateLimited, .payloadTooLarge, .tooManyRooms, .unavailable, .`internal`]

    public init(word: String) {
        switch word {
        case "no_token": self = .noToken
        case "invalid_token": self = .invalidToken
        case "token_expired": self = .tokenExpired
        case "malformed": self = .malformed
        case "unknown_type": self = .unknownType
        case "invalid_input": self = .invalidInput
        case "access_denied": self = .accessDenied
        case "room_not_found": self = .roomNotFound
        case "not_joined": self = .notJoined
        case "message_not_found": self = .messageNotFound
        case "call_not_found": self = .callNotFound
        case "call_conflict": self = .callConflict
        case "record_locked": self = .recordLocked
        case "rate_limited": self = .rateLimited
        case "payload_too_large": self = .payloadTooLarge
        case "too_many_rooms": self = .tooManyRooms
        case "unavailable": self = .unavailable
        case "internal": self = .`internal`
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .noToken: "no_token"
        case .invalidToken: "invalid_token"
        case .tokenExpired: "token_expired"
        case .malformed: "malformed"
        case .unknownType: "unknown_type"
        case .invalidInput: "invalid_input"
        case .accessDenied: "access_denied"
        case .roomNotFound: "room_not_found"
        case .notJoined: "not_joined"
        case .messageNotFound: "message_not_found"
        case .callNotFound: "call_not_found"
        case .callConflict: "call_conflict"
        case .recordLocked: "record_locked"
        case .rateLimited: "rate_limited"
        case .payloadTooLarge: "payload_too_large"
        case .tooManyRooms: "too_many_rooms"
        case .unavailable: "unavailable"
        case .`internal`: "internal"
        case .other(let word): word
        }
    }
}
