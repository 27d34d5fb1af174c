//! The bodies of what a backend sends over HTTP, and the replies to them.

use crate::{
    ErrorReply, MessageId, NotificationId, NotificationKind, Platform, PrivateJson, PrivateText,
    Role, RoomId, TemplateId, Timestamp, TopicName, UserId,
    conversation::Conversation,
    frame, limits,
    message::{Attachment, Message, MessageStatus, check_content},
    notification::Priority,
};

/// The body of `POST /v1/messages`: a message from another platform, or one into any room.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum PostMessage {
    /// From another platform.
    Inbound(InboundMessage),
    /// Into any room, in the name of any user of the tenant.
    Room(RoomMessage),
}

wire! {
    /// A message from another platform, stored in the conversation of recipient, platform and
    /// sender, which is made at need.
    pub struct InboundMessage {
        /// For whom.
        pub recipient_id: UserId,
        /// Where it was written.
        pub platform: Platform,
        /// By whom.
        pub sender: ExternalSender,
        /// The text, at most 64 KiB.
        #[serde(default)]
        pub body: PrivateText,
        /// At most 20.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub attachments: Vec<Attachment>,
        /// Its id on that platform. The same again stores nothing new.
        pub external_id: Option<String>,
    }

    /// Somebody on another platform.
    pub struct ExternalSender {
        /// How that platform knows them: a number, an address, an account.
        pub id: PrivateText,
        /// Their name.
        pub name: Option<PrivateText>,
    }

    /// A message into any room.
    pub struct RoomMessage {
        /// The room: chat, thread, visit or call.
        pub room_id: RoomId,
        /// In whose name.
        pub sender_id: UserId,
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
        /// When it was written, where that was long ago.
        pub composed_at: Option<Timestamp>,
    }

    /// Stored.
    pub struct PostMessageReply {
        /// The message.
        pub message: Message,
        /// Its conversation.
        pub conversation: Conversation,
    }

    /// The body of `POST /v1/messages/{id}/status`: what became of a message on another platform.
    pub struct MessageStatusUpdate {
        /// For whom.
        pub user_id: UserId,
        /// `delivered`, `read` or `failed`.
        pub status: MessageStatus,
    }

    /// The body of `POST /v1/notifications`, to exactly one of a user and a topic.
    pub struct PostNotification {
        /// To one person.
        pub user_id: Option<UserId>,
        /// To all who are subscribed.
        pub topic: Option<TopicName>,
        /// What it is about.
        pub kind: NotificationKind,
        /// Its heading, at most 1,024 bytes.
        pub title: PrivateText,
        /// Its text, at most 64 KiB.
        pub message: PrivateText,
        /// How much it matters; `normal` when left out.
        pub priority: Option<Priority>,
        /// Any JSON of the application, at most 256 KiB.
        pub data: Option<PrivateJson>,
    }

    /// Stored.
    pub struct PostNotificationReply {
        /// The notification.
        pub notification_id: NotificationId,
    }

    /// The body of `PUT /v1/visits/{visitId}`.
    pub struct PutVisit {
        /// All of them; whoever is not named is removed.
        pub participant_ids: Vec<UserId>,
    }

    /// The body of `PUT /v1/threads/{threadId}`.
    pub struct PutThread {
        /// Its title.
        pub title: Option<PrivateText>,
        /// All of them; whoever is not named is removed.
        pub member_ids: Vec<UserId>,
        /// Where it takes place; `internal` when left out.
        pub platform: Option<Platform>,
        /// Any JSON of the application.
        pub metadata: Option<PrivateJson>,
    }

    /// The body of `PUT /v1/users/{userId}`.
    pub struct PutUser {
        /// What they are.
        pub role: Role,
        /// Their name.
        pub name: Option<PrivateText>,
    }

    /// The body of `PUT /v1/reports/{reportId}`.
    pub struct PutReport {
        /// Whose it is.
        pub owner_id: UserId,
        /// The template it is made from.
        pub template_id: Option<TemplateId>,
    }

    /// The body of `PUT /v1/templates/{templateId}`.
    #[derive(Default)]
    pub struct PutTemplate {
        /// Whose it is.
        pub owner_id: Option<UserId>,
    }

    /// The body of `POST /v1/users/{userId}/rooms` and `POST /v1/connections/{id}/rooms`.
    #[derive(Default)]
    pub struct UserRooms {
        /// Rooms to join for present connections, authorised as their user.
        #[serde(default)]
        pub join: Vec<RoomId>,
        /// Rooms to leave.
        #[serde(default)]
        pub leave: Vec<RoomId>,
    }

    /// The body of `POST /v1/access/recheck`: whose memberships to decide anew, all of the tenant
    /// when both are left out.
    #[derive(Default)]
    pub struct Recheck {
        /// Only of this user.
        pub user_id: Option<UserId>,
        /// Only in this room.
        pub room_id: Option<RoomId>,
    }
}

impl PostMessage {
    /// Reads and checks the body. One with a `roomId` is for that room, any other is from another
    /// platform.
    pub fn decode(text: &str) -> Result<Self, ErrorReply> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Peek {
            room_id: Option<serde::de::IgnoredAny>,
        }
        if frame::decode_body::<Peek>(text)?.room_id.is_some() {
            let message: RoomMessage = frame::decode_body(text)?;
            message.check()?;
            Ok(Self::Room(message))
        } else {
            let message: InboundMessage = frame::decode_body(text)?;
            message.check()?;
            Ok(Self::Inbound(message))
        }
    }
}

