//! A network that can be cut, for tests and demonstrations.

use tokio::sync::watch;

/// Cuts a client off from its network and brings it back, as tests and demonstrations need.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use carewire::{Client, NetworkSwitch};
///
/// let network = NetworkSwitch::new();
/// let client = Client::builder("ws://127.0.0.1:9003/ws").token("…").network(&network).connect().await?;
/// network.cut();   // the socket is reset, and every attempt to connect fails
/// network.heal();  // the next attempt works, and nothing is lost
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct NetworkSwitch {
    weather: watch::Sender<Weather>,
}

/// The state of the network, and how often it was cut: a socket that lived through a cut is dead
/// even if the pump looks again only after the network is back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Weather {
    down: bool,
    resets: u64,
    silences: u64,
}

impl Default for NetworkSwitch {
    fn default() -> Self {
        Self::new()
    }
}

impl NetworkSwitch {
    /// A network that works.
    pub fn new() -> Self {
        Self {
            weather: watch::Sender::new(Weather::default()),
        }
    }

    /// Resets the connection and lets every attempt fail, until [`heal`](Self::heal).
    pub fn cut(&self) {
        self.weather.send_modify(|weather| {
            weather.down = true;
            weather.resets += 1;
        });
    }

    /// Like [`cut`](Self::cut), but nobody notices: what is sent disappears and nothing arrives,
    /// as behind a router that lost its state. The present connection stays dead after
    /// [`heal`](Self::heal).
    pub fn cut_silently(&self) {
        self.weather.send_modify(|weather| {
            weather.down = true;
            weather.silences += 1;
        });
    }

    /// Lets new connections through again.
    pub fn heal(&self) {
        self.weather.send_modify(|weather| weather.down = false);
    }

    /// Whether the network is cut.
    pub fn is_cut(&self) -> bool {
        self.weather.borrow().down
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Weather> {
        self.weather.subscribe()
    }
}

impl Weather {
    pub(crate) fn is_down(self) -> bool {
        self.down
    }

    /// Whether a socket opened under `self` was reset since.
    pub(crate) fn reset_since(self, now: Self) -> bool {
        self.resets != now.resets
    }

    /// Whether a socket opened under `self` was silenced since.
    pub(crate) fn silenced_since(self, now: Self) -> bool {
        self.silences != now.silences
    }
}
