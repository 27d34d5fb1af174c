//! From a token to a connection in its rooms.

use crate::{
    auth::Identity,
    backplane::Change,
    core::Core,
    domain::{
        call, notification, presence, room,
        session::{automatic_rooms, begin_activity},
    },
    env::random_letters,
    error::Result,
    hub::{Connection, Entry, Frame, NewConnection, Number, OpenRoom, Outbox, Unconnected},
    policy::Action,
    store::{Log, StatusRow, UserRow},
    timers::Due,
};
use carewire_protocol::{
    ClientId, ConnectionId, ErrorReply, RoomId, VERSION,
    error::close,
    frame::{RequestId, encode_error, encode_reply},
    session::{Authenticate, ConnectedEvent, Empty, RoomPosition, SessionLimits},
};
use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

const REPLACED: &str = "replaced by a newer connection";

pub(super) struct Begin {
    pub(super) core: Arc<Core>,
    pub(super) peer: IpAddr,
    pub(super) outbox: Arc<Outbox>,
    pub(super) connection: Arc<Mutex<Option<Arc<Connection>>>>,
    pub(super) number: Number,
}

impl Begin {
    /// Authenticates and joins the rooms that everyone is in. On failure the error comes first
    /// and then the close.
    pub(super) async fn run(self, token: Authenticate, id: Option<RequestId>) {
        let identity = match self
            .core
            .authenticator
            .check(&token.token, self.core.wall())
        {
            Ok(identity) => identity,
            Err(error) => {
                self.refuse(id, &error);
                self.outbox.close(close::UNAUTHENTICATED, "token refused");
                return;
            }
        };
        if let Err(error) = self.connect(identity, token.client_id, id).await {
            let reply = error.into_reply();
            self.refuse(id, &reply);
            self.outbox.close(close::INTERNAL, "try again");
        }
    }

    fn refuse(&self, id: Option<RequestId>, error: &ErrorReply) {
        self.core.metrics.refused(&error.code);
        self.outbox.push(Frame::text(&encode_error(id, error)));
    }

    async fn connect(
        &self,
        identity: Identity,
        client: Option<ClientId>,
        id: Option<RequestId>,
    ) -> Result<()> {
        let core = &self.core;
        let (identity, status) = remember_user(core, identity).await?;
        let user = identity.key();
        let connection_id = ConnectionId::new(format!("c-{}", random_letters(&*core.env, 20)))?;
        let client = match client {
            Some(client) => client,
            None => ClientId::new(connection_id.as_str())?,
        };
        let connection = Arc::new(Connection::new(NewConnection {
            number: self.number,
            id: connection_id,
            client,
            identity,
            at: core.wall(),
            now: core.now(),
            outbox: Arc::clone(&self.outbox),
        }));
        let most = core.config.connections_per_user;
        let replaced = match core.hub.connect(&connection, most) {
            Ok(replaced) => replaced,
            Err(Unconnected::Replaced) => {
                self.outbox.close(close::REPLACED, REPLACED);
                return Ok(());
            }
            Err(Unconnected::TooMany) => {
                self.outbox
                    .close(close::TOO_MANY, "too many connections of this user");
                return Ok(());
            }
        };
        // From here on the connection is ended by whoever holds the session, so it must be known
        // to it before anything can wait.
        *self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&connection));
        if core.is_draining() {
            // Too late to be among those who were told.
            self.outbox.close(close::SHUTDOWN, "shutting down");
            return Ok(());
        }
        core.rates.authenticated(self.peer);
        for old in replaced {
            old.outbox.close(close::REPLACED, REPLACED);
        }
        tracing::info!(
            connection = %connection.id, tenant = %user.tenant, user = %user.user, "connected"
        );
        presence::arrived(core, &connection, status);
        begin_activity(core, &connection);

        let identity = connection.identity();
        let positions = enter_automatic_rooms(core, &connection, &identity).await?;
        let entered: Vec<RoomId> = positions
            .iter()
            .map(|position| position.room_id.clone())
            .collect();
        // Asked after the rooms were entered: a call that begins now is told there.
        let (call, incoming) = call::arrived(core, &connection).await?;
        if let Some(id) = id {
            self.outbox.push(Frame::text(&encode_reply(id, &Empty {})));
        }
        let wall = core.wall();
        let connected = ConnectedEvent {
            calls: call.into_iter().collect(),
            ..self.connected(&connection, identity, positions)
        };
        connection.tell(wall, &connected);
        if let Some(incoming) = incoming {
            connection.tell(wall, &incoming);
        }
        for room in entered {
            room::unhold_one(core, &connection, &room);
        }
        core.timers
            .set(core.now(), Due::Connection(connection.number));
        room::watch(core, &connection);
        Ok(())
    }

    fn connected(
        &self,
        connection: &Connection,
        identity: Identity,
        rooms: Vec<RoomPosition>,
    ) -> ConnectedEvent {
        let config = &self.core.config;
        ConnectedEvent {
            connection_id: connection.id.clone(),
            user_id: identity.user,
            tenant_id: identity.tenant,
            role: identity.role,
            name: identity.name,
            protocol: VERSION.to_owned(),
            server_time: self.core.wall(),
            token_expires_at: identity.expires_at,
            heartbeat_interval_ms: config.heartbeat.into(),
            limits: SessionLimits {
                max_payload_bytes: config.max_payload_bytes as u64,
                messages_per_second: config.messages_per_second,
                commands_per_second: config.commands_per_second,
                rooms_per_connection: u32::try_from(config.rooms_per_connection)
                    .unwrap_or(u32::MAX),
            },
            calls: Vec::new(),
            rooms,
        }
    }
}

