//! The durable truth: logs, messages, receipts, the directory.
//!
//! A backend implements [`Rows`], one method a statement, and [`Store`]. What the rows mean is
//! written once, above: in [`Tx`], whose methods keep effect, event and key in one transaction,
//! and in the domains. So every backend behaves alike.

mod memory;
mod postgres;
mod rows;
mod sqlite;
mod tx;
mod writer;

pub use memory::{MemoryDatabase, MemoryHooks, MemoryStore, NoHooks, Point};
pub use postgres::PostgresStore;
pub use rows::{
    AuditPage, AuditRow, AuditRows, Board, CallRows, ChangeRows, CommitError, ConversationRow,
    DirectoryChangeRow, DirectoryRows, EmergencyRow, EventRow, Floor, GrownRow, InboxRows, KeyRow,
    LeaseRow, LeaseRows, LiveRow, LiveRows, LiveState, Log, LogRows, Mark, MemberRow, MessagePage,
    MessageRows, NamedEvent, NotificationPage, NotificationRows, OpRow, Place, PlaceRow, RecordKey,
    ReportRows, Rows, Stage, StatusRow, Subject, ThreadRow, UserRow, WhiteboardRows,
};
pub use sqlite::SqliteStore;
pub use tx::{Committed, CommittedEvent, CommittedRows, Retention, Tx, deleted, frame_of};
pub use writer::{Job, Submissions, WriterOptions};

use crate::{
    env::Runtime,
    error::{Error, Result},
    planted::{self, Bug},
};
use async_trait::async_trait;
use carewire_protocol::Epoch;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// A database.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The life of every log in this database.
    fn epoch(&self) -> Epoch;

    /// Reads what is committed, each statement by itself.
    async fn read(&self) -> Result<Box<dyn Rows>>;

    /// One consistent view of everything committed before the call.
    async fn snapshot(&self) -> Result<Box<dyn Rows>>;

    /// The way to its writer.
    fn jobs(&self) -> &Submissions;

    /// Queues a unit of work. Jobs run in the order of their submission; what waits together is
    /// committed together.
    fn submit(&self, job: Job) {
        self.jobs().submit(job);
    }

    /// How many jobs wait.
    fn depth(&self) -> usize {
        self.jobs().depth()
    }

    /// Commits what waits and closes the database.
    async fn close(&self);
}

/// Opens the database that a URL names by its scheme: `sqlite:` or `postgres:`.
pub async fn open(
    url: &str,
    env: &Runtime,
    retention: Retention,
    options: WriterOptions,
) -> Result<Arc<dyn Store>> {
    // Only the scheme is told: what follows may hold a password.
    match url.split(':').next().unwrap_or_default() {
        "sqlite" => Ok(Arc::new(
            SqliteStore::open(url, env, retention, options).await?,
        )),
        "postgres" | "postgresql" => Ok(Arc::new(
            PostgresStore::open(url, env, retention, options).await?,
        )),
        scheme => Err(Error::Fault(format!(
            "the database URL must be sqlite://FILE, sqlite::memory: or postgres://…, not {scheme}:…"
        ))),
    }
}

/// Runs a unit of work in a transaction and returns its result once that is durable.
///
/// An [`Error::Refused`] must come before the first write of the unit; nothing of it is stored.
/// The work is submitted when the future is first polled.
pub async fn write<T, F>(store: &dyn Store, work: F) -> Result<T>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
{
    let (answer, answered) = tokio::sync::oneshot::channel();
    store.submit(Box::new(move |tx| {
        Box::pin(async move {
            let outcome = work(tx).await;
            let failure = match &outcome {
                Err(error @ (Error::Unavailable(_) | Error::Fault(_))) => Some(error.clone()),
                Ok(_) | Err(Error::Refused(_)) => None,
            };
            if planted::is(Bug::AcknowledgeBeforeCommit) {
                let _ = answer.send(outcome);
                return (failure, Box::new(|_| {}) as writer::Finish);
            }
            let finish: writer::Finish = Box::new(move |committed| {
                // Whoever asked may have gone; what is stored is stored.
                let _ = answer.send(committed.and(outcome));
            });
            (failure, finish)
        })
    }));
    answered
        .await
        .unwrap_or_else(|_| Err(Error::Unavailable("the unit of work was dropped".into())))
}
