//! The statements in SQLite. Placeholders are `$n` and nothing here is SQLite's alone where
//! PostgreSQL has the same, so that the two stay comparable line by line.

use super::rows::{
    ConversationRow, EventRow, Floor, KeyRow, Log, MemberRow, MessagePage, Rows, StatusRow,
    ThreadRow, UserRow,
};
use crate::{
    error::{Error, Result},
    keys::{RoomKey, UserKey},
};
use async_trait::async_trait;
use carewire_protocol::{
    Key, MessageId, Platform, PrivateJson, PrivateText, ReportId, Role, RoomId, TemplateId,
    TenantId, ThreadId, Timestamp, UserId, VisitId,
    message::{Message, MessageStatus},
    presence::PresenceStatus,
    room::Receipts,
};
use sqlx::{
    Row, Sqlite, SqliteConnection, Transaction,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};
use std::{collections::BTreeMap, fmt::Display, str::FromStr};

enum Handle {
    Writer(SqliteConnection),
    Reader(Transaction<'static, Sqlite>),
    Closed,
}

/// A connection: the writer's, or a reader's transaction.
pub(super) struct SqliteRows(Handle);

impl SqliteRows {
    pub(super) fn writer(connection: SqliteConnection) -> Self {
        Self(Handle::Writer(connection))
    }

    pub(super) fn reader(transaction: Transaction<'static, Sqlite>) -> Self {
        Self(Handle::Reader(transaction))
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection> {
        match &mut self.0 {
            Handle::Writer(connection) => Ok(connection),
            Handle::Reader(transaction) => Ok(transaction),
            Handle::Closed => Err(Error::Unavailable("the connection is closed".into())),
        }
    }

    async fn run(&mut self, query: Query<'_, Sqlite, SqliteArguments>) -> Result<u64> {
        Ok(query.execute(self.connection()?).await?.rows_affected())
    }

    async fn one(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Option<SqliteRow>> {
        Ok(query.fetch_optional(self.connection()?).await?)
    }

    async fn all(&mut self, query: Query<'_, Sqlite, SqliteArguments>) -> Result<Vec<SqliteRow>> {
        Ok(query.fetch_all(self.connection()?).await?)
    }
}

fn sql(text: &'static str) -> Query<'static, Sqlite, SqliteArguments> {
    sqlx::query(text)
}

/// Numbers are stored as signed integers; the contract keeps all of them below 2⁵³.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(row: &SqliteRow, index: usize) -> Result<u64> {
    Ok(u64::try_from(row.try_get::<i64, _>(index)?).unwrap_or_default())
}

fn parsed<T: FromStr<Err: Into<Error>>>(row: &SqliteRow, index: usize) -> Result<T> {
    row.try_get::<&str, _>(index)?.parse().map_err(Into::into)
}

fn optional<T: FromStr<Err: Into<Error>>>(row: &SqliteRow, index: usize) -> Result<Option<T>> {
    row.try_get::<Option<&str>, _>(index)?
        .map(str::parse)
        .transpose()
        .map_err(Into::into)
}

fn text(row: &SqliteRow, index: usize) -> Result<Option<PrivateText>> {
    Ok(row
        .try_get::<Option<&str>, _>(index)?
        .map(PrivateText::from))
}

fn json(row: &SqliteRow, index: usize) -> Result<Option<PrivateJson>> {
    Ok(row
        .try_get::<Option<String>, _>(index)?
        .map(PrivateJson::parse)
        .transpose()?)
}

fn time(row: &SqliteRow, index: usize) -> Result<Option<Timestamp>> {
    Ok(row
        .try_get::<Option<i64>, _>(index)?
        .map(Timestamp::from_millis))
}

fn known_time(row: &SqliteRow, index: usize) -> Result<Timestamp> {
    Ok(Timestamp::from_millis(row.try_get::<i64, _>(index)?))
}

fn name(room: &RoomKey) -> String {
    room.room.to_string()
}

fn display(value: Option<&impl Display>) -> Option<String> {
    value.map(ToString::to_string)
}

fn log_of(row: &SqliteRow) -> Result<Log> {
    Ok(Log {
        head: unsigned(row, 0)?,
        floor: unsigned(row, 1)?,
        bytes: unsigned(row, 2)?,
        stamp: unsigned(row, 3)?,
    })
}

fn event_of(row: &SqliteRow) -> Result<EventRow> {
    Ok(EventRow {
        offset: unsigned(row, 0)?,
        at: known_time(row, 1)?,
        name: row.try_get(2)?,
        origin: optional(row, 3)?,
        message_id: optional(row, 4)?,
        data: PrivateJson::parse(row.try_get::<String, _>(5)?)?,
    })
}

fn message_of(row: &SqliteRow) -> Result<Message> {
    Ok(Message {
        id: parsed(row, 0)?,
        room_id: parsed(row, 1)?,
        sender_id: parsed(row, 2)?,
        sender_name: text(row, 3)?,
        body: row.try_get::<&str, _>(4)?.into(),
        attachments: serde_json::from_str(row.try_get::<&str, _>(5)?)?,
        reply_to: optional(row, 6)?,
        platform: optional(row, 7)?,
        metadata: json(row, 8)?,
        sent_at: known_time(row, 9)?,
        edited_at: time(row, 10)?,
        deleted_at: time(row, 11)?,
        reactions: BTreeMap::new(),
        status: MessageStatus::Sent,
        key: optional(row, 12)?,
    })
}

fn conversation_of(row: &SqliteRow, tenant: &TenantId) -> Result<ConversationRow> {
    Ok(ConversationRow {
        room: RoomKey::new(tenant, parsed::<RoomId>(row, 0)?),
        platform: parsed(row, 1)?,
        last_message: optional(row, 2)?,
        updated_at: known_time(row, 3)?,
    })
}

fn member_of(row: &SqliteRow) -> Result<MemberRow> {
    Ok(MemberRow {
        user: parsed(row, 0)?,
        floor: Floor {
            offset: unsigned(row, 1)?,
            message: row.try_get(2)?,
        },
    })
}

/// The columns of a message, in the order of [`message_of`].
macro_rules! message_columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, room, sender, sender_name, body, attachments, reply_to, platform, \
             metadata, sent_at, edited_at, deleted_at, key FROM messages ",
            $rest
        )
    };
}

