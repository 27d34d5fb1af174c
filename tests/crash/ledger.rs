//! What was acknowledged, what every client was given, and whether it is what the log holds.

use crate::{ROOM, TOTAL};
use carewire_tests::{Raw, Server, TENANT, Token, http};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

/// A new message as it was delivered: offset, id and body.
pub(crate) type Delivered = (u64, String, String);

/// What a client was given of the room, in the order in which it came.
pub(crate) type Stream = Vec<Delivered>;

/// A stream's last offset.
pub(crate) trait Position {
    fn offset(&self) -> u64;
}

impl Position for Stream {
    fn offset(&self) -> u64 {
        self.last().map_or(0, |(offset, ..)| *offset)
    }
}

/// The ids of acknowledged messages by their bodies, which are unique.
#[derive(Default)]
pub(crate) struct Ledger {
    acknowledged: Mutex<BTreeMap<String, String>>,
}

impl Ledger {
    /// Notes a reply. A repeated one must name the same message.
    pub(crate) fn acknowledge(&self, body: &str, id: &str) {
        let mut acknowledged = self.acknowledged.lock().unwrap();
        let first = acknowledged.insert(body.to_owned(), id.to_owned());
        assert!(first.is_none_or(|first| first == id), "{body}: two ids");
    }
}

/// Makes the thread all are members of.
pub(crate) async fn make_room(server: &Server, users: &[String]) {
    let id = ROOM.strip_prefix("thread:").unwrap();
    let token = server.service_token(TENANT);
    let body = json!({"memberIds": users});
    let path = format!("/v1/threads/{id}");
    let answer = http::request(server, "PUT", &path, Some(&token), Some(&body)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// The event of a new message as a client was given it.
pub(crate) fn delivered(event: &Value) -> Delivered {
    let message = &event["data"]["message"];
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let offset = event["offset"].as_u64().expect("an offset");
    (offset, text(&message["id"]), text(&message["body"]))
}

/// The whole log as it is now, by replay; the history must hold the same messages.
pub(crate) async fn read_log(server: &Server) -> Stream {
    let mut raw = Raw::login(server, &Token::new("checker", "admin")).await;
    let joined = raw
        .request("room:join", json!({"roomId": ROOM}))
        .await
        .unwrap();
    let head = joined["offset"].as_u64().unwrap();
    let data = json!({"roomId": ROOM, "epoch": joined["epoch"], "offset": 0});
    let joined = raw.request("room:join", data).await.unwrap();
    assert_eq!(joined["recovered"], true);
    let mut log = Stream::new();
    while log.offset() < head {
        let event = raw.event_where("message:new", |frame| frame["room"] == ROOM);
        log.push(delivered(&event.await));
    }
    let replayed: Vec<_> = log.iter().map(|(_, id, _)| id.clone()).collect();
    assert_eq!(history(&mut raw).await, replayed, "history and replay");
    log
}

/// The ids of all stored messages, oldest first.
async fn history(raw: &mut Raw) -> Vec<String> {
    let mut ids = Vec::new();
    let mut data = json!({"roomId": ROOM, "after": "0", "limit": 100});
    loop {
        let page = raw.request("message:history", data.clone()).await.unwrap();
        for message in page["messages"].as_array().unwrap() {
            ids.push(message["id"].as_str().unwrap().to_owned());
        }
        if page["hasMore"] == false {
            return ids;
        }
        data["after"] = json!(ids.last().unwrap());
    }
}

/// Every acknowledged message is in the log exactly once, in the order its sender sent it; and
/// every stream is the log, without a gap and without a double.
pub(crate) fn check(log: &Stream, ledger: &Ledger, streams: &[(String, Stream)]) {
    let offsets: Vec<_> = log.iter().map(|(offset, ..)| *offset).collect();
    assert_eq!(
        offsets,
        (1..=TOTAL).collect::<Vec<_>>(),
        "offsets 1, 2, 3 …"
    );
    assert!(
        log.windows(2).all(|two| two[0].1 < two[1].1),
        "ids sort as offsets"
    );

    let acknowledged = ledger.acknowledged.lock().unwrap();
    assert_eq!(acknowledged.len() as u64, TOTAL, "every send was answered");
    let mut bodies = BTreeSet::new();
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, id, body) in log {
        assert!(bodies.insert(body), "{body} is stored twice");
        assert_eq!(
            acknowledged.get(body),
            Some(id),
            "{body} was acknowledged as stored"
        );
        let (sender, number) = body.split_once(' ').expect("sender and number");
        let number = number.parse().unwrap();
        let before = last.insert(sender, number).unwrap_or(0);
        assert_eq!(number, before + 1, "{sender} in the order sent");
    }
    for (user, stream) in streams {
        assert_eq!(
            stream.len(),
            log.len(),
            "{user} was given every message once"
        );
        assert!(stream == log, "the stream of {user} is the log");
    }
}
