//! What the layer above is told.

use crate::ServerEvent;
use carewire::State;

/// Hears everything that happens to one client: in order, from one thread, never under a lock.
/// Whatever waits for it waits only here, so it hands on and returns.
#[uniffi::export(with_foreign)]
pub trait Listener: Send + Sync {
    /// An event of the contract.
    fn event(&self, event: ServerEvent) -> Result<(), ListenerFailure>;
    /// Something happened to the connection, a lease or a call; see `local.rs` for the JSON.
    fn local(&self, text: String) -> Result<(), ListenerFailure>;
    /// The connection is in another state. After `Closed` nothing follows.
    fn state(&self, state: ConnectionState) -> Result<(), ListenerFailure>;
    /// So many commands wait to be confirmed by the server.
    fn queued(&self, count: u64) -> Result<(), ListenerFailure>;
}

/// A listener that threw. The client goes on without it.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum ListenerFailure {
    /// It threw what it must not.
    #[error("a listener failed: {reason}")]
    Threw {
        /// What it said.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for ListenerFailure {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Threw {
            reason: error.reason,
        }
    }
}

/// The state of the connection.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ConnectionState {
    /// Nobody has asked for a connection yet.
    Idle,
    /// The first attempt is being made.
    Connecting,
    /// Connected and authenticated.
    Connected,
    /// The connection is lost, or could not be made.
    Reconnecting {
        /// How many attempts there were since the last healthy connection, this one included.
        attempt: u32,
        /// How long until it is made; none: it is being made.
        retry_in_ms: Option<u64>,
    },
    /// Closed for good.
    Closed {
        /// Why, as a word.
        reason: String,
    },
}

impl From<&State> for ConnectionState {
    fn from(state: &State) -> Self {
        match state {
            State::Idle => Self::Idle,
            State::Connecting => Self::Connecting,
            State::Connected => Self::Connected,
            State::Reconnecting { attempt, retry_in } => Self::Reconnecting {
                attempt: *attempt,
                retry_in_ms: retry_in.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(0)),
            },
            State::Closed { reason } => Self::Closed {
                reason: reason.word().into_owned(),
            },
        }
    }
}
