//! A client written by hand: it resumes at its position, and repeats what was not answered with
//! the same keys, in order.

use crate::{
    EACH, ROOM, TOTAL, World,
    ledger::{Position, Stream, delivered},
    token,
};
use carewire_tests::Raw;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::atomic::Ordering, time::Duration};
use tokio_tungstenite::tungstenite::Message;

/// How many commands may be unanswered.
const WINDOW: usize = 8;
/// Ids of commands that send message `n` are this plus `n`.
const FIRST_ID: u64 = 100;

/// What it knows, over all its connections.
struct Client<'a> {
    world: &'a World,
    user: &'a str,
    stream: Stream,
    epoch: Option<Value>,
    unanswered: BTreeSet<u64>,
    /// The last number sent.
    sent: u64,
    may_send: bool,
}

/// Sends its messages and follows the room until it has all of everybody.
pub(crate) async fn run(world: &World, user: &str) -> Stream {
    let mut client = Client {
        world,
        user,
        stream: Stream::new(),
        epoch: None,
        unanswered: BTreeSet::new(),
        sent: 0,
        may_send: false,
    };
    while !client.is_done() {
        if client.session().await.is_none() {
            // The server is down; it is asked again after a moment, as any client does.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    client.stream
}

impl Client<'_> {
    fn is_done(&self) -> bool {
        self.stream.offset() >= TOTAL && self.sent == EACH && self.unanswered.is_empty()
    }

    /// One connection, until it is lost (`None`) or everything is done.
    async fn session(&mut self) -> Option<()> {
        let mut raw = {
            let server = self.world.server.read().await;
            let connect = Raw::connect(&server).bearer(&token(self.user));
            connect.client_id(self.user).try_open().await.ok()?
        };
        while raw.next().await.ok()?["type"] != "connected" {}
        let mut join = json!({"roomId": ROOM});
        if let Some(epoch) = &self.epoch {
            join["epoch"] = epoch.clone();
            join["offset"] = json!(self.stream.offset());
        }
        send(
            &mut raw,
            json!({"type": "room:join", "id": 1, "data": join}),
        )
        .await?;
        let repeated: Vec<_> = self.unanswered.iter().copied().collect();
        let counter = &self.world.repeated;
        counter.fetch_add(repeated.len(), Ordering::Relaxed);
        for number in repeated {
            send(&mut raw, self.message(number)).await?;
        }
        loop {
            let next = EACH.min(self.sent + 1);
            if self.may_send && self.sent < next && self.unanswered.len() < WINDOW {
                self.sent = next;
                self.unanswered.insert(next);
                send(&mut raw, self.message(next)).await?;
                continue;
            }
            if self.is_done() {
                return Some(());
            }
            let frame = raw.next().await.ok()?;
            self.take(&frame);
            if !self.may_send && frame["id"] == 1 {
                self.world.wait_for_all().await;
                self.may_send = true;
            }
        }
    }

    /// The command that sends message `number`; the same each time.
    fn message(&self, number: u64) -> Value {
        json!({
            "type": "message:send",
            "id": FIRST_ID + number,
            "key": format!("{}-{number}", self.user),
            "data": {"roomId": ROOM, "body": format!("{} {number}", self.user)},
        })
    }

    fn take(&mut self, frame: &Value) {
        let id = frame["id"].as_u64();
        match (frame["type"].as_str(), id) {
            (Some("reply"), Some(1)) => {
                let data = &frame["data"];
                assert_eq!(data["recovered"], true, "{}: {frame}", self.user);
                let epoch = self.epoch.get_or_insert_with(|| data["epoch"].clone());
                assert_eq!(data["epoch"], *epoch, "the epoch survives a crash");
            }
            (Some("reply"), Some(id)) => {
                let message = &frame["data"]["message"];
                let (body, id_of) = (&message["body"], &message["id"]);
                let (body, id_of) = (body.as_str().unwrap(), id_of.as_str().unwrap());
                self.world.acknowledge(body, id_of);
                self.unanswered.remove(&(id - FIRST_ID));
            }
            (Some("error"), _) => panic!("{}: {frame}", self.user),
            (Some("message:new"), _) if frame["room"] == ROOM => {
                let event = delivered(frame);
                let expected = self.stream.offset() + 1;
                assert_eq!(event.0, expected, "{} without a gap: {frame}", self.user);
                self.stream.push(event);
            }
            _ => {}
        }
    }
}

async fn send(raw: &mut Raw, frame: Value) -> Option<()> {
    raw.try_send(Message::text(frame.to_string())).await.ok()
}
