//! The audit trail and access in emergencies, in PostgreSQL.

use super::connection::{PostgresRows, known_time, parsed, sql, stored, unsigned};
use crate::{
    error::Result,
    keys::UserKey,
    store::rows::{AuditPage, AuditRow, AuditRows, EmergencyRow},
};
use async_trait::async_trait;
use carewire_protocol::{Role, RoomId, TenantId, Timestamp, UserId, backend::AuditAction};
use sqlx::{Row, postgres::PgRow};

/// A row of number, tenant, user, role, time, action, room, command and hour.
fn audit_of(row: &PgRow) -> Result<(u64, AuditRow)> {
    let (room, command): (&str, &str) = (row.try_get(6)?, row.try_get(7)?);
    let room = Some(room).filter(|room| !room.is_empty());
    let line = AuditRow {
        user: UserKey::new(&parsed(row, 1)?, &parsed(row, 2)?),
        role: Role::from(row.try_get::<&str, _>(3)?),
        at: known_time(row, 4)?,
        action: AuditAction::from(row.try_get::<&str, _>(5)?),
        room: room.map(str::parse).transpose()?,
        command: Some(command.to_owned()).filter(|command| !command.is_empty()),
        hour: Some(unsigned(row, 8)?).filter(|hour| *hour > 0),
    };
    Ok((unsigned(row, 0)?, line))
}

#[async_trait]
impl AuditRows for PostgresRows {
    async fn insert_audit(&mut self, row: &AuditRow) -> Result<()> {
        let query = sql(
            "INSERT INTO audit (number, tenant, user_id, role, at, action, room,
                 command, hour, once)
             SELECT coalesce(max(number), 0) + 1, $1, $2, $3, $4::bigint, $5, $6, $7, $8::bigint,
                 CASE WHEN $8::bigint = 0 THEN coalesce(max(number), 0) + 1 ELSE 0 END
             FROM audit WHERE true
             ON CONFLICT (tenant, user_id, room, action, command, hour, once) DO NOTHING",
        )
        .bind(row.user.tenant.as_str())
        .bind(row.user.user.as_str())
        .bind(row.role.as_str())
        .bind(row.at.as_millis())
        .bind(row.action.as_str())
        .bind(row.room.as_ref().map(RoomId::to_string).unwrap_or_default())
        .bind(row.command.as_deref().unwrap_or_default())
        .bind(stored(row.hour.unwrap_or_default()));
        self.run(query).await.map(drop)
    }

    async fn audit(&mut self, tenant: &TenantId, page: &AuditPage) -> Result<Vec<(u64, AuditRow)>> {
        let query = sql(
            "SELECT number, tenant, user_id, role, at, action, room, command, hour FROM audit
             WHERE tenant = $1 AND ($2::text IS NULL OR user_id = $2)
                 AND ($3::text IS NULL OR room = $3) AND at >= $4 AND at < $5 AND number < $6
             ORDER BY number DESC LIMIT $7",
        )
        .bind(tenant.as_str())
        .bind(page.user.as_ref().map(UserId::as_str))
        .bind(page.room.as_ref().map(RoomId::to_string))
        .bind(page.from.map_or(i64::MIN, Timestamp::as_millis))
        .bind(page.to.map_or(i64::MAX, Timestamp::as_millis))
        .bind(stored(page.before.unwrap_or(u64::MAX)))
        .bind(i64::from(page.limit));
        self.all(query).await?.iter().map(audit_of).collect()
    }

    async fn delete_audit_before(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let query = sql("DELETE FROM audit WHERE number IN
             (SELECT number FROM audit WHERE at < $1 ORDER BY at LIMIT $2)")
        .bind(before.as_millis())
        .bind(i64::from(limit));
        self.run(query).await
    }

    async fn put_emergency(&mut self, row: &EmergencyRow) -> Result<()> {
        let query = sql(
            "INSERT INTO emergencies (tenant, user_id, patient, ends_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant, user_id, patient) DO UPDATE SET ends_at = excluded.ends_at",
        )
        .bind(row.user.tenant.as_str())
        .bind(row.user.user.as_str())
        .bind(row.patient.as_str())
        .bind(row.until.as_millis());
        self.run(query).await.map(drop)
    }

    async fn emergencies_ending(&mut self, at: Timestamp, limit: u32) -> Result<Vec<EmergencyRow>> {
        let query = sql("SELECT tenant, user_id, patient, ends_at FROM emergencies
             WHERE ends_at <= $1 ORDER BY ends_at, tenant, user_id, patient LIMIT $2")
        .bind(at.as_millis())
        .bind(i64::from(limit));
        let rows = self.all(query).await?;
        rows.iter()
            .map(|row| {
                Ok(EmergencyRow {
                    user: UserKey::new(&parsed(row, 0)?, &parsed(row, 1)?),
                    patient: parsed(row, 2)?,
                    until: known_time(row, 3)?,
                })
            })
            .collect()
    }

    async fn next_emergency_end(&mut self) -> Result<Option<Timestamp>> {
        let query = sql("SELECT ends_at FROM emergencies ORDER BY ends_at LIMIT 1");
        let row = self.one(query).await?;
        row.map(|row| known_time(&row, 0)).transpose()
    }

    async fn delete_emergency(&mut self, row: &EmergencyRow) -> Result<bool> {
        let query = sql("DELETE FROM emergencies
             WHERE tenant = $1 AND user_id = $2 AND patient = $3 AND ends_at = $4")
        .bind(row.user.tenant.as_str())
        .bind(row.user.user.as_str())
        .bind(row.patient.as_str())
        .bind(row.until.as_millis());
        Ok(self.run(query).await? > 0)
    }
}
