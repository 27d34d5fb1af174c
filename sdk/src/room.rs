//! Being in a room.

use crate::{Client, EventStream, RequestError};
use carewire_protocol::{
    ErrorReply, PrivateJson, RoomId, UserId,
    room::{self, JoinReply, Participant, Receipts, Snapshot},
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

/// A room that was joined. It is left when its last handle, of any clone or join, is dropped.
///
/// ```no_run
/// # async fn example(client: carewire::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use carewire::RoomId;
///
/// let room = client.join(RoomId::chat("dr-lee", "ana")?).snapshot().await?;
/// let mut events = room.events();
/// room.send("Hello").await?;
/// while let Some(event) = events.next().await {
///     if let Some(message) = event.new_message() {
///         room.mark_read(message.id.clone()).await?;
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Room {
    inner: Arc<Inner>,
}

struct Inner {
    membership: Membership,
    joined: JoinReply,
    /// Begins with the join, so that nothing falls between joining and listening.
    first: Mutex<Option<EventStream>>,
}

/// One handle's share in being there.
pub(crate) struct Membership {
    pub(crate) client: Client,
    pub(crate) id: RoomId,
}

impl Membership {
    pub(crate) fn of(client: &Client, id: &RoomId) -> Self {
        client.hold_room(id);
        Self {
            client: client.clone(),
            id: id.clone(),
        }
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        if self.client.let_room_go(&self.id) {
            self.client.send_and_forget(&room::Leave {
                room_id: self.id.clone(),
            });
        }
    }
}

/// Joins a room when awaited; see [`Client::join`].
#[must_use = "nothing is joined until this is awaited"]
pub struct Join {
    client: Client,
    id: RoomId,
    snapshot: bool,
}

impl Client {
    /// Joins a room. Joining is reading: its events follow until the last handle is dropped.
    /// After a reconnect the client is there again, and what was missed is replayed.
    ///
    /// Waits for a connection.
    pub fn join(&self, room: RoomId) -> Join {
        Join {
            client: self.clone(),
            id: room,
            snapshot: false,
        }
    }
}

impl Join {
    /// With the state of the room, as of exactly the moment from which its events follow.
    pub fn snapshot(mut self) -> Self {
        self.snapshot = true;
        self
    }
}

impl IntoFuture for Join {
    type Output = Result<Room, RequestError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self {
                client,
                id,
                snapshot,
            } = self;
            let first = client.events_in(id.clone());
            let membership = Membership::of(&client, &id);
            let join = room::Join {
                snapshot: snapshot.then_some(true),
                ..room::Join::fresh(id)
            };
            let joined = client.request(join).await?;
            let first = Mutex::new(Some(first));
            Ok(Room {
                inner: Arc::new(Inner {
                    membership,
                    joined,
                    first,
                }),
            })
        })
    }
}

impl Room {
    /// The room.
    pub fn id(&self) -> &RoomId {
        &self.inner.membership.id
    }

    /// The client it was joined with.
    pub fn client(&self) -> &Client {
        &self.inner.membership.client
    }

    /// What the server said when the room was joined.
    pub fn joined(&self) -> &JoinReply {
        &self.inner.joined
    }

    /// The state of the room when it was joined, where it was asked for.
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.inner.joined.snapshot.as_ref()
    }

    /// How far the members had received and read when the room was joined.
    pub fn receipts(&self) -> &BTreeMap<UserId, Receipts> {
        &self.inner.joined.receipts
    }

    /// What happens in the room, and to the connection. The first stream begins with the join, so
    /// nothing falls between joining and listening; further ones begin now.
    pub fn events(&self) -> EventStream {
        let first = self
            .inner
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        first.unwrap_or_else(|| self.client().events_in(self.id().clone()))
    }

    /// Who is there now, in the order of their ids.
    pub async fn participants(&self) -> Result<Vec<Participant>, RequestError> {
        let mut all = Vec::new();
        let mut cursor = None;
        loop {
            let ask = room::Participants {
                room_id: self.id().clone(),
                cursor,
            };
            let page = self.client().request(ask).await?;
            all.extend(page.participants);
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }

    /// Loads the state of the room anew, as of exactly the position from which its events follow:
    /// what to do after [`Event::Resynced`](crate::Event::Resynced).
    pub async fn reload(&self) -> Result<JoinReply, RequestError> {
        let join = room::Join {
            snapshot: Some(true),
            ..room::Join::fresh(self.id().clone())
        };
        self.client().request(join).await
    }

    /// Publishes an event of the application's own to whoever is there now. Fails with
    /// [`RequestError::Offline`] without a connection.
    pub async fn publish(
        &self,
        event: impl Into<String>,
        payload: &impl Serialize,
    ) -> Result<(), RequestError> {
        self.publish_as(event.into(), payload, false)
            .await
            .map(drop)
    }

    /// Publishes an event of the application's own that is kept and replayed. Queued while there
    /// is no connection. Returns its offset.
    pub async fn publish_retained(
        &self,
        event: impl Into<String>,
        payload: &impl Serialize,
    ) -> Result<Option<u64>, RequestError> {
        self.publish_as(event.into(), payload, true).await
    }

    async fn publish_as(
        &self,
        event: String,
        payload: &impl Serialize,
        retain: bool,
    ) -> Result<Option<u64>, RequestError> {
        let payload = json("payload", payload)?;
        let retain = retain.then_some(true);
        let publish = room::Publish {
            room_id: self.id().clone(),
            event,
            payload,
            retain,
        };
        Ok(self.client().request(publish).await?.offset)
    }
}

/// Any JSON of the application, for a field of a command.
pub(crate) fn json(field: &str, value: &impl Serialize) -> Result<PrivateJson, ErrorReply> {
    PrivateJson::from_value(value).map_err(|error| ErrorReply::invalid(field, error.to_string()))
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room")
            .field("id", self.id())
            .finish_non_exhaustive()
    }
}
