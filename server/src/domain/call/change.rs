//! The commands that change a call.

use super::{
    machine::{Machine, Start, Step, busy},
    places, tell,
};
use crate::{
    core::{Caller, Core, require},
    error::{Error, Result},
    keys::{RoomKey, UserKey},
    policy::Action,
    store::{PlaceRow, Rows, Tx},
};
use carewire_protocol::{
    CallId, ClientId, ErrorCode, ErrorReply, Role, RoomId, TenantId, Timestamp, UserId, VisitId,
    call::{
        Accept, Call, CallEndReason, CallType, End, Join, JoinReply, Leave, Media, MissedEvent,
        Reject,
    },
    session::Empty,
};
use std::{sync::Arc, time::Duration};

/// What a write did to a call.
pub(super) struct Changed {
    pub(super) tenant: TenantId,
    pub(super) call: Call,
    pub(super) steps: Vec<Step>,
}

pub(super) fn unknown() -> Error {
    Error::Refused(ErrorReply::new(ErrorCode::CallNotFound, "Call not found"))
}

/// A device that asks, and for whom.
pub(super) struct Asker {
    pub(super) user: UserKey,
    pub(super) role: Role,
    pub(super) client: ClientId,
}

impl Asker {
    pub(super) fn of(caller: &Caller) -> Result<Self> {
        Ok(Self {
            user: caller.identity.key(),
            role: caller.identity.role.clone(),
            client: caller.connection()?.client.clone(),
        })
    }
}

/// Stores what the machine says, with the events that outlast it. New places are kept for a time.
pub(super) async fn store(
    tx: &mut Tx,
    tenant: &TenantId,
    machine: Machine,
    steps: Vec<Step>,
    (now, kept): (Timestamp, Duration),
) -> Result<Changed> {
    let call = machine.into_call();
    let mut changed = Changed {
        tenant: tenant.clone(),
        call,
        steps,
    };
    let Changed { call, steps, .. } = &mut changed;
    if steps.is_empty() {
        return Ok(changed);
    }
    tx.rows().put_call(tenant, call).await?;
    for step in steps.iter() {
        match step {
            Step::Joined(user, client) => {
                let place = place(user, client, places::later(now, kept));
                tx.rows().keep_place(tenant, &call.call_id, &place).await?;
            }
            Step::Missed(user) => {
                let event = MissedEvent {
                    call_id: call.call_id.clone(),
                    caller_id: call.caller_id.clone(),
                    call_type: call.call_type.clone(),
                };
                let room = UserKey::new(tenant, user).room();
                tx.append(&room, None, &event).await?;
            }
            _ => {}
        }
    }
    Ok(changed)
}

/// A place that a device of this node holds.
pub(super) fn place(user: &UserId, client: &ClientId, until: Timestamp) -> PlaceRow {
    PlaceRow {
        user: user.clone(),
        client: client.clone(),
        kept_until: until,
        gone: false,
    }
}

/// Changes a call that the asker is concerned by.
async fn change<F>(caller: &Caller, id: CallId, work: F) -> Result<Call>
where
    F: FnOnce(&mut Machine, &Asker, Timestamp) -> Result<Vec<Step>, ErrorReply> + Send + 'static,
{
    let asker = Asker::of(caller)?;
    let kept = places::kept(&caller.core);
    let changed = caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                let tenant = asker.user.tenant.clone();
                let call = tx.rows().call(&tenant, &id).await?.ok_or_else(unknown)?;
                if call.participant(&asker.user.user).is_none() {
                    return Err(Error::Refused(ErrorReply::denied()));
                }
                let now = tx.clock().await?;
                let mut machine = Machine::of(call);
                let mut steps = machine.ring_out(now);
                steps.extend(work(&mut machine, &asker, now).map_err(Error::Refused)?);
                store(tx, &tenant, machine, steps, (now, kept)).await
            })
        })
        .await?;
    Ok(announce(caller, changed))
}

/// What was stored is told, and the devices of this node keep the places they have now.
pub(super) fn announce(caller: &Caller, changed: Changed) -> Call {
    tell::steps(&caller.core, &changed, caller.origin());
    places::settle(&caller.core, &changed, caller.connection.as_deref());
    changed.call
}

/// `call:accept`.
pub async fn accept(caller: &Caller, command: Accept) -> Result<Empty> {
    change(caller, command.call_id, |machine, asker, now| {
        machine.accept(&asker.user.user, &asker.client, now)
    })
    .await
    .map(|_| Empty {})
}

/// `call:reject`.
pub async fn reject(caller: &Caller, command: Reject) -> Result<Empty> {
    change(caller, command.call_id, |machine, asker, now| {
        machine.reject(&asker.user.user, command.reason, now)
    })
    .await
    .map(|_| Empty {})
}

/// `call:leave`.
pub async fn leave(caller: &Caller, command: Leave) -> Result<Empty> {
    change(caller, command.call_id, |machine, asker, now| {
        machine.leave(&asker.user.user, &asker.client, now)
    })
    .await
    .map(|_| Empty {})
}

