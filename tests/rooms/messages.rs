//! Messages: sending, editing, deleting, reacting; who may, and what a message looks like.

use crate::clinic::{
    Clinic, ask, follow, history, join, join_at, message, none, refused, send, settle,
};
use serde_json::{Value, json};

fn is_time(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.len() == 24 && text.as_bytes()[10] == b'T' && text.ends_with('Z')
}

#[tokio::test]
async fn what_a_message_is() {
    let clinic = Clinic::open();
    clinic.user("lee", "provider").await;
    let token = clinic.token("ana", "provider").name("Ana Sy");
    let mut ana = carewire_tests::Raw::login(clinic.server(), &token).await;
    let mut lee = clinic.login("lee", "provider").await;
    let room = "chat:ana:lee";
    join(&mut lee, room).await;
    let first = send(&mut ana, room, "first").await;
    let attachment = json!({
        "name": "x.mp3", "mimeType": "audio/mpeg", "sizeBytes": 12, "url": "https://x.example/y",
        "durationMs": 900,
    });
    let data = json!({
        "roomId": room, "body": "  Grüße 👋\n", "attachments": [attachment],
        "replyTo": first["id"], "metadata": {"tags": [1, null]},
        "composedAt": "2026-11-21T10:30:00Z", "senderId": "lee", "tenant": "other",
    });
    let reply = ana.keyed("message:send", "k", data).await.unwrap();
    let sent = &reply["message"];
    assert_eq!(sent["roomId"], room);
    assert_eq!(sent["senderId"], "ana", "never what the client says");
    assert_eq!(sent["senderName"], "Ana Sy");
    assert_eq!(sent["body"], "  Grüße 👋\n", "to the letter");
    assert_eq!(sent["attachments"], json!([attachment]));
    assert_eq!(sent["replyTo"], first["id"]);
    assert_eq!(sent["metadata"], json!({"tags": [1, null]}));
    assert_eq!(sent["reactions"], json!({}));
    assert_eq!(sent["status"], "sent");
    assert_eq!(sent["key"], "k");
    assert!(is_time(&sent["sentAt"]), "{sent}");
    for absent in ["editedAt", "deletedAt"] {
        assert!(sent.get(absent).is_none(), "{sent}");
    }
    let event = message(&mut lee, "  Grüße 👋\n").await;
    assert_eq!(&event["data"]["message"], sent);
    assert_eq!(history(&mut lee, room).await[1], *sent);
}

/// Members need not have joined to send or to read.
#[tokio::test]
async fn without_having_joined() {
    let clinic = Clinic::open();
    clinic.user("lee", "provider").await;
    let mut ana = clinic.login("ana", "provider").await;
    let room = "chat:ana:lee";
    let sent = send(&mut ana, room, "hello").await;
    assert_eq!(history(&mut ana, room).await, json!([sent]));
    settle(&mut ana).await;
    none(&ana, "no events of a room not joined", |frame| {
        frame["room"] == room
    });
}

#[tokio::test]
async fn editing() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let mut admin = clinic.login("root", "admin").await;
    let sent = send(&mut ana, &room, "before").await;
    let edit = json!({"messageId": sent["id"], "body": "after"});
    for raw in [&mut lee, &mut admin] {
        let failure = refused(raw, "message:edit", edit.clone(), "access_denied").await;
        assert_eq!(failure.message(), "Access denied to this conversation");
    }
    assert_eq!(ask(&mut ana, "message:edit", edit).await, json!({}));
    let event = lee.event("message:edited").await;
    let edited = &event["data"]["message"];
    assert_eq!(event["offset"], 2);
    assert_eq!(
        (&edited["id"], &edited["body"]),
        (&sent["id"], &json!("after"))
    );
    assert!(is_time(&edited["editedAt"]));
    assert_eq!(edited["sentAt"], sent["sentAt"]);
    assert_eq!(history(&mut lee, &room).await, json!([edited]));
    for body in ["", " \t\n", "\u{2003}"] {
        let data = json!({"messageId": sent["id"], "body": body});
        let failure = refused(&mut ana, "message:edit", data, "invalid_input").await;
        assert_eq!(failure.field(), "body", "{body:?}");
    }
    let unknown = json!({"messageId": "01kb0m4xq8e6v3", "body": "x"});
    let failure = refused(&mut ana, "message:edit", unknown, "message_not_found").await;
    assert_eq!(failure.message(), "Message not found");
}

