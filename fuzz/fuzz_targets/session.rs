#![no_main]

use carewire::{
    ClientId, RoomId, TokenError,
    protocol::{message, room, typing},
    session::{Config, Dial, Hint, Input, Output, Request, Session, State},
};
use std::{collections::BTreeSet, time::Duration};

const ROOMS: [&str; 2] = ["chat:ana:lee", "thread:1"];
/// More than any one input may lead to.
const MOST_OUTPUTS: usize = 10_000;

struct Driver {
    session: Session,
    now: Duration,
    dial: Dial,
    asked: BTreeSet<u64>,
    closed: bool,
}

impl Driver {
    fn input(&mut self, input: Input<'_>) {
        self.session.handle(input, self.now);
        let mut outputs = 0;
        while let Some(output) = self.session.poll() {
            outputs += 1;
            assert!(outputs < MOST_OUTPUTS, "an input leads to no end of outputs");
            match output {
                Output::Open { dial } => {
                    assert!(!self.closed && dial > self.dial);
                    self.dial = dial;
                }
                Output::Send(text) => {
                    assert!(!self.closed);
                    assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
                }
                Output::Reply { number, .. } => assert!(self.asked.remove(&number), "one answer each"),
                Output::State(State::Closed { .. }) => self.closed = true,
                _ => {}
            }
        }
    }

    fn ask<C: carewire::protocol::Command>(&mut self, number: u64, command: C) {
        if command.validate().is_err() {
            return;
        }
        let request = Request::new(&command, None).expect("a command is JSON");
        self.asked.insert(number);
        self.input(Input::Command { number, request });
    }
}

// A line for each thing that happens: its first letter says what, the rest is its content.
libfuzzer_sys::fuzz_target!(|script: &str| {
    let client = ClientId::new("fuzz").expect("a name");
    let mut driver = Driver {
        session: Session::new(Config::new(client, [7; 32])),
        now: Duration::ZERO,
        dial: 0,
        asked: BTreeSet::new(),
        closed: false,
    };
    driver.input(Input::Connect);
    for (number, line) in (1..).zip(script.lines().take(300)) {
        let Some(kind) = line.chars().next() else { continue };
        let rest = &line[kind.len_utf8()..];
        let size = rest.len();
        let room: RoomId = ROOMS[size % 2].parse().expect("a room");
        let dial = driver.dial;
        match kind {
            't' => driver.input(Input::Token(Ok("token".into()))),
            'T' => driver.input(Input::Token(Err(TokenError::temporary("later")))),
            'o' => driver.input(Input::Opened { dial }),
            'f' | '{' => {
                let text = if kind == '{' { line } else { rest };
                driver.input(Input::Frame { dial, text });
            }
            'c' => {
                let code = rest.parse().unwrap_or(1006);
                driver.input(Input::Closed { dial, code, reason: "", retry_after: None });
            }
            'j' => driver.ask(number, room::Join::fresh(room)),
            'l' => driver.ask(number, room::Leave { room_id: room }),
            's' => driver.ask(number, message::Send::text(room, rest)),
            'q' => driver.ask(number, message::History::newest(room)),
            'y' => driver.ask(number, typing::Start { room_id: room }),
            'k' => driver.input(Input::Typing(room)),
            'h' => driver.input(Input::Hint(
                [Hint::Background, Hint::Foreground, Hint::Network(true), Hint::ReconnectNow][size % 4],
            )),
            'w' => {
                driver.now += Duration::from_millis(rest.parse::<u32>().unwrap_or(1).into());
                driver.input(Input::Wake);
            }
            'd' => {
                if let Some(deadline) = driver.session.deadline() {
                    driver.now = driver.now.max(deadline);
                    driver.input(Input::Wake);
                    // Or a driver would wake it for ever.
                    assert!(driver.session.deadline().is_none_or(|next| next > driver.now));
                }
            }
            _ => {}
        }
    }
    driver.input(Input::Close);
    assert!(driver.closed && driver.asked.is_empty() && driver.session.deadline().is_none());
});
