//! A network that tests and demonstrations can cut.

use carewire::NetworkSwitch;
use std::sync::Arc;

/// Cuts a client off and brings it back.
#[derive(Debug, uniffi::Object)]
pub struct Network {
    pub(crate) switch: NetworkSwitch,
}

#[uniffi::export]
impl Network {
    /// A network that works.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            switch: NetworkSwitch::new(),
        })
    }

    /// Resets the connection and lets every attempt fail until [`heal`](Self::heal).
    pub fn cut(&self) {
        self.switch.cut();
    }

    /// Like [`cut`](Self::cut), but nobody notices.
    pub fn cut_silently(&self) {
        self.switch.cut_silently();
    }

    /// Lets new connections through again.
    pub fn heal(&self) {
        self.switch.heal();
    }
}
