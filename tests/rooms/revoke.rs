//! Revocation: `room:left` within a second, and nothing more afterwards: not by event, history,
//! edit, receipt, resume or replay.

use crate::clinic::{Clinic, ask, join, join_at, message, none, refused, send};
use carewire_protocol::Timestamp;
use carewire_tests::Raw;
use serde_json::{Value, json};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Waits for `room:left`, which must come within a second of `start`.
async fn left(raw: &mut Raw, room: &str, start: Instant) -> Value {
    let event = raw
        .event_where("room:left", |frame| frame["data"]["roomId"] == room)
        .await;
    // By the clock of the server: how busy the reader is does not count.
    let said: Timestamp = serde_json::from_value(event["timestamp"].clone()).unwrap();
    let began = SystemTime::now() - start.elapsed();
    let began = began.duration_since(UNIX_EPOCH).unwrap().as_millis();
    let after = i128::from(said.as_millis()) - i128::try_from(began).unwrap();
    assert!(after < 1000, "{after} ms");
    event["data"]["reason"].clone()
}

/// Nothing of the room is to be had any more. `sent` is a message of before, `stays` is still in.
async fn is_out(clinic: &Clinic, raw: &mut Raw, stays: &mut Raw, room: &str, sent: &[&Value]) {
    raw.take_unread();
    let user = ask(raw, "session:status", json!({})).await["userId"].clone();
    let user = user.as_str().unwrap();
    let id = &sent[0]["id"];
    send(stays, room, "after the revocation").await;
    ask(stays, "typing:start", json!({"roomId": room})).await;
    ask(
        stays,
        "message:read",
        json!({"roomId": room, "messageId": id}),
    )
    .await;
    message(stays, "after the revocation").await;
    // The probe: a message to both in another room, later than all of it.
    let status = ask(stays, "session:status", json!({})).await;
    let other = status["userId"].as_str().unwrap().to_owned();
    let probe = clinic
        .thread(&format!("probe-{user}-{}", room.len()), &[user, &other])
        .await;
    join(raw, &probe).await;
    send(stays, &probe, "probe").await;
    message(raw, "probe").await;
    none(raw, "no event after a revocation", |frame| {
        (frame["room"] == room || frame["data"]["roomId"] == room)
            || frame["data"]["conversation"]["roomId"] == room
            || frame["data"]["rooms"]
                .get(room)
                .is_some_and(|count| *count != 0)
    });

    let denied = "access_denied";
    refused(raw, "room:join", json!({"roomId": room}), denied).await;
    refused(
        raw,
        "room:join",
        json!({"roomId": room, "snapshot": true}),
        denied,
    )
    .await;
    refused(raw, "message:history", json!({"roomId": room}), denied).await;
    refused(
        raw,
        "message:send",
        json!({"roomId": room, "body": "x"}),
        denied,
    )
    .await;
    for kind in ["message:received", "message:read"] {
        refused(raw, kind, json!({"roomId": room, "messageId": id}), denied).await;
    }
    let one_of = |failure: Result<Value, carewire_tests::Failure>, codes: &[&str]| {
        let failure = failure.expect_err("what is gone");
        assert!(codes.contains(&failure.code()), "{failure:?}");
    };
    for (kind, data) in [
        (
            "message:edit",
            json!({"messageId": sent[1]["id"], "body": "x"}),
        ),
        ("message:delete", json!({"messageId": sent[1]["id"]})),
        ("message:react", json!({"messageId": id, "emoji": "x"})),
    ] {
        one_of(
            raw.request(kind, data).await,
            &[denied, "message_not_found"],
        );
    }
    for (kind, data) in [
        ("typing:start", json!({"roomId": room})),
        (
            "room:publish",
            json!({"roomId": room, "event": "e", "payload": 1}),
        ),
        (
            "room:publish",
            json!({"roomId": room, "event": "e", "payload": 1, "retain": true}),
        ),
        ("room:participants", json!({"roomId": room})),
        ("room:leave", json!({"roomId": room})),
    ] {
        one_of(raw.request(kind, data).await, &[denied, "not_joined"]);
    }
    let epoch = join(stays, room).await["epoch"].clone();
    let data = json!({"roomId": room, "epoch": epoch, "offset": 0});
    refused(raw, "room:join", data.clone(), denied).await;
    let resumed = ask(raw, "session:resume", json!({"rooms": [data]})).await;
    assert_eq!(resumed["rooms"][0]["error"]["code"], denied);
    let leaked = |reply: &Value| reply.to_string().contains("after the revocation");
    let list = ask(raw, "conversation:list", json!({})).await;
    assert!(!leaked(&list), "{list}");
    let unread = ask(raw, "unread:get", json!({})).await;
    for counts in [&resumed["unread"], &unread] {
        // What came afterwards is not counted; there was at most the one of before.
        let count = counts["rooms"][room].as_u64().unwrap_or(0);
        assert!(count <= 1, "{counts}");
    }

    // Nor on a new connection.
    let role = if user == "pat" { "patient" } else { "provider" };
    let mut again = clinic.login(user, role).await;
    refused(&mut again, "room:join", data, denied).await;
}

