//! Replay from a position: contiguous under live traffic, or `recovered: false`.

use crate::clinic::{
    Clinic, ask, follow, join, join_at, message, no_limits, offsets, send, send_many, settle,
};
use carewire_tests::Raw;
use serde_json::{Value, json};
use std::time::Duration;

/// Sends without waiting, and yields the socket with the ids of the commands.
async fn pump(mut raw: Raw, room: String, count: u64) -> Raw {
    let mut ids = Vec::new();
    for n in 0..count {
        let data = json!({"roomId": room, "body": format!("live {n}")});
        ids.push(raw.command("message:send", data).await);
    }
    for id in ids {
        raw.answer(id).await.expect("a reply");
    }
    raw
}

/// Many join at old positions while others send: each gets every event after its position, replayed
/// and live alike, once and in order.
#[tokio::test]
async fn replay_meets_live_traffic() {
    let clinic = Clinic::unlimited();
    let (mut ana, lee, room) = clinic.chat().await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    send_many(&mut ana, &room, "old ", 400).await;
    let mut late = Vec::new();
    for _ in 0..6 {
        late.push(clinic.login("ana", "provider").await);
    }
    let traffic = tokio::spawn(pump(lee, room.clone(), 600));
    let mut followers = Vec::new();
    for (n, mut raw) in late.into_iter().enumerate() {
        let (room, epoch) = (room.clone(), epoch.clone());
        followers.push(tokio::spawn(async move {
            let from = 70 * n as u64;
            // Some join again in the midst of it.
            let reply = join_at(&mut raw, &room, &epoch, from).await;
            let head = reply["offset"].as_u64().unwrap();
            assert!(head >= 400);
            assert_eq!(reply["recovered"], true);
            assert_eq!(reply["missed"], head - from);
            let events = follow(&mut raw, &room, 1_000).await;
            assert_eq!(offsets(&events), (from + 1..=1_000).collect::<Vec<_>>());
        }));
    }
    for follower in followers {
        follower.await.unwrap();
    }
    traffic.await.unwrap();
}

/// Rewinding in the midst of live traffic: after the reply everything from there, once.
#[tokio::test]
async fn rewinding_under_traffic() {
    let clinic = Clinic::unlimited();
    let (mut ana, lee, room) = clinic.chat().await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    let traffic = tokio::spawn(pump(lee, room.clone(), 500));
    for target in [100, 200, 300] {
        follow(&mut ana, &room, target).await;
        let data = json!({"roomId": room, "epoch": epoch, "offset": target - 90});
        let id = ana.command("room:join", data).await;
        // Retained events before the reply belong to the former position.
        loop {
            let frame = ana.next().await.unwrap();
            if frame["id"] == id {
                assert_eq!(frame["data"]["recovered"], true, "{frame}");
                break;
            }
        }
        let events = follow(&mut ana, &room, target).await;
        assert_eq!(offsets(&events), (target - 89..=target).collect::<Vec<_>>());
    }
    let rest = follow(&mut ana, &room, 500).await;
    assert_eq!(offsets(&rest), (301..=500).collect::<Vec<_>>());
    traffic.await.unwrap();
}

async fn not_recovered(raw: &mut Raw, room: &str, epoch: Value, offset: u64) -> Value {
    raw.take_unread();
    let reply = join_at(raw, room, &epoch, offset).await;
    assert_eq!(reply["recovered"], false, "{reply}");
    assert_eq!(reply["missed"], 0, "nothing follows: {reply}");
    reply
}

/// Another epoch and a position beyond the head cannot be recovered: nothing is replayed, the
/// connection is joined at the head.
#[tokio::test]
async fn what_cannot_be_recovered() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    send_many(&mut lee, &room, "m", 3).await;
    follow(&mut ana, &room, 3).await;
    let mut head = 3;
    for (epoch, offset) in [
        (json!("another"), 1),
        (json!("another"), 3),
        (epoch.clone(), 1_000),
        (json!(format!("{}x", epoch.as_str().unwrap())), 0),
    ] {
        let reply = not_recovered(&mut ana, &room, epoch, offset).await;
        assert_eq!(reply["offset"], head);
        head += 1;
        send(&mut lee, &room, "next").await;
        assert_eq!(offsets(&follow(&mut ana, &room, head).await), [head]);
    }
    // Without a position nothing is replayed either, and that is fine.
    let mut late = clinic.login("ana", "provider").await;
    let reply = join(&mut late, &room).await;
    assert_eq!(
        (&reply["recovered"], &reply["missed"]),
        (&json!(true), &json!(0))
    );
    settle(&mut late).await;
    crate::clinic::none(&late, "nothing is replayed", |frame| frame["room"] == room);
}

