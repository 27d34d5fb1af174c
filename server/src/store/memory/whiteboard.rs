//! Whiteboards, in memory.

use super::connection::MemoryRows;
use crate::{
    error::Result,
    keys::RoomKey,
    store::rows::{Board, OpRow, Place, WhiteboardRows},
};
use async_trait::async_trait;
use carewire_protocol::PrivateJson;
use std::{collections::BTreeMap, sync::Arc};

/// A whiteboard, with the offset of the event that told of each operation.
#[derive(Debug, Clone, Default)]
pub(super) struct Whiteboard {
    board: Board,
    ops: BTreeMap<Place, (u64, PrivateJson)>,
}

#[async_trait]
impl WhiteboardRows for MemoryRows {
    async fn board(&mut self, room: &RoomKey) -> Result<Board> {
        let tables = self.tables().await?;
        Ok(tables
            .whiteboards
            .get(room)
            .map(|board| board.board)
            .unwrap_or_default())
    }

    async fn put_board(&mut self, room: &RoomKey, board: &Board) -> Result<()> {
        self.whiteboard(room, |stored| stored.board = *board).await
    }

    async fn insert_op(&mut self, room: &RoomKey, offset: u64, row: &OpRow) -> Result<()> {
        self.whiteboard(room, |stored| {
            stored.ops.insert(row.place, (offset, row.op.clone()));
        })
        .await
    }

    async fn ops(
        &mut self,
        room: &RoomKey,
        after: Place,
        floor: u64,
        limit: u32,
    ) -> Result<Vec<OpRow>> {
        let tables = self.tables().await?;
        let Some(stored) = tables.whiteboards.get(room) else {
            return Ok(Vec::new());
        };
        let wanted = stored
            .ops
            .iter()
            .filter(|(place, (offset, _))| **place > after && *offset > floor);
        Ok(wanted
            .take(limit as usize)
            .map(|(place, (_, op))| OpRow {
                place: *place,
                op: op.clone(),
            })
            .collect())
    }

    async fn delete_ops(&mut self, room: &RoomKey) -> Result<()> {
        self.whiteboard(room, |stored| stored.ops.clear()).await
    }
}

impl MemoryRows {
    async fn whiteboard(
        &mut self,
        room: &RoomKey,
        change: impl FnOnce(&mut Whiteboard),
    ) -> Result<()> {
        self.change(|tables| {
            let boards = Arc::make_mut(&mut tables.whiteboards);
            change(Arc::make_mut(boards.entry(room.clone()).or_default()));
        })
        .await
    }
}
