//! The one error type of the server, and what of it a client gets to see.

use carewire_protocol::{ErrorCode, ErrorReply};
use sqlx::postgres::PgDatabaseError;

/// Why something was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The client may know why: the answer of the contract.
    #[error("refused: {0}")]
    Refused(ErrorReply),
    /// The database cannot be used now; it may work again soon.
    #[error("store unavailable: {0}")]
    Unavailable(String),
    /// A fault. Its cause goes to the log and never to a client.
    #[error("fault: {0}")]
    Fault(String),
}

/// What most functions of the server return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A denial in the words of the contract for everything but joins and messages, which alone
    /// speak of the room or the conversation.
    #[must_use]
    pub fn plain(self) -> Self {
        match self {
            Self::Refused(reply) if reply.code == ErrorCode::AccessDenied => {
                Self::Refused(ErrorReply::denied())
            }
            other => other,
        }
    }

    /// The answer for the client. Faults are logged here, once, and leave without their cause.
    pub fn into_reply(self) -> ErrorReply {
        match self {
            Self::Refused(reply) => reply,
            Self::Unavailable(cause) => {
                tracing::warn!(%cause, "store unavailable");
                ErrorReply::unavailable()
            }
            Self::Fault(cause) => {
                tracing::error!(%cause, "internal error");
                ErrorReply::internal()
            }
        }
    }
}

impl From<ErrorReply> for Error {
    fn from(reply: ErrorReply) -> Self {
        Self::Refused(reply)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        // The text of a database error can quote values, so only its kind and code are kept.
        match &error {
            sqlx::Error::Database(database) => {
                let code = database.code().unwrap_or_default().into_owned();
                let passes = if database.try_downcast_ref::<PgDatabaseError>().is_some() {
                    passes_in_postgres(&code)
                } else {
                    passes_in_sqlite(&code)
                };
                if passes {
                    Self::Unavailable(format!("database code {code}"))
                } else {
                    Self::Fault(format!("database code {code}"))
                }
            }
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Unavailable(error.to_string())
            }
            // An answer that breaks off; its text may quote what was read.
            sqlx::Error::Protocol(_) => Self::Unavailable("database protocol".into()),
            sqlx::Error::Io(error) => Self::Unavailable(format!("database i/o: {}", error.kind())),
            sqlx::Error::ColumnDecode { index, .. } => {
                Self::Fault(format!("database column {index} cannot be decoded"))
            }
            other => {
                let text = format!("{other:?}");
                let kind: String = text
                    .chars()
                    .take_while(char::is_ascii_alphanumeric)
                    .collect();
                Self::Fault(format!("database {kind}"))
            }
        }
    }
}

/// 5 busy, 6 locked, 10 I/O, 13 full, 14 cannot open.
fn passes_in_sqlite(code: &str) -> bool {
    let primary = code.parse::<u32>().unwrap_or_default() & 0xff;
    matches!(primary, 5 | 6 | 10 | 13 | 14)
}

/// Classes of errors that are no fault of a statement: connections, transactions that ended
/// early, a standby, resources, locks, operators, the system.
fn passes_in_postgres(code: &str) -> bool {
    const CLASSES: [&str; 7] = ["08", "25", "40", "53", "55", "57", "58"];
    CLASSES.iter().any(|class| code.starts_with(class))
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Fault(format!(
            "stored JSON: {:?} at column {}",
            error.classify(),
            error.column()
        ))
    }
}

impl From<carewire_protocol::id::InvalidId> for Error {
    fn from(error: carewire_protocol::id::InvalidId) -> Self {
        Self::Fault(format!("stored id: {error}"))
    }
}

impl From<carewire_protocol::room_id::InvalidRoom> for Error {
    fn from(_: carewire_protocol::room_id::InvalidRoom) -> Self {
        Self::Fault("stored room name".into())
    }
}