/// A message of each of two people, known to both.
async fn exchange(one: &mut Raw, other: &mut Raw, room: &str) -> (Value, Value) {
    let first = send(one, room, "first").await;
    let second = send(other, room, "second").await;
    message(one, "second").await;
    message(other, "second").await;
    (first, second)
}

#[tokio::test]
async fn removed_from_a_thread_by_its_creator() {
    let clinic = Clinic::open();
    clinic.user("lee", "provider").await;
    let mut ana = clinic.login("ana", "provider").await;
    let mut lee = clinic.login("lee", "provider").await;
    let mut lees_phone = clinic.login("lee", "provider").await;
    let room = ask(&mut ana, "thread:create", json!({"memberIds": ["lee"]})).await;
    let room = room["roomId"].as_str().unwrap().to_owned();
    for raw in [&mut ana, &mut lee, &mut lees_phone] {
        join(raw, &room).await;
    }
    let (first, second) = exchange(&mut ana, &mut lee, &room).await;
    let start = Instant::now();
    let remove = json!({"roomId": room, "memberIds": ["lee"]});
    ask(&mut ana, "thread:removeMembers", remove).await;
    for raw in [&mut lee, &mut lees_phone] {
        let reason = left(raw, &room, start).await;
        assert!(reason == "removed" || reason == "revoked", "{reason}");
    }
    is_out(&clinic, &mut lee, &mut ana, &room, &[&first, &second]).await;
    // The one who removed is still in.
    send(&mut ana, &room, "alone").await;
    message(&mut ana, "alone").await;
    let gone = ana.event_where("room:userLeft", |frame| frame["data"]["userId"] == "lee");
    gone.await;
}

#[tokio::test]
async fn removed_from_a_thread_by_a_backend() {
    let clinic = Clinic::open();
    let room = clinic.thread("t", &["ana", "lee"]).await;
    let mut ana = clinic.login("ana", "provider").await;
    let mut lee = clinic.login("lee", "provider").await;
    join(&mut ana, &room).await;
    join(&mut lee, &room).await;
    let (first, second) = exchange(&mut ana, &mut lee, &room).await;
    let start = Instant::now();
    clinic.thread("t", &["ana"]).await;
    left(&mut lee, &room, start).await;
    is_out(&clinic, &mut lee, &mut ana, &room, &[&first, &second]).await;
}

/// The participants of a visit are also those of its call.
#[tokio::test]
async fn no_longer_of_the_visit() {
    let clinic = Clinic::open();
    let room = clinic.visit("v", &["ana", "pat"]).await;
    let mut ana = clinic.login("ana", "provider").await;
    let mut pat = clinic.login("pat", "patient").await;
    for raw in [&mut ana, &mut pat] {
        join(raw, &room).await;
        join(raw, "call:v").await;
    }
    let (first, second) = exchange(&mut ana, &mut pat, &room).await;
    let start = Instant::now();
    clinic.visit("v", &["ana"]).await;
    left(&mut pat, &room, start).await;
    left(&mut pat, "call:v", start).await;
    is_out(&clinic, &mut pat, &mut ana, &room, &[&first, &second]).await;
    refused(
        &mut pat,
        "room:join",
        json!({"roomId": "call:v"}),
        "access_denied",
    )
    .await;
}

/// The end of care ends the chat with the patient, for both, and the patient's room.
#[tokio::test]
async fn care_ended() {
    let clinic = Clinic::open();
    clinic.user("pat", "patient").await;
    let mut ana = clinic.login("ana", "provider").await;
    let mut pat = clinic.login("pat", "patient").await;
    let room = "chat:ana:pat";
    refused(
        &mut ana,
        "room:join",
        json!({"roomId": room}),
        "access_denied",
    )
    .await;
    refused(
        &mut pat,
        "room:join",
        json!({"roomId": room}),
        "access_denied",
    )
    .await;
    clinic.care("ana", "pat").await;
    for raw in [&mut ana, &mut pat] {
        join(raw, room).await;
    }
    join(&mut ana, "patient:pat").await;
    let (first, second) = exchange(&mut ana, &mut pat, room).await;
    let start = Instant::now();
    clinic.end_care("ana", "pat").await;
    assert_eq!(left(&mut ana, room, start).await, "revoked");
    assert_eq!(left(&mut pat, room, start).await, "revoked");
    left(&mut ana, "patient:pat", start).await;
    refused(
        &mut ana,
        "room:join",
        json!({"roomId": "patient:pat"}),
        "access_denied",
    )
    .await;
    let mut admin = clinic.login("root", "admin").await;
    join(&mut admin, room).await;
    is_out(&clinic, &mut pat, &mut admin, room, &[&first, &second]).await;
    // With the care everything is back.
    clinic.care("ana", "pat").await;
    let epoch = join(&mut ana, room).await["epoch"].clone();
    let reply = join_at(&mut pat, room, &epoch, 0).await;
    assert_eq!(reply["recovered"], true);
}

