//! Why something did not work.

use carewire::{CloseReason, ConnectError, RequestError};

/// Why something did not work. Its fields are the same for every cause, so that the layers above
/// read one shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum Failure {
    /// It failed.
    #[error("{code}: {reason}")]
    Failed {
        /// For programs: the server's code, or one of the SDK's own.
        code: String,
        /// For people. For `closed`: the word of [`CloseReason::word`].
        reason: String,
        /// The server's error as JSON, where it was the server that refused.
        refusal: Option<String>,
    },
    /// The waiting was cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl Failure {
    pub(crate) fn new(code: &str, reason: &impl ToString) -> Self {
        Self::Failed {
            code: code.to_owned(),
            reason: reason.to_string(),
            refusal: None,
        }
    }

    pub(crate) fn closed(reason: &CloseReason) -> Self {
        Self::new("closed", &reason.word())
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        match &error {
            RequestError::Closed(reason) => Self::closed(reason),
            RequestError::Refused(refusal) => Self::Failed {
                code: error.code().to_owned(),
                reason: refusal.message.clone(),
                refusal: serde_json::to_string(refusal).ok(),
            },
            _ => Self::new(error.code(), &error),
        }
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        match &error {
            ConnectError::Closed(reason) => Self::closed(reason),
            _ => Self::new("invalid_options", &error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carewire::protocol::{ErrorCode, ErrorReply};

    #[test]
    fn what_the_server_refused_crosses_whole() {
        let refusal = ErrorReply::new(ErrorCode::RateLimited, "Too many");
        let failure = Failure::from(RequestError::Refused(refusal));
        let Failure::Failed { code, refusal, .. } = failure else {
            unreachable!("it failed")
        };
        assert_eq!(code, "rate_limited");
        let expected = r#"{"code":"rate_limited","message":"Too many"}"#;
        assert_eq!(refusal.as_deref(), Some(expected));
    }

    #[test]
    fn a_closed_client_says_why() {
        let failure = Failure::from(RequestError::Closed(CloseReason::Other(4499)));
        assert_eq!(failure, Failure::new("closed", &"closed_4499"));
    }
}
