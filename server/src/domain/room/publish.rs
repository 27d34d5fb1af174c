//! The application's own events.

use crate::{
    core::{Caller, require},
    error::{Error, Result},
    hub::Audience,
    keys::RoomKey,
    policy::Action,
};
use carewire_protocol::{
    Command, ErrorReply, Key,
    room::{CustomEvent, Publish, PublishReply},
};

/// `room:publish`.
pub async fn publish(caller: &Caller, command: Publish) -> Result<PublishReply> {
    let key = caller.room(&command.room_id);
    let event = CustomEvent {
        event: command.event,
        payload: command.payload,
        sender_id: caller.identity.user.clone(),
    };
    if command.retain == Some(true) {
        return publish_retained(caller, key, event).await;
    }
    let connection = caller.connection()?;
    if !caller.core.hub.is_member(&key, connection) {
        return Err(Error::Refused(ErrorReply::not_joined()));
    }
    if !key.room.kind().has_messages() && caller.identity.role != carewire_protocol::Role::Service {
        return Err(Error::Refused(ErrorReply::denied()));
    }
    caller
        .core
        .tell(&key, caller.origin(), &event, Audience::Everyone);
    Ok(PublishReply::default())
}

async fn publish_retained(
    caller: &Caller,
    key: RoomKey,
    event: CustomEvent,
) -> Result<PublishReply> {
    let connection = caller.connection()?;
    let is_member = caller.core.hub.is_member(&key, connection);
    let decided = caller.preauthorise(Action::Write, &key.room).await?;
    let options = caller.core.config.policy.clone();
    let identity = caller.identity.clone();
    let origin = caller.origin().cloned();
    let command_key: Option<Key> = caller.key.clone();
    caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                let user = identity.key();
                if let Some(reply) = tx
                    .replayed(&user, command_key.as_ref(), Publish::NAME)
                    .await?
                {
                    return Ok(serde_json::from_str(&reply)?);
                }
                if !is_member {
                    return Err(Error::Refused(ErrorReply::not_joined()));
                }
                if !decided {
                    require(tx.rows(), &identity, Action::Write, &key, &options)
                        .await
                        .map_err(Error::plain)?;
                }
                let offset = tx.append(&key, origin.as_ref(), &event).await?;
                let reply = PublishReply {
                    offset: Some(offset),
                };
                let stored = serde_json::to_string(&reply)?;
                tx.remember(&user, command_key.as_ref(), Publish::NAME, stored)
                    .await?;
                Ok(reply)
            })
        })
        .await
}
