//! Joining: decided, read and entered so that nothing falls between.

use super::{is_large, leave::page_of_participants, recheck_connection};
use crate::{
    core::{Caller, Core},
    domain::{call, live, message, record, report, whiteboard},
    error::{Error, Result},
    hub::{Audience, Connection, Entry, Room},
    keys::RoomKey,
    planted::{self, Bug},
    policy::Action,
    store::{Floor, MessagePage, Rows},
};
use carewire_protocol::{
    Epoch, ErrorCode, ErrorReply, RoomId, UserId,
    limits::{ANNOUNCED_MEMBERS, DEFAULT_PAGE},
    room::{Join, JoinReply, LeftReason, Receipts, Snapshot, UserJoinedEvent},
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
    /// The position that was asked for, or the head where it cannot be replayed from.
    position: Option<u64>,
    /// How far the members have received and read.
    pub receipts: BTreeMap<UserId, Receipts>,
    /// The state of the room, where asked for.
    snapshot: Option<Snapshot>,
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
    if let Some(snapshot) = &mut entered.snapshot
        && matches!(key.room, RoomId::Patient(_))
    {
        snapshot.viewers = Some(record::shown(&caller.core, &key));
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
    if !connection.is_in(name) && connection.room_count() >= core.config.rooms_per_connection {
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
    let entered = read_room(caller, &key, position, with_snapshot).await?;
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
    let entry = Entry {
        head: entered.offset,
        position: entered.position,
        at: core.wall(),
    };
    let outcome = core.hub.enter(room, connection, entry);
    if let Some(user) = outcome.first
        && outcome.people <= ANNOUNCED_MEMBERS
    {
        let event = UserJoinedEvent {
            room_id: room.key.room.clone(),
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
    let mut rows = if with_snapshot {
        core.store.snapshot().await?
    } else {
        core.store.read().await?
    };
    let unasked = planted::is(Bug::PolicySkippedOnResume) && position.is_some();
    let floor = if unasked {
        Floor::default()
    } else {
        caller.floor(&mut *rows, Action::Join, key, decided).await?
    };
    let log = rows.log(key).await?;
    let epoch = core.store.epoch();
    let (recovered, missed, position) = match position {
        None => (true, 0, None),
        Some((asked, offset)) => {
            let kept = offset >= log.floor
                && offset <= log.head
                && (offset >= floor.offset || planted::is(Bug::ReplayPastFloor));
            if asked == epoch && kept {
                (true, log.head - offset, Some(offset))
            } else {
                (false, 0, Some(log.head))
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
        position,
        receipts,
        snapshot,
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

async fn stored_snapshot(rows: &mut dyn Rows, key: &RoomKey, floor: &Floor) -> Result<Snapshot> {
    let mut snapshot = Snapshot {
        call: call::shown(rows, key).await?,
        ..Snapshot::default()
    };
    if let RoomId::Patient(patient) = &key.room {
        snapshot.locks = Some(record::locks(rows, &key.tenant, patient).await?);
    }
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
        snapshot.whiteboard = whiteboard::share(rows, key, floor).await?;
        snapshot.messages = Some(messages);
        snapshot.has_more = Some(has_more);
    }
    if let RoomId::Report(report) = &key.room {
        snapshot.report = report::last_event(rows, &key.tenant, report).await?;
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

/// Lets the events of one room follow, and the rows of a template.
pub fn unhold_one(core: &Core, connection: &Connection, room: &RoomId) {
    let key = connection.room(room);
    if core.hub.unhold(&key, connection) {
        core.catch_up(&key, connection.number);
    }
    live::begin(core, &key, connection.number);
}
