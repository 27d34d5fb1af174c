//! Leaving, and who is there.

use crate::{
    core::{Caller, Core, require},
    domain::{live, record, typing},
    error::{Error, Result},
    hub::{Audience, Connection},
    keys::RoomKey,
    policy::Action,
    timers::Due,
};
use carewire_protocol::{
    ErrorReply, RoomId, UserId,
    limits::ANNOUNCED_MEMBERS,
    room::{Leave, Participant, Participants, ParticipantsReply, UserLeftEvent},
    session::Empty,
};

/// Whether so many people are in a room that what each does is no longer announced.
pub fn is_large(core: &Core, key: &RoomKey) -> bool {
    core.hub
        .room(key)
        .is_some_and(|room| room.state().people.len() > ANNOUNCED_MEMBERS)
}

/// `room:leave`.
pub fn leave(caller: &Caller, command: &Leave) -> Result<Empty> {
    let connection = caller.connection()?;
    if !leave_room(&caller.core, connection, &command.room_id, false) {
        return Err(Error::Refused(ErrorReply::not_joined()));
    }
    Ok(Empty {})
}

/// Takes a connection out of a room because of what it asked for otherwise.
pub fn leave_now(core: &Core, connection: &Connection, room: &RoomId) {
    leave_room(core, connection, room, false);
}

/// Takes a connection that is gone out of a room; its user stays listed for the presence grace.
pub fn drop_out(core: &Core, connection: &Connection, room: &RoomId) {
    leave_room(core, connection, room, true);
}

pub(super) fn leave_room(
    core: &Core,
    connection: &Connection,
    room: &RoomId,
    linger: bool,
) -> bool {
    let key = connection.room(room);
    let announced = room.kind().is_announced();
    let exited = core.hub.exit(&key, connection, linger && announced);
    let user = &connection.user().user;
    if let Some(alarm) = exited.alarm {
        live::forget(core, &key, connection.number, alarm);
    }
    if exited.was_typing {
        typing::tell_stopped(core, &key, connection);
    }
    if exited.was_member && matches!(room, RoomId::Patient(_)) {
        record::left(core, &key, connection, linger);
    }
    if exited.last && announced {
        if linger {
            let at = core.now() + core.config.presence_grace;
            if let Some(room) = core.hub.room(&key)
                && let Some(person) = room.state().people.get_mut(user)
            {
                person.leaves_at = Some(at);
            }
            core.timers
                .set(at, Due::Departure(Box::new((key, user.clone()))));
        } else {
            tell_left(core, &key, user);
        }
    }
    exited.was_member
}

fn tell_left(core: &Core, key: &RoomKey, user: &UserId) {
    if !is_large(core, key) {
        let event = UserLeftEvent {
            room_id: key.room.clone(),
            user_id: user.clone(),
        };
        core.tell(key, None, &event, Audience::Everyone);
    }
}

/// The presence grace of somebody whose last connection dropped may be over.
pub fn depart(core: &Core, key: &RoomKey, user: &UserId) {
    let room = core.hub.open(key);
    let mut state = room.state();
    let gone = state.people.get(user).is_some_and(|person| {
        person.connections == 0 && person.leaves_at.is_some_and(|at| at <= core.now())
    });
    if gone {
        state.people.remove(user);
    }
    drop(state);
    if gone {
        tell_left(core, key, user);
    }
}

/// `room:participants`.
pub async fn participants(caller: &Caller, command: &Participants) -> Result<ParticipantsReply> {
    let key = caller.room(&command.room_id);
    if !caller.preauthorise(Action::Join, &key.room).await? {
        let mut rows = caller.core.store.read().await?;
        require(
            &mut *rows,
            &caller.identity,
            Action::Join,
            &key,
            &caller.core.config.policy,
        )
        .await?;
        rows.close().await?;
    }
    let (participants, cursor) =
        page_of_participants(&caller.core, &key, command.cursor.as_deref());
    Ok(ParticipantsReply {
        participants,
        cursor,
    })
}

/// Up to [`ANNOUNCED_MEMBERS`] people after a cursor, which is the last user of the former page.
pub(super) fn page_of_participants(
    core: &Core,
    key: &RoomKey,
    after: Option<&str>,
) -> (Vec<Participant>, Option<String>) {
    let Some(room) = core
        .hub
        .room(key)
        .filter(|_| key.room.kind().is_announced())
    else {
        return (Vec::new(), None);
    };
    let state = room.state();
    let later = |participant: &Participant| after.is_none_or(|after| &*participant.user_id > after);
    let mut page: Vec<_> = state
        .participants()
        .filter(later)
        .take(ANNOUNCED_MEMBERS + 1)
        .collect();
    let cursor = (page.len() > ANNOUNCED_MEMBERS).then(|| {
        page.truncate(ANNOUNCED_MEMBERS);
        page.last()
            .map(|participant| participant.user_id.to_string())
    });
    (page, cursor.flatten())
}
