//! The layer between the crate `carewire` and the packages for Kotlin and Swift, without logic.
//!
//! Commands, replies and the data of events cross as the JSON of the contract; the types that
//! applications see are generated in both languages from the catalogue of the protocol
//! (`cargo xtask docs`). What crosses in types of its own is what every event, state and failure
//! has in common. `docs/decisions/0021-json-into-mobile-languages.md` has the reasons and figures.
//!
//! Listeners are called in order, from one thread, never under a lock. An exported future waits
//! only for what a task of the [`runtime`] hands it: whoever drops it stops waiting, and nothing
//! else happens.

mod cancel;
mod client;
mod event;
mod failure;
mod listener;
mod network;
mod options;
mod runtime;
mod tokens;

pub use cancel::CancelToken;
pub use client::Core;
pub use event::ServerEvent;
pub use failure::Failure;
pub use listener::{ConnectionState, Listener, ListenerFailure};
pub use network::Network;
pub use options::Options;
pub use tokens::{TokenNeed, TokenRequest, TokenSource};

uniffi::setup_scaffolding!();
