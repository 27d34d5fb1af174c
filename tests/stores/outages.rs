//! PostgreSQL that goes away: nothing is acknowledged that is not stored, nobody hears of it, and
//! everything works again when it is back.

use crate::{
    databases::{Database, LONG, Open, event, room, user},
    relay::{Fault, Relay},
};
use carewire_protocol::Key;
use carewire_server::{
    error::{Error, Result},
    keys::RoomKey,
    store::KeyRow,
};
use carewire_tests::{Postgres, wait};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// Repeats until the store has healed.
async fn append_at_last(open: &Open, room: &RoomKey) -> u64 {
    let attempts = async {
        loop {
            match open.append(room, "x").await {
                Ok(offset) => return offset,
                Err(Error::Unavailable(_)) => sleep(Duration::from_millis(20)).await,
                Err(other) => panic!("{other}"),
            }
        }
    };
    timeout(LONG, attempts)
        .await
        .expect("the store should heal")
}

#[tokio::test]
#[cfg_attr(not(postgres), ignore = "PostgreSQL is not installed")]
async fn a_server_that_is_stopped_and_started() {
    let postgres = Postgres::start();
    let open = Database::Postgres(postgres.database()).open().await;
    let a = room("clinic:a");
    assert_eq!(open.append(&a, "1").await.unwrap(), 1);
    let ways: [fn(&Postgres); 2] = [Postgres::stop, Postgres::crash];
    for (end, offset) in ways.into_iter().zip(2..) {
        end(&postgres);
        let answer = timeout(LONG, open.append(&a, "lost")).await.unwrap();
        assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
        let read = timeout(LONG, open.store.read()).await.unwrap();
        if let Ok(mut rows) = read {
            let answer = timeout(LONG, rows.log(&a)).await.unwrap();
            assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
        }
        postgres.start_again();
        assert_eq!(append_at_last(&open, &a).await, offset);
        let heard: Vec<u64> = open.heard().iter().map(|(_, offset)| *offset).collect();
        assert_eq!(heard, (1..=offset).collect::<Vec<_>>());
        wait::until("readers heal", async || match open.store.read().await {
            Ok(mut rows) => rows.log(&a).await.ok(),
            Err(_) => None,
        })
        .await;
    }
}

/// The whole statement: `READ COMMITTED` is no commit.
const COMMIT: &str = "COMMIT\0";

/// Sends with a key, as the domain does. Yields whether it was new.
async fn send(open: &Open, room: &RoomKey, key: &str) -> Result<bool> {
    let (event, room, key) = (event(room, key), room.clone(), Key::new(key)?);
    open.write(move |tx| {
        Box::pin(async move {
            let ana = user("ana");
            if tx.replayed(&ana, Some(&key), "test").await?.is_some() {
                return Ok(false);
            }
            tx.append(&room, None, &event).await?;
            tx.remember(&ana, Some(&key), "test", String::new()).await?;
            Ok(true)
        })
    })
    .await
}

#[tokio::test]
#[cfg_attr(not(postgres), ignore = "PostgreSQL is not installed")]
async fn connections_that_are_killed_again_and_again() {
    let postgres = Postgres::shared();
    let url = postgres.database();
    let open = Database::Postgres(url.clone()).open().await;
    let a = room("clinic:a");
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let kills = tokio::task::spawn_blocking(move || {
        for _ in 0..12 {
            postgres.sql(&url, kill);
            std::thread::sleep(Duration::from_millis(40));
        }
    });
    let mut keys = 0;
    while !kills.is_finished() {
        keys += 1;
        let key = format!("k{keys}");
        while timeout(LONG, send(&open, &a, &key)).await.unwrap().is_err() {}
    }
    kills.await.unwrap();
    append_at_last(&open, &a).await;
    // Every key once, in order, and handed over once.
    let expected: Vec<u64> = (1..=keys + 1).collect();
    let events = wait::until("readers heal", async || {
        let mut rows = open.store.read().await.ok()?;
        rows.events_after(&a, 0, 100_000).await.ok()
    });
    let offsets: Vec<u64> = events.await.iter().map(|event| event.offset).collect();
    assert_eq!(offsets, expected);
    let heard: Vec<u64> = open.heard().iter().map(|(_, offset)| *offset).collect();
    assert_eq!(heard, expected);
}

/// A store whose connections go through a relay.
async fn behind_a_relay() -> (Relay, Open, RoomKey) {
    let url = Postgres::shared().database();
    let relay = Relay::start(&url).await;
    let open = Database::Postgres(relay.url()).open().await;
    let a = room("clinic:a");
    assert_eq!(open.append(&a, "first").await.unwrap(), 1);
    (relay, open, a)
}

#[tokio::test]
#[cfg_attr(not(postgres), ignore = "PostgreSQL is not installed")]
async fn the_answer_to_a_commit_is_lost() {
    let (relay, open, a) = behind_a_relay().await;
    relay.plan(Fault::LoseAnswerTo(COMMIT));
    // It was stored, and the store finds out.
    assert_eq!(open.append(&a, "x").await.unwrap(), 2);
    assert!(relay.happened());
    assert_eq!(open.offsets(&a).await, [1, 2]);
    assert_eq!(open.heard().len(), 2);
}

