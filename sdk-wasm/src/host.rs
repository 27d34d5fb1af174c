//! What the core tells the page.

use crate::{dead, text};
use carewire::{
    Event, Refusal,
    session::{Failure, RequestNumber, State, TokenNeed},
    web::{self, TokenFuture},
};
use js_sys::Promise;
use std::time::Duration;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// What the npm package implements. It is called in order and may call the core's methods.
    pub type Host;

    #[wasm_bindgen(method, catch)]
    fn token(this: &Host, need: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn event(this: &Host, frame: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn local(this: &Host, text: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn state(this: &Host, text: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn queued(this: &Host, count: u32) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn sent(this: &Host, number: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn reply(this: &Host, number: f64, data: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn refused(this: &Host, number: f64, error: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn log(this: &Host, level: &str, text: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn died(this: &Host, message: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// The page, as the driver sees it. What the package throws is its own affair: it reports it
/// itself, and the client goes on.
pub(crate) struct JsHost(pub(crate) Host);

impl Drop for JsHost {
    fn drop(&mut self) {
        dead::forget(&self.0);
    }
}

impl web::Host for JsHost {
    fn now(&self) -> Duration {
        Duration::from_secs_f64(performance_now().max(0.0) / 1000.0)
    }

    fn token(&self, need: TokenNeed) -> TokenFuture {
        let need = match need {
            TokenNeed::Connect => "connect",
            TokenNeed::Refused => "refused",
            TokenNeed::Refresh => "refresh",
        };
        let promise = self.0.token(need);
        Box::pin(async move {
            let result = match promise {
                Ok(promise) => JsFuture::from(promise).await,
                Err(error) => Err(error),
            };
            crate::token(result).map(Into::into)
        })
    }

    fn event(&self, frame: &str) {
        let _ = self.0.event(frame);
    }

    fn local(&self, event: &Event<(), Refusal>) {
        if let Some(text) = event.local_json() {
            let _ = self.0.local(&text);
        }
    }

    fn state(&self, state: &State) {
        let _ = self.0.state(&state.json());
    }

    fn queued(&self, count: usize) {
        let _ = self.0.queued(u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn sent(&self, number: RequestNumber) {
        let _ = self.0.sent(text::number_out(number));
    }

    fn reply(&self, number: RequestNumber, result: Result<Box<str>, Failure>) {
        let number = text::number_out(number);
        let _ = match result {
            Ok(data) => self.0.reply(number, &data),
            Err(error) => self.0.refused(number, &error.json()),
        };
    }

    fn debug(&self, text: &str) {
        let _ = self.0.log("debug", text);
    }
}
