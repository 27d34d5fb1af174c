//! Who is connected, in which rooms; and joining or removing connections from outside.

use super::{App, BackendCall, Refusal, api::id, identify, json};
use crate::{
    audit,
    core::{Core, require},
    domain::{access, presence, room as room_domain},
    hub::{Connection, Room},
    keys::{RoomKey, UserKey},
    policy::Action,
    store::AuditPage,
};
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use carewire_protocol::{
    ConnectionId, ErrorCode, ErrorReply, Finite, Role, RoomId, TenantId, Timestamp, UserId,
    backend::{
        AuditAction, ConnectionInfo, ConnectionList, RoomActivity, RoomInfo, RoomList, Stats,
        UserInfo, UserRooms,
    },
    error::close,
    room::LeftReason,
    session::Empty,
};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};

type Answer = Result<Response, Refusal>;

/// The most entries of one page.
const PAGE: usize = 100;

fn of_tenant(core: &Core, tenant: &TenantId) -> Vec<Arc<Connection>> {
    let mut connections = core.hub.all_connections();
    connections.retain(|connection| connection.user().tenant == *tenant);
    connections
}

fn rooms_of_tenant(core: &Core, tenant: &TenantId) -> Vec<Arc<Room>> {
    let mut rooms = core.hub.all_rooms();
    rooms.retain(|room| room.key.tenant == *tenant);
    rooms
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub(super) async fn user(Path(user): Path<String>, call: BackendCall) -> Answer {
    let user: UserId = id("userId", &user)?;
    let core = call.core();
    let key = UserKey::new(&call.caller.identity.tenant, &user);
    let connections = core.hub.connections_of(&key).len();
    let mut rows = core.store.read().await?;
    let presence = presence::of_user(core, &mut *rows, &key).await?;
    rows.close().await?;
    Ok(json(&UserInfo {
        connected: connections > 0,
        connections: count(connections),
        presence,
    }))
}

pub(super) async fn disconnect_user(Path(user): Path<String>, call: BackendCall) -> Answer {
    let user: UserId = id("userId", &user)?;
    let key = UserKey::new(&call.caller.identity.tenant, &user);
    for connection in call.core().hub.connections_of(&key) {
        connection
            .outbox
            .close(close::DISCONNECTED, "disconnected by an administrator");
    }
    Ok(json(&Empty {}))
}

pub(super) async fn user_rooms(Path(user): Path<String>, call: BackendCall) -> Answer {
    let user: UserId = id("userId", &user)?;
    let key = UserKey::new(&call.caller.identity.tenant, &user);
    change_rooms(&call, call.core().hub.connections_of(&key)).await
}

pub(super) async fn connection_rooms(Path(connection): Path<String>, call: BackendCall) -> Answer {
    let connection = find(&call, &connection)?;
    change_rooms(&call, vec![connection]).await
}

async fn change_rooms(call: &BackendCall, connections: Vec<Arc<Connection>>) -> Answer {
    let body: UserRooms = call.body()?;
    body.check()?;
    for connection in connections {
        for room in &body.leave {
            room_domain::remove_by_server(call.core(), &connection, room, &LeftReason::Server);
        }
        for room in &body.join {
            room_domain::join_by_server(call.core(), &connection, room).await?;
        }
    }
    Ok(json(&Empty {}))
}

fn find(call: &BackendCall, connection: &str) -> Result<Arc<Connection>, Refusal> {
    let wanted: ConnectionId = id("connectionId", connection)?;
    let mut connections = of_tenant(call.core(), &call.caller.identity.tenant);
    connections.retain(|connection| connection.id == wanted);
    connections.pop().ok_or_else(|| {
        let error = ErrorReply::new(ErrorCode::RoomNotFound, "No such connection");
        Refusal(axum::http::StatusCode::NOT_FOUND, error)
    })
}

pub(super) async fn disconnect(Path(connection): Path<String>, call: BackendCall) -> Answer {
    let connection = find(&call, &connection)?;
    connection
        .outbox
        .close(close::DISCONNECTED, "disconnected by an administrator");
    Ok(json(&Empty {}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConnectionQuery {
    user_id: Option<String>,
    room_id: Option<String>,
    cursor: Option<String>,
}

pub(super) async fn connections(Query(query): Query<ConnectionQuery>, call: BackendCall) -> Answer {
    let user: Option<UserId> = query
        .user_id
        .as_deref()
        .map(|text| id("userId", text))
        .transpose()?;
    let room: Option<RoomId> = query
        .room_id
        .as_deref()
        .map(|text| text.parse().map_err(|_| ErrorReply::room_not_found()))
        .transpose()?;
    // A cursor is the number of the last connection of the former page.
    let after: u64 = match query.cursor.as_deref() {
        None => 0,
        Some(text) => text
            .parse()
            .map_err(|_| ErrorReply::invalid("cursor", "cursor is not one of this list"))?,
    };
    let mut connections = of_tenant(call.core(), &call.caller.identity.tenant);
    connections.retain(|connection| {
        connection.number > after
            && user
                .as_ref()
                .is_none_or(|user| connection.user().user == *user)
            && room.as_ref().is_none_or(|room| connection.is_in(room))
    });
    let more = connections.len() > PAGE;
    connections.truncate(PAGE);
    let cursor = connections
        .last()
        .filter(|_| more)
        .map(|last| last.number.to_string());
    let connections = connections
        .iter()
        .map(|connection| describe(connection))
        .collect();
    Ok(json(&ConnectionList {
        connections,
        cursor,
    }))
}

fn describe(connection: &Connection) -> ConnectionInfo {
    let identity = connection.identity();
    ConnectionInfo {
        connection_id: connection.id.clone(),
        user_id: identity.user,
        client_id: Some(connection.client.clone()),
        role: identity.role,
        connected_at: connection.connected_at,
        token_expires_at: identity.expires_at,
        rooms: connection.rooms(),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct RoomQuery {
    kind: Option<String>,
    cursor: Option<String>,
}

pub(super) async fn rooms(Query(query): Query<RoomQuery>, call: BackendCall) -> Answer {
    let mut rooms = rooms_of_tenant(call.core(), &call.caller.identity.tenant);
    rooms.retain(|room| {
        query
            .kind
            .as_deref()
            .is_none_or(|kind| room.key.room.kind().as_str() == kind)
    });
    let mut named: Vec<_> = rooms
        .into_iter()
        .map(|room| (room.key.room.to_string(), room))
        .collect();
    named.sort_by(|(a, _), (b, _)| a.cmp(b));
    named.retain(|(name, _)| {
        query
            .cursor
            .as_deref()
            .is_none_or(|after| name.as_str() > after)
    });
    let more = named.len() > PAGE;
    named.truncate(PAGE);
    let cursor = named.last().filter(|_| more).map(|(name, _)| name.clone());
    let mut infos = Vec::with_capacity(named.len());
    for (_, room) in named {
        infos.push(describe_room(call.core(), &room.key, false).await?);
    }
    Ok(json(&RoomList {
        rooms: infos,
        cursor,
    }))
}

pub(super) async fn room(Path(room): Path<String>, call: BackendCall) -> Answer {
    let room: RoomId = room.parse().map_err(|_| ErrorReply::room_not_found())?;
    let key = RoomKey::new(&call.caller.identity.tenant, room);
    let mut rows = call.core().store.read().await?;
    let options = call.core().config.policy.clone();
    require(
        &mut *rows,
        &call.caller.identity,
        Action::Join,
        &key,
        &options,
    )
    .await?;
    rows.close().await?;
    Ok(json(&describe_room(call.core(), &key, true).await?))
}

async fn describe_room(core: &Core, key: &RoomKey, people: bool) -> Result<RoomInfo, Refusal> {
    let mut rows = core.store.read().await?;
    let log = rows.log(key).await?;
    rows.close().await?;
    let room = core.hub.room(key);
    let (connections, active, participants) = room.map_or((0, None, Vec::new()), |room| {
        let state = room.state();
        let participants: Vec<_> = if people {
            state.participants().collect()
        } else {
            Vec::new()
        };
        (
            state.members.len(),
            active_at(state.active_at),
            participants,
        )
    });
    Ok(RoomInfo {
        room_id: key.room.clone(),
        kind: key.room.kind().as_str().to_owned(),
        connections: count(connections),
        epoch: Some(core.store.epoch()),
        offset: log.head,
        last_activity_at: active,
        participants: (people && key.room.kind().is_announced()).then_some(participants),
    })
}

/// A room that nothing was delivered to yet has no time of activity.
fn active_at(at: Timestamp) -> Option<Timestamp> {
    (at != Timestamp::default()).then_some(at)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditQuery {
    user_id: Option<String>,
    room_id: Option<String>,
    from: Option<String>,
    to: Option<String>,
    cursor: Option<String>,
}

/// `GET /v1/audit`, for services and admins of the tenant.
pub(super) async fn audit(
    State(app): State<App>,
    Query(query): Query<AuditQuery>,
    headers: HeaderMap,
) -> Answer {
    let core = &app.core;
    let identity = identify(core, &headers)?;
    if !matches!(identity.role, Role::Service | Role::Admin) {
        let call = Some("GET /v1/audit");
        audit::note(core, &identity, AuditAction::Denied, None, call);
        return Err(ErrorReply::denied().into());
    }
    let user = query.user_id.as_deref().map(|text| id("userId", text));
    let room = query.room_id.as_deref().map(|text| {
        text.parse::<RoomId>()
            .map_err(|_| Refusal::from(ErrorReply::room_not_found()))
    });
    let time = |name: &str, text: Option<&str>| {
        let parsed = text.map(str::parse::<Timestamp>);
        parsed
            .transpose()
            .map_err(|_| Refusal::from(ErrorReply::invalid(name, format!("{name} is not a time"))))
    };
    // A cursor is the number of the last line of the former page.
    let before = query.cursor.as_deref().map(str::parse).transpose();
    let bad_cursor = |_| ErrorReply::invalid("cursor", "cursor is not one of this list");
    let page = AuditPage {
        user: user.transpose()?,
        room: room.transpose()?,
        from: time("from", query.from.as_deref())?,
        to: time("to", query.to.as_deref())?,
        before: before.map_err(bad_cursor)?,
        limit: 0,
    };
    Ok(json(&access::audit(core, &identity.tenant, page).await?))
}

/// `GET /stats`, of the caller's tenant.
pub(super) async fn stats(State(app): State<App>, headers: HeaderMap) -> Answer {
    let core = &app.core;
    let identity = identify(core, &headers)?;
    if !matches!(identity.role, Role::Service | Role::Admin) {
        return Err(ErrorReply::denied().into());
    }
    let tenant = &identity.tenant;
    let mut rows = core.store.read().await?;
    let active_calls = rows.open_calls(tenant).await?;
    rows.close().await?;
    let connections = of_tenant(core, tenant);
    let mut users = std::collections::BTreeSet::new();
    let mut by_role: BTreeMap<Role, u64> = BTreeMap::new();
    for connection in &connections {
        users.insert(connection.user().user.clone());
        *by_role.entry(connection.identity().role).or_default() += 1;
    }
    let mut by_kind: BTreeMap<String, u64> = BTreeMap::new();
    let mut rooms = Vec::new();
    for room in rooms_of_tenant(core, tenant) {
        *by_kind
            .entry(room.key.room.kind().as_str().to_owned())
            .or_default() += 1;
        let state = room.state();
        rooms.push(RoomActivity {
            room_id: room.key.room.clone(),
            connections: state.members.len() as u64,
            last_activity_at: active_at(state.active_at),
        });
    }
    rooms.truncate(10_000);
    let average = if users.is_empty() {
        0.0
    } else {
        connections.len() as f64 / users.len() as f64
    };
    Ok(json(&Stats {
        connections: connections.len() as u64,
        authenticated_users: users.len() as u64,
        average_connections_per_user: Finite::new(average).unwrap_or_default(),
        connections_by_role: by_role,
        rooms_by_kind: by_kind,
        rooms,
        active_calls,
        presence_by_status: core.presences.by_status(tenant),
        messages_per_second: Finite::new(core.message_rate.per_second(tenant, core.now()))
            .unwrap_or_default(),
    }))
}
