//! The logs of rooms, and keys, in memory.

use super::{connection::MemoryRows, data::StoredKey};
use crate::{
    error::{Error, Result},
    keys::{RoomKey, UserKey},
    store::rows::{EventRow, KeyRow, Log, LogRows},
};
use async_trait::async_trait;
use carewire_protocol::{Key, MessageId, PrivateJson, RoomId, TenantId, Timestamp};
use std::{collections::btree_map::Entry, sync::Arc};

#[async_trait]
impl LogRows for MemoryRows {
    async fn log(&mut self, room: &RoomKey) -> Result<Log> {
        let tables = self.tables().await?;
        Ok(tables.room(room).map(|room| room.log).unwrap_or_default())
    }

    async fn logs(&mut self, tenant: &TenantId, rooms: &[RoomId]) -> Result<Vec<Log>> {
        let tables = self.tables().await?;
        let log = |room: &RoomId| {
            let room = tables.room(&RoomKey::new(tenant, room.clone()));
            room.map(|room| room.log).unwrap_or_default()
        };
        Ok(rooms.iter().map(log).collect())
    }

    async fn advance(&mut self, room: &RoomKey, bytes: u64, now: Timestamp) -> Result<Log> {
        self.change(|tables| {
            tables.newest_log_mark += 1;
            let mark = tables.newest_log_mark;
            let room = tables.room_mut(room);
            room.changed = mark;
            room.log.head += 1;
            room.log.bytes += bytes;
            let now = u64::try_from(now.as_millis()).unwrap_or_default();
            room.log.stamp = now.max(room.log.stamp + 1);
            room.log
        })
        .await
    }

    async fn insert_event(&mut self, room: &RoomKey, event: &EventRow) -> Result<()> {
        self.change(|tables| {
            match tables.room_mut(room).events.entry(event.offset) {
                Entry::Vacant(entry) => entry.insert(event.clone()),
                Entry::Occupied(_) => return Err(Error::Fault("an offset given twice".into())),
            };
            Ok(())
        })
        .await?
    }

    async fn events_after(
        &mut self,
        room: &RoomKey,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<EventRow>> {
        let tables = self.tables().await?;
        let Some(room) = tables.room(room) else {
            return Ok(Vec::new());
        };
        let after = room.events.range(offset.saturating_add(1)..);
        let page = after.take(limit as usize);
        Ok(page.map(|(_, event)| event.clone()).collect())
    }

    async fn events_of_message(
        &mut self,
        room: &RoomKey,
        message: &MessageId,
    ) -> Result<Vec<EventRow>> {
        let tables = self.tables().await?;
        let Some(room) = tables.room(room) else {
            return Ok(Vec::new());
        };
        let about = |event: &&EventRow| event.message_id.as_ref() == Some(message);
        Ok(room.events.values().filter(about).cloned().collect())
    }

    async fn set_event_data(
        &mut self,
        room: &RoomKey,
        offset: u64,
        data: &PrivateJson,
    ) -> Result<()> {
        self.change(|tables| {
            if let Some(event) = tables.room_mut(room).events.get_mut(&offset) {
                event.data = data.clone();
            }
        })
        .await
    }

    async fn trim(&mut self, room: &RoomKey, floor: u64) -> Result<()> {
        self.change(|tables| {
            if tables.room(room).is_none_or(|room| floor <= room.log.floor) {
                return;
            }
            let room = tables.room_mut(room);
            room.events = room.events.split_off(&floor.saturating_add(1));
            room.log.floor = floor;
            let kept = room.events.values();
            room.log.bytes = kept.map(|event| event.data.get().len() as u64).sum();
        })
        .await
    }

    async fn rooms_with_events(
        &mut self,
        after: Option<&RoomKey>,
        limit: u32,
    ) -> Result<Vec<RoomKey>> {
        let tables = self.tables().await?;
        let name = |key: &RoomKey| (key.tenant.clone(), key.room.to_string());
        let after = after.map(name);
        let mut rooms: Vec<_> = tables
            .rooms
            .iter()
            .filter(|(_, room)| room.log.head > room.log.floor)
            .map(|(key, _)| (name(key), key))
            .filter(|(name, _)| after.as_ref().is_none_or(|after| name > after))
            .collect();
        rooms.sort_unstable();
        let page = rooms.into_iter().take(limit as usize);
        Ok(page.map(|(_, key)| key.clone()).collect())
    }

    async fn offset_before(&mut self, room: &RoomKey, since: Timestamp) -> Result<u64> {
        let tables = self.tables().await?;
        let Some(room) = tables.room(room) else {
            return Ok(0);
        };
        let first = room.events.values().find(|event| event.at >= since);
        Ok(first.map_or(room.log.head, |event| event.offset - 1))
    }

    async fn key(&mut self, user: &UserKey, key: &Key) -> Result<Option<KeyRow>> {
        let tables = self.tables().await?;
        let stored = tables.keys.get(user).and_then(|keys| keys.get(key));
        Ok(stored.map(|stored| stored.row.clone()))
    }

    async fn insert_key(
        &mut self,
        user: &UserKey,
        key: &Key,
        row: &KeyRow,
        at: Timestamp,
    ) -> Result<()> {
        self.change(|tables| {
            tables.newest_key += 1;
            let stored = StoredKey {
                row: row.clone(),
                at,
                number: tables.newest_key,
            };
            let keys = Arc::make_mut(&mut tables.keys);
            match Arc::make_mut(keys.entry(user.clone()).or_default()).entry(key.clone()) {
                Entry::Vacant(entry) => entry.insert(stored),
                Entry::Occupied(_) => return Err(Error::Fault("a key stored twice".into())),
            };
            Ok(())
        })
        .await?
    }

    async fn delete_keys_before(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        self.change(|tables| {
            let mut oldest: Vec<_> = tables
                .keys
                .iter()
                .flat_map(|(user, keys)| keys.iter().map(move |(key, stored)| (user, key, stored)))
                .map(|(user, key, stored)| (stored.number, stored.at, user.clone(), key.clone()))
                .collect();
            oldest.sort_unstable();
            oldest.truncate(limit as usize);
            oldest.retain(|(_, at, ..)| *at < before);
            let keys = Arc::make_mut(&mut tables.keys);
            for (_, _, user, key) in &oldest {
                if let Some(keys) = keys.get_mut(user) {
                    Arc::make_mut(keys).remove(key);
                }
            }
            oldest.len() as u64
        })
        .await
    }
}
