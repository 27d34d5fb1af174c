//! Which devices of this node hold a place in a call. The place itself is in the store, kept for
//! a while by every renewal, so that it is lost when the device is gone and when its node is.

use super::{
    change::{Changed, place, store},
    machine::Machine,
    tell,
};
use crate::{
    core::Core, domain::presence, error::Result, hub::Connection, keys::UserKey, store::PlaceRow,
    timers::Due,
};
use carewire_protocol::{
    CallId, ClientId, TenantId, Timestamp,
    call::{Call, CallEndReason, CallState, IncomingEvent, ParticipantState},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How many calls are looked at in one go.
const BATCH: u32 = 100;

type Device = (UserKey, ClientId);

/// The devices of this node that hold a place, and in which call.
#[derive(Debug, Default)]
pub struct Places(Mutex<BTreeMap<Device, CallId>>);

impl Places {
    fn held(&self) -> MutexGuard<'_, BTreeMap<Device, CallId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many devices hold a place.
    pub fn len(&self) -> usize {
        self.held().len()
    }

    /// Whether no device does.
    pub fn is_empty(&self) -> bool {
        self.held().is_empty()
    }
}

/// How often a node says that its devices are there.
fn renewal(core: &Core) -> Duration {
    core.config.call_grace / 6
}

/// How long a place is kept without a renewal: one renewal longer than a device may be gone, so
/// that it is the node which is gone when nobody has said that the device is.
pub(super) fn kept(core: &Core) -> Duration {
    core.config.call_grace + renewal(core)
}

/// A time of the wall clock.
pub(super) fn later(now: Timestamp, by: Duration) -> Timestamp {
    let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 2);
    Timestamp::from_millis(now.as_millis().saturating_add(by))
}

fn hold(core: &Core, device: Device, call: CallId) {
    let mut held = core.places.held();
    let first = held.is_empty();
    held.insert(device, call);
    drop(held);
    if first {
        core.timers.set(core.now() + renewal(core), Due::Places);
    }
}

fn is_here(core: &Core, (user, client): &Device) -> bool {
    let connections = core.hub.connections_of(user);
    connections.iter().any(|one| one.client == *client)
}

/// After a change: the devices of this node that hold a place now are remembered, the others
/// forgotten. The one that asked may be gone already.
pub(super) fn settle(core: &Core, changed: &Changed, asker: Option<&Connection>) {
    let Changed { tenant, call, .. } = changed;
    let now: Vec<Device> = call
        .participants
        .iter()
        .filter_map(|one| {
            let user = UserKey::new(tenant, &one.user_id);
            Some((user, one.client_id.clone()?))
        })
        .collect();
    core.places
        .held()
        .retain(|device, of| *of != call.call_id || now.contains(device));
    for device in now {
        let asked =
            asker.is_some_and(|asker| *asker.user() == device.0 && asker.client == device.1);
        if asked || is_here(core, &device) {
            hold(core, device.clone(), call.call_id.clone());
        }
        if asked && !is_here(core, &device) {
            lose(core, device);
        }
    }
    core.call_alarm.set(core, next_due(call), Due::Calls);
}

/// When something of a call is due, as far as the call itself says.
fn next_due(call: &Call) -> Option<Timestamp> {
    call.expires_at.filter(|_| !call.state.is_over())
}

/// A connection ended. Its device keeps the place for a while.
pub fn device_gone(core: &Core, connection: &Connection) {
    let device = (connection.user().clone(), connection.client.clone());
    if !is_here(core, &device) {
        lose(core, device);
    }
}

fn lose(core: &Core, device: Device) {
    let Some(call) = core.places.held().remove(&device) else {
        return;
    };
    core.spawn(|core| async move {
        if let Err(error) = keep(&core, &device, &call, true).await {
            // It runs out by itself then: nobody renews it.
            tracing::warn!(%error, call = %call, "a device that is gone cannot be noted");
        }
    });
}

/// Stores that a device is there, or gone, and until when its place is kept.
async fn keep(core: &Arc<Core>, device: &Device, call: &CallId, gone: bool) -> Result<bool> {
    let ((user, client), call) = (device.clone(), call.clone());
    let time = if gone {
        core.config.call_grace
    } else {
        kept(core)
    };
    let (kept, until) = core
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.clock().await?;
                let place = PlaceRow {
                    user: user.user,
                    client,
                    kept_until: later(now, time),
                    gone,
                };
                let kept = tx.rows().keep_place(&user.tenant, &call, &place).await?;
                Ok((kept, place.kept_until))
            })
        })
        .await?;
    if kept {
        core.call_alarm.set(core, Some(until), Due::Calls);
    }
    Ok(kept)
}

