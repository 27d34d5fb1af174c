//! Typing: to the others only; repeated, expired, and stopped by sending, leaving and going.

use crate::clinic::{Clinic, ask, join, message, none, refused, send, settle};
use carewire_tests::Raw;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn start(raw: &mut Raw, room: &str) {
    ask(raw, "typing:start", json!({"roomId": room})).await;
}

fn is_typing(frame: &Value) -> bool {
    frame["type"] == "typing:start" || frame["type"] == "typing:stop"
}

fn is_stop(frame: &Value) -> bool {
    frame["type"] == "typing:stop"
}

/// The next start or stop.
async fn next(raw: &mut Raw) -> (String, Value) {
    let frame = raw.frame_where("typing", is_typing).await;
    (frame["type"].as_str().unwrap().to_owned(), frame)
}

async fn stopped(raw: &mut Raw, user: &str) {
    let (kind, frame) = next(raw).await;
    assert_eq!(kind, "typing:stop", "{frame}");
    assert_eq!(frame["data"]["userId"], user);
}

async fn started(raw: &mut Raw, user: &str) {
    let (kind, frame) = next(raw).await;
    assert_eq!(kind, "typing:start", "{frame}");
    assert_eq!(frame["data"]["userId"], user);
}

#[tokio::test]
async fn to_the_others_only() {
    let clinic = Clinic::open();
    let (_, mut lee, room) = clinic.chat().await;
    let token = clinic.token("ana", "provider").name("Ana Sy");
    let mut ana = Raw::login(clinic.server(), &token).await;
    let mut phone = clinic.login("ana", "provider").await;
    join(&mut ana, &room).await;
    join(&mut phone, &room).await;
    start(&mut ana, &room).await;
    let (kind, frame) = next(&mut lee).await;
    assert_eq!(kind, "typing:start");
    assert_eq!(frame["room"], room);
    assert!(frame.get("offset").is_none());
    assert_eq!(
        frame["data"],
        json!({"roomId": room, "userId": "ana", "name": "Ana Sy"})
    );
    ask(&mut ana, "typing:stop", json!({"roomId": room})).await;
    stopped(&mut lee, "ana").await;
    send(&mut lee, &room, "probe").await;
    for raw in [&mut ana, &mut phone] {
        message(raw, "probe").await;
        none(raw, "not to oneself", is_typing);
    }
    none(&lee, "one start and one stop", is_typing);
}

#[tokio::test]
async fn it_expires_unless_repeated() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_TYPING_TTL_MS", 2000));
    let (mut ana, mut lee, room) = clinic.chat().await;
    // Repeated for a while, it goes on for longer than one start would last. A machine that
    // stands still for longer than that proves nothing, and is asked once more.
    let last = loop {
        let begun = Instant::now();
        let mut last = begun;
        let mut longest = Duration::ZERO;
        start(&mut ana, &room).await;
        while begun.elapsed() < Duration::from_millis(2500) {
            tokio::time::sleep(Duration::from_millis(200)).await;
            start(&mut ana, &room).await;
            longest = longest.max(last.elapsed());
            last = Instant::now();
        }
        settle(&mut lee).await;
        if last.elapsed().max(longest) < Duration::from_secs(1) {
            break last;
        }
        lee.take_unread();
    };
    none(&lee, "no stop while it is repeated", is_stop);
    let frame = lee.frame_where("a stop", is_stop).await;
    assert_eq!(frame["data"]["userId"], "ana");
    let lasted = last.elapsed();
    let expected = Duration::from_millis(1500)..Duration::from_secs(8);
    assert!(expected.contains(&lasted), "{lasted:?}");
}

#[tokio::test]
async fn sending_stops_it() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    start(&mut ana, &room).await;
    started(&mut lee, "ana").await;
    send(&mut ana, &room, "hello").await;
    stopped(&mut lee, "ana").await;
    let reply = ask(
        &mut lee,
        "room:join",
        json!({"roomId": room, "snapshot": true}),
    )
    .await;
    assert_eq!(reply["snapshot"]["typing"], json!([]));
}

#[tokio::test]
async fn leaving_stops_it() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    start(&mut ana, &room).await;
    started(&mut lee, "ana").await;
    ask(&mut ana, "room:leave", json!({"roomId": room})).await;
    stopped(&mut lee, "ana").await;
}

/// A lost connection stops it at once, without the presence grace.
#[tokio::test]
async fn disconnecting_stops_it() {
    let clinic = Clinic::alone(|o| {
        o.env("CAREWIRE_TYPING_TTL_MS", 600_000)
            .env("CAREWIRE_PRESENCE_GRACE_MS", 600_000)
    });
    let (mut ana, mut lee, room) = clinic.chat().await;
    start(&mut ana, &room).await;
    started(&mut lee, "ana").await;
    drop(ana);
    stopped(&mut lee, "ana").await;
    // So does being removed by a backend.
    let mut ana = clinic.login("ana", "provider").await;
    join(&mut ana, &room).await;
    start(&mut ana, &room).await;
    started(&mut lee, "ana").await;
    let body = json!({"leave": [room]});
    clinic.ok("POST", "/v1/users/ana/rooms", Some(body)).await;
    stopped(&mut lee, "ana").await;
}

/// A start is needed for a stop to be told, and membership for both.
#[tokio::test]
async fn what_needs_what() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    ask(&mut ana, "typing:stop", json!({"roomId": room})).await;
    send(&mut ana, &room, "probe").await;
    message(&mut lee, "probe").await;
    none(&lee, "nobody was typing", is_typing);
    let mut second = clinic.login("ana", "provider").await;
    for kind in ["typing:start", "typing:stop"] {
        refused(&mut second, kind, json!({"roomId": room}), "not_joined").await;
    }
    for place in ["tenant:", "staff:"] {
        let data = json!({"roomId": format!("{place}{}", clinic.tenant)});
        refused(&mut second, "typing:start", data, "access_denied").await;
    }
}

/// Who types is in the snapshot of a room, so nothing falls between joining and hearing.
#[tokio::test]
async fn in_the_snapshot() {
    let clinic = Clinic::open();
    let room = clinic.thread("t", &["ana", "lee", "mia"]).await;
    let mut ana = clinic.login("ana", "provider").await;
    let mut lee = clinic.login("lee", "provider").await;
    let mut mia = clinic.login("mia", "provider").await;
    join(&mut ana, &room).await;
    join(&mut lee, &room).await;
    start(&mut ana, &room).await;
    start(&mut lee, &room).await;
    let reply = ask(
        &mut mia,
        "room:join",
        json!({"roomId": room, "snapshot": true}),
    )
    .await;
    let mut typing = reply["snapshot"]["typing"].as_array().unwrap().clone();
    typing.sort_by_key(ToString::to_string);
    assert_eq!(typing, ["ana", "lee"]);
    ask(&mut lee, "typing:stop", json!({"roomId": room})).await;
    stopped(&mut mia, "lee").await;
    // It is never replayed.
    let epoch = reply["epoch"].clone();
    mia.take_unread();
    crate::clinic::join_at(&mut mia, &room, &epoch, 0).await;
    settle(&mut mia).await;
    none(&mia, "never replayed", is_typing);
}
