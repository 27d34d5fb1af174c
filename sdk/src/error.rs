//! Why something did not work.

use crate::Refusal;
use carewire_protocol::{ErrorCode, ErrorReply};
use std::fmt;

/// Why a request did not get its reply.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError<R = ErrorReply> {
    /// The server refused it, or it breaks a rule of the contract that the client checks itself.
    #[error(transparent)]
    Refused(#[from] R),
    /// It waited too long and was never sent: it has certainly had no effect.
    #[error("the command grew too old before it could be sent")]
    Expired,
    /// It was sent and never answered: it may have had its effect. Load the state again.
    #[error("the command was sent and never answered")]
    Unknown,
    /// The application has withdrawn it before it was sent: it has certainly had no effect.
    #[error("the command was withdrawn before it was sent")]
    Withdrawn,
    /// The queue for commands that wait for a connection is full.
    #[error("the queue of waiting commands is full")]
    QueueFull,
    /// It is about this moment, and there is no connection.
    #[error("there is no connection")]
    Offline,
    /// It is larger than the server takes.
    #[error("the command has {size} bytes, the server takes {most}")]
    PayloadTooLarge {
        /// Its size on the wire, in bytes.
        size: usize,
        /// The server's limit, in bytes.
        most: usize,
    },
    /// The client is closed.
    #[error("the client is closed: {0}")]
    Closed(CloseReason),
    /// The reply is not of the type that the contract names. The command did succeed.
    #[error("the reply cannot be read: {0}")]
    BadReply(String),
}

impl<R> RequestError<R> {
    /// The code of what the SDK itself says.
    pub(crate) fn own_code(&self) -> &'static str {
        match self {
            Self::Refused(_) => ErrorCode::Internal.as_str(),
            Self::Expired => "expired",
            Self::Unknown => "unknown",
            Self::Withdrawn => "withdrawn",
            Self::QueueFull => "queue_full",
            Self::Offline => "offline",
            Self::PayloadTooLarge { .. } => "payload_too_large",
            Self::Closed(_) => "closed",
            Self::BadReply(_) => "bad_reply",
        }
    }
}

impl RequestError<Refusal> {
    /// With the refusal read.
    pub fn read(self) -> RequestError {
        match self {
            Self::Refused(refusal) => RequestError::Refused(refusal.read()),
            Self::Expired => RequestError::Expired,
            Self::Unknown => RequestError::Unknown,
            Self::Withdrawn => RequestError::Withdrawn,
            Self::QueueFull => RequestError::QueueFull,
            Self::Offline => RequestError::Offline,
            Self::PayloadTooLarge { size, most } => RequestError::PayloadTooLarge { size, most },
            Self::Closed(reason) => RequestError::Closed(reason),
            Self::BadReply(why) => RequestError::BadReply(why),
        }
    }
}

impl RequestError {
    /// The code for programs: the server's, or one of the SDK's own `expired`, `unknown`, `withdrawn`,
    /// `queue_full`, `offline`, `payload_too_large`, `closed` and `bad_reply`.
    ///
    /// ```
    /// assert_eq!(carewire::RequestError::QueueFull.code(), "queue_full");
    /// ```
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(error) => error.code.as_str(),
            other => other.own_code(),
        }
    }

    /// The server's error, where it was the server that refused.
    pub fn refusal(&self) -> Option<&ErrorReply> {
        match self {
            Self::Refused(error) => Some(error),
            _ => None,
        }
    }

    /// Whether the server refused with this code.
    pub fn is(&self, code: &ErrorCode) -> bool {
        self.refusal().is_some_and(|error| error.code == *code)
    }
}

/// Why a client is closed for good.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// The application closed it, or dropped its last handle.
    ByApplication,
    /// The token provider said that nobody is signed in.
    SignedOut,
    /// 4401: the token is missing, invalid or expired, and a new one did not help.
    Unauthenticated,
    /// 4400: the server says that this client broke the protocol.
    Violation,
    /// 4403: forbidden.
    Forbidden,
    /// 4409: disconnected by an administrator.
    Disconnected,
    /// 4410: logged off for inactivity.
    Idle,
    /// 4411: another connection with the same client id took its place.
    Replaced,
    /// A final close code of a later version.
    Other(u16),
}

impl CloseReason {
    /// The reason that a final close code stands for.
    pub const fn from_code(code: u16) -> Self {
        use carewire_protocol::error::close;
        match code {
            close::VIOLATION => Self::Violation,
            close::UNAUTHENTICATED => Self::Unauthenticated,
            close::FORBIDDEN => Self::Forbidden,
            close::DISCONNECTED => Self::Disconnected,
            close::IDLE => Self::Idle,
            close::REPLACED => Self::Replaced,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByApplication => "closed by the application",
            Self::SignedOut => "signed out",
            Self::Unauthenticated => "the token was refused",
            Self::Violation => "the server reports a protocol violation",
            Self::Forbidden => "forbidden",
            Self::Disconnected => "disconnected by an administrator",
            Self::Idle => "logged off for inactivity",
            Self::Replaced => "replaced by a newer connection of the same client",
            Self::Other(code) => return write!(f, "closed with {code}"),
        })
    }
}

/// Why a client could not connect. A network that is down is no such reason: the client waits for
/// it and tries again.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// It is closed for good.
    #[error("{0}")]
    Closed(CloseReason),
    /// The address is not one of a WebSocket server.
    #[error("the address must begin with ws:// or wss:// and name a host")]
    InvalidUrl,
    /// The client was built without a token and without a token provider.
    #[error("the client needs a token or a token provider")]
    NoToken,
    /// The operating system has no randomness.
    #[error("the operating system has no randomness")]
    NoRandomness,
    /// The TLS configuration does not work.
    #[error("TLS: {0}")]
    Tls(String),
}

/// Why a token provider has no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It may work later; the client asks again, with backoff.
    #[error("no token at present: {0}")]
    Temporary(String),
    /// Nobody is signed in. The client closes.
    #[error("signed out")]
    SignedOut,
}

impl TokenError {
    /// It may work later.
    pub fn temporary(cause: impl fmt::Display) -> Self {
        Self::Temporary(cause.to_string())
    }
}
