//! `POST /v1/messages` in both shapes, and how far a message came on another platform.

use crate::clinic::{Clinic, ask, history, join, message, none, send};
use carewire_tests::http::{self, Answer};
use serde_json::{Value, json};

async fn post(clinic: &Clinic, body: Value) -> Value {
    clinic.ok("POST", "/v1/messages", Some(body)).await
}

async fn keyed(clinic: &Clinic, key: &str, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", clinic.server().service_token(&clinic.tenant));
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
        ("Idempotency-Key", key),
    ];
    http::send(
        clinic.server(),
        "POST",
        path,
        &headers,
        Some(&body.to_string()),
    )
    .await
}

fn sms(body: &str) -> Value {
    json!({
        "recipientId": "ana", "platform": "sms", "sender": {"id": "+41790000000", "name": "Mr Po"},
        "body": body,
    })
}

#[tokio::test]
async fn from_another_platform() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    let reply = post(&clinic, sms("hello")).await;
    let stored = &reply["message"];
    let room = stored["roomId"].as_str().unwrap().to_owned();
    assert!(room.starts_with("thread:"), "{reply}");
    assert_eq!(
        (&stored["body"], &stored["platform"]),
        (&json!("hello"), &json!("sms"))
    );
    assert_eq!(stored["senderName"], "Mr Po");
    let conversation = &reply["conversation"];
    assert_eq!(conversation["roomId"], room);
    assert_eq!(conversation["platform"], "sms");
    let members = conversation["memberIds"].as_array().unwrap();
    assert!(members.contains(&json!("ana")), "{conversation}");

    // The recipient is told, and has it unread under the platform.
    let told = ana.event("conversation:update").await;
    assert_eq!(told["data"]["message"]["id"], stored["id"]);
    let unread = ask(&mut ana, "unread:get", json!({})).await;
    assert_eq!(unread["unreadCounts"], json!({"sms": 1}));
    assert_eq!(unread["rooms"], json!({&room: 1}));
    let list = ask(&mut ana, "conversation:list", json!({"platform": "sms"})).await;
    assert_eq!(list["conversations"][0]["roomId"], room);
    join(&mut ana, &room).await;

    // The next of the same sender goes into the same conversation, another's into another.
    let next = post(&clinic, sms("again")).await;
    assert_eq!(next["message"]["roomId"], room);
    let event = message(&mut ana, "again").await;
    assert_eq!(
        (&event["room"], &event["offset"]),
        (&json!(room), &json!(2))
    );
    for (field, value) in [
        ("sender", json!({"id": "+41790000001"})),
        ("platform", json!("whatsapp")),
        ("recipientId", json!("lee")),
    ] {
        let mut body = sms("elsewhere");
        body[field] = value;
        assert_ne!(
            post(&clinic, body).await["message"]["roomId"],
            room,
            "{field}"
        );
    }
    // Nobody else may read it.
    let mut lee = clinic.login("lee", "provider").await;
    crate::clinic::refused(
        &mut lee,
        "room:join",
        json!({"roomId": room}),
        "access_denied",
    )
    .await;
}

/// The same `externalId` again stores nothing new and answers with what was stored; it belongs to
/// a platform and a tenant.
#[tokio::test]
async fn the_same_external_id() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    let mut body = sms("hello");
    body["externalId"] = json!("SM-1");
    let first = post(&clinic, body.clone()).await;
    let room = first["message"]["roomId"].as_str().unwrap().to_owned();
    for _ in 0..3 {
        assert_eq!(
            post(&clinic, body.clone()).await["message"]["id"],
            first["message"]["id"]
        );
    }
    let both = futures_util::future::join_all((0..8).map(|_| async {
        let mut body = sms("at once");
        body["externalId"] = json!("SM-2");
        post(&clinic, body).await["message"]["id"].clone()
    }));
    let both = both.await;
    assert!(both.windows(2).all(|two| two[0] == two[1]), "{both:?}");
    assert_eq!(history(&mut ana, &room).await.as_array().unwrap().len(), 2);
    let mut other = body.clone();
    other["platform"] = json!("email");
    assert_ne!(
        post(&clinic, other).await["message"]["id"],
        first["message"]["id"]
    );
    let neighbour = clinic.neighbour();
    assert_ne!(
        post(&neighbour, body).await["message"]["id"],
        first["message"]["id"]
    );
}

