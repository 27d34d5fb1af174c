//! Changing what was sent: edits, deletions, reactions.

use super::add_statuses;
use crate::{
    auth::Identity,
    core::{Caller, require},
    domain::conversation,
    error::{Error, Result},
    keys::RoomKey,
    planted::{self, Bug},
    policy::Action,
    store::Tx,
};
use carewire_protocol::{
    ClientId, Command, ErrorReply, MessageId, PrivateJson, Role,
    message::{Delete, Edit, EditedEvent, Message, NewEvent, React, ReactionEvent, Unreact},
    session::Empty,
};

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
                if planted::is(Bug::EditRewritesLog) {
                    let event = NewEvent {
                        message: message.clone(),
                    };
                    let data = PrivateJson::from_value(&event)?;
                    let events = tx.rows().events_of_message(&room, &id).await?;
                    if let Some(first) = events.first() {
                        tx.rows().set_event_data(&room, first.offset, &data).await?;
                    }
                }
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
                && !planted::is(Bug::ReactionWithoutEvent)
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
    let options = caller.core.config.policy.clone();
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
                        require(tx.rows(), &by.identity, Action::Write, &room, &options).await?;
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
