//! `session:resume`: all rooms in one round trip after a reconnect.

use crate::clinic::{Clinic, ask, follow, join, none, offsets, send, send_many};
use carewire_tests::Raw;
use serde_json::{Value, json};

fn entry<'a>(reply: &'a Value, room: &str) -> &'a Value {
    let rooms = reply["rooms"].as_array().unwrap();
    let found = rooms.iter().find(|entry| entry["roomId"] == room);
    found.unwrap_or_else(|| panic!("{room} in {reply}"))
}

/// The positions of the automatic rooms as `connected` gave them.
async fn automatic(raw: &mut Raw) -> Vec<Value> {
    let connected = raw.event("connected").await;
    connected["data"]["rooms"].as_array().unwrap().clone()
}

#[tokio::test]
async fn many_rooms_at_once() {
    let clinic = Clinic::unlimited();
    clinic.user("lee", "provider").await;
    let mut ana = clinic.device("ana", "provider", "ana-1").await;
    let mut lee = clinic.login("lee", "provider").await;
    let mut positions = automatic(&mut ana).await;
    let automatic: Vec<_> = positions.iter().map(|p| p["roomId"].clone()).collect();
    let mut rooms = Vec::new();
    for n in 0..20 {
        let room = clinic.thread(&format!("t{n}"), &["ana", "lee"]).await;
        let reply = join(&mut ana, &room).await;
        positions.push(json!({"roomId": room, "epoch": reply["epoch"], "offset": 0}));
        rooms.push(room);
    }
    drop(ana);
    for (n, room) in rooms.iter().enumerate() {
        send_many(&mut lee, room, "m", n as u64).await;
    }
    // One room is denied meanwhile, one has another epoch, one never existed.
    clinic.thread("t3", &["lee"]).await;
    positions[automatic.len() + 5]["epoch"] = json!("another");
    positions.push(json!({"roomId": "thread:none", "epoch": "e", "offset": 4}));

    let mut ana = clinic.device("ana", "provider", "ana-1").await;
    let data = json!({"rooms": positions, "presence": ["lee"]});
    let id = ana.command("session:resume", data).await;
    let mut reply = Value::Null;
    while reply.is_null() {
        let frame = ana.next().await.unwrap();
        if frame["id"] == id {
            reply = frame["data"].clone();
        }
        let replayed = frame["room"]
            .as_str()
            .is_some_and(|room| room.starts_with("thread:"));
        assert!(!replayed, "the reply precedes {frame}");
    }
    assert_eq!(reply["rooms"].as_array().unwrap().len(), positions.len());
    for room in &automatic {
        let entry = entry(&reply, room.as_str().unwrap());
        assert!(entry.get("error").is_none(), "{entry}");
        assert_eq!(entry["recovered"], true);
    }
    for (n, room) in rooms.iter().enumerate() {
        let entry = entry(&reply, room);
        match n {
            3 => {
                assert_eq!(entry["error"]["code"], "access_denied", "{entry}");
                assert_eq!(entry["recovered"], false);
            }
            5 => {
                assert_eq!(entry["recovered"], false);
                assert_eq!((&entry["offset"], &entry["missed"]), (&json!(5), &json!(0)));
            }
            _ => {
                assert_eq!(entry["recovered"], true, "{entry}");
                assert_eq!((&entry["offset"], &entry["missed"]), (&json!(n), &json!(n)));
                assert!(entry["receipts"].is_object());
                if n > 0 {
                    let events = follow(&mut ana, room, n as u64).await;
                    assert_eq!(offsets(&events), (1..=n as u64).collect::<Vec<_>>());
                }
            }
        }
    }
    assert_eq!(
        entry(&reply, "thread:none")["error"]["code"],
        "room_not_found"
    );
    none(
        &ana,
        "nothing of what is denied or not recovered",
        |frame| frame["room"] == "thread:t3" || frame["room"] == "thread:t5",
    );
    // What is not recovered is joined all the same.
    send(&mut lee, "thread:t5", "live").await;
    crate::clinic::message(&mut ana, "live").await;

    // The unread counts are those of `unread:get`, the presences those asked for, and followed.
    let mut unread = ask(&mut ana, "unread:get", json!({})).await;
    unread["rooms"]["thread:t5"] = json!(5);
    assert_eq!(reply["unread"]["rooms"], unread["rooms"]);
    assert_eq!(reply["presences"][0]["userId"], "lee");
    assert_eq!(reply["presences"][0]["status"], "online");
    ask(&mut lee, "presence:setStatus", json!({"status": "busy"})).await;
    let changed = ana.event("presence:changed").await;
    assert_eq!(changed["data"]["status"], "busy");
}

/// Receipts come with the resumption, as they are now.
#[tokio::test]
async fn receipts_as_they_are_now() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    let sent = send(&mut ana, &room, "m").await;
    drop(ana);
    let data = json!({"roomId": room, "messageId": sent["id"]});
    ask(&mut lee, "message:read", data).await;
    let mut ana = clinic.login("ana", "provider").await;
    let data = json!({"rooms": [{"roomId": room, "epoch": epoch, "offset": 1}]});
    let reply = ask(&mut ana, "session:resume", data).await;
    assert_eq!(entry(&reply, &room)["receipts"]["lee"]["read"], sent["id"]);
    assert_eq!(entry(&reply, &room)["missed"], 0);
}

/// Nothing given: nothing resumed, and still the unread counts.
#[tokio::test]
async fn an_empty_resumption() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    send(&mut ana, &room, "m").await;
    let reply = ask(&mut lee, "session:resume", json!({})).await;
    assert_eq!(reply["rooms"], json!([]));
    assert_eq!(reply["presences"], json!([]));
    assert_eq!(reply["unread"]["totalUnread"], 1);
    assert_eq!(reply["unread"]["rooms"][&room], 1);
}

/// More rooms than a connection may join: the surplus is refused, the rest is resumed.
#[tokio::test]
async fn more_rooms_than_allowed() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_ROOMS_PER_CONNECTION", 10));
    let mut ana = clinic.login("ana", "provider").await;
    let rooms: Vec<_> = (0..15)
        .map(|n| json!({"roomId": format!("topic:t{n}"), "epoch": "e", "offset": 0}))
        .collect();
    let reply = ask(&mut ana, "session:resume", json!({"rooms": rooms})).await;
    let entries = reply["rooms"].as_array().unwrap();
    assert_eq!(entries.len(), 15);
    let refused = entries
        .iter()
        .filter(|entry| entry["error"]["code"] == "too_many_rooms");
    let count = refused.count();
    assert!((5..15).contains(&count), "{count} refused");
}
