//! Bugs planted on purpose, to show that the tests find them.
//!
//! They exist only with the feature `planted-bugs`, which refuses to compile without debug
//! assertions: no release has them. Without the feature `is` is `false` at compile time and
//! nothing of a bug is left. At most one is active, and only on the thread that turned it on.

use crate::keys::RoomKey;
use std::borrow::Cow;

/// A bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// A command is answered when its unit of work has run and before it is committed.
    AcknowledgeBeforeCommit,
    /// Events are handed over before they are committed.
    FanOutBeforeCommit,
    /// Keys are neither stored nor looked up.
    NoDeduplication,
    /// Keys are kept in memory.
    KeysNotDurable,
    /// A member that replays gets live events as well.
    LiveOvertakesReplay,
    /// The first event of a room after a start takes the newest offset again.
    OffsetReusedAfterRestart,
    /// Whoever names a position may join.
    PolicySkippedOnResume,
    /// A key is looked up together with the name of its command.
    KeyForTwoCommands,
    /// A position before a member's floor is replayed from.
    ReplayPastFloor,
    /// A deletion leaves the events of a message as they are.
    DeletedBodyReplayed,
    /// A user is offline as soon as their last connection is gone.
    PresenceWithoutGrace,
    /// A typing start lasts until somebody says that it is over.
    TypingNeverExpires,
    /// The queue of a connection has no limit.
    QueueUnbounded,
    /// A member that misses something is given what follows.
    GapIgnored,
    /// Rooms of all tenants share one name space in the hub.
    TenantMissing,
    /// A room hears that somebody has read before that is stored.
    ReadToldBeforeStored,
    /// A reaction is stored and its event is not.
    ReactionWithoutEvent,
    /// An edit replaces the event of the message that it changes.
    EditRewritesLog,
    /// A room that everybody has left is kept.
    RoomsNeverForgotten,
    /// A lease is granted while another device holds it.
    LeaseGrantedTwice,
    /// Whoever held a lease may renew it with any token.
    StaleTokenAccepted,
    /// What concerns a patient goes wherever the backend that publishes it says.
    AudienceFromTarget,
    /// Memberships are not decided anew when the directory changes.
    RevocationForgotten,
    /// What the store says of the heads of logs is not heeded: nothing brings a last event that
    /// the backplane lost.
    LastEventLost,
}

#[cfg(all(feature = "planted-bugs", not(debug_assertions)))]
compile_error!("planted bugs are for tests: a release must not have them");

#[cfg(feature = "planted-bugs")]
mod active {
    use super::Bug;
    use std::cell::Cell;

    thread_local! {
        static ACTIVE: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    impl Bug {
        /// All of them.
        pub const ALL: [Self; 24] = [
            Self::AcknowledgeBeforeCommit,
            Self::FanOutBeforeCommit,
            Self::NoDeduplication,
            Self::KeysNotDurable,
            Self::LiveOvertakesReplay,
            Self::OffsetReusedAfterRestart,
            Self::PolicySkippedOnResume,
            Self::KeyForTwoCommands,
            Self::ReplayPastFloor,
            Self::DeletedBodyReplayed,
            Self::PresenceWithoutGrace,
            Self::TypingNeverExpires,
            Self::QueueUnbounded,
            Self::GapIgnored,
            Self::TenantMissing,
            Self::ReadToldBeforeStored,
            Self::ReactionWithoutEvent,
            Self::EditRewritesLog,
            Self::RoomsNeverForgotten,
            Self::RevocationForgotten,
            Self::LeaseGrantedTwice,
            Self::StaleTokenAccepted,
            Self::AudienceFromTarget,
            Self::LastEventLost,
        ];
    }

    /// Plants a bug on this thread, in place of any other.
    pub fn plant(bug: Option<Bug>) {
        ACTIVE.set(bug);
    }

    pub(crate) fn is(bug: Bug) -> bool {
        ACTIVE.get() == Some(bug)
    }
}

#[cfg(feature = "planted-bugs")]
pub use active::plant;

#[cfg(feature = "planted-bugs")]
pub(crate) use active::is;

/// The name under which the hub keeps a room: its own.
pub(crate) fn place(room: &RoomKey) -> Cow<'_, RoomKey> {
    if is(Bug::TenantMissing)
        && let Ok(tenant) = "any".parse()
    {
        return Cow::Owned(RoomKey::new(&tenant, room.room.clone()));
    }
    Cow::Borrowed(room)
}

/// Whether a bug is active.
#[cfg(not(feature = "planted-bugs"))]
pub(crate) const fn is(_: Bug) -> bool {
    false
}
