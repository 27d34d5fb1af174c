//! Several stores on one database, as nodes share it.

use crate::databases::{Database, Open, event, room};
use carewire_server::{
    error::Result,
    keys::RoomKey,
    store::{DirectoryChangeRow, Subject},
};
use std::collections::{BTreeMap, BTreeSet};

on_shared_databases!(
    writers_share_rooms_without_gap_or_reorder,
    marks_grow_in_the_order_of_commits,
    nodes_may_start_at_once,
);

const ROOMS: [&str; 4] = ["clinic:a", "clinic:b", "clinic:c", "clinic:d"];

/// A unit of work that appends to two rooms, in an order that differs from unit to unit: what
/// would deadlock if each room were locked when it is met.
async fn append_twice(open: &Open, unit: usize, name: String) -> Result<[(RoomKey, u64); 2]> {
    let rooms = [ROOMS[unit % 4], ROOMS[(unit * 3 + 1) % 4]].map(room);
    open.write(move |tx| {
        Box::pin(async move {
            let [first, second] = rooms;
            let one = tx.append(&first, None, &event(&first, &name)).await?;
            let two = tx.append(&second, None, &event(&second, &name)).await?;
            Ok([(first, one), (second, two)])
        })
    })
    .await
}

async fn writers_share_rooms_without_gap_or_reorder(database: Database) {
    let nodes = [
        database.open().await,
        database.open().await,
        database.open().await,
    ];
    let units = (0..120).map(|unit| {
        let name = format!("unit-{unit}");
        let node = &nodes[unit % 3];
        async move { (append_twice(node, unit, name.clone()).await.unwrap(), name) }
    });
    // What was acknowledged, by its place.
    let mut acknowledged = BTreeMap::new();
    for (places, name) in futures_util::future::join_all(units).await {
        for (room, offset) in places {
            assert_eq!(acknowledged.insert((room, offset), name.clone()), None);
        }
    }
    let mut heard = Vec::new();
    for node in &nodes {
        let mut last = BTreeMap::new();
        for (room, offset) in node.heard() {
            // Each node hands over its own in the order of the log.
            assert!(last.insert(room.clone(), offset) < Some(offset));
            heard.push((room, offset));
        }
    }
    heard.sort();
    assert_eq!(heard, acknowledged.keys().cloned().collect::<Vec<_>>());
    for name in ROOMS {
        let room = room(name);
        let events = nodes[0].read().await.events_after(&room, 0, 1000).await;
        let events = events.unwrap();
        for (event, offset) in events.iter().zip(1..) {
            assert_eq!(event.offset, offset);
            let name = &acknowledged[&(room.clone(), offset)];
            assert!(event.data.get().contains(&format!("\"{name}\"")));
        }
        let head = nodes[1].read().await.log(&room).await.unwrap().head;
        assert_eq!(events.len() as u64, head);
    }
}

/// Whoever asks again and again what changed after the last answer misses nothing, whatever is
/// committed meanwhile.
async fn marks_grow_in_the_order_of_commits(database: Database) {
    let writers = [database.open().await, database.open().await];
    let looking = database.open().await;
    let writes = async {
        let units = (0..100).map(|unit| {
            let open = &writers[unit % 2];
            async move {
                append_twice(open, unit, "x".into()).await.unwrap();
                let subject = Subject::Room(room(ROOMS[unit % 4]));
                let noted = open.write(move |tx| {
                    Box::pin(async move { tx.rows().note_directory_change(&subject).await })
                });
                noted.await.unwrap();
            }
        });
        futures_util::future::join_all(units).await;
    };
    let (mut heads, mut changed) = (BTreeMap::new(), BTreeSet::new());
    let (mut logs, mut directory) = (0, 0);
    let mut look = async || {
        let mut rows = looking.read().await;
        for row in rows.grown_since(logs, 3).await.unwrap() {
            assert!(row.mark > logs);
            logs = row.mark;
            heads.insert(row.room, row.head);
        }
        let page = rows.directory_since(directory, 3).await.unwrap();
        for DirectoryChangeRow { mark, subject } in page {
            assert!(mark > directory);
            directory = mark;
            changed.insert(subject);
        }
        (logs, directory)
    };
    let mut writes = std::pin::pin!(writes);
    while futures_util::poll!(&mut writes).is_pending() {
        look().await;
        tokio::task::yield_now().await;
    }
    // Until nothing is new.
    let mut before = (0, 0);
    loop {
        let now = look().await;
        if now == before {
            break;
        }
        before = now;
    }
    let mut rows = looking.read().await;
    for name in ROOMS {
        let room = room(name);
        assert_eq!(heads[&room], rows.log(&room).await.unwrap().head);
        assert!(changed.contains(&Subject::Room(room)));
    }
}

async fn nodes_may_start_at_once(database: Database) {
    let nodes = futures_util::future::join_all((0..6).map(|_| database.open())).await;
    let epochs: BTreeSet<String> = nodes
        .iter()
        .map(|node| node.store.epoch().to_string())
        .collect();
    assert_eq!(epochs.len(), 1);
    for (node, offset) in nodes.iter().zip(1..) {
        assert_eq!(node.append(&room(ROOMS[0]), "x").await.unwrap(), offset);
    }
}
