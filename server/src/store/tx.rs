//! A unit of work in the writer's transaction.

use super::{ConversationRow, EventRow, Floor, KeyRow, LiveRow, Log, MemberRow, Rows};
use crate::{
    env::{Runtime, letter, random_letters},
    error::{Error, Result},
    hub::frame::Frame,
    keys::{RoomKey, UserKey},
    planted::{self, Bug},
    policy::Circle,
};
use carewire_protocol::{
    ClientId, Epoch, ErrorReply, EventType, Key, MessageId, NotificationId, PrivateJson, RoomId,
    Timestamp,
    conversation::Conversation,
    frame::{EventHead, encode_event},
    message::{DeletedEvent, Message},
    notification::{self, Notification},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What is durable now and is to be told, in the order of commits.
#[derive(Debug, Clone)]
pub enum Committed {
    /// A retained event.
    Event(CommittedEvent),
    /// Live rows of a template.
    Rows(CommittedRows),
}

/// Live rows that are durable now.
#[derive(Debug, Clone)]
pub struct CommittedRows {
    /// The room of the template.
    pub room: RoomKey,
    /// Consecutive numbers, oldest first.
    pub rows: Arc<[LiveRow]>,
}

/// A retained event that is durable now: fan it out.
#[derive(Debug, Clone)]
pub struct CommittedEvent {
    /// The room.
    pub room: RoomKey,
    /// Its place in the room's log.
    pub offset: u64,
    /// The event as it travels.
    pub frame: Frame,
}

/// How much of a log is kept.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// At most this many events.
    pub events: u64,
    /// At most this many bytes.
    pub bytes: u64,
}

/// The writer's transaction, and what must be true of it: an effect, its event and its key are
/// stored together or not at all.
pub struct Tx {
    rows: Box<dyn Rows>,
    env: Runtime,
    epoch: Epoch,
    retention: Retention,
    committed: Vec<Committed>,
    /// Circles known to hold everyone they should, so that a message does not write them again.
    settled: BTreeSet<RoomKey>,
    /// What planted bugs remember.
    volatile_keys: BTreeMap<(UserKey, Key), String>,
    begun: BTreeSet<RoomKey>,
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx")
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

/// How many rooms a writer remembers as settled before it starts anew.
const MAX_SETTLED: usize = 10_000;

impl Tx {
    /// Wraps the writer's connection.
    pub fn new(rows: Box<dyn Rows>, env: Runtime, epoch: Epoch, retention: Retention) -> Self {
        Self {
            rows,
            env,
            epoch,
            retention,
            committed: Vec::new(),
            settled: BTreeSet::new(),
            volatile_keys: BTreeMap::new(),
            begun: BTreeSet::new(),
        }
    }

    /// The statements.
    pub fn rows(&mut self) -> &mut dyn Rows {
        &mut *self.rows
    }

    /// The wall clock.
    pub fn now(&self) -> Timestamp {
        self.env.wall()
    }

    /// A new id that begins with a word: `thread-…`.
    pub fn random_id(&self, word: &str) -> String {
        format!("{word}-{}", random_letters(&*self.env, 20))
    }

    pub(super) fn take_committed(&mut self) -> Vec<Committed> {
        std::mem::take(&mut self.committed)
    }

    pub(super) fn forget_cache(&mut self) {
        self.settled.clear();
    }

    /// Appends an event to a room's log. Yields its offset.
    pub async fn append<E: EventType>(
        &mut self,
        room: &RoomKey,
        origin: Option<&ClientId>,
        event: &E,
    ) -> Result<u64> {
        self.append_about(room, origin, None, event).await
    }

    /// Appends an event that shows a message, so that deleting the message blanks it.
    pub async fn append_about<E: EventType>(
        &mut self,
        room: &RoomKey,
        origin: Option<&ClientId>,
        message: Option<&MessageId>,
        event: &E,
    ) -> Result<u64> {
        let data = PrivateJson::from_value(event)?;
        let log = self.advance(room, data.get().len()).await?;
        self.insert(room, log.head, E::NAME, origin, message, data)
            .await?;
        Ok(log.head)
    }

    /// The database's clock.
    pub async fn clock(&mut self) -> Result<Timestamp> {
        Ok(self.rows.clock().await?.unwrap_or_else(|| self.now()))
    }

    /// Appends an event of any type.
    pub async fn append_data(
        &mut self,
        room: &RoomKey,
        origin: Option<&ClientId>,
        name: &str,
        data: &PrivateJson,
    ) -> Result<u64> {
        let log = self.advance(room, data.get().len()).await?;
        self.insert(room, log.head, name, origin, None, data.clone())
            .await?;
        Ok(log.head)
    }

