//! What the core tells the package.

use crate::page;
use carewire::{
    Event, Refusal,
    session::{Failure, RequestNumber, State, TokenNeed},
    web,
};
use std::time::Duration;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What the npm package implements. It is called in order, may call the core's methods, and
    /// throws nothing.
    pub type Host;

    #[wasm_bindgen(method)]
    fn hear(this: &Host, news: u32, number: u32, text: &str);
}

/// What is told, as `News` of the package numbers it. One import for all: each costs code on both
/// sides.
enum News {
    Token,
    Event,
    Local,
    State,
    Sent,
    Reply,
    Refused,
    Debug,
}

impl Host {
    fn tell(&self, news: News, number: u32, text: &str) {
        self.hear(news as u32, number, text);
    }
}

impl web::Host for Host {
    fn now(&self) -> Duration {
        page::now()
    }

    fn token(&self, need: TokenNeed) {
        self.tell(News::Token, need as u32, "");
    }

    fn event(&self, frame: &str) {
        self.tell(News::Event, 0, frame);
    }

    fn local(&self, event: &Event<(), Refusal>) {
        if let Some(text) = event.local_json() {
            self.tell(News::Local, 0, &text);
        }
    }

    fn state(&self, state: &State) {
        self.tell(News::State, 0, &state.json());
    }

    fn sent(&self, number: RequestNumber) {
        self.tell(News::Sent, narrow(number), "");
    }

    fn reply(&self, number: RequestNumber, result: Result<Box<str>, Failure>) {
        let number = narrow(number);
        match result {
            Ok(data) => self.tell(News::Reply, number, &data),
            Err(error) => self.tell(News::Refused, number, &error.json()),
        }
    }

    fn debug(&self, text: &str) {
        self.tell(News::Debug, 0, text);
    }
}

/// The number of a request, as the core has given it.
#[allow(clippy::cast_possible_truncation, reason = "it was given in 32 bits")]
fn narrow(number: RequestNumber) -> u32 {
    number as u32
}
