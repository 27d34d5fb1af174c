//! The inbox: `conversation:list` and `conversation:update`.

use crate::clinic::{Clinic, ask, join, none, refused, send};
use carewire_tests::Raw;
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Instant};

async fn list(raw: &mut Raw, data: Value) -> Value {
    ask(raw, "conversation:list", data).await
}

fn rooms(list: &Value) -> Vec<String> {
    let entries = list["conversations"].as_array().unwrap().iter();
    entries
        .map(|entry| entry["roomId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn what_a_conversation_is() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    assert_eq!(
        list(&mut ana, json!({})).await,
        json!({"conversations": []})
    );
    let sent = send(&mut ana, &room, "hello").await;
    let entry = list(&mut lee, json!({})).await["conversations"][0].clone();
    assert_eq!(entry["roomId"], room);
    assert_eq!(entry["platform"], "internal");
    assert_eq!(entry["memberIds"], json!(["ana", "lee"]));
    assert_eq!(entry["unreadCount"], 1);
    assert_eq!(entry["lastMessage"], sent);
    assert!(entry["updatedAt"].is_string());
    assert_eq!(
        list(&mut ana, json!({})).await["conversations"][0]["unreadCount"],
        0
    );

    let body = json!({"title": "Team", "memberIds": ["ana", "lee"], "metadata": {"x": 1}});
    clinic.ok("PUT", "/v1/threads/team", Some(body)).await;
    let listed = list(&mut ana, json!({})).await;
    assert_eq!(
        rooms(&listed),
        ["thread:team", room.as_str()],
        "newest first"
    );
    let entry = &listed["conversations"][0];
    assert_eq!(entry["title"], "Team");
    assert_eq!(entry["unreadCount"], 0);
    assert!(entry.get("lastMessage").is_none(), "{entry}");
    send(&mut lee, &room, "again").await;
    assert_eq!(
        rooms(&list(&mut ana, json!({})).await),
        [room.as_str(), "thread:team"]
    );
}

/// Pages by cursor list each conversation once, and only those of the platform asked for.
#[tokio::test]
async fn pages_and_platforms() {
    let clinic = Clinic::unlimited();
    let mut ana = clinic.login("ana", "provider").await;
    let mut internal = BTreeSet::new();
    for n in 0..25 {
        let platform = if n % 5 == 0 { "sms" } else { "internal" };
        let body = json!({"memberIds": ["ana"], "platform": platform});
        clinic
            .ok("PUT", &format!("/v1/threads/t{n}"), Some(body))
            .await;
        if platform == "internal" {
            internal.insert(format!("thread:t{n}"));
        }
    }
    let mut seen = Vec::new();
    let mut data = json!({"platform": "internal", "limit": 7});
    loop {
        let page = list(&mut ana, data.clone()).await;
        assert!(rooms(&page).len() <= 7);
        seen.extend(rooms(&page));
        // What moves to the top meanwhile has been seen, and is not seen again.
        let body = json!({"memberIds": ["ana"], "platform": "internal"});
        clinic.ok("PUT", "/v1/threads/t24", Some(body)).await;
        if page.get("cursor").is_none() {
            break;
        }
        data["cursor"] = page["cursor"].clone();
    }
    assert_eq!(seen.len(), 20, "{seen:?}");
    assert_eq!(seen.iter().cloned().collect::<BTreeSet<_>>(), internal);
    let sms = list(&mut ana, json!({"platform": "sms"})).await;
    assert_eq!(
        rooms(&sms),
        [
            "thread:t20",
            "thread:t15",
            "thread:t10",
            "thread:t5",
            "thread:t0"
        ]
    );
    for entry in sms["conversations"].as_array().unwrap() {
        assert_eq!(entry["platform"], "sms");
    }
    assert_eq!(
        list(&mut ana, json!({"platform": "email"})).await,
        json!({"conversations": []})
    );
    assert_eq!(rooms(&list(&mut ana, json!({})).await).len(), 25);
    for (field, value) in [
        ("cursor", json!("nonsense")),
        ("platform", json!("Not A Word")),
        ("limit", json!(0)),
        ("limit", json!(101)),
    ] {
        let failure = refused(
            &mut ana,
            "conversation:list",
            json!({field: value}),
            "invalid_input",
        );
        assert_eq!(failure.await.field(), field);
    }
}

/// A new message, a new conversation and new members are told to every member's `user:` room,
/// ephemerally.
#[tokio::test]
async fn updates_reach_every_member() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    let mut lee = clinic.login("lee", "provider").await;
    let mut lees_phone = clinic.login("lee", "provider").await;
    clinic.user("mia", "provider").await;
    let mut mia = clinic.login("mia", "provider").await;
    let data = json!({"title": "Team", "memberIds": ["lee"]});
    let room = ask(&mut ana, "thread:create", data).await["roomId"].clone();
    for raw in [&mut ana, &mut lee, &mut lees_phone] {
        let event = raw.event("conversation:update").await;
        assert!(event["room"].as_str().unwrap().starts_with("user:"));
        assert!(event.get("offset").is_none(), "ephemeral");
        assert_eq!(event["data"]["conversation"]["roomId"], room);
        assert_eq!(event["data"]["conversation"]["title"], "Team");
        assert!(event["data"].get("message").is_none());
    }
    let sent = send(&mut ana, room.as_str().unwrap(), "hello").await;
    for raw in [&mut lee, &mut lees_phone] {
        let event = raw
            .event_where("conversation:update", |frame| {
                frame["data"]["message"].is_object()
            })
            .await;
        assert_eq!(event["data"]["message"]["id"], sent["id"]);
        assert_eq!(
            event["data"]["conversation"]["lastMessage"]["id"],
            sent["id"]
        );
        assert_eq!(event["data"]["conversation"]["unreadCount"], 1);
    }
    let data = json!({"roomId": room, "memberIds": ["mia"]});
    ask(&mut ana, "thread:addMembers", data).await;
    let event = mia.event("conversation:update").await;
    assert_eq!(event["room"], "user:mia");
    let members = event["data"]["conversation"]["memberIds"]
        .as_array()
        .unwrap();
    assert_eq!(members.len(), 3, "{members:?}");
    let told = lee.event_where("conversation:update", |frame| {
        let members = frame["data"]["conversation"]["memberIds"].as_array();
        members.is_some_and(|members| members.len() == 3)
    });
    told.await;
}