    /// Takes the next place in a room's log, and forgets what is too much to keep.
    async fn advance(&mut self, room: &RoomKey, bytes: usize) -> Result<Log> {
        let now = self.now();
        let mut log = self.rows.advance(room, bytes as u64, now).await?;
        if planted::is(Bug::OffsetReusedAfterRestart) && self.begun.insert(room.clone()) {
            log.head = log.head.saturating_sub(1).max(1);
        }
        if matches!(room.room, RoomId::Backend(_)) {
            // What backends need to hear is kept by its age alone.
            return Ok(log);
        }
        // A tenth of slack, so that not every event of a full log deletes one.
        let slack = self.retention.events / 10 + 1;
        let mut floor = log.floor;
        if log.head - log.floor > self.retention.events + slack {
            floor = log.head - self.retention.events;
        }
        if log.bytes > self.retention.bytes {
            let kept = log.head - log.floor;
            floor = floor.max(log.floor + kept.div_ceil(4));
        }
        if floor > log.floor {
            self.rows.trim(room, floor.min(log.head - 1)).await?;
        }
        Ok(log)
    }

    async fn insert(
        &mut self,
        room: &RoomKey,
        offset: u64,
        name: &str,
        origin: Option<&ClientId>,
        message: Option<&MessageId>,
        data: PrivateJson,
    ) -> Result<()> {
        let row = EventRow {
            offset,
            at: self.now(),
            name: name.to_owned(),
            origin: origin.cloned(),
            message_id: message.cloned(),
            data,
        };
        if planted::is(Bug::OffsetReusedAfterRestart)
            && self
                .rows
                .events_after(room, offset - 1, 1)
                .await?
                .first()
                .is_some_and(|there| there.offset == offset)
        {
            self.rows.set_event_data(room, offset, &row.data).await?;
        } else {
            self.rows.insert_event(room, &row).await?;
        }
        let frame = frame_of(room, &self.epoch, &row);
        self.committed.push(Committed::Event(CommittedEvent {
            room: room.clone(),
            offset,
            frame,
        }));
        Ok(())
    }

    /// Stores a message with its event and its place in the inbox. `message.id` is given here:
    /// ids sort in a room as offsets do, whatever the clock does.
    pub async fn insert_message<E: EventType>(
        &mut self,
        room: &RoomKey,
        mut message: Message,
        origin: Option<&ClientId>,
        external_id: Option<&str>,
        event: impl FnOnce(Message) -> E,
    ) -> Result<Message> {
        let bytes = message.body.len() + 256;
        let log = self.advance(room, bytes).await?;
        message.id = MessageId::new(self.stamped_id(log.stamp))?;
        message.sent_at = self.now();
        self.rows
            .insert_message(&room.tenant, &message, external_id)
            .await?;
        let data = PrivateJson::from_value(&event(message.clone()))?;
        self.insert(room, log.head, E::NAME, origin, Some(&message.id), data)
            .await?;
        self.touch_conversation(room, Some(&message)).await?;
        Ok(message)
    }

    /// Stores a notification with its event. `notification.id` and the time are given here.
    pub async fn insert_notification(
        &mut self,
        room: &RoomKey,
        mut notification: Notification,
    ) -> Result<Notification> {
        let data = notification
            .data
            .as_ref()
            .map_or(0, |data| data.get().len());
        let bytes = notification.title.len() + notification.message.len() + data + 256;
        let log = self.advance(room, bytes).await?;
        notification.id = NotificationId::new(self.stamped_id(log.stamp))?;
        notification.created_at = self.now();
        self.rows.insert_notification(room, &notification).await?;
        let data = PrivateJson::from_value(&notification::NewEvent {
            notification: notification.clone(),
        })?;
        let name = <notification::NewEvent as EventType>::NAME;
        self.insert(room, log.head, name, None, None, data).await?;
        Ok(notification)
    }

    /// A new id that sorts by its time.
    pub fn timed_id(&self, at: Timestamp) -> String {
        self.stamped_id(u64::try_from(at.as_millis()).unwrap_or_default())
    }

    /// Live rows are stored: subscribers are told once they are durable.
    pub fn tell_rows(&mut self, room: &RoomKey, rows: Vec<LiveRow>) {
        self.committed.push(Committed::Rows(CommittedRows {
            room: room.clone(),
            rows: rows.into(),
        }));
    }

    /// An id that sorts as its stamp does.
    fn stamped_id(&self, stamp: u64) -> String {
        let mut id = String::with_capacity(20);
        id.push_str(&stamp_text(stamp));
        id.push_str(&random_letters(&*self.env, 10));
        id
    }

    /// The floor for somebody who joins a circle now and may not read what was written before.
    pub async fn floor_now(&mut self, room: &RoomKey) -> Result<Floor> {
        let log = self.rows.log(room).await?;
        // One more than any id of the last stamp.
        Ok(Floor {
            offset: log.head,
            message: format!("{}~", stamp_text(log.stamp)),
        })
    }

    /// Moves a room up in the inbox of its members, and makes them members of its circle where
    /// the room's name is the circle.
    pub async fn touch_conversation(
        &mut self,
        room: &RoomKey,
        newest: Option<&Message>,
    ) -> Result<()> {
        let Some(circle) = Circle::of(&room.room) else {
            return Ok(());
        };
        if let Some((a, b)) = circle.pair()
            && !self.settled.contains(room)
        {
            for user in [a, b] {
                let row = MemberRow {
                    user: user.clone(),
                    floor: Floor::default(),
                };
                self.rows
                    .add_member(&room.tenant, circle.name(), &row)
                    .await?;
            }
            if self.settled.len() >= MAX_SETTLED {
                self.settled.clear();
            }
            self.settled.insert(room.clone());
        }
        let platform = match circle.thread() {
            Some(thread) => self
                .rows
                .thread(&room.tenant, thread)
                .await?
                .map(|row| row.platform),
            None => None,
        };
        let row = ConversationRow {
            room: room.clone(),
            platform: platform.unwrap_or_default(),
            last_message: newest.map(|message| message.id.clone()),
            updated_at: self.now(),
        };
        self.rows.put_conversation(&row, circle.name()).await
    }

