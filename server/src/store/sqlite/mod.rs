//! The embedded database: one file, one writer, a few readers.

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
mod whiteboard;

use super::{Rows, Store, Submissions, Tx, WriterOptions, tx::Retention, writer};
use crate::{
    env::{Runtime, random_letters},
    error::{Error, Result},
};
use async_trait::async_trait;
use carewire_protocol::Epoch;
use connection::SqliteRows;
use sqlx::{
    ConnectOptions, Row, SqlitePool,
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqlitePoolOptions,
        SqliteSynchronous,
    },
};
use std::{
    fs::File,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

/// How long a statement waits for another process that has locked the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the start waits for another process that has locked the file for good.
const LOCK_PATIENCE: Duration = Duration::from_millis(500);
const READERS: u32 = 4;

/// A SQLite file. Opening it runs the migrations and takes a lock that other processes see.
pub struct SqliteStore {
    epoch: Epoch,
    readers: SqlitePool,
    jobs: Submissions,
    _lock: File,
    _folder: Option<tempfile::TempDir>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore")
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens `sqlite://FILE` or `sqlite::memory:` and starts its writer. The latter is a file in
    /// a temporary folder that is deleted at the end: connections of an in-memory SQLite cannot
    /// read while another writes.
    pub async fn open(
        url: &str,
        env: &Runtime,
        retention: Retention,
        options: WriterOptions,
    ) -> Result<Self> {
        let (path, folder) = place(url)?;
        let lock = lock(&path, env).await?;
        let base = connections(&path, folder.is_none())?;
        let mut writer = base.clone().create_if_missing(true).connect().await?;
        sqlx::migrate!("migrations/sqlite")
            .run(&mut writer)
            .await
            .map_err(|error| Error::Fault(format!("migrating the database: {error}")))?;
        let epoch = epoch(&mut writer, env).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(base.read_only(true))
            .await?;

        let rows = Box::new(SqliteRows::writer(writer));
        let tx = Tx::new(rows, env.clone(), epoch.clone(), retention);
        Ok(Self {
            epoch,
            readers,
            jobs: writer::start(tx, env, options),
            _lock: lock,
            _folder: folder,
        })
    }
}

/// What all connections to a file have in common.
fn connections(path: &Path, durable: bool) -> Result<SqliteConnectOptions> {
    Ok(SqliteConnectOptions::from_str("sqlite://")?
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .journal_mode(SqliteJournalMode::Wal)
        .locking_mode(SqliteLockingMode::Normal)
        // WAL with NORMAL loses acknowledged commits at a power cut.
        .synchronous(if durable {
            SqliteSynchronous::Full
        } else {
            SqliteSynchronous::Off
        })
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-16384")
        .pragma("wal_autocheckpoint", "4000")
        .disable_statement_logging())
}

fn place(url: &str) -> Result<(PathBuf, Option<tempfile::TempDir>)> {
    let path = url
        .strip_prefix("sqlite:")
        .map(|rest| rest.strip_prefix("//").unwrap_or(rest));
    match path.map(|path| path.split('?').next().unwrap_or(path)) {
        Some(":memory:") => {
            let folder = tempfile::Builder::new()
                .prefix("carewire-")
                .tempdir()
                .map_err(|error| Error::Fault(format!("a temporary folder: {error}")))?;
            Ok((folder.path().join("memory.db"), Some(folder)))
        }
        Some(path) if !path.is_empty() => Ok((PathBuf::from(path), None)),
        _ => Err(Error::Fault(
            "the database URL must be sqlite://FILE or sqlite::memory:".into(),
        )),
    }
}

/// Two servers on one file would each believe to be the only writer.
async fn lock(path: &Path, env: &Runtime) -> Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = File::create(&name)
        .map_err(|error| Error::Fault(format!("creating {}: {error}", name.display())))?;
    // Whoever just ended may still be held by a process between its fork and its exec.
    let until = env.now() + LOCK_PATIENCE;
    while file.try_lock().is_err() {
        if env.now() >= until {
            return Err(Error::Fault(format!(
                "another process holds the database {}",
                path.display()
            )));
        }
        env.sleep_until(env.now() + LOCK_PATIENCE / 20).await;
    }
    Ok(file)
}

async fn epoch(writer: &mut sqlx::SqliteConnection, env: &Runtime) -> Result<Epoch> {
    let fresh = random_letters(&**env, 12);
    sqlx::query("INSERT INTO meta (name, value) VALUES ('epoch', $1) ON CONFLICT DO NOTHING")
        .bind(fresh)
        .execute(&mut *writer)
        .await?;
    let row = sqlx::query("SELECT value FROM meta WHERE name = 'epoch'")
        .fetch_one(writer)
        .await?;
    Ok(Epoch::new(row.try_get::<String, _>(0)?)?)
}

#[async_trait]
impl Store for SqliteStore {
    fn epoch(&self) -> Epoch {
        self.epoch.clone()
    }

    async fn read(&self) -> Result<Box<dyn Rows>> {
        Ok(Box::new(SqliteRows::reader(self.readers.acquire().await?)))
    }

    async fn snapshot(&self) -> Result<Box<dyn Rows>> {
        Ok(Box::new(SqliteRows::snapshot(self.readers.begin().await?)))
    }

    fn jobs(&self) -> &Submissions {
        &self.jobs
    }

    async fn close(&self) {
        self.jobs.close().await;
        self.readers.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{env::TokioEnv, metrics::Metrics};
    use std::sync::Arc;

    async fn assert_durable(connection: &mut sqlx::SqliteConnection) {
        let setting = async |pragma: &'static str, connection: &mut sqlx::SqliteConnection| {
            let row = sqlx::query(pragma).fetch_one(connection).await.unwrap();
            row.try_get_unchecked::<String, _>(0).unwrap()
        };
        assert_eq!(setting("PRAGMA journal_mode", connection).await, "wal");
        // 2 is FULL: a commit returns when the disk has it.
        assert_eq!(setting("PRAGMA synchronous", connection).await, "2");
    }

    #[tokio::test]
    async fn every_connection_waits_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("carewire.db");
        let env: Runtime = Arc::new(TokioEnv::new());
        let options = WriterOptions {
            committed: Arc::new(drop),
            metrics: Arc::new(Metrics::new()),
        };
        let keep = Retention {
            events: 10,
            bytes: 10_000,
        };
        let url = format!("sqlite://{}", path.display());
        let store = SqliteStore::open(&url, &env, keep, options).await.unwrap();
        // All of them at once, so that each is seen.
        let mut readers = Vec::new();
        for _ in 0..READERS {
            readers.push(store.readers.acquire().await.unwrap());
        }
        for reader in &mut readers {
            assert_durable(reader).await;
        }
        // The writer's own is at work; it is made of the same options.
        let writer = connections(&path, true).unwrap();
        assert_durable(&mut writer.connect().await.unwrap()).await;
    }
}
