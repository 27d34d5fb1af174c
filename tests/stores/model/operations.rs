//! Carrying out what is to happen, as the domain would: whatever must not fail is looked up first.

use super::{
    held, notices,
    steps::{Draft, Operation},
    world::World,
};
use crate::databases::{event, json, room, tenant, user};
use carewire_protocol::{
    Key, MessageId, Platform, Role, ThreadId, Timestamp, UserId, VisitId,
    message::{Message, MessageStatus, NewEvent},
    presence::PresenceStatus,
    room::Receipts,
};
use carewire_server::{
    error::{Error, Result},
    keys::{RoomKey, UserKey},
    store::{Floor, MemberRow, MessagePage, Subject, ThreadRow, Tx, UserRow},
};
use std::collections::BTreeMap;

const ROOMS: [&str; 6] = [
    "chat:u0:u1",
    "thread:t0",
    "visit:v0",
    "chat:u1:u2",
    "clinic:a",
    "backend:clinic",
];

pub(crate) fn rooms() -> impl Iterator<Item = RoomKey> {
    ROOMS.iter().map(|name| room(name))
}

pub(crate) fn room_at(number: usize) -> RoomKey {
    room(ROOMS[number % ROOMS.len()])
}

pub(crate) fn user_at(number: usize) -> UserKey {
    user(&format!("u{number}"))
}

/// The circles of the rooms that have one.
pub(crate) fn circle(number: usize) -> String {
    room_at(number % 4).room.to_string()
}

/// Runs a unit of work. Yields what its operations answered.
pub(crate) async fn run(
    world: &World,
    step: usize,
    operations: &[Operation],
    undone: bool,
) -> Result<Vec<String>, String> {
    world.env.turn(step);
    let operations = operations.to_vec();
    let unit = world.open().write(move |tx| {
        Box::pin(async move {
            let mut answers = Vec::new();
            for operation in operations {
                answers.push(one(tx, operation).await?);
            }
            if undone {
                return Err(Error::Fault("undone".into()));
            }
            Ok(answers)
        })
    });
    unit.await.map_err(|error| error.to_string())
}

/// One of the messages that there are, if there are any.
async fn message_at(tx: &mut Tx, number: usize) -> Result<Option<Message>> {
    let mut all = Vec::new();
    for room in rooms() {
        let page = MessagePage {
            limit: 1000,
            ..MessagePage::default()
        };
        all.extend(tx.rows().messages(&room, &page).await?);
    }
    let place = number % all.len().max(1);
    Ok(all.into_iter().nth(place))
}

async fn one(tx: &mut Tx, operation: Operation) -> Result<String> {
    use Operation as O;
    let (tenant, now) = (tenant(), tx.now());
    match operation {
        O::Append { room, text } => {
            let room = room_at(room);
            let event = event(&room, &text);
            Ok(tx.append(&room, None, &event).await?.to_string())
        }
        O::Trim { room, back } => {
            let room = room_at(room);
            let log = tx.rows().log(&room).await?;
            let floor = log.head.saturating_sub(back);
            tx.rows().trim(&room, floor).await?;
            Ok(format!("{:?}", tx.rows().log(&room).await?))
        }
        O::Keyed { user, key } => {
            let (user, key) = (user_at(user), Key::new(format!("key-{key}"))?);
            let found = tx.replayed(&user, Some(&key), "test").await?;
            if found.is_none() {
                let reply = format!("at {}", now.as_millis());
                tx.remember(&user, Some(&key), "test", reply).await?;
            }
            Ok(format!("{found:?}"))
        }
        O::ForgetKeys { age, limit } => {
            let before = Timestamp::from_millis(now.as_millis() - age);
            let gone = tx.rows().delete_keys_before(before, limit).await?;
            Ok(gone.to_string())
        }
        O::Send(draft) => send(tx, draft).await,
        O::Edit { message, body } => {
            let Some(message) = message_at(tx, message).await? else {
                return Ok("none".into());
            };
            tx.rows()
                .set_body(&tenant, &message.id, &body.into(), now)
                .await?;
            Ok("edited".into())
        }
        O::Blank { message } => {
            let Some(message) = message_at(tx, message).await? else {
                return Ok("none".into());
            };
            let room = RoomKey::new(&tenant, message.room_id.clone());
            tx.blank_message(&room, &message, None).await?;
            Ok("blank".into())
        }
        O::React {
            message,
            emoji,
            user,
            added,
        } => {
            let Some(message) = message_at(tx, message).await? else {
                return Ok("none".into());
            };
            let user = user_at(user).user;
            let reacted = tx
                .rows()
                .set_reaction(&tenant, &message.id, &emoji, &user, added);
            Ok(reacted.await?.to_string())
        }
        O::Status {
            message,
            user,
            status,
        } => {
            let Some(message) = message_at(tx, message).await? else {
                return Ok("none".into());
            };
            let status = MessageStatus::from(["delivered", "read", "failed"][status]);
            let user = user_at(user).user;
            tx.rows()
                .set_message_status(&tenant, &message.id, &user, &status)
                .await?;
            Ok("status".into())
        }
        O::Cursor {
            user,
            delivered,
            read,
        } => {
            let Some(delivered) = message_at(tx, delivered).await? else {
                return Ok("none".into());
            };
            let read = match read {
                Some(read) => message_at(tx, read).await?.map(|message| message.id),
                None => None,
            };
            let room = RoomKey::new(&tenant, delivered.room_id);
            let to = Receipts {
                delivered: Some(delivered.id),
                read,
            };
            tx.rows()
                .set_cursor(&room, &user_at(user).user, &to)
                .await?;
            Ok("cursor".into())
        }
        O::ForgetMessages { age, limit } => {
            let before = Timestamp::from_millis(now.as_millis() - age);
            let gone = tx.rows().delete_messages_before(before, limit).await?;
            Ok(gone.to_string())
        }
        O::Join {
            circle: number,
            user,
            from_now,
        } => {
            let floor = if from_now {
                tx.floor_now(&room_at(number)).await?
            } else {
                Floor::default()
            };
            let row = MemberRow {
                user: user_at(user).user,
                floor,
            };
            tx.rows().add_member(&tenant, &circle(number), &row).await?;
            Ok(format!("{row:?}"))
        }
        O::Leave {
            circle: number,
            user,
        } => {
            let user = user_at(user).user;
            tx.rows()
                .remove_member(&tenant, &circle(number), &user)
                .await?;
            Ok("left".into())
        }
        O::Touch { room } => {
            tx.touch_conversation(&room_at(room), None).await?;
            Ok("touched".into())
        }
        O::Draw { .. }
        | O::Report { .. }
        | O::Template { .. }
        | O::Live { .. }
        | O::Audit { .. }
        | O::Emergency { .. }
        | O::Notify { .. }
        | O::ReadOne { .. }
        | O::ReadAll { .. }
        | O::Follow { .. } => notices::one(tx, operation).await,
        O::Lease { .. } | O::Call { .. } | O::Place { .. } => held::one(tx, operation).await,
        other => directory(tx, other).await,
    }
}

