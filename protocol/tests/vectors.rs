//! Holds the types to the golden vectors, which other languages are held to as well.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use carewire_protocol::{
    AnyCommand, ErrorReply, EventData, RoomId, catalog,
    frame::{self, CommandFrame, EventHead, Heartbeat, ServerFrame},
    proof::{Proof, Recoded},
    schema::{Object, Tagging, Type},
};
use common::{Vector, kind_name, objects, payloads, read};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

fn proofs_of(vector: &Vector) -> Vec<&'static Proof> {
    catalog::proofs()
        .filter(|proof| kind_name(proof.kind) == vector.kind && proof.name == vector.name)
        .collect()
}

fn recode(vector: &Vector) -> (&'static Object, Recoded) {
    let expected = vector.text();
    let mut seen = Vec::new();
    for proof in proofs_of(vector) {
        match (proof.recode)(&expected) {
            Ok(recoded) if recoded.json == expected => return (proof.shape, recoded),
            Ok(recoded) => seen.push(recoded.json),
            Err(error) => seen.push(error),
        }
    }
    panic!(
        "{}\nexpected {expected}\ngot      {}",
        vector.describe(),
        seen.join("\n         ")
    );
}

fn recode_error(vector: &Vector) -> (&'static Object, Recoded) {
    let error: ErrorReply = serde_json::from_str(&vector.text()).unwrap();
    let json = serde_json::to_string(&error).unwrap();
    assert_eq!(json, vector.text(), "{}", vector.describe());
    (
        &ErrorReply::OBJECT,
        Recoded {
            json,
            debug: format!("{error:#?}"),
        },
    )
}

fn recode_any(vector: &Vector) -> (&'static Object, Recoded) {
    if vector.kind == "error" {
        recode_error(vector)
    } else {
        recode(vector)
    }
}

#[test]
fn every_vector_decodes_and_encodes_to_the_same_text() {
    for (_, vectors) in payloads() {
        for vector in &vectors {
            let (_, recoded) = recode_any(vector);
            let same: Value = serde_json::from_str(&recoded.json).unwrap();
            assert_eq!(
                same,
                serde_json::from_str::<Value>(vector.data.get()).unwrap()
            );
        }
    }
}

#[test]
fn commands_pass_their_own_rules() {
    for (_, vectors) in payloads() {
        for vector in vectors.iter().filter(|vector| vector.kind == "command") {
            if let Err(error) = AnyCommand::decode(&vector.name, &vector.raw()) {
                panic!("{}: {error}", vector.describe());
            }
        }
    }
}

#[test]
fn events_decode_through_the_catalogue() {
    for (_, vectors) in payloads() {
        for vector in vectors.iter().filter(|vector| vector.kind == "event") {
            let event = EventData::decode(&vector.name, &vector.raw()).unwrap();
            assert!(
                !matches!(event, EventData::Unknown(_)),
                "{}",
                vector.describe()
            );
            assert_eq!(event.name(), vector.name);
            assert_eq!(serde_json::to_string(&event).unwrap(), vector.text());
        }
    }
}

#[test]
fn debug_output_shows_no_content() {
    for (file, vectors) in payloads() {
        let mut text = String::new();
        for vector in &vectors {
            let (_, recoded) = recode_any(vector);
            writeln!(text, "{}\n{}\n", vector.describe(), recoded.debug).unwrap();
        }
        for content in [
            "ECG",
            "Duarte",
            "Min Lee",
            "pills",
            "blood",
            "ward 3",
            "Unconscious",
            "SpO",
            "eyJ",
        ] {
            assert!(!text.contains(content), "{file}: {content}");
        }
        insta::assert_snapshot!(file, text);
    }
}

#[test]
fn every_row_has_a_full_and_a_minimal_vector() {
    let mut by_row: BTreeMap<(&str, &str), Vec<Value>> = BTreeMap::new();
    let files = payloads();
    for vector in files.iter().flat_map(|(_, vectors)| vectors) {
        let row = (vector.kind.as_str(), vector.name.as_str());
        by_row
            .entry(row)
            .or_default()
            .push(serde_json::from_str(vector.data.get()).unwrap());
    }
    for proof in catalog::proofs() {
        let row = (kind_name(proof.kind), proof.name);
        let Some(examples) = by_row.get(&row) else {
            panic!("{row:?} has no vector")
        };
        let fields = proof.shape.fields();
        for field in &fields {
            let shown = examples
                .iter()
                .any(|example| example.get(field.name()).is_some());
            assert!(shown, "{row:?} has no vector with {}", field.name());
        }
        let mut optional = fields
            .iter()
            .filter(|field| matches!(field.ty, Type::Optional(_)));
        // Of some, one of two is required.
        let exclusive = ["call:join", "POST /v1/notifications"].contains(&proof.name);
        let minimal = examples.iter().any(|example| {
            optional
                .clone()
                .all(|field| example.get(field.name()).is_none())
        });
        assert!(
            minimal || exclusive || optional.next().is_none(),
            "{row:?} has no minimal vector"
        );
    }
}

/// Notes which fields of which objects a value shows.
fn walk(ty: &Type, value: &Value, shown: &mut BTreeSet<(&'static str, &'static str, String)>) {
    match ty {
        Type::Optional(inner) => walk(inner, value, shown),
        Type::List(inner) => {
            for entry in value.as_array().unwrap() {
                walk(inner, entry, shown);
            }
        }
        Type::Map(_, inner) => {
            for entry in value.as_object().unwrap().values() {
                walk(inner, entry, shown);
            }
        }
        Type::Object(object) => {
            for field in object.fields() {
                if let Some(inner) = value.get(field.name()) {
                    shown.insert((object.module, object.name, field.name()));
                    walk(field.ty, inner, shown);
                }
            }
        }
        Type::Union(union) => {
            for (name, inner) in union.variants {
                match union.tagging {
                    Tagging::Key => {
                        if let Some(content) = value.get(name) {
                            shown.insert((union.module, union.name, (*name).to_owned()));
                            walk(inner, content, shown);
                        }
                    }
                    Tagging::TypeAndData => {
                        if value["type"] == *name {
                            walk(inner, &value["data"], shown);
                        }
                    }
                }
            }
        }
        _ => {}
    }
}

