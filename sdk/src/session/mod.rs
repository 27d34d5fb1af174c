//! The session: everything a client decides, without doing any of it.
//!
//! A [`Session`] opens no socket, reads no clock and draws no randomness of its own. A driver tells
//! it what happened with [`Session::handle`], does what [`Session::poll`] says until it says
//! nothing more, and sleeps until [`Session::deadline`]. Time is the duration since the driver's
//! start. So the same session runs on tokio, in a browser, and by the million in simulated time.
//!
//! ```text
//!            Connect                    Token(Ok)              Opened
//!   Idle ──────────────▶ Fetching ─────────────────▶ Dialing ──────────▶ Authenticating
//!                         ▲    │ Token(Err)             │                  │        │ `connected`
//!          backoff is over│    ▼                        │ Closed, too slow │        ▼
//!                        Waiting ◀──────────────────────┴──────────────────┴───── Online
//!                                            Closed, silent, shutdown
//!
//!   any ──▶ Closed:  a final close code · 4401 twice in a row · signed out · Close
//! ```
//!
//! What happens when the session becomes *online*, in this order on the wire:
//!
//! 1. `session:resume` with every known room at the position last delivered, and every presence
//!    that is followed. Retained events of these rooms are ignored until the reply; what was missed
//!    comes again after it.
//! 2. What else is held: charts that are looked at, live rows, leases, calls.
//! 3. Commands that were sent and not answered, with the keys they had, and commands given while
//!    there was no connection, all in the order in which they were given.
//!
//! The connection counts as *healthy*, and its next loss as the first, once every room has been
//! delivered up to the offset that the server named.
//!
//! **Rooms.** A retained event is delivered when its offset is the next one. One already delivered
//! is dropped; one too far ahead means a loss, and the room is joined again from its position. A
//! position moves only with what is delivered, or to the reply's offset where nothing is replayed,
//! and then the application is told to replace its state ([`Event::Resynced`]).
//!
//! **What else is held.** Charts that are looked at and rows of templates with their interval and
//! filter are said again on every connection; leases are renewed every third of their time; a call
//! whose place was lost is joined again.
//!
//! **Events of the server** leave as [`Event::Server`] without their content: they are the last
//! frame that was handled, which the driver still has, and reads or hands on as text before it
//! handles another.
//!
//! **Silence.** Nothing heard for the heartbeat interval and ten seconds means a dead connection.
//! But a wake-up that comes far too late says that this device slept, not that the server is gone:
//! then, as after [`Hint::Foreground`] and [`Hint::Network`], the session sends one ping and gives
//! the server three seconds to be heard.

mod activity;
mod backoff;
mod calls;
mod commands;
mod connection;
mod effect;
mod frame;
mod frames;
mod io;
mod leases;
mod notice;
mod outbox;
pub mod planted;
mod request;
mod rooms;
mod silence;
mod standing;
mod table;
mod timers;

pub use backoff::Backoff;
pub use io::{Config, Dial, Failure, Hint, Input, Output, Queue, RequestNumber, State, TokenNeed};
pub use request::Request;

use crate::{CloseReason, Event, Refusal, RequestError};
use activity::Receipt;
use backoff::{Attempts, Rng};
use calls::Calls;
use carewire_protocol::{CallId, Millis, PrivateText, RoomId, UserId, error::close, limits};
use effect::Effect;
use leases::{Leases, Part};
use notice::Connected;
use outbox::{Outbox, Owner, Pending, Seq};
use rooms::Rooms;
use standing::Standing;
use std::{collections::VecDeque, sync::Arc, time::Duration};
use table::{Set, Table};
use timers::Timers;

