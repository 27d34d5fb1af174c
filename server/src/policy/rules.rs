//! The rules, section 5 of the contract.

use super::{AccessRules, Action, Facts};
use crate::store::Floor;
use carewire_protocol::{Role, RoomId, TenantId, UserId, room_id::Channel};
use std::sync::Arc;

/// The verdict on an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Allowed; reading begins after the floor.
    Allow(Floor),
    /// It exists and is not for the asker.
    Deny,
    /// It does not exist, as far as the asker can tell.
    NotFound,
}

/// What an operator can change about the rules.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether admins may join every room of the tenant that is not one person's own.
    pub admin_access: bool,
    /// Rules for channels and topics.
    pub access: Arc<AccessRules>,
}

/// Who asks.
struct Asker<'a> {
    tenant: &'a TenantId,
    user: &'a UserId,
    role: &'a Role,
    /// An admin whose role opens rooms.
    admin: bool,
    facts: &'a Facts,
    access: &'a AccessRules,
}

/// Whether somebody may do something to a room of their tenant.
pub fn decide(
    tenant: &TenantId,
    user: &UserId,
    role: &Role,
    action: Action,
    room: &RoomId,
    facts: &Facts,
    options: &Options,
) -> Decision {
    if !facts.exists || names_other_tenant(room, tenant) {
        return Decision::NotFound;
    }
    let admin = *role == Role::Admin && options.admin_access;
    let asker = Asker {
        tenant,
        user,
        role,
        admin,
        facts,
        access: &options.access,
    };
    let service = *role == Role::Service;
    let allowed = role.is_known()
        && match action {
            Action::Join | Action::View | Action::Lock => service || may_join(&asker, room),
            Action::History => room.kind().has_messages() && (service || may_join(&asker, room)),
            Action::Write => may_write(&asker, room),
            Action::Publish => may_publish(&asker, room),
            Action::Call => facts.may_talk,
            Action::Presence => facts.sees,
        };
    if allowed {
        Decision::Allow(facts.floor.clone())
    } else {
        Decision::Deny
    }
}

/// In another tenant nothing exists, not even the rooms that everybody there has.
fn names_other_tenant(room: &RoomId, tenant: &TenantId) -> bool {
    match room {
        RoomId::Tenant(named) | RoomId::Staff(named) | RoomId::Backend(named) => named != tenant,
        _ => false,
    }
}

fn may_join(asker: &Asker<'_>, room: &RoomId) -> bool {
    match room {
        RoomId::Chat(a, b) => chat(asker, a, b),
        RoomId::Thread(_) | RoomId::Visit(_) | RoomId::Call(_) => circle(asker),
        RoomId::User(owner) | RoomId::Notifications(owner) => owner == asker.user,
        RoomId::Tenant(tenant) => tenant == asker.tenant,
        RoomId::Staff(_) => *asker.role != Role::Patient,
        RoomId::Backend(_) => false,
        RoomId::Topic(_) => topic(asker, room),
        RoomId::Patient(_) => patient(asker),
        RoomId::Report(_) | RoomId::Template(_) => owned(asker),
        RoomId::Channel(name) => channel(asker, room, name),
    }
}

/// Where people talk, whoever may join may write. Everything else is written by the server, and
/// by services; channels have a command of their own.
fn may_write(asker: &Asker<'_>, room: &RoomId) -> bool {
    match asker.role {
        Role::Service => !matches!(room, RoomId::User(_) | RoomId::Notifications(_)),
        _ => room.kind().has_messages() && may_join(asker, room),
    }
}

/// Staff, admins and services publish to channels that they may join, unless a rule names others.
fn may_publish(asker: &Asker<'_>, room: &RoomId) -> bool {
    let is_channel = matches!(room, RoomId::Channel(_));
    is_channel
        && match (asker.role, asker.access.publish(room)) {
            (Role::Service, _) => true,
            (role, Some(named)) => named.contains(role),
            (role, None) => matches!(role, Role::Staff | Role::Admin) && may_join(asker, room),
        }
}

fn chat(asker: &Asker<'_>, a: &UserId, b: &UserId) -> bool {
    asker.admin || ((a == asker.user || b == asker.user) && asker.facts.may_talk)
}

fn circle(asker: &Asker<'_>) -> bool {
    asker.admin || asker.facts.member
}

