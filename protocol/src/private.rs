//! Health content: texts and JSON that may travel but never appear in a log.

use crate::Finite;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::{fmt, ops::Deref, sync::Arc};

/// A text that may be health content: a message body, a name, a title, a reason.
///
/// Its `Debug` shows only a length, and it has no `Display`, so no log line, panic or span can
/// contain it by accident. Read it with `&*text`.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PrivateText(Arc<str>);

impl<'de> Deserialize<'de> for PrivateText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::wire::read_text(deserializer, |text| {
            Ok::<_, std::convert::Infallible>(text.into())
        })
    }
}

impl PrivateText {
    /// Wraps a text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Whether there is nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl Deref for PrivateText {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for PrivateText {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for PrivateText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl PartialEq<str> for PrivateText {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for PrivateText {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Debug for PrivateText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateText({} bytes)", self.0.len())
    }
}

/// Any JSON of an application (`signal`, `payload`, `metadata`, `ops`), kept as its text.
///
/// Like [`PrivateText`] it shows only its length in `Debug`. Two values are equal when their texts
/// are, byte for byte.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PrivateJson(Box<RawValue>);

impl PrivateJson {
    /// Any serialisable value as JSON. The error says what could not be written.
    pub fn from_value(value: &impl Serialize) -> serde_json::Result<Self> {
        serde_json::value::to_raw_value(value).map(Self)
    }

    /// Checks that a text is JSON and keeps it.
    pub fn parse(text: impl Into<String>) -> serde_json::Result<Self> {
        RawValue::from_string(text.into()).map(Self)
    }

    /// The JSON text.
    pub fn get(&self) -> &str {
        self.0.get()
    }

    /// Reads the JSON as a type of the application.
    pub fn to<T: serde::de::DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(self.0.get())
    }
}

impl From<Box<RawValue>> for PrivateJson {
    fn from(raw: Box<RawValue>) -> Self {
        Self(raw)
    }
}

impl Default for PrivateJson {
    /// The empty object.
    fn default() -> Self {
        Self(RawValue::from_string("{}".into()).unwrap_or_default())
    }
}

impl PartialEq for PrivateJson {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for PrivateJson {}

impl fmt::Debug for PrivateJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateJson({} bytes)", self.get().len())
    }
}

/// A number that is health content: the value of a vital sign. Its `Debug` shows nothing of it.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(any(test, feature = "proptest"), derive(proptest_derive::Arbitrary))]
pub struct PrivateNumber(Finite);

impl PrivateNumber {
    /// Wraps a number.
    pub const fn new(value: Finite) -> Self {
        Self(value)
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0.get()
    }
}

impl From<Finite> for PrivateNumber {
    fn from(value: Finite) -> Self {
        Self(value)
    }
}

impl fmt::Debug for PrivateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateNumber")
    }
}

#[cfg(any(test, feature = "proptest"))]
mod arbitrary {
    use super::{PrivateJson, PrivateText};
    use proptest::prelude::*;

    impl Arbitrary for PrivateText {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;
        fn arbitrary_with((): ()) -> Self::Strategy {
            crate::schema::texts().prop_map(Self::from).boxed()
        }
    }

    impl Arbitrary for PrivateJson {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;
        fn arbitrary_with((): ()) -> Self::Strategy {
            const TEXTS: &[&str] = &[
                "{}",
                "[null]",
                "-1.5e3",
                r#"{"a":[{"b":"\u0000 ü"}]}"#,
                "\"x\"",
            ];
            proptest::sample::select(TEXTS)
                .prop_map(|text| Self::parse(text).unwrap_or_default())
                .boxed()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_only_a_length() {
        assert_eq!(
            format!("{:?}", PrivateText::new("chest pain")),
            "PrivateText(10 bytes)"
        );
        let json = PrivateJson::parse(r#"{"diagnosis":"x"}"#).unwrap();
        assert_eq!(format!("{json:?}"), "PrivateJson(17 bytes)");
    }
}
