//! What the server refuses, still as its text.

use crate::json::{Fields, Json, Object};
use carewire_protocol::{ErrorCode, ErrorReply, Millis, PrivateJson, frame};
use std::{borrow::Cow, fmt, sync::Arc};

/// The error object of a refusal as it came. A [session](crate::session) looks at its code; its driver
/// reads it for Rust, or hands the text on.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal(Arc<str>);

impl Refusal {
    /// Of this side, in the words of the server.
    pub fn new(code: &ErrorCode, message: &str) -> Self {
        Self(coded(code, message).end().into())
    }

    /// Of this side: a field that is wrong.
    pub fn invalid(field: &str, message: &str) -> Self {
        let object = coded(&ErrorCode::InvalidInput, message);
        Self(object.text("field", field).end().into())
    }

    /// `None`: it has no code or no message.
    pub(crate) fn of(error: Json<'_>) -> Option<Self> {
        let fields = Fields::of(error)?;
        fields.text("code").and(fields.text("message"))?;
        Some(Self(error.get().into()))
    }

    /// The error object, as JSON.
    pub fn json(&self) -> &str {
        &self.0
    }

    /// The same, read. What is optional and not of its type is left out.
    pub fn read(&self) -> ErrorReply {
        let Some(error) = self.fields() else {
            return ErrorReply::internal();
        };
        let text = |name| error.text(name).map(Cow::into_owned);
        let details = error.given("details");
        ErrorReply {
            code: self.code().as_ref().into(),
            message: text("message").unwrap_or_default(),
            field: text("field"),
            retry_after_ms: self.retry_after(),
            details: details.and_then(|json| PrivateJson::parse(json.get()).ok()),
        }
    }

    pub(crate) fn retry_after(&self) -> Option<Millis> {
        self.fields()?.number("retryAfterMs").map(Millis)
    }

    /// Whether the same may work a little later.
    pub(crate) fn is_retried(&self) -> bool {
        self.is_any(&frame::RETRIED)
    }

    pub(crate) fn is_any(&self, codes: &[ErrorCode]) -> bool {
        let code = self.code();
        codes.iter().any(|other| other.as_str() == code)
    }

    fn code(&self) -> Cow<'_, str> {
        let code = self.fields().and_then(|error| error.text("code"));
        code.unwrap_or_default()
    }

    fn fields(&self) -> Option<Fields<'_>> {
        Fields::of(Json::known(&self.0))
    }
}

fn coded(code: &ErrorCode, message: &str) -> Object {
    let object = Object::new().text("code", code.as_str());
    object.text("message", message)
}

// The rest may be health content.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code())
    }
}
