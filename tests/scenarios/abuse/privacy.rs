//! Privacy: canary strings in bodies, tokens and names appear in no log, metric, error or
//! statistics, at the most talkative level.

use carewire_tests::{Failure, Raw, Server, Token, http};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

const BODY: &str = "canary-body-7f3a";
const NAME: &str = "Canary-Name-91c2";
const STATUS: &str = "canary-status-55d0";
const PAYLOAD: &str = "canary-payload-c0de";
const TITLE: &str = "canary-title-3b9e";
const LINK: &str = "canary-link-aa17";
const BROKEN: &str = "canary-broken-e4e4";

/// Says as much that is private as the contract lets one say, and some things it does not.
/// Returns every token used, and every error that came back.
async fn talk(server: &Server) -> (Vec<String>, Vec<Failure>) {
    let kim_token = Token::new("kim", "provider").name(NAME);
    let lee_token = Token::new("lee", "staff").name(NAME);
    let mut tokens = vec![kim_token.sign(), lee_token.sign()];
    let mut errors = Vec::new();
    let mut kim = Raw::connect(server).bearer(&tokens[0]).open().await;
    kim.welcome().await;
    let mut lee = Raw::open(server).await;
    lee.request("auth:authenticate", json!({"token": tokens[1]}))
        .await
        .unwrap();
    let room = "chat:kim:lee";
    lee.request("room:join", json!({"roomId": room, "snapshot": true}))
        .await
        .unwrap();
    let attachment =
        json!({"name": LINK, "mimeType": "image/png", "sizeBytes": 1, "url": format!("/f/{LINK}")});
    let data = json!({"roomId": room, "body": BODY, "attachments": [attachment], "metadata": {"note": PAYLOAD}});
    let sent = kim.keyed("message:send", "key-1", data).await.unwrap();
    let id = sent["message"]["id"].clone();
    for (kind, data) in [
        (
            "message:edit",
            json!({"messageId": id, "body": format!("{BODY} again")}),
        ),
        ("message:react", json!({"messageId": id, "emoji": "👍"})),
        ("room:join", json!({"roomId": room})),
        (
            "room:publish",
            json!({"roomId": room, "event": "wave", "payload": {"x": PAYLOAD}, "retain": true}),
        ),
        ("typing:start", json!({"roomId": room})),
        (
            "presence:setStatus",
            json!({"status": "busy", "customStatus": STATUS}),
        ),
        (
            "thread:create",
            json!({"title": TITLE, "memberIds": ["lee"], "metadata": {"x": PAYLOAD}}),
        ),
        ("message:history", json!({"roomId": room})),
        (
            "message:send",
            json!({"roomId": "chat:ana:lee", "body": BODY}),
        ),
        ("message:send", json!({"roomId": BROKEN, "body": BODY})),
        (
            "message:send",
            json!({"roomId": room, "body": {"x": BROKEN}}),
        ),
        (
            "message:send",
            json!({"roomId": room, "body": "", "attachments": [{"url": format!("javascript:{BROKEN}")}]}),
        ),
        ("presence:setStatus", json!({"status": BROKEN})),
        (
            "room:publish",
            json!({"roomId": room, "event": 7, "payload": BROKEN}),
        ),
        (BROKEN, json!({"x": BROKEN})),
        ("auth:refresh", json!({"token": BROKEN})),
    ] {
        if let Err(failure) = kim.request(kind, data).await {
            errors.push(failure);
        }
    }
    lee.event("message:new").await;
    for text in [
        BROKEN.to_owned(),
        format!("{{\"type\":\"{BROKEN}"),
        format!("{{\"{BROKEN}\":1}}"),
    ] {
        kim.send_text(text).await;
        errors.push(Failure::Error(kim.error_without_id().await.unwrap()));
    }
    let _ = kim
        .try_send(Message::binary(BROKEN.as_bytes().to_vec()))
        .await;
    kim.expect_close().await;

    let forged = kim_token.sign_with(b"another secret of more than 32 bytes!");
    let expired = kim_token.lives(-5).sign();
    for token in [&forged, &expired] {
        let mut raw = Raw::open(server).await;
        errors.push(
            raw.request("auth:authenticate", json!({"token": token}))
                .await
                .unwrap_err(),
        );
        raw.expect_close().await;
        let bearer = format!("Bearer {token}");
        let answer = http::upgrade(server, "/ws", &[("Authorization", &bearer)]).await;
        errors.push(Failure::Error(answer.json()));
    }
    tokens.extend([forged, expired]);

    let service = Token::new("backend", "service").name(NAME).sign();
    let user = json!({"role": "provider", "name": NAME});
    http::request(server, "PUT", "/v1/users/kim", Some(&service), Some(&user)).await;
    let message = json!({"roomId": room, "senderId": "kim", "body": BODY});
    http::request(
        server,
        "POST",
        "/v1/messages",
        Some(&service),
        Some(&message),
    )
    .await;
    let broken = json!({"roomId": BROKEN, "body": [BROKEN]});
    let answer = http::request(
        server,
        "POST",
        "/v1/messages",
        Some(&service),
        Some(&broken),
    )
    .await;
    errors.push(Failure::Error(answer.json()));
    tokens.push(service);
    (tokens, errors)
}

