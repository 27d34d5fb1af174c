//! What crosses that is neither a text nor a number there.

use carewire::{
    Refusal,
    protocol::{ErrorCode, Key},
    session::RequestNumber,
};

/// Numbers are exact below 2⁵³.
#[allow(
    clippy::cast_precision_loss,
    reason = "nobody sends that many commands"
)]
pub(crate) fn number_out(number: RequestNumber) -> f64 {
    number as f64
}

/// The number of a request, where it can be one.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number that is none names no request"
)]
pub(crate) fn number(number: f64) -> Option<RequestNumber> {
    (number >= 1.0).then_some(number as RequestNumber)
}

/// A key of the application's own.
pub(crate) fn key(text: &str) -> Result<Key, Refusal> {
    Key::new(text).map_err(|_| {
        Refusal::new(
            &ErrorCode::InvalidInput,
            "A key is 1-64 visible ASCII characters",
        )
    })
}
