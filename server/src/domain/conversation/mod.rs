//! The inbox over all platforms, and threads of chosen members.

mod view;

pub use view::{Shared, view, view_of_room};

use super::{directory, inbox};
use crate::{
    auth::Identity,
    backplane::Change,
    core::{Caller, Core},
    error::{Error, Result},
    keys::{RoomKey, UserKey},
    policy::{self, Action},
    store::{ConversationRow, Floor, MemberRow, Rows, ThreadRow, Tx},
};
use carewire_protocol::{
    Command, ErrorReply, Platform, Role, RoomId, ThreadId, Timestamp, UserId,
    conversation::{
        AddMembers, CreateThread, CreateThreadReply, List, ListReply, RemoveMembers, UnreadCounts,
    },
    limits::{MAX_PAYLOAD_BYTES, check_page},
    session::Empty,
};

/// `conversation:list`. Conversations that the user may no longer read are left out, and a page
/// ends early where it would not fit into a frame.
pub async fn list(caller: &Caller, command: List) -> Result<ListReply> {
    let limit = check_page(command.limit)? as usize;
    let mut after = command.cursor.as_deref().map(parse_cursor).transpose()?;
    let (core, identity) = (&caller.core, &caller.identity);
    let user = identity.key();
    let mut rows = core.store.read().await?;
    let mut conversations = Vec::new();
    let mut bytes = 0;
    let mut cursor = None;
    loop {
        let platform = command.platform.as_ref();
        let page = rows.conversations(&user, platform, after, SCANNED).await?;
        let is_last = page.len() < SCANNED as usize;
        after = page.last().map(|(row, _)| place_of(row));
        let rooms: Vec<_> = page.iter().map(|(row, _)| &row.room).collect();
        let authorised = core
            .authorised_rooms(&mut rows, identity, Action::History, &rooms)
            .await?;
        for ((row, floor), authorised) in page.into_iter().zip(authorised) {
            // A chat stays in the tables of the inbox when the two may no longer talk.
            let may_read = core
                .admits(&mut *rows, identity, Action::History, &row.room, authorised)
                .await?;
            if !may_read {
                continue;
            }
            let place = cursor_of(&row);
            let conversation = Shared::of(&mut *rows, row)
                .await?
                .seen_from(&mut *rows, &user.user, &floor)
                .await?;
            bytes += serde_json::to_string(&conversation)?.len() + 1;
            let is_full = conversations.len() == limit || bytes > MAX_PAGE_BYTES;
            if is_full && !conversations.is_empty() {
                rows.close().await?;
                return Ok(ListReply {
                    conversations,
                    cursor,
                });
            }
            conversations.push(conversation);
            cursor = Some(place);
        }
        if is_last {
            rows.close().await?;
            return Ok(ListReply {
                conversations,
                cursor: None,
            });
        }
    }
}

/// How many entries of the inbox are read at once.
const SCANNED: u32 = 50;
/// What a page may take of a frame: the rest is for the envelope.
const MAX_PAGE_BYTES: usize = MAX_PAYLOAD_BYTES - 1024;

fn place_of(row: &ConversationRow) -> (Timestamp, String) {
    (row.updated_at, row.room.room.to_string())
}

/// A cursor names the last entry of a page by its place in the order.
fn cursor_of(row: &ConversationRow) -> String {
    format!("{}/{}", row.updated_at.as_millis(), row.room.room)
}

fn parse_cursor(text: &str) -> Result<(Timestamp, String)> {
    let bad = || {
        Error::Refused(ErrorReply::invalid(
            "cursor",
            "cursor is not one of this list",
        ))
    };
    let (at, room) = text.split_once('/').ok_or_else(bad)?;
    let at = at.parse::<i64>().map_err(|_| bad())?;
    Ok((Timestamp::from_millis(at), room.to_owned()))
}

/// `unread:get`.
pub async fn unread(caller: &Caller) -> Result<UnreadCounts> {
    let mut rows = caller.core.store.read().await?;
    let counts = counts(&caller.core, &mut rows, &caller.identity).await?;
    rows.close().await?;
    Ok(counts)
}

/// How many unread conversations are counted at most: the most recently active ones.
const COUNTED: u32 = 1000;

/// A user's unread messages, by platform and room.
pub async fn counts(
    core: &Core,
    rows: &mut Box<dyn Rows>,
    identity: &Identity,
) -> Result<UnreadCounts> {
    let action = Action::History;
    let unread = rows.unread_conversations(&identity.key(), COUNTED).await?;
    let rooms: Vec<_> = unread.iter().map(|(room, ..)| room).collect();
    let authorised = core
        .authorised_rooms(rows, identity, action, &rooms)
        .await?;
    let mut counts = UnreadCounts::default();
    for ((room, platform, unread), authorised) in unread.into_iter().zip(authorised) {
        let admits = core.admits(&mut **rows, identity, action, &room, authorised);
        if admits.await? {
            *counts.unread_counts.entry(platform).or_default() += unread;
            counts.total_unread += unread;
            counts.rooms.insert(room.room, unread);
        }
    }
    Ok(counts)
}

/// A conversation changed other than by a new message.
pub fn note_change(core: &Core, room: &RoomKey) {
    inbox::note_change(core, room);
}

