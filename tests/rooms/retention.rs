//! Section 9, `CAREWIRE_RETAIN_MESSAGES_MS`: how long messages are kept.

use crate::clinic::{Clinic, ask, history, join, no_limits, refused, send, send_many};
use carewire_tests::wait::until;
use serde_json::json;

#[tokio::test]
async fn messages_are_forgotten_by_age() {
    let clinic = Clinic::alone(|o| {
        no_limits(o)
            .env("CAREWIRE_RETAIN_MESSAGES_MS", 2_000)
            .env("CAREWIRE_RETAIN_MS", 2_000)
    });
    let (mut ana, mut lee, room) = clinic.chat().await;
    let old = send(&mut lee, &room, "old").await;
    let read = json!({"roomId": room, "messageId": old["id"]});
    ask(&mut ana, "message:read", read).await;
    send_many(&mut lee, &room, "unread ", 3).await;
    until("the messages to be forgotten", async || {
        let messages = history(&mut ana, &room).await;
        messages.as_array().unwrap().is_empty().then_some(())
    })
    .await;

    // Nothing of them is left anywhere else.
    let edit = json!({"messageId": old["id"], "body": "new"});
    refused(&mut lee, "message:edit", edit, "message_not_found").await;
    let unread = ask(&mut ana, "unread:get", json!({})).await;
    assert_eq!(unread["totalUnread"], 0, "{unread}");
    let list = ask(&mut ana, "conversation:list", json!({})).await;
    assert!(!list.to_string().contains("unread 3"), "{list}");
    let data = json!({"roomId": room, "snapshot": true});
    let joined = ask(&mut ana, "room:join", data).await;
    assert_eq!(joined["snapshot"]["messages"], json!([]));

    // The room goes on where it was.
    send(&mut lee, &room, "new").await;
    let joined = join(&mut ana, &room).await;
    assert_eq!(joined["offset"], 5);
    let kept = history(&mut ana, &room).await;
    assert_eq!(kept[0]["body"], "new");
}

/// The log of a room keeps its events for longer than messages are kept: what they said is gone
/// all the same.
#[tokio::test]
async fn forgotten_messages_are_not_replayed() {
    let clinic = Clinic::alone(|o| no_limits(o).env("CAREWIRE_RETAIN_MESSAGES_MS", 1_000));
    let (mut ana, mut lee, room) = clinic.chat().await;
    let epoch = join(&mut ana, &room).await["epoch"].clone();
    send(&mut lee, &room, "canary").await;
    until("the message to be forgotten", async || {
        let messages = history(&mut ana, &room).await;
        messages.as_array().unwrap().is_empty().then_some(())
    })
    .await;
    let mut late = clinic.login("ana", "provider").await;
    let position = json!({"roomId": room, "epoch": epoch, "offset": 0});
    until("its event to be forgotten", async || {
        let joined = ask(&mut late, "room:join", position.clone()).await;
        late.take_unread();
        (joined["recovered"] == false).then_some(())
    })
    .await;
    ask(&mut late, "room:join", position.clone()).await;
    crate::clinic::settle(&mut late).await;
    crate::clinic::none(&late, "what is forgotten", |frame| {
        frame.to_string().contains("canary")
    });
}
