//! Who is in a room: `participants`, `room:userJoined`, `room:userLeft`, and the presence grace.

use crate::clinic::{Clinic, ask, join, message, none, send, settle};
use carewire_tests::Raw;
use serde_json::{Value, json};

async fn participants(raw: &mut Raw, room: &str) -> Vec<(String, u64)> {
    let reply = ask(raw, "room:participants", json!({"roomId": room})).await;
    people(&reply)
}

fn people(reply: &Value) -> Vec<(String, u64)> {
    let mut people: Vec<_> = reply["participants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|person| {
            let user = person["userId"].as_str().unwrap().to_owned();
            (user, person["connections"].as_u64().unwrap())
        })
        .collect();
    people.sort();
    people
}

fn is_about(frame: &Value, kind: &str, user: &str) -> bool {
    let data = &frame["data"];
    frame["type"] == kind && (data["userId"] == user || data["user"]["userId"] == user)
}

/// The next coming or going of a user.
async fn sees(raw: &mut Raw, kind: &str, user: &str) -> Value {
    raw.event_where(kind, |frame| is_about(frame, kind, user))
        .await
}

/// The first connection of a user is announced, the second is not; and so with the last to leave.
#[tokio::test]
async fn first_and_last_connection() {
    let clinic = Clinic::open();
    clinic.user("lee", "provider").await;
    let room = "chat:ana:lee";
    let mut ana = clinic.login("ana", "provider").await;
    join(&mut ana, room).await;
    let token = clinic.token("lee", "provider").name("Dr Lee");
    let mut first = Raw::login(clinic.server(), &token).await;
    let mut second = clinic.login("lee", "provider").await;

    join(&mut first, room).await;
    let joined = sees(&mut ana, "room:userJoined", "lee").await;
    assert_eq!(joined["room"], room);
    assert_eq!(joined["data"]["roomId"], room);
    let user = &joined["data"]["user"];
    assert_eq!(
        (&user["name"], &user["role"]),
        (&json!("Dr Lee"), &json!("provider"))
    );
    assert_eq!(user["connections"], 1);
    assert!(joined.get("offset").is_none(), "it is ephemeral");
    assert!(joined["timestamp"].is_string());

    join(&mut second, room).await;
    let two = [("ana".to_owned(), 1), ("lee".to_owned(), 2)];
    assert_eq!(participants(&mut ana, room).await, two);
    ask(&mut second, "room:leave", json!({"roomId": room})).await;
    send(&mut first, room, "probe").await;
    message(&mut ana, "probe").await;
    none(&ana, "neither a second join nor a first leave", |frame| {
        is_about(frame, "room:userJoined", "lee") || is_about(frame, "room:userLeft", "lee")
    });

    ask(&mut first, "room:leave", json!({"roomId": room})).await;
    let left = ana.event("room:userLeft").await;
    assert_eq!(left["data"], json!({"roomId": room, "userId": "lee"}));
    assert_eq!(participants(&mut ana, room).await, [("ana".to_owned(), 1)]);
}

/// A lost connection stays listed for the grace, so a reconnect within it is invisible.
#[tokio::test]
async fn a_reconnect_within_the_grace_is_invisible() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_PRESENCE_GRACE_MS", 60_000));
    let (mut ana, lee, room) = clinic.chat().await;
    sees(&mut ana, "room:userJoined", "lee").await;
    drop(lee);
    let mut lee = clinic.login("lee", "provider").await;
    assert_eq!(
        participants(&mut ana, &room).await.len(),
        2,
        "listed in the grace"
    );
    join(&mut lee, &room).await;
    send(&mut lee, &room, "back").await;
    message(&mut ana, "back").await;
    none(&ana, "no coming and going", |frame| {
        is_about(frame, "room:userJoined", "lee") || is_about(frame, "room:userLeft", "lee")
    });
    let two = [("ana".to_owned(), 1), ("lee".to_owned(), 1)];
    assert_eq!(participants(&mut ana, &room).await, two);
}

/// Gone for the grace: then it is said, once.
#[tokio::test]
async fn gone_for_the_grace() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_PRESENCE_GRACE_MS", 300));
    let (mut ana, lee, room) = clinic.chat().await;
    let mut second = clinic.login("lee", "provider").await;
    join(&mut second, &room).await;
    sees(&mut ana, "room:userJoined", "lee").await;
    let start = std::time::Instant::now();
    lee.close().await;
    second.close().await;
    let left = ana.event("room:userLeft").await;
    assert!(start.elapsed().as_millis() >= 300, "{:?}", start.elapsed());
    assert_eq!(left["data"]["userId"], "lee");
    assert_eq!(participants(&mut ana, &room).await, [("ana".to_owned(), 1)]);
    // They come back and are new again; only one leave was said.
    let mut lee = clinic.login("lee", "provider").await;
    join(&mut lee, &room).await;
    sees(&mut ana, "room:userJoined", "lee").await;
    none(&ana, "one leave", |frame| {
        is_about(frame, "room:userLeft", "lee")
    });
}

/// One of two connections that is lost is no leave, not even after the grace.
#[tokio::test]
async fn one_of_two_lost() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_PRESENCE_GRACE_MS", 50));
    let (mut ana, lee, room) = clinic.chat().await;
    let mut second = clinic.login("lee", "provider").await;
    join(&mut second, &room).await;
    drop(lee);
    // Another user is lost after it and gone for the grace: the probe.
    let mut mia = clinic.login("mia", "admin").await;
    join(&mut mia, &room).await;
    drop(mia);
    sees(&mut ana, "room:userLeft", "mia").await;
    none(&ana, "lee is still there", |frame| {
        is_about(frame, "room:userLeft", "lee")
    });
    let two = [("ana".to_owned(), 1), ("lee".to_owned(), 1)];
    assert_eq!(participants(&mut ana, &room).await, two);
}

/// Where members are not announced, nobody is listed and nobody is told.
#[tokio::test]
async fn rooms_that_do_not_announce() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "staff").await;
    let mut lee = clinic.login("lee", "staff").await;
    let staff = format!("staff:{}", clinic.tenant);
    for room in ["topic:news", "wards:north", "template:t", &staff] {
        let reply = join(&mut ana, room).await;
        join(&mut lee, room).await;
        assert_eq!(reply["participants"], json!([]), "{room}");
        assert_eq!(participants(&mut ana, room).await, [], "{room}");
    }
    settle(&mut ana).await;
    none(&ana, "no announcements", |frame| {
        frame["type"] == "room:userJoined"
    });
}

/// The other announced kinds list their members as well.
#[tokio::test]
async fn every_announced_kind() {
    let clinic = Clinic::open();
    clinic.thread("t", &["ana", "lee"]).await;
    clinic.visit("v", &["ana", "lee"]).await;
    let mut ana = clinic.login("ana", "staff").await;
    let mut lee = clinic.login("lee", "staff").await;
    for room in [
        "thread:t",
        "visit:v",
        "call:v",
        "patient:pat",
        "chat:ana:lee",
    ] {
        join(&mut ana, room).await;
        let reply = join(&mut lee, room).await;
        let two = [("ana".to_owned(), 1), ("lee".to_owned(), 1)];
        assert_eq!(people(&reply), two, "{room}");
        let joined = ana.event_where("room:userJoined", |frame| {
            frame["room"] == room && is_about(frame, "room:userJoined", "lee")
        });
        joined.await;
    }
}
