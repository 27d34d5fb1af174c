//! The wire contract, section by section, against the real server: see `tests/README.md`.

mod common;

mod authentication;
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
mod refresh;
mod smoke;
mod transport;

mod abuse;
