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
//! 2. Commands that were sent and not answered, with the keys they had, and commands given while
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
//! **Silence.** Nothing heard for the heartbeat interval and ten seconds means a dead connection.
//! But a wake-up that comes far too late says that this device slept, not that the server is gone:
//! then, as after [`Hint::Foreground`] and [`Hint::Network`], the session sends one ping and gives
//! the server three seconds to be heard.

mod activity;
mod backoff;
mod commands;
mod frames;
mod io;
mod outbox;
mod request;
mod rooms;
mod timers;

pub use backoff::Backoff;
pub use io::{Config, Dial, Hint, Input, Output, Queue, RequestNumber, State, TokenNeed};
pub use request::Request;

use crate::{CloseReason, Event, RequestError, TokenError};
use activity::Receipt;
use backoff::Attempts;
use carewire_protocol::{
    PrivateText, RoomId, UserId, error::close, limits, session::ConnectedEvent,
};
use outbox::{Outbox, Owner, Pending, Seq};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use request::Effect;
use rooms::Rooms;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};
use timers::Timers;

/// How much longer than due a heartbeat check may come before it says more about this device than
/// about the server.
const OVERSLEPT: Duration = Duration::from_secs(5);
/// How long the server has to answer a ping that was sent in doubt.
const PROBE: Duration = Duration::from_secs(3);
/// So many cuts for slow reading within [`SLOW_WITHIN`] make a client start over with snapshots.
const SLOW_CUTS: usize = 3;
const SLOW_WITHIN: Duration = Duration::from_mins(5);
/// A provider that is silent for so long, as over a network that is gone, is asked again.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(30);
/// How long after a failed refresh the next one is tried.
const REFRESH_AGAIN: Duration = Duration::from_secs(5);
/// A token as young as this, announced as expiring, is a short one and no old one.
const YOUNG_TOKEN: Duration = Duration::from_secs(30);

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

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// The next attempt, or the end of the present one.
    Dial,
    Heartbeat,
    Refresh,
    Resume,
    Rejoin(RoomId),
    Lane(Arc<str>),
    Expire(Seq),
    Typing(RoomId),
    Receipt(RoomId),
}

/// One client's side of the protocol, as a state machine. See the [module](self).
pub struct Session {
    config: Config,
    rng: ChaCha8Rng,
    now: Duration,
    phase: Phase,
    dial: Dial,
    attempts: Attempts,
    timers: Timers<Timer>,
    outputs: VecDeque<Output>,
    outbox: Outbox,
    rooms: Rooms,
    follows: BTreeSet<UserId>,
    typing: BTreeMap<RoomId, Duration>,
    receipts: BTreeMap<RoomId, Receipt>,
    me: Option<Arc<ConnectedEvent>>,
    max_payload: usize,

    token: Option<(PrivateText, Duration)>,
    token_asked: bool,
    token_refused: bool,

    last_heard: Duration,
    probing: bool,
    online_since: Duration,
    lost_at: Option<Duration>,
    healthy: bool,
    resuming: usize,
    retry_after: Option<Duration>,
    slow_cuts: Vec<Duration>,
    start_over: bool,
}

impl Session {
    /// A session that waits for [`Input::Connect`].
    pub fn new(config: Config) -> Self {
        Self {
            rng: ChaCha8Rng::from_seed(config.seed),
            attempts: Attempts::new(config.backoff),
            config,
            now: Duration::ZERO,
            phase: Phase::Idle,
            dial: 0,
            timers: Timers::new(),
            outputs: VecDeque::new(),
            outbox: Outbox::default(),
            rooms: Rooms::default(),
            follows: BTreeSet::new(),
            typing: BTreeMap::new(),
            receipts: BTreeMap::new(),
            me: None,
            max_payload: limits::MAX_PAYLOAD_BYTES,
            token: None,
            token_asked: false,
            token_refused: false,
            last_heard: Duration::ZERO,
            probing: false,
            online_since: Duration::ZERO,
            lost_at: None,
            healthy: false,
            resuming: 0,
            retry_after: None,
            slow_cuts: Vec::new(),
            start_over: false,
        }
    }

