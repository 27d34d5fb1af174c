//! Inputs in any order, also such as no driver would ever give: the session keeps its own promises.

use super::{random::frame, world::ms};
use crate::{
    TokenError,
    session::{Config, Dial, Hint, Input, Output, Request, RequestNumber, Session},
};
use carewire_protocol::{ClientId, message, room};
use proptest::{prelude::*, sample::select};
use std::{collections::BTreeMap, time::Duration};

const ROOM: &str = "chat:ana:dr-lee";
const CONNECTED: &str = r#"{"type":"connected","timestamp":"2026-11-21T10:30:00.000Z","data":{
    "connectionId":"c-1","userId":"ana","tenantId":"clinic","role":"patient","protocol":"1",
    "serverTime":"2026-11-21T10:30:00.000Z","tokenExpiresAt":"2026-11-21T11:30:00.000Z",
    "heartbeatIntervalMs":15000,"limits":{"maxPayloadBytes":1048576,"messagesPerSecond":20,
    "commandsPerSecond":200,"roomsPerConnection":200},"calls":[],
    "rooms":[{"roomId":"user:ana","epoch":"e0","offset":0}]}}"#;

/// An input. A number of a connection counts back from the present one.
#[derive(Debug, Clone)]
enum Step {
    Connect,
    Opened(Dial),
    Connected(Dial),
    Frame(Dial, String),
    Closed(Dial, u16),
    Send,
    Join,
    Token(bool),
    Typing(bool),
    Hint(Hint),
    Wake,
    Deadline,
    Pass(u64),
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    let dial = || prop_oneof![6 => Just(0), 1 => 1..3_u64];
    let hints = [
        Hint::Background,
        Hint::Suspend,
        Hint::Foreground,
        Hint::Network(true),
        Hint::Network(false),
        Hint::ReconnectNow,
    ];
    let codes = vec![1000, 1006, 4401, 4403, 4411, 4503, 4508];
    prop_oneof![
        2 => Just(Step::Connect),
        5 => dial().prop_map(Step::Opened),
        5 => dial().prop_map(Step::Connected),
        5 => (dial(), frame()).prop_map(|(dial, text)| Step::Frame(dial, text)),
        3 => (dial(), select(codes)).prop_map(|(dial, code)| Step::Closed(dial, code)),
        5 => Just(Step::Send),
        2 => Just(Step::Join),
        5 => prop::bool::weighted(0.9).prop_map(Step::Token),
        1 => any::<bool>().prop_map(Step::Typing),
        1 => select(hints.to_vec()).prop_map(Step::Hint),
        2 => Just(Step::Wake),
        4 => Just(Step::Deadline),
        3 => (0..60_000_u64).prop_map(Step::Pass),
        1 => Just(Step::Close),
    ]
}

/// A session, and what it has promised by its outputs.
struct Watched {
    session: Session,
    now: Duration,
    dial: Dial,
    /// The socket that the session believes in.
    socket: Option<Dial>,
    opened: bool,
    asked: RequestNumber,
    replies: BTreeMap<RequestNumber, u32>,
}

impl Watched {
    fn input(&mut self, input: Input<'_>) {
        match &input {
            Input::Opened { dial } if self.socket == Some(*dial) => self.opened = true,
            Input::Closed { dial, .. } if self.socket == Some(*dial) => self.forget_socket(),
            _ => {}
        }
        self.session.handle(input, self.now);
        while let Some(output) = self.session.poll() {
            match output {
                Output::Open { dial } => {
                    assert!(dial > self.dial, "{dial} after {}", self.dial);
                    assert_eq!(self.socket, None, "one socket at a time");
                    (self.dial, self.socket) = (dial, Some(dial));
                }
                Output::CloseSocket { dial, .. } => {
                    assert_eq!(self.socket, Some(dial), "only what is open is closed");
                    self.forget_socket();
                }
                Output::Send(_) => assert!(self.opened, "sent on a socket that is not open"),
                Output::Reply { number, .. } => *self.replies.entry(number).or_default() += 1,
                _ => {}
            }
        }
    }

    fn forget_socket(&mut self) {
        (self.socket, self.opened) = (None, false);
    }

    fn request(&mut self, request: Request) {
        self.asked += 1;
        let number = self.asked;
        self.input(Input::Command { number, request });
    }

    /// Lets the session do what is due now. It comes to rest.
    fn wake(&mut self) {
        for _ in 0..100 {
            self.input(Input::Wake);
            if self.session.deadline().is_none_or(|at| at > self.now) {
                return;
            }
        }
        panic!("it wants to be woken again and again");
    }

    fn take(&mut self, step: &Step) {
        let dial = |back: Dial| self.dial.saturating_sub(back);
        match step {
            Step::Connect => self.input(Input::Connect),
            Step::Opened(back) => self.input(Input::Opened { dial: dial(*back) }),
            Step::Connected(back) => self.input(Input::Frame {
                dial: dial(*back),
                text: CONNECTED,
            }),
            Step::Frame(back, text) => self.input(Input::Frame {
                dial: dial(*back),
                text,
            }),
            Step::Closed(back, code) => self.input(Input::Closed {
                dial: dial(*back),
                code: *code,
                reason: "",
                retry_after: None,
            }),
            Step::Send => {
                let send = message::Send::text(ROOM.parse().unwrap(), "hello");
                self.request(Request::new(&send, None).unwrap());
            }
            Step::Join => {
                let join = room::Join::fresh(ROOM.parse().unwrap());
                self.request(Request::new(&join, None).unwrap());
            }
            Step::Token(true) => self.input(Input::Token(Ok("token".into()))),
            Step::Token(false) => self.input(Input::Token(Err(TokenError::SignedOut))),
            Step::Typing(true) => self.input(Input::Typing(ROOM.parse().unwrap())),
            Step::Typing(false) => self.input(Input::TypingStopped(ROOM.parse().unwrap())),
            Step::Hint(hint) => self.input(Input::Hint(*hint)),
            Step::Wake => self.wake(),
            Step::Deadline => {
                if let Some(at) = self.session.deadline() {
                    self.now = self.now.max(at);
                }
                self.wake();
            }
            Step::Pass(time) => {
                self.now += ms(*time);
                self.wake();
            }
            Step::Close => self.input(Input::Close),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(1000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_inputs_is_lived_through(seed: u8, steps in prop::collection::vec(step(), 1..80)) {
        let config = Config::new(ClientId::new("phone").unwrap(), [seed; 32]);
        let mut watched = Watched {
            session: Session::new(config),
            now: Duration::ZERO,
            dial: 0,
            socket: None,
            opened: false,
            asked: 0,
            replies: BTreeMap::new(),
        };
        for step in &steps {
            watched.take(step);
            let most = watched.replies.values().max();
            prop_assert!(most.is_none_or(|most| *most == 1), "answered twice after {step:?}");
        }
        watched.input(Input::Close);
        prop_assert_eq!(watched.socket, None, "closed with the session");
        prop_assert_eq!(watched.replies.len() as u64, watched.asked, "one reply each");
        prop_assert_eq!(watched.session.deadline(), None);
        prop_assert_eq!(watched.session.unanswered(), 0);
    }
}
