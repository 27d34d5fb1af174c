//! One inbox over many platforms.

use crate::{Client, RequestError};
use carewire_protocol::{
    PrivateText, RoomId, UserId,
    conversation::{self, Conversation, ListReply, UnreadCounts},
};

/// Conversations, unread counts and threads. From [`Client::inbox`].
///
/// ```no_run
/// # async fn example(client: carewire::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let inbox = client.inbox();
/// for conversation in inbox.conversations().await? {
///     println!("{}: {} unread", conversation.room_id, conversation.unread_count);
/// }
/// let team = inbox.create_thread("Ward 3", ["dr-lee".parse()?, "dr-kim".parse()?]).await?;
/// client.join(team).await?.send("Good morning").await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Inbox {
    client: Client,
}

impl Client {
    /// Conversations, unread counts and threads.
    pub fn inbox(&self) -> Inbox {
        Inbox {
            client: self.clone(),
        }
    }
}

impl Inbox {
    /// The conversations, the most recently active first: all of them, page by page.
    pub async fn conversations(&self) -> Result<Vec<Conversation>, RequestError> {
        let mut all = Vec::new();
        let mut list = conversation::List::default();
        loop {
            let page = self.list(list).await?;
            all.extend(page.conversations);
            match page.cursor {
                Some(cursor) => {
                    list = conversation::List {
                        cursor: Some(cursor),
                        ..Default::default()
                    }
                }
                None => return Ok(all),
            }
        }
    }

    /// One page of conversations.
    pub async fn list(&self, list: conversation::List) -> Result<ListReply, RequestError> {
        self.client.request(list).await
    }

    /// How many messages of others are unread.
    pub async fn unread(&self) -> Result<UnreadCounts, RequestError> {
        self.client.request(conversation::GetUnread {}).await
    }

    /// Makes a thread of oneself and these people, and returns its room, ready to be joined.
    pub async fn create_thread(
        &self,
        title: impl Into<PrivateText>,
        members: impl IntoIterator<Item = UserId>,
    ) -> Result<RoomId, RequestError> {
        let title = Some(title.into()).filter(|title: &PrivateText| !title.is_empty());
        let member_ids = members.into_iter().collect();
        let create = conversation::CreateThread {
            title,
            member_ids,
            platform: None,
            metadata: None,
        };
        Ok(self.client.request(create).await?.room_id)
    }

    /// Adds people to a thread. Their history begins now, unless it is shared with them.
    pub async fn add_members(
        &self,
        room_id: RoomId,
        members: impl IntoIterator<Item = UserId>,
        share_history: bool,
    ) -> Result<(), RequestError> {
        let member_ids = members.into_iter().collect();
        let share_history = share_history.then_some(true);
        let add = conversation::AddMembers {
            room_id,
            member_ids,
            share_history,
        };
        self.client.request(add).await.map(drop)
    }

    /// Removes people from a thread.
    pub async fn remove_members(
        &self,
        room_id: RoomId,
        members: impl IntoIterator<Item = UserId>,
    ) -> Result<(), RequestError> {
        let member_ids = members.into_iter().collect();
        self.client
            .request(conversation::RemoveMembers {
                room_id,
                member_ids,
            })
            .await
            .map(drop)
    }
}
