//! A model of the server: the contract as far as a session can see it, in memory, without time.

use carewire_protocol::{
    ErrorReply, Timestamp,
    frame::{CommandFrame, EventHead, encode_error, encode_event, encode_reply},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) epoch: u32,
    /// The offset before the oldest event that is still kept.
    pub(super) floor: u64,
    pub(super) events: Vec<Value>,
}

impl Log {
    fn epoch(&self) -> String {
        format!("e{}", self.epoch)
    }

    pub(super) fn head(&self) -> u64 {
        self.events.len() as u64
    }
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) logs: BTreeMap<String, Log>,
    /// Every message that was ever stored, with the key it came with.
    pub(super) stored: Vec<(String, String, Option<String>)>,
    keys: BTreeMap<String, Value>,
    /// Errors to answer the next sends with.
    pub(super) refusals: VecDeque<ErrorReply>,
    /// What every other command is answered with, once.
    pub(super) join_refusals: VecDeque<ErrorReply>,
    /// The rooms of the present connection; `None`: nobody is connected or authenticated.
    pub(super) member: Option<BTreeSet<String>>,
    pub(super) resumes: u32,
    pub(super) largest: u64,
    /// The names of the commands of the present connection.
    pub(super) heard: Vec<String>,
    pub(super) total: BTreeMap<String, u32>,
    /// Tokens in the order in which they came.
    pub(super) tokens: Vec<String>,
    pub(super) bad_tokens: BTreeSet<String>,
    resumed: bool,
}

/// What the server does with a frame.
pub(super) enum Act {
    Send(String),
    Close(u16),
}

impl Model {
    pub(super) fn new() -> Self {
        Self {
            largest: 1 << 20,
            ..Self::default()
        }
    }

    pub(super) fn lost(&mut self) {
        self.member = None;
        self.heard.clear();
        self.resumed = false;
    }

    /// Somebody stores a message in a room; what the session is sent, if it is there.
    pub(super) fn store(
        &mut self,
        room: &str,
        sender: &str,
        body: &str,
        key: Option<&str>,
    ) -> (Value, Option<String>) {
        let log = self.logs.entry(room.to_owned()).or_default();
        let message = json!({
            "id": format!("m{:02}-{:06}", log.epoch, log.head() + 1), "roomId": room, "senderId": sender, "body": body,
            "sentAt": "2026-11-21T10:30:00.000Z", "status": "sent", "key": key,
        });
        log.events.push(json!({"message": message}));
        self.stored
            .push((room.to_owned(), body.to_owned(), key.map(str::to_owned)));
        let head = self.logs[room].head();
        let there = self
            .member
            .as_ref()
            .is_some_and(|rooms| rooms.contains(room));
        (message, there.then(|| self.event(room, head)))
    }

    pub(super) fn event(&self, room: &str, offset: u64) -> String {
        let log = &self.logs[room];
        let index = usize::try_from(offset - 1).unwrap();
        let (room, epoch) = (room.parse().unwrap(), log.epoch().parse().unwrap());
        let head = EventHead {
            name: "message:new",
            room: Some(&room),
            epoch: Some(&epoch),
            offset: Some(offset),
            origin: None,
            timestamp: Timestamp::from_millis(0),
        };
        encode_event(&head, &log.events[index])
    }

    /// The log of a room is lost; another one begins.
    pub(super) fn lose_log(&mut self, room: &str) {
        let log = self.logs.entry(room.to_owned()).or_default();
        *log = Log {
            epoch: log.epoch + 1,
            ..Log::default()
        };
    }

    /// The older half of a log is no longer kept.
    pub(super) fn trim(&mut self, room: &str) {
        let log = self.logs.entry(room.to_owned()).or_default();
        log.floor = u64::midpoint(log.floor, log.head());
    }

    fn join(&mut self, room: &str, position: &Value) -> (Value, Vec<String>) {
        if let Some(rooms) = &mut self.member {
            rooms.insert(room.to_owned());
        }
        let log = self.logs.entry(room.to_owned()).or_default();
        let (epoch, head) = (log.epoch(), log.head());
        let asked = position["epoch"].as_str().zip(position["offset"].as_u64());
        let after = asked
            .filter(|(e, at)| *e == epoch && *at >= log.floor && *at <= head)
            .map(|(_, at)| at);
        let reply = json!({
            "roomId": room, "epoch": epoch, "offset": head, "recovered": asked.is_none() || after.is_some(),
            "missed": after.map_or(0, |at| head - at), "receipts": {}, "participants": [],
            "snapshot": (position["snapshot"] == true).then(|| json!({"messages": []})),
        });
        let follows = after.map_or(Vec::new(), |at| {
            (at + 1..=head).map(|o| self.event(room, o)).collect()
        });
        (reply, follows)
    }