/// The devices of this node are there: their places are kept for longer.
pub fn renew(core: &Core) {
    if core.places.is_empty() {
        return;
    }
    core.timers.set(core.now() + renewal(core), Due::Places);
    core.spawn(|core| async move {
        if let Err(error) = renew_all(&core).await {
            tracing::warn!(%error, "places in calls cannot be renewed");
        }
    });
}

async fn renew_all(core: &Arc<Core>) -> Result<()> {
    let held: Vec<(Device, CallId)> = core
        .places
        .held()
        .iter()
        .map(|(device, call)| (device.clone(), call.clone()))
        .collect();
    let time = kept(core);
    let lost = core
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.clock().await?;
                let mut lost = Vec::new();
                for ((user, client), call) in held {
                    let place = place(&user.user, &client, later(now, time));
                    if !tx.rows().keep_place(&user.tenant, &call, &place).await? {
                        lost.push(((user, client), call));
                    }
                }
                Ok(lost)
            })
        })
        .await?;
    let mut held = core.places.held();
    for (device, call) in lost {
        // It may hold a place in another call by now.
        if held.get(&device) == Some(&call) {
            held.remove(&device);
        }
    }
    Ok(())
}

/// A connection began: what its user has to do with calls, and what rings there.
pub async fn arrived(
    core: &Arc<Core>,
    connection: &Arc<Connection>,
) -> Result<(Option<Call>, Option<IncomingEvent>)> {
    let user = connection.user();
    let mut rows = core.store.read().await?;
    let call = rows.call_of(user).await?;
    let Some(call) = call else {
        rows.close().await?;
        return Ok((None, None));
    };
    let caller = UserKey::new(&user.tenant, &call.caller_id);
    let name = rows.user(&caller).await?.and_then(|row| row.name);
    rows.close().await?;
    let own = call.participant(&user.user);
    let state = own.map(|one| &one.state);
    let rings = state == Some(&ParticipantState::Ringing);
    let joined = state == Some(&ParticipantState::Joined);
    presence::set_in_call(core, user, joined && call.state == CallState::Active);
    if Machine::of(call.clone()).holds(&user.user, &connection.client) {
        let device = (user.clone(), connection.client.clone());
        hold(core, device.clone(), call.call_id.clone());
        let id = call.call_id.clone();
        core.spawn(|core| async move {
            if let Err(error) = keep(&core, &device, &id, false).await {
                tracing::warn!(%error, call = %id, "a place in a call cannot be kept");
            }
        });
    }
    let incoming = rings.then(|| IncomingEvent::of(call.clone(), name));
    Ok((Some(call), incoming))
}

/// Some call may have rung long enough, or some device may be gone for too long.
pub fn due(core: &Core) {
    if !core.call_alarm.rang(core.now()) {
        return;
    }
    core.spawn(|core| async move {
        let next = lapse_all(&core).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "calls cannot be looked at");
            None
        });
        core.call_alarm.set(&core, next, Due::Calls);
    });
}

async fn lapse_all(core: &Arc<Core>) -> Result<Option<Timestamp>> {
    let mut before = Vec::new();
    loop {
        let mut rows = core.store.read().await?;
        let now = rows.clock().await?.unwrap_or_else(|| core.wall());
        let due = rows.calls_due(now, BATCH).await?;
        let next = rows.next_call_due().await?;
        rows.close().await?;
        if due.is_empty() {
            return Ok(next);
        }
        if due == before {
            // Another node has a clock of its own to look at them.
            return Ok(None);
        }
        for (tenant, call) in &due {
            lapse(core, tenant.clone(), call.clone()).await?;
        }
        before = due;
    }
}

async fn lapse(core: &Arc<Core>, tenant: TenantId, id: CallId) -> Result<()> {
    let time = kept(core);
    let changed = core
        .write(move |tx| {
            Box::pin(async move {
                let Some(call) = tx.rows().call(&tenant, &id).await? else {
                    return Ok(None);
                };
                let now = tx.clock().await?;
                let places = tx.rows().places(&tenant, &id).await?;
                let mut machine = Machine::of(call);
                let mut steps = machine.ring_out(now);
                for place in places.iter().filter(|place| place.kept_until <= now) {
                    let reason = if place.gone {
                        CallEndReason::LastLeft
                    } else {
                        // Its node would have said so.
                        CallEndReason::Restart
                    };
                    steps.extend(machine.lapse(&place.user, reason, now));
                }
                store(tx, &tenant, machine, steps, (now, time))
                    .await
                    .map(Some)
            })
        })
        .await?;
    if let Some(changed) = changed {
        tell::steps(core, &changed, None);
        settle(core, &changed, None);
    }
    Ok(())
}
