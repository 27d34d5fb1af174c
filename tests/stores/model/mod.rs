//! Memory ≡ SQLite ≡ PostgreSQL: any sequence of units of work, some of them undone, with stores
//! closed and opened in between, leaves the same to be read; and the logs are what a list is.

mod held;
mod notices;
mod operations;
mod reads;
mod steps;
mod world;

use crate::databases::Database;
use carewire_server::keys::RoomKey;
use operations::run;
use proptest::{prelude::*, test_runner::Config};
use std::collections::BTreeMap;
use steps::{Step, steps};
use world::{KEPT, World};

fn config() -> Config {
    let asked = std::env::var("PROPTEST_CASES").is_ok();
    Config {
        cases: if asked { Config::default().cases } else { 16 },
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn memory_is_sqlite(steps in steps()) {
        compare([Database::memory(), Database::sqlite()], &steps);
    }

    #[test]
    #[cfg_attr(not(postgres), ignore = "PostgreSQL is not installed")]
    fn memory_is_postgres(steps in steps()) {
        compare([Database::memory(), Database::postgres()], &steps);
    }
}

fn compare(databases: [Database; 2], steps: &[Step]) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let [one, other] = databases;
        let mut one = World::new(one).await;
        let mut other = World::new(other).await;
        let mut appended = BTreeMap::new();
        for (number, step) in steps.iter().enumerate() {
            match step {
                Step::Reopen => {
                    one.reopen().await;
                    other.reopen().await;
                }
                Step::Unit { operations, undone } => {
                    let done = run(&one, number, operations, *undone).await;
                    let same = run(&other, number, operations, *undone).await;
                    assert_eq!(done, same, "step {number}");
                    for (room, offset) in one.handed_over().iter().cloned() {
                        appended.insert(room, offset);
                    }
                    assert_eq!(one.handed_over(), other.handed_over(), "step {number}");
                }
            }
            if matches!(step, Step::Reopen) || number + 1 == steps.len() {
                let seen = reads::all(&mut *one.open().read().await).await;
                let same = reads::all(&mut *other.open().read().await).await;
                assert_same(&seen, &same);
                check_logs(&one, &appended).await;
            }
        }
    });
}

/// Shows the first answer that differs, not all of them.
fn assert_same(seen: &[String], same: &[String]) {
    for (one, other) in seen.iter().zip(same) {
        assert_eq!(one, other);
    }
    assert_eq!(seen.len(), same.len());
}

/// A log is the list of what was appended, without a beginning that is never too long.
async fn check_logs(world: &World, appended: &BTreeMap<RoomKey, u64>) {
    let mut rows = world.open().read().await;
    for (room, newest) in appended {
        let log = rows.log(room).await.unwrap();
        assert_eq!(log.head, *newest);
        assert!(log.floor <= log.head);
        assert!(log.head - log.floor <= KEPT.events + KEPT.events / 10 + 1);
        let events = rows.events_after(room, 0, 10_000).await.unwrap();
        let offsets: Vec<u64> = events.iter().map(|event| event.offset).collect();
        assert_eq!(offsets, (log.floor + 1..=log.head).collect::<Vec<_>>());
    }
}
