//! Section 2: commands, replies, errors, events and heartbeats as frames.

use carewire_tests::{Failure, Raw, Server, Token, unique};
use serde_json::{Value, json};

async fn login(server: &Server) -> Raw {
    let token = Token::new("lee", "provider").tenant(&unique("frames"));
    let mut raw = Raw::login(server, &token).await;
    raw.event("connected").await;
    raw
}

#[tokio::test]
async fn a_command_with_an_id_gets_exactly_one_reply() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    raw.send(json!({"type": "session:touch", "id": 5, "data": {}}))
        .await;
    let reply = raw.next().await.unwrap();
    assert_eq!(reply, json!({"type": "reply", "id": 5, "data": {}}));
    raw.expect_alive().await;
    assert_eq!(raw.unread().count(), 0);
}

#[tokio::test]
async fn a_failed_command_gets_exactly_one_error() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    raw.send(json!({"type": "no:such", "id": 6, "data": {}}))
        .await;
    let error = raw.next().await.unwrap();
    assert_eq!(error["type"], "error");
    assert_eq!(error["id"], 6);
    assert_eq!(error["error"]["code"], "unknown_type");
    assert!(error["error"]["message"].is_string(), "{error}");
    raw.expect_alive().await;
    assert_eq!(raw.unread().count(), 0);
}

#[tokio::test]
async fn without_an_id_there_is_no_answer_errors_included() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    raw.send(json!({"type": "session:status", "data": {}}))
        .await;
    raw.send(json!({"type": "no:such", "data": {}})).await;
    raw.send(json!({"type": "room:join", "data": {"roomId": "nonsense"}}))
        .await;
    raw.send(json!({"type": "room:join", "data": {"roomId": 7}}))
        .await;
    raw.expect_alive().await;
    raw.expect_none("error").await;
    assert_eq!(raw.unread().count(), 0, "{:?}", raw.take_unread());
}

#[tokio::test]
async fn what_cannot_be_parsed_is_always_answered() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    for text in [
        "",
        "hello",
        "{",
        "[]",
        "null",
        "7",
        "\"text\"",
        "{}",
        "{\"data\":{}}",
        "{\"type\":7}",
    ] {
        raw.send_text(text).await;
        let error = raw.error_without_id().await.unwrap();
        assert_eq!(error["code"], "malformed", "for {text}");
        assert!(error["message"].is_string(), "for {text}");
    }
    raw.expect_alive().await;
}

#[tokio::test]
async fn a_frame_without_a_type_is_malformed() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    raw.send(json!({"id": 7, "data": {}})).await;
    let frame = raw.next().await.unwrap();
    assert_eq!(frame["error"]["code"], "malformed");
    let id = frame.get("id");
    assert!(id.is_none_or(|id| *id == 7), "{frame}");
    raw.expect_alive().await;
}

#[tokio::test]
async fn ids_reach_from_1_to_the_largest_of_32_bits() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    for id in [1, 2, u32::MAX] {
        raw.send(json!({"type": "session:touch", "id": id, "data": {}}))
            .await;
        assert_eq!(raw.answer(id).await, Ok(json!({})));
    }
}

#[tokio::test]
async fn other_ids_are_answered_with_an_error_that_names_no_command() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    let bad = [
        json!(0),
        json!(-1),
        json!(1.5),
        json!(4_294_967_296_u64),
        json!("1"),
        json!([1]),
        json!(true),
    ];
    for id in bad {
        raw.send(json!({"type": "session:status", "id": id, "data": {}}))
            .await;
        let error = raw.error_without_id().await.unwrap();
        let code = error["code"].as_str().unwrap();
        assert!(
            ["malformed", "invalid_input"].contains(&code),
            "for {id}: {error}"
        );
    }
    raw.expect_alive().await;
}

#[tokio::test]
async fn data_is_an_object() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    for (id, data) in (1..).zip([json!([]), json!("text"), json!(5), json!(true)]) {
        raw.send(json!({"type": "room:join", "id": id, "data": data}))
            .await;
        let failure = raw.find_error(id).await;
        assert!(
            ["malformed", "invalid_input"].contains(&failure.as_str()),
            "{data}: {failure}"
        );
    }
    raw.expect_alive().await;
}

