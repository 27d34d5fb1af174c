//! What the rules need to know, looked up in the directory.

use super::Circle;
use crate::{
    error::Result,
    keys::UserKey,
    store::{Floor, Rows},
};
use carewire_protocol::{Role, RoomId, TenantId, UserId, VisitId};

/// What is true of somebody and a room.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The room's report, thread, visit or call exists. True for all other rooms.
    pub exists: bool,
    /// They belong to the thread, or take part in the visit.
    pub member: bool,
    /// The two of the chat may talk to each other, or to the person whose room it is.
    pub may_talk: bool,
    /// They may see the presence of the person.
    pub sees: bool,
    /// They are in the care team of the patient.
    pub cares: bool,
    /// The report or template is theirs.
    pub owner: bool,
    /// Where their reading begins.
    pub floor: Floor,
}

/// Looks up what the rules need to know about somebody and a room.
pub async fn gather(
    rows: &mut dyn Rows,
    tenant: &TenantId,
    user: &UserId,
    role: &Role,
    room: &RoomId,
) -> Result<Facts> {
    let mut facts = Facts {
        exists: true,
        ..Facts::default()
    };
    match room {
        RoomId::Chat(a, b) => {
            let other = if a == user { b } else { a };
            if a == user || b == user {
                facts.may_talk = may_talk(rows, tenant, (user, role), other).await?;
            }
        }
        RoomId::Thread(thread) => {
            let member = join_circle(&mut facts, rows, tenant, user, room).await?;
            facts.exists = member || rows.thread(tenant, thread).await?.is_some();
        }
        RoomId::Visit(visit) => {
            let member = join_circle(&mut facts, rows, tenant, user, room).await?;
            facts.exists = member || rows.visit_exists(tenant, visit).await?;
        }
        RoomId::Call(call) => {
            let member = join_circle(&mut facts, rows, tenant, user, room).await?;
            let visit = VisitId::new(call.as_str())?;
            facts.exists = member
                || rows.visit_exists(tenant, &visit).await?
                || rows.call(tenant, call).await?.is_some();
        }
        RoomId::Patient(patient) => facts.cares = rows.cares(tenant, user, patient).await?,
        RoomId::Report(report) => {
            let owner = rows.report_owner(tenant, report).await?;
            facts.exists = owner.is_some();
            facts.owner = owner.flatten().as_ref() == Some(user);
        }
        RoomId::Template(template) => {
            let owner = rows.template_owner(tenant, template).await?;
            facts.owner = owner.flatten().as_ref() == Some(user);
        }
        RoomId::User(other) if other != user => {
            facts.may_talk = may_talk(rows, tenant, (user, role), other).await?;
            facts.sees = may_see_presence(rows, tenant, (user, role), other).await?;
        }
        RoomId::User(_)
        | RoomId::Notifications(_)
        | RoomId::Tenant(_)
        | RoomId::Staff(_)
        | RoomId::Backend(_)
        | RoomId::Topic(_)
        | RoomId::Channel(_) => {}
    }
    Ok(facts)
}

/// Notes whether somebody belongs to a room's circle. Yields whether they do: then the room exists,
/// and nobody has to ask.
async fn join_circle(
    facts: &mut Facts,
    rows: &mut dyn Rows,
    tenant: &TenantId,
    user: &UserId,
    room: &RoomId,
) -> Result<bool> {
    if let Some(circle) = Circle::of(room)
        && let Some(row) = rows.member(tenant, circle.name(), user).await?
    {
        facts.member = true;
        facts.floor = row.floor;
    }
    Ok(facts.member)
}

/// Whether two people may talk: neither is a patient, or one is and the other is staff, admin or
/// of that patient's care team. Somebody nobody knows counts as a patient.
pub async fn may_talk(
    rows: &mut dyn Rows,
    tenant: &TenantId,
    (user, role): (&UserId, &Role),
    other: &UserId,
) -> Result<bool> {
    let key = UserKey::new(tenant, other);
    let other_role = rows.user(&key).await?.map_or(Role::Patient, |row| row.role);
    match (role, &other_role) {
        (Role::Patient, Role::Patient) => Ok(false),
        (Role::Patient, Role::Staff | Role::Admin) | (Role::Staff | Role::Admin, Role::Patient) => {
            Ok(true)
        }
        (Role::Patient, _) => rows.cares(tenant, other, user).await,
        (_, Role::Patient) => rows.cares(tenant, user, other).await,
        _ => Ok(true),
    }
}

/// Whether somebody may see another's presence: a patient sees their care team and whoever shares
/// a chat, thread, visit or call with them; others see their tenant.
pub async fn may_see_presence(
    rows: &mut dyn Rows,
    tenant: &TenantId,
    (user, role): (&UserId, &Role),
    other: &UserId,
) -> Result<bool> {
    if user == other || *role != Role::Patient {
        return Ok(role.is_known());
    }
    Ok(rows.cares(tenant, other, user).await? || rows.share_a_circle(tenant, user, other).await?)
}
