//! Charts: who looks at one, and leases on its parts.

mod lease;
mod viewers;

pub use lease::{end, end_due, held, lock, locks, renew, revoke, unlock};
pub use viewers::{Viewers, forget, left, shown, unview, view, viewers};
