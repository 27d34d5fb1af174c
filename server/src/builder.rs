//! Putting a server together.

use crate::{
    auth::Authenticator,
    authoriser::HttpAuthoriser,
    backplane::{self, Backplane, Local, Receiver, Signal},
    config::{Config, Settings},
    core::{Core, Parts},
    env::{Runtime, TokioEnv},
    error::Error,
    metrics::Metrics,
    policy::Authoriser,
    store::{self, Committed, Retention, WriterOptions},
};
use std::sync::{Arc, Weak};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

/// A running server, without a listener: see [`router`](crate::router) and
/// [`serve`](crate::serve).
#[derive(Debug, Clone)]
pub struct Server {
    core: Arc<Core>,
    sockets: TaskTracker,
}

impl Server {
    /// Begins with settings; fails where they contradict themselves or name no key.
    pub fn builder(settings: &Settings) -> Result<Builder, Error> {
        Ok(Builder {
            config: settings.config()?,
            authenticator: settings.authenticator()?,
            authoriser: None,
            env: None,
        })
    }

    /// What connections and HTTP calls share.
    pub fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// The tasks of the WebSockets, to be waited for.
    pub fn sockets(&self) -> &TaskTracker {
        &self.sockets
    }
}

/// Puts a [`Server`] together.
pub struct Builder {
    config: Config,
    authenticator: Authenticator,
    authoriser: Option<Arc<dyn Authoriser>>,
    env: Option<Runtime>,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Lets an application decide who may join, write and read, in place of the directory.
    #[must_use]
    pub fn authoriser(mut self, authoriser: Arc<dyn Authoriser>) -> Self {
        self.authoriser = Some(authoriser);
        self
    }

    /// Takes time, randomness and tasks from elsewhere: for simulations.
    #[must_use]
    pub fn env(mut self, env: Runtime) -> Self {
        self.env = Some(env);
        self
    }

    /// Opens the database and starts the server's background tasks. Must be called within a tokio
    /// runtime.
    pub async fn build(self) -> Result<Server, Error> {
        let env = self.env.unwrap_or_else(|| Arc::new(TokioEnv::new()));
        let metrics = Arc::new(Metrics::new());
        let backplane = Arc::new(Local::default());
        let committed = hand_over(&env, Arc::clone(&backplane) as Arc<dyn Backplane>);
        let retention = Retention {
            events: self.config.retain_events,
            bytes: self.config.retain_bytes,
        };
        let options = WriterOptions {
            committed,
            metrics: Arc::clone(&metrics),
        };
        let store = store::open(&self.config.database_url, &env, retention, options).await?;
        let authoriser = match (self.authoriser, &self.config.authoriser) {
            (None, Some((url, lifetime))) => {
                let authoriser = HttpAuthoriser::new(&env, url, *lifetime)?;
                Some(Arc::new(authoriser) as Arc<dyn Authoriser>)
            }
            (own, _) => own,
        };
        let core = Core::start(Parts {
            env: env.clone(),
            config: self.config,
            store,
            backplane: Arc::clone(&backplane) as Arc<dyn Backplane>,
            authenticator: self.authenticator,
            authoriser,
            metrics,
        });
        let receiver: Weak<dyn Receiver> = Arc::downgrade(&core) as Weak<dyn backplane::Receiver>;
        backplane.attach(receiver);
        Ok(Server {
            core,
            sockets: TaskTracker::new(),
        })
    }
}

/// What a store is to do with events it has committed: it hands them over and goes on, and one task
/// publishes them in that order.
pub fn hand_over(
    env: &Runtime,
    backplane: Arc<dyn Backplane>,
) -> Arc<dyn Fn(Vec<Committed>) + Send + Sync> {
    let (send, mut receive) = mpsc::unbounded_channel::<Vec<Committed>>();
    env.spawn(Box::pin(async move {
        while let Some(events) = receive.recv().await {
            for event in events {
                backplane.publish(Signal::Committed(event));
            }
        }
    }));
    Arc::new(move |events| {
        // Fails only when the runtime is gone, and then nobody is connected.
        let _ = send.send(events);
    })
}
