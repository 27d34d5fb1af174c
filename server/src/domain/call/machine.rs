//! What can happen in a call, and what follows: `ringing → active → ended | rejected | missed`.
//! No clock, no store, no connection: each transition takes what it needs and yields its steps.

use carewire_protocol::{
    CallId, ClientId, ErrorCode, ErrorReply, Millis, PrivateJson, PrivateText, RoomId, Timestamp,
    UserId, VisitId,
    call::{Call, CallEndReason, CallParticipant, CallState, CallType, Media, ParticipantState},
};

/// Something that happened in a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A recipient took it with a device.
    Accepted(UserId, ClientId),
    /// Somebody is in it, or their place moved to this device.
    Joined(UserId, ClientId),
    /// Somebody is no longer in it.
    Left(UserId),
    /// A recipient declined.
    Rejected(UserId, Option<PrivateText>),
    /// A recipient did not answer in time, or before the call was over.
    Missed(UserId),
    /// It is over for all. The time is how long it was active.
    Ended(CallEndReason, Millis),
    /// What somebody sends has changed.
    Media(UserId),
}

/// Who starts a call, and when.
#[derive(Debug)]
pub struct Start {
    /// Names it.
    pub id: CallId,
    /// The visit it belongs to.
    pub visit: Option<VisitId>,
    /// What it carries.
    pub call_type: CallType,
    /// Who starts it.
    pub caller: UserId,
    /// With which device.
    pub client: ClientId,
    /// When.
    pub at: Timestamp,
}

type Steps = Result<Vec<Step>, ErrorReply>;

/// A call in motion.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    call: Call,
}

fn place(user: UserId, state: ParticipantState, client: Option<ClientId>) -> CallParticipant {
    CallParticipant {
        user_id: user,
        client_id: client,
        state,
        audio: false,
        video: false,
        screen: false,
    }
}

/// The verb cannot be done to the call as it is.
fn conflict(verb: &str, call: &Call) -> ErrorReply {
    let message = format!("Cannot {verb} call in {} state", call.state);
    ErrorReply::new(ErrorCode::CallConflict, message)
}

/// Somebody rings or is in a call. Where the two call each other, it names that call.
pub fn busy(call: Option<&CallId>) -> ErrorReply {
    let details = call.map(|call| serde_json::json!({ "callId": call }));
    ErrorReply {
        details: details.and_then(|details| PrivateJson::from_value(&details).ok()),
        ..ErrorReply::new(ErrorCode::CallConflict, "User is busy")
    }
}

impl Machine {
    /// A call as it is stored.
    pub fn of(call: Call) -> Self {
        Self { call }
    }

    /// A call that rings at its recipients until a time.
    pub fn ring(start: Start, recipients: Vec<UserId>, until: Timestamp) -> Self {
        let mut machine = Self::begin(start, CallState::Ringing);
        machine.call.expires_at = Some(until);
        let ringing = |user| place(user, ParticipantState::Ringing, None);
        machine
            .call
            .participants
            .extend(recipients.into_iter().map(ringing));
        machine
    }

    /// A visit's call, which rings at nobody.
    pub fn open(start: Start) -> Self {
        let at = start.at;
        let mut machine = Self::begin(start, CallState::Active);
        machine.call.started_at = Some(at);
        machine
    }

    fn begin(start: Start, state: CallState) -> Self {
        let named = start
            .visit
            .as_ref()
            .map(|visit| CallId::new(visit.as_str()));
        let room = match named {
            Some(Ok(visit)) => RoomId::Call(visit),
            _ => RoomId::Call(start.id.clone()),
        };
        let caller = place(
            start.caller.clone(),
            ParticipantState::Joined,
            Some(start.client),
        );
        Self {
            call: Call {
                call_id: start.id,
                room_id: room,
                visit_id: start.visit,
                call_type: start.call_type,
                caller_id: start.caller,
                state,
                participants: vec![caller],
                started_at: None,
                expires_at: None,
                ended_at: None,
                end_reason: None,
            },
        }
    }

    /// The call as it is now.
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// The call as it is now.
    pub fn into_call(self) -> Call {
        self.call
    }

    fn state_of(&self, user: &UserId) -> Option<&ParticipantState> {
        self.call.participant(user).map(|one| &one.state)
    }

    fn find(&mut self, user: &UserId) -> Option<&mut CallParticipant> {
        let mut people = self.call.participants.iter_mut();
        people.find(|one| one.user_id == *user)
    }

