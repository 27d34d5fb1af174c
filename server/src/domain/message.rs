//! Messages: stored with their event and their key in one transaction, then fanned out.

use super::{conversation, directory, inbox, room::is_large, typing};
use crate::{
    auth::Identity,
    core::{Caller, Core, require},
    error::{Error, Result},
    hub::Audience,
    keys::{RoomKey, UserKey},
    policy::{Action, Circle},
    store::{Floor, MessagePage, Rows, Tx, deleted},
};
use carewire_protocol::{
    ClientId, Command, ErrorReply, Key, MessageId, Role, RoomId, Timestamp, UserId,
    limits::{MAX_PAYLOAD_BYTES, check_page},
    message::{
        Delete, DeliveredEvent, Edit, EditedEvent, History, HistoryReply, Message, MessageStatus,
        NewEvent, React, ReactionEvent, Read, ReadEvent, Received, Send, SendReply, SentEvent,
        Unreact,
    },
    session::Empty,
};
use std::collections::{BTreeMap, BTreeSet};

/// `message:send`. The reply comes when the message is durable.
pub async fn send(caller: &Caller, command: Send) -> Result<SendReply> {
    let key = caller.room(&command.room_id);
    let decided = caller.preauthorise(Action::Write, &key.room).await?;
    let draft = Draft {
        room: key.clone(),
        sender: caller.identity.clone(),
        origin: caller.origin().cloned(),
        key: caller.key.clone(),
        decided,
        options: caller.core.config.policy,
        command,
    };
    let core = &caller.core;
    let connected = directory::connected_now(core);
    let (message, is_new) = core
        .write(move |tx| Box::pin(async move { store_new(tx, draft, connected).await }))
        .await?;
    if is_new {
        announce(core, &key, &message, caller.origin());
        if let Some(connection) = &caller.connection {
            typing::stop_in(core, &key, connection);
        }
    }
    Ok(SendReply { message })
}

struct Draft {
    room: RoomKey,
    sender: Identity,
    origin: Option<ClientId>,
    key: Option<Key>,
    /// The application's authoriser has allowed it.
    decided: bool,
    options: crate::policy::Options,
    command: Send,
}

async fn store_new(
    tx: &mut Tx,
    draft: Draft,
    connected: directory::Connected,
) -> Result<(Message, bool)> {
    let Draft {
        room,
        sender,
        origin,
        key,
        decided,
        options,
        command,
    } = draft;
    let user = sender.key();
    if let Some(id) = tx.replayed(&user, key.as_ref(), Send::NAME).await? {
        let id = MessageId::new(id)?;
        let message = tx.rows().message(&user.tenant, &id).await?;
        let mut message = message.ok_or_else(|| Error::Refused(ErrorReply::message_not_found()))?;
        let allowed = decided
            || require(tx.rows(), &sender, Action::History, &room, options)
                .await
                .is_ok();
        if !allowed {
            let now = tx.now();
            message = deleted(message, now);
        }
        add_statuses(tx.rows(), &room, std::slice::from_mut(&mut message)).await?;
        return Ok((message, false));
    }
    if !decided {
        require(tx.rows(), &sender, Action::Write, &room, options).await?;
    }
    if !room.room.kind().has_messages() {
        return Err(Error::Refused(ErrorReply::conversation_denied()));
    }
    if let Some(reply_to) = &command.reply_to {
        let answered = tx.rows().message(&room.tenant, reply_to).await?;
        if answered.is_none_or(|message| message.room_id != room.room) {
            return Err(Error::Refused(ErrorReply::message_not_found()));
        }
    }
    let message = Message {
        // Both are given when it is stored.
        id: MessageId::new("new")?,
        sent_at: tx.now(),
        room_id: room.room.clone(),
        sender_id: sender.user.clone(),
        sender_name: sender.name.clone(),
        body: command.body,
        attachments: command.attachments,
        reply_to: command.reply_to,
        platform: None,
        metadata: command.metadata,
        edited_at: None,
        deleted_at: None,
        reactions: BTreeMap::new(),
        status: MessageStatus::Sent,
        key: key.clone(),
    };
    let event = |message| NewEvent { message };
    let message = tx
        .insert_message(&room, message, origin.as_ref(), None, event)
        .await?;
    tx.remember(&user, key.as_ref(), Send::NAME, message.id.to_string())
        .await?;
    directory::tell_backends(tx, &room, &message, &connected).await?;
    Ok((message, true))
}

