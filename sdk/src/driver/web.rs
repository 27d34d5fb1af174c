//! The driver on gloo-net: one task a client, and everything between it and the application is
//! text, so that a browser reads its own JSON.

use crate::{
    Event, Refusal, TokenError,
    session::{
        Config, Dial, Failure, Hint, Input, Output, Request, RequestNumber, Session, State,
        TokenNeed,
    },
};
use carewire_protocol::{PrivateText, RoomId, SUBPROTOCOL};
use futures_core::Stream as _;
use futures_sink::Sink as _;
use gloo_net::websocket::{self, Message, WebSocketError, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;
use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::mpsc;

/// A token that is being fetched.
pub type TokenFuture = Pin<Box<dyn Future<Output = Result<PrivateText, TokenError>>>>;

/// The longest sleep: browsers take longer ones for none.
const LONGEST_SLEEP: Duration = Duration::from_hours(1);

/// What the driver needs of the page, and what it tells it. Nothing is told while somebody asks:
/// an [`Ask`] is only left for the driver's own task.
pub trait Host {
    /// The time since some moment; it never goes back.
    fn now(&self) -> Duration;
    /// Fetches a token.
    fn token(&self, need: TokenNeed) -> TokenFuture;
    /// An event of the server, as its frame.
    fn event(&self, frame: &str);
    /// What happened to the connection and what it holds.
    fn local(&self, event: &Event<(), Refusal>);
    /// The state of the connection.
    fn state(&self, state: &State);
    /// How many commands wait to be confirmed.
    fn queued(&self, count: usize);
    /// A request is on its way.
    fn sent(&self, number: RequestNumber);
    /// The answer to a request.
    fn reply(&self, number: RequestNumber, result: Result<Box<str>, Failure>);
    /// For developers: names, sizes and codes.
    fn debug(&self, text: &str);
}

/// What the page asks of the client.
#[derive(Debug)]
pub enum Ask {
    /// Connect.
    Connect,
    /// A command, or why it is none.
    Request(RequestNumber, Result<Request, Refusal>),
    /// A command is no longer wanted.
    Withdraw(RequestNumber),
    /// A key was pressed in a room.
    Typing(RoomId),
    /// Somebody stopped writing in a room.
    TypingStopped(RoomId),
    /// What the page knows.
    Hint(Hint),
    /// The network is to be gone, or back.
    Cut(bool),
    /// Close for good.
    Close,
}

/// Runs a client until it is closed, or until nobody can ask anything of it any more.
pub async fn run<H: Host>(
    config: Config,
    url: String,
    host: H,
    asks: mpsc::UnboundedReceiver<Ask>,
) {
    let start = host.now();
    let mut pump = Pump {
        session: Session::new(config),
        url,
        host,
        asks,
        start,
        socket: None,
        token: None,
        sleep: None,
        cut: false,
        queued: 0,
        closed: false,
    };
    while !pump.closed {
        let happened = poll_fn(|cx| pump.poll(cx)).await;
        pump.on(happened);
    }
}

struct Pump<H> {
    session: Session,
    url: String,
    host: H,
    asks: mpsc::UnboundedReceiver<Ask>,
    start: Duration,
    socket: Option<Socket>,
    token: Option<TokenFuture>,
    sleep: Option<(Duration, TimeoutFuture)>,
    cut: bool,
    queued: usize,
    closed: bool,
}

struct Socket {
    dial: Dial,
    inner: WebSocket,
    open: bool,
    outbox: VecDeque<String>,
}

enum Happened {
    Asked(Option<Ask>),
    Token(Result<PrivateText, TokenError>),
    Opened(Dial),
    Frame(Dial, String),
    Closed(Dial, u16, String),
    Time,
}

impl<H: Host> Pump<H> {
    fn now(&self) -> Duration {
        self.host.now().saturating_sub(self.start)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Happened> {
        if let Poll::Ready(ask) = self.asks.poll_recv(cx) {
            return Poll::Ready(Happened::Asked(ask));
        }
        if let Some(token) = &mut self.token
            && let Poll::Ready(result) = token.as_mut().poll(cx)
        {
            self.token = None;
            return Poll::Ready(Happened::Token(result));
        }
        if let Some(socket) = &mut self.socket
            && let Poll::Ready(happened) = socket.poll(cx)
        {
            return Poll::Ready(happened);
        }
        let deadline = self.session.deadline();
        if self.sleep.as_ref().map(|(at, _)| *at) != deadline {
            self.sleep = deadline.map(|at| (at, sleep(at.saturating_sub(self.now()))));
        }
        if let Some((_, timer)) = &mut self.sleep
            && pin!(timer).poll(cx).is_ready()
        {
            self.sleep = None;
            return Poll::Ready(Happened::Time);
        }
        Poll::Pending
    }

    fn on(&mut self, happened: Happened) {
        let now = self.now();
        let mut frame = None;
        match happened {
            Happened::Asked(ask) => self.on_ask(ask.unwrap_or(Ask::Close), now),
            Happened::Token(result) => self.session.handle(Input::Token(result), now),
            Happened::Opened(dial) => self.session.handle(Input::Opened { dial }, now),
            Happened::Frame(dial, text) => {
                self.session.handle(Input::Frame { dial, text: &text }, now);
                frame = Some(text);
            }
            Happened::Closed(dial, code, reason) => {
                self.socket = None;
                self.closed(dial, code, &reason, now);
            }
            Happened::Time => self.session.handle(Input::Wake, now),
        }
        self.drain(frame.as_deref());
    }

    fn on_ask(&mut self, ask: Ask, now: Duration) {
        let input = match ask {
            Ask::Connect => Input::Connect,
            Ask::Request(number, Ok(request)) => Input::Command { number, request },
            Ask::Request(number, Err(error)) => {
                return self.host.reply(number, Err(error.into()));
            }
            Ask::Withdraw(number) => Input::Withdraw(number),
            Ask::Typing(room) => Input::Typing(room),
            Ask::TypingStopped(room) => Input::TypingStopped(room),
            Ask::Hint(hint) => Input::Hint(hint),
            Ask::Cut(cut) => {
                self.cut = cut;
                if let Some(socket) = self.socket.take_if(|_| cut) {
                    self.closed(socket.dial, 1006, "the network was cut", now);
                }
                return;
            }
            Ask::Close => Input::Close,
        };
        self.session.handle(input, now);
    }

    fn closed(&mut self, dial: Dial, code: u16, reason: &str, now: Duration) {
        self.host
            .debug(&format!("socket {dial} is closed with {code}"));
        let input = Input::Closed {
            dial,
            code,
            reason,
            retry_after: None,
        };
        self.session.handle(input, now);
    }

    /// Does what the session says. `frame`: what it was just given, which an event came in.
    fn drain(&mut self, frame: Option<&str>) {
        while let Some(output) = self.session.poll() {
            match output {
                Output::Open { dial } => self.open(dial),
                Output::Send(text) => {
                    if let Some(socket) = &mut self.socket {
                        socket.outbox.push_back(text);
                    }
                }
                Output::CloseSocket { dial, code } => {
                    if let Some(socket) = self.socket.take_if(|socket| socket.dial == dial) {
                        socket.close(code);
                    }
                }
                Output::NeedToken(need) => self.token = Some(self.host.token(need)),
                Output::Event(Event::Server(())) => {
                    if let Some(frame) = frame {
                        self.host.event(frame);
                    }
                }
                Output::Event(event) => self.host.local(&event),
                Output::Sent(number) => self.host.sent(number),
                Output::Reply { number, result } => self.host.reply(number, result),
                Output::State(state) => {
                    self.closed = matches!(state, State::Closed { .. });
                    self.host.state(&state);
                }
            }
        }
        let queued = self.session.queued();
        if std::mem::replace(&mut self.queued, queued) != queued {
            self.host.queued(queued);
        }
    }

    fn open(&mut self, dial: Dial) {
        self.host.debug(&format!("socket {dial} is being opened"));
        let now = self.now();
        if self.cut {
            return self.closed(dial, 1006, "the network is cut", now);
        }
        match WebSocket::open_with_protocol(&self.url, SUBPROTOCOL) {
            Ok(inner) => {
                self.socket = Some(Socket {
                    dial,
                    inner,
                    open: false,
                    outbox: VecDeque::new(),
                });
            }
            // The reason is the page's: an address that is none, or one that its policy forbids.
            Err(_) => self.closed(dial, 1006, "the socket could not be opened", now),
        }
    }
}

fn sleep(duration: Duration) -> TimeoutFuture {
    TimeoutFuture::new(millis(duration))
}

/// A timer must not fire before its time, not even by a nanosecond: the session would be woken for
/// nothing, and where time is virtual, again and again.
fn millis(duration: Duration) -> u32 {
    let millis = duration.min(LONGEST_SLEEP).as_nanos().div_ceil(1_000_000);
    u32::try_from(millis).unwrap_or(u32::MAX)
}

impl Socket {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Happened> {
        // Ready once it is open, or will never be.
        let ready = pin!(&mut self.inner).poll_ready(cx).is_ready();
        if ready && !self.open && matches!(self.inner.state(), websocket::State::Open) {
            self.open = true;
            return Poll::Ready(Happened::Opened(self.dial));
        }
        while ready && let Some(text) = self.outbox.pop_front() {
            // A socket that cannot send says so by closing.
            let _ = pin!(&mut self.inner).start_send(Message::Text(text));
        }
        loop {
            return Poll::Ready(match pin!(&mut self.inner).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(Message::Text(text)))) => Happened::Frame(self.dial, text),
                Poll::Ready(Some(Err(WebSocketError::ConnectionClose(close)))) => {
                    Happened::Closed(self.dial, close.code, close.reason)
                }
                Poll::Ready(None) => Happened::Closed(self.dial, 1006, String::new()),
                // The contract knows no binary messages, and after an error comes the close.
                Poll::Ready(Some(_)) => continue,
            });
        }
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
