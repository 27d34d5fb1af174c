//! Delivery: own events, `origin`, the order of ids, and readers that are too slow.

use crate::clinic::{
    Clinic, ask, follow, is_retained, join, join_at, message, no_limits, none, offsets, send,
    send_many,
};
use carewire_tests::Raw;
use serde_json::json;

/// The sender gets the event on every connection of its own; `origin` tells which device it was.
#[tokio::test]
async fn own_events_on_all_own_connections() {
    let clinic = Clinic::open();
    clinic.user("lee", "provider").await;
    let room = "chat:ana:lee";
    let mut desk = clinic.device("ana", "provider", "desk").await;
    let mut phone = clinic.device("ana", "provider", "phone").await;
    let mut lee = clinic.device("lee", "provider", "lees").await;
    for raw in [&mut desk, &mut phone, &mut lee] {
        join(raw, room).await;
    }
    let data = json!({"roomId": room, "body": "hello"});
    let reply = desk.keyed("message:send", "k", data).await.unwrap();
    for raw in [&mut desk, &mut phone, &mut lee] {
        let event = message(raw, "hello").await;
        assert_eq!(event["origin"], "desk");
        assert_eq!(event["data"]["message"]["id"], reply["message"]["id"]);
        assert_eq!(event["data"]["message"]["key"], "k");
    }
    // Without a client id the connection's own names the device.
    let mut nameless = clinic.login("lee", "provider").await;
    let connected = nameless.event("connected").await["data"].clone();
    send(&mut nameless, room, "from nowhere").await;
    let event = message(&mut desk, "from nowhere").await;
    assert_eq!(event["origin"], connected["connectionId"]);
}

/// Ids of messages sort as their offsets do, also over restarts and from many senders at once.
#[tokio::test]
async fn ids_sort_as_offsets() {
    let mut clinic = Clinic::unlimited();
    let mut all = Vec::new();
    for round in 1..=3_u64 {
        let (mut ana, lee, room) = clinic.chat().await;
        let mut tasks = Vec::new();
        for (n, mut raw) in [lee, clinic.login("lee", "provider").await]
            .into_iter()
            .enumerate()
        {
            let room = room.clone();
            tasks.push(tokio::spawn(async move {
                send_many(&mut raw, &room, &format!("{n}."), 30).await;
            }));
        }
        let epoch = join(&mut ana, &room).await["epoch"].clone();
        join_at(&mut ana, &room, &epoch, 60 * (round - 1)).await;
        // What came before the reply comes again after it.
        ana.take_unread();
        let events = follow(&mut ana, &room, 60 * round).await;
        assert_eq!(
            offsets(&events),
            (60 * (round - 1) + 1..=60 * round).collect::<Vec<_>>()
        );
        for event in events {
            all.push(event["data"]["message"]["id"].as_str().unwrap().to_owned());
        }
        for task in tasks {
            task.await.unwrap();
        }
        clinic.server_mut().restart();
    }
    assert!(all.windows(2).all(|two| two[0] < two[1]), "{all:?}");
}

/// A client that reads too slowly is closed with 4508, the others notice nothing, and it comes
/// back without a loss.
#[tokio::test]
async fn a_slow_reader() {
    let clinic = Clinic::alone(|o| {
        no_limits(o)
            .env("CAREWIRE_QUEUE_FRAMES", 64)
            .env("CAREWIRE_QUEUE_BYTES", 1_000_000)
    });
    let (_ana, mut lee, room) = clinic.chat().await;
    let mut other = clinic.login("ana", "provider").await;
    let epoch = join(&mut other, &room).await["epoch"].clone();
    let token = clinic.token("ana", "provider").sign();
    let connect = Raw::connect(clinic.server()).bearer(&token);
    let mut slow = connect.receive_buffer(4_096).open().await;
    join(&mut slow, &room).await;

    // Each time it pauses for twice as long, and the others read on meanwhile.
    let body = "x".repeat(50_000);
    let (mut sent, mut pause, mut got) = (0, 10, Vec::new());
    let closed = loop {
        for _ in 0..pause {
            let data = json!({"roomId": room, "body": body});
            ask(&mut lee, "message:send", data).await;
            sent += 1;
            assert_eq!(offsets(&follow(&mut other, &room, sent).await), [sent]);
        }
        pause *= 2;
        assert!(sent < 1_000, "a reader this slow should be closed");
        let closed = loop {
            match slow.next().await {
                Err(code) => break Some(code),
                Ok(frame) if is_retained(&frame, &room) => got.push(frame),
                Ok(_) => {}
            }
            if got.len() as u64 == sent {
                break None;
            }
        };
        if let Some(code) = closed {
            break code;
        }
    };
    assert_eq!(closed, 4508);
    let last = got.len() as u64;
    assert_eq!(offsets(&got), (1..=last).collect::<Vec<_>>(), "a prefix");

    let mut back = clinic.login("ana", "provider").await;
    let reply = join_at(&mut back, &room, &epoch, last).await;
    assert_eq!(reply["recovered"], true);
    assert_eq!(reply["missed"], sent - last);
    let rest = follow(&mut back, &room, sent).await;
    assert_eq!(offsets(&rest), (last + 1..=sent).collect::<Vec<_>>());
    none(&back, "nothing twice", |frame| is_retained(frame, &room));
}

/// Commands of a connection take effect in the order sent, whatever their kinds.
#[tokio::test]
async fn in_the_order_sent() {
    let clinic = Clinic::unlimited();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let mut ids = Vec::new();
    for n in 0..50 {
        let data = json!({"roomId": room, "body": format!("m{n}")});
        ids.push(ana.command("message:send", data).await);
        let event = json!({"roomId": room, "event": format!("e{n}"), "payload": n, "retain": true});
        ids.push(ana.command("room:publish", event).await);
    }
    // What is asked after them sees them all.
    let data = json!({"roomId": room, "limit": 1});
    let page = ana.command("message:history", data).await;
    for id in ids {
        ana.answer(id).await.unwrap();
    }
    let page = ana.answer(page).await.unwrap();
    assert_eq!(page["messages"][0]["body"], "m49");
    let events = follow(&mut lee, &room, 100).await;
    for (n, pair) in events.chunks(2).enumerate() {
        assert_eq!(pair[0]["data"]["message"]["body"], format!("m{n}"));
        assert_eq!(pair[1]["data"]["event"], format!("e{n}"));
    }
}