    fn count(&self, state: &ParticipantState) -> usize {
        let people = self.call.participants.iter();
        people.filter(|one| one.state == *state).count()
    }

    /// Whether a device holds a place.
    pub fn holds(&self, user: &UserId, client: &ClientId) -> bool {
        !self.call.state.is_over()
            && self.call.participant(user).is_some_and(|one| {
                one.state == ParticipantState::Joined && one.client_id.as_ref() == Some(client)
            })
    }

    /// A place is taken, or moved, or given up.
    fn set(&mut self, user: &UserId, state: ParticipantState, client: Option<&ClientId>) {
        if let Some(one) = self.find(user) {
            one.state = state;
            one.client_id = client.cloned();
            // Another device sends nothing yet.
            (one.audio, one.video, one.screen) = (false, false, false);
        } else {
            let new = place(user.clone(), state, client.cloned());
            self.call.participants.push(new);
        }
        if self.count(&ParticipantState::Ringing) == 0 {
            self.call.expires_at = None;
        }
    }

    /// A recipient takes the call. Again with the same device, it is theirs already.
    pub fn accept(&mut self, user: &UserId, client: &ClientId, now: Timestamp) -> Steps {
        if self.holds(user, client) {
            return Ok(Vec::new());
        }
        if self.call.state.is_over() || self.state_of(user) != Some(&ParticipantState::Ringing) {
            return Err(conflict("accept", &self.call));
        }
        self.enter(user, client, now);
        Ok(vec![
            Step::Accepted(user.clone(), client.clone()),
            Step::Joined(user.clone(), client.clone()),
        ])
    }

    fn enter(&mut self, user: &UserId, client: &ClientId, now: Timestamp) {
        self.set(user, ParticipantState::Joined, Some(client));
        let two = self.count(&ParticipantState::Joined) > 1;
        if self.call.state == CallState::Ringing && two {
            self.call.state = CallState::Active;
            self.call.started_at = Some(now);
        }
    }

    /// Somebody enters, again or for the first time, or moves their place to this device.
    pub fn join(&mut self, user: &UserId, client: &ClientId, now: Timestamp) -> Steps {
        if self.call.state.is_over() {
            return Err(conflict("join", &self.call));
        }
        if self.holds(user, client) {
            return Ok(Vec::new());
        }
        if self.state_of(user) == Some(&ParticipantState::Ringing) {
            return self.accept(user, client, now);
        }
        self.enter(user, client, now);
        Ok(vec![Step::Joined(user.clone(), client.clone())])
    }

    /// A recipient declines.
    pub fn reject(&mut self, user: &UserId, reason: Option<PrivateText>, now: Timestamp) -> Steps {
        if self.call.state.is_over() || self.state_of(user) != Some(&ParticipantState::Ringing) {
            return Err(conflict("reject", &self.call));
        }
        self.set(user, ParticipantState::Rejected, None);
        let mut steps = vec![Step::Rejected(user.clone(), reason)];
        if self.count(&ParticipantState::Ringing) == 0 {
            if self.call.state == CallState::Ringing {
                // Nobody is left who could answer, and everybody has heard why.
                self.close(CallState::Rejected, None, now);
            } else {
                steps.extend(self.end_if_alone(CallEndReason::LastLeft, now));
            }
        }
        Ok(steps)
    }

    /// Somebody leaves with the device that holds their place. A recipient who rings declines; a
    /// caller whom nobody has answered gives up.
    pub fn leave(&mut self, user: &UserId, client: &ClientId, now: Timestamp) -> Steps {
        match self.state_of(user) {
            Some(ParticipantState::Ringing) => self.reject(user, None, now),
            Some(ParticipantState::Joined) if self.holds(user, client) => {
                if self.call.state == CallState::Ringing {
                    return self.end(now);
                }
                Ok(self.go(user, CallEndReason::LastLeft, now))
            }
            _ => Err(conflict("leave", &self.call)),
        }
    }

    /// It is over for all.
    pub fn end(&mut self, now: Timestamp) -> Steps {
        if self.call.state.is_over() {
            return Err(conflict("end", &self.call));
        }
        Ok(self.finish(CallEndReason::Hangup, now))
    }

