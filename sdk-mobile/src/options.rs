//! How a client behaves.

use crate::Failure;
use carewire::{Backoff, ClientBuilder, ClientId, Queue};
use std::time::Duration;

/// How a client behaves. What is left out is as the crate `carewire` has it.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Options {
    /// The address of the server, `wss://…/ws`.
    pub url: String,
    /// The name of this client object; a random one otherwise.
    pub client_id: Option<String>,
    /// The first interval between attempts to connect.
    pub first_retry_ms: Option<u64>,
    /// The longest one.
    pub longest_retry_ms: Option<u64>,
    /// How long an attempt to open a socket may take.
    pub dial_timeout_ms: Option<u64>,
    /// How many commands may wait to be confirmed.
    pub queue_commands: Option<u64>,
    /// How old a command may grow while it waits.
    pub queue_age_ms: Option<u64>,
    /// How many commands may be on their way into one room at once.
    pub in_flight_per_room: Option<u64>,
    /// The certificate authorities to trust, each a certificate in DER; otherwise those of the
    /// system, where it can be asked.
    pub authorities: Option<Vec<Vec<u8>>>,
}

impl Options {
    pub(crate) fn builder(self) -> Result<ClientBuilder, Failure> {
        let mut builder = ClientBuilder::for_text(self.url);
        if let Some(id) = self.client_id {
            let id = ClientId::new(id).map_err(|error| Failure::new("invalid_options", &error))?;
            builder = builder.client_id(id);
        }
        let mut backoff = Backoff::default();
        set(
            &mut backoff.first,
            self.first_retry_ms,
            Duration::from_millis,
        );
        set(
            &mut backoff.most,
            self.longest_retry_ms,
            Duration::from_millis,
        );
        let mut queue = Queue::default();
        let count = |count| usize::try_from(count).unwrap_or(usize::MAX);
        set(&mut queue.commands, self.queue_commands, count);
        set(&mut queue.age, self.queue_age_ms, Duration::from_millis);
        set(
            &mut queue.in_flight_per_room,
            self.in_flight_per_room,
            count,
        );
        builder = builder.backoff(backoff).queue(queue);
        if let Some(timeout) = self.dial_timeout_ms {
            builder = builder.dial_timeout(Duration::from_millis(timeout));
        }
        #[cfg(feature = "tls")]
        if let Some(authorities) = self.authorities {
            builder = builder.authorities(authorities);
        }
        Ok(builder)
    }
}

fn set<T, V>(field: &mut T, value: Option<V>, into: impl FnOnce(V) -> T) {
    if let Some(value) = value {
        *field = into(value);
    }
}
