//! The harness of the system tests: the real `carewire-server` binary in a process of its own,
//! and a raw WebSocket client that was written from the wire contract alone. Nothing here uses
//! the types of `carewire-protocol`, so that the tests are an independent reading of the contract.
//!
//! ```no_run
//! # async fn example() {
//! use carewire_tests::{Raw, Server, Token};
//! use serde_json::json;
//!
//! let server = Server::start(|options| options.env("CAREWIRE_DRAIN_MS", 500));
//! let mut ana = Raw::login(&server, &Token::new("ana", "patient")).await;
//! let status = ana.request("session:status", json!({})).await.unwrap();
//! assert_eq!(status["userId"], "ana");
//! # }
//! ```
//!
//! - [`Server`]: starts, stops, kills and restarts the binary, and keeps its log.
//! - [`Token`]: a JWT with every claim and header open to change.
//! - [`Raw`]: one WebSocket connection; [`frames`]: frames no honest client would send.
//! - [`http`]: one HTTP request, and an upgrade that is expected to be refused.
//! - [`check`]: the invariants I1 to I9, judged from a recorded history.
//! - [`truth`]: what the logs hold in the end, for the judge.
//! - [`proxy`]: a network between the two that fails as told, or by a seed.
//! - [`Postgres`]: a PostgreSQL server of our own.
//! - [`wait`]: how long a test waits for what must happen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a harness that cannot go on fails the test that uses it, with the cause"
)]

mod binary;
pub use carewire_check as check;
mod connect;
mod failure;
pub mod frames;
pub mod http;
mod log;
mod postgres;
pub mod proxy;
mod raw;
mod server;
mod token;
pub mod truth;
pub mod wait;

pub use binary::server_binary;
pub use connect::Connect;
pub use failure::Failure;
pub use log::Log;
pub use postgres::Postgres;
pub use proxy::Proxy;
pub use raw::Raw;
pub use server::{Options, Refusal, Server};
pub use token::{SECRET, TENANT, Token, now};

/// A name nobody else in this run has: for tenants, users and rooms on a shared server.
pub fn unique(prefix: &str) -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
