//! Receipts: how far each member has received and read.

use super::read::Progress;
use crate::{
    core::{Caller, Core, require},
    domain::inbox,
    domain::room::is_large,
    error::{Error, Result},
    hub::Audience,
    keys::{RoomKey, UserKey},
    planted::{self, Bug},
    policy::Action,
    store::{Floor, MessagePage, Tx},
};
use carewire_protocol::{
    ClientId, ErrorReply, MessageId, RoomId, Timestamp, UserId,
    message::{DeliveredEvent, Read, ReadEvent, Received},
    session::Empty,
};
use std::collections::BTreeSet;

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
    if planted::is(Bug::ReadToldBeforeStored) {
        let room = caller.room(&command.room_id);
        let user = caller.identity.key();
        tell_read(
            &caller.core,
            &room,
            &user,
            &command.message_id,
            caller.origin(),
        );
    }
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
    let options = caller.core.config.policy.clone();
    let identity = caller.identity.clone();
    let message = message.clone();
    caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                let floor = if decided {
                    Floor::default()
                } else {
                    require(tx.rows(), &identity, Action::History, &key, &options).await?
                };
                if message.as_str() <= floor.message.as_str() {
                    return Err(Error::Refused(ErrorReply::message_not_found()));
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