/// Tells everybody who is told of a new message outside of its room.
pub fn announce(core: &Core, room: &RoomKey, message: &Message, origin: Option<&ClientId>) {
    let sender = UserKey::new(&room.tenant, &message.sender_id);
    if core.hub.connections_of(&sender).len() > 1 {
        let event = SentEvent {
            message_id: message.id.clone(),
            room_id: room.room.clone(),
            key: message.key.clone(),
        };
        let own = core
            .hub
            .connections_of(&sender)
            .into_iter()
            .find(|connection| Some(&connection.client) == origin);
        let audience = own.map_or(Audience::Everyone, |own| {
            Audience::AllButConnection(own.number)
        });
        core.tell_user(&sender, origin, &event, audience);
    }
    core.message_rate.count(&room.tenant, core.now());
    inbox::note_message(core, room, &message.id);
}

/// `message:history`.
pub async fn history(caller: &Caller, command: History) -> Result<HistoryReply> {
    let limit = check_page(command.limit)?;
    let key = caller.room(&command.room_id);
    let decided = caller.preauthorise(Action::History, &key.room).await?;
    let mut rows = caller.core.store.read().await?;
    let floor = if decided {
        Floor::default()
    } else {
        require(
            &mut *rows,
            &caller.identity,
            Action::History,
            &key,
            caller.core.config.policy,
        )
        .await?
    };
    let newest_first = command.after.is_none();
    let page = MessagePage {
        before: command.before,
        after: command.after,
        reply_to: command.reply_to,
        floor: floor.message,
        limit: limit + 1,
    };
    let mut messages = rows.messages(&key, &page).await?;
    let more = messages.len() > limit as usize;
    if more && newest_first {
        messages.remove(0);
    } else if more {
        messages.pop();
    }
    let cut = fit(&mut messages, newest_first);
    add_statuses(&mut *rows, &key, &mut messages).await?;
    rows.close().await?;
    Ok(HistoryReply {
        messages,
        has_more: more || cut,
    })
}

/// Drops messages from the far end until the rest fits into a frame. Yields whether it had to.
pub fn fit(messages: &mut Vec<Message>, newest_first: bool) -> bool {
    let size = |message: &Message| serde_json::to_string(message).map_or(0, |text| text.len() + 1);
    // Room for the envelope and what else a snapshot holds.
    let most = MAX_PAYLOAD_BYTES - MAX_PAYLOAD_BYTES / 8;
    let mut total: usize = messages.iter().map(size).sum();
    let mut cut = false;
    while total > most && messages.len() > 1 {
        let dropped = if newest_first {
            Some(messages.remove(0))
        } else {
            messages.pop()
        };
        total -= dropped.as_ref().map_or(0, size);
        cut = true;
    }
    cut
}

