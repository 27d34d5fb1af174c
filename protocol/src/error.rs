//! What went wrong, for programs and for people.

use crate::{Millis, PrivateJson};

open_enum! {
    /// The codes of the contract, section 4. Programs decide by the code, people read the message.
    pub enum ErrorCode {
        /// A command before authentication, or an empty token.
        NoToken = "no_token",
        /// Bad signature, algorithm or claims, or another tenant on refresh.
        InvalidToken = "invalid_token",
        /// The token's `exp` has passed.
        TokenExpired = "token_expired",
        /// Not JSON, not an object, no `type`, or nested too deep.
        Malformed = "malformed",
        /// No such command.
        UnknownType = "unknown_type",
        /// A field is wrong; `field` names it.
        InvalidInput = "invalid_input",
        /// Not allowed.
        AccessDenied = "access_denied",
        /// No such room, or one of another tenant.
        RoomNotFound = "room_not_found",
        /// The action needs membership first.
        NotJoined = "not_joined",
        /// No such message.
        MessageNotFound = "message_not_found",
        /// No such call.
        CallNotFound = "call_not_found",
        /// The call is not in a state that allows it, or the user is busy.
        CallConflict = "call_conflict",
        /// Somebody else holds the lease, or the fencing token is stale.
        RecordLocked = "record_locked",
        /// Too many; `retryAfterMs` says when to come again.
        RateLimited = "rate_limited",
        /// Larger than the server takes.
        PayloadTooLarge = "payload_too_large",
        /// More rooms than one connection may join.
        TooManyRooms = "too_many_rooms",
        /// The server cannot do it now; it may work again soon.
        Unavailable = "unavailable",
        /// A fault of the server. The cause is in its log, never here.
        Internal = "internal",
    }
}

wire! {
    /// The error object, in `error` frames and as the body of refused HTTP calls.
    pub struct ErrorReply {
        /// For programs.
        pub code: ErrorCode,
        /// For people.
        pub message: String,
        /// The field that is wrong, for `invalid_input`.
        pub field: Option<String>,
        /// When to come again, for `rate_limited` and `unavailable`.
        pub retry_after_ms: Option<Millis>,
        /// More, by code: the holder of a lease, the call that is in the way.
        pub details: Option<PrivateJson>,
    }
}

impl std::error::Error for ErrorReply {}

impl std::fmt::Display for ErrorReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl ErrorReply {
    /// An error with its message and nothing else.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: None,
            retry_after_ms: None,
            details: None,
        }
    }

    /// `no_token`, with the message of the contract.
    pub fn no_token() -> Self {
        Self::new(
            ErrorCode::NoToken,
            "Authentication error: No token provided",
        )
    }

    /// `invalid_token`, with the message of the contract.
    pub fn invalid_token() -> Self {
        Self::new(
            ErrorCode::InvalidToken,
            "Authentication error: Invalid token",
        )
    }

    /// `token_expired`, with the message of the contract.
    pub fn token_expired() -> Self {
        Self::new(
            ErrorCode::TokenExpired,
            "Authentication error: Token expired",
        )
    }

    /// `malformed`: what the frame lacks.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Malformed, message)
    }

    /// `invalid_input`, naming the field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            ..Self::new(ErrorCode::InvalidInput, message)
        }
    }

    /// `access_denied` to a room.
    pub fn room_denied() -> Self {
        Self::new(ErrorCode::AccessDenied, "Access denied to this room")
    }

    /// `access_denied` to a conversation's messages.
    pub fn conversation_denied() -> Self {
        Self::new(
            ErrorCode::AccessDenied,
            "Access denied to this conversation",
        )
    }

    /// `access_denied` to an `admin:` channel.
    pub fn admin_channel_denied() -> Self {
        Self::new(
            ErrorCode::AccessDenied,
            "Insufficient permissions for admin channels",
        )
    }

    /// `access_denied` to anything else.
    pub fn denied() -> Self {
        Self::new(ErrorCode::AccessDenied, "Access denied")
    }

    /// `room_not_found`.
    pub fn room_not_found() -> Self {
        Self::new(ErrorCode::RoomNotFound, "Room not found")
    }

    /// `message_not_found`.
    pub fn message_not_found() -> Self {
        Self::new(ErrorCode::MessageNotFound, "Message not found")
    }

    /// `not_joined`.
    pub fn not_joined() -> Self {
        Self::new(ErrorCode::NotJoined, "Join the room first")
    }

    /// `rate_limited`, with the time after which it works again.
    pub fn rate_limited(retry_after: impl Into<Millis>) -> Self {
        Self {
            retry_after_ms: Some(retry_after.into()),
            ..Self::new(ErrorCode::RateLimited, "Too many requests, slow down")
        }
    }

    /// `unavailable`.
    pub fn unavailable() -> Self {
        Self::new(ErrorCode::Unavailable, "Temporarily unavailable, try again")
    }

    /// `internal`, without a cause.
    pub fn internal() -> Self {
        Self::new(ErrorCode::Internal, "Internal error")
    }
}

/// The close codes of the contract. 4400–4499 are final, everything else is retried.
pub mod close {
    /// Normal end.
    pub const NORMAL: u16 = 1000;
    /// The server goes away.
    pub const GOING_AWAY: u16 = 1001;
    /// The peer broke the WebSocket protocol.
    pub const PROTOCOL_ERROR: u16 = 1002;
    /// A text that is not UTF-8.
    pub const INVALID_UTF8: u16 = 1007;
    /// A message larger than allowed.
    pub const TOO_LARGE: u16 = 1009;
    /// The server failed.
    pub const INTERNAL: u16 = 1011;
    /// The peer broke the Carewire protocol.
    pub const VIOLATION: u16 = 4400;
    /// Token missing, invalid or expired.
    pub const UNAUTHENTICATED: u16 = 4401;
    /// Forbidden.
    pub const FORBIDDEN: u16 = 4403;
    /// Disconnected by an administrator.
    pub const DISCONNECTED: u16 = 4409;
    /// Logged off for inactivity.
    pub const IDLE: u16 = 4410;
    /// Replaced by a newer connection of the same client.
    pub const REPLACED: u16 = 4411;
    /// No authentication in time.
    pub const AUTH_TIMEOUT: u16 = 4501;
    /// Too many connections of one user.
    pub const TOO_MANY: u16 = 4502;
    /// The server shuts down.
    pub const SHUTDOWN: u16 = 4503;
    /// The client reads too slowly.
    pub const TOO_SLOW: u16 = 4508;

    /// Whether a client must not come back by itself.
    pub const fn is_final(code: u16) -> bool {
        code >= 4400 && code <= 4499
    }
}
