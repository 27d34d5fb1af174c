//! The session against a model of the server, in simulated time.

mod cases;
mod model;
mod random;
mod world;
