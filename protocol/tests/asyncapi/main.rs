//! `docs/asyncapi.json`, the contract for clients in other languages, is made from the catalogue.
//! `UPDATE_DOCS=1` writes it anew. Its schemas take exactly what the Rust types take.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test fails by panicking; its modules are no library"
)]

mod bounds;
#[path = "../common/mod.rs"]
mod common;
mod document;
mod http;
mod mutations;
mod schemas;

use carewire_protocol::catalog;
use common::{Vector, payloads, read};
use jsonschema::{Draft, Validator};
use schemas::pascal;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, path::PathBuf};

fn page() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/asyncapi.json")
}

/// The schema at a place of the document, ready to judge, with the schemas that it leads to and no
/// others: reading all of them each time takes most of the time of these tests.
fn validator(document: &Value, place: &str) -> Validator {
    let at = |place: &str| {
        document
            .pointer(place)
            .unwrap_or_else(|| panic!("no {place}"))
    };
    let (mut needed, mut left) = (Map::new(), Vec::new());
    references(at(place), &mut left);
    while let Some(next) = left.pop() {
        let name = next.rsplit('/').next().unwrap_or_default();
        if !needed.contains_key(name) {
            let schema = at(next.trim_start_matches('#'));
            references(schema, &mut left);
            needed.insert(name.to_owned(), schema.clone());
        }
    }
    let schema = json!({"allOf": [at(place)], "components": {"schemas": needed}});
    jsonschema::options()
        .with_draft(Draft::Draft7)
        .build(&schema)
        .unwrap_or_else(|error| panic!("{place}: {error}"))
}

fn payload_of(document: &Value, message: &str) -> Validator {
    validator(document, &format!("/components/messages/{message}/payload"))
}

#[test]
fn the_document_is_current() {
    let new = serde_json::to_string_pretty(&document::generate()).unwrap() + "\n";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(page(), new).unwrap();
        return;
    }
    let old = std::fs::read_to_string(page()).unwrap();
    assert!(
        new == old,
        "docs/asyncapi.json is not current: cargo xtask docs"
    );
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(place) = fields.get("$ref").and_then(Value::as_str) {
                found.push(place.to_owned());
            }
            fields.values().for_each(|inner| references(inner, found));
        }
        Value::Array(entries) => entries.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_one() {
    let document = document::generate();
    let mut found = Vec::new();
    references(&document, &mut found);
    for place in found {
        let target = document.pointer(place.trim_start_matches('#'));
        assert!(target.is_some_and(|target| !target.is_null()), "{place}");
    }
    for name in document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
    {
        validator(&document, &format!("/components/schemas/{name}"));
    }
}

#[test]
fn every_command_and_event_has_its_operation() {
    let document = document::generate();
    for row in catalog::commands() {
        let operation = &document["operations"][pascal(row.name, "")];
        assert_eq!(operation["action"], "receive", "{}", row.name);
    }
    for row in catalog::events() {
        let operation = &document["operations"][pascal(row.name, "Event")];
        assert_eq!(operation["action"], "send", "{}", row.name);
    }
}

/// The schema of the data of a vector.
fn schema_of(document: &Value, vector: &Vector) -> String {
    let messages = &document["components"]["messages"];
    let data = |suffix: &str| {
        let name = pascal(&vector.name, suffix);
        let place = &messages[name]["payload"]["properties"]["data"]["$ref"];
        place.as_str().unwrap().trim_start_matches('#').to_owned()
    };
    match vector.kind.as_str() {
        "command" => data("Command"),
        "reply" => data("Reply"),
        "event" => data("Event"),
        "error" => "/components/schemas/ErrorReply".to_owned(),
        kind => http_schema(document, kind, vector),
    }
}

fn http_schema(document: &Value, kind: &str, vector: &Vector) -> String {
    let value: Value = serde_json::from_str(vector.data.get()).unwrap();
    let proof = catalog::proofs().find(|proof| {
        let takes = (proof.recode)(&vector.text()).is_ok_and(|same| same.json == vector.text());
        common::kind_name(proof.kind) == kind && proof.name == vector.name && takes
    });
    let shape = proof
        .unwrap_or_else(|| panic!("{}: {value}", vector.describe()))
        .shape;
    let schemas = schemas::Schemas::of_the_contract();
    let name = schemas.name(shape).to_owned();
    assert!(
        document["components"]["schemas"].get(&name).is_some(),
        "{name}"
    );
    format!("/components/schemas/{name}")
}

#[test]
fn every_vector_is_what_its_schema_says() {
    let document = document::generate();
    let mut judges = BTreeMap::new();
    for vector in payloads().into_iter().flat_map(|(_, vectors)| vectors) {
        let place = schema_of(&document, &vector);
        let judge = judges
            .entry(place.clone())
            .or_insert_with(|| validator(&document, &place));
        let value: Value = serde_json::from_str(vector.data.get()).unwrap();
        if let Err(error) = judge.validate(&value) {
            panic!(
                "{}: {error} at {}",
                vector.describe(),
                error.instance_path()
            );
        }
    }
}

#[test]
fn every_example_is_what_its_message_says() {
    let document = document::generate();
    let (mut with, mut without) = (0, Vec::new());
    for (name, message) in document["components"]["messages"].as_object().unwrap() {
        let judge = payload_of(&document, name);
        let Some(examples) = message.get("examples") else {
            without.push(name.as_str());
            continue;
        };
        for example in examples.as_array().unwrap() {
            with += 1;
            assert!(judge.is_valid(&example["payload"]), "{name}: {example}");
        }
    }
    assert!(with > 150, "{with}");
    assert_eq!(without, ["Refusal", "UnknownEvent"]);
}

#[test]
fn whole_frames_are_what_their_messages_say() {
    let document = document::generate();
    for frame in read::<Vec<Value>>("frames") {
        let text = frame["text"].as_str().unwrap();
        let value: Value = serde_json::from_str(text).unwrap();
        let expected = &frame["expect"];
        let name = value["type"].as_str().unwrap();
        let message = match (frame["side"].as_str().unwrap(), expected["kind"].as_str()) {
            (_, Some("reply")) => "RoomPublishReply".to_owned(),
            (_, Some("unknown")) => "UnknownEvent".to_owned(),
            (_, Some("event")) => pascal(name, "Event"),
            ("client", _) if name != "ping" => pascal(name, "Command"),
            _ => pascal(name, ""),
        };
        // A server takes `null` for nothing; a client that keeps to the contract leaves it out.
        let is_null = value.get("data").is_some_and(Value::is_null);
        let judge = payload_of(&document, &message);
        assert_eq!(
            judge.is_valid(&value),
            !is_null,
            "{}: {text}",
            frame["title"]
        );
    }
}

#[test]
fn names_of_rooms() {
    let document = document::generate();
    let room = validator(&document, "/components/schemas/RoomId");
    let channel = validator(&document, "/components/schemas/Channel");
    for vector in read::<Vec<Value>>("rooms") {
        let name = vector["name"].as_str().unwrap();
        // That ids are sorted and differ, no regular expression can say.
        let is_unsorted = ["chat:dr-lee:ana", "chat:ana:ana", "chat:a:A"].contains(&name);
        let is_room = vector.get("kind").is_some() || is_unsorted;
        assert_eq!(room.is_valid(&vector["name"]), is_room, "{name:?}");
        let is_channel = vector["kind"] == "channel";
        assert_eq!(channel.is_valid(&vector["name"]), is_channel, "{name:?}");
    }
}
