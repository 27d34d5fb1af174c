//! Where a simulation can delay, fail or end a store in memory.

use crate::error::Result;
use async_trait::async_trait;

/// A point that a store in memory passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// Before a statement that reads.
    Read,
    /// Before a statement that writes.
    Write,
    /// Before a transaction is begun, and before it waits for those of other stores.
    Begin,
    /// Before a commit. Failing undoes the transaction.
    BeforeCommit,
    /// After a commit, before its answer. Failing leaves the writer not knowing the outcome.
    AfterCommit,
    /// Before the writer asks for an outcome that it does not know. Failing lets it ask again.
    Settle,
    /// Before what was committed is handed over. Failing means nothing here.
    HandOver,
    /// After that, before the jobs are finished. Failing means nothing here.
    Finish,
}

/// What happens at the points of a store in memory. A process that ends at a point is a future
/// that never resolves; see [`MemoryStore::sever`](super::MemoryStore::sever).
#[async_trait]
pub trait MemoryHooks: Send + Sync + 'static {
    /// Called at every point. Return late for a delay, and
    /// [`Error::Unavailable`](crate::error::Error::Unavailable) for a failure.
    async fn at(&self, point: Point) -> Result<()>;
}

/// Nothing happens.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoHooks;

#[async_trait]
impl MemoryHooks for NoHooks {
    async fn at(&self, _point: Point) -> Result<()> {
        Ok(())
    }
}