/// Of many the newest wins, at most one a second for a user and room; the last always comes.
#[tokio::test]
async fn at_most_one_a_second() {
    let clinic = Clinic::unlimited();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let other = clinic.thread("t", &["ana", "lee"]).await;
    let start = Instant::now();
    let mut last = Value::Null;
    for n in 0..100 {
        last = send(&mut ana, &room, &format!("m{n}")).await;
    }
    send(&mut ana, &other, "elsewhere").await;
    let about = |frame: &Value, room: &str| frame["data"]["conversation"]["roomId"] == room;
    // Another room is not held back by the first.
    let elsewhere = lee.event_where("conversation:update", |frame| about(frame, &other));
    elsewhere.await;
    let mut updates = 0;
    loop {
        let event = lee
            .event_where("conversation:update", |frame| about(frame, &room))
            .await;
        updates += 1;
        if event["data"]["conversation"]["lastMessage"]["id"] == last["id"] {
            assert_eq!(event["data"]["conversation"]["unreadCount"], 100);
            assert_eq!(event["data"]["message"]["id"], last["id"]);
            break;
        }
    }
    let most = 2 + start.elapsed().as_secs();
    assert!(
        updates <= most,
        "{updates} updates in {:?}",
        start.elapsed()
    );
    let counted = lee
        .event_where("unread:update", |frame| {
            frame["data"]["rooms"][&room] == 100
        })
        .await;
    assert_eq!(counted["data"]["totalUnread"], 101);
}

/// Who is no member hears nothing of a conversation.
#[tokio::test]
async fn nobody_else_hears() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let mut admin = clinic.login("root", "admin").await;
    let mut mia = clinic.login("mia", "provider").await;
    join(&mut admin, &room).await;
    send(&mut ana, &room, "hello").await;
    lee.event("conversation:update").await;
    // The probe: something later that they do hear.
    let probe = clinic.thread("probe", &["root", "mia"]).await;
    for raw in [&mut admin, &mut mia] {
        let event = raw.event("conversation:update").await;
        assert_eq!(event["data"]["conversation"]["roomId"], probe);
        none(raw, "no counts of others", |frame| {
            frame["type"] == "unread:update" && frame["data"]["totalUnread"] != 0
        });
    }
    assert_eq!(rooms(&list(&mut admin, json!({})).await), [probe.as_str()]);
}
