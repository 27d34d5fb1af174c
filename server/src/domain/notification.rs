//! Notifications to people and topics: stored once, read on all devices.

use super::{directory, room};
use crate::{
    core::{Caller, require},
    error::{Error, Result},
    hub::Audience,
    keys::{RoomKey, UserKey},
    policy::Action,
    store::{NotificationPage, Rows, Tx},
};
use carewire_protocol::{
    Command, ErrorReply, EventType, NotificationId, RoomId, Timestamp, TopicName, UserId,
    backend::{PostNotification, PostNotificationReply, PushKind, PushWantedEvent},
    limits::{MAX_LIST, MAX_PAYLOAD_BYTES, check_page},
    notification::{
        List, ListReply, Notification, Priority, Read, ReadAll, ReadAllReply, ReadEvent, Subscribe,
        SubscribedEvent, UnreadCountReply, Unsubscribe, UnsubscribedEvent,
    },
    room::LeftReason,
    session::Empty,
};
use std::sync::Arc;

/// What a page may take of a frame: the rest is for the envelope.
const MAX_PAGE_BYTES: usize = MAX_PAYLOAD_BYTES - 1024;

/// `notification:list`. A page ends early where it would not fit into a frame.
pub async fn list(caller: &Caller, command: List) -> Result<ListReply> {
    let limit = check_page(command.limit)?;
    let before = command.cursor.as_deref().map(parse_cursor).transpose()?;
    let page = NotificationPage {
        unread_only: command.unread_only == Some(true),
        before,
        limit: limit + 1,
    };
    let mut rows = caller.core.store.read().await?;
    let mut notifications = rows.notifications(&caller.identity.key(), &page).await?;
    rows.close().await?;
    let fitting = fitting(&notifications)?.min(limit as usize);
    let more = fitting < notifications.len();
    notifications.truncate(fitting);
    let last = notifications.last().filter(|_| more);
    Ok(ListReply {
        cursor: last.map(|last| last.id.to_string()),
        notifications,
    })
}

/// A cursor is the id of the last notification of a page.
fn parse_cursor(text: &str) -> Result<NotificationId> {
    NotificationId::new(text).map_err(|_| {
        Error::Refused(ErrorReply::invalid(
            "cursor",
            "cursor is not one of this list",
        ))
    })
}

/// How many fit into a frame; at least one.
fn fitting(notifications: &[Notification]) -> Result<usize> {
    let mut bytes = 0;
    for (count, notification) in notifications.iter().enumerate() {
        bytes += serde_json::to_string(notification)?.len() + 1;
        if bytes > MAX_PAGE_BYTES {
            return Ok(count.max(1));
        }
    }
    Ok(notifications.len())
}

/// `notification:getUnreadCount`.
pub async fn unread_count(caller: &Caller) -> Result<UnreadCountReply> {
    let mut rows = caller.core.store.read().await?;
    let unread_count = rows.unread_notifications(&caller.identity.key()).await?;
    rows.close().await?;
    Ok(UnreadCountReply { unread_count })
}

/// `notification:read`.
pub async fn read(caller: &Caller, command: Read) -> Result<Empty> {
    let user = caller.identity.key();
    let key = caller.key.clone();
    let id = command.notification_id;
    let (reader, ids) = (user.clone(), vec![id.clone()]);
    let unread = caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                if tx
                    .replayed(&reader, key.as_ref(), Read::NAME)
                    .await?
                    .is_some()
                {
                    return Ok(None);
                }
                let now = tx.now();
                match tx.rows().read_notification(&reader, &id, now).await? {
                    None => return Err(Error::Refused(unknown())),
                    Some(false) => return Ok(None),
                    Some(true) => {}
                }
                tx.remember(&reader, key.as_ref(), Read::NAME, "{}".to_owned())
                    .await?;
                tx.rows().unread_notifications(&reader).await.map(Some)
            })
        })
        .await?;
    if let Some(unread_count) = unread {
        tell_read(caller, &user, ids, unread_count);
    }
    Ok(Empty {})
}

fn unknown() -> ErrorReply {
    ErrorReply::invalid("notificationId", "No such notification")
}

/// `notification:readAll`.
pub async fn read_all(caller: &Caller, command: ReadAll) -> Result<ReadAllReply> {
    let user = caller.identity.key();
    let key = caller.key.clone();
    let reader = user.clone();
    let (reply, ids, unread_count) = caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                let name = ReadAll::NAME;
                if let Some(reply) = tx.replayed(&reader, key.as_ref(), name).await? {
                    return Ok((serde_json::from_str(&reply)?, Vec::new(), 0));
                }
                let now = tx.now();
                let rows = tx.rows();
                let ids = rows
                    .read_notifications(&reader, command.up_to.as_ref(), now)
                    .await?;
                let unread_count = rows.unread_notifications(&reader).await?;
                let reply = ReadAllReply {
                    marked_count: ids.len() as u64,
                };
                let stored = serde_json::to_string(&reply)?;
                tx.remember(&reader, key.as_ref(), name, stored).await?;
                Ok((reply, ids, unread_count))
            })
        })
        .await?;
    for ids in ids.chunks(MAX_LIST) {
        tell_read(caller, &user, ids.to_vec(), unread_count);
    }
    Ok(reply)
}

fn tell_read(caller: &Caller, user: &UserKey, ids: Vec<NotificationId>, unread_count: u64) {
    let event = ReadEvent {
        notification_ids: ids,
        unread_count,
    };
    let core = &caller.core;
    core.tell_user(user, caller.origin(), &event, Audience::Everyone);
}

