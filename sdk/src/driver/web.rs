//! The driver on gloo-net: no task and no queue of its own, but a [`Driver`] that the page polls
//! when something happened. Between it and the application everything is text, so that a browser
//! reads its own JSON.

use crate::{
    Event, Refusal,
    session::{Config, Dial, Failure, Input, Output, RequestNumber, Session, State, TokenNeed},
};
use carewire_protocol::SUBPROTOCOL;
use futures_core::Stream as _;
use futures_sink::Sink as _;
use gloo_net::websocket::{self, Message, WebSocketError, futures::WebSocket};
use std::{
    cell::{Cell, RefCell},
    mem,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

/// The longest sleep: browsers take longer ones for none.
const LONGEST_SLEEP: Duration = Duration::from_hours(1);

/// Where nobody has said why a socket is closed.
const NO_CODE: u16 = 1006;

/// What the driver needs of the page, and what it tells it. All of it may ask the [`Driver`] for
/// something.
pub trait Host {
    /// The time since some moment; it never goes back.
    fn now(&self) -> Duration;
    /// A token is needed: [`Input::Token`] brings it. An answer to a question before this one is
    /// nobody's any more.
    fn token(&self, need: TokenNeed);
    /// An event of the server, as its frame.
    fn event(&self, frame: &str);
    /// What happened to the connection and what it holds.
    fn local(&self, event: &Event<(), Refusal>);
    /// The state of the connection.
    fn state(&self, state: &State);
    /// A request is on its way.
    fn sent(&self, number: RequestNumber);
    /// The answer to a request.
    fn reply(&self, number: RequestNumber, result: Result<Box<str>, Failure>);
    /// For developers: names, sizes and codes.
    fn debug(&self, text: &str);
}

/// A client in a page. Dropped, it leaves no socket.
pub struct Driver<H> {
    host: H,
    url: String,
    waker: Waker,
    /// Never borrowed while anything outside is called, the host or a socket, which may ask.
    session: RefCell<Session>,
    /// Borrowed by whoever polls.
    socket: RefCell<Option<Socket>>,
    /// The last one that was opened.
    dial: Cell<Dial>,
    is_cut: Cell<bool>,
    /// This one and those before it were cut.
    cut_off: Cell<Dial>,
}

struct Socket {
    dial: Dial,
    inner: WebSocket,
    is_open: bool,
}

/// What a socket brings.
enum Happened {
    Opened,
    Frame(String),
    Closed(u16, String),
}

impl<H: Host> Driver<H> {
    /// A client that waits for [`Input::Connect`]. Whenever `waker` is woken, it is to be polled:
    /// later, as it may be in the midst of something.
    pub fn new(config: Config, url: String, host: H, waker: Waker) -> Self {
        Self {
            host,
            url,
            waker,
            session: RefCell::new(Session::new(config)),
            socket: RefCell::new(None),
            dial: Cell::new(0),
            is_cut: Cell::new(false),
            cut_off: Cell::new(0),
        }
    }

    /// What the application asks and the page knows. What comes of it is told when it is polled.
    pub fn ask(&self, input: Input<'_>) {
        self.give(input);
        self.waker.wake_by_ref();
    }

    /// The network is to be gone, or back.
    pub fn cut(&self, is_cut: bool) {
        self.is_cut.set(is_cut);
        if is_cut {
            // What is asked from now on finds no connection. The socket goes when this is polled.
            let dial = self.dial.get();
            self.cut_off.set(dial);
            self.give(closed(dial, NO_CODE, "the network was cut"));
        }
        self.waker.wake_by_ref();
    }

    /// Does everything that can be done now. Returns after how many milliseconds it is to be
    /// polled again, even if nobody wakes it.
    pub fn poll(&self) -> Option<u32> {
        // Polled by whom it is telling something, it goes on when that returns.
        let mut socket = self.socket.try_borrow_mut().ok()?;
        if let Some(cut) = socket.take_if(|socket| socket.dial <= self.cut_off.get()) {
            self.say(cut.dial, " was cut", "");
        }
        let mut is_woken = false;
        loop {
            let mut frame = None;
            match socket.as_mut().and_then(|socket| socket.poll(&self.waker)) {
                Some((dial, Happened::Opened)) => self.give(Input::Opened { dial }),
                Some((dial, Happened::Frame(text))) => {
                    self.give(Input::Frame { dial, text: &text });
                    frame = Some(text);
                }
                Some((dial, Happened::Closed(code, reason))) => {
                    *socket = None;
                    self.closed(dial, code, &reason);
                }
                // What is due is so after what has arrived: it may be what was waited for.
                None if !mem::replace(&mut is_woken, true) => self.give(Input::Wake),
                None => break,
            }
            self.drain(&mut socket, frame.as_deref());
        }
        let deadline = self.session.borrow().deadline()?;
        Some(millis(deadline.saturating_sub(self.host.now())))
    }

    fn give(&self, input: Input<'_>) {
        let now = self.host.now();
        self.session.borrow_mut().handle(input, now);
    }

    fn closed(&self, dial: Dial, code: u16, reason: &str) {
        self.say(dial, " is closed with ", &u64::from(code).to_string());
        self.give(closed(dial, code, reason));
    }

    fn say(&self, dial: Dial, what: &str, code: &str) {
        self.host
            .debug(&["socket ", &dial.to_string(), what, code].concat());
    }

    fn next(&self) -> Option<Output> {
        self.session.borrow_mut().poll()
    }

    /// Does what the session says. `frame`: what it was just given, which an event came in.
    fn drain(&self, socket: &mut Option<Socket>, frame: Option<&str>) {
        while let Some(output) = self.next() {
            match output {
                Output::Open { dial } => *socket = self.open(dial),
                Output::Send(text) => {
                    if let Some(socket) = socket {
                        socket.send(text);
                    }
                }
                Output::CloseSocket { dial, code } => {
                    if let Some(socket) = socket.take_if(|socket| socket.dial == dial) {
                        socket.close(code);
                    }
                }
                Output::NeedToken(need) => self.host.token(need),
                Output::Event(Event::Server(())) => {
                    if let Some(frame) = frame {
                        self.host.event(frame);
                    }
                }
                Output::Event(event) => self.host.local(&event),
                Output::Sent(number) => self.host.sent(number),
                Output::Reply { number, result } => self.host.reply(number, result),
                Output::State(state) => self.host.state(&state),
            }
        }
    }

    fn open(&self, dial: Dial) -> Option<Socket> {
        self.say(dial, " is being opened", "");
        if self.is_cut.get() {
            self.closed(dial, NO_CODE, "the network is cut");
            return None;
        }
        let Ok(inner) = WebSocket::open_with_protocol(&self.url, SUBPROTOCOL) else {
            // The reason is the page's: an address that is none, or one that its policy forbids.
            self.closed(dial, NO_CODE, "the socket could not be opened");
            return None;
        };
        self.dial.set(dial);
        Some(Socket {
            dial,
            inner,
            is_open: false,
        })
    }
}

fn closed(dial: Dial, code: u16, reason: &str) -> Input<'_> {
    Input::Closed {
        dial,
        code,
        reason,
        retry_after: None,
    }
}

