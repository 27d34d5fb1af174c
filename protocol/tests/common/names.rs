//! What the types of the contract are called in other languages. In Rust modules tell them apart;
//! elsewhere each needs a name of its own.

use carewire_protocol::{
    catalog::{self, CommandRow},
    schema::Object,
};
use std::collections::BTreeMap;

/// A module of Rust and a name in it.
pub type Place = (&'static str, &'static str);

pub fn place(object: &Object) -> Place {
    (object.module, object.name)
}

/// `message:send` and `Command` make `MessageSendCommand`.
pub fn pascal(wire_name: &str, suffix: &str) -> String {
    let mut name = String::new();
    for part in wire_name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut chars = part.chars();
        name.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        name.extend(chars);
    }
    name + suffix
}

/// The names that differ from those in Rust.
pub struct Names(BTreeMap<Place, String>);

impl Names {
    /// Commands, events and replies are called by what they are on the wire. `renamed` comes first.
    pub fn new(renamed: &[(Place, &str)], is_seen: fn(&CommandRow) -> bool) -> Self {
        let renamed = renamed.iter().map(|(at, name)| (*at, (*name).to_owned()));
        let mut names = Self(renamed.collect());
        let commands = || catalog::commands().filter(|row| is_seen(row));
        for row in commands() {
            names.give(row.data_shape, pascal(row.name, "Command"));
        }
        for row in catalog::events().filter(|row| row.shape.name.ends_with("Event")) {
            names.give(row.shape, pascal(row.name, "Event"));
        }
        for row in commands().filter(|row| row.reply_shape.name.ends_with("Reply")) {
            names.give(row.reply_shape, pascal(row.name, "Reply"));
        }
        names
    }

    fn give(&mut self, object: &Object, name: String) {
        self.0.entry(place(object)).or_insert(name);
    }

    pub fn of(&self, object: &Object) -> &str {
        self.0
            .get(&place(object))
            .map_or(object.name, String::as_str)
    }
}
