//! What happened, in the form that the checker reads.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// A name. Users, rooms and devices carry their tenant: `clinic/ana`, `clinic/chat:ana:dr-lee`,
/// `clinic/ana/phone`.
pub type Name = Arc<str>;

/// The number of an operation, unique within a history.
pub type Op = u64;

/// What a run recorded. The order of entries is the order in which they were seen to happen.
#[derive(Debug, Default, Clone)]
pub struct History {
    /// Everything that happened.
    pub entries: Vec<Entry>,
    /// What the server's logs hold when all is over, by room.
    pub logs: BTreeMap<Name, Log>,
    /// What is promised.
    pub limits: Limits,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Time since the start of the run.
    pub at: Duration,
    /// What.
    pub what: What,
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A typing start that nothing follows is over for everyone. `None`: not judged.
    pub typing: Option<Duration>,
    /// How long a user stays listed without a connection. `None`: not judged.
    pub presence_grace: Option<Duration>,
    /// How long after a revocation something may still be queued.
    pub revocation: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            typing: Some(Duration::from_secs(7)),
            presence_grace: Some(Duration::from_secs(10)),
            revocation: Duration::from_secs(1),
        }
    }
}

/// The log of a room as the server holds it in the end.
#[derive(Debug, Default, Clone)]
pub struct Log {
    /// Its life.
    pub epoch: Name,
    /// The newest offset that is no longer kept; 0 while everything is.
    pub floor: u64,
    /// The newest offset.
    pub head: u64,
    /// What is kept, by offset.
    pub events: BTreeMap<u64, Event>,
    /// How far people have read, by user: ids of messages.
    pub read: BTreeMap<Name, Name>,
}

/// A retained event, as somebody was given it or as a log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its name on the wire.
    pub name: Name,
    /// The message it is about.
    pub message: Option<Name>,
    /// What it says, as a word that only one operation of the run has said (a body, a payload).
    /// `None` where a deletion has emptied it.
    pub mark: Option<Name>,
}

