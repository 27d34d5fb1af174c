//! Who is who and may see whom: what backends say, and what they need to hear.

use super::{call, conversation, inbox};
use crate::{
    backplane::Change,
    core::Core,
    error::{Error, Result},
    hub::Hub,
    keys::{RoomKey, UserKey},
    policy::Circle,
    store::{MemberRow, ThreadRow, Tx, UserRow},
};
use carewire_protocol::{
    ErrorReply, ReportId, RoomId, TemplateId, TenantId, UserId, VisitId,
    backend::{
        OutboundEvent, PushKind, PushWantedEvent, PutReport, PutTemplate, PutThread, PutUser,
        PutVisit, Recheck,
    },
    message::Message,
    notification::Priority,
};
use sha1::{Digest, Sha1};
use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

/// Who is connected at the moment of asking.
#[derive(Debug, Clone)]
pub struct Connected(Arc<Hub>);

/// Who is connected, to be asked within a transaction.
pub fn connected_now(core: &Core) -> Connected {
    Connected(Arc::clone(&core.hub))
}

impl Connected {
    /// Whether a user is.
    pub fn has(&self, user: &UserKey) -> bool {
        self.0.is_connected(user)
    }
}

/// Tells backends what they have to carry further: a reply to another platform, and that people
/// without a connection were written to.
pub async fn tell_backends(
    tx: &mut Tx,
    room: &RoomKey,
    message: &Message,
    connected: &Connected,
) -> Result<()> {
    let Some(circle) = Circle::of(&room.room) else {
        return Ok(());
    };
    let backend = RoomKey::new(&room.tenant, RoomId::Backend(room.tenant.clone()));
    let mut people: Vec<UserId> = match circle.pair() {
        Some((a, b)) => vec![a.clone(), b.clone()],
        None => {
            let members = tx.rows().members(&room.tenant, circle.name()).await?;
            members.into_iter().map(|member| member.user).collect()
        }
    };
    let elsewhere = match circle.thread() {
        Some(thread) => {
            let row = tx.rows().thread(&room.tenant, thread).await?;
            row.is_some_and(|row| !row.platform.is_internal())
        }
        None => false,
    };
    if elsewhere && message.platform.is_none() {
        let sender = UserKey::new(&room.tenant, &message.sender_id);
        if let Some(conversation) = conversation::view(tx.rows(), &sender, room).await? {
            let event = OutboundEvent {
                message: message.clone(),
                conversation,
            };
            tx.append_about(&backend, None, Some(&message.id), &event)
                .await?;
        }
    }
    people.retain(|user| {
        *user != message.sender_id && !connected.has(&UserKey::new(&room.tenant, user))
    });
    if elsewhere {
        // Whoever is on the other platform is no user here and has no device to push to.
        let mut users = Vec::new();
        for user in people {
            if tx
                .rows()
                .user(&UserKey::new(&room.tenant, &user))
                .await?
                .is_some()
            {
                users.push(user);
            }
        }
        people = users;
    }
    if !people.is_empty() {
        let event = PushWantedEvent {
            user_ids: people,
            kind: PushKind::Message,
            id: message.id.to_string(),
            priority: Priority::Normal,
        };
        tx.append(&backend, None, &event).await?;
    }
    Ok(())
}

/// `PUT /v1/users/{userId}`.
pub async fn put_user(core: &Core, user: UserKey, body: PutUser) -> Result<()> {
    let row = UserRow {
        role: body.role,
        name: body.name,
        declared: true,
    };
    let change = Change::User(user.clone());
    core.change_directory([change], move |tx| {
        Box::pin(async move { tx.rows().put_user(&user, &row).await })
    })
    .await
}

/// `PUT` and `DELETE /v1/care-team/{providerId}/{patientId}`.
pub async fn set_care(core: &Core, provider: UserKey, patient: UserKey, cares: bool) -> Result<()> {
    let changes = [
        Change::User(provider.clone()),
        Change::User(patient.clone()),
    ];
    core.change_directory(changes, move |tx| {
        Box::pin(async move {
            tx.rows()
                .set_care(&provider.tenant, &provider.user, &patient.user, cares)
                .await
        })
    })
    .await
}

