//! The Carewire client for JavaScript: [`Core`] is what the npm package is built on.
//!
//! It decides nothing. Commands and events cross as JSON texts that the browser reads and writes
//! itself, so that the download does not grow with the contract.

mod dead;
mod host;
mod options;
mod text;

use carewire::{
    RoomId, TokenError,
    session::{Hint, Request, RequestNumber},
    web::{Ask, run},
};
use host::{Host, JsHost};
use tokio::sync::mpsc::{self, UnboundedSender};
use wasm_bindgen::prelude::*;

// A third of the code of the standard library's, for the few kilobytes that a session holds.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// One client. Its methods only leave a word for the client's own task, from which the host hears
/// all that comes of it, so that a host may call them at any time.
#[wasm_bindgen]
pub struct Core {
    asks: UnboundedSender<Ask>,
    last: RequestNumber,
}

#[wasm_bindgen]
impl Core {
    /// A client for an address, under a name of its own; whether its token can be fetched anew, and
    /// how many commands may wait for a connection and how long. Nothing happens before
    /// [`connect`](Self::connect).
    #[wasm_bindgen(constructor)]
    pub fn new(
        url: String,
        client_id: &str,
        refreshable: bool,
        max_commands: Option<u32>,
        max_age_ms: Option<u32>,
        host: Host,
    ) -> Result<Self, JsError> {
        let config = options::config(client_id, refreshable, max_commands, max_age_ms)?;
        dead::tell(&host);
        let (asks, receiver) = mpsc::unbounded_channel();
        wasm_bindgen_futures::spawn_local(run(config, url, JsHost(host), receiver));
        Ok(Self { asks, last: 0 })
    }

    /// Connects, and stays connected until it is closed.
    pub fn connect(&self) {
        self.ask(Ask::Connect);
    }

    /// Sends a command of the contract: its name, its data as JSON, a key of the application's own.
    /// The answer comes to the host with the number returned.
    pub fn request(&mut self, name: &str, data: &str, key: Option<String>) -> f64 {
        self.last += 1;
        let key = key.map(|key| text::key(&key)).transpose();
        let request = key.and_then(|key| Request::parse(name, data, key));
        self.ask(Ask::Request(self.last, request));
        text::number_out(self.last)
    }

    /// Takes a command back that was not sent yet.
    pub fn discard(&self, number: f64) {
        if let Some(number) = text::number(number) {
            self.ask(Ask::Withdraw(number));
        }
    }

    /// A key was pressed in a room.
    pub fn typing(&self, room: &str) {
        if let Ok(room) = room.parse::<RoomId>() {
            self.ask(Ask::Typing(room));
        }
    }

    /// Somebody stopped writing in a room.
    #[wasm_bindgen(js_name = typingStopped)]
    pub fn typing_stopped(&self, room: &str) {
        if let Ok(room) = room.parse::<RoomId>() {
            self.ask(Ask::TypingStopped(room));
        }
    }

    /// What the page knows: `background`, `suspend`, `foreground`, `online`, `offline` or `reconnect`.
    pub fn hint(&self, what: &str) {
        let hint = match what {
            "background" => Hint::Background,
            "suspend" => Hint::Suspend,
            "foreground" => Hint::Foreground,
            "online" => Hint::Network(true),
            "offline" => Hint::Network(false),
            "reconnect" => Hint::ReconnectNow,
            _ => return,
        };
        self.ask(Ask::Hint(hint));
    }

    /// Takes the network away, or gives it back, for tests and demonstrations.
    pub fn cut(&self, down: bool) {
        self.ask(Ask::Cut(down));
    }

    /// Closes for good.
    pub fn close(&self) {
        self.ask(Ask::Close);
    }

    fn ask(&self, ask: Ask) {
        // A client that is closed answers nothing more, and has said so.
        let _ = self.asks.send(ask);
    }
}

/// What a page's token function did.
fn token(result: Result<JsValue, JsValue>) -> Result<String, TokenError> {
    match result {
        Ok(value) if value.is_null() || value.is_undefined() => Err(TokenError::SignedOut),
        Ok(value) => value
            .as_string()
            .ok_or_else(|| TokenError::temporary("the token is no text")),
        Err(_) => Err(TokenError::temporary("the token function failed")),
    }
}
