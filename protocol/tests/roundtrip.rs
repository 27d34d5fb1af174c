//! Whatever can be written can be read, and whatever is read leads to an answer and never a panic.

use carewire_protocol::{
    AnyCommand, ErrorReply, EventData, RoomId, Timestamp, catalog,
    frame::{self, CommandFrame, EventHead, ServerFrame},
    message::MessageStatus,
    proof::Kind,
};
use proptest::prelude::*;
use serde_json::value::RawValue;

fn prove(kind: Kind) {
    let mut failures = Vec::new();
    let mut count = 0;
    for proof in catalog::proofs().filter(|proof| proof.kind == kind) {
        count += 1;
        if let Err(error) = (proof.roundtrip)() {
            failures.push(format!("{:?} {}: {error}", proof.kind, proof.name));
        }
    }
    assert!(count > 0 && failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_command() {
    prove(Kind::Command);
}

#[test]
fn every_reply() {
    prove(Kind::Reply);
}

#[test]
fn every_event() {
    prove(Kind::Event);
}

#[test]
fn every_body() {
    prove(Kind::Body);
}

#[test]
fn every_answer() {
    prove(Kind::Answer);
}

#[test]
fn names_are_unique_and_lead_back() {
    let empty = RawValue::from_string("{}".into()).unwrap();
    let mut commands: Vec<_> = catalog::commands().map(|row| row.name).collect();
    let mut events: Vec<_> = catalog::events().map(|row| row.name).collect();
    for name in &commands {
        match AnyCommand::decode(name, &empty) {
            Ok(command) => assert_eq!(command.name(), *name),
            Err(error) => assert_ne!(error.code.as_str(), "unknown_type", "{name}"),
        }
    }
    for name in &events {
        let unknown = matches!(EventData::decode(name, &empty), Ok(EventData::Unknown(_)));
        assert!(!unknown, "{name}");
    }
    for names in [&mut commands, &mut events] {
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}

/// Any JSON, not too deep.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,8}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("[a-zA-Z]{1,8}", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

fn command_names() -> impl Strategy<Value = &'static str> {
    prop::sample::select(catalog::commands().map(|row| row.name).collect::<Vec<_>>())
}

fn event_names() -> impl Strategy<Value = &'static str> {
    prop::sample::select(catalog::events().map(|row| row.name).collect::<Vec<_>>())
}

/// What the server does with a text: the answer it would send, if it is an error.
fn serve(text: &str) -> Result<AnyCommand, ErrorReply> {
    let frame = CommandFrame::decode(text).map_err(|bad| bad.error)?;
    AnyCommand::decode(&frame.name, frame.data)
}

/// What a client does with a text.
fn receive(text: &str) {
    if let Ok(ServerFrame::Event(event)) = ServerFrame::decode(text) {
        drop(event.decode());
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        drop(serve(&text));
        receive(&text);
        drop(text.parse::<RoomId>());
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        let text = String::from_utf8_lossy(&bytes);
        drop(serve(&text));
        receive(&text);
    }

    #[test]
    fn any_json_is_answered(value in json()) {
        let text = value.to_string();
        drop(serve(&text));
        receive(&text);
    }

    #[test]
    fn any_data_of_a_command_is_answered(name in command_names(), data in json(), id in 1u32..) {
        let text = frame::encode_raw_command(name, id, None, &data);
        if let Err(error) = serve(&text) {
            prop_assert!(error.code.is_known());
            prop_assert!(!error.message.is_empty());
        }
    }

    #[test]
    fn any_data_of_an_event_is_read_or_refused(name in event_names(), data in json()) {
        let text = serde_json::json!({"type": name, "data": data}).to_string();
        receive(&text);
    }

    #[test]
    fn a_cut_frame_is_malformed(name in command_names(), cut in 0.0..1.0f64) {
        let text = frame::encode_raw_command(name, 1, Some("key"), &serde_json::json!({"a": [1]}));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let cut = (text.len() as f64 * cut) as usize;
        let bad = CommandFrame::decode(&text[..cut]).unwrap_err();
        prop_assert_eq!(bad.error.code.as_str(), "malformed");
    }

    #[test]
    fn unknown_events_survive(name in "[a-z]{1,9}:later[A-Za-z]{0,9}", data in json()) {
        let data = serde_json::json!({ "data": data });
        let head = EventHead {
            name: &name,
            room: None,
            epoch: None,
            offset: None,
            origin: None,
            timestamp: Timestamp::from_millis(0),
        };
        let text = frame::encode_event(&head, &data);
        let Ok(ServerFrame::Event(event)) = ServerFrame::decode(&text) else {
            return Err(TestCaseError::fail("not an event"));
        };
        let event = event.decode().unwrap();
        prop_assert!(matches!(event.data, EventData::Unknown(_)));
        prop_assert_eq!(event.data.name(), &*name);
        prop_assert_eq!(serde_json::to_value(&event.data).unwrap(), data);
        // And another hop writes the same text again.
        prop_assert_eq!(frame::encode_event(&head, &event.data), text);
    }

    #[test]
    fn unknown_values_survive(text in "[a-z_]{1,12}") {
        let quoted = format!("\"{text}\"");
        let value: MessageStatus = serde_json::from_str(&quoted).unwrap();
        prop_assert_eq!(value.as_str(), &*text);
        prop_assert_eq!(value.is_known(), MessageStatus::KNOWN.contains(&value));
        prop_assert_eq!(serde_json::to_string(&value).unwrap(), quoted);
    }

    #[test]
    fn deep_frames_are_refused_and_others_are_not(depth in 1usize..200) {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let text = format!(r#"{{"type":"room:publish","data":{{"payload":{open}{close}}}}}"#);
        let refused = CommandFrame::decode(&text).is_err();
        prop_assert_eq!(refused, depth + 2 > carewire_protocol::limits::MAX_DEPTH);
    }
}
