//! Rooms of more than 50: comings and goings and reading are state and no longer announced.

use crate::clinic::{Clinic, ask, join, message, no_limits, none, send, settle};
use carewire_tests::Raw;
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn crowd(clinic: &Clinic, room: &str, count: usize) -> Vec<Raw> {
    let mut crowd = Vec::new();
    for n in 0..count {
        let mut raw = clinic.login(&format!("user-{n:02}"), "provider").await;
        join(&mut raw, room).await;
        crowd.push(raw);
    }
    crowd
}

fn ids(participants: &Value) -> Vec<String> {
    let people = participants.as_array().unwrap().iter();
    people
        .map(|person| person["userId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_room_of_more_than_fifty() {
    let clinic = Clinic::alone(|o| no_limits(o).env("CAREWIRE_PRESENCE_GRACE_MS", 60_000));
    let users: Vec<_> = (0..53).map(|n| format!("user-{n:02}")).collect();
    let members: Vec<_> = users.iter().map(String::as_str).collect();
    let room = clinic.thread("all", &members).await;
    let mut crowd = crowd(&clinic, &room, 52).await;

    // Up to fifty it was announced.
    let mut announced = 0;
    settle(&mut crowd[0]).await;
    for frame in crowd[0].take_unread() {
        announced += usize::from(frame["type"] == "room:userJoined");
    }
    assert!((49..=51).contains(&announced), "{announced} announced");

    // Somebody sends, somebody reads, somebody comes and goes: members see only the message.
    let sent = send(&mut crowd[1], &room, "hello").await;
    let read = json!({"roomId": room, "messageId": sent["id"]});
    ask(&mut crowd[2], "message:read", read).await;
    let mut late = clinic.login("user-52", "provider").await;
    let reply = join(&mut late, &room).await;
    ask(&mut late, "room:leave", json!({"roomId": room})).await;
    send(&mut crowd[1], &room, "probe").await;
    message(&mut crowd[0], "probe").await;
    none(&crowd[0], "nothing is announced", |frame| {
        let kind = &frame["type"];
        kind == "room:userJoined" || kind == "room:userLeft" || kind == "message:read"
    });

    // The join lists a part of the people, and the cursor leads to the rest.
    let mut seen = ids(&reply["participants"]);
    assert!(
        seen.len() < 53 && !seen.is_empty(),
        "{} in one page",
        seen.len()
    );
    let mut cursor = reply["cursor"].clone();
    assert!(cursor.is_string(), "{reply}");
    while cursor.is_string() {
        let data = json!({"roomId": room, "cursor": cursor});
        let page = ask(&mut crowd[0], "room:participants", data).await;
        seen.extend(ids(&page["participants"]));
        cursor = page["cursor"].clone();
    }
    let distinct: BTreeSet<_> = seen.iter().collect();
    assert_eq!(distinct.len(), seen.len(), "nobody twice");
    let here = users[..52].iter().collect::<BTreeSet<_>>();
    assert!(distinct.is_superset(&here), "{distinct:?}");

    // One's own receipts alone, and the cursor is state: the one who read sees it.
    let own = join(&mut crowd[2], &room).await["receipts"].clone();
    assert_eq!(
        own.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["user-02"]
    );
    assert_eq!(own["user-02"]["read"], sent["id"]);
    let other = join(&mut crowd[3], &room).await["receipts"].clone();
    assert!(
        other
            .as_object()
            .unwrap()
            .keys()
            .all(|user| user == "user-03"),
        "{other}"
    );
}
