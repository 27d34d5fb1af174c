//! Leases with fencing tokens: granted, renewed and ended in the writer's transaction, each with
//! its event, by the database's clock. So there is one order of all that happens to a record, and
//! no two hold it at once.

use crate::{
    core::{Caller, Core, require},
    error::{Error, Result},
    keys::{RoomKey, UserKey},
    planted::{self, Bug},
    policy::Action,
    store::{LeaseRow, RecordKey, Rows, Tx},
    timers::Due,
};
use carewire_protocol::{
    ClientId, Command, ErrorCode, ErrorReply, PrivateJson, RecordId, RoomId, TenantId, Timestamp,
    UserId,
    backend::LockInfo,
    record::{Lock, LockReply, LockState, LockedEvent, Renew, Unlock, UnlockReason, UnlockedEvent},
    session::Empty,
};
use futures_util::future::BoxFuture;
use std::{sync::Arc, time::Duration};

/// How many leases one transaction ends.
const BATCH: u32 = 100;

/// The room that hears of a record.
fn room_of(record: &RecordKey) -> RoomKey {
    RoomKey::new(&record.tenant, RoomId::Patient(record.patient.clone()))
}

fn record_of(caller: &Caller, patient: UserId, record: RecordId) -> RecordKey {
    RecordKey {
        tenant: caller.identity.tenant.clone(),
        patient,
        record,
    }
}

fn reply_of(lease: &LeaseRow) -> LockReply {
    LockReply {
        fencing_token: lease.token,
        expires_at: lease.expires_at,
    }
}

fn after(now: Timestamp, ttl: u64) -> Timestamp {
    Timestamp::from_millis(now.as_millis() + i64::try_from(ttl).unwrap_or(i64::MAX / 2))
}

/// Somebody else holds it.
fn locked(lease: &LeaseRow) -> Result<ErrorReply> {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Holder<'a> {
        holder_id: &'a UserId,
        expires_at: Timestamp,
    }
    let details = Holder {
        holder_id: &lease.holder,
        expires_at: lease.expires_at,
    };
    Ok(ErrorReply {
        details: Some(PrivateJson::from_value(&details)?),
        ..ErrorReply::new(ErrorCode::RecordLocked, "The record is locked")
    })
}

/// Whoever asks does not hold it, or no longer.
fn stale(lease: Option<&LeaseRow>) -> Result<ErrorReply> {
    let details = lease.map(locked).transpose()?;
    Ok(ErrorReply {
        details: details.and_then(|reply| reply.details),
        ..ErrorReply::new(ErrorCode::RecordLocked, "The lease has ended")
    })
}

/// `record:lock`. The device that holds a lease is granted it anew, with a newer token.
pub async fn lock(caller: &Caller, command: Lock) -> Result<LockReply> {
    let core = &caller.core;
    let ttl = command.ttl_ms.map_or(core.config.lease_ttl, Duration::from);
    let ttl = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
    let record = record_of(caller, command.patient_id, command.record_id);
    let client = caller.connection()?.client.clone();
    let key = caller.key.clone();
    let reply: LockReply = change(caller, record, move |tx, user, record| {
        Box::pin(async move {
            if let Some(reply) = tx.replayed(&user, key.as_ref(), Lock::NAME).await? {
                let reply: LockReply = serde_json::from_str(&reply)?;
                let lease = tx.rows().lease(&record).await?;
                let still = lease.filter(|lease| lease.token == reply.fencing_token);
                return Ok(still.as_ref().map_or(reply, reply_of));
            }
            let now = tx.clock().await?;
            if let Some(lease) = tx.rows().lease(&record).await? {
                let own = (lease.holder == user.user && lease.client == client)
                    || planted::is(Bug::LeaseGrantedTwice);
                if lease.expires_at > now && !own {
                    return Err(Error::Refused(locked(&lease)?));
                }
                if lease.expires_at <= now {
                    end_in(tx, &record, None, UnlockReason::Expired).await?;
                }
            }
            let lease = LeaseRow {
                holder: user.user.clone(),
                client: client.clone(),
                token: tx.rows().next_token().await?,
                ttl,
                expires_at: after(now, ttl),
            };
            grant(tx, &record, &lease, &client).await?;
            let reply = reply_of(&lease);
            let stored = serde_json::to_string(&reply)?;
            tx.remember(&user, key.as_ref(), Lock::NAME, stored).await?;
            Ok(reply)
        })
    })
    .await?;
    core.lease_alarm
        .set(core, Some(reply.expires_at), Due::Leases);
    Ok(reply)
}

/// `record:renew`.
pub async fn renew(caller: &Caller, command: Renew) -> Result<LockReply> {
    let record = record_of(caller, command.patient_id, command.record_id);
    let client = caller.connection()?.client.clone();
    change(caller, record, move |tx, user, record| {
        Box::pin(async move {
            let lease = own(tx, &record, &user.user, &client, command.fencing_token).await?;
            let lease = LeaseRow {
                expires_at: after(tx.clock().await?, lease.ttl),
                ..lease
            };
            grant(tx, &record, &lease, &client).await?;
            Ok(reply_of(&lease))
        })
    })
    .await
}

/// `record:unlock`.
pub async fn unlock(caller: &Caller, command: Unlock) -> Result<Empty> {
    let record = record_of(caller, command.patient_id, command.record_id);
    let client = caller.connection()?.client.clone();
    let user = caller.identity.user.clone();
    // Whoever may no longer see the chart may still give back what they hold there.
    caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                own(tx, &record, &user, &client, command.fencing_token).await?;
                end_in(tx, &record, Some(&client), UnlockReason::Released).await?;
                Ok(Empty {})
            })
        })
        .await
}

