//! What is recorded of a run: the history for the checker, a hash of everything that travelled, and
//! where wanted a trace for people.

use crate::clock::Clock;
use carewire_check::{Durable, Event, History, Log, Name, What};
use carewire_protocol::{MessageId, RoomId, TenantId, UserId};
use carewire_server::{
    keys::{RoomKey, UserKey},
    store::{EventRow, MemoryStore, Rows, Store},
};
use futures_util::FutureExt;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard, OnceLock},
    time::Duration,
};

/// The record of one run.
pub(crate) struct Book {
    clock: Arc<Clock>,
    state: Mutex<State>,
    /// A view of the database that nothing delays.
    store: OnceLock<MemoryStore>,
}

#[derive(Default)]
struct State {
    history: History,
    names: HashMap<String, Name>,
    hash: DefaultHasher,
    trace: Option<Vec<String>>,
    longest_queue: usize,
    heads: BTreeMap<RoomKey, u64>,
    logs_mark: u64,
    faults: BTreeMap<&'static str, u64>,
}

impl Book {
    pub(crate) fn new(clock: Arc<Clock>, traced: bool) -> Self {
        let state = State {
            trace: traced.then(Vec::new),
            ..State::default()
        };
        Self {
            clock,
            state: Mutex::new(state),
            store: OnceLock::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Where the truth is read.
    pub(crate) fn set_store(&self, store: MemoryStore) {
        assert!(self.store.set(store).is_ok(), "one database");
    }

    fn rows(&self) -> Box<dyn Rows> {
        let store = self.store.get().unwrap();
        at_once(store.read()).unwrap()
    }

    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    pub(crate) fn name(&self, text: &str) -> Name {
        let mut state = self.state();
        if let Some(name) = state.names.get(text) {
            return Arc::clone(name);
        }
        let name = Name::from(text);
        state.names.insert(text.to_owned(), Arc::clone(&name));
        name
    }

    pub(crate) fn user(&self, user: &UserKey) -> Name {
        self.name(&format!("{}/{}", user.tenant, user.user))
    }

    pub(crate) fn room(&self, room: &RoomKey) -> Name {
        self.name(&format!("{}/{}", room.tenant, room.room))
    }

    /// Notes what happens now.
    pub(crate) fn note(&self, what: What) {
        let at = self.now();
        let mut state = self.state();
        if let Some(trace) = &mut state.trace {
            trace.push(format!("{:>9.4} {}", at.as_secs_f64(), told(&what)));
        }
        state.history.push(at, what);
    }

    /// A fault is injected.
    pub(crate) fn fault(&self, name: &'static str, target: Option<Name>, loses: bool) {
        *self.state().faults.entry(name).or_default() += 1;
        let name = self.name(name);
        self.note(What::Fault {
            name,
            target,
            loses,
        });
    }

    pub(crate) fn was_injected(&self, fault: &str) -> bool {
        self.state().faults.contains_key(fault)
    }

    pub(crate) fn swallowed(&self, device: &Name) {
        self.fault("event swallowed", Some(Arc::clone(device)), true);
    }

    /// For people alone.
    pub(crate) fn remark(&self, text: impl FnOnce() -> String) {
        let at = self.now().as_secs_f64();
        if let Some(trace) = &mut self.state().trace {
            trace.push(format!("{at:>9.4} {}", text()));
        }
    }

    pub(crate) fn queue_length(&self, frames: usize) {
        let mut state = self.state();
        state.longest_queue = state.longest_queue.max(frames);
    }

    pub(crate) fn longest_queue(&self) -> usize {
        self.state().longest_queue
    }

    /// A client sends a text.
    pub(crate) fn sent(&self, device: &Name, text: &str) {
        let at = self.now();
        let mut state = self.state();
        (at, text).hash(&mut state.hash);
        if let Some(trace) = &mut state.trace {
            trace.push(format!(
                "{:>9.4} {device} > {}",
                at.as_secs_f64(),
                outline(text)
            ));
        }
    }

    /// A client is given a frame.
    pub(crate) fn given(&self, device: &Name, text: &str) {
        let at = self.now();
        let mut state = self.state();
        (at, text).hash(&mut state.hash);
        if let Some(trace) = &mut state.trace {
            trace.push(format!(
                "{:>9.4} {device} < {}",
                at.as_secs_f64(),
                outline(text)
            ));
        }
    }

    /// A server lets a frame go. What it says of reading must be stored by now.
    pub(crate) fn leaves(&self, device: &Name, text: &str) {
        if !text.starts_with(r#"{"type":"message:read""#) {
            return;
        }
        let Ok(ReadFrame { data }) = serde_json::from_str::<ReadFrame<'_>>(text) else {
            return;
        };
        let tenant = device.split('/').next().unwrap_or_default();
        let Ok(tenant) = tenant.parse() else { return };
        let room = RoomKey::new(&tenant, data.room);
        let stored = at_once(self.rows().cursor(&room, &data.user)).unwrap();
        if let Some(message) = stored.read.filter(|read| read.as_str() >= data.message) {
            let user = self.user(&UserKey::new(&tenant, &data.user));
            let (room, message) = (self.room(&room), self.name(message.as_str()));
            self.note(What::Durable(Durable::Read {
                room,
                user,
                message,
            }));
        }
    }

    /// Something was committed: notes which events are durable now.
    pub(crate) fn committed(&self) {
        let mark = self.state().logs_mark;
        let grown = at_once(self.rows().grown_since(mark, u32::MAX)).unwrap();
        for row in grown {
            let former = {
                let mut state = self.state();
                state.logs_mark = state.logs_mark.max(row.mark);
                state.heads.insert(row.room.clone(), row.head).unwrap_or(0)
            };
            let room = self.room(&row.room);
            for offset in former + 1..=row.head {
                let room = Arc::clone(&room);
                self.note(What::Durable(Durable::Event { room, offset }));
            }
        }
    }

    /// The newest offset of a room.
    pub(crate) fn head(&self, room: &RoomKey) -> u64 {
        at_once(self.rows().log(room)).unwrap().head
    }

    /// Reads the logs as they are in the end.
    pub(crate) fn read_logs(&self) {
        let mut rows = self.rows();
        let epoch = self.name(self.store.get().unwrap().epoch().as_str());
        for room in at_once(rows.rooms_with_events(None, u32::MAX)).unwrap() {
            let log = at_once(rows.log(&room)).unwrap();
            let stored = at_once(rows.events_after(&room, 0, u32::MAX)).unwrap();
            let events = stored
                .iter()
                .map(|row| (row.offset, self.stored_event(row)));
            let log = Log {
                epoch: Arc::clone(&epoch),
                floor: log.floor,
                head: log.head,
                events: events.collect(),
                read: BTreeMap::new(),
            };
            let name = self.room(&room);
            self.state().history.logs.insert(name, log);
        }
    }

    /// How many calls of a tenant are not over.
    pub(crate) fn open_calls(&self, tenant: &TenantId) -> u64 {
        at_once(self.rows().open_calls(tenant)).unwrap()
    }

    /// An event of the log, read as any stranger would read it.
    fn stored_event(&self, row: &EventRow) -> Event {
        let data: serde_json::Value = serde_json::from_str(row.data.get()).unwrap();
        let message = &data["message"];
        let text = |value: &serde_json::Value| value.as_str().map(|text| self.name(text));
        let (about, mark) = match row.name.as_str() {
            "message:new" | "message:edited" => {
                let mark = text(&message["body"]).filter(|body| !body.is_empty());
                (text(&message["id"]), mark)
            }
            "message:reaction" => {
                let added = data["added"] == true;
                let mark = data["emoji"].as_str().unwrap_or_default();
                (text(&data["messageId"]), Some(self.reaction(mark, added)))
            }
            "message:deleted" => (text(&data["messageId"]), None),
            "room:event" | "channel:event" => (None, text(&data["payload"]["mark"])),
            _ => (None, None),
        };
        Event {
            name: self.name(&row.name),
            message: about,
            mark,
        }
    }

    /// What a reaction says.
    pub(crate) fn reaction(&self, emoji: &str, added: bool) -> Name {
        if added {
            self.name(emoji)
        } else {
            self.name(&format!("-{emoji}"))
        }
    }

    pub(crate) fn message(&self, id: &MessageId) -> Name {
        self.name(id.as_str())
    }

    /// Takes what was recorded: the history, the hash, the trace, and how often each fault was
    /// injected.
    pub(crate) fn close(&self) -> (History, u64, Vec<String>, BTreeMap<&'static str, u64>) {
        let mut state = self.state();
        let hash = state.hash.finish();
        (
            std::mem::take(&mut state.history),
            hash,
            state.trace.take().unwrap_or_default(),
            std::mem::take(&mut state.faults),
        )
    }
}

/// The result of a future that waits for nothing.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

/// A frame that says how far somebody has read.
#[derive(Deserialize)]
struct ReadFrame<'a> {
    #[serde(borrow)]
    data: ReadData<'a>,
}
#[derive(Deserialize)]
struct ReadData<'a> {
    #[serde(rename = "roomId")]
    room: RoomId,
    #[serde(rename = "userId")]
    user: UserId,
    #[serde(rename = "messageId")]
    message: &'a str,
}

