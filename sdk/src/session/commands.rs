//! Commands: taken, sent, repeated, answered.

use super::{
    Effect, Failure, Output, Owner, Pending, Request, RequestNumber, Seq, Session, Timer, backoff,
    planted::{self, Bug},
    rooms::Position,
};
use crate::{
    Refusal, RequestError,
    json::{Json, Object},
};
use carewire_protocol::{
    Class, Command, ErrorCode, Key, PrivateText, RoomId, channel, limits, room, session as wire,
};
use rand::RngExt;
use std::time::Duration;

/// What a frame has besides its payload: type, id, key and brackets.
const ENVELOPE: usize = 160;
/// The first wait before a command is repeated that the server put off without saying for how long.
const PUT_OFF: Duration = Duration::from_millis(250);
const MOST_PUT_OFF: Duration = Duration::from_secs(5);

impl Session {
    pub(super) fn submit(&mut self, number: RequestNumber, mut request: Request) {
        let refuse = |session: &mut Self, error| session.reply(number, Err(error));
        let size = request.data.len();
        if size.saturating_add(ENVELOPE) > self.max_payload {
            let most = self.max_payload;
            return refuse(
                self,
                RequestError::PayloadTooLarge {
                    size: size + ENVELOPE,
                    most,
                },
            );
        }
        // What is given up is given up here at once, whether or not the server can be told now.
        match &request.effect {
            Effect::Unlock(part, token) => self.give_lease_back(part.clone(), *token),
            Effect::Exit(call) => self.exit_call(call),
            Effect::Unview(patient) => {
                self.standing.look_away(patient);
                self.rooms.passed(&RoomId::Patient(patient.clone()));
            }
            _ => {}
        }
        match request.class {
            Class::Live | Class::LiveKeyed if !self.is_online() => {
                return refuse(self, RequestError::Offline);
            }
            Class::Control => {
                let denied = Refusal::new(&ErrorCode::AccessDenied, "Access denied");
                return refuse(self, denied.into());
            }
            _ => {}
        }
        match &request.effect {
            Effect::Leave { room } => {
                for join in self.outbox.take_joins(room) {
                    self.answer(&join, Err(RequestError::Offline));
                }
                self.forget_room(room);
                if !self.is_online() {
                    self.rooms.leave(room, None);
                    return self.reply(number, Ok(empty()));
                }
            }
            Effect::Unfollow(people) => {
                for person in people {
                    self.follows.remove(person);
                }
            }
            Effect::Follow(people) => {
                for person in people {
                    self.follows.insert(person.clone());
                }
            }
            // The server ends the typing of whoever sends.
            Effect::Sends(room) => {
                self.typing.remove(room);
                self.timers.clear(&Timer::Typing(room.clone()));
            }
            _ => {}
        }
        if !self.outbox.has_room(&request, &self.config.queue) {
            return refuse(self, RequestError::QueueFull);
        }
        if request.class.has_key() && request.key.is_none() {
            request.key = Some(self.new_key());
        }
        let age = match request.class {
            Class::Keyed => Some(self.config.queue.age.min(limits::MAX_QUEUE_AGE)),
            Class::LiveKeyed => Some(limits::LIVE_KEYED_REPEAT),
            _ => None,
        };
        let seq = self.outbox.insert(Owner::App(number), request);
        if let Some(age) = age {
            self.after(age, Timer::Expire(seq));
        }
    }

    pub(super) fn withdraw(&mut self, number: RequestNumber) {
        let unsent = self.outbox.unsent(number);
        if let Some(pending) = unsent.and_then(|seq| self.outbox.remove(seq)) {
            self.forget_lane_timer(&pending);
            self.reply(number, Err(RequestError::Withdrawn));
        }
    }

    fn new_key(&mut self) -> Key {
        let digits = (0..32).filter_map(|_| char::from_digit(self.rng.random_range(0..16), 16));
        // Thirty-two hexadecimal digits are a key by the rules of the contract.
        Key::new(digits.collect::<String>()).unwrap_or_else(|_| unreachable!("digits are a key"))
    }

    /// Sends all that may be sent now, oldest first.
    pub(super) fn pump(&mut self) {
        while self.is_online() {
            let Some(seq) = self.outbox.next(&self.config.queue) else {
                return;
            };
            self.transmit(seq);
        }
    }