async fn send(tx: &mut Tx, draft: Draft) -> Result<String> {
    let room = room_at(draft.room);
    let platform = match draft.external {
        Some(_) => Some("sms".parse::<Platform>()?),
        None => None,
    };
    let external = draft.external.map(|number| format!("ext\0{number}"));
    if let (Some(platform), Some(external)) = (&platform, &external) {
        let found = tx
            .rows()
            .message_by_external_id(&room.tenant, platform, external);
        if let Some(id) = found.await? {
            return Ok(format!("known as {id}"));
        }
    }
    let reply_to = match draft.reply_to {
        Some(number) => message_at(tx, number).await?.map(|message| message.id),
        None => None,
    };
    let message = Message {
        id: MessageId::new("new")?,
        sent_at: tx.now(),
        room_id: room.room.clone(),
        sender_id: user_at(draft.sender).user,
        sender_name: Some("Änne\0".into()),
        body: draft.body.into(),
        attachments: Vec::new(),
        reply_to,
        platform,
        metadata: draft
            .metadata
            .then(|| json("{\"b\": 1, \"a\":\"\\u0000\"}")),
        edited_at: None,
        deleted_at: None,
        reactions: BTreeMap::new(),
        status: MessageStatus::Sent,
        key: None,
    };
    let event = |message| NewEvent { message };
    let stored = tx.insert_message(&room, message, None, external.as_deref(), event);
    Ok(stored.await?.id.to_string())
}

async fn directory(tx: &mut Tx, operation: Operation) -> Result<String> {
    use Operation as O;
    let tenant = tenant();
    let rows = tx.rows();
    match operation {
        O::User {
            user,
            role,
            name,
            declared,
        } => {
            let row = UserRow {
                role: Role::from(["patient", "provider", "admin"][role]),
                name: name.map(Into::into),
                declared,
            };
            rows.put_user(&user_at(user), &row).await?;
        }
        O::Presence {
            user,
            status,
            words,
        } => {
            let status = PresenceStatus::from(["online", "away", "busy"][status]);
            let words = words.map(Into::into);
            rows.put_status(&user_at(user), &status, words.as_ref())
                .await?;
        }
        O::LastSeen { user, at } => {
            rows.put_last_seen(&user_at(user), Timestamp::from_millis(at))
                .await?;
        }
        O::Care {
            provider,
            patient,
            cares,
        } => {
            let (provider, patient) = (user_at(provider).user, user_at(patient).user);
            rows.set_care(&tenant, &provider, &patient, cares).await?;
        }
        O::Visit { visit } => {
            let visit = VisitId::new(format!("v{visit}"))?;
            rows.put_visit(&tenant, &visit).await?;
        }
        O::Thread {
            thread,
            title,
            creator,
        } => {
            let row = ThreadRow {
                title: title.map(Into::into),
                platform: "web".parse()?,
                metadata: None,
                creator: creator.map(|number| -> UserId { user_at(number).user }),
            };
            let thread = ThreadId::new(format!("t{thread}"))?;
            rows.put_thread(&tenant, &thread, &row).await?;
        }
        O::DirectoryChange { user, room } => {
            let subject = match user {
                Some(user) => Subject::User(user_at(user)),
                None if room == 0 => Subject::Tenant(tenant.clone()),
                None => Subject::Room(room_at(room)),
            };
            rows.note_directory_change(&subject).await?;
        }
        other => return Err(Error::Fault(format!("no directory operation: {other:?}"))),
    }
    Ok("stored".into())
}
