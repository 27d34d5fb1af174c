//! Keys: one effect, the first reply, and whose they are.

use crate::clinic::{Clinic, ask, follow, history, join, offsets, send};
use serde_json::{Value, json};

fn hello(room: &str) -> Value {
    json!({"roomId": room, "body": "hello"})
}

#[tokio::test]
async fn the_same_key_again_gets_the_first_reply() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let first = ana.keyed("message:send", "k1", hello(&room)).await.unwrap();
    assert_eq!(first["message"]["key"], "k1");
    // Also with another body, in another room, and from another device.
    let again = ana.keyed("message:send", "k1", hello(&room)).await.unwrap();
    assert_eq!(again, first);
    let other = json!({"roomId": room, "body": "something else"});
    assert_eq!(ana.keyed("message:send", "k1", other).await.unwrap(), first);
    let mut phone = clinic.login("ana", "provider").await;
    assert_eq!(
        phone
            .keyed("message:send", "k1", hello(&room))
            .await
            .unwrap(),
        first
    );
    send(&mut ana, &room, "probe").await;
    assert_eq!(offsets(&follow(&mut lee, &room, 2).await), [1, 2]);
    assert_eq!(history(&mut lee, &room).await.as_array().unwrap().len(), 2);
}

/// While the first is in flight the second waits for it.
#[tokio::test]
async fn at_the_same_time() {
    let clinic = Clinic::unlimited();
    let (mut ana, _lee, room) = clinic.chat().await;
    let mut tasks = Vec::new();
    for n in 0..8 {
        let mut raw = clinic.login("ana", "provider").await;
        let room = room.clone();
        tasks.push(tokio::spawn(async move {
            let mut ids = Vec::new();
            for key in 0..25 {
                let body = format!("{key} by {n}");
                let data = json!({"roomId": room, "body": body});
                let answer = raw.keyed("message:send", &format!("k{key}"), data).await;
                ids.push(answer.unwrap()["message"]["id"].clone());
            }
            ids
        }));
    }
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    assert!(all.windows(2).all(|two| two[0] == two[1]), "{all:?}");
    assert_eq!(history(&mut ana, &room).await.as_array().unwrap().len(), 25);
}

/// Pipelined on one connection: the same key twice without waiting.
#[tokio::test]
async fn pipelined() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    for id in [901, 902, 903] {
        let frame = json!({"type": "message:send", "id": id, "key": "k", "data": hello(&room)});
        ana.send(frame).await;
    }
    let first = ana.answer(901).await.unwrap();
    assert_eq!(ana.answer(902).await.unwrap(), first);
    assert_eq!(ana.answer(903).await.unwrap(), first);
    assert_eq!(history(&mut ana, &room).await.as_array().unwrap().len(), 1);
}

/// One key is honoured for one type of command.
#[tokio::test]
async fn another_type_under_the_same_key() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    let sent = ana.keyed("message:send", "k", hello(&room)).await.unwrap();
    let id = &sent["message"]["id"];
    for (kind, data) in [
        ("message:edit", json!({"messageId": id, "body": "x"})),
        ("message:delete", json!({"messageId": id})),
        ("message:react", json!({"messageId": id, "emoji": "x"})),
        ("message:unreact", json!({"messageId": id, "emoji": "x"})),
        ("thread:create", json!({"memberIds": ["lee"]})),
        (
            "room:publish",
            json!({"roomId": room, "event": "e", "payload": 1, "retain": true}),
        ),
    ] {
        let failure = ana.keyed(kind, "k", data).await.unwrap_err();
        assert_eq!(
            (failure.code(), failure.field()),
            ("invalid_input", "key"),
            "{kind}"
        );
    }
    let messages = history(&mut ana, &room).await;
    assert_eq!(messages, json!([sent["message"]]), "no effect");
}

/// Every keyed command has one effect, and its repetition succeeds.
#[tokio::test]
async fn every_keyed_command() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    clinic.user("mia", "provider").await;
    let sent = send(&mut ana, &room, "hello").await;
    let id = &sent["id"];
    let thread = ana
        .keyed("thread:create", "create", json!({"memberIds": ["lee"]}))
        .await
        .unwrap();
    let created = &thread["roomId"];
    let commands = [
        ("message:react", json!({"messageId": id, "emoji": "x"})),
        ("message:unreact", json!({"messageId": id, "emoji": "x"})),
        ("message:edit", json!({"messageId": id, "body": "edited"})),
        (
            "room:publish",
            json!({"roomId": room, "event": "e", "payload": 1, "retain": true}),
        ),
        ("message:delete", json!({"messageId": id})),
        ("thread:create", json!({"memberIds": ["lee"]})),
        (
            "thread:addMembers",
            json!({"roomId": created, "memberIds": ["mia"]}),
        ),
        (
            "thread:removeMembers",
            json!({"roomId": created, "memberIds": ["mia"]}),
        ),
    ];
    for (kind, data) in &commands {
        let key = if *kind == "thread:create" {
            "create"
        } else {
            kind
        };
        let first = ana.keyed(kind, key, data.clone()).await.unwrap();
        // An edit that has happened is not undone by what came later.
        assert_eq!(
            ana.keyed(kind, key, data.clone()).await.unwrap(),
            first,
            "{kind}"
        );
    }
    for (kind, data) in commands {
        let key = if kind == "thread:create" {
            "create"
        } else {
            kind
        };
        let again = ana.keyed(kind, key, data).await;
        assert!(again.is_ok(), "{kind} long after: {again:?}");
    }
    send(&mut ana, &room, "probe").await;
    assert_eq!(
        offsets(&follow(&mut lee, &room, 7).await),
        (1..=7).collect::<Vec<_>>()
    );
    let threads = ask(&mut ana, "conversation:list", json!({})).await;
    let threads = threads["conversations"].as_array().unwrap().iter();
    let count = threads.filter(|entry| entry["roomId"].as_str().unwrap().starts_with("thread:"));
    assert_eq!(count.count(), 1);
}

