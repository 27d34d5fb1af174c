//! Notifications: to people and topics, listed, counted and read on all devices.

use crate::clinic::{Clinic, ask, follow, join_at, none, refused, settle};
use carewire_tests::Raw;
use serde_json::{Value, json};

async fn post(clinic: &Clinic, to: (&str, &str), title: &str) -> String {
    let body =
        json!({to.0: to.1, "kind": "lab_result", "title": title, "message": "See the chart"});
    let reply = clinic.ok("POST", "/v1/notifications", Some(body)).await;
    reply["notificationId"].as_str().unwrap().to_owned()
}

async fn titles(raw: &mut Raw, data: Value) -> Vec<String> {
    let reply = ask(raw, "notification:list", data).await;
    let list = reply["notifications"].as_array().unwrap();
    list.iter()
        .map(|row| row["title"].as_str().unwrap().to_owned())
        .collect()
}

async fn unread(raw: &mut Raw) -> u64 {
    let reply = ask(raw, "notification:getUnreadCount", json!({})).await;
    reply["unreadCount"].as_u64().unwrap()
}

#[tokio::test]
async fn to_one_person_kept_and_live() {
    let clinic = Clinic::open();
    let first = post(&clinic, ("userId", "ana"), "While away").await;
    let mut ana = clinic.login("ana", "patient").await;
    let mut bob = clinic.login("bob", "patient").await;
    let second = post(&clinic, ("userId", "ana"), "While here").await;
    let event = ana.event("notification:new").await;
    assert_eq!(event["room"], "notifications:ana");
    assert_eq!(event["offset"], 2);
    assert_eq!(event["data"]["notification"]["id"], second.as_str());
    assert_eq!(event["data"]["notification"]["priority"], "normal");
    assert!(second > first, "ids grow with time");
    assert_eq!(
        titles(&mut ana, json!({})).await,
        ["While here", "While away"]
    );
    assert_eq!(unread(&mut ana).await, 2);
    settle(&mut bob).await;
    none(&bob, "another's notification", |frame| {
        frame["type"] == "notification:new"
    });
    assert_eq!(unread(&mut bob).await, 0);
    let epoch = event["epoch"].clone();
    join_at(&mut ana, "notifications:ana", &epoch, 0).await;
    assert_eq!(follow(&mut ana, "notifications:ana", 2).await.len(), 2);
}

#[tokio::test]
async fn kinds_and_priorities() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    for (kind, priority) in [
        ("appointment_reminder", "low"),
        ("task_assigned", "normal"),
        ("lab_result", "urgent"),
        ("prior_authorization", "high"),
        ("coffee_is_ready", "low"),
    ] {
        let body = json!({"userId": "ana", "kind": kind, "priority": priority,
            "title": "News", "message": "See there", "data": {"of": kind}});
        clinic.ok("POST", "/v1/notifications", Some(body)).await;
        let event = ana.event("notification:new").await;
        let told = &event["data"]["notification"];
        assert_eq!(
            (&told["kind"], &told["priority"]),
            (&json!(kind), &json!(priority))
        );
        assert_eq!(told["data"], json!({"of": kind}));
    }
    for (field, value) in [("kind", "Lab result"), ("priority", "loud")] {
        let mut body = json!({"userId": "ana", "kind": "system", "title": "x", "message": "y"});
        body[field] = value.into();
        let answer = clinic.call("POST", "/v1/notifications", Some(body)).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["field"], field);
    }
}

#[tokio::test]
async fn read_on_all_devices() {
    let clinic = Clinic::open();
    let mut phone = clinic.login("ana", "patient").await;
    let mut laptop = clinic.login("ana", "patient").await;
    let id = post(&clinic, ("userId", "ana"), "One").await;
    let last = post(&clinic, ("userId", "ana"), "Two").await;
    let data = json!({"notificationId": id});
    ask(&mut phone, "notification:read", data.clone()).await;
    for raw in [&mut phone, &mut laptop] {
        let event = raw.event("notification:read").await;
        assert_eq!(
            event["data"],
            json!({"notificationIds": [id], "unreadCount": 1})
        );
    }
    // Again changes nothing and is not told again.
    ask(&mut phone, "notification:read", data).await;
    assert_eq!(
        titles(&mut laptop, json!({"unreadOnly": true})).await,
        ["Two"]
    );
    let later = post(&clinic, ("userId", "ana"), "Three").await;
    let all = ask(&mut laptop, "notification:readAll", json!({"upTo": last})).await;
    assert_eq!(all["markedCount"], 1);
    let event = phone.event("notification:read").await;
    assert_eq!(
        event["data"],
        json!({"notificationIds": [last], "unreadCount": 1})
    );
    let all = laptop
        .keyed("notification:readAll", "k", json!({}))
        .await
        .unwrap();
    assert_eq!(all["markedCount"], 1);
    let again = laptop
        .keyed("notification:readAll", "k", json!({}))
        .await
        .unwrap();
    assert_eq!(again, all);
    assert_eq!(
        phone.event("notification:read").await["data"]["notificationIds"],
        json!([later])
    );
    let list = ask(&mut phone, "notification:list", json!({})).await;
    let rows = list["notifications"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["readAt"].is_string()), "{list}");
}