/// `notification:subscribe`: for the user, on all devices and for the future.
pub async fn subscribe(caller: &Caller, command: Subscribe) -> Result<Empty> {
    let user = caller.identity.key();
    for topic in &command.topics {
        may_follow(caller, topic).await?;
    }
    let (follower, topics) = (user.clone(), command.topics.clone());
    caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                for topic in &topics {
                    let from = end_of_topic(tx, &follower, topic).await?;
                    tx.rows().follow_topic(&follower, topic, &from).await?;
                }
                Ok(())
            })
        })
        .await?;
    for topic in &command.topics {
        for connection in caller.core.hub.connections_of(&user) {
            let room = RoomId::Topic(topic.clone());
            if let Err(error) = room::join_by_server(&caller.core, &connection, &room).await {
                // Too many rooms: the notifications are in the list all the same.
                tracing::debug!(%error, connection = %connection.id, "no room for a topic");
            }
        }
    }
    let event = SubscribedEvent {
        topics: command.topics,
    };
    tell_own(caller, &user, &event);
    Ok(Empty {})
}

/// Whoever follows a topic is joined to its room whenever they connect, and may list what it gave.
async fn may_follow(caller: &Caller, topic: &TopicName) -> Result<()> {
    let key = caller.room(&RoomId::Topic(topic.clone()));
    if caller.preauthorise(Action::Join, &key.room).await? {
        return Ok(());
    }
    let mut rows = caller.core.store.read().await?;
    let options = &caller.core.config.policy;
    require(&mut *rows, &caller.identity, Action::Join, &key, options).await?;
    rows.close().await
}

/// `notification:unsubscribe`.
pub async fn unsubscribe(caller: &Caller, command: Unsubscribe) -> Result<Empty> {
    let user = caller.identity.key();
    let (follower, topics) = (user.clone(), command.topics.clone());
    caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                for topic in &topics {
                    let to = end_of_topic(tx, &follower, topic).await?;
                    tx.rows().unfollow_topic(&follower, topic, &to).await?;
                }
                Ok(())
            })
        })
        .await?;
    for topic in &command.topics {
        for connection in caller.core.hub.connections_of(&user) {
            let room = RoomId::Topic(topic.clone());
            room::remove_by_server(&caller.core, &connection, &room, &LeftReason::Server);
        }
    }
    let event = UnsubscribedEvent {
        topics: command.topics,
    };
    tell_own(caller, &user, &event);
    Ok(Empty {})
}

fn tell_own<E: EventType>(caller: &Caller, user: &UserKey, event: &E) {
    let core = &caller.core;
    core.tell_user(user, caller.origin(), event, Audience::Everyone);
}

/// A text after every id that the topic has given so far.
async fn end_of_topic(tx: &mut Tx, user: &UserKey, topic: &TopicName) -> Result<String> {
    let room = RoomKey::new(&user.tenant, RoomId::Topic(topic.clone()));
    Ok(tx.floor_now(&room).await?.message)
}

/// The rooms of the topics that a user follows.
pub async fn topic_rooms(rows: &mut dyn Rows, user: &UserKey) -> Result<Vec<RoomId>> {
    let topics = rows.topics(user).await?;
    Ok(topics.into_iter().map(RoomId::Topic).collect())
}

/// `POST /v1/notifications`.
pub async fn post(caller: &Caller, body: PostNotification) -> Result<PostNotificationReply> {
    let sender = caller.identity.key();
    let key = caller.key.clone();
    let core = Arc::clone(&caller.core);
    let connected = directory::connected_now(&core);
    core.write(move |tx| {
        Box::pin(async move {
            let name = "POST /v1/notifications";
            if let Some(reply) = tx.replayed(&sender, key.as_ref(), name).await? {
                return Ok(serde_json::from_str(&reply)?);
            }
            let to = match (&body.user_id, &body.topic) {
                (Some(user), _) => RoomId::Notifications(user.clone()),
                (None, Some(topic)) => RoomId::Topic(topic.clone()),
                (None, None) => return Err(Error::Refused(ErrorReply::internal())),
            };
            let mut people: Vec<UserId> = match (&body.user_id, &body.topic) {
                (None, Some(topic)) => tx.rows().followers(&sender.tenant, topic).await?,
                (user, _) => user.iter().cloned().collect(),
            };
            people.retain(|user| !connected.has(&UserKey::new(&sender.tenant, user)));
            let room = RoomKey::new(&sender.tenant, to);
            let stored = tx.insert_notification(&room, draft(body)?).await?;
            if !people.is_empty() {
                let wanted = PushWantedEvent {
                    user_ids: people,
                    kind: PushKind::Notification,
                    id: stored.id.to_string(),
                    priority: stored.priority,
                };
                let backend = RoomId::Backend(sender.tenant.clone());
                let backend = RoomKey::new(&sender.tenant, backend);
                tx.append(&backend, None, &wanted).await?;
            }
            let reply = PostNotificationReply {
                notification_id: stored.id,
            };
            let stored = serde_json::to_string(&reply)?;
            tx.remember(&sender, key.as_ref(), name, stored).await?;
            Ok(reply)
        })
    })
    .await
}

/// A notification whose id and time are given when it is stored.
fn draft(body: PostNotification) -> Result<Notification> {
    Ok(Notification {
        id: NotificationId::new("-")?,
        kind: body.kind,
        title: body.title,
        message: body.message,
        priority: body.priority.unwrap_or(Priority::Normal),
        topic: body.topic,
        data: body.data,
        created_at: Timestamp::from_millis(0),
        read_at: None,
    })
}
