use super::*;
use crate::{AnyCommand, EventData, conversation, message};
use std::borrow::Cow;

fn decode(text: &str) -> Result<AnyCommand, ErrorReply> {
    let frame = CommandFrame::decode(text).map_err(|bad| bad.error)?;
    AnyCommand::decode(&frame.name, frame.data)
}

#[test]
fn a_command_decodes() {
    let text = r#"{"type":"message:send","id":7,"key":"k","data":{"roomId":"visit:v","body":"x","new":1}}"#;
    let frame = CommandFrame::decode(text).unwrap();
    assert_eq!((frame.id.unwrap().get(), &*frame.key.unwrap()), (7, "k"));
    let Ok(AnyCommand::Message(message::Command::Send(send))) = decode(text) else {
        panic!("a message:send");
    };
    assert_eq!(send.body, "x");
    let data = serde_json::to_string(&send).unwrap();
    assert_eq!(data, r#"{"roomId":"visit:v","body":"x"}"#);
}

#[test]
fn absent_data_counts_as_empty() {
    assert!(decode(r#"{"type":"unread:get"}"#).is_ok());
    assert!(decode(r#"{"type":"unread:get","data":null}"#).is_ok());
    assert_eq!(
        decode(r#"{"type":"unread:get","data":[]}"#)
            .unwrap_err()
            .field
            .unwrap(),
        "data"
    );
}

#[test]
fn errors_name_the_field() {
    let field = |data: &str| {
        let error = decode(&format!(r#"{{"type":"message:send","data":{data}}}"#)).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidInput, "{error}");
        (error.field.unwrap(), error.message)
    };
    let is = |field: &str, message: &str| (field.to_owned(), message.to_owned());
    assert_eq!(field("{}"), is("roomId", "roomId is required"));
    assert_eq!(field(r#"{"roomId":5}"#).0, "roomId");
    let data = r#"{"roomId":"visit:v","attachments":[{"name":"a"}]}"#;
    assert_eq!(
        field(data),
        is(
            "attachments[0].mimeType",
            "attachments[0].mimeType is required"
        )
    );
    let data = r#"{"roomId":"visit:v","body":"x","replyTo":"a:b"}"#;
    let rule = "replyTo must be 1-128 characters of A-Z a-z 0-9 _ . @ -";
    assert_eq!(field(data), is("replyTo", rule));
}

#[test]
fn errors_quote_nothing() {
    for value in [
        r#""chest pain, expected must be `x` at line 1""#,
        "5.25",
        "[]",
    ] {
        for field in ["attachments", "metadata", "composedAt", "replyTo", "body"] {
            let data = format!(r#"{{"roomId":"visit:v","body":"x","{field}":{value}}}"#);
            let data = data.replacen(r#""body":"x","body""#, r#""body""#, 1);
            if let Err(error) = decode(&format!(r#"{{"type":"message:send","data":{data}}}"#)) {
                assert_eq!(error.field.as_deref(), Some(field));
                let text = error.to_string();
                assert!(!text.contains("chest") && !text.contains("5.25"), "{text}");
            }
        }
    }
}

#[test]
fn the_name_is_borrowed() {
    let frame = CommandFrame::decode(r#"{"type":"ping","id":1}"#).unwrap();
    assert!(matches!(frame.name, Cow::Borrowed("ping")));
}

#[test]
fn a_name_of_no_room_is_room_not_found() {
    let error = decode(r#"{"type":"room:join","data":{"roomId":"nonsense"}}"#).unwrap_err();
    assert_eq!(error, ErrorReply::room_not_found());
}

#[test]
fn flattened_counts_round_trip() {
    let text = r#"{"unreadCounts":{"internal":2},"totalUnread":2,"rooms":{"chat:a:b":2}}"#;
    let event: conversation::UnreadEvent = serde_json::from_str(text).unwrap();
    assert_eq!(event.counts.total_unread, 2);
    assert_eq!(serde_json::to_string(&event).unwrap(), text);
}

#[test]
fn an_event_frame_round_trips() {
    let data = message::DeletedEvent {
        room_id: RoomId::chat("ana", "dr-lee").unwrap(),
        message_id: crate::MessageId::new("m1").unwrap(),
    };
    let epoch = Epoch::new("e").unwrap();
    let head = EventHead {
        name: "message:deleted",
        room: Some(&data.room_id),
        epoch: Some(&epoch),
        offset: Some(3),
        origin: None,
        timestamp: Timestamp::from_millis(0),
    };
    let text = encode_event(&head, &data);
    assert_eq!(
        text,
        r#"{"type":"message:deleted","room":"chat:ana:dr-lee","epoch":"e","offset":3,"timestamp":"1970-01-01T00:00:00.000Z","data":{"roomId":"chat:ana:dr-lee","messageId":"m1"}}"#
    );
    let Ok(ServerFrame::Event(frame)) = ServerFrame::decode(&text) else {
        panic!("an event")
    };
    let event = frame.decode().unwrap();
    assert_eq!(event.position, Some((epoch, 3)));
    assert_eq!(
        event.data,
        EventData::Message(message::Event::Deleted(data))
    );
}
