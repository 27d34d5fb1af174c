//! Presence: one user over all devices.

use crate::{
    auth::Identity,
    backplane::Change,
    core::{Caller, Core},
    error::Result,
    hub::{Audience, Connection, Number},
    keys::UserKey,
    planted::{self, Bug},
    policy::{self, Action},
    store::{Rows, StatusRow},
    timers::Due,
};
use carewire_protocol::{
    ClientId, PrivateText, Role, RoomId, Timestamp, UserId,
    presence::{
        Get, InitialEvent, Presence, PresenceStatus, PresencesReply, SetStatus, StatusUpdatedEvent,
        Subscribe, Unsubscribe,
    },
    session::Empty,
};
use futures_util::future::join_all;
use litemap::LiteMap;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Who is there, and who watches whom.
#[derive(Debug, Default)]
pub struct Presences {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    there: BTreeMap<UserKey, There>,
    /// Who watches a user, and whether they may see them.
    watchers: BTreeMap<UserKey, BTreeMap<Number, bool>>,
    /// The same from the other side: whom a connection watches.
    watched_by: BTreeMap<Number, BTreeSet<UserKey>>,
}

impl State {
    /// Since when a user is gone whose grace is over.
    fn gone_since(&self, user: &UserKey, now: Duration) -> Option<Timestamp> {
        let (at, since) = self.there.get(user)?.leaving?;
        (at <= now).then_some(since)
    }

    /// Forgets a user whose grace is over. Yields whether it is.
    fn forget_gone(&mut self, user: &UserKey, now: Duration) -> bool {
        let gone = self.gone_since(user, now).is_some();
        if gone {
            self.there.remove(user);
        }
        gone
    }

    fn unwatch(&mut self, user: &UserKey, number: Number) {
        if let Some(watchers) = self.watchers.get_mut(user) {
            watchers.remove(&number);
            if watchers.is_empty() {
                self.watchers.remove(user);
            }
        }
    }
}

/// A user who is connected, or was until a moment ago.
#[derive(Debug, Default)]
struct There {
    devices: LiteMap<ClientId, u32>,
    status: Option<PresenceStatus>,
    custom_status: Option<PrivateText>,
    in_call: bool,
    /// When they go offline, once the last connection is gone, and when that was.
    leaving: Option<(Duration, Timestamp)>,
}

impl Presences {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many users are there, and how many are followed.
    pub fn counts(&self) -> (usize, usize) {
        let state = self.state();
        (state.there.len(), state.watchers.len())
    }

    /// How many users are there, by status and tenant of the asker.
    pub fn by_status(&self, tenant: &carewire_protocol::TenantId) -> BTreeMap<PresenceStatus, u64> {
        let state = self.state();
        let mut counts = BTreeMap::new();
        for (_, there) in state
            .there
            .iter()
            .filter(|(user, _)| user.tenant == *tenant)
        {
            *counts.entry(there.shown_status()).or_default() += 1;
        }
        counts
    }
}

impl There {
    fn shown_status(&self) -> PresenceStatus {
        if self.in_call {
            return PresenceStatus::InCall;
        }
        self.status.clone().unwrap_or(PresenceStatus::Online)
    }

    fn presence(&self, user: &UserId, wall: Timestamp) -> Presence {
        Presence {
            user_id: user.clone(),
            status: self.shown_status(),
            custom_status: self.custom_status.clone(),
            last_seen_at: Some(self.leaving.as_ref().map_or(wall, |(_, since)| *since)),
            // Within the grace a reconnect is invisible.
            devices: u32::try_from(self.devices.len()).unwrap_or(u32::MAX).max(1),
        }
    }
}

fn offline(user: &UserId, last_seen_at: Option<Timestamp>) -> Presence {
    Presence {
        user_id: user.clone(),
        status: PresenceStatus::Offline,
        custom_status: None,
        // The contract always has a time; whoever was never seen, or may not be, has the first.
        last_seen_at: Some(last_seen_at.unwrap_or_default()),
        devices: 0,
    }
}

