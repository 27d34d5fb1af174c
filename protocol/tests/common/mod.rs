//! Reads the golden vectors.

#![allow(dead_code, unreachable_pub, reason = "each test uses another part")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use carewire_protocol::{
    proof::Kind,
    schema::{Object, Type},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::{collections::BTreeMap, path::PathBuf};

/// One example of one payload.
#[derive(Deserialize)]
pub struct Vector {
    pub kind: String,
    pub name: String,
    pub title: String,
    pub data: Box<RawValue>,
}

impl Vector {
    /// The data as it travels. Any JSON of an application is passed on as it came, so the white
    /// space of the file has to go first.
    pub fn text(&self) -> String {
        minify(self.data.get())
    }

    pub fn raw(&self) -> Box<RawValue> {
        RawValue::from_string(self.text()).unwrap()
    }

    pub fn describe(&self) -> String {
        format!("{} {} ({})", self.kind, self.name, self.title)
    }
}

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors")
}

pub fn read<T: DeserializeOwned>(file: &str) -> T {
    let path = folder().join(format!("{file}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The files of payloads, with their vectors.
pub fn payloads() -> Vec<(String, Vec<Vector>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "json"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !["frames", "bad_frames", "rooms"].contains(&name.as_str()))
        .collect();
    files.sort_unstable();
    files
        .into_iter()
        .map(|name| (name.clone(), read(&name)))
        .collect()
}

pub const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Command => "command",
        Kind::Reply => "reply",
        Kind::Event => "event",
        Kind::Body => "body",
        Kind::Answer => "answer",
    }
}

/// JSON without the white space between its tokens; everything else stays as it is written.
pub fn minify(json: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    json.chars()
        .filter(|c| {
            let keep = in_string || !c.is_ascii_whitespace();
            if in_string {
                in_string = *c != '"' || escaped;
                escaped = *c == '\\' && !escaped;
            } else {
                in_string = *c == '"';
            }
            keep
        })
        .collect()
}

/// Every object that a type leads to.
pub fn objects(ty: &Type, found: &mut BTreeMap<(&'static str, &'static str), &'static Object>) {
    match ty {
        Type::Optional(inner) | Type::List(inner) => objects(inner, found),
        Type::Map(key, inner) => {
            objects(key, found);
            objects(inner, found);
        }
        Type::Object(object) if found.insert((object.module, object.name), object).is_none() => {
            for field in object.fields() {
                objects(field.ty, found);
            }
        }
        Type::Union(union) => {
            for (_, inner) in union.variants {
                objects(inner, found);
            }
        }
        _ => {}
    }
}