/// A command that creates or changes something retained.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its number.
    pub op: Op,
    /// On which device.
    pub device: Name,
    /// Whose.
    pub user: Name,
    /// The key, where the application chose it. Operations of a user that share one are one.
    pub key: Option<Name>,
    /// In which room.
    pub room: Name,
    /// The name of the event that it leads to.
    pub event: Name,
    /// The message that it changes.
    pub subject: Option<Name>,
    /// What it says; `None` for a deletion.
    pub mark: Option<Name>,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub enum What {
    /// The application gave a command to its client.
    Invoked(Operation),
    /// The command succeeded. `message`: the id that the reply named.
    Acknowledged {
        /// Which.
        op: Op,
        /// The message that the reply named.
        message: Option<Name>,
    },
    /// The command was refused, or never left: it had no effect.
    Refused {
        /// Which.
        op: Op,
    },
    /// Nobody can tell whether the command had an effect: a time-out, a client that was killed.
    Unknown {
        /// Which.
        op: Op,
    },

    /// A device, and whose it is. Comes before anything else of it.
    Device {
        /// Which.
        device: Name,
        /// Whose.
        user: Name,
    },
    /// A device begins to follow a room after this place, or was told to replace its state
    /// (`recovered: false`).
    Follows {
        /// Which.
        device: Name,
        /// Which room.
        room: Name,
        /// The life of the log.
        epoch: Name,
        /// The place.
        offset: u64,
    },
    /// A device no longer follows a room.
    Left {
        /// Which.
        device: Name,
        /// Which room.
        room: Name,
    },
    /// The application of a device was given a retained event.
    Observed {
        /// Which.
        device: Name,
        /// Of which room.
        room: Name,
        /// The life of the log.
        epoch: Name,
        /// Its place.
        offset: u64,
        /// What.
        event: Event,
        /// The earliest time at which the server can have queued it.
        queued: Duration,
    },
    /// A device was shown something else that belongs to a room: a page of history, a reply, an
    /// ephemeral event.
    Shown {
        /// Which.
        device: Name,
        /// Of which room.
        room: Name,
        /// What.
        event: Event,
        /// The earliest time at which the server can have queued it.
        queued: Duration,
    },
    /// A device was told something that concerns a patient, wherever it was said.
    Concerns {
        /// Which.
        device: Name,
        /// Whom.
        patient: Name,
    },
    /// A device heard that somebody began or stopped typing.
    Typing {
        /// Which.
        device: Name,
        /// Where.
        room: Name,
        /// Who.
        user: Name,
        /// Began.
        on: bool,
    },
    /// A device heard that somebody has read up to a message.
    Read {
        /// Which.
        device: Name,
        /// Where.
        room: Name,
        /// Who.
        user: Name,
        /// Up to which.
        message: Name,
    },
    /// A device heard that somebody is there, or is not.
    Presence {
        /// Which.
        device: Name,
        /// Who.
        user: Name,
        /// They are there.
        online: bool,
        /// The earliest time at which the server can have queued it.
        queued: Duration,
    },
    /// What a device heard of others' typing is void: its connection was lost or is disturbed.
    Disturbed {
        /// Which.
        device: Name,
    },
    /// A connection of a user began, or ended, as their server sees it.
    Connection {
        /// Whose.
        user: Name,
        /// Began.
        up: bool,
    },

    /// Something about a lease.
    Lease {
        /// Which device, by the name that the server knows.
        client: Name,
        /// On which record.
        record: Name,
        /// Its fencing token.
        token: u64,
        /// What.
        step: LeaseStep,
    },

    /// Something is durable from now on. Where a run records this, nobody may hear of it before.
    Durable(Durable),
    /// Who is who and may see whom. What is granted counts from the moment of asking, what is taken
    /// away from the moment of the answer.
    Access(Access),
    /// A fault was injected.
    Fault {
        /// Which.
        name: Name,
        /// The device or node that it hits; `None`: all of them.
        target: Option<Name>,
        /// Something in the middle of a stream may be missing because of it.
        loses: bool,
    },
    /// Somebody saw a gap and asked for what is missing: a device, or a node.
    Repaired {
        /// Who.
        by: Name,
        /// In which room.
        room: Name,
    },
    /// No fault is injected any more. What is promised to converge has the rest of the run.
    Healed,
    /// How a device is in the end.
    Ended {
        /// Which.
        device: Name,
        /// It is connected, or its application has closed it.
        well: bool,
    },
    /// What a device believes of a user in the end, and what is true.
    Believed {
        /// Which.
        device: Name,
        /// Of whom.
        user: Name,
        /// It believes that they are there.
        online: bool,
        /// They are.
        truly: bool,
    },
    /// Something that must not have grown over the run: tasks, rooms, sockets, timers.
    Baseline {
        /// Of what.
        name: Name,
        /// In the beginning.
        before: u64,
        /// In the end, when everybody has gone.
        after: u64,
    },
    /// Something that must stay within a limit.
    Bound {
        /// Of what.
        name: Name,
        /// The most that was seen.
        seen: u64,
        /// The most that may be.
        most: u64,
    },
}

/// What a device knows of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseStep {
    /// It was granted: the reply is there.
    Granted {
        /// When it ends.
        until: Duration,
    },
    /// It was renewed: the reply is there.
    Renewed {
        /// When the renewal was asked for.
        asked: Duration,
        /// When it ends now.
        until: Duration,
    },
    /// The device gives it back.
    Releasing,
    /// It is given back: the reply is there.
    Released,
}

/// What can become durable.
#[derive(Debug, Clone)]
pub enum Durable {
    /// An event of a room's log.
    Event {
        /// Which room.
        room: Name,
        /// Its place.
        offset: u64,
    },
    /// That somebody has read up to a message.
    Read {
        /// Where.
        room: Name,
        /// Who.
        user: Name,
        /// Up to which.
        message: Name,
    },
}

/// Who is who and may see whom.
#[derive(Debug, Clone)]
pub enum Access {
    /// A user's role, as the contract spells it.
    Role {
        /// Who.
        user: Name,
        /// What.
        role: Name,
    },
    /// A provider cares for a patient, or no longer does.
    Care {
        /// Who.
        provider: Name,
        /// For whom.
        patient: Name,
        /// Does.
        cares: bool,
    },
    /// Somebody belongs to a thread, a visit or a call and may read what follows an offset, or no
    /// longer belongs to it.
    Member {
        /// To which.
        room: Name,
        /// Who.
        user: Name,
        /// Where their reading begins; `None`: they are no longer a member.
        floor: Option<u64>,
    },
}

impl History {
    /// Notes what happened.
    pub fn push(&mut self, at: Duration, what: What) {
        self.entries.push(Entry { at, what });
    }

    /// When the run ended.
    pub fn end(&self) -> Duration {
        self.entries
            .iter()
            .map(|entry| entry.at)
            .max()
            .unwrap_or_default()
    }
}
