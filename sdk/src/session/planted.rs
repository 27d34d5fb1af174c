//! Bugs planted on purpose, to show that the tests find them.
//!
//! They exist only with the feature `planted-bugs`, which refuses to compile without debug
//! assertions: no release has them. Without the feature nothing of a bug is left. At most one is
//! active, and only on the thread that turned it on.

/// A bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// A command that is repeated gets another key.
    FreshKeyOnRetry,
    /// All devices call themselves the same.
    SharedClientId,
    /// A room's position is set to the reply's offset although a replay follows.
    PositionFromReply,
    /// A gap in a room's stream is not noticed.
    GapUnnoticed,
    /// The queue of commands has no limit.
    OutboxUnbounded,
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
        pub const ALL: [Self; 5] = [
            Self::FreshKeyOnRetry,
            Self::SharedClientId,
            Self::PositionFromReply,
            Self::GapUnnoticed,
            Self::OutboxUnbounded,
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

/// Whether a bug is active.
#[cfg(not(feature = "planted-bugs"))]
pub(crate) const fn is(_: Bug) -> bool {
    false
}
