//! Rooms that an application names itself.

use crate::{
    Client, EventStream, RequestError, Typed,
    room::{Membership, json},
};
use carewire_protocol::{
    EventData, RoomId,
    channel::{self, Event as Wire, PublishedEvent},
    room::JoinReply,
};
use serde::Serialize;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// A channel that was subscribed to, until its last handle is dropped. From [`Client::channel`].
///
/// ```no_run
/// # async fn example(client: carewire::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use carewire::ChannelEvent;
///
/// let beds = client.channel("wards:beds:icu".parse()?).await?;
/// let mut events = beds.events();
/// beds.publish("freed", &7).await?; // staff, admins and services
/// while let Some(event) = events.next().await {
///     if let ChannelEvent::Published(event) = event {
///         println!("{}: {}", event.event, event.payload.get());
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Channel {
    inner: Arc<Inner>,
}

struct Inner {
    membership: Membership,
    joined: JoinReply,
    first: Mutex<Option<EventStream>>,
}

/// What happens in a channel.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ChannelEvent {
    /// Somebody published, oneself included.
    Published(PublishedEvent),
    /// Something was missed and will not come.
    Missed,
}

impl Client {
    /// Subscribes to a channel. After a reconnect the client is there again, and what was missed
    /// is replayed.
    pub async fn channel(&self, channel: RoomId) -> Result<Channel, RequestError> {
        let first = Mutex::new(Some(self.events_in(channel.clone())));
        let membership = Membership::of(self, &channel);
        let subscribe = channel::Subscribe {
            channel,
            epoch: None,
            offset: None,
        };
        let joined = self.request(subscribe).await?;
        Ok(Channel {
            inner: Arc::new(Inner {
                membership,
                joined,
                first,
            }),
        })
    }
}

impl Channel {
    /// The channel.
    pub fn id(&self) -> &RoomId {
        &self.inner.membership.id
    }

    /// What the server said when it was subscribed to.
    pub fn joined(&self) -> &JoinReply {
        &self.inner.joined
    }

    /// Publishes. Queued while there is no connection.
    pub async fn publish(
        &self,
        event: impl Into<String>,
        payload: &impl Serialize,
    ) -> Result<(), RequestError> {
        let publish = channel::Publish {
            channel: self.id().clone(),
            event: event.into(),
            payload: json("payload", payload)?,
        };
        let client = &self.inner.membership.client;
        client.request(publish).await.map(drop)
    }

    /// What happens there. The first stream begins with the subscription, further ones begin now.
    pub fn events(&self) -> Typed<ChannelEvent> {
        let first = &self.inner.first;
        let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
        let client = &self.inner.membership.client;
        let events = first.unwrap_or_else(|| client.events_in(self.id().clone()));
        Typed::new(events, |event| {
            if event.is_loss() {
                return Some(ChannelEvent::Missed);
            }
            match event.data() {
                Some(EventData::Channel(Wire::Published(event))) => {
                    Some(ChannelEvent::Published(event.clone()))
                }
                _ => None,
            }
        })
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("id", self.id())
            .finish_non_exhaustive()
    }
}
