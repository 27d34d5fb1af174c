//! A connection to PostgreSQL, and reading its rows. Statements are SQLite's where PostgreSQL has
//! the same, so that the two stay comparable line by line.

use super::{
    session::{ANSWER_TIMEOUT, Session, is_lost},
    text::unescaped,
};
use crate::{
    error::{Error, Result},
    keys::RoomKey,
    store::rows::{CommitError, Rows},
};
use async_trait::async_trait;
use carewire_protocol::{PrivateJson, PrivateText, Timestamp};
use sqlx::{
    PgConnection, Postgres, Row, Transaction,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    query::Query,
};
use std::str::FromStr;
use tokio::time::timeout;

enum Handle {
    Writer(Box<Session>),
    Reader(PoolConnection<Postgres>),
    Snapshot(Transaction<'static, Postgres>),
    Closed,
}

/// A connection: the writer's, one for single statements, or one for a consistent view.
pub(in crate::store) struct PostgresRows(Handle);

impl PostgresRows {
    pub(super) fn writer(session: Session) -> Self {
        Self(Handle::Writer(Box::new(session)))
    }

    pub(super) fn reader(connection: PoolConnection<Postgres>) -> Self {
        Self(Handle::Reader(connection))
    }

    pub(super) fn snapshot(transaction: Transaction<'static, Postgres>) -> Self {
        Self(Handle::Snapshot(transaction))
    }

    fn connection(&mut self) -> Result<&mut PgConnection> {
        match &mut self.0 {
            Handle::Writer(session) => session.connection(),
            Handle::Reader(connection) => Ok(connection),
            Handle::Snapshot(transaction) => Ok(transaction),
            Handle::Closed => Err(Error::Unavailable("the connection is closed".into())),
        }
    }

    pub(super) async fn run(&mut self, query: Query<'_, Postgres, PgArguments>) -> Result<u64> {
        let answer = timeout(ANSWER_TIMEOUT, query.execute(self.connection()?)).await;
        Ok(self.noted(answer.ok())?.rows_affected())
    }

    pub(super) async fn one(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Option<PgRow>> {
        let answer = timeout(ANSWER_TIMEOUT, query.fetch_optional(self.connection()?)).await;
        self.noted(answer.ok())
    }

    pub(super) async fn all(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>> {
        let answer = timeout(ANSWER_TIMEOUT, query.fetch_all(self.connection()?)).await;
        self.noted(answer.ok())
    }

    /// Remembers a failure, and gives up a connection that does not answer.
    fn noted<T>(&mut self, answer: Option<Result<T, sqlx::Error>>) -> Result<T> {
        let answer =
            answer.unwrap_or_else(|| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())));
        if let Err(error) = &answer {
            let lost = is_lost(error);
            match std::mem::replace(&mut self.0, Handle::Closed) {
                Handle::Writer(mut session) => {
                    session.failed(lost);
                    self.0 = Handle::Writer(session);
                }
                // Out of the pool: another one takes its place.
                Handle::Reader(connection) if lost => drop(connection.detach()),
                kept => self.0 = kept,
            }
        }
        answer.map_err(Error::from)
    }
}

#[async_trait]
impl Rows for PostgresRows {
    async fn begin(&mut self) -> Result<()> {
        match &mut self.0 {
            Handle::Writer(session) => session.begin().await,
            _ => Err(not_the_writer()),
        }
    }

    async fn commit(&mut self) -> Result<(), CommitError> {
        match &mut self.0 {
            Handle::Writer(session) => session.commit().await,
            _ => Err(CommitError::RolledBack(not_the_writer())),
        }
    }

    async fn rollback(&mut self) -> Result<()> {
        if let Handle::Writer(session) = &mut self.0 {
            session.rollback().await;
        }
        Ok(())
    }

    async fn settle(&mut self) -> Result<bool> {
        match &mut self.0 {
            Handle::Writer(session) => session.settle().await,
            _ => Err(not_the_writer()),
        }
    }

    async fn clock(&mut self) -> Result<Option<Timestamp>> {
        let query = sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::BIGINT");
        let row = self.one(query).await?;
        let ms = row.map(|row| row.try_get(0)).transpose()?;
        Ok(ms.map(Timestamp::from_millis))
    }

    async fn close(&mut self) -> Result<()> {
        match std::mem::replace(&mut self.0, Handle::Closed) {
            Handle::Writer(mut session) => session.close().await,
            Handle::Snapshot(transaction) => Ok(transaction.rollback().await?),
            // A reader goes back into the pool.
            Handle::Reader(_) | Handle::Closed => Ok(()),
        }
    }
}

fn not_the_writer() -> Error {
    Error::Fault("a transaction of a connection that only reads".into())
}

pub(super) fn sql(text: &'static str) -> Query<'static, Postgres, PgArguments> {
    sqlx::query(text)
}

/// Numbers are stored as signed integers; the contract keeps all of them below 2⁵³.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(row: &PgRow, index: usize) -> Result<u64> {
    Ok(u64::try_from(row.try_get::<i64, _>(index)?).unwrap_or_default())
}

pub(super) fn parsed<T: FromStr<Err: Into<Error>>>(row: &PgRow, index: usize) -> Result<T> {
    row.try_get::<&str, _>(index)?.parse().map_err(Into::into)
}

pub(super) fn optional<T: FromStr<Err: Into<Error>>>(
    row: &PgRow,
    index: usize,
) -> Result<Option<T>> {
    row.try_get::<Option<&str>, _>(index)?
        .map(str::parse)
        .transpose()
        .map_err(Into::into)
}

pub(super) fn text(row: &PgRow, index: usize) -> Result<Option<PrivateText>> {
    Ok(row
        .try_get::<Option<String>, _>(index)?
        .map(unescaped)
        .map(PrivateText::from))
}

pub(super) fn known_text(row: &PgRow, index: usize) -> Result<String> {
    Ok(unescaped(row.try_get(index)?))
}

pub(super) fn json(row: &PgRow, index: usize) -> Result<Option<PrivateJson>> {
    Ok(row
        .try_get::<Option<String>, _>(index)?
        .map(PrivateJson::parse)
        .transpose()?)
}

pub(super) fn known_json(row: &PgRow, index: usize) -> Result<PrivateJson> {
    Ok(PrivateJson::parse(row.try_get::<String, _>(index)?)?)
}

pub(super) fn time(row: &PgRow, index: usize) -> Result<Option<Timestamp>> {
    Ok(row
        .try_get::<Option<i64>, _>(index)?
        .map(Timestamp::from_millis))
}

pub(super) fn known_time(row: &PgRow, index: usize) -> Result<Timestamp> {
    Ok(Timestamp::from_millis(row.try_get::<i64, _>(index)?))
}

pub(super) fn name(room: &RoomKey) -> String {
    room.room.to_string()
}
