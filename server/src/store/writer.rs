//! The one writer: takes all that waits, commits it as one transaction, and only then lets
//! anybody hear of it.

use super::{
    Committed, Tx,
    rows::{CommitError, Stage},
};
use crate::{
    env::Runtime,
    error::{Error, Result},
    metrics::Metrics,
    planted::{self, Bug},
};
use futures_util::future::BoxFuture;
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};

/// Tells whoever waits for a job how it ended.
pub(super) type Finish = Box<dyn FnOnce(Result<()>) + Send>;

/// A unit of work. Yields what failed, if the transaction can no longer be used, and how to
/// finish.
pub type Job = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, (Option<Error>, Finish)> + Send>;

/// The most jobs in one transaction: bounds how long the first waits for the last.
const MAX_BATCH: usize = 256;

/// How long the jobs of a batch wait for the outcome of a commit whose answer was lost.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often that outcome is asked for, while jobs wait and after that.
const SETTLE_INTERVAL: Duration = Duration::from_millis(100);

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

/// The way to a running writer.
pub struct Submissions {
    jobs: Mutex<Option<mpsc::UnboundedSender<Job>>>,
    depth: Arc<AtomicUsize>,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
}

impl std::fmt::Debug for Submissions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Submissions")
            .field("depth", &self.depth())
            .finish_non_exhaustive()
    }
}

impl Submissions {
    /// Queues a job. One that comes after the end is dropped, which answers `unavailable`.
    pub(super) fn submit(&self, job: Job) {
        if let Some(jobs) = &*lock(&self.jobs) {
            self.depth.fetch_add(1, Ordering::Relaxed);
            let _ = jobs.send(job);
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.depth.load(Ordering::Relaxed)
    }

    /// Takes no more jobs, and waits until those that are queued have ended and the writer's
    /// connection is closed.
    pub(super) async fn close(&self) {
        drop(lock(&self.jobs).take());
        let ended = lock(&self.ended).take();
        if let Some(ended) = ended {
            let _ = ended.await;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a writer.
pub(super) fn start(tx: Tx, env: &Runtime, options: WriterOptions) -> Submissions {
    let (jobs, queue) = mpsc::unbounded_channel();
    let (end, ended) = oneshot::channel();
    let depth = Arc::new(AtomicUsize::new(0));
    let writer = Writer {
        tx,
        env: env.clone(),
        options,
        doubtful: None,
    };
    let counted = Arc::clone(&depth);
    env.spawn(Box::pin(async move {
        writer.run(queue, counted).await;
        let _ = end.send(());
    }));
    Submissions {
        jobs: Mutex::new(Some(jobs)),
        depth,
        ended: Mutex::new(Some(ended)),
    }
}

struct Writer {
    tx: Tx,
    env: Runtime,
    options: WriterOptions,
    /// The events of a commit whose answer was lost: to be handed over if it went through, and
    /// before anything else is written.
    doubtful: Option<Vec<Committed>>,
}

/// Why a batch was not committed, and which job was to blame, if one was.
type Failed = (Option<usize>, Error);

impl Writer {
    /// Runs until the last sender is gone, then closes the database.
    async fn run(mut self, mut jobs: mpsc::UnboundedReceiver<Job>, depth: Arc<AtomicUsize>) {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        loop {
            let env = &self.env;
            let pause = async { env.sleep_until(env.now() + SETTLE_INTERVAL).await };
            tokio::select! {
                biased;
                taken = jobs.recv_many(&mut batch, MAX_BATCH) => {
                    if taken == 0 {
                        break;
                    }
                }
                () = pause, if self.doubtful.is_some() => {}
            }
            depth.fetch_sub(batch.len(), Ordering::Relaxed);
            if let Err(error) = self.settle().await {
                tracing::debug!(%error, "the outcome of a commit is not known yet");
                batch.clear();
            }
            if !batch.is_empty() {
                self.run_batch(&mut batch).await;
            }
        }
        if let Err(error) = self.tx.rows().close().await {
            tracing::warn!(%error, "closing the database");
        }
    }

    async fn run_batch(&mut self, batch: &mut Vec<Job>) {
        let started = self.env.now();
        let size = batch.len();
        let mut finishes = Vec::with_capacity(size);
        let outcome = self.commit_batch(batch, &mut finishes).await;
        let events = self.tx.take_committed();
        if outcome.is_ok() {
            let took = self.env.now().saturating_sub(started);
            self.options.metrics.commit(size, took);
            self.hand_over(events).await;
            self.tx.rows().reached(Stage::Finish).await;
        } else {
            self.tx.forget_cache();
        }
        for (index, finish) in finishes.into_iter().enumerate() {
            finish(match &outcome {
                Ok(()) => Ok(()),
                Err((culprit, error)) if *culprit == Some(index) => Err(error.clone()),
                Err((_, error)) => Err(Error::Unavailable(format!("not committed: {error}"))),
            });
        }
    }

    /// Runs the jobs and commits. On failure everything is rolled back. Jobs that were not run
    /// are dropped, which answers `unavailable`.
    async fn commit_batch(
        &mut self,
        batch: &mut Vec<Job>,
        finishes: &mut Vec<Finish>,
    ) -> Result<(), Failed> {
        let mut outcome = self.tx.rows().begin().await.map_err(|error| (None, error));
        for job in batch.drain(..) {
            if outcome.is_ok() {
                let (failed, finish) = job(&mut self.tx).await;
                finishes.push(finish);
                if let Some(error) = failed {
                    outcome = Err((Some(finishes.len() - 1), error));
                }
            }
        }
        if outcome.is_ok() && planted::is(Bug::FanOutBeforeCommit) {
            let events = self.tx.take_committed();
            self.hand_over(events).await;
        }
        if outcome.is_ok() {
            match self.tx.rows().commit().await {
                Ok(()) => {}
                Err(CommitError::RolledBack(error)) => outcome = Err((None, error)),
                Err(CommitError::Unknown(error)) => {
                    return self
                        .learn_outcome(error)
                        .await
                        .map_err(|error| (None, error));
                }
            }
        }
        if outcome.is_err()
            && let Err(error) = self.tx.rows().rollback().await
        {
            tracing::warn!(%error, "rolling back");
        }
        outcome
    }

    /// Asks what became of a commit whose answer was lost, while the jobs have patience. After
    /// that they are answered `unavailable`, which promises nothing: their keys tell whoever
    /// repeats them. The events are kept until the outcome is known.
    async fn learn_outcome(&mut self, lost: Error) -> Result<()> {
        tracing::warn!(error = %lost, "the answer to a commit was lost");
        let until = self.env.now() + PATIENCE;
        loop {
            match self.tx.rows().settle().await {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(lost),
                Err(error) if self.env.now() >= until => {
                    self.doubtful = Some(self.tx.take_committed());
                    return Err(error);
                }
                Err(_) => {
                    let next = self.env.now() + SETTLE_INTERVAL;
                    self.env.sleep_until(next).await;
                }
            }
        }
    }

    /// Finds out what became of a commit whose answer was lost, if there is one.
    async fn settle(&mut self) -> Result<()> {
        if self.doubtful.is_some() {
            let committed = self.tx.rows().settle().await?;
            let events = self.doubtful.take().unwrap_or_default();
            if committed {
                self.hand_over(events).await;
            }
        }
        Ok(())
    }

    async fn hand_over(&mut self, events: Vec<Committed>) {
        self.tx.rows().reached(Stage::HandOver).await;
        if !events.is_empty() {
            (self.options.committed)(events);
        }
    }
}
