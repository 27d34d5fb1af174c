//! The options of a client, as the package writes them.

use carewire::{ClientId, session::Config};
use serde::Deserialize;
use std::time::Duration;
use wasm_bindgen::prelude::*;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    url: String,
    client_id: Option<String>,
    #[serde(default = "yes")]
    refreshable: bool,
    #[serde(default)]
    queue: Queue,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Queue {
    max_commands: Option<usize>,
    max_age_ms: Option<u64>,
}

const fn yes() -> bool {
    true
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn fill_with_randomness(bytes: &mut [u8]) -> Result<(), JsValue>;
}

/// The session's configuration, and the address.
pub(crate) fn read(text: &str) -> Result<(Config, String), JsError> {
    let options: Options = serde_json::from_str(text)?;
    let mut seed = [0; 32];
    fill_with_randomness(&mut seed).map_err(|_| JsError::new("this page has no randomness"))?;
    let client_id = match options.client_id {
        Some(id) => ClientId::new(&id)?,
        None => {
            let mut name = [0; 16];
            fill_with_randomness(&mut name)
                .map_err(|_| JsError::new("this page has no randomness"))?;
            ClientId::new(format!("{:032x}", u128::from_le_bytes(name)))?
        }
    };
    let mut config = Config::new(client_id, seed);
    config.refreshable = options.refreshable;
    if let Some(commands) = options.queue.max_commands {
        config.queue.commands = commands;
    }
    if let Some(age) = options.queue.max_age_ms {
        config.queue.age = Duration::from_millis(age);
    }
    Ok((config, options.url))
}
