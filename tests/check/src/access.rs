//! I7: whatever was delivered was permitted when it was queued. The rules of the contract, section
//! 5, written a second time: nothing here is shared with the server.

use super::{Access, Event, History, Invariant, Judge, Name, What};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

/// Who is who at some time.
#[derive(Debug, Default, Clone)]
struct Facts<'a> {
    roles: BTreeMap<&'a str, &'a str>,
    care: BTreeSet<(&'a str, &'a str)>,
    /// Where a member's reading begins.
    members: BTreeMap<(&'a str, &'a str), u64>,
}

impl<'a> Facts<'a> {
    fn apply(&mut self, access: &'a Access) {
        match access {
            Access::Role { user, role } => {
                self.roles.insert(user, role);
            }
            Access::Care {
                provider,
                patient,
                cares: true,
            } => {
                self.care.insert((provider, patient));
            }
            Access::Care {
                provider, patient, ..
            } => {
                self.care.remove(&(&**provider, &**patient));
            }
            Access::Member { room, user, floor } => match floor {
                // Whoever is a member already keeps their floor.
                Some(floor) => {
                    self.members.entry((room, user)).or_insert(*floor);
                }
                None => {
                    self.members.remove(&(&**room, &**user));
                }
            },
        }
    }

    fn role(&self, user: &str) -> &str {
        self.roles.get(user).copied().unwrap_or("patient")
    }

    /// After which offset somebody may read a room; `None`: not at all.
    fn floor(&self, user: &str, room: &str) -> Option<u64> {
        let (tenant, id) = user.split_once('/')?;
        let (owner, name) = room.split_once('/')?;
        let role = self.role(user);
        if tenant != owner {
            return None;
        }
        let (kind, rest) = name.split_once(':')?;
        let is_admin = role == "admin";
        let may = match kind {
            "user" | "notifications" => rest.split(':').next() == Some(id),
            "tenant" => rest == tenant,
            "staff" => rest == tenant && role != "patient",
            "topic" | "system" => true,
            "chat" => is_admin || self.talks(tenant, id, rest),
            "thread" | "visit" | "call" => {
                let circle = match kind {
                    "thread" => room.to_owned(),
                    _ => format!("{tenant}/visit:{rest}"),
                };
                match self.members.get(&(circle.as_str(), user)) {
                    Some(floor) if !is_admin => return Some(*floor),
                    found => is_admin || found.is_some(),
                }
            }
            "patient" => match role {
                "patient" => false,
                "staff" | "admin" => true,
                _ => self.cares(tenant, id, rest),
            },
            "backend" => role == "service",
            "admin" => is_admin,
            _ => role != "patient",
        };
        (may || role == "service").then_some(0)
    }

    fn talks(&self, tenant: &str, id: &str, pair: &str) -> bool {
        let Some((a, b)) = pair.split_once(':') else {
            return false;
        };
        let other = match id {
            _ if id == a => b,
            _ if id == b => a,
            _ => return false,
        };
        let role = |id: &str| self.role(&format!("{tenant}/{id}")).to_owned();
        match (role(id).as_str(), role(other).as_str()) {
            ("patient", "patient") => false,
            ("patient", "staff" | "admin") | ("staff" | "admin", "patient") => true,
            ("patient", _) => self.cares(tenant, other, id),
            (_, "patient") => self.cares(tenant, id, other),
            _ => true,
        }
    }

    fn cares(&self, tenant: &str, provider: &str, patient: &str) -> bool {
        let (provider, patient) = (
            format!("{tenant}/{provider}"),
            format!("{tenant}/{patient}"),
        );
        self.care.contains(&(provider.as_str(), patient.as_str()))
    }
}

/// The facts as they were over time.
struct Timeline<'a> {
    states: Vec<(Duration, Facts<'a>)>,
    slack: Duration,
}

impl<'a> Timeline<'a> {
    fn of(history: &'a History) -> Self {
        let mut states = vec![(Duration::ZERO, Facts::default())];
        for entry in &history.entries {
            if let What::Access(access) = &entry.what {
                match states.last_mut() {
                    // Thousands may be granted at once.
                    Some((at, facts)) if *at == entry.at => facts.apply(access),
                    last => {
                        let mut facts =
                            last.map_or_else(Facts::default, |(_, facts)| facts.clone());
                        facts.apply(access);
                        states.push((entry.at, facts));
                    }
                }
            }
        }
        Self {
            states,
            slack: history.limits.revocation,
        }
    }

