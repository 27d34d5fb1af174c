//! Abuse below the frames of the contract: bytes that break RFC 6455, and floods.

use crate::common::Bystander;
use carewire_tests::{Raw, Server, Token, frames, frames::opcode, unique};
use serde_json::json;

const FIN: u8 = 0x80;

async fn closes(bytes: &[u8], code: u16, what: &str) {
    let server = Server::shared();
    let tenant = unique("wire");
    let bystander = Bystander::watch(&server, &tenant).await;
    let mut raw = Raw::login(&server, &Token::new("mallory", "patient").tenant(&tenant)).await;
    let _ = raw.write_bytes(bytes).await;
    assert_eq!(raw.expect_close().await, code, "{what}");

    // The same before authentication.
    let mut early = Raw::open(&server).await;
    let _ = early.write_bytes(bytes).await;
    assert_eq!(
        early.expect_close().await,
        code,
        "{what}, before authentication"
    );
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn binary() {
    closes(
        &frames::whole(opcode::BINARY, b"\x00\x01\x02"),
        4400,
        "binary",
    )
    .await;
    closes(&frames::whole(opcode::BINARY, b""), 4400, "empty binary").await;
}

#[tokio::test]
async fn fragmented_binary() {
    let mut bytes = frames::fragment(opcode::BINARY, false, b"a");
    bytes.extend(frames::fragment(opcode::CONTINUATION, true, b"b"));
    closes(&bytes, 4400, "fragmented binary").await;
}

#[tokio::test]
async fn invalid_utf_8() {
    for text in [
        &b"\xff"[..],
        b"{\"type\":\"\xc3\x28\"}",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"abc\xe2\x82",
    ] {
        closes(&frames::whole(opcode::TEXT, text), 1007, "invalid UTF-8").await;
    }
}

#[tokio::test]
async fn invalid_utf_8_across_fragments() {
    let mut bytes = frames::fragment(opcode::TEXT, false, b"\xe2\x82");
    bytes.extend(frames::fragment(opcode::CONTINUATION, true, b"x"));
    closes(&bytes, 1007, "a character cut short").await;
}

#[tokio::test]
async fn valid_utf_8_may_be_cut_between_fragments() {
    let server = Server::shared();
    let tenant = unique("wire");
    let mut raw = Raw::login(&server, &Token::new("ana", "patient").tenant(&tenant)).await;
    let text = json!({"type": "session:status", "id": 4, "data": {"x": "€uro 👩‍⚕️"}}).to_string();
    let at = text.find('€').unwrap() + 1;
    let mut bytes = frames::fragment(opcode::TEXT, false, &text.as_bytes()[..at]);
    bytes.extend(frames::fragment(
        opcode::CONTINUATION,
        true,
        &text.as_bytes()[at..],
    ));
    raw.write_bytes(&bytes).await.unwrap();
    raw.answer(4).await.unwrap();
}

#[tokio::test]
async fn broken_frames() {
    closes(
        &frames::frame(FIN | opcode::TEXT, b"{}", false),
        1002,
        "not masked",
    )
    .await;
    for rsv in [0x40, 0x20, 0x10] {
        closes(
            &frames::frame(FIN | rsv | opcode::TEXT, b"{}", true),
            1002,
            "a reserved bit",
        )
        .await;
    }
    for reserved in [3, 7, 11, 15] {
        closes(&frames::whole(reserved, b""), 1002, "a reserved opcode").await;
    }
    closes(
        &frames::whole(opcode::CONTINUATION, b"x"),
        1002,
        "a continuation of nothing",
    )
    .await;
    let mut twice = frames::fragment(opcode::TEXT, false, b"{");
    twice.extend(frames::whole(opcode::TEXT, b"}"));
    closes(&twice, 1002, "a message inside a message").await;
}

#[tokio::test]
async fn broken_control_frames() {
    closes(
        &frames::fragment(opcode::PING, false, b"x"),
        1002,
        "a fragmented ping",
    )
    .await;
    closes(
        &frames::whole(opcode::PING, &[0; 126]),
        1002,
        "a ping of 126 bytes",
    )
    .await;
    closes(
        &frames::whole(opcode::CLOSE, &[3]),
        1002,
        "a close of one byte",
    )
    .await;
    for code in [0_u16, 999, 1004, 1005, 1006, 1015, 2999, 5000] {
        let payload = code.to_be_bytes();
        closes(
            &frames::whole(opcode::CLOSE, &payload),
            1002,
            &format!("close code {code}"),
        )
        .await;
    }
}

#[tokio::test]
async fn a_close_with_a_reason_that_is_not_utf_8() {
    let server = Server::shared();
    let mut raw = Raw::open(&server).await;
    raw.write_bytes(&frames::whole(opcode::CLOSE, b"\x03\xe8\xff\xfe"))
        .await
        .unwrap();
    let code = raw.expect_close().await;
    assert!([1002, 1007].contains(&code), "{code}");
}

/// Writes the same bytes until the server has enough, and returns whether it had.
async fn flood(raw: &mut Raw, bytes: &[u8], rounds: usize) -> bool {
    for _ in 0..rounds {
        if raw.write_bytes(bytes).await.is_err() {
            return true;
        }
    }
    false
}

async fn floods_are_closed(frame: &[u8], what: &str) {
    let server = Server::start(|o| o);
    let bystander = Bystander::watch(&server, "clinic").await;
    let before = server.memory_kib();
    let mut raw = Raw::login(&server, &Token::new("mallory", "patient")).await;
    raw.ignore_pings();
    flood(&mut raw, &frame.repeat(1_000), 100).await;
    let code = raw.expect_close().await;
    assert_ne!(code, 1000, "{what}");
    if let (Some(before), Some(after)) = (before, server.memory_kib()) {
        assert!(
            after < before + 32 * 1_024,
            "{what}: {before} KiB became {after} KiB"
        );
    }
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn a_flood_of_pings_of_the_contract_is_closed() {
    let frame = frames::whole(opcode::TEXT, br#"{"type":"ping","id":1}"#);
    floods_are_closed(&frame, "pings of the contract").await;
}

#[tokio::test]
async fn a_flood_of_pings_of_the_transport_is_closed() {
    floods_are_closed(
        &frames::whole(opcode::PING, &[7; 125]),
        "pings of the transport",
    )
    .await;
}

#[tokio::test]
async fn a_flood_of_bad_frames_is_bounded() {
    let server = Server::start(|o| o);
    let bystander = Bystander::watch(&server, "clinic").await;
    let before = server.memory_kib();
    let mut raw = Raw::login(&server, &Token::new("mallory", "patient")).await;
    let frame = frames::whole(opcode::TEXT, b"not json");
    // Nothing is read meanwhile: the answers must not pile up.
    let _ = tokio::time::timeout(
        std::time::Duration::from_secs(5),
        flood(&mut raw, &frame.repeat(1_000), 300),
    )
    .await;
    if let (Some(before), Some(after)) = (before, server.memory_kib()) {
        assert!(
            after < before + 32 * 1_024,
            "{before} KiB became {after} KiB"
        );
    }
    bystander.noticed_nothing().await;
}
