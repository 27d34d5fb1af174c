//! Leases, in memory.

use super::connection::MemoryRows;
use crate::{
    error::Result,
    store::rows::{LeaseRow, LeaseRows, RecordKey},
};
use async_trait::async_trait;
use carewire_protocol::{TenantId, Timestamp, UserId};
use std::sync::Arc;

#[async_trait]
impl LeaseRows for MemoryRows {
    async fn lease(&mut self, record: &RecordKey) -> Result<Option<LeaseRow>> {
        Ok(self.tables().await?.leases.get(record).cloned())
    }

    async fn leases_of(
        &mut self,
        tenant: &TenantId,
        patient: &UserId,
    ) -> Result<Vec<(RecordKey, LeaseRow)>> {
        let tables = self.tables().await?;
        let of_patient = tables
            .leases
            .iter()
            .filter(|(record, _)| record.tenant == *tenant && record.patient == *patient);
        Ok(of_patient
            .map(|(record, lease)| (record.clone(), lease.clone()))
            .collect())
    }

    async fn next_token(&mut self) -> Result<u64> {
        self.change(|tables| {
            tables.newest_token += 1;
            tables.newest_token
        })
        .await
    }

    async fn put_lease(&mut self, record: &RecordKey, lease: &LeaseRow) -> Result<()> {
        self.change(|tables| {
            Arc::make_mut(&mut tables.leases).insert(record.clone(), lease.clone());
        })
        .await
    }

    async fn delete_lease(&mut self, record: &RecordKey) -> Result<()> {
        self.change(|tables| {
            Arc::make_mut(&mut tables.leases).remove(record);
        })
        .await
    }

    async fn leases_ending(
        &mut self,
        at: Timestamp,
        limit: u32,
    ) -> Result<Vec<(RecordKey, LeaseRow)>> {
        let tables = self.tables().await?;
        let mut ending: Vec<_> = tables
            .leases
            .iter()
            .filter(|(_, lease)| lease.expires_at <= at)
            .map(|(record, lease)| (record.clone(), lease.clone()))
            .collect();
        ending.sort_by_key(|(_, lease)| lease.expires_at);
        ending.truncate(limit as usize);
        Ok(ending)
    }

    async fn next_lease_end(&mut self) -> Result<Option<Timestamp>> {
        let tables = self.tables().await?;
        Ok(tables.leases.values().map(|lease| lease.expires_at).min())
    }
}
