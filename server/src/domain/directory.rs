//! Who is who and may see whom: what backends say, and what they need to hear.

use super::{conversation, inbox, message};
use crate::{
    auth::Identity,
    backplane::Change,
    core::{Caller, Core},
    error::{Error, Result},
    hub::{Audience, Hub},
    keys::{RoomKey, UserKey},
    policy::Circle,
    store::{MemberRow, ThreadRow, Tx, UserRow},
};
use carewire_protocol::{
    ErrorReply, MessageId, PrivateText, ReportId, RoomId, TemplateId, TenantId, UserId, VisitId,
    backend::{
        InboundMessage, MessageStatusUpdate, OutboundEvent, PostMessageReply, PushKind,
        PushWantedEvent, PutReport, PutTemplate, PutThread, PutUser, PutVisit, RoomMessage,
    },
    conversation::MessageStatusEvent,
    message::{Message, MessageStatus, NewEvent},
    notification::Priority,
};
use sha1::{Digest, Sha1};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

/// Who is connected at the moment of asking.
#[derive(Debug, Clone)]
pub struct Connected(Arc<Hub>);

/// Who is connected, to be asked within a transaction.
pub fn connected_now(core: &Core) -> Connected {
    Connected(Arc::clone(&core.hub))
}

impl Connected {
    /// Whether a user is.
    pub fn has(&self, user: &UserKey) -> bool {
        self.0.is_connected(user)
    }
}

/// Tells backends what they have to carry further: a reply to another platform, and that people
/// without a connection were written to.
pub async fn tell_backends(
    tx: &mut Tx,
    room: &RoomKey,
    message: &Message,
    connected: &Connected,
) -> Result<()> {
    let Some(circle) = Circle::of(&room.room) else {
        return Ok(());
    };
    let backend = RoomKey::new(&room.tenant, RoomId::Backend(room.tenant.clone()));
    let mut people: Vec<UserId> = match circle.pair() {
        Some((a, b)) => vec![a.clone(), b.clone()],
        None => {
            let members = tx.rows().members(&room.tenant, circle.name()).await?;
            members.into_iter().map(|member| member.user).collect()
        }
    };
    let elsewhere = match circle.thread() {
        Some(thread) => {
            let row = tx.rows().thread(&room.tenant, thread).await?;
            row.is_some_and(|row| !row.platform.is_internal())
        }
        None => false,
    };
    if elsewhere && message.platform.is_none() {
        let sender = UserKey::new(&room.tenant, &message.sender_id);
        if let Some(conversation) = conversation::view(tx.rows(), &sender, room).await? {
            let event = OutboundEvent {
                message: message.clone(),
                conversation,
            };
            tx.append_about(&backend, None, Some(&message.id), &event)
                .await?;
        }
    }
    people.retain(|user| {
        *user != message.sender_id && !connected.has(&UserKey::new(&room.tenant, user))
    });
    if elsewhere {
        // Whoever is on the other platform is no user here and has no device to push to.
        let mut users = Vec::new();
        for user in people {
            if tx
                .rows()
                .user(&UserKey::new(&room.tenant, &user))
                .await?
                .is_some()
            {
                users.push(user);
            }
        }
        people = users;
    }
    if !people.is_empty() {
        let event = PushWantedEvent {
            user_ids: people,
            kind: PushKind::Message,
            id: message.id.to_string(),
            priority: Priority::Normal,
        };
        tx.append(&backend, None, &event).await?;
    }
    Ok(())
}

/// `PUT /v1/users/{userId}`.
pub async fn put_user(core: &Core, user: UserKey, body: PutUser) -> Result<()> {
    let row = UserRow {
        role: body.role,
        name: body.name,
        declared: true,
    };
    let change = Change::User(user.clone());
    core.change_directory([change], move |tx| {
        Box::pin(async move { tx.rows().put_user(&user, &row).await })
    })
    .await
}

/// `PUT` and `DELETE /v1/care-team/{providerId}/{patientId}`.
pub async fn set_care(core: &Core, provider: UserKey, patient: UserKey, cares: bool) -> Result<()> {
    let changes = [
        Change::User(provider.clone()),
        Change::User(patient.clone()),
    ];
    core.change_directory(changes, move |tx| {
        Box::pin(async move {
            tx.rows()
                .set_care(&provider.tenant, &provider.user, &patient.user, cares)
                .await
        })
    })
    .await
}

/// `PUT /v1/visits/{visitId}`.
pub async fn put_visit(core: &Core, room: RoomKey, body: PutVisit) -> Result<()> {
    let RoomId::Visit(visit) = room.room.clone() else {
        return Err(Error::Refused(ErrorReply::room_not_found()));
    };
    let change = Change::Room(room.clone());
    core.change_directory([change], move |tx| {
        Box::pin(async move { store_visit(tx, &room, &visit, body.participant_ids).await })
    })
    .await
}