    /// Takes what happened. `now` is the time since the driver's start; it never goes back.
    pub fn handle(&mut self, input: Input<'_>, now: Duration) {
        self.now = self.now.max(now);
        if let Phase::Closed(reason) = &self.phase {
            if let Input::Command { number, .. } = input {
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

    fn has_socket(&self) -> bool {
        matches!(self.phase, Phase::Authenticating | Phase::Online)
    }

    fn is_online(&self) -> bool {
        self.phase == Phase::Online
    }

    fn emit(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    /// Runs what is due, sends what may be sent, and sees whether the connection is healthy.
    fn settle(&mut self) {
        while let Some((at, timer)) = self.timers.due(self.now) {
            self.on_timer(timer, at);
        }
        self.pump();
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
            Timer::Refresh => self.ask_for_refresh(),
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
        }
    }

    // ---- the life of a connection ----

    fn attempt(&mut self) {
        self.phase = Phase::Fetching;
        self.timers.set(Timer::Dial, self.now + TOKEN_TIMEOUT);
        if self.attempts.count() > 0 {
            let attempt = self.attempts.count();
            self.outputs.push_back(Output::State(State::Reconnecting {
                attempt,
                retry_in: None,
            }));
        }
        let need = if self.token_refused {
            TokenNeed::Refused
        } else {
            TokenNeed::Connect
        };
        self.ask_for_token(need);
    }

    /// There is never more than one question open: an answer that was asked for by an earlier
    /// attempt or by a refresh serves the present one.
    fn ask_for_token(&mut self, need: TokenNeed) {
        if !self.token_asked {
            self.token_asked = true;
            self.outputs.push_back(Output::NeedToken(need));
        }
    }

    fn ask_for_refresh(&mut self) {
        if self.is_online() && self.config.refreshable {
            self.ask_for_token(TokenNeed::Refresh);
        }
    }

    fn on_token(&mut self, result: Result<PrivateText, TokenError>) {
        self.token_asked = false;
        match result {
            Err(TokenError::SignedOut) => self.close(CloseReason::SignedOut, close::NORMAL),
            Ok(token) if self.phase == Phase::Fetching => {
                self.token = Some((token, self.now));
                self.dial += 1;
                self.phase = Phase::Dialing;
                self.timers
                    .set(Timer::Dial, self.now + self.config.dial_timeout);
                self.outputs.push_back(Output::Open { dial: self.dial });
            }
            Ok(token) if self.is_online() => {
                self.token = Some((token.clone(), self.now));
                self.send_refresh(token);
            }
            Err(TokenError::Temporary(_)) if self.phase == Phase::Fetching => self.wait(),
            Err(TokenError::Temporary(_)) if self.is_online() => {
                self.timers.set(Timer::Refresh, self.now + REFRESH_AGAIN);
            }
            // For a connection that is gone: the next one asks anew.
            Ok(_) | Err(TokenError::Temporary(_)) => {}
        }
    }

    fn wait(&mut self) {
        let delay = match self.retry_after.take() {
            Some(told) => {
                self.attempts.told();
                told
            }
            None => self.attempts.next(&mut self.rng),
        };
        self.phase = Phase::Waiting;
        self.timers.set(Timer::Dial, self.now + delay);
        let attempt = self.attempts.count();
        let state = State::Reconnecting {
            attempt,
            retry_in: Some(delay),
        };
        self.outputs.push_back(Output::State(state));
    }

    fn on_closed(&mut self, code: u16) {
        self.timers.clear(&Timer::Dial);
        if code == close::UNAUTHENTICATED && self.config.refreshable && !self.token_refused {
            self.token_refused = true;
        } else if close::is_final(code) {
            self.finish(CloseReason::from_code(code));
            return;
        }
        if code == close::TOO_SLOW {
            let since = self.now.saturating_sub(SLOW_WITHIN);
            self.slow_cuts.retain(|at| *at >= since);
            self.slow_cuts.push(self.now);
            if self.slow_cuts.len() >= SLOW_CUTS {
                self.slow_cuts.clear();
                self.start_over = true;
            }
        }
        self.lose();
        self.wait();
    }

    /// Closes a socket that is no good, as if the network had done it.
    fn hang_up(&mut self, code: u16) {
        self.outputs.push_back(Output::CloseSocket {
            dial: self.dial,
            code,
        });
        self.on_closed(1006);
    }

    /// Nothing of the connection is left but what the next one needs.
    fn lose(&mut self) {
        if self.is_online() {
            self.lost_at.get_or_insert(self.now);
        }
        self.dial += 1; // whatever the old socket still says is ignored
        self.healthy = false;
        self.resuming = 0;
        self.typing.clear();
        self.rooms.lost();
        self.timers.clear_where(|timer| {
            !matches!(timer, Timer::Expire(_) | Timer::Lane(_) | Timer::Receipt(_))
        });
        for pending in self.outbox.lost() {
            if pending.request.effect.ends() {
                self.answer(&pending, Ok(commands::empty()));
            } else {
                self.answer_with(pending, Pending::epitaph);
            }
        }
    }

    /// Closes for good, from this side.
    fn close(&mut self, reason: CloseReason, code: u16) {
        if self.has_socket() || self.phase == Phase::Dialing {
            self.outputs.push_back(Output::CloseSocket {
                dial: self.dial,
                code,
            });
        }
        self.finish(reason);
    }

    fn finish(&mut self, reason: CloseReason) {
        self.phase = Phase::Closed(reason.clone());
        self.timers.clear_where(|_| true);
        self.token = None;
        for pending in self.outbox.take_all() {
            if let Owner::App(number) = pending.owner {
                let result = Err(RequestError::Closed(reason.clone()));
                self.outputs.push_back(Output::Reply { number, result });
            }
        }
        self.outputs
            .push_back(Output::State(State::Closed { reason }));
    }

    // ---- silence ----

    fn patience(&self) -> Duration {
        let interval = self
            .me
            .as_ref()
            .map(|me| Duration::from(me.heartbeat_interval_ms));
        interval.unwrap_or(limits::HEARTBEAT_INTERVAL) + limits::HEARTBEAT_GRACE
    }

    fn on_silence(&mut self, at: Duration) {
        if !self.is_online() {
            return;
        }
        let end = self.last_heard + self.patience();
        if self.probing {
            self.hang_up(close::GOING_AWAY);
        } else if self.now < end {
            self.timers.set(Timer::Heartbeat, end);
        } else if self.now.saturating_sub(at) > OVERSLEPT {
            self.probe();
        } else {
            self.hang_up(close::GOING_AWAY);
        }
    }

    fn probe(&mut self) {
        use carewire_protocol::frame::{Heartbeat, encode_heartbeat};
        self.probing = true;
        self.outputs
            .push_back(Output::Send(encode_heartbeat(Heartbeat::Ping, None)));
        self.timers.set(Timer::Heartbeat, self.now + PROBE);
    }

    fn on_hint(&mut self, hint: Hint) {
        match hint {
            // The connection is kept for as long as the system lets it live.
            Hint::Background => {
                for room in self.typing.keys().cloned().collect::<Vec<_>>() {
                    self.on_typing_stopped(&room);
                }
            }
            Hint::Foreground | Hint::Network(_) | Hint::ReconnectNow if self.is_online() => {
                if !self.probing {
                    self.probe();
                }
            }
            // There is no point in dialing now, but a platform may be wrong about its network.
            Hint::Network(false) => {}
            Hint::Foreground | Hint::Network(true) | Hint::ReconnectNow => {
                if self.phase == Phase::Waiting {
                    self.attempt();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