    /// Whether somebody could read a place of a room at some time between that at which it can
    /// have been queued, or shortly before, and that at which it arrived.
    fn permits(
        &self,
        user: &str,
        room: &str,
        offset: Option<u64>,
        (queued, arrived): (Duration, Duration),
    ) -> bool {
        let from = queued.saturating_sub(self.slack);
        let first = self.states.partition_point(|(at, _)| *at < from).max(1) - 1;
        let last = self.states.partition_point(|(at, _)| *at <= arrived);
        self.states[first..last.max(first + 1)]
            .iter()
            .any(|(_, facts)| {
                let floor = facts.floor(user, room);
                floor.is_some_and(|floor| offset.is_none_or(|offset| offset > floor))
            })
    }
}

impl Timeline<'_> {
    /// Whether what a backend says of a patient is for somebody, by role: the care team hears of
    /// it in rooms whose members change, which [`permits`](Self::permits) judges.
    fn concerns(&self, user: &str, patient: &str) -> bool {
        let tenant = |user: &'_ str| user.split_once('/').map(|(tenant, _)| tenant.to_owned());
        let role = self.states.last().map(|(_, facts)| facts.role(user));
        user == patient || tenant(user) == tenant(patient) && role != Some("patient")
    }
}

pub(super) fn judge(history: &History, judge: &mut Judge) {
    let timeline = Timeline::of(history);
    let deleted = deletions(history);
    let mut owners: HashMap<&Name, &Name> = HashMap::new();
    for entry in &history.entries {
        let (device, room, offset, event, queued) = match &entry.what {
            What::Device { device, user } => {
                owners.insert(device, user);
                continue;
            }
            What::Concerns { device, patient } => {
                if let Some(user) = owners.get(device) {
                    let permitted = timeline.concerns(user, patient);
                    judge.expect(Invariant::I7, entry.at, permitted, || {
                        format!("{device} was told what concerns {patient}, and is {user}'s")
                    });
                }
                continue;
            }
            What::Observed {
                device,
                room,
                offset,
                event,
                queued,
                ..
            } => (device, room, Some(*offset), event, *queued),
            What::Shown {
                device,
                room,
                event,
                queued,
            } => (device, room, None, event, *queued),
            _ => continue,
        };
        let Some(user) = owners.get(device) else {
            continue;
        };
        let permitted = timeline.permits(user, room, offset, (queued, entry.at));
        judge.expect(Invariant::I7, entry.at, permitted, || {
            let place = offset.map_or(String::new(), |offset| format!(" {offset}"));
            format!(
                "{device} was given {room}{place} ({}), which {user} may not see",
                event.name
            )
        });
        judge_body(
            judge,
            &timeline,
            &deleted,
            (device, entry.at, queued),
            event,
        );
    }
}

/// What a deletion took back is shown to nobody.
fn judge_body(
    judge: &mut Judge,
    timeline: &Timeline<'_>,
    deleted: &HashMap<&Name, Duration>,
    (device, at, queued): (&Name, Duration, Duration),
    event: &Event,
) {
    let Some((id, since)) = event
        .message
        .as_ref()
        .and_then(|id| Some((id, deleted.get(id)?)))
    else {
        return;
    };
    let says = event.mark.is_some() && matches!(&*event.name, "message:new" | "message:edited");
    let holds = !says || queued <= *since + timeline.slack;
    judge.expect(Invariant::I7, at, holds, || {
        format!("{device} was given what the deleted message {id} said")
    });
}

/// When messages were deleted, as far as that was acknowledged.
fn deletions(history: &History) -> HashMap<&Name, Duration> {
    let mut asked = HashMap::new();
    let mut deleted = HashMap::new();
    for entry in &history.entries {
        match &entry.what {
            What::Invoked(operation) if &*operation.event == "message:deleted" => {
                if let Some(subject) = &operation.subject {
                    asked.insert(operation.op, subject);
                }
            }
            What::Acknowledged { op, .. } => {
                if let Some(subject) = asked.get(op) {
                    deleted.entry(*subject).or_insert(entry.at);
                }
            }
            _ => {}
        }
    }
    deleted
}