/// A connection began. `stored` is what its user set earlier.
pub fn arrived(core: &Core, connection: &Connection, stored: StatusRow) {
    let user = connection.user();
    let mut state = core.presences.state();
    let was_there = state.there.contains_key(user);
    let there = state.there.entry(user.clone()).or_insert_with(|| There {
        status: stored.status,
        custom_status: stored.custom_status,
        ..There::default()
    });
    *there.devices.entry(connection.client.clone()).or_insert(0) += 1;
    there.leaving = None;
    drop(state);
    if !was_there {
        announce(core, user);
    }
}

/// A connection ended. Its user goes offline when the grace is over and nothing came back.
pub fn departed(core: &Core, connection: &Connection) {
    let user = connection.user();
    let mut state = core.presences.state();
    for watched in state
        .watched_by
        .remove(&connection.number)
        .unwrap_or_default()
    {
        state.unwatch(&watched, connection.number);
    }
    let Some(there) = state.there.get_mut(user) else {
        return;
    };
    if let Some(connections) = there.devices.get_mut(&connection.client) {
        *connections -= 1;
        if *connections == 0 {
            there.devices.remove(&connection.client);
        }
    }
    if there.devices.is_empty() {
        let grace = if planted::is(Bug::PresenceWithoutGrace) {
            Duration::ZERO
        } else {
            core.config.presence_grace
        };
        let at = core.now() + grace;
        there.leaving = Some((at, core.wall()));
        core.timers.set(at, Due::Offline(Box::new(user.clone())));
    }
}

/// A user is in a call, or no longer. What they have set comes back after it.
pub fn set_in_call(core: &Core, user: &UserKey, in_call: bool) {
    let mut state = core.presences.state();
    let Some(there) = state.there.get_mut(user) else {
        return;
    };
    let changed = there.in_call != in_call;
    there.in_call = in_call;
    drop(state);
    if changed {
        announce(core, user);
    }
}

/// The grace of a user whose last connection dropped may be over.
pub fn expire(core: &Core, user: &UserKey) {
    let gone = core.presences.state().gone_since(user, core.now());
    if let Some(since) = gone {
        let user = user.clone();
        core.spawn(|core| async move { go_offline(&core, user, since).await });
    }
}

/// Stores when the user was last seen, and then tells whoever watches: nobody hears of what is
/// not durable.
async fn go_offline(core: &Core, user: UserKey, since: Timestamp) {
    let key = user.clone();
    let stored =
        core.write(move |tx| Box::pin(async move { tx.rows().put_last_seen(&key, since).await }));
    if let Err(error) = stored.await {
        tracing::warn!(%error, user = %user.user, "last seen cannot be stored");
    }
    // They may have come back meanwhile.
    if core.presences.state().forget_gone(&user, core.now()) {
        tell_watchers(core, &user, &offline(&user.user, Some(since)));
    }
}

fn announce(core: &Core, user: &UserKey) {
    let presence = {
        let state = core.presences.state();
        state
            .there
            .get(user)
            .map(|there| there.presence(&user.user, core.wall()))
    };
    if let Some(presence) = presence {
        tell_watchers(core, user, &presence);
    }
}

fn tell_watchers(core: &Core, user: &UserKey, presence: &Presence) {
    let watchers: Vec<Number> = {
        let state = core.presences.state();
        let watchers = state.watchers.get(user).into_iter().flatten();
        watchers
            .filter(|(_, sees)| **sees)
            .map(|(number, _)| *number)
            .collect()
    };
    for connection in watchers
        .into_iter()
        .filter_map(|number| core.hub.connection(number))
    {
        connection.tell(core.wall(), presence);
    }
}

/// `presence:get`.
pub async fn get(caller: &Caller, command: Get) -> Result<PresencesReply> {
    let presences = look_up(caller, &command.user_ids).await?;
    Ok(PresencesReply {
        presences: presences
            .into_iter()
            .map(|(presence, _)| presence)
            .collect(),
    })
}

