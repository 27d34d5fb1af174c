//! What a database must be able to do: one method a statement, and no meaning beyond it.

mod audit;
mod calls;
mod changes;
mod directory;
mod inbox;
mod leases;
mod live;
mod log;
mod messages;
mod notifications;
mod reports;
mod whiteboard;

pub use audit::{AuditPage, AuditRow, AuditRows, EmergencyRow};
pub(in crate::store) use calls::rings_until;
pub use calls::{CallRows, PlaceRow};
pub use changes::{ChangeRows, DirectoryChangeRow, GrownRow, Mark, Subject};
pub use directory::{DirectoryRows, StatusRow, ThreadRow, UserRow};
pub use inbox::{ConversationRow, Floor, InboxRows, MemberRow};
pub use leases::{LeaseRow, LeaseRows, RecordKey};
pub use live::{LiveRow, LiveRows, LiveState};
pub use log::{EventRow, KeyRow, Log, LogRows};
pub use messages::{MessagePage, MessageRows};
pub use notifications::{NotificationPage, NotificationRows};
pub use reports::{NamedEvent, ReportRows};
pub use whiteboard::{Board, OpRow, Place, WhiteboardRows};

use crate::error::{Error, Result};
use async_trait::async_trait;
use carewire_protocol::Timestamp;

/// Why a transaction is not known to be durable.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// Nothing of it is stored.
    #[error("rolled back: {0}")]
    RolledBack(Error),
    /// The answer was lost: [`Rows::settle`] finds out.
    #[error("outcome unknown: {0}")]
    Unknown(Error),
}

/// Where the writer is between a commit and the next transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Everything is durable and nobody has heard of it.
    HandOver,
    /// The events are handed over and no job is finished.
    Finish,
}

/// The statements of a database connection. Reads and writes are together so that a unit of work
/// sees its own writes; a connection from [`Store::read`](super::Store::read) refuses writes.
#[async_trait]
pub trait Rows:
    LogRows
    + MessageRows
    + DirectoryRows
    + InboxRows
    + NotificationRows
    + ReportRows
    + LeaseRows
    + LiveRows
    + AuditRows
    + CallRows
    + WhiteboardRows
    + ChangeRows
{
    /// Begins a transaction. No other writer of the database has one until this one ends.
    async fn begin(&mut self) -> Result<()>;
    /// Makes it durable.
    async fn commit(&mut self) -> Result<(), CommitError>;
    /// Undoes it.
    async fn rollback(&mut self) -> Result<()>;
    /// Whether the transaction with the unknown outcome was made durable. Fails while that cannot
    /// be found out.
    async fn settle(&mut self) -> Result<bool>;
    /// The database's own clock; `None` where it is this process's.
    async fn clock(&mut self) -> Result<Option<Timestamp>> {
        Ok(None)
    }
    /// The writer has come to a stage. A store for simulations may stop it there.
    async fn reached(&mut self, _stage: Stage) {}
    /// Closes the connection.
    async fn close(&mut self) -> Result<()>;
}
