//! Who looks at a chart: state of this node, tied to the membership of `patient:`.

use crate::{
    audit,
    core::{Caller, Core, require},
    domain::room,
    error::{Error, Result},
    hub::{Audience, Connection, Number},
    keys::RoomKey,
    policy::Action,
    timers::Due,
};
use carewire_protocol::{
    ErrorCode, ErrorReply, PrivateText, RoomId, Timestamp, UserId,
    backend::AuditAction,
    record::{Unview, View, Viewer, Viewers as AskViewers, ViewersChangedEvent, ViewersReply},
    session::Empty,
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Everybody who looks at a chart, by the chart's room.
#[derive(Debug, Default)]
pub struct Viewers(Mutex<BTreeMap<RoomKey, BTreeMap<UserId, Viewing>>>);

/// Somebody who looks at a chart, or whose last connection dropped a moment ago.
#[derive(Debug)]
struct Viewing {
    name: Option<PrivateText>,
    since: Timestamp,
    /// Their connections that look, and whether looking joined them to the room.
    connections: BTreeMap<Number, bool>,
    /// When they count as gone.
    leaves_at: Option<Duration>,
}

impl Viewers {
    fn all(&self) -> MutexGuard<'_, BTreeMap<RoomKey, BTreeMap<UserId, Viewing>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many charts are looked at.
    pub fn len(&self) -> usize {
        self.all().len()
    }

    /// Whether nobody looks at any chart.
    pub fn is_empty(&self) -> bool {
        self.all().is_empty()
    }
}

/// Everybody who looks at a chart, in the order in which they came.
pub fn shown(core: &Core, key: &RoomKey) -> Vec<Viewer> {
    let all = core.viewers.all();
    let mut viewers: Vec<Viewer> = all
        .get(key)
        .into_iter()
        .flatten()
        .map(|(user, viewing)| Viewer {
            user_id: user.clone(),
            name: viewing.name.clone(),
            since: viewing.since,
        })
        .collect();
    viewers.sort_by(|a, b| (a.since, &a.user_id).cmp(&(b.since, &b.user_id)));
    viewers
}

fn tell(core: &Core, key: &RoomKey) {
    let RoomId::Patient(patient) = &key.room else {
        return;
    };
    let event = ViewersChangedEvent {
        patient_id: patient.clone(),
        viewers: shown(core, key),
    };
    core.tell(key, None, &event, Audience::Everyone);
}

/// `record:view`: joins `patient:`, where the others hear of it.
pub async fn view(caller: &Caller, command: View) -> Result<Empty> {
    let core = &caller.core;
    let connection = caller.connection()?;
    let key = caller.room(&RoomId::Patient(command.patient_id));
    let joined = !connection.is_in(&key.room);
    if joined {
        room::enter_at_head(caller, &key.room)
            .await
            .map_err(plain_denial)?;
    }
    let is_new = {
        let mut all = core.viewers.all();
        // Under the lock that whoever leaves takes after having left.
        if !core.hub.is_member(&key, connection) {
            return Err(Error::Refused(ErrorReply::denied()));
        }
        let people = all.entry(key.clone()).or_default();
        let is_new = !people.contains_key(&caller.identity.user);
        let viewing = people
            .entry(caller.identity.user.clone())
            .or_insert_with(|| Viewing {
                name: caller.identity.name.clone(),
                since: core.wall(),
                connections: BTreeMap::new(),
                leaves_at: None,
            });
        viewing
            .connections
            .entry(connection.number)
            .or_insert(joined);
        viewing.leaves_at = None;
        is_new
    };
    let viewed = AuditAction::Viewed;
    audit::note(core, &caller.identity, viewed, Some(&key.room), None);
    if is_new {
        tell(core, &key);
    }
    Ok(Empty {})
}

fn plain_denial(error: Error) -> Error {
    match error {
        Error::Refused(reply) if reply.code == ErrorCode::AccessDenied => {
            Error::Refused(ErrorReply::denied())
        }
        other => other,
    }
}

/// `record:unview`: leaves `patient:` too where looking had joined it.
pub fn unview(caller: &Caller, command: Unview) -> Result<Empty> {
    let core = &caller.core;
    let connection = caller.connection()?;
    let key = caller.room(&RoomId::Patient(command.patient_id));
    let joined_by_looking = core
        .viewers
        .all()
        .get(&key)
        .and_then(|people| people.get(&caller.identity.user))
        .and_then(|viewing| viewing.connections.get(&connection.number).copied());
    let Some(joined_by_looking) = joined_by_looking else {
        return Err(Error::Refused(ErrorReply::not_joined()));
    };
    left(core, &key, connection, false);
    if joined_by_looking {
        room::leave_now(core, connection, &key.room);
    }
    Ok(Empty {})
}

/// `record:viewers`.
pub async fn viewers(caller: &Caller, command: AskViewers) -> Result<ViewersReply> {
    let key = caller.room(&RoomId::Patient(command.patient_id));
    if !caller.preauthorise(Action::View, &key.room).await? {
        let options = caller.core.config.policy.clone();
        let mut rows = caller.core.store.read().await?;
        require(&mut *rows, &caller.identity, Action::View, &key, &options)
            .await
            .map_err(plain_denial)?;
        rows.close().await?;
    }
    Ok(ViewersReply {
        viewers: shown(&caller.core, &key),
    })
}

/// A connection left the room, or looks no longer. One that is gone lingers for the presence
/// grace, so that a reconnect is invisible.
pub fn left(core: &Core, key: &RoomKey, connection: &Connection, linger: bool) {
    let user = &connection.user().user;
    let mut all = core.viewers.all();
    let Some(people) = all.get_mut(key) else {
        return;
    };
    let Some(viewing) = people.get_mut(user) else {
        return;
    };
    if viewing.connections.remove(&connection.number).is_none() || !viewing.connections.is_empty() {
        return;
    }
    if linger {
        let at = core.now() + core.config.presence_grace;
        viewing.leaves_at = Some(at);
        core.timers
            .set(at, Due::Viewer(Box::new((key.clone(), user.clone()))));
        return;
    }
    people.remove(user);
    if people.is_empty() {
        all.remove(key);
    }
    drop(all);
    tell(core, key);
}

/// The presence grace of somebody who looked may be over.
pub fn forget(core: &Core, key: &RoomKey, user: &UserId) {
    let mut all = core.viewers.all();
    let Some(people) = all.get_mut(key) else {
        return;
    };
    let gone = people.get(user).is_some_and(|viewing| {
        viewing.connections.is_empty() && viewing.leaves_at.is_some_and(|at| at <= core.now())
    });
    if !gone {
        return;
    }
    people.remove(user);
    if people.is_empty() {
        all.remove(key);
    }
    drop(all);
    tell(core, key);
}
