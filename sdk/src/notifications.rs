//! Notifications to people and topics.

use crate::{Client, RequestError, Typed};
use carewire_protocol::{
    EventData, NotificationId, RoomId, TopicName,
    notification::{
        self, Event as Wire, List, ListReply, Notification, ReadEvent, SubscribedEvent,
        UnsubscribedEvent,
    },
};

/// One's notifications. From [`Client::notifications`].
///
/// ```no_run
/// # async fn example(client: carewire::Client) -> Result<(), carewire::RequestError> {
/// use carewire::NotificationEvent;
///
/// let notifications = client.notifications();
/// let mut events = notifications.events();
/// println!("{} unread", notifications.unread_count().await?);
/// while let Some(event) = events.next().await {
///     if let NotificationEvent::New(new) = event {
///         println!("{}: {}", new.priority, &*new.title);
///         notifications.mark_read(new.id).await?;
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Notifications {
    client: Client,
}

/// What happens to one's notifications.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NotificationEvent {
    /// A notification, to oneself or to a topic of one's own.
    New(Notification),
    /// One of one's devices marked notifications as read.
    Read(ReadEvent),
    /// One is subscribed to topics from now on.
    Subscribed(SubscribedEvent),
    /// One is no longer.
    Unsubscribed(UnsubscribedEvent),
    /// Some were missed and will not come: list them again.
    Reload,
}

impl Client {
    /// Notifications to oneself and to one's topics.
    pub fn notifications(&self) -> Notifications {
        Notifications {
            client: self.clone(),
        }
    }
}

impl Notifications {
    /// One page, the newest first.
    pub async fn list(&self, list: List) -> Result<ListReply, RequestError> {
        let page = self.client.request(list).await?;
        if let Some(newest) = page.notifications.first() {
            self.client.note_shown(newest);
        }
        Ok(page)
    }

    /// All that are unread, the newest first.
    pub async fn unread(&self) -> Result<Vec<Notification>, RequestError> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let list = List {
                unread_only: Some(true),
                cursor,
                ..List::default()
            };
            let page = self.list(list).await?;
            all.extend(page.notifications);
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }

    /// How many are unread, on all devices.
    pub async fn unread_count(&self) -> Result<u64, RequestError> {
        let asked = notification::GetUnreadCount {};
        Ok(self.client.request(asked).await?.unread_count)
    }

    /// The person has read one.
    pub async fn mark_read(&self, notification_id: NotificationId) -> Result<(), RequestError> {
        let read = notification::Read { notification_id };
        self.client.request(read).await.map(drop)
    }

    /// The person has read all that this client has shown; one that arrives meanwhile stays
    /// unread. Says how many were unread before.
    pub async fn mark_all_read(&self) -> Result<u64, RequestError> {
        let up_to = self.client.newest_shown();
        let read = notification::ReadAll { up_to };
        Ok(self.client.request(read).await?.marked_count)
    }

    /// Subscribes the user to topics, on all devices and for the future.
    pub async fn subscribe(
        &self,
        topics: impl IntoIterator<Item = TopicName>,
    ) -> Result<(), RequestError> {
        let topics = topics.into_iter().collect();
        let subscribe = notification::Subscribe { topics };
        self.client.request(subscribe).await.map(drop)
    }

    /// Ends such subscriptions.
    pub async fn unsubscribe(
        &self,
        topics: impl IntoIterator<Item = TopicName>,
    ) -> Result<(), RequestError> {
        let topics = topics.into_iter().collect();
        let unsubscribe = notification::Unsubscribe { topics };
        self.client.request(unsubscribe).await.map(drop)
    }

    /// What happens to one's notifications from now on.
    pub fn events(&self) -> Typed<NotificationEvent> {
        let client = self.client.downgrade();
        Typed::new(self.client.events(), move |event| {
            if event.is_loss() {
                let here = event
                    .room()
                    .is_none_or(|room| matches!(room, RoomId::Notifications(_) | RoomId::Topic(_)));
                return here.then_some(NotificationEvent::Reload);
            }
            let Some(EventData::Notification(event)) = event.data() else {
                return None;
            };
            Some(match event {
                Wire::New(new) => {
                    if let Some(client) = client.upgrade() {
                        client.note_shown(&new.notification);
                    }
                    NotificationEvent::New(new.notification.clone())
                }
                Wire::Read(read) => NotificationEvent::Read(read.clone()),
                Wire::Subscribed(topics) => NotificationEvent::Subscribed(topics.clone()),
                Wire::Unsubscribed(topics) => NotificationEvent::Unsubscribed(topics.clone()),
            })
        })
    }
}