#[tokio::test]
#[cfg_attr(not(postgres), ignore = "PostgreSQL is not installed")]
async fn the_commit_itself_is_lost() {
    let (relay, open, a) = behind_a_relay().await;
    relay.plan(Fault::Lose(COMMIT));
    let answer = open.append(&a, "x").await;
    assert!(relay.happened());
    assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
    assert_eq!(open.offsets(&a).await, [1]);
    assert_eq!(open.append(&a, "y").await.unwrap(), 2);
    assert_eq!(open.heard().len(), 2);
}

/// Whoever waits is answered `unavailable`; their key finds the effect later, and everybody else
/// hears of it without anybody writing again.
#[tokio::test]
#[cfg_attr(not(postgres), ignore = "PostgreSQL is not installed")]
async fn the_answer_is_lost_and_the_database_is_away() {
    let (relay, open, a) = behind_a_relay().await;
    relay.plan(Fault::LoseAnswerToAndStayAway(COMMIT));
    let answer = timeout(LONG, send(&open, &a, "k")).await.unwrap();
    assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
    assert!(relay.happened());
    assert_eq!(open.heard().len(), 1);
    // Nothing else is written before the outcome is known.
    let answer = timeout(LONG, open.append(&a, "y")).await.unwrap();
    assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
    relay.come_back();
    wait::until("it is handed over", async || {
        (open.heard().len() == 2).then_some(())
    })
    .await;
    assert!(!send(&open, &a, "k").await.unwrap());
    assert_eq!(open.offsets(&a).await, [1, 2]);
}

/// A node that is frozen within a transaction holds up the others for a while, and not for ever.
#[tokio::test]
#[cfg_attr(not(postgres), ignore = "PostgreSQL is not installed")]
async fn another_writer_that_does_not_go_on() {
    let postgres = Postgres::shared();
    let url = postgres.database();
    let open = Database::Postgres(url.clone()).open().await;
    let a = room("clinic:a");
    let lock = i64::from_be_bytes(*b"carewire");
    let holder = tokio::task::spawn_blocking(move || {
        let hold = format!("BEGIN; SELECT pg_advisory_xact_lock({lock}); SELECT pg_sleep(11.5)");
        postgres.sql(&url, &hold);
    });
    wait::until("the lock is held", async || {
        // Whoever gets it first, it is the sleeper's in the end.
        let started = Instant::now();
        let failed = open.append(&a, "x").await.is_err();
        (failed && started.elapsed() > Duration::from_secs(9)).then_some(())
    })
    .await;
    let before = open.heard().len() as u64;
    holder.await.unwrap();
    assert_eq!(append_at_last(&open, &a).await, before + 1);
}

/// PostgreSQL answers the commit of a transaction with a failed statement by rolling back, and
/// does not call that an error.
#[tokio::test]
#[cfg_attr(not(postgres), ignore = "PostgreSQL is not installed")]
async fn a_swallowed_failure_is_not_acknowledged() {
    let open = Database::postgres().open().await;
    let a = room("clinic:a");
    let (inner, event) = (a.clone(), event(&a, "x"));
    let answer = open.write(move |tx| {
        Box::pin(async move {
            tx.append(&inner, None, &event).await?;
            let (ana, key) = (user("ana"), Key::new("k")?);
            let row = KeyRow {
                name: "test".into(),
                reply: String::new(),
            };
            let now = tx.now();
            tx.rows().insert_key(&ana, &key, &row, now).await?;
            let twice = tx.rows().insert_key(&ana, &key, &row, now).await;
            assert!(twice.is_err());
            Ok(())
        })
    });
    assert!(matches!(answer.await, Err(Error::Unavailable(_))));
    assert!(open.offsets(&a).await.is_empty());
    assert!(open.heard().is_empty());
    assert_eq!(open.append(&a, "x").await.unwrap(), 1);
}

/// An operator who turned durability off for the whole database does not turn it off for us.
#[tokio::test]
#[cfg_attr(not(postgres), ignore = "PostgreSQL is not installed")]
async fn every_commit_waits_for_the_disk() {
    let postgres = Postgres::shared();
    let url = postgres.database();
    let name = url.rsplit('/').next().unwrap();
    postgres.sql(
        &url,
        &format!("ALTER DATABASE {name} SET synchronous_commit = off"),
    );
    let open = Database::Postgres(url.clone()).open().await;
    postgres.sql(
        &url,
        "CREATE TABLE seen (value TEXT);
         CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
             $$BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END$$;
         CREATE TRIGGER see BEFORE INSERT ON rooms FOR EACH ROW EXECUTE FUNCTION see()",
    );
    open.append(&room("clinic:a"), "x").await.unwrap();
    assert_eq!(postgres.sql(&url, "SELECT value FROM seen").trim(), "on");
}
