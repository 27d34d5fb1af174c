//! The macros every domain file is written with, and the traits they implement.

use crate::ErrorReply;
use serde::{Serialize, de::DeserializeOwned};

/// What an SDK may do with a command while there is no connection, and after one was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Queued while offline and repeated with its key until it is answered.
    Keyed,
    /// Never queued: it is about this moment.
    Live,
    /// Live, but carries a key and is repeated for at most [`LIVE_KEYED_REPEAT`].
    ///
    /// [`LIVE_KEYED_REPEAT`]: crate::limits::LIVE_KEYED_REPEAT
    LiveKeyed,
    /// Repeated without a key: doing it twice changes nothing.
    State,
    /// Sent by the session machinery itself, never by an application.
    Control,
}

impl Class {
    /// Whether an SDK puts a key on commands of this class.
    pub const fn has_key(self) -> bool {
        matches!(self, Self::Keyed | Self::LiveKeyed)
    }
}

/// Whether events of a type are kept in the log of their room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retention {
    /// Carries `epoch` and `offset`, survives a restart and is replayed.
    Retained,
    /// Delivered at most once and never replayed.
    Ephemeral,
    /// Whoever publishes it decides.
    OnRequest,
}

/// A command of the contract. Implemented by the `domain!` tables.
pub trait Command: Serialize + DeserializeOwned {
    /// What the server answers when the command succeeds.
    type Reply: Serialize + DeserializeOwned;
    /// The name on the wire.
    const NAME: &'static str;
    /// What an SDK may do with it while offline.
    const CLASS: Class;
    /// Checks the rules of the contract that its types cannot express.
    fn validate(&self) -> Result<(), ErrorReply>;
    /// The class of this very command: [`CLASS`](Self::CLASS) unless its fields decide otherwise.
    fn class(&self) -> Class;
}

/// An event of the contract. Implemented by the `domain!` tables.
pub trait EventType: Serialize + DeserializeOwned {
    /// The name on the wire.
    const NAME: &'static str;
    /// Whether it is kept.
    const RETENTION: Retention;
}

/// Reads a text where it stands. serde's own way to a `Cow` or `Arc<str>` copies it first.
pub(crate) fn read_text<'de, D, T, E>(
    deserializer: D,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    E: std::fmt::Display,
{
    struct Parse<F>(F);

    impl<T, E: std::fmt::Display, F: FnOnce(&str) -> Result<T, E>> serde::de::Visitor<'_> for Parse<F> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<R: serde::de::Error>(self, text: &str) -> Result<T, R> {
            (self.0)(text).map_err(R::custom)
        }
    }

    deserializer.deserialize_str(Parse(parse))
}

/// Defines structs that travel as JSON objects: `camelCase` fields, absent options left out.
macro_rules! wire {
    ($(
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),*)])?
        pub struct $name:ident {$(
            $(#[doc = $field_doc:literal])*
            $(#[serde($($serde:tt)*)])?
            pub $field:ident: $type:ty,
        )*}
    )+) => {$(
        $(#[doc = $doc])*
        $(#[derive($($derive),*)])?
        #[serde_with::skip_serializing_none]
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(any(test, feature = "proptest"), derive(proptest_derive::Arbitrary))]
        #[serde(rename_all = "camelCase")]
        pub struct $name {$(
            $(#[doc = $field_doc])*
            $(#[serde($($serde)*)])?
            #[cfg_attr(
                any(test, feature = "proptest"),
                proptest(strategy = "crate::schema::any()")
            )]
            pub $field: $type,
        )*}

        impl $name {
            /// The shape of this type.
            pub const OBJECT: $crate::schema::Object = $crate::schema::Object {
                module: module_path!(),
                name: stringify!($name),
                docs: &[$($doc),*],
                declared: &[$($crate::schema::Field {
                    ident: stringify!($field),
                    docs: &[$($field_doc),*],
                    ty: &<$type as $crate::schema::Described>::TYPE,
                    serde: concat!($(stringify!($($serde)*))?),
                }),*],
            };
        }

        impl $crate::schema::Described for $name {
            const TYPE: $crate::schema::Type = $crate::schema::Type::Object(&Self::OBJECT);

            #[cfg(any(test, feature = "proptest"))]
            fn any() -> proptest::strategy::BoxedStrategy<Self> {
                proptest::strategy::Strategy::boxed(proptest::arbitrary::any::<Self>())
            }
        }
    )+};
}

