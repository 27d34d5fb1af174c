//! The room `backend:{tenantId}`: what backends need to hear, kept and replayed.

use crate::clinic::{
    Clinic, ask, follow, join, join_at, no_limits, offsets, refused, send, send_many, settle,
};
use carewire_tests::Raw;
use serde_json::{Value, json};

fn backend(clinic: &Clinic) -> String {
    format!("backend:{}", clinic.tenant)
}

/// All events of the room so far, from its beginning.
async fn all(clinic: &Clinic, raw: &mut Raw) -> Vec<Value> {
    let room = backend(clinic);
    let epoch = join(raw, &room).await["epoch"].clone();
    raw.take_unread();
    let reply = join_at(raw, &room, &epoch, 0).await;
    assert_eq!(reply["recovered"], true);
    let head = reply["offset"].as_u64().unwrap();
    if head == 0 {
        return Vec::new();
    }
    let events = follow(raw, &room, head).await;
    assert_eq!(offsets(&events), (1..=head).collect::<Vec<_>>());
    events
}

fn of_type<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events
        .iter()
        .filter(|event| event["type"] == kind)
        .collect()
}

/// Services alone, on request: not without asking, and nobody else, admins included.
#[tokio::test]
async fn for_services_alone() {
    let clinic = Clinic::open();
    let room = backend(&clinic);
    for role in ["patient", "provider", "staff", "admin"] {
        let mut raw = clinic.login(&format!("me-{role}"), role).await;
        refused(
            &mut raw,
            "room:join",
            json!({"roomId": room}),
            "access_denied",
        )
        .await;
        let data = json!({"rooms": [{"roomId": room, "epoch": "e", "offset": 0}]});
        let resumed = ask(&mut raw, "session:resume", data).await;
        assert_eq!(resumed["rooms"][0]["error"]["code"], "access_denied");
    }
    let mut service = clinic.login("bridge", "service").await;
    let connected = service.event("connected").await;
    assert!(!connected.to_string().contains(&room), "not without asking");
    let reply = join(&mut service, &room).await;
    assert_eq!(reply["participants"], json!([]), "not announced");
    let mut foreign = clinic.neighbour().login("bridge", "service").await;
    refused(
        &mut foreign,
        "room:join",
        json!({"roomId": room}),
        "room_not_found",
    )
    .await;
}

/// A reply in a conversation of another platform goes out; messages from there do not.
#[tokio::test]
async fn outbound_messages() {
    let clinic = Clinic::open();
    let mut bridge = clinic.login("bridge", "service").await;
    join(&mut bridge, &backend(&clinic)).await;
    let mut ana = clinic.login("ana", "provider").await;
    let body = json!({
        "recipientId": "ana", "platform": "sms", "sender": {"id": "+4179"}, "body": "question",
    });
    let reply = clinic.ok("POST", "/v1/messages", Some(body)).await;
    let room = reply["message"]["roomId"].as_str().unwrap();
    let sent = send(&mut ana, room, "answer").await;
    let event = bridge.event("message:outbound").await;
    assert_eq!(event["room"], backend(&clinic));
    assert!(
        event["offset"].is_u64() && event["epoch"].is_string(),
        "retained"
    );
    assert_eq!(event["data"]["message"]["id"], sent["id"]);
    assert_eq!(event["data"]["message"]["body"], "answer");
    assert_eq!(event["data"]["conversation"]["roomId"], room);
    assert_eq!(event["data"]["conversation"]["platform"], "sms");
    // Neither the question nor anything internal went out.
    send(&mut ana, room, "second answer").await;
    let next = bridge.event("message:outbound").await;
    assert_eq!(next["data"]["message"]["body"], "second answer");
    let events = all(&clinic, &mut bridge).await;
    assert_eq!(of_type(&events, "message:outbound").len(), 2);
    // Deleted, it is blank in this room's log as well.
    ask(&mut ana, "message:delete", json!({"messageId": sent["id"]})).await;
    let events = all(&clinic, &mut bridge).await;
    let outbound = of_type(&events, "message:outbound");
    assert_eq!(outbound[0]["data"]["message"]["body"], "");
    assert_eq!(outbound[1]["data"]["message"]["body"], "second answer");
}

