//! Leases, in PostgreSQL.

use super::connection::{PostgresRows, parsed, sql, stored, unsigned};
use crate::{
    error::{Error, Result},
    store::rows::{LeaseRow, LeaseRows, RecordKey},
};
use async_trait::async_trait;
use carewire_protocol::{TenantId, Timestamp, UserId};
use sqlx::{Row, postgres::PgRow};

/// A row of tenant, patient, record, holder, client, token, ttl and end.
fn lease_of(row: &PgRow) -> Result<(RecordKey, LeaseRow)> {
    let record = RecordKey {
        tenant: parsed(row, 0)?,
        patient: parsed(row, 1)?,
        record: parsed(row, 2)?,
    };
    let lease = LeaseRow {
        holder: parsed(row, 3)?,
        client: parsed(row, 4)?,
        token: unsigned(row, 5)?,
        ttl: unsigned(row, 6)?,
        expires_at: Timestamp::from_millis(row.try_get(7)?),
    };
    Ok((record, lease))
}

#[async_trait]
impl LeaseRows for PostgresRows {
    async fn lease(&mut self, record: &RecordKey) -> Result<Option<LeaseRow>> {
        let query = sql(
            "SELECT tenant, patient, record, holder, client, token, ttl, expires_at FROM leases
             WHERE tenant = $1 AND patient = $2 AND record = $3",
        )
        .bind(record.tenant.as_str())
        .bind(record.patient.as_str())
        .bind(record.record.as_str());
        let row = self.one(query).await?;
        Ok(row.as_ref().map(lease_of).transpose()?.map(|(_, row)| row))
    }

    async fn leases_of(
        &mut self,
        tenant: &TenantId,
        patient: &UserId,
    ) -> Result<Vec<(RecordKey, LeaseRow)>> {
        let query = sql(
            "SELECT tenant, patient, record, holder, client, token, ttl, expires_at FROM leases
             WHERE tenant = $1 AND patient = $2 ORDER BY record",
        )
        .bind(tenant.as_str())
        .bind(patient.as_str());
        self.all(query).await?.iter().map(lease_of).collect()
    }

    async fn next_token(&mut self) -> Result<u64> {
        let query = sql(
            "INSERT INTO counters (name, value) VALUES ('fencing token', 1)
             ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value",
        );
        let row = self.one(query).await?;
        let row = row.ok_or_else(|| Error::Fault("a counter gave nothing".into()))?;
        unsigned(&row, 0)
    }

    async fn put_lease(&mut self, record: &RecordKey, lease: &LeaseRow) -> Result<()> {
        let query = sql(
            "INSERT INTO leases (tenant, patient, record, holder, client, token, ttl, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (tenant, patient, record)
             DO UPDATE SET holder = $4, client = $5, token = $6, ttl = $7, expires_at = $8",
        )
        .bind(record.tenant.as_str())
        .bind(record.patient.as_str())
        .bind(record.record.as_str())
        .bind(lease.holder.as_str())
        .bind(lease.client.as_str())
        .bind(stored(lease.token))
        .bind(stored(lease.ttl))
        .bind(lease.expires_at.as_millis());
        self.run(query).await.map(drop)
    }

    async fn delete_lease(&mut self, record: &RecordKey) -> Result<()> {
        let query = sql("DELETE FROM leases WHERE tenant = $1 AND patient = $2 AND record = $3")
            .bind(record.tenant.as_str())
            .bind(record.patient.as_str())
            .bind(record.record.as_str());
        self.run(query).await.map(drop)
    }

    async fn leases_ending(
        &mut self,
        at: Timestamp,
        limit: u32,
    ) -> Result<Vec<(RecordKey, LeaseRow)>> {
        let query = sql(
            "SELECT tenant, patient, record, holder, client, token, ttl, expires_at FROM leases
             WHERE expires_at <= $1 ORDER BY expires_at, tenant, patient, record LIMIT $2",
        )
        .bind(at.as_millis())
        .bind(i64::from(limit));
        self.all(query).await?.iter().map(lease_of).collect()
    }

    async fn next_lease_end(&mut self) -> Result<Option<Timestamp>> {
        let row = self.one(sql("SELECT MIN(expires_at) FROM leases")).await?;
        let first: Option<i64> = match row {
            Some(row) => row.try_get(0)?,
            None => None,
        };
        Ok(first.map(Timestamp::from_millis))
    }
}