impl SqliteRows {
    async fn add_reactions(&mut self, tenant: &TenantId, message: &mut Message) -> Result<()> {
        let query = sql("SELECT emoji, user FROM reactions WHERE tenant = $1 AND message_id = $2")
            .bind(tenant.as_str())
            .bind(message.id.as_str());
        for row in self.all(query).await? {
            let users: &mut Vec<UserId> = message.reactions.entry(row.try_get(0)?).or_default();
            users.push(parsed(&row, 1)?);
        }
        Ok(())
    }
}

#[async_trait]
impl Rows for SqliteRows {
    async fn begin(&mut self) -> Result<()> {
        self.run(sql("BEGIN IMMEDIATE")).await.map(drop)
    }

    async fn commit(&mut self) -> Result<()> {
        self.run(sql("COMMIT")).await.map(drop)
    }

    async fn rollback(&mut self) -> Result<()> {
        // Some failures (a full disk) have rolled back already, and then there is nothing to do.
        let _ = self.run(sql("ROLLBACK")).await;
        Ok(())
    }

    async fn close(&mut self) -> Result<()> {
        match std::mem::replace(&mut self.0, Handle::Closed) {
            Handle::Writer(connection) => Self::end(connection).await,
            Handle::Reader(transaction) => Ok(transaction.rollback().await?),
            Handle::Closed => Ok(()),
        }
    }

    async fn log(&mut self, room: &RoomKey) -> Result<Log> {
        let query =
            sql("SELECT head, floor, bytes, stamp FROM rooms WHERE tenant = $1 AND room = $2")
                .bind(room.tenant.as_str())
                .bind(name(room));
        self.one(query)
            .await?
            .map_or(Ok(Log::default()), |row| log_of(&row))
    }