/// `thread:create`.
pub async fn create_thread(caller: &Caller, command: CreateThread) -> Result<CreateThreadReply> {
    let identity = caller.identity.clone();
    let platform = command.platform.unwrap_or_default();
    if !platform.is_internal() && identity.role == Role::Patient {
        return Err(Error::Refused(ErrorReply::denied()));
    }
    let key = caller.key.clone();
    let row = ThreadRow {
        title: command.title,
        platform,
        metadata: command.metadata,
        creator: Some(identity.user.clone()),
    };
    let members = command.member_ids;
    let room = caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                let user = identity.key();
                if let Some(id) = tx.replayed(&user, key.as_ref(), CreateThread::NAME).await? {
                    return Ok(RoomKey::new(
                        &user.tenant,
                        RoomId::Thread(ThreadId::new(id)?),
                    ));
                }
                may_add(tx, (&user, &identity.role), &members).await?;
                let thread = ThreadId::new(tx.random_id("thread"))?;
                let room = RoomKey::new(&user.tenant, RoomId::Thread(thread.clone()));
                let people = members.into_iter().chain([identity.user]);
                put_thread(tx, &room, &thread, row, people, true).await?;
                tx.remember(&user, key.as_ref(), CreateThread::NAME, thread.to_string())
                    .await?;
                Ok(room)
            })
        })
        .await?;
    inbox::note_change(&caller.core, &room);
    Ok(CreateThreadReply { room_id: room.room })
}

/// Stores a thread, its members and its place in their inboxes. `shared`: new members may read
/// what was written before.
pub async fn put_thread(
    tx: &mut Tx,
    room: &RoomKey,
    thread: &ThreadId,
    row: ThreadRow,
    members: impl IntoIterator<Item = UserId>,
    shared: bool,
) -> Result<()> {
    tx.rows().put_thread(&room.tenant, thread, &row).await?;
    let floor = if shared {
        Floor::default()
    } else {
        tx.floor_now(room).await?
    };
    let circle = room.room.to_string();
    for user in members {
        let row = MemberRow {
            user,
            floor: floor.clone(),
        };
        tx.rows().add_member(&room.tenant, &circle, &row).await?;
    }
    tx.touch_conversation(room, None).await
}

/// Members of a thread are people one may chat with. Services may name anybody.
async fn may_add(tx: &mut Tx, (user, role): (&UserKey, &Role), members: &[UserId]) -> Result<()> {
    if *role == Role::Service {
        return Ok(());
    }
    for member in members.iter().filter(|member| **member != user.user) {
        if !policy::may_talk(tx.rows(), &user.tenant, (&user.user, role), member).await? {
            return Err(Error::Refused(ErrorReply::denied()));
        }
    }
    Ok(())
}

/// `thread:addMembers`.
pub async fn add_members(caller: &Caller, command: AddMembers) -> Result<Empty> {
    let shared = command.share_history == Some(true);
    let room = change_members(
        caller,
        AddMembers::NAME,
        &command.room_id,
        command.member_ids,
        Changes::Add { shared },
    )
    .await?;
    inbox::note_change(&caller.core, &room);
    Ok(Empty {})
}

/// `thread:removeMembers`.
pub async fn remove_members(caller: &Caller, command: RemoveMembers) -> Result<Empty> {
    let room = change_members(
        caller,
        RemoveMembers::NAME,
        &command.room_id,
        command.member_ids,
        Changes::Remove,
    )
    .await?;
    inbox::note_change(&caller.core, &room);
    Ok(Empty {})
}

#[derive(Clone, Copy)]
enum Changes {
    Add { shared: bool },
    Remove,
}

/// Changes a thread's members: its creator, staff and admins may.
async fn change_members(
    caller: &Caller,
    name: &'static str,
    room: &RoomId,
    members: Vec<UserId>,
    changes: Changes,
) -> Result<RoomKey> {
    let RoomId::Thread(thread) = room.clone() else {
        return Err(Error::Refused(ErrorReply::room_not_found()));
    };
    let room = caller.room(room);
    let identity = caller.identity.clone();
    let key = caller.key.clone();
    let change = Change::Room(room.clone());
    caller
        .core
        .change_directory([change], move |tx| {
            Box::pin(async move {
                let user = identity.key();
                if tx.replayed(&user, key.as_ref(), name).await?.is_some() {
                    return Ok(room);
                }
                let row = tx.rows().thread(&user.tenant, &thread).await?;
                let row = row.ok_or_else(|| Error::Refused(ErrorReply::room_not_found()))?;
                let by_role = matches!(identity.role, Role::Staff | Role::Admin | Role::Service);
                if !by_role && row.creator.as_ref() != Some(&identity.user) {
                    return Err(Error::Refused(ErrorReply::denied()));
                }
                let circle = room.room.to_string();
                match changes {
                    Changes::Add { shared } => {
                        may_add(tx, (&user, &identity.role), &members).await?;
                        let floor = if shared {
                            Floor::default()
                        } else {
                            tx.floor_now(&room).await?
                        };
                        for member in members {
                            let row = MemberRow {
                                user: member,
                                floor: floor.clone(),
                            };
                            tx.rows().add_member(&user.tenant, &circle, &row).await?;
                        }
                    }
                    Changes::Remove => {
                        for member in &members {
                            tx.rows()
                                .remove_member(&user.tenant, &circle, member)
                                .await?;
                        }
                    }
                }
                tx.touch_conversation(&room, None).await?;
                tx.remember(&user, key.as_ref(), name, "{}".to_owned())
                    .await?;
                Ok(room)
            })
        })
        .await
}

/// The thread in which a recipient talks to somebody on another platform.
pub fn platform_thread(recipient: &UserId, platform: &Platform, sender: &str) -> Result<ThreadId> {
    Ok(ThreadId::new(format!(
        "{platform}-{}",
        directory::fingerprint(&[recipient, platform, sender])
    ))?)
}