/// Remembers who the token speaks of, so that others can be told whether they may talk to them.
/// What a backend has declared about the user wins over the token's name.
async fn remember_user(core: &Core, mut identity: Identity) -> Result<(Identity, StatusRow)> {
    let key = identity.key();
    let mut rows = core.store.read().await?;
    let (known, status) = rows.person(&key).await?.unzip();
    rows.close().await?;
    match known {
        Some(known) if known.declared => identity.name = known.name.or(identity.name),
        known => {
            let seen = UserRow {
                role: identity.role.clone(),
                name: identity.name.clone(),
                declared: false,
            };
            if known.as_ref() != Some(&seen) {
                let changes = known
                    .is_some_and(|known| known.role != identity.role)
                    .then(|| Change::User(key.clone()));
                core.change_directory(changes, move |tx| {
                    Box::pin(async move { tx.rows().put_user(&key, &seen).await })
                })
                .await?;
            }
        }
    }
    Ok((identity, status.unwrap_or_default()))
}

/// Enters the rooms that the user may be in. Yields the newest position of each.
async fn enter_automatic_rooms(
    core: &Arc<Core>,
    connection: &Arc<Connection>,
    identity: &Identity,
) -> Result<Vec<RoomPosition>> {
    let mut names = automatic_rooms(core, identity);
    let mut rows = core.store.read().await?;
    names.extend(notification::topic_rooms(&mut *rows, &identity.key()).await?);
    names.truncate(core.config.rooms_per_connection);
    let epoch = core.store.epoch();
    // Opened before the logs are read, so that nothing falls between.
    let rooms: Vec<OpenRoom> = names
        .iter()
        .map(|name| core.hub.open(&connection.room(name)))
        .collect();
    let keys: Vec<_> = rooms.iter().map(|room| &room.key).collect();
    let authorised = core
        .authorised_rooms(&mut rows, identity, Action::Join, &keys)
        .await?;
    let logs = rows.logs(&identity.tenant, &names).await?;
    let mut positions = Vec::with_capacity(names.len());
    let known = rooms.iter().zip(names).zip(logs);
    for (((room, name), Log { head, .. }), authorised) in known.zip(authorised) {
        let allowed = core
            .admits(&mut *rows, identity, Action::Join, &room.key, authorised)
            .await?;
        if !allowed {
            continue;
        }
        core.hub.enter(
            room,
            connection,
            Entry {
                head,
                position: None,
                at: core.wall(),
            },
        );
        positions.push(RoomPosition {
            room_id: name,
            epoch: epoch.clone(),
            offset: head,
        });
    }
    rows.close().await?;
    Ok(positions)
}
