//! The logs of rooms, and keys, in PostgreSQL.

use super::connection::{PostgresRows, known_time, name, optional, parsed, sql, stored, unsigned};
use crate::{
    error::{Error, Result},
    keys::{RoomKey, UserKey},
    store::rows::{EventRow, KeyRow, Log, LogRows},
};
use async_trait::async_trait;
use carewire_protocol::{Key, MessageId, PrivateJson, RoomId, TenantId, Timestamp};
use sqlx::{Row as _, postgres::PgRow};
use std::collections::BTreeMap;

fn log_of(row: &PgRow) -> Result<Log> {
    Ok(Log {
        head: unsigned(row, 0)?,
        floor: unsigned(row, 1)?,
        bytes: unsigned(row, 2)?,
        stamp: unsigned(row, 3)?,
    })
}

fn event_of(row: &PgRow) -> Result<EventRow> {
    Ok(EventRow {
        offset: unsigned(row, 0)?,
        at: known_time(row, 1)?,
        name: row.try_get(2)?,
        origin: optional(row, 3)?,
        message_id: optional(row, 4)?,
        data: PrivateJson::parse(row.try_get::<String, _>(5)?)?,
    })
}

#[async_trait]
impl LogRows for PostgresRows {
    async fn log(&mut self, room: &RoomKey) -> Result<Log> {
        let query =
            sql("SELECT head, floor, bytes, stamp FROM rooms WHERE tenant = $1 AND room = $2")
                .bind(room.tenant.as_str())
                .bind(name(room));
        self.one(query)
            .await?
            .map_or(Ok(Log::default()), |row| log_of(&row))
    }

    async fn logs(&mut self, tenant: &TenantId, rooms: &[RoomId]) -> Result<Vec<Log>> {
        let names: Vec<String> = rooms.iter().map(ToString::to_string).collect();
        let query = sql("SELECT head, floor, bytes, stamp, room FROM rooms
             WHERE tenant = $1 AND room = ANY($2)")
        .bind(tenant.as_str())
        .bind(&names[..]);
        let mut logs = BTreeMap::new();
        for row in self.all(query).await? {
            logs.insert(row.try_get::<String, _>(4)?, log_of(&row)?);
        }
        Ok(names
            .iter()
            .map(|name| logs.get(name).copied().unwrap_or_default())
            .collect())
    }

    async fn advance(&mut self, room: &RoomKey, bytes: u64, now: Timestamp) -> Result<Log> {
        let query = sql(
            "INSERT INTO rooms (tenant, room, head, floor, bytes, stamp, changed)
             VALUES ($1, $2, 1, 0, $3, $4, (SELECT coalesce(max(changed), 0) + 1 FROM rooms))
             ON CONFLICT (tenant, room) DO UPDATE SET head = rooms.head + 1,
                 bytes = rooms.bytes + $3,
                 stamp = CASE WHEN rooms.stamp < $4 THEN $4 ELSE rooms.stamp + 1 END,
                 changed = excluded.changed
             RETURNING rooms.head, rooms.floor, rooms.bytes, rooms.stamp",
        )
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
            "INSERT INTO events (tenant, room, place, at, type, origin, message_id, data)
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
            "SELECT place, at, type, origin, message_id, data FROM events
             WHERE tenant = $1 AND room = $2 AND place > $3 ORDER BY place LIMIT $4",
        )
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(stored(offset))
        .bind(i64::from(limit));
        self.all(query).await?.iter().map(event_of).collect()
    }

    async fn events_of_message(
        &mut self,
        room: &RoomKey,
        message: &MessageId,
    ) -> Result<Vec<EventRow>> {
        let query = sql(
            "SELECT place, at, type, origin, message_id, data FROM events
             WHERE tenant = $1 AND room = $2 AND message_id = $3 ORDER BY place",
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
            sql("UPDATE events SET data = $4 WHERE tenant = $1 AND room = $2 AND place = $3")
                .bind(room.tenant.as_str())
                .bind(name(room))
                .bind(stored(offset))
                .bind(data.get());
        self.run(query).await.map(drop)
    }

    async fn trim(&mut self, room: &RoomKey, floor: u64) -> Result<()> {
        // Counted anew: events that were blanked have become smaller meanwhile.
        let query = sql("UPDATE rooms SET floor = $3, bytes = (
                 SELECT coalesce(sum(octet_length(data)), 0) FROM events
                 WHERE tenant = $1 AND room = $2 AND place > $3)
             WHERE tenant = $1 AND room = $2 AND floor < $3")
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(stored(floor));
        self.run(query).await?;
        let query = sql("DELETE FROM events WHERE tenant = $1 AND room = $2 AND place <= $3")
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
        .bind(i64::from(limit));
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
                 (SELECT min(place) - 1 FROM events WHERE tenant = $1 AND room = $2 AND at >= $3),
                 (SELECT head FROM rooms WHERE tenant = $1 AND room = $2), 0)")
        .bind(room.tenant.as_str())
        .bind(name(room))
        .bind(since.as_millis());
        self.one(query)
            .await?
            .map_or(Ok(0), |row| unsigned(&row, 0))
    }

    async fn key(&mut self, user: &UserKey, key: &Key) -> Result<Option<KeyRow>> {
        let query =
            sql("SELECT type, reply FROM keys WHERE tenant = $1 AND user_id = $2 AND key = $3")
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
        let query = sql("INSERT INTO keys (tenant, user_id, key, type, reply, at)
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
            "DELETE FROM keys WHERE number IN (SELECT number FROM keys ORDER BY number LIMIT $2)
             AND at < $1",
        )
        .bind(before.as_millis())
        .bind(i64::from(limit));
        self.run(query).await
    }
}
