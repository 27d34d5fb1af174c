//! How a client is configured.

use carewire::{ClientId, session::Config};
use std::time::Duration;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn fill_with_randomness(bytes: &mut [u8]) -> Result<(), JsValue>;
}

/// The session's configuration.
pub(crate) fn config(
    client_id: &str,
    refreshable: bool,
    max_commands: Option<u32>,
    max_age_ms: Option<u32>,
) -> Result<Config, JsError> {
    let mut seed = [0; 32];
    fill_with_randomness(&mut seed).map_err(|_| JsError::new("this page has no randomness"))?;
    let mut config = Config::new(ClientId::new(client_id)?, seed);
    config.refreshable = refreshable;
    if let Some(commands) = max_commands {
        config.queue.commands = usize::try_from(commands).unwrap_or(usize::MAX);
    }
    if let Some(age) = max_age_ms {
        config.queue.age = Duration::from_millis(age.into());
    }
    Ok(config)
}
