//! `call:initiate`.

use super::{
    change::{Asker, Changed, announce, store},
    machine::{Machine, Start, Step, busy},
    places, tell,
};
use crate::{
    core::Caller,
    domain::directory::{self, Connected},
    error::{Error, Result},
    keys::{RoomKey, UserKey},
    policy::{self, Action, Circle},
    store::{Floor, MemberRow, Tx},
};
use carewire_protocol::{
    CallId, Command, ErrorCode, ErrorReply, PrivateJson, RoomId, UserId,
    backend::{PushKind, PushWantedEvent},
    call::{Call, Initiate, InitiateReply},
    notification::Priority,
};
use std::collections::BTreeSet;

/// `call:initiate`: rings at every device of every recipient.
pub async fn initiate(caller: &Caller, command: Initiate) -> Result<InitiateReply> {
    let core = &caller.core;
    let asker = Asker::of(caller)?;
    let rate = core.rates.call(&asker.user, &asker.role);
    rate.map_err(Error::Refused)?;
    let key = caller.key.clone();
    let connected = directory::connected_now(core);
    let (ring, kept) = (core.config.call_ring, places::kept(core));
    let decided = preauthorise(caller, &command.recipient_ids).await?;
    let (reply, changed) = core
        .write(move |tx| {
            Box::pin(async move {
                let name = Initiate::NAME;
                let replayed = tx.replayed(&asker.user, key.as_ref(), name).await?;
                if let Some(reply) = replayed {
                    let mut reply: InitiateReply = serde_json::from_str(&reply)?;
                    let call = tx.rows().call(&asker.user.tenant, &reply.call_id).await?;
                    reply.state = call.map_or(reply.state, |call| call.state);
                    return Ok((reply, None));
                }
                let recipients = recipients(&asker, &command)?;
                permitted(tx, &asker, &command, &recipients, decided).await?;
                free(tx, &asker, &recipients).await?;
                let now = tx.clock().await?;
                let start = Start {
                    id: CallId::new(tx.timed_id(now))?,
                    visit: command.visit_id,
                    call_type: command.call_type,
                    caller: asker.user.user.clone(),
                    client: asker.client.clone(),
                    at: now,
                };
                let machine = Machine::ring(start, recipients, places::later(now, ring));
                let joined = Step::Joined(asker.user.user.clone(), asker.client.clone());
                let changed =
                    store(tx, &asker.user.tenant, machine, vec![joined], (now, kept)).await?;
                remember_people(tx, &changed).await?;
                want_push(tx, &changed, &connected).await?;
                let reply = InitiateReply {
                    call_id: changed.call.call_id.clone(),
                    room_id: changed.call.room_id.clone(),
                    state: changed.call.state.clone(),
                };
                let stored = serde_json::to_string(&reply)?;
                tx.remember(&asker.user, key.as_ref(), name, stored).await?;
                Ok((reply, Some(changed)))
            })
        })
        .await?;
    if let Some(mut changed) = changed {
        tell::incoming(core, &changed, caller);
        // That the caller is in it is what the reply says.
        changed.steps.clear();
        announce(caller, changed);
    }
    Ok(reply)
}

/// Everybody who is called, once.
fn recipients(asker: &Asker, command: &Initiate) -> Result<Vec<UserId>> {
    let all: BTreeSet<&UserId> = command.recipient_ids.iter().collect();
    if all.contains(&asker.user.user) {
        let message = "recipientIds names the caller";
        return Err(Error::Refused(ErrorReply::invalid("recipientIds", message)));
    }
    Ok(all.into_iter().cloned().collect())
}

/// Asks the application's authoriser about everybody who is called. `true`: they all may be.
async fn preauthorise(caller: &Caller, recipients: &[UserId]) -> Result<bool> {
    let mut decided = true;
    for other in recipients {
        let room = RoomId::User(other.clone());
        decided &= caller.preauthorise(Action::Call, &room).await?;
    }
    Ok(decided)
}

/// People one may chat with, or the participants of the visit, unless the authoriser has decided.
async fn permitted(
    tx: &mut Tx,
    asker: &Asker,
    command: &Initiate,
    recipients: &[UserId],
    decided: bool,
) -> Result<()> {
    let UserKey { tenant, user } = &asker.user;
    let Some(visit) = &command.visit_id else {
        for other in recipients.iter().filter(|_| !decided) {
            let may = policy::may_talk(tx.rows(), tenant, (user, &asker.role), other).await?;
            if !may {
                return Err(Error::Refused(ErrorReply::denied()));
            }
        }
        return Ok(());
    };
    if !tx.rows().visit_exists(tenant, visit).await? {
        return Err(Error::Refused(ErrorReply::room_not_found()));
    }
    let circle = RoomId::Visit(visit.clone()).to_string();
    for one in recipients.iter().chain([user]).filter(|_| !decided) {
        if tx.rows().member(tenant, &circle, one).await?.is_none() {
            return Err(Error::Refused(ErrorReply::denied()));
        }
    }
    match tx.rows().visit_call(tenant, visit).await? {
        None => Ok(()),
        Some(call) => Err(Error::Refused(taken(&call))),
    }
}

/// The visit has a call.
fn taken(call: &Call) -> ErrorReply {
    let details = serde_json::json!({ "callId": call.call_id });
    let message = format!("Cannot initiate call in {} state", call.state);
    ErrorReply {
        details: PrivateJson::from_value(&details).ok(),
        ..ErrorReply::new(ErrorCode::CallConflict, message)
    }
}

/// Nobody of them rings or is in a call.
async fn free(tx: &mut Tx, asker: &Asker, recipients: &[UserId]) -> Result<()> {
    if let Some(call) = tx.rows().call_of(&asker.user).await? {
        let each_other = recipients.iter().any(|one| call.is_busy(one));
        return Err(Error::Refused(busy(each_other.then_some(&call.call_id))));
    }
    for one in recipients {
        let one = UserKey::new(&asker.user.tenant, one);
        if tx.rows().call_of(&one).await?.is_some() {
            return Err(Error::Refused(busy(None)));
        }
    }
    Ok(())
}

/// Who may join the room of a call that belongs to no visit.
async fn remember_people(tx: &mut Tx, changed: &Changed) -> Result<()> {
    let Changed { tenant, call, .. } = changed;
    if call.visit_id.is_some() {
        return Ok(());
    }
    let Some(circle) = Circle::of(&call.room_id) else {
        return Ok(());
    };
    for one in &call.participants {
        let row = MemberRow {
            user: one.user_id.clone(),
            floor: Floor::default(),
        };
        tx.rows().add_member(tenant, circle.name(), &row).await?;
    }
    Ok(())
}

/// Backends hear of recipients without a connection.
async fn want_push(tx: &mut Tx, changed: &Changed, connected: &Connected) -> Result<()> {
    let Changed { tenant, call, .. } = changed;
    let absent = |user: &UserId| !connected.has(&UserKey::new(tenant, user));
    let people = call.participants.iter().map(|one| &one.user_id);
    let user_ids: Vec<UserId> = people.filter(|user| absent(user)).cloned().collect();
    if user_ids.is_empty() {
        return Ok(());
    }
    let wanted = PushWantedEvent {
        user_ids,
        kind: PushKind::Call,
        id: call.call_id.to_string(),
        priority: Priority::Urgent,
    };
    let backend = RoomKey::new(tenant, RoomId::Backend(tenant.clone()));
    tx.append(&backend, None, &wanted).await?;
    Ok(())
}
