//! Sending: stored with its event and its key in one transaction, then fanned out.

use super::add_statuses;
use crate::{
    auth::Identity,
    core::{Caller, Core, require},
    domain::{directory, inbox, typing},
    error::{Error, Result},
    hub::Audience,
    keys::{RoomKey, UserKey},
    policy::Action,
    store::{Tx, deleted},
};
use carewire_protocol::{
    ClientId, Command, ErrorReply, Key, MessageId,
    message::{Message, MessageStatus, NewEvent, Send, SendReply, SentEvent},
};
use std::collections::BTreeMap;

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
        options: caller.core.config.policy.clone(),
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
        // The key may come back with another room than it was first used in.
        let first_room = RoomKey::new(&user.tenant, message.room_id.clone());
        let allowed = (decided && first_room == room)
            || require(tx.rows(), &sender, Action::History, &first_room, &options)
                .await
                .is_ok();
        if !allowed {
            let now = tx.now();
            message = deleted(message, now);
        }
        add_statuses(tx.rows(), &first_room, std::slice::from_mut(&mut message)).await?;
        return Ok((message, false));
    }
    if !decided {
        require(tx.rows(), &sender, Action::Write, &room, &options).await?;
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
