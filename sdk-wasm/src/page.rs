//! What the core needs of the page, by free names for which the package answers
//! (`npm/src/core/runtime.ts`).

use std::{sync::Arc, task::Wake, time::Duration};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
    /// Every client of the core is to be polled soon.
    #[wasm_bindgen(js_name = pollSoon)]
    fn poll_soon();
    #[wasm_bindgen(js_name = panicked)]
    fn panicked(message: &str);
}

/// The time since the page began.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is no such time counts as the first or the last, and no page lives for so long"
)]
pub(crate) fn now() -> Duration {
    Duration::from_millis(performance_now() as u64)
}

/// Has the clients polled.
pub(crate) struct Bell;

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        poll_soon();
    }
}

/// After a panic nothing in the module may run again, and why is not to be lost.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|info| {
        panicked(info.payload_as_str().unwrap_or_default());
    }));
}
