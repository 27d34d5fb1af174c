//! What people and backends do.

use crate::{
    device::{Asked, Device, Effect},
    event::{DeviceId, NodeId},
    people::{PATIENT, RECORD, TEAM, VISIT},
};
use carewire::session::{Hint, Input};
use carewire_check::LeaseStep;
use carewire_protocol::{
    PrivateJson, RoomId,
    backend::Target,
    call::{self, CallType, Initiate},
    channel, limits,
    message::{Delete, Edit, React, Read, Send, Unreact},
    presence::{PresenceStatus, SetStatus},
    record::{Lock, Renew, Unlock},
    room::Publish,
};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

/// Something that somebody does. What it is done to is chosen when it is done, from `pick`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deed {
    pub(crate) act: Act,
    pub(crate) device: DeviceId,
    pub(crate) node: NodeId,
    pub(crate) pick: u64,
}

/// What is done.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    Say,
    Edit,
    Delete,
    React,
    Publish,
    Read,
    History,
    Join,
    Leave,
    Type,
    StopTyping,
    /// The tab freezes while somebody types.
    TypeAndFreeze,
    /// Many events at once that are about this moment.
    Flood,
    Hint,
    Status,
    /// With a key of the application's own, twice; or the same key for something else.
    SameKey,
    OtherCommand,
    /// A part of a chart is locked, kept locked and unlocked, not always with the newest token.
    Lock,
    Renew,
    Unlock,
    /// Somebody is called; whoever heard of a call takes part, declines, leaves or ends it.
    Ring,
    Answer,
    HangUp,
    /// A backend begins or ends a care, or says who is in the thread or the visit.
    Care,
    Team,
    Visit,
    /// A backend tells of an appointment.
    Appoint,
}

const ACTS: [(Act, u32); 27] = [
    (Act::Say, 34),
    (Act::Edit, 5),
    (Act::Delete, 4),
    (Act::React, 5),
    (Act::Publish, 6),
    (Act::Read, 6),
    (Act::History, 4),
    (Act::Join, 4),
    (Act::Leave, 2),
    (Act::Type, 6),
    (Act::StopTyping, 1),
    (Act::TypeAndFreeze, 2),
    (Act::Flood, 1),
    (Act::Hint, 2),
    (Act::Status, 2),
    (Act::SameKey, 3),
    (Act::OtherCommand, 2),
    (Act::Lock, 5),
    (Act::Renew, 9),
    (Act::Unlock, 2),
    (Act::Ring, 4),
    (Act::Answer, 6),
    (Act::HangUp, 2),
    (Act::Care, 3),
    (Act::Team, 3),
    (Act::Visit, 1),
    (Act::Appoint, 3),
];

/// How many messages are sent just before the faults end, where there are several nodes.
const LAST_WORDS: usize = 10;
/// How many events a flood has: more than may wait for a connection.
const FLOOD: usize = 120;

/// Draws what is done in a seed.
pub(crate) fn draw(
    random: &mut ChaCha8Rng,
    devices: usize,
    nodes: usize,
    end: Duration,
    floods: bool,
) -> Vec<(Duration, Deed)> {
    let count = random.random_range(24..=72);
    let total: u32 = ACTS.iter().map(|(_, weight)| weight).sum();
    // Some come in a rush, most do not.
    let rush = random.random_bool(0.3);
    let begin = Duration::from_secs(1);
    let mut deeds: Vec<_> = (0..count)
        .map(|_| {
            let mut place = random.random_range(0..total);
            let act = ACTS.iter().find(|(_, weight)| {
                let here = place < *weight;
                place = place.saturating_sub(*weight);
                here
            });
            let act = match act {
                Some((Act::Flood, _)) if !floods => Act::Say,
                Some((act, _)) => *act,
                None => Act::Say,
            };
            let span = if rush && random.random_bool(0.6) {
                Duration::from_millis(300)
            } else {
                end - begin
            };
            let at = begin + span.mul_f64(random.random_range(0.0..1.0));
            let deed = Deed {
                act,
                device: random.random_range(0..devices),
                node: random.random_range(0..nodes),
                pick: random.random(),
            };
            (at, deed)
        })
        .collect();
    if nodes > 1 {
        // The last thing said in a room: nothing follows it that would show its loss.
        deeds.extend((0..LAST_WORDS).map(|_| {
            let early = Duration::from_millis(random.random_range(400..900));
            let deed = Deed {
                act: Act::Say,
                device: random.random_range(0..devices),
                node: 0,
                pick: random.random(),
            };
            (end.saturating_sub(early), deed)
        }));
    }
    deeds.sort_by_key(|(at, _)| *at);
    deeds
}

