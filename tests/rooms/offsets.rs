//! Retained events: offsets without a gap, the epoch, and the shape of an event.

use crate::clinic::{
    Clinic, ask, follow, is_retained, join, join_at, new_bodies, none, numbered, offsets, send,
    send_many,
};
use serde_json::json;

/// Offsets are 1, 2, 3 … over all kinds of retained events; ephemeral ones take none.
#[tokio::test]
async fn one_two_three() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let first = send(&mut ana, &room, "one").await;
    let id = &first["id"];
    ask(&mut lee, "typing:start", json!({"roomId": room})).await;
    ask(
        &mut lee,
        "message:read",
        json!({"roomId": room, "messageId": id}),
    )
    .await;
    ask(
        &mut lee,
        "message:react",
        json!({"messageId": id, "emoji": "👍"}),
    )
    .await;
    let event = json!({"roomId": room, "event": "wave", "payload": 1});
    ask(&mut lee, "room:publish", event).await;
    ask(
        &mut ana,
        "message:edit",
        json!({"messageId": id, "body": "two"}),
    )
    .await;
    let event = json!({"roomId": room, "event": "kept", "payload": 1, "retain": true});
    assert_eq!(ask(&mut lee, "room:publish", event).await["offset"], 4);
    ask(&mut ana, "message:delete", json!({"messageId": id})).await;
    send(&mut lee, &room, "six").await;
    let kinds = [
        "message:new",
        "message:reaction",
        "message:edited",
        "room:event",
        "message:deleted",
        "message:new",
    ];
    for raw in [&mut ana, &mut lee] {
        let events = follow(raw, &room, 6).await;
        assert_eq!(offsets(&events), [1, 2, 3, 4, 5, 6]);
        let seen: Vec<_> = events.iter().map(|event| event["type"].clone()).collect();
        assert_eq!(seen, kinds);
        for event in &events {
            assert_eq!(event["epoch"], events[0]["epoch"]);
            assert!(event["timestamp"].as_str().unwrap().ends_with('Z'));
        }
        none(
            raw,
            "ephemeral events have neither epoch nor offset",
            |frame| {
                let ephemeral = ["typing:start", "typing:stop", "message:read", "room:event"];
                ephemeral.contains(&frame["type"].as_str().unwrap_or_default())
                    && (frame.get("offset").is_some() || frame.get("epoch").is_some())
            },
        );
    }
}

/// Every room counts for itself, and every observer sees the same event at the same offset.
#[tokio::test]
async fn rooms_count_for_themselves() {
    let clinic = Clinic::unlimited();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let other = clinic.thread("t", &["ana", "lee"]).await;
    join(&mut ana, &other).await;
    join(&mut lee, &other).await;
    // Both send into both at once.
    let mut ids = Vec::new();
    for n in 0..40 {
        for room in [&room, &other] {
            let data = json!({"roomId": room, "body": format!("a{n}")});
            ids.push(ana.command("message:send", data).await);
            let data = json!({"roomId": room, "body": format!("l{n}")});
            lee.command("message:send", data).await;
        }
    }
    for id in ids {
        ana.answer(id).await.unwrap();
    }
    for room in [&room, &other] {
        let here = follow(&mut ana, room, 80).await;
        let there = follow(&mut lee, room, 80).await;
        assert_eq!(offsets(&here), (1..=80).collect::<Vec<_>>());
        assert_eq!(here, there, "all observers see the same events");
        let ids: Vec<_> = here
            .iter()
            .map(|event| event["data"]["message"]["id"].as_str().unwrap())
            .collect();
        assert!(
            ids.is_sorted() && ids.windows(2).all(|two| two[0] < two[1]),
            "{ids:?}"
        );
        for prefix in ["a", "l"] {
            let bodies = new_bodies(&here);
            let own: Vec<_> = bodies
                .into_iter()
                .filter(|b| b.starts_with(prefix))
                .collect();
            assert_eq!(own, numbered(prefix, 0..40), "in the order sent");
        }
    }
}

/// Epoch and offsets survive both an orderly restart and a kill.
#[tokio::test]
async fn over_restarts() {
    let mut clinic = Clinic::alone(|o| o);
    let (mut ana, _lee, room) = clinic.chat().await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    send_many(&mut ana, &room, "m", 3).await;
    for round in 0..2 {
        if round == 0 {
            clinic.server().terminate();
            clinic.server_mut().wait().await;
        }
        clinic.server_mut().restart();
        let mut ana = clinic.login("ana", "provider").await;
        let reply = join_at(&mut ana, &room, &epoch, 1).await;
        assert_eq!(reply["epoch"], epoch, "round {round}");
        assert_eq!(reply["recovered"], true);
        let head = 3 + round;
        assert_eq!(reply["offset"], head);
        let replayed = follow(&mut ana, &room, head).await;
        assert_eq!(offsets(&replayed), (2..=head).collect::<Vec<_>>());
        assert!(replayed.iter().all(|event| event["epoch"] == epoch));
        send(&mut ana, &room, "after").await;
        assert_eq!(
            offsets(&follow(&mut ana, &room, head + 1).await),
            [head + 1]
        );
    }
}

/// A replayed event is the event that was live, to the letter.
#[tokio::test]
async fn replayed_events_are_those_that_were_live() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let data = json!({
        "roomId": room, "body": "grüße \u{1f44b}", "metadata": {"a": [1, null, {"b": "c"}]},
        "attachments": [{"name": "x.png", "mimeType": "image/png", "sizeBytes": 5, "url": "/x.png"}],
    });
    ana.keyed("message:send", "k", data).await.unwrap();
    let event =
        json!({"roomId": room, "event": "kept", "payload": {"n": 0.5, "z": null}, "retain": true});
    ask(&mut ana, "room:publish", event).await;
    let live = follow(&mut lee, &room, 2).await;
    let epoch = live[0]["epoch"].clone();
    join_at(&mut lee, &room, &epoch, 0).await;
    let replayed = follow(&mut lee, &room, 2).await;
    assert_eq!(live, replayed);
    assert!(replayed.iter().all(|event| is_retained(event, &room)));
}
