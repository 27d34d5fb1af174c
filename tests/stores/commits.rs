//! Units of work: together or not at all, and nobody hears of what is not durable.

use crate::databases::{Database, event, room};
use carewire_protocol::ErrorReply;
use carewire_server::error::Error;

on_every_database!(
    what_is_committed_is_read_and_handed_over,
    a_refused_job_takes_nobody_with_it,
    a_failed_job_takes_its_batch_with_it,
    what_is_not_committed_is_not_seen,
    a_snapshot_stays_as_it_is,
    what_is_committed_outlives_the_store,
    a_reader_cannot_write,
    a_closed_store_answers_unavailable,
);

async fn what_is_committed_is_read_and_handed_over(database: Database) {
    let open = database.open().await;
    let a = room("clinic:a");
    for offset in 1..=3 {
        assert_eq!(open.append(&a, "x").await.unwrap(), offset);
    }
    assert_eq!(open.offsets(&a).await, [1, 2, 3]);
    assert_eq!(open.heard(), [(a.clone(), 1), (a.clone(), 2), (a, 3)]);
}

async fn a_refused_job_takes_nobody_with_it(database: Database) {
    let open = database.open().await;
    let a = room("clinic:a");
    let refused = open.write(|_| {
        Box::pin(async { Err::<(), _>(Error::Refused(ErrorReply::message_not_found())) })
    });
    let (first, refused, last) = tokio::join!(open.append(&a, "1"), refused, open.append(&a, "2"));
    assert_eq!((first.unwrap(), last.unwrap()), (1, 2));
    assert!(matches!(refused, Err(Error::Refused(_))));
}

async fn a_failed_job_takes_its_batch_with_it(database: Database) {
    let open = database.open().await;
    let (a, event) = (room("clinic:a"), event(&room("clinic:a"), "lost"));
    let inner = a.clone();
    let failed = open.write(move |tx| {
        Box::pin(async move {
            tx.append(&inner, None, &event).await?;
            Err::<(), _>(Error::Fault("planted".into()))
        })
    });
    assert!(matches!(failed.await, Err(Error::Fault(_))));
    assert!(open.offsets(&a).await.is_empty());
    assert_eq!(open.heard(), []);
    assert_eq!(open.append(&a, "kept").await.unwrap(), 1);
}

async fn what_is_not_committed_is_not_seen(database: Database) {
    let open = database.open().await;
    let (a, event) = (room("clinic:a"), event(&room("clinic:a"), "x"));
    let (reader, inner) = (open.read().await, a.clone());
    let seen = open
        .write(move |tx| {
            Box::pin(async move {
                tx.append(&inner, None, &event).await?;
                let mut reader = reader;
                let theirs = reader.log(&inner).await?.head;
                let ours = tx.rows().log(&inner).await?.head;
                Ok((theirs, ours))
            })
        })
        .await;
    assert_eq!(seen.unwrap(), (0, 1));
    assert_eq!(open.read().await.log(&a).await.unwrap().head, 1);
}

async fn a_snapshot_stays_as_it_is(database: Database) {
    let open = database.open().await;
    let a = room("clinic:a");
    open.append(&a, "1").await.unwrap();
    let mut snapshot = open.store.snapshot().await.unwrap();
    assert_eq!(snapshot.log(&a).await.unwrap().head, 1);
    for text in ["2", "3"] {
        open.append(&a, text).await.unwrap();
    }
    assert_eq!(snapshot.log(&a).await.unwrap().head, 1);
    assert_eq!(snapshot.events_after(&a, 0, 10).await.unwrap().len(), 1);
    snapshot.close().await.unwrap();
    assert_eq!(open.read().await.log(&a).await.unwrap().head, 3);
}

async fn what_is_committed_outlives_the_store(database: Database) {
    let a = room("clinic:a");
    let first = database.open().await;
    let epoch = first.store.epoch();
    first.append(&a, "1").await.unwrap();
    first.store.close().await;
    drop(first);
    let second = database.open().await;
    assert_eq!(second.store.epoch(), epoch);
    assert_eq!(second.append(&a, "2").await.unwrap(), 2);
    assert_eq!(second.heard(), [(a, 2)]);
}

async fn a_reader_cannot_write(database: Database) {
    let open = database.open().await;
    let a = room("clinic:a");
    for mut rows in [open.read().await, open.store.snapshot().await.unwrap()] {
        let written = rows.advance(&a, 1, crate::databases::at(1)).await;
        assert!(written.is_err());
    }
    assert_eq!(open.read().await.log(&a).await.unwrap().head, 0);
}

async fn a_closed_store_answers_unavailable(database: Database) {
    let open = database.open().await;
    open.store.close().await;
    let answer = open.append(&room("clinic:a"), "x").await;
    assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
}