#[tokio::test]
async fn deleting() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let mut staff = clinic.login("sam", "staff").await;
    let mut admin = clinic.login("root", "admin").await;
    let one = send(&mut ana, &room, "one").await;
    let two = send(&mut ana, &room, "two").await;
    for raw in [&mut lee, &mut staff] {
        let data = json!({"messageId": one["id"]});
        let failure = refused(raw, "message:delete", data, "access_denied").await;
        assert_eq!(failure.message(), "Access denied to this conversation");
    }
    ask(&mut ana, "message:delete", json!({"messageId": one["id"]})).await;
    ask(
        &mut admin,
        "message:delete",
        json!({"messageId": two["id"]}),
    )
    .await;
    for (offset, message) in [(3, &one), (4, &two)] {
        let event = lee.event("message:deleted").await;
        assert_eq!(event["offset"], offset);
        assert_eq!(
            event["data"],
            json!({"roomId": room, "messageId": message["id"]})
        );
    }
    // A deleted message is neither edited nor reacted to; and a second deletion is no new event.
    let edit = json!({"messageId": one["id"], "body": "back"});
    assert!(ana.request("message:edit", edit).await.is_err());
    let react = json!({"messageId": one["id"], "emoji": "x"});
    assert!(lee.request("message:react", react).await.is_err());
    let _ = ana
        .request("message:delete", json!({"messageId": one["id"]}))
        .await;
    send(&mut ana, &room, "probe").await;
    assert_eq!(message(&mut lee, "probe").await["offset"], 5);
}

/// What a deleted message said is nowhere any more: not in history, snapshot, replay or search.
#[tokio::test]
async fn deleted_is_gone_everywhere() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let data = json!({
        "roomId": room, "body": "canary one", "metadata": {"m": "canary two"},
        "attachments": [{"name": "canary three", "mimeType": "image/png", "sizeBytes": 1, "url": "/canary-four"}],
    });
    let sent = ask(&mut ana, "message:send", data).await["message"].clone();
    let id = &sent["id"];
    ask(
        &mut ana,
        "message:edit",
        json!({"messageId": id, "body": "canary five"}),
    )
    .await;
    ask(
        &mut lee,
        "message:react",
        json!({"messageId": id, "emoji": "x"}),
    )
    .await;
    ask(&mut ana, "message:delete", json!({"messageId": id})).await;
    let live = follow(&mut lee, &room, 4).await;
    let epoch = live[0]["epoch"].clone();
    lee.take_unread();
    join_at(&mut lee, &room, &epoch, 0).await;
    let replayed = follow(&mut lee, &room, 4).await;
    assert_eq!(replayed.len(), 4, "offsets have no holes");
    assert_eq!(replayed[3]["type"], "message:deleted");
    let join = json!({"roomId": room, "snapshot": true});
    let found = [
        json!(replayed),
        history(&mut lee, &room).await,
        ask(&mut lee, "room:join", join).await,
        ask(&mut lee, "conversation:list", json!({})).await,
        ask(&mut ana, "message:history", json!({"roomId": room})).await,
    ];
    for answer in &found {
        assert!(!answer.to_string().contains("canary"), "{answer}");
    }
    let stored = &found[1][0];
    assert_eq!((&stored["id"], &stored["body"]), (id, &json!("")));
    assert!(is_time(&stored["deletedAt"]));
    assert_eq!(stored["senderId"], "ana");
}

/// And the bytes are gone from replays after a restart as well.
#[tokio::test]
async fn deleted_stays_gone_over_a_restart() {
    let mut clinic = Clinic::alone(|o| o);
    let (mut ana, _lee, room) = clinic.chat().await;
    let sent = send(&mut ana, &room, "canary").await;
    ask(&mut ana, "message:delete", json!({"messageId": sent["id"]})).await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    clinic.server_mut().restart();
    let mut lee = clinic.login("lee", "provider").await;
    join_at(&mut lee, &room, &epoch, 0).await;
    let replayed = follow(&mut lee, &room, 2).await;
    assert!(!json!(replayed).to_string().contains("canary"));
}

