//! Rooms, delivery and the domains above them: sections 5 to 8 of the wire contract against the
//! real server. Which file covers which sentence: the table in `tests/README.md`.
//!
//! Each test has a tenant of its own on a shared server ([`clinic::Clinic::open`]) or, where it
//! needs settings, faults or a rate beyond the default, a server of its own
//! ([`clinic::Clinic::alone`]). Nothing sleeps to wait: what must happen is awaited, and what must
//! not happen is looked for after something that must come later has come.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests that cannot go on fails the test that uses it"
)]

mod access;
mod access_file;
mod announced;
mod attachments;
mod audit;
mod authoriser;
mod automatic;
mod backend_publish;
mod backend_room;
mod break_glass;
mod calls;
mod channels;
mod clinic;
mod conversations;
mod delivery;
mod external;
mod floors;
mod history;
mod inspect;
mod joining;
mod keys;
mod large;
mod live;
mod matrix;
mod messages;
mod names;
mod notifications;
mod offsets;
mod oracle;
mod people;
mod presence;
mod publish;
mod receipts;
mod records;
mod replay;
mod reports;
mod resume;
mod retention;
mod revoke;
mod snapshot;
mod threads;
mod typing;
mod unread;
mod whiteboards;
