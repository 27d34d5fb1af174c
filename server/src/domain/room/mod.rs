//! Joining, leaving and publishing; and deciding memberships anew when the directory changes.

mod join;
mod leave;
mod membership;
mod publish;

pub use join::{Entered, enter_again, enter_at_head, join, unhold, unhold_one};
pub use leave::{depart, drop_out, is_large, leave, leave_now, participants};
pub use membership::{
    access_due, join_by_server, recheck, recheck_connection, remove_by_server, watch,
};
pub use publish::publish;