    /// Empties a deleted message everywhere it is stored, the log included.
    pub async fn blank_message(
        &mut self,
        room: &RoomKey,
        message: &Message,
        origin: Option<&ClientId>,
    ) -> Result<()> {
        let now = self.now();
        self.rows
            .blank_message(&room.tenant, &message.id, now)
            .await?;
        let backend = RoomKey::new(&room.tenant, RoomId::Backend(room.tenant.clone()));
        for room in [room, &backend] {
            for event in self.rows.events_of_message(room, &message.id).await? {
                if planted::is(Bug::DeletedBodyReplayed) {
                    continue;
                }
                let data = blanked(&event.data, now)?;
                self.rows.set_event_data(room, event.offset, &data).await?;
            }
        }
        let event = DeletedEvent {
            room_id: room.room.clone(),
            message_id: message.id.clone(),
        };
        self.append(room, origin, &event).await?;
        Ok(())
    }

    /// What a repeated command is answered with; `None` for one that is new. The same key under
    /// another command is refused.
    pub async fn replayed(
        &mut self,
        user: &UserKey,
        key: Option<&Key>,
        name: &str,
    ) -> Result<Option<String>> {
        let Some(key) = key else { return Ok(None) };
        if planted::is(Bug::NoDeduplication) {
            return Ok(None);
        }
        if planted::is(Bug::KeysNotDurable) {
            return Ok(self
                .volatile_keys
                .get(&(user.clone(), key.clone()))
                .cloned());
        }
        match self.rows.key(user, key).await? {
            None => Ok(None),
            Some(row) if row.name != name && planted::is(Bug::KeyForTwoCommands) => Ok(None),
            Some(row) if row.name == name => Ok(Some(row.reply)),
            Some(_) => Err(Error::Refused(ErrorReply::invalid(
                "key",
                "key was used for another command",
            ))),
        }
    }

    /// Stores that a command has taken effect, in the transaction of that effect.
    pub async fn remember(
        &mut self,
        user: &UserKey,
        key: Option<&Key>,
        name: &str,
        reply: String,
    ) -> Result<()> {
        let Some(key) = key else { return Ok(()) };
        if planted::is(Bug::NoDeduplication) {
            return Ok(());
        }
        if planted::is(Bug::KeysNotDurable) {
            self.volatile_keys
                .insert((user.clone(), key.clone()), reply);
            return Ok(());
        }
        if planted::is(Bug::KeyForTwoCommands) && self.rows.key(user, key).await?.is_some() {
            return Ok(());
        }
        let now = self.now();
        self.rows
            .insert_key(
                user,
                key,
                &KeyRow {
                    name: name.to_owned(),
                    reply,
                },
                now,
            )
            .await
    }
}

/// An event of the log as it travels.
pub fn frame_of(room: &RoomKey, epoch: &Epoch, row: &EventRow) -> Frame {
    let head = EventHead {
        name: &row.name,
        room: Some(&room.room),
        epoch: Some(epoch),
        offset: Some(row.offset),
        origin: row.origin.as_ref(),
        timestamp: row.at,
    };
    Frame::text(&encode_event(&head, &row.data))
}

/// 48 bits of a stamp as 10 letters that sort as the numbers do.
fn stamp_text(stamp: u64) -> String {
    (0..10)
        .rev()
        .map(|place| letter((stamp >> (place * 5)) as u8))
        .collect()
}

/// A stored event about a message, without what the message said.
fn blanked(data: &PrivateJson, at: Timestamp) -> Result<PrivateJson> {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Shown {
        message: Message,
        #[serde(skip_serializing_if = "Option::is_none")]
        conversation: Option<Conversation>,
    }
    let mut shown: Shown = data.to()?;
    if let Some(conversation) = &mut shown.conversation {
        conversation.last_message = conversation
            .last_message
            .take()
            .map(|message| deleted(message, at));
    }
    shown.message = deleted(shown.message, at);
    Ok(PrivateJson::from_value(&shown)?)
}

/// A message as it is shown after its deletion.
pub fn deleted(message: Message, at: Timestamp) -> Message {
    Message {
        body: String::new().into(),
        attachments: Vec::new(),
        metadata: None,
        deleted_at: message.deleted_at.or(Some(at)),
        reactions: std::collections::BTreeMap::new(),
        ..message
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stamps_sort_as_numbers(a in 0u64..(1 << 50), b in 0u64..(1 << 50)) {
            prop_assert_eq!(stamp_text(a).cmp(&stamp_text(b)), a.cmp(&b));
        }
    }
}