/// Fills in how far messages of one room have come: as far as the least advanced of the other
/// members.
pub async fn add_statuses(
    rows: &mut dyn Rows,
    room: &RoomKey,
    messages: &mut [Message],
) -> Result<()> {
    let Some(circle) = Circle::of(&room.room).filter(|_| !messages.is_empty()) else {
        return Ok(());
    };
    let cursors = rows.cursors(room).await?;
    let members: Vec<UserId> = match circle.pair() {
        Some((a, b)) => vec![a.clone(), b.clone()],
        None => {
            let members = rows.members(&room.tenant, circle.name()).await?;
            members.into_iter().map(|member| member.user).collect()
        }
    };
    for message in messages {
        let mut least = None;
        for member in members
            .iter()
            .filter(|member| **member != message.sender_id)
        {
            let reached = cursors.get(member).map_or(Progress::Sent, |receipts| {
                if receipts.read.as_ref() >= Some(&message.id) {
                    Progress::Read
                } else if receipts.delivered.as_ref() >= Some(&message.id) {
                    Progress::Delivered
                } else {
                    Progress::Sent
                }
            });
            least = Some(least.map_or(reached, |least: Progress| least.min(reached)));
        }
        message.status = match least {
            Some(Progress::Read) => MessageStatus::Read,
            Some(Progress::Delivered) => MessageStatus::Delivered,
            Some(Progress::Sent) | None => MessageStatus::Sent,
        };
        // Only another platform reports failures, so only its conversations are looked up.
        if circle.thread().is_some() {
            let statuses = rows.message_statuses(&room.tenant, &message.id).await?;
            if statuses
                .values()
                .any(|status| *status == MessageStatus::Failed)
            {
                message.status = MessageStatus::Failed;
            }
        }
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    Sent,
    Delivered,
    Read,
}

/// `message:received`: moves the delivered cursor and tells whoever sent what it passed.
pub async fn received(caller: &Caller, command: Received) -> Result<Empty> {
    let moved = move_cursor(
        caller,
        &command.room_id,
        &command.message_id,
        Progress::Delivered,
    )
    .await?;
    if let Some(moved) = moved {
        tell_delivered(caller, &command.room_id, &command.message_id, moved);
    }
    Ok(Empty {})
}

/// `message:read`: moves the read cursor and tells the room.
pub async fn read(caller: &Caller, command: Read) -> Result<Empty> {
    let moved = move_cursor(
        caller,
        &command.room_id,
        &command.message_id,
        Progress::Read,
    )
    .await?;
    if moved.is_some() {
        tell_read(
            &caller.core,
            &caller.room(&command.room_id),
            &caller.identity.key(),
            &command.message_id,
            caller.origin(),
        );
    }
    Ok(Empty {})
}

/// Who is to hear that a cursor moved, and when it did.
struct Moved {
    senders: BTreeSet<UserId>,
    at: Timestamp,
}

fn tell_delivered(caller: &Caller, room: &RoomId, message: &MessageId, moved: Moved) {
    let core = &caller.core;
    if is_large(core, &caller.room(room)) {
        return;
    }
    for sender in moved.senders {
        let event = DeliveredEvent {
            message_id: message.clone(),
            room_id: room.clone(),
            user_id: caller.identity.user.clone(),
            at: moved.at,
        };
        let sender = UserKey::new(&caller.identity.tenant, &sender);
        core.tell_user(&sender, caller.origin(), &event, Audience::Everyone);
    }
}

/// Tells a room how far somebody has read, and them how much is left.
pub fn tell_read(
    core: &Core,
    room: &RoomKey,
    user: &UserKey,
    message: &MessageId,
    origin: Option<&ClientId>,
) {
    if !is_large(core, room) {
        let event = ReadEvent {
            room_id: room.room.clone(),
            message_id: message.clone(),
            user_id: user.user.clone(),
            at: core.wall(),
        };
        core.tell(room, origin, &event, Audience::Everyone);
    }
    inbox::note_read(core, user, room);
}

async fn move_cursor(
    caller: &Caller,
    room: &RoomId,
    message: &MessageId,
    to: Progress,
) -> Result<Option<Moved>> {
    let key = caller.room(room);
    let decided = caller.preauthorise(Action::History, &key.room).await?;
    let options = caller.core.config.policy;
    let identity = caller.identity.clone();
    let message = message.clone();
    caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                if !decided {
                    require(tx.rows(), &identity, Action::History, &key, options).await?;
                }
                advance_cursor(tx, &key, &identity.user, &message, to == Progress::Read).await
            })
        })
        .await
        .map(|senders| {
            senders.map(|senders| Moved {
                senders,
                at: caller.core.wall(),
            })
        })
}

/// Moves a user's cursor forward to a message of the room. Yields the senders of what it passed;
/// `None` when it was there already.
pub async fn advance_cursor(
    tx: &mut Tx,
    room: &RoomKey,
    user: &UserId,
    message: &MessageId,
    read: bool,
) -> Result<Option<BTreeSet<UserId>>> {
    let found = tx.rows().message(&room.tenant, message).await?;
    let Some(newest) = found.filter(|message| message.room_id == room.room) else {
        return Err(Error::Refused(ErrorReply::message_not_found()));
    };
    let before = tx.rows().cursor(room, user).await?;
    let mut after = before.clone();
    let reached = Some(message.clone());
    after.delivered = after.delivered.max(reached.clone());
    if read {
        after.read = after.read.max(reached);
    }
    if after == before {
        return Ok(None);
    }
    tx.rows().set_cursor(room, user, &after).await?;
    let mut senders = BTreeSet::from([newest.sender_id]);
    if !matches!(room.room, RoomId::Chat(..)) {
        let page = MessagePage {
            after: before.delivered,
            limit: 100,
            ..MessagePage::default()
        };
        let passed = tx.rows().messages(room, &page).await?;
        senders.extend(passed.into_iter().map(|message| message.sender_id));
    }
    senders.remove(user);
    Ok(Some(senders))
}

