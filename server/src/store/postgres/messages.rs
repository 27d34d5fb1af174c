//! Messages and how far they have come, in PostgreSQL.

use super::{
    connection::{
        PostgresRows, json, known_text, known_time, name, optional, parsed, sql, text, time,
        unsigned,
    },
    text::escaped,
};
use crate::{
    error::Result,
    keys::RoomKey,
    store::rows::{MessagePage, MessageRows},
};
use async_trait::async_trait;
use carewire_protocol::{
    MessageId, Platform, PrivateJson, PrivateText, TenantId, Timestamp, UserId,
    message::{Message, MessageStatus},
    room::Receipts,
};
use sqlx::{Row as _, postgres::PgRow};
use std::collections::BTreeMap;

fn message_of(row: &PgRow) -> Result<Message> {
    Ok(Message {
        id: parsed(row, 0)?,
        room_id: parsed(row, 1)?,
        sender_id: parsed(row, 2)?,
        sender_name: text(row, 3)?,
        body: known_text(row, 4)?.into(),
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

impl PostgresRows {
    async fn add_reactions(&mut self, tenant: &TenantId, message: &mut Message) -> Result<()> {
        let query = sql(
            "SELECT emoji, user_id FROM reactions WHERE tenant = $1 AND message_id = $2
             ORDER BY emoji, user_id",
        )
        .bind(tenant.as_str())
        .bind(message.id.as_str());
        for row in self.all(query).await? {
            let users: &mut Vec<UserId> =
                message.reactions.entry(known_text(&row, 0)?).or_default();
            users.push(parsed(&row, 1)?);
        }
        Ok(())
    }
}

#[async_trait]
impl MessageRows for PostgresRows {
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
        .bind(message.sender_name.as_deref().map(escaped))
        .bind(escaped(&message.body))
        .bind(serde_json::to_string(&message.attachments)?)
        .bind(message.reply_to.as_deref())
        .bind(message.platform.as_deref())
        .bind(external_id.map(escaped))
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
        .bind(escaped(external_id));
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
            .bind(i64::from(page.limit));
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
            let query = sql("SELECT r.message_id, r.emoji, r.user_id FROM messages m
                 JOIN reactions r ON r.tenant = m.tenant AND r.message_id = m.id
                 WHERE m.tenant = $1 AND m.room = $2 AND m.id BETWEEN $3 AND $4
                 ORDER BY r.message_id, r.emoji, r.user_id")
            .bind(room.tenant.as_str())
            .bind(name(room))
            .bind(first.id.as_str())
            .bind(last.id.as_str());
            for row in self.all(query).await? {
                let id: MessageId = parsed(&row, 0)?;
                if let Ok(index) = messages.binary_search_by(|m| m.id.cmp(&id)) {
                    let users = messages[index]
                        .reactions
                        .entry(known_text(&row, 1)?)
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
                .bind(escaped(body))
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
        let query = if added {
            sql(
                "INSERT INTO reactions (tenant, message_id, emoji, user_id) VALUES ($1, $2, $3, $4)
                 ON CONFLICT DO NOTHING",
            )
        } else {
            sql("DELETE FROM reactions
                 WHERE tenant = $1 AND message_id = $2 AND emoji = $3 AND user_id = $4")
        };
        let query = query
            .bind(tenant.as_str())
            .bind(message.as_str())
            .bind(escaped(emoji))
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
            "INSERT INTO message_statuses (tenant, message_id, user_id, status)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant, message_id, user_id) DO UPDATE SET status = $4",
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
        let query = sql("SELECT user_id, status FROM message_statuses
             WHERE tenant = $1 AND message_id = $2")
        .bind(tenant.as_str())
        .bind(message.as_str());
        let rows = self.all(query).await?;
        rows.iter()
            .map(|row| Ok((parsed(row, 0)?, row.try_get::<&str, _>(1)?.into())))
            .collect()
    }

    async fn delete_messages_before(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let query = sql("WITH old AS (
                 SELECT tenant, id FROM messages WHERE sent_at < $1
                 ORDER BY sent_at, tenant, id LIMIT $2
             ), of_reactions AS (
                 DELETE FROM reactions USING old
                 WHERE reactions.tenant = old.tenant AND message_id = old.id
             ), of_statuses AS (
                 DELETE FROM message_statuses USING old
                 WHERE message_statuses.tenant = old.tenant AND message_id = old.id
             )
             DELETE FROM messages USING old
             WHERE messages.tenant = old.tenant AND messages.id = old.id")
        .bind(before.as_millis())
        .bind(i64::from(limit));
        self.run(query).await
    }

    async fn cursors(&mut self, room: &RoomKey) -> Result<BTreeMap<UserId, Receipts>> {
        let query =
            sql("SELECT user_id, delivered, read FROM cursors WHERE tenant = $1 AND room = $2")
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
             WHERE tenant = $1 AND room = $2 AND user_id = $3")
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
        let query = sql(
            "INSERT INTO cursors (tenant, room, user_id, delivered, read)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, room, user_id) DO UPDATE SET delivered = $4, read = $5",
        )
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
                                  WHERE tenant = $1 AND room = $2 AND user_id = $3), '')")
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(user.as_str())
        .bind(floor);
        self.one(query)
            .await?
            .map_or(Ok(0), |row| unsigned(&row, 0))
    }
}
