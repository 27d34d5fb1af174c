//! The one writer: takes all that waits, commits it as one transaction, and only then lets
//! anybody hear of it.

use super::{Committed, Tx};
use crate::{
    error::{Error, Result},
    metrics::Metrics,
};
use futures_util::future::BoxFuture;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};
use tokio::sync::mpsc;

/// Tells whoever waits for a job how it ended.
pub(super) type Finish = Box<dyn FnOnce(Result<()>) + Send>;

/// A unit of work. Yields what failed, if the transaction can no longer be used, and how to
/// finish.
pub type Job = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, (Option<Error>, Finish)> + Send>;

/// The most jobs in one transaction: bounds how long the first waits for the last.
const MAX_BATCH: usize = 256;

/// What a writer needs besides its database.
pub struct WriterOptions {
    /// Hears of everything committed, in order, before the jobs are finished.
    pub committed: Arc<dyn Fn(Vec<Committed>) + Send + Sync>,
    /// Where commits are measured.
    pub metrics: Arc<Metrics>,
}

impl std::fmt::Debug for WriterOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WriterOptions").finish_non_exhaustive()
    }
}

/// Runs until the last sender is gone, then closes the database.
pub(super) async fn run(
    mut tx: Tx,
    mut jobs: mpsc::UnboundedReceiver<Job>,
    depth: Arc<AtomicUsize>,
    options: WriterOptions,
) {
    let mut batch = Vec::with_capacity(MAX_BATCH);
    while jobs.recv_many(&mut batch, MAX_BATCH).await > 0 {
        depth.fetch_sub(batch.len(), Ordering::Relaxed);
        let started = Instant::now();
        let size = batch.len();
        let mut finishes = Vec::with_capacity(size);
        let outcome = run_batch(&mut tx, &mut batch, &mut finishes).await;
        let events = tx.take_committed();
        if outcome.is_ok() {
            options.metrics.commit(size, started.elapsed());
            if !events.is_empty() {
                (options.committed)(events);
            }
        } else {
            tx.forget_cache();
        }
        for (index, finish) in finishes.into_iter().enumerate() {
            finish(match &outcome {
                Ok(()) => Ok(()),
                Err((culprit, error)) if *culprit == Some(index) => Err(error.clone()),
                Err((_, error)) => Err(Error::Unavailable(format!("rolled back: {error}"))),
            });
        }
    }
    if let Err(error) = tx.rows().close().await {
        tracing::warn!(%error, "closing the database");
    }
}

/// Runs the jobs and commits. On failure everything is rolled back, and the error says which job
/// was to blame, if one was. Jobs that were not run are dropped, which answers `unavailable`.
async fn run_batch(
    tx: &mut Tx,
    batch: &mut Vec<Job>,
    finishes: &mut Vec<Finish>,
) -> Result<(), (Option<usize>, Error)> {
    let mut outcome = tx.rows().begin().await.map_err(|error| (None, error));
    for job in batch.drain(..) {
        if outcome.is_ok() {
            let (failed, finish) = job(tx).await;
            finishes.push(finish);
            if let Some(error) = failed {
                outcome = Err((Some(finishes.len() - 1), error));
            }
        }
    }
    if outcome.is_ok() {
        outcome = tx.rows().commit().await.map_err(|error| (None, error));
    }
    if outcome.is_err()
        && let Err(error) = tx.rows().rollback().await
    {
        tracing::warn!(%error, "rolling back");
    }
    outcome
}
