//! Joining, leaving and publishing; and deciding memberships anew when the directory changes.

use super::{message, typing};
use crate::{
    backplane::Change,
    core::{Caller, Core, require},
    error::{Error, Result},
    hub::{Audience, Connection, Room},
    keys::RoomKey,
    policy::{Action, Circle},
    store::{Floor, MessagePage, Rows},
    timers::Due,
};
use carewire_protocol::{
    Command, Epoch, ErrorCode, ErrorReply, Key, RoomId, UserId,
    limits::{ANNOUNCED_MEMBERS, DEFAULT_PAGE},
    room::{
        CustomEvent, Join, JoinReply, JoinedEvent, Leave, LeftEvent, LeftReason, Participant,
        Participants, ParticipantsReply, Publish, PublishReply, Receipts, Snapshot,
        UserJoinedEvent, UserLeftEvent,
    },
    session::Empty,
};
use std::{collections::BTreeMap, sync::Arc};

/// A room entered, held until its reply is queued.
#[derive(Debug)]
pub struct Entered {
    /// The life of the log.
    pub epoch: Epoch,
    /// The newest offset.
    pub offset: u64,
    /// Whether everything after the position follows.
    pub recovered: bool,
    /// How much that is.
    pub missed: u64,
    /// How far the members have received and read.
    pub receipts: BTreeMap<UserId, Receipts>,
    /// The state of the room, where asked for.
    snapshot: Option<Snapshot>,
    /// Where the caller's reading begins.
    floor: Floor,
}

/// `room:join`.
pub async fn join(caller: &Caller, command: Join) -> Result<JoinReply> {
    let position = command.epoch.zip(command.offset);
    let key = caller.room(&command.room_id);
    let with_snapshot = command.snapshot == Some(true);
    let mut entered = enter(caller, &command.room_id, position, with_snapshot).await?;
    if let Some(snapshot) = &mut entered.snapshot
        && key.room.kind().has_messages()
        && let Some(room) = caller.core.hub.room(&key)
    {
        snapshot.typing = Some(room.state().typing.keys().cloned().collect());
    }
    let (participants, cursor) = page_of_participants(&caller.core, &key, None);
    Ok(JoinReply {
        room_id: command.room_id,
        epoch: entered.epoch,
        offset: entered.offset,
        recovered: entered.recovered,
        missed: entered.missed,
        participants,
        cursor,
        receipts: entered.receipts,
        snapshot: entered.snapshot,
    })
}

/// Enters a room at a position, without a snapshot.
pub async fn enter_at(
    caller: &Caller,
    name: &RoomId,
    position: Option<(Epoch, u64)>,
) -> Result<Entered> {
    enter(caller, name, position, false).await
}

/// Decides, reads the log's state and the snapshot as of the same moment, and puts the connection
/// into the room, held.
async fn enter(
    caller: &Caller,
    name: &RoomId,
    position: Option<(Epoch, u64)>,
    with_snapshot: bool,
) -> Result<Entered> {
    let core = &caller.core;
    let connection = caller.connection()?;
    let key = caller.room(name);
    let is_new = !connection.rooms().contains(name);
    if is_new && connection.rooms().len() >= core.config.rooms_per_connection {
        let message = "This connection is in too many rooms";
        return Err(Error::Refused(ErrorReply::new(
            ErrorCode::TooManyRooms,
            message,
        )));
    }
    // Opened before anything is read: whatever is committed after the reading is fanned out to
    // this room, so nothing falls between.
    let room = core.hub.open(&key);
    let version = core.directory_version();
    let read = read_room(caller, &key, position, with_snapshot).await;
    let entered = match read {
        Ok(entered) => entered,
        Err(error) => {
            core.hub.release(room);
            return Err(error);
        }
    };
    put_in(caller, connection, &room, &entered);
    if core.directory_version() != version {
        // The right may have ended between the reading and the entering.
        recheck_connection(core, connection, &LeftReason::Revoked).await?;
    }
    Ok(entered)
}

/// Puts the connection into the room, held, and tells the others when it is the user's first.
fn put_in(caller: &Caller, connection: &Arc<Connection>, room: &Room, entered: &Entered) {
    let core = &caller.core;
    let name = &room.key.room;
    let user = &caller.identity.user;
    let from = if entered.recovered {
        entered.offset - entered.missed
    } else {
        entered.offset
    };
    let mut state = room.state();
    state.head = state.head.max(entered.offset);
    let floor = entered.floor.offset;
    let outcome = core
        .hub
        .enter(&mut state, name, connection, core.wall(), from, floor);
    let joined = state.people.get(user).filter(|_| outcome.first);
    let joined = joined.map(|person| person.participant(user));
    let small = state.people.len() <= ANNOUNCED_MEMBERS;
    drop(state);
    if let Some(user) = joined
        && name.kind().is_announced()
        && small
    {
        let event = UserJoinedEvent {
            room_id: name.clone(),
            user,
        };
        core.tell(
            &room.key,
            Some(&connection.client),
            &event,
            Audience::Everyone,
        );
    }
}

