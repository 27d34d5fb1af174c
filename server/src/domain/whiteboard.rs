//! Whiteboards: drawn in order, kept until they are wiped, and where everyone points.

use crate::{
    audit,
    core::{Caller, Core, require},
    error::{Error, Result},
    hub::Audience,
    keys::RoomKey,
    policy::Action,
    store::{Board, Floor, OpRow, Place, Rows},
    timers::Due,
};
use carewire_protocol::{
    ClientId, Command, ErrorCode, ErrorReply, UserId,
    backend::AuditAction,
    limits::{CURSOR_INTERVAL, MAX_PAYLOAD_BYTES, MAX_WHITEBOARD_BYTES},
    session::Empty,
    whiteboard::{
        Clear, ClearedEvent, Cursor, CursorEvent, Snapshot, Update, UpdateReply, UpdatedEvent,
        WhiteboardState,
    },
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// What a page may take of a frame: the rest is for the envelope. Larger than any operation.
const MAX_PAGE_BYTES: usize = MAX_PAYLOAD_BYTES - MAX_PAYLOAD_BYTES / 8;
/// What a whiteboard may take of a room's snapshot: messages take up to seven eighths.
const MAX_SHARE_BYTES: usize = MAX_PAYLOAD_BYTES / 16;
/// Operations read at once.
const SCANNED: u32 = 500;

/// `whiteboard:update`.
pub async fn update(caller: &Caller, command: Update) -> Result<UpdateReply> {
    let key = caller.room(&command.room_id);
    let user = caller.identity.user.clone();
    change(caller, Update::NAME, key, move |tx, key, origin| {
        Box::pin(async move {
            let board = tx.rows().board(&key).await?;
            let size: usize = command.ops.iter().map(|op| op.get().len() + 1).sum();
            let bytes = board.bytes + size as u64;
            if bytes > MAX_WHITEBOARD_BYTES as u64 {
                return Err(Error::Refused(full()));
            }
            let revision = board.revision + 1;
            let event = UpdatedEvent {
                room_id: key.room.clone(),
                user_id: user,
                revision,
                ops: command.ops,
            };
            let offset = tx.append(&key, origin.as_ref(), &event).await?;
            let rows = tx.rows();
            for (number, op) in (1..).zip(event.ops) {
                let place = Place { revision, number };
                rows.insert_op(&key, offset, &OpRow { place, op }).await?;
            }
            rows.put_board(&key, &Board { revision, bytes }).await?;
            Ok(UpdateReply { revision })
        })
    })
    .await
}

fn full() -> ErrorReply {
    ErrorReply {
        field: Some("ops".into()),
        ..ErrorReply::new(
            ErrorCode::PayloadTooLarge,
            "The whiteboard is full: wipe it first",
        )
    }
}

/// `whiteboard:clear`.
pub async fn clear(caller: &Caller, command: Clear) -> Result<Empty> {
    let key = caller.room(&command.room_id);
    let user = caller.identity.user.clone();
    change(caller, Clear::NAME, key, move |tx, key, origin| {
        Box::pin(async move {
            let revision = tx.rows().board(&key).await?.revision + 1;
            let event = ClearedEvent {
                room_id: key.room.clone(),
                user_id: user,
                revision,
            };
            tx.append(&key, origin.as_ref(), &event).await?;
            let rows = tx.rows();
            rows.delete_ops(&key).await?;
            rows.put_board(&key, &Board { revision, bytes: 0 }).await?;
            Ok(Empty {})
        })
    })
    .await
}

/// Changes a whiteboard, once for its key, where the caller may write.
async fn change<T, F>(caller: &Caller, name: &'static str, key: RoomKey, work: F) -> Result<T>
where
    T: serde::Serialize + serde::de::DeserializeOwned + Send + 'static,
    F: for<'t> FnOnce(
            &'t mut crate::store::Tx,
            RoomKey,
            Option<ClientId>,
        ) -> futures_util::future::BoxFuture<'t, Result<T>>
        + Send
        + 'static,
{
    let decided = caller.preauthorise(Action::Write, &key.room).await?;
    let options = caller.core.config.policy.clone();
    let identity = caller.identity.clone();
    let origin = caller.origin().cloned();
    let command_key = caller.key.clone();
    caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                let user = identity.key();
                if let Some(reply) = tx.replayed(&user, command_key.as_ref(), name).await? {
                    return Ok(serde_json::from_str(&reply)?);
                }
                if !key.room.kind().has_messages() {
                    return Err(Error::Refused(ErrorReply::denied()));
                }
                if !decided {
                    require(tx.rows(), &identity, Action::Write, &key, &options).await?;
                }
                let reply = work(tx, key, origin).await?;
                let stored = serde_json::to_string(&reply)?;
                tx.remember(&user, command_key.as_ref(), name, stored)
                    .await?;
                Ok(reply)
            })
        })
        .await
}

