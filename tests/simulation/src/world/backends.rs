//! What people and backends do, and what the contract grants and takes by it.

use super::World;
use crate::{
    book::Book,
    event::{Event, NodeId},
    faults::Fault,
    people::{PEOPLE, TEAM, VISIT},
    workload::{Act, Call, Deed},
};
use carewire_check::{Access, Name, What};
use carewire_protocol::{
    PrivateJson, Role, Timestamp, UserId,
    backend::{PublishRequest, PublishedEvent, PutThread, PutUser, PutVisit},
};
use carewire_server::{
    auth::Identity,
    core::{Caller, Core},
    domain,
    error::Result,
    keys::{RoomKey, UserKey},
};
use std::{sync::Arc, time::Duration};

impl World {
    pub(super) fn act(&mut self, deed: &Deed) {
        self.last_op += 1;
        match Call::of(deed) {
            Some(call) => self.call(deed.node, call),
            None => {
                let op = self.last_op;
                let device = &mut self.devices[deed.device];
                device.act(op, deed);
                if matches!(deed.act, Act::TypeAndFreeze) && !self.healed {
                    let (device, time) = (deed.device, Duration::from_secs(9));
                    self.inject(&Fault::Freeze { device, time });
                }
            }
        }
    }

    fn access(&self, access: Access) {
        self.book.note(What::Access(access));
    }

    /// A backend asks a node for something. What it grants counts from now on.
    fn call(&mut self, node: NodeId, call: Call) {
        // One at a time: the order of two at once is the server's choice.
        let Some(node) = self.nodes[node].as_ref().filter(|_| self.calls.is_empty()) else {
            return;
        };
        if let Call::Care(true) = call {
            self.access(care(&self.book, true));
        }
        if let Some((room, users)) = call.circle() {
            let key = clinic(room);
            // Whoever takes part in a visit may read all of it.
            let floor = if room == TEAM {
                self.book.head(&key)
            } else {
                0
            };
            let known = self.members.entry(room).or_default();
            for user in users {
                if known.insert(user) {
                    let (room, user) = (self.book.room(&key), clinic_user(&self.book, user));
                    let floor = Some(floor);
                    let member = Access::Member { room, user, floor };
                    self.book.note(What::Access(member));
                }
            }
        }
        self.last_op += 1;
        let number = self.last_op;
        let (core, clock) = (Arc::clone(&node.core), Arc::clone(&self.clock));
        let wanted = call.clone();
        let task = async move {
            let done = perform(&core, wanted).await.is_ok();
            let call = number;
            clock.at(clock.now(), Event::Answered { call, done });
        };
        let life = node.life;
        self.clock.spawn(life, Box::pin(task));
        self.calls.insert(number, (call, life));
    }

    /// A backend has its answer. What was taken away counts from now on.
    pub(super) fn answered(&mut self, number: u64, done: bool) {
        let Some((call, _)) = self.calls.remove(&number).filter(|_| done) else {
            return;
        };
        if let Call::Care(false) = call {
            self.access(care(&self.book, false));
        }
        if let Some((room, users)) = call.circle() {
            let known = self.members.entry(room).or_default();
            let gone: Vec<_> = known
                .iter()
                .copied()
                .filter(|user| !users.contains(user))
                .collect();
            for user in gone {
                known.remove(user);
                let room = self.book.room(&clinic(room));
                let user = clinic_user(&self.book, user);
                let floor = None;
                let member = Access::Member { room, user, floor };
                self.book.note(What::Access(member));
            }
        }
    }

