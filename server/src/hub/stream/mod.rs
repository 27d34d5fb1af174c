//! What one subscriber of live rows is told, and when: no more often than it wants, only what its
//! filter lets through, and of each row only the newest.
//!
//! Rows are numbered in the order of their commits. Whoever subscribes reads what is stored and is
//! told what comes after it; a subscriber that has missed a number, or for whom too much waits,
//! reads again. So nothing here grows, and nothing has to be repaired from outside.

mod filter;
#[cfg(test)]
mod model;

pub use filter::Filter;

use carewire_protocol::{PrivateJson, limits::MIN_STREAM_INTERVAL};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// What may wait for one subscriber. An update made of it fits into a frame.
const MAX_WAITING_ROWS: usize = 1000;
const MAX_WAITING_BYTES: usize = 256 * 1024;
/// Longer intervals are this one: a clock has an end.
const MAX_INTERVAL: Duration = Duration::from_hours(24);

/// A live row as subscribers share it.
#[derive(Debug)]
pub struct Row {
    /// Grows with every row of the template.
    pub number: u64,
    /// What it is the newest of.
    pub id: Arc<str>,
    /// As the backend gave it.
    pub data: PrivateJson,
    /// The same, for filters.
    pub value: serde_json::Value,
}

/// One subscriber of a template's rows.
#[derive(Debug)]
pub struct Stream {
    interval: Duration,
    filter: Arc<Filter>,
    /// The newest row that was told, waits, or did not pass.
    through: u64,
    standing: Standing,
    waiting: BTreeMap<Arc<str>, Arc<Row>>,
    waiting_bytes: usize,
    told_at: Option<Duration>,
    read_at: Option<Duration>,
    tickets: u64,
    alarm: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It reads what is stored before it is told anything more.
    Behind(Cause),
    /// It is reading.
    Reading(Ticket, Meanwhile),
    /// It was told everything, or it waits.
    Current,
}

/// Why a subscriber has to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// It subscribed, or set its filter.
    Asked,
    /// It missed something.
    Missed,
}

/// What was offered to a subscriber that is reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meanwhile {
    Nothing,
    /// Everything from this number on, and it waits.
    From(u64),
    /// More than may wait, or with a hole.
    TooMuch,
}

/// Names one reading: a newer one makes it worthless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u64);

/// What is to be done for a subscriber now.
#[derive(Debug)]
pub enum Step {
    /// Nothing.
    Rest,
    /// It is told these rows, oldest first.
    Tell(Vec<Arc<Row>>),
    /// It reads what is stored; [`Stream::have_read`] has to follow, or [`Stream::read_failed`].
    Read(Ticket),
}

impl Default for Stream {
    /// A subscriber that has read nothing yet, of all rows, at the shortest interval.
    fn default() -> Self {
        Self {
            interval: MIN_STREAM_INTERVAL,
            filter: Arc::default(),
            through: 0,
            standing: Standing::Behind(Cause::Asked),
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
            told_at: None,
            read_at: None,
            tickets: 0,
            alarm: None,
        }
    }
}

impl Stream {
    /// What it wants.
    pub fn filter(&self) -> Arc<Filter> {
        Arc::clone(&self.filter)
    }

    /// Says how often it wants to be told, at most.
    pub fn set_interval(&mut self, interval: Duration) {
        self.interval = interval.min(MAX_INTERVAL);
    }

    /// Says what it wants. It reads again.
    pub fn set_filter(&mut self, filter: Filter) {
        self.filter = Arc::new(filter);
        self.ask();
    }

    /// It wants to read again.
    pub fn ask(&mut self) {
        self.forget_waiting();
        self.standing = Standing::Behind(Cause::Asked);
    }

