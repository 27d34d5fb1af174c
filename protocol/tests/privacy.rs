//! No log line can contain health content by accident.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use carewire_protocol::{
    EventData, PrivateJson, PrivateText, catalog,
    frame::{CommandFrame, ServerFrame},
    schema::{Object, Tagging, Type},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CANARY: &str = "canary4711";
const CANARY_NUMBER: f64 = 4711.25;

/// A value of a type in which everything private is a canary.
fn example(ty: &Type) -> Value {
    match ty {
        Type::Bool => true.into(),
        Type::Integer | Type::Millis | Type::Number => 7.into(),
        Type::PrivateNumber => CANARY_NUMBER.into(),
        Type::Text => "text".into(),
        Type::PrivateText => CANARY.into(),
        Type::Json => json!({ CANARY: CANARY }),
        Type::Timestamp => "2026-11-21T10:30:00.000Z".into(),
        Type::Room => "reports:system".into(),
        Type::Id(_) => "id".into(),
        Type::Words(words) => words.words[0].0.into(),
        Type::Object(object) => example_of(object),
        Type::Union(union) => {
            let (name, content) = union.variants[0];
            match union.tagging {
                Tagging::Key => json!({ name: example(content) }),
                Tagging::TypeAndData => json!({"type": name, "data": example(content)}),
            }
        }
        Type::Optional(inner) => example(inner),
        Type::List(inner) => json!([example(inner)]),
        Type::Map(key, inner) => {
            let Value::String(key) = example(key) else {
                panic!("keys are texts")
            };
            json!({ key: example(inner) })
        }
    }
}

fn example_of(object: &Object) -> Value {
    object
        .fields()
        .iter()
        .map(|field| (field.name(), example(field.ty)))
        .collect::<Value>()
}

fn assert_hidden(what: &str, debug: &str) {
    assert!(!debug.contains(CANARY), "{what}: {debug}");
    assert!(!debug.contains("4711"), "{what}: {debug}");
}

#[test]
fn debug_of_every_type_hides_what_is_private() {
    let mut with_content = 0;
    for proof in catalog::proofs() {
        let json = example_of(proof.shape).to_string();
        let recoded = (proof.recode)(&json).unwrap_or_else(|e| panic!("{}: {e}", proof.name));
        with_content += usize::from(recoded.json.contains("4711"));
        assert_hidden(proof.name, &recoded.debug);
    }
    assert!(with_content > 60, "{with_content} types with content");
}

#[test]
fn debug_of_frames_hides_what_is_private() {
    let text = format!(r#"{{"type":"message:send","id":1,"data":{{"body":"{CANARY}"}}}}"#);
    assert_hidden(
        "a command",
        &format!("{:?}", CommandFrame::decode(&text).unwrap()),
    );
    let text = format!(r#"{{"type":"reply","id":1,"data":{{"body":"{CANARY}"}}}}"#);
    assert_hidden(
        "a reply",
        &format!("{:?}", ServerFrame::decode(&text).unwrap()),
    );
    for name in ["message:new", "a:later"] {
        let text = format!(r#"{{"type":"{name}","data":{{"body":"{CANARY}"}}}}"#);
        let frame = ServerFrame::decode(&text).unwrap();
        assert_hidden(name, &format!("{frame:?}"));
        if let ServerFrame::Event(event) = frame {
            assert_hidden(name, &format!("{:?}", event.decode()));
        }
    }
    let data = PrivateJson::from_value(&json!({ "a": CANARY })).unwrap();
    let raw = serde_json::value::RawValue::from_string(data.get().to_owned()).unwrap();
    assert_hidden(
        "an unknown event",
        &format!("{:?}", EventData::decode("a:later", &raw)),
    );
    assert_hidden("a text", &format!("{:?}", PrivateText::new(CANARY)));
}

/// Texts that a log may show. Whoever adds a field decides: here, or `PrivateText`.
const PLAIN: &[&str] = &[
    "AuditEntry.command",
    "AuditList.cursor",
    "Attachment.mimeType",
    "CompletedEvent.format",
    "ConnectedEvent.protocol",
    "ConnectionList.cursor",
    "CustomEvent.event",
    "ErrorReply.field",
    "ErrorReply.message",
    "HealthFrame.type",
    "History.cursor",
    "HistoryReply.cursor",
    "InboundMessage.externalId",
    "JoinReply.cursor",
    "List.cursor",
    "ListReply.cursor",
    "MaintenanceEvent.affectedServices",
    "ParkedEvent.type",
    "ParkedList.cursor",
    "Participants.cursor",
    "ParticipantsReply.cursor",
    "Publish.event",
    "PublishedEvent.event",
    "PublishedEvent.type",
    "PushWantedEvent.id",
    "React.emoji",
    "ReactionEvent.emoji",
    "Reading.unit",
    "RoomInfo.kind",
    "RoomList.cursor",
    "ShutdownEvent.reason",
    "Snapshot.cursor",
    "Unreact.emoji",
    "WhiteboardState.cursor",
];

fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Text => true,
        Type::Optional(inner) | Type::List(inner) => is_plain(inner),
        _ => false,
    }
}

fn plain_texts(ty: &Type, found: &mut BTreeSet<String>) {
    match ty {
        Type::Optional(inner) | Type::List(inner) | Type::Map(_, inner) => {
            plain_texts(inner, found);
        }
        Type::Object(object) => {
            for field in object.fields() {
                if is_plain(field.ty) {
                    found.insert(format!("{}.{}", object.name, field.name()));
                }
                plain_texts(field.ty, found);
            }
        }
        Type::Union(union) => {
            for (_, inner) in union.variants {
                plain_texts(inner, found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_plain_text_is_plain_on_purpose() {
    let mut found = BTreeSet::new();
    for proof in catalog::proofs() {
        plain_texts(&Type::Object(proof.shape), &mut found);
    }
    let plain: BTreeSet<String> = PLAIN.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found, plain);
}
