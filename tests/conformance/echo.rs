//! Sends back what arrives.

use carewire_protocol::session::Authenticate;
use carewire_server::{
    core::Core,
    hub::{Connection, Frame, Outbox},
    session::Work,
    socket::Party,
};
use futures_util::future::BoxFuture;
use std::{sync::Arc, time::Duration};

pub(crate) struct Echo {
    core: Arc<Core>,
    outbox: Arc<Outbox>,
}

impl Echo {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let outbox = Arc::new(Outbox::new(core.config.queue));
        Self { core, outbox }
    }
}

impl Party for Echo {
    fn core(&self) -> &Arc<Core> {
        &self.core
    }

    fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    fn auth_deadline(&self) -> Option<Duration> {
        None
    }

    fn authenticate(&self, _: Authenticate) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }

    fn connection(&self) -> Option<Arc<Connection>> {
        None
    }

    fn receive(&mut self, text: &str) -> Work {
        self.outbox.push(Frame::text(text));
        Work::Done
    }

    fn receive_binary(&mut self, bytes: &[u8]) {
        self.outbox.push(Frame::binary(bytes));
    }

    fn receive_ping(&mut self) -> bool {
        true
    }
}
