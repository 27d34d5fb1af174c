//! `room:publish`: an application's own events.

use crate::clinic::{Clinic, ask, follow, join_at, none, offsets, refused, send};
use serde_json::{Value, json};

#[tokio::test]
async fn ephemeral_and_retained() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let data = json!({"roomId": room, "event": "cursor", "payload": {"x": [1, null, "é"]}});
    let reply = ask(&mut ana, "room:publish", data.clone()).await;
    assert_eq!(reply, json!({}), "no offset where nothing is kept");
    let event = lee.event("room:event").await;
    assert_eq!(event["room"], room);
    assert_eq!(
        event["data"],
        json!({"event": "cursor", "payload": {"x": [1, null, "é"]}, "senderId": "ana"})
    );
    assert!(
        event.get("offset").is_none() && event.get("epoch").is_none(),
        "{event}"
    );
    assert!(event["origin"].is_string());

    let mut kept = data;
    kept["retain"] = json!(true);
    assert_eq!(ask(&mut ana, "room:publish", kept).await["offset"], 1);
    let event = lee.event("room:event").await;
    assert_eq!(event["offset"], 1);
    let epoch = event["epoch"].clone();
    join_at(&mut lee, &room, &epoch, 0).await;
    let replayed = follow(&mut lee, &room, 1).await;
    assert_eq!(replayed, [event], "the ephemeral one is not replayed");
}

/// `payload` is any JSON, `null` included.
#[tokio::test]
async fn any_payload() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    for payload in [
        Value::Null,
        json!(0),
        json!(""),
        json!([]),
        json!({"a": null}),
    ] {
        for retain in [false, true] {
            let data = json!({"roomId": room, "event": "e", "payload": payload, "retain": retain});
            ask(&mut ana, "room:publish", data).await;
            let event = lee.event("room:event").await;
            assert_eq!(event["data"].get("payload"), Some(&payload), "{event}");
        }
    }
}

/// Under a key a retained event is published once, and the reply is the first.
#[tokio::test]
async fn keyed() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let data = json!({"roomId": room, "event": "e", "payload": 1, "retain": true});
    for _ in 0..3 {
        let reply = ana.keyed("room:publish", "k", data.clone()).await.unwrap();
        assert_eq!(reply["offset"], 1);
    }
    send(&mut ana, &room, "probe").await;
    assert_eq!(offsets(&follow(&mut lee, &room, 2).await), [1, 2]);
}

/// It needs membership, and a room where people write.
#[tokio::test]
async fn who_may() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let data = |room: &str, retain: bool| json!({"roomId": room, "event": "e", "payload": 1, "retain": retain});
    let mut second = clinic.login("ana", "provider").await;
    for retain in [false, true] {
        refused(
            &mut second,
            "room:publish",
            data(&room, retain),
            "not_joined",
        )
        .await;
    }
    ask(&mut ana, "room:leave", json!({"roomId": room})).await;
    refused(&mut ana, "room:publish", data(&room, true), "not_joined").await;
    for place in [
        format!("tenant:{}", clinic.tenant),
        "user:ana".to_owned(),
        "notifications:ana".to_owned(),
        format!("staff:{}", clinic.tenant),
    ] {
        for retain in [false, true] {
            refused(
                &mut second,
                "room:publish",
                data(&place, retain),
                "access_denied",
            )
            .await;
        }
    }
    send(&mut lee, &room, "probe").await;
    crate::clinic::message(&mut lee, "probe").await;
    none(&lee, "nothing was published", |frame| {
        frame["type"] == "room:event"
    });
}

/// Retained data is at most 256 KiB, ephemeral data at most 64 KiB, and the name of an event is
/// not empty and not endless.
#[tokio::test]
async fn limits() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    let data = |size: usize, retain: bool| json!({"roomId": room, "event": "e", "payload": "x".repeat(size), "retain": retain});
    ask(&mut ana, "room:publish", data(65_000, false)).await;
    ask(&mut ana, "room:publish", data(262_000, true)).await;
    refused(
        &mut ana,
        "room:publish",
        data(65_600, false),
        "payload_too_large",
    )
    .await;
    let failure = refused(
        &mut ana,
        "room:publish",
        data(262_200, true),
        "payload_too_large",
    );
    assert_eq!(failure.await.field(), "payload");
    let long = json!({"roomId": room, "event": "e".repeat(1_025), "payload": 1});
    assert_eq!(
        refused(&mut ana, "room:publish", long, "invalid_input")
            .await
            .field(),
        "event"
    );
    let nameless = json!({"roomId": room, "payload": 1});
    assert_eq!(
        refused(&mut ana, "room:publish", nameless, "invalid_input")
            .await
            .field(),
        "event"
    );
}
