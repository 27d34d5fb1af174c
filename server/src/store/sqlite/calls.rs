//! Calls, in SQLite.

use super::connection::{SqliteRows, parsed, sql, unsigned};
use crate::{
    error::Result,
    keys::UserKey,
    store::rows::{CallRows, PlaceRow, rings_until},
};
use async_trait::async_trait;
use carewire_protocol::{
    CallId, ClientId, TenantId, Timestamp, VisitId,
    call::{Call, ParticipantState},
};
use sqlx::{Row, sqlite::SqliteRow};

fn call_of(row: &SqliteRow) -> Result<Call> {
    Ok(serde_json::from_str(row.try_get(0)?)?)
}

fn place_of(row: &SqliteRow) -> Result<PlaceRow> {
    Ok(PlaceRow {
        user: parsed(row, 0)?,
        client: parsed(row, 1)?,
        kept_until: Timestamp::from_millis(row.try_get(2)?),
        gone: unsigned(row, 3)? == 1,
    })
}

#[async_trait]
impl CallRows for SqliteRows {
    async fn call(&mut self, tenant: &TenantId, call: &CallId) -> Result<Option<Call>> {
        let query = sql("SELECT call FROM calls WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(call.as_str());
        self.one(query).await?.as_ref().map(call_of).transpose()
    }

    async fn visit_call(&mut self, tenant: &TenantId, visit: &VisitId) -> Result<Option<Call>> {
        let query = sql("SELECT call FROM calls WHERE tenant = $1 AND visit = $2 AND open = 1")
            .bind(tenant.as_str())
            .bind(visit.as_str());
        self.one(query).await?.as_ref().map(call_of).transpose()
    }

    async fn call_of(&mut self, user: &UserKey) -> Result<Option<Call>> {
        let query = sql("SELECT c.call FROM call_people p
             JOIN calls c ON c.tenant = p.tenant AND c.id = p.call
             WHERE p.tenant = $1 AND p.user_id = $2 AND p.busy = 1")
        .bind(user.tenant.as_str())
        .bind(user.user.as_str());
        self.one(query).await?.as_ref().map(call_of).transpose()
    }

    async fn calls(
        &mut self,
        user: &UserKey,
        before: Option<&CallId>,
        limit: u32,
    ) -> Result<Vec<Call>> {
        let query = sql("SELECT c.call FROM call_people p
             JOIN calls c ON c.tenant = p.tenant AND c.id = p.call
             WHERE p.tenant = $1 AND p.user_id = $2 AND ($3 IS NULL OR p.call < $3)
             ORDER BY p.call DESC LIMIT $4")
        .bind(user.tenant.as_str())
        .bind(user.user.as_str())
        .bind(before.map(CallId::as_str))
        .bind(i64::from(limit));
        self.all(query).await?.iter().map(call_of).collect()
    }

    async fn open_calls(&mut self, tenant: &TenantId) -> Result<u64> {
        let query =
            sql("SELECT COUNT(*) FROM calls WHERE tenant = $1 AND open = 1").bind(tenant.as_str());
        let row = self.one(query).await?;
        row.as_ref().map_or(Ok(0), |row| unsigned(row, 0))
    }

    async fn put_call(&mut self, tenant: &TenantId, call: &Call) -> Result<()> {
        let open = !call.state.is_over();
        let query = sql(
            "INSERT INTO calls (tenant, id, visit, open, rings_until, call)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, id) DO UPDATE SET open = $4, rings_until = $5, call = $6",
        )
        .bind(tenant.as_str())
        .bind(call.call_id.as_str())
        .bind(call.visit_id.as_ref().map(VisitId::as_str))
        .bind(i64::from(open))
        .bind(rings_until(call).map(Timestamp::as_millis))
        .bind(serde_json::to_string(call)?);
        self.run(query).await?;
        for one in &call.participants {
            let holds = open && one.state == ParticipantState::Joined;
            let client = one.client_id.as_ref().filter(|_| holds);
            let query = sql(
                "INSERT INTO call_people (tenant, user_id, call, busy, client, gone)
                 VALUES ($1, $2, $3, $4, $5, 0)
                 ON CONFLICT (tenant, user_id, call) DO UPDATE SET busy = $4, client = $5,
                 kept_until = CASE WHEN call_people.client = $5 THEN call_people.kept_until END",
            )
            .bind(tenant.as_str())
            .bind(one.user_id.as_str())
            .bind(call.call_id.as_str())
            .bind(i64::from(call.is_busy(&one.user_id)))
            .bind(client.map(ClientId::as_str));
            self.run(query).await?;
        }
        Ok(())
    }

    async fn keep_place(
        &mut self,
        tenant: &TenantId,
        call: &CallId,
        place: &PlaceRow,
    ) -> Result<bool> {
        let query = sql("UPDATE call_people SET kept_until = $5, gone = $6
             WHERE tenant = $1 AND user_id = $2 AND call = $3 AND client = $4")
        .bind(tenant.as_str())
        .bind(place.user.as_str())
        .bind(call.as_str())
        .bind(place.client.as_str())
        .bind(place.kept_until.as_millis())
        .bind(i64::from(place.gone));
        Ok(self.run(query).await? == 1)
    }

    async fn places(&mut self, tenant: &TenantId, call: &CallId) -> Result<Vec<PlaceRow>> {
        let query = sql("SELECT user_id, client, kept_until, gone FROM call_people
             WHERE tenant = $1 AND call = $2 AND kept_until IS NOT NULL ORDER BY user_id")
        .bind(tenant.as_str())
        .bind(call.as_str());
        self.all(query).await?.iter().map(place_of).collect()
    }

    async fn calls_due(&mut self, at: Timestamp, limit: u32) -> Result<Vec<(TenantId, CallId)>> {
        let query = sql("SELECT tenant, id FROM calls WHERE rings_until <= $1
             UNION SELECT tenant, call FROM call_people WHERE kept_until <= $1
             ORDER BY 1, 2 LIMIT $2")
        .bind(at.as_millis())
        .bind(i64::from(limit));
        let rows = self.all(query).await?;
        rows.iter()
            .map(|row| Ok((parsed(row, 0)?, parsed(row, 1)?)))
            .collect()
    }

    async fn next_call_due(&mut self) -> Result<Option<Timestamp>> {
        let rings = sql("SELECT MIN(rings_until) FROM calls WHERE rings_until IS NOT NULL");
        let kept = sql("SELECT MIN(kept_until) FROM call_people WHERE kept_until IS NOT NULL");
        let mut first: Option<i64> = None;
        for query in [rings, kept] {
            if let Some(row) = self.one(query).await? {
                let found: Option<i64> = row.try_get(0)?;
                first = first.into_iter().chain(found).min();
            }
        }
        Ok(first.map(Timestamp::from_millis))
    }
}
