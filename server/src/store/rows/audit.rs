//! The audit trail, and access taken in an emergency.

use crate::{error::Result, keys::UserKey};
use async_trait::async_trait;
use carewire_protocol::{Role, RoomId, TenantId, Timestamp, UserId, backend::AuditAction};

/// A line of the audit trail: ids, no content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Who.
    pub user: UserKey,
    /// With which role.
    pub role: Role,
    /// When.
    pub at: Timestamp,
    /// What they did.
    pub action: AuditAction,
    /// Where.
    pub room: Option<RoomId>,
    /// By which command or call.
    pub command: Option<String>,
    /// The hour in which the same is not stored again; `None`: it is always stored.
    pub hour: Option<u64>,
}

/// What to read of the audit trail of a tenant.
#[derive(Debug, Clone, Default)]
pub struct AuditPage {
    /// Only of this user.
    pub user: Option<UserId>,
    /// Only of this room.
    pub room: Option<RoomId>,
    /// Not before this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// Only smaller numbers.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: u32,
}

/// Access to a patient that somebody took in an emergency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EmergencyRow {
    /// Who.
    pub user: UserKey,
    /// To whom.
    pub patient: UserId,
    /// Until when.
    pub until: Timestamp,
}

/// The audit trail, and access taken in an emergency. While such access is stored,
/// [`cares`](super::DirectoryRows::cares) counts it as care.
#[async_trait]
pub trait AuditRows: Send {
    /// Stores a line, unless the same is there for its hour.
    async fn insert_audit(&mut self, row: &AuditRow) -> Result<()>;
    /// Lines with their numbers, newest first.
    async fn audit(&mut self, tenant: &TenantId, page: &AuditPage) -> Result<Vec<(u64, AuditRow)>>;
    /// Forgets lines from before a time, at most `limit`. Yields how many.
    async fn delete_audit_before(&mut self, before: Timestamp, limit: u32) -> Result<u64>;
    /// Stores access, in place of what the user had to the patient in that way.
    async fn put_emergency(&mut self, row: &EmergencyRow) -> Result<()>;
    /// Access that ends at a time or before it, at most `limit`.
    async fn emergencies_ending(&mut self, at: Timestamp, limit: u32) -> Result<Vec<EmergencyRow>>;
    /// When the next access ends.
    async fn next_emergency_end(&mut self) -> Result<Option<Timestamp>>;
    /// Forgets access, if it still ends then. Yields whether it did.
    async fn delete_emergency(&mut self, row: &EmergencyRow) -> Result<bool>;
}
