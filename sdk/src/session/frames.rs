//! What the server says.

use super::{
    Output, Owner, Phase, Seq, Session, State, Timer,
    commands::at,
    frame::{EventFrame, Frame},
    notice::{self, Connected, Notice},
    rooms::{Joined, Position, Verdict},
};
use crate::{
    Event, Lazy, Refusal, Resumed, Resynced,
    json::{Json, Object},
};
use carewire_protocol::{
    ErrorCode, Millis, RoomId, Timestamp, error::close, frame::Heartbeat, limits, session as wire,
};
use std::{sync::Arc, time::Duration};

/// More bytes than the position of any room takes, or the name of anybody.
const LARGEST_POSITION: usize = 400;
/// How long to wait before a room is asked for again that the server could not serve now.
const ROOM_AGAIN: Duration = Duration::from_secs(1);

impl Session {
    pub(super) fn on_frame(&mut self, text: &str) {
        let Some(text) = Json::parse(text) else {
            return self.hang_up(close::PROTOCOL_ERROR);
        };
        match Frame::of(text) {
            Some(Frame::Reply(id, data)) => {
                self.note_answer();
                if let Some(seq) = self.outbox.in_flight(id) {
                    self.on_reply(seq, data.unwrap_or(Json::EMPTY));
                }
            }
            Some(Frame::Refused(id, error)) => {
                self.note_answer();
                if let Some(seq) = id.and_then(|id| self.outbox.in_flight(id)) {
                    self.on_refused(seq, error);
                } else {
                    tracing::warn!(%error, "the server reports an error of no command");
                }
            }
            Some(Frame::Ping(id)) => {
                self.send_heartbeat(Heartbeat::Pong, id);
            }
            Some(Frame::Pong) => self.note_answer(),
            Some(Frame::Event(event)) => self.on_event(&event),
            // JSON of a later version is no reason to leave; a broken stream is.
            None => tracing::warn!("a frame of an unknown shape"),
        }
    }

    fn on_event(&mut self, event: &EventFrame<'_>) {
        if self.phase == Phase::Authenticating && event.name != "connected" {
            return;
        }
        if let (Some(room), Some((epoch, offset))) = (&event.room, &event.position) {
            match self.rooms.judge(room, epoch, *offset) {
                Verdict::Deliver => {}
                Verdict::Ignore => return,
                Verdict::Gap => {
                    tracing::debug!(%room, offset, "events are missing: asking again");
                    self.repairs += 1;
                    let position = self.rooms.repair(room);
                    return self.rejoin(room, position, false);
                }
            }
        }
        let notice = Notice::of(event);
        match notice {
            Notice::Connected(connected) => return self.on_connected(connected),
            Notice::Expiring(at) => self.on_expiring(at),
            Notice::Shutdown(retry_after) => {
                self.retry_after = Some(retry_after);
            }
            Notice::Joined(room, position) => drop(self.rooms.announced(room, position)),
            Notice::Left(room) => {
                self.rooms.remove(&room);
                self.forget_room(&room);
            }
            Notice::Message(message) => self.on_message(message),
            Notice::CallEnded(call) => self.on_call_gone(&call),
            Notice::CallLeft(place) => self.on_call_left(&place),
            Notice::CallJoined(place) => self.on_call_joined(&place),
            Notice::Unlocked(unlocked) => {
                if let Some(RoomId::Patient(patient)) = event.room.clone() {
                    self.on_unlocked(patient, unlocked);
                }
            }
            Notice::Other => {}
        }
        self.emit(Event::Server(()));
    }

