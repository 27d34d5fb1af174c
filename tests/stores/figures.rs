//! How many units of work a second: `cargo test -p carewire-tests --test stores -- --ignored
//! --nocapture figures`. Not a test: it only tells.

use crate::databases::{Database, Open, room, user};
use carewire_protocol::{
    MessageId,
    message::{Message, MessageStatus, NewEvent},
};
use futures_util::future::join_all;
use std::{
    collections::BTreeMap,
    io::Write as _,
    time::{Duration, Instant},
};

/// How many units of a node wait at once.
const WAITING: usize = 64;
const TIME: Duration = Duration::from_secs(4);

async fn send(open: &Open, sender: usize, number: usize) {
    let room = room(&format!("chat:ana:u{sender}"));
    let message = Message {
        id: MessageId::new("new").unwrap(),
        sent_at: crate::databases::at(0),
        room_id: room.room.clone(),
        sender_id: user("ana").user,
        sender_name: None,
        body: "x".repeat(200).into(),
        attachments: Vec::new(),
        reply_to: None,
        platform: None,
        metadata: None,
        edited_at: None,
        deleted_at: None,
        reactions: BTreeMap::new(),
        status: MessageStatus::Sent,
        key: None,
    };
    let key = carewire_protocol::Key::new(format!("{sender}-{number}")).unwrap();
    let sent = open.write(move |tx| {
        Box::pin(async move {
            let ana = user("ana");
            tx.replayed(&ana, Some(&key), "send").await?;
            let event = |message| NewEvent { message };
            tx.insert_message(&room, message, None, None, event).await?;
            tx.remember(&ana, Some(&key), "send", String::new()).await
        })
    });
    sent.await.unwrap();
}

/// All nodes together, a second.
async fn rate(database: &Database, nodes: usize) -> f64 {
    let open = join_all((0..nodes).map(|_| database.open())).await;
    let started = Instant::now();
    let lanes = (0..nodes * WAITING).map(|lane| {
        let open = &open[lane % nodes];
        async move {
            let mut count = 0;
            while started.elapsed() < TIME {
                send(open, lane, count + nodes * 1_000_000).await;
                count += 1;
            }
            count
        }
    });
    let sent: usize = join_all(lanes).await.iter().sum();
    f64::from(u32::try_from(sent).unwrap()) / started.elapsed().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "tells figures"]
async fn figures() {
    let mut out = std::io::stderr();
    let rate_of_sqlite = rate(&Database::sqlite(), 1).await;
    writeln!(out, "SQLite, 1 node: {rate_of_sqlite:.0}/s").unwrap();
    for nodes in [1, 2, 3] {
        let rate = rate(&Database::postgres(), nodes).await;
        writeln!(out, "PostgreSQL, {nodes} nodes: {rate:.0}/s").unwrap();
    }
}
