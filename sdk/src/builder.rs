//! Building a client.

#[cfg(feature = "rustls")]
use crate::driver::tls;
use crate::{
    Client, ConnectError, NetworkSwitch, TokenError,
    client::Parts,
    driver::native::{Link, TokenSource},
    reader::{self, Reader},
    session::{Backoff, Config, Queue, TokenNeed},
};
use carewire_protocol::{
    ClientId, EventData, EventType as _, PrivateText,
    frame::EventFrame,
    session::{self, ConnectedEvent},
};
use rand::{
    TryRng as _,
    rngs::{SysRng, Xoshiro256PlusPlus},
};
use std::{future::Future, sync::Arc, time::Duration};

/// Builds a [`Client`]. Only a token is required.
///
/// ```no_run
/// use carewire::{Client, TokenError};
///
/// async fn fetch_token() -> Result<String, TokenError> {
///     // Ask the application's own backend.
///     Ok("…".to_owned())
/// }
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder("wss://live.example.org/ws").token_provider(fetch_token).connect().await?;
/// # Ok(()) }
/// ```
#[must_use = "a builder does nothing until `build` or `connect`"]
pub struct ClientBuilder {
    url: String,
    reader: Reader,
    tokens: Option<TokenSource>,
    refreshable: bool,
    backoff: Backoff,
    queue: Queue,
    client_id: Option<ClientId>,
    seed: Option<[u8; 32]>,
    dial_timeout: Duration,
    network: NetworkSwitch,
    #[cfg(feature = "rustls")]
    tls: Option<Arc<rustls::ClientConfig>>,
    #[cfg(feature = "rustls")]
    authorities: Option<Vec<Vec<u8>>>,
}

impl ClientBuilder {
    pub(crate) fn new(url: String) -> Self {
        Self::with_reader(url, reader::all)
    }

    /// For a layer that hands events on to another language as text: all of them but `connected`
    /// are [unknown](carewire_protocol::EventData::Unknown), and the code that would read them is
    /// not linked.
    pub fn for_text(url: impl Into<String>) -> Self {
        Self::with_reader(url.into(), connected_alone)
    }

    fn with_reader(url: String, reader: Reader) -> Self {
        Self {
            url,
            reader,
            tokens: None,
            refreshable: false,
            backoff: Backoff::default(),
            queue: Queue::default(),
            client_id: None,
            seed: None,
            dial_timeout: Duration::from_secs(10),
            network: NetworkSwitch::new(),
            #[cfg(feature = "rustls")]
            tls: None,
            #[cfg(feature = "rustls")]
            authorities: None,
        }
    }

    /// One token for the life of the client. When it expires, the client closes: for anything but
    /// a test or a short task take a [provider](Self::token_provider).
    pub fn token(mut self, token: impl Into<PrivateText>) -> Self {
        let token = token.into();
        self.refreshable = false;
        self.tokens = Some(Arc::new(move |_| {
            Box::pin(std::future::ready(Ok(token.clone())))
        }));
        self
    }

