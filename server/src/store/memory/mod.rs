//! A database in memory, for simulations and models: the statements of the others without a
//! file, a socket, a thread or a clock, and with hooks for everything that can go wrong.

mod audit;
mod calls;
mod changes;
mod connection;
mod data;
mod directory;
mod hooks;
mod inbox;
mod leases;
mod live;
mod log;
mod messages;
mod notifications;
mod reports;
mod whiteboard;

pub use hooks::{MemoryHooks, NoHooks, Point};

use super::{Rows, Store, Submissions, Tx, WriterOptions, tx::Retention, writer};
use crate::{
    env::{Runtime, random_letters},
    error::Result,
};
use async_trait::async_trait;
use carewire_protocol::Epoch;
use connection::{MemoryRows, Session, Shared};
use std::sync::Arc;

/// What is stored. It outlives the stores that open it, as a disk outlives processes, and any
/// number of them may have it open at once, as nodes share a database server.
#[derive(Clone)]
pub struct MemoryDatabase {
    epoch: Epoch,
    shared: Arc<Shared>,
    clock: Runtime,
}

impl std::fmt::Debug for MemoryDatabase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryDatabase")
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

impl MemoryDatabase {
    /// An empty database with an epoch of its own, and with the clock of `env`.
    pub fn new(env: &Runtime) -> Result<Self> {
        Ok(Self {
            epoch: Epoch::new(random_letters(&**env, 12))?,
            shared: Arc::default(),
            clock: Arc::clone(env),
        })
    }

    /// Opens it, and starts a writer with [`Env::spawn`](crate::env::Env::spawn).
    pub fn open(
        &self,
        env: &Runtime,
        retention: Retention,
        options: WriterOptions,
        hooks: Arc<dyn MemoryHooks>,
    ) -> MemoryStore {
        let session = Arc::new(Session::new(
            Arc::clone(&self.shared),
            Arc::clone(&self.clock),
            hooks,
        ));
        let rows = Box::new(MemoryRows::writer(Arc::clone(&session)));
        let tx = Tx::new(rows, env.clone(), self.epoch.clone(), retention);
        MemoryStore {
            epoch: self.epoch.clone(),
            session,
            jobs: writer::start(tx, env, options),
        }
    }
}

/// An open [`MemoryDatabase`].
pub struct MemoryStore {
    epoch: Epoch,
    session: Arc<Session>,
    jobs: Submissions,
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore")
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

impl MemoryStore {
    /// What the database sees when the process ends: what is not committed is undone, other
    /// stores may write, and this one is answered `unavailable` from now on.
    pub fn sever(&self) {
        self.session.sever();
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn epoch(&self) -> Epoch {
        self.epoch.clone()
    }

    async fn read(&self) -> Result<Box<dyn Rows>> {
        Ok(Box::new(MemoryRows::reader(Arc::clone(&self.session))))
    }

    async fn snapshot(&self) -> Result<Box<dyn Rows>> {
        self.session.hooks.at(Point::Read).await?;
        Ok(Box::new(MemoryRows::snapshot(Arc::clone(&self.session))))
    }

    fn jobs(&self) -> &Submissions {
        &self.jobs
    }

    async fn close(&self) {
        self.jobs.close().await;
    }
}
