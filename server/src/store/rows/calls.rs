//! Calls, and the devices that hold places in them.

use crate::{error::Result, keys::UserKey};
use async_trait::async_trait;
use carewire_protocol::{CallId, ClientId, TenantId, Timestamp, UserId, VisitId, call::Call};

/// A place in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceRow {
    /// Whose.
    pub user: UserId,
    /// The device that holds it.
    pub client: ClientId,
    /// When it is lost without a sign of the device, by the database's clock.
    pub kept_until: Timestamp,
    /// Whether the device is known to be gone. Where it is not, its node is.
    pub gone: bool,
}

/// Calls, and the devices that hold places in them.
#[async_trait]
pub trait CallRows: Send {
    /// A call.
    async fn call(&mut self, tenant: &TenantId, call: &CallId) -> Result<Option<Call>>;
    /// The call of a visit that is not over.
    async fn visit_call(&mut self, tenant: &TenantId, visit: &VisitId) -> Result<Option<Call>>;
    /// The call in which a user rings or is.
    async fn call_of(&mut self, user: &UserKey) -> Result<Option<Call>>;
    /// A user's calls, the newest first, those before one, at most `limit`.
    async fn calls(
        &mut self,
        user: &UserKey,
        before: Option<&CallId>,
        limit: u32,
    ) -> Result<Vec<Call>>;
    /// How many calls of a tenant are not over.
    async fn open_calls(&mut self, tenant: &TenantId) -> Result<u64>;
    /// Stores a call and who is concerned by it; nobody who was is taken out. Whoever is in it with the same device as before
    /// keeps their place; other places have to be kept with [`CallRows::keep_place`].
    async fn put_call(&mut self, tenant: &TenantId, call: &Call) -> Result<()>;
    /// Keeps a place until a time. Yields whether the device holds it.
    async fn keep_place(
        &mut self,
        tenant: &TenantId,
        call: &CallId,
        place: &PlaceRow,
    ) -> Result<bool>;
    /// The places in a call, in the order of the users.
    async fn places(&mut self, tenant: &TenantId, call: &CallId) -> Result<Vec<PlaceRow>>;
    /// Calls that have rung, or in which a place was kept, until `at` or earlier; at most `limit`.
    async fn calls_due(&mut self, at: Timestamp, limit: u32) -> Result<Vec<(TenantId, CallId)>>;
    /// When the first call is due.
    async fn next_call_due(&mut self) -> Result<Option<Timestamp>>;
}

/// Until when somebody rings in a call.
pub(in crate::store) fn rings_until(call: &Call) -> Option<Timestamp> {
    let rings = |call: &Call| {
        let mut people = call.participants.iter();
        people.any(|one| one.state == carewire_protocol::call::ParticipantState::Ringing)
    };
    call.expires_at
        .filter(|_| !call.state.is_over() && rings(call))
}
