//! Who is who and may see whom.

use crate::{error::Result, keys::UserKey};
use async_trait::async_trait;
use carewire_protocol::{
    Platform, PrivateJson, PrivateText, Role, TenantId, ThreadId, Timestamp, UserId, VisitId,
    presence::PresenceStatus,
};

/// A person as the server knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Their role.
    pub role: Role,
    /// Their name.
    pub name: Option<PrivateText>,
    /// A backend said so; what tokens say does not replace it.
    pub declared: bool,
}

/// A person's presence, as far as it outlives their connections.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusRow {
    /// The status they set.
    pub status: Option<PresenceStatus>,
    /// The words beside it.
    pub custom_status: Option<PrivateText>,
    /// When their last connection ended.
    pub last_seen: Option<Timestamp>,
}

/// A thread.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreadRow {
    /// Its title.
    pub title: Option<PrivateText>,
    /// Where it takes place.
    pub platform: Platform,
    /// Any JSON of the application.
    pub metadata: Option<PrivateJson>,
    /// Who made it; a backend when absent.
    pub creator: Option<UserId>,
}

/// Who is who and may see whom.
#[async_trait]
pub trait DirectoryRows: Send {
    /// A user, with their set status.
    async fn person(&mut self, user: &UserKey) -> Result<Option<(UserRow, StatusRow)>>;
    /// A user.
    async fn user(&mut self, user: &UserKey) -> Result<Option<UserRow>> {
        Ok(self.person(user).await?.map(|(row, _)| row))
    }
    /// Stores a user. A declared one is replaced only by a declared one.
    async fn put_user(&mut self, user: &UserKey, row: &UserRow) -> Result<()>;
    /// A user's set status.
    async fn status(&mut self, user: &UserKey) -> Result<StatusRow> {
        Ok(self.person(user).await?.unzip().1.unwrap_or_default())
    }
    /// Stores a user's set status.
    async fn put_status(
        &mut self,
        user: &UserKey,
        status: &PresenceStatus,
        custom: Option<&PrivateText>,
    ) -> Result<()>;
    /// Stores when a user was last seen.
    async fn put_last_seen(&mut self, user: &UserKey, at: Timestamp) -> Result<()>;
    /// Whether a provider cares for a patient.
    async fn cares(
        &mut self,
        tenant: &TenantId,
        provider: &UserId,
        patient: &UserId,
    ) -> Result<bool>;
    /// Adds or removes a provider to a patient's care team.
    async fn set_care(
        &mut self,
        tenant: &TenantId,
        provider: &UserId,
        patient: &UserId,
        cares: bool,
    ) -> Result<()>;
    /// Whether a visit exists.
    async fn visit_exists(&mut self, tenant: &TenantId, visit: &VisitId) -> Result<bool>;
    /// Stores a visit.
    async fn put_visit(&mut self, tenant: &TenantId, visit: &VisitId) -> Result<()>;
    /// A thread.
    async fn thread(&mut self, tenant: &TenantId, thread: &ThreadId) -> Result<Option<ThreadRow>>;
    /// Stores a thread.
    async fn put_thread(
        &mut self,
        tenant: &TenantId,
        thread: &ThreadId,
        row: &ThreadRow,
    ) -> Result<()>;
}
