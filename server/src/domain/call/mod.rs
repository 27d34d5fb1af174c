//! Calls: who rings, who is in, and what passes between their devices.
//!
//! [`machine`] says what can happen; here each command is one conditional write of the one
//! writer, and what follows is told once that is durable, in the `user:` rooms of everybody
//! concerned. `places` knows which devices of this node hold a place.

mod change;
mod devices;
mod lookup;
pub mod machine;
mod places;
mod start;
mod tell;

pub use change::{accept, end, join, leave, media, put_out, reject};
pub use devices::{quality, signal};
pub use lookup::{history, shown};
pub use places::{Places, arrived, device_gone, due, renew};
pub use start::initiate;
