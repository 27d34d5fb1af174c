//! The session against a model of the server, in simulated time.

#![allow(
    clippy::unchecked_time_subtraction,
    reason = "a wrong order of times is a failed test"
)]

mod cases;
mod held;
mod inputs;
mod model;
mod random;
mod world;
