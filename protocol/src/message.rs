//! Messages between people, in chats, threads, visits and calls.

use crate::{
    ErrorReply, Key, MessageId, Millis, Platform, PrivateJson, PrivateText, RoomId, Timestamp,
    UserId, limits, session::Empty,
};
use std::collections::BTreeMap;

domain! {
    "Messages"
    commands {
        "message:send" => Send -> SendReply, Keyed checked;
        "message:received" => Received -> Empty, State;
        "message:read" => Read -> Empty, State;
        "message:history" => History -> HistoryReply, State checked;
        "message:edit" => Edit -> Empty, Keyed checked;
        "message:delete" => Delete -> Empty, Keyed;
        "message:react" => React -> Empty, Keyed checked;
        "message:unreact" => Unreact -> Empty, Keyed checked;
    }
    events {
        "message:new" => New(NewEvent), Retained;
        "message:edited" => Edited(EditedEvent), Retained;
        "message:deleted" => Deleted(DeletedEvent), Retained;
        "message:reaction" => Reaction(ReactionEvent), Retained;
        "message:sent" => Sent(SentEvent), Ephemeral;
        "message:delivered" => Delivered(DeliveredEvent), Ephemeral;
        "message:read" => Read(ReadEvent), Ephemeral;
    }
}

wire! {
    /// Sends a message. A body or an attachment is required.
    pub struct Send {
        /// The room: chat, thread, visit or call.
        pub room_id: RoomId,
        /// The text, at most 64 KiB.
        #[serde(default)]
        pub body: PrivateText,
        /// At most 20.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub attachments: Vec<Attachment>,
        /// The message this answers, in the same room.
        pub reply_to: Option<MessageId>,
        /// Any JSON of the application, at most 256 KiB.
        pub metadata: Option<PrivateJson>,
        /// When the person pressed send, where that was long ago (an offline queue).
        pub composed_at: Option<Timestamp>,
    }

    /// Sent, and durable.
    pub struct SendReply {
        /// The message as stored.
        pub message: Message,
    }

    /// Something reached this device: everything up to this message.
    pub struct Received {
        /// The room.
        pub room_id: RoomId,
        /// The newest message that arrived.
        pub message_id: MessageId,
    }

    /// The person has read everything up to this message.
    pub struct Read {
        /// The room.
        pub room_id: RoomId,
        /// The newest message that was read.
        pub message_id: MessageId,
    }

    /// Asks for older or newer messages.
    pub struct History {
        /// The room.
        pub room_id: RoomId,
        /// Only messages before this one; the newest of them come.
        pub before: Option<MessageId>,
        /// Only messages after this one; the oldest of them come.
        pub after: Option<MessageId>,
        /// Only answers to this one.
        pub reply_to: Option<MessageId>,
        /// How many: 1 to 100, 50 when left out.
        pub limit: Option<u32>,
    }

    /// A page of messages.
    pub struct HistoryReply {
        /// Oldest first.
        pub messages: Vec<Message>,
        /// Whether there are more in the direction asked for.
        pub has_more: bool,
    }

    /// Replaces the body of one's own message.
    pub struct Edit {
        /// The message.
        pub message_id: MessageId,
        /// The new text.
        pub body: PrivateText,
    }

    /// Deletes a message: author and admins.
    pub struct Delete {
        /// The message.
        pub message_id: MessageId,
    }

    /// Adds one's reaction.
    pub struct React {
        /// The message.
        pub message_id: MessageId,
        /// An emoji or short name, at most 64 bytes.
        pub emoji: String,
    }

    /// Takes one's reaction back.
    pub struct Unreact {
        /// The message.
        pub message_id: MessageId,
        /// As given to `message:react`.
        pub emoji: String,
    }

    /// A message.
    pub struct Message {
        /// Ids sort in a room as the offsets do.
        pub id: MessageId,
        /// Where it was sent.
        pub room_id: RoomId,
        /// Who sent it.
        pub sender_id: UserId,
        /// Their name, where the server knows it.
        pub sender_name: Option<PrivateText>,
        /// The text; empty in a deleted message.
        pub body: PrivateText,
        /// Files that belong to it.
        #[serde(default)]
        pub attachments: Vec<Attachment>,
        /// The message it answers.
        pub reply_to: Option<MessageId>,
        /// The platform it came from or goes to, where that is not Carewire.
        pub platform: Option<Platform>,
        /// Any JSON of the application.
        pub metadata: Option<PrivateJson>,
        /// When the server stored it.
        pub sent_at: Timestamp,
        /// When its body was last replaced.
        pub edited_at: Option<Timestamp>,
        /// When it was deleted.
        pub deleted_at: Option<Timestamp>,
        /// Who reacted how.
        #[serde(default)]
        pub reactions: BTreeMap<String, Vec<UserId>>,
        /// The least advanced of the other members.
        pub status: MessageStatus,
        /// The key it was sent with, so that its sender's devices recognise it.
        pub key: Option<Key>,
    }

    /// A file that belongs to a message. Carewire moves the reference, never the file.
    pub struct Attachment {
        /// The file's name.
        pub name: PrivateText,
        /// Its media type.
        pub mime_type: String,
        /// Its size.
        pub size_bytes: u64,
        /// Where it is: http, https or relative.
        pub url: PrivateText,
        /// How long it plays.
        pub duration_ms: Option<Millis>,
    }

    /// A message was stored.
    pub struct NewEvent {
        /// The message.
        pub message: Message,
    }

    /// A message's body was replaced.
    pub struct EditedEvent {
        /// The message as it is now.
        pub message: Message,
    }

    /// A message was deleted.
    pub struct DeletedEvent {
        /// The room.
        pub room_id: RoomId,
        /// The message.
        pub message_id: MessageId,
    }

    /// A reaction was added or taken back.
    pub struct ReactionEvent {
        /// The message.
        pub message_id: MessageId,
        /// Which reaction.
        pub emoji: String,
        /// Whose.
        pub user_id: UserId,
        /// `false`: taken back.
        pub added: bool,
    }

    /// To the sender's other devices: one of them sent a message.
    pub struct SentEvent {
        /// The message.
        pub message_id: MessageId,
        /// The room.
        pub room_id: RoomId,
        /// The key it was sent with.
        pub key: Option<Key>,
    }

    /// To the sender: everything up to the message reached a member's device.
    pub struct DeliveredEvent {
        /// The newest message that arrived.
        pub message_id: MessageId,
        /// The room.
        pub room_id: RoomId,
        /// Who received it.
        pub user_id: UserId,
        /// When.
        pub at: Timestamp,
    }

    /// A member has read everything up to the message.
    pub struct ReadEvent {
        /// The room.
        pub room_id: RoomId,
        /// The newest message that was read.
        pub message_id: MessageId,
        /// Who read it.
        pub user_id: UserId,
        /// When.
        pub at: Timestamp,
    }
}