    fn on_connected(&mut self, connected: Connected) {
        if self.phase != Phase::Authenticating {
            return;
        }
        self.phase = Phase::Online;
        self.timers.clear(&Timer::Dial);
        self.token_refused = false;
        self.retry_after = None;
        self.online_since = self.now;
        let most = usize::try_from(connected.max_payload_bytes).unwrap_or(usize::MAX);
        self.max_payload = if most == 0 {
            limits::MAX_PAYLOAD_BYTES
        } else {
            most
        };
        let connected = Arc::new(connected);
        self.me = Some(Arc::clone(&connected));
        self.after(self.patience(), Timer::Heartbeat);

        let known = self.rooms.positions();
        for (room, position) in &connected.rooms {
            self.rooms.announced(room.clone(), position.clone());
        }
        self.emit(Event::Server(()));
        self.outputs.push_back(Output::State(State::Connected));
        if std::mem::take(&mut self.start_over) {
            self.start_over(&connected.rooms, known);
        } else if self.lost_at.is_some() {
            self.resume_rooms(known);
        }
        self.restore_standing();
        self.restore_leases();
        self.restore_calls(&connected);
    }

    /// The session cannot keep up with replays: every room begins again where it is now.
    fn start_over(&mut self, automatic: &[(RoomId, Position)], known: Vec<(RoomId, Position)>) {
        self.emit(Event::Lagging);
        self.resume_rooms(Vec::new());
        for (room, _) in known {
            match automatic.iter().find(|(other, _)| *other == room) {
                Some((_, position)) => {
                    self.rooms.place(&room, position.clone());
                    self.emit(Event::Resynced(Arc::new(Resynced { room, state: None })));
                }
                None => self.rejoin(&room, None, true),
            }
        }
    }

    pub(super) fn resume(&mut self) {
        let positions = self.rooms.positions();
        self.resume_rooms(positions);
    }

    /// One `session:resume` for everything; more only where a list would exceed the contract, or
    /// the message what the server takes.
    fn resume_rooms(&mut self, mut rooms: Vec<(RoomId, Position)>) {
        let mut presence: Vec<_> = self.follows.iter().cloned().collect();
        let fitting = self.max_payload / LARGEST_POSITION / 2;
        let most = fitting.clamp(1, limits::MAX_LIST);
        loop {
            let later_rooms = rooms.split_off(rooms.len().min(most));
            let later_presence = presence.split_off(presence.len().min(most));
            let asked = rooms.iter().map(|(room, _)| room.clone()).collect();
            let resume = Object::new()
                .list(
                    "rooms",
                    rooms
                        .iter()
                        .map(|(room, position)| at(room, Some(position)).end()),
                )
                .texts("presence", &presence);
            let seq = self.transmit_own::<wire::Resume>(Owner::Resume(asked), resume);
            self.resuming += 1;
            for (room, position) in rooms {
                self.rooms.await_reply(&room, seq, Some(position));
            }
            (rooms, presence) = (later_rooms, later_presence);
            if rooms.is_empty() && presence.is_empty() {
                return;
            }
        }
    }

    pub(super) fn on_resumed(&mut self, seq: Seq, asked: &[RoomId], data: Json<'_>) {
        self.resuming = self.resuming.saturating_sub(1);
        let Some(rooms) = notice::resumed(data) else {
            tracing::warn!("the reply to session:resume cannot be read");
            let unread = Refusal::new(&ErrorCode::Internal, "");
            return self.on_resume_refused(asked, &unread);
        };
        let (mut missed, mut gaps, mut lost, mut again) =
            (0_u64, Vec::new(), Vec::new(), Vec::new());
        for id in asked {
            let Some((_, room)) = rooms.iter().find(|(room, _)| room == id) else {
                again.push(id.clone());
                continue;
            };
            match (&room.error, room.head.clone()) {
                (None, Some(head)) => match self.rooms.joined(id, seq, head, room.recovered) {
                    Joined::Following => missed = missed.saturating_add(room.missed),
                    Joined::Resynced => gaps.push(id.clone()),
                    Joined::Superseded => {}
                },
                (Some(error), _) if !error.is_retried() => {
                    if self.rooms.refused(id, seq) {
                        lost.push((id.clone(), error.clone()));
                    }
                }
                _ => again.push(id.clone()),
            }
        }
        let away = self
            .lost_at
            .map_or(Duration::ZERO, |at| self.online_since.saturating_sub(at));
        self.emit(Event::Resumed(Arc::new(Resumed {
            away,
            missed,
            gaps: gaps.clone(),
            reply: Lazy::of(data.get()),
        })));
        for room in gaps {
            self.emit(Event::Resynced(Arc::new(Resynced { room, state: None })));
        }
        for (room, error) in lost {
            self.lose_room(room, error);
        }
        for room in again {
            self.ask_room_again(room, None);
        }
    }