fn assert_silent(place: &str, text: &str, tokens: &[String]) {
    let canaries = [
        BODY,
        NAME,
        STATUS,
        PAYLOAD,
        TITLE,
        LINK,
        BROKEN,
        carewire_tests::SECRET,
    ];
    for canary in canaries {
        assert!(
            !text.contains(canary),
            "{canary} is in {place}: {}",
            around(text, canary)
        );
    }
    for token in tokens {
        let signature = token.rsplit('.').next().unwrap();
        assert!(
            !text.contains(signature),
            "a token is in {place}: {}",
            around(text, signature)
        );
    }
}

fn around(text: &str, canary: &str) -> String {
    let line = text.lines().find(|line| line.contains(canary));
    line.unwrap_or_default().chars().take(400).collect()
}

async fn nothing_leaks(format: &str) {
    let mut server = Server::start(|o| {
        o.env("CAREWIRE_LOG", "trace")
            .env("CAREWIRE_LOG_FORMAT", format)
    });
    let (tokens, errors) = talk(&server).await;
    let admin = Token::new("root", "admin").sign();
    let stats = http::request(&server, "GET", "/stats", Some(&admin), None).await;
    assert_eq!(stats.status, 200);
    assert_silent("/stats", &stats.body, &tokens);
    assert_silent(
        "/metrics",
        &http::get(&server, "/metrics").await.body,
        &tokens,
    );
    assert_silent(
        "/health",
        &http::get(&server, "/health").await.body,
        &tokens,
    );
    for error in &errors {
        assert_silent("an error", &format!("{error:?}"), &tokens);
    }
    server.terminate();
    assert!(server.wait().await.success());
    let log = server.log().text();
    assert!(log.contains("stopped"), "the log is not all here: {log}");
    assert_silent("the log", &log, &tokens);
}

#[tokio::test]
async fn nothing_leaks_into_a_log_of_text() {
    nothing_leaks("text").await;
}

#[tokio::test]
async fn nothing_leaks_into_a_log_of_json() {
    nothing_leaks("json").await;
}

#[tokio::test]
async fn control_characters_are_escaped_in_the_log() {
    for format in ["text", "json"] {
        let server = Server::start(|o| {
            o.env("CAREWIRE_LOG", "trace")
                .env("CAREWIRE_LOG_FORMAT", format)
        });
        let nasty = "x\u{1b}[31m\r\nFORGED 2026 ERROR line\u{7}\u{0}\u{9b}2J";
        let token = Token::new("mallory", "provider").name(nasty);
        let mut raw = Raw::login(&server, &token).await;
        for data in [
            json!({"roomId": nasty}),
            json!({"roomId": format!("topic:{nasty}")}),
        ] {
            let _ = raw.request("room:join", data).await;
        }
        let _ = raw.request(nasty, json!({})).await;
        let _ = raw.keyed("message:send", nasty, json!({})).await;
        let mut other = Raw::open(&server).await;
        let data = json!({"token": token.sign(), "clientId": nasty});
        let _ = other.request("auth:authenticate", data).await;
        let path = "/v1/users/%1b%5B31m%0AFORGED";
        let service = server.service_token("clinic");
        http::request(&server, "GET", path, Some(&service), None).await;
        let log = server.log().text();
        assert!(
            !log.contains(['\u{1b}', '\u{7}', '\u{0}', '\u{9b}', '\r']),
            "{format}: {log:?}"
        );
        assert!(
            !log.lines().any(|line| line.starts_with("FORGED")),
            "{format}: {log}"
        );
    }
}

/// A database that breaks while the server runs: the client hears `internal` or `unavailable`
/// and nothing of the cause.
#[tokio::test]
async fn internal_errors_carry_no_cause() {
    let server = Server::start(|o| o);
    let _lee = Raw::login(&server, &Token::new("lee", "provider")).await;
    let mut kim = Raw::login(&server, &Token::new("kim", "provider")).await;
    let room = json!({"roomId": "chat:kim:lee", "body": "Hello"});
    kim.request("message:send", room.clone()).await.unwrap();
    for name in ["carewire.db", "carewire.db-wal"] {
        let path = server.folder().join(name);
        if let Ok(length) = std::fs::metadata(&path).map(|file| file.len()) {
            let garbage = vec![0x5a; usize::try_from(length).unwrap()];
            std::fs::write(&path, garbage).unwrap();
        }
    }
    let mut failures: Vec<Value> = Vec::new();
    for n in 0..20 {
        for (kind, data) in [
            ("message:send", room.clone()),
            ("message:history", json!({"roomId": "chat:kim:lee"})),
            (
                "thread:create",
                json!({"memberIds": ["lee"], "title": format!("t{n}")}),
            ),
        ] {
            match kim.request(kind, data).await {
                Err(Failure::Error(error)) => failures.push(error),
                Err(Failure::Closed(code)) => assert!(!(4400..4500).contains(&code), "{code}"),
                Ok(_) => {}
            }
        }
    }
    for error in failures {
        let code = error["code"].as_str().unwrap();
        assert!(
            ["internal", "unavailable", "rate_limited"].contains(&code),
            "{error}"
        );
        let text = error.to_string().to_lowercase();
        for cause in [
            "sqlite",
            "sql",
            "database",
            "disk",
            "malformed",
            "corrupt",
            "carewire.db",
            "/tmp",
        ] {
            assert!(!text.contains(cause), "{error}");
        }
    }
}