/// `presence:subscribe`.
pub async fn subscribe(caller: &Caller, command: Subscribe) -> Result<PresencesReply> {
    let presences = watch(caller, command.user_ids).await?;
    let initial = InitialEvent {
        presences: presences.clone(),
    };
    caller.connection()?.tell(caller.core.wall(), &initial);
    Ok(PresencesReply { presences })
}

/// Watches users from now on. Yields how they are.
pub async fn watch(caller: &Caller, users: Vec<UserId>) -> Result<Vec<Presence>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let connection = caller.connection()?;
    // Watched before they are looked up: a change in between is told twice rather than never.
    begin_watching(caller, connection, &users);
    let looked_up = look_up(caller, &users).await?;
    Ok(now_watched(caller, connection.number, looked_up))
}

fn begin_watching(caller: &Caller, connection: &Connection, users: &[UserId]) {
    let number = connection.number;
    let mut state = caller.core.presences.state();
    if connection.has_ended() {
        return;
    }
    for user in users {
        let key = UserKey::new(&caller.identity.tenant, user);
        state
            .watched_by
            .entry(number)
            .or_default()
            .insert(key.clone());
        state
            .watchers
            .entry(key)
            .or_default()
            .entry(number)
            .or_insert(false);
    }
}

/// Notes who may be seen. Yields everyone as they are at this moment, under the lock that every
/// change takes.
fn now_watched(caller: &Caller, number: Number, looked_up: Vec<(Presence, bool)>) -> Vec<Presence> {
    let wall = caller.core.wall();
    let mut state = caller.core.presences.state();
    let mut presences = Vec::with_capacity(looked_up.len());
    for (presence, sees) in looked_up {
        let key = UserKey::new(&caller.identity.tenant, &presence.user_id);
        let watchers = state.watchers.get_mut(&key);
        if let Some(watcher) = watchers.and_then(|all| all.get_mut(&number)) {
            *watcher = sees;
        }
        let now = state.there.get(&key).filter(|_| sees);
        let now = now.map(|there| there.presence(&presence.user_id, wall));
        presences.push(now.unwrap_or(presence));
    }
    presences
}

/// `presence:unsubscribe`.
pub fn unsubscribe(caller: &Caller, command: &Unsubscribe) -> Result<Empty> {
    let number = caller.connection()?.number;
    let mut state = caller.core.presences.state();
    for user in &command.user_ids {
        let key = UserKey::new(&caller.identity.tenant, user);
        state.unwatch(&key, number);
        if let Some(watched) = state.watched_by.get_mut(&number) {
            watched.remove(&key);
        }
    }
    Ok(Empty {})
}

/// `presence:setStatus`: on all devices, and kept.
pub async fn set_status(caller: &Caller, command: SetStatus) -> Result<Empty> {
    let core = &caller.core;
    let user = caller.identity.key();
    let stored = user.clone();
    let SetStatus {
        status,
        custom_status,
    } = command;
    let (new, words) = (status.clone(), custom_status.clone());
    core.write(move |tx| {
        Box::pin(async move { tx.rows().put_status(&stored, &new, words.as_ref()).await })
    })
    .await?;
    if let Some(there) = core.presences.state().there.get_mut(&user) {
        there.status = Some(status.clone());
        there.custom_status.clone_from(&custom_status);
    }
    let event = StatusUpdatedEvent {
        status,
        custom_status,
    };
    core.tell_user(&user, caller.origin(), &event, Audience::Everyone);
    announce(core, &user);
    Ok(Empty {})
}

/// Users' presences, and whether the caller may see them. Whoever they may not see looks offline.
async fn look_up(caller: &Caller, users: &[UserId]) -> Result<Vec<(Presence, bool)>> {
    let core = &caller.core;
    let asked = users
        .iter()
        .map(|user| authorised(core, &caller.identity, user));
    let authorised = join_all(asked).await;
    let mut rows = core.store.read().await?;
    let mut presences = Vec::with_capacity(users.len());
    for (user, authorised) in users.iter().zip(authorised) {
        let key = UserKey::new(&caller.identity.tenant, user);
        let sees = may_see(&mut *rows, &caller.identity, user, authorised).await?;
        let presence = if sees {
            of_user(core, &mut *rows, &key).await?
        } else {
            offline(user, None)
        };
        presences.push((presence, sees));
    }
    rows.close().await?;
    Ok(presences)
}

