//! The session: refresh, resume, status, and signs of the person.

use super::{
    conversation, presence,
    room::{self, Entered},
};
use crate::{
    audit,
    auth::Identity,
    core::{Caller, Core},
    error::{Error, Result},
    hub::Connection,
    keys::UserKey,
    timers::Due,
};
use carewire_protocol::{
    AnyCommand, Class, ClientId, Command as _, ErrorCode, ErrorReply, Role, RoomId, UserId,
    backend::AuditAction,
    call,
    room::LeftReason,
    session,
    session::{Refresh, RefreshReply, Resume, ResumeReply, ResumedRoom, StatusReply},
    typing,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
    time::Duration,
};

/// `auth:authenticate` on a connection that has authenticated.
pub fn authenticate_again() -> Result<session::Empty> {
    let message = "Already authenticated; send auth:refresh for a newer token";
    Err(Error::Refused(ErrorReply::invalid("type", message)))
}

/// `auth:refresh`: a newer token of the same user and tenant. Another role decides every joined
/// room anew.
pub async fn refresh(caller: &Caller, command: &Refresh) -> Result<RefreshReply> {
    let core = &caller.core;
    let connection = caller.connection()?;
    let mut identity = core.authenticator.check(&command.token, core.wall())?;
    if identity.key() != *connection.user() {
        return Err(Error::Refused(ErrorReply::invalid_token()));
    }
    let before = connection.identity();
    identity.name = identity.name.or(before.name);
    let (role, expires_at) = (identity.role.clone(), identity.expires_at);
    connection.set_identity(identity);
    if role != before.role {
        room::recheck_connection(core, connection, &LeftReason::Role).await?;
        for name in automatic_rooms(core, &connection.identity()) {
            match room::join_by_server(core, connection, &name).await {
                // What an operator lists for everyone is not for every role.
                Ok(()) | Err(Error::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    core.timers
        .set(core.now(), Due::Connection(connection.number));
    Ok(RefreshReply { role, expires_at })
}

/// The rooms that a connection is in without asking.
pub fn automatic_rooms(core: &Core, identity: &Identity) -> Vec<RoomId> {
    let mut rooms = vec![
        RoomId::User(identity.user.clone()),
        RoomId::Notifications(identity.user.clone()),
        RoomId::Tenant(identity.tenant.clone()),
    ];
    if identity.role != Role::Patient {
        rooms.push(RoomId::Staff(identity.tenant.clone()));
    }
    if identity.role == Role::Admin {
        rooms.extend(RoomId::channel("admin:alerts"));
    }
    for pattern in &core.config.auto_join {
        rooms.extend(filled_in(pattern, &identity.user));
    }
    rooms.dedup();
    rooms
}

fn filled_in(pattern: &str, user: &UserId) -> Option<RoomId> {
    pattern.replace("{userId}", user).parse().ok()
}

/// `session:status`.
pub fn status(caller: &Caller) -> Result<StatusReply> {
    let connection = caller.connection()?;
    let rooms = connection.rooms();
    Ok(StatusReply {
        connection_id: connection.id.clone(),
        user_id: caller.identity.user.clone(),
        connected_at: connection.connected_at,
        rooms,
        server_time: caller.core.wall(),
    })
}

/// `session:resume`: all rooms and presences of a client that was gone, in one round trip.
pub async fn resume(caller: &Caller, command: Resume) -> Result<ResumeReply> {
    let (entered, mut rows) = room::enter_again(caller, command.rooms).await?;
    let unread = conversation::counts(&caller.core, &mut rows, &caller.identity).await?;
    rows.close().await?;
    Ok(ResumeReply {
        rooms: entered
            .into_iter()
            .map(|(room, outcome)| resumed(caller, room, outcome))
            .collect(),
        unread,
        presences: presence::watch(caller, command.presence).await?,
    })
}

fn resumed(caller: &Caller, room_id: RoomId, outcome: Result<Entered>) -> ResumedRoom {
    match outcome {
        Ok(entered) => ResumedRoom {
            room_id,
            epoch: Some(entered.epoch),
            offset: Some(entered.offset),
            recovered: entered.recovered,
            missed: entered.missed,
            receipts: entered.receipts,
            error: None,
        },
        Err(error) => refused(caller, room_id, error.into_reply()),
    }
}

/// The answer for a room that cannot be resumed.
fn refused(caller: &Caller, room_id: RoomId, error: ErrorReply) -> ResumedRoom {
    if error.code == ErrorCode::AccessDenied {
        let (denied, room, command) = (AuditAction::Denied, Some(&room_id), Some(Resume::NAME));
        audit::note(&caller.core, &caller.identity, denied, room, command);
    }
    ResumedRoom {
        room_id,
        epoch: None,
        offset: None,
        recovered: false,
        missed: 0,
        receipts: BTreeMap::new(),
        error: Some(error),
    }
}

/// When people were last active, by device, so that a reconnect does not count as activity.
pub type Activity = BTreeMap<(UserKey, ClientId), Duration>;

fn activity_key(connection: &Connection) -> (UserKey, ClientId) {
    (connection.user().clone(), connection.client.clone())
}

/// A command that shows that a person is there.
pub fn note_activity(caller: &Caller, command: &AnyCommand) {
    let counts = command.class() == Class::Keyed
        || matches!(
            command,
            AnyCommand::Session(session::Command::Touch(_))
                | AnyCommand::Typing(typing::Command::Start(_))
                | AnyCommand::Call(call::Command::Initiate(_) | call::Command::Accept(_))
        );
    if counts
        && caller.core.config.idle_logoff.is_some()
        && let Some(connection) = &caller.connection
    {
        let mut activity = caller
            .core
            .activity
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        activity.insert(activity_key(connection), caller.core.now());
    }
}

/// A device connected: counts as activity unless the device was known.
pub fn begin_activity(core: &Core, connection: &Connection) {
    if core.config.idle_logoff.is_some() {
        let mut activity = core.activity.lock().unwrap_or_else(PoisonError::into_inner);
        activity
            .entry(activity_key(connection))
            .or_insert(core.now());
    }
}

/// When the person on this device last did something.
pub fn idle_since(core: &Core, connection: &Connection) -> Option<Duration> {
    let activity = core.activity.lock().unwrap_or_else(PoisonError::into_inner);
    activity.get(&activity_key(connection)).copied()
}

/// The device is logged off: whoever signs in on it begins anew.
pub fn forget_activity(core: &Core, connection: &Connection) {
    core.activity
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .remove(&activity_key(connection));
}

/// Forgets devices that would be logged off anyway.
pub fn sweep_activity(core: &Core) {
    if let Some(limit) = core.config.idle_logoff {
        let now = core.now();
        let mut activity = core.activity.lock().unwrap_or_else(PoisonError::into_inner);
        activity.retain(|_, at| now < *at + 2 * limit);
    }
}

/// Ends every connection with a hint when to come back, spread over a window that grows with
/// their number, so that they do not all come at once.
pub fn shut_down(core: &Arc<Core>, reason: &str) {
    use carewire_protocol::{error::close, session::ShutdownEvent};
    core.set_draining();
    let connections = core.hub.all_connections();
    let window = spread_window(connections.len());
    for (index, connection) in connections.iter().enumerate() {
        // Evenly, with a place of its own for each: no two share an instant by chance.
        let place = window.mul_f64((index as f64 + 0.5) / connections.len() as f64);
        connection.tell(
            core.wall(),
            &ShutdownEvent {
                reason: reason.to_owned(),
                retry_after_ms: (MIN_RETRY + place).into(),
            },
        );
        connection.outbox.close(close::SHUTDOWN, "shutting down");
    }
}

/// A restart takes at least this long.
const MIN_RETRY: Duration = Duration::from_millis(200);
/// Connections that a server on two cores takes in a second, its clients on the same two: token,
/// directory and rooms. Measured with `cargo xtask storm`, see `docs/testing.md`.
const ACCEPTED_PER_SECOND: f64 = 2500.0;

fn spread_window(connections: usize) -> Duration {
    Duration::from_secs_f64((1.25 * connections as f64 / ACCEPTED_PER_SECOND).max(0.5))
}
