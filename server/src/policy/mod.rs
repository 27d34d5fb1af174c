//! May this identity do this to this room? One plain function a room kind, over facts that were
//! looked up before, so that the whole table can be tested without a database.

mod access;
mod facts;
mod rules;

pub use access::AccessRules;
pub use facts::{Facts, gather, may_see_presence, may_talk};
pub use rules::{Decision, Options, decide};

use crate::auth::Identity;
use async_trait::async_trait;
use carewire_protocol::{ErrorReply, RoomId, TenantId, ThreadId, UserId};
use std::time::Duration;

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Join a room, which is to read it.
    Join,
    /// Write there: messages, typing, whiteboards, the application's own events.
    Write,
    /// Read its messages without joining.
    History,
    /// Publish to a channel.
    Publish,
    /// Look at a chart, in its `patient:` room.
    View,
    /// Take a lease on a part of it, there too.
    Lock,
    /// Call a person, named by their `user:` room.
    Call,
    /// See a person's presence, named in the same way.
    Presence,
}

impl Action {
    /// The refusal of the contract, section 4.
    pub fn refusal(self, room: &RoomId) -> ErrorReply {
        match (self, room) {
            (Self::Join | Self::Publish, RoomId::Channel(channel))
                if channel.domain() == "admin" =>
            {
                ErrorReply::admin_channel_denied()
            }
            (Self::Join, _) => ErrorReply::room_denied(),
            (Self::Write | Self::History, _) => ErrorReply::conversation_denied(),
            (Self::Publish | Self::View | Self::Lock | Self::Call | Self::Presence, _) => {
                ErrorReply::denied()
            }
        }
    }
}

/// What an application may put in place of the rules of this module.
///
/// It is asked for every [`Action`] and decides alone, but for what follows from a token: services,
/// and the rooms that [follow from it](follows_from_token). The tenant is never in question: rooms
/// of another tenant do not exist for the asker.
#[async_trait]
pub trait Authoriser: Send + Sync + 'static {
    /// Whether `identity` may do `action` to `room`. An error denies.
    async fn allow(&self, identity: &Identity, action: Action, room: &RoomId) -> bool;

    /// How long a decision lives, that a member may stay included. For ever by default: then only a
    /// change of the directory, or a backend that asks for it, has it decided anew.
    fn lifetime(&self) -> Option<Duration> {
        None
    }

    /// How much longer than a look into the directory it may take.
    fn patience(&self) -> Duration {
        Duration::ZERO
    }

    /// What it remembers of a user, of a room or of the tenant no longer counts.
    fn forget(&self, _tenant: &TenantId, _user: Option<&UserId>, _room: Option<&RoomId>) {}
}

/// Whether nobody but the token decides who may be in a room.
pub fn follows_from_token(room: &RoomId) -> bool {
    matches!(
        room,
        RoomId::User(_)
            | RoomId::Notifications(_)
            | RoomId::Tenant(_)
            | RoomId::Staff(_)
            | RoomId::Backend(_)
    )
}

/// The people who share a conversation: the pair of a chat, the members of a thread, the
/// participants of a visit and its call. Rows of the directory are kept by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circle {
    name: String,
    pair: Option<(UserId, UserId)>,
    thread: Option<ThreadId>,
}

impl Circle {
    /// The circle of a room with messages; other rooms have none.
    pub fn of(room: &RoomId) -> Option<Self> {
        match room {
            RoomId::Chat(a, b) => Some(Self {
                name: room.to_string(),
                pair: Some((a.clone(), b.clone())),
                thread: None,
            }),
            RoomId::Thread(thread) => Some(Self {
                name: room.to_string(),
                pair: None,
                thread: Some(thread.clone()),
            }),
            RoomId::Visit(visit) => Some(Self {
                name: format!("visit:{visit}"),
                pair: None,
                thread: None,
            }),
            RoomId::Call(call) => Some(Self {
                name: format!("visit:{call}"),
                pair: None,
                thread: None,
            }),
            _ => None,
        }
    }

    /// Its name in the directory.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The two of a chat.
    pub fn pair(&self) -> Option<(&UserId, &UserId)> {
        self.pair.as_ref().map(|(a, b)| (a, b))
    }

    /// The thread, where it is one.
    pub fn thread(&self) -> Option<&ThreadId> {
        self.thread.as_ref()
    }
}
