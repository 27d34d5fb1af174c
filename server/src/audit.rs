//! The audit trail on its way to the store: who joined, read, viewed and was denied.
//!
//! Nobody waits for it. What is noted is written together, a moment later; the same of one person,
//! room and hour is one line. Emergency access is not noted here: it is stored in its own
//! transaction.

use crate::{
    auth::Identity,
    core::Core,
    error::Result,
    keys::UserKey,
    store::{AuditRow, Tx},
    timers::Due,
};
use carewire_protocol::{RoomId, Timestamp, backend::AuditAction};
use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long a line may wait: what a crash can lose.
const DELAY: Duration = Duration::from_millis(500);
/// How many lines may wait while the store is away.
const MAX_WAITING: usize = 100_000;
/// How many lines of this hour are remembered. Those that are not are told apart by the store.
const MAX_KNOWN: usize = 100_000;
/// How many lines one transaction takes.
const BATCH: usize = 500;

/// Lines that wait, and what was noted in this hour.
#[derive(Debug, Default)]
pub struct Audit(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<AuditRow>,
    hour: u64,
    known: BTreeSet<Known>,
    /// Somebody is on the way to write what waits.
    scheduled: bool,
    lost: u64,
}

/// What makes lines of one hour the same.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    user: UserKey,
    room: Option<RoomId>,
    action: AuditAction,
    command: Option<String>,
}

impl Audit {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many lines are remembered or wait.
    pub fn len(&self) -> usize {
        self.state().waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl State {
    /// Adds a line that is new in its hour. Yields whether somebody has to be sent to write it.
    fn add(&mut self, row: AuditRow, hour: u64) -> bool {
        if self.hour != hour {
            self.hour = hour;
            self.known.clear();
        }
        let known = Known {
            user: row.user.clone(),
            room: row.room.clone(),
            action: row.action.clone(),
            command: row.command.clone(),
        };
        if self.known.len() >= MAX_KNOWN {
            self.known.clear();
        }
        if !self.known.insert(known) {
            return false;
        }
        if self.waiting.len() >= MAX_WAITING {
            self.waiting.pop_front();
            self.lost += 1;
        }
        self.waiting.push_back(row);
        !std::mem::replace(&mut self.scheduled, true)
    }
}

fn hour_of(at: Timestamp) -> u64 {
    u64::try_from(at.as_millis() / 3_600_000).unwrap_or_default()
}

/// Notes what somebody did.
pub fn note(
    core: &Core,
    identity: &Identity,
    action: AuditAction,
    room: Option<&RoomId>,
    command: Option<&str>,
) {
    let at = core.wall();
    let hour = hour_of(at);
    let row = AuditRow {
        user: identity.key(),
        role: identity.role.clone(),
        at,
        action,
        room: room.cloned(),
        command: command.map(str::to_owned),
        hour: Some(hour),
    };
    if core.audit.state().add(row, hour) {
        core.timers.set(core.now() + DELAY, Due::Audit);
    }
}

/// Lines may wait to be written.
pub fn due(core: &Core) {
    core.spawn(|core| async move {
        let written = flush(&core).await;
        let mut state = core.audit.state();
        state.scheduled = !state.waiting.is_empty();
        let again = state.scheduled;
        let lost = std::mem::take(&mut state.lost);
        drop(state);
        if let Err(error) = written {
            tracing::warn!(%error, "the audit trail cannot be written");
        }
        if lost > 0 {
            tracing::error!(
                lost,
                "lines of the audit trail were lost while the store was away"
            );
        }
        if again {
            core.timers.set(core.now() + DELAY, Due::Audit);
        }
    });
}

/// Writes what waits.
pub async fn flush(core: &Arc<Core>) -> Result<()> {
    loop {
        let batch: Vec<_> = {
            let mut state = core.audit.state();
            let most = state.waiting.len().min(BATCH);
            state.waiting.drain(..most).collect()
        };
        if batch.is_empty() {
            return Ok(());
        }
        let rows = batch.clone();
        let written = core
            .write(move |tx| Box::pin(async move { insert(tx, &rows).await }))
            .await;
        if let Err(error) = written {
            // A line that was written after all is told apart by its hour.
            let mut state = core.audit.state();
            for row in batch.into_iter().rev() {
                state.waiting.push_front(row);
            }
            return Err(error);
        }
    }
}

async fn insert(tx: &mut Tx, rows: &[AuditRow]) -> Result<()> {
    for row in rows {
        tx.rows().insert_audit(row).await?;
    }
    Ok(())
}