/// Another role by refresh decides every room anew.
#[tokio::test]
async fn another_role_by_refresh() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "staff").await;
    let staff = format!("staff:{}", clinic.tenant);
    join(&mut ana, "patient:pat").await;
    join(&mut ana, "wards:north").await;
    join(&mut ana, "topic:news").await;
    let token = clinic.token("ana", "patient").sign();
    let start = Instant::now();
    let reply = ask(&mut ana, "auth:refresh", json!({"token": token})).await;
    assert_eq!(reply["role"], "patient");
    for room in ["patient:pat", "wards:north", &staff] {
        assert_eq!(left(&mut ana, room, start).await, "role", "{room}");
    }
    let status = ask(&mut ana, "session:status", json!({})).await;
    let mut rooms: Vec<_> = status["rooms"].as_array().unwrap().clone();
    rooms.sort_by_key(ToString::to_string);
    let mine = ["notifications:ana", "tenant:", "topic:news", "user:ana"];
    assert_eq!(rooms.len(), 4, "{rooms:?}");
    for (room, expected) in rooms.iter().zip(mine) {
        assert!(room.as_str().unwrap().starts_with(expected), "{rooms:?}");
    }
    for room in ["patient:pat", "wards:north"] {
        refused(
            &mut ana,
            "room:join",
            json!({"roomId": room}),
            "access_denied",
        )
        .await;
    }
}

/// What a backend says of a user's role counts for chats with them.
#[tokio::test]
async fn another_role_of_the_other() {
    let clinic = Clinic::open();
    clinic.user("lee", "provider").await;
    let mut ana = clinic.login("ana", "provider").await;
    let room = "chat:ana:lee";
    join(&mut ana, room).await;
    let start = Instant::now();
    clinic.user("lee", "patient").await;
    left(&mut ana, room, start).await;
    refused(
        &mut ana,
        "message:history",
        json!({"roomId": room}),
        "access_denied",
    )
    .await;
    clinic.user("lee", "provider").await;
    join(&mut ana, room).await;
}

/// What a newer token says of a user's role counts for chats with them as well, on every device of
/// the other.
#[tokio::test]
async fn another_role_in_a_newer_token_of_the_other() {
    let clinic = Clinic::open();
    let _staff = clinic.login("lee", "staff").await;
    let mut phone = clinic.login("pat", "patient").await;
    let mut tablet = clinic.login("pat", "patient").await;
    let room = "chat:lee:pat";
    join(&mut phone, room).await;
    join(&mut tablet, room).await;
    let start = Instant::now();
    // A provider who does not care for them is not for a patient to talk to.
    let _provider = clinic.login("lee", "provider").await;
    for device in [&mut phone, &mut tablet] {
        assert_eq!(left(device, room, start).await, "revoked");
        let data = json!({"roomId": room});
        refused(device, "room:join", data, "access_denied").await;
    }
    let _staff = clinic.login("lee", "staff").await;
    join(&mut phone, room).await;
}

/// A replay that is under way ends with the right to it.
#[tokio::test]
async fn in_the_midst_of_traffic() {
    let clinic = Clinic::unlimited();
    let room = clinic.thread("t", &["ana", "lee"]).await;
    let mut ana = clinic.login("ana", "provider").await;
    let mut lee = clinic.login("lee", "provider").await;
    join(&mut lee, &room).await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    crate::clinic::send_many(&mut ana, &room, "old ", 300).await;
    let traffic = tokio::spawn(async move {
        let mut sent = 0;
        loop {
            let data = json!({"roomId": "thread:t", "body": "live"});
            if ana.request("message:send", data).await.is_err() || sent == 2_000 {
                break ana;
            }
            ana.take_unread();
            sent += 1;
        }
    });
    join_at(&mut lee, &room, &epoch, 0).await;
    clinic.thread("t", &["root"]).await;
    let start = Instant::now();
    left(&mut lee, &room, start).await;
    // All that was queued before has come; the reply below comes after it.
    lee.take_unread();
    traffic.await.unwrap();
    let data = json!({"roomId": room});
    refused(&mut lee, "room:join", data, "access_denied").await;
    none(&lee, "nothing after the end", |frame| frame["room"] == room);
}