#[test]
fn every_field_of_every_type_is_shown() {
    let mut shown = BTreeSet::new();
    for (_, vectors) in payloads() {
        for vector in &vectors {
            let (shape, _) = recode_any(vector);
            let value = serde_json::from_str(vector.data.get()).unwrap();
            walk(&Type::Object(shape), &value, &mut shown);
        }
    }
    let mut found = BTreeMap::new();
    for proof in catalog::proofs() {
        objects(&Type::Object(proof.shape), &mut found);
    }
    let missing: Vec<_> = found
        .values()
        .flat_map(|object| {
            object
                .fields()
                .into_iter()
                .map(|f| (object.module, object.name, f.name()))
        })
        .filter(|field| !shown.contains(field))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[derive(Deserialize)]
struct Fill {
    text: String,
    times: usize,
}

#[derive(Deserialize)]
struct BadFrame {
    title: String,
    text: String,
    fill: Option<Fill>,
    code: String,
    field: Option<String>,
    message: Option<String>,
    id: Option<u32>,
}

#[test]
fn bad_frames_get_their_error() {
    let mut wrong = Vec::new();
    for bad in read::<Vec<BadFrame>>("bad_frames") {
        let text = match &bad.fill {
            Some(fill) => bad.text.replace("<fill>", &fill.text.repeat(fill.times)),
            None => bad.text.clone(),
        };
        let answer = match CommandFrame::decode(&text) {
            Err(refused) => Some((refused.id.map(u32::from), refused.error)),
            Ok(frame) => AnyCommand::decode(&frame.name, frame.data)
                .err()
                .map(|error| (frame.id.map(u32::from), error)),
        };
        let Some((id, error)) = answer else {
            wrong.push(format!("{}: taken", bad.title));
            continue;
        };
        let as_expected = error.code.as_str() == bad.code
            && error.field == bad.field
            && bad
                .message
                .as_ref()
                .is_none_or(|message| *message == error.message)
            && id == bad.id
            && !error.message.is_empty()
            && error.message.len() < 300;
        if !as_expected {
            wrong.push(format!("{}: {id:?} {error:?}", bad.title));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[derive(Deserialize)]
struct RoomVector {
    name: String,
    kind: Option<String>,
    error: Option<String>,
}

#[test]
fn names_of_rooms() {
    for vector in read::<Vec<RoomVector>>("rooms") {
        match (vector.name.parse::<RoomId>(), vector.kind) {
            (Ok(room), Some(kind)) => {
                assert_eq!(room.kind().as_str(), kind, "{room}");
                assert_eq!(room.to_string(), vector.name);
            }
            (Err(_), None) => assert_eq!(vector.error.as_deref(), Some("room_not_found")),
            (parsed, _) => panic!("{:?}: {parsed:?}", vector.name),
        }
    }
}

#[derive(Deserialize)]
struct FrameVector {
    side: String,
    title: String,
    text: String,
    expect: Value,
}

#[test]
fn whole_frames() {
    for vector in read::<Vec<FrameVector>>("frames") {
        let seen = match vector.side.as_str() {
            "client" => client_frame(&vector.text),
            _ => server_frame(&vector.text),
        };
        assert_eq!(seen, vector.expect, "{}", vector.title);
    }
}

fn without_nulls(mut value: Value) -> Value {
    value
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    value
}

fn client_frame(text: &str) -> Value {
    let frame = CommandFrame::decode(text).unwrap();
    without_nulls(json!({
        "type": frame.name,
        "id": frame.id,
        "key": frame.key,
        "data": serde_json::from_str::<Value>(frame.data.get()).unwrap(),
    }))
}

/// Decodes a server's frame, and checks that it is written again as it was.
fn server_frame(text: &str) -> Value {
    match ServerFrame::decode(text).unwrap() {
        ServerFrame::Reply { id, data } => {
            assert_eq!(frame::encode_reply(id, &data), text);
            json!({"kind": "reply", "id": id, "data": data})
        }
        ServerFrame::Error { id, error } => {
            assert_eq!(frame::encode_error(id, &error), text);
            without_nulls(json!({"kind": "error", "id": id, "code": error.code}))
        }
        ServerFrame::Heartbeat(beat, id) => {
            assert_eq!(frame::encode_heartbeat(beat, id), text);
            let kind = if beat == Heartbeat::Ping {
                "ping"
            } else {
                "pong"
            };
            without_nulls(json!({"kind": kind, "id": id}))
        }
        ServerFrame::Event(frame) => {
            let event = frame.decode().unwrap();
            let head = EventHead {
                name: event.data.name(),
                room: event.room.as_ref(),
                epoch: event.position.as_ref().map(|(epoch, _)| epoch),
                offset: event.position.as_ref().map(|(_, offset)| *offset),
                origin: event.origin.as_ref(),
                timestamp: event.timestamp,
            };
            assert_eq!(frame::encode_event(&head, &event.data), text);
            let kind = match event.data {
                EventData::Unknown(_) => "unknown",
                _ => "event",
            };
            without_nulls(json!({
                "kind": kind,
                "type": head.name,
                "room": head.room,
                "epoch": head.epoch,
                "offset": head.offset,
                "origin": head.origin,
                "timestamp": head.timestamp,
                "data": event.data,
            }))
        }
    }
}
