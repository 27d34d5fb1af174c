//! Channels: rooms that an application names itself, under names of their own.

use super::room;
use crate::{
    core::{Caller, require},
    error::Result,
    policy::Action,
};
use carewire_protocol::{
    Command,
    channel::{Publish, PublishedEvent, Subscribe, Unsubscribe},
    room::{Join, JoinReply, Leave},
    session::Empty,
};

/// `channel:subscribe`.
pub async fn subscribe(caller: &Caller, command: Subscribe) -> Result<JoinReply> {
    let Subscribe {
        channel,
        epoch,
        offset,
    } = command;
    room::join(
        caller,
        Join {
            epoch,
            offset,
            ..Join::fresh(channel)
        },
    )
    .await
}

/// `channel:unsubscribe`.
pub fn unsubscribe(caller: &Caller, command: &Unsubscribe) -> Result<Empty> {
    room::leave(
        caller,
        &Leave {
            room_id: command.channel.clone(),
        },
    )
}

/// `channel:publish`: staff, admins and services where they may subscribe, or whom the access file
/// names.
pub async fn publish(caller: &Caller, command: Publish) -> Result<Empty> {
    let key = caller.room(&command.channel);
    let decided = caller.preauthorise(Action::Publish, &key.room).await?;
    let options = caller.core.config.policy.clone();
    let identity = caller.identity.clone();
    let origin = caller.origin().cloned();
    let command_key = caller.key.clone();
    let Publish {
        channel,
        event,
        payload,
    } = command;
    let event = PublishedEvent {
        channel,
        event,
        payload,
    };
    caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                let user = identity.key();
                let name = Publish::NAME;
                if tx
                    .replayed(&user, command_key.as_ref(), name)
                    .await?
                    .is_some()
                {
                    return Ok(Empty {});
                }
                if !decided {
                    require(tx.rows(), &identity, Action::Publish, &key, &options).await?;
                }
                tx.append(&key, origin.as_ref(), &event).await?;
                tx.remember(&user, command_key.as_ref(), name, "{}".to_owned())
                    .await?;
                Ok(Empty {})
            })
        })
        .await
}