    /// Who is who in the beginning.
    pub(super) fn settle(&mut self) {
        for person in &PEOPLE {
            let user = self
                .book
                .name(&format!("{}/{}", person.tenant, person.user));
            let role = self.book.name(person.role);
            self.access(Access::Role { user, role });
        }
        self.access(care(&self.book, true));
        for (room, users) in [(TEAM, &["ana", "lee", "sam"][..]), (VISIT, &["ana", "lee"])] {
            for user in users {
                self.members.entry(room).or_default().insert(user);
                let (room, user) = (self.book.room(&clinic(room)), clinic_user(&self.book, user));
                let floor = Some(0);
                self.access(Access::Member { room, user, floor });
            }
        }
        let other = RoomKey::new(&"other".parse().unwrap(), TEAM.parse().unwrap());
        let (room, user) = (self.book.room(&other), self.book.name("other/ana"));
        let floor = Some(0);
        self.access(Access::Member { room, user, floor });
        let core = Arc::clone(&self.node(0).core);
        let life = self.node(0).life;
        let usual = self.node(0).disk.calm();
        self.clock.spawn(
            life,
            Box::pin(async move { found(&core, other).await.unwrap() }),
        );
        self.pass_until(Duration::from_millis(300));
        self.node(0).disk.usual(usual);
    }
}

fn clinic(room: &str) -> RoomKey {
    RoomKey::new(&"clinic".parse().unwrap(), room.parse().unwrap())
}

fn clinic_user(book: &Book, user: &str) -> Name {
    book.name(&format!("clinic/{user}"))
}

fn care(book: &Book, cares: bool) -> Access {
    Access::Care {
        provider: clinic_user(book, "lee"),
        patient: clinic_user(book, "ana"),
        cares,
    }
}

fn ids(users: &[&str]) -> Vec<UserId> {
    users.iter().map(|user| user.parse().unwrap()).collect()
}

const APPOINTMENT: &str = r#"{"appointment":{"id":"a1","patientId":"ana","providerId":"lee",
    "startsAt":"2026-01-01T09:00:00.000Z","endsAt":"2026-01-01T09:30:00.000Z","status":"confirmed"}}"#;

/// Does what a backend wants.
async fn perform(core: &Arc<Core>, call: Call) -> Result<()> {
    let tenant = "clinic".parse().unwrap();
    let user = |name: &str| UserKey::new(&tenant, &name.parse().unwrap());
    match call {
        Call::Care(cares) => {
            domain::directory::set_care(core, user("lee"), user("ana"), cares).await
        }
        Call::Team(members) => {
            let body = PutThread {
                title: None,
                member_ids: ids(&members),
                platform: None,
                metadata: None,
            };
            domain::directory::put_thread(core, clinic(TEAM), body).await
        }
        Call::Visit(participants) => {
            let body = PutVisit {
                participant_ids: ids(&participants),
            };
            domain::directory::put_visit(core, clinic(VISIT), body).await
        }
        Call::Appoint(target) => {
            let caller = Caller {
                core: Arc::clone(core),
                identity: Identity {
                    tenant,
                    user: "calendar".parse().unwrap(),
                    role: Role::Service,
                    name: None,
                    expires_at: Timestamp::from_millis(4_102_444_800_000),
                },
                connection: None,
                key: None,
            };
            let request = PublishRequest {
                target,
                event: PublishedEvent {
                    name: "appointment:updated".to_owned(),
                    data: PrivateJson::parse(APPOINTMENT).unwrap(),
                },
                origin: None,
                retain: None,
            };
            domain::backend::publish(&caller, request).await.map(drop)
        }
    }
}

/// Makes the rooms and relations of the beginning.
async fn found(core: &Arc<Core>, other: RoomKey) -> Result<()> {
    for person in &PEOPLE {
        let key = UserKey::new(
            &person.tenant.parse().unwrap(),
            &person.user.parse().unwrap(),
        );
        let body = PutUser {
            role: person.role.into(),
            name: None,
        };
        domain::directory::put_user(core, key, body).await?;
    }
    perform(core, Call::Care(true)).await?;
    perform(core, Call::Team(vec!["ana", "lee", "sam"])).await?;
    perform(core, Call::Visit(vec!["ana", "lee"])).await?;
    let body = PutThread {
        title: None,
        member_ids: ids(&["ana"]),
        platform: None,
        metadata: None,
    };
    domain::directory::put_thread(core, other, body).await
}
