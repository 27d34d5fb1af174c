//! A practice: a server, a network in front of it, and people with clients.

use carewire::{Backoff, Client, Typed, protocol::PrivateJson};
use carewire_tests::{
    Options, Proxy, Server, Token, http,
    wait::{PATIENCE, within},
};
use serde_json::{Value, json};
use std::{fmt::Debug, time::Duration};

/// A server behind a proxy, with dr-lee and dr-kim in the care team of ana.
pub(crate) struct Practice {
    pub(crate) server: Server,
    pub(crate) proxy: Proxy,
}

impl Practice {
    pub(crate) async fn open() -> Self {
        Self::with(|options| options).await
    }

    pub(crate) async fn with(configure: impl FnOnce(Options) -> Options) -> Self {
        let server = Server::start(|options| {
            configure(
                options
                    .env("CAREWIRE_MESSAGES_PER_SECOND", 100_000)
                    .env("CAREWIRE_COMMANDS_PER_SECOND", 100_000)
                    .env("CAREWIRE_CONNECTS_PER_MINUTE", 100_000),
            )
        });
        let proxy = Proxy::start(server.address()).await;
        let practice = Self { server, proxy };
        for (user, role) in [
            ("dr-lee", "provider"),
            ("dr-kim", "provider"),
            ("ana", "patient"),
        ] {
            let body = json!({"role": role});
            practice
                .backend("PUT", &format!("/v1/users/{user}"), Some(body))
                .await;
        }
        for provider in ["dr-lee", "dr-kim"] {
            let path = format!("/v1/care-team/{provider}/ana");
            practice.backend("PUT", &path, None).await;
        }
        practice
    }

    /// Calls the backend API.
    pub(crate) async fn backend(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let token = self.server.service_token(carewire_tests::TENANT);
        let answer = http::request(&self.server, method, path, Some(&token), body.as_ref()).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
        answer.json()
    }

    /// Somebody whose bytes go through the proxy.
    pub(crate) async fn through(&self, user: &str, role: &str) -> Client {
        connect(self.proxy.url(), user, role).await
    }

    /// Somebody beside the proxy.
    pub(crate) async fn beside(&self, user: &str, role: &str) -> Client {
        connect(self.server.url(), user, role).await
    }

    /// Breaks every connection through the proxy, and waits until this client is back.
    pub(crate) async fn blink(&self, client: &Client) {
        let mut events = client.events();
        self.proxy.reset();
        let back = async {
            while let Some(event) = events.next().await {
                if matches!(event, carewire::Event::CaughtUp) {
                    return;
                }
            }
            panic!("the client is closed");
        };
        within("the client to be back", back).await;
    }
}

async fn connect(url: String, user: &str, role: &str) -> Client {
    let client = Client::builder(url)
        .token(Token::new(user, role).sign())
        .backoff(Backoff {
            first: Duration::from_millis(50),
            most: Duration::from_millis(400),
            at_once: Duration::from_millis(20),
            ..Backoff::default()
        })
        .build()
        .unwrap();
    within("a connection", client.connect()).await.unwrap();
    client
}

/// Reads on until something is what was waited for.
pub(crate) async fn find<T: Debug, U>(
    what: &str,
    events: &mut Typed<T>,
    pick: impl Fn(&T) -> Option<U>,
) -> U {
    let mut passed = Vec::new();
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            let event = events.next().await.expect("the client is not closed");
            if let Some(found) = pick(&event) {
                return found;
            }
            passed.push(event);
        }
    });
    let found = found.await;
    found.unwrap_or_else(|_| panic!("{what} never came, only {passed:?}"))
}

/// Any JSON, as text.
pub(crate) fn texts(json: &[PrivateJson]) -> Vec<&str> {
    json.iter().map(PrivateJson::get).collect()
}