open_enum! {
    /// How far a message has come, by the least advanced of the other members.
    pub enum MessageStatus {
        /// Stored.
        Sent = "sent",
        /// Reached a device of everyone.
        Delivered = "delivered",
        /// Read by everyone.
        Read = "read",
        /// Another platform could not deliver it.
        Failed = "failed",
    }
}

impl Send {
    /// A message of nothing but text.
    pub fn text(room_id: RoomId, body: impl Into<PrivateText>) -> Self {
        Self {
            room_id,
            body: body.into(),
            attachments: Vec::new(),
            reply_to: None,
            metadata: None,
            composed_at: None,
        }
    }

    fn check(&self) -> Result<(), ErrorReply> {
        check_content(&self.body, &self.attachments)?;
        match &self.metadata {
            Some(json) => limits::check_json("metadata", json, limits::MAX_RETAINED_BYTES),
            None => Ok(()),
        }
    }
}

impl History {
    /// The newest messages of a room.
    pub fn newest(room_id: RoomId) -> Self {
        Self {
            room_id,
            before: None,
            after: None,
            reply_to: None,
            limit: None,
        }
    }

    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_page(self.limit).map(drop)
    }
}

impl Edit {
    fn check(&self) -> Result<(), ErrorReply> {
        check_content(&self.body, &[])
    }
}

impl React {
    fn check(&self) -> Result<(), ErrorReply> {
        check_emoji(&self.emoji)
    }
}

impl Unreact {
    fn check(&self) -> Result<(), ErrorReply> {
        check_emoji(&self.emoji)
    }
}

/// The rules for the content of a message, wherever it comes from.
pub fn check_content(body: &PrivateText, attachments: &[Attachment]) -> Result<(), ErrorReply> {
    if body.is_blank() && attachments.is_empty() {
        return Err(ErrorReply::invalid("body", "Message content is required"));
    }
    if body.len() > limits::MAX_BODY_BYTES {
        return Err(ErrorReply::invalid("body", "body is longer than 64 KiB"));
    }
    if attachments.len() > limits::MAX_ATTACHMENTS {
        return Err(ErrorReply::invalid(
            "attachments",
            "attachments has more than 20 entries",
        ));
    }
    for (index, attachment) in attachments.iter().enumerate() {
        let field = |name| format!("attachments[{index}].{name}");
        limits::check_label(&field("name"), &attachment.name)?;
        limits::check_label(&field("mimeType"), &attachment.mime_type)?;
        if attachment.size_bytes > limits::MAX_INTEGER {
            return Err(ErrorReply::invalid(
                field("sizeBytes"),
                "sizeBytes is too large",
            ));
        }
        if !is_safe_url(&attachment.url) {
            let message = "url must be http, https or relative";
            return Err(ErrorReply::invalid(field("url"), message));
        }
    }
    Ok(())
}

fn check_emoji(emoji: &str) -> Result<(), ErrorReply> {
    if emoji.trim().is_empty() || emoji.len() > limits::MAX_EMOJI_BYTES {
        return Err(ErrorReply::invalid("emoji", "emoji must be 1-64 bytes"));
    }
    Ok(())
}

/// Whether a link cannot run code: http, https, or without a scheme. Control characters are
/// refused because browsers skip them when they look for the scheme.
fn is_safe_url(url: &str) -> bool {
    if url.is_empty() || url.len() > limits::MAX_URL_BYTES || url.contains(char::is_control) {
        return false;
    }
    let scheme_end = url
        .find([':', '/', '?', '#'])
        .filter(|at| url.as_bytes()[*at] == b':');
    match scheme_end {
        Some(end) => {
            let scheme = url[..end].trim().to_ascii_lowercase();
            matches!(scheme.as_str(), "http" | "https")
        }
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_cannot_run_code() {
        for good in [
            "https://x/y",
            "HTTP://x",
            "/files/1",
            "files/1?a=b:c",
            "#a:b",
        ] {
            assert!(is_safe_url(good), "{good}");
        }
        for bad in [
            "",
            "javascript:alert(1)",
            " javascript:x",
            "data:text/html,x",
            "java\nscript:x",
            "file:///x",
        ] {
            assert!(!is_safe_url(bad), "{bad}");
        }
    }

    #[test]
    fn an_empty_message_is_refused_with_the_words_of_the_contract() {
        let room = RoomId::chat("a", "b").unwrap();
        let error = crate::Command::validate(&Send::text(room, " \n")).unwrap_err();
        assert_eq!(error.message, "Message content is required");
        assert_eq!(error.field.as_deref(), Some("body"));
    }
}
