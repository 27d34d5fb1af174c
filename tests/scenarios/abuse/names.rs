//! Abuse of names: ids with colons, slashes, NULs and too many characters, and rooms of others.

use crate::common::Bystander;
use carewire_tests::{Raw, Server, Token, http, unique};
use serde_json::json;

fn strange_ids() -> Vec<String> {
    let mut ids: Vec<String> = [
        "",
        " ",
        "a b",
        "a/b",
        "../a",
        "a\u{0}b",
        "\u{0}",
        "a\nb",
        "ä",
        "👩‍⚕️",
        "a%2Fb",
        "a'b",
        "a\"b",
        "a;b",
        "*",
        "a,b",
        "{a}",
        "a\u{202e}b",
        "\u{1b}[31m",
        "' OR 1=1 --",
    ]
    .map(str::to_owned)
    .into();
    ids.push("x".repeat(129));
    ids.push("x".repeat(5_000));
    ids
}

#[tokio::test]
async fn strange_ids_in_rooms_name_no_room() {
    let server = Server::shared();
    let tenant = unique("names");
    let bystander = Bystander::watch(&server, &tenant).await;
    let mut raw = Raw::login(&server, &Token::new("mallory", "provider").tenant(&tenant)).await;
    raw.event("connected").await;
    for id in strange_ids() {
        let rooms = [
            "user", "chat", "topic", "visit", "thread", "patient", "lab", "tenant",
        ]
        .map(|kind| format!("{kind}:{id}"));
        for room in rooms
            .into_iter()
            .chain([format!("chat:{id}:mallory"), id.clone()])
        {
            let failure = raw
                .request("room:join", json!({"roomId": room}))
                .await
                .unwrap_err();
            let code = failure.code();
            assert!(
                code == "room_not_found"
                    || (code == "invalid_input" && failure.field() == "roomId"),
                "{room:.60?}: {failure:?}"
            );
        }
    }
    raw.expect_alive().await;
    assert_eq!(raw.unread().count(), 0);
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn strange_ids_elsewhere_are_refused_or_name_nobody() {
    let server = Server::shared();
    let tenant = unique("names");
    let bystander = Bystander::watch(&server, &tenant).await;
    let mut raw = Raw::login(&server, &Token::new("mallory", "provider").tenant(&tenant)).await;
    raw.event("connected").await;
    for id in strange_ids().into_iter().chain(["a:b".to_owned()]) {
        for (kind, data, codes) in [
            (
                "message:edit",
                json!({"messageId": id, "body": "x"}),
                ["invalid_input", "message_not_found"],
            ),
            (
                "message:delete",
                json!({"messageId": id}),
                ["invalid_input", "message_not_found"],
            ),
            (
                "thread:create",
                json!({"memberIds": [id]}),
                ["invalid_input", "access_denied"],
            ),
            (
                "presence:get",
                json!({"userIds": [id]}),
                ["invalid_input", ""],
            ),
            (
                "presence:subscribe",
                json!({"userIds": [id]}),
                ["invalid_input", ""],
            ),
        ] {
            if let Err(failure) = raw.request(kind, data).await {
                assert!(
                    codes.contains(&failure.code()),
                    "{kind} {id:.60?}: {failure:?}"
                );
            } else {
                assert!(codes.contains(&""), "{kind} {id:.60?} was accepted");
            }
        }
    }
    raw.expect_alive().await;
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn strange_ids_in_paths_are_refused() {
    let server = Server::shared();
    let service = server.service_token(&unique("names"));
    let body = json!({"role": "provider"});
    for id in [
        "a%3Ab",
        "a%2Fb",
        "a%00b",
        "%20",
        "a%0Ab",
        "%C3%A4",
        "..%2F..",
        "%1b%5B31m",
        &"x".repeat(129),
        &"x".repeat(5_000),
    ] {
        let path = format!("/v1/users/{id}");
        let answer = http::request(&server, "PUT", &path, Some(&service), Some(&body)).await;
        assert!([400, 404].contains(&answer.status), "{id:.40}: {answer:?}");
    }
}

#[tokio::test]
async fn very_long_types_and_keys_are_answered_briefly() {
    let server = Server::shared();
    let tenant = unique("names");
    let bystander = Bystander::watch(&server, &tenant).await;
    let mut raw = Raw::login(&server, &Token::new("mallory", "provider").tenant(&tenant)).await;
    raw.event("connected").await;
    let long = "x".repeat(500_000);
    let failure = raw.request(&long, json!({})).await.unwrap_err();
    assert!(
        ["unknown_type", "malformed"].contains(&failure.code()),
        "{:.80?}",
        failure.code()
    );
    assert!(
        failure.message().len() < 1_000,
        "the error repeats what was sent"
    );
    let failure = raw
        .request("room:join", json!({"roomId": long}))
        .await
        .unwrap_err();
    assert!(
        failure.message().len() < 1_000,
        "the error repeats what was sent"
    );
    let failure = raw
        .request("presence:setStatus", json!({"status": long}))
        .await
        .unwrap_err();
    assert!(
        failure.message().len() < 1_000,
        "the error repeats what was sent"
    );
    raw.expect_alive().await;
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn an_admin_of_another_tenant_sees_what_nobody_made() {
    let server = Server::shared();
    let (here, there) = (unique("names"), unique("names"));
    let bystander = Bystander::watch(&server, &there).await;
    let service = server.service_token(&there);
    let members = json!({"memberIds": ["ana", "lee"], "title": "Ours"});
    let path = "/v1/threads/secret-thread";
    let made = http::request(&server, "PUT", path, Some(&service), Some(&members)).await;
    assert!((200..300).contains(&made.status), "{made:?}");
    let participants = json!({"participantIds": ["ana", "lee"]});
    let path = "/v1/visits/secret-visit";
    let made = http::request(&server, "PUT", path, Some(&service), Some(&participants)).await;
    assert!((200..300).contains(&made.status), "{made:?}");

    let mut admin = Raw::login(&server, &Token::new("root", "admin").tenant(&here)).await;
    for (existing, missing) in [
        ("thread:secret-thread", "thread:absent-thread"),
        ("visit:secret-visit", "visit:absent-visit"),
        ("call:secret-visit", "call:absent-visit"),
    ] {
        for kind in ["room:join", "message:history", "room:participants"] {
            let first = admin.request(kind, json!({"roomId": existing})).await;
            let second = admin.request(kind, json!({"roomId": missing})).await;
            assert_eq!(first, second, "{kind} {existing}");
            assert_eq!(
                first.unwrap_err().code(),
                "room_not_found",
                "{kind} {existing}"
            );
        }
    }
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn what_a_client_says_about_itself_is_ignored() {
    let server = Server::shared();
    let tenant = unique("names");
    let mut kim = Raw::login(&server, &Token::new("kim", "provider").tenant(&tenant)).await;
    let mut lee = Raw::login(&server, &Token::new("lee", "provider").tenant(&tenant)).await;
    lee.request("room:join", json!({"roomId": "chat:kim:lee"}))
        .await
        .unwrap();
    kim.send(json!({
        "type": "message:send", "id": 50, "tenant": "other", "userId": "root",
        "data": {
            "roomId": "chat:kim:lee", "body": "Hello", "senderId": "lee", "tenantId": "other",
            "tenant": "other", "id": "m-1", "sentAt": "2001-01-01T00:00:00.000Z", "senderName": "Dr. X",
        },
    }))
    .await;
    let reply = kim.answer(50).await.unwrap();
    let event = lee.event("message:new").await;
    for message in [&reply["message"], &event["data"]["message"]] {
        assert_eq!(message["senderId"], "kim");
        assert_ne!(message["id"], "m-1");
        assert_ne!(message["senderName"], "Dr. X");
        assert!(!message["sentAt"].as_str().unwrap().starts_with("2001"));
    }
}
