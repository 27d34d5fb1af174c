//! The table of faults, one after the other: the native SDK on one side, the real binary on the
//! other, and between them a network that does what the table says. What all of them do at once
//! is in `chaos`, crashes under load are in `crash`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests that cannot go on fails the test that uses it"
)]

mod bytes;
mod half_open;
mod lost_reply;
mod offline;
mod restart;
mod slow_reader;
mod tokens;
mod ward;
