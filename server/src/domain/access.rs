//! Emergency access: taken by whoever has no relation to a patient, for a while, before the eyes
//! of admins; and the audit trail, to be read.

use super::room;
use crate::{
    backplane::Change,
    core::{Caller, Core},
    error::{Error, Result},
    keys::RoomKey,
    store::{AuditPage, AuditRow, EmergencyRow, Tx},
    timers::Due,
};
use carewire_protocol::{
    Command, ErrorReply, Role, RoomId, TenantId, Timestamp,
    access::{BreakGlass, BreakGlassReply},
    backend::{AuditAction, AuditEntry, AuditList},
    room::LeftReason,
    system::BreakGlassEvent,
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// How long emergency access lasts.
const LASTS: Duration = Duration::from_hours(4);
/// How much of it one transaction ends.
const BATCH: u32 = 100;
/// The most lines of one page of the audit trail.
const PAGE: u32 = 100;

/// `access:breakGlass`.
pub async fn break_glass(caller: &Caller, command: BreakGlass) -> Result<BreakGlassReply> {
    let core = &caller.core;
    let is_for = matches!(caller.identity.role, Role::Provider | Role::Staff);
    if !core.config.break_glass || !is_for {
        return Err(Error::Refused(ErrorReply::denied()));
    }
    let identity = caller.identity.clone();
    let key = caller.key.clone();
    let origin = caller.origin().cloned();
    let user = identity.key();
    let change = Change::User(user.clone());
    let reply: BreakGlassReply = core
        .change_directory([change], move |tx| {
            Box::pin(async move {
                let name = BreakGlass::NAME;
                if let Some(reply) = tx.replayed(&user, key.as_ref(), name).await? {
                    return Ok(serde_json::from_str(&reply)?);
                }
                let now = tx.clock().await?;
                let row = EmergencyRow {
                    user: user.clone(),
                    patient: command.patient_id,
                    until: now.plus(LASTS),
                };
                tx.rows().put_emergency(&row).await?;
                tx.rows()
                    .insert_audit(&AuditRow {
                        user: user.clone(),
                        role: identity.role,
                        at: now,
                        action: AuditAction::BrokeGlass,
                        room: Some(RoomId::Patient(row.patient.clone())),
                        command: Some(name.to_owned()),
                        hour: None,
                    })
                    .await?;
                let event = BreakGlassEvent {
                    patient_id: row.patient,
                    user_id: user.user.clone(),
                    reason: command.reason,
                    expires_at: row.until,
                };
                let alerts = RoomKey::new(&user.tenant, alerts()?);
                tx.append(&alerts, origin.as_ref(), &event).await?;
                let reply = BreakGlassReply {
                    expires_at: row.until,
                };
                let stored = serde_json::to_string(&reply)?;
                tx.remember(&user, key.as_ref(), name, stored).await?;
                Ok(reply)
            })
        })
        .await?;
    let ends = Some(reply.expires_at);
    core.emergency_alarm.set(core, ends, Due::Emergencies);
    Ok(reply)
}

/// Where admins hear of it.
fn alerts() -> Result<RoomId> {
    Ok(RoomId::channel("admin:alerts")?)
}

/// Some emergency access may have ended.
pub fn end_due(core: &Core) {
    if !core.emergency_alarm.rang(core.now()) {
        return;
    }
    core.spawn(|core| async move {
        let next = end(&core).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "emergency access cannot be ended");
            None
        });
        core.emergency_alarm.set(&core, next, Due::Emergencies);
    });
}

/// Ends the access whose time is over, and the memberships that it gave. Yields when the next one's
/// will be.
async fn end(core: &Arc<Core>) -> Result<Option<Timestamp>> {
    loop {
        let mut rows = core.store.read().await?;
        let now = rows.clock().await?.unwrap_or_else(|| core.wall());
        let over = rows.emergencies_ending(now, BATCH).await?;
        let next = rows.next_emergency_end().await?;
        rows.close().await?;
        if over.is_empty() {
            return Ok(next);
        }
        let changes: BTreeSet<Change> = over
            .iter()
            .map(|row| Change::User(row.user.clone()))
            .collect();
        let noted = changes.clone();
        core.write(move |tx| Box::pin(async move { forget(tx, &over, &noted).await }))
            .await?;
        for change in changes {
            end_memberships(core, &change).await;
            core.announce(change);
        }
    }
}

async fn forget(tx: &mut Tx, over: &[EmergencyRow], changes: &BTreeSet<Change>) -> Result<()> {
    for row in over {
        // Taken again meanwhile, it ends later.
        tx.rows().delete_emergency(row).await?;
    }
    for change in changes {
        tx.rows().note_directory_change(change).await?;
    }
    Ok(())
}

/// Says why memberships end, before the change of the directory ends what is left of them.
async fn end_memberships(core: &Arc<Core>, change: &Change) {
    let Change::User(user) = change else { return };
    for connection in core.hub.connections_of(user) {
        let reason = LeftReason::Expired;
        if let Err(error) = room::recheck_connection(core, &connection, &reason).await {
            tracing::warn!(%error, "memberships cannot be checked");
        }
    }
}

/// `GET /v1/audit`.
pub async fn audit(core: &Core, tenant: &TenantId, page: AuditPage) -> Result<AuditList> {
    let mut rows = core.store.read().await?;
    let page = AuditPage {
        limit: PAGE + 1,
        ..page
    };
    let mut lines = rows.audit(tenant, &page).await?;
    rows.close().await?;
    let more = lines.len() > PAGE as usize;
    lines.truncate(PAGE as usize);
    let cursor = lines.last().filter(|_| more);
    Ok(AuditList {
        cursor: cursor.map(|(number, _)| number.to_string()),
        entries: lines.into_iter().map(entry).collect(),
    })
}

fn entry((id, row): (u64, AuditRow)) -> AuditEntry {
    AuditEntry {
        id,
        at: row.at,
        user_id: row.user.user,
        role: Some(row.role),
        action: row.action,
        room_id: row.room,
        command: row.command,
    }
}
