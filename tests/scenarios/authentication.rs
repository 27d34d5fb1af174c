//! Section 3.1: authentication, in the header and in the first frame.

use carewire_tests::{Failure, Raw, Server, Token, http, now, unique};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

const NO_TOKEN: &str = "Authentication error: No token provided";
const INVALID: &str = "Authentication error: Invalid token";
const EXPIRED: &str = "Authentication error: Token expired";

fn token() -> Token {
    Token::new("ana", "patient").tenant(&unique("auth"))
}

#[tokio::test]
async fn in_the_header() {
    let server = Server::shared();
    let mut raw = Raw::connect(&server).bearer(&token().sign()).open().await;
    let first = raw.next().await.unwrap();
    assert_eq!(first["type"], "connected");
    let mut raw = Raw::connect(&server)
        .header("authorization", &format!("bearer {}", token().sign()))
        .open()
        .await;
    raw.welcome().await;
}

#[tokio::test]
async fn in_the_first_frame_the_reply_comes_before_connected() {
    let server = Server::shared();
    let mut raw = Raw::connect(&server)
        .subprotocol("carewire.v1")
        .open()
        .await;
    let data = json!({"token": token().sign(), "clientId": "tab-1"});
    raw.send(json!({"type": "auth:authenticate", "id": 1, "data": data}))
        .await;
    let reply = raw.next().await.unwrap();
    assert_eq!(reply, json!({"type": "reply", "id": 1, "data": {}}));
    let connected = raw.next().await.unwrap();
    assert_eq!(connected["type"], "connected");
    assert_eq!(connected["data"]["userId"], "ana");
}

#[tokio::test]
async fn the_first_frame_needs_no_id() {
    let server = Server::shared();
    let mut raw = Raw::open(&server).await;
    raw.send(json!({"type": "auth:authenticate", "data": {"token": token().sign()}}))
        .await;
    assert_eq!(raw.next().await.unwrap()["type"], "connected");
}

#[tokio::test]
async fn commands_before_authentication_get_no_token() {
    let server = Server::shared();
    let mut raw = Raw::open(&server).await;
    for kind in ["session:status", "room:join", "message:send", "no:such"] {
        let failure = raw.request(kind, json!({})).await.unwrap_err();
        assert_eq!(
            (failure.code(), failure.message()),
            ("no_token", NO_TOKEN),
            "for {kind}"
        );
    }
    let data = json!({"token": token().sign()});
    raw.request("auth:authenticate", data).await.unwrap();
    raw.event("connected").await;
}

#[tokio::test]
async fn a_command_that_overtakes_authentication_waits_for_it() {
    let server = Server::shared();
    let mut raw = Raw::open(&server).await;
    let data = json!({"token": token().sign()});
    let first = raw.command("auth:authenticate", data).await;
    let second = raw.command("session:status", json!({})).await;
    raw.answer(first).await.unwrap();
    raw.answer(second).await.unwrap();
}

#[tokio::test]
async fn a_command_before_connected_waits_for_the_token_of_the_header() {
    let server = Server::shared();
    let mut raw = Raw::connect(&server).bearer(&token().sign()).open().await;
    raw.expect_alive().await;
    raw.event("connected").await;
}

#[tokio::test]
async fn a_bad_token_in_a_frame_is_told_and_closed() {
    let server = Server::shared();
    let cases = [
        (String::new(), "no_token", NO_TOKEN),
        ("nonsense".to_owned(), "invalid_token", INVALID),
        (
            token().sign_with(b"another secret of more than 32 bytes!"),
            "invalid_token",
            INVALID,
        ),
        (token().lives(-1).sign(), "token_expired", EXPIRED),
    ];
    for (text, code, message) in cases {
        let mut raw = Raw::open(&server).await;
        let failure = raw
            .request("auth:authenticate", json!({"token": text}))
            .await
            .unwrap_err();
        assert_eq!((failure.code(), failure.message()), (code, message));
        assert_eq!(raw.expect_close().await, 4401);
    }
}

#[tokio::test]
async fn a_bad_token_in_a_frame_without_id_is_told_and_closed() {
    let server = Server::shared();
    let mut raw = Raw::open(&server).await;
    raw.send(json!({"type": "auth:authenticate", "data": {"token": "nonsense"}}))
        .await;
    let error = raw.error_without_id().await.unwrap();
    assert_eq!(error["code"], "invalid_token");
    assert_eq!(raw.expect_close().await, 4401);
}

