//! Messages: what people wrote comes back as it was, and what is forgotten is forgotten whole.

use crate::databases::{Database, Open, at, room, user};
use carewire_protocol::{
    MessageId, PrivateText, Timestamp,
    message::{Message, MessageStatus},
};
use carewire_server::keys::RoomKey;
use std::collections::BTreeMap;

on_every_database!(
    any_text_comes_back,
    a_forgotten_message_takes_its_reactions_along,
    the_oldest_are_forgotten_first,
);

fn message(room: &RoomKey, id: &str, sent_at: Timestamp, body: &str) -> Message {
    Message {
        id: MessageId::new(id).unwrap(),
        sent_at,
        room_id: room.room.clone(),
        sender_id: user("ana").user,
        sender_name: Some(body.into()),
        body: body.into(),
        attachments: Vec::new(),
        reply_to: None,
        platform: None,
        metadata: None,
        edited_at: None,
        deleted_at: None,
        reactions: BTreeMap::new(),
        status: MessageStatus::Sent,
        key: None,
    }
}

async fn insert(open: &Open, message: Message) {
    let tenant = user("ana").tenant;
    let inserted = open.write(move |tx| {
        Box::pin(async move { tx.rows().insert_message(&tenant, &message, None).await })
    });
    inserted.await.unwrap();
}

async fn any_text_comes_back(database: Database) {
    let open = database.open().await;
    let room = room("chat:ana:bob");
    let texts = ["", "\0", "\u{1}0", "a\0b\u{1}", "\u{10ffff}", "' \" \\ %"];
    for (number, text) in texts.iter().enumerate() {
        insert(&open, message(&room, &format!("m{number}"), at(5), text)).await;
    }
    let mut rows = open.read().await;
    for (number, text) in texts.iter().enumerate() {
        let id = MessageId::new(format!("m{number}")).unwrap();
        let stored = rows.message(&room.tenant, &id).await.unwrap().unwrap();
        assert_eq!(stored.body, **text);
        assert_eq!(stored.sender_name, Some(PrivateText::from(*text)));
    }
}

/// Reactions were left behind when messages became too old, for ever.
async fn a_forgotten_message_takes_its_reactions_along(database: Database) {
    let open = database.open().await;
    let room = room("chat:ana:bob");
    let old = message(&room, "m1", at(5), "old");
    insert(&open, old.clone()).await;
    let (id, tenant) = (old.id.clone(), room.tenant.clone());
    let forgotten = open.write(move |tx| {
        Box::pin(async move {
            let (rows, bob) = (tx.rows(), user("bob").user);
            rows.set_reaction(&tenant, &id, "+", &bob, true).await?;
            let read = MessageStatus::from("read");
            rows.set_message_status(&tenant, &id, &bob, &read).await?;
            rows.delete_messages_before(at(6), 10).await
        })
    });
    assert_eq!(forgotten.await.unwrap(), 1);
    // Whatever was left behind would belong to another message of that name.
    insert(&open, old.clone()).await;
    let mut rows = open.read().await;
    let again = rows.message(&room.tenant, &old.id).await.unwrap().unwrap();
    assert!(again.reactions.is_empty());
    let statuses = rows.message_statuses(&room.tenant, &old.id).await.unwrap();
    assert!(statuses.is_empty());
}

async fn the_oldest_are_forgotten_first(database: Database) {
    let open = database.open().await;
    let room = room("chat:ana:bob");
    for (id, ms) in [("m3", 1), ("m2", 2), ("m1", 3), ("m0", 9)] {
        insert(&open, message(&room, id, at(ms), "x")).await;
    }
    let forget =
        || open.write(|tx| Box::pin(async { tx.rows().delete_messages_before(at(9), 2).await }));
    let kept = async || {
        let mut rows = open.read().await;
        let page = carewire_server::store::MessagePage {
            limit: 10,
            ..Default::default()
        };
        let messages = rows.messages(&room, &page).await.unwrap();
        let ids = messages.iter().map(|message| message.id.to_string());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(forget().await.unwrap(), 2);
    assert_eq!(kept().await, ["m0", "m1"]);
    assert_eq!(forget().await.unwrap(), 1);
    assert_eq!(kept().await, ["m0"]);
    assert_eq!(forget().await.unwrap(), 0);
}