/// `whiteboard:snapshot`.
pub async fn snapshot(caller: &Caller, command: Snapshot) -> Result<WhiteboardState> {
    let key = caller.room(&command.room_id);
    let after = command.cursor.as_deref().map(parse_cursor).transpose()?;
    let decided = caller.preauthorise(Action::History, &key.room).await?;
    let mut rows = caller.core.store.snapshot().await?;
    let floor = caller
        .floor(&mut *rows, Action::History, &key, decided)
        .await?;
    let after = after.unwrap_or_default();
    let state = page(&mut *rows, &key, after, &floor, MAX_PAGE_BYTES).await?;
    rows.close().await?;
    let (room, command) = (Some(&key.room), Some(Snapshot::NAME));
    audit::note(
        &caller.core,
        &caller.identity,
        AuditAction::Read,
        room,
        command,
    );
    Ok(state)
}

/// The whiteboard in a snapshot of its room; `None` where nothing was ever drawn.
pub async fn share(
    rows: &mut dyn Rows,
    key: &RoomKey,
    floor: &Floor,
) -> Result<Option<WhiteboardState>> {
    let state = page(rows, key, Place::default(), floor, MAX_SHARE_BYTES).await?;
    Ok(Some(state).filter(|state| state.revision > 0))
}

/// A whiteboard from a place on, as much of it as fits.
async fn page(
    rows: &mut dyn Rows,
    key: &RoomKey,
    after: Place,
    floor: &Floor,
    most: usize,
) -> Result<WhiteboardState> {
    let mut state = WhiteboardState {
        revision: rows.board(key).await?.revision,
        ..WhiteboardState::default()
    };
    let (mut place, mut bytes) = (after, 0);
    loop {
        let rows = rows.ops(key, place, floor.offset, SCANNED).await?;
        let is_last = rows.len() < SCANNED as usize;
        for row in rows {
            bytes += row.op.get().len() + 1;
            if bytes > most {
                state.cursor = Some(format!("{}/{}", place.revision, place.number));
                return Ok(state);
            }
            place = row.place;
            state.ops.push(row.op);
        }
        if is_last {
            return Ok(state);
        }
    }
}

fn parse_cursor(text: &str) -> Result<Place> {
    let place = text.split_once('/').and_then(|(revision, number)| {
        Some(Place {
            revision: revision.parse().ok()?,
            number: number.parse().ok()?,
        })
    });
    place.ok_or_else(|| {
        Error::Refused(ErrorReply::invalid(
            "cursor",
            "cursor is not one of this whiteboard",
        ))
    })
}

/// Where people point: the newest place of each that is not told yet.
#[derive(Debug, Default)]
pub struct Cursors(Mutex<BTreeMap<(RoomKey, UserId), Pointing>>);

#[derive(Debug)]
struct Pointing {
    /// When the last place was told.
    told_at: Duration,
    /// What came since.
    next: Option<(CursorEvent, Option<ClientId>)>,
}

/// `whiteboard:cursor`: to the others, at most so often; what comes faster is replaced, not queued.
pub fn cursor(caller: &Caller, command: Cursor) -> Result<Empty> {
    let core = &caller.core;
    let key = caller.room(&command.room_id);
    if !core.hub.is_member(&key, caller.connection()?) {
        return Err(Error::Refused(ErrorReply::not_joined()));
    }
    if !key.room.kind().has_messages() {
        return Err(Error::Refused(ErrorReply::denied()));
    }
    let user = caller.identity.user.clone();
    let event = CursorEvent {
        room_id: command.room_id,
        user_id: user.clone(),
        x: command.x,
        y: command.y,
    };
    let place = (key, user);
    let mut cursors = core
        .cursors
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(pointing) = cursors.get_mut(&place) {
        pointing.next = Some((event, caller.origin().cloned()));
        return Ok(Empty {});
    }
    let told_at = core.now();
    let next = None;
    cursors.insert(place.clone(), Pointing { told_at, next });
    drop(cursors);
    core.timers.set(
        told_at + CURSOR_INTERVAL,
        Due::Cursor(Box::new(place.clone())),
    );
    tell_cursor(core, &place.0, &event, caller.origin());
    Ok(Empty {})
}

fn tell_cursor(core: &Core, key: &RoomKey, event: &CursorEvent, origin: Option<&ClientId>) {
    let others = Audience::AllBut(event.user_id.clone());
    core.tell(key, origin, event, others);
}

/// The interval of a cursor is over: tells where it is now, or forgets who has stopped.
pub fn cursor_due(core: &Core, place: &(RoomKey, UserId)) {
    let now = core.now();
    let mut cursors = core
        .cursors
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let Some(pointing) = cursors.get_mut(place) else {
        return;
    };
    if pointing.told_at + CURSOR_INTERVAL > now {
        return;
    }
    let Some((event, origin)) = pointing.next.take() else {
        cursors.remove(place);
        return;
    };
    pointing.told_at = now;
    drop(cursors);
    core.timers
        .set(now + CURSOR_INTERVAL, Due::Cursor(Box::new(place.clone())));
    tell_cursor(core, &place.0, &event, origin.as_ref());
}
