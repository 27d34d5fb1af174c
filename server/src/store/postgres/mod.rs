//! A database server, shared by any number of nodes.

mod audit;
mod calls;
mod changes;
mod connection;
mod directory;
mod inbox;
mod leases;
mod live;
mod log;
mod messages;
mod notifications;
mod reports;
mod session;
mod text;
mod whiteboard;

use super::{Rows, Store, Submissions, Tx, WriterOptions, tx::Retention, writer};
use crate::{
    env::{Runtime, random_letters},
    error::{Error, Result},
};
use async_trait::async_trait;
use carewire_protocol::Epoch;
use connection::PostgresRows;
use session::{STATEMENT_TIMEOUT, Session};
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, Row,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr, time::Duration};

const READERS: u32 = 8;
/// A connection that was idle for this long is tried before it is used.
const TRY_AFTER: Duration = Duration::from_secs(1);
/// The oldest version whose features are used and that is still maintained.
const OLDEST: i32 = 140_000;

/// A PostgreSQL database. Opening it runs the migrations.
pub struct PostgresStore {
    epoch: Epoch,
    readers: PgPool,
    jobs: Submissions,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore")
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// Opens `postgres://…` and starts a writer. Several stores may have the same database open.
    pub async fn open(
        url: &str,
        env: &Runtime,
        retention: Retention,
        options: WriterOptions,
    ) -> Result<Self> {
        let base = PgConnectOptions::from_str(url)
            // Without the cause: it may quote the password.
            .map_err(|_| Error::Fault("the database URL cannot be read".into()))?
            .application_name("carewire")
            // The migrations' notice that their table is there.
            .options([("client_min_messages", "warning")])
            .disable_statement_logging();
        let epoch = prepare(&base, env).await?;
        let ms = STATEMENT_TIMEOUT.as_millis().to_string();
        let base = base.options([
            ("statement_timeout", ms.as_str()),
            // A node that is stopped within a transaction holds up the others until this.
            ("idle_in_transaction_session_timeout", ms.as_str()),
        ]);
        let readers = PgPoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .acquire_timeout(Duration::from_secs(5))
            .test_before_acquire(false)
            .before_acquire(|connection, about| {
                Box::pin(async move {
                    if about.idle_for > TRY_AFTER {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(
                base.clone()
                    .options([("default_transaction_read_only", "on")]),
            )
            .await?;
        let session = Session::new(base, random_letters(&**env, 20));
        let rows = Box::new(PostgresRows::writer(session));
        let tx = Tx::new(rows, env.clone(), epoch.clone(), retention);
        Ok(Self {
            epoch,
            readers,
            jobs: writer::start(tx, env, options),
        })
    }
}

/// Makes the tables and the epoch where there are none. Nodes that start at once wait for each
/// other: the migrations are run under a lock.
async fn prepare(options: &PgConnectOptions, env: &Runtime) -> Result<Epoch> {
    let mut connection = PgConnection::connect_with(options).await?;
    let version = "SELECT current_setting('server_version_num')::int, current_setting('fsync')";
    let row = sqlx::query(version).fetch_one(&mut connection).await?;
    if row.try_get::<i32, _>(0)? < OLDEST {
        return Err(Error::Fault("PostgreSQL 14 or later is needed".into()));
    }
    if row.try_get::<String, _>(1)? == "off" {
        tracing::warn!("fsync is off in this PostgreSQL: a power cut can lose everything");
    }
    sqlx::migrate!("migrations/postgres")
        .run(&mut connection)
        .await
        .map_err(|error| Error::Fault(format!("migrating the database: {error}")))?;
    let fresh = random_letters(&**env, 12);
    sqlx::query("INSERT INTO meta (name, value) VALUES ('epoch', $1) ON CONFLICT DO NOTHING")
        .bind(fresh)
        .execute(&mut connection)
        .await?;
    // Whoever wrote a day ago and not since has ended.
    sqlx::query("DELETE FROM writers WHERE at < now() - interval '1 day'")
        .execute(&mut connection)
        .await?;
    let row = sqlx::query("SELECT value FROM meta WHERE name = 'epoch'")
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok(Epoch::new(row.try_get::<String, _>(0)?)?)
}

#[async_trait]
impl Store for PostgresStore {
    fn epoch(&self) -> Epoch {
        self.epoch.clone()
    }

    async fn read(&self) -> Result<Box<dyn Rows>> {
        let connection = self.readers.acquire().await?;
        Ok(Box::new(PostgresRows::reader(connection)))
    }

    async fn snapshot(&self) -> Result<Box<dyn Rows>> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let transaction = self.readers.begin_with(begin).await?;
        Ok(Box::new(PostgresRows::snapshot(transaction)))
    }

    fn jobs(&self) -> &Submissions {
        &self.jobs
    }

    async fn close(&self) {
        self.jobs.close().await;
        self.readers.close().await;
    }
}