    /// Sends one command, now.
    pub(super) fn transmit(&mut self, seq: Seq) {
        let again = self.outbox.get(seq).is_some_and(|pending| pending.sent);
        let Some(id) = self.outbox.sent(seq) else {
            return;
        };
        let Some(pending) = self.outbox.get(seq) else {
            return;
        };
        let request = &pending.request;
        let encode = |data: &str| {
            Object::new()
                .text("type", request.name)
                .number("id", id.get().into())
                .maybe(request.key.as_ref(), |frame, key| frame.text("key", key))
                .json("data", data)
                .end()
        };
        let text = match &request.effect {
            Effect::Join {
                room,
                given,
                snapshot,
                channel,
            } => {
                let position = self.rooms.position(room).or_else(|| given.clone());
                let text = encode(&join_data(room, position.as_ref(), *snapshot, *channel));
                self.rooms.await_reply(room, seq, position);
                self.rooms.wanted(room);
                text
            }
            Effect::Leave { room } => {
                let text = encode(&request.data);
                self.rooms.leave(room, Some(seq));
                text
            }
            _ => encode(&request.data),
        };
        if text.len() > self.max_payload {
            // The limit of this server is lower than that of the one before.
            let error = RequestError::PayloadTooLarge {
                size: text.len(),
                most: self.max_payload,
            };
            if let Some(pending) = self.outbox.remove(seq) {
                self.answer(&pending, Err(error));
            }
            return;
        }
        self.outputs.push_back(Output::Send(text));
        if let Owner::App(number) = pending.owner
            && !again
        {
            self.outputs.push_back(Output::Sent(number));
        }
    }

    /// Sends a command of the session itself at once, ahead of all that waits.
    pub(super) fn transmit_own<C: Command>(&mut self, owner: Owner, data: Object) -> Seq {
        self.transmit_text(owner, C::NAME, data.end_of::<C>().into())
    }

    // Not once more for every command: see decision 0020.
    #[inline(never)]
    pub(super) fn transmit_text(
        &mut self,
        owner: Owner,
        name: &'static str,
        data: Box<str>,
    ) -> Seq {
        let request = Request::of_the_session(name, data);
        let seq = self.outbox.insert(owner, request);
        self.transmit(seq);
        seq
    }

    /// Sends a command to which nobody wants an answer.
    pub(super) fn transmit_unanswered<C: Command>(&mut self, data: Object) {
        let frame = Object::new().text("type", C::NAME);
        let frame = frame.json("data", &data.end_of::<C>());
        self.outputs.push_back(Output::Send(frame.end()));
    }

    pub(super) fn authenticate(&mut self) {
        self.phase = super::Phase::Authenticating;
        self.last_heard = self.now;
        self.probing = false;
        self.doubts = 0;
        self.after(limits::AUTH_TIMEOUT, Timer::Dial);
        let client_id = if planted::is(Bug::SharedClientId) {
            "device"
        } else {
            &self.config.client_id
        };
        let token = self.token.as_ref().map_or("", |(token, _)| token);
        let data = Object::new()
            .text("token", token)
            .text("clientId", client_id);
        self.transmit_own::<wire::Authenticate>(Owner::Authenticate, data);
    }

    pub(super) fn send_refresh(&mut self, token: &PrivateText) {
        let data = Object::new().text("token", token);
        self.transmit_own::<wire::Refresh>(Owner::Refresh, data);
    }

    /// Joins a room again, for the session's own reasons.
    pub(super) fn rejoin(&mut self, id: &RoomId, from: Option<Position>, snapshot: bool) {
        if !self.is_online() {
            return;
        }
        let join = join_of(id, from.as_ref(), snapshot);
        let seq = self.transmit_own::<room::Join>(Owner::Rejoin(id.clone()), join);
        self.rooms.await_reply(id, seq, from);
    }

    pub(super) fn on_reply(&mut self, seq: Seq, data: Json<'_>) {
        let Some(mut pending) = self.outbox.remove(seq) else {
            return;
        };
        self.timers.clear(&Timer::Expire(seq));
        let effect = std::mem::replace(&mut pending.request.effect, Effect::None);
        match &pending.owner {
            Owner::App(_) => {
                // Before whoever asked knows, so that nothing can happen to it in between.
                self.note_reply(&effect, data);
                self.answer(&pending, Ok(data.get().into()));
                match effect {
                    Effect::Join { room, .. } => self.on_joined(&room, seq, data, false),
                    Effect::Leave { room } => self.rooms.left(&room, seq),
                    _ => {}
                }
            }
            Owner::Resume(asked) => self.on_resumed(seq, asked, data),
            Owner::Rejoin(room) => self.on_joined(room, seq, data, true),
            Owner::Lease(part) => self.on_renewed(part, data),
            Owner::Call(call) => self.on_call_rejoined(call, data),
            Owner::CallEnd(call, error) => self.on_call_history(call, error.clone(), data),
            Owner::Authenticate | Owner::Refresh | Owner::Restore(_) | Owner::Nobody => {}
        }
    }

