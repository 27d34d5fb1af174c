//! What everybody concerned by a call is told, in their `user:` rooms.

use super::{change::Changed, machine::Step};
use crate::{
    core::{Caller, Core},
    domain::presence,
    hub::Audience,
    keys::UserKey,
};
use carewire_protocol::{
    ClientId, EventType, TenantId, UserId,
    call::{
        AcceptedEvent, Call, CallState, EndedEvent, IncomingEvent, MediaEvent,
        ParticipantJoinedEvent, ParticipantLeftEvent, ParticipantState, RejectedEvent,
    },
};

/// It rings at the recipients.
pub(super) fn incoming(core: &Core, changed: &Changed, caller: &Caller) {
    let Changed { tenant, call, .. } = changed;
    let event = IncomingEvent::of(call.clone(), caller.identity.name.clone());
    for one in &call.participants {
        if one.state == ParticipantState::Ringing {
            one_user(core, tenant, &one.user_id, caller.origin(), &event);
        }
    }
}

/// What has happened, to everybody concerned; and whether they are in a call.
pub(super) fn steps(core: &Core, changed: &Changed, by: Option<&ClientId>) {
    let Changed {
        tenant,
        call,
        steps,
    } = changed;
    for step in steps {
        tell(core, tenant, call, step, by);
    }
    for one in &call.participants {
        let in_call = call.state == CallState::Active && one.state == ParticipantState::Joined;
        presence::set_in_call(core, &UserKey::new(tenant, &one.user_id), in_call);
    }
}

fn tell(core: &Core, tenant: &TenantId, call: &Call, step: &Step, by: Option<&ClientId>) {
    let call_id = call.call_id.clone();
    match step {
        Step::Accepted(user, client) => {
            let event = AcceptedEvent {
                call_id,
                user_id: user.clone(),
                client_id: Some(client.clone()),
            };
            everybody(core, tenant, call, user, by, &event);
        }
        Step::Joined(user, client) => {
            let event = ParticipantJoinedEvent {
                call_id,
                user_id: user.clone(),
                client_id: Some(client.clone()),
            };
            everybody(core, tenant, call, user, by, &event);
        }
        Step::Left(user) => {
            let user_id = user.clone();
            let event = ParticipantLeftEvent { call_id, user_id };
            everybody(core, tenant, call, user, by, &event);
        }
        Step::Rejected(user, reason) => {
            let mut event = RejectedEvent {
                call_id,
                user_id: user.clone(),
                reason: reason.clone(),
            };
            one_user(core, tenant, &call.caller_id, by, &event);
            // Why is for the caller alone.
            event.reason = None;
            for other in others(call, user, Some(&call.caller_id)) {
                one_user(core, tenant, other, by, &event);
            }
        }
        // Stored in the room of whoever missed it.
        Step::Missed(_) => {}
        Step::Ended(reason, active) => {
            let event = EndedEvent {
                call_id,
                reason: reason.clone(),
                duration_ms: *active,
            };
            everybody(core, tenant, call, &call.caller_id, by, &event);
        }
        Step::Media(user) => {
            let Some(one) = call.participant(user) else {
                return;
            };
            let event = MediaEvent {
                call_id,
                user_id: user.clone(),
                audio: one.audio,
                video: one.video,
                screen: one.screen,
            };
            everybody(core, tenant, call, user, by, &event);
        }
    }
}

/// Whoever has not declined, and the one it is about.
fn others<'a>(
    call: &'a Call,
    about: &'a UserId,
    but: Option<&'a UserId>,
) -> impl Iterator<Item = &'a UserId> {
    let people = call.participants.iter();
    people
        .filter(move |one| one.state != ParticipantState::Rejected || one.user_id == *about)
        .map(|one| &one.user_id)
        .filter(move |user| but != Some(*user))
}

fn everybody<E: EventType>(
    core: &Core,
    tenant: &TenantId,
    call: &Call,
    about: &UserId,
    by: Option<&ClientId>,
    event: &E,
) {
    for user in others(call, about, None) {
        one_user(core, tenant, user, by, event);
    }
}

pub(super) fn one_user<E: EventType>(
    core: &Core,
    tenant: &TenantId,
    user: &UserId,
    by: Option<&ClientId>,
    event: &E,
) {
    let user = UserKey::new(tenant, user);
    core.tell_user(&user, by, event, Audience::Everyone);
}
