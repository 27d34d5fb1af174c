//! Typing: nothing is stored, everything runs out by itself.

use crate::{
    core::{Caller, Core},
    error::{Error, Result},
    hub::{Audience, Connection, Typing},
    keys::RoomKey,
    planted::{self, Bug},
    timers::Due,
};
use carewire_protocol::{
    ErrorReply, RoomId, UserId,
    session::Empty,
    typing::{Start, StartedEvent, Stop, StoppedEvent},
};

/// `typing:start`.
pub fn start(caller: &Caller, command: &Start) -> Result<Empty> {
    let key = talking_in(caller, &command.room_id)?;
    let connection = caller.connection()?;
    let core = &caller.core;
    let until = core.now() + core.config.typing_ttl;
    let user = caller.identity.user.clone();
    if let Some(room) = core.hub.room(&key) {
        let typing = Typing {
            connection: connection.number,
            until,
        };
        room.state().typing.insert(user.clone(), typing);
    }
    core.timers
        .set(until, Due::Typing(Box::new((key.clone(), user.clone()))));
    let event = StartedEvent {
        room_id: key.room.clone(),
        user_id: user.clone(),
        name: caller.identity.name.clone(),
    };
    core.tell(
        &key,
        Some(&connection.client),
        &event,
        Audience::AllBut(user),
    );
    Ok(Empty {})
}

/// `typing:stop`.
pub fn stop(caller: &Caller, command: &Stop) -> Result<Empty> {
    let key = talking_in(caller, &command.room_id)?;
    stop_in(&caller.core, &key, caller.connection()?);
    Ok(Empty {})
}

/// The room, if the caller has joined it and people talk there.
fn talking_in(caller: &Caller, room: &RoomId) -> Result<RoomKey> {
    let key = caller.room(room);
    if !caller.core.hub.is_member(&key, caller.connection()?) {
        return Err(Error::Refused(ErrorReply::not_joined()));
    }
    if !room.kind().has_messages() {
        return Err(Error::Refused(ErrorReply::denied()));
    }
    Ok(key)
}

/// Whoever was typing has stopped: sent a message, or said so.
pub fn stop_in(core: &Core, key: &RoomKey, connection: &Connection) {
    let Some(room) = core.hub.room(key) else {
        return;
    };
    let was_typing = room
        .state()
        .typing
        .remove(&connection.user().user)
        .is_some();
    if was_typing {
        tell_stopped(core, key, connection);
    }
}

/// Tells the others that somebody stopped.
pub fn tell_stopped(core: &Core, key: &RoomKey, connection: &Connection) {
    let identity = connection.identity();
    let event = StoppedEvent {
        room_id: key.room.clone(),
        user_id: identity.user.clone(),
        name: identity.name,
    };
    core.tell(
        key,
        Some(&connection.client),
        &event,
        Audience::AllBut(identity.user),
    );
}

/// A typing start may have run out.
pub fn expire(core: &Core, key: &RoomKey, user: &UserId) {
    if planted::is(Bug::TypingNeverExpires) {
        return;
    }
    let room = core.hub.open(key);
    let mut state = room.state();
    let over = state
        .typing
        .get(user)
        .is_some_and(|typing| typing.until <= core.now());
    let number = if over {
        state.typing.remove(user).map(|typing| typing.connection)
    } else {
        None
    };
    drop(state);
    if let Some(connection) = number.and_then(|number| core.hub.connection(number)) {
        tell_stopped(core, key, &connection);
    }
}
