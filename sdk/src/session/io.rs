//! What goes into the session and what comes out of it.

use super::{Backoff, Request};
use crate::{CloseReason, Event, Refusal, RequestError, TokenError};
use carewire_protocol::{ClientId, PrivateText, RoomId, limits};
use std::{fmt, time::Duration};

/// How a session behaves.
#[derive(Debug, Clone)]
pub struct Config {
    /// The name of this client object, kept over its reconnects.
    pub client_id: ClientId,
    /// Where its keys and its jitter come from. Two sessions must not share one, unless a test
    /// wants them to behave alike.
    pub seed: [u8; 32],
    /// Whether the token can be fetched anew when it is refused or expires.
    pub refreshable: bool,
    /// How long to wait between attempts.
    pub backoff: Backoff,
    /// What may wait for a connection.
    pub queue: Queue,
    /// How long an attempt to open a socket may take.
    pub dial_timeout: Duration,
}

impl Config {
    /// The defaults of the contract.
    pub fn new(client_id: ClientId, seed: [u8; 32]) -> Self {
        Self {
            client_id,
            seed,
            refreshable: true,
            backoff: Backoff::default(),
            queue: Queue::default(),
            dial_timeout: Duration::from_secs(10),
        }
    }
}

/// What may wait for a connection, and how it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// How many commands may be unanswered, sent or not: 1,000.
    pub commands: usize,
    /// How many bytes they may have together: 16 MiB.
    pub bytes: usize,
    /// How old a keyed command may grow: one hour, at most 23 hours (beyond that the server may
    /// have forgotten its key, and a repeat could be a second effect).
    pub age: Duration,
    /// How many keyed commands may be on their way at once: 64.
    pub in_flight: usize,
    /// How many of them may belong to one room: 1. Only then is the order kept even where the
    /// server refuses one for the moment. Raise it for throughput where the order is not important.
    pub in_flight_per_room: usize,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            commands: 1000,
            bytes: 16 * 1024 * 1024,
            age: limits::QUEUE_AGE,
            in_flight: 64,
            in_flight_per_room: 1,
        }
    }
}

/// The number of an attempt to connect. What belongs to an older one is ignored.
pub type Dial = u64;

/// The number of a request, chosen by the driver and unique within a session.
pub type RequestNumber = u64;

/// What happened.
pub enum Input<'a> {
    /// The application wants a connection. Nothing happens before.
    Connect,
    /// The socket is open.
    Opened {
        /// Of which attempt.
        dial: Dial,
    },
    /// A text message arrived.
    Frame {
        /// On which connection.
        dial: Dial,
        /// The message.
        text: &'a str,
    },
    /// The socket is closed, or could not be opened.
    Closed {
        /// Which one.
        dial: Dial,
        /// The close code; 1006 where there was none.
        code: u16,
        /// Why, for logs.
        reason: &'a str,
        /// When to come again, where a refusal of the upgrade said so.
        retry_after: Option<Duration>,
    },
    /// The application wants something done.
    Command {
        /// The number its reply will carry.
        number: RequestNumber,
        /// What.
        request: Request,
    },
    /// What the application wants done is no command: this is its answer.
    Refused {
        /// The number of what was asked.
        number: RequestNumber,
        /// Why it is none.
        error: Refusal,
    },
    /// The application no longer wants a command. One that was not sent yet is answered with
    /// [`RequestError::Withdrawn`] and has no effect; of any other nothing changes.
    Withdraw(RequestNumber),
    /// The answer to [`Output::NeedToken`].
    Token(Result<PrivateText, TokenError>),
    /// Somebody pressed a key in a room. The session decides what to send.
    Typing(RoomId),
    /// Somebody stopped writing in a room.
    TypingStopped(RoomId),
    /// The platform knows something.
    Hint(Hint),
    /// Time passed.
    Wake,
    /// The application is done.
    Close,
}

