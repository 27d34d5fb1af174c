//! `snapshot: true`: the state as of exactly the reply's offset.

use crate::clinic::{Clinic, ask, bodies, follow, join, new_bodies, numbered, send, send_many};
use serde_json::{Value, json};

async fn snapshot(raw: &mut carewire_tests::Raw, room: &str) -> Value {
    ask(raw, "room:join", json!({"roomId": room, "snapshot": true})).await
}

/// Many join with a snapshot while others send: the messages of the snapshot and the events after
/// it are all messages, each once, in order.
#[tokio::test]
async fn snapshot_and_events_make_the_whole() {
    let clinic = Clinic::unlimited();
    let (_ana, mut lee, room) = clinic.chat().await;
    let mut late = Vec::new();
    for _ in 0..8 {
        late.push(clinic.login("ana", "provider").await);
    }
    let target = room.clone();
    let traffic = tokio::spawn(async move {
        send_many(&mut lee, &target, "m", 400).await;
        lee
    });
    let mut all = Vec::new();
    for (n, mut raw) in late.into_iter().enumerate() {
        let room = room.clone();
        all.push(tokio::spawn(async move {
            // Spread over the traffic: each waits until it has seen as much as it is to miss.
            join(&mut raw, &room).await;
            if n > 0 {
                follow(&mut raw, &room, 45 * n as u64).await;
            }
            ask(&mut raw, "room:leave", json!({"roomId": room})).await;
            raw.take_unread();
            let reply = snapshot(&mut raw, &room).await;
            let offset = reply["offset"].as_u64().unwrap();
            let state = &reply["snapshot"];
            let loaded = bodies(&state["messages"]);
            assert_eq!(loaded.len() as u64, offset.min(50));
            assert_eq!(
                loaded,
                numbered("m", offset + 1 - loaded.len() as u64..=offset)
            );
            assert_eq!(state["hasMore"], offset > 50, "{offset}");
            if offset < 400 {
                let events = follow(&mut raw, &room, 400).await;
                assert_eq!(new_bodies(&events), numbered("m", offset + 1..=400));
            }
        }));
    }
    for one in all {
        one.await.unwrap();
    }
    traffic.await.unwrap();
}

/// The newest 50, oldest first, with `hasMore`; who is typing; edits and deletions as they are.
#[tokio::test]
async fn what_a_snapshot_holds() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let empty = snapshot(&mut ana, &room).await["snapshot"].clone();
    assert_eq!(empty["messages"], json!([]));
    assert_eq!(empty["hasMore"], false);
    assert_eq!(empty["typing"], json!([]));
    let sent = send_many(&mut lee, &room, "m", 50).await;
    let state = snapshot(&mut ana, &room).await["snapshot"].clone();
    assert_eq!(state["hasMore"], false, "exactly fifty");
    assert_eq!(bodies(&state["messages"]), numbered("m", 1..=50));
    send(&mut ana, &room, "m51").await;
    let edit = json!({"messageId": sent[9]["id"], "body": "edited"});
    ask(&mut lee, "message:edit", edit).await;
    ask(
        &mut lee,
        "message:delete",
        json!({"messageId": sent[10]["id"]}),
    )
    .await;
    let react = json!({"messageId": sent[11]["id"], "emoji": "❤"});
    ask(&mut ana, "message:react", react).await;
    ask(&mut lee, "typing:start", json!({"roomId": room})).await;
    let reply = snapshot(&mut ana, &room).await;
    assert_eq!(reply["offset"], 54);
    let state = &reply["snapshot"];
    assert_eq!(state["hasMore"], true);
    assert_eq!(state["typing"], json!(["lee"]));
    let messages = state["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 50);
    assert_eq!(messages[0]["body"], "m2");
    assert_eq!(messages[8]["body"], "edited");
    assert!(messages[8]["editedAt"].is_string());
    assert_eq!(messages[9]["body"], "");
    assert!(messages[9]["deletedAt"].is_string());
    assert_eq!(messages[10]["reactions"], json!({"❤": ["ana"]}));
    let page = ask(&mut ana, "message:history", json!({"roomId": room})).await;
    assert_eq!(
        state["messages"], page["messages"],
        "as the history has them"
    );
}

/// A snapshot and a position together: the state, and the events missed.
#[tokio::test]
async fn with_a_position() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    send_many(&mut lee, &room, "m", 5).await;
    let mut late = clinic.login("ana", "provider").await;
    let data = json!({"roomId": room, "epoch": epoch, "offset": 3, "snapshot": true});
    let reply = ask(&mut late, "room:join", data).await;
    assert_eq!(reply["missed"], 2);
    assert_eq!(reply["snapshot"]["messages"].as_array().unwrap().len(), 5);
    assert_eq!(new_bodies(&follow(&mut late, &room, 5).await), ["m4", "m5"]);
}

/// No frame exceeds 1 MiB: a snapshot and a page of large messages stop early and say so.
#[tokio::test]
async fn a_snapshot_fits_into_a_frame() {
    let clinic = Clinic::unlimited();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let body = "\u{1}".repeat(60_000);
    for _ in 0..8 {
        let data = json!({"roomId": room, "body": body});
        ask(&mut lee, "message:send", data).await;
    }
    ana.take_unread();
    let reply = snapshot(&mut ana, &room).await;
    assert!(
        reply.to_string().len() < 1_048_576,
        "{}",
        reply.to_string().len()
    );
    let state = &reply["snapshot"];
    let count = state["messages"].as_array().unwrap().len();
    assert!((1..8).contains(&count), "{count} of 360 kB each in JSON");
    assert_eq!(state["hasMore"], true);
    // Older ones are found by paging on.
    let mut oldest = state["messages"][0]["id"].clone();
    let mut seen = count;
    loop {
        let data = json!({"roomId": room, "before": oldest});
        let page = ask(&mut ana, "message:history", data).await;
        let messages = page["messages"].as_array().unwrap();
        seen += messages.len();
        if page["hasMore"] == false {
            break;
        }
        oldest = messages[0]["id"].clone();
    }
    assert_eq!(seen, 8);
}
