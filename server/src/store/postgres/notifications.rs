//! Notifications, in PostgreSQL.

use super::connection::{
    PostgresRows, json, known_time, name, optional, parsed, sql, text, time, unsigned,
};
use super::text::escaped;
use crate::{
    error::Result,
    keys::{RoomKey, UserKey},
    store::rows::{NotificationPage, NotificationRows},
};
use async_trait::async_trait;
use carewire_protocol::{
    NotificationId, PrivateJson, RoomId, TenantId, Timestamp, TopicName, UserId,
    notification::{Notification, Priority},
};
use sqlx::{Row as _, postgres::PgRow};

/// What a user may see of `notifications n`, with when they read it as `r`. The parameters are the
/// tenant, the user's own room, and the user. The rooms are named first, as they have an index.
macro_rules! of_user {
    ($columns:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM notifications n
             LEFT JOIN notification_reads r
                 ON r.tenant = n.tenant AND r.user_id = $3 AND r.id = n.id
             WHERE n.tenant = $1 AND n.room IN (SELECT $2 UNION ALL
                     SELECT 'topic:' || topic FROM topic_followers
                     WHERE tenant = $1 AND user_id = $3)
                 AND (n.room = $2 OR EXISTS (SELECT 1 FROM topic_followers f
                     WHERE f.tenant = $1 AND f.user_id = $3 AND f.topic = n.topic
                         AND n.id > f.follows_from
                         AND (f.follows_to IS NULL OR n.id <= f.follows_to)))",
            $rest
        )
    };
}

fn own_room(user: &UserKey) -> String {
    RoomId::Notifications(user.user.clone()).to_string()
}

fn notification_of(row: &PgRow) -> Result<Notification> {
    Ok(Notification {
        id: parsed(row, 0)?,
        kind: parsed(row, 1)?,
        title: text(row, 2)?.unwrap_or_default(),
        message: text(row, 3)?.unwrap_or_default(),
        priority: Priority::from(row.try_get::<&str, _>(4)?),
        topic: optional(row, 5)?,
        data: json(row, 6)?,
        created_at: known_time(row, 7)?,
        read_at: time(row, 8)?,
    })
}

