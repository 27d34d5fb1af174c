//! Live rows: of each row of a template, the newest.

use crate::error::Result;
use async_trait::async_trait;
use carewire_protocol::{PrivateJson, TemplateId, TenantId};

/// What there is of a template's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LiveState {
    /// The number of the newest row; 0 before the first.
    pub number: u64,
    /// At least as many as are stored. Rows that replaced others are counted until somebody counts
    /// again.
    pub rows: u64,
    /// At least as many bytes as they have.
    pub bytes: u64,
}

/// A row of live data.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveRow {
    /// Grows with every row of the template.
    pub number: u64,
    /// What it is the newest of.
    pub id: String,
    /// As the backend gave it.
    pub data: PrivateJson,
}

/// Live rows.
#[async_trait]
pub trait LiveRows: Send {
    /// What there is of a template's rows.
    async fn live_state(&mut self, tenant: &TenantId, template: &TemplateId) -> Result<LiveState>;
    /// Stores that.
    async fn put_live_state(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        state: &LiveState,
    ) -> Result<()>;
    /// Stores rows, each in place of the one with its id. No id comes twice.
    async fn put_live_rows(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        rows: &[LiveRow],
    ) -> Result<()>;
    /// Rows with smaller numbers than this, newest first, at most `limit`.
    async fn live_rows_before(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        before: u64,
        limit: u32,
    ) -> Result<Vec<LiveRow>>;
    /// The number and the bytes of every row, newest first.
    async fn live_sizes(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
    ) -> Result<Vec<(u64, u64)>>;
    /// Forgets rows up to a number.
    async fn delete_live_rows(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        through: u64,
    ) -> Result<()>;
}
