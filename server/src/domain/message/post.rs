//! Messages that backends bring: from other platforms, and in anybody's name.

use super::{add_statuses, advance_cursor, announce, tell_read};
use crate::{
    auth::Identity,
    core::{Caller, require},
    domain::{conversation, directory},
    error::{Error, Result},
    hub::Audience,
    keys::{RoomKey, UserKey},
    policy::{Action, Circle},
    store::{ThreadRow, Tx},
};
use carewire_protocol::{
    ErrorReply, MessageId, PrivateText, RoomId, UserId,
    backend::{InboundMessage, MessageStatusUpdate, PostMessageReply, RoomMessage},
    conversation::MessageStatusEvent,
    message::{Message, MessageStatus, NewEvent},
};
use std::collections::BTreeMap;

/// `POST /v1/messages` from another platform: into the conversation of recipient, platform and
/// sender, which is made at need. The same `externalId` again stores nothing new.
pub async fn post_inbound(caller: &Caller, body: InboundMessage) -> Result<PostMessageReply> {
    let core = &caller.core;
    let tenant = caller.identity.tenant.clone();
    let thread =
        conversation::platform_thread(&body.recipient_id, &body.platform, &body.sender.id)?;
    let room = RoomKey::new(&tenant, RoomId::Thread(thread.clone()));
    let sender = match UserId::new(&*body.sender.id) {
        Ok(id) => id,
        // A telephone number is no id; its conversation's name is as good.
        Err(_) => UserId::new(thread.as_str())?,
    };
    let recipient = UserKey::new(&tenant, &body.recipient_id);
    let connected = directory::connected_now(core);
    let key = caller.key.clone();
    let by = caller.identity.key();
    let target = room.clone();
    let (reply, is_new) = core
        .write(move |tx| {
            Box::pin(async move {
                let mut stored = tx.replayed(&by, key.as_ref(), POST_MESSAGE).await?;
                if let (None, Some(external)) = (&stored, &body.external_id) {
                    let id = tx
                        .rows()
                        .message_by_external_id(&tenant, &body.platform, external);
                    stored = id.await?.map(|id| id.to_string());
                }
                if let Some(id) = stored {
                    let reply = posted(tx, &MessageId::new(id)?, &recipient).await?;
                    return Ok((reply, false));
                }
                if tx.rows().thread(&tenant, &thread).await?.is_none() {
                    let row = ThreadRow {
                        title: body.sender.name.clone(),
                        platform: body.platform.clone(),
                        metadata: None,
                        creator: None,
                    };
                    let people = [body.recipient_id.clone(), sender.clone()];
                    conversation::put_thread(tx, &target, &thread, row, people, true).await?;
                }
                let draft = RoomMessage {
                    room_id: target.room.clone(),
                    sender_id: sender,
                    body: body.body,
                    attachments: body.attachments,
                    reply_to: None,
                    metadata: None,
                    composed_at: None,
                };
                let external = body.external_id.as_deref();
                let mut message = draft_of(tx, draft, body.sender.name)?;
                message.platform = Some(body.platform);
                let event = |message| NewEvent { message };
                let message = tx
                    .insert_message(&target, message, None, external, event)
                    .await?;
                tx.remember(&by, key.as_ref(), POST_MESSAGE, message.id.to_string())
                    .await?;
                directory::tell_backends(tx, &target, &message, &connected).await?;
                Ok((posted(tx, &message.id, &recipient).await?, true))
            })
        })
        .await?;
    if is_new {
        announce(core, &room, &reply.message, None);
    }
    Ok(reply)
}

