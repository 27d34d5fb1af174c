//! Leases on parts of charts.

use crate::error::Result;
use async_trait::async_trait;
use carewire_protocol::{ClientId, RecordId, TenantId, Timestamp, UserId};

/// Which part of which chart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordKey {
    /// Whose.
    pub tenant: TenantId,
    /// Whose chart.
    pub patient: UserId,
    /// Which part.
    pub record: RecordId,
}

/// A lease that was granted and has not been ended; its time may be over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRow {
    /// Who holds it.
    pub holder: UserId,
    /// With which device.
    pub client: ClientId,
    /// Grows with every grant of the database.
    pub token: u64,
    /// How many milliseconds it lives after a grant or a renewal.
    pub ttl: u64,
    /// When it ends, by the database's clock.
    pub expires_at: Timestamp,
}

/// Leases on parts of charts.
#[async_trait]
pub trait LeaseRows: Send {
    /// The lease on a record.
    async fn lease(&mut self, record: &RecordKey) -> Result<Option<LeaseRow>>;
    /// The leases on a patient's chart, in the order of the records.
    async fn leases_of(
        &mut self,
        tenant: &TenantId,
        patient: &UserId,
    ) -> Result<Vec<(RecordKey, LeaseRow)>>;
    /// The next fencing token, from 1.
    async fn next_token(&mut self) -> Result<u64>;
    /// Sets the lease on a record.
    async fn put_lease(&mut self, record: &RecordKey, lease: &LeaseRow) -> Result<()>;
    /// Removes the lease on a record.
    async fn delete_lease(&mut self, record: &RecordKey) -> Result<()>;
    /// Leases that end at `at` or earlier, the first to end first, at most `limit`.
    async fn leases_ending(
        &mut self,
        at: Timestamp,
        limit: u32,
    ) -> Result<Vec<(RecordKey, LeaseRow)>>;
    /// When the first lease ends.
    async fn next_lease_end(&mut self) -> Result<Option<Timestamp>>;
}
