//! Who is who, in PostgreSQL.

use super::{
    connection::{PostgresRows, json, optional, parsed, sql, text, time},
    text::escaped,
};
use crate::{
    error::Result,
    keys::UserKey,
    store::rows::{DirectoryRows, StatusRow, ThreadRow, UserRow},
};
use async_trait::async_trait;
use carewire_protocol::{
    PrivateJson, PrivateText, Role, TenantId, ThreadId, Timestamp, UserId, VisitId,
    presence::PresenceStatus,
};
use sqlx::Row as _;

#[async_trait]
impl DirectoryRows for PostgresRows {
    async fn person(&mut self, user: &UserKey) -> Result<Option<(UserRow, StatusRow)>> {
        let query = sql(
            "SELECT role, name, declared, status, custom_status, last_seen FROM users
             WHERE tenant = $1 AND id = $2",
        )
        .bind(user.tenant.as_str())
        .bind(user.user.as_str());
        let Some(row) = self.one(query).await? else {
            return Ok(None);
        };
        let person = UserRow {
            role: Role::from(row.try_get::<&str, _>(0)?),
            name: text(&row, 1)?,
            declared: row.try_get(2)?,
        };
        let status = StatusRow {
            status: row.try_get::<Option<&str>, _>(3)?.map(PresenceStatus::from),
            custom_status: text(&row, 4)?,
            last_seen: time(&row, 5)?,
        };
        Ok(Some((person, status)))
    }

    async fn put_user(&mut self, user: &UserKey, row: &UserRow) -> Result<()> {
        let query = sql("INSERT INTO users (tenant, id, role, name, declared)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, id) DO UPDATE SET role = $3, name = $4, declared = $5
             WHERE $5 OR NOT users.declared")
        .bind(user.tenant.as_str())
        .bind(user.user.as_str())
        .bind(row.role.as_str())
        .bind(row.name.as_deref().map(escaped))
        .bind(row.declared);
        self.run(query).await.map(drop)
    }

    async fn put_status(
        &mut self,
        user: &UserKey,
        status: &PresenceStatus,
        custom: Option<&PrivateText>,
    ) -> Result<()> {
        let query = sql("UPDATE users SET status = $3, custom_status = $4
             WHERE tenant = $1 AND id = $2")
        .bind(user.tenant.as_str())
        .bind(user.user.as_str())
        .bind(status.as_str())
        .bind(custom.map(|text| escaped(text)));
        self.run(query).await.map(drop)
    }

    async fn put_last_seen(&mut self, user: &UserKey, at: Timestamp) -> Result<()> {
        let query = sql("UPDATE users SET last_seen = $3 WHERE tenant = $1 AND id = $2")
            .bind(user.tenant.as_str())
            .bind(user.user.as_str())
            .bind(at.as_millis());
        self.run(query).await.map(drop)
    }

    async fn cares(
        &mut self,
        tenant: &TenantId,
        provider: &UserId,
        patient: &UserId,
    ) -> Result<bool> {
        let query = sql(
            "SELECT 1 FROM care_team WHERE tenant = $1 AND provider = $2 AND patient = $3
             UNION ALL
             SELECT 1 FROM emergencies WHERE tenant = $1 AND user_id = $2 AND patient = $3",
        )
        .bind(tenant.as_str())
        .bind(provider.as_str())
        .bind(patient.as_str());
        Ok(self.one(query).await?.is_some())
    }

    async fn set_care(
        &mut self,
        tenant: &TenantId,
        provider: &UserId,
        patient: &UserId,
        cares: bool,
    ) -> Result<()> {
        let query = if cares {
            sql(
                "INSERT INTO care_team (tenant, provider, patient) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
            )
        } else {
            sql("DELETE FROM care_team WHERE tenant = $1 AND provider = $2 AND patient = $3")
        };
        let query = query
            .bind(tenant.as_str())
            .bind(provider.as_str())
            .bind(patient.as_str());
        self.run(query).await.map(drop)
    }

    async fn visit_exists(&mut self, tenant: &TenantId, visit: &VisitId) -> Result<bool> {
        let query = sql("SELECT 1 FROM visits WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(visit.as_str());
        Ok(self.one(query).await?.is_some())
    }

    async fn put_visit(&mut self, tenant: &TenantId, visit: &VisitId) -> Result<()> {
        let query = sql("INSERT INTO visits (tenant, id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(tenant.as_str())
            .bind(visit.as_str());
        self.run(query).await.map(drop)
    }

    async fn thread(&mut self, tenant: &TenantId, thread: &ThreadId) -> Result<Option<ThreadRow>> {
        let query = sql("SELECT title, platform, metadata, creator FROM threads
             WHERE tenant = $1 AND id = $2")
        .bind(tenant.as_str())
        .bind(thread.as_str());
        let Some(row) = self.one(query).await? else {
            return Ok(None);
        };
        Ok(Some(ThreadRow {
            title: text(&row, 0)?,
            platform: parsed(&row, 1)?,
            metadata: json(&row, 2)?,
            creator: optional(&row, 3)?,
        }))
    }

    async fn put_thread(
        &mut self,
        tenant: &TenantId,
        thread: &ThreadId,
        row: &ThreadRow,
    ) -> Result<()> {
        let query = sql(
            "INSERT INTO threads (tenant, id, title, platform, metadata, creator)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, id) DO UPDATE SET title = $3, platform = $4, metadata = $5",
        )
        .bind(tenant.as_str())
        .bind(thread.as_str())
        .bind(row.title.as_deref().map(escaped))
        .bind(row.platform.as_str())
        .bind(row.metadata.as_ref().map(PrivateJson::get))
        .bind(row.creator.as_deref());
        self.run(query).await.map(drop)
    }
}