    async fn advance(&mut self, room: &RoomKey, bytes: u64, now: Timestamp) -> Result<Log> {
        let query = sql("INSERT INTO rooms (tenant, room, head, floor, bytes, stamp)
             VALUES ($1, $2, 1, 0, $3, $4)
             ON CONFLICT (tenant, room) DO UPDATE SET head = head + 1, bytes = bytes + $3,
                 stamp = CASE WHEN stamp < $4 THEN $4 ELSE stamp + 1 END
             RETURNING head, floor, bytes, stamp")
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(stored(bytes))
        .bind(now.as_millis().max(1));
        let row = self
            .one(query)
            .await?
            .ok_or_else(|| Error::Fault("no row returned".into()))?;
        log_of(&row)
    }

    async fn insert_event(&mut self, room: &RoomKey, event: &EventRow) -> Result<()> {
        let query = sql(
            "INSERT INTO events (tenant, room, offset, at, type, origin, message_id, data)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(stored(event.offset))
        .bind(event.at.as_millis())
        .bind(&event.name)
        .bind(event.origin.as_deref())
        .bind(event.message_id.as_deref())
        .bind(event.data.get());
        self.run(query).await.map(drop)
    }

    async fn events_after(
        &mut self,
        room: &RoomKey,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<EventRow>> {
        let query = sql(
            "SELECT offset, at, type, origin, message_id, data FROM events
             WHERE tenant = $1 AND room = $2 AND offset > $3 ORDER BY offset LIMIT $4",
        )
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(stored(offset))
        .bind(limit);
        self.all(query).await?.iter().map(event_of).collect()
    }

    async fn events_of_message(
        &mut self,
        room: &RoomKey,
        message: &MessageId,
    ) -> Result<Vec<EventRow>> {
        let query = sql(
            "SELECT offset, at, type, origin, message_id, data FROM events
             WHERE tenant = $1 AND room = $2 AND message_id = $3 ORDER BY offset",
        )
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(message.as_str());
        self.all(query).await?.iter().map(event_of).collect()
    }

    async fn set_event_data(
        &mut self,
        room: &RoomKey,
        offset: u64,
        data: &PrivateJson,
    ) -> Result<()> {
        let query =
            sql("UPDATE events SET data = $4 WHERE tenant = $1 AND room = $2 AND offset = $3")
                .bind(room.tenant.as_str())
                .bind(name(room))
                .bind(stored(offset))
                .bind(data.get());
        self.run(query).await.map(drop)
    }

    async fn trim(&mut self, room: &RoomKey, floor: u64) -> Result<()> {
        let query = sql("UPDATE rooms SET floor = $3, bytes = max(0, bytes - (
                 SELECT coalesce(sum(length(data)), 0) FROM events
                 WHERE tenant = $1 AND room = $2 AND offset <= $3))
             WHERE tenant = $1 AND room = $2 AND floor < $3")
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(stored(floor));
        self.run(query).await?;
        let query = sql("DELETE FROM events WHERE tenant = $1 AND room = $2 AND offset <= $3")
            .bind(room.tenant.as_str())
            .bind(name(room))
            .bind(stored(floor));
        self.run(query).await.map(drop)
    }

    async fn rooms_with_events(
        &mut self,
        after: Option<&RoomKey>,
        limit: u32,
    ) -> Result<Vec<RoomKey>> {
        let query = sql("SELECT tenant, room FROM rooms
             WHERE (tenant, room) > ($1, $2) AND head > floor ORDER BY tenant, room LIMIT $3")
        .bind(after.map_or("", |room| room.tenant.as_str()))
        .bind(after.map(name).unwrap_or_default())
        .bind(limit);
        let rows = self.all(query).await?;
        rows.iter()
            .map(|row| {
                Ok(RoomKey {
                    tenant: parsed(row, 0)?,
                    room: parsed(row, 1)?,
                })
            })
            .collect()
    }

    async fn offset_before(&mut self, room: &RoomKey, since: Timestamp) -> Result<u64> {
        let query = sql("SELECT coalesce(
                 (SELECT min(offset) - 1 FROM events WHERE tenant = $1 AND room = $2 AND at >= $3),
                 (SELECT head FROM rooms WHERE tenant = $1 AND room = $2), 0)")
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(since.as_millis());
        self.one(query)
            .await?
            .map_or(Ok(0), |row| unsigned(&row, 0))
    }

    async fn insert_message(
        &mut self,
        tenant: &TenantId,
        message: &Message,
        external_id: Option<&str>,
    ) -> Result<()> {
        let query = sql(
            "INSERT INTO messages (tenant, room, id, sender, sender_name, body,
                 attachments, reply_to, platform, external_id, metadata, sent_at, key)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(tenant.as_str())
        .bind(message.room_id.to_string())
        .bind(message.id.as_str())
        .bind(message.sender_id.as_str())
        .bind(message.sender_name.as_deref())
        .bind(&*message.body)
        .bind(serde_json::to_string(&message.attachments)?)
        .bind(message.reply_to.as_deref())
        .bind(message.platform.as_deref())
        .bind(external_id)
        .bind(message.metadata.as_ref().map(PrivateJson::get))
        .bind(message.sent_at.as_millis())
        .bind(message.key.as_deref());
        self.run(query).await.map(drop)
    }

    async fn message(&mut self, tenant: &TenantId, id: &MessageId) -> Result<Option<Message>> {
        let query = sql(message_columns!("WHERE tenant = $1 AND id = $2"))
            .bind(tenant.as_str())
            .bind(id.as_str());
        let Some(row) = self.one(query).await? else {
            return Ok(None);
        };
        let mut message = message_of(&row)?;
        self.add_reactions(tenant, &mut message).await?;
        Ok(Some(message))
    }

    async fn message_by_external_id(
        &mut self,
        tenant: &TenantId,
        platform: &Platform,
        external_id: &str,
    ) -> Result<Option<MessageId>> {
        let query = sql("SELECT id FROM messages
             WHERE tenant = $1 AND platform = $2 AND external_id = $3")
        .bind(tenant.as_str())
        .bind(platform.as_str())
        .bind(external_id);
        self.one(query)
            .await?
            .map(|row| parsed(&row, 0))
            .transpose()
    }

    async fn messages(&mut self, room: &RoomKey, page: &MessagePage) -> Result<Vec<Message>> {
        let oldest_first = page.after.is_some();
        let text = if oldest_first {
            message_columns!(
                "WHERE tenant = $1 AND room = $2 AND id > $3 AND ($4 IS NULL OR id < $4)
                 AND ($5 IS NULL OR reply_to = $5) AND id > $6 ORDER BY id LIMIT $7"
            )
        } else {
            message_columns!(
                "WHERE tenant = $1 AND room = $2 AND id > $3 AND ($4 IS NULL OR id < $4)
                 AND ($5 IS NULL OR reply_to = $5) AND id > $6 ORDER BY id DESC LIMIT $7"
            )
        };
        let query = sql(text)
            .bind(room.tenant.as_str())
            .bind(name(room))
            .bind(page.after.as_deref().unwrap_or_default())
            .bind(page.before.as_deref())
            .bind(page.reply_to.as_deref())
            .bind(&page.floor)
            .bind(page.limit);
        let mut messages = self
            .all(query)
            .await?
            .iter()
            .map(message_of)
            .collect::<Result<Vec<_>>>()?;
        if !oldest_first {
            messages.reverse();
        }
        if let (Some(first), Some(last)) = (messages.first(), messages.last()) {
            let query = sql("SELECT r.message_id, r.emoji, r.user FROM messages m
                 JOIN reactions r ON r.tenant = m.tenant AND r.message_id = m.id
                 WHERE m.tenant = $1 AND m.room = $2 AND m.id BETWEEN $3 AND $4
                 ORDER BY r.message_id, r.emoji, r.user")
            .bind(room.tenant.as_str())
            .bind(name(room))
            .bind(first.id.as_str())
            .bind(last.id.as_str());
            for row in self.all(query).await? {
                let id: MessageId = parsed(&row, 0)?;
                if let Ok(index) = messages.binary_search_by(|m| m.id.cmp(&id)) {
                    let users = messages[index]
                        .reactions
                        .entry(row.try_get(1)?)
                        .or_default();
                    users.push(parsed(&row, 2)?);
                }
            }
        }
        Ok(messages)
    }

    async fn set_body(
        &mut self,
        tenant: &TenantId,
        id: &MessageId,
        body: &PrivateText,
        at: Timestamp,
    ) -> Result<()> {
        let query =
            sql("UPDATE messages SET body = $3, edited_at = $4 WHERE tenant = $1 AND id = $2")
                .bind(tenant.as_str())
                .bind(id.as_str())
                .bind(&**body)
                .bind(at.as_millis());
        self.run(query).await.map(drop)
    }

    async fn blank_message(
        &mut self,
        tenant: &TenantId,
        id: &MessageId,
        at: Timestamp,
    ) -> Result<()> {
        let query = sql(
            "UPDATE messages SET body = '', attachments = '[]', metadata = NULL,
                 deleted_at = $3 WHERE tenant = $1 AND id = $2",
        )
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(at.as_millis());
        self.run(query).await?;
        let query = sql("DELETE FROM reactions WHERE tenant = $1 AND message_id = $2")
            .bind(tenant.as_str())
            .bind(id.as_str());
        self.run(query).await.map(drop)
    }

    async fn set_reaction(
        &mut self,
        tenant: &TenantId,
        message: &MessageId,
        emoji: &str,
        user: &UserId,
        added: bool,
    ) -> Result<bool> {
        let query =
            if added {
                sql("INSERT INTO reactions (tenant, message_id, emoji, user) VALUES ($1, $2, $3, $4)
                 ON CONFLICT DO NOTHING")
            } else {
                sql("DELETE FROM reactions
                 WHERE tenant = $1 AND message_id = $2 AND emoji = $3 AND user = $4")
            };
        let query = query
            .bind(tenant.as_str())
            .bind(message.as_str())
            .bind(emoji)
            .bind(user.as_str());
        Ok(self.run(query).await? > 0)
    }

    async fn set_message_status(
        &mut self,
        tenant: &TenantId,
        message: &MessageId,
        user: &UserId,
        status: &MessageStatus,
    ) -> Result<()> {
        let query = sql(
            "INSERT INTO message_statuses (tenant, message_id, user, status)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant, message_id, user) DO UPDATE SET status = $4",
        )
        .bind(tenant.as_str())
        .bind(message.as_str())
        .bind(user.as_str())
        .bind(status.as_str());
        self.run(query).await.map(drop)
    }

    async fn message_statuses(
        &mut self,
        tenant: &TenantId,
        message: &MessageId,
    ) -> Result<BTreeMap<UserId, MessageStatus>> {
        let query = sql("SELECT user, status FROM message_statuses
             WHERE tenant = $1 AND message_id = $2")
        .bind(tenant.as_str())
        .bind(message.as_str());
        let rows = self.all(query).await?;
        rows.iter()
            .map(|row| Ok((parsed(row, 0)?, row.try_get::<&str, _>(1)?.into())))
            .collect()
    }

    async fn delete_messages_before(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let query = sql("DELETE FROM messages WHERE (tenant, room, id) IN (
                 SELECT tenant, room, id FROM messages WHERE sent_at < $1 LIMIT $2)")
        .bind(before.as_millis())
        .bind(limit);
        self.run(query).await
    }

    async fn cursors(&mut self, room: &RoomKey) -> Result<BTreeMap<UserId, Receipts>> {
        let query =
            sql("SELECT user, delivered, read FROM cursors WHERE tenant = $1 AND room = $2")
                .bind(room.tenant.as_str())
                .bind(name(room));
        let rows = self.all(query).await?;
        rows.iter()
            .map(|row| {
                let receipts = Receipts {
                    delivered: optional(row, 1)?,
                    read: optional(row, 2)?,
                };
                Ok((parsed(row, 0)?, receipts))
            })
            .collect()
    }

    async fn cursor(&mut self, room: &RoomKey, user: &UserId) -> Result<Receipts> {
        let query = sql("SELECT delivered, read FROM cursors
             WHERE tenant = $1 AND room = $2 AND user = $3")
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(user.as_str());
        let Some(row) = self.one(query).await? else {
            return Ok(Receipts::default());
        };
        Ok(Receipts {
            delivered: optional(&row, 0)?,
            read: optional(&row, 1)?,
        })
    }

    async fn set_cursor(&mut self, room: &RoomKey, user: &UserId, to: &Receipts) -> Result<()> {
        let query = sql("INSERT INTO cursors (tenant, room, user, delivered, read)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, room, user) DO UPDATE SET delivered = $4, read = $5")
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(user.as_str())
        .bind(to.delivered.as_deref())
        .bind(to.read.as_deref());
        self.run(query).await.map(drop)
    }

    async fn unread(&mut self, room: &RoomKey, user: &UserId, floor: &str) -> Result<u64> {
        let query = sql("SELECT count(*) FROM messages
             WHERE tenant = $1 AND room = $2 AND id > $4 AND sender <> $3 AND deleted_at IS NULL
               AND id > coalesce((SELECT read FROM cursors
                                  WHERE tenant = $1 AND room = $2 AND user = $3), '')")
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(user.as_str())
        .bind(floor);
        self.one(query)
            .await?
            .map_or(Ok(0), |row| unsigned(&row, 0))
    }

    async fn key(&mut self, user: &UserKey, key: &Key) -> Result<Option<KeyRow>> {
        let query =
            sql("SELECT type, reply FROM keys WHERE tenant = $1 AND user = $2 AND key = $3")
                .bind(user.tenant.as_str())
                .bind(user.user.as_str())
                .bind(key.as_str());
        let Some(row) = self.one(query).await? else {
            return Ok(None);
        };
        Ok(Some(KeyRow {
            name: row.try_get(0)?,
            reply: row.try_get(1)?,
        }))
    }

    async fn insert_key(
        &mut self,
        user: &UserKey,
        key: &Key,
        row: &KeyRow,
        at: Timestamp,
    ) -> Result<()> {
        let query = sql("INSERT INTO keys (tenant, user, key, type, reply, at)
             VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(user.tenant.as_str())
        .bind(user.user.as_str())
        .bind(key.as_str())
        .bind(&row.name)
        .bind(&row.reply)
        .bind(at.as_millis());
        self.run(query).await.map(drop)
    }

    async fn delete_keys_before(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let query = sql(
            "DELETE FROM keys WHERE rowid IN (SELECT rowid FROM keys ORDER BY rowid LIMIT $2)
             AND at < $1",
        )
        .bind(before.as_millis())
        .bind(limit);
        self.run(query).await
    }

    async fn user(&mut self, user: &UserKey) -> Result<Option<UserRow>> {
        let query = sql("SELECT role, name, declared FROM users WHERE tenant = $1 AND id = $2")
            .bind(user.tenant.as_str())
            .bind(user.user.as_str());
        let Some(row) = self.one(query).await? else {
            return Ok(None);
        };
        Ok(Some(UserRow {
            role: Role::from(row.try_get::<&str, _>(0)?),
            name: text(&row, 1)?,
            declared: row.try_get(2)?,
        }))
    }

    async fn put_user(&mut self, user: &UserKey, row: &UserRow) -> Result<()> {
        let query = sql("INSERT INTO users (tenant, id, role, name, declared)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, id) DO UPDATE SET role = $3, name = $4, declared = $5
             WHERE $5 OR NOT declared")
        .bind(user.tenant.as_str())
        .bind(user.user.as_str())
        .bind(row.role.as_str())
        .bind(row.name.as_deref())
        .bind(row.declared);
        self.run(query).await.map(drop)
    }

    async fn status(&mut self, user: &UserKey) -> Result<StatusRow> {
        let query = sql("SELECT status, custom_status, last_seen FROM users
             WHERE tenant = $1 AND id = $2")
        .bind(user.tenant.as_str())
        .bind(user.user.as_str());
        let Some(row) = self.one(query).await? else {
            return Ok(StatusRow::default());
        };
        Ok(StatusRow {
            status: row.try_get::<Option<&str>, _>(0)?.map(PresenceStatus::from),
            custom_status: text(&row, 1)?,
            last_seen: time(&row, 2)?,
        })
    }

    async fn put_status(
        &mut self,
        user: &UserKey,
        status: &PresenceStatus,
        custom: Option<&PrivateText>,
    ) -> Result<()> {
        let query = sql("UPDATE users SET status = $3, custom_status = $4
             WHERE tenant = $1 AND id = $2")
        .bind(user.tenant.as_str())
        .bind(user.user.as_str())
        .bind(status.as_str())
        .bind(custom.map(|text| &**text));
        self.run(query).await.map(drop)
    }

    async fn put_last_seen(&mut self, user: &UserKey, at: Timestamp) -> Result<()> {
        let query = sql("UPDATE users SET last_seen = $3 WHERE tenant = $1 AND id = $2")
            .bind(user.tenant.as_str())
            .bind(user.user.as_str())
            .bind(at.as_millis());
        self.run(query).await.map(drop)
    }

    async fn cares(
        &mut self,
        tenant: &TenantId,
        provider: &UserId,
        patient: &UserId,
    ) -> Result<bool> {
        let query =
            sql("SELECT 1 FROM care_team WHERE tenant = $1 AND provider = $2 AND patient = $3")
                .bind(tenant.as_str())
                .bind(provider.as_str())
                .bind(patient.as_str());
        Ok(self.one(query).await?.is_some())
    }

    async fn set_care(
        &mut self,
        tenant: &TenantId,
        provider: &UserId,
        patient: &UserId,
        cares: bool,
    ) -> Result<()> {
        let query = if cares {
            sql(
                "INSERT INTO care_team (tenant, provider, patient) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
            )
        } else {
            sql("DELETE FROM care_team WHERE tenant = $1 AND provider = $2 AND patient = $3")
        };
        let query = query
            .bind(tenant.as_str())
            .bind(provider.as_str())
            .bind(patient.as_str());
        self.run(query).await.map(drop)
    }

    async fn visit_exists(&mut self, tenant: &TenantId, visit: &VisitId) -> Result<bool> {
        let query = sql("SELECT 1 FROM visits WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(visit.as_str());
        Ok(self.one(query).await?.is_some())
    }

    async fn put_visit(&mut self, tenant: &TenantId, visit: &VisitId) -> Result<()> {
        let query = sql("INSERT INTO visits (tenant, id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(tenant.as_str())
            .bind(visit.as_str());
        self.run(query).await.map(drop)
    }

    async fn thread(&mut self, tenant: &TenantId, thread: &ThreadId) -> Result<Option<ThreadRow>> {
        let query = sql("SELECT title, platform, metadata, creator FROM threads
             WHERE tenant = $1 AND id = $2")
        .bind(tenant.as_str())
        .bind(thread.as_str());
        let Some(row) = self.one(query).await? else {
            return Ok(None);
        };
        Ok(Some(ThreadRow {
            title: text(&row, 0)?,
            platform: parsed(&row, 1)?,
            metadata: json(&row, 2)?,
            creator: optional(&row, 3)?,
        }))
    }

    async fn put_thread(
        &mut self,
        tenant: &TenantId,
        thread: &ThreadId,
        row: &ThreadRow,
    ) -> Result<()> {
        let query = sql(
            "INSERT INTO threads (tenant, id, title, platform, metadata, creator)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, id) DO UPDATE SET title = $3, platform = $4, metadata = $5",
        )
        .bind(tenant.as_str())
        .bind(thread.as_str())
        .bind(row.title.as_deref())
        .bind(row.platform.as_str())
        .bind(row.metadata.as_ref().map(PrivateJson::get))
        .bind(display(row.creator.as_ref()));
        self.run(query).await.map(drop)
    }

    async fn report_owner(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
    ) -> Result<Option<Option<UserId>>> {
        let query = sql("SELECT owner FROM reports WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(report.as_str());
        self.one(query)
            .await?
            .map(|row| optional(&row, 0))
            .transpose()
    }

    async fn template_owner(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
    ) -> Result<Option<Option<UserId>>> {
        let query = sql("SELECT owner FROM templates WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(template.as_str());
        self.one(query)
            .await?
            .map(|row| optional(&row, 0))
            .transpose()
    }

    async fn members(&mut self, tenant: &TenantId, circle: &str) -> Result<Vec<MemberRow>> {
        let query = sql("SELECT user, floor_offset, floor_message FROM members
             WHERE tenant = $1 AND circle = $2 ORDER BY user")
        .bind(tenant.as_str())
        .bind(circle.to_owned());
        self.all(query).await?.iter().map(member_of).collect()
    }

    async fn member(
        &mut self,
        tenant: &TenantId,
        circle: &str,
        user: &UserId,
    ) -> Result<Option<MemberRow>> {
        let query = sql("SELECT user, floor_offset, floor_message FROM members
             WHERE tenant = $1 AND circle = $2 AND user = $3")
        .bind(tenant.as_str())
        .bind(circle.to_owned())
        .bind(user.as_str());
        self.one(query)
            .await?
            .map(|row| member_of(&row))
            .transpose()
    }

    async fn add_member(&mut self, tenant: &TenantId, circle: &str, row: &MemberRow) -> Result<()> {
        let query = sql(
            "INSERT INTO members (tenant, circle, user, floor_offset, floor_message)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(tenant.as_str())
        .bind(circle.to_owned())
        .bind(row.user.as_str())
        .bind(stored(row.floor.offset))
        .bind(&row.floor.message);
        self.run(query).await.map(drop)
    }

    async fn remove_member(
        &mut self,
        tenant: &TenantId,
        circle: &str,
        user: &UserId,
    ) -> Result<()> {
        let query = sql("DELETE FROM members WHERE tenant = $1 AND circle = $2 AND user = $3")
            .bind(tenant.as_str())
            .bind(circle.to_owned())
            .bind(user.as_str());
        self.run(query).await.map(drop)
    }

    async fn share_a_circle(&mut self, tenant: &TenantId, a: &UserId, b: &UserId) -> Result<bool> {
        let query = sql("SELECT 1 FROM members x JOIN members y
                 ON y.tenant = x.tenant AND y.circle = x.circle
             WHERE x.tenant = $1 AND x.user = $2 AND y.user = $3 LIMIT 1")
        .bind(tenant.as_str())
        .bind(a.as_str())
        .bind(b.as_str());
        Ok(self.one(query).await?.is_some())
    }

    async fn put_conversation(&mut self, row: &ConversationRow, circle: &str) -> Result<()> {
        let query = sql(
            "INSERT INTO conversations (tenant, room, circle, platform, last_message,
                 updated_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, room) DO UPDATE SET platform = $4,
                 last_message = coalesce($5, last_message), updated_at = $6",
        )
        .bind(row.room.tenant.as_str())
        .bind(name(&row.room))
        .bind(circle.to_owned())
        .bind(row.platform.as_str())
        .bind(row.last_message.as_deref())
        .bind(row.updated_at.as_millis());
        self.run(query).await.map(drop)
    }

    async fn conversation(&mut self, room: &RoomKey) -> Result<Option<ConversationRow>> {
        let query = sql(
            "SELECT room, platform, last_message, updated_at FROM conversations
             WHERE tenant = $1 AND room = $2",
        )
        .bind(room.tenant.as_str())
        .bind(name(room));
        self.one(query)
            .await?
            .map(|row| conversation_of(&row, &room.tenant))
            .transpose()
    }

    async fn conversations(
        &mut self,
        user: &UserKey,
        platform: Option<&Platform>,
        after: Option<(Timestamp, String)>,
        limit: u32,
    ) -> Result<Vec<(ConversationRow, Floor)>> {
        let (before, room) = after.unzip();
        let query = sql(
            "SELECT c.room, c.platform, c.last_message, c.updated_at, m.floor_offset,
                 m.floor_message
             FROM members m JOIN conversations c ON c.tenant = m.tenant AND c.circle = m.circle
             WHERE m.tenant = $1 AND m.user = $2 AND ($3 IS NULL OR c.platform = $3)
               AND ($4 IS NULL OR (c.updated_at, c.room) < ($4, $5))
             ORDER BY c.updated_at DESC, c.room DESC LIMIT $6",
        )
        .bind(user.tenant.as_str())
        .bind(user.user.as_str())
        .bind(platform.map(Platform::as_str))
        .bind(before.map(Timestamp::as_millis))
        .bind(room)
        .bind(limit);
        let rows = self.all(query).await?;
        rows.iter()
            .map(|row| {
                let floor = Floor {
                    offset: unsigned(row, 4)?,
                    message: row.try_get(5)?,
                };
                Ok((conversation_of(row, &user.tenant)?, floor))
            })
            .collect()
    }
}
