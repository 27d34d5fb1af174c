//! JSON that is read when somebody wants it.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::{fmt, marker::PhantomData, sync::Arc};

/// Something of the contract, still as its text: the session hands on more than it understands.
///
/// ```
/// use carewire::{Lazy, protocol::presence::PresencesReply};
///
/// let raw = serde_json::value::RawValue::from_string(r#"{"presences":[]}"#.into())?;
/// let lazy = Lazy::<PresencesReply>::new(&raw);
/// assert!(lazy.read()?.presences.is_empty());
/// # Ok::<_, serde_json::Error>(())
/// ```
pub struct Lazy<T> {
    json: Arc<str>,
    of: PhantomData<fn() -> T>,
}

impl<T> Lazy<T> {
    /// To be read as a `T`.
    pub fn new(json: &RawValue) -> Self {
        Self::of(json.get())
    }

    /// Of a text that was found to be JSON.
    pub(crate) fn of(json: &str) -> Self {
        Self {
            json: json.into(),
            of: PhantomData,
        }
    }

    /// The JSON.
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl<T: DeserializeOwned> Lazy<T> {
    /// Reads it. Fails where the server does not keep to the contract.
    pub fn read(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.json)
    }
}

impl<T> Clone for Lazy<T> {
    fn clone(&self) -> Self {
        Self {
            json: Arc::clone(&self.json),
            of: PhantomData,
        }
    }
}

impl<T> PartialEq for Lazy<T> {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

// It may be health content: a log shows its size.
impl<T> fmt::Debug for Lazy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} bytes)", self.json.len())
    }
}