/// Only so many events are kept; a position before them cannot be recovered, the oldest that can
/// is replayed whole.
#[tokio::test]
async fn older_than_kept() {
    let clinic = Clinic::alone(|o| no_limits(o).env("CAREWIRE_RETAIN_EVENTS", 10));
    let (mut ana, mut lee, room) = clinic.chat().await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    send_many(&mut lee, &room, "m", 60).await;
    follow(&mut ana, &room, 60).await;
    // Pruning may lag behind; an hour old it is not. Position 49 needs no event but 50 … 60.
    let kept = carewire_tests::wait::until("old events to go", || async {
        let mut ana = clinic.login("ana", "provider").await;
        let reply = join_at(&mut ana, &room, &epoch, 5).await;
        (reply["recovered"] == false).then_some(reply)
    })
    .await;
    assert_eq!(kept["offset"], 60);
    not_recovered(&mut ana, &room, epoch.clone(), 0).await;
    let reply = join_at(&mut ana, &room, &epoch, 50).await;
    assert_eq!(reply["recovered"], true, "{reply}");
    assert_eq!(
        offsets(&follow(&mut ana, &room, 60).await),
        (51..=60).collect::<Vec<_>>()
    );
    // Messages themselves are kept by their own rule.
    let data = json!({"roomId": room, "limit": 100});
    let page = ask(&mut ana, "message:history", data).await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 60);
}

/// So with their age. When a server looks for what has become old is its own affair.
#[tokio::test]
async fn longer_ago_than_kept() {
    let clinic = Clinic::alone(|o| no_limits(o).env("CAREWIRE_RETAIN_MS", 200));
    let (mut ana, mut lee, room) = clinic.chat().await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    send_many(&mut lee, &room, "m", 5).await;
    follow(&mut ana, &room, 5).await;
    let gone = async {
        loop {
            let mut ana = clinic.login("ana", "provider").await;
            let reply = join_at(&mut ana, &room, &epoch, 0).await;
            assert_eq!(reply["offset"], 5, "what is counted stays counted");
            if reply["recovered"] == false {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let gone = tokio::time::timeout(Duration::from_secs(30), gone).await;
    gone.expect("old events should go");
    // The head is no event and needs none.
    let mut ana = clinic.login("ana", "provider").await;
    assert_eq!(join_at(&mut ana, &room, &epoch, 5).await["recovered"], true);
    let mut lee = clinic.login("lee", "provider").await;
    send(&mut lee, &room, "next").await;
    assert_eq!(offsets(&follow(&mut ana, &room, 6).await), [6]);
}

/// So with the bytes of a room.
#[tokio::test]
async fn more_bytes_than_kept() {
    let clinic = Clinic::alone(|o| no_limits(o).env("CAREWIRE_RETAIN_BYTES", 100_000));
    let (mut ana, mut lee, room) = clinic.chat().await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    let body = "x".repeat(20_000);
    for _ in 0..30 {
        let data = json!({"roomId": room, "body": body});
        ask(&mut lee, "message:send", data).await;
    }
    carewire_tests::wait::until("old events to go", || async {
        let mut ana = clinic.login("ana", "provider").await;
        let reply = join_at(&mut ana, &room, &epoch, 3).await;
        (reply["recovered"] == false).then_some(())
    })
    .await;
    let mut fresh = clinic.login("ana", "provider").await;
    let reply = join_at(&mut fresh, &room, &epoch, 28).await;
    assert_eq!(reply["recovered"], true, "{reply}");
    assert_eq!(offsets(&follow(&mut fresh, &room, 30).await), [29, 30]);
}

/// A big replay is read in pages and closes nobody as a slow reader, whatever the queue holds.
#[tokio::test]
async fn a_replay_longer_than_the_queue() {
    let clinic = Clinic::alone(|o| no_limits(o).env("CAREWIRE_QUEUE_FRAMES", 64));
    let (mut ana, mut lee, room) = clinic.chat().await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    for _ in 0..20 {
        send_many(&mut lee, &room, "m", 30).await;
        lee.take_unread();
        settle(&mut ana).await;
    }
    let mut late = clinic.login("ana", "provider").await;
    join_at(&mut late, &room, &epoch, 0).await;
    assert_eq!(offsets(&follow(&mut late, &room, 600).await).len(), 600);
    send(&mut lee, &room, "live").await;
    assert_eq!(message(&mut late, "live").await["offset"], 601);
}
