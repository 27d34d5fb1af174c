//! What the backplane lost, delayed or mixed up: seen by a gap, or by asking the store.
//!
//! A node that is given offset 7 after 5 waits a moment for 6 and then reads it from the log. But
//! nothing follows a last event, and a change of the directory has no number: so a node whose
//! backplane may lose something asks the store again and again what changed since it last asked. A
//! node that cannot ask does not know who may still see what, and delivers nothing until it can.

use crate::{
    core::Core,
    domain::room,
    error::Result,
    keys::RoomKey,
    planted::{self, Bug},
    store::Mark,
    timers::Due,
};
use carewire_protocol::room::LeftReason;
use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// How long a gap may be a signal that is late.
const GAP_WAIT: Duration = Duration::from_millis(50);
/// How often the store is asked. Together with [`BLIND_AFTER`] and the time that deciding
/// memberships may take this keeps a revocation within its second.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);
/// How old the last answer may be.
const BLIND_AFTER: Duration = Duration::from_millis(500);
/// How many changes are read at once.
const PAGE: u32 = 500;

/// What a node knows of what it may have missed.
#[derive(Debug, Default)]
pub struct Repair {
    state: Mutex<State>,
    repaired: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    /// Rooms with a gap that is being waited for.
    gaps: BTreeSet<RoomKey>,
    /// When the store was last asked with success.
    looked: Option<Duration>,
}

impl Repair {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often members had to be given from the log what the backplane did not bring.
    pub fn repaired(&self) -> u64 {
        self.repaired.load(Ordering::Relaxed)
    }
}

/// Whether this node cannot know who may still see what.
pub fn is_blind(core: &Core) -> bool {
    let looked = || core.repair.state().looked;
    !core.backplane.is_lossless() && looked().is_none_or(|looked| core.now() > looked + BLIND_AFTER)
}

/// Members of a room miss something: it may be on its way.
pub fn note_gap(core: &Core, room: &RoomKey) {
    if core.repair.state().gaps.insert(room.clone()) {
        let at = core.now() + GAP_WAIT;
        core.timers.set(at, Due::Gap(Box::new(room.clone())));
    }
}

/// What a room missed has not come: whoever still misses it reads the log.
pub fn close_gap(core: &Core, key: &RoomKey) {
    core.repair.state().gaps.remove(key);
    let Some(room) = core.hub.room(key) else {
        return;
    };
    let behind = {
        let mut state = room.state();
        state.give_up_ahead();
        state.behind()
    };
    if !behind.is_empty() {
        core.repair.repaired.fetch_add(1, Ordering::Relaxed);
    }
    for number in behind {
        core.catch_up(key, number);
    }
}

/// Asks the store for as long as the core lives.
pub async fn run(core: Weak<Core>) {
    let mut mark = None;
    loop {
        let Some(strong) = core.upgrade() else { return };
        let asked = strong.now();
        match look(&strong, mark).await {
            Ok(next) => {
                mark = Some(next);
                strong.repair.state().looked = Some(asked);
            }
            Err(error) => tracing::warn!(%error, "the store cannot be asked what changed"),
        }
        let next = strong.env.sleep_until(strong.now() + LOOK_INTERVAL);
        drop(strong);
        next.await;
    }
}

async fn look(core: &Arc<Core>, mark: Option<Mark>) -> Result<Mark> {
    let mut rows = core.store.read().await?;
    let Some(mut mark) = mark else {
        let first = rows.mark().await?;
        rows.close().await?;
        // Whoever came before the first answer may have missed something already.
        for connection in core.hub.all_connections() {
            room::recheck_connection(core, &connection, &LeftReason::Revoked).await?;
        }
        return Ok(first);
    };
    loop {
        let changes = rows.directory_since(mark.directory, PAGE).await?;
        for change in &changes {
            mark.directory = change.mark;
            core.apply_change(change.subject.clone());
        }
        if changes.len() < PAGE as usize {
            break;
        }
    }
    loop {
        let grown = rows.grown_since(mark.logs, PAGE).await?;
        for row in &grown {
            mark.logs = row.mark;
            note_head(core, &row.room, row.head);
        }
        if grown.len() < PAGE as usize {
            break;
        }
    }
    rows.close().await?;
    Ok(mark)
}

/// A room's log has come as far as this.
fn note_head(core: &Core, key: &RoomKey, head: u64) {
    if planted::is(Bug::LastEventLost) {
        return;
    }
    let Some(room) = core.hub.room(key) else {
        return;
    };
    let mut state = room.state();
    state.head = state.head.max(head);
    let is_behind = !state.behind().is_empty();
    drop(state);
    if is_behind {
        note_gap(core, key);
    }
}
