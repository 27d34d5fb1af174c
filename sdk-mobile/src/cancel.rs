//! Stopping to wait, for languages in which a cancelled task does not drop its future.

use std::sync::Arc;
use tokio::sync::watch;

/// Given to a call, it ends the waiting for its result. A command that was given to the client
/// still happens.
#[derive(Debug, uniffi::Object)]
pub struct CancelToken {
    cancelled: watch::Sender<bool>,
}

#[uniffi::export]
impl CancelToken {
    /// A token that is not cancelled.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            cancelled: watch::Sender::new(false),
        })
    }

    /// Every call that was given this token, or will be, ends as cancelled.
    pub fn cancel(&self) {
        self.cancelled.send_replace(true);
    }
}

impl CancelToken {
    pub(crate) async fn cancelled(&self) {
        // The sender lives as long as `self`.
        let _ = self.cancelled.subscribe().wait_for(|is| *is).await;
    }
}

/// Waits until it is cancelled; without a token, for ever.
pub(crate) async fn cancelled(token: Option<Arc<CancelToken>>) {
    match token {
        Some(token) => token.cancelled().await,
        None => std::future::pending().await,
    }
}