async fn read_room(
    caller: &Caller,
    key: &RoomKey,
    position: Option<(Epoch, u64)>,
    with_snapshot: bool,
) -> Result<Entered> {
    let core = &caller.core;
    let decided = caller.preauthorise(Action::Join, &key.room).await?;
    let mut rows = core.store.read().await?;
    let floor = if decided {
        Floor::default()
    } else {
        require(
            &mut *rows,
            &caller.identity,
            Action::Join,
            key,
            core.config.policy,
        )
        .await?
    };
    let log = rows.log(key).await?;
    let epoch = core.store.epoch();
    let (recovered, missed) = match position {
        None => (true, 0),
        Some((asked, offset)) => {
            let kept = offset >= log.floor && offset <= log.head && offset >= floor.offset;
            if asked == epoch && kept {
                (true, log.head - offset)
            } else {
                (false, 0)
            }
        }
    };
    let receipts = receipts(core, &mut *rows, key, &caller.identity.user).await?;
    let snapshot = if with_snapshot {
        Some(stored_snapshot(&mut *rows, key, &floor).await?)
    } else {
        None
    };
    rows.close().await?;
    Ok(Entered {
        epoch,
        offset: log.head,
        recovered,
        missed,
        receipts,
        snapshot,
        floor,
    })
}

async fn receipts(
    core: &Core,
    rows: &mut dyn Rows,
    key: &RoomKey,
    user: &UserId,
) -> Result<BTreeMap<UserId, Receipts>> {
    if !key.room.kind().has_messages() {
        return Ok(BTreeMap::new());
    }
    if is_large(core, key) {
        let own = rows.cursor(key, user).await?;
        return Ok(BTreeMap::from([(user.clone(), own)]));
    }
    rows.cursors(key).await
}

/// Whether so many people are in a room that what each does is no longer announced.
pub fn is_large(core: &Core, key: &RoomKey) -> bool {
    core.hub
        .room(key)
        .is_some_and(|room| room.state().people.len() > ANNOUNCED_MEMBERS)
}

async fn stored_snapshot(rows: &mut dyn Rows, key: &RoomKey, floor: &Floor) -> Result<Snapshot> {
    let mut snapshot = Snapshot::default();
    if key.room.kind().has_messages() {
        let page = MessagePage {
            floor: floor.message.clone(),
            limit: DEFAULT_PAGE + 1,
            ..MessagePage::default()
        };
        let mut messages = rows.messages(key, &page).await?;
        let has_more = messages.len() > DEFAULT_PAGE as usize;
        if has_more {
            messages.remove(0);
        }
        let has_more = message::fit(&mut messages, true) || has_more;
        message::add_statuses(rows, key, &mut messages).await?;
        snapshot.messages = Some(messages);
        snapshot.has_more = Some(has_more);
    }
    Ok(snapshot)
}

/// The replies of joins are queued: lets the events of these rooms follow.
pub fn unhold(caller: &Caller, rooms: Vec<RoomId>) {
    if let Some(connection) = &caller.connection {
        for room in rooms {
            unhold_one(&caller.core, connection, &room);
        }
    }
}

/// Lets the events of one room follow.
pub fn unhold_one(core: &Core, connection: &Connection, room: &RoomId) {
    let key = connection.room(room);
    if core.hub.unhold(&key, connection) {
        core.catch_up(&key, connection.number);
    }
}

/// `room:leave`.
pub fn leave(caller: &Caller, command: &Leave) -> Result<Empty> {
    let connection = caller.connection()?;
    if !leave_room(&caller.core, connection, &command.room_id, false) {
        return Err(Error::Refused(ErrorReply::not_joined()));
    }
    Ok(Empty {})
}

/// Takes a connection that is gone out of a room; its user stays listed for the presence grace.
pub fn drop_out(core: &Core, connection: &Connection, room: &RoomId) {
    leave_room(core, connection, room, true);
}

