//! A conversation as somebody sees it.

use crate::{
    auth::Identity,
    core::Core,
    domain::message,
    error::Result,
    keys::{RoomKey, UserKey},
    policy::{Action, Circle},
    store::{ConversationRow, Floor, MemberRow, Rows},
};
use carewire_protocol::{
    PrivateText, UserId,
    conversation::{Conversation, UnreadCounts},
    message::Message,
};

/// What all members of a conversation see of it.
#[derive(Debug)]
pub struct Shared {
    row: ConversationRow,
    last_message: Option<Message>,
    title: Option<PrivateText>,
    members: Vec<MemberRow>,
}

impl Shared {
    /// Reads it; `None` where the room has no conversation.
    pub async fn read(rows: &mut dyn Rows, room: &RoomKey) -> Result<Option<Self>> {
        match rows.conversation(room).await? {
            Some(row) => Ok(Some(Self::of(rows, row).await?)),
            None => Ok(None),
        }
    }

    /// Reads what belongs to an entry of the inbox.
    pub async fn of(rows: &mut dyn Rows, row: ConversationRow) -> Result<Self> {
        let room = &row.room;
        let mut last_message = match &row.last_message {
            Some(id) => rows.message(&room.tenant, id).await?,
            None => None,
        };
        if let Some(last) = &mut last_message {
            message::add_statuses(rows, room, std::slice::from_mut(last)).await?;
        }
        let circle = Circle::of(&room.room);
        let title = match circle.as_ref().and_then(Circle::thread) {
            Some(thread) => rows
                .thread(&room.tenant, thread)
                .await?
                .and_then(|thread| thread.title),
            None => None,
        };
        let members = match &circle {
            Some(circle) => rows.members(&room.tenant, circle.name()).await?,
            None => Vec::new(),
        };
        Ok(Self {
            row,
            last_message,
            title,
            members,
        })
    }

    /// As a member sees it whose unread messages have just been counted; `None` for whoever is
    /// none, or may no longer read it.
    pub async fn seen_by(
        &self,
        core: &Core,
        rows: &mut Box<dyn Rows>,
        identity: &Identity,
        counted: &UnreadCounts,
    ) -> Result<Option<Conversation>> {
        let room = &self.row.room;
        let mut members = self.members.iter();
        let Some(member) = members.find(|member| member.user == identity.user) else {
            return Ok(None);
        };
        // What was counted, they may read.
        if let Some(unread) = counted.rooms.get(&room.room) {
            return Ok(Some(self.with(*unread, &member.floor)));
        }
        let action = Action::History;
        let authorised = core
            .authorised_rooms(rows, identity, action, &[room])
            .await?;
        let admits = core.admits(&mut **rows, identity, action, room, authorised[0]);
        if !admits.await? {
            return Ok(None);
        }
        self.seen_from(&mut **rows, &member.user, &member.floor)
            .await
            .map(Some)
    }

    /// As somebody sees it whose reading begins at a floor.
    pub async fn seen_from(
        &self,
        rows: &mut dyn Rows,
        user: &UserId,
        floor: &Floor,
    ) -> Result<Conversation> {
        let unread = rows.unread(&self.row.room, user, &floor.message).await?;
        Ok(self.with(unread, floor))
    }

    fn with(&self, unread_count: u64, floor: &Floor) -> Conversation {
        let last_message = self.last_message.as_ref();
        Conversation {
            room_id: self.row.room.room.clone(),
            title: self.title.clone(),
            platform: self.row.platform.clone(),
            member_ids: self
                .members
                .iter()
                .map(|member| member.user.clone())
                .collect(),
            last_message: last_message
                .filter(|last| last.id.as_str() > floor.message.as_str())
                .cloned(),
            unread_count,
            updated_at: self.row.updated_at,
        }
    }
}

/// A conversation as one of its members sees it.
pub async fn view(
    rows: &mut dyn Rows,
    user: &UserKey,
    room: &RoomKey,
) -> Result<Option<Conversation>> {
    let Some(circle) = Circle::of(&room.room) else {
        return Ok(None);
    };
    let Some(member) = rows.member(&room.tenant, circle.name(), &user.user).await? else {
        return Ok(None);
    };
    match Shared::read(rows, room).await? {
        Some(shared) => Ok(Some(
            shared.seen_from(rows, &user.user, &member.floor).await?,
        )),
        None => Ok(None),
    }
}

/// A conversation as somebody sees it who may not be a member: a backend, or an admin.
pub async fn view_of_room(
    rows: &mut dyn Rows,
    user: &UserKey,
    room: &RoomKey,
) -> Result<Option<Conversation>> {
    match Shared::read(rows, room).await? {
        Some(shared) => Ok(Some(
            shared
                .seen_from(rows, &user.user, &Floor::default())
                .await?,
        )),
        None => Ok(None),
    }
}
