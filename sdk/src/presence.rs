//! Who is there.

use crate::{Client, EventStream, RequestError};
use carewire_protocol::{
    EventData, PrivateText, UserId,
    presence::{self, Presence, PresenceStatus},
};
use std::collections::{BTreeSet, VecDeque};

/// Presence: one's own status, and that of others. From [`Client::presence`].
#[derive(Debug, Clone)]
pub struct PresenceApi {
    client: Client,
}

impl Client {
    /// Presence: one's own status, and that of others.
    pub fn presence(&self) -> PresenceApi {
        PresenceApi {
            client: self.clone(),
        }
    }
}

impl PresenceApi {
    /// Asks once.
    pub async fn get(
        &self,
        people: impl IntoIterator<Item = UserId>,
    ) -> Result<Vec<Presence>, RequestError> {
        let user_ids = people.into_iter().collect();
        Ok(self
            .client
            .request(presence::Get { user_ids })
            .await?
            .presences)
    }

    /// Sets one's own status on all devices, with a few words beside it (none: an empty text). It
    /// outlives a reconnect.
    ///
    /// ```no_run
    /// # async fn example(client: carewire::Client) -> Result<(), carewire::RequestError> {
    /// use carewire::protocol::presence::PresenceStatus;
    /// client.presence().set(PresenceStatus::Busy, "In a meeting").await?;
    /// # Ok(()) }
    /// ```
    pub async fn set(
        &self,
        status: PresenceStatus,
        text: impl Into<PrivateText>,
    ) -> Result<(), RequestError> {
        let custom_status = Some(text.into()).filter(|text: &PrivateText| !text.is_empty());
        self.client
            .request(presence::SetStatus {
                status,
                custom_status,
            })
            .await
            .map(drop)
    }

    /// Follows people until the subscription is dropped, over reconnects.
    pub async fn subscribe(
        &self,
        people: impl IntoIterator<Item = UserId>,
    ) -> Result<PresenceSubscription, RequestError> {
        let people: BTreeSet<UserId> = people.into_iter().collect();
        let events = self.client.events();
        for person in &people {
            self.client.hold_person(person);
        }
        let user_ids = people.iter().cloned().collect();
        let client = self.client.clone();
        let mut subscription = PresenceSubscription {
            client,
            people,
            current: Vec::new(),
            news: VecDeque::new(),
            events,
        };
        let subscribe = presence::Subscribe { user_ids };
        subscription.current = self.client.request(subscribe).await?.presences;
        Ok(subscription)
    }
}

/// Following the presence of people. Dropping it ends it.
#[derive(Debug)]
pub struct PresenceSubscription {
    client: Client,
    people: BTreeSet<UserId>,
    current: Vec<Presence>,
    /// What changed while there was no connection, beyond what `next` has given yet.
    news: VecDeque<Presence>,
    events: EventStream,
}

impl PresenceSubscription {
    /// The presences as they were last told.
    pub fn current(&self) -> &[Presence] {
        &self.current
    }

    /// Waits for the next change; `None`: the client is closed.
    pub async fn next(&mut self) -> Option<Presence> {
        loop {
            if let Some(new) = self.news.pop_front() {
                return Some(new);
            }
            let event = self.events.next().await?;
            match &event {
                crate::Event::Resumed(resumed) => {
                    let now = resumed.reply.read().map(|reply| reply.presences);
                    for presence in now.unwrap_or_default() {
                        if self.is_news(&presence) {
                            self.take(&presence);
                            self.news.push_back(presence);
                        }
                    }
                }
                _ => {
                    if let Some(EventData::Presence(presence::Event::Changed(new))) = event.data()
                        && self.take(new)
                    {
                        return Some(new.clone());
                    }
                }
            }
        }
    }

    fn is_news(&self, new: &Presence) -> bool {
        self.people.contains(&new.user_id) && !self.current.contains(new)
    }

    /// Says whether it is about one of the people followed.
    fn take(&mut self, new: &Presence) -> bool {
        if !self.people.contains(&new.user_id) {
            return false;
        }
        match self
            .current
            .iter_mut()
            .find(|old| old.user_id == new.user_id)
        {
            Some(old) => *old = new.clone(),
            None => self.current.push(new.clone()),
        }
        true
    }
}

impl Drop for PresenceSubscription {
    fn drop(&mut self) {
        let unwatched = self
            .people
            .iter()
            .filter(|person| self.client.let_person_go(person));
        let user_ids: Vec<_> = unwatched.cloned().collect();
        if !user_ids.is_empty() {
            self.client
                .send_and_forget(&presence::Unsubscribe { user_ids });
        }
    }
}
