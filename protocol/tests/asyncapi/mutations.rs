//! The schemas and the Rust types take the same: one field of a golden vector after the other is
//! changed in many ways, and both are asked.

use super::schemas::plain;
use super::{common::payloads, document, schema_of, validator};
use carewire_protocol::{
    AnyCommand, ErrorReply,
    backend::{
        MessageStatusUpdate, PostMessage, PostNotification, PublishRequest, PutThread, PutUser,
        PutVisit, UserRooms,
    },
    catalog, frame,
    limits::MAX_INTEGER,
    proof::Proof,
    schema::{Field, Type},
};
use serde_json::{Value, json, value::RawValue};
use std::collections::BTreeMap;

/// Whether the code takes a body of the HTTP API.
fn takes_body(proof: &Proof, text: &str) -> bool {
    let checked = |check: Result<(), ErrorReply>| check.is_ok();
    macro_rules! body {
        ($type:ty) => {
            checked(frame::decode_body::<$type>(text).and_then(|body| body.check()))
        };
    }
    match proof.shape.name {
        "PublishRequest" => PublishRequest::decode_body(text).is_ok(),
        "InboundMessage" | "RoomMessage" => PostMessage::decode(text).is_ok(),
        "MessageStatusUpdate" => body!(MessageStatusUpdate),
        "PostNotification" => body!(PostNotification),
        "PutVisit" => body!(PutVisit),
        "PutThread" => body!(PutThread),
        "PutUser" => body!(PutUser),
        "UserRooms" => body!(UserRooms),
        _ => (proof.recode)(text).is_ok(),
    }
}

fn takes(proof: &Proof, kind: &str, value: &Value) -> bool {
    let text = value.to_string();
    if kind == "command" {
        let raw = RawValue::from_string(text).unwrap();
        AnyCommand::decode(proof.name, &raw).is_ok()
    } else {
        takes_body(proof, &text)
    }
}

/// Values around every bound of the contract, each of them wrong for some field.
fn candidates(ty: &Type, known: &Value) -> Vec<Value> {
    let texts = |lengths: &[usize]| lengths.iter().map(|n| "x".repeat(*n).into()).collect();
    match plain(ty) {
        Type::Bool => vec![json!("true")],
        Type::Integer | Type::Millis => [
            0,
            1,
            2,
            100,
            101,
            249,
            250,
            4_999,
            5_000,
            300_000,
            300_001,
            MAX_INTEGER,
        ]
        .iter()
        .map(|number| json!(number))
        .chain([json!(-1), json!("1")])
        .collect(),
        Type::Number | Type::PrivateNumber => {
            vec![
                json!(-1),
                json!(0),
                json!(0.5),
                json!(100),
                json!(100.5),
                json!("1"),
            ]
        }
        Type::Text | Type::PrivateText => {
            let mut texts: Vec<Value> = texts(&[
                0, 1, 64, 65, 1_024, 1_025, 4_096, 4_097, 65_536, 65_537, 300_000,
            ]);
            texts.extend([
                json!(" \n"),
                json!(5),
                json!("javascript:x"),
                json!("HTTP://x"),
            ]);
            texts.extend([
                json!("data:x"),
                json!("a/b:c"),
                json!("https:\u{7}"),
                json!("#"),
            ]);
            texts
        }
        Type::Timestamp => vec![json!("yesterday"), json!(5)],
        Type::Room => [
            "visit:v",
            "user:a:b",
            "x:y",
            "x:y:z",
            "visit:a:b",
            "x",
            ":",
            "ä:b",
        ]
        .iter()
        .map(|name| json!(name))
        .collect(),
        Type::Id(_) => {
            let mut ids: Vec<Value> = texts(&[0, 1, 64, 65, 128, 129]);
            ids.extend(
                [
                    "internal", "A", "2", "_", "a-b", "a b", "a:b", "ä", "~", "a\n",
                ]
                .map(Value::from),
            );
            ids
        }
        Type::Words(words) => {
            let known = words.words.iter().map(|(word, _)| json!(word));
            known
                .chain([json!("of_a_later_version"), json!(5)])
                .collect()
        }
        Type::List(_) => {
            let Some(entry) = known.get(0) else {
                return vec![json!([]), json!({})];
            };
            [0, 1, 20, 21, 500, 501]
                .iter()
                .map(|count| Value::from(vec![entry.clone(); *count]))
                .chain([json!({})])
                .collect()
        }
        Type::Map(..) => {
            let fields = |count: usize| (0..count).map(|n| (n.to_string(), json!(1))).collect();
            vec![
                json!([]),
                Value::Object(fields(500)),
                Value::Object(fields(501)),
            ]
        }
        Type::Object(_) | Type::Union(_) => vec![json!(5), json!({})],
        Type::Json | Type::Optional(_) => vec![],
    }
}

/// The places of a value that have a type, with each of the values to try there.
fn places(fields: &[Field], value: &Value, at: &str, found: &mut Vec<(String, Vec<Value>)>) {
    for field in fields {
        let place = format!("{at}/{}", field.name());
        let Some(inner) = value.get(field.name()) else {
            continue;
        };
        found.push((place.clone(), candidates(field.ty, inner)));
        match plain(field.ty) {
            Type::Object(object) => places(&object.fields(), inner, &place, found),
            Type::List(Type::Object(object)) if inner.get(0).is_some() => {
                places(&object.fields(), &inner[0], &format!("{place}/0"), found);
            }
            _ => {}
        }
    }
}

fn without(value: &Value, place: &str) -> Value {
    let mut value = value.clone();
    let (parent, name) = place.rsplit_once('/').unwrap();
    let fields = value
        .pointer_mut(parent)
        .and_then(Value::as_object_mut)
        .unwrap();
    fields.remove(name);
    value
}

#[test]
fn schemas_take_what_the_types_take_and_nothing_else() {
    let document = document::generate();
    let (mut tried, mut refused, mut wrong) = (0, 0, Vec::new());
    let mut judges = BTreeMap::new();
    for vector in payloads().into_iter().flat_map(|(_, vectors)| vectors) {
        if !["command", "body"].contains(&vector.kind.as_str()) {
            continue;
        }
        let proof = catalog::proofs()
            .find(|proof| {
                let same = (proof.recode)(&vector.text()).is_ok_and(|r| r.json == vector.text());
                super::common::kind_name(proof.kind) == vector.kind
                    && proof.name == vector.name
                    && same
            })
            .unwrap();
        let place = schema_of(&document, &vector);
        let judge = judges
            .entry(place.clone())
            .or_insert_with(|| validator(&document, &place));
        let value: Value = serde_json::from_str(vector.data.get()).unwrap();
        let mut found = Vec::new();
        places(&proof.shape.fields(), &value, "", &mut found);
        for (place, candidates) in found {
            let mut variants: Vec<_> = candidates
                .into_iter()
                .map(|candidate| {
                    let mut variant = value.clone();
                    *variant.pointer_mut(&place).unwrap() = candidate;
                    variant
                })
                .collect();
            // Without a token the answer is `no_token`: for the types it is no error.
            if place != "/token" {
                variants.push(without(&value, &place));
            }
            for variant in variants {
                let by_types = takes(proof, &vector.kind, &variant);
                tried += 1;
                refused += usize::from(!by_types);
                if judge.is_valid(&variant) != by_types {
                    let shown: String = variant.pointer(&place).unwrap_or(&Value::Null).to_string();
                    let shown: String = shown.chars().take(60).collect();
                    wrong.push(format!(
                        "{}{place}: {shown}: types {by_types}",
                        vector.describe()
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(tried > 1_500 && refused > 500, "{refused} of {tried}");
}
