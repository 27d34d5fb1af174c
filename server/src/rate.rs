//! How many messages a second, for `/stats`.

use carewire_protocol::TenantId;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Messages are counted over this long.
const WINDOW: Duration = Duration::from_secs(10);

/// Messages by tenant, in the window that is being filled and the one before it.
#[derive(Debug, Default)]
pub struct MessageRate {
    windows: Mutex<BTreeMap<TenantId, Windows>>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Windows {
    index: u64,
    current: u64,
    former: u64,
}

impl Windows {
    fn at(self, index: u64) -> Self {
        match index - self.index {
            0 => self,
            1 => Self {
                index,
                current: 0,
                former: self.current,
            },
            _ => Self {
                index,
                current: 0,
                former: 0,
            },
        }
    }
}

impl MessageRate {
    /// A message was stored.
    pub fn count(&self, tenant: &TenantId, now: Duration) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = windows.entry(tenant.clone()).or_default();
        *entry = entry.at(index(now));
        entry.current += 1;
    }

    /// Messages a second of late.
    pub fn per_second(&self, tenant: &TenantId, now: Duration) -> f64 {
        let windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = windows
            .get(tenant)
            .copied()
            .unwrap_or_default()
            .at(index(now));
        let into = now.as_secs_f64() % WINDOW.as_secs_f64();
        let left = 1.0 - into / WINDOW.as_secs_f64();
        (entry.current as f64 + entry.former as f64 * left) / WINDOW.as_secs_f64()
    }
}

fn index(now: Duration) -> u64 {
    now.as_secs() / WINDOW.as_secs()
}
