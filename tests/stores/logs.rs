//! The logs of rooms, and the keys of commands.

use crate::databases::{Database, room, user};
use carewire_protocol::{Key, Timestamp};
use carewire_server::store::{GrownRow, KeyRow, Mark, Retention, Subject};

on_every_database!(
    rooms_count_for_themselves,
    a_full_log_forgets_the_oldest,
    the_size_of_a_log_is_what_it_keeps,
    a_key_is_stored_once,
    logs_that_grew_are_found,
    changes_of_the_directory_are_found,
);

async fn rooms_count_for_themselves(database: Database) {
    let open = database.open().await;
    let (a, b) = (room("clinic:a"), room("clinic:b"));
    for (room, offset) in [(&a, 1), (&b, 1), (&a, 2), (&a, 3), (&b, 2)] {
        assert_eq!(open.append(room, "x").await.unwrap(), offset);
    }
    let rooms = [b.room.clone(), room("clinic:c").room, a.room.clone()];
    let logs = open.read().await.logs(&a.tenant, &rooms).await.unwrap();
    let heads: Vec<u64> = logs.iter().map(|log| log.head).collect();
    assert_eq!(heads, [2, 0, 3]);
    assert_eq!(logs[0], open.read().await.log(&b).await.unwrap());
}

async fn a_full_log_forgets_the_oldest(database: Database) {
    let few = Retention {
        events: 10,
        bytes: u64::MAX / 2,
    };
    let open = database.open_keeping(few).await;
    let a = room("clinic:a");
    for _ in 0..50 {
        open.append(&a, "x").await.unwrap();
    }
    let log = open.read().await.log(&a).await.unwrap();
    assert_eq!(log.head, 50);
    assert!((10..=12).contains(&(log.head - log.floor)), "{log:?}");
    let kept: Vec<u64> = (log.floor + 1..=log.head).collect();
    assert_eq!(open.offsets(&a).await, kept);
}

/// Letters of several bytes were once added as bytes and taken away as letters, so that a log
/// never became small again and forgot a quarter of itself with every event.
async fn the_size_of_a_log_is_what_it_keeps(database: Database) {
    let open = database.open().await;
    let a = room("clinic:a");
    for _ in 0..4 {
        open.append(&a, "Grüße, 你好").await.unwrap();
    }
    let inner = a.clone();
    open.write(move |tx| Box::pin(async move { tx.rows().trim(&inner, 3).await }))
        .await
        .unwrap();
    let mut rows = open.read().await;
    let kept = rows.events_after(&a, 0, 10).await.unwrap();
    let bytes: usize = kept.iter().map(|event| event.data.get().len()).sum();
    assert_eq!(rows.log(&a).await.unwrap().bytes, bytes as u64);
}

async fn a_key_is_stored_once(database: Database) {
    let open = database.open().await;
    let store = |reply: &'static str| {
        open.write(move |tx| {
            Box::pin(async move {
                let row = KeyRow {
                    name: "message:send".into(),
                    reply: reply.into(),
                };
                let (ana, key) = (user("ana"), Key::new("k1")?);
                tx.rows()
                    .insert_key(&ana, &key, &row, Timestamp::from_millis(5))
                    .await
            })
        })
    };
    store("first").await.unwrap();
    assert!(store("second").await.is_err());
    let mut rows = open.read().await;
    let key = Key::new("k1").unwrap();
    let stored = rows.key(&user("ana"), &key).await.unwrap().unwrap();
    assert_eq!(stored.reply, "first");
    assert_eq!(rows.key(&user("bob"), &key).await.unwrap(), None);
}

async fn logs_that_grew_are_found(database: Database) {
    let open = database.open().await;
    let (a, b) = (room("clinic:a"), room("clinic:b"));
    assert_eq!(open.read().await.mark().await.unwrap(), Mark::default());
    for room in [&a, &b, &b] {
        open.append(room, "x").await.unwrap();
    }
    let mut rows = open.read().await;
    let grown = rows.grown_since(0, 10).await.unwrap();
    let seen: Vec<_> = grown.iter().map(|row| (&row.room, row.head)).collect();
    assert_eq!(seen, [(&a, 1), (&b, 2)]);
    assert!(grown[0].mark < grown[1].mark);
    assert_eq!(rows.grown_since(0, 1).await.unwrap(), grown[..1]);
    assert_eq!(rows.mark().await.unwrap().logs, grown[1].mark);
    assert_eq!(rows.grown_since(grown[1].mark, 10).await.unwrap(), []);
    open.append(&a, "x").await.unwrap();
    let again = rows.grown_since(grown[1].mark, 10).await.unwrap();
    assert!(matches!(&again[..], [GrownRow { room, head: 2, .. }] if *room == a));
}

async fn changes_of_the_directory_are_found(database: Database) {
    let open = database.open().await;
    let note = |subject: Subject| {
        open.write(move |tx| {
            Box::pin(async move { tx.rows().note_directory_change(&subject).await })
        })
    };
    let ana = Subject::User(user("ana"));
    let visit = Subject::Room(room("visit:v1"));
    for subject in [&ana, &visit, &ana] {
        note(subject.clone()).await.unwrap();
    }
    let mut rows = open.read().await;
    let changes = rows.directory_since(0, 10).await.unwrap();
    let seen: Vec<_> = changes.iter().map(|row| &row.subject).collect();
    assert_eq!(seen, [&visit, &ana]);
    let newest = rows.mark().await.unwrap().directory;
    assert_eq!(changes[1].mark, newest);
    assert_eq!(rows.directory_since(newest, 10).await.unwrap(), []);
}
