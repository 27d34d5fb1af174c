//! What changed since somebody last looked: how nodes hear of what the backplane lost.

use crate::{
    error::Result,
    keys::{RoomKey, UserKey},
};
use async_trait::async_trait;
use carewire_protocol::{RoomId, TenantId, UserId};

/// How far somebody has looked. Numbers grow in the order of commits: whoever has seen one has
/// seen everything below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    /// Of the logs.
    pub logs: u64,
    /// Of the directory.
    pub directory: u64,
}

/// A log that grew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrownRow {
    /// Where to look on from: [`Mark::logs`].
    pub mark: u64,
    /// The room.
    pub room: RoomKey,
    /// Its newest offset.
    pub head: u64,
}

/// What of the directory changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Something about a user.
    User(UserKey),
    /// Who belongs to a room.
    Room(RoomKey),
    /// Anything.
    Tenant(TenantId),
}

impl Subject {
    /// Whose.
    pub fn tenant(&self) -> &TenantId {
        match self {
            Self::User(user) => &user.tenant,
            Self::Room(room) => &room.tenant,
            Self::Tenant(tenant) => tenant,
        }
    }

    /// The user that it is about.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::User(user) => Some(&user.user),
            Self::Room(_) | Self::Tenant(_) => None,
        }
    }

    /// The room that it is about.
    pub fn room(&self) -> Option<&RoomId> {
        match self {
            Self::Room(room) => Some(&room.room),
            Self::User(_) | Self::Tenant(_) => None,
        }
    }
}

/// A change of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryChangeRow {
    /// Where to look on from: [`Mark::directory`].
    pub mark: u64,
    /// What changed.
    pub subject: Subject,
}

/// What changed since somebody last looked.
#[async_trait]
pub trait ChangeRows: Send {
    /// The newest numbers there are.
    async fn mark(&mut self) -> Result<Mark>;
    /// The logs that grew after a mark, each once, in the order of the marks, at most `limit`.
    async fn grown_since(&mut self, mark: u64, limit: u32) -> Result<Vec<GrownRow>>;
    /// Stores that something of the directory changed.
    async fn note_directory_change(&mut self, subject: &Subject) -> Result<()>;
    /// What of the directory changed after a mark, each once, in the order of the marks, at most
    /// `limit`.
    async fn directory_since(&mut self, mark: u64, limit: u32) -> Result<Vec<DirectoryChangeRow>>;
}
