//! A connection to SQLite, and reading its rows. Placeholders are `$n` and no statement here is
//! SQLite's alone where PostgreSQL has the same, so that the two stay comparable line by line.

use crate::{
    error::{Error, Result},
    keys::RoomKey,
    store::rows::{CommitError, Rows},
};
use async_trait::async_trait;
use carewire_protocol::{PrivateJson, PrivateText, Timestamp};
use sqlx::{
    Connection, Row, Sqlite, SqliteConnection, Transaction,
    pool::PoolConnection,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};
use std::str::FromStr;

enum Handle {
    Writer(SqliteConnection),
    Reader(PoolConnection<Sqlite>),
    Snapshot(Transaction<'static, Sqlite>),
    Closed,
}

/// A connection: the writer's, one for single statements, or one for a consistent view.
pub(in crate::store) struct SqliteRows(Handle);

impl SqliteRows {
    pub(super) fn writer(connection: SqliteConnection) -> Self {
        Self(Handle::Writer(connection))
    }

    pub(super) fn reader(connection: PoolConnection<Sqlite>) -> Self {
        Self(Handle::Reader(connection))
    }

    pub(super) fn snapshot(transaction: Transaction<'static, Sqlite>) -> Self {
        Self(Handle::Snapshot(transaction))
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection> {
        match &mut self.0 {
            Handle::Writer(connection) => Ok(connection),
            Handle::Reader(connection) => Ok(connection),
            Handle::Snapshot(transaction) => Ok(transaction),
            Handle::Closed => Err(Error::Unavailable("the connection is closed".into())),
        }
    }

    pub(super) async fn run(&mut self, query: Query<'_, Sqlite, SqliteArguments>) -> Result<u64> {
        Ok(query.execute(self.connection()?).await?.rows_affected())
    }

    pub(super) async fn one(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Option<SqliteRow>> {
        Ok(query.fetch_optional(self.connection()?).await?)
    }

    pub(super) async fn all(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Vec<SqliteRow>> {
        Ok(query.fetch_all(self.connection()?).await?)
    }
}

#[async_trait]
impl Rows for SqliteRows {
    async fn begin(&mut self) -> Result<()> {
        self.run(sql("BEGIN IMMEDIATE")).await.map(drop)
    }

    async fn commit(&mut self) -> Result<(), CommitError> {
        let committed = self.run(sql("COMMIT")).await;
        committed.map(drop).map_err(CommitError::RolledBack)
    }

    async fn rollback(&mut self) -> Result<()> {
        // Some failures (a full disk) have rolled back already, and then there is nothing to do.
        let _ = self.run(sql("ROLLBACK")).await;
        Ok(())
    }

    async fn settle(&mut self) -> Result<bool> {
        // The file is in this process: there is no answer to be lost.
        Ok(false)
    }

    async fn close(&mut self) -> Result<()> {
        match std::mem::replace(&mut self.0, Handle::Closed) {
            Handle::Writer(connection) => Ok(connection.close().await?),
            Handle::Snapshot(transaction) => Ok(transaction.rollback().await?),
            // A reader goes back into the pool.
            Handle::Reader(_) | Handle::Closed => Ok(()),
        }
    }
}

pub(super) fn sql(text: &'static str) -> Query<'static, Sqlite, SqliteArguments> {
    sqlx::query(text)
}

/// Numbers are stored as signed integers; the contract keeps all of them below 2⁵³.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(row: &SqliteRow, index: usize) -> Result<u64> {
    Ok(u64::try_from(row.try_get::<i64, _>(index)?).unwrap_or_default())
}

pub(super) fn parsed<T: FromStr<Err: Into<Error>>>(row: &SqliteRow, index: usize) -> Result<T> {
    row.try_get::<&str, _>(index)?.parse().map_err(Into::into)
}

pub(super) fn optional<T: FromStr<Err: Into<Error>>>(
    row: &SqliteRow,
    index: usize,
) -> Result<Option<T>> {
    row.try_get::<Option<&str>, _>(index)?
        .map(str::parse)
        .transpose()
        .map_err(Into::into)
}

pub(super) fn text(row: &SqliteRow, index: usize) -> Result<Option<PrivateText>> {
    Ok(row
        .try_get::<Option<&str>, _>(index)?
        .map(PrivateText::from))
}

pub(super) fn json(row: &SqliteRow, index: usize) -> Result<Option<PrivateJson>> {
    Ok(row
        .try_get::<Option<String>, _>(index)?
        .map(PrivateJson::parse)
        .transpose()?)
}

pub(super) fn known_json(row: &SqliteRow, index: usize) -> Result<PrivateJson> {
    Ok(PrivateJson::parse(row.try_get::<String, _>(index)?)?)
}

pub(super) fn time(row: &SqliteRow, index: usize) -> Result<Option<Timestamp>> {
    Ok(row
        .try_get::<Option<i64>, _>(index)?
        .map(Timestamp::from_millis))
}

pub(super) fn known_time(row: &SqliteRow, index: usize) -> Result<Timestamp> {
    Ok(Timestamp::from_millis(row.try_get::<i64, _>(index)?))
}

pub(super) fn name(room: &RoomKey) -> String {
    room.room.to_string()
}