/// `POST /v1/messages` into any room, as any sender.
pub async fn post_to_room(caller: &Caller, body: RoomMessage) -> Result<PostMessageReply> {
    let core = &caller.core;
    let room = caller.room(&body.room_id);
    if !body.room_id.kind().has_messages() {
        return Err(Error::Refused(ErrorReply::conversation_denied()));
    }
    let connected = directory::connected_now(core);
    let identity = caller.identity.clone();
    let key = caller.key.clone();
    let options = core.config.policy.clone();
    let target = room.clone();
    let (reply, is_new) = core
        .write(move |tx| {
            Box::pin(async move {
                let by = identity.key();
                let sender = UserKey::new(&by.tenant, &body.sender_id);
                if let Some(id) = tx.replayed(&by, key.as_ref(), POST_MESSAGE).await? {
                    return Ok((posted(tx, &MessageId::new(id)?, &sender).await?, false));
                }
                let action = Action::Write;
                require(tx.rows(), &identity, action, &target, &options).await?;
                if let Some(reply_to) = &body.reply_to {
                    let answered = tx.rows().message(&by.tenant, reply_to).await?;
                    if answered.is_none_or(|message| message.room_id != target.room) {
                        return Err(Error::Refused(ErrorReply::message_not_found()));
                    }
                }
                let name = tx.rows().user(&sender).await?.and_then(|user| user.name);
                let mut message = draft_of(tx, body, name)?;
                message.key = key.clone();
                let event = |message| NewEvent { message };
                let message = tx
                    .insert_message(&target, message, None, None, event)
                    .await?;
                tx.remember(&by, key.as_ref(), POST_MESSAGE, message.id.to_string())
                    .await?;
                directory::tell_backends(tx, &target, &message, &connected).await?;
                Ok((posted(tx, &message.id, &sender).await?, true))
            })
        })
        .await?;
    if is_new {
        announce(core, &room, &reply.message, None);
    }
    Ok(reply)
}

/// The name under which keys of `POST /v1/messages` are stored.
const POST_MESSAGE: &str = "POST /v1/messages";

fn draft_of(tx: &Tx, body: RoomMessage, sender_name: Option<PrivateText>) -> Result<Message> {
    Ok(Message {
        // Both are given when it is stored.
        id: MessageId::new("new")?,
        sent_at: tx.now(),
        room_id: body.room_id,
        sender_id: body.sender_id,
        sender_name,
        body: body.body,
        attachments: body.attachments,
        reply_to: body.reply_to,
        platform: None,
        metadata: body.metadata,
        edited_at: None,
        deleted_at: None,
        reactions: BTreeMap::new(),
        status: MessageStatus::Sent,
        key: None,
    })
}

/// A stored message with its conversation, as a member sees it.
async fn posted(tx: &mut Tx, id: &MessageId, member: &UserKey) -> Result<PostMessageReply> {
    let not_found = || Error::Refused(ErrorReply::message_not_found());
    let message = tx.rows().message(&member.tenant, id).await?;
    let mut message = message.ok_or_else(not_found)?;
    let room = RoomKey::new(&member.tenant, message.room_id.clone());
    add_statuses(tx.rows(), &room, std::slice::from_mut(&mut message)).await?;
    let conversation = conversation::view_of_room(tx.rows(), member, &room).await?;
    Ok(PostMessageReply {
        message,
        conversation: conversation.ok_or_else(not_found)?,
    })
}

/// `POST /v1/messages/{id}/status`: how far a message came on another platform.
pub async fn post_status(caller: &Caller, id: MessageId, body: MessageStatusUpdate) -> Result<()> {
    let core = &caller.core;
    let Identity { tenant, .. } = caller.identity.clone();
    let user = UserKey::new(&tenant, &body.user_id);
    let status = body.status.clone();
    let message_id = id.clone();
    let (room, members, moved) = core
        .write(move |tx| {
            Box::pin(async move {
                let found = tx.rows().message(&tenant, &id).await?;
                let message =
                    found.ok_or_else(|| Error::Refused(ErrorReply::message_not_found()))?;
                let room = RoomKey::new(&tenant, message.room_id);
                tx.rows()
                    .set_message_status(&tenant, &id, &body.user_id, &body.status)
                    .await?;
                let read = body.status == MessageStatus::Read;
                let mut moved = false;
                if body.status != MessageStatus::Failed {
                    let passed = advance_cursor(tx, &room, &body.user_id, &id, read).await?;
                    moved = read && passed.is_some();
                }
                let members = match Circle::of(&room.room) {
                    Some(circle) => tx.rows().members(&tenant, circle.name()).await?,
                    None => Vec::new(),
                };
                Ok((room, members, moved))
            })
        })
        .await?;
    for member in members {
        let event = MessageStatusEvent {
            message_id: message_id.clone(),
            room_id: room.room.clone(),
            status: status.clone(),
            user_id: user.user.clone(),
        };
        let member = UserKey::new(&user.tenant, &member.user);
        core.tell_user(&member, None, &event, Audience::Everyone);
    }
    if moved {
        tell_read(core, &room, &user, &message_id, None);
    }
    Ok(())
}
