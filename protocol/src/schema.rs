//! The shape of every type of the contract, as data: what the reference pages and the types of
//! other languages are generated from, and what the tests walk so that no field is forgotten.
//!
//! ```
//! use carewire_protocol::{message::Edit, schema::Type};
//!
//! let fields = Edit::OBJECT.fields();
//! assert_eq!(fields[0].name(), "messageId");
//! assert!(matches!(fields[1].ty, Type::PrivateText));
//! assert_eq!(fields[1].doc(), "The new text.");
//! ```

use crate::{Finite, PrivateJson, PrivateNumber, PrivateText, RoomId, Timestamp};
use std::collections::BTreeMap;

/// The type of a field, as it travels.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number up to 2⁵³−1.
    Integer,
    /// A duration: a whole number of milliseconds.
    Millis,
    /// A number that may have a fraction.
    Number,
    /// Such a number that is health content.
    PrivateNumber,
    /// A text.
    Text,
    /// A text that may be health content.
    PrivateText,
    /// Any JSON of an application.
    Json,
    /// A point in time, in RFC 3339.
    Timestamp,
    /// The name of a room.
    Room,
    /// A text of a certain form.
    Id(&'static Id),
    /// One of some words.
    Words(&'static Words),
    /// An object.
    Object(&'static Object),
    /// An object of one of several shapes.
    Union(&'static Union),
    /// Left out where there is nothing to say.
    Optional(&'static Self),
    /// An array.
    List(&'static Self),
    /// An object whose keys are the first type and whose values are the second.
    Map(&'static Self, &'static Self),
}

/// A text of a certain form: an identifier or a word.
#[derive(Debug, Clone, Copy)]
pub struct Id {
    /// The Rust type.
    pub name: &'static str,
    /// Its documentation, line by line.
    pub docs: &'static [&'static str],
    /// Which texts are allowed, for people.
    pub rule: &'static str,
    /// Which texts are allowed: a regular expression that the whole text matches.
    pub pattern: &'static str,
}

/// Some words, to which later versions may add.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// The Rust module.
    pub module: &'static str,
    /// The Rust type.
    pub name: &'static str,
    /// Its documentation, line by line.
    pub docs: &'static [&'static str],
    /// The words and the documentation of each.
    pub words: &'static [(&'static str, &'static [&'static str])],
}

/// An object.
#[derive(Debug, Clone, Copy)]
pub struct Object {
    /// The Rust module.
    pub module: &'static str,
    /// The Rust type.
    pub name: &'static str,
    /// Its documentation, line by line.
    pub docs: &'static [&'static str],
    /// As declared. [`Object::fields`] gives them as they travel.
    pub declared: &'static [Field],
}

/// An object of one of several shapes.
#[derive(Debug, Clone, Copy)]
pub struct Union {
    /// The Rust module.
    pub module: &'static str,
    /// The Rust type.
    pub name: &'static str,
    /// Its documentation, line by line.
    pub docs: &'static [&'static str],
    /// How the shapes are told apart.
    pub tagging: Tagging,
    /// The text that names each shape, and its content.
    pub variants: &'static [(&'static str, &'static Type)],
}

/// How the shapes of a union are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagging {
    /// `{name: content}`
    Key,
    /// `{"type": name, "data": content}`
    TypeAndData,
}

/// A field of an object.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The Rust name.
    pub ident: &'static str,
    /// Its documentation, line by line.
    pub docs: &'static [&'static str],
    /// Its type.
    pub ty: &'static Type,
    /// What its `serde` attribute says.
    pub serde: &'static str,
}

impl Field {
    /// The name on the wire.
    pub fn name(&self) -> String {
        if let Some((_, renamed)) = self.serde.split_once("rename = \"") {
            return renamed.split('"').next().unwrap_or_default().to_owned();
        }
        let mut name = String::with_capacity(self.ident.len());
        for (index, part) in self.ident.split('_').enumerate() {
            let (head, tail) = part.split_at(part.len().min(1));
            name.push_str(&if index == 0 {
                head.to_owned()
            } else {
                head.to_ascii_uppercase()
            });
            name.push_str(tail);
        }
        name
    }

    /// Whether whoever writes it may leave it out.
    pub fn is_optional(&self) -> bool {
        matches!(self.ty, Type::Optional(_)) || self.serde.contains("default")
    }

