//! What a network does to bytes.

use std::time::Duration;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    ToServer,
    /// From the server to the client.
    ToClient,
}

impl Direction {
    /// Both of them.
    pub const BOTH: [Self; 2] = [Self::ToServer, Self::ToClient];

    pub(super) const fn index(self) -> usize {
        match self {
            Self::ToServer => 0,
            Self::ToClient => 1,
        }
    }
}

/// How one direction of a link carries bytes, until it is told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Manner {
    /// As they come.
    #[default]
    Pass,
    /// Not at all for now: nothing is read, and both sides believe that the other is slow.
    Hold,
    /// Takes everything and delivers nothing, as behind a router that lost its state. A link that
    /// has swallowed something never delivers again: TCP has no holes.
    Swallow,
    /// In writes of so many bytes.
    Slices(usize),
    /// Each read so much later.
    Delay(Duration),
}

/// What happens when a byte passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// It is left out.
    Drop,
    /// It is delivered twice.
    Double,
    /// It is delivered with other bits.
    Corrupt(u8),
    /// It and all that follows is lost; then both sides see an orderly end.
    Truncate,
    /// Both sides see a reset.
    Reset,
    /// It waits, and all that follows waits behind it.
    Stall(Duration),
    /// It and all that follows in this direction disappears; the other direction goes on.
    Swallow,
}

impl Blow {
    /// The name under which it is counted.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Drop => "byte dropped",
            Self::Double => "byte doubled",
            Self::Corrupt(_) => "byte corrupted",
            Self::Truncate => "truncated",
            Self::Reset => "reset",
            Self::Stall(_) => "stalled",
            Self::Swallow => "half-open",
        }
    }
}

impl Manner {
    /// The name under which it is counted.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "passed",
            Self::Hold => "held",
            Self::Swallow => "half-open",
            Self::Slices(_) => "sliced",
            Self::Delay(_) => "delayed",
        }
    }
}

/// What happens to one direction of a link over its life: a manner, and blows by the position of
/// the byte they hit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lane {
    /// How it begins.
    pub manner: Manner,
    /// In the order of their positions.
    pub blows: Vec<(u64, Blow)>,
}

/// What happens to a link, by [`Direction::index`].
pub(super) type Fate = [Lane; 2];
