//! Who is who and may see whom, in memory.

use super::connection::MemoryRows;
use crate::{
    error::Result,
    keys::UserKey,
    store::rows::{DirectoryRows, StatusRow, ThreadRow, UserRow},
};
use async_trait::async_trait;
use carewire_protocol::{
    PrivateText, TenantId, ThreadId, Timestamp, UserId, VisitId, presence::PresenceStatus,
};
use std::sync::Arc;

#[async_trait]
impl DirectoryRows for MemoryRows {
    async fn person(&mut self, user: &UserKey) -> Result<Option<(UserRow, StatusRow)>> {
        Ok(self.tables().await?.users.get(user).cloned())
    }

    async fn put_user(&mut self, user: &UserKey, row: &UserRow) -> Result<()> {
        self.change(|tables| {
            let users = Arc::make_mut(&mut tables.users);
            match users.get_mut(user) {
                Some((old, _)) if old.declared && !row.declared => {}
                Some((old, _)) => *old = row.clone(),
                None => drop(users.insert(user.clone(), (row.clone(), StatusRow::default()))),
            }
        })
        .await
    }

    async fn put_status(
        &mut self,
        user: &UserKey,
        status: &PresenceStatus,
        custom: Option<&PrivateText>,
    ) -> Result<()> {
        self.change(|tables| {
            if let Some((_, row)) = Arc::make_mut(&mut tables.users).get_mut(user) {
                row.status = Some(status.clone());
                row.custom_status = custom.cloned();
            }
        })
        .await
    }

    async fn put_last_seen(&mut self, user: &UserKey, at: Timestamp) -> Result<()> {
        self.change(|tables| {
            if let Some((_, row)) = Arc::make_mut(&mut tables.users).get_mut(user) {
                row.last_seen = Some(at);
            }
        })
        .await
    }

    async fn cares(
        &mut self,
        tenant: &TenantId,
        provider: &UserId,
        patient: &UserId,
    ) -> Result<bool> {
        let pair = (UserKey::new(tenant, provider), patient.clone());
        let tables = self.tables().await?;
        Ok(tables.care.contains(&pair) || tables.emergencies.contains_key(&pair))
    }

    async fn set_care(
        &mut self,
        tenant: &TenantId,
        provider: &UserId,
        patient: &UserId,
        cares: bool,
    ) -> Result<()> {
        let pair = (UserKey::new(tenant, provider), patient.clone());
        self.change(|tables| {
            let care = Arc::make_mut(&mut tables.care);
            if cares {
                care.insert(pair);
            } else {
                care.remove(&pair);
            }
        })
        .await
    }

    async fn visit_exists(&mut self, tenant: &TenantId, visit: &VisitId) -> Result<bool> {
        let visit = (tenant.clone(), visit.clone());
        Ok(self.tables().await?.visits.contains(&visit))
    }

    async fn put_visit(&mut self, tenant: &TenantId, visit: &VisitId) -> Result<()> {
        let visit = (tenant.clone(), visit.clone());
        self.change(|tables| {
            Arc::make_mut(&mut tables.visits).insert(visit);
        })
        .await
    }

    async fn thread(&mut self, tenant: &TenantId, thread: &ThreadId) -> Result<Option<ThreadRow>> {
        let thread = (tenant.clone(), thread.clone());
        Ok(self.tables().await?.threads.get(&thread).cloned())
    }

    async fn put_thread(
        &mut self,
        tenant: &TenantId,
        thread: &ThreadId,
        row: &ThreadRow,
    ) -> Result<()> {
        let thread = (tenant.clone(), thread.clone());
        self.change(|tables| {
            let threads = Arc::make_mut(&mut tables.threads);
            let mut row = row.clone();
            if let Some(old) = threads.get(&thread) {
                row.creator.clone_from(&old.creator);
            }
            threads.insert(thread, row);
        })
        .await
    }
}
