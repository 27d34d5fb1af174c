//! What both languages are generated from: the types that an application meets, each with the name
//! that both give it, in the order of the contract and file by file.

use carewire_protocol::{
    Class, ErrorReply,
    catalog::{self, CommandRow, EventRow},
    schema::{Field, Id, Object, Type, Union, Words},
};
use std::collections::{BTreeMap, BTreeSet};

pub use crate::names::pascal;
use crate::names::{Names, Place, place};

/// A type to be written.
#[derive(Clone, Copy)]
pub enum Item {
    Object(&'static Object),
    Words(&'static Words),
    Id(&'static Id),
    Union(&'static Union),
}

pub struct Contract {
    names: Names,
    seen: BTreeSet<Place>,
    /// The types of each domain.
    pub files: BTreeMap<String, Vec<Item>>,
}

/// The data of a handle has the handle's name in Rust, where modules tell them apart.
const RENAMED: &[(Place, &str)] = &[
    (("carewire_protocol::call", "Call"), "CallInfo"),
    (
        ("carewire_protocol::notification", "Notification"),
        "NotificationInfo",
    ),
];

pub fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

/// Whether an application sends it: the session sends the others by itself.
fn is_for_applications(row: &CommandRow) -> bool {
    row.class != Class::Control
}

impl Contract {
    pub fn new() -> Self {
        let mut contract = Self {
            names: Names::new(RENAMED, is_for_applications),
            seen: BTreeSet::new(),
            files: BTreeMap::new(),
        };
        let commands = || catalog::commands().filter(|row| is_for_applications(row));
        for row in commands() {
            contract.object(row.data_shape);
            if !row.reply_shape.declared.is_empty() {
                contract.object(row.reply_shape);
            }
        }
        for row in catalog::events() {
            contract.object(row.shape);
        }
        contract.object(&ErrorReply::OBJECT);
        contract
    }

    pub fn name(&self, object: &Object) -> &str {
        self.names.of(object)
    }

    pub fn commands(&self) -> impl Iterator<Item = (&'static CommandRow, &str)> {
        catalog::commands()
            .filter(|row| is_for_applications(row))
            .map(|row| (row, self.name(row.data_shape)))
    }

    pub fn events(&self) -> impl Iterator<Item = (&'static EventRow, &str)> {
        catalog::events().map(|row| (row, self.name(row.shape)))
    }

    /// The row of a command, by the shape of its data.
    pub fn command(&self, object: &Object) -> Option<&'static CommandRow> {
        self.commands()
            .find(|(row, _)| is_same(row.data_shape, object))
            .map(|(row, _)| row)
    }

    pub fn is_event(&self, object: &Object) -> bool {
        self.events().any(|(row, _)| is_same(row.shape, object))
    }

    fn put(&mut self, module: &str, name: &'static str, place: Place, item: Item) -> bool {
        debug_assert!(!name.is_empty());
        if !self.seen.insert(place) {
            return false;
        }
        let domain = module.split("::").nth(1).unwrap_or(module);
        self.files.entry(pascal(domain, "")).or_default().push(item);
        true
    }

    fn object(&mut self, object: &'static Object) {
        if self.put(
            object.module,
            object.name,
            place(object),
            Item::Object(object),
        ) {
            for field in object.fields() {
                self.ty(field.ty);
            }
        }
    }

    fn ty(&mut self, ty: &'static Type) {
        match ty {
            Type::Id(id) => {
                self.put("::id", id.name, ("id", id.name), Item::Id(id));
            }
            Type::Words(words) => {
                let place = (words.module, words.name);
                self.put(words.module, words.name, place, Item::Words(words));
            }
            Type::Object(object) => self.object(object),
            Type::Union(union) => {
                let place = (union.module, union.name);
                if self.put(union.module, union.name, place, Item::Union(union)) {
                    for (_, content) in union.variants {
                        self.ty(content);
                    }
                }
            }
            Type::Optional(inner) | Type::List(inner) => self.ty(inner),
            Type::Map(key, value) => {
                self.ty(key);
                self.ty(value);
            }
            _ => {}
        }
    }
}

fn is_same(a: &Object, b: &Object) -> bool {
    place(a) == place(b)
}

/// Whether it may be health content, so that no log may show it.
pub fn is_private(ty: &Type) -> bool {
    match ty {
        Type::PrivateText | Type::PrivateNumber | Type::Json => true,
        Type::Optional(inner) | Type::List(inner) | Type::Map(_, inner) => is_private(inner),
        _ => false,
    }
}

/// Whether the wire may leave it out although it is not optional.
pub fn has_default(field: &Field) -> bool {
    !matches!(field.ty, Type::Optional(_)) && field.is_optional()
}

/// The name of a field for people who write in either language: a duration needs no unit.
pub fn field_name(field: &Field) -> String {
    let name = field.name();
    match (plain(field.ty), name.strip_suffix("Ms")) {
        (Type::Millis, Some(short)) => short.to_owned(),
        _ => name,
    }
}

pub fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Optional(inner) => plain(inner),
        other => other,
    }
}

/// Documentation without the links of rustdoc, line by line.
pub fn prose(docs: &[&str]) -> Vec<String> {
    let text = docs
        .iter()
        .map(|line| line.trim())
        .collect::<Vec<_>>()
        .join("\n")
        .replace("[`Quality`](super::Quality)", "`call:quality`")
        .replace("[`PUBLISHABLE`]", "those that can be published")
        .replace("[`Leave`]", "`call:leave`")
        .replace("[`Resume`]", "`session:resume`");
    assert!(!text.contains("[`"), "a link of rustdoc: {text}");
    text.lines().map(str::to_owned).collect()
}
