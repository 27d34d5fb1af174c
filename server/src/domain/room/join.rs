//! Joining: decided, read and entered so that nothing falls between.

use super::{is_large, leave::page_of_participants, recheck_connection};
use crate::{
    audit,
    core::{Caller, Core},
    domain::{call, live, message, record, report, whiteboard},
    error::{Error, Result},
    hub::{Audience, Connection, Entry, OpenRoom, Room},
    keys::RoomKey,
    planted::{self, Bug},
    policy::{self, Action},
    store::{Floor, Log, MessagePage, Rows},
};
use carewire_protocol::{
    Epoch, ErrorCode, ErrorReply, RoomId, UserId,
    backend::AuditAction,
    limits::{ANNOUNCED_MEMBERS, DEFAULT_PAGE},
    room::{Join, JoinReply, LeftReason, Receipts, Snapshot, UserJoinedEvent},
    session::RoomPosition,
};
use futures_util::future::join_all;
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

/// Enters a room at its head.
pub async fn enter_at_head(caller: &Caller, name: &RoomId) -> Result<Entered> {
    enter(caller, name, None, false).await
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
    check_room_count(core, connection, name)?;
    // Opened before anything is read: whatever is committed after the reading is fanned out to
    // this room, so nothing falls between.
    let room = core.hub.open(&key);
    let version = core.directory_version();
    let decided = caller.preauthorise(Action::Join, name).await?;
    let mut rows = if with_snapshot {
        core.store.snapshot().await?
    } else {
        core.store.read().await?
    };
    let floor = floor(caller, &mut *rows, &key, decided, position.is_some()).await?;
    let log = rows.log(&key).await?;
    let mut entered = Entered::at(core.store.epoch(), log, position, &floor);
    entered.receipts = receipts(core, &mut *rows, &key, &caller.identity.user).await?;
    if with_snapshot {
        entered.snapshot = Some(stored_snapshot(&mut *rows, &key, &floor).await?);
    }
    rows.close().await?;
    put_in(caller, connection, &room, &entered);
    if core.directory_version() != version {
        // The right may have ended between the reading and the entering.
        recheck_connection(core, connection, &LeftReason::Revoked).await?;
    }
    Ok(entered)
}

/// Enters the rooms of a client that comes back, each where it had come to. What is true of all of
/// them is read once: thousands may come at the same time. Yields what was read with, too.
pub async fn enter_again(
    caller: &Caller,
    positions: Vec<RoomPosition>,
) -> Result<(Vec<(RoomId, Result<Entered>)>, Box<dyn Rows>)> {
    let core = &caller.core;
    let connection = caller.connection()?;
    let names: Vec<RoomId> = positions.iter().map(|room| room.room_id.clone()).collect();
    // Opened before anything is read, as above.
    let rooms: Vec<OpenRoom> = names
        .iter()
        .map(|name| core.hub.open(&caller.room(name)))
        .collect();
    let version = core.directory_version();
    // The application is asked before the store: it may take its time.
    let asked = names
        .iter()
        .map(|name| caller.preauthorise(Action::Join, name));
    let decided = join_all(asked).await;
    let mut rows = core.store.read().await?;
    let logs = rows.logs(&caller.identity.tenant, &names).await?;
    let mut entered = Vec::with_capacity(names.len());
    let wanted = positions.into_iter().zip(decided);
    for (((position, decided), room), log) in wanted.zip(&rooms).zip(logs) {
        let place = (position.epoch, position.offset);
        let outcome = match decided {
            Ok(decided) => enter_where_it_was(caller, &mut *rows, room, log, place, decided).await,
            Err(error) => Err(error),
        };
        if let Err(error @ (Error::Unavailable(_) | Error::Fault(_))) = outcome {
            return Err(error);
        }
        entered.push((position.room_id, outcome));
    }
    if core.directory_version() != version {
        // Whoever holds one connection to the store does not wait for another.
        rows.close().await?;
        recheck_connection(core, connection, &LeftReason::Revoked).await?;
        rows = core.store.read().await?;
    }
    Ok((entered, rows))
}

async fn enter_where_it_was(
    caller: &Caller,
    rows: &mut dyn Rows,
    room: &Room,
    log: Log,
    place: (Epoch, u64),
    decided: bool,
) -> Result<Entered> {
    let core = &caller.core;
    let connection = caller.connection()?;
    check_room_count(core, connection, &room.key.room)?;
    let floor = floor(caller, rows, &room.key, decided, true).await?;
    let mut entered = Entered::at(core.store.epoch(), log, Some(place), &floor);
    entered.receipts = receipts(core, rows, &room.key, &caller.identity.user).await?;
    put_in(caller, connection, room, &entered);
    Ok(entered)
}

fn check_room_count(core: &Core, connection: &Connection, name: &RoomId) -> Result<()> {
    if !connection.is_in(name) && connection.room_count() >= core.config.rooms_per_connection {
        let message = "This connection is in too many rooms";
        return Err(Error::Refused(ErrorReply::new(
            ErrorCode::TooManyRooms,
            message,
        )));
    }
    Ok(())
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
    let name = &room.key.room;
    if !policy::follows_from_token(name) {
        audit::note(
            core,
            &caller.identity,
            AuditAction::Joined,
            Some(name),
            None,
        );
    }
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

/// Where the caller's reading of a room begins. `decided`: the application has allowed it.
async fn floor(
    caller: &Caller,
    rows: &mut dyn Rows,
    key: &RoomKey,
    decided: bool,
    with_position: bool,
) -> Result<Floor> {
    if planted::is(Bug::PolicySkippedOnResume) && with_position {
        return Ok(Floor::default());
    }
    caller.floor(rows, Action::Join, key, decided).await
}

impl Entered {
    /// At a position of a log, where that can be replayed from.
    fn at(epoch: Epoch, log: Log, position: Option<(Epoch, u64)>, floor: &Floor) -> Self {
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
        Self {
            epoch,
            offset: log.head,
            recovered,
            missed,
            position,
            receipts: BTreeMap::new(),
            snapshot: None,
        }
    }
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
