//! Section 1: no frame from the server exceeds 1 MiB; lists stop early and say so.

use carewire_tests::{Raw, Server, Token, unique};
use futures_util::future::join_all;
use serde_json::{Value, json};

const MIB: usize = 1_048_576;

/// A server with a chat of 30 messages of 64 KiB, and the two who talk there.
async fn full_chat() -> (Server, Raw, Raw) {
    let server = Server::start(|o| o.env("CAREWIRE_MESSAGES_PER_SECOND", 1_000));
    let mut kim = Raw::login(&server, &Token::new("kim", "provider")).await;
    let lee = Raw::login(&server, &Token::new("lee", "provider")).await;
    for n in 0..30 {
        let body = format!("{n:02}{}", "\u{20ac}".repeat(21_844));
        let data = json!({"roomId": "chat:kim:lee", "body": body});
        kim.request("message:send", data).await.unwrap();
    }
    (server, kim, lee)
}

fn numbers(messages: &Value) -> Vec<u32> {
    let list = messages.as_array().expect("messages");
    list.iter()
        .map(|message| message["body"].as_str().unwrap()[..2].parse().unwrap())
        .collect()
}

#[tokio::test]
async fn a_history_comes_in_pages_that_fit() {
    let (_server, _kim, mut lee) = full_chat().await;
    let mut seen = Vec::new();
    let mut before: Option<Value> = None;
    loop {
        let mut data = json!({"roomId": "chat:kim:lee", "limit": 100});
        if let Some(before) = &before {
            data["before"] = before.clone();
        }
        let page = lee.request("message:history", data).await.unwrap();
        assert!(
            page.to_string().len() <= MIB,
            "a page of {} bytes",
            page.to_string().len()
        );
        let mut part = numbers(&page["messages"]);
        assert!(!part.is_empty(), "an empty page while there is more");
        before = Some(page["messages"][0]["id"].clone());
        part.extend(seen);
        seen = part;
        if page["hasMore"] == false {
            break;
        }
    }
    assert_eq!(seen, (0..30).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_history_forwards_comes_in_pages_that_fit() {
    let (_server, _kim, mut lee) = full_chat().await;
    let first = json!({"roomId": "chat:kim:lee", "limit": 100});
    let mut oldest = lee.request("message:history", first).await.unwrap();
    while oldest["hasMore"] == true {
        let data = json!({"roomId": "chat:kim:lee", "before": oldest["messages"][0]["id"]});
        oldest = lee.request("message:history", data).await.unwrap();
    }
    let mut seen = vec![numbers(&oldest["messages"])[0]];
    let mut after = oldest["messages"][0]["id"].clone();
    loop {
        let data = json!({"roomId": "chat:kim:lee", "after": after, "limit": 100});
        let page = lee.request("message:history", data).await.unwrap();
        assert!(
            page.to_string().len() <= MIB,
            "a page of {} bytes",
            page.to_string().len()
        );
        let part = numbers(&page["messages"]);
        if let Some(last) = page["messages"].as_array().and_then(|list| list.last()) {
            after = last["id"].clone();
        }
        seen.extend(part);
        if page["hasMore"] == false {
            break;
        }
    }
    assert_eq!(seen, (0..30).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_snapshot_fits_and_says_that_there_is_more() {
    let (_server, _kim, mut lee) = full_chat().await;
    let join = json!({"roomId": "chat:kim:lee", "snapshot": true});
    let reply = lee.request("room:join", join).await.unwrap();
    assert!(
        reply.to_string().len() <= MIB,
        "a reply of {} bytes",
        reply.to_string().len()
    );
    assert_eq!(reply["snapshot"]["hasMore"], true);
    let seen = numbers(&reply["snapshot"]["messages"]);
    let expected: Vec<u32> = (30 - u32::try_from(seen.len()).unwrap()..30).collect();
    assert!(!seen.is_empty());
    assert_eq!(seen, expected, "the newest, oldest first");
}

#[tokio::test]
async fn a_list_of_conversations_comes_in_pages_that_fit() {
    let server = Server::start(|o| o.env("CAREWIRE_MESSAGES_PER_SECOND", 1_000));
    let mut lee = Raw::login(&server, &Token::new("lee", "provider")).await;
    let others = (0..30).map(|n| {
        let server = &server;
        async move {
            let user = format!("a{n:02}");
            let mut raw = Raw::login(server, &Token::new(&user, "provider")).await;
            let data = json!({"roomId": format!("chat:{user}:lee"), "body": "x".repeat(65_000)});
            raw.request("message:send", data).await.unwrap();
        }
    });
    join_all(others).await;
    let mut seen = Vec::new();
    let mut cursor: Option<Value> = None;
    loop {
        let mut data = json!({"limit": 100});
        if let Some(cursor) = &cursor {
            data["cursor"] = cursor.clone();
        }
        let page = lee.request("conversation:list", data).await.unwrap();
        assert!(
            page.to_string().len() <= MIB,
            "a page of {} bytes",
            page.to_string().len()
        );
        seen.extend(crate::common::room_ids(&page["conversations"]));
        cursor = page.get("cursor").cloned();
        if cursor.is_none() {
            break;
        }
    }
    seen.sort();
    let expected: Vec<_> = (0..30).map(|n| format!("chat:a{n:02}:lee")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn data_of_events_has_bounds() {
    let server = Server::shared();
    let tenant = unique("sizes");
    let mut kim = Raw::login(&server, &Token::new("kim", "provider").tenant(&tenant)).await;
    let _lee = Raw::login(&server, &Token::new("lee", "provider").tenant(&tenant)).await;
    let room = "chat:kim:lee";
    kim.request("room:join", json!({"roomId": room}))
        .await
        .unwrap();
    for (retain, bytes) in [(true, 256 * 1_024), (false, 64 * 1_024)] {
        let publish = |bytes: usize| {
            let payload = json!({"x": "y".repeat(bytes)});
            json!({"roomId": room, "event": "blob", "payload": payload, "retain": retain})
        };
        kim.request("room:publish", publish(bytes - 1_024))
            .await
            .unwrap();
        let failure = kim
            .request("room:publish", publish(bytes + 1_024))
            .await
            .unwrap_err();
        let codes = ["payload_too_large", "invalid_input"];
        assert!(
            codes.contains(&failure.code()),
            "retain {retain}: {failure:?}"
        );
    }
}
