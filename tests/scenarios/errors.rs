//! Section 4: every code and every message that the contract quotes.

use carewire_tests::{Failure, Raw, Server, Token, unique};
use serde_json::json;

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
