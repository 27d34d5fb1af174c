//! Calls, in memory.

use super::connection::MemoryRows;
use crate::{
    error::Result,
    keys::UserKey,
    store::rows::{CallRows, PlaceRow, rings_until},
};
use async_trait::async_trait;
use carewire_protocol::{
    CallId, TenantId, Timestamp, VisitId,
    call::{Call, ParticipantState},
};
use std::{collections::BTreeMap, sync::Arc};

/// A call and the places in it.
#[derive(Debug, Clone)]
pub(super) struct StoredCall {
    call: Call,
    places: BTreeMap<carewire_protocol::UserId, PlaceRow>,
}

impl StoredCall {
    /// When something is to be done about it.
    fn due(&self) -> Option<Timestamp> {
        let kept = self.places.values().map(|place| place.kept_until).min();
        rings_until(&self.call).into_iter().chain(kept).min()
    }
}

#[async_trait]
impl CallRows for MemoryRows {
    async fn call(&mut self, tenant: &TenantId, call: &CallId) -> Result<Option<Call>> {
        let tables = self.tables().await?;
        let stored = tables.calls.get(&(tenant.clone(), call.clone()));
        Ok(stored.map(|stored| stored.call.clone()))
    }

    async fn visit_call(&mut self, tenant: &TenantId, visit: &VisitId) -> Result<Option<Call>> {
        let tables = self.tables().await?;
        let found = tables.calls.iter().find(|((of, _), stored)| {
            of == tenant
                && stored.call.visit_id.as_ref() == Some(visit)
                && !stored.call.state.is_over()
        });
        Ok(found.map(|(_, stored)| stored.call.clone()))
    }

    async fn call_of(&mut self, user: &UserKey) -> Result<Option<Call>> {
        let tables = self.tables().await?;
        let found = tables
            .calls
            .iter()
            .find(|((of, _), stored)| *of == user.tenant && stored.call.is_busy(&user.user));
        Ok(found.map(|(_, stored)| stored.call.clone()))
    }

    async fn calls(
        &mut self,
        user: &UserKey,
        before: Option<&CallId>,
        limit: u32,
    ) -> Result<Vec<Call>> {
        let tables = self.tables().await?;
        let wanted = tables.calls.iter().rev().filter(|((of, id), stored)| {
            *of == user.tenant
                && before.is_none_or(|before| id < before)
                && stored.call.participant(&user.user).is_some()
        });
        let wanted = wanted.take(limit as usize);
        Ok(wanted.map(|(_, stored)| stored.call.clone()).collect())
    }

    async fn open_calls(&mut self, tenant: &TenantId) -> Result<u64> {
        let tables = self.tables().await?;
        let open = tables
            .calls
            .iter()
            .filter(|((of, _), stored)| of == tenant && !stored.call.state.is_over());
        Ok(open.count() as u64)
    }

    async fn put_call(&mut self, tenant: &TenantId, call: &Call) -> Result<()> {
        let key = (tenant.clone(), call.call_id.clone());
        self.change(|tables| {
            let calls = Arc::make_mut(&mut tables.calls);
            let stored = calls.entry(key).or_insert_with(|| StoredCall {
                call: call.clone(),
                places: BTreeMap::new(),
            });
            stored.call = call.clone();
            stored.places.retain(|user, place| {
                call.participant(user).is_some_and(|one| {
                    one.state == ParticipantState::Joined
                        && one.client_id.as_ref() == Some(&place.client)
                        && !call.state.is_over()
                })
            });
        })
        .await
    }

    async fn keep_place(
        &mut self,
        tenant: &TenantId,
        call: &CallId,
        place: &PlaceRow,
    ) -> Result<bool> {
        let key = (tenant.clone(), call.clone());
        self.change(|tables| {
            let Some(stored) = Arc::make_mut(&mut tables.calls).get_mut(&key) else {
                return false;
            };
            let holds = !stored.call.state.is_over()
                && stored.call.participant(&place.user).is_some_and(|one| {
                    one.state == ParticipantState::Joined
                        && one.client_id.as_ref() == Some(&place.client)
                });
            if holds {
                stored.places.insert(place.user.clone(), place.clone());
            }
            holds
        })
        .await
    }

    async fn places(&mut self, tenant: &TenantId, call: &CallId) -> Result<Vec<PlaceRow>> {
        let tables = self.tables().await?;
        let stored = tables.calls.get(&(tenant.clone(), call.clone()));
        Ok(stored
            .map(|stored| stored.places.values().cloned().collect())
            .unwrap_or_default())
    }

    async fn calls_due(&mut self, at: Timestamp, limit: u32) -> Result<Vec<(TenantId, CallId)>> {
        let tables = self.tables().await?;
        let due = tables
            .calls
            .iter()
            .filter(|(_, stored)| stored.due().is_some_and(|due| due <= at));
        let due = due.take(limit as usize);
        Ok(due.map(|(key, _)| key.clone()).collect())
    }

    async fn next_call_due(&mut self) -> Result<Option<Timestamp>> {
        let tables = self.tables().await?;
        Ok(tables.calls.values().filter_map(StoredCall::due).min())
    }
}
