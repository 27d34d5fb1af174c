//! Who shares a conversation, in memory.

use super::{connection::MemoryRows, data::Data};
use crate::{
    error::Result,
    keys::{RoomKey, UserKey},
    store::rows::{ConversationRow, Floor, InboxRows, MemberRow},
};
use async_trait::async_trait;
use carewire_protocol::{Platform, TenantId, Timestamp, UserId};
use std::{cmp::Reverse, sync::Arc};

/// A user's conversations, the most recently active first, with their place in that order.
fn inbox_of(tables: &Data, user: &UserKey) -> Vec<((Timestamp, String), ConversationRow, Floor)> {
    let mut inbox: Vec<_> = tables
        .conversations
        .values()
        .filter(|(row, _)| row.room.tenant == user.tenant)
        .filter_map(|(row, circle)| {
            let members = tables.members.get(&(user.tenant.clone(), circle.clone()))?;
            let floor = members.get(&user.user)?.clone();
            let place = (row.updated_at, row.room.room.to_string());
            Some((place, row.clone(), floor))
        })
        .collect();
    inbox.sort_unstable_by(|(a, ..), (b, ..)| Reverse(a).cmp(&Reverse(b)));
    inbox
}

fn member_of((user, floor): (&UserId, &Floor)) -> MemberRow {
    MemberRow {
        user: user.clone(),
        floor: floor.clone(),
    }
}

#[async_trait]
impl InboxRows for MemoryRows {
    async fn members(&mut self, tenant: &TenantId, circle: &str) -> Result<Vec<MemberRow>> {
        let tables = self.tables().await?;
        let members = tables.members.get(&(tenant.clone(), circle.to_owned()));
        Ok(members
            .map(|members| members.iter().map(member_of).collect())
            .unwrap_or_default())
    }

    async fn member(
        &mut self,
        tenant: &TenantId,
        circle: &str,
        user: &UserId,
    ) -> Result<Option<MemberRow>> {
        let tables = self.tables().await?;
        let members = tables.members.get(&(tenant.clone(), circle.to_owned()));
        let member = members.and_then(|members| members.get_key_value(user));
        Ok(member.map(member_of))
    }

    async fn add_member(&mut self, tenant: &TenantId, circle: &str, row: &MemberRow) -> Result<()> {
        let circle = (tenant.clone(), circle.to_owned());
        self.change(|tables| {
            let members = Arc::make_mut(&mut tables.members)
                .entry(circle)
                .or_default();
            Arc::make_mut(members)
                .entry(row.user.clone())
                .or_insert_with(|| row.floor.clone());
        })
        .await
    }

    async fn remove_member(
        &mut self,
        tenant: &TenantId,
        circle: &str,
        user: &UserId,
    ) -> Result<()> {
        let circle = (tenant.clone(), circle.to_owned());
        self.change(|tables| {
            if let Some(members) = Arc::make_mut(&mut tables.members).get_mut(&circle) {
                Arc::make_mut(members).remove(user);
            }
        })
        .await
    }

    async fn share_a_circle(&mut self, tenant: &TenantId, a: &UserId, b: &UserId) -> Result<bool> {
        let tables = self.tables().await?;
        let mut circles = tables.members.iter().filter(|(key, _)| key.0 == *tenant);
        Ok(circles.any(|(_, members)| members.contains_key(a) && members.contains_key(b)))
    }

    async fn put_conversation(&mut self, row: &ConversationRow, circle: &str) -> Result<()> {
        self.change(|tables| {
            let conversations = Arc::make_mut(&mut tables.conversations);
            let (stored, _) = conversations
                .entry(row.room.clone())
                .or_insert_with(|| (row.clone(), circle.to_owned()));
            stored.platform = row.platform.clone();
            stored.updated_at = row.updated_at;
            if row.last_message.is_some() {
                stored.last_message.clone_from(&row.last_message);
            }
        })
        .await
    }

    async fn conversation(&mut self, room: &RoomKey) -> Result<Option<ConversationRow>> {
        let tables = self.tables().await?;
        Ok(tables.conversations.get(room).map(|(row, _)| row.clone()))
    }

    async fn unread_conversations(
        &mut self,
        user: &UserKey,
        limit: u32,
    ) -> Result<Vec<(RoomKey, Platform, u64)>> {
        let tables = self.tables().await?;
        let counted = inbox_of(&tables, user).into_iter().map(|(_, row, floor)| {
            let unread = tables.unread(&row.room, &user.user, &floor.message);
            (row.room, row.platform, unread)
        });
        Ok(counted
            .filter(|(_, _, unread)| *unread > 0)
            .take(limit as usize)
            .collect())
    }

    async fn conversations(
        &mut self,
        user: &UserKey,
        platform: Option<&Platform>,
        after: Option<(Timestamp, String)>,
        limit: u32,
    ) -> Result<Vec<(ConversationRow, Floor)>> {
        let tables = self.tables().await?;
        Ok(inbox_of(&tables, user)
            .into_iter()
            .filter(|(_, row, _)| platform.is_none_or(|platform| row.platform == *platform))
            .filter(|(place, ..)| after.as_ref().is_none_or(|after| place < after))
            .take(limit as usize)
            .map(|(_, row, floor)| (row, floor))
            .collect())
    }
}
