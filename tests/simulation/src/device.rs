//! A device: the real client session, and an application that notes what it is given.

use crate::{
    book::Book,
    clock::Clock,
    env::{since_beginning, wall},
    event::{DeviceId, Event},
    node::SECRET,
    people::{Person, RECORD},
    pipe::{LinkId, Packet, Pipe},
    seeing::Eyes,
};
use carewire::{
    CloseReason, RequestError, State, reader,
    session::{Config, Failure, Input, Output, Request, Session},
};
use carewire_check::{LeaseStep, Name, Operation, What};
use carewire_protocol::{
    ClientId, Command, Key, MessageId, PrivateText, RoomId, UserId, call, message, presence, record,
};
use carewire_server::auth::sign_dev_token;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

/// What all devices of a world share.
pub(crate) struct Ground {
    pub(crate) clock: Arc<Clock>,
    pub(crate) book: Arc<Book>,
    pub(crate) seed: u64,
    /// How long a token lives.
    pub(crate) token_life: Duration,
    /// How many commands a session may keep.
    pub(crate) queue: usize,
}

/// What an application asked for.
pub(crate) enum Asked {
    /// Something that creates or changes.
    Operation(u64),
    Join(RoomId),
    Leave,
    History(RoomId),
    Follow,
    Lock,
    /// With a token, at this time.
    Renew(u64, Duration),
    Unlock(u64),
    Ring,
    Else,
}

/// What comes to a device that does nothing at the moment.
pub(crate) enum Late {
    Packet(Packet),
    Closed(u16),
}

/// A device.
pub(crate) struct Device {
    pub(crate) id: DeviceId,
    pub(crate) person: &'static Person,
    ground: Arc<Ground>,
    pub(crate) life: u32,
    pub(crate) eyes: Eyes,
    session: Option<Session>,
    started: Duration,
    client: u32,
    random: ChaCha8Rng,
    pub(crate) dialing: Option<u64>,
    pub(crate) link: Option<(LinkId, u64, Arc<Pipe>)>,
    wake_at: Option<Duration>,
    last_request: u64,
    asked: BTreeMap<u64, Asked>,
    pub(crate) frozen: bool,
    pub(crate) stalled: bool,
    pub(crate) late: VecDeque<Late>,
    pub(crate) closed: Option<CloseReason>,
    online: bool,
    repairs: u64,
    /// The fencing tokens that this life of the application was given, the newest last.
    pub(crate) tokens: Vec<u64>,
    pub(crate) most_queued: usize,
}

impl Device {
    pub(crate) fn new(id: DeviceId, person: &'static Person, ground: Arc<Ground>) -> Self {
        let random = ChaCha8Rng::seed_from_u64(ground.seed.wrapping_mul(31) + id as u64);
        let eyes = Eyes::new(Arc::clone(&ground.book), person, "");
        Self {
            id,
            person,
            ground,
            life: 0,
            eyes,
            session: None,
            started: Duration::ZERO,
            client: 0,
            random,
            dialing: None,
            link: None,
            wake_at: None,
            last_request: 0,
            asked: BTreeMap::new(),
            frozen: false,
            stalled: false,
            late: VecDeque::new(),
            closed: None,
            online: false,
            repairs: 0,
            tokens: Vec::new(),
            most_queued: 0,
        }
    }

    pub(crate) fn name(&self) -> &Name {
        &self.eyes.device
    }

    /// The application starts, with the client id of its last life or with a new one.
    pub(crate) fn start(&mut self, same: bool) {
        self.life += 1;
        if !same {
            self.client += 1;
        }
        let device = format!("{}#{}", self.person.device, self.life);
        self.eyes = Eyes::new(Arc::clone(&self.ground.book), self.person, &device);
        self.eyes.begin();
        let client = format!("{}-{}", self.person.device, self.client);
        let mut config = Config::new(ClientId::new(client).unwrap(), self.random.random());
        config.queue.commands = self.ground.queue;
        self.started = self.ground.clock.now();
        self.session = Some(Session::new(config));
        self.wake_at = None;
        self.frozen = false;
        self.stalled = false;
        self.late.clear();
        self.closed = None;
        self.online = false;
        self.repairs = 0;
        self.tokens.clear();
        self.input(Input::Connect);
        for room in self.person.rooms {
            self.join(&room.parse().unwrap());
        }
        self.follow();
    }

