//! Section 4: every code and every message that the contract quotes.

use carewire_tests::{Failure, Raw, Server, Token, unique};
use serde_json::{Value, json};
use std::time::Duration;

async fn login(server: &Server, user: &str, role: &str, tenant: &str) -> Raw {
    Raw::login(server, &Token::new(user, role).tenant(tenant)).await
}

fn assert_error(failure: &Failure, code: &str, message: &str) {
    assert_eq!((failure.code(), failure.message()), (code, message));
}

/// Two providers of a tenant, who may talk to each other.
async fn pair(server: &Server) -> (Raw, Raw) {
    let tenant = unique("errors");
    let kim = login(server, "kim", "provider", &tenant).await;
    let lee = login(server, "lee", "provider", &tenant).await;
    (kim, lee)
}

#[tokio::test]
async fn unknown_type() {
    let server = Server::shared();
    let mut raw = login(&server, "lee", "provider", &unique("errors")).await;
    for kind in [
        "no:such",
        "message:new",
        "connected",
        "reply",
        "error",
        "",
        "PING",
    ] {
        let failure = raw.request(kind, json!({})).await.unwrap_err();
        assert!(
            ["unknown_type", "malformed"].contains(&failure.code()),
            "{kind:?}: {failure:?}"
        );
        assert!(!failure.message().is_empty());
    }
    let failure = raw.request("no:such", json!({})).await.unwrap_err();
    assert_eq!(failure.code(), "unknown_type");
}

#[tokio::test]
async fn an_empty_message() {
    let server = Server::shared();
    let (mut kim, _lee) = pair(&server).await;
    for body in ["", " ", "\n\t  \u{a0}"] {
        let data = json!({"roomId": "chat:kim:lee", "body": body});
        let failure = kim.request("message:send", data).await.unwrap_err();
        assert_error(&failure, "invalid_input", "Message content is required");
        assert_eq!(failure.field(), "body");
    }
}

#[tokio::test]
async fn invalid_input_names_the_field() {
    let server = Server::shared();
    let (mut kim, _lee) = pair(&server).await;
    let cases = [
        ("room:join", json!({}), "roomId"),
        ("room:join", json!({"roomId": 5}), "roomId"),
        (
            "room:join",
            json!({"roomId": "topic:a", "snapshot": "yes"}),
            "snapshot",
        ),
        ("message:send", json!({"body": "x"}), "roomId"),
        (
            "message:send",
            json!({"roomId": "chat:kim:lee", "body": 7}),
            "body",
        ),
        (
            "message:history",
            json!({"roomId": "chat:kim:lee", "limit": 0}),
            "limit",
        ),
        (
            "message:history",
            json!({"roomId": "chat:kim:lee", "limit": 101}),
            "limit",
        ),
        ("message:edit", json!({"body": "x"}), "messageId"),
        ("presence:get", json!({"userIds": "kim"}), "userIds"),
        ("presence:get", json!({}), "userIds"),
        ("presence:setStatus", json!({"status": "offline"}), "status"),
        ("presence:setStatus", json!({"status": "in_call"}), "status"),
        ("presence:setStatus", json!({"status": "dancing"}), "status"),
        ("auth:refresh", json!({"token": 5}), "token"),
    ];
    for (kind, data, field) in cases {
        let failure = kim.request(kind, data.clone()).await.unwrap_err();
        assert_eq!(
            failure.code(),
            "invalid_input",
            "{kind} {data}: {failure:?}"
        );
        assert_eq!(failure.field(), field, "{kind} {data}: {failure:?}");
        assert!(
            failure.message().contains(field),
            "{kind} {data}: {failure:?}"
        );
    }
}

#[tokio::test]
async fn lists_have_at_most_500_entries() {
    let server = Server::shared();
    let (mut kim, _lee) = pair(&server).await;
    let ids = |count: usize| (0..count).map(|n| format!("u{n}")).collect::<Vec<_>>();
    kim.request("presence:get", json!({"userIds": ids(500)}))
        .await
        .unwrap();
    let failure = kim
        .request("presence:get", json!({"userIds": ids(501)}))
        .await
        .unwrap_err();
    assert_eq!(
        (failure.code(), failure.field()),
        ("invalid_input", "userIds")
    );
}

