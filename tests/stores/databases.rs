//! The databases under test, and what a test does with each of them alike.

use carewire_protocol::{
    PrivateJson, RoomId, TenantId, Timestamp, UserId, channel::PublishedEvent,
};
use carewire_server::{
    env::{Runtime, TokioEnv},
    error::Result,
    keys::{RoomKey, UserKey},
    metrics::Metrics,
    store::{self, Committed, MemoryDatabase, NoHooks, Retention, Rows, Store, Tx, WriterOptions},
};
use carewire_tests::Postgres;
use futures_util::future::BoxFuture;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;

/// A database that stores come and go on.
pub(crate) enum Database {
    Memory(MemoryDatabase),
    Sqlite(TempDir),
    Postgres(String),
}

/// A store that is open, and what its writer has handed over.
pub(crate) struct Open {
    pub(crate) store: Arc<dyn Store>,
    heard: Arc<Mutex<Vec<Committed>>>,
}

pub(crate) fn env() -> Runtime {
    Arc::new(TokioEnv::new())
}

/// Keeps everything.
pub(crate) const KEEP: Retention = Retention {
    events: u64::MAX / 2,
    bytes: u64::MAX / 2,
};

impl Database {
    pub(crate) fn memory() -> Self {
        Self::Memory(MemoryDatabase::new(&env()).unwrap())
    }

    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(TempDir::new().unwrap())
    }

    pub(crate) fn postgres() -> Self {
        Self::Postgres(Postgres::shared().database())
    }

    pub(crate) async fn open(&self) -> Open {
        self.open_keeping(KEEP).await
    }

    pub(crate) async fn open_keeping(&self, retention: Retention) -> Open {
        self.open_in(&env(), retention).await
    }

    pub(crate) async fn open_in(&self, env: &Runtime, retention: Retention) -> Open {
        let heard = Arc::<Mutex<Vec<Committed>>>::default();
        let hears = Arc::clone(&heard);
        let options = WriterOptions {
            committed: Arc::new(move |events| hears.lock().unwrap().extend(events)),
            metrics: Arc::new(Metrics::new()),
        };
        let store: Arc<dyn Store> = match self {
            Self::Memory(database) => {
                Arc::new(database.open(env, retention, options, Arc::new(NoHooks)))
            }
            Self::Sqlite(folder) => {
                let file = folder.path().join("carewire.db");
                let url = format!("sqlite://{}", file.display());
                store::open(&url, env, retention, options).await.unwrap()
            }
            Self::Postgres(url) => store::open(url, env, retention, options).await.unwrap(),
        };
        Open { store, heard }
    }
}

impl Open {
    /// A unit of work.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        store::write(&*self.store, work).await
    }

    pub(crate) async fn read(&self) -> Box<dyn Rows> {
        self.store.read().await.unwrap()
    }

    /// Appends an event to a channel.
    pub(crate) async fn append(&self, room: &RoomKey, text: &str) -> Result<u64> {
        let (room, event) = (room.clone(), event(room, text));
        self.write(move |tx| Box::pin(async move { tx.append(&room, None, &event).await }))
            .await
    }

    /// What the writer has handed over, as places in logs.
    pub(crate) fn heard(&self) -> Vec<(RoomKey, u64)> {
        let heard = self.heard.lock().unwrap();
        let place = |committed: &Committed| match committed {
            Committed::Event(event) => Some((event.room.clone(), event.offset)),
            Committed::Rows(_) => None,
        };
        heard.iter().filter_map(place).collect()
    }

    /// The offsets that a room's log holds.
    pub(crate) async fn offsets(&self, room: &RoomKey) -> Vec<u64> {
        let events = self.read().await.events_after(room, 0, 100_000).await;
        events.unwrap().iter().map(|event| event.offset).collect()
    }
}

pub(crate) fn tenant() -> TenantId {
    TenantId::new("clinic").unwrap()
}

pub(crate) fn room(name: &str) -> RoomKey {
    RoomKey::new(&tenant(), name.parse::<RoomId>().unwrap())
}

pub(crate) fn user(id: &str) -> UserKey {
    UserKey::new(&tenant(), &UserId::new(id).unwrap())
}

pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

pub(crate) fn json(text: &str) -> PrivateJson {
    PrivateJson::parse(text.to_owned()).unwrap()
}

pub(crate) fn event(room: &RoomKey, text: &str) -> PublishedEvent {
    PublishedEvent {
        channel: room.room.clone(),
        event: "test".into(),
        payload: PrivateJson::from_value(&text).unwrap(),
    }
}

/// Longer than anything here takes.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// Runs each of these tests on every database.
macro_rules! on_every_database {
    ($($test:ident),+ $(,)?) => {
        mod memory {
            use crate::databases::Database;
            $(#[tokio::test] async fn $test() { super::$test(Database::memory()).await; })+
        }
        mod sqlite {
            use crate::databases::Database;
            $(#[tokio::test] async fn $test() { super::$test(Database::sqlite()).await; })+
        }
        mod postgres {
            use crate::databases::Database;
            $(
                #[tokio::test]
                #[cfg_attr(not(postgres), ignore = "PostgreSQL is not installed")]
                async fn $test() { super::$test(Database::postgres()).await; }
            )+
        }
    };
}

/// Runs each of these tests on every database that several stores may have open at once.
macro_rules! on_shared_databases {
    ($($test:ident),+ $(,)?) => {
        mod memory {
            use crate::databases::Database;
            $(#[tokio::test] async fn $test() { super::$test(Database::memory()).await; })+
        }
        mod postgres {
            use crate::databases::Database;
            $(
                #[tokio::test]
                #[cfg_attr(not(postgres), ignore = "PostgreSQL is not installed")]
                async fn $test() { super::$test(Database::postgres()).await; }
            )+
        }
    };
}
