//! Messages of a room.

use crate::{RequestError, Room};
use carewire_protocol::{
    Key, MessageId, PrivateText,
    message::{self, HistoryReply, Message},
};
use std::{
    future::{Future, IntoFuture},
    pin::Pin,
};

impl Room {
    /// Sends a text. It is durable when this returns; without a connection it waits in the queue.
    pub async fn send(&self, body: impl Into<PrivateText>) -> Result<Message, RequestError> {
        self.send_message(message::Send::text(self.id().clone(), body))
            .await
    }

    /// Sends a message with all it can have: attachments, the message it answers, metadata.
    pub async fn send_message(&self, message: message::Send) -> Result<Message, RequestError> {
        Ok(self.client().request(message).await?.message)
    }

    /// Sends a message with a key of the application's own, for an application that stores its
    /// queue: the same key again sends nothing again.
    pub async fn send_with_key(
        &self,
        message: message::Send,
        key: Key,
    ) -> Result<Message, RequestError> {
        Ok(self.client().request_with_key(message, key).await?.message)
    }

    /// Replaces the body of one's own message.
    pub async fn edit(
        &self,
        message_id: MessageId,
        body: impl Into<PrivateText>,
    ) -> Result<(), RequestError> {
        let edit = message::Edit {
            message_id,
            body: body.into(),
        };
        self.client().request(edit).await.map(drop)
    }

    /// Deletes a message.
    pub async fn delete(&self, message_id: MessageId) -> Result<(), RequestError> {
        self.client()
            .request(message::Delete { message_id })
            .await
            .map(drop)
    }

    /// Adds one's reaction to a message.
    pub async fn react(
        &self,
        message_id: MessageId,
        emoji: impl Into<String>,
    ) -> Result<(), RequestError> {
        let react = message::React {
            message_id,
            emoji: emoji.into(),
        };
        self.client().request(react).await.map(drop)
    }

    /// Takes one's reaction back.
    pub async fn unreact(
        &self,
        message_id: MessageId,
        emoji: impl Into<String>,
    ) -> Result<(), RequestError> {
        let unreact = message::Unreact {
            message_id,
            emoji: emoji.into(),
        };
        self.client().request(unreact).await.map(drop)
    }

    /// The person has read everything up to this message. That it was *received* the client says
    /// by itself.
    pub async fn mark_read(&self, message_id: MessageId) -> Result<(), RequestError> {
        let read = message::Read {
            room_id: self.id().clone(),
            message_id,
        };
        self.client().request(read).await.map(drop)
    }

    /// Older messages: the newest fifty, unless something else is asked for.
    ///
    /// ```no_run
    /// # async fn example(room: carewire::Room) -> Result<(), carewire::RequestError> {
    /// let newest = room.history().await?;
    /// if let Some(oldest) = newest.messages.first() {
    ///     let older = room.history().before(oldest.id.clone()).limit(20).await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn history(&self) -> History {
        History {
            room: self.clone(),
            query: message::History::newest(self.id().clone()),
        }
    }
}

/// A page of messages, when awaited; see [`Room::history`].
#[must_use = "nothing is asked for until this is awaited"]
#[derive(Debug)]
pub struct History {
    room: Room,
    query: message::History,
}

impl History {
    /// The newest of the messages before this one.
    pub fn before(mut self, id: MessageId) -> Self {
        self.query.before = Some(id);
        self
    }

    /// The oldest of the messages after this one.
    pub fn after(mut self, id: MessageId) -> Self {
        self.query.after = Some(id);
        self
    }

    /// Only answers to this message.
    pub fn replies_to(mut self, id: MessageId) -> Self {
        self.query.reply_to = Some(id);
        self
    }

    /// At most so many: 1 to 100.
    pub fn limit(mut self, limit: u32) -> Self {
        self.query.limit = Some(limit);
        self
    }
}

impl IntoFuture for History {
    type Output = Result<HistoryReply, RequestError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.room.client().request(self.query).await })
    }
}
