//! Messages and how far they have come, in memory.

use super::{connection::MemoryRows, data::StoredMessage};
use crate::{
    error::{Error, Result},
    keys::RoomKey,
    store::rows::{MessagePage, MessageRows},
};
use async_trait::async_trait;
use carewire_protocol::{
    MessageId, Platform, PrivateText, TenantId, Timestamp, UserId,
    message::{Message, MessageStatus},
    room::Receipts,
};
use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
};

#[async_trait]
impl MessageRows for MemoryRows {
    async fn insert_message(
        &mut self,
        tenant: &TenantId,
        message: &Message,
        external_id: Option<&str>,
    ) -> Result<()> {
        let stored = StoredMessage {
            message: Message {
                reactions: BTreeMap::new(),
                status: MessageStatus::Sent,
                ..message.clone()
            },
            external_id: external_id.map(str::to_owned),
            statuses: BTreeMap::new(),
        };
        self.change(|tables| {
            let twice = tables.message(tenant, &message.id).is_some()
                || external_id.is_some_and(|external_id| {
                    let platform = message.platform.as_ref();
                    tables.rooms_of(tenant).any(|(_, room)| {
                        room.messages.values().any(|other| {
                            platform.is_some()
                                && other.message.platform.as_ref() == platform
                                && other.external_id.as_deref() == Some(external_id)
                        })
                    })
                });
            if twice {
                return Err(Error::Fault("a message stored twice".into()));
            }
            let room = RoomKey::new(tenant, message.room_id.clone());
            let messages = &mut tables.room_mut(&room).messages;
            messages.insert(message.id.clone(), stored);
            Ok(())
        })
        .await?
    }

    async fn message(&mut self, tenant: &TenantId, id: &MessageId) -> Result<Option<Message>> {
        let tables = self.tables().await?;
        let stored = tables.message(tenant, id);
        Ok(stored.map(|stored| stored.message.clone()))
    }

    async fn message_by_external_id(
        &mut self,
        tenant: &TenantId,
        platform: &Platform,
        external_id: &str,
    ) -> Result<Option<MessageId>> {
        let tables = self.tables().await?;
        let stored = tables
            .rooms_of(tenant)
            .flat_map(|(_, room)| room.messages.values())
            .find(|stored| {
                stored.message.platform.as_ref() == Some(platform)
                    && stored.external_id.as_deref() == Some(external_id)
            });
        Ok(stored.map(|stored| stored.message.id.clone()))
    }

    async fn messages(&mut self, room: &RoomKey, page: &MessagePage) -> Result<Vec<Message>> {
        let tables = self.tables().await?;
        let Some(room) = tables.room(room) else {
            return Ok(Vec::new());
        };
        let after = page.after.as_ref().map_or(Unbounded, Excluded);
        let wanted = room
            .messages
            .range::<MessageId, _>((after, Unbounded))
            .map(|(_, stored)| &stored.message)
            .filter(|message| page.before.as_ref().is_none_or(|id| message.id < *id))
            .filter(|message| message.id.as_str() > page.floor.as_str())
            .filter(|message| page.reply_to.is_none() || message.reply_to == page.reply_to);
        let limit = page.limit as usize;
        if page.after.is_some() {
            return Ok(wanted.take(limit).cloned().collect());
        }
        let mut newest: Vec<_> = wanted.rev().take(limit).cloned().collect();
        newest.reverse();
        Ok(newest)
    }

    async fn set_body(
        &mut self,
        tenant: &TenantId,
        id: &MessageId,
        body: &PrivateText,
        at: Timestamp,
    ) -> Result<()> {
        self.change(|tables| {
            if let Some(stored) = tables.message_mut(tenant, id) {
                stored.message.body = body.clone();
                stored.message.edited_at = Some(at);
            }
        })
        .await
    }

    async fn blank_message(
        &mut self,
        tenant: &TenantId,
        id: &MessageId,
        at: Timestamp,
    ) -> Result<()> {
        self.change(|tables| {
            if let Some(stored) = tables.message_mut(tenant, id) {
                let message = &mut stored.message;
                message.body = PrivateText::default();
                message.attachments = Vec::new();
                message.metadata = None;
                message.deleted_at = Some(at);
                message.reactions = BTreeMap::new();
            }
        })
        .await
    }

    async fn set_reaction(
        &mut self,
        tenant: &TenantId,
        message: &MessageId,
        emoji: &str,
        user: &UserId,
        added: bool,
    ) -> Result<bool> {
        self.change(|tables| {
            let Some(stored) = tables.message_mut(tenant, message) else {
                return false;
            };
            let reactions = &mut stored.message.reactions;
            let users = reactions.entry(emoji.to_owned()).or_default();
            let place = users.binary_search(user);
            match place {
                Err(place) if added => users.insert(place, user.clone()),
                Ok(place) if !added => drop(users.remove(place)),
                Ok(_) | Err(_) => {}
            }
            if users.is_empty() {
                reactions.remove(emoji);
            }
            place.is_err() == added
        })
        .await
    }

    async fn set_message_status(
        &mut self,
        tenant: &TenantId,
        message: &MessageId,
        user: &UserId,
        status: &MessageStatus,
    ) -> Result<()> {
        self.change(|tables| {
            if let Some(stored) = tables.message_mut(tenant, message) {
                stored.statuses.insert(user.clone(), status.clone());
            }
        })
        .await
    }

    async fn message_statuses(
        &mut self,
        tenant: &TenantId,
        message: &MessageId,
    ) -> Result<BTreeMap<UserId, MessageStatus>> {
        let tables = self.tables().await?;
        let stored = tables.message(tenant, message);
        Ok(stored
            .map(|stored| stored.statuses.clone())
            .unwrap_or_default())
    }

    async fn delete_messages_before(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        self.change(|tables| {
            let mut oldest: Vec<_> = tables
                .rooms
                .iter()
                .flat_map(|(key, room)| room.messages.values().map(move |stored| (key, stored)))
                .map(|(key, stored)| (stored.message.sent_at, key, &stored.message.id))
                .filter(|(sent_at, ..)| *sent_at < before)
                .map(|(sent_at, key, id)| (sent_at, key.clone(), id.clone()))
                .collect();
            oldest.sort_unstable_by(|a, b| (a.0, &a.1.tenant, &a.2).cmp(&(b.0, &b.1.tenant, &b.2)));
            oldest.truncate(limit as usize);
            for (_, room, id) in &oldest {
                tables.room_mut(room).messages.remove(id);
            }
            oldest.len() as u64
        })
        .await
    }

    async fn cursors(&mut self, room: &RoomKey) -> Result<BTreeMap<UserId, Receipts>> {
        let tables = self.tables().await?;
        let room = tables.room(room);
        Ok(room.map(|room| room.cursors.clone()).unwrap_or_default())
    }

    async fn cursor(&mut self, room: &RoomKey, user: &UserId) -> Result<Receipts> {
        let tables = self.tables().await?;
        let cursor = tables.room(room).and_then(|room| room.cursors.get(user));
        Ok(cursor.cloned().unwrap_or_default())
    }

    async fn set_cursor(&mut self, room: &RoomKey, user: &UserId, to: &Receipts) -> Result<()> {
        self.change(|tables| {
            let cursors = &mut tables.room_mut(room).cursors;
            cursors.insert(user.clone(), to.clone());
        })
        .await
    }

    async fn unread(&mut self, room: &RoomKey, user: &UserId, floor: &str) -> Result<u64> {
        Ok(self.tables().await?.unread(room, user, floor))
    }
}
