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
use crate::planted::{self, Bug};
use carewire_protocol::Timestamp;
use std::collections::BTreeMap;

/// A run that has grown to this many frames or bytes is full.
const RUN_FRAMES: usize = 64;
const RUN_BYTES: usize = 64 * 1024;
/// More than so many events out of turn are read from the log.
const MAX_AHEAD: usize = 256;

/// What a room has to tell, and what came of it.
#[derive(Debug, Default)]
pub(super) struct FanOut {
    runs: Vec<Run>,
    /// Members that miss something before what was told.
    behind: Vec<Number>,
    /// What came before its turn, while what is missing may be on its way.
    ahead: BTreeMap<u64, Frame>,
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

    /// Sends what waits. Yields the members that miss something before it: it may be on its way, or
    /// they have to read the log.
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
            if planted::is(Bug::LiveOvertakesReplay) && matches!(member.flow, Flow::Replaying(_)) {
                member.connection.outbox.push(joined.clone());
                continue;
            }
            if !matches!(member.flow, Flow::Live) || last <= member.position {
                continue;
            }
            let mut next = member.position + 1;
            if planted::is(Bug::GapIgnored) {
                next = next.max(first);
            }
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
        if !self.fan_out.behind.is_empty() && self.fan_out.ahead.len() < MAX_AHEAD {
            let numbered = (first..).zip(frames.iter().cloned());
            self.fan_out.ahead.extend(numbered);
        }
        self.send_ahead(last + 1);
    }

    /// Sends what came before its turn, now that what was missing has come.
    fn send_ahead(&mut self, next: u64) {
        let mut frames = Vec::new();
        while let Some(frame) = self.fan_out.ahead.remove(&(next + frames.len() as u64)) {
            frames.push(frame);
        }
        if !frames.is_empty() {
            let joined = Frames::join(&frames);
            self.send_retained(next, &frames, &joined);
        }
    }

    /// What has not come by now will be read from the log.
    pub(crate) fn give_up_ahead(&mut self) {
        self.fan_out.ahead.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::Identity,
        hub::{Connection, Entry, Hub, NewConnection, Next, Outbox, OutboxLimits},
        keys::RoomKey,
    };
    use carewire_protocol::{
        Role,
        room::{LeftEvent, LeftReason},
    };
    use std::{sync::Arc, time::Duration};

    const NOBODY: [Number; 0] = [];

    fn member(hub: &Arc<Hub>, room: &RoomKey, position: Option<u64>) -> Arc<Connection> {
        let limits = OutboxLimits {
            frames: 100,
            bytes: 1 << 20,
        };
        let identity = Identity {
            tenant: room.tenant.clone(),
            user: "ana".parse().unwrap(),
            role: Role::Patient,
            name: None,
            expires_at: Timestamp::from_millis(i64::MAX),
        };
        let connection = Arc::new(Connection::new(NewConnection {
            number: 1,
            id: "c-1".parse().unwrap(),
            client: "phone".parse().unwrap(),
            identity,
            at: Timestamp::default(),
            now: Duration::ZERO,
            outbox: Arc::new(Outbox::new(limits)),
        }));
        enter(hub, room, &connection, position);
        connection
    }

    fn enter(hub: &Arc<Hub>, room: &RoomKey, connection: &Arc<Connection>, position: Option<u64>) {
        let entry = Entry {
            head: hub.open(room).state().head,
            position,
            at: Timestamp::default(),
        };
        hub.enter(&hub.open(room), connection, entry);
        hub.unhold(room, connection);
    }

    fn room() -> RoomKey {
        RoomKey::new(&"clinic".parse().unwrap(), "thread:team".parse().unwrap())
    }

    fn deliver(hub: &Arc<Hub>, offset: u64) -> Vec<Number> {
        let room = hub.room(&room()).unwrap();
        let frame = Frame::text(&offset.to_string());
        room.deliver(offset, &frame, Timestamp::default());
        hub.finish_fan_out(&room)
    }

    fn given(connection: &Connection) -> Vec<String> {
        let mut batch = Vec::new();
        while let Next::Frames = connection.outbox.take(&mut batch, usize::MAX) {}
        let texts = batch.iter().flat_map(Frames::texts);
        texts.map(str::to_owned).collect()
    }

    #[test]
    fn events_out_of_turn_wait_for_what_is_missing() {
        let hub = Arc::new(Hub::default());
        let connection = member(&hub, &room(), None);
        assert_eq!(deliver(&hub, 1), NOBODY);
        assert_eq!(deliver(&hub, 3), [1], "2 is missing");
        assert_eq!(deliver(&hub, 4), [1]);
        assert_eq!(given(&connection), ["1"]);
        assert_eq!(deliver(&hub, 2), NOBODY);
        assert_eq!(given(&connection), ["2", "3", "4"]);
        assert_eq!(deliver(&hub, 3), NOBODY, "and nothing twice");
        assert_eq!(given(&connection), Vec::<String>::new());
    }

    #[test]
    fn what_ends_a_membership_follows_the_reply_that_began_it() {
        let hub = Arc::new(Hub::default());
        let connection = member(&hub, &room(), None);
        let entry = Entry {
            head: 0,
            position: Some(0),
            at: Timestamp::default(),
        };
        hub.enter(&hub.open(&room()), &connection, entry);
        let left = LeftEvent {
            room_id: room().room,
            reason: LeftReason::Revoked,
        };
        hub.exit(&room(), &connection, false);
        connection.tell_of_room(Timestamp::default(), &room().room, &left);
        assert_eq!(given(&connection), Vec::<String>::new(), "not before it");
        connection.outbox.push(Frame::text("the reply"));
        hub.unhold(&room(), &connection);
        let texts = given(&connection);
        assert_eq!(texts[0], "the reply");
        assert!(texts[1].contains("room:left"), "{texts:?}");
        connection.tell_of_room(Timestamp::default(), &room().room, &left);
        assert_eq!(given(&connection).len(), 1, "nothing waits any more");
    }

    #[test]
    fn joining_twice_moves_nobody() {
        let hub = Arc::new(Hub::default());
        let connection = member(&hub, &room(), None);
        // Committed and read from the log by a second join, but not fanned out yet.
        hub.open(&room()).state().head = 1;
        enter(&hub, &room(), &connection, None);
        assert_eq!(deliver(&hub, 1), NOBODY);
        assert_eq!(given(&connection), ["1"]);
        enter(&hub, &room(), &connection, Some(0));
        assert_eq!(
            hub.open(&room()).state().behind(),
            [1],
            "unless a position is named"
        );
    }
}
