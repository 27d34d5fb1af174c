//! The names of things inside the server. The tenant is part of every one of them, so nothing
//! can be looked up, joined or delivered without saying whose it is.

use carewire_protocol::{RoomId, TenantId, UserId};
use std::fmt;

/// A user of a tenant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserKey {
    /// Whose.
    pub tenant: TenantId,
    /// Who.
    pub user: UserId,
}

/// A room of a tenant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomKey {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub room: RoomId,
}

impl UserKey {
    /// Names a user.
    pub fn new(tenant: &TenantId, user: &UserId) -> Self {
        Self {
            tenant: tenant.clone(),
            user: user.clone(),
        }
    }

    /// The room of this user's devices.
    pub fn room(&self) -> RoomKey {
        RoomKey::new(&self.tenant, RoomId::User(self.user.clone()))
    }
}

impl RoomKey {
    /// Names a room.
    pub fn new(tenant: &TenantId, room: RoomId) -> Self {
        Self {
            tenant: tenant.clone(),
            room,
        }
    }
}

impl fmt::Debug for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.tenant, self.user)
    }
}

impl fmt::Debug for RoomKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.tenant, self.room)
    }
}