    /// Whether the Rust types ever leave it out.
    pub fn is_left_out(&self) -> bool {
        matches!(self.ty, Type::Optional(_)) || self.serde.contains("skip_serializing_if")
    }

    /// What it means.
    pub fn doc(&self) -> String {
        text_of(self.docs)
    }
}

impl Object {
    /// Its fields as they travel: those of a flattened one in its place.
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::with_capacity(self.declared.len());
        for field in self.declared {
            match field.ty {
                Type::Object(inner) if field.serde.contains("flatten") => {
                    fields.extend(inner.fields());
                }
                _ => fields.push(*field),
            }
        }
        fields
    }

    /// What it means.
    pub fn doc(&self) -> String {
        text_of(self.docs)
    }
}

/// Lines of a doc comment as one text.
pub fn text_of(docs: &[&str]) -> String {
    docs.iter()
        .map(|line| line.trim())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A type whose shape is known. Implemented by the macros that define the types of the contract.
pub trait Described: Sized + std::fmt::Debug + 'static {
    /// The shape.
    const TYPE: Type;

    /// Values for tests, with collections small enough for thousands of runs.
    #[cfg(any(test, feature = "proptest"))]
    fn any() -> proptest::strategy::BoxedStrategy<Self>;
}

/// Values for tests; the type is inferred from where they go.
#[cfg(any(test, feature = "proptest"))]
pub(crate) fn any<T: Described>() -> proptest::strategy::BoxedStrategy<T> {
    T::any()
}

macro_rules! described {
    ($($name:ty => $shape:expr, $strategy:expr;)+) => {$(
        impl Described for $name {
            const TYPE: Type = $shape;

            #[cfg(any(test, feature = "proptest"))]
            fn any() -> proptest::strategy::BoxedStrategy<Self> {
                proptest::strategy::Strategy::boxed($strategy)
            }
        }
    )+};
}

described! {
    bool => Type::Bool, proptest::bool::ANY;
    u16 => Type::Integer, proptest::num::u16::ANY;
    u32 => Type::Integer, proptest::num::u32::ANY;
    u64 => Type::Integer, 0..=crate::limits::MAX_INTEGER;
    crate::Millis => Type::Millis, proptest::arbitrary::any::<Self>();
    Finite => Type::Number, proptest::arbitrary::any::<Self>();
    PrivateNumber => Type::PrivateNumber, proptest::arbitrary::any::<Self>();
    String => Type::Text, texts();
    PrivateText => Type::PrivateText, proptest::arbitrary::any::<Self>();
    PrivateJson => Type::Json, proptest::arbitrary::any::<Self>();
    Timestamp => Type::Timestamp, proptest::arbitrary::any::<Self>();
    RoomId => Type::Room, proptest::arbitrary::any::<Self>();
}

impl<T: Described> Described for Option<T> {
    const TYPE: Type = Type::Optional(&T::TYPE);

    #[cfg(any(test, feature = "proptest"))]
    fn any() -> proptest::strategy::BoxedStrategy<Self> {
        proptest::strategy::Strategy::boxed(proptest::option::of(T::any()))
    }
}

impl<T: Described> Described for Vec<T> {
    const TYPE: Type = Type::List(&T::TYPE);

    #[cfg(any(test, feature = "proptest"))]
    fn any() -> proptest::strategy::BoxedStrategy<Self> {
        proptest::strategy::Strategy::boxed(proptest::collection::vec(T::any(), 0..3))
    }
}

impl<K: Described + Ord, V: Described> Described for BTreeMap<K, V> {
    const TYPE: Type = Type::Map(&K::TYPE, &V::TYPE);

    #[cfg(any(test, feature = "proptest"))]
    fn any() -> proptest::strategy::BoxedStrategy<Self> {
        let maps = proptest::collection::btree_map(K::any(), V::any(), 0..3);
        proptest::strategy::Strategy::boxed(maps)
    }
}

/// Short texts of any characters; proptest's own parse a regular expression for each value.
#[cfg(any(test, feature = "proptest"))]
pub(crate) fn texts() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::strategy::Strategy;
    proptest::collection::vec(proptest::char::any(), 0..12).prop_map(String::from_iter)
}