    /// The application is killed.
    pub(crate) fn kill(&mut self) {
        if self.session.take().is_none() {
            return;
        }
        for (_, asked) in std::mem::take(&mut self.asked) {
            if let Asked::Operation(op) = asked {
                self.ground.book.note(What::Unknown { op });
            }
        }
        if let Some((_, _, pipe)) = self.link.take() {
            pipe.close_up();
        }
        self.dialing = None;
        self.online = false;
        self.eyes.end();
    }

    /// The application closes.
    pub(crate) fn close(&mut self) {
        self.frozen = false;
        self.input(Input::Close);
    }

    pub(crate) fn is_running(&self) -> bool {
        self.session.is_some() && self.closed.is_none()
    }

    pub(crate) fn is_online(&self) -> bool {
        self.online
    }

    /// Whether nothing is left to do.
    pub(crate) fn is_quiet(&self) -> bool {
        self.online
            && self
                .session
                .as_ref()
                .is_some_and(|session| session.unanswered() == 0)
    }

    fn now(&self) -> Duration {
        self.ground.clock.now() - self.started
    }

    /// Something happens to the session.
    pub(crate) fn input(&mut self, input: Input<'_>) {
        let now = self.now();
        let Some(session) = &mut self.session else {
            return;
        };
        session.handle(input, now);
        while let Some(output) = self.session.as_mut().and_then(Session::poll) {
            self.output(output);
        }
        let Some(session) = &self.session else { return };
        self.most_queued = self.most_queued.max(session.queued());
        let repairs = session.repairs();
        if repairs > self.repairs {
            self.repairs = repairs;
            self.eyes.repaired();
        }
        if let Some(deadline) = session.deadline() {
            let at = self.started + deadline;
            if self.wake_at.is_none_or(|set| at < set) {
                self.wake_at = Some(at);
                self.ground.clock.at(at, Event::Wake(self.id));
            }
        }
    }

    /// A deadline may have come.
    pub(crate) fn wake(&mut self) {
        if self.wake_at.is_none_or(|at| at > self.ground.clock.now()) {
            return;
        }
        self.wake_at = None;
        if !self.frozen {
            self.input(Input::Wake);
        }
    }

    /// A device that did nothing for a while goes on.
    pub(crate) fn thaw(&mut self) {
        if !self.frozen && !self.stalled {
            return;
        }
        self.frozen = false;
        self.stalled = false;
        while let Some(late) = self.late.pop_front() {
            match late {
                Late::Packet(packet) => self.read(&packet),
                Late::Closed(code) => self.hear_close(code),
            }
        }
        self.input(Input::Wake);
        self.eyes.disturbed();
    }

    /// A frame arrives.
    pub(crate) fn read(&mut self, packet: &Packet) {
        let Some((_, dial, pipe)) = &self.link else {
            return;
        };
        let dial = *dial;
        pipe.was_read();
        let text = &*packet.text;
        self.ground.book.given(&self.eyes.device, text);
        self.eyes.queued = packet.queued;
        self.eyes.frame.clear();
        self.eyes.frame.push_str(text);
        self.input(Input::Frame { dial, text });
    }

    /// The connection is closed by the server or the network.
    pub(crate) fn hear_close(&mut self, code: u16) {
        if let Some((_, dial, _)) = self.link.take() {
            self.eyes.disturbed();
            self.input(Input::Closed {
                dial,
                code,
                reason: "",
                retry_after: None,
            });
        }
    }