    /// Takes rows as they were committed: consecutive numbers, oldest first.
    pub fn offer(&mut self, rows: &[Arc<Row>]) {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return;
        };
        let known = match self.standing {
            Standing::Behind(_) | Standing::Reading(_, Meanwhile::TooMuch) => return,
            Standing::Reading(ticket, Meanwhile::Nothing) => {
                self.standing = Standing::Reading(ticket, Meanwhile::From(first.number));
                first.number - 1
            }
            Standing::Reading(_, Meanwhile::From(_)) | Standing::Current => self.through,
        };
        if first.number > known + 1 {
            self.miss();
            return;
        }
        for row in rows.iter().filter(|row| row.number > known) {
            if let Some(older) = self.waiting.remove(&row.id) {
                self.waiting_bytes -= older.data.get().len();
            }
            if self.filter.lets_through(&row.value) {
                self.waiting_bytes += row.data.get().len();
                self.waiting.insert(Arc::clone(&row.id), Arc::clone(row));
            }
        }
        self.through = known.max(last.number);
        if self.waiting.len() > MAX_WAITING_ROWS || self.waiting_bytes > MAX_WAITING_BYTES {
            self.miss();
        }
    }

    /// What waits cannot be completed: it has to read.
    fn miss(&mut self) {
        self.forget_waiting();
        self.standing = match self.standing {
            Standing::Reading(ticket, _) => Standing::Reading(ticket, Meanwhile::TooMuch),
            Standing::Behind(cause) => Standing::Behind(cause),
            Standing::Current => Standing::Behind(Cause::Missed),
        };
    }

    fn forget_waiting(&mut self) {
        self.waiting.clear();
        self.waiting_bytes = 0;
    }

    /// It has read everything up to a number. `false`: it wants something else by now, and what
    /// was read is not for it.
    pub fn have_read(&mut self, ticket: Ticket, newest: u64, now: Duration) -> bool {
        let meanwhile = match self.standing {
            Standing::Reading(current, meanwhile) if current == ticket => meanwhile,
            _ => return false,
        };
        self.read_at = Some(now);
        self.standing = Standing::Current;
        match meanwhile {
            Meanwhile::Nothing => self.through = newest,
            Meanwhile::From(first) if first <= newest + 1 => {
                self.through = self.through.max(newest);
                self.waiting.retain(|_, row| row.number > newest);
                let bytes = self.waiting.values().map(|row| row.data.get().len());
                self.waiting_bytes = bytes.sum();
            }
            Meanwhile::From(_) | Meanwhile::TooMuch => self.miss(),
        }
        true
    }

    /// It could not read, and tries again later.
    pub fn read_failed(&mut self, ticket: Ticket, now: Duration) {
        if matches!(self.standing, Standing::Reading(current, _) if current == ticket) {
            self.read_at = Some(now);
            self.forget_waiting();
            self.standing = Standing::Behind(Cause::Asked);
        }
    }

    /// When there is something to do for it.
    pub fn due(&self) -> Option<Duration> {
        let after = |at: Option<Duration>, pause| at.map_or(Duration::ZERO, |at| at + pause);
        match self.standing {
            Standing::Reading(..) => None,
            // Whoever changes its mind again and again reads no more often for that.
            Standing::Behind(Cause::Asked) => Some(after(self.read_at, MIN_STREAM_INTERVAL)),
            Standing::Behind(Cause::Missed) => {
                Some(after(self.told_at.max(self.read_at), self.interval))
            }
            Standing::Current if self.waiting.is_empty() => None,
            Standing::Current => Some(after(self.told_at, self.interval)),
        }
    }

    /// Does what is due.
    pub fn step(&mut self, now: Duration) -> Step {
        if self.due().is_none_or(|due| due > now) {
            return Step::Rest;
        }
        if let Standing::Behind(_) = self.standing {
            self.tickets += 1;
            self.read_at = Some(now);
            let ticket = Ticket(self.tickets);
            self.standing = Standing::Reading(ticket, Meanwhile::Nothing);
            return Step::Read(ticket);
        }
        self.told_at = Some(now);
        self.waiting_bytes = 0;
        let mut rows: Vec<_> = std::mem::take(&mut self.waiting).into_values().collect();
        rows.sort_unstable_by_key(|row| row.number);
        Step::Tell(rows)
    }

    /// The alarm that is set for it and the one that should be, where they differ. From then on
    /// the latter counts as set: there is never more than one.
    pub fn move_alarm(&mut self) -> Option<(Option<Duration>, Option<Duration>)> {
        let due = self.due();
        let set = std::mem::replace(&mut self.alarm, due);
        (set != due).then_some((set, due))
    }

    /// The alarm has gone off.
    pub fn alarm_rang(&mut self, now: Duration) {
        if self.alarm.is_some_and(|at| at <= now) {
            self.alarm = None;
        }
    }

    /// The alarm that is set for it.
    pub fn alarm(&self) -> Option<Duration> {
        self.alarm
    }
}
