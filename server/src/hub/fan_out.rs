//! Fan-out in runs: what a room has to tell waits until the task that says so has yielded once,
//! then everything that came together is joined once and queued once for each member. A burst of
//! sixty-four events costs a member one lock, one wake-up and one write.
//!
//! Nobody sees the waiting: whoever looks at a room or changes it locks it with [`Room::state`],
//! and that sends what waits first.

use super::{
    connection::Number,
    frame::{Frame, Frames},
    room::{Audience, Flow, Room, RoomState},
};
use carewire_protocol::Timestamp;

/// A run that has grown to this many frames or bytes is full.
const RUN_FRAMES: usize = 64;
const RUN_BYTES: usize = 64 * 1024;

/// What a room has to tell, and what came of it.
#[derive(Debug, Default)]
pub(super) struct FanOut {
    runs: Vec<Run>,
    /// Members that miss something before what was told: they must read the log.
    behind: Vec<Number>,
    /// Somebody is on the way to send what waits.
    scheduled: bool,
}

/// Consecutive events that the same members get.
#[derive(Debug)]
struct Run {
    kind: Kind,
    frames: Vec<Frame>,
    bytes: usize,
}

#[derive(Debug, PartialEq)]
enum Kind {
    Told(Audience),
    /// The log from this offset on.
    Retained(u64),
}

impl Run {
    fn continues(&self, kind: &Kind) -> bool {
        let follows = match (&self.kind, kind) {
            (Kind::Told(these), Kind::Told(those)) => these == those,
            (Kind::Retained(first), Kind::Retained(next)) => {
                first + self.frames.len() as u64 == *next
            }
            _ => false,
        };
        follows && self.frames.len() < RUN_FRAMES && self.bytes < RUN_BYTES
    }
}

impl FanOut {
    /// Whether nothing waits.
    pub(super) fn is_done(&self) -> bool {
        self.runs.is_empty() && !self.scheduled
    }

    fn push(&mut self, kind: Kind, frame: &Frame) -> bool {
        let bytes = frame.len();
        match self.runs.last_mut() {
            Some(run) if run.continues(&kind) => {
                run.frames.push(frame.clone());
                run.bytes += bytes;
            }
            _ => self.runs.push(Run {
                kind,
                frames: vec![frame.clone()],
                bytes,
            }),
        }
        !std::mem::replace(&mut self.scheduled, true)
    }
}

/// What an event that was added to a room's fan-out asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// How many members the room has here.
    pub members: usize,
    /// Nobody is on the way to send it yet: [`Room::finish_fan_out`] has to follow.
    pub first: bool,
}

impl Room {
    /// Adds an ephemeral event to what is sent next.
    pub fn tell(&self, frame: &Frame, audience: &Audience, at: Timestamp) -> Added {
        self.add(Kind::Told(audience.clone()), frame, at)
    }

    /// Adds a retained event to what is sent next.
    pub fn deliver(&self, offset: u64, frame: &Frame, at: Timestamp) -> Added {
        self.add(Kind::Retained(offset), frame, at)
    }

    fn add(&self, kind: Kind, frame: &Frame, at: Timestamp) -> Added {
        let mut state = self.state_as_it_is();
        state.active_at = at;
        Added {
            members: state.members.len(),
            first: state.fan_out.push(kind, frame),
        }
    }

    /// Sends what waits. Yields the members that must read the log first, because they miss
    /// something before it.
    pub fn finish_fan_out(&self) -> Vec<Number> {
        let mut state = self.state();
        state.fan_out.scheduled = false;
        std::mem::take(&mut state.fan_out.behind)
    }
}

impl RoomState {
    /// Queues what waits for every member that is to get it.
    pub(super) fn send_waiting(&mut self) {
        if self.fan_out.runs.is_empty() {
            return;
        }
        for run in std::mem::take(&mut self.fan_out.runs) {
            let joined = Frames::join(&run.frames);
            match run.kind {
                Kind::Told(audience) => self.send_told(&audience, &joined),
                Kind::Retained(first) => self.send_retained(first, &run.frames, &joined),
            }
        }
    }

    fn send_told(&mut self, audience: &Audience, frames: &Frames) {
        for (number, member) in self.members.iter_mut() {
            let skipped = match audience {
                Audience::Everyone => false,
                Audience::AllBut(user) => member.connection.user().user == *user,
                Audience::AllButConnection(other) => number == other,
            };
            if skipped {
                continue;
            }
            match &mut member.flow {
                Flow::Held(waiting) => waiting.push(frames.clone()),
                Flow::Replaying(_) | Flow::Live => member.connection.outbox.push(frames.clone()),
            }
        }
    }

    fn send_retained(&mut self, first: u64, frames: &[Frame], joined: &Frames) {
        let last = first + frames.len() as u64 - 1;
        self.head = self.head.max(last);
        for (number, member) in self.members.iter_mut() {
            if !matches!(member.flow, Flow::Live) || last <= member.position {
                continue;
            }
            let next = member.position + 1;
            if next < first {
                self.fan_out.behind.push(*number);
                continue;
            }
            member.position = last;
            // Whoever joined in the middle of the run has read the beginning from the log.
            let missing = if next == first {
                joined.clone()
            } else {
                Frames::join(&frames[(next - first) as usize..])
            };
            member.connection.outbox.push(missing);
        }
    }
}
