//! How a command fails.

use serde_json::Value;

/// Why a command was not answered with a reply.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// The error of the contract: the object with `code` and `message`.
    Error(Value),
    /// The connection was closed with this code first; 1006 without a close frame.
    Closed(u16),
}

impl Failure {
    /// The code of the error.
    pub fn code(&self) -> &str {
        match self {
            Self::Error(error) => error["code"].as_str().unwrap_or_default(),
            Self::Closed(_) => "",
        }
    }

    /// The message of the error.
    pub fn message(&self) -> &str {
        match self {
            Self::Error(error) => error["message"].as_str().unwrap_or_default(),
            Self::Closed(_) => "",
        }
    }

    /// The `details` of the error.
    pub fn details(&self) -> &Value {
        match self {
            Self::Error(error) => &error["details"],
            Self::Closed(_) => &Value::Null,
        }
    }

    /// The `field` of the error.
    pub fn field(&self) -> &str {
        match self {
            Self::Error(error) => error["field"].as_str().unwrap_or_default(),
            Self::Closed(_) => "",
        }
    }
}