    /// What a command of the application has put into the session's care.
    fn note_reply(&mut self, effect: &Effect, data: Json<'_>) {
        match effect {
            Effect::View(patient) => self.standing.look_at(patient.clone()),
            Effect::Rows(template) => self.standing.subscribe(template.clone()),
            Effect::Pace(template, pace) => self.standing.pace(template.clone(), pace.clone()),
            Effect::Sift(template, sift) => self.standing.sift(template.clone(), sift.clone()),
            Effect::Lock(part) => self.on_lease(part.clone(), data),
            Effect::Enter(call) => self.on_entered(call.clone(), data),
            _ => {}
        }
    }

    pub(super) fn on_refused(&mut self, seq: Seq, error: Refusal) {
        let Some(pending) = self.outbox.get(seq) else {
            return;
        };
        if pending.request.class.has_key() && error.is_retried() {
            let told = error.retry_after().map(Duration::from);
            if let Some((lane, tries)) = self.outbox.hold(seq, error) {
                let wait = told.unwrap_or_else(|| {
                    let wait = PUT_OFF.saturating_mul(1 << tries.min(8)) / 2;
                    backoff::jitter(wait.min(MOST_PUT_OFF), &mut self.rng)
                });
                self.after(wait, Timer::Lane(lane));
            }
            return;
        }
        let Some(pending) = self.outbox.remove(seq) else {
            return;
        };
        self.timers.clear(&Timer::Expire(seq));
        match pending.owner {
            Owner::App(number) => {
                self.reply(number, Err(error.clone().into()));
                match pending.request.effect {
                    Effect::Join { room, .. } => self.on_join_refused(&room, seq, error),
                    Effect::Leave { room } => self.rooms.left(&room, seq),
                    Effect::Follow(people) => {
                        for person in &people {
                            self.follows.remove(person);
                        }
                    }
                    _ => {}
                }
            }
            Owner::Authenticate => self.on_auth_refused(&error),
            Owner::Refresh => {
                tracing::warn!(%error, "the newer token was refused");
                self.after(super::connection::REFRESH_AGAIN, Timer::Refresh);
            }
            Owner::Resume(rooms) => self.on_resume_refused(&rooms, &error),
            Owner::Rejoin(room) => self.on_join_refused(&room, seq, error),
            Owner::Restore(room) => self.on_restore_refused(room, error),
            Owner::Lease(part) => self.on_renewal_refused(&part, error),
            Owner::Call(call) => self.on_rejoin_refused(call, error),
            Owner::CallEnd(call, why) => self.lose_call(&call, None, Some(why)),
            Owner::Nobody => {}
        }
    }

    pub(super) fn answer_with(&mut self, pending: Pending, error: impl FnOnce(Pending) -> Failure) {
        if let Owner::App(number) = pending.owner {
            let error = error(pending);
            self.reply(number, Err(error));
        }
    }

    pub(super) fn answer(&mut self, pending: &Pending, result: Result<Box<str>, Failure>) {
        if let Owner::App(number) = pending.owner {
            self.reply(number, result);
        }
    }

    fn reply(&mut self, number: RequestNumber, result: Result<Box<str>, Failure>) {
        self.outputs
            .push_back(super::Output::Reply { number, result });
    }

    /// A command that held its lane is gone: nothing holds it any more.
    pub(super) fn forget_lane_timer(&mut self, gone: &Pending) {
        if let Some(lane) = &gone.request.lane
            && gone.put_off.is_some()
        {
            self.timers.clear(&Timer::Lane(lane.clone()));
            self.outbox.release(lane);
        }
    }
}

fn join_data(room: &RoomId, from: Option<&Position>, snapshot: bool, channel: bool) -> String {
    if channel {
        let channel = Object::new().text("channel", &room.to_string());
        placed(channel, from).end_of::<channel::Subscribe>()
    } else {
        join_of(room, from, snapshot).end_of::<room::Join>()
    }
}

fn join_of(room: &RoomId, from: Option<&Position>, snapshot: bool) -> Object {
    let join = at(room, from);
    join.maybe(snapshot.then_some(true), |join, it| {
        join.flag("snapshot", it)
    })
}

/// A room and a place in its log.
pub(super) fn at(room: &RoomId, position: Option<&Position>) -> Object {
    placed(Object::new().text("roomId", &room.to_string()), position)
}

fn placed(object: Object, position: Option<&Position>) -> Object {
    object.maybe(position, |object, (epoch, offset)| {
        object.text("epoch", epoch).number("offset", *offset)
    })
}

pub(super) fn empty() -> Box<str> {
    Json::EMPTY.get().into()
}