/// The parts of a frame that name things.
fn outline(text: &str) -> String {
    let Ok(frame) = serde_json::from_str::<serde_json::Value>(text) else {
        return "?".to_owned();
    };
    let mut line = frame["type"].as_str().unwrap_or_default().to_owned();
    let names = ["id", "key", "room", "offset", "origin"];
    let inner = [
        "roomId",
        "offset",
        "recovered",
        "missed",
        "messageId",
        "userId",
        "status",
        "reason",
    ];
    let error = ["code", "retryAfterMs"];
    let places = [
        (&frame, &names[..]),
        (&frame["data"], &inner[..]),
        (&frame["error"], &error[..]),
    ];
    for (object, names) in places {
        for name in names {
            let value = &object[*name];
            if !value.is_null() {
                let _ = write!(line, " {name}={value}");
            }
        }
    }
    if let Some(id) = frame["data"]["message"]["id"].as_str() {
        let _ = write!(line, " message={id}");
    }
    if let Some(rooms) = frame["data"]["rooms"].as_array() {
        for room in rooms {
            let (id, offset) = (&room["roomId"], &room["offset"]);
            let _ = write!(line, " {id}@{offset}");
            if room["recovered"] == false {
                line.push('!');
            }
        }
    }
    line.replace('"', "")
}

fn told(what: &What) -> String {
    match what {
        What::Observed {
            device,
            room,
            offset,
            ..
        } => format!("{device} : {room} {offset} delivered"),
        What::Durable(durable) => format!("* {durable:?}"),
        What::Fault { name, target, .. } => match target {
            Some(target) => format!("! {name}: {target}"),
            None => format!("! {name}"),
        },
        other => format!("{other:?}"),
    }
}