impl InboundMessage {
    /// The rules that the types cannot express.
    pub fn check(&self) -> Result<(), ErrorReply> {
        check_content(&self.body, &self.attachments)?;
        if self.platform.is_internal() {
            return Err(ErrorReply::invalid(
                "platform",
                "platform must be another than internal",
            ));
        }
        if self.sender.id.is_blank() {
            return Err(ErrorReply::invalid("sender.id", "sender.id is required"));
        }
        limits::check_label("sender.id", &self.sender.id)?;
        limits::check_label(
            "sender.name",
            self.sender.name.as_deref().unwrap_or_default(),
        )?;
        limits::check_label(
            "externalId",
            self.external_id.as_deref().unwrap_or_default(),
        )
    }
}

impl RoomMessage {
    /// The rules that the types cannot express.
    pub fn check(&self) -> Result<(), ErrorReply> {
        check_content(&self.body, &self.attachments)?;
        check_metadata(self.metadata.as_ref())
    }
}

impl MessageStatusUpdate {
    /// The rules that the types cannot express.
    pub fn check(&self) -> Result<(), ErrorReply> {
        use MessageStatus::{Delivered, Failed, Read};
        if matches!(self.status, Delivered | Read | Failed) {
            return Ok(());
        }
        Err(ErrorReply::invalid(
            "status",
            "status must be delivered, read or failed",
        ))
    }
}

impl PostNotification {
    /// The rules that the types cannot express.
    pub fn check(&self) -> Result<(), ErrorReply> {
        match (&self.user_id, &self.topic) {
            (None, None) => {
                return Err(ErrorReply::invalid("userId", "userId or topic is required"));
            }
            (Some(_), Some(_)) => {
                return Err(ErrorReply::invalid(
                    "topic",
                    "userId and topic exclude each other",
                ));
            }
            _ => {}
        }
        if let Some(priority) = &self.priority {
            priority.check("priority")?;
        }
        if self.title.is_blank() {
            return Err(ErrorReply::invalid("title", "title is required"));
        }
        limits::check_label("title", &self.title)?;
        limits::check_size("message", self.message.len(), limits::MAX_BODY_BYTES)?;
        match &self.data {
            Some(data) => limits::check_json("data", data, limits::MAX_RETAINED_BYTES),
            None => Ok(()),
        }
    }
}

impl PutVisit {
    /// The rules that the types cannot express.
    pub fn check(&self) -> Result<(), ErrorReply> {
        limits::check_list("participantIds", self.participant_ids.len())
    }
}

impl PutThread {
    /// The rules that the types cannot express.
    pub fn check(&self) -> Result<(), ErrorReply> {
        limits::check_list("memberIds", self.member_ids.len())?;
        limits::check_label("title", self.title.as_deref().unwrap_or_default())?;
        check_metadata(self.metadata.as_ref())
    }
}

impl PutUser {
    /// The rules that the types cannot express.
    pub fn check(&self) -> Result<(), ErrorReply> {
        self.role.check("role")?;
        limits::check_label("name", self.name.as_deref().unwrap_or_default())
    }
}

impl UserRooms {
    /// The rules that the types cannot express.
    pub fn check(&self) -> Result<(), ErrorReply> {
        limits::check_list("join", self.join.len())?;
        limits::check_list("leave", self.leave.len())
    }
}

fn check_metadata(metadata: Option<&PrivateJson>) -> Result<(), ErrorReply> {
    match metadata {
        Some(json) => limits::check_json("metadata", json, limits::MAX_RETAINED_BYTES),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_of_a_message() {
        let inbound =
            r#"{"recipientId":"ana","platform":"sms","sender":{"id":"+15550100"},"body":"Hi"}"#;
        assert!(matches!(
            PostMessage::decode(inbound),
            Ok(PostMessage::Inbound(_))
        ));
        let room = r#"{"roomId":"visit:v1","senderId":"dr-lee","body":"Hi"}"#;
        assert!(matches!(
            PostMessage::decode(room),
            Ok(PostMessage::Room(_))
        ));

        let field = |text| PostMessage::decode(text).unwrap_err().field.unwrap();
        assert_eq!(field("{}"), "recipientId");
        assert_eq!(field(r#"{"roomId":"visit:v1","body":"Hi"}"#), "senderId");
        assert_eq!(field(r#"{"roomId":"visit:v1","senderId":"a"}"#), "body");
        assert_eq!(field(&inbound.replace("sms", "internal")), "platform");
    }

    #[test]
    fn a_notification_has_one_audience() {
        let check = |text: &str| {
            frame::decode_body::<PostNotification>(text)
                .unwrap()
                .check()
        };
        let rest = r#""kind":"lab_result","title":"Results","message":"Ready""#;
        assert!(check(&format!(r#"{{"userId":"ana",{rest}}}"#)).is_ok());
        assert!(check(&format!("{{{rest}}}")).is_err());
        assert!(check(&format!(r#"{{"userId":"ana","topic":"t",{rest}}}"#)).is_err());
    }
}
