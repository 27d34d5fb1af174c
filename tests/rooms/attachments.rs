//! Limits of messages: bodies, attachments and their addresses, metadata.

use crate::clinic::{Clinic, ask, history, refused};
use serde_json::{Value, json};

fn attachment(url: &str) -> Value {
    json!({"name": "x.png", "mimeType": "image/png", "sizeBytes": 5, "url": url})
}

/// A body or attachments are required; white space alone is empty.
#[tokio::test]
async fn a_body_or_attachments() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    for data in [
        json!({"roomId": room}),
        json!({"roomId": room, "body": ""}),
        json!({"roomId": room, "body": " \n\t\r "}),
        json!({"roomId": room, "body": "\u{a0}\u{3000}"}),
        json!({"roomId": room, "body": "", "attachments": []}),
    ] {
        let failure = refused(&mut ana, "message:send", data, "invalid_input").await;
        assert_eq!(failure.message(), "Message content is required");
        assert_eq!(failure.field(), "body");
    }
    let data = json!({"roomId": room, "attachments": [attachment("/x")]});
    let sent = ask(&mut ana, "message:send", data).await;
    assert_eq!(sent["message"]["body"], "");
    assert_eq!(history(&mut ana, &room).await.as_array().unwrap().len(), 1);
}

/// 64 KiB of body, in bytes.
#[tokio::test]
async fn the_longest_body() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    let sent = ask(
        &mut ana,
        "message:send",
        json!({"roomId": room, "body": "x".repeat(65_536)}),
    )
    .await;
    for body in ["x".repeat(65_537), "é".repeat(32_769)] {
        let data = json!({"roomId": room, "body": body});
        let failure = refused(&mut ana, "message:send", data, "invalid_input").await;
        assert_eq!(failure.field(), "body");
        let data = json!({"messageId": sent["message"]["id"], "body": body});
        let failure = refused(&mut ana, "message:edit", data, "invalid_input").await;
        assert_eq!(failure.field(), "body");
    }
}

#[tokio::test]
async fn at_most_twenty_attachments() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    let many = |count| vec![attachment("/x"); count];
    let data = json!({"roomId": room, "body": "x", "attachments": many(20)});
    ask(&mut ana, "message:send", data).await;
    let data = json!({"roomId": room, "body": "x", "attachments": many(21)});
    let failure = refused(&mut ana, "message:send", data, "invalid_input").await;
    assert_eq!(failure.field(), "attachments");
}

/// An address is http, https or relative.
#[tokio::test]
async fn addresses() {
    let clinic = Clinic::unlimited();
    let (mut ana, _lee, room) = clinic.chat().await;
    for url in [
        "http://files.example/x",
        "https://files.example/x?y=1#z",
        "HTTPS://files.example/x",
        "/files/x",
        "files/x",
        "./x",
        "../x",
        "?id=7",
    ] {
        let data = json!({"roomId": room, "attachments": [attachment(url)]});
        let sent = ask(&mut ana, "message:send", data).await;
        assert_eq!(sent["message"]["attachments"][0]["url"], url);
    }
    let long = format!("/{}", "x".repeat(4_096));
    for url in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "\tjavascript:alert(1)",
        "java\nscript:alert(1)",
        "\u{1}javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://files.example/x",
        "blob:x",
        "vbscript:x",
        "",
        &long,
    ] {
        let good_first = json!([attachment("/x"), attachment(url)]);
        let data = json!({"roomId": room, "attachments": good_first});
        let failure = refused(&mut ana, "message:send", data, "invalid_input").await;
        assert_eq!(failure.field(), "attachments[1].url", "{url:?}");
    }
}

/// Every field of an attachment but the duration is required and of its type.
#[tokio::test]
async fn fields_of_attachments() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    for field in ["name", "mimeType", "sizeBytes", "url"] {
        for value in [None, Some(json!({})), Some(json!(null))] {
            let mut bad = attachment("/x");
            match value {
                None => drop(bad.as_object_mut().unwrap().remove(field)),
                Some(value) => bad[field] = value,
            }
            let data = json!({"roomId": room, "attachments": [bad]});
            let failure = refused(&mut ana, "message:send", data, "invalid_input").await;
            assert!(failure.field().starts_with("attachments[0]"), "{failure:?}");
        }
    }
    let mut bad = attachment("/x");
    bad["sizeBytes"] = json!(-1);
    let data = json!({"roomId": room, "attachments": [bad]});
    refused(&mut ana, "message:send", data, "invalid_input").await;
}

/// Other retained data has at most 256 KiB.
#[tokio::test]
async fn metadata() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    let data = |size| json!({"roomId": room, "body": "x", "metadata": {"m": "x".repeat(size)}});
    ask(&mut ana, "message:send", data(262_000)).await;
    let failure = refused(&mut ana, "message:send", data(262_144), "payload_too_large");
    assert_eq!(failure.await.field(), "metadata");
}
