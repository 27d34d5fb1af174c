//! Who shares a conversation, in SQLite.

use super::connection::{SqliteRows, known_time, name, optional, parsed, sql, stored, unsigned};
use crate::{
    error::Result,
    keys::{RoomKey, UserKey},
    store::rows::{ConversationRow, Floor, InboxRows, MemberRow},
};
use async_trait::async_trait;
use carewire_protocol::{Platform, RoomId, TenantId, Timestamp, UserId};
use sqlx::{Row as _, sqlite::SqliteRow};

// Left to itself, SQLite begins with all conversations of the tenant and looks for the user in
// each of them.

const UNREAD: &str = "SELECT * FROM (
        SELECT c.room, c.platform, c.updated_at,
            (SELECT count(*) FROM messages x
             WHERE x.tenant = c.tenant AND x.room = c.room AND x.sender <> $2
               AND x.deleted_at IS NULL AND x.id > m.floor_message
               AND x.id > coalesce(k.read, '')) AS unread
        FROM members m
        CROSS JOIN conversations c INDEXED BY conversations_by_circle
            ON c.tenant = m.tenant AND c.circle = m.circle
        LEFT JOIN cursors k
            ON k.tenant = c.tenant AND k.room = c.room AND k.user = m.user
        WHERE m.tenant = $1 AND m.user = $2) AS counted
    WHERE unread > 0 ORDER BY updated_at DESC, room DESC LIMIT $3";

const CONVERSATIONS: &str = "SELECT c.room, c.platform, c.last_message, c.updated_at,
        m.floor_offset, m.floor_message
    FROM members m CROSS JOIN conversations c INDEXED BY conversations_by_circle
        ON c.tenant = m.tenant AND c.circle = m.circle
    WHERE m.tenant = $1 AND m.user = $2 AND ($3 IS NULL OR c.platform = $3)
      AND ($4 IS NULL OR (c.updated_at, c.room) < ($4, $5))
    ORDER BY c.updated_at DESC, c.room DESC LIMIT $6";

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

#[async_trait]
impl InboxRows for SqliteRows {
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

    async fn unread_conversations(
        &mut self,
        user: &UserKey,
        limit: u32,
    ) -> Result<Vec<(RoomKey, Platform, u64)>> {
        let query = sql(UNREAD)
            .bind(user.tenant.as_str())
            .bind(user.user.as_str())
            .bind(limit);
        let rows = self.all(query).await?;
        rows.iter()
            .map(|row| {
                let room = RoomKey::new(&user.tenant, parsed::<RoomId>(row, 0)?);
                Ok((room, parsed(row, 1)?, unsigned(row, 3)?))
            })
            .collect()
    }

    async fn conversations(
        &mut self,
        user: &UserKey,
        platform: Option<&Platform>,
        after: Option<(Timestamp, String)>,
        limit: u32,
    ) -> Result<Vec<(ConversationRow, Floor)>> {
        let (before, room) = after.unzip();
        let query = sql(CONVERSATIONS)
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

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

    /// Whoever comes back is asked for their own conversations: what that costs must not grow with
    /// the tenant.
    #[tokio::test]
    async fn conversations_are_found_by_their_member() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let migrations = sqlx::migrate!("migrations/sqlite");
        migrations.run(&mut connection).await.unwrap();
        for statement in [UNREAD, CONVERSATIONS] {
            let explain = format!("EXPLAIN QUERY PLAN {statement}");
            let plan = sqlx::query(AssertSqlSafe(explain));
            let plan = plan.fetch_all(&mut connection).await.unwrap();
            let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
            let found = steps.iter().find(|step| step.starts_with("SEARCH c "));
            let by_circle = found.is_some_and(|step| step.contains("circle=?"));
            assert!(by_circle, "{steps:?}");
        }
    }
}