#[tokio::test]
async fn those_of_others_do_not_exist() {
    let clinic = Clinic::open();
    let id = post(&clinic, ("userId", "ana"), "For Ana").await;
    let mut bob = clinic.login("bob", "patient").await;
    let mut namesake = clinic.neighbour().login("ana", "patient").await;
    for raw in [&mut bob, &mut namesake] {
        let data = json!({"notificationId": id});
        refused(raw, "notification:read", data, "invalid_input").await;
        assert!(titles(raw, json!({})).await.is_empty());
    }
}

#[tokio::test]
async fn a_topic_is_stored_once_and_belongs_to_who_followed_it_then() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    let mut phone = clinic.login("ana", "provider").await;
    let mut bob = clinic.login("bob", "provider").await;
    post(&clinic, ("topic", "ward-3"), "Before").await;
    let topics = json!({"topics": ["ward-3"]});
    ask(&mut ana, "notification:subscribe", topics.clone()).await;
    for raw in [&mut ana, &mut phone] {
        assert_eq!(raw.event("notification:subscribed").await["data"], topics);
    }
    post(&clinic, ("topic", "ward-3"), "During").await;
    for raw in [&mut ana, &mut phone] {
        let event = raw.event("notification:new").await;
        assert_eq!(event["room"], "topic:ward-3");
        assert_eq!(event["data"]["notification"]["topic"], "ward-3");
    }
    // Kept for the user: a device that connects later is there without asking.
    let mut laptop = clinic.login("ana", "provider").await;
    let status = ask(&mut laptop, "session:status", json!({})).await;
    assert!(
        status["rooms"]
            .as_array()
            .unwrap()
            .contains(&json!("topic:ward-3")),
        "{status}"
    );
    ask(&mut ana, "notification:unsubscribe", topics.clone()).await;
    assert_eq!(
        phone.event("notification:unsubscribed").await["data"],
        topics
    );
    post(&clinic, ("topic", "ward-3"), "After").await;
    settle(&mut phone).await;
    none(&phone, "a topic that ended", |frame| {
        frame["data"]["notification"]["title"] == "After"
    });
    assert_eq!(titles(&mut ana, json!({})).await, ["During"]);
    assert_eq!(unread(&mut ana).await, 1);
    ask(&mut bob, "notification:subscribe", topics).await;
    assert!(titles(&mut bob, json!({})).await.is_empty());
    post(&clinic, ("topic", "ward-3"), "Again").await;
    bob.event("notification:new").await;
    assert_eq!(titles(&mut bob, json!({})).await, ["Again"]);
    ask(&mut bob, "notification:readAll", json!({})).await;
    assert_eq!(unread(&mut ana).await, 1, "read states are each one's own");
}

#[tokio::test]
async fn pages_end_where_a_frame_does() {
    let clinic = Clinic::open();
    let data = "d".repeat(200_000);
    for n in 0..7 {
        let body = json!({"userId": "ana", "kind": "system", "title": n.to_string(),
            "message": "m", "data": data});
        clinic.ok("POST", "/v1/notifications", Some(body)).await;
    }
    let mut ana = clinic.login("ana", "patient").await;
    let (mut seen, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let reply = ask(
            &mut ana,
            "notification:list",
            json!({"limit": 5, "cursor": cursor}),
        )
        .await;
        let rows = reply["notifications"].as_array().unwrap();
        assert!(!rows.is_empty() && rows.len() <= 5);
        seen.extend(
            rows.iter()
                .map(|row| row["title"].as_str().unwrap().to_owned()),
        );
        cursor = reply["cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(seen, ["6", "5", "4", "3", "2", "1", "0"]);
    let wrong = json!({"cursor": "a b"});
    refused(&mut ana, "notification:list", wrong, "invalid_input").await;
}

#[tokio::test]
async fn backends_hear_of_those_who_are_away() {
    let clinic = Clinic::open();
    let mut bridge = clinic.login("bridge", "service").await;
    let room = format!("backend:{}", clinic.tenant);
    ask(&mut bridge, "room:join", json!({"roomId": room})).await;
    let id = post(&clinic, ("userId", "ana"), "Away").await;
    let wanted = bridge.event("push:wanted").await;
    let expected = json!({"userIds": ["ana"], "kind": "notification", "id": id,
        "priority": "normal"});
    assert_eq!(wanted["data"], expected);
    let _ana = clinic.login("ana", "patient").await;
    post(&clinic, ("userId", "ana"), "Here").await;
    settle(&mut bridge).await;
    none(&bridge, "a push to somebody who is there", |frame| {
        frame["type"] == "push:wanted"
    });
}
