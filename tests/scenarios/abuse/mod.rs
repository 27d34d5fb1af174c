//! What an attacker or a broken client sends, and what the contract says must happen: see the
//! table of abuse in the design of the project. A bystander is connected meanwhile and must never
//! notice.

mod handshake;
mod http;
mod input;
mod names;
mod privacy;
mod tokens;
mod wire;