impl Device {
    /// Does something, as operation `op` where it is one.
    pub(crate) fn act(&mut self, op: u64, deed: &Deed) {
        let pick = deed.pick;
        let rooms = self.person.rooms;
        if rooms.is_empty() || !self.is_running() || self.frozen {
            return;
        }
        let room: RoomId = rooms[pick as usize % rooms.len()].parse().unwrap();
        match deed.act {
            Act::Say => self.say(op, &room, None),
            // Two devices of a user may choose the same word: then it is one operation.
            Act::SameKey => self.say(op, &room, Some(&format!("key-{}", pick % 3))),
            Act::OtherCommand => self.publish(op, &room, Some(&format!("key-{}", pick % 3))),
            Act::Publish => self.publish(op, &room, None),
            Act::Edit => self.edit(op, pick),
            Act::Delete => self.delete(op, pick),
            Act::React => self.react(op, pick),
            Act::Read => {
                if let Some((room_id, message_id)) = self.some_message(pick, false) {
                    let read = Read {
                        room_id,
                        message_id,
                    };
                    self.ask(read);
                }
            }
            Act::History => self.history(&room),
            Act::Join => {
                if !self.eyes.rooms.contains_key(&room) {
                    self.join(&room);
                }
            }
            Act::Leave => {
                if self.eyes.rooms.contains_key(&room) {
                    self.leave(&room);
                }
            }
            Act::Type | Act::TypeAndFreeze => self.input(Input::Typing(room)),
            Act::Flood => self.flood(&room),
            Act::StopTyping => self.input(Input::TypingStopped(room)),
            Act::Hint => self.input(Input::Hint(match pick % 4 {
                0 => Hint::Background,
                1 => Hint::Foreground,
                2 => Hint::Network(true),
                _ => Hint::ReconnectNow,
            })),
            Act::Status => {
                let status = if pick.is_multiple_of(2) {
                    PresenceStatus::Busy
                } else {
                    PresenceStatus::Online
                };
                self.ask(SetStatus {
                    status,
                    custom_status: None,
                });
            }
            Act::Lock => self.lock(),
            Act::Renew => match self.some_token(pick) {
                Some(token) => self.renew(token),
                None => self.lock(),
            },
            Act::Unlock => {
                if let Some(token) = self.some_token(pick) {
                    self.unlock(token);
                }
            }
            Act::Ring => self.ring(pick),
            Act::Answer => self.answer(pick),
            Act::HangUp => {
                if let Some(call_id) = self.eyes.call.clone() {
                    self.ask(call::End { call_id });
                }
            }
            Act::Care | Act::Team | Act::Visit | Act::Appoint => {}
        }
    }

    fn ring(&mut self, pick: u64) {
        let others = ["lee", "ana", "sam"];
        let initiate = Initiate {
            recipient_ids: vec![others[pick as usize % others.len()].parse().unwrap()],
            visit_id: None,
            call_type: CallType::Audio,
        };
        self.request(initiate, None, Asked::Ring);
    }

    fn answer(&mut self, pick: u64) {
        let Some(call_id) = self.eyes.call.clone() else {
            return;
        };
        match pick % 4 {
            0 => self.ask(call::Reject {
                call_id,
                reason: None,
            }),
            1 => self.ask(call::Join::call(call_id)),
            _ => self.ask(call::Accept { call_id }),
        }
    }

    fn lock(&mut self) {
        let lock = Lock {
            record_id: RECORD.parse().unwrap(),
            patient_id: PATIENT.parse().unwrap(),
            ttl_ms: Some(limits::MIN_LEASE_TTL.into()),
        };
        self.request(lock, None, Asked::Lock);
    }

    fn renew(&mut self, token: u64) {
        let renew = Renew {
            record_id: RECORD.parse().unwrap(),
            patient_id: PATIENT.parse().unwrap(),
            fencing_token: token,
        };
        let asked = Asked::Renew(token, self.time());
        self.request(renew, None, asked);
    }

    fn unlock(&mut self, token: u64) {
        let unlock = Unlock {
            record_id: RECORD.parse().unwrap(),
            patient_id: PATIENT.parse().unwrap(),
            fencing_token: token,
        };
        self.note_lease(token, LeaseStep::Releasing);
        self.request(unlock, None, Asked::Unlock(token));
    }

    /// A fencing token that this device was given: the newest, or as often an older one.
    fn some_token(&self, pick: u64) -> Option<u64> {
        let back = usize::from(pick.is_multiple_of(2)) % self.tokens.len().max(1);
        self.tokens.iter().rev().nth(back).copied()
    }