/// `call:end`: for all where the asker may, else the asker leaves.
pub async fn end(caller: &Caller, command: End) -> Result<Empty> {
    change(caller, command.call_id, |machine, asker, now| {
        let may = matches!(asker.role, Role::Provider | Role::Staff | Role::Admin)
            || machine.call().caller_id == asker.user.user;
        if may {
            machine.end(now)
        } else {
            machine.leave(&asker.user.user, &asker.client, now)
        }
    })
    .await
    .map(|_| Empty {})
}

/// `call:media`.
pub async fn media(caller: &Caller, command: Media) -> Result<Empty> {
    let id = command.call_id.clone();
    change(caller, id, move |machine, asker, _| {
        machine.media(&asker.user.user, &asker.client, &command)
    })
    .await
    .map(|_| Empty {})
}

/// `call:join`: a call again, or that of a visit.
pub async fn join(caller: &Caller, command: Join) -> Result<JoinReply> {
    let asker = Asker::of(caller)?;
    let identity = caller.identity.clone();
    let options = caller.core.config.policy.clone();
    let mut rows = caller.core.store.read().await?;
    let known = wanted(&mut *rows, &asker.user.tenant, &command).await?;
    rows.close().await?;
    let room = match (known, &command.visit_id) {
        (Some(call), _) => call.room_id,
        (None, Some(visit)) => RoomId::Call(CallId::new(visit.as_str())?),
        (None, None) => return Err(unknown()),
    };
    let decided = caller.preauthorise(Action::Join, &room).await?;
    let kept = places::kept(&caller.core);
    let changed = caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                let tenant = asker.user.tenant.clone();
                let known = wanted(tx.rows(), &tenant, &command).await?;
                let room = RoomKey::new(&tenant, room);
                if !decided {
                    require(tx.rows(), &identity, Action::Join, &room, &options)
                        .await
                        .map_err(plain_denial)?;
                }
                let now = tx.clock().await?;
                let user = &asker.user.user;
                let other = tx.rows().call_of(&asker.user).await?;
                let id = known.as_ref().map(|call| &call.call_id);
                if other.is_some_and(|other| Some(&other.call_id) != id) {
                    return Err(Error::Refused(busy(None)));
                }
                let (machine, steps) = match known {
                    Some(call) => {
                        let mut machine = Machine::of(call);
                        let mut steps = machine.ring_out(now);
                        let joined = machine.join(user, &asker.client, now);
                        steps.extend(joined.map_err(Error::Refused)?);
                        (machine, steps)
                    }
                    None => open(tx, &asker, command.visit_id, now)?,
                };
                store(tx, &tenant, machine, steps, (now, kept)).await
            })
        })
        .await?;
    let call = announce(caller, changed);
    Ok(JoinReply { call })
}

async fn wanted(rows: &mut dyn Rows, tenant: &TenantId, command: &Join) -> Result<Option<Call>> {
    match (&command.call_id, &command.visit_id) {
        (Some(call), _) => match rows.call(tenant, call).await? {
            Some(call) => Ok(Some(call)),
            None => Err(unknown()),
        },
        (_, Some(visit)) => rows.visit_call(tenant, visit).await,
        _ => Err(unknown()),
    }
}

/// Only joins of rooms speak of a room when they are refused.
fn plain_denial(error: Error) -> Error {
    match error {
        Error::Refused(reply) if reply.code == ErrorCode::AccessDenied => {
            Error::Refused(ErrorReply::denied())
        }
        other => other,
    }
}

/// The call of a visit that had none.
fn open(
    tx: &Tx,
    asker: &Asker,
    visit: Option<VisitId>,
    now: Timestamp,
) -> Result<(Machine, Vec<Step>)> {
    let (user, client) = (asker.user.user.clone(), asker.client.clone());
    let machine = Machine::open(Start {
        id: CallId::new(tx.timed_id(now))?,
        visit,
        call_type: CallType::Video,
        caller: user.clone(),
        client: client.clone(),
        at: now,
    });
    Ok((machine, vec![Step::Joined(user, client)]))
}

/// Whoever may no longer take part in a visit is no longer in its call.
pub async fn put_out(core: &Arc<Core>, tenant: &TenantId, visit: &VisitId) -> Result<()> {
    let (of, visit) = (tenant.clone(), visit.clone());
    let kept = places::kept(core);
    let changed = core
        .write(move |tx| {
            Box::pin(async move {
                let Some(call) = tx.rows().visit_call(&of, &visit).await? else {
                    return Ok(None);
                };
                let circle = RoomId::Visit(visit).to_string();
                let now = tx.clock().await?;
                let mut machine = Machine::of(call.clone());
                let mut steps = Vec::new();
                for one in call.participants {
                    let member = tx.rows().member(&of, &circle, &one.user_id).await?;
                    if member.is_none() {
                        steps.extend(machine.lapse(&one.user_id, CallEndReason::LastLeft, now));
                    }
                }
                store(tx, &of, machine, steps, (now, kept)).await.map(Some)
            })
        })
        .await?;
    if let Some(changed) = changed {
        tell::steps(core, &changed, None);
        places::settle(core, &changed, None);
    }
    Ok(())
}