    /// Where tokens come from. Asked once for every connection, and again before the token of a
    /// connection expires. A failure is tried again with backoff; [`TokenError::SignedOut`] closes
    /// the client.
    pub fn token_provider<F, R, T>(self, provider: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<T, TokenError>> + Send + 'static,
        T: Into<PrivateText>,
    {
        self.token_provider_for(move |_| provider())
    }

    /// Like [`token_provider`](Self::token_provider), and tells what the token is for. A provider
    /// that keeps its tokens must fetch another one for [`TokenNeed::Refused`] and
    /// [`TokenNeed::Refresh`].
    pub fn token_provider_for<F, R, T>(mut self, provider: F) -> Self
    where
        F: Fn(TokenNeed) -> R + Send + Sync + 'static,
        R: Future<Output = Result<T, TokenError>> + Send + 'static,
        T: Into<PrivateText>,
    {
        self.refreshable = true;
        self.tokens = Some(Arc::new(move |need| {
            let token = provider(need);
            Box::pin(async move { token.await.map(Into::into) })
        }));
        self
    }

    /// How long to wait between attempts to connect.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// What may wait for a connection.
    pub fn queue(mut self, queue: Queue) -> Self {
        self.queue = queue;
        self
    }

    /// The name of this client object; a random one otherwise. A newer connection of the same user
    /// and client id replaces the older one, so no two clients may share it.
    pub fn client_id(mut self, id: ClientId) -> Self {
        self.client_id = Some(id);
        self
    }

    /// Makes keys, jitter and client id repeatable, for tests. Clients with the same seed use the
    /// same keys: never do this with a server that anybody else uses.
    pub fn seed(mut self, seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        self.seed = Some(bytes);
        self
    }

    /// How long one attempt to open a socket may take: 10 s.
    pub fn dial_timeout(mut self, timeout: Duration) -> Self {
        self.dial_timeout = timeout;
        self
    }

    /// A network that a test or a demonstration can cut.
    pub fn network(mut self, switch: &NetworkSwitch) -> Self {
        self.network = switch.clone();
        self
    }

    /// The TLS configuration for `wss://`, in place of the roots chosen by the crate's features.
    #[cfg(feature = "rustls")]
    pub fn tls(mut self, config: Arc<rustls::ClientConfig>) -> Self {
        self.tls = Some(config);
        self
    }

    /// Whom to trust for `wss://`, in place of the roots chosen by the crate's features: these
    /// authorities, each a certificate in DER, and nobody else. Of no effect beside
    /// [`tls`](Self::tls), which says all of it.
    #[cfg(feature = "rustls")]
    pub fn authorities(mut self, certificates: Vec<Vec<u8>>) -> Self {
        self.authorities = Some(certificates);
        self
    }

    /// The client, without any I/O. Nothing happens before [`Client::connect`].
    pub fn build(self) -> Result<Client, ConnectError> {
        let secure = self.url.starts_with("wss://");
        if !secure && !self.url.starts_with("ws://") {
            return Err(ConnectError::InvalidUrl);
        }
        let tokens = self.tokens.ok_or(ConnectError::NoToken)?;
        let seed = match self.seed {
            Some(seed) => seed,
            None => random_seed()?,
        };
        let client_id = match self.client_id {
            Some(id) => id,
            None => name_from(seed),
        };
        let mut config = Config::new(client_id, seed);
        config.refreshable = self.refreshable;
        config.backoff = self.backoff;
        config.queue = self.queue;
        config.dial_timeout = self.dial_timeout;
        #[cfg(feature = "rustls")]
        let tls = match (self.tls, self.authorities) {
            (Some(tls), _) if secure => Some(tls),
            (None, Some(authorities)) if secure => Some(tls::config_for(authorities)?),
            (None, None) if secure => Some(tls::default_config()?),
            _ => None,
        };
        #[cfg(not(feature = "rustls"))]
        if secure {
            return Err(ConnectError::Tls(
                "this client was built without TLS".to_owned(),
            ));
        }
        let link = Link {
            url: self.url,
            #[cfg(feature = "rustls")]
            tls,
            tokens,
            network: self.network,
        };
        Ok(Client::from_parts(config, self.reader, |desk, asks| {
            Parts { desk, asks, link }
        }))
    }

    /// Builds the client and waits until it is connected, through outages.
    pub async fn connect(self) -> Result<Client, ConnectError> {
        let client = self.build()?;
        client.connect().await?;
        Ok(client)
    }
}

fn connected_alone(event: &EventFrame<'_>) -> serde_json::Result<EventData> {
    if event.name == ConnectedEvent::NAME {
        serde_json::from_str(event.data.get()).map(|me| session::Event::Connected(me).into())
    } else {
        Ok(reader::none(event))
    }
}

fn random_seed() -> Result<[u8; 32], ConnectError> {
    let mut seed = [0; 32];
    match SysRng.try_fill_bytes(&mut seed) {
        Ok(()) => Ok(seed),
        Err(_) => Err(ConnectError::NoRandomness),
    }
}

/// A name of 128 bits that are not those the keys come from.
fn name_from(seed: [u8; 32]) -> ClientId {
    use rand::{RngExt as _, SeedableRng as _};
    let mut rng = Xoshiro256PlusPlus::from_seed(seed.map(|byte| !byte));
    let text = format!("{:032x}", rng.random::<u128>());
    // Thirty-two hexadecimal digits are a client id by the rules of the contract.
    ClientId::new(&text).unwrap_or_else(|_| unreachable!("{text} is a client id"))
}
