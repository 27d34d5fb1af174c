//! The limit of durable sends: the rows that the server writes for a message, in batches as large
//! as the server's, through the same library with the same settings, and nothing else.

use super::process::cpu_of;
use crate::cargo;
use sqlx::{
    ConnectOptions, Connection, Executor, Row, SqliteConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// How many rooms are written to in turn.
const ROOMS: usize = 50;
/// A row of each of these for every message.
const ADVANCE: &str = "INSERT INTO rooms (tenant, room, head, floor, bytes, stamp)
    VALUES ($1, $2, 1, 0, $3, $4)
    ON CONFLICT (tenant, room) DO UPDATE SET head = head + 1, bytes = bytes + $3,
        stamp = CASE WHEN stamp < $4 THEN $4 ELSE stamp + 1 END
    RETURNING head, floor, bytes, stamp";
const MESSAGE: &str = "INSERT INTO messages (tenant, room, id, sender, sender_name, body,
        attachments, reply_to, platform, external_id, metadata, sent_at, key)
    VALUES ($1, $2, $3, $4, NULL, $5, '[]', NULL, NULL, NULL, NULL, $6, $7)";
const EVENT: &str = "INSERT INTO events (tenant, room, offset, at, type, origin, message_id, data)
    VALUES ($1, $2, $3, $4, 'message:new', $5, $6, $7)";
const CONVERSATION: &str =
    "INSERT INTO conversations (tenant, room, circle, platform, last_message,
        updated_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (tenant, room) DO UPDATE SET platform = $4,
        last_message = coalesce($5, last_message), updated_at = $6";
const KEY: &str = "INSERT INTO keys (tenant, user, key, type, reply, at)
    VALUES ($1, $2, $3, 'message:send', $4, $5)";
const TENANT: &str = "bench";

/// Writes for so long and prints messages, seconds and CPU seconds.
pub(super) fn run(database: &Path, batch: usize, seconds: f64) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut connection = open(database).await?;
        let cpu = cpu_of(std::process::id())?;
        let (started, limit) = (Instant::now(), Duration::from_secs_f64(seconds));
        let mut written = 0;
        while started.elapsed() < limit {
            connection.execute("BEGIN IMMEDIATE").await?;
            for number in written..written + batch {
                write(&mut connection, number).await?;
            }
            connection.execute("COMMIT").await?;
            written += batch;
        }
        let cpu = cpu_of(std::process::id())? - cpu;
        println!("{written} {} {cpu}", started.elapsed().as_secs_f64());
        connection.close().await?;
        Ok(())
    })
}

/// As the server opens its own.
async fn open(database: &Path) -> anyhow::Result<SqliteConnection> {
    let mut connection = SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-16384")
        .pragma("wal_autocheckpoint", "4000")
        .disable_statement_logging()
        .connect()
        .await?;
    let migrations = cargo::root().join("server/migrations/sqlite");
    Migrator::new(migrations)
        .await?
        .run(&mut connection)
        .await?;
    Ok(connection)
}

/// What one message leaves behind.
async fn write(connection: &mut SqliteConnection, number: usize) -> anyhow::Result<()> {
    let place = number % ROOMS;
    let user = format!("user-{place:02}");
    let room = format!("chat:user-{place:02}:user-{:02}", (place + 1) % ROOMS);
    let body = "m".repeat(super::fan_out::MESSAGE_BYTES);
    let key = format!("key-{number}");
    let now = i64::try_from(time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000)?;
    let row = sqlx::query(ADVANCE)
        .bind(TENANT)
        .bind(&room)
        .bind(456_i64)
        .bind(now)
        .fetch_one(&mut *connection)
        .await?;
    let (head, stamp): (i64, i64) = (row.try_get(0)?, row.try_get(3)?);
    // As the server's: a stamp of the room, then what makes it unique.
    let id = format!("{:010}{number:010}", stamp % 10_000_000_000);
    sqlx::query(MESSAGE)
        .bind(TENANT)
        .bind(&room)
        .bind(&id)
        .bind(&user)
        .bind(&body)
        .bind(now)
        .bind(&key)
        .execute(&mut *connection)
        .await?;
    let data = format!(
        r#"{{"message":{{"id":"{id}","roomId":"{room}","senderId":"{user}","body":"{body}","attachments":[],"sentAt":"2026-01-01T00:00:00.000Z","reactions":{{}},"status":"sent","key":"{key}"}}}}"#
    );
    sqlx::query(EVENT)
        .bind(TENANT)
        .bind(&room)
        .bind(head)
        .bind(now)
        .bind("c-abcdefghijklmnopqrst")
        .bind(&id)
        .bind(data)
        .execute(&mut *connection)
        .await?;
    sqlx::query(CONVERSATION)
        .bind(TENANT)
        .bind(&room)
        .bind(&room)
        .bind("internal")
        .bind(&id)
        .bind(now)
        .execute(&mut *connection)
        .await?;
    sqlx::query(KEY)
        .bind(TENANT)
        .bind(&user)
        .bind(&key)
        .bind(&id)
        .bind(now)
        .execute(&mut *connection)
        .await?;
    Ok(())
}