    fn output(&mut self, output: Output) {
        let clock = &self.ground.clock;
        match output {
            Output::Open { dial } => {
                self.dialing = Some(dial);
                let delay = Duration::from_millis(self.random.random_range(1..=30));
                let device = self.id;
                clock.at(clock.now() + delay, Event::Opened { device, dial });
            }
            Output::Send(text) => {
                if let Some((_, _, pipe)) = &self.link {
                    self.ground.book.sent(&self.eyes.device, &text);
                    pipe.send_up(text);
                }
            }
            Output::CloseSocket { dial, .. } => {
                if self.dialing == Some(dial) {
                    self.dialing = None;
                }
                if self.link.as_ref().is_some_and(|(_, open, _)| *open == dial)
                    && let Some((_, _, pipe)) = self.link.take()
                {
                    pipe.close_up();
                    self.late.clear();
                }
            }
            Output::NeedToken(_) => {
                let delay = Duration::from_millis(self.random.random_range(1..=50));
                let (device, life) = (self.id, self.life);
                clock.at(clock.now() + delay, Event::Token { device, life });
            }
            Output::Event(event) => {
                let read = || reader::event(&self.eyes.frame, reader::all);
                if let Some(event) = event.with(read) {
                    self.eyes.see(&event);
                }
            }
            Output::Reply { number, result } => self.answered(number, result),
            Output::Sent(_) => {}
            Output::State(state) => {
                self.online = state.is_connected();
                let name = &self.eyes.device;
                self.ground.book.remark(|| format!("{name} is {state:?}"));
                if !self.online {
                    self.eyes.disturbed();
                }
                if let State::Closed { reason } = state {
                    self.closed = Some(reason);
                    self.eyes.end();
                }
            }
        }
    }

    /// A token that the device's person gets now.
    pub(crate) fn token(&self) -> PrivateText {
        let expires = wall(self.ground.clock.now()).plus(self.ground.token_life);
        let Person {
            tenant, user, role, ..
        } = self.person;
        let token = sign_dev_token(
            SECRET,
            &tenant.parse().unwrap(),
            &user.parse().unwrap(),
            &(*role).into(),
            None,
            expires,
        );
        token.unwrap().into()
    }

