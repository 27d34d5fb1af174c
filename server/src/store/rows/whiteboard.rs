//! What is drawn in a room.

use crate::{error::Result, keys::RoomKey};
use async_trait::async_trait;
use carewire_protocol::PrivateJson;

/// The state of a room's whiteboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Board {
    /// Grows with every update and every wipe; 0 before the first.
    pub revision: u64,
    /// The size of what is on it.
    pub bytes: u64,
}

/// An operation's place on a whiteboard: the update, and where in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// The revision that the update made.
    pub revision: u64,
    /// Which of its operations, from 1.
    pub number: u32,
}

/// An operation that is on a whiteboard.
#[derive(Debug, Clone, PartialEq)]
pub struct OpRow {
    /// Where.
    pub place: Place,
    /// What was drawn.
    pub op: PrivateJson,
}

/// What is drawn in rooms.
#[async_trait]
pub trait WhiteboardRows: Send {
    /// The state of a whiteboard.
    async fn board(&mut self, room: &RoomKey) -> Result<Board>;
    /// Sets the state of a whiteboard.
    async fn put_board(&mut self, room: &RoomKey, board: &Board) -> Result<()>;
    /// Adds an operation that the event at `offset` tells of.
    async fn insert_op(&mut self, room: &RoomKey, offset: u64, row: &OpRow) -> Result<()>;
    /// Operations after a place that were told of after an offset, in order, at most `limit`.
    async fn ops(
        &mut self,
        room: &RoomKey,
        after: Place,
        floor: u64,
        limit: u32,
    ) -> Result<Vec<OpRow>>;
    /// Removes all operations.
    async fn delete_ops(&mut self, room: &RoomKey) -> Result<()>;
}
