//! Memberships that the server begins and ends by itself.

use super::{enter_at, leave::leave_room, unhold_one};
use crate::{
    backplane::Change,
    core::{Caller, Core, require},
    domain::presence,
    error::{Error, Result},
    hub::Connection,
    planted::{self, Bug},
    policy::{Action, Circle},
};
use carewire_protocol::{
    RoomId,
    room::{JoinedEvent, LeftEvent, LeftReason},
};
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
        connection.tell_of_room(core.wall(), room, &event);
    }
}

/// How long deciding anew may take. Nothing is queued a second after a revocation.
const RECHECK_WITHIN: Duration = Duration::from_millis(400);

/// Decides the memberships that a change of the directory may have ended.
pub async fn recheck(core: &Arc<Core>, change: Change) {
    if planted::is(Bug::RevocationForgotten) {
        return;
    }
    let until = core.now() + RECHECK_WITHIN;
    let reason = match &change {
        Change::User(_) => LeftReason::Revoked,
        Change::Room(_) => LeftReason::Removed,
    };
    let tenant = match &change {
        Change::User(user) => &user.tenant,
        Change::Room(room) => &room.tenant,
    };
    for connection in core.hub.all_connections() {
        if connection.user().tenant != *tenant {
            continue;
        }
        let checked = recheck_rooms(core, &connection, &reason, |room| {
            concerns(&change, &connection, room)
        });
        let checked = tokio::select! {
            biased;
            checked = checked => checked,
            () = core.env.sleep_until(until) => {
                Err(Error::Unavailable("memberships were not checked in time".into()))
            }
        };
        if let Err(error) = checked {
            // What cannot be decided is not allowed.
            tracing::error!(%error, connection = %connection.id, "memberships cannot be checked");
            connection
                .outbox
                .close(carewire_protocol::error::close::INTERNAL, "try again");
        }
    }
    presence::recheck(core, &change).await;
}

/// Whether a change may have ended that a connection may be in a room. With whom one may talk is
/// decided by both: a chat concerns the one when something about the other changes.
fn concerns(change: &Change, connection: &Connection, room: &RoomId) -> bool {
    match change {
        Change::User(user) if *connection.user() == *user => true,
        Change::User(user) => {
            matches!(room, RoomId::Chat(a, b) if *a == user.user || *b == user.user)
        }
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
                &core.config.policy,
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