#[tokio::test]
async fn a_frame_without_a_token_is_told_and_closed() {
    let server = Server::shared();
    for data in [json!({}), json!({"token": 7})] {
        let mut raw = Raw::open(&server).await;
        let failure = raw
            .request("auth:authenticate", data.clone())
            .await
            .unwrap_err();
        let codes = ["no_token", "invalid_token", "invalid_input"];
        assert!(codes.contains(&failure.code()), "{data}: {failure:?}");
        assert_eq!(raw.expect_close().await, 4401);
    }
}

#[tokio::test]
async fn a_bad_token_in_the_header_is_401_with_the_error_as_body() {
    let server = Server::shared();
    let cases = [
        ("Bearer nonsense".to_owned(), "invalid_token", INVALID),
        (
            format!("Bearer {}", token().lives(-1).sign()),
            "token_expired",
            EXPIRED,
        ),
        ("Bearer ".to_owned(), "no_token", NO_TOKEN),
    ];
    for (value, code, message) in cases {
        let answer = http::upgrade(&server, "/ws", &[("Authorization", &value)]).await;
        assert_eq!(answer.status, 401, "{answer:?}");
        assert_eq!(answer.json()["code"], code);
        assert_eq!(answer.json()["message"], message);
    }
    let answer = http::upgrade(&server, "/ws", &[("Authorization", "Basic YTpi")]).await;
    assert_eq!(answer.status, 401, "{answer:?}");
}

#[tokio::test]
async fn who_does_not_authenticate_is_closed_in_time() {
    let server = Server::start(|o| o.env("CAREWIRE_AUTH_TIMEOUT_MS", 400));
    let mut silent = Raw::open(&server).await;
    let mut busy = Raw::open(&server).await;
    let start = tokio::time::Instant::now();
    assert_eq!(silent.expect_close().await, 4501);
    assert!(
        start.elapsed().as_millis() >= 300,
        "closed after {:?}",
        start.elapsed()
    );
    let _ = busy
        .try_send(Message::text(
            r#"{"type":"session:status","id":1,"data":{}}"#,
        ))
        .await;
    assert_eq!(busy.expect_close().await, 4501);
}