#[tokio::test]
async fn bodies_attachments_and_urls_have_bounds() {
    let server = Server::shared();
    let (mut kim, _lee) = pair(&server).await;
    let attachment =
        |url: &str| json!({"name": "a", "mimeType": "image/png", "sizeBytes": 1, "url": url});
    let largest = json!({"roomId": "chat:kim:lee", "body": "x".repeat(65_536)});
    kim.request("message:send", largest).await.unwrap();
    let too_long = json!({"roomId": "chat:kim:lee", "body": "x".repeat(65_537)});
    let failure = kim.request("message:send", too_long).await.unwrap_err();
    assert!(
        ["invalid_input", "payload_too_large"].contains(&failure.code()),
        "{failure:?}"
    );

    let with =
        |list: Vec<Value>| json!({"roomId": "chat:kim:lee", "body": "", "attachments": list});
    kim.request("message:send", with(vec![attachment("/files/1")]))
        .await
        .unwrap();
    kim.request(
        "message:send",
        with(vec![attachment("https://x.example/1")]),
    )
    .await
    .unwrap();
    let many = with(vec![attachment("/files/1"); 21]);
    let failure = kim.request("message:send", many).await.unwrap_err();
    assert_eq!(failure.code(), "invalid_input", "{failure:?}");
    for url in [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
    ] {
        let failure = kim
            .request("message:send", with(vec![attachment(url)]))
            .await
            .unwrap_err();
        assert_eq!(failure.code(), "invalid_input", "{url}: {failure:?}");
    }
}

#[tokio::test]
async fn access_denied_has_a_message_for_each_place() {
    let server = Server::shared();
    let tenant = unique("errors");
    let _kim = login(&server, "kim", "provider", &tenant).await;
    let _lee = login(&server, "lee", "provider", &tenant).await;
    let mut ana = login(&server, "ana", "patient", &tenant).await;
    let mut eve = login(&server, "eve", "provider", &tenant).await;

    for room in [
        format!("staff:{tenant}"),
        "user:lee".to_owned(),
        "chat:kim:lee".to_owned(),
        "chat:ana:lee".to_owned(),
    ] {
        let failure = ana
            .request("room:join", json!({"roomId": room}))
            .await
            .unwrap_err();
        assert_error(&failure, "access_denied", "Access denied to this room");
    }
    let send = json!({"roomId": "chat:kim:lee", "body": "Hello"});
    let conversation = "Access denied to this conversation";
    for (kind, data) in [
        ("message:send", send),
        ("message:history", json!({"roomId": "chat:kim:lee"})),
        (
            "message:read",
            json!({"roomId": "chat:kim:lee", "messageId": "m"}),
        ),
    ] {
        let failure = eve.request(kind, data).await.unwrap_err();
        assert_error(&failure, "access_denied", conversation);
    }
}

const ADMINS_ONLY: &str = "Insufficient permissions for admin channels";

#[tokio::test]
async fn admin_channels_are_not_joined_by_others() {
    let server = Server::shared();
    let tenant = unique("errors");
    for role in ["patient", "provider", "staff"] {
        let mut raw = login(&server, "eve", role, &tenant).await;
        let data = json!({"roomId": "admin:alerts"});
        let failure = raw.request("room:join", data).await.unwrap_err();
        assert_error(&failure, "access_denied", ADMINS_ONLY);
    }
}

#[tokio::test]
async fn admin_channels_are_not_subscribed_by_others() {
    let server = Server::shared();
    let tenant = unique("errors");
    for role in ["patient", "provider", "staff"] {
        let mut raw = login(&server, "eve", role, &tenant).await;
        let data = json!({"channel": "admin:alerts"});
        let failure = raw.request("channel:subscribe", data).await.unwrap_err();
        assert_error(&failure, "access_denied", ADMINS_ONLY);
    }
}

#[tokio::test]
async fn rooms_that_are_not() {
    let server = Server::shared();
    let mut raw = login(&server, "lee", "staff", &unique("errors")).await;
    let rooms = [
        "nonsense",
        "chat:lee",
        "chat:",
        "chat:a:b:c",
        ":",
        "chat:kim:lee:",
        "visit:none",
        "thread:none",
        "report:none",
        "",
    ];
    for room in rooms {
        let failure = raw
            .request("room:join", json!({"roomId": room}))
            .await
            .unwrap_err();
        assert_error(&failure, "room_not_found", "Room not found");
    }
}

#[tokio::test]
async fn in_another_tenant_nothing_exists() {
    let server = Server::shared();
    let (here, there) = (unique("errors"), unique("errors"));
    let mut admin = login(&server, "root", "admin", &here).await;
    let _other = login(&server, "kim", "provider", &there).await;
    let never = unique("never-used");
    for kind in ["tenant", "staff", "backend"] {
        let existing = json!({"roomId": format!("{kind}:{there}")});
        let missing = json!({"roomId": format!("{kind}:{never}")});
        let existing = admin.request("room:join", existing).await.unwrap_err();
        let missing = admin.request("room:join", missing).await.unwrap_err();
        assert_error(&existing, "room_not_found", "Room not found");
        assert_eq!(existing, missing);
    }
}

#[tokio::test]
async fn not_joined() {
    let server = Server::shared();
    let (mut kim, _lee) = pair(&server).await;
    let data = json!({"roomId": "chat:kim:lee", "event": "wave", "payload": {}});
    let failure = kim.request("room:publish", data).await.unwrap_err();
    assert_eq!(failure.code(), "not_joined");
    assert!(!failure.message().is_empty());
}