/// People without a connection: named, without content. The connected and the sender are not.
#[tokio::test]
async fn push_for_people_without_a_connection() {
    let clinic = Clinic::open();
    let mut bridge = clinic.login("bridge", "service").await;
    join(&mut bridge, &backend(&clinic)).await;
    let room = clinic.thread("t", &["ana", "lee", "mia", "zoe"]).await;
    for user in ["mia", "zoe"] {
        clinic.user(user, "provider").await;
    }
    let mut ana = clinic.login("ana", "provider").await;
    let _lee = clinic.login("lee", "provider").await;
    let sent = send(&mut ana, &room, "canary").await;
    let event = bridge.event("push:wanted").await;
    let mut users: Vec<_> = event["data"]["userIds"].as_array().unwrap().clone();
    users.sort_by_key(ToString::to_string);
    assert_eq!(users, ["mia", "zoe"]);
    assert_eq!(event["data"]["kind"], "message");
    assert_eq!(event["data"]["id"], sent["id"]);
    assert!(event["data"]["priority"].is_string());
    assert!(!event.to_string().contains("canary"), "no content");
    assert!(event["offset"].is_u64());
    // Everyone is there: nothing to push.
    let _mia = clinic.login("mia", "provider").await;
    let _zoe = clinic.login("zoe", "provider").await;
    send(&mut ana, &room, "again").await;
    settle(&mut bridge).await;
    let events = all(&clinic, &mut bridge).await;
    assert_eq!(of_type(&events, "push:wanted").len(), 1);
}

/// One key has one effect here as well.
#[tokio::test]
async fn once_per_key() {
    let clinic = Clinic::open();
    let mut bridge = clinic.login("bridge", "service").await;
    clinic.user("lee", "provider").await;
    let mut ana = clinic.login("ana", "provider").await;
    let data = json!({"roomId": "chat:ana:lee", "body": "hello"});
    for _ in 0..3 {
        ana.keyed("message:send", "k", data.clone()).await.unwrap();
    }
    let events = all(&clinic, &mut bridge).await;
    let wanted = of_type(&events, "push:wanted");
    assert_eq!(wanted.len(), 1);
    assert_eq!(wanted[0]["data"]["userIds"], json!(["lee"]));
}

/// Replayed whole from offset 0, also over a restart, for a backend that was away.
#[tokio::test]
async fn replayed_from_the_beginning() {
    let mut clinic = Clinic::alone(|o| o);
    clinic.user("lee", "provider").await;
    let mut ana = clinic.login("ana", "provider").await;
    let mut sent = Vec::new();
    for n in 0..20 {
        let message = send(&mut ana, "chat:ana:lee", &format!("m{n}")).await;
        sent.push(message["id"].clone());
    }
    for _ in 0..2 {
        let mut bridge = clinic.login("bridge", "service").await;
        let events = all(&clinic, &mut bridge).await;
        let ids: Vec<_> = events
            .iter()
            .map(|event| event["data"]["id"].clone())
            .collect();
        assert_eq!(ids, sent);
        clinic.server_mut().restart();
    }
}

/// "Kept 7 days and replayed whole": the limits of other rooms are not its own.
#[tokio::test]
async fn kept_whole() {
    let clinic = Clinic::alone(|o| {
        no_limits(o)
            .env("CAREWIRE_RETAIN_EVENTS", 5)
            .env("CAREWIRE_RETAIN_BYTES", 5_000)
    });
    clinic.user("lee", "provider").await;
    let mut ana = clinic.login("ana", "provider").await;
    let room = "chat:ana:lee";
    let epoch = join(&mut ana, room).await["epoch"].clone();
    send_many(&mut ana, room, "m", 60).await;
    carewire_tests::wait::until("old events of the chat to go", || async {
        let mut ana = clinic.login("ana", "provider").await;
        let reply = join_at(&mut ana, room, &epoch, 0).await;
        (reply["recovered"] == false).then_some(())
    })
    .await;
    let mut bridge = clinic.login("bridge", "service").await;
    let events = all(&clinic, &mut bridge).await;
    assert_eq!(of_type(&events, "push:wanted").len(), 60);
}
