//! The rooms of a session, and how far each has been delivered.

use super::{
    outbox::Seq,
    planted::{self, Bug},
    table::Table,
};
use carewire_protocol::{Epoch, RoomId};

/// A place in the log of a room: the life of the log, and the last offset delivered.
pub(super) type Position = (Epoch, u64);

/// How often a gap is repaired by replay before the room starts over: a server that leaves the same
/// hole again and again must not be asked for ever.
const REPAIRS: u8 = 3;

#[derive(Debug, Default)]
struct Room {
    position: Option<Position>,
    /// The request whose reply says where the room is. Until then its retained events are ignored:
    /// they come again.
    awaiting: Option<Seq>,
    /// The position that request named.
    asked: Option<Position>,
    /// Has caught up when the position gets here.
    catch_up: Option<u64>,
    /// Leaving; everything retained that still arrives is ignored.
    leaving: Option<Seq>,
    /// Nobody asked for it: a command joined it by the way.
    by_the_way: bool,
    repairs: u8,
}

/// What to do with a retained event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Deliver,
    Ignore,
    /// Something before it is missing: ask again from the position.
    Gap,
}

/// What a reply about a room changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joined {
    /// A newer request is on its way, whose reply counts.
    Superseded,
    /// What was missed follows, or nothing was asked for.
    Following,
    /// What was missed does not follow: the application replaces its state.
    Resynced,
}

#[derive(Debug, Default)]
pub(super) struct Rooms {
    rooms: Table<RoomId, Room>,
}

impl Rooms {
    /// Judges a retained event, and moves the position when it is delivered.
    pub(super) fn judge(&mut self, id: &RoomId, epoch: &Epoch, offset: u64) -> Verdict {
        let Some(room) = self.rooms.get_mut(id) else {
            // A command joined it by the way (a call, a chart): it is a room like any other.
            let room = Room {
                position: Some((epoch.clone(), offset)),
                by_the_way: true,
                ..Room::default()
            };
            self.rooms.insert(id.clone(), room);
            return Verdict::Deliver;
        };
        if room.awaiting.is_some() || room.leaving.is_some() {
            return Verdict::Ignore;
        }
        match &mut room.position {
            None => room.position = Some((epoch.clone(), offset)),
            Some((known, at)) => {
                let is_gap = known != epoch || offset > at.saturating_add(1);
                if is_gap && !planted::is(Bug::GapUnnoticed) {
                    return Verdict::Gap;
                }
                if offset <= *at {
                    return Verdict::Ignore;
                }
                *at = offset;
                room.repairs = 0;
            }
        }
        if room.catch_up.is_some_and(|head| offset >= head) {
            room.catch_up = None;
        }
        Verdict::Deliver
    }

    /// The server joined the connection by itself. A room that is known keeps its position.
    /// Says whether it is new.
    pub(super) fn announced(&mut self, id: RoomId, position: Position) -> bool {
        let new = !self.rooms.contains_key(&id);
        let room = self.rooms.entry(id).or_default();
        if room.position.is_none() && room.awaiting.is_none() {
            room.position = Some(position);
        }
        room.leaving = None;
        new
    }

    /// The position to join with; [`REPAIRS`] times, then without.
    pub(super) fn repair(&mut self, id: &RoomId) -> Option<Position> {
        let room = self.rooms.get_mut(id)?;
        room.repairs = room.repairs.saturating_add(1);
        if room.repairs > REPAIRS {
            None
        } else {
            room.position.clone()
        }
    }

    pub(super) fn position(&self, id: &RoomId) -> Option<Position> {
        self.rooms.get(id)?.position.clone()
    }

    /// A request was sent whose reply says where the room is.
    pub(super) fn await_reply(&mut self, id: &RoomId, seq: Seq, asked: Option<Position>) {
        let room = self.rooms.entry(id.clone()).or_default();
        if room.awaiting.is_some() && room.asked.is_none() && asked.is_none() {
            // Joining twice at once: events follow the first reply, and the second replays none.
            return;
        }
        room.awaiting = Some(seq);
        room.asked = asked;
        room.leaving = None;
        room.catch_up = None;
    }

