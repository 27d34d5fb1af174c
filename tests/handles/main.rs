//! The handles of the native SDK, one domain a file, against the real binary; where a reconnect
//! matters, through a proxy that breaks the connection.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests that cannot go on fails the test that uses it"
)]

mod backends;
mod boards;
mod calls;
mod charts;
mod notifications;
mod practice;
mod visits;
