//! The audit trail and access in emergencies, in memory.

use super::connection::MemoryRows;
use crate::{
    error::Result,
    store::rows::{AuditPage, AuditRow, AuditRows, EmergencyRow},
};
use async_trait::async_trait;
use carewire_protocol::{TenantId, Timestamp};
use std::sync::Arc;

/// Whether two lines are one where they are of one hour.
fn is_same(one: &AuditRow, other: &AuditRow) -> bool {
    one.hour.is_some()
        && one.hour == other.hour
        && one.user == other.user
        && one.room == other.room
        && one.action == other.action
        && one.command == other.command
}

fn is_wanted(row: &AuditRow, page: &AuditPage) -> bool {
    page.user.as_ref().is_none_or(|user| row.user.user == *user)
        && (page.room.is_none() || row.room == page.room)
        && page.from.is_none_or(|from| row.at >= from)
        && page.to.is_none_or(|to| row.at < to)
}

#[async_trait]
impl AuditRows for MemoryRows {
    async fn insert_audit(&mut self, row: &AuditRow) -> Result<()> {
        let row = row.clone();
        self.change(|tables| {
            let lines = Arc::make_mut(&mut tables.audit);
            // The lines of an hour are the newest, or nearly.
            if lines.values().rev().any(|line| is_same(line, &row)) {
                return;
            }
            let newest = lines.last_key_value().map_or(0, |(number, _)| *number);
            lines.insert(newest + 1, row);
        })
        .await
    }

    async fn audit(&mut self, tenant: &TenantId, page: &AuditPage) -> Result<Vec<(u64, AuditRow)>> {
        let tables = self.tables().await?;
        let before = page.before.unwrap_or(u64::MAX);
        let lines = tables.audit.range(..before).rev();
        let wanted = lines.filter(|(_, row)| row.user.tenant == *tenant && is_wanted(row, page));
        Ok(wanted
            .take(page.limit as usize)
            .map(|(number, row)| (*number, row.clone()))
            .collect())
    }

    async fn delete_audit_before(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        self.change(|tables| {
            let mut old: Vec<_> = tables
                .audit
                .iter()
                .filter(|(_, row)| row.at < before)
                .map(|(number, row)| (row.at, *number))
                .collect();
            old.sort_unstable();
            old.truncate(limit as usize);
            let lines = Arc::make_mut(&mut tables.audit);
            for (_, number) in &old {
                lines.remove(number);
            }
            old.len() as u64
        })
        .await
    }

    async fn put_emergency(&mut self, row: &EmergencyRow) -> Result<()> {
        let row = row.clone();
        self.change(|tables| {
            Arc::make_mut(&mut tables.emergencies).insert((row.user, row.patient), row.until);
        })
        .await
    }

    async fn emergencies_ending(&mut self, at: Timestamp, limit: u32) -> Result<Vec<EmergencyRow>> {
        let tables = self.tables().await?;
        let mut ending: Vec<_> = tables
            .emergencies
            .iter()
            .filter(|(_, until)| **until <= at)
            .map(|((user, patient), until)| EmergencyRow {
                user: user.clone(),
                patient: patient.clone(),
                until: *until,
            })
            .collect();
        ending.sort_by_key(|row| row.until);
        ending.truncate(limit as usize);
        Ok(ending)
    }

    async fn next_emergency_end(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.tables().await?.emergencies.values().min().copied())
    }

    async fn delete_emergency(&mut self, row: &EmergencyRow) -> Result<bool> {
        let row = row.clone();
        self.change(|tables| {
            let key = (row.user, row.patient);
            let is_there = tables.emergencies.get(&key) == Some(&row.until);
            if is_there {
                Arc::make_mut(&mut tables.emergencies).remove(&key);
            }
            is_there
        })
        .await
    }
}