    /// The reply to such a request.
    pub(super) fn joined(
        &mut self,
        id: &RoomId,
        seq: Seq,
        head: Position,
        recovered: bool,
    ) -> Joined {
        let counts = |room: &&mut Room| match room.awaiting {
            Some(awaited) => awaited == seq,
            // The first of two joins was refused, this is the second.
            None => room.position.is_none() && room.leaving.is_none(),
        };
        let Some(room) = self.rooms.get_mut(id).filter(counts) else {
            return Joined::Superseded;
        };
        room.awaiting = None;
        let had_state = room.position.is_some();
        match room.asked.take() {
            Some((epoch, offset)) if recovered && epoch == head.0 => {
                room.catch_up = (head.1 > offset).then_some(head.1);
                let place = if planted::is(Bug::PositionFromReply) {
                    head.1
                } else {
                    offset
                };
                room.position = Some((epoch, place));
                Joined::Following
            }
            asked => {
                room.position = Some(head);
                room.repairs = 0;
                // Without a position nothing was asked for; but a room that had one starts over.
                if asked.is_some() || had_state {
                    Joined::Resynced
                } else {
                    Joined::Following
                }
            }
        }
    }

    /// Such a request was refused; says whether it was the one that counts.
    pub(super) fn refused(&mut self, id: &RoomId, seq: Seq) -> bool {
        self.rooms
            .get(id)
            .is_some_and(|room| room.awaiting == Some(seq))
    }

    /// A first join was refused. The room is forgotten, unless another join is still on its way.
    pub(super) fn not_joined(&mut self, id: &RoomId, another: bool) {
        match self.rooms.get_mut(id) {
            Some(room) if another => room.awaiting = None,
            _ => drop(self.rooms.remove(id)),
        }
    }

    /// The room is to be left; says whether it was known.
    pub(super) fn leave(&mut self, id: &RoomId, seq: Option<Seq>) -> bool {
        match (self.rooms.get_mut(id), seq) {
            (Some(room), Some(seq)) => {
                room.leaving = Some(seq);
                room.position = None; // whoever joins again begins anew
                room.awaiting = None;
                room.catch_up = None;
                true
            }
            (Some(_), None) => self.rooms.remove(id).is_some(),
            (None, _) => false,
        }
    }

    /// The room is left, unless it was joined again meanwhile.
    pub(super) fn left(&mut self, id: &RoomId, seq: Seq) {
        if self
            .rooms
            .get(id)
            .is_some_and(|room| room.leaving == Some(seq))
        {
            self.rooms.remove(id);
        }
    }

    /// The application has joined it as such.
    pub(super) fn wanted(&mut self, id: &RoomId) {
        if let Some(room) = self.rooms.get_mut(id) {
            room.by_the_way = false;
        }
    }

    /// What had joined the room by the way is over, and with it the room, unless it was joined as
    /// such too.
    pub(super) fn passed(&mut self, id: &RoomId) {
        if self.rooms.get(id).is_some_and(|room| room.by_the_way) {
            self.rooms.remove(id);
        }
    }

    pub(super) fn remove(&mut self, id: &RoomId) -> bool {
        self.rooms.remove(id).is_some()
    }

    /// The connection is lost: nothing is on its way any more.
    pub(super) fn lost(&mut self) {
        self.rooms.retain(|_, room| room.leaving.is_none());
        for (_, room) in self.rooms.iter_mut() {
            room.awaiting = None;
            room.asked = None;
            room.catch_up = None;
        }
    }

    /// Where every room is that has a position.
    pub(super) fn positions(&self) -> Vec<(RoomId, Position)> {
        let known = self.rooms.iter();
        known
            .filter_map(|(id, room)| Some((id.clone(), room.position.clone()?)))
            .collect()
    }

    /// Sets a position without replay.
    pub(super) fn place(&mut self, id: &RoomId, position: Position) {
        if let Some(room) = self.rooms.get_mut(id) {
            room.position = Some(position);
        }
    }

    /// Whether every room has been delivered up to where the server said it was.
    pub(super) fn caught_up(&self) -> bool {
        self.rooms
            .values()
            .all(|room| room.awaiting.is_none() && room.catch_up.is_none())
    }
}