    pub(super) fn handle(&mut self, text: &str) -> Vec<Act> {
        let frame = CommandFrame::decode(text).unwrap();
        let data: Value = serde_json::from_str(frame.data.get()).unwrap();
        let name = &*frame.name;
        match name {
            "ping" => return vec![Act::Send(r#"{"type":"pong"}"#.to_owned())],
            "pong" => return Vec::new(),
            _ => {}
        }
        self.heard.push(name.to_owned());
        *self.total.entry(name.to_owned()).or_default() += 1;
        let reply = |value: &Value| frame.id.map(|id| Act::Send(encode_reply(id, value)));
        let refuse = |error: &ErrorReply| vec![Act::Send(encode_error(frame.id, error))];
        if name == "auth:authenticate" {
            let token = data["token"].as_str().unwrap_or_default().to_owned();
            self.tokens.push(token.clone());
            if token.is_empty() || self.bad_tokens.contains(&token) {
                let mut acts = refuse(&ErrorReply::invalid_token());
                acts.push(Act::Close(4401));
                return acts;
            }
            self.member = Some(BTreeSet::from(["user:ana".to_owned()]));
            let own = self.logs.entry("user:ana".to_owned()).or_default();
            let position =
                json!({"roomId": "user:ana", "epoch": own.epoch(), "offset": own.head()});
            let connected = json!({
                "connectionId": "c", "userId": "ana", "tenantId": "t", "role": "patient", "protocol": "1",
                "serverTime": "2026-11-21T10:30:00.000Z", "tokenExpiresAt": "2026-11-21T11:30:00.000Z",
                "heartbeatIntervalMs": 15000, "calls": [], "rooms": [position],
                "limits": {"maxPayloadBytes": self.largest, "messagesPerSecond": 20, "commandsPerSecond": 200,
                    "roomsPerConnection": 200},
            });
            let head = EventHead {
                name: "connected",
                room: None,
                epoch: None,
                offset: None,
                origin: None,
                timestamp: Timestamp::from_millis(0),
            };
            return reply(&json!({}))
                .into_iter()
                .chain([Act::Send(encode_event(&head, &connected))])
                .collect();
        }
        assert!(self.member.is_some(), "{name} before authentication");
        if name == "session:resume" {
            self.resumes += 1;
            self.resumed = true;
        } else {
            assert!(
                self.resumed || self.resumes == 0 || self.total["auth:authenticate"] == 1,
                "{name} overtook the resume"
            );
        }
        let room = data["roomId"].as_str().unwrap_or_default();
        match name {
            "room:join" => {
                if let Some(error) = self.join_refusals.pop_front() {
                    return refuse(&error);
                }
                let (value, follows) = self.join(room, &data);
                reply(&value)
                    .into_iter()
                    .chain(follows.into_iter().map(Act::Send))
                    .collect()
            }
            "session:resume" => {
                if let Some(error) = self.join_refusals.pop_front() {
                    return refuse(&error);
                }
                let (mut rooms, mut replays) = (Vec::new(), Vec::new());
                for asked in data["rooms"].as_array().unwrap() {
                    let (value, follows) = self.join(asked["roomId"].as_str().unwrap(), asked);
                    rooms.push(value);
                    replays.extend(follows.into_iter().map(Act::Send));
                }
                let value = json!({"rooms": rooms, "unread": {}, "presences": []});
                reply(&value).into_iter().chain(replays).collect()
            }
            "room:leave" => {
                if let Some(rooms) = &mut self.member {
                    rooms.remove(room);
                }
                reply(&json!({})).into_iter().collect()
            }
            "message:send" => {
                let key = frame.key.as_ref().unwrap().to_string();
                if let Some(first) = self.keys.get(&key) {
                    return reply(first).into_iter().collect();
                }
                if let Some(error) = self.refusals.pop_front() {
                    return refuse(&error);
                }
                let body = data["body"].as_str().unwrap().to_owned();
                let (message, event) = self.store(room, "ana", &body, Some(&key));
                let value = json!({"message": message});
                self.keys.insert(key, value.clone());
                event
                    .map(Act::Send)
                    .into_iter()
                    .chain(reply(&value))
                    .collect()
            }
            "message:history" => reply(&json!({"messages": [], "hasMore": false}))
                .into_iter()
                .collect(),
            _ => reply(&json!({})).into_iter().collect(),
        }
    }
}
