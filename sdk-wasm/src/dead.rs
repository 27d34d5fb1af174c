//! What is said of a client that has panicked. After a panic nothing in the module may run again.

use crate::host::Host;
use std::{cell::RefCell, sync::Once};
use wasm_bindgen::{JsCast as _, JsValue};

thread_local! {
    /// Whoever is to be told.
    static HOSTS: RefCell<Vec<Host>> = const { RefCell::new(Vec::new()) };
}

static HOOK: Once = Once::new();

/// This host is told of a panic.
pub(crate) fn tell(host: &Host) {
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let message = info.to_string();
            let hosts = HOSTS.with(|hosts| {
                hosts
                    .try_borrow_mut()
                    .map(|mut all| std::mem::take(&mut *all))
            });
            for host in hosts.into_iter().flatten() {
                let _ = host.died(&message);
            }
        }));
    });
    let host: &JsValue = host.as_ref();
    HOSTS.with_borrow_mut(|hosts| hosts.push(host.clone().unchecked_into()));
}

/// It needs to be told no more.
pub(crate) fn forget(host: &Host) {
    let host: &JsValue = host.as_ref();
    HOSTS.with_borrow_mut(|hosts| {
        hosts.retain(|other| {
            let other: &JsValue = other.as_ref();
            other != host
        });
    });
}
