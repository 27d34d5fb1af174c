//! One inbox over many platforms, and threads of chosen members.

use crate::{
    ErrorReply, MessageId, Platform, PrivateJson, PrivateText, RoomId, Timestamp, UserId, limits,
    message::{Message, MessageStatus},
    session::Empty,
};
use std::collections::BTreeMap;

domain! {
    "Conversations"
    commands {
        "conversation:list" => List -> ListReply, State checked;
        "thread:create" => CreateThread -> CreateThreadReply, Keyed checked;
        "thread:addMembers" => AddMembers -> Empty, Keyed checked;
        "thread:removeMembers" => RemoveMembers -> Empty, Keyed checked;
        "unread:get" => GetUnread -> UnreadCounts, State;
    }
    events {
        "conversation:update" => Update(UpdateEvent), Ephemeral;
        "unread:update" => Unread(UnreadEvent), Ephemeral;
        "message:status" => MessageStatus(MessageStatusEvent), Ephemeral;
    }
}

wire! {
    /// Asks for one's conversations, the most recently active first.
    #[derive(Default)]
    pub struct List {
        /// Only those of this platform.
        pub platform: Option<Platform>,
        /// Where the former page ended.
        pub cursor: Option<String>,
        /// How many: 1 to 100, 50 when left out.
        pub limit: Option<u32>,
    }

    /// A page of conversations.
    pub struct ListReply {
        /// The most recently active first.
        pub conversations: Vec<Conversation>,
        /// Set when there are more.
        pub cursor: Option<String>,
    }

    /// Makes a thread; its creator is a member.
    pub struct CreateThread {
        /// Its title.
        pub title: Option<PrivateText>,
        /// People one may chat with.
        pub member_ids: Vec<UserId>,
        /// Where it takes place; `internal` when left out.
        pub platform: Option<Platform>,
        /// Any JSON of the application.
        pub metadata: Option<PrivateJson>,
    }

    /// Made.
    pub struct CreateThreadReply {
        /// The thread's room.
        pub room_id: RoomId,
    }

    /// Adds members: the creator, staff and admins.
    pub struct AddMembers {
        /// The thread's room.
        pub room_id: RoomId,
        /// People one may chat with.
        pub member_ids: Vec<UserId>,
        /// Whether they may read what was written before; otherwise their history begins now.
        pub share_history: Option<bool>,
    }

    /// Removes members: the creator, staff and admins.
    pub struct RemoveMembers {
        /// The thread's room.
        pub room_id: RoomId,
        /// Whom.
        pub member_ids: Vec<UserId>,
    }

    /// Asks for one's unread counts.
    #[derive(Copy, Default)]
    pub struct GetUnread {}

    /// How many messages of others are unread.
    #[derive(Default)]
    pub struct UnreadCounts {
        /// By platform; platforms without unread messages are left out.
        #[serde(default)]
        pub unread_counts: BTreeMap<Platform, u64>,
        /// Over all platforms.
        #[serde(default)]
        pub total_unread: u64,
        /// By room; in `unread:update` only those that changed, 0 included.
        #[serde(default)]
        pub rooms: BTreeMap<RoomId, u64>,
    }

    /// A conversation as one member sees it.
    pub struct Conversation {
        /// Its room.
        pub room_id: RoomId,
        /// Its title.
        pub title: Option<PrivateText>,
        /// Where it takes place.
        pub platform: Platform,
        /// Who takes part.
        pub member_ids: Vec<UserId>,
        /// The newest message.
        pub last_message: Option<Message>,
        /// How many messages of others are unread.
        pub unread_count: u64,
        /// When something last happened.
        pub updated_at: Timestamp,
    }

    /// A new message, a new conversation or new members.
    pub struct UpdateEvent {
        /// The conversation as it is now.
        pub conversation: Conversation,
        /// The message that is new.
        pub message: Option<Message>,
    }

    /// Unread counts changed.
    pub struct UnreadEvent {
        /// The counts; `rooms` holds what changed.
        #[serde(flatten)]
        pub counts: UnreadCounts,
    }

    /// A message on another platform was delivered, read, or failed.
    pub struct MessageStatusEvent {
        /// The message.
        pub message_id: MessageId,
        /// Its room.
        pub room_id: RoomId,
        /// How far it has come.
        pub status: MessageStatus,
        /// For whom.
        pub user_id: UserId,
    }
}

impl List {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_page(self.limit).map(drop)
    }
}

impl CreateThread {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_filled_list("memberIds", self.member_ids.len())?;
        limits::check_label("title", self.title.as_deref().unwrap_or_default())?;
        match &self.metadata {
            Some(json) => limits::check_json("metadata", json, limits::MAX_RETAINED_BYTES),
            None => Ok(()),
        }
    }
}

impl AddMembers {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_filled_list("memberIds", self.member_ids.len())
    }
}

impl RemoveMembers {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_filled_list("memberIds", self.member_ids.len())
    }
}