/// Changes a lease where the caller may see the chart.
async fn change<F>(caller: &Caller, record: RecordKey, work: F) -> Result<LockReply>
where
    F: for<'t> FnOnce(&'t mut Tx, UserKey, RecordKey) -> BoxFuture<'t, Result<LockReply>>
        + Send
        + 'static,
{
    let room = room_of(&record);
    let decided = caller.preauthorise(Action::Lock, &room.room).await?;
    let options = caller.core.config.policy.clone();
    let identity = caller.identity.clone();
    caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                if !decided {
                    require(tx.rows(), &identity, Action::Lock, &room, &options)
                        .await
                        .map_err(plain_denial)?;
                }
                work(tx, identity.key(), record).await
            })
        })
        .await
}

/// Only joins speak of a room when they are refused.
fn plain_denial(error: Error) -> Error {
    match error {
        Error::Refused(reply) if reply.code == ErrorCode::AccessDenied => {
            Error::Refused(ErrorReply::denied())
        }
        other => other,
    }
}

/// The lease, if this device holds it with this token and its time is not over.
async fn own(
    tx: &mut Tx,
    record: &RecordKey,
    user: &UserId,
    client: &ClientId,
    token: u64,
) -> Result<LeaseRow> {
    let now = tx.clock().await?;
    let lease = tx.rows().lease(record).await?;
    let lease = lease.filter(|lease| lease.expires_at > now);
    match lease {
        Some(lease)
            if lease.holder == *user
                && lease.client == *client
                && (lease.token == token || planted::is(Bug::StaleTokenAccepted)) =>
        {
            Ok(lease)
        }
        lease => Err(Error::Refused(stale(lease.as_ref())?)),
    }
}

async fn grant(tx: &mut Tx, record: &RecordKey, lease: &LeaseRow, by: &ClientId) -> Result<()> {
    tx.rows().put_lease(record, lease).await?;
    let event = LockedEvent::from(state_of(record, lease));
    tx.append(&room_of(record), Some(by), &event).await?;
    Ok(())
}

async fn end_in(
    tx: &mut Tx,
    record: &RecordKey,
    by: Option<&ClientId>,
    reason: UnlockReason,
) -> Result<()> {
    tx.rows().delete_lease(record).await?;
    let event = UnlockedEvent {
        record_id: record.record.clone(),
        reason,
    };
    tx.append(&room_of(record), by, &event).await?;
    Ok(())
}

fn state_of(record: &RecordKey, lease: &LeaseRow) -> LockState {
    LockState {
        record_id: record.record.clone(),
        holder_id: lease.holder.clone(),
        expires_at: lease.expires_at,
    }
}

/// The leases on a chart, for a snapshot of its room.
pub async fn locks(
    rows: &mut dyn Rows,
    tenant: &TenantId,
    patient: &UserId,
) -> Result<Vec<LockState>> {
    let leases = rows.leases_of(tenant, patient).await?;
    Ok(leases
        .iter()
        .map(|(record, lease)| state_of(record, lease))
        .collect())
}

/// `GET /v1/records/{patientId}/{recordId}/lock`; `None` where nobody holds it.
pub async fn held(core: &Core, record: &RecordKey) -> Result<Option<LockInfo>> {
    let mut rows = core.store.read().await?;
    let lease = rows.lease(record).await?;
    let now = rows.clock().await?.unwrap_or_else(|| core.wall());
    rows.close().await?;
    let lease = lease.filter(|lease| lease.expires_at > now);
    Ok(lease.map(|lease| LockInfo {
        holder_id: lease.holder,
        fencing_token: lease.token,
        expires_at: lease.expires_at,
    }))
}

/// `DELETE /v1/records/{patientId}/{recordId}/lock`. Yields whether somebody held it.
pub async fn revoke(core: &Core, record: RecordKey) -> Result<bool> {
    core.write(move |tx| {
        Box::pin(async move {
            let held = tx.rows().lease(&record).await?.is_some();
            if held {
                end_in(tx, &record, None, UnlockReason::Revoked).await?;
            }
            Ok(held)
        })
    })
    .await
}

/// Some lease may have ended.
pub fn end_due(core: &Core) {
    if !core.lease_alarm.rang(core.now()) {
        return;
    }
    core.spawn(|core| async move {
        let next = end(&core).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "leases cannot be ended");
            None
        });
        core.lease_alarm.set(&core, next, Due::Leases);
    });
}

/// Ends the leases whose time is over. Yields when the next one's will be.
pub async fn end(core: &Arc<Core>) -> Result<Option<Timestamp>> {
    loop {
        let mut rows = core.store.read().await?;
        let now = rows.clock().await?.unwrap_or_else(|| core.wall());
        let over = rows.leases_ending(now, BATCH).await?;
        let next = rows.next_lease_end().await?;
        rows.close().await?;
        if over.is_empty() {
            return Ok(next);
        }
        core.write(move |tx| {
            Box::pin(async move {
                for (record, seen) in over {
                    // It may have been renewed or ended meanwhile.
                    if tx.rows().lease(&record).await? == Some(seen) {
                        end_in(tx, &record, None, UnlockReason::Expired).await?;
                    }
                }
                Ok(())
            })
        })
        .await?;
    }
}