/// Defines an enumeration of strings to which later versions may add: an unknown value is kept
/// as its text, so that an old client can show what it does not understand.
macro_rules! open_enum {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $($(#[doc = $variant_doc:literal])* $variant:ident = $text:literal,)+
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(any(test, feature = "proptest"), derive(proptest_derive::Arbitrary))]
        pub enum $name {
            $($(#[doc = $variant_doc])* $variant,)+
            /// A value this version does not know, as its text.
            #[cfg_attr(any(test, feature = "proptest"), proptest(skip))]
            Other(std::sync::Arc<str>),
        }

        impl $name {
            /// Every value of this version, in the order of the contract.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }

            /// Whether this version defines the value.
            pub const fn is_known(&self) -> bool {
                !matches!(self, Self::Other(_))
            }

            /// `invalid_input` for a value this version does not know: what a command means by it
            /// cannot be guessed.
            pub fn check(&self, field: &str) -> Result<(), $crate::ErrorReply> {
                if self.is_known() {
                    return Ok(());
                }
                let known = [$($text),+].join(", ");
                Err($crate::ErrorReply::invalid(field, format!("{field} must be one of {known}")))
            }
        }

        impl $crate::schema::Described for $name {
            const TYPE: $crate::schema::Type =
                $crate::schema::Type::Words(&$crate::schema::Words {
                    module: module_path!(),
                    name: stringify!($name),
                    docs: &[$($doc),*],
                    words: &[$(($text, &[$($variant_doc),*])),+],
                });

            #[cfg(any(test, feature = "proptest"))]
            fn any() -> proptest::strategy::BoxedStrategy<Self> {
                proptest::strategy::Strategy::boxed(proptest::arbitrary::any::<Self>())
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    other => Self::Other(other.into()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::wire::read_text(deserializer, |text| {
                    Ok::<_, std::convert::Infallible>(Self::from(text))
                })
            }
        }
    };
}

/// The table of a domain: which name is which type, what it is answered with, what is kept.
///
/// `checked` after a command's class stands for an inherent `check(&self)` with the rules that
/// types cannot express, and `varying` for an inherent `class(&self)` where fields decide. The table yields the domain's `Command` and `Event` enums, the trait
/// implementations, and the constant `DOMAIN` that the catalogue and the reference pages read.
macro_rules! domain {
    (
        $title:literal
        $(commands { $($cname:literal => $ctype:ident -> $reply:ty, $class:ident $($mark:ident)*;)+ })?
        $(events { $($ename:literal => $variant:ident($etype:ident), $retention:ident;)+ })?
    ) => {
        $(
            /// The commands of this domain.
            #[derive(Debug, Clone, PartialEq, Eq)]
            pub enum Command {$(
                #[doc = concat!("`", $cname, "`")]
                $ctype($ctype),
            )+}

            impl Command {
                /// Decodes the payload of a command of this domain; `None`: it has no such command.
                pub fn decode(
                    name: &str,
                    data: &serde_json::value::RawValue,
                ) -> Option<Result<Self, $crate::ErrorReply>> {
                    match name {
                        $($cname => Some($crate::frame::decode_payload::<$ctype>(data).map(Self::$ctype)),)+
                        _ => None,
                    }
                }

                /// The names and classes of the domain's commands.
                pub const LIST: &'static [(&'static str, $crate::Class)] =
                    &[$(($cname, $crate::Class::$class)),+];

                /// The name on the wire.
                pub const fn name(&self) -> &'static str {
                    match self { $(Self::$ctype(_) => $cname,)+ }
                }

                /// What an SDK may do with the command while offline.
                pub fn class(&self) -> $crate::Class {
                    match self { $(Self::$ctype(command) => $crate::Command::class(command),)+ }
                }
            }

            $(
                impl $crate::Command for $ctype {
                    type Reply = $reply;
                    const NAME: &'static str = $cname;
                    const CLASS: $crate::Class = $crate::Class::$class;

                    fn validate(&self) -> Result<(), $crate::ErrorReply> {
                        domain!(@check self $($mark)*)
                    }

                    fn class(&self) -> $crate::Class {
                        domain!(@class self $($mark)*)
                    }
                }
            )+
        )?

        $(
            /// The events of this domain.
            #[allow(clippy::large_enum_variant, reason = "an event is read once and never stored")]
            #[derive(Debug, Clone, PartialEq, Eq)]
            pub enum Event {$(
                #[doc = concat!("`", $ename, "`")]
                $variant($etype),
            )+}

            impl Event {
                /// Decodes the payload of an event of this domain; `None`: it has no such event.
                pub fn decode(
                    name: &str,
                    data: &serde_json::value::RawValue,
                ) -> Option<serde_json::Result<Self>> {
                    match name {
                        $($ename => Some(serde_json::from_str::<$etype>(data.get()).map(Self::$variant)),)+
                        _ => None,
                    }
                }

                /// The name on the wire.
                pub const fn name(&self) -> &'static str {
                    match self { $(Self::$variant(_) => $ename,)+ }
                }
            }

            impl serde::Serialize for Event {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    match self { $(Self::$variant(data) => data.serialize(serializer),)+ }
                }
            }

            $(
                impl $crate::EventType for $etype {
                    const NAME: &'static str = $ename;
                    const RETENTION: $crate::Retention = $crate::Retention::$retention;
                }

                impl From<$etype> for Event {
                    fn from(data: $etype) -> Self {
                        Self::$variant(data)
                    }
                }
            )+
        )?

        /// What tests prove about every row of this domain's table.
        #[cfg(any(test, feature = "proptest"))]
        pub const PROOFS: &[$crate::proof::Proof] = &[
            $($(
                $crate::proof::Proof::command::<$ctype>(&$ctype::OBJECT),
                $crate::proof::Proof::reply::<$ctype>(&<$reply>::OBJECT),
            )+)?
            $($($crate::proof::Proof::event::<$etype>(&$etype::OBJECT),)+)?
        ];

        /// This domain's table, for the catalogue.
        pub const DOMAIN: $crate::catalog::Domain = $crate::catalog::Domain {
            title: $title,
            commands: &[$($($crate::catalog::CommandRow {
                name: $cname,
                type_name: stringify!($ctype),
                reply: stringify!($reply),
                data_shape: &$ctype::OBJECT,
                reply_shape: &<$reply>::OBJECT,
                class: $crate::Class::$class,
            }),+)?],
            events: &[$($($crate::catalog::EventRow {
                name: $ename,
                type_name: stringify!($etype),
                shape: &$etype::OBJECT,
                retention: $crate::Retention::$retention,
            }),+)?],
        };
    };
    (@class $this:ident checked varying) => { $this.class() };
    (@class $this:ident $($other:ident)?) => {{ let _ = $this; Self::CLASS }};
    (@check $this:ident checked $($other:ident)?) => { $this.check() };
    (@check $this:ident) => {{ let _ = $this; Ok(()) }};
}