    fn say(&mut self, op: u64, room: &RoomId, key: Option<&str>) {
        if !room.kind().has_messages() {
            return;
        }
        let mark = format!("m{op}");
        let effect = Effect {
            event: "message:new",
            subject: None,
            mark: Some(mark.clone()),
        };
        self.operate(op, room, Send::text(room.clone(), mark), key, effect);
    }

    fn publish(&mut self, op: u64, room: &RoomId, key: Option<&str>) {
        let mark = format!("p{op}");
        let payload = PrivateJson::parse(format!(r#"{{"mark":"{mark}"}}"#)).unwrap();
        let event = "note".to_owned();
        if room.kind().has_messages() {
            let publish = Publish {
                room_id: room.clone(),
                event,
                payload,
                retain: Some(true),
            };
            let effect = Effect {
                event: "room:event",
                subject: None,
                mark: Some(mark),
            };
            self.operate(op, room, publish, key, effect);
        } else {
            let publish = channel::Publish {
                channel: room.clone(),
                event,
                payload,
            };
            let effect = Effect {
                event: "channel:event",
                subject: None,
                mark: Some(mark),
            };
            self.operate(op, room, publish, key, effect);
        }
    }

    fn flood(&mut self, room: &RoomId) {
        for _ in 0..FLOOD {
            self.ask(Publish {
                room_id: room.clone(),
                event: "pulse".to_owned(),
                payload: PrivateJson::parse("{}").unwrap(),
                retain: None,
            });
        }
    }

    fn edit(&mut self, op: u64, pick: u64) {
        let Some((room, message_id)) = self.some_message(pick, true) else {
            return;
        };
        let mark = format!("e{op}");
        let effect = Effect {
            event: "message:edited",
            subject: Some(message_id.clone()),
            mark: Some(mark.clone()),
        };
        let body = mark.into();
        self.operate(op, &room, Edit { message_id, body }, None, effect);
    }

    fn delete(&mut self, op: u64, pick: u64) {
        let Some((room, message_id)) = self.some_message(pick, true) else {
            return;
        };
        let effect = Effect {
            event: "message:deleted",
            subject: Some(message_id.clone()),
            mark: None,
        };
        self.operate(op, &room, Delete { message_id }, None, effect);
    }

    fn react(&mut self, op: u64, pick: u64) {
        let Some((room, message_id)) = self.some_message(pick, false) else {
            return;
        };
        let emoji = format!("r{op}");
        let effect = Effect {
            event: "message:reaction",
            subject: Some(message_id.clone()),
            mark: Some(emoji.clone()),
        };
        if pick.is_multiple_of(7) {
            // Nothing to take back: it changes nothing.
            self.ask(Unreact { message_id, emoji });
        } else {
            let react = React { message_id, emoji };
            self.operate(op, &room, react, None, effect);
        }
    }
}

/// What a backend wants.
#[derive(Debug, Clone)]
pub(crate) enum Call {
    /// Lee cares for Ana, or no longer does.
    Care(bool),
    /// These are in the thread, and nobody else.
    Team(Vec<&'static str>),
    /// These take part in the visit, and nobody else.
    Visit(Vec<&'static str>),
    /// An appointment of Ana has changed; the backend names this target.
    Appoint(Target),
}

impl Call {
    pub(crate) fn of(deed: &Deed) -> Option<Self> {
        let some = |among: &[&'static str]| -> Vec<&'static str> {
            let chosen = among.iter().enumerate();
            chosen
                .filter(|(place, _)| deed.pick >> place & 1 == 1)
                .map(|(_, user)| *user)
                .collect()
        };
        match deed.act {
            Act::Care => Some(Self::Care(deed.pick.is_multiple_of(2))),
            Act::Team => Some(Self::Team(some(&["lee", "ana", "sam", "bob"]))),
            Act::Visit => Some(Self::Visit(some(&["lee", "ana", "bob"]))),
            Act::Appoint => Some(Self::Appoint(match deed.pick % 4 {
                0 => Target::Tenant("clinic".parse().unwrap()),
                1 => Target::Staff("clinic".parse().unwrap()),
                2 => Target::User("bob".parse().unwrap()),
                _ => Target::User("ana".parse().unwrap()),
            })),
            _ => None,
        }
    }

    /// The rooms whose members it changes.
    pub(crate) fn circle(&self) -> Option<(&'static str, &[&'static str])> {
        match self {
            Self::Care(_) | Self::Appoint(_) => None,
            Self::Team(members) => Some((TEAM, members)),
            Self::Visit(members) => Some((VISIT, members)),
        }
    }
}
