//! The one clock: everything that happens later waits here, in the order of its time.

use crate::{
    env::Runtime,
    hub::Number,
    keys::{RoomKey, UserKey},
};
use carewire_protocol::UserId;
use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;

/// Something that may be due. Whoever handles it looks whether it still is: a deadline that moved
/// is simply set again, and only what a client moves as it likes has to be taken out. Boxed, as nearly all that wait are small:
/// every connection has one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// A connection's heartbeat, expiry or idleness.
    Connection(Number),
    /// A typing start may have run out.
    Typing(Box<(RoomKey, UserId)>),
    /// A person whose last connection dropped may have left the room.
    Departure(Box<(RoomKey, UserId)>),
    /// A user whose last connection dropped may be offline.
    Offline(Box<UserKey>),
    /// A second has passed since a user was told about a conversation.
    Inbox(Box<(UserKey, RoomKey)>),
    /// A user's whiteboard cursor may be told again.
    Cursor(Box<(RoomKey, UserId)>),
    /// Somebody whose last connection dropped may look at a chart no longer.
    Viewer(Box<(RoomKey, UserId)>),
    /// Some lease may have ended.
    Leases,
    /// A subscriber of live rows may be told more, or has to read.
    Stream(Box<(RoomKey, Number)>),
    /// Some call may have rung for long enough, or some place in one may be lost.
    Calls,
    /// Places in calls are kept for longer.
    Places,
    /// The authoriser's decisions about a connection have lived their time.
    Access(Number),
    /// Some emergency access may have ended.
    Emergencies,
    /// Lines of the audit trail may wait to be written.
    Audit,
    /// What a room missed may have come by now.
    Gap(Box<RoomKey>),
    /// What is too old is forgotten.
    Sweep,
}

/// The waiting deadlines.
#[derive(Debug, Default)]
pub struct Timers {
    waiting: Mutex<BTreeSet<(Duration, Due)>>,
    earlier: Notify,
}

impl Timers {
    fn waiting(&self) -> MutexGuard<'_, BTreeSet<(Duration, Due)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many deadlines wait that are about somebody.
    pub fn len(&self) -> usize {
        let waiting = self.waiting();
        let about_somebody =
            |due: &Due| !matches!(due, Due::Sweep | Due::Leases | Due::Calls | Due::Places);
        waiting
            .iter()
            .filter(|(_, due)| about_somebody(due))
            .count()
    }

    /// Whether no deadline waits that is about somebody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets a deadline, in time since the start.
    pub fn set(&self, at: Duration, due: Due) {
        let mut waiting = self.waiting();
        let first = waiting.first().is_none_or(|(earliest, _)| at < *earliest);
        waiting.insert((at, due));
        drop(waiting);
        if first {
            self.earlier.notify_one();
        }
    }

    /// Takes a deadline back.
    pub fn unset(&self, at: Duration, due: Due) {
        self.waiting().remove(&(at, due));
    }

    /// Waits for the next deadline and takes it.
    pub async fn next(&self, env: &Runtime) -> Due {
        loop {
            let earliest = self.waiting().first().map(|(at, _)| *at);
            match earliest {
                Some(at) if at <= env.now() => {
                    if let Some((_, due)) = self.waiting().pop_first() {
                        return due;
                    }
                }
                Some(at) => {
                    tokio::select! {
                        biased;
                        () = env.sleep_until(at) => {}
                        () = self.earlier.notified() => {}
                    }
                }
                None => self.earlier.notified().await,
            }
        }
    }
}
