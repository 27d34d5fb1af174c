//! What an application is given, as it goes into the history.

use crate::{book::Book, people::Person};
use carewire::Event;
use carewire_check::{Event as Seen, Name, What};
use carewire_protocol::{
    CallId, EventData, MessageId, RoomId,
    backend::patient_of,
    call, channel, conversation,
    message::{self, Message},
    presence::{self, Presence, PresenceStatus},
    room,
    session::{self, ResumeReply, RoomPosition},
    typing,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// The part of an application that looks.
pub(crate) struct Eyes {
    book: Arc<Book>,
    pub(crate) device: Name,
    pub(crate) user: Name,
    tenant: &'static str,
    me: &'static str,
    /// The rooms that it follows.
    pub(crate) rooms: BTreeMap<RoomId, u64>,
    names: BTreeMap<RoomId, Name>,
    /// Messages it has seen, and whether they are its own.
    pub(crate) messages: Vec<(RoomId, MessageId, bool)>,
    /// The call that it heard of last.
    pub(crate) call: Option<CallId>,
    /// What it believes of others.
    pub(crate) beliefs: BTreeMap<String, bool>,
    /// When the frame that is being handled was queued, and its text.
    pub(crate) queued: Duration,
    pub(crate) frame: String,
}

impl Eyes {
    pub(crate) fn new(book: Arc<Book>, person: &Person, device: &str) -> Self {
        let user = book.name(&format!("{}/{}", person.tenant, person.user));
        let device = book.name(&format!("{user}/{device}"));
        Self {
            book,
            device,
            user,
            tenant: person.tenant,
            me: person.user,
            rooms: BTreeMap::new(),
            names: BTreeMap::new(),
            messages: Vec::new(),
            call: None,
            beliefs: BTreeMap::new(),
            queued: Duration::ZERO,
            frame: String::new(),
        }
    }

    fn device(&self) -> Name {
        Arc::clone(&self.device)
    }

    pub(crate) fn room(&mut self, room: &RoomId) -> Name {
        if let Some(name) = self.names.get(room) {
            return Arc::clone(name);
        }
        let name = self.book.name(&format!("{}/{room}", self.tenant));
        self.names.insert(room.clone(), Arc::clone(&name));
        name
    }

    fn someone(&self, user: &str) -> Name {
        self.book.name(&format!("{}/{user}", self.tenant))
    }

    /// The application starts.
    pub(crate) fn begin(&self) {
        let (device, user) = (self.device(), Arc::clone(&self.user));
        self.book.note(What::Device { device, user });
    }

    /// The application ends: nothing is owed to it, not even in a room whose reply had not come.
    pub(crate) fn end(&mut self) {
        self.disturbed();
        for room in std::mem::take(&mut self.rooms).into_keys() {
            let (device, room) = (self.device(), self.room(&room));
            self.book.note(What::Left { device, room });
        }
    }

    pub(crate) fn disturbed(&self) {
        let device = self.device();
        self.book.note(What::Disturbed { device });
    }

    pub(crate) fn repaired(&self) {
        let (by, room) = (self.device(), self.book.name("some room"));
        self.book.note(What::Repaired { by, room });
    }

    fn follows(&mut self, room: &RoomId, epoch: &str, offset: u64) {
        self.rooms.insert(room.clone(), offset);
        let (device, room) = (self.device(), self.room(room));
        let epoch = self.book.name(epoch);
        self.book.note(What::Follows {
            device,
            room,
            epoch,
            offset,
        });
    }

    pub(crate) fn left(&mut self, room: &RoomId) {
        if self.rooms.remove(room).is_some() {
            let (device, room) = (self.device(), self.room(room));
            self.book.note(What::Left { device, room });
        }
    }

    pub(crate) fn joined(&mut self, room: &RoomId, reply: &str) {
        if self.rooms.contains_key(room) {
            // Joining twice changes nothing: what is missing follows.
            return;
        }
        if let Ok(reply) = serde_json::from_str::<room::JoinReply>(reply) {
            self.follows(room, reply.epoch.as_str(), reply.offset - reply.missed);
        }
    }

    pub(crate) fn acknowledged(&mut self, op: u64, reply: &str) {
        let reply = serde_json::from_str::<message::SendReply>(reply);
        let message = reply.ok().map(|reply| {
            let id = reply.message.id.clone();
            let room = reply.message.room_id.clone();
            // A repeated key is answered without the body where access is gone meanwhile.
            if !reply.message.body.is_empty() {
                self.shown(&room, "message:new", Some(&reply.message));
            }
            self.know(&room, id.clone(), true);
            self.book.message(&id)
        });
        self.book.note(What::Acknowledged { op, message });
    }

    pub(crate) fn history(&mut self, room: &RoomId, reply: &str) {
        let Ok(reply) = serde_json::from_str::<message::HistoryReply>(reply) else {
            return;
        };
        for message in &reply.messages {
            self.shown(room, "message:new", Some(message));
        }
        if reply.messages.is_empty() {
            self.shown(room, "message:history", None);
        }
    }

    pub(crate) fn presences(&mut self, reply: &str) {
        if let Ok(reply) = serde_json::from_str::<presence::PresencesReply>(reply) {
            self.believe(&reply.presences, false);
        }
    }

    /// `changed`: the server says so by itself. An answer may come from a server that has just
    /// started and knows nobody yet.
    fn believe(&mut self, presences: &[Presence], changed: bool) {
        for presence in presences {
            let online = presence.status != PresenceStatus::Offline;
            self.beliefs.insert(presence.user_id.to_string(), online);
            if !online && !changed {
                continue;
            }
            let what = What::Presence {
                device: self.device(),
                user: self.someone(&presence.user_id),
                online,
                queued: self.queued,
            };
            self.book.note(what);
        }
    }

    fn know(&mut self, room: &RoomId, id: MessageId, mine: bool) {
        if !self.messages.iter().any(|(_, known, _)| *known == id) {
            self.messages.push((room.clone(), id, mine));
        }
    }

    fn shown(&mut self, room: &RoomId, name: &str, message: Option<&Message>) {
        let event = Seen {
            name: self.book.name(name),
            message: message.map(|message| self.book.message(&message.id)),
            mark: message.and_then(|message| self.body(message)),
        };
        let what = What::Shown {
            device: self.device(),
            room: self.room(room),
            event,
            queued: self.queued,
        };
        self.book.note(what);
    }

    fn body(&self, message: &Message) -> Option<Name> {
        (!message.body.is_empty()).then(|| self.book.name(&message.body))
    }

    pub(crate) fn see(&mut self, event: &Event) {
        match event {
            Event::Server(event) => self.see_server(event),
            Event::Resynced(resynced) => {
                // The place is in the reply that brought it about.
                if let Some((epoch, offset)) = place_of(&self.frame, &resynced.room) {
                    self.follows(&resynced.room, &epoch, offset);
                }
            }
            Event::Resumed(resumed) => {
                self.believe(&resumed.reply.read().unwrap().presences, false);
            }
            Event::RoomLost { room, .. } => self.left(room),
            _ => {}
        }
    }

    fn see_server(&mut self, event: &carewire_protocol::Event) {
        if let Some(patient) = patient_of(&event.data) {
            let what = What::Concerns {
                device: self.device(),
                patient: self.someone(patient),
            };
            self.book.note(what);
        }
        if let (Some(room), Some((epoch, offset))) = (&event.room, &event.position) {
            self.observe(room, epoch.as_str(), *offset, &event.data);
            return;
        }
        match &event.data {
            EventData::Session(session::Event::Connected(connected)) => {
                for RoomPosition {
                    room_id,
                    epoch,
                    offset,
                } in &connected.rooms
                {
                    if !self.rooms.contains_key(room_id) {
                        self.follows(room_id, epoch.as_str(), *offset);
                    }
                }
            }
            EventData::Room(room::Event::Joined(joined)) => {
                if !self.rooms.contains_key(&joined.room_id) {
                    self.follows(&joined.room_id, joined.epoch.as_str(), joined.offset);
                }
            }
            EventData::Room(room::Event::Left(left)) => self.left(&left.room_id),
            EventData::Presence(presence::Event::Changed(changed)) => {
                self.believe(std::slice::from_ref(changed), true);
            }
            EventData::Presence(presence::Event::Initial(initial)) => {
                self.believe(&initial.presences, false);
            }
            EventData::Call(call::Event::Incoming(incoming)) => {
                self.call = Some(incoming.call_id.clone());
            }
            EventData::Typing(typing) => {
                let (room, user, on) = match typing {
                    typing::Event::Started(e) => (&e.room_id, &e.user_id, true),
                    typing::Event::Stopped(e) => (&e.room_id, &e.user_id, false),
                };
                self.shown(room, event.data.name(), None);
                let what = What::Typing {
                    device: self.device(),
                    room: self.room(room),
                    user: self.someone(user),
                    on,
                };
                self.book.note(what);
            }
            EventData::Message(message::Event::Read(read)) => {
                self.shown(&read.room_id, "message:read", None);
                let what = What::Read {
                    device: self.device(),
                    room: self.room(&read.room_id),
                    user: self.someone(&read.user_id),
                    message: self.book.message(&read.message_id),
                };
                self.book.note(what);
            }
            EventData::Conversation(conversation::Event::Update(update)) => {
                let conversation = &update.conversation;
                let last = conversation.last_message.as_ref();
                self.shown(&conversation.room_id, "message:new", last);
            }
            data => {
                if let Some(room) = &event.room {
                    self.shown(room, data.name(), None);
                }
            }
        }
    }

    fn observe(&mut self, room: &RoomId, epoch: &str, offset: u64, data: &EventData) {
        let (message, mark) = match data {
            EventData::Message(event) => match event {
                message::Event::New(message::NewEvent { message })
                | message::Event::Edited(message::EditedEvent { message }) => {
                    if matches!(event, message::Event::New(_)) {
                        let mine = message.sender_id.as_str() == self.me;
                        self.know(room, message.id.clone(), mine);
                    }
                    (Some(&message.id), self.body(message))
                }
                message::Event::Deleted(deleted) => (Some(&deleted.message_id), None),
                message::Event::Reaction(reaction) => {
                    let mark = self.book.reaction(&reaction.emoji, reaction.added);
                    (Some(&reaction.message_id), Some(mark))
                }
                _ => (None, None),
            },
            EventData::Room(room::Event::Custom(custom)) => (None, self.mark(custom.payload.get())),
            EventData::Channel(channel::Event::Published(published)) => {
                (None, self.mark(published.payload.get()))
            }
            _ => (None, None),
        };
        let event = Seen {
            name: self.book.name(data.name()),
            message: message.map(|id| self.book.message(id)),
            mark,
        };
        self.rooms.insert(room.clone(), offset);
        let what = What::Observed {
            device: self.device(),
            room: self.room(room),
            epoch: self.book.name(epoch),
            offset,
            event,
            queued: self.queued,
        };
        self.book.note(what);
    }

    fn mark(&self, payload: &str) -> Option<Name> {
        #[derive(Deserialize)]
        struct Marked<'a> {
            mark: &'a str,
        }
        let marked: Marked<'_> = serde_json::from_str(payload).ok()?;
        Some(self.book.name(marked.mark))
    }
}

/// Where a reply says that a room is: a join's, a resume's, or the rooms of a new connection.
fn place_of(frame: &str, room: &RoomId) -> Option<(String, u64)> {
    #[derive(Deserialize)]
    struct Frame<'a> {
        #[serde(borrow)]
        data: &'a RawValue,
    }
    let frame: Frame<'_> = serde_json::from_str(frame).ok()?;
    let data = frame.data.get();
    if let Ok(joined) = serde_json::from_str::<RoomPosition>(data)
        && joined.room_id == *room
    {
        return Some((joined.epoch.to_string(), joined.offset));
    }
    if let Ok(resumed) = serde_json::from_str::<ResumeReply>(data) {
        let found = resumed.rooms.iter().find(|found| found.room_id == *room)?;
        return Some((found.epoch.as_ref()?.to_string(), found.offset?));
    }
    let connected: session::ConnectedEvent = serde_json::from_str(data).ok()?;
    let found = connected
        .rooms
        .iter()
        .find(|found| found.room_id == *room)?;
    Some((found.epoch.to_string(), found.offset))
}
