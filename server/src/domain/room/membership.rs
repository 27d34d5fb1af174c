//! Memberships that the server begins and ends by itself.

use super::{enter_at_head, leave::leave_room, unhold_one};
use crate::{
    backplane::Change,
    core::{Caller, Core},
    domain::presence,
    error::{Error, Result},
    hub::Connection,
    keys::UserKey,
    planted::{self, Bug},
    policy::{Action, Circle},
    timers::Due,
};
use carewire_protocol::{
    RoomId,
    error::close,
    room::{JoinedEvent, LeftEvent, LeftReason},
};
use futures_util::{StreamExt, future::join_all, stream};
use std::{sync::Arc, time::Duration};

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
    if connection.is_in(room) {
        return Ok(());
    }
    let entered = enter_at_head(&caller, room).await?;
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
        connection.tell_of_room(core.wall(), room, &event);
    }
}

/// How long deciding anew may take. Nothing is queued a second after a revocation.
const RECHECK_WITHIN: Duration = Duration::from_millis(400);
/// About how many connections an authoriser is asked at once.
const AT_ONCE: usize = 64;

/// Decides the memberships that a change of the directory may have ended.
pub async fn recheck(core: &Arc<Core>, change: Change) {
    if planted::is(Bug::RevocationForgotten) {
        return;
    }
    let (patience, at_once) = match &core.authoriser {
        None => (Duration::ZERO, 1),
        // It may be far away: nobody waits for what others ask it.
        Some(authoriser) => (authoriser.patience(), AT_ONCE),
    };
    let until = core.now() + RECHECK_WITHIN + patience;
    let reason = match &change {
        Change::User(_) | Change::Tenant(_) => LeftReason::Revoked,
        Change::Room(_) => LeftReason::Removed,
    };
    let mut connections = core.hub.all_connections();
    connections.retain(|connection| connection.user().tenant == *change.tenant());
    stream::iter(&connections)
        .for_each_concurrent(at_once, |connection| {
            let concerned = |room: &RoomId| concerns(&change, connection, room);
            let checked = recheck_rooms(core, connection, &reason, concerned);
            in_time(core, connection, until, checked)
        })
        .await;
    presence::recheck(core, &change).await;
}

/// What cannot be decided in time is not allowed.
async fn in_time(
    core: &Core,
    connection: &Connection,
    until: Duration,
    checked: impl Future<Output = Result<()>>,
) {
    let checked = tokio::select! {
        biased;
        checked = checked => checked,
        () = core.env.sleep_until(until) => {
            Err(Error::Unavailable("memberships were not checked in time".into()))
        }
    };
    if let Err(error) = checked {
        tracing::error!(%error, connection = %connection.id, "memberships cannot be checked");
        connection.outbox.close(close::INTERNAL, "try again");
    }
}

/// Has the memberships of a connection decided anew when the authoriser's decisions have lived
/// their time.
pub fn watch(core: &Core, connection: &Connection) {
    let lifetime = core.authoriser.as_ref().and_then(|it| it.lifetime());
    if let Some(lifetime) = lifetime {
        let at = core.now() + lifetime;
        core.timers.set(at, Due::Access(connection.number));
    }
}

/// The decisions about a connection have lived their time.
pub fn access_due(core: &Core, connection: Arc<Connection>) {
    if let Some(authoriser) = &core.authoriser {
        let UserKey { tenant, user } = connection.user();
        authoriser.forget(tenant, Some(user), None);
        let until = core.now() + RECHECK_WITHIN + authoriser.patience();
        core.spawn(async move |core| {
            let checked = recheck_connection(&core, &connection, &LeftReason::Revoked);
            in_time(&core, &connection, until, checked).await;
            presence::recheck_connection(&core, &connection).await;
            watch(&core, &connection);
        });
    }
}

/// Whether a change may have ended that a connection may be in a room. With whom one may talk is
/// decided by both: a chat concerns the one when something about the other changes.
fn concerns(change: &Change, connection: &Connection, room: &RoomId) -> bool {
    match change {
        Change::User(user) if *connection.user() == *user => true,
        Change::User(user) => {
            matches!(room, RoomId::Chat(a, b) if *a == user.user || *b == user.user)
        }
        Change::Tenant(_) => true,
        // A visit's call has the people of the visit.
        Change::Room(key) => match Circle::of(&key.room) {
            None => *room == key.room,
            Some(circle) => Circle::of(room).is_some_and(|of| of.name() == circle.name()),
        },
    }
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
    let rooms = connection.rooms_where(concerns);
    if rooms.is_empty() {
        return Ok(());
    }
    let identity = connection.identity();
    let asked = rooms
        .iter()
        .map(|room| core.authorised(&identity, Action::Join, room));
    let authorised = join_all(asked).await;
    let mut rows = core.store.read().await?;
    for (room, authorised) in rooms.into_iter().zip(authorised) {
        let key = connection.room(&room);
        let allowed = core
            .admits(&mut *rows, &identity, Action::Join, &key, authorised)
            .await?;
        if !allowed {
            remove_by_server(core, connection, &room, reason);
        }
    }
    rows.close().await
}