/// What a platform knows about its network and its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// The application is no longer seen; the system may stop it at any time.
    Background,
    /// The system is about to stop the application: the socket is closed, and none is opened
    /// before [`Foreground`](Self::Foreground) or [`ReconnectNow`](Self::ReconnectNow).
    Suspend,
    /// The application is seen again.
    Foreground,
    /// The network changed; whether there is one now.
    Network(bool),
    /// Somebody pressed "retry now".
    ReconnectNow,
}

/// Why a token is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenNeed {
    /// For a new connection.
    Connect,
    /// For a new connection, because the server refused the last token. A provider that caches
    /// must fetch.
    Refused,
    /// For the present connection, whose token expires.
    Refresh,
}

/// Why a command has no reply, with a refusal of the server as it came.
pub type Failure = RequestError<Refusal>;

/// What the driver has to do.
pub enum Output {
    /// Open a socket. There is at most one; an earlier one was closed before.
    Open {
        /// Name it so in what is reported about it.
        dial: Dial,
    },
    /// Send a text message on the open socket.
    Send(String),
    /// Close the socket, or stop opening it. Nothing needs to be reported about it any more.
    CloseSocket {
        /// Which one.
        dial: Dial,
        /// The close code to send.
        code: u16,
    },
    /// Ask for a token, and answer with [`Input::Token`].
    NeedToken(TokenNeed),
    /// Tell the application. [`Event::Server`] stands for the last frame that was given.
    Event(Event<(), Refusal>),
    /// Answer a request.
    Reply {
        /// Which one.
        number: RequestNumber,
        /// The reply's payload as JSON, or why there is none.
        result: Result<Box<str>, Failure>,
    },
    /// A request is on its way for the first time, and can no longer be withdrawn.
    Sent(RequestNumber),
    /// The state of the connection changed.
    State(State),
}

/// The state of the connection, for people to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nobody has asked for a connection yet.
    Idle,
    /// The first attempt is being made.
    Connecting,
    /// Connected and authenticated.
    Connected,
    /// The connection is lost, or could not be made.
    Reconnecting {
        /// How many attempts there were since the last healthy connection, this one included.
        attempt: u32,
        /// How long until it is made; `None`: it is being made.
        retry_in: Option<Duration>,
    },
    /// Closed for good.
    Closed {
        /// Why.
        reason: CloseReason,
    },
}

impl State {
    /// Whether commands reach the server now.
    pub const fn is_connected(&self) -> bool {
        matches!(self, Self::Connected)
    }
}

// Frames and payloads may be health content and tokens: a log shows their size.

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("Connect"),
            Self::Opened { dial } => write!(f, "Opened({dial})"),
            Self::Frame { dial, text } => write!(f, "Frame({dial}, {} bytes)", text.len()),
            Self::Closed { dial, code, .. } => write!(f, "Closed({dial}, {code})"),
            Self::Command { number, request } => write!(f, "Command({number}, {request:?})"),
            Self::Refused { number, error } => write!(f, "Refused({number}, {error:?})"),
            Self::Withdraw(number) => write!(f, "Withdraw({number})"),
            Self::Token(result) => write!(f, "Token({result:?})"),
            Self::Typing(room) => write!(f, "Typing({room})"),
            Self::TypingStopped(room) => write!(f, "TypingStopped({room})"),
            Self::Hint(hint) => write!(f, "Hint({hint:?})"),
            Self::Wake => f.write_str("Wake"),
            Self::Close => f.write_str("Close"),
        }
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { dial } => write!(f, "Open({dial})"),
            Self::Send(text) => write!(f, "Send({} bytes)", text.len()),
            Self::CloseSocket { dial, code } => write!(f, "CloseSocket({dial}, {code})"),
            Self::NeedToken(need) => write!(f, "NeedToken({need:?})"),
            Self::Event(event) => write!(f, "Event({event:?})"),
            Self::Reply { number, result } => {
                let result = result.as_ref().map(|data| data.len());
                write!(f, "Reply({number}, {result:?})")
            }
            Self::Sent(number) => write!(f, "Sent({number})"),
            Self::State(state) => write!(f, "State({state:?})"),
        }
    }
}