    pub(super) fn on_resume_refused(&mut self, rooms: &[RoomId], error: &Refusal) {
        tracing::warn!(%error, "resuming was refused");
        if error.is_retried() {
            let wait = self.told_or(error.retry_after(), ROOM_AGAIN);
            self.resuming = 0;
            self.after(wait, Timer::Resume);
        } else {
            self.resuming = self.resuming.saturating_sub(1);
            for room in rooms {
                let position = self.rooms.position(room);
                self.rejoin(room, position, false);
            }
        }
    }

    /// The reply to a join, of the application (`own` is false) or of the session.
    pub(super) fn on_joined(&mut self, id: &RoomId, seq: Seq, data: Json<'_>, own: bool) {
        let Some(reply) = notice::joined(data) else {
            return self.ask_room_again(id.clone(), None);
        };
        let Some(head) = reply.head else {
            return self.ask_room_again(id.clone(), None);
        };
        if self.rooms.joined(id, seq, head, reply.recovered) == Joined::Resynced {
            let state = (own && reply.has_snapshot).then(|| Lazy::of(data.get()));
            self.emit(Event::Resynced(Arc::new(Resynced {
                room: id.clone(),
                state,
            })));
        }
    }

    pub(super) fn on_join_refused(&mut self, id: &RoomId, seq: Seq, error: Refusal) {
        if !self.rooms.refused(id, seq) {
            return;
        }
        if self.rooms.position(id).is_none() {
            self.rooms.not_joined(id, self.outbox.joins(id));
        } else if error.is_retried() {
            self.ask_room_again(id.clone(), error.retry_after());
        } else {
            self.lose_room(id.clone(), error);
        }
    }

    fn ask_room_again(&mut self, room: RoomId, told: Option<Millis>) {
        let wait = self.told_or(told, ROOM_AGAIN);
        self.after(wait, Timer::Rejoin(room));
    }

    fn lose_room(&mut self, room: RoomId, error: Refusal) {
        self.rooms.remove(&room);
        self.forget_room(&room);
        self.emit(Event::RoomLost { room, error });
    }

    pub(super) fn on_auth_refused(&mut self, error: &Refusal) {
        tracing::warn!(%error, "authentication failed");
        let token = error.is_any(&[
            ErrorCode::NoToken,
            ErrorCode::InvalidToken,
            ErrorCode::TokenExpired,
        ]);
        self.retry_after = error.retry_after().map(Duration::from);
        self.outputs.push_back(Output::CloseSocket {
            dial: self.dial,
            code: close::NORMAL,
        });
        self.on_closed(if token { close::UNAUTHENTICATED } else { 1006 });
    }

    /// Asks for a newer token: at once when the present one has grown old; halfway through its
    /// life when it is a short one that was fetched just now, or the two would chase each other.
    fn on_expiring(&mut self, at: Timestamp) {
        let young = self
            .token
            .as_ref()
            .is_some_and(|(_, at)| self.now < *at + super::connection::YOUNG_TOKEN);
        let Some(me) = self.me.as_ref().filter(|_| young) else {
            return self.ask_for_refresh();
        };
        let server_now = me
            .server_time
            .plus(self.now.saturating_sub(self.online_since));
        let left = at.since(server_now);
        self.after(left / 2, Timer::Refresh);
    }
}
