//! What happens when a deadline is reached, and what is forgotten in time.

use super::{
    access, call, inbox, live, presence, record, room, session as session_domain, typing,
    whiteboard,
};
use crate::{audit, core::Core, error::Result, keys::RoomKey, repair, session, timers::Due};
use carewire_protocol::{RoomId, Timestamp, limits::KEY_WINDOW};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};

/// Often enough that nothing is kept for much longer than it should be.
fn sweep_interval(core: &Core) -> Duration {
    let shortest = core.config.retain.min(messages_are_kept(core));
    (shortest / 4).clamp(Duration::from_millis(500), Duration::from_mins(1))
}

fn messages_are_kept(core: &Core) -> Duration {
    core.config.retain_messages.unwrap_or(Duration::MAX)
}

/// Events say what messages said, so they are not kept for longer.
fn events_are_kept(core: &Core, room: &RoomId) -> Duration {
    match room {
        RoomId::Backend(_) => BACKEND_RETENTION,
        room if room.kind().has_messages() => core.config.retain.min(messages_are_kept(core)),
        _ => core.config.retain,
    }
}

/// How many rows one transaction of the sweep forgets.
const SWEEP_ROWS: u32 = 1000;
/// What backends need to hear is kept this long.
const BACKEND_RETENTION: Duration = Duration::from_hours(7 * 24);

/// The audit trail is kept for six years, as HIPAA asks of documentation.
const AUDIT_RETENTION: Duration = Duration::from_hours(6 * 366 * 24);

/// Handles deadlines for as long as the core lives.
pub async fn run(core: Weak<Core>) {
    if let Some(core) = core.upgrade() {
        core.timers
            .set(core.now() + sweep_interval(&core), Due::Sweep);
        // What ended while no server ran.
        core.lease_alarm.set(&core, Some(core.wall()), Due::Leases);
        core.emergency_alarm
            .set(&core, Some(core.wall()), Due::Emergencies);
        core.call_alarm.set(&core, Some(core.wall()), Due::Calls);
    }
    loop {
        let Some(strong) = core.upgrade() else { return };
        let due = {
            let env = strong.env.clone();
            let next = strong.timers.next(&env);
            // The core may end while nothing is due: look once a second.
            tokio::select! {
                biased;
                due = next => Some(due),
                () = env.sleep_until(env.now() + Duration::from_secs(1)) => None,
            }
        };
        if let Some(due) = due {
            handle(&strong, due);
        }
    }
}

fn handle(core: &Arc<Core>, due: Due) {
    match due {
        Due::Connection(number) => {
            if let Some(connection) = core.hub.connection(number) {
                session::check(core, &connection);
            }
        }
        Due::Typing(about) => typing::expire(core, &about.0, &about.1),
        Due::Departure(about) => room::depart(core, &about.0, &about.1),
        Due::Offline(user) => presence::expire(core, &user),
        Due::Inbox(about) => inbox::flush(core, &about.0, &about.1),
        Due::Cursor(place) => whiteboard::cursor_due(core, &place),
        Due::Viewer(about) => record::forget(core, &about.0, &about.1),
        Due::Calls => call::due(core),
        Due::Places => call::renew(core),
        Due::Leases => record::end_due(core),
        Due::Stream(about) => live::due(core, &about.0, about.1),
        Due::Access(number) => {
            if let Some(connection) = core.hub.connection(number) {
                room::access_due(core, connection);
            }
        }
        Due::Emergencies => access::end_due(core),
        Due::Audit => audit::due(core),
        Due::Gap(room) => repair::close_gap(core, &room),
        Due::Sweep => {
            core.timers
                .set(core.now() + sweep_interval(core), Due::Sweep);
            core.rates.sweep();
            session_domain::sweep_activity(core);
            core.spawn(|core| async move {
                if let Err(error) = sweep(&core).await {
                    tracing::warn!(%error, "sweeping");
                }
            });
        }
    }
}

/// Forgets events, keys and messages that are older than they are kept.
async fn sweep(core: &Core) -> Result<()> {
    let now = core.wall();
    forget(core, before(now, KEY_WINDOW), |tx, at| {
        Box::pin(async move { tx.rows().delete_keys_before(at, SWEEP_ROWS).await })
    })
    .await?;
    forget(core, before(now, AUDIT_RETENTION), |tx, at| {
        Box::pin(async move { tx.rows().delete_audit_before(at, SWEEP_ROWS).await })
    })
    .await?;
    if let Some(kept) = core.config.retain_messages {
        forget(core, before(now, kept), |tx, at| {
            Box::pin(async move { tx.rows().delete_messages_before(at, SWEEP_ROWS).await })
        })
        .await?;
    }
    let mut last: Option<RoomKey> = None;
    loop {
        let mut rows = core.store.read().await?;
        let rooms = rows.rooms_with_events(last.as_ref(), SWEEP_ROWS).await?;
        let mut stale = Vec::new();
        for room in &rooms {
            let floor = rows
                .offset_before(room, before(now, events_are_kept(core, &room.room)))
                .await?;
            if floor > rows.log(room).await?.floor {
                stale.push((room.clone(), floor));
            }
        }
        rows.close().await?;
        for (room, floor) in stale {
            core.write(move |tx| Box::pin(async move { tx.rows().trim(&room, floor).await }))
                .await?;
        }
        match rooms.last() {
            Some(room) if rooms.len() == SWEEP_ROWS as usize => last = Some(room.clone()),
            _ => return Ok(()),
        }
    }
}

fn before(now: Timestamp, age: Duration) -> Timestamp {
    Timestamp::from_millis(
        now.as_millis()
            .saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX)),
    )
}

/// Deletes in small transactions, so that nobody waits long for the writer.
async fn forget(
    core: &Core,
    before: Timestamp,
    delete: impl for<'t> Fn(
        &'t mut crate::store::Tx,
        Timestamp,
    ) -> futures_util::future::BoxFuture<'t, Result<u64>>
    + Send
    + Copy
    + 'static,
) -> Result<()> {
    while core.write(move |tx| delete(tx, before)).await? == u64::from(SWEEP_ROWS) {}
    Ok(())
}
