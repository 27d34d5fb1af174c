//! Whiteboards, in PostgreSQL.

use super::connection::{PostgresRows, known_json, name, sql, stored, unsigned};
use crate::{
    error::{Error, Result},
    keys::RoomKey,
    store::rows::{Board, OpRow, Place, WhiteboardRows},
};
use async_trait::async_trait;
use sqlx::postgres::PgRow;

fn op_of(row: &PgRow) -> Result<OpRow> {
    let number = u32::try_from(unsigned(row, 1)?);
    Ok(OpRow {
        place: Place {
            revision: unsigned(row, 0)?,
            number: number.map_err(|_| Error::Fault("an operation's number".into()))?,
        },
        op: known_json(row, 2)?,
    })
}

#[async_trait]
impl WhiteboardRows for PostgresRows {
    async fn board(&mut self, room: &RoomKey) -> Result<Board> {
        let query = sql("SELECT revision, bytes FROM whiteboards WHERE tenant = $1 AND room = $2")
            .bind(room.tenant.as_str())
            .bind(name(room));
        let Some(row) = self.one(query).await? else {
            return Ok(Board::default());
        };
        Ok(Board {
            revision: unsigned(&row, 0)?,
            bytes: unsigned(&row, 1)?,
        })
    }

    async fn put_board(&mut self, room: &RoomKey, board: &Board) -> Result<()> {
        let query = sql(
            "INSERT INTO whiteboards (tenant, room, revision, bytes) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant, room) DO UPDATE SET revision = $3, bytes = $4",
        )
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(stored(board.revision))
        .bind(stored(board.bytes));
        self.run(query).await.map(drop)
    }

    async fn insert_op(&mut self, room: &RoomKey, offset: u64, row: &OpRow) -> Result<()> {
        let query = sql(
            "INSERT INTO whiteboard_ops (tenant, room, revision, number, told_at, op)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(stored(row.place.revision))
        .bind(i64::from(row.place.number))
        .bind(stored(offset))
        .bind(row.op.get());
        self.run(query).await.map(drop)
    }

    async fn ops(
        &mut self,
        room: &RoomKey,
        after: Place,
        floor: u64,
        limit: u32,
    ) -> Result<Vec<OpRow>> {
        let query = sql("SELECT revision, number, op FROM whiteboard_ops
             WHERE tenant = $1 AND room = $2 AND (revision, number) > ($3, $4) AND told_at > $5
             ORDER BY revision, number LIMIT $6")
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(stored(after.revision))
        .bind(i64::from(after.number))
        .bind(stored(floor))
        .bind(i64::from(limit));
        self.all(query).await?.iter().map(op_of).collect()
    }

    async fn delete_ops(&mut self, room: &RoomKey) -> Result<()> {
        let query = sql("DELETE FROM whiteboard_ops WHERE tenant = $1 AND room = $2")
            .bind(room.tenant.as_str())
            .bind(name(room));
        self.run(query).await.map(drop)
    }
}
