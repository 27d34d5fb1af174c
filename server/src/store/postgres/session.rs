//! The writer's connection: made again when it is lost, and asked what became of a commit.

use crate::error::{Error, Result};
use crate::store::rows::CommitError;
use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection, Row,
    postgres::{PgConnectOptions, PgDatabaseError, PgSeverity},
};
use std::time::Duration;
use tokio::time::timeout;

/// How long the server lets a statement run, its wait for a lock included.
pub(super) const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long we wait for an answer: more than the server may take, so that only a connection whose
/// other end is gone meets it.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// One transaction writes at a time, on all nodes together: this lock is taken by each. Any
/// number would do; this one spells `carewire`.
const WRITER_LOCK: i64 = i64::from_be_bytes(*b"carewire");

pub(super) struct Session {
    options: PgConnectOptions,
    connection: Option<PgConnection>,
    /// This process, in the table of writers.
    id: String,
    /// The number of the newest transaction.
    batch: u64,
    /// A statement of the transaction failed: PostgreSQL would answer its commit by rolling back
    /// and call that a success.
    failed: bool,
}

impl Session {
    /// `id` is made of letters and digits.
    pub(super) fn new(options: PgConnectOptions, id: String) -> Self {
        Self {
            options,
            connection: None,
            id,
            batch: 0,
            failed: false,
        }
    }

    pub(super) fn connection(&mut self) -> Result<&mut PgConnection> {
        self.connection
            .as_mut()
            .ok_or_else(|| Error::Unavailable("the database connection is lost".into()))
    }

    /// A statement of the transaction failed; with `lost`, together with its connection.
    pub(super) fn failed(&mut self, lost: bool) {
        self.failed = true;
        if lost {
            self.connection = None;
        }
    }

    pub(super) async fn begin(&mut self) -> Result<()> {
        self.batch += 1;
        self.failed = false;
        let begin = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
             SELECT pg_advisory_xact_lock({WRITER_LOCK});
             INSERT INTO writers (id, batch, at) VALUES ('{}', {}, now())
             ON CONFLICT (id) DO UPDATE SET batch = excluded.batch, at = excluded.at",
            self.id, self.batch
        );
        if self.connection.is_some() {
            match self.execute(begin.clone()).await {
                // What was idle may have been lost meanwhile, and nothing is begun then.
                Err(error) if is_lost(&error) => self.connection = None,
                other => return other.map_err(Error::from),
            }
        }
        self.connect().await?;
        self.execute(begin).await.map_err(|error| {
            if is_lost(&error) {
                self.connection = None;
            }
            error.into()
        })
    }

    pub(super) async fn commit(&mut self) -> Result<(), CommitError> {
        if self.failed || self.connection.is_none() {
            let why = "a statement of the transaction failed".into();
            return Err(CommitError::RolledBack(Error::Unavailable(why)));
        }
        match self.execute("COMMIT".into()).await {
            Ok(()) => Ok(()),
            Err(error) if is_lost(&error) => {
                self.connection = None;
                Err(CommitError::Unknown(error.into()))
            }
            Err(error) => Err(CommitError::RolledBack(error.into())),
        }
    }

    pub(super) async fn rollback(&mut self) {
        if self.connection.is_some() && self.execute("ROLLBACK".into()).await.is_err() {
            self.connection = None;
        }
    }

    /// Whether the newest transaction was committed. Its number is in the table of writers then;
    /// and it has ended, one way or the other, when the lock is ours.
    pub(super) async fn settle(&mut self) -> Result<bool> {
        self.connect().await?;
        let settled = self.newest_batch().await;
        self.rollback().await;
        Ok(settled? == Some(self.batch))
    }

    async fn newest_batch(&mut self) -> Result<Option<u64>> {
        let lock = format!(
            "BEGIN; SET LOCAL lock_timeout = '1s'; SELECT pg_advisory_xact_lock({WRITER_LOCK})"
        );
        self.execute(lock).await?;
        let query = sqlx::query("SELECT batch FROM writers WHERE id = $1").bind(self.id.clone());
        let row = query.fetch_optional(self.connection()?).await?;
        let batch = row.map(|row| row.try_get::<i64, _>(0)).transpose()?;
        Ok(batch.and_then(|batch| u64::try_from(batch).ok()))
    }

    pub(super) async fn close(&mut self) -> Result<()> {
        match self.connection.take() {
            Some(connection) => Ok(connection.close().await?),
            None => Ok(()),
        }
    }

    async fn connect(&mut self) -> Result<()> {
        self.connection = None;
        let connecting = async {
            let mut connection = PgConnection::connect_with(&self.options).await?;
            require_durability(&mut connection).await?;
            Ok::<_, Error>(connection)
        };
        let connected = timeout(CONNECT_TIMEOUT, connecting).await;
        let slow = |_| Error::Unavailable("the database does not answer".into());
        self.connection = Some(connected.map_err(slow)??);
        Ok(())
    }

    async fn execute(&mut self, text: String) -> Result<(), sqlx::Error> {
        let Some(connection) = &mut self.connection else {
            return Err(sqlx::Error::WorkerCrashed);
        };
        let statement = connection.execute(sqlx::raw_sql(AssertSqlSafe(text)));
        match timeout(ANSWER_TIMEOUT, statement).await {
            Ok(answer) => answer.map(drop),
            Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
        }
    }
}

/// Whether an error leaves open what the server did: everything but its own word that it failed
/// and goes on.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error
            .try_downcast_ref::<PgDatabaseError>()
            .is_none_or(|error| !matches!(error.severity(), PgSeverity::Error)),
        _ => true,
    }
}

/// What is acknowledged must be on a disk: a database that is configured to answer before that
/// is told otherwise for this connection.
async fn require_durability(connection: &mut PgConnection) -> Result<()> {
    let durability = "SELECT current_setting('synchronous_commit')";
    let setting = |row: sqlx::postgres::PgRow| row.try_get::<String, _>(0);
    if setting(sqlx::query(durability).fetch_one(&mut *connection).await?)? == "off" {
        connection.execute("SET synchronous_commit = on").await?;
        if setting(sqlx::query(durability).fetch_one(connection).await?)? == "off" {
            let why = "synchronous_commit cannot be turned on".into();
            return Err(Error::Fault(why));
        }
    }
    Ok(())
}
