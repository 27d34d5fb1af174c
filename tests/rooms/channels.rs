//! Channels: subscribed to, published to, left, and followed from a position.

use crate::clinic::{Clinic, ask, none, refused, settle};
use serde_json::{Value, json};

fn event(frame: &Value) -> bool {
    frame["type"] == "channel:event"
}

#[tokio::test]
async fn what_is_published_reaches_subscribers_until_they_leave() {
    let clinic = Clinic::open();
    let mut lee = clinic.login("lee", "provider").await;
    let mut sam = clinic.login("sam", "staff").await;
    let mut eve = clinic.login("eve", "staff").await;
    let channel = json!({"channel": "patients:vitals:room-101"});
    let joined = ask(&mut lee, "channel:subscribe", channel.clone()).await;
    assert_eq!(joined["roomId"], "patients:vitals:room-101");
    let first = json!({"channel": "patients:vitals:room-101", "event": "spo2", "payload": 97});
    ask(&mut sam, "channel:publish", first.clone()).await;
    let heard = lee.frame_where("what was published", event).await;
    assert_eq!(heard["data"], first);
    assert_eq!(heard["offset"], 1);

    ask(&mut lee, "channel:unsubscribe", channel.clone()).await;
    let second = json!({"channel": "patients:vitals:room-101", "event": "spo2", "payload": 98});
    ask(&mut sam, "channel:publish", second.clone()).await;
    settle(&mut lee).await;
    settle(&mut eve).await;
    none(&lee, "what is published after one left", event);
    none(&eve, "what one never subscribed to", event);

    let position = json!({"channel": channel["channel"], "epoch": joined["epoch"], "offset": 1});
    let again = ask(&mut lee, "channel:subscribe", position).await;
    assert_eq!(
        (&again["recovered"], &again["missed"]),
        (&json!(true), &json!(1))
    );
    let missed = lee.frame_where("what was missed", event).await;
    assert_eq!(missed["data"], second);
}

#[tokio::test]
async fn their_rights() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "patient").await;
    let mut lee = clinic.login("lee", "provider").await;
    let mut bob = clinic.login("bob", "provider").await;
    let reports = json!({"channel": "reports:system"});
    refused(
        &mut ana,
        "channel:subscribe",
        reports.clone(),
        "access_denied",
    )
    .await;
    ask(
        &mut ana,
        "channel:subscribe",
        json!({"channel": "system:notifications"}),
    )
    .await;
    ask(&mut lee, "channel:subscribe", reports).await;
    let own = json!({"channel": "user:lee:alerts"});
    ask(&mut lee, "channel:subscribe", own.clone()).await;
    refused(&mut bob, "channel:subscribe", own, "access_denied").await;
    let data = json!({"channel": "reports:system", "event": "x", "payload": 1});
    refused(&mut lee, "channel:publish", data, "access_denied").await;
    let room = json!({"channel": "visit:v1"});
    refused(&mut lee, "channel:subscribe", room, "room_not_found").await;
}
