//! Live rows of a template.

use crate::{
    Event, EventStream, Reports, RequestError, Typed,
    room::{Membership, json},
};
use carewire_protocol::{
    ErrorReply, EventData, Millis, PrivateJson, RoomId, TemplateId,
    report::{self, Event as Wire},
    room::{self, LeftReason},
};
use serde::Serialize;
use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// The rows of a template, live until the last handle is dropped. The interval and the filter are
/// this client's, and are set again after a reconnect.
///
/// ```no_run
/// # async fn example(client: carewire::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use carewire::RowsEvent;
/// use std::time::Duration;
///
/// let beds = client.reports().rows("beds".parse()?).await?;
/// beds.set_interval(Duration::from_secs(2)).await?;
/// beds.apply_filter([("ward", "icu")]).await?;
/// let mut events = beds.events();
/// while let Some(event) = events.next().await {
///     match event {
///         RowsEvent::All { rows, .. } => println!("these {} and no other", rows.len()),
///         RowsEvent::Changed(rows) => println!("{} new or newer ones", rows.len()),
///         _ => break,
///     }
/// }
/// # Ok(()) }
/// ```
pub struct LiveRows {
    membership: Membership,
    template: TemplateId,
    first: Mutex<Option<EventStream>>,
}

/// What happens to live rows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RowsEvent {
    /// The rows as they are: they replace all before. Comes at the beginning, after a filter, and
    /// after a reconnect.
    All {
        /// The newest of each `id` that pass, at most 1,000.
        rows: Vec<PrivateJson>,
        /// Whether there are more.
        has_more: bool,
    },
    /// Rows that are new, or newer than those with their `id`.
    Changed(Vec<PrivateJson>),
    /// Some were dropped because this stream was not read: apply the filter anew to see all.
    Missed,
    /// The rows may no longer be seen.
    Lost(RowsLoss),
}

/// Why rows may no longer be seen.
#[derive(Debug, Clone, PartialEq)]
pub enum RowsLoss {
    /// The server ended it.
    Left(LeftReason),
    /// It was refused after a reconnect.
    Refused(ErrorReply),
}

impl Reports {
    /// Subscribes to the rows of a template: its owner and staff.
    pub async fn rows(&self, template: TemplateId) -> Result<LiveRows, RequestError> {
        let room = RoomId::Template(template.clone());
        let first = Mutex::new(Some(self.client.events_in(room.clone())));
        let membership = Membership::of(&self.client, &room);
        let template_id = template.clone();
        let subscribe = report::SubscribeTemplate { template_id };
        self.client.request(subscribe).await?;
        Ok(LiveRows {
            membership,
            template,
            first,
        })
    }
}

impl LiveRows {
    /// How often one is told at most: 250 ms or longer. Of what happens meanwhile the latest wins.
    pub async fn set_interval(&self, interval: Duration) -> Result<(), RequestError> {
        let pace = report::SetInterval {
            template_id: self.template.clone(),
            interval_ms: Millis::from(interval),
        };
        self.membership.client.request(pace).await.map(drop)
    }

    /// Only rows whose fields have these values; with none, all rows. What passes follows in
    /// [`RowsEvent::All`].
    pub async fn apply_filter<F: Into<String>, V: Serialize>(
        &self,
        filter: impl IntoIterator<Item = (F, V)>,
    ) -> Result<(), RequestError> {
        let fields: Result<_, ErrorReply> = filter
            .into_iter()
            .map(|(field, value)| Ok((field.into(), json("filter", &value)?)))
            .collect();
        let sift = report::ApplyFilter {
            template_id: self.template.clone(),
            filter: fields?,
        };
        self.membership.client.request(sift).await.map(drop)
    }

    /// The rows. The first stream begins with the subscription and so with all of them; further
    /// ones begin now.
    pub fn events(&self) -> Typed<RowsEvent> {
        let first = self
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Membership { client, id } = &self.membership;
        let events = first.unwrap_or_else(|| client.events_in(id.clone()));
        Typed::new(events, |event| {
            Some(match event {
                Event::Lagged(_) => RowsEvent::Missed,
                Event::RoomLost { error, .. } => RowsEvent::Lost(RowsLoss::Refused(error.clone())),
                other => match other.data()? {
                    EventData::Report(Wire::Initial(all)) => RowsEvent::All {
                        rows: all.rows.clone(),
                        has_more: all.has_more,
                    },
                    EventData::Report(Wire::Update(new)) => RowsEvent::Changed(new.rows.clone()),
                    EventData::Room(room::Event::Left(left)) => {
                        RowsEvent::Lost(RowsLoss::Left(left.reason.clone()))
                    }
                    _ => return None,
                },
            })
        })
    }
}

impl fmt::Debug for LiveRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveRows")
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}
