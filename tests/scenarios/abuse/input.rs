//! Abuse of frames: what is no JSON, the wrong JSON, or too much of it.

use crate::common::Bystander;
use carewire_tests::{Raw, Server, Token, frames, frames::opcode, unique};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

async fn stage() -> (std::sync::Arc<Server>, Raw, Bystander) {
    let server = Server::shared();
    let tenant = unique("input");
    let bystander = Bystander::watch(&server, &tenant).await;
    let mut raw = Raw::login(&server, &Token::new("mallory", "patient").tenant(&tenant)).await;
    raw.event("connected").await;
    (server, raw, bystander)
}

/// `depth` objects, the frame itself being the first.
fn nested(depth: usize) -> String {
    let inner = format!("{}1{}", "{\"a\":".repeat(depth - 2), "}".repeat(depth - 2));
    format!(r#"{{"type":"session:status","id":1,"data":{{"x":{inner}}}}}"#)
}

#[tokio::test]
async fn depth_is_bounded() {
    let (_server, mut raw, bystander) = stage().await;
    raw.send_text(nested(64)).await;
    raw.answer(1).await.unwrap();
    for depth in [65, 200, 5_000, 100_000] {
        raw.send_text(nested(depth)).await;
        let frame = raw.next().await.unwrap();
        assert_eq!(
            frame["error"]["code"], "malformed",
            "at depth {depth}: {frame}"
        );
    }
    let lists = format!(
        r#"{{"type":"session:status","id":2,"data":{{"x":{}"#,
        "[".repeat(5_000)
    );
    raw.send_text(lists).await;
    assert_eq!(raw.next().await.unwrap()["error"]["code"], "malformed");
    raw.expect_alive().await;
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn what_is_not_json_is_malformed() {
    let (_server, mut raw, bystander) = stage().await;
    let mut texts: Vec<String> = [
        "\u{0}",
        "\u{feff}{}",
        "{\"type\":\"ping\"",
        "{\"type\":\"ping\"}}",
        "{'type':'ping'}",
        "{\"type\":\"session:status\",}",
        "NaN",
        "{\"type\":\"\\ud800\"}",
        "GET / HTTP/1.1",
        "42[\"message\"]",
        "{\"type\":\"session:status\",\"data\":{\"x\":1e999999}}x",
        "true",
        "[[[[",
        "\u{1b}[31m",
    ]
    .map(str::to_owned)
    .into();
    texts.push("x".repeat(100_000));
    texts.push(format!("\"{}\"", "x".repeat(100_000)));
    for text in texts {
        raw.send_text(text.clone()).await;
        let error = raw.error_without_id().await.unwrap();
        assert_eq!(error["code"], "malformed", "for {text:.40}");
    }
    raw.expect_alive().await;
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn wrong_types_are_answered_and_harmless() {
    let (_server, mut raw, bystander) = stage().await;
    let wrong = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("x"),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"a": {}}),
    ];
    let commands = [
        ("room:join", "roomId"),
        ("room:leave", "roomId"),
        ("room:participants", "roomId"),
        ("message:send", "roomId"),
        ("message:history", "roomId"),
        ("message:edit", "messageId"),
        ("message:delete", "messageId"),
        ("session:resume", "rooms"),
        ("presence:get", "userIds"),
        ("presence:setStatus", "status"),
        ("typing:start", "roomId"),
        ("auth:refresh", "token"),
        ("thread:create", "memberIds"),
        ("thread:addMembers", "roomId"),
        ("room:publish", "event"),
    ];
    for (kind, field) in commands {
        for value in &wrong {
            // Either the field is refused, or it is absent or empty and that is no error.
            if let Err(failure) = raw.request(kind, json!({field: value})).await {
                assert!(
                    !["internal", ""].contains(&failure.code()),
                    "{kind} {value}: {failure:?}"
                );
            }
        }
    }
    raw.expect_alive().await;
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn frames_of_the_wrong_types_are_answered() {
    let (_server, mut raw, bystander) = stage().await;
    let frames = [
        json!({"type": null}),
        json!({"type": 7}),
        json!({"type": ["ping"]}),
        json!({"type": {}}),
        json!({"type": "session:status", "id": "x"}),
        json!({"type": "session:status", "id": {}}),
        json!({"type": "session:status", "id": 1e300}),
        json!({"type": "session:status", "id": -7}),
    ];
    for frame in frames {
        raw.send(frame.clone()).await;
        let answer = raw.next().await.unwrap();
        assert_eq!(answer["type"], "error", "{frame}: {answer}");
    }
    raw.expect_alive().await;
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn fields_given_twice_do_no_harm() {
    let (_server, mut raw, bystander) = stage().await;
    for text in [
        r#"{"type":"session:status","type":"message:send","id":1,"data":{}}"#,
        r#"{"type":"session:status","id":1,"id":1,"data":{}}"#,
        r#"{"type":"session:status","id":1,"data":{},"data":{"x":1}}"#,
    ] {
        raw.send_text(text).await;
        let answer = raw.next().await.unwrap();
        assert!(
            ["reply", "error"].contains(&answer["type"].as_str().unwrap()),
            "{answer}"
        );
    }
    raw.expect_alive().await;
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn server_words_from_a_client_are_unknown_commands() {
    let (_server, mut raw, bystander) = stage().await;
    for kind in [
        "connected",
        "reply",
        "error",
        "room:joined",
        "message:new",
        "server:shutdown",
        "auth:expiring",
        "presence:changed",
    ] {
        let data: Value = json!({"roomId": "topic:a", "message": {}});
        let failure = raw.request(kind, data).await.unwrap_err();
        assert_eq!(failure.code(), "unknown_type", "{kind}");
    }
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn two_mebibytes_are_too_large() {
    let (_server, mut raw, bystander) = stage().await;
    let _ = raw.try_send(Message::text("x".repeat(2 * 1_048_576))).await;
    assert_eq!(raw.expect_close().await, 1009);
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn a_declared_length_of_2_to_the_62_is_refused_without_allocation() {
    let server = Server::start(|o| o);
    let bystander = Bystander::watch(&server, "clinic").await;
    let before = server.memory_kib();
    for length in [1 << 62, 1 << 40, 1 << 31, (1 << 20) + 1, (1 << 63) - 1] {
        let mut raw = Raw::open(&server).await;
        let mut bytes = frames::header(0x80 | opcode::TEXT, length, true);
        bytes.extend_from_slice(b"maskpayload");
        raw.write_bytes(&bytes).await.unwrap();
        assert_eq!(raw.expect_close().await, 1009, "for a length of {length}");
    }
    if let (Some(before), Some(after)) = (before, server.memory_kib()) {
        assert!(
            after < before + 8 * 1_024,
            "{before} KiB became {after} KiB"
        );
    }
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn a_mebibyte_in_fragments_of_one_byte_is_bounded() {
    let (_server, mut raw, bystander) = stage().await;
    let text = crate::common::status_of_length(9, 1_000_000).into_bytes();
    let last = text.len() - 1;
    let mut bytes = Vec::with_capacity(text.len() * 7);
    for (at, byte) in text.iter().enumerate() {
        let kind = if at == 0 {
            opcode::TEXT
        } else {
            opcode::CONTINUATION
        };
        bytes.extend(frames::fragment(kind, at == last, &[*byte]));
    }
    let start = tokio::time::Instant::now();
    // Either it is put together, or the connection is closed.
    if raw.write_bytes(&bytes).await.is_ok() {
        let answer = raw.answer(9).await;
        assert!(
            start.elapsed().as_secs() < 15,
            "{:?} after {:?}",
            answer,
            start.elapsed()
        );
    }
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn empty_fragments_without_end_are_bounded() {
    let (_server, mut raw, bystander) = stage().await;
    let mut bytes = frames::fragment(opcode::TEXT, false, b"");
    for _ in 0..200_000 {
        bytes.extend(frames::fragment(opcode::CONTINUATION, false, b""));
    }
    bytes.extend(frames::fragment(
        opcode::CONTINUATION,
        true,
        br#"{"type":"session:status","id":5,"data":{}}"#,
    ));
    if raw.write_bytes(&bytes).await.is_ok() {
        let _ = raw.answer(5).await;
    }
    bystander.noticed_nothing().await;
}