    /// The device that holds a place is gone for too long, or its user may no longer be here.
    pub fn lapse(&mut self, user: &UserId, reason: CallEndReason, now: Timestamp) -> Vec<Step> {
        match self.state_of(user) {
            _ if self.call.state.is_over() => Vec::new(),
            Some(ParticipantState::Joined) if self.call.state == CallState::Ringing => {
                let reason = match reason {
                    CallEndReason::Restart => CallEndReason::Restart,
                    _ => CallEndReason::Timeout,
                };
                self.finish(reason, now)
            }
            Some(ParticipantState::Joined) => self.go(user, reason, now),
            Some(ParticipantState::Ringing) => {
                self.set(user, ParticipantState::Missed, None);
                let mut steps = vec![Step::Missed(user.clone())];
                if self.count(&ParticipantState::Ringing) == 0 {
                    steps.extend(self.end_if_alone(reason, now));
                }
                steps
            }
            _ => Vec::new(),
        }
    }

    /// The time to answer may be over.
    pub fn ring_out(&mut self, now: Timestamp) -> Vec<Step> {
        if self.call.state.is_over() || self.call.expires_at.is_none_or(|at| at > now) {
            return Vec::new();
        }
        if self.call.state == CallState::Ringing {
            return self.finish(CallEndReason::Timeout, now);
        }
        self.call.expires_at = None;
        self.miss()
    }

    /// What somebody sends.
    pub fn media(&mut self, user: &UserId, client: &ClientId, media: &Media) -> Steps {
        if !self.holds(user, client) {
            return Err(conflict("change", &self.call));
        }
        let Some(one) = self.find(user) else {
            return Ok(Vec::new());
        };
        let before = (one.audio, one.video, one.screen);
        let after = (media.audio, media.video, media.screen);
        (one.audio, one.video, one.screen) = after;
        if before == after {
            return Ok(Vec::new());
        }
        Ok(vec![Step::Media(user.clone())])
    }

    /// The devices that a signal is for: that of one user, or those of all others.
    pub fn signal(
        &self,
        user: &UserId,
        client: &ClientId,
        to: Option<&UserId>,
    ) -> Result<Vec<(UserId, ClientId)>, ErrorReply> {
        if !self.holds(user, client) {
            return Err(conflict("signal", &self.call));
        }
        let joined =
            |one: &&CallParticipant| one.state == ParticipantState::Joined && one.user_id != *user;
        let devices: Vec<_> = self
            .call
            .participants
            .iter()
            .filter(joined)
            .filter(|one| to.is_none_or(|to| one.user_id == *to))
            .filter_map(|one| Some((one.user_id.clone(), one.client_id.clone()?)))
            .collect();
        if to.is_some() && devices.is_empty() {
            return Err(conflict("signal", &self.call));
        }
        Ok(devices)
    }

    fn go(&mut self, user: &UserId, reason: CallEndReason, now: Timestamp) -> Vec<Step> {
        self.set(user, ParticipantState::Left, None);
        let mut steps = vec![Step::Left(user.clone())];
        steps.extend(self.end_if_alone(reason, now));
        steps
    }

    fn end_if_alone(&mut self, reason: CallEndReason, now: Timestamp) -> Vec<Step> {
        if self.count(&ParticipantState::Joined) < 2 {
            self.finish(reason, now)
        } else {
            Vec::new()
        }
    }

    /// Everybody who rings has missed it.
    fn miss(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        for one in &mut self.call.participants {
            if one.state == ParticipantState::Ringing {
                one.state = ParticipantState::Missed;
                steps.push(Step::Missed(one.user_id.clone()));
            }
        }
        steps
    }

    fn finish(&mut self, reason: CallEndReason, now: Timestamp) -> Vec<Step> {
        let mut steps = self.miss();
        let state = match self.call.state {
            CallState::Ringing => CallState::Missed,
            _ => CallState::Ended,
        };
        let active = self.call.started_at.map_or(0, |start| {
            now.as_millis().saturating_sub(start.as_millis()).max(0)
        });
        self.close(state, Some(reason.clone()), now);
        let active = Millis(u64::try_from(active).unwrap_or(0));
        steps.push(Step::Ended(reason, active));
        steps
    }

    fn close(&mut self, state: CallState, reason: Option<CallEndReason>, now: Timestamp) {
        for one in &mut self.call.participants {
            if one.state == ParticipantState::Joined {
                one.state = ParticipantState::Left;
            }
            one.client_id = None;
            (one.audio, one.video, one.screen) = (false, false, false);
        }
        self.call.state = state;
        self.call.expires_at = None;
        self.call.ended_at = Some(now);
        self.call.end_reason = reason;
    }
}

#[cfg(test)]
mod tests;