/// `Idempotency-Key` is the key.
#[tokio::test]
async fn idempotency_keys() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    let into = json!({"roomId": room, "senderId": "lee", "body": "hello"});
    for body in [sms("hello"), into.clone()] {
        let key = format!("k-{}", body["platform"]);
        let first = keyed(&clinic, &key, "/v1/messages", &body).await;
        assert_eq!(first.status, 200, "{}", first.body);
        let again = keyed(&clinic, &key, "/v1/messages", &body).await;
        assert_eq!(again.json()["message"], first.json()["message"]);
    }
    assert_eq!(history(&mut ana, &room).await.as_array().unwrap().len(), 1);
    let bad = keyed(&clinic, &"k".repeat(65), "/v1/messages", &into).await;
    assert_eq!((bad.status, bad.code()), (400, "invalid_input".to_owned()));
    assert_eq!(bad.json()["field"], "key");
}

/// Into any room, as any sender.
#[tokio::test]
async fn into_any_room() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let body = json!({"roomId": room, "senderId": "lee", "body": "by the backend", "metadata": 1});
    let reply = post(&clinic, body).await;
    assert_eq!(reply["message"]["senderId"], "lee");
    assert_eq!(reply["conversation"]["roomId"], room);
    for raw in [&mut ana, &mut lee] {
        let event = message(raw, "by the backend").await;
        assert_eq!(event["data"]["message"], reply["message"]);
        assert_eq!(event["offset"], 1);
    }
    assert_eq!(
        ask(&mut ana, "unread:get", json!({})).await["totalUnread"],
        1
    );
    assert_eq!(
        ask(&mut lee, "unread:get", json!({})).await["totalUnread"],
        0
    );
    for place in [format!("tenant:{}", clinic.tenant), "user:ana".to_owned()] {
        let body = json!({"roomId": place, "senderId": "lee", "body": "x"});
        let answer = clinic.call("POST", "/v1/messages", Some(body)).await;
        assert!(
            matches!(answer.status, 400 | 403),
            "{place}: {}",
            answer.body
        );
    }
}

/// `delivered` and `read` on another platform are told to the members, and counts follow.
#[tokio::test]
async fn statuses_of_another_platform() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    let room = post(&clinic, sms("hello")).await["message"]["roomId"].clone();
    let room = room.as_str().unwrap();
    let members = ask(&mut ana, "conversation:list", json!({})).await;
    let members = members["conversations"][0]["memberIds"]
        .as_array()
        .unwrap()
        .clone();
    let other = members.iter().find(|member| **member != "ana").unwrap();
    let sent = send(&mut ana, room, "an answer").await;
    let path = format!("/v1/messages/{}/status", sent["id"].as_str().unwrap());
    for status in ["delivered", "read"] {
        let body = json!({"userId": other, "status": status});
        assert_eq!(clinic.ok("POST", &path, Some(body)).await, json!({}));
        let event = ana.event("message:status").await;
        assert_eq!(event["room"], "user:ana");
        assert!(event.get("offset").is_none());
        assert_eq!(
            event["data"],
            json!({"messageId": sent["id"], "roomId": room, "status": status, "userId": other})
        );
        let stored = history(&mut ana, room).await;
        assert_eq!(stored[1]["status"], status);
    }
    let failed = send(&mut ana, room, "another").await;
    let path = format!("/v1/messages/{}/status", failed["id"].as_str().unwrap());
    let body = json!({"userId": other, "status": "failed"});
    clinic.ok("POST", &path, Some(body)).await;
    assert_eq!(
        ana.event("message:status").await["data"]["status"],
        "failed"
    );
    assert_eq!(history(&mut ana, room).await[2]["status"], "failed");
}

/// Read elsewhere is read: the counts of the reader follow, on all their devices.
#[tokio::test]
async fn unread_counts_follow() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    let reply = post(&clinic, sms("hello")).await;
    let room = reply["message"]["roomId"].as_str().unwrap().to_owned();
    ana.event_where("unread:update", |frame| frame["data"]["totalUnread"] == 1)
        .await;
    let path = format!(
        "/v1/messages/{}/status",
        reply["message"]["id"].as_str().unwrap()
    );
    let body = json!({"userId": "ana", "status": "read"});
    clinic.ok("POST", &path, Some(body)).await;
    let event = ana
        .event_where("unread:update", |frame| frame["data"]["rooms"][&room] == 0)
        .await;
    assert_eq!(event["data"]["totalUnread"], 0);
    assert_eq!(
        ask(&mut ana, "unread:get", json!({})).await["totalUnread"],
        0
    );
    // Another tenant's backend finds no such message.
    let body = json!({"userId": "ana", "status": "read"});
    let answer = clinic.neighbour().call("POST", &path, Some(body)).await;
    assert_eq!(
        (answer.status, answer.code()),
        (404, "message_not_found".to_owned())
    );
    none(&ana, "nothing else", |frame| frame["type"] == "error");
}
