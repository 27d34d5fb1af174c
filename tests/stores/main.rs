//! One meaning, three databases: every test here runs on a store in memory, on a SQLite file and
//! on a PostgreSQL of its own.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test"
)]

#[macro_use]
mod databases;
mod commits;
mod figures;
mod hooks;
mod logs;
mod messages;
mod model;
mod outages;
mod own;
mod relay;
mod shared;
mod whole;
