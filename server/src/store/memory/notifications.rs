//! Notifications, in memory.

use super::{connection::MemoryRows, data::Data};
use crate::{
    error::Result,
    keys::{RoomKey, UserKey},
    store::rows::{NotificationPage, NotificationRows},
};
use async_trait::async_trait;
use carewire_protocol::{
    NotificationId, RoomId, TenantId, Timestamp, TopicName, UserId, notification::Notification,
};
use std::sync::Arc;

/// A time in which a user followed a topic, as the ids of its notifications.
#[derive(Debug, Clone)]
pub(super) struct Following {
    pub(super) from: String,
    pub(super) to: Option<String>,
}

impl Following {
    fn covers(&self, id: &NotificationId) -> bool {
        id.as_str() > self.from.as_str()
            && self.to.as_ref().is_none_or(|to| id.as_str() <= to.as_str())
    }
}

impl Data {
    /// A user's notifications, the newest first.
    fn notifications_of<'a>(
        &'a self,
        user: &'a UserKey,
    ) -> impl Iterator<Item = Notification> + use<'a> {
        let own = RoomKey::new(&user.tenant, RoomId::Notifications(user.user.clone()));
        let tenant = user.tenant.clone();
        self.notifications
            .iter()
            .rev()
            .filter(move |((of, _), (room, row))| {
                *of == tenant
                    && (*room == own
                        || row.topic.as_ref().is_some_and(|topic| {
                            let times = self.followings.get(&(user.clone(), topic.clone()));
                            times.is_some_and(|times| times.iter().any(|time| time.covers(&row.id)))
                        }))
            })
            .map(move |((_, id), (_, row))| Notification {
                read_at: self.reads.get(&(user.clone(), id.clone())).copied(),
                ..row.clone()
            })
    }
}

#[async_trait]
impl NotificationRows for MemoryRows {
    async fn insert_notification(&mut self, room: &RoomKey, row: &Notification) -> Result<()> {
        let key = (room.tenant.clone(), row.id.clone());
        let row = (room.clone(), row.clone());
        self.change(|tables| {
            Arc::make_mut(&mut tables.notifications).insert(key, row);
        })
        .await
    }

    async fn notifications(
        &mut self,
        user: &UserKey,
        page: &NotificationPage,
    ) -> Result<Vec<Notification>> {
        let tables = self.tables().await?;
        let wanted = tables.notifications_of(user).filter(|row| {
            page.before.as_ref().is_none_or(|before| row.id < *before)
                && !(page.unread_only && row.read_at.is_some())
        });
        Ok(wanted.take(page.limit as usize).collect())
    }

    async fn unread_notifications(&mut self, user: &UserKey) -> Result<u64> {
        let tables = self.tables().await?;
        let unread = tables
            .notifications_of(user)
            .filter(|row| row.read_at.is_none());
        Ok(unread.count() as u64)
    }

    async fn read_notification(
        &mut self,
        user: &UserKey,
        id: &NotificationId,
        at: Timestamp,
    ) -> Result<Option<bool>> {
        self.change(|tables| {
            let row = tables.notifications_of(user).find(|row| row.id == *id)?;
            let unread = row.read_at.is_none();
            if unread {
                Arc::make_mut(&mut tables.reads).insert((user.clone(), id.clone()), at);
            }
            Some(unread)
        })
        .await
    }

    async fn read_notifications(
        &mut self,
        user: &UserKey,
        up_to: Option<&NotificationId>,
        at: Timestamp,
    ) -> Result<Vec<NotificationId>> {
        self.change(|tables| {
            let mut ids: Vec<NotificationId> = tables
                .notifications_of(user)
                .filter(|row| row.read_at.is_none())
                .map(|row| row.id)
                .filter(|id| up_to.is_none_or(|up_to| id <= up_to))
                .collect();
            ids.sort();
            let reads = Arc::make_mut(&mut tables.reads);
            for id in &ids {
                reads.insert((user.clone(), id.clone()), at);
            }
            ids
        })
        .await
    }

    async fn topics(&mut self, user: &UserKey) -> Result<Vec<TopicName>> {
        let tables = self.tables().await?;
        let mine = tables
            .followings
            .iter()
            .filter(|((who, _), times)| who == user && times.iter().any(|time| time.to.is_none()));
        Ok(mine.map(|((_, topic), _)| topic.clone()).collect())
    }

    async fn followers(&mut self, tenant: &TenantId, topic: &TopicName) -> Result<Vec<UserId>> {
        let tables = self.tables().await?;
        let all = tables.followings.iter().filter(|((who, which), times)| {
            who.tenant == *tenant && which == topic && times.iter().any(|time| time.to.is_none())
        });
        Ok(all.map(|((who, _), _)| who.user.clone()).collect())
    }

    async fn follow_topic(&mut self, user: &UserKey, topic: &TopicName, from: &str) -> Result<()> {
        let key = (user.clone(), topic.clone());
        self.change(|tables| {
            let times = Arc::make_mut(&mut tables.followings)
                .entry(key)
                .or_default();
            if times.iter().any(|time| time.to.is_none()) {
                return;
            }
            match times.iter_mut().find(|time| time.from == from) {
                Some(time) => time.to = None,
                None => times.push(Following {
                    from: from.to_owned(),
                    to: None,
                }),
            }
        })
        .await
    }

    async fn unfollow_topic(&mut self, user: &UserKey, topic: &TopicName, to: &str) -> Result<()> {
        let key = (user.clone(), topic.clone());
        self.change(|tables| {
            let followings = Arc::make_mut(&mut tables.followings);
            for time in followings.get_mut(&key).into_iter().flatten() {
                time.to.get_or_insert_with(|| to.to_owned());
            }
        })
        .await
    }
}
