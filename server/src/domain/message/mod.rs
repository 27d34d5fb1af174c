//! Messages: stored with their event and their key in one transaction, then fanned out.

mod change;
mod post;
mod read;
mod receipts;
mod send;

pub use change::{delete, edit, react};
pub use post::{post_inbound, post_status, post_to_room};
pub use read::{add_statuses, fit, history};
pub use receipts::{advance_cursor, read, received, tell_read};
pub use send::{announce, send};
