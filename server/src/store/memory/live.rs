//! Live rows, in memory.

use super::connection::MemoryRows;
use crate::{
    error::Result,
    store::rows::{LiveRow, LiveRows, LiveState},
};
use async_trait::async_trait;
use carewire_protocol::{TemplateId, TenantId};
use std::{collections::BTreeMap, sync::Arc};

/// A template's rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Live {
    state: LiveState,
    by_number: BTreeMap<u64, LiveRow>,
    numbers: BTreeMap<String, u64>,
}

impl MemoryRows {
    async fn live(&mut self, tenant: &TenantId, template: &TemplateId) -> Result<Arc<Live>> {
        let template = (tenant.clone(), template.clone());
        let tables = self.tables().await?;
        Ok(tables.live.get(&template).cloned().unwrap_or_default())
    }

    async fn change_live(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        change: impl FnOnce(&mut Live),
    ) -> Result<()> {
        let template = (tenant.clone(), template.clone());
        self.change(|tables| {
            let live = Arc::make_mut(&mut tables.live);
            change(Arc::make_mut(live.entry(template).or_default()));
        })
        .await
    }
}

#[async_trait]
impl LiveRows for MemoryRows {
    async fn live_state(&mut self, tenant: &TenantId, template: &TemplateId) -> Result<LiveState> {
        Ok(self.live(tenant, template).await?.state)
    }

    async fn put_live_state(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        state: &LiveState,
    ) -> Result<()> {
        let state = *state;
        self.change_live(tenant, template, |live| live.state = state)
            .await
    }

    async fn put_live_rows(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        rows: &[LiveRow],
    ) -> Result<()> {
        self.change_live(tenant, template, |live| {
            for row in rows {
                let older = live.numbers.insert(row.id.clone(), row.number);
                older.and_then(|number| live.by_number.remove(&number));
                live.by_number.insert(row.number, row.clone());
            }
        })
        .await
    }

    async fn live_rows_before(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        before: u64,
        limit: u32,
    ) -> Result<Vec<LiveRow>> {
        let live = self.live(tenant, template).await?;
        let rows = live.by_number.range(..before).rev();
        Ok(rows
            .take(limit as usize)
            .map(|(_, row)| row.clone())
            .collect())
    }

    async fn live_sizes(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
    ) -> Result<Vec<(u64, u64)>> {
        let live = self.live(tenant, template).await?;
        let rows = live.by_number.iter().rev();
        Ok(rows
            .map(|(number, row)| (*number, row.data.get().len() as u64))
            .collect())
    }

    async fn delete_live_rows(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        through: u64,
    ) -> Result<()> {
        self.change_live(tenant, template, |live| {
            live.by_number.retain(|number, _| *number > through);
            live.numbers.retain(|_, number| *number > through);
        })
        .await
    }
}