#[tokio::test]
async fn keys_have_1_to_64_characters() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    let data = json!({"roomId": "chat:kim:lee", "body": "Hello"});
    for key in [json!(""), json!("k".repeat(65)), json!(7), json!({})] {
        raw.send(json!({"type": "message:send", "id": 3, "key": key, "data": data}))
            .await;
        let code = raw.find_error(3).await;
        assert!(
            ["malformed", "invalid_input"].contains(&code.as_str()),
            "{key}: {code}"
        );
    }
    let longest = "k".repeat(64);
    raw.keyed("message:send", &longest, data)
        .await
        .unwrap_or_else(|failure| {
            // The two may talk; if the directory does not know kim yet, that is no matter of keys.
            assert_eq!(failure.code(), "access_denied");
            Value::Null
        });
}

#[tokio::test]
async fn keys_are_any_visible_text() {
    let server = Server::shared();
    let tenant = unique("frames");
    let _kim = Raw::login(&server, &Token::new("kim", "provider").tenant(&tenant)).await;
    let mut lee = Raw::login(&server, &Token::new("lee", "provider").tenant(&tenant)).await;
    let data = json!({"roomId": "chat:kim:lee", "body": "Hello"});
    let widest = "~".repeat(64);
    for key in [
        "k",
        "a:b/c",
        "\"{}[]\\",
        "0198c0de-7a51-7c11-b11d-5f0a9c2e61aa",
        widest.as_str(),
    ] {
        let first = lee.keyed("message:send", key, data.clone()).await;
        let first = first.unwrap_or_else(|failure| panic!("{key}: {failure:?}"));
        let again = lee.keyed("message:send", key, data.clone()).await.unwrap();
        assert_eq!(first["message"]["id"], again["message"]["id"], "{key}");
    }
}

#[tokio::test]
async fn pings_are_answered_with_their_id() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    raw.send(json!({"type": "ping"})).await;
    assert_eq!(raw.next().await.unwrap(), json!({"type": "pong"}));
    raw.send(json!({"type": "ping", "id": 77})).await;
    assert_eq!(raw.next().await.unwrap(), json!({"type": "pong", "id": 77}));
    // An answer to nothing is no error.
    raw.send(json!({"type": "pong"})).await;
    raw.send(json!({"type": "pong", "id": 3})).await;
    raw.expect_alive().await;
    assert_eq!(raw.unread().count(), 0);
}

#[tokio::test]
async fn commands_in_one_burst_are_each_answered_once() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    let mut ids = Vec::new();
    for _ in 0..200 {
        ids.push(raw.command("session:status", json!({})).await);
    }
    for id in ids {
        raw.answer(id).await.unwrap();
    }
    assert_eq!(raw.unread().count(), 0);
}

#[tokio::test]
async fn commands_take_effect_in_the_order_sent() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    let rooms = ["topic:a", "topic:b", "topic:c"];
    let mut last = 0;
    for round in 0..30 {
        let room = rooms[round % 3];
        raw.command("room:join", json!({"roomId": room})).await;
        last = raw.command("room:leave", json!({"roomId": room})).await;
    }
    raw.answer(last).await.unwrap();
    let status = raw.request("session:status", json!({})).await.unwrap();
    let topics: Vec<_> = crate::common::room_ids(&status["rooms"])
        .into_iter()
        .filter(|room| room.starts_with("topic:"))
        .collect();
    assert_eq!(topics, Vec::<String>::new());
    assert!(
        raw.unread().all(|frame| frame["type"] == "reply"),
        "{:?}",
        raw.take_unread()
    );
}

#[tokio::test]
async fn events_have_a_type_a_timestamp_and_data() {
    let server = Server::shared();
    let tenant = unique("frames");
    let mut raw = Raw::login(&server, &Token::new("ana", "patient").tenant(&tenant)).await;
    let connected = raw.event("connected").await;
    let mut fields: Vec<_> = connected.as_object().unwrap().keys().cloned().collect();
    fields.sort();
    assert_eq!(fields, ["data", "timestamp", "type"]);
}

trait FindError {
    async fn find_error(&mut self, id: u32) -> String;
}

impl FindError for Raw {
    /// The code of the error for a command: under its id, or under none where the frame could
    /// not be read.
    async fn find_error(&mut self, id: u32) -> String {
        match self.next().await {
            Ok(frame) if frame["type"] == "error" => {
                let named = frame.get("id");
                assert!(named.is_none_or(|named| *named == id), "{frame}");
                Failure::Error(frame["error"].clone()).code().to_owned()
            }
            other => panic!("instead of an error: {other:?}"),
        }
    }
}
