//! Telling people about their conversations: the newest state wins, at most once a second for a
//! user and room.

use super::conversation::{self, Shared};
use crate::{
    core::Core,
    env::yield_once,
    error::Result,
    hub::Audience,
    keys::{RoomKey, UserKey},
    policy::Circle,
    store::Rows,
    timers::Due,
};
use carewire_protocol::{
    MessageId,
    conversation::{UnreadEvent, UpdateEvent},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

const INTERVAL: Duration = Duration::from_secs(1);

/// Who was told within the last second, and what they have to be told next.
#[derive(Debug, Default)]
pub struct Inbox {
    recent: Mutex<BTreeMap<(UserKey, RoomKey), Option<News>>>,
    /// Who is about to be told of a room: all of them from one reading of what they share.
    telling: Mutex<BTreeMap<RoomKey, BTreeMap<UserKey, News>>>,
}

impl Inbox {
    /// How many were told something within the last second.
    pub fn len(&self) -> usize {
        self.recent().len()
    }

    fn recent(&self) -> MutexGuard<'_, BTreeMap<(UserKey, RoomKey), Option<News>>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn telling(&self) -> MutexGuard<'_, BTreeMap<RoomKey, BTreeMap<UserKey, News>>> {
        self.telling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody was.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a user has to be told about a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct News {
    /// The conversation changed, not only the counts.
    conversation: bool,
    /// The message that is new.
    message: Option<MessageId>,
}

impl News {
    fn add(&mut self, newer: Self) {
        self.conversation |= newer.conversation;
        self.message = newer.message.or(self.message.take());
    }
}

/// A message is new: its members are told, their other conversations stay as they are.
pub fn note_message(core: &Core, room: &RoomKey, message: &MessageId) {
    note_members(
        core,
        room,
        News {
            conversation: true,
            message: Some(message.clone()),
        },
    );
}

/// A conversation is new, or changed other than by a new message.
pub fn note_change(core: &Core, room: &RoomKey) {
    note_members(
        core,
        room,
        News {
            conversation: true,
            message: None,
        },
    );
}

/// A user has read further.
pub fn note_read(core: &Core, user: &UserKey, room: &RoomKey) {
    note(core, user.clone(), room.clone(), News::default());
}

fn note_members(core: &Core, room: &RoomKey, news: News) {
    let Some(circle) = Circle::of(&room.room) else {
        return;
    };
    if let Some((a, b)) = circle.pair() {
        for user in [a, b] {
            note(
                core,
                UserKey::new(&room.tenant, user),
                room.clone(),
                news.clone(),
            );
        }
        return;
    }
    let room = room.clone();
    core.spawn(|core| async move {
        if let Err(error) = note_circle(&core, &circle, &room, &news).await {
            tracing::warn!(%error, room = %room.room, "members cannot be told of a message");
        }
    });
}

async fn note_circle(core: &Core, circle: &Circle, room: &RoomKey, news: &News) -> Result<()> {
    let mut rows = core.store.read().await?;
    let members = rows.members(&room.tenant, circle.name()).await?;
    rows.close().await?;
    for member in members {
        note(
            core,
            UserKey::new(&room.tenant, &member.user),
            room.clone(),
            news.clone(),
        );
    }
    Ok(())
}

/// Tells a user now, or when a second has passed since they were last told.
fn note(core: &Core, user: UserKey, room: RoomKey, news: News) {
    if !core.hub.is_connected(&user) {
        return;
    }
    let mut recent = core.inbox.recent();
    let entry = (user.clone(), room.clone());
    if let Some(waiting) = recent.get_mut(&entry) {
        waiting.get_or_insert_with(News::default).add(news);
        return;
    }
    recent.insert(entry, None);
    drop(recent);
    core.timers.set(
        core.now() + INTERVAL,
        Due::Inbox(Box::new((user.clone(), room.clone()))),
    );
    tell_later(core, user, room, news);
}

/// A second has passed since a user was told about a conversation.
pub fn flush(core: &Arc<Core>, user: &UserKey, room: &RoomKey) {
    let mut recent = core.inbox.recent();
    let entry = (user.clone(), room.clone());
    let Some(waiting) = recent.get_mut(&entry).and_then(Option::take) else {
        recent.remove(&entry);
        return;
    };
    drop(recent);
    core.timers.set(
        core.now() + INTERVAL,
        Due::Inbox(Box::new((user.clone(), room.clone()))),
    );
    tell_later(core, user.clone(), room.clone(), waiting);
}

/// So many are told from one reading. What was read grows old while the next are looked at.
const TOLD_AT_ONCE: usize = 16;

/// Tells a user together with everybody else who is to be told of the room now.
fn tell_later(core: &Core, user: UserKey, room: RoomKey, news: News) {
    if core.authoriser.is_some() {
        // It may be far away: nobody waits for what others ask it.
        let alone = BTreeMap::from([(user, news)]);
        core.spawn(async move |core| tell_all(&core, &room, alone).await);
        return;
    }
    let mut telling = core.inbox.telling();
    let people = telling.entry(room.clone()).or_default();
    let first = people.is_empty();
    people.entry(user).or_default().add(news);
    drop(telling);
    if first {
        core.spawn(async move |core| {
            yield_once().await;
            let people = core.inbox.telling().remove(&room).unwrap_or_default();
            tell_all(&core, &room, people).await;
        });
    }
}

async fn tell_all(core: &Core, room: &RoomKey, people: BTreeMap<UserKey, News>) {
    let people: Vec<_> = people.into_iter().collect();
    for some in people.chunks(TOLD_AT_ONCE) {
        if let Err(error) = tell_some(core, room, some).await {
            tracing::warn!(%error, room = %room.room, "members cannot be told of a conversation");
        }
    }
}

async fn tell_some(core: &Core, room: &RoomKey, people: &[(UserKey, News)]) -> Result<()> {
    let mut rows = core.store.read().await?;
    if let Some(shared) = Shared::read(&mut *rows, room).await? {
        for (user, news) in people {
            tell(core, &mut rows, &shared, user, news).await?;
        }
    }
    rows.close().await
}

async fn tell(
    core: &Core,
    rows: &mut Box<dyn Rows>,
    shared: &Shared,
    user: &UserKey,
    news: &News,
) -> Result<()> {
    // Any of the user's connections knows who they are; without one there is nobody to tell.
    let Some(connection) = core.hub.connections_of(user).pop() else {
        return Ok(());
    };
    let identity = connection.identity();
    let mut counts = conversation::counts(core, rows, &identity).await?;
    let Some(view) = shared.seen_by(core, rows, &identity, &counts).await? else {
        return Ok(());
    };
    let message = view
        .last_message
        .clone()
        .filter(|last| Some(&last.id) == news.message.as_ref());
    counts.rooms = BTreeMap::from([(view.room_id.clone(), view.unread_count)]);
    if news.conversation {
        let event = UpdateEvent {
            conversation: view,
            message,
        };
        core.tell_user(user, None, &event, Audience::Everyone);
    }
    core.tell_user(user, None, &UnreadEvent { counts }, Audience::Everyone);
    Ok(())
}
