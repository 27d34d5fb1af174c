//! What a client heard, as lines for people, and as something to wait for.

use anyhow::{Context, bail};
use carewire::{
    Client, Event,
    protocol::{
        EventData, call,
        message::{self, Message},
        notification, presence, record, report, room, schedule, system, typing, vitals, whiteboard,
    },
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// Nothing in the demo takes longer, a restart of the server included.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Everything one client heard. Each line of the transcript is printed when it arrives.
#[derive(Clone)]
pub(crate) struct Transcript {
    name: &'static str,
    heard: Arc<Mutex<Vec<Event>>>,
    more: Arc<Notify>,
}

impl Transcript {
    /// Listens to a client from now on.
    pub(crate) fn of(name: &'static str, client: &Client, began: Instant) -> Self {
        let transcript = Self {
            name,
            heard: Arc::default(),
            more: Arc::default(),
        };
        let mut events = client.events();
        let listener = transcript.clone();
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                if let Some(line) = line(&event) {
                    let at = began.elapsed().as_secs_f64();
                    println!("{at:7.3}  {:<7} {line}", listener.name);
                }
                listener
                    .heard
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(event);
                listener.more.notify_waiters();
            }
        });
        transcript
    }

    /// The bodies of the messages that were delivered, in their order, doubles included.
    pub(crate) fn bodies(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard
            .iter()
            .filter_map(Event::new_message)
            .map(|message| message.body.to_string())
            .collect()
    }

    /// Whose it is.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// How often something was heard so far.
    pub(crate) fn count(&self, is_it: impl Fn(&Event) -> bool) -> usize {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.iter().filter(|event| is_it(event)).count()
    }

    /// Waits until something was heard, before or from now on.
    pub(crate) async fn wait(
        &self,
        what: &str,
        is_it: impl Fn(&Event) -> bool,
    ) -> anyhow::Result<()> {
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let more = self.more.notified();
                tokio::pin!(more);
                more.as_mut().enable();
                let found = {
                    let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
                    heard.iter().any(&is_it)
                };
                if found {
                    return;
                }
                more.await;
            }
        });
        waited
            .await
            .with_context(|| format!("{} never heard {what}", self.name))
    }

    /// Waits for a message.
    pub(crate) async fn message(&self, body: &str) -> anyhow::Result<Message> {
        self.wait(body, |event| {
            event.new_message().is_some_and(|m| m.body == body)
        })
        .await?;
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let found = heard
            .iter()
            .filter_map(Event::new_message)
            .find(|m| m.body == body);
        match found {
            Some(message) => Ok(message.clone()),
            None => bail!("{body} is gone"),
        }
    }
}

/// What of an event is worth a line.
fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::Resumed(resumed) => format!(
            "is back after {:.1} s; {} missed events follow",
            resumed.away.as_secs_f64(),
            resumed.missed
        ),
        Event::CaughtUp => "has caught up".to_owned(),
        Event::Resynced(resynced) => format!("has to reload {}", resynced.room),
        Event::RoomLost { room, error } => format!("lost {room}: {error}"),
        Event::Lagging => "is lagging".to_owned(),
        Event::Lagged(count) => format!("lost {count} events of a stream"),
        Event::Server(event) => return server_line(&event.data),
        _ => return None,
    })
}

fn server_line(data: &EventData) -> Option<String> {
    Some(match data {
        EventData::Session(event) => match event {
            carewire::protocol::session::Event::Connected(connected) => {
                format!("connected as {} {}", connected.role, connected.user_id)
            }
            other => other.name().to_owned(),
        },
        EventData::Room(room::Event::UserJoined(joined)) => {
            format!("sees {} join {}", joined.user.user_id, joined.room_id)
        }
        EventData::Room(room::Event::UserLeft(left)) => {
            format!("sees {} leave {}", left.user_id, left.room_id)
        }
        EventData::Message(event) => match event {
            message::Event::New(new) => {
                let message = &new.message;
                format!("gets “{}” from {}", &*message.body, message.sender_id)
            }
            message::Event::Edited(edited) => format!("sees it become “{}”", &*edited.message.body),
            message::Event::Reaction(reaction) => {
                format!("sees {} from {}", reaction.emoji, reaction.user_id)
            }
            message::Event::Delivered(delivered) => {
                format!("hears that it reached {}", delivered.user_id)
            }
            message::Event::Read(read) => format!("hears that {} has read it", read.user_id),
            _ => return None,
        },
        EventData::Typing(typing::Event::Started(started)) => {
            format!("sees {} typing …", started.user_id)
        }
        EventData::Typing(typing::Event::Stopped(stopped)) => {
            format!("sees {} stop typing", stopped.user_id)
        }
        EventData::Presence(presence::Event::Changed(changed)) => {
            let words = changed.custom_status.as_deref().unwrap_or_default();
            format!(
                "sees that {} is {} {words}",
                changed.user_id, changed.status
            )
        }
        EventData::Schedule(schedule::Event::CheckedIn(arrived)) => {
            format!("hears that {} is here", arrived.appointment.patient_id)
        }
        EventData::Notification(notification::Event::New(new)) => {
            format!("is notified: {}", &*new.notification.title)
        }
        EventData::Call(event) => return call_line(event),
        EventData::Whiteboard(whiteboard::Event::Updated(update)) => {
            format!("sees {} draw, revision {}", update.user_id, update.revision)
        }
        EventData::Record(record::Event::Locked(lock)) => {
            format!("sees {} lock {}", lock.holder_id, lock.record_id)
        }
        EventData::Record(record::Event::Unlocked(lock)) => {
            format!("sees {} unlocked: {}", lock.record_id, lock.reason)
        }
        EventData::Vitals(vitals::Event::Update(update)) => {
            format!(
                "gets {} reading of {}",
                update.readings.len(),
                update.patient_id
            )
        }
        EventData::System(system::Event::Critical(alert)) => {
            format!("is alerted: {}, {}", &*alert.title, &*alert.message)
        }
        EventData::Report(report::Event::Status(status)) => {
            format!("sees the report at {} %", status.progress.get())
        }
        EventData::Report(report::Event::Completed(done)) => {
            format!("may download {}", &*done.download_url)
        }
        EventData::Conversation(carewire::protocol::conversation::Event::Unread(unread)) => {
            format!("has {} unread", unread.counts.total_unread)
        }
        _ => return None,
    })
}

fn call_line(event: &call::Event) -> Option<String> {
    Some(match event {
        call::Event::Incoming(incoming) => format!("hears {} ring", incoming.caller_id),
        call::Event::Accepted(accepted) => format!("sees {} take the call", accepted.user_id),
        call::Event::Signal(signal) => {
            format!("gets an {} from {}", signal.signal_type, signal.sender_id)
        }
        call::Event::QualityIssue(issue) => {
            let (metric, value) = (&issue.metric, issue.value.get());
            format!("is warned: {metric} is {value} at {}", issue.user_id)
        }
        call::Event::Ended(ended) => format!("hears that the call is over: {}", ended.reason),
        _ => return None,
    })
}
