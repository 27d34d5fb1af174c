//! The Carewire server.
//!
//! The binary `carewire-server` is a few lines on top of this library. To mount the server into
//! an axum application of your own, with your own rules if you like:
//!
//! ```no_run
//! use carewire_server::{Server, Settings, router};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings { dev: true, ..Settings::default() };
//! let server = Server::builder(&settings)?.build().await?;
//! let app = axum::Router::new().nest("/live", router(&server));
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! axum::serve(listener, app).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Where things are
//!
//! [`socket`] touches WebSockets and nothing else does; [`session`] is one client's side of the
//! conversation; [`domain`] does what commands say; [`policy`] decides who may; [`hub`] holds
//! rooms and is the only fan-out path; [`store`] is the durable truth; [`backplane`] connects
//! nodes, and [`repair`] makes up for what it loses. `docs/architecture.md` follows a frame through all of them.
// Counts become floats only for metrics and rates, where the last digits do not matter.
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]

pub mod access;
pub mod alarm;
pub mod audit;
pub mod auth;
mod authoriser;
pub mod backplane;
mod builder;
pub mod census;
pub mod config;
pub mod core;
pub mod domain;
pub mod env;
pub mod error;
mod http;
pub mod hub;
pub mod keys;
pub mod metrics;
mod outbound;
pub mod planted;
pub mod policy;
pub mod rate;
pub mod rates;
pub mod repair;
mod serve;
pub mod session;
pub mod socket;
pub mod store;
pub mod timers;

pub use builder::{Builder, Server, hand_over};
pub use config::{Config, Settings};
pub use http::router;
pub use serve::serve;

/// What `--dev` adds.
pub mod dev {
    pub use crate::http::{demo_tokens, settle};
}
