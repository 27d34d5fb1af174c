//! Section 1: the transport.

use crate::common::{is_time, status_of_length};
use carewire_tests::{Raw, Server, Token, frames, frames::opcode, http, unique, wait};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Message;

const MIB: usize = 1_048_576;

async fn login(server: &Server) -> Raw {
    let token = Token::new("ana", "patient").tenant(&unique("transport"));
    Raw::login(server, &token).await
}

#[tokio::test]
async fn the_subprotocol_is_chosen_when_it_is_named() {
    let server = Server::shared();
    for offer in ["carewire.v1", "graphql-ws, carewire.v1", "carewire.v1,chat"] {
        let raw = Raw::connect(&server).subprotocol(offer).open().await;
        assert_eq!(
            raw.response_header("sec-websocket-protocol"),
            Some("carewire.v1"),
            "for {offer}"
        );
    }
}

#[tokio::test]
async fn two_header_lines_of_subprotocols_are_one_offer() {
    let server = Server::shared();
    let name = "Sec-WebSocket-Protocol";
    let headers = [(name, "chat"), (name, "carewire.v1")];
    let answer = http::upgrade(&server, "/ws", &headers).await;
    assert_eq!(answer.status, 101);
    assert_eq!(answer.header("sec-websocket-protocol"), Some("carewire.v1"));
}

#[tokio::test]
async fn without_a_subprotocol_version_1_is_spoken() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    assert_eq!(raw.response_header("sec-websocket-protocol"), None);
    assert_eq!(raw.event("connected").await["data"]["protocol"], "1");
}

#[tokio::test]
async fn unknown_subprotocols_alone_are_refused() {
    let server = Server::shared();
    for offer in ["carewire.v2", "chat, graphql-ws", "CAREWIRE.V11"] {
        let answer = http::upgrade(&server, "/ws", &[("Sec-WebSocket-Protocol", offer)]).await;
        assert_eq!(answer.status, 400, "for {offer}: {answer:?}");
        assert!(answer.json()["message"].is_string(), "{answer:?}");
    }
}

#[tokio::test]
async fn what_is_no_upgrade_is_refused() {
    let server = Server::shared();
    let answer = http::get(&server, "/ws").await;
    assert!((400..500).contains(&answer.status), "{answer:?}");
    let version = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "8"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let answer = http::send(&server, "GET", "/ws", &version, None).await;
    assert!((400..500).contains(&answer.status), "{answer:?}");
    assert_eq!(http::get(&server, "/nowhere").await.status, 404);
}