/// `PUT /v1/reports/{reportId}`.
pub async fn put_report(
    core: &Core,
    tenant: &TenantId,
    report: ReportId,
    body: PutReport,
) -> Result<()> {
    let room = RoomKey::new(tenant, RoomId::Report(report.clone()));
    let tenant = tenant.clone();
    core.change_directory([Change::Room(room)], move |tx| {
        Box::pin(async move {
            let template = body.template_id.as_ref();
            let rows = tx.rows();
            rows.put_report(&tenant, &report, &body.owner_id, template)
                .await
        })
    })
    .await
}

/// `PUT /v1/templates/{templateId}`.
pub async fn put_template(
    core: &Core,
    tenant: &TenantId,
    template: TemplateId,
    body: PutTemplate,
) -> Result<()> {
    let room = RoomKey::new(tenant, RoomId::Template(template.clone()));
    let tenant = tenant.clone();
    core.change_directory([Change::Room(room)], move |tx| {
        Box::pin(async move {
            let owner = body.owner_id.as_ref();
            tx.rows().put_template(&tenant, &template, owner).await
        })
    })
    .await
}

async fn store_visit(
    tx: &mut Tx,
    room: &RoomKey,
    visit: &VisitId,
    participants: Vec<UserId>,
) -> Result<()> {
    tx.rows().put_visit(&room.tenant, visit).await?;
    // Whoever takes part in a visit may read all of it.
    set_members(tx, room, participants, true).await
}

/// Makes the members of a circle exactly these.
async fn set_members(
    tx: &mut Tx,
    room: &RoomKey,
    members: Vec<UserId>,
    shared: bool,
) -> Result<()> {
    let Some(circle) = Circle::of(&room.room) else {
        return Ok(());
    };
    let wanted: BTreeSet<UserId> = members.into_iter().collect();
    for row in tx.rows().members(&room.tenant, circle.name()).await? {
        if !wanted.contains(&row.user) {
            tx.rows()
                .remove_member(&room.tenant, circle.name(), &row.user)
                .await?;
        }
    }
    let floor = if shared {
        crate::store::Floor::default()
    } else {
        tx.floor_now(room).await?
    };
    for user in wanted {
        let row = MemberRow {
            user,
            floor: floor.clone(),
        };
        tx.rows()
            .add_member(&room.tenant, circle.name(), &row)
            .await?;
    }
    Ok(())
}

/// `PUT /v1/threads/{threadId}`.
pub async fn put_thread(core: &Core, room: RoomKey, body: PutThread) -> Result<()> {
    let RoomId::Thread(thread) = room.room.clone() else {
        return Err(Error::Refused(ErrorReply::room_not_found()));
    };
    let key = room.clone();
    core.change_directory([Change::Room(room.clone())], move |tx| {
        Box::pin(async move {
            let existed = tx.rows().thread(&key.tenant, &thread).await?.is_some();
            let row = ThreadRow {
                title: body.title,
                platform: body.platform.unwrap_or_default(),
                metadata: body.metadata,
                creator: None,
            };
            set_members(tx, &key, body.member_ids, !existed).await?;
            conversation::put_thread(tx, &key, &thread, row, [], true).await
        })
    })
    .await?;
    inbox::note_change(core, &room);
    Ok(())
}

/// A short text that two different lists never share by chance.
pub fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha1::new();
    for part in parts {
        // The length keeps ("ab", "c") apart from ("a", "bc").
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

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
    let connected = connected_now(core);
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
                tell_backends(tx, &target, &message, &connected).await?;
                Ok((posted(tx, &message.id, &recipient).await?, true))
            })
        })
        .await?;
    if is_new {
        message::announce(core, &room, &reply.message, None);
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
    let connected = connected_now(core);
    let identity = caller.identity.clone();
    let key = caller.key.clone();
    let options = core.config.policy;
    let target = room.clone();
    let (reply, is_new) = core
        .write(move |tx| {
            Box::pin(async move {
                let by = identity.key();
                let sender = UserKey::new(&by.tenant, &body.sender_id);
                if let Some(id) = tx.replayed(&by, key.as_ref(), POST_MESSAGE).await? {
                    return Ok((posted(tx, &MessageId::new(id)?, &sender).await?, false));
                }
                let action = crate::policy::Action::Write;
                crate::core::require(tx.rows(), &identity, action, &target, options).await?;
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
                tell_backends(tx, &target, &message, &connected).await?;
                Ok((posted(tx, &message.id, &sender).await?, true))
            })
        })
        .await?;
    if is_new {
        message::announce(core, &room, &reply.message, None);
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
    message::add_statuses(tx.rows(), &room, std::slice::from_mut(&mut message)).await?;
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
                    let passed =
                        message::advance_cursor(tx, &room, &body.user_id, &id, read).await?;
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
        message::tell_read(core, &room, &user, &message_id, None);
    }
    Ok(())
}
