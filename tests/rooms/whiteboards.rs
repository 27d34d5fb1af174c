//! Whiteboards: drawn in order, kept, wiped, bounded; and where everyone points.

use crate::clinic::{Clinic, ask, join, no_limits, none, refused, settle};
use carewire_protocol::Timestamp;
use carewire_tests::Raw;
use serde_json::{Value, json};

async fn draw(raw: &mut Raw, room: &str, ops: Value) -> u64 {
    let reply = ask(
        raw,
        "whiteboard:update",
        json!({"roomId": room, "ops": ops}),
    )
    .await;
    reply["revision"].as_u64().unwrap()
}

/// Everything on a whiteboard, page by page.
async fn board(raw: &mut Raw, room: &str) -> (u64, Vec<Value>) {
    let (mut ops, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let data = json!({"roomId": room, "cursor": cursor});
        let page = ask(raw, "whiteboard:snapshot", data).await;
        ops.extend(page["ops"].as_array().unwrap().iter().cloned());
        cursor = page["cursor"].clone();
        if cursor.is_null() {
            return (page["revision"].as_u64().unwrap(), ops);
        }
    }
}

#[tokio::test]
async fn drawn_in_order_and_wiped() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    assert_eq!(board(&mut ana, &room).await, (0, vec![]));
    assert_eq!(
        draw(&mut ana, &room, json!([{"line": 1}, "any JSON"])).await,
        1
    );
    assert_eq!(draw(&mut lee, &room, json!([[3]])).await, 2);
    let event = lee.event("whiteboard:update").await;
    assert_eq!(event["offset"], 1);
    let expected = json!({"roomId": room, "userId": "ana", "revision": 1,
        "ops": [{"line": 1}, "any JSON"]});
    assert_eq!(event["data"], expected);
    let all = vec![json!({"line": 1}), json!("any JSON"), json!([3])];
    assert_eq!(board(&mut lee, &room).await, (2, all.clone()));
    let joined = ask(
        &mut lee,
        "room:join",
        json!({"roomId": room, "snapshot": true}),
    )
    .await;
    assert_eq!(
        joined["snapshot"]["whiteboard"],
        json!({"revision": 2, "ops": all})
    );
    ask(&mut lee, "whiteboard:clear", json!({"roomId": room})).await;
    let cleared = ana.event("whiteboard:cleared").await;
    assert_eq!(
        cleared["data"],
        json!({"roomId": room, "userId": "lee", "revision": 3})
    );
    assert_eq!(board(&mut ana, &room).await, (3, vec![]));
    assert_eq!(draw(&mut ana, &room, json!([4])).await, 4);
}

#[tokio::test]
async fn once_for_each_key() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    let data = json!({"roomId": room, "ops": [1]});
    for _ in 0..2 {
        let reply = ana
            .keyed("whiteboard:update", "k", data.clone())
            .await
            .unwrap();
        assert_eq!(reply, json!({"revision": 1}));
    }
    assert_eq!(board(&mut ana, &room).await, (1, vec![json!(1)]));
}

#[tokio::test]
async fn for_those_who_may_write_there() {
    let clinic = Clinic::open();
    let (_ana, _lee, room) = clinic.chat().await;
    let mut stranger = clinic.login("bob", "patient").await;
    let draw = json!({"roomId": room, "ops": [1]});
    refused(&mut stranger, "whiteboard:update", draw, "access_denied").await;
    for kind in ["whiteboard:clear", "whiteboard:snapshot"] {
        refused(
            &mut stranger,
            kind,
            json!({"roomId": room}),
            "access_denied",
        )
        .await;
    }
    let point = json!({"roomId": room, "x": 1, "y": 2});
    refused(&mut stranger, "whiteboard:cursor", point, "not_joined").await;
    let own = json!({"roomId": "user:bob", "ops": [1]});
    refused(&mut stranger, "whiteboard:update", own, "access_denied").await;
}

#[tokio::test]
async fn a_full_one_says_so_and_what_is_large_comes_in_pages() {
    let clinic = Clinic::alone(no_limits);
    let (mut ana, _lee, room) = clinic.chat().await;
    let op = "o".repeat(120_000);
    let mut drawn = 0;
    let failure = loop {
        let data = json!({"roomId": room, "ops": [op, op]});
        match ana.request("whiteboard:update", data).await {
            Ok(_) => drawn += 2,
            Err(failure) => break failure,
        }
        assert!(drawn < 100, "never full");
    };
    assert_eq!(
        (failure.code(), failure.field()),
        ("payload_too_large", "ops")
    );
    let (_, ops) = board(&mut ana, &room).await;
    assert_eq!(ops.len(), drawn);
    let joined = ask(
        &mut ana,
        "room:join",
        json!({"roomId": room, "snapshot": true}),
    )
    .await;
    assert!(joined["snapshot"]["whiteboard"]["cursor"].is_string());
    ask(&mut ana, "whiteboard:clear", json!({"roomId": room})).await;
    draw(&mut ana, &room, json!([1])).await;
}

#[tokio::test]
async fn new_members_see_what_was_drawn_since() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    let mut eve = clinic.login("eve", "provider").await;
    let members = json!({"memberIds": ["ana", "eve"]});
    clinic.user("lee", "provider").await;
    let room = ask(&mut ana, "thread:create", members).await["roomId"]
        .as_str()
        .unwrap()
        .to_owned();
    draw(&mut ana, &room, json!(["before"])).await;
    let add = json!({"roomId": room, "memberIds": ["lee"]});
    ask(&mut ana, "thread:addMembers", add).await;
    draw(&mut ana, &room, json!(["after"])).await;
    let mut lee = clinic.login("lee", "provider").await;
    assert_eq!(board(&mut lee, &room).await, (2, vec![json!("after")]));
    assert_eq!(board(&mut eve, &room).await.1.len(), 2);
}

#[tokio::test]
async fn the_newest_place_of_a_cursor_wins() {
    let clinic = Clinic::unlimited();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let mut phone = clinic.login("ana", "provider").await;
    join(&mut phone, &room).await;
    for x in 0..200 {
        ana.command(
            "whiteboard:cursor",
            json!({"roomId": room, "x": x, "y": 0.5}),
        )
        .await;
    }
    settle(&mut ana).await;
    let mut last: Option<i64> = None;
    loop {
        let event = lee.event("whiteboard:cursor").await;
        assert_eq!(event["data"]["userId"], "ana");
        let at: Timestamp = serde_json::from_value(event["timestamp"].clone()).unwrap();
        let at = at.as_millis();
        // A clock that ticks in milliseconds may show one less than what passed.
        assert!(last.is_none_or(|last| at - last >= 49), "told too often");
        last = Some(at);
        if event["data"]["x"] == 199 {
            break;
        }
    }
    settle(&mut phone).await;
    none(&phone, "one's own cursor", |frame| {
        frame["type"] == "whiteboard:cursor"
    });
    let wrong = json!({"roomId": room, "x": "left", "y": 0});
    refused(&mut ana, "whiteboard:cursor", wrong, "invalid_input").await;
}