#[async_trait]
impl NotificationRows for PostgresRows {
    async fn insert_notification(&mut self, room: &RoomKey, row: &Notification) -> Result<()> {
        let query = sql(
            "INSERT INTO notifications (tenant, id, room, topic, kind, title, message, priority,
                 data, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(room.tenant.as_str())
        .bind(row.id.as_str())
        .bind(name(room))
        .bind(row.topic.as_deref())
        .bind(row.kind.as_str())
        .bind(escaped(&row.title))
        .bind(escaped(&row.message))
        .bind(row.priority.as_str())
        .bind(row.data.as_ref().map(PrivateJson::get))
        .bind(row.created_at.as_millis());
        self.run(query).await.map(drop)
    }

    async fn notifications(
        &mut self,
        user: &UserKey,
        page: &NotificationPage,
    ) -> Result<Vec<Notification>> {
        let query = sql(of_user!(
            "n.id, n.kind, n.title, n.message, n.priority, n.topic, n.data, n.created_at, r.at",
            " AND ($4 IS NULL OR n.id < $4) AND (r.at IS NULL OR NOT $5)
              ORDER BY n.id DESC LIMIT $6"
        ))
        .bind(user.tenant.as_str())
        .bind(own_room(user))
        .bind(user.user.as_str())
        .bind(page.before.as_deref())
        .bind(page.unread_only)
        .bind(i64::from(page.limit));
        self.all(query).await?.iter().map(notification_of).collect()
    }

    async fn unread_notifications(&mut self, user: &UserKey) -> Result<u64> {
        let query = sql(of_user!("count(*)", " AND r.at IS NULL"))
            .bind(user.tenant.as_str())
            .bind(own_room(user))
            .bind(user.user.as_str());
        match self.one(query).await? {
            Some(row) => unsigned(&row, 0),
            None => Ok(0),
        }
    }

    async fn read_notification(
        &mut self,
        user: &UserKey,
        id: &NotificationId,
        at: Timestamp,
    ) -> Result<Option<bool>> {
        let query = sql(concat!(
            "INSERT INTO notification_reads (tenant, user_id, id, at) ",
            of_user!("$1, $3, n.id, $5", " AND n.id = $4 AND r.at IS NULL")
        ))
        .bind(user.tenant.as_str())
        .bind(own_room(user))
        .bind(user.user.as_str())
        .bind(id.as_str())
        .bind(at.as_millis());
        if self.run(query).await? > 0 {
            return Ok(Some(true));
        }
        let query = sql(of_user!("n.id", " AND n.id = $4"))
            .bind(user.tenant.as_str())
            .bind(own_room(user))
            .bind(user.user.as_str())
            .bind(id.as_str());
        Ok(self.one(query).await?.map(|_| false))
    }

    async fn read_notifications(
        &mut self,
        user: &UserKey,
        up_to: Option<&NotificationId>,
        at: Timestamp,
    ) -> Result<Vec<NotificationId>> {
        let query = sql(concat!(
            "INSERT INTO notification_reads (tenant, user_id, id, at) ",
            of_user!(
                "$1, $3, n.id, $5",
                " AND ($4 IS NULL OR n.id <= $4) AND r.at IS NULL"
            ),
            " RETURNING id"
        ))
        .bind(user.tenant.as_str())
        .bind(own_room(user))
        .bind(user.user.as_str())
        .bind(up_to.map(NotificationId::as_str))
        .bind(at.as_millis());
        let rows = self.all(query).await?;
        let mut ids: Vec<NotificationId> = rows
            .iter()
            .map(|row| parsed(row, 0))
            .collect::<Result<_>>()?;
        ids.sort();
        Ok(ids)
    }

    async fn topics(&mut self, user: &UserKey) -> Result<Vec<TopicName>> {
        let query = sql("SELECT topic FROM topic_followers
             WHERE tenant = $1 AND user_id = $2 AND follows_to IS NULL ORDER BY topic")
        .bind(user.tenant.as_str())
        .bind(user.user.as_str());
        let rows = self.all(query).await?;
        rows.iter().map(|row| parsed(row, 0)).collect()
    }

    async fn followers(&mut self, tenant: &TenantId, topic: &TopicName) -> Result<Vec<UserId>> {
        let query = sql("SELECT user_id FROM topic_followers
             WHERE tenant = $1 AND topic = $2 AND follows_to IS NULL ORDER BY user_id")
        .bind(tenant.as_str())
        .bind(topic.as_str());
        let rows = self.all(query).await?;
        rows.iter().map(|row| parsed(row, 0)).collect()
    }

    async fn follow_topic(&mut self, user: &UserKey, topic: &TopicName, from: &str) -> Result<()> {
        let query = sql(
            "INSERT INTO topic_followers (tenant, user_id, topic, follows_from)
             SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM topic_followers
                 WHERE tenant = $1 AND user_id = $2 AND topic = $3 AND follows_to IS NULL)
             ON CONFLICT (tenant, user_id, topic, follows_from) DO UPDATE SET follows_to = NULL",
        )
        .bind(user.tenant.as_str())
        .bind(user.user.as_str())
        .bind(topic.as_str())
        .bind(from.to_owned());
        self.run(query).await.map(drop)
    }

    async fn unfollow_topic(&mut self, user: &UserKey, topic: &TopicName, to: &str) -> Result<()> {
        let query = sql("UPDATE topic_followers SET follows_to = $4
             WHERE tenant = $1 AND user_id = $2 AND topic = $3 AND follows_to IS NULL")
        .bind(user.tenant.as_str())
        .bind(user.user.as_str())
        .bind(topic.as_str())
        .bind(to.to_owned());
        self.run(query).await.map(drop)
    }
}
