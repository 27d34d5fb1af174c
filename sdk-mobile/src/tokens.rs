//! Where tokens come from: the application is asked and answers when it can.

use crate::ListenerFailure;
use carewire::TokenError;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Why a token is needed.
#[derive(Debug, Clone, Copy, uniffi::Enum)]
pub enum TokenNeed {
    /// For a new connection.
    Connect,
    /// For a new connection, because the server refused the last token.
    Refused,
    /// For the present connection, whose token expires.
    Refresh,
}

impl From<carewire::TokenNeed> for TokenNeed {
    fn from(need: carewire::TokenNeed) -> Self {
        match need {
            carewire::TokenNeed::Connect => Self::Connect,
            carewire::TokenNeed::Refused => Self::Refused,
            carewire::TokenNeed::Refresh => Self::Refresh,
        }
    }
}

/// Asks the application for tokens.
#[uniffi::export(with_foreign)]
pub trait TokenSource: Send + Sync {
    /// A token is needed. Returns at once; the answer goes to `request`, now or later.
    fn need(&self, need: TokenNeed, request: Arc<TokenRequest>) -> Result<(), ListenerFailure>;
}

/// A question to the application. Its first answer counts; forgotten without one, it has failed
/// and is asked again with backoff.
#[derive(Debug, uniffi::Object)]
pub struct TokenRequest {
    answer: Mutex<Option<oneshot::Sender<Result<String, TokenError>>>>,
}

impl TokenRequest {
    fn respond(&self, result: Result<String, TokenError>) {
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answer.take() {
            // The client may have closed meanwhile.
            let _ = answer.send(result);
        }
    }
}

#[uniffi::export]
impl TokenRequest {
    /// The token.
    pub fn answer(&self, token: String) {
        self.respond(Ok(token));
    }

    /// There is none at present; it is asked for again, with backoff.
    pub fn fail(&self, cause: String) {
        self.respond(Err(TokenError::Temporary(cause)));
    }

    /// Nobody is signed in: the client closes.
    pub fn signed_out(&self) {
        self.respond(Err(TokenError::SignedOut));
    }
}

/// Asks and waits for the answer.
pub(crate) async fn ask(
    source: Arc<dyn TokenSource>,
    need: carewire::TokenNeed,
) -> Result<String, TokenError> {
    let (answer, answered) = oneshot::channel();
    let request = Arc::new(TokenRequest {
        answer: Mutex::new(Some(answer)),
    });
    source
        .need(need.into(), request)
        .map_err(TokenError::temporary)?;
    match answered.await {
        Ok(result) => result,
        Err(_) => Err(TokenError::temporary("the application did not answer")),
    }
}