fn patient(asker: &Asker<'_>) -> bool {
    match asker.role {
        Role::Patient => false,
        Role::Staff => true,
        _ => asker.admin || asker.facts.cares,
    }
}

fn owned(asker: &Asker<'_>) -> bool {
    *asker.role == Role::Staff || asker.admin || asker.facts.owner
}

fn topic(asker: &Asker<'_>, room: &RoomId) -> bool {
    let named = asker.access.join(room);
    named.is_none_or(|named| asker.admin || named.contains(asker.role))
}

fn channel(asker: &Asker<'_>, room: &RoomId, name: &Channel) -> bool {
    match (name.domain(), name.owner(), asker.access.join(room)) {
        (_, Some(owner), _) => *asker.user == owner,
        ("admin", None, None) => *asker.role == Role::Admin,
        (_, None, Some(named)) => asker.admin || named.contains(asker.role),
        ("system", None, None) => true,
        _ => *asker.role != Role::Patient,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line of the table: a room, the facts, and who may join: patient, provider, staff,
    /// admin, service.
    type Line = (&'static str, fn(&mut Facts), [bool; 5]);

    const ROLES: [Role; 5] = [
        Role::Patient,
        Role::Provider,
        Role::Staff,
        Role::Admin,
        Role::Service,
    ];
    const NOTHING: fn(&mut Facts) = |_| {};
    const MEMBER: fn(&mut Facts) = |facts| facts.member = true;
    const OWNER: fn(&mut Facts) = |facts| facts.owner = true;
    const CARES: fn(&mut Facts) = |facts| facts.cares = true;
    const TALK: fn(&mut Facts) = |facts| facts.may_talk = true;

    const JOIN: &[Line] = &[
        ("chat:me:you", TALK, [true, true, true, true, true]),
        ("chat:me:you", NOTHING, [false, false, false, true, true]),
        ("chat:them:you", TALK, [false, false, false, true, true]),
        ("thread:t", MEMBER, [true, true, true, true, true]),
        ("thread:t", NOTHING, [false, false, false, true, true]),
        ("visit:v", MEMBER, [true, true, true, true, true]),
        ("visit:v", NOTHING, [false, false, false, true, true]),
        ("call:v", MEMBER, [true, true, true, true, true]),
        ("call:v", NOTHING, [false, false, false, true, true]),
        ("user:me", NOTHING, [true, true, true, true, true]),
        ("user:you", NOTHING, [false, false, false, false, true]),
        ("notifications:me", NOTHING, [true, true, true, true, true]),
        (
            "notifications:you",
            NOTHING,
            [false, false, false, false, true],
        ),
        ("tenant:clinic", NOTHING, [true, true, true, true, true]),
        ("staff:clinic", NOTHING, [false, true, true, true, true]),
        (
            "backend:clinic",
            NOTHING,
            [false, false, false, false, true],
        ),
        ("topic:news", NOTHING, [true, true, true, true, true]),
        ("patient:ana", NOTHING, [false, false, true, true, true]),
        ("patient:ana", CARES, [false, true, true, true, true]),
        ("report:r", NOTHING, [false, false, true, true, true]),
        ("report:r", OWNER, [true, true, true, true, true]),
        ("template:t", NOTHING, [false, false, true, true, true]),
        ("template:t", OWNER, [true, true, true, true, true]),
        ("reports:system", NOTHING, [false, true, true, true, true]),
        ("system:status", NOTHING, [true, true, true, true, true]),
        ("admin:alerts", NOTHING, [false, false, false, true, true]),
        ("user:me:reports", NOTHING, [true, true, true, true, true]),
        (
            "user:you:reports",
            NOTHING,
            [false, false, false, false, true],
        ),
    ];

    fn verdict(room: &str, role: &Role, action: Action, facts: fn(&mut Facts)) -> Decision {
        let (tenant, user) = (TenantId::new("clinic").unwrap(), UserId::new("me").unwrap());
        let mut known = Facts {
            exists: true,
            ..Facts::default()
        };
        facts(&mut known);
        let options = Options {
            admin_access: true,
            access: Arc::default(),
        };
        decide(
            &tenant,
            &user,
            role,
            action,
            &room.parse().unwrap(),
            &known,
            &options,
        )
    }

    #[test]
    fn who_may_join() {
        for (room, facts, expected) in JOIN {
            for (role, allowed) in ROLES.iter().zip(expected) {
                let got = verdict(room, role, Action::Join, *facts);
                assert_eq!(
                    matches!(got, Decision::Allow(_)),
                    *allowed,
                    "{role} joins {room}"
                );
            }
        }
    }

    #[test]
    fn writing_is_joining_where_people_talk_and_nothing_elsewhere() {
        for (room, facts, expected) in JOIN {
            let room_id: RoomId = room.parse().unwrap();
            for (role, may_join) in ROLES.iter().zip(expected) {
                let allowed = match role {
                    Role::Service => {
                        !room.starts_with("user:") && !room.starts_with("notif")
                            || room.matches(':').count() == 2
                    }
                    _ => *may_join && room_id.kind().has_messages(),
                };
                let got = verdict(room, role, Action::Write, *facts);
                assert_eq!(
                    matches!(got, Decision::Allow(_)),
                    allowed,
                    "{role} writes {room}"
                );
            }
        }
    }

    #[test]
    fn another_tenant_does_not_exist() {
        for room in ["tenant:other", "staff:other", "backend:other"] {
            for role in &ROLES {
                assert_eq!(
                    verdict(room, role, Action::Join, NOTHING),
                    Decision::NotFound
                );
            }
        }
    }

    #[test]
    fn what_does_not_exist_is_not_found_even_for_admins() {
        let gone: fn(&mut Facts) = |facts| facts.exists = false;
        for role in &ROLES {
            assert_eq!(
                verdict("report:r", role, Action::Join, gone),
                Decision::NotFound
            );
        }
    }

    #[test]
    fn an_operator_can_end_admin_access() {
        let (tenant, user) = (TenantId::new("clinic").unwrap(), UserId::new("me").unwrap());
        let facts = Facts {
            exists: true,
            ..Facts::default()
        };
        let options = Options {
            admin_access: false,
            access: Arc::default(),
        };
        for room in [
            "chat:them:you",
            "thread:t",
            "visit:v",
            "patient:ana",
            "report:r",
        ] {
            let room = room.parse().unwrap();
            let got = decide(
                &tenant,
                &user,
                &Role::Admin,
                Action::Join,
                &room,
                &facts,
                &options,
            );
            assert_eq!(got, Decision::Deny, "{room}");
        }
    }

    #[test]
    fn rules_of_an_operator_come_before_those_of_the_contract() {
        let rules = r#"
            [[rule]]
            room = "patients:*"
            join = ["provider"]
            publish = ["staff"]
            [[rule]]
            room = "topic:news"
            join = ["patient"]
        "#;
        let options = Options {
            admin_access: true,
            access: Arc::new(AccessRules::parse(rules).unwrap()),
        };
        let facts = Facts {
            exists: true,
            ..Facts::default()
        };
        let (tenant, user) = (TenantId::new("clinic").unwrap(), UserId::new("me").unwrap());
        let verdicts = |action, room: &str| {
            let room = room.parse().unwrap();
            ROLES.each_ref().map(|role| {
                let got = decide(&tenant, &user, role, action, &room, &facts, &options);
                matches!(got, Decision::Allow(_))
            })
        };
        let (join, publish) = (Action::Join, Action::Publish);
        // patient, provider, staff, admin, service
        assert_eq!(
            verdicts(join, "patients:a"),
            [false, true, false, true, true]
        );
        assert_eq!(
            verdicts(publish, "patients:a"),
            [false, false, true, false, true]
        );
        assert_eq!(
            verdicts(join, "topic:news"),
            [true, false, false, true, true]
        );
        assert_eq!(verdicts(publish, "topic:news"), [false; 5]);
        assert_eq!(verdicts(join, "other:a"), [false, true, true, true, true]);
        assert_eq!(
            verdicts(publish, "other:a"),
            [false, false, true, true, true]
        );
        assert_eq!(
            verdicts(publish, "admin:a"),
            [false, false, false, true, true]
        );
        assert_eq!(verdicts(publish, "chat:me:you"), [false; 5]);
    }

    #[test]
    fn a_role_nobody_knows_may_nothing() {
        let role = Role::from("superuser");
        assert_eq!(
            verdict("tenant:clinic", &role, Action::Join, NOTHING),
            Decision::Deny
        );
    }
}