#[derive(Debug, Clone, PartialEq)]
enum Phase {
    Idle,
    Waiting,
    Fetching,
    Dialing,
    Authenticating,
    Online,
    Closed(CloseReason),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Timer {
    /// The next attempt, or the end of the present one.
    Dial,
    Heartbeat,
    Unanswered,
    Refresh,
    Resume,
    Rejoin(RoomId),
    Lane(Arc<str>),
    Expire(Seq),
    Typing(RoomId),
    Receipt(RoomId),
    /// What stands in a room is to be said again.
    Restore(RoomId),
    Lease(Part),
    Call(CallId),
}

/// One client's side of the protocol, as a state machine. See the [module](self).
pub struct Session {
    config: Config,
    rng: Rng,
    now: Duration,
    phase: Phase,
    dial: Dial,
    attempts: Attempts,
    timers: Timers<Timer>,
    outputs: VecDeque<Output>,
    outbox: Outbox,
    rooms: Rooms,
    follows: Set<UserId>,
    typing: Table<RoomId, Duration>,
    receipts: Table<RoomId, Receipt>,
    standing: Standing,
    leases: Leases,
    calls: Calls,
    me: Option<Arc<Connected>>,
    max_payload: usize,

    token: Option<(PrivateText, Duration)>,
    token_asked: bool,
    token_refused: bool,

    last_heard: Duration,
    probing: bool,
    /// How often it is probed again because the platform says that there is no network.
    doubts: u8,
    /// No attempt is made before the application is seen again.
    suspended: bool,
    /// When the server last answered something of ours.
    answered: Duration,
    /// When it was asked whether it hears.
    asked: Option<Duration>,
    online_since: Duration,
    lost_at: Option<Duration>,
    healthy: bool,
    resuming: usize,
    retry_after: Option<Duration>,
    slow_cuts: Vec<Duration>,
    start_over: bool,
    repairs: u64,
}

impl Session {
    /// A session that waits for [`Input::Connect`].
    pub fn new(config: Config) -> Self {
        Self {
            rng: backoff::generator(config.seed),
            attempts: Attempts::new(config.backoff),
            config,
            now: Duration::ZERO,
            phase: Phase::Idle,
            dial: 0,
            timers: Timers::new(),
            outputs: VecDeque::new(),
            outbox: Outbox::default(),
            rooms: Rooms::default(),
            follows: Set::default(),
            typing: Table::default(),
            receipts: Table::default(),
            standing: Standing::default(),
            leases: Leases::default(),
            calls: Calls::default(),
            me: None,
            max_payload: limits::MAX_PAYLOAD_BYTES,
            token: None,
            token_asked: false,
            token_refused: false,
            last_heard: Duration::ZERO,
            probing: false,
            doubts: 0,
            suspended: false,
            answered: Duration::ZERO,
            asked: None,
            online_since: Duration::ZERO,
            lost_at: None,
            healthy: false,
            resuming: 0,
            retry_after: None,
            slow_cuts: Vec::new(),
            start_over: false,
            repairs: 0,
        }
    }

    /// Takes what happened. `now` is the time since the driver's start; it never goes back.
    pub fn handle(&mut self, input: Input<'_>, now: Duration) {
        self.now = self.now.max(now);
        if let Phase::Closed(reason) = &self.phase {
            if let Input::Command { number, .. } | Input::Refused { number, .. } = input {
                let result = Err(RequestError::Closed(reason.clone()));
                self.outputs.push_back(Output::Reply { number, result });
            }
            return;
        }
        match input {
            Input::Connect => {
                if self.phase == Phase::Idle {
                    self.outputs.push_back(Output::State(State::Connecting));
                    self.attempt();
                }
            }
            Input::Opened { dial } => {
                if dial == self.dial && self.phase == Phase::Dialing {
                    self.authenticate();
                }
            }
            Input::Frame { dial, text } => {
                if dial == self.dial && self.has_socket() {
                    self.last_heard = self.now;
                    self.probing = false;
                    self.on_frame(text);
                }
            }
            Input::Closed {
                dial,
                code,
                reason,
                retry_after,
            } => {
                if dial == self.dial && (self.has_socket() || self.phase == Phase::Dialing) {
                    tracing::debug!(code, reason, "connection closed");
                    self.retry_after = retry_after.or(self.retry_after);
                    self.on_closed(code);
                }
            }
            Input::Command { number, request } => self.submit(number, request),
            Input::Refused { number, error } => {
                let result = Err(RequestError::Refused(error));
                self.outputs.push_back(Output::Reply { number, result });
            }
            Input::Withdraw(number) => self.withdraw(number),
            Input::Token(result) => self.on_token(result),
            Input::Typing(room) => self.on_typing(room),
            Input::TypingStopped(room) => self.on_typing_stopped(&room),
            Input::Hint(hint) => self.on_hint(hint),
            Input::Wake => {}
            Input::Close => self.close(CloseReason::ByApplication, close::NORMAL),
        }
        self.settle();
    }