#[tokio::test]
async fn who_keeps_pinging_without_authenticating_is_closed_in_time() {
    let server = Server::start(|o| o.env("CAREWIRE_AUTH_TIMEOUT_MS", 600));
    let mut raw = Raw::open(&server).await;
    let start = tokio::time::Instant::now();
    let ping = Message::Ping(Vec::new().into());
    while raw.try_send(ping.clone()).await.is_ok() && start.elapsed().as_secs() < 5 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(raw.expect_close().await, 4501);
    assert!(start.elapsed().as_secs() < 3, "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_name_of_another_kind_keeps_nobody_out() {
    let server = Server::shared();
    for name in [
        json!(null),
        json!(7),
        json!(["Ana"]),
        json!({}),
        json!("n".repeat(20_000)),
    ] {
        let data = connected(&server, &token().claim("name", name.clone()))
            .await
            .unwrap();
        assert_eq!(data["userId"], "ana");
        assert!(
            data.get("name").is_none_or(Value::is_string),
            "{:.80}",
            data["name"]
        );
    }
}

#[tokio::test]
async fn a_token_in_the_url_is_ignored_and_not_logged() {
    let server = Server::start(|o| o.env("CAREWIRE_LOG", "trace"));
    let secret = token().sign();
    for name in ["token", "access_token", "jwt", "authorization"] {
        let path = format!("/ws?{name}={secret}");
        let mut raw = Raw::connect(&server).path(&path).open().await;
        let failure = raw.request("session:status", json!({})).await.unwrap_err();
        assert_eq!(failure.code(), "no_token");
    }
    let log = server.log().text();
    let signature = secret.rsplit('.').next().unwrap();
    assert!(!log.contains(signature), "the token is in the log");
}

async fn connected(server: &Server, token: &Token) -> Result<Value, Failure> {
    let mut raw = Raw::open(server).await;
    raw.request("auth:authenticate", json!({"token": token.sign()}))
        .await?;
    Ok(raw.event("connected").await["data"].clone())
}

#[tokio::test]
async fn numbers_in_claims_are_read_as_text() {
    let server = Server::shared();
    let token = Token::new("", "staff")
        .claim("sub", 4711)
        .claim("tenant", 42);
    let data = connected(&server, &token).await.unwrap();
    assert_eq!(
        (&data["userId"], &data["tenantId"]),
        (&json!("4711"), &json!("42"))
    );
}

#[tokio::test]
async fn of_several_roles_the_strongest_counts() {
    let server = Server::shared();
    let cases = [
        (json!("provider"), "provider"),
        (json!(["patient", "provider"]), "provider"),
        (json!(["staff", "provider", "patient"]), "staff"),
        (json!(["admin", "staff"]), "admin"),
        (json!(["service", "patient"]), "patient"),
        (json!(["service", "admin"]), "admin"),
        (json!(["service"]), "service"),
        (json!(["offline_access", "patient", "uma"]), "patient"),
    ];
    for (claim, role) in cases {
        let data = connected(&server, &token().claim("role", claim.clone()))
            .await
            .unwrap();
        assert_eq!(data["role"], role, "for {claim}");
    }
    for claim in [
        json!([]),
        json!("nurse"),
        json!(["nurse", "doctor"]),
        json!(""),
        json!({}),
        json!(null),
    ] {
        let failure = connected(&server, &token().claim("role", claim.clone()))
            .await
            .unwrap_err();
        assert_eq!(failure.code(), "invalid_token", "for {claim}");
    }
}

#[tokio::test]
async fn not_before_is_checked() {
    let server = Server::shared();
    let early = token().claim("nbf", now() + 60);
    assert_eq!(
        connected(&server, &early).await.unwrap_err().code(),
        "invalid_token"
    );
    connected(&server, &token().claim("nbf", now() - 1))
        .await
        .unwrap();
}

#[tokio::test]
async fn there_is_no_leeway() {
    let server = Server::shared();
    let failure = connected(&server, &token().claim("exp", now()))
        .await
        .unwrap_err();
    assert_eq!(failure.code(), "token_expired");
}

#[tokio::test]
async fn ids_in_tokens_are_ids() {
    let server = Server::shared();
    for sub in ["", "a:b", "a/b", "a b", "ä", "a\u{0}b", &"x".repeat(129)] {
        let failure = connected(&server, &token().claim("sub", sub))
            .await
            .unwrap_err();
        assert_eq!(failure.code(), "invalid_token", "for sub {sub:?}");
        let failure = connected(&server, &token().claim("tenant", sub))
            .await
            .unwrap_err();
        assert_eq!(failure.code(), "invalid_token", "for tenant {sub:?}");
    }
    let longest = "x".repeat(128);
    let data = connected(&server, &token().claim("sub", longest.as_str()))
        .await
        .unwrap();
    assert_eq!(data["userId"], longest);
    let data = connected(&server, &token().claim("sub", "A.b_c@d-9"))
        .await
        .unwrap();
    assert_eq!(data["userId"], "A.b_c@d-9");
}

#[tokio::test]
async fn client_ids_have_at_most_64_characters() {
    let server = Server::shared();
    let with = |id: &str| json!({"token": token().sign(), "clientId": id});
    let mut raw = Raw::open(&server).await;
    raw.request("auth:authenticate", with(&"c".repeat(64)))
        .await
        .unwrap();
    for bad in [String::new(), "c".repeat(65)] {
        let mut raw = Raw::open(&server).await;
        let failure = raw
            .request("auth:authenticate", with(&bad))
            .await
            .unwrap_err();
        assert_eq!(failure.code(), "invalid_input");
        assert_eq!(failure.field(), "clientId");
    }
    let bearer = format!("Bearer {}", token().sign());
    let long = "c".repeat(65);
    let headers = [
        ("Authorization", bearer.as_str()),
        ("X-Carewire-Client", &long),
    ];
    assert_eq!(http::upgrade(&server, "/ws", &headers).await.status, 400);
}

#[tokio::test]
async fn authenticating_twice_changes_nothing() {
    let server = Server::shared();
    let token = token();
    let mut raw = Raw::login(&server, &token).await;
    raw.event("connected").await;
    let other = Token::new("bob", "admin").sign();
    let _ = raw
        .request("auth:authenticate", json!({"token": other}))
        .await;
    let status = raw.request("session:status", json!({})).await.unwrap();
    assert_eq!(status["userId"], "ana");
    assert_eq!(raw.unread().count(), 0);
}
