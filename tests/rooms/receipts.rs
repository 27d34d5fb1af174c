//! `message:received`, `message:read`: cursors, statuses and who hears of them.

use crate::clinic::{
    Clinic, ask, history, join, join_at, message, none, refused, send, send_many, settle,
};
use carewire_tests::Raw;
use serde_json::{Value, json};

async fn received(raw: &mut Raw, room: &str, message: &Value) {
    let data = json!({"roomId": room, "messageId": message["id"]});
    assert_eq!(ask(raw, "message:received", data).await, json!({}));
}

async fn read(raw: &mut Raw, room: &str, message: &Value) {
    let data = json!({"roomId": room, "messageId": message["id"]});
    assert_eq!(ask(raw, "message:read", data).await, json!({}));
}

async fn statuses(raw: &mut Raw, room: &str) -> Vec<String> {
    let messages = history(raw, room).await;
    let messages = messages.as_array().unwrap().iter();
    messages
        .map(|message| message["status"].as_str().unwrap().to_owned())
        .collect()
}

/// sent → delivered → read, everything up to the message.
#[tokio::test]
async fn statuses_follow_the_other() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let sent = send_many(&mut ana, &room, "m", 4).await;
    assert_eq!(statuses(&mut ana, &room).await, ["sent"; 4]);
    received(&mut lee, &room, &sent[2]).await;
    let event = ana.event("message:delivered").await;
    assert_eq!(event["room"], "user:ana");
    assert!(event.get("offset").is_none());
    assert_eq!(event["data"]["messageId"], sent[2]["id"]);
    assert_eq!(event["data"]["roomId"], room);
    assert_eq!(event["data"]["userId"], "lee");
    assert!(event["data"]["at"].is_string());
    let three = ["delivered", "delivered", "delivered", "sent"];
    assert_eq!(statuses(&mut ana, &room).await, three);
    read(&mut lee, &room, &sent[1]).await;
    let event = ana.event("message:read").await;
    assert_eq!(event["room"], room);
    assert!(event.get("offset").is_none(), "receipts are ephemeral");
    assert_eq!(event["data"]["messageId"], sent[1]["id"]);
    assert_eq!(event["data"]["userId"], "lee");
    assert!(event["data"]["at"].is_string());
    let mixed = ["read", "read", "delivered", "sent"];
    assert_eq!(statuses(&mut ana, &room).await, mixed);
    assert_eq!(statuses(&mut lee, &room).await, mixed, "for everybody");
    // To read is to have received.
    read(&mut lee, &room, &sent[3]).await;
    assert_eq!(statuses(&mut ana, &room).await, ["read"; 4]);
    // One's own reading does not count for one's own messages.
    let one = send(&mut ana, &room, "own").await;
    read(&mut ana, &room, &one).await;
    assert_eq!(statuses(&mut ana, &room).await[4], "sent");
}

/// Of several other members the least advanced counts.
#[tokio::test]
async fn the_least_advanced_counts() {
    let clinic = Clinic::open();
    let room = clinic.thread("t", &["ana", "lee", "mia"]).await;
    let mut ana = clinic.login("ana", "provider").await;
    let mut lee = clinic.login("lee", "provider").await;
    let mut mia = clinic.login("mia", "provider").await;
    let sent = send(&mut ana, &room, "m").await;
    read(&mut lee, &room, &sent).await;
    assert_eq!(statuses(&mut ana, &room).await, ["sent"]);
    received(&mut mia, &room, &sent).await;
    assert_eq!(statuses(&mut ana, &room).await, ["delivered"]);
    read(&mut mia, &room, &sent).await;
    assert_eq!(statuses(&mut ana, &room).await, ["read"]);
}

/// Cursors only move forward, and going back is told to nobody.
#[tokio::test]
async fn only_forward() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let sent = send_many(&mut ana, &room, "m", 3).await;
    read(&mut lee, &room, &sent[2]).await;
    ana.event("message:read").await;
    read(&mut lee, &room, &sent[0]).await;
    read(&mut lee, &room, &sent[2]).await;
    received(&mut lee, &room, &sent[1]).await;
    let receipts = join(&mut ana, &room).await["receipts"].clone();
    assert_eq!(receipts["lee"]["read"], sent[2]["id"]);
    assert_eq!(statuses(&mut ana, &room).await, ["read"; 3]);
    let next = send(&mut ana, &room, "next").await;
    read(&mut lee, &room, &next).await;
    let event = ana.event("message:read").await;
    assert_eq!(event["data"]["messageId"], next["id"], "nothing between");
}

/// Receipts come with a join and survive a restart.
#[tokio::test]
async fn in_joins_and_over_restarts() {
    let mut clinic = Clinic::alone(|o| o);
    let (mut ana, mut lee, room) = clinic.chat().await;
    let sent = send_many(&mut ana, &room, "m", 3).await;
    read(&mut lee, &room, &sent[0]).await;
    received(&mut lee, &room, &sent[1]).await;
    let expected = json!({"read": sent[0]["id"], "delivered": sent[1]["id"]});
    assert_eq!(join(&mut ana, &room).await["receipts"]["lee"], expected);
    clinic.server_mut().restart();
    let mut ana = clinic.login("ana", "provider").await;
    assert_eq!(join(&mut ana, &room).await["receipts"]["lee"], expected);
    assert_eq!(
        statuses(&mut ana, &room).await,
        ["read", "delivered", "sent"]
    );
}

/// They are not replayed: a rewind brings retained events only.
#[tokio::test]
async fn never_replayed() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let sent = send(&mut ana, &room, "m").await;
    read(&mut lee, &room, &sent).await;
    ana.event("message:read").await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    ana.take_unread();
    join_at(&mut ana, &room, &epoch, 0).await;
    message(&mut ana, "m").await;
    settle(&mut ana).await;
    none(&ana, "receipts are not replayed", |frame| {
        frame["type"] == "message:read"
    });
}

/// A message of another room, or none, moves nothing.
#[tokio::test]
async fn messages_of_other_rooms() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let other = clinic.thread("t", &["ana", "lee"]).await;
    let elsewhere = send(&mut ana, &other, "elsewhere").await;
    for kind in ["message:read", "message:received"] {
        for id in [&elsewhere["id"], &json!("01none")] {
            let data = json!({"roomId": room, "messageId": id});
            refused(&mut lee, kind, data, "message_not_found").await;
        }
    }
    let receipts = join(&mut lee, &room).await["receipts"].clone();
    assert!(
        receipts.get("lee").is_none_or(|own| *own == json!({})),
        "{receipts}"
    );
}

/// Whoever is delivered to tells the senders of all that was passed, nobody else.
#[tokio::test]
async fn every_sender_hears_of_the_delivery() {
    let clinic = Clinic::open();
    let room = clinic.thread("t", &["ana", "lee", "mia"]).await;
    let mut ana = clinic.login("ana", "provider").await;
    let mut lee = clinic.login("lee", "provider").await;
    let mut mia = clinic.login("mia", "provider").await;
    send(&mut ana, &room, "one").await;
    let two = send(&mut lee, &room, "two").await;
    received(&mut mia, &room, &two).await;
    for raw in [&mut ana, &mut lee] {
        let event = raw.event("message:delivered").await;
        assert_eq!(event["data"]["userId"], "mia");
    }
    settle(&mut mia).await;
    none(&mia, "not to the one who received", |frame| {
        frame["type"] == "message:delivered"
    });
}