    /// What to do next; `None`: nothing until the next input or the [`deadline`](Self::deadline).
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call with [`Input::Wake`] if nothing else happens before.
    pub fn deadline(&self) -> Option<Duration> {
        self.timers.next()
    }

    /// How many commands are not answered yet, the session's own included.
    pub fn unanswered(&self) -> usize {
        self.outbox.len()
    }

    /// How many of them are repeated until they are answered: what the user did and the server
    /// has not confirmed.
    pub fn queued(&self) -> usize {
        self.outbox.queued()
    }

    /// How often events were missing in the middle of a room's stream and were asked for again. On
    /// a connection that keeps its order that means a fault of the server.
    pub fn repairs(&self) -> u64 {
        self.repairs
    }

    fn has_socket(&self) -> bool {
        matches!(self.phase, Phase::Authenticating | Phase::Online)
    }

    fn is_online(&self) -> bool {
        self.phase == Phase::Online
    }

    fn emit(&mut self, event: Event<(), Refusal>) {
        self.outputs.push_back(Output::Event(event));
    }

    /// Sets a timer for so long from now.
    fn after(&mut self, wait: Duration, timer: Timer) {
        self.timers.set(timer, self.now + wait);
    }

    /// How long to wait before something is asked for again that the server could not do now: as
    /// long as it said, otherwise about as long as usual.
    fn told_or(&mut self, told: Option<Millis>, usual: Duration) -> Duration {
        let told = told.map(Duration::from);
        told.unwrap_or_else(|| backoff::jitter(2 * usual, &mut self.rng))
    }

    /// Runs what is due, sends what may be sent, and sees whether the connection is healthy.
    fn settle(&mut self) {
        while let Some((at, timer)) = self.timers.due(self.now) {
            self.on_timer(timer, at);
        }
        self.pump();
        self.watch_answers();
        if self.is_online() && !self.healthy && self.resuming == 0 && self.rooms.caught_up() {
            self.healthy = true;
            self.attempts.reset(self.config.backoff);
            if self.lost_at.take().is_some() {
                self.emit(Event::CaughtUp);
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, at: Duration) {
        match timer {
            Timer::Dial => match self.phase {
                Phase::Waiting => self.attempt(),
                Phase::Fetching => {
                    self.token_asked = false;
                    self.wait();
                }
                Phase::Dialing | Phase::Authenticating => self.hang_up(close::GOING_AWAY),
                _ => {}
            },
            Timer::Heartbeat => self.on_silence(at),
            Timer::Unanswered => self.on_unanswered(),
            Timer::Refresh => self.on_refresh_due(),
            Timer::Resume => self.resume(),
            Timer::Rejoin(room) => {
                let position = self.rooms.position(&room);
                self.rejoin(&room, position, false);
            }
            Timer::Lane(lane) => self.outbox.release(&lane),
            Timer::Expire(seq) => {
                if let Some(pending) = self.outbox.remove(seq) {
                    self.forget_lane_timer(&pending);
                    self.answer_with(pending, Pending::epitaph);
                }
            }
            Timer::Typing(room) => self.on_typing_stopped(&room),
            Timer::Receipt(room) => self.send_receipt(&room),
            Timer::Restore(room) => self.restore(&room),
            Timer::Lease(part) => self.on_lease_due(part),
            Timer::Call(call) => self.rejoin_call(call),
        }
    }
}

#[cfg(test)]
mod tests;