/// `PUT /v1/visits/{visitId}`.
pub async fn put_visit(core: &Arc<Core>, room: RoomKey, body: PutVisit) -> Result<()> {
    let RoomId::Visit(visit) = room.room.clone() else {
        return Err(Error::Refused(ErrorReply::room_not_found()));
    };
    let (change, tenant, of) = (
        Change::Room(room.clone()),
        room.tenant.clone(),
        visit.clone(),
    );
    core.change_directory([change], move |tx| {
        Box::pin(async move { store_visit(tx, &room, &visit, body.participant_ids).await })
    })
    .await?;
    call::put_out(core, &tenant, &of).await
}

/// `PUT /v1/reports/{reportId}`.
pub async fn put_report(
    core: &Core,
    tenant: &TenantId,
    report: ReportId,
    body: PutReport,
) -> Result<()> {
    let room = RoomKey::new(tenant, RoomId::Report(report.clone()));
    let tenant = tenant.clone();
    core.change_directory([Change::Room(room)], move |tx| {
        Box::pin(async move {
            let template = body.template_id.as_ref();
            let rows = tx.rows();
            rows.put_report(&tenant, &report, &body.owner_id, template)
                .await
        })
    })
    .await
}

/// `PUT /v1/templates/{templateId}`.
pub async fn put_template(
    core: &Core,
    tenant: &TenantId,
    template: TemplateId,
    body: PutTemplate,
) -> Result<()> {
    let room = RoomKey::new(tenant, RoomId::Template(template.clone()));
    let tenant = tenant.clone();
    core.change_directory([Change::Room(room)], move |tx| {
        Box::pin(async move {
            let owner = body.owner_id.as_ref();
            tx.rows().put_template(&tenant, &template, owner).await
        })
    })
    .await
}

async fn store_visit(
    tx: &mut Tx,
    room: &RoomKey,
    visit: &VisitId,
    participants: Vec<UserId>,
) -> Result<()> {
    tx.rows().put_visit(&room.tenant, visit).await?;
    // Whoever takes part in a visit may read all of it.
    set_members(tx, room, participants, true).await
}

/// Makes the members of a circle exactly these.
async fn set_members(
    tx: &mut Tx,
    room: &RoomKey,
    members: Vec<UserId>,
    shared: bool,
) -> Result<()> {
    let Some(circle) = Circle::of(&room.room) else {
        return Ok(());
    };
    let wanted: BTreeSet<UserId> = members.into_iter().collect();
    for row in tx.rows().members(&room.tenant, circle.name()).await? {
        if !wanted.contains(&row.user) {
            tx.rows()
                .remove_member(&room.tenant, circle.name(), &row.user)
                .await?;
        }
    }
    let floor = if shared {
        crate::store::Floor::default()
    } else {
        tx.floor_now(room).await?
    };
    for user in wanted {
        let row = MemberRow {
            user,
            floor: floor.clone(),
        };
        tx.rows()
            .add_member(&room.tenant, circle.name(), &row)
            .await?;
    }
    Ok(())
}

/// `PUT /v1/threads/{threadId}`.
pub async fn put_thread(core: &Core, room: RoomKey, body: PutThread) -> Result<()> {
    let RoomId::Thread(thread) = room.room.clone() else {
        return Err(Error::Refused(ErrorReply::room_not_found()));
    };
    let key = room.clone();
    core.change_directory([Change::Room(room.clone())], move |tx| {
        Box::pin(async move {
            let existed = tx.rows().thread(&key.tenant, &thread).await?.is_some();
            let row = ThreadRow {
                title: body.title,
                platform: body.platform.unwrap_or_default(),
                metadata: body.metadata,
                creator: None,
            };
            set_members(tx, &key, body.member_ids, !existed).await?;
            conversation::put_thread(tx, &key, &thread, row, [], true).await
        })
    })
    .await?;
    inbox::note_change(core, &room);
    Ok(())
}

/// `POST /v1/access/recheck`: whatever decides may have changed its mind.
pub async fn recheck(core: &Core, tenant: &TenantId, body: Recheck) -> Result<()> {
    let change = match (body.user_id, body.room_id) {
        (Some(user), _) => Change::User(UserKey::new(tenant, &user)),
        (None, Some(room)) => Change::Room(RoomKey::new(tenant, room)),
        (None, None) => Change::Tenant(tenant.clone()),
    };
    core.change_directory([change], |_| Box::pin(async { Ok(()) }))
        .await
}

/// A short text that two different lists never share by chance.
pub fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha1::new();
    for part in parts {
        // The length keeps ("ab", "c") apart from ("a", "bc").
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
