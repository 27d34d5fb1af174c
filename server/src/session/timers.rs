//! Heartbeat, expiry and inactivity of one connection.

use crate::{
    core::Core,
    domain::session::idle_since,
    hub::{Connection, Frame},
    timers::Due,
};
use carewire_protocol::{
    Timestamp,
    error::close,
    frame::{Heartbeat, encode_heartbeat},
    limits::EXPIRY_NOTICE,
    session::{ExpiringEvent, IdleEvent},
};
use std::{sync::PoisonError, time::Duration};

/// Does whatever is due for a connection and sets its next deadline.
pub fn check(core: &Core, connection: &Connection) {
    if connection.outbox.is_closed() {
        return;
    }
    let now = core.now();
    let deadlines = [
        heartbeat(core, connection, now),
        expiry(core, connection, now),
        idleness(core, connection, now),
    ];
    if let Some(next) = deadlines.into_iter().flatten().min()
        && !connection.outbox.is_closed()
    {
        // Never twice in the same instant: a deadline in the past was dealt with above.
        let next = next.max(now + Duration::from_millis(5));
        core.timers.set(next, Due::Connection(connection.number));
    }
}

/// Pings whoever was not heard of, or told nothing, for an interval; closes whoever was silent
/// for two and did not read either.
fn heartbeat(core: &Core, connection: &Connection, now: Duration) -> Option<Duration> {
    let interval = core.config.heartbeat;
    if now >= connection.alive() + 2 * interval {
        connection.outbox.close(close::GOING_AWAY, "no heartbeat");
        return None;
    }
    let mut told = connection
        .told
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let quiet_since = connection.heard().min(connection.wrote());
    let since = quiet_since.max(told.pinged.unwrap_or_default());
    if now >= since + interval {
        connection
            .outbox
            .push_urgent(Frame::text(&encode_heartbeat(Heartbeat::Ping, None)));
        told.pinged = Some(now);
        return Some((now + interval).min(connection.alive() + 2 * interval));
    }
    Some((since + interval).min(connection.alive() + 2 * interval))
}

/// Announces the token's expiry and closes at it. Only this looks at the wall clock, which may
/// jump, so it looks at least every second when the end is near.
fn expiry(core: &Core, connection: &Connection, now: Duration) -> Option<Duration> {
    let expires_at = connection.identity().expires_at;
    let left = expires_at.since(core.wall());
    if left.is_zero() {
        connection
            .outbox
            .close(close::UNAUTHENTICATED, "token expired");
        return None;
    }
    if left > EXPIRY_NOTICE {
        return Some(
            now + left
                .saturating_sub(EXPIRY_NOTICE)
                .min(Duration::from_secs(30)),
        );
    }
    let mut told = connection
        .told
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if told.expiring != Some(expires_at) {
        told.expiring = Some(expires_at);
        connection.tell(core.wall(), &ExpiringEvent { expires_at });
    }
    Some(now + left.min(Duration::from_secs(1)))
}

/// Announces the log-off of a device whose person has done nothing, and does it.
fn idleness(core: &Core, connection: &Connection, now: Duration) -> Option<Duration> {
    let limit = core.config.idle_logoff?;
    let since = idle_since(core, connection)?;
    let end = since + limit;
    if now >= end {
        crate::domain::session::forget_activity(core, connection);
        connection
            .outbox
            .close(close::IDLE, "logged off for inactivity");
        return None;
    }
    let notice = end.saturating_sub(EXPIRY_NOTICE).max(since);
    if now < notice {
        return Some(notice);
    }
    let mut told = connection
        .told
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if told.idle != Some(since) {
        told.idle = Some(since);
        let logoff_at: Timestamp = core.wall().plus(end.saturating_sub(now));
        connection.tell(core.wall(), &IdleEvent { logoff_at });
    }
    Some(end)
}