#[tokio::test]
async fn a_frame_may_come_together_with_the_upgrade() {
    let server = Server::shared();
    let token = Token::new("ana", "patient")
        .tenant(&unique("transport"))
        .sign();
    let frame = json!({"type": "auth:authenticate", "id": 1, "data": {"token": token}});
    let frame = frames::whole(opcode::TEXT, frame.to_string().as_bytes());
    let status = json!({"type": "session:status", "id": 2, "data": {}}).to_string();
    let mut bytes = format!(
        "GET /ws HTTP/1.1\r\nHost: {}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.address()
    )
    .into_bytes();
    bytes.extend(frame);
    bytes.extend(frames::whole(opcode::TEXT, status.as_bytes()));
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(&bytes).await.unwrap();
    let mut heard = Vec::new();
    wait::within("the reply to the second command", async {
        while !String::from_utf8_lossy(&heard).contains("connectedAt") {
            assert_ne!(stream.read_buf(&mut heard).await.unwrap(), 0, "closed");
        }
    })
    .await;
    let heard = String::from_utf8_lossy(&heard);
    assert!(heard.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{heard}");
    assert!(heard.contains(r#""type":"connected""#), "{heard}");
}

#[tokio::test]
async fn compression_is_not_negotiated() {
    let server = Server::shared();
    let offer = "permessage-deflate; client_max_window_bits";
    let answer = http::upgrade(&server, "/ws", &[("Sec-WebSocket-Extensions", offer)]).await;
    assert_eq!(answer.status, 101);
    assert_eq!(answer.header("sec-websocket-extensions"), None);
}

#[tokio::test]
async fn binary_messages_are_refused() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    let frame = json!({"type": "ping"}).to_string();
    raw.try_send(Message::binary(frame.into_bytes()))
        .await
        .unwrap();
    assert_eq!(raw.expect_close().await, 4400);

    let mut early = Raw::open(&server).await;
    early.try_send(Message::binary(vec![0])).await.unwrap();
    assert_eq!(early.expect_close().await, 4400);
}

#[tokio::test]
async fn a_message_may_have_one_mebibyte_and_no_byte_more() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    assert_eq!(
        raw.event("connected").await["data"]["limits"]["maxPayloadBytes"],
        MIB
    );
    raw.send_text(status_of_length(7, MIB)).await;
    raw.answer(7).await.unwrap();

    let _ = raw
        .try_send(Message::text(status_of_length(8, MIB + 1)))
        .await;
    assert_eq!(raw.expect_close().await, 1009);
}

#[tokio::test]
async fn the_largest_message_is_configurable() {
    let server = Server::start(|o| o.env("CAREWIRE_MAX_PAYLOAD_BYTES", 2_000));
    let mut raw = login(&server).await;
    assert_eq!(
        raw.event("connected").await["data"]["limits"]["maxPayloadBytes"],
        2_000
    );
    raw.send_text(status_of_length(7, 2_000)).await;
    raw.answer(7).await.unwrap();
    let _ = raw
        .try_send(Message::text(status_of_length(8, 2_001)))
        .await;
    assert_eq!(raw.expect_close().await, 1009);
}

#[tokio::test]
async fn fragments_count_together() {
    let server = Server::start(|o| o.env("CAREWIRE_MAX_PAYLOAD_BYTES", 2_000));
    let mut raw = login(&server).await;
    let text = status_of_length(7, 2_000).into_bytes();
    let mut bytes = frames::fragment(opcode::TEXT, false, &text[..700]);
    bytes.extend(frames::whole(opcode::PING, b"between"));
    bytes.extend(frames::fragment(
        opcode::CONTINUATION,
        false,
        &text[700..701],
    ));
    bytes.extend(frames::fragment(opcode::CONTINUATION, true, &text[701..]));
    raw.write_bytes(&bytes).await.unwrap();
    raw.answer(7).await.unwrap();

    let mut bytes = frames::fragment(opcode::TEXT, false, &text);
    bytes.extend(frames::fragment(opcode::CONTINUATION, true, b" "));
    let _ = raw.write_bytes(&bytes).await;
    assert_eq!(raw.expect_close().await, 1009);
}

#[tokio::test]
async fn pings_of_the_transport_are_answered_with_their_payload() {
    let server = Server::shared();
    let mut raw = Raw::open(&server).await;
    raw.try_send(Message::Ping(b"echo".to_vec().into()))
        .await
        .unwrap();
    let pong = raw.next_message().await;
    assert_eq!(pong, Some(Message::Pong(b"echo".to_vec().into())));
}

#[tokio::test]
async fn a_close_is_answered() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    let mut payload = 1000_u16.to_be_bytes().to_vec();
    payload.extend_from_slice(b"bye");
    raw.write_bytes(&frames::whole(opcode::CLOSE, &payload))
        .await
        .unwrap();
    assert_eq!(raw.expect_close().await, 1000);
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    raw.send(json!({
        "type": "session:status", "id": 9, "data": {"future": [1, {"x": null}]},
        "trace": "later versions add fields", "v": 2,
    }))
    .await;
    assert_eq!(raw.answer(9).await.unwrap()["userId"], "ana");
}

#[tokio::test]
async fn times_are_rfc_3339_in_utc_with_milliseconds() {
    let server = Server::shared();
    let mut raw = login(&server).await;
    let connected = raw.event("connected").await;
    assert!(is_time(&connected["timestamp"]), "{connected}");
    assert!(is_time(&connected["data"]["serverTime"]), "{connected}");
    assert!(is_time(&connected["data"]["tokenExpiresAt"]), "{connected}");
    let status = raw.request("session:status", json!({})).await.unwrap();
    assert!(is_time(&status["connectedAt"]), "{status}");
    assert!(is_time(&status["serverTime"]), "{status}");
}

#[tokio::test]
async fn nothing_is_null_and_durations_are_whole_milliseconds() {
    fn check(path: &str, value: &Value) {
        match value {
            Value::Null => panic!("{path} is null"),
            Value::Array(items) => items.iter().for_each(|item| check(path, item)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    assert!(!name.contains('_'), "{path}.{name} is not camelCase");
                    assert!(
                        !name.ends_with("Ms") || value.is_u64(),
                        "{path}.{name} = {value}"
                    );
                    check(&format!("{path}.{name}"), value);
                }
            }
            _ => {}
        }
    }
    let server = Server::shared();
    let mut raw = login(&server).await;
    check("connected", &raw.event("connected").await);
    check(
        "status",
        &raw.request("session:status", json!({})).await.unwrap(),
    );
    let tenant = Token::new("ana", "patient").tenant("nobody");
    let mut other = Raw::login(&server, &tenant).await;
    check(
        "unread",
        &other.request("unread:get", json!({})).await.unwrap(),
    );
}