/// `message:edit`: only the author.
pub async fn edit(caller: &Caller, command: Edit) -> Result<Empty> {
    change(
        caller,
        Edit::NAME,
        command.message_id,
        |tx, by, mut message| {
            Box::pin(async move {
                if message.sender_id != by.identity.user {
                    return Err(Error::Refused(ErrorReply::conversation_denied()));
                }
                let now = tx.now();
                tx.rows()
                    .set_body(&by.identity.tenant, &message.id, &command.body, now)
                    .await?;
                message.body = command.body;
                message.edited_at = Some(now);
                let room = RoomKey::new(&by.identity.tenant, message.room_id.clone());
                add_statuses(tx.rows(), &room, std::slice::from_mut(&mut message)).await?;
                let id = message.id.clone();
                let event = EditedEvent { message };
                tx.append_about(&room, by.origin.as_ref(), Some(&id), &event)
                    .await?;
                Ok(Some(room))
            })
        },
    )
    .await
}

/// `message:delete`: the author and admins. The body goes from every place it is stored in.
pub async fn delete(caller: &Caller, command: Delete) -> Result<Empty> {
    change(
        caller,
        Delete::NAME,
        command.message_id,
        |tx, by, message| {
            Box::pin(async move {
                let may = message.sender_id == by.identity.user || by.identity.role == Role::Admin;
                if !may {
                    return Err(Error::Refused(ErrorReply::conversation_denied()));
                }
                let room = RoomKey::new(&by.identity.tenant, message.room_id.clone());
                tx.blank_message(&room, &message, by.origin.as_ref())
                    .await?;
                Ok(Some(room))
            })
        },
    )
    .await
}

/// `message:react` and `message:unreact`.
pub async fn react(
    caller: &Caller,
    message_id: MessageId,
    emoji: String,
    added: bool,
) -> Result<Empty> {
    let name = if added { React::NAME } else { Unreact::NAME };
    change(caller, name, message_id, move |tx, by, message| {
        Box::pin(async move {
            let Identity { tenant, user, .. } = &by.identity;
            if tx
                .rows()
                .set_reaction(tenant, &message.id, &emoji, user, added)
                .await?
            {
                let room = RoomKey::new(tenant, message.room_id);
                let event = ReactionEvent {
                    message_id: message.id,
                    emoji,
                    user_id: user.clone(),
                    added,
                };
                tx.append(&room, by.origin.as_ref(), &event).await?;
            }
            Ok(None)
        })
    })
    .await
}

/// Who changes a message.
struct By {
    identity: Identity,
    origin: Option<ClientId>,
}

/// Changes an existing message, once per key, if its room may be written to. `how` yields the
/// room when the inbox has to show the change.
async fn change<F>(caller: &Caller, name: &'static str, message: MessageId, how: F) -> Result<Empty>
where
    F: for<'t> FnOnce(
            &'t mut Tx,
            By,
            Message,
        ) -> futures_util::future::BoxFuture<'t, Result<Option<RoomKey>>>
        + std::marker::Send
        + 'static,
{
    let decided = preauthorise_change(caller, &message).await?;
    let options = caller.core.config.policy;
    let by = By {
        identity: caller.identity.clone(),
        origin: caller.origin().cloned(),
    };
    let key = caller.key.clone();
    let shown = caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                let user = by.identity.key();
                if tx.replayed(&user, key.as_ref(), name).await?.is_some() {
                    return Ok(None);
                }
                let not_found = || Error::Refused(ErrorReply::message_not_found());
                let found = tx.rows().message(&user.tenant, &message).await?;
                let message = found.ok_or_else(not_found)?;
                let room = RoomKey::new(&user.tenant, message.room_id.clone());
                if !decided {
                    let floor =
                        require(tx.rows(), &by.identity, Action::Write, &room, options).await?;
                    if message.id.as_str() <= floor.message.as_str() {
                        return Err(not_found());
                    }
                }
                if message.deleted_at.is_some() {
                    return Err(not_found());
                }
                let shown = how(tx, by, message).await?;
                tx.remember(&user, key.as_ref(), name, "{}".to_owned())
                    .await?;
                Ok(shown)
            })
        })
        .await?;
    if let Some(room) = shown {
        conversation::note_change(&caller.core, &room);
    }
    Ok(Empty {})
}

/// Asks the application's authoriser about the room of a message, before the transaction: the
/// writer waits for nobody outside.
async fn preauthorise_change(caller: &Caller, message: &MessageId) -> Result<bool> {
    if caller.core.authoriser.is_none() {
        return Ok(false);
    }
    let mut rows = caller.core.store.read().await?;
    let found = rows.message(&caller.identity.tenant, message).await?;
    rows.close().await?;
    let message = found.ok_or_else(|| Error::Refused(ErrorReply::message_not_found()))?;
    caller.preauthorise(Action::Write, &message.room_id).await
}
