//! Unread counts: equal to a recount, one's own never unread.

use crate::clinic::{Clinic, ask, send, send_many};
use carewire_tests::Raw;
use serde_json::{Value, json};
use std::collections::BTreeMap;

async fn unread(raw: &mut Raw) -> Value {
    ask(raw, "unread:get", json!({})).await
}

/// Counts the messages of others after one's read cursor, from conversations and histories.
async fn recount(raw: &mut Raw, me: &str) -> Value {
    let list = ask(raw, "conversation:list", json!({"limit": 100})).await;
    let mut rooms = BTreeMap::new();
    let mut platforms: BTreeMap<String, u64> = BTreeMap::new();
    let mut total = 0;
    for entry in list["conversations"].as_array().unwrap() {
        let room = entry["roomId"].as_str().unwrap();
        let joined = ask(raw, "room:join", json!({"roomId": room})).await;
        let cursor = joined["receipts"][me]["read"]
            .as_str()
            .unwrap_or("")
            .to_owned();
        ask(raw, "room:leave", json!({"roomId": room})).await;
        let page = json!({"roomId": room, "limit": 100});
        let page = ask(raw, "message:history", page).await;
        let messages = page["messages"].as_array().unwrap().iter();
        let count = messages
            .filter(|message| message["senderId"] != me)
            .filter(|message| message["deletedAt"].is_null())
            .filter(|message| message["id"].as_str().unwrap() > cursor.as_str())
            .count() as u64;
        assert_eq!(entry["unreadCount"], count, "{room} in the list");
        if count > 0 {
            rooms.insert(room.to_owned(), count);
            let platform = entry["platform"].as_str().unwrap().to_owned();
            *platforms.entry(platform).or_default() += count;
            total += count;
        }
    }
    json!({"unreadCounts": platforms, "totalUnread": total, "rooms": rooms})
}

#[tokio::test]
async fn equal_to_a_recount() {
    let clinic = Clinic::unlimited();
    clinic.user("lee", "provider").await;
    clinic.user("ana", "provider").await;
    let mut ana = clinic.login("ana", "provider").await;
    let mut lee = clinic.login("lee", "provider").await;
    let zero = json!({"unreadCounts": {}, "totalUnread": 0, "rooms": {}});
    assert_eq!(unread(&mut lee).await, zero);
    let mut rooms = vec!["chat:ana:lee".to_owned()];
    for n in 0..4 {
        let platform = if n == 3 { "sms" } else { "internal" };
        let body = json!({"memberIds": ["ana", "lee"], "platform": platform});
        clinic
            .ok("PUT", &format!("/v1/threads/t{n}"), Some(body))
            .await;
        rooms.push(format!("thread:t{n}"));
    }
    for (n, room) in rooms.iter().enumerate() {
        let sent = send_many(&mut ana, room, "m", 6 + n as u64).await;
        send(&mut lee, room, "own").await;
        // Read some of them, and more than once.
        for at in [0, n, n / 2] {
            let data = json!({"roomId": room, "messageId": sent[at]["id"]});
            ask(&mut lee, "message:read", data).await;
        }
        // One that is unread goes, and one that is read.
        for at in [0, 5 + n] {
            let data = json!({"messageId": sent[at]["id"]});
            ask(&mut ana, "message:delete", data).await;
        }
        send(&mut ana, room, "one more").await;
    }
    let counts = unread(&mut lee).await;
    assert_eq!(counts, recount(&mut lee, "lee").await);
    assert!(counts["totalUnread"].as_u64().unwrap() > 10);
    assert_eq!(counts["unreadCounts"].as_object().unwrap().len(), 2);
    let own = unread(&mut ana).await;
    assert_eq!(own, recount(&mut ana, "ana").await);
    assert_eq!(own["totalUnread"], 5, "one of lee in each");
}

/// They survive a restart, as they are counted from what is stored.
#[tokio::test]
async fn over_a_restart() {
    let mut clinic = Clinic::alone(|o| o);
    let (mut ana, mut lee, room) = clinic.chat().await;
    let sent = send_many(&mut ana, &room, "m", 5).await;
    let data = json!({"roomId": room, "messageId": sent[1]["id"]});
    ask(&mut lee, "message:read", data).await;
    let before = unread(&mut lee).await;
    assert_eq!(before["totalUnread"], 3);
    clinic.server_mut().restart();
    let mut lee = clinic.login("lee", "provider").await;
    assert_eq!(unread(&mut lee).await, before);
}

/// Reading tells all own devices, and 0 where nothing is left.
#[tokio::test]
async fn reading_is_told() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let mut phone = clinic.login("lee", "provider").await;
    let sent = send(&mut ana, &room, "hello").await;
    for raw in [&mut lee, &mut phone] {
        let event = raw
            .event_where("unread:update", |frame| frame["data"]["totalUnread"] == 1)
            .await;
        assert_eq!(event["room"], "user:lee");
        assert!(event.get("offset").is_none());
        assert_eq!(event["data"]["rooms"], json!({&room: 1}));
        assert_eq!(event["data"]["unreadCounts"], json!({"internal": 1}));
    }
    let data = json!({"roomId": room, "messageId": sent["id"]});
    ask(&mut lee, "message:read", data).await;
    for raw in [&mut lee, &mut phone] {
        let event = raw
            .event_where("unread:update", |frame| frame["data"]["rooms"][&room] == 0)
            .await;
        assert_eq!(event["data"]["totalUnread"], 0);
    }
    assert_eq!(unread(&mut lee).await["totalUnread"], 0);
}
