//! Whom a socket moves bytes for.

use crate::{
    core::Core,
    hub::{Connection, Outbox},
    session::{Session, Work},
};
use carewire_protocol::{error::close, session::Authenticate};
use futures_util::future::BoxFuture;
use std::{sync::Arc, time::Duration};

/// What a socket needs of whoever is behind it. The server has one, [`Session`]; tests of the
/// transport bring their own.
pub trait Party: Send + 'static {
    /// The server.
    fn core(&self) -> &Arc<Core>;
    /// What is to be written.
    fn outbox(&self) -> &Arc<Outbox>;
    /// When it must have authenticated; `None`: nobody has to.
    fn auth_deadline(&self) -> Option<Duration>;
    /// Authenticates with the token of the upgrade request.
    fn authenticate(&self, token: Authenticate) -> BoxFuture<'static, ()>;
    /// The connection, once authenticated.
    fn connection(&self) -> Option<Arc<Connection>>;
    /// Takes a text message.
    fn receive(&mut self, text: &str) -> Work;
    /// Takes a binary message.
    fn receive_binary(&mut self, bytes: &[u8]);
    /// Takes a ping of the transport. `false`: it is not answered.
    fn receive_ping(&mut self) -> bool;
}

impl Party for Session {
    fn core(&self) -> &Arc<Core> {
        self.core()
    }

    fn outbox(&self) -> &Arc<Outbox> {
        self.outbox()
    }

    fn auth_deadline(&self) -> Option<Duration> {
        Some(self.auth_deadline())
    }

    fn authenticate(&self, token: Authenticate) -> BoxFuture<'static, ()> {
        self.authenticate(token)
    }

    fn connection(&self) -> Option<Arc<Connection>> {
        self.connection()
    }

    fn receive(&mut self, text: &str) -> Work {
        self.receive(text)
    }

    fn receive_binary(&mut self, _: &[u8]) {
        self.outbox()
            .close(close::VIOLATION, "binary messages are not taken");
    }

    fn receive_ping(&mut self) -> bool {
        self.receive_ping()
    }
}
