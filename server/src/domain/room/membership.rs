//! Memberships that the server begins and ends by itself.

use super::{enter_at, leave::leave_room, unhold_one};
use crate::{
    backplane::Change,
    core::{Caller, Core, require},
    domain::presence,
    error::{Error, Result},
    hub::Connection,
    policy::{Action, Circle},
};
use carewire_protocol::{
    RoomId,
    room::{JoinedEvent, LeftEvent, LeftReason},
};
use std::sync::Arc;

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
    presence::recheck(core, &change).await;
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
