//! A connection between a client and a node: two directions, each with a delay, that keep the order
//! and lose nothing, until somebody breaks them.

use crate::{
    clock::Clock,
    event::{DeviceId, Event, NodeId},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Waker},
    time::Duration,
};

pub(crate) type LinkId = u64;

/// How many frames the network holds between a server and a client that does not read.
pub(crate) const WINDOW: usize = 24;

/// A frame on its way to a client.
pub(crate) struct Packet {
    pub(crate) text: String,
    /// The earliest time at which the server can have queued it.
    pub(crate) queued: Duration,
}

/// Who is connected with whom.
pub(crate) struct Link {
    pub(crate) device: DeviceId,
    pub(crate) node: NodeId,
    pub(crate) pipe: Arc<Pipe>,
}

/// What both ends and the world share of a connection.
pub(crate) struct Pipe {
    clock: Arc<Clock>,
    link: LinkId,
    state: Mutex<State>,
}

struct State {
    random: ChaCha8Rng,
    slowest: u64,
    up: Direction,
    down: Direction,
    arrived: VecDeque<String>,
    /// Frames that the client has not read yet.
    unread: usize,
    /// The server's end sees that the client is gone.
    broken: bool,
    /// Something was swallowed.
    damaged: bool,
    server: Option<Waker>,
}

#[derive(Default)]
struct Direction {
    /// When the last thing arrives that was sent.
    last: Duration,
    /// What is sent disappears.
    dead: bool,
    /// How many of the next retained events disappear.
    swallow: u32,
}

impl Direction {
    fn arrival(&mut self, now: Duration, delay: Duration) -> Duration {
        self.last = self.last.max(now + delay);
        self.last
    }
}

impl Pipe {
    pub(crate) fn new(clock: Arc<Clock>, link: LinkId, seed: u64, slowest: u64) -> Self {
        let state = State {
            random: ChaCha8Rng::seed_from_u64(seed ^ (link << 17)),
            slowest,
            up: Direction::default(),
            down: Direction::default(),
            arrived: VecDeque::new(),
            unread: 0,
            broken: false,
            damaged: false,
            server: None,
        };
        Self {
            clock,
            link,
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The client sends.
    pub(crate) fn send_up(&self, text: String) {
        let mut state = self.state();
        if state.up.dead {
            return;
        }
        let delay = state.delay();
        let at = state.up.arrival(self.clock.now(), delay);
        let link = self.link;
        self.clock.at(at, Event::ToServer { link, text });
    }

    /// The client closes.
    pub(crate) fn close_up(&self) {
        let mut state = self.state();
        if state.up.dead {
            return;
        }
        let delay = state.delay();
        let at = state.up.arrival(self.clock.now(), delay);
        let link = self.link;
        self.clock.at(at, Event::ClosedForServer { link });
    }

    /// A text has arrived at the server.
    pub(crate) fn arrived(&self, text: String) {
        let mut state = self.state();
        state.arrived.push_back(text);
        let waker = state.server.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The server's end finds the connection broken.
    pub(crate) fn break_server(&self) {
        let mut state = self.state();
        state.broken = true;
        let waker = state.server.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The server's end wants to hear of what arrives and of room to write.
    pub(crate) fn register(&self, cx: &Context<'_>) {
        self.state().server = Some(cx.waker().clone());
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.state().broken
    }

    /// The server reads.
    pub(crate) fn read(&self) -> Option<String> {
        self.state().arrived.pop_front()
    }

    /// Whether the server can write.
    pub(crate) fn has_room(&self) -> bool {
        self.state().unread < WINDOW
    }

    /// The server writes. `false`: the frame was swallowed on the way.
    pub(crate) fn send_down(&self, text: String, queued: Duration) -> bool {
        let mut state = self.state();
        if state.down.swallow > 0 && is_retained(&text) {
            state.down.swallow -= 1;
            state.damaged = true;
            return false;
        }
        state.unread += 1;
        if !state.down.dead {
            let delay = state.delay();
            let at = state.down.arrival(self.clock.now(), delay);
            let (link, packet) = (self.link, Packet { text, queued });
            self.clock.at(at, Event::ToClient { link, packet });
        }
        true
    }

    /// The server closes.
    pub(crate) fn close_down(&self, code: u16) {
        let mut state = self.state();
        if !state.down.dead {
            let delay = state.delay();
            let at = state.down.arrival(self.clock.now(), delay);
            let link = self.link;
            self.clock.at(at, Event::ClosedForClient { link, code });
        }
    }

    /// The client has read a frame: there is room for another.
    pub(crate) fn was_read(&self) {
        let mut state = self.state();
        let was_full = state.unread >= WINDOW;
        state.unread = state.unread.saturating_sub(1);
        let waker = if was_full { state.server.take() } else { None };
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What is sent from now on disappears, in one direction or both.
    pub(crate) fn go_half_open(&self, up: bool, down: bool) {
        let mut state = self.state();
        state.up.dead |= up;
        state.down.dead |= down;
    }

    pub(crate) fn is_half_open(&self) -> bool {
        let state = self.state();
        state.up.dead || state.down.dead
    }

    /// Whether something was lost on the way without a word.
    pub(crate) fn is_damaged(&self) -> bool {
        self.state().damaged
    }

    /// The next retained events disappear.
    pub(crate) fn swallow(&self, count: u32) {
        self.state().down.swallow = count;
    }
}

/// Whether a frame is a retained event.
fn is_retained(text: &str) -> bool {
    let head = text.split("\"data\"").next().unwrap_or_default();
    head.contains("\"offset\":")
}

impl State {
    fn delay(&mut self) -> Duration {
        Duration::from_micros(self.random.random_range(500..=self.slowest))
    }
}