#[tokio::test]
async fn reactions() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let sent = send(&mut ana, &room, "hello").await;
    let id = &sent["id"];
    for (by_lee, emoji) in [(true, "👍"), (false, "👍"), (true, "❤")] {
        let raw = if by_lee { &mut lee } else { &mut ana };
        let data = json!({"messageId": id, "emoji": emoji});
        assert_eq!(ask(raw, "message:react", data).await, json!({}));
    }
    let event = lee.event("message:reaction").await;
    assert_eq!(
        event["data"],
        json!({"messageId": id, "emoji": "👍", "userId": "lee", "added": true})
    );
    assert_eq!(event["offset"], 2);
    let stored = history(&mut lee, &room).await[0]["reactions"].clone();
    let mut thumbs = stored["👍"].as_array().unwrap().clone();
    thumbs.sort_by_key(ToString::to_string);
    assert_eq!(thumbs, ["ana", "lee"]);
    assert_eq!(stored["❤"], json!(["lee"]));
    // Twice the same is one; taking back what is not there changes nothing.
    let data = json!({"messageId": id, "emoji": "👍"});
    ask(&mut lee, "message:react", data.clone()).await;
    ask(
        &mut lee,
        "message:unreact",
        json!({"messageId": id, "emoji": "🎉"}),
    )
    .await;
    ask(&mut lee, "message:unreact", data).await;
    let taken = lee.event_where("message:reaction", |frame| frame["data"]["added"] == false);
    let taken = taken.await;
    assert_eq!(taken["data"]["userId"], "lee");
    let stored = history(&mut lee, &room).await[0]["reactions"].clone();
    assert_eq!(stored["👍"], json!(["ana"]));
    assert!(stored.get("🎉").is_none(), "{stored}");
    let long = json!({"messageId": id, "emoji": "x".repeat(65)});
    assert_eq!(
        refused(&mut lee, "message:react", long, "invalid_input")
            .await
            .field(),
        "emoji"
    );
    let unknown = json!({"messageId": "01none", "emoji": "x"});
    refused(&mut lee, "message:react", unknown, "message_not_found").await;
}

/// `message:sent` goes to the sender's other devices, wherever they are.
#[tokio::test]
async fn sent_on_other_devices() {
    let clinic = Clinic::open();
    let (mut lee, mut ana, room) = {
        let (ana, lee, room) = clinic.chat().await;
        (lee, ana, room)
    };
    let mut phone = clinic.login("ana", "provider").await;
    let data = json!({"roomId": room, "body": "hello"});
    let sent = ana.keyed("message:send", "k", data).await.unwrap();
    let event = phone.event("message:sent").await;
    assert_eq!(event["room"], "user:ana");
    assert!(event.get("offset").is_none());
    assert_eq!(
        event["data"],
        json!({"messageId": sent["message"]["id"], "roomId": room, "key": "k"})
    );
    let data = json!({"roomId": room, "body": "without a key"});
    let sent = ask(&mut phone, "message:send", data).await;
    let event = ana.event("message:sent").await;
    assert_eq!(
        event["data"],
        json!({"messageId": sent["message"]["id"], "roomId": room})
    );
    settle(&mut lee).await;
    for (raw, whose) in [
        (&ana, "the sending device"),
        (&phone, "the sending device"),
        (&lee, "others"),
    ] {
        none(raw, whose, |frame| frame["type"] == "message:sent");
    }
}

/// A reply is to a message of the same room.
#[tokio::test]
async fn replies_stay_in_the_room() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    let other = clinic.thread("t", &["ana"]).await;
    let elsewhere = send(&mut ana, &other, "elsewhere").await;
    for id in [&elsewhere["id"], &json!("01none")] {
        let data = json!({"roomId": room, "body": "x", "replyTo": id});
        refused(&mut ana, "message:send", data, "message_not_found").await;
    }
}
