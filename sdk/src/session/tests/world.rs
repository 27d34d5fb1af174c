//! One session, a network and a model of the server, in simulated time.

use super::model::{Act, Model};
use crate::{
    Event, Refusal, RequestError, TokenError, reader,
    session::{
        Config, Dial, Failure, Hint, Input, Output, Request, RequestNumber, Session, State,
        TokenNeed,
    },
};
use carewire_protocol::{ClientId, Command, ErrorCode, PrivateText};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

const LATENCY: Duration = Duration::from_millis(20);

pub(super) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// What a frame or a socket has yet to do.
#[derive(Debug)]
enum Coming {
    Opened(Dial),
    Failed(Dial),
    ToServer(Dial, String),
    ToClient(Dial, String),
    Closed(Dial, u16),
}

/// What the application saw of a room.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Seen {
    Event {
        epoch: String,
        offset: u64,
        body: String,
    },
    /// The application was told, or chose, to begin anew.
    Anew,
}

pub(super) struct World {
    pub(super) session: Session,
    pub(super) model: Model,
    pub(super) now: Duration,
    coming: VecDeque<(Duration, Coming)>,
    socket: Option<Dial>,
    pub(super) up: bool,
    /// Frames disappear, in both directions.
    pub(super) silent: bool,
    /// Whoever gives tokens answers no question.
    pub(super) no_tokens: bool,
    /// Frames to the server disappear; what it says by itself arrives.
    pub(super) deaf: bool,
    /// Drops that many of the next frames to the client.
    pub(super) lose_frames: u32,
    /// Doubles the next frames to the client.
    pub(super) double_frames: u32,
    pub(super) replies: BTreeMap<RequestNumber, Vec<Result<String, RequestError>>>,
    pub(super) events: Vec<Event>,
    pub(super) states: Vec<State>,
    /// The requests that were said to be on their way.
    pub(super) on_their_way: Vec<RequestNumber>,
    pub(super) seen: BTreeMap<String, Vec<Seen>>,
    pub(super) tokens_asked: Vec<(Duration, TokenNeed)>,
    pub(super) token: Box<dyn FnMut(usize) -> Result<PrivateText, TokenError>>,
    pub(super) dials: Vec<Duration>,
    pub(super) sent: Vec<(Duration, String)>,
    last_number: RequestNumber,
    /// When the server last sent something; it pings after fifteen seconds without.
    last_told: Duration,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        Self::with(seed, |_| {})
    }

    pub(super) fn with(seed: u64, change: impl FnOnce(&mut Config)) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let mut config = Config::new(ClientId::new("device").unwrap(), bytes);
        change(&mut config);
        Self {
            session: Session::new(config),
            model: Model::new(),
            now: Duration::ZERO,
            coming: VecDeque::new(),
            socket: None,
            up: true,
            silent: false,
            no_tokens: false,
            deaf: false,
            lose_frames: 0,
            double_frames: 0,
            replies: BTreeMap::new(),
            events: Vec::new(),
            states: Vec::new(),
            on_their_way: Vec::new(),
            seen: BTreeMap::new(),
            tokens_asked: Vec::new(),
            token: Box::new(|_| Ok("token".into())),
            dials: Vec::new(),
            sent: Vec::new(),
            last_number: 0,
            last_told: Duration::ZERO,
        }
    }

    pub(super) fn connected(seed: u64) -> Self {
        let mut world = Self::new(seed);
        world.input(Input::Connect);
        world.pass(ms(1000));
        assert!(world.is_connected(), "{:?}", world.states);
        world
    }

    pub(super) fn is_connected(&self) -> bool {
        self.states.last() == Some(&State::Connected)
    }

    pub(super) fn is_closed(&self) -> bool {
        matches!(self.states.last(), Some(State::Closed { .. }))
    }

    pub(super) fn input(&mut self, input: Input<'_>) {
        let was_closed = self.is_closed();
        let before = self.outputs();
        let frame = match input {
            Input::Frame { text, .. } => Some(text),
            _ => None,
        };
        self.session.handle(input, self.now);
        self.drain(frame);
        if was_closed {
            assert_eq!(before, self.outputs(), "output after the end");
        }
    }

    fn outputs(&self) -> (usize, usize, usize, usize) {
        (
            self.events.len(),
            self.states.len(),
            self.sent.len(),
            self.dials.len(),
        )
    }

    pub(super) fn hint(&mut self, hint: Hint) {
        self.input(Input::Hint(hint));
    }

    #[allow(
        clippy::needless_pass_by_value,
        reason = "tests write commands where they send them"
    )]
    pub(super) fn request<C: Command>(&mut self, command: C) -> RequestNumber {
        self.last_number += 1;
        let number = self.last_number;
        self.replies.insert(number, Vec::new());
        let request = Request::new(&command, None).unwrap();
        self.input(Input::Command { number, request });
        number
    }

    /// Asks for something that is no command.
    pub(super) fn request_nothing(&mut self) -> RequestNumber {
        self.last_number += 1;
        let number = self.last_number;
        self.replies.insert(number, Vec::new());
        let error = Refusal::new(&ErrorCode::UnknownType, "No such command");
        self.input(Input::Refused { number, error });
        number
    }

    pub(super) fn withdraw(&mut self, number: RequestNumber) {
        self.input(Input::Withdraw(number));
    }

    /// The one reply to a request, once there is one.
    pub(super) fn reply(&self, number: RequestNumber) -> Option<&Result<String, RequestError>> {
        let replies = &self.replies[&number];
        assert!(
            replies.len() <= 1,
            "{number} was answered {} times",
            replies.len()
        );
        replies.first()
    }

    fn drain(&mut self, frame: Option<&str>) {
        while let Some(output) = self.session.poll() {
            match output {
                Output::Open { dial } => {
                    assert!(self.socket.is_none(), "two sockets");
                    self.dials.push(self.now);
                    let coming = if self.up {
                        Coming::Opened(dial)
                    } else {
                        Coming::Failed(dial)
                    };
                    self.coming.push_back((self.now + LATENCY, coming));
                }
                Output::Send(text) => {
                    self.sent.push((self.now, text.clone()));
                    if let Some(dial) = self.socket.filter(|_| !self.silent && !self.deaf) {
                        self.coming
                            .push_back((self.now + LATENCY, Coming::ToServer(dial, text)));
                    }
                }
                Output::CloseSocket { dial, .. } => {
                    if self.socket == Some(dial) {
                        self.drop_socket();
                    }
                    self.coming.retain(
                        |(_, c)| !matches!(c, Coming::Opened(d) | Coming::Failed(d) if *d == dial),
                    );
                }
                Output::NeedToken(need) => {
                    self.tokens_asked.push((self.now, need));
                    if !self.no_tokens {
                        let token = (self.token)(self.tokens_asked.len());
                        self.session.handle(Input::Token(token), self.now);
                    }
                }
                Output::Event(event) => {
                    let read = || reader::event(frame.unwrap_or_default(), reader::all);
                    self.see(event.with(read).unwrap());
                }
                Output::Reply { number, result } => {
                    let result = result.map(String::from).map_err(Failure::read);
                    self.replies.get_mut(&number).unwrap().push(result);
                }
                Output::Sent(number) => self.on_their_way.push(number),
                Output::State(state) => {
                    if matches!(state, State::Closed { .. }) {
                        self.drop_socket();
                    }
                    self.states.push(state);
                }
            }
        }
    }

    fn see(&mut self, event: Event) {
        match &event {
            Event::Resynced(resynced) => {
                self.seen
                    .entry(resynced.room.to_string())
                    .or_default()
                    .push(Seen::Anew);
            }
            Event::Server(server) => {
                if let (Some(room), Some((epoch, offset))) = (&server.room, &server.position) {
                    let body = event
                        .new_message()
                        .map_or(String::new(), |m| m.body.to_string());
                    let seen = self.seen.entry(room.to_string()).or_default();
                    seen.push(Seen::Event {
                        epoch: epoch.to_string(),
                        offset: *offset,
                        body,
                    });
                }
            }
            _ => {}
        }
        self.events.push(event);
    }

    fn drop_socket(&mut self) {
        self.socket = None;
        self.silent = false;
        self.deaf = false;
        self.coming.clear();
        self.model.lost();
    }

    /// The network breaks: what is on its way is lost in both directions.
    pub(super) fn cut(&mut self, code: u16) {
        if let Some(dial) = self.socket {
            self.drop_socket();
            self.coming
                .push_back((self.now, Coming::Closed(dial, code)));
            self.pass(Duration::ZERO);
        }
    }

    pub(super) fn tell(&mut self, text: String) {
        self.last_told = self.now;
        let Some(dial) = self.socket.filter(|_| !self.silent) else {
            return;
        };
        if self.lose_frames > 0 {
            self.lose_frames -= 1;
            return;
        }
        if self.double_frames > 0 {
            self.double_frames -= 1;
            self.coming
                .push_back((self.now + LATENCY, Coming::ToClient(dial, text.clone())));
        }
        self.coming
            .push_back((self.now + LATENCY, Coming::ToClient(dial, text)));
    }

    /// Somebody else says something.
    pub(super) fn other_says(&mut self, room: &str, body: &str) {
        let (_, event) = self.model.store(room, "dr-lee", body, None);
        if let Some(event) = event {
            self.tell(event);
        }
    }

    /// Lets time pass, doing everything when it is due.
    pub(super) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        let mut steps = 0_u32;
        loop {
            steps += 1;
            assert!(steps < 200_000, "it never comes to rest");
            let next_coming = self.coming.front().map(|(at, _)| *at);
            let deadline = self.session.deadline();
            let ping = self
                .model
                .member
                .as_ref()
                .map(|_| self.last_told + ms(15_000));
            let next = [next_coming, deadline, ping].into_iter().flatten().min();
            let Some(next) = next.filter(|at| *at <= end) else {
                break;
            };
            self.now = self.now.max(next);
            if next_coming == Some(next) {
                if let Some((_, coming)) = self.coming.pop_front() {
                    self.happen(coming);
                }
            } else if ping == Some(next) {
                self.tell(r#"{"type":"ping"}"#.to_owned());
            } else {
                self.input(Input::Wake);
                let after = self.session.deadline();
                assert!(
                    after.is_none_or(|at| at > self.now),
                    "the deadline does not move on"
                );
            }
        }
        self.now = end;
    }

    /// The device sleeps: time passes and nothing is done.
    pub(super) fn sleep(&mut self, time: Duration) {
        self.now += time;
        for (at, _) in &mut self.coming {
            *at = self.now.max(*at);
        }
    }

    fn happen(&mut self, coming: Coming) {
        match coming {
            Coming::Opened(dial) => {
                self.socket = Some(dial);
                self.input(Input::Opened { dial });
            }
            Coming::Failed(dial) => self.closed(dial, 1006),
            Coming::ToClient(dial, text) => self.input(Input::Frame { dial, text: &text }),
            Coming::ToServer(dial, text) => {
                if self.socket != Some(dial) {
                    return;
                }
                for act in self.model.handle(&text) {
                    match act {
                        Act::Send(text) => self.tell(text),
                        Act::Close(code) => {
                            self.coming
                                .push_back((self.now + LATENCY, Coming::Closed(dial, code)));
                        }
                    }
                }
            }
            Coming::Closed(dial, code) => {
                if self.socket == Some(dial) {
                    self.drop_socket();
                }
                self.closed(dial, code);
            }
        }
    }

    fn closed(&mut self, dial: Dial, code: u16) {
        self.input(Input::Closed {
            dial,
            code,
            reason: "",
            retry_after: None,
        });
    }

    /// I3: what the application saw of each room is its log, contiguous, or it was told.
    pub(super) fn check_seen(&self) {
        for (room, seen) in &self.seen {
            let mut last: Option<(&str, u64)> = None;
            for one in seen {
                match one {
                    Seen::Anew => last = None,
                    Seen::Event { epoch, offset, .. } => {
                        if let Some((before, at)) = last {
                            assert_eq!(
                                (before, at + 1),
                                (epoch.as_str(), *offset),
                                "{room}: {seen:?}"
                            );
                        }
                        last = Some((epoch, *offset));
                    }
                }
            }
        }
    }
}
