//! Identifiers. Each is its own type and is valid from the moment it is parsed.

use std::{fmt, ops::Deref, str::FromStr, sync::Arc};

/// Why a text is not an identifier of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {rule}")]
pub struct InvalidId {
    /// The kind of identifier, as a word for people.
    pub what: &'static str,
    /// The rule it breaks.
    pub rule: &'static str,
}

const ID_RULE: &str = "1-128 characters of A-Z a-z 0-9 _ . @ -";
const OPAQUE_RULE: &str = "1-64 visible ASCII characters";
const WORD_RULE: &str = "a lower-case word of 1-64 letters, digits and _";

pub(crate) const ID_PATTERN: &str = "[A-Za-z0-9_.@-]{1,128}";
const OPAQUE_PATTERN: &str = "[!-~]{1,64}";
const WORD_PATTERN: &str = "[a-z][a-z0-9_]{0,63}";

#[cfg(any(test, feature = "proptest"))]
const ID_CHARS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@-";
#[cfg(any(test, feature = "proptest"))]
const OPAQUE_CHARS: &str = "abcXYZ019!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
#[cfg(any(test, feature = "proptest"))]
const WORD_CHARS: &str = "abcdefghijklmnopqrstuvwxyz";

pub(crate) fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'@' | b'-'))
}

fn is_opaque(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

macro_rules! ids {
    ($($(#[doc = $doc:literal])* $name:ident, $what:literal, $check:ident, $rule:ident, $pattern:ident, $chars:ident;)+) => {$(
        $(#[doc = $doc])*
        ///
        /// Cloning is cheap: the text is shared.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks the text and makes it an identifier.
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidId> {
                let text = text.as_ref();
                if $check(text) {
                    Ok(Self::known(text))
                } else {
                    Err(InvalidId { what: $what, rule: $rule })
                }
            }

            /// Of a text that was checked.
            pub(crate) fn known(text: &str) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidId;
            fn try_from(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::wire::read_text(deserializer, |text| Self::new(text))
            }
        }

        #[cfg(any(test, feature = "proptest"))]
        impl proptest::arbitrary::Arbitrary for $name {
            type Parameters = ();
            type Strategy = proptest::strategy::BoxedStrategy<Self>;
            fn arbitrary_with((): ()) -> Self::Strategy {
                use proptest::{collection::vec, prop_oneof, sample::select, strategy::Strategy};
                let text = |length| {
                    let bytes = vec(select($chars.as_bytes()), length);
                    bytes.prop_filter_map("an id", |bytes| {
                        std::str::from_utf8(&bytes).ok().and_then(|text| Self::new(text).ok())
                    })
                };
                prop_oneof![9 => text(1..=16), 1 => text(64..=64)].boxed()
            }
        }

        impl crate::schema::Described for $name {
            const TYPE: crate::schema::Type = crate::schema::Type::Id(&crate::schema::Id {
                name: stringify!($name),
                docs: &[$($doc),*],
                rule: $rule,
                pattern: $pattern,
            });

            #[cfg(any(test, feature = "proptest"))]
            fn any() -> proptest::strategy::BoxedStrategy<Self> {
                proptest::strategy::Strategy::boxed(proptest::arbitrary::any::<Self>())
            }
        }
    )+};
}

ids! {
    /// A person, or a backend acting as one. Patients are named by their user id.
    UserId, "a user id", is_id, ID_RULE, ID_PATTERN, ID_CHARS;
    /// An organisation. Nothing crosses from one to another.
    TenantId, "a tenant id", is_id, ID_RULE, ID_PATTERN, ID_CHARS;
    /// A message. Ids of messages sort in their room as their offsets do.
    MessageId, "a message id", is_id, ID_RULE, ID_PATTERN, ID_CHARS;
    /// A conversation of chosen members.
    ThreadId, "a thread id", is_id, ID_RULE, ID_PATTERN, ID_CHARS;
    /// An appointment or encounter with its participants.
    VisitId, "a visit id", is_id, ID_RULE, ID_PATTERN, ID_CHARS;
    /// A call.
    CallId, "a call id", is_id, ID_RULE, ID_PATTERN, ID_CHARS;
    /// A notification.
    NotificationId, "a notification id", is_id, ID_RULE, ID_PATTERN, ID_CHARS;
    /// An appointment in the calendar of a backend.
    AppointmentId, "an appointment id", is_id, ID_RULE, ID_PATTERN, ID_CHARS;
    /// A part of a chart that can be locked.
    RecordId, "a record id", is_id, ID_RULE, ID_PATTERN, ID_CHARS;
    /// A report that is being made.
    ReportId, "a report id", is_id, ID_RULE, ID_PATTERN, ID_CHARS;
    /// A report template with live data.
    TemplateId, "a template id", is_id, ID_RULE, ID_PATTERN, ID_CHARS;
    /// A topic that people subscribe to.
    TopicName, "a topic", is_id, ID_RULE, ID_PATTERN, ID_CHARS;
    /// One live connection, named by the server.
    ConnectionId, "a connection id", is_id, ID_RULE, ID_PATTERN, ID_CHARS;
    /// One client object (a device, a tab), named by itself and kept over its reconnects.
    ClientId, "a client id", is_opaque, OPAQUE_RULE, OPAQUE_PATTERN, OPAQUE_CHARS;
    /// What makes a repeated command one command.
    Key, "a key", is_opaque, OPAQUE_RULE, OPAQUE_PATTERN, OPAQUE_CHARS;
    /// The life of a log; another one means that positions of the former are void.
    Epoch, "an epoch", is_opaque, OPAQUE_RULE, OPAQUE_PATTERN, OPAQUE_CHARS;
    /// Where a conversation takes place: `internal`, `sms`, `email`, ….
    Platform, "a platform", is_word, WORD_RULE, WORD_PATTERN, WORD_CHARS;
    /// What a notification is about: `appointment_reminder`, `task_assigned`, `lab_result`,
    /// `prior_authorization`, `message`, `system`, or a word of the application.
    NotificationKind, "a kind", is_word, WORD_RULE, WORD_PATTERN, WORD_CHARS;
}

impl Platform {
    /// Carewire's own platform.
    pub fn internal() -> Self {
        Self("internal".into())
    }

    /// Whether this is Carewire's own platform.
    pub fn is_internal(&self) -> bool {
        &*self.0 == "internal"
    }
}

impl Default for Platform {
    fn default() -> Self {
        Self::internal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked_when_parsed() {
        assert!(UserId::new("Dr.Lee_7@clinic-1").is_ok());
        for bad in [
            "",
            "a:b",
            "a/b",
            "a\0b",
            "ä",
            "a b",
            &"x".repeat(129),
            &"x".repeat(5000),
        ] {
            assert!(UserId::new(bad).is_err(), "{bad:?} passed");
        }
        assert!(serde_json::from_str::<UserId>("\"a:b\"").is_err());
        assert!(serde_json::from_str::<UserId>("5").is_err());
    }

    #[test]
    fn words_are_lower_case() {
        assert!(Platform::new("prior_authorization2").is_ok());
        for bad in ["", "SMS", "2fa", "a-b", "_a"] {
            assert!(Platform::new(bad).is_err(), "{bad:?} passed");
        }
    }
}