/// What the application's authoriser says of somebody's presence. Nobody is asked about oneself.
async fn authorised(core: &Core, identity: &Identity, user: &UserId) -> Option<bool> {
    if identity.user == *user {
        return None;
    }
    let room = RoomId::User(user.clone());
    core.authorised(identity, Action::Presence, &room).await
}

async fn may_see(
    rows: &mut dyn Rows,
    identity: &Identity,
    user: &UserId,
    authorised: Option<bool>,
) -> Result<bool> {
    if let Some(sees) = authorised {
        return Ok(sees);
    }
    let asker = (&identity.user, &identity.role);
    policy::may_see_presence(rows, &identity.tenant, asker, user).await
}

/// A user's presence, as a backend sees it.
pub async fn of_user(core: &Core, rows: &mut dyn Rows, user: &UserKey) -> Result<Presence> {
    let there = {
        let state = core.presences.state();
        state
            .there
            .get(user)
            .map(|there| there.presence(&user.user, core.wall()))
    };
    match there {
        Some(presence) => Ok(presence),
        None => Ok(offline(&user.user, rows.status(user).await?.last_seen)),
    }
}

/// Decides anew which patients may see whom, after the directory changed.
pub async fn recheck(core: &Arc<Core>, change: &Change) {
    let tenant = change.tenant();
    let watched: Vec<(UserKey, Number, bool)> = {
        let state = core.presences.state();
        let of_tenant = state
            .watchers
            .iter()
            .filter(|(user, _)| user.tenant == *tenant);
        of_tenant
            .flat_map(|(user, watchers)| {
                watchers
                    .iter()
                    .map(|(number, sees)| (user.clone(), *number, *sees))
            })
            .collect()
    };
    for (user, number, sees) in watched {
        if let Some(connection) = core.hub.connection(number) {
            recheck_one(core, &user, &connection, sees).await;
        }
    }
}

/// Decides anew whom a connection may see.
pub async fn recheck_connection(core: &Core, connection: &Connection) {
    let watched: Vec<(UserKey, bool)> = {
        let state = core.presences.state();
        let users = state.watched_by.get(&connection.number);
        let sees = |user: &UserKey| state.watchers.get(user)?.get(&connection.number).copied();
        let known = users.into_iter().flatten();
        known
            .filter_map(|user| Some((user.clone(), sees(user)?)))
            .collect()
    };
    for (user, sees) in watched {
        recheck_one(core, &user, connection, sees).await;
    }
}

async fn recheck_one(core: &Core, user: &UserKey, connection: &Connection, saw: bool) {
    if core.authoriser.is_none() && connection.identity().role != Role::Patient {
        return;
    }
    if let Err(error) = recheck_watcher(core, user, connection, saw).await {
        tracing::warn!(%error, "presence cannot be checked");
    }
}

async fn recheck_watcher(
    core: &Core,
    user: &UserKey,
    connection: &Connection,
    saw: bool,
) -> Result<()> {
    let identity = connection.identity();
    let authorised = authorised(core, &identity, &user.user).await;
    let mut rows = core.store.read().await?;
    let sees = may_see(&mut *rows, &identity, &user.user, authorised).await?;
    let presence = if sees {
        of_user(core, &mut *rows, user).await?
    } else {
        offline(&user.user, None)
    };
    rows.close().await?;
    if sees != saw {
        {
            let mut state = core.presences.state();
            let watchers = state.watchers.get_mut(user);
            if let Some(watcher) = watchers.and_then(|all| all.get_mut(&connection.number)) {
                *watcher = sees;
            }
        }
        connection.tell(core.wall(), &presence);
    }
    Ok(())
}