fn leave_room(core: &Core, connection: &Connection, room: &RoomId, linger: bool) -> bool {
    let key = connection.room(room);
    let announced = room.kind().is_announced();
    let exited = core.hub.exit(&key, connection, linger && announced);
    let user = &connection.user().user;
    if exited.was_typing {
        typing::tell_stopped(core, &key, connection);
    }
    if exited.last && announced {
        if linger {
            let at = core.now() + core.config.presence_grace;
            if let Some(room) = core.hub.room(&key)
                && let Some(person) = room.state().people.get_mut(user)
            {
                person.leaves_at = Some(at);
            }
            core.timers.set(at, Due::Departure(key, user.clone()));
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
    let Some(room) = core.hub.room(key) else {
        return;
    };
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
    core.hub.release(room);
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
            caller.core.config.policy,
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
fn page_of_participants(
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
    let options = caller.core.config.policy;
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
                    require(tx.rows(), &identity, Action::Write, &key, options)
                        .await
                        .map_err(plain_denial)?;
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

/// Only messages speak of a conversation when they are refused.
fn plain_denial(error: Error) -> Error {
    match error {
        Error::Refused(reply) if reply.code == ErrorCode::AccessDenied => {
            Error::Refused(ErrorReply::denied())
        }
        other => other,
    }
}

/// Joins a connection to a room by order of a backend, authorised as that user.
pub async fn join_by_server(
    core: &Arc<Core>,
    connection: &Arc<Connection>,
    room: &RoomId,
) -> Result<()> {
    let caller = Caller {
        core: Arc::clone(core),
        identity: connection.identity(),
        connection: Some(Arc::clone(connection)),
        key: None,
    };
    if connection.rooms().contains(room) {
        return Ok(());
    }
    let entered = enter_at(&caller, room, None).await?;
    let event = JoinedEvent {
        room_id: room.clone(),
        epoch: entered.epoch,
        offset: entered.offset,
    };
    connection.tell(core.wall(), &event);
    unhold_one(core, connection, room);
    Ok(())
}

/// Takes a connection out of a room by order of the server, and says why.
pub fn remove_by_server(core: &Core, connection: &Connection, room: &RoomId, reason: &LeftReason) {
    if leave_room(core, connection, room, false) {
        let event = LeftEvent {
            room_id: room.clone(),
            reason: reason.clone(),
        };
        connection.tell(core.wall(), &event);
    }
}

/// Decides the memberships that a change of the directory may have ended.
pub async fn recheck(core: &Arc<Core>, change: Change) {
    let (connections, reason, only) = match &change {
        Change::User(user) => (core.hub.connections_of(user), LeftReason::Revoked, None),
        Change::Room(key) => {
            let circle = Circle::of(&key.room);
            let tenant = &key.tenant;
            let mut connections = core.hub.all_connections();
            connections.retain(|connection| connection.user().tenant == *tenant);
            (connections, LeftReason::Removed, circle)
        }
    };
    for connection in connections {
        if let Err(error) = recheck_rooms(core, &connection, &reason, |room| match &only {
            None => true,
            Some(circle) => Circle::of(room)
                .as_ref()
                .is_some_and(|of| of.name() == circle.name()),
        })
        .await
        {
            // What cannot be decided is not allowed.
            tracing::error!(%error, connection = %connection.id, "memberships cannot be checked");
            connection
                .outbox
                .close(carewire_protocol::error::close::INTERNAL, "try again");
        }
    }
    super::presence::recheck(core, &change).await;
}

/// Decides every room of a connection anew.
pub async fn recheck_connection(
    core: &Arc<Core>,
    connection: &Arc<Connection>,
    reason: &LeftReason,
) -> Result<()> {
    recheck_rooms(core, connection, reason, |_| true).await
}

async fn recheck_rooms(
    core: &Arc<Core>,
    connection: &Arc<Connection>,
    reason: &LeftReason,
    concerns: impl Fn(&RoomId) -> bool,
) -> Result<()> {
    let rooms: Vec<RoomId> = connection
        .rooms()
        .iter()
        .filter(|room| concerns(room))
        .cloned()
        .collect();
    if rooms.is_empty() {
        return Ok(());
    }
    let identity = connection.identity();
    let mut rows = core.store.read().await?;
    for room in rooms {
        let key = connection.room(&room);
        let allowed = match &core.authoriser {
            Some(authoriser) => authoriser.allow(&identity, Action::Join, &room).await,
            None => match require(
                &mut *rows,
                &identity,
                Action::Join,
                &key,
                core.config.policy,
            )
            .await
            {
                Ok(_) => true,
                Err(Error::Refused(_)) => false,
                Err(error) => return Err(error),
            },
        };
        if !allowed {
            remove_by_server(core, connection, &room, reason);
        }
    }
    rows.close().await
}
