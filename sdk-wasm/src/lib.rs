//! The Carewire client for JavaScript: [`Core`] is what the npm package is built on.
//!
//! It decides nothing. Commands and events cross as JSON texts that the browser reads and writes
//! itself, so that the download does not grow with the contract. The package keeps the timers and
//! says when a client goes on; it throws nothing into the core, and gives it what it made itself.

mod host;
mod page;

use carewire::{
    ClientId, Key, Refusal, RoomId, TokenError,
    session::{Config, Hint, Input, Request},
    web::Driver,
};
use host::Host;
use page::Bell;
use std::{cell::Cell, sync::Arc, time::Duration};
use wasm_bindgen::prelude::*;

// A third of the code of the standard library's, for the few kilobytes that a session holds.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// One client. A host may call its methods at any time: what comes of them it hears when the
/// client is polled.
#[wasm_bindgen]
pub struct Core {
    driver: Driver<Host>,
    last: Cell<u32>,
}

#[wasm_bindgen]
impl Core {
    /// A client under a random name of its own, for an address, with a space between: each text that
    /// crosses costs code. Whether its token can be fetched anew, how many commands may wait for a
    /// connection, and for how many milliseconds.
    #[wasm_bindgen(constructor)]
    pub fn new(
        name_and_url: &str,
        refreshable: bool,
        max_commands: u32,
        max_age_ms: u32,
        host: Host,
    ) -> Self {
        let (name, url) = name_and_url.split_once(' ').unwrap_or_default();
        let Ok(client_id) = ClientId::new(name) else {
            wasm_bindgen::throw_str("this is no client id");
        };
        // The name is the page's randomness, in as many characters, and no two clients share one.
        let mut seed = [0; 32];
        for (to, from) in seed.iter_mut().zip(name.bytes()) {
            *to = from;
        }
        let mut config = Config::new(client_id, seed);
        config.refreshable = refreshable;
        config.queue.commands = usize::try_from(max_commands).unwrap_or(usize::MAX);
        config.queue.age = Duration::from_millis(max_age_ms.into());
        Self {
            driver: Driver::new(config, url.to_owned(), host, Arc::new(Bell).into()),
            last: Cell::new(0),
        }
    }

    /// Goes on. Returns after how many milliseconds it is to be called again; 0: when the core
    /// asks for it.
    pub fn poll(&self) -> u32 {
        self.driver.poll().map_or(0, |wait| wait.max(1))
    }

    /// Sends a command of the contract: its name, its data as JSON and a key of the application's
    /// own where it has one, each in a line. The answer comes to the host with the number returned,
    /// which is never 0.
    pub fn request(&self, command: &str) -> u32 {
        let last = self.last.get().wrapping_add(1).max(1);
        self.last.set(last);
        let number = last.into();
        self.driver.ask(match parse(command) {
            Ok(request) => Input::Command { number, request },
            Err(error) => Input::Refused { number, error },
        });
        last
    }

    /// Takes a command back that was not sent yet.
    pub fn discard(&self, number: u32) {
        self.driver.ask(Input::Withdraw(number.into()));
    }

    /// What happened: a `word`, and the room or the token that it is about.
    pub fn tell(&self, word: u32, of: &str) {
        self.driver.ask(match word {
            word::CONNECT => Input::Connect,
            word::CLOSE => Input::Close,
            word::BACKGROUND => Input::Hint(Hint::Background),
            word::SUSPEND => Input::Hint(Hint::Suspend),
            word::FOREGROUND => Input::Hint(Hint::Foreground),
            word::ONLINE => Input::Hint(Hint::Network(true)),
            word::OFFLINE => Input::Hint(Hint::Network(false)),
            word::RECONNECT => Input::Hint(Hint::ReconnectNow),
            word::TOKEN => Input::Token(Ok(of.to_owned().into())),
            word::SIGNED_OUT => Input::Token(Err(TokenError::SignedOut)),
            word::NO_TOKEN => Input::Token(Err(TokenError::Temporary(String::new()))),
            word::CUT => return self.driver.cut(true),
            word::HEAL => return self.driver.cut(false),
            _ => match of.parse::<RoomId>() {
                Ok(room) if word == word::TYPING => Input::Typing(room),
                Ok(room) if word == word::TYPING_STOPPED => Input::TypingStopped(room),
                _ => return,
            },
        });
    }
}

/// `Word` of the package (`npm/src/core/boundary.ts`), in the same order.
mod word {
    pub(crate) const CONNECT: u32 = 0;
    pub(crate) const CLOSE: u32 = 1;
    pub(crate) const BACKGROUND: u32 = 2;
    pub(crate) const SUSPEND: u32 = 3;
    pub(crate) const FOREGROUND: u32 = 4;
    pub(crate) const ONLINE: u32 = 5;
    pub(crate) const OFFLINE: u32 = 6;
    pub(crate) const RECONNECT: u32 = 7;
    pub(crate) const TOKEN: u32 = 8;
    pub(crate) const SIGNED_OUT: u32 = 9;
    pub(crate) const NO_TOKEN: u32 = 10;
    pub(crate) const CUT: u32 = 11;
    pub(crate) const HEAL: u32 = 12;
    pub(crate) const TYPING: u32 = 13;
    pub(crate) const TYPING_STOPPED: u32 = 14;
}

fn parse(command: &str) -> Result<Request, Refusal> {
    let mut lines = command.splitn(3, '\n');
    let mut line = || lines.next();
    let (name, data) = (line().unwrap_or_default(), line().unwrap_or_default());
    Request::parse(name, data, line().map(key).transpose()?)
}

/// A key of the application's own.
fn key(text: &str) -> Result<Key, Refusal> {
    Key::new(text).map_err(|_| Refusal::invalid("key", "A key is 1-64 visible ASCII characters"))
}
