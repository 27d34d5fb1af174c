//! Live rows, in PostgreSQL.

use super::connection::{PostgresRows, known_json, sql, stored, unsigned};
use crate::{
    error::Result,
    store::rows::{LiveRow, LiveRows, LiveState},
};
use async_trait::async_trait;
use carewire_protocol::{TemplateId, TenantId};
use sqlx::{Row, postgres::PgRow};

fn live_row(row: &PgRow) -> Result<LiveRow> {
    Ok(LiveRow {
        number: unsigned(row, 0)?,
        id: row.try_get(1)?,
        data: known_json(row, 2)?,
    })
}

#[async_trait]
impl LiveRows for PostgresRows {
    async fn live_state(&mut self, tenant: &TenantId, template: &TemplateId) -> Result<LiveState> {
        let query = sql(
            "SELECT number, rows, bytes FROM live_templates WHERE tenant = $1 AND template = $2",
        )
        .bind(tenant.as_str())
        .bind(template.as_str());
        let Some(row) = self.one(query).await? else {
            return Ok(LiveState::default());
        };
        Ok(LiveState {
            number: unsigned(&row, 0)?,
            rows: unsigned(&row, 1)?,
            bytes: unsigned(&row, 2)?,
        })
    }

    async fn put_live_state(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        state: &LiveState,
    ) -> Result<()> {
        let query = sql(
            "INSERT INTO live_templates (tenant, template, number, rows, bytes)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, template) DO UPDATE SET number = $3, rows = $4, bytes = $5",
        )
        .bind(tenant.as_str())
        .bind(template.as_str())
        .bind(stored(state.number))
        .bind(stored(state.rows))
        .bind(stored(state.bytes));
        self.run(query).await.map(drop)
    }

    async fn put_live_rows(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        rows: &[LiveRow],
    ) -> Result<()> {
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let numbers: Vec<i64> = rows.iter().map(|row| stored(row.number)).collect();
        let data: Vec<&str> = rows.iter().map(|row| row.data.get()).collect();
        let query = sql("INSERT INTO live_rows (tenant, template, id, number, data)
             SELECT $1, $2, new.* FROM unnest($3::text[], $4::bigint[], $5::text[]) AS new
             ON CONFLICT (tenant, template, id)
             DO UPDATE SET number = excluded.number, data = excluded.data")
        .bind(tenant.as_str())
        .bind(template.as_str())
        .bind(ids)
        .bind(numbers)
        .bind(data);
        self.run(query).await.map(drop)
    }

    async fn live_rows_before(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        before: u64,
        limit: u32,
    ) -> Result<Vec<LiveRow>> {
        let query = sql("SELECT number, id, data FROM live_rows
             WHERE tenant = $1 AND template = $2 AND number < $3
             ORDER BY number DESC LIMIT $4")
        .bind(tenant.as_str())
        .bind(template.as_str())
        .bind(stored(before))
        .bind(i64::from(limit));
        self.all(query).await?.iter().map(live_row).collect()
    }

    async fn live_sizes(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
    ) -> Result<Vec<(u64, u64)>> {
        let query = sql("SELECT number, octet_length(data)::bigint FROM live_rows
             WHERE tenant = $1 AND template = $2 ORDER BY number DESC")
        .bind(tenant.as_str())
        .bind(template.as_str());
        let rows = self.all(query).await?;
        rows.iter()
            .map(|row| Ok((unsigned(row, 0)?, unsigned(row, 1)?)))
            .collect()
    }

    async fn delete_live_rows(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        through: u64,
    ) -> Result<()> {
        let query = sql("DELETE FROM live_rows
             WHERE tenant = $1 AND template = $2 AND number <= $3")
        .bind(tenant.as_str())
        .bind(template.as_str())
        .bind(stored(through));
        self.run(query).await.map(drop)
    }
}