/// A timer must not fire before its time, not even by a nanosecond: the session would be woken for
/// nothing, and where time is virtual, again and again.
fn millis(duration: Duration) -> u32 {
    let duration = duration.min(LONGEST_SLEEP);
    // In 32 bits: an hour has room in them, and wider ones take more code.
    let seconds = u32::try_from(duration.as_secs()).unwrap_or(u32::MAX);
    seconds * 1000 + duration.subsec_nanos().div_ceil(1_000_000)
}

impl Socket {
    fn poll(&mut self, waker: &Waker) -> Option<(Dial, Happened)> {
        let cx = &mut Context::from_waker(waker);
        // Ready once it is open, or will never be.
        if !self.is_open
            && pin!(&mut self.inner).poll_ready(cx).is_ready()
            && matches!(self.inner.state(), websocket::State::Open)
        {
            self.is_open = true;
            return Some((self.dial, Happened::Opened));
        }
        loop {
            let Poll::Ready(message) = pin!(&mut self.inner).poll_next(cx) else {
                return None;
            };
            let happened = match message {
                Some(Ok(Message::Text(text))) => Happened::Frame(text),
                Some(Err(WebSocketError::ConnectionClose(close))) => {
                    Happened::Closed(close.code, close.reason)
                }
                None => Happened::Closed(NO_CODE, String::new()),
                // The contract knows no binary messages, and after an error comes the close.
                Some(_) => continue,
            };
            return Some((self.dial, happened));
        }
    }

    fn send(&mut self, text: String) {
        // A socket that cannot send says so by closing.
        let _ = pin!(&mut self.inner).start_send(Message::Text(text));
    }

    fn close(self, code: u16) {
        // Scripts may name only these codes.
        let code = Some(code).filter(|code| *code == 1000 || (3000..5000).contains(code));
        // Fails only for codes that are not allowed.
        let _ = self.inner.close(code, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_timer_fires_before_its_time() {
        let nanos = Duration::from_nanos;
        assert_eq!(millis(nanos(0)), 0);
        assert_eq!(millis(nanos(1)), 1);
        assert_eq!(millis(nanos(1_000_000)), 1);
        assert_eq!(millis(nanos(123_000_400)), 124);
        assert_eq!(millis(Duration::MAX), 3_600_000);
    }
}
