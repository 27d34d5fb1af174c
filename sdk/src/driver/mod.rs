//! Drivers open sockets, move bytes and sleep; the [session](crate::session) decides.

#[cfg(feature = "native")]
pub(crate) mod desk;
#[cfg(feature = "native")]
pub(crate) mod native;
#[cfg(feature = "native")]
pub(crate) mod network;
#[cfg(all(feature = "native", feature = "rustls"))]
pub(crate) mod tls;
#[cfg(feature = "web")]
pub mod web;
