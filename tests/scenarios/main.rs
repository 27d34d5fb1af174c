//! The wire contract, section by section, against the real server: see `tests/README.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail the test that uses them, with the cause"
)]

mod common;

mod authentication;
mod backend;
mod config;
mod connected;
mod dev;
mod devices;
mod drain;
mod errors;
mod frames;
mod health;
mod heartbeat;
mod idle;
mod keys;
mod limits;
mod people;
mod races;
mod refresh;
mod sizes;
mod smoke;
mod transport;

mod abuse;