    #[allow(
        clippy::needless_pass_by_value,
        reason = "actors write commands where they send them"
    )]
    pub(crate) fn request<C: Command>(&mut self, command: C, key: Option<Key>, asked: Asked) {
        if !self.is_running() {
            return;
        }
        let request = Request::new(&command, key).unwrap();
        self.last_request += 1;
        let number = self.last_request;
        self.asked.insert(number, asked);
        self.input(Input::Command { number, request });
    }

    pub(crate) fn join(&mut self, room: &RoomId) {
        let asked = Asked::Join(room.clone());
        self.request(
            carewire_protocol::room::Join::fresh(room.clone()),
            None,
            asked,
        );
    }

    pub(crate) fn leave(&mut self, room: &RoomId) {
        self.eyes.left(room);
        // What was asked earlier is answered earlier, and void by then.
        for asked in self.asked.values_mut() {
            if matches!(asked, Asked::Join(joined) if joined == room) {
                *asked = Asked::Else;
            }
        }
        let room_id = room.clone();
        self.request(
            carewire_protocol::room::Leave { room_id },
            None,
            Asked::Leave,
        );
    }

    fn follow(&mut self) {
        let users = self.person.follows.iter();
        let user_ids: Vec<UserId> = users.map(|user| user.parse().unwrap()).collect();
        if !user_ids.is_empty() {
            self.request(presence::Subscribe { user_ids }, None, Asked::Follow);
        }
    }

    /// The name by which the server knows this device.
    fn client(&self) -> Name {
        let Person {
            tenant,
            user,
            device,
            ..
        } = self.person;
        let client = self.client;
        self.ground
            .book
            .name(&format!("{tenant}/{user}/{device}-{client}"))
    }

    pub(crate) fn note_lease(&self, token: u64, step: LeaseStep) {
        let book = &self.ground.book;
        book.note(What::Lease {
            client: self.client(),
            record: book.name(&format!("{}/{RECORD}", self.person.tenant)),
            token,
            step,
        });
    }

    /// A lease was granted, or renewed.
    fn locked(&mut self, renewed: Option<(u64, Duration)>, reply: &str) {
        let reply: record::LockReply = serde_json::from_str(reply).unwrap();
        let until = since_beginning(reply.expires_at);
        match renewed {
            Some((token, asked)) => self.note_lease(token, LeaseStep::Renewed { asked, until }),
            None => {
                self.tokens.push(reply.fencing_token);
                self.note_lease(reply.fencing_token, LeaseStep::Granted { until });
            }
        }
    }

    pub(crate) fn time(&self) -> Duration {
        self.ground.clock.now()
    }

    pub(crate) fn history(&mut self, room: &RoomId) {
        let asked = Asked::History(room.clone());
        self.request(message::History::newest(room.clone()), None, asked);
    }

    pub(crate) fn ask<C: Command>(&mut self, command: C) {
        self.request(command, None, Asked::Else);
    }

    /// The application does something that is to happen once.
    pub(crate) fn operate<C: Command>(
        &mut self,
        op: u64,
        room: &RoomId,
        command: C,
        key: Option<&str>,
        effect: Effect,
    ) {
        if !self.is_running() {
            return;
        }
        let book = &self.ground.book;
        let operation = Operation {
            op,
            device: Arc::clone(&self.eyes.device),
            user: Arc::clone(&self.eyes.user),
            key: key.map(|key| book.name(key)),
            room: self.eyes.room(room),
            event: book.name(effect.event),
            subject: effect.subject.map(|id| book.message(&id)),
            mark: effect.mark.map(|mark| book.name(&mark)),
        };
        book.note(What::Invoked(operation));
        let key = key.map(|key| Key::new(key).unwrap());
        self.request(command, key, Asked::Operation(op));
    }

    fn answered(&mut self, number: u64, result: Result<Box<str>, Failure>) {
        let Some(asked) = self.asked.remove(&number) else {
            return;
        };
        match (asked, result) {
            (Asked::Operation(op), Ok(reply)) => self.eyes.acknowledged(op, &reply),
            (Asked::Operation(op), Err(error)) => {
                let book = &self.ground.book;
                book.note(match error {
                    RequestError::Unknown | RequestError::Closed(_) => What::Unknown { op },
                    _ => What::Refused { op },
                });
            }
            (Asked::Join(room), Ok(reply)) => self.eyes.joined(&room, &reply),
            (Asked::History(room), Ok(reply)) => self.eyes.history(&room, &reply),
            (Asked::Ring, Ok(reply)) => {
                let reply: call::InitiateReply = serde_json::from_str(&reply).unwrap();
                self.eyes.call = Some(reply.call_id);
            }
            (Asked::Lock, Ok(reply)) => self.locked(None, &reply),
            (Asked::Renew(token, asked), Ok(reply)) => self.locked(Some((token, asked)), &reply),
            (Asked::Unlock(token), Ok(_)) => self.note_lease(token, LeaseStep::Released),
            (Asked::Follow, Ok(reply)) => self.eyes.presences(&reply),
            (Asked::Follow, Err(RequestError::Refused(_))) => self.follow(),
            _ => {}
        }
    }

    /// A message that the device has seen, by chance.
    pub(crate) fn some_message(&self, pick: u64, own: bool) -> Option<(RoomId, MessageId)> {
        let known: Vec<_> = self
            .eyes
            .messages
            .iter()
            .filter(|(_, _, mine)| *mine || !own)
            .collect();
        let (room, id, _) = known.get(pick as usize % known.len().max(1))?;
        Some((room.clone(), id.clone()))
    }
}

/// What an operation leads to in the log.
pub(crate) struct Effect {
    pub(crate) event: &'static str,
    pub(crate) subject: Option<MessageId>,
    pub(crate) mark: Option<String>,
}
