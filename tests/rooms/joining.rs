//! `room:join` and `room:leave`: the reply, joining twice, leaving, and the limit of rooms.

use crate::clinic::{
    Clinic, ask, follow, join, join_at, message, offsets, refused, send, send_many,
};
use serde_json::json;

#[tokio::test]
async fn the_reply_of_a_join() {
    let clinic = Clinic::open();
    clinic.user("lee", "provider").await;
    let token = clinic.token("ana", "provider").name("Ana Sy");
    let mut ana = carewire_tests::Raw::login(clinic.server(), &token).await;
    let reply = join(&mut ana, "chat:ana:lee").await;
    assert_eq!(reply["roomId"], "chat:ana:lee");
    assert_eq!(reply["offset"], 0);
    assert_eq!(reply["recovered"], true);
    assert_eq!(reply["missed"], 0);
    assert!(
        reply["epoch"]
            .as_str()
            .is_some_and(|epoch| !epoch.is_empty())
    );
    assert!(reply["receipts"].is_object());
    assert!(reply.get("snapshot").is_none(), "it was not asked for");
    let people = reply["participants"].as_array().unwrap();
    assert_eq!(people.len(), 1);
    assert_eq!(people[0]["userId"], "ana");
    assert_eq!(people[0]["name"], "Ana Sy");
    assert_eq!(people[0]["role"], "provider");
    assert_eq!(people[0]["connections"], 1);
    let since = people[0]["joinedAt"].as_str().unwrap();
    assert!(since.len() == 24 && since.ends_with('Z'), "{since}");
}

/// The reply precedes every event of the room that the join leads to, and what was missed follows
/// without being asked for again.
#[tokio::test]
async fn the_reply_precedes_its_events() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    send_many(&mut ana, &room, "m", 20).await;
    let mut late = clinic.login("lee", "provider").await;
    late.take_unread();
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    let data = json!({"roomId": room, "epoch": epoch, "offset": 3});
    let id = late.command("room:join", data).await;
    let mut replied = false;
    let mut seen = Vec::new();
    while seen.last() != Some(&20) {
        let frame = late.next().await.unwrap();
        if frame["id"] == id {
            replied = true;
            assert_eq!(frame["data"]["missed"], 17);
            assert_eq!(frame["data"]["offset"], 20);
            assert_eq!(frame["data"]["recovered"], true);
        } else if frame["room"] == room {
            assert!(replied, "{frame} came before the reply");
            seen.push(frame["offset"].as_u64().unwrap());
        }
    }
    assert_eq!(seen, (4..=20).collect::<Vec<_>>());
}

/// Joining twice is no error, counts a connection once, and doubles no event.
#[tokio::test]
async fn joining_twice() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    send(&mut lee, &room, "one").await;
    let again = join(&mut ana, &room).await;
    assert_eq!(again["offset"], 1);
    assert_eq!(again["participants"].as_array().unwrap().len(), 2);
    assert_eq!(again["participants"][0]["connections"], 1);
    send(&mut lee, &room, "two").await;
    send(&mut lee, &room, "three").await;
    assert_eq!(offsets(&follow(&mut ana, &room, 3).await), [1, 2, 3]);
    ask(&mut ana, "room:leave", json!({"roomId": room})).await;
    // One leave undoes two joins.
    refused(
        &mut ana,
        "room:leave",
        json!({"roomId": room}),
        "not_joined",
    )
    .await;
}

/// A position for a room that is already joined rewinds it.
#[tokio::test]
async fn rewinding() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    send_many(&mut lee, &room, "m", 6).await;
    follow(&mut ana, &room, 6).await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    let reply = join_at(&mut ana, &room, &epoch, 2).await;
    assert_eq!(reply["missed"], 4);
    assert_eq!(offsets(&follow(&mut ana, &room, 6).await), [3, 4, 5, 6]);
    send(&mut lee, &room, "live").await;
    assert_eq!(message(&mut ana, "live").await["offset"], 7);
    let reply = join_at(&mut ana, &room, &epoch, 7).await;
    assert_eq!(
        (&reply["missed"], &reply["recovered"]),
        (&json!(0), &json!(true))
    );
}

/// After leaving nothing of the room comes any more; what happened meanwhile comes at the return.
#[tokio::test]
async fn leaving_and_coming_back() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    send(&mut lee, &room, "before").await;
    message(&mut ana, "before").await;
    assert_eq!(
        ask(&mut ana, "room:leave", json!({"roomId": room})).await,
        json!({})
    );
    ana.take_unread();
    send(&mut lee, &room, "away").await;
    // A later message in another room of both: what was queued for `ana` before it has come.
    let other = clinic.thread("other", &["ana", "lee"]).await;
    join(&mut ana, &other).await;
    send(&mut lee, &other, "probe").await;
    message(&mut ana, "probe").await;
    crate::clinic::none(&ana, "events of a room that was left", |frame| {
        frame["room"] == room
    });
    join_at(&mut ana, &room, &epoch, 1).await;
    assert_eq!(message(&mut ana, "away").await["offset"], 2);
}

#[tokio::test]
async fn leaving_what_was_never_joined() {
    let clinic = Clinic::open();
    clinic.user("lee", "provider").await;
    let mut ana = clinic.login("ana", "provider").await;
    let leave = json!({"roomId": "chat:ana:lee"});
    refused(&mut ana, "room:leave", leave, "not_joined").await;
}

/// A connection is in at most so many rooms; leaving one makes room, joining twice takes none.
#[tokio::test]
async fn too_many_rooms() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_ROOMS_PER_CONNECTION", 6));
    let mut ana = clinic.login("ana", "provider").await;
    let connected = ana.event("connected").await;
    assert_eq!(connected["data"]["limits"]["roomsPerConnection"], 6);
    let automatic = connected["data"]["rooms"].as_array().unwrap().len();
    // Whether the automatic rooms count is not said.
    let mut joined = 0;
    let failure = loop {
        let room = json!({"roomId": format!("topic:t{joined}")});
        match ana.request("room:join", room).await {
            Ok(_) => joined += 1,
            Err(failure) => break failure,
        }
    };
    assert!(joined == 6 || joined + automatic == 6, "{joined} joined");
    assert_eq!(failure.code(), "too_many_rooms");
    join(&mut ana, "topic:t0").await;
    ask(&mut ana, "room:leave", json!({"roomId": "topic:t0"})).await;
    join(&mut ana, "topic:another").await;
    let data = json!({"roomId": "topic:more"});
    refused(&mut ana, "room:join", data, "too_many_rooms").await;
    // The limit is of one connection.
    let mut second = clinic.login("ana", "provider").await;
    join(&mut second, "topic:more").await;
}

/// A bad position is an error of its field, never a crash or a guess.
#[tokio::test]
async fn bad_positions() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    for offset in [json!(-1), json!(1.5), json!("1"), json!([1])] {
        let data = json!({"roomId": room, "epoch": "e", "offset": offset});
        let failure = refused(&mut ana, "room:join", data, "invalid_input").await;
        assert_eq!(failure.field(), "offset", "{offset}");
    }
}
