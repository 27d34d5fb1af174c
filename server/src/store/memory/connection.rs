//! A connection to a database in memory: the writer's with its transaction, or a view.

use super::{MemoryHooks, Point, data::Data};
use crate::{
    env::Runtime,
    error::{Error, Result},
    store::rows::{CommitError, Rows, Stage},
};
use async_trait::async_trait;
use carewire_protocol::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OwnedMutexGuard;

/// What outlives every store that opens it.
#[derive(Debug, Default)]
pub(super) struct Shared {
    committed: Mutex<Arc<Data>>,
    /// Held by the one transaction that writes.
    writer: Arc<tokio::sync::Mutex<()>>,
}

impl Shared {
    pub(super) fn committed(&self) -> Arc<Data> {
        Arc::clone(&lock(&self.committed))
    }
}

/// One store's side: ends when the process does.
pub(super) struct Session {
    pub(super) shared: Arc<Shared>,
    pub(super) clock: Runtime,
    pub(super) hooks: Arc<dyn MemoryHooks>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    severed: bool,
    transaction: Option<Transaction>,
    /// The last commit went through.
    committed: bool,
}

struct Transaction {
    data: Arc<Data>,
    _alone: OwnedMutexGuard<()>,
}

impl Session {
    pub(super) fn new(shared: Arc<Shared>, clock: Runtime, hooks: Arc<dyn MemoryHooks>) -> Self {
        Self {
            shared,
            clock,
            hooks,
            state: Mutex::default(),
        }
    }

    /// Undoes the transaction and takes no other.
    pub(super) fn sever(&self) {
        let mut state = lock(&self.state);
        state.severed = true;
        state.transaction = None;
    }

    fn state(&self) -> Result<MutexGuard<'_, State>> {
        let state = lock(&self.state);
        if state.severed {
            return Err(Error::Unavailable("the connection is severed".into()));
        }
        Ok(state)
    }
}

enum View {
    Writer,
    /// Sees what is committed when a statement runs.
    Reader,
    Snapshot(Arc<Data>),
}

/// A connection: the writer's, one for single statements, or one for a consistent view.
pub(super) struct MemoryRows {
    session: Arc<Session>,
    view: View,
}

impl MemoryRows {
    pub(super) fn writer(session: Arc<Session>) -> Self {
        Self {
            session,
            view: View::Writer,
        }
    }

    pub(super) fn reader(session: Arc<Session>) -> Self {
        Self {
            session,
            view: View::Reader,
        }
    }

    pub(super) fn snapshot(session: Arc<Session>) -> Self {
        let data = session.shared.committed();
        Self {
            session,
            view: View::Snapshot(data),
        }
    }

    /// The tables as a statement sees them.
    pub(super) async fn tables(&mut self) -> Result<Arc<Data>> {
        self.session.hooks.at(Point::Read).await?;
        let state = self.session.state()?;
        Ok(match (&self.view, &state.transaction) {
            (View::Writer, Some(transaction)) => Arc::clone(&transaction.data),
            (View::Snapshot(data), _) => Arc::clone(data),
            (View::Writer | View::Reader, _) => self.session.shared.committed(),
        })
    }

    /// Changes the tables within the transaction.
    pub(super) async fn change<T>(&mut self, change: impl FnOnce(&mut Data) -> T) -> Result<T> {
        self.session.hooks.at(Point::Write).await?;
        let mut state = self.session.state()?;
        match (&self.view, &mut state.transaction) {
            (View::Writer, Some(transaction)) => Ok(change(Arc::make_mut(&mut transaction.data))),
            _ => Err(Error::Fault("a write outside of a transaction".into())),
        }
    }

    async fn make_durable(&mut self) -> Result<()> {
        self.session.hooks.at(Point::BeforeCommit).await?;
        let mut state = self.session.state()?;
        let transaction = state
            .transaction
            .take()
            .ok_or_else(|| Error::Fault("a commit outside of a transaction".into()))?;
        *lock(&self.session.shared.committed) = Arc::clone(&transaction.data);
        state.committed = true;
        Ok(())
    }
}

#[async_trait]
impl Rows for MemoryRows {
    async fn begin(&mut self) -> Result<()> {
        self.session.hooks.at(Point::Begin).await?;
        let alone = Arc::clone(&self.session.shared.writer).lock_owned().await;
        let mut state = self.session.state()?;
        state.committed = false;
        state.transaction = Some(Transaction {
            data: self.session.shared.committed(),
            _alone: alone,
        });
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), CommitError> {
        self.make_durable().await.map_err(CommitError::RolledBack)?;
        let answered = self.session.hooks.at(Point::AfterCommit).await;
        answered.map_err(CommitError::Unknown)
    }

    async fn rollback(&mut self) -> Result<()> {
        self.session.state()?.transaction = None;
        Ok(())
    }

    async fn settle(&mut self) -> Result<bool> {
        self.session.hooks.at(Point::Settle).await?;
        Ok(self.session.state()?.committed)
    }

    async fn reached(&mut self, stage: Stage) {
        let point = match stage {
            Stage::HandOver => Point::HandOver,
            Stage::Finish => Point::Finish,
        };
        // What is durable cannot fail any more.
        let _ = self.session.hooks.at(point).await;
    }

    async fn clock(&mut self) -> Result<Option<Timestamp>> {
        Ok(Some(self.session.clock.wall()))
    }

    async fn close(&mut self) -> Result<()> {
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