#[tokio::test]
async fn messages_that_are_not() {
    let server = Server::shared();
    let (mut kim, _lee) = pair(&server).await;
    let id = "01J0000000000000000000000";
    for (kind, data) in [
        ("message:edit", json!({"messageId": id, "body": "x"})),
        ("message:delete", json!({"messageId": id})),
        ("message:react", json!({"messageId": id, "emoji": "👍"})),
        ("message:unreact", json!({"messageId": id, "emoji": "👍"})),
    ] {
        let failure = kim.request(kind, data).await.unwrap_err();
        assert_error(&failure, "message_not_found", "Message not found");
    }
}

#[tokio::test]
async fn calls_that_are_not() {
    let server = Server::shared();
    let (mut kim, _lee) = pair(&server).await;
    for kind in [
        "call:accept",
        "call:reject",
        "call:end",
        "call:leave",
        "call:join",
    ] {
        let data = json!({"callId": "01J0000000000000000000000"});
        let failure = kim.request(kind, data).await.unwrap_err();
        assert_error(&failure, "call_not_found", "Call not found");
    }
}

#[tokio::test]
async fn rate_limited_says_when_to_come_again() {
    let server = Server::start(|o| o.env("CAREWIRE_COMMANDS_PER_SECOND", 2));
    let mut raw = login(&server, "lee", "provider", "clinic").await;
    let mut refused = None;
    let mut passed = 0;
    for _ in 0..30 {
        match raw.request("session:status", json!({})).await {
            Ok(_) => passed += 1,
            Err(failure) => {
                refused = Some(failure);
                break;
            }
        }
    }
    let Some(Failure::Error(error)) = refused else {
        panic!("30 commands at once are let through where 2 a second are");
    };
    assert!(
        passed >= 6,
        "a burst of 3 s is 6 commands, but only {passed} were let through"
    );
    assert_eq!(error["code"], "rate_limited");
    let after = error["retryAfterMs"].as_u64().expect("retryAfterMs");
    assert!((1..=1_000).contains(&after), "{error}");
    tokio::time::sleep(Duration::from_millis(after)).await;
    raw.expect_alive().await;

    // Another user has limits of their own, and services have none.
    login(&server, "kim", "provider", "clinic")
        .await
        .expect_alive()
        .await;
    let mut service = login(&server, "ehr", "service", "clinic").await;
    for _ in 0..50 {
        service.expect_alive().await;
    }
}

#[tokio::test]
async fn the_limit_is_the_users_and_not_the_connections() {
    let server = Server::start(|o| o.env("CAREWIRE_MESSAGES_PER_SECOND", 1));
    let _lee = login(&server, "lee", "provider", "clinic").await;
    let mut devices = Vec::new();
    for _ in 0..4 {
        devices.push(login(&server, "kim", "provider", "clinic").await);
    }
    let mut codes = Vec::new();
    for round in 0..12_usize {
        let data = json!({"roomId": "chat:kim:lee", "body": format!("{round}")});
        let device = &mut devices[round % 4];
        codes.push(match device.request("message:send", data).await {
            Ok(_) => "ok".to_owned(),
            Err(failure) => failure.code().to_owned(),
        });
    }
    assert!(codes[..3].iter().all(|code| code == "ok"), "{codes:?}");
    assert!(codes.contains(&"rate_limited".to_owned()), "{codes:?}");
    // Commands that create nothing have another limit.
    devices[0].expect_alive().await;
}

#[tokio::test]
async fn too_many_rooms() {
    let server = Server::start(|o| o.env("CAREWIRE_ROOMS_PER_CONNECTION", 10));
    let mut raw = login(&server, "lee", "provider", "clinic").await;
    let mut failure = None;
    for n in 0..12 {
        let join = json!({"roomId": format!("topic:t{n}")});
        if let Err(refused) = raw.request("room:join", join).await {
            failure = Some(refused);
            break;
        }
    }
    assert_eq!(failure.expect("a limit").code(), "too_many_rooms");
    raw.request("room:leave", json!({"roomId": "topic:t0"}))
        .await
        .unwrap();
    raw.request("room:join", json!({"roomId": "topic:other"}))
        .await
        .unwrap();
}

#[tokio::test]
async fn joining_twice_is_no_error() {
    let server = Server::shared();
    let mut raw = login(&server, "lee", "provider", &unique("errors")).await;
    for _ in 0..2 {
        let reply = raw
            .request("room:join", json!({"roomId": "topic:a"}))
            .await
            .unwrap();
        assert_eq!(reply["recovered"], true);
        assert_eq!(reply["roomId"], "topic:a");
    }
}