/// Keys belong to a user of a tenant.
#[tokio::test]
async fn whose_they_are() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let theirs = clinic.neighbour();
    let (mut other, _, _) = theirs.chat().await;
    let mut ids = Vec::new();
    for raw in [&mut ana, &mut lee, &mut other] {
        let reply = raw.keyed("message:send", "k", hello(&room)).await.unwrap();
        ids.push(reply["message"]["id"].clone());
    }
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
    assert_eq!(history(&mut ana, &room).await.as_array().unwrap().len(), 2);
}

/// A failed command stores no key.
#[tokio::test]
async fn a_failure_stores_no_key() {
    let clinic = Clinic::open();
    clinic.user("pat", "patient").await;
    let mut ana = clinic.login("ana", "provider").await;
    let room = "chat:ana:pat";
    let failure = ana
        .keyed("message:send", "k", hello(room))
        .await
        .unwrap_err();
    assert_eq!(failure.code(), "access_denied");
    let empty = json!({"roomId": room, "body": "  "});
    clinic.care("ana", "pat").await;
    let failure = ana.keyed("message:send", "k", empty).await.unwrap_err();
    assert_eq!(failure.code(), "invalid_input");
    let edit = json!({"messageId": "01none", "body": "x"});
    assert!(ana.keyed("message:edit", "k", edit).await.is_err());
    let sent = ana.keyed("message:send", "k", hello(room)).await.unwrap();
    assert_eq!(sent["message"]["body"], "hello");
}

/// The repeated reply is rebuilt from what is stored now: edited, and blank after a deletion.
#[tokio::test]
async fn rebuilt_from_what_is_stored_now() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    let data = json!({
        "roomId": room, "body": "secret", "metadata": {"also": "secret"},
        "attachments": [{"name": "secret.png", "mimeType": "image/png", "sizeBytes": 1, "url": "/secret"}],
    });
    let sent = ana.keyed("message:send", "k", data.clone()).await.unwrap();
    let id = sent["message"]["id"].clone();
    ask(
        &mut ana,
        "message:edit",
        json!({"messageId": id, "body": "secret too"}),
    )
    .await;
    let again = ana.keyed("message:send", "k", data.clone()).await.unwrap();
    assert_eq!(again["message"]["body"], "secret too");
    ask(&mut ana, "message:delete", json!({"messageId": id})).await;
    let again = ana.keyed("message:send", "k", data).await.unwrap();
    assert_eq!(again["message"]["id"], id);
    assert_eq!(again["message"]["body"], "");
    assert!(!again.to_string().contains("secret"), "{again}");
}

/// Where access is gone meanwhile, the repeated reply shows the message as a deleted one.
#[tokio::test]
async fn blank_where_access_is_gone() {
    let clinic = Clinic::open();
    let room = clinic.thread("t", &["ana", "lee"]).await;
    let mut ana = clinic.login("ana", "provider").await;
    let data = json!({"roomId": room, "body": "secret", "metadata": "secret"});
    let sent = ana.keyed("message:send", "k", data.clone()).await.unwrap();
    clinic.thread("t", &["lee"]).await;
    let again = ana.keyed("message:send", "k", data).await.unwrap();
    assert_eq!(again["message"]["id"], sent["message"]["id"]);
    assert_eq!(again["message"]["body"], "");
    assert!(!again.to_string().contains("secret"), "{again}");
    // Naming a room that one may read does not show what was said in the other.
    let elsewhere = clinic.thread("u", &["ana"]).await;
    let data = json!({"roomId": elsewhere, "body": "hello"});
    let again = ana.keyed("message:send", "k", data).await.unwrap();
    assert_eq!(again["message"]["roomId"], room);
    assert!(!again.to_string().contains("secret"), "{again}");
    let mut lee = clinic.login("lee", "provider").await;
    assert_eq!(history(&mut lee, &room).await.as_array().unwrap().len(), 1);
}

/// The key is stored with its effect: it holds after `kill -9`.
#[tokio::test]
async fn over_a_kill() {
    let mut clinic = Clinic::alone(|o| o);
    let (mut ana, _lee, room) = clinic.chat().await;
    let first = ana.keyed("message:send", "k", hello(&room)).await.unwrap();
    let thread = ana
        .keyed("thread:create", "t", json!({"memberIds": ["lee"]}))
        .await
        .unwrap();
    clinic.server_mut().kill();
    clinic.server_mut().restart();
    let mut ana = clinic.login("ana", "provider").await;
    assert_eq!(
        ana.keyed("message:send", "k", hello(&room)).await.unwrap(),
        first
    );
    let again = ana
        .keyed("thread:create", "t", json!({"memberIds": ["lee"]}))
        .await;
    assert_eq!(again.unwrap(), thread);
    join(&mut ana, &room).await;
    assert_eq!(history(&mut ana, &room).await.as_array().unwrap().len(), 1);
}

/// A key has 1 to 64 characters.
#[tokio::test]
async fn what_a_key_is() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    ana.keyed("message:send", &"k".repeat(64), hello(&room))
        .await
        .unwrap();
    for key in [json!(""), json!("k".repeat(65)), json!(7)] {
        let frame = json!({"type": "message:send", "id": 77, "key": key, "data": hello(&room)});
        ana.send(frame).await;
        let failure = ana.answer(77).await.unwrap_err();
        assert_eq!(
            (failure.code(), failure.field()),
            ("invalid_input", "key"),
            "{key}"
        );
    }
}
