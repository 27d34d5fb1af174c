//! What a database must be able to do: one method a statement, and no meaning beyond it.

mod directory;
mod inbox;
mod log;
mod messages;

pub use directory::{DirectoryRows, StatusRow, ThreadRow, UserRow};
pub use inbox::{ConversationRow, Floor, InboxRows, MemberRow};
pub use log::{EventRow, KeyRow, Log, LogRows};
pub use messages::{MessagePage, MessageRows};

use crate::error::Result;
use async_trait::async_trait;

/// The statements of a database connection. Reads and writes are together so that a unit of work
/// sees its own writes; a connection from [`Store::read`](super::Store::read) refuses writes.
#[async_trait]
pub trait Rows: LogRows + MessageRows + DirectoryRows + InboxRows {
    /// Begins a transaction.
    async fn begin(&mut self) -> Result<()>;
    /// Makes it durable.
    async fn commit(&mut self) -> Result<()>;
    /// Undoes it.
    async fn rollback(&mut self) -> Result<()>;
    /// Closes the connection.
    async fn close(&mut self) -> Result<()>;
}
