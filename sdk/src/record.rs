//! Charts: who looks at one, and leases on its parts.

use crate::{Client, Lock, RequestError, Room, Typed};
use carewire_protocol::{
    EventData, PrivateText, RecordId, RoomId, Timestamp, UserId, access,
    record::{
        self, Event as Wire, LockState, LockedEvent, UnlockedEvent, Viewer, ViewersChangedEvent,
    },
    system::{self, CriticalEvent},
    vitals,
};

/// The chart of a patient. From [`Client::record`].
#[derive(Debug, Clone)]
pub struct Record {
    client: Client,
    patient: UserId,
}

/// Looking at a chart: the others there see it, until this is dropped.
///
/// ```no_run
/// # async fn example(client: carewire::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use carewire::ChartEvent;
///
/// let chart = client.record("ana".parse()?).view().await?;
/// let mut events = chart.events();
/// while let Some(event) = events.next().await {
///     match event {
///         ChartEvent::ViewersChanged(now) => println!("{} look at it", now.viewers.len()),
///         ChartEvent::Locked(lock) => println!("{} writes {}", lock.holder_id, lock.record_id),
///         ChartEvent::Alert(alert) => println!("{}", &*alert.title),
///         _ => {}
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "one looks away when it is dropped"]
pub struct Viewing {
    room: Room,
    patient: UserId,
}

/// What happens to a chart.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ChartEvent {
    /// Somebody looks at it, or no longer does.
    ViewersChanged(ViewersChangedEvent),
    /// A lease on a part of it was granted or renewed.
    Locked(LockedEvent),
    /// A lease on a part of it ended.
    Unlocked(UnlockedEvent),
    /// New readings.
    Vitals(vitals::UpdateEvent),
    /// Somebody has to act.
    Alert(CriticalEvent),
    /// Something was missed and will not come: look again.
    Reload,
}

impl Client {
    /// The chart of a patient. Nothing is asked for yet.
    pub fn record(&self, patient: UserId) -> Record {
        Record {
            client: self.clone(),
            patient,
        }
    }
}

impl Record {
    /// Looks at it, over reconnects, until the last such handle is dropped.
    pub async fn view(&self) -> Result<Viewing, RequestError> {
        let room = RoomId::Patient(self.patient.clone());
        let room = self.client.join(room).snapshot().await?;
        self.client.hold_chart(&self.patient);
        let viewing = Viewing {
            room,
            patient: self.patient.clone(),
        };
        let patient_id = self.patient.clone();
        self.client.request(record::View { patient_id }).await?;
        Ok(viewing)
    }

    /// Who looks at it now.
    pub async fn viewers(&self) -> Result<Vec<Viewer>, RequestError> {
        let patient_id = self.patient.clone();
        let asked = record::Viewers { patient_id };
        Ok(self.client.request(asked).await?.viewers)
    }

    /// Takes the lease on a part of it, to be alone in writing there. Fails with `record_locked`
    /// while somebody else holds it, and with [`RequestError::Offline`] without a connection.
    pub fn lock(&self, record: RecordId) -> Lock {
        Lock::new(&self.client, self.patient.clone(), record)
    }
}

impl Record {
    /// Takes emergency access to the patient, without a relation, where the server allows that to
    /// providers and staff. It is written down with the reason and announced to admins; the answer
    /// says when it ends by itself. Fails with `access_denied` elsewhere, and with
    /// [`RequestError::Offline`] without a connection.
    ///
    /// ```no_run
    /// # async fn example(client: carewire::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let record = client.record("ana".parse()?);
    /// let until = record.break_glass("unconscious, no relatives").await?;
    /// let chart = record.view().await?; // until then
    /// # Ok(()) }
    /// ```
    pub async fn break_glass(
        &self,
        reason: impl Into<PrivateText>,
    ) -> Result<Timestamp, RequestError> {
        let taken = access::BreakGlass {
            patient_id: self.patient.clone(),
            reason: reason.into(),
        };
        Ok(self.client.request(taken).await?.expires_at)
    }
}

impl Viewing {
    /// Who looked at it before this did.
    pub fn viewers(&self) -> &[Viewer] {
        let shown = self
            .room
            .snapshot()
            .and_then(|shown| shown.viewers.as_deref());
        shown.unwrap_or_default()
    }

    /// The leases that were held when this began.
    pub fn locks(&self) -> &[LockState] {
        let shown = self
            .room
            .snapshot()
            .and_then(|shown| shown.locks.as_deref());
        shown.unwrap_or_default()
    }

    /// What happens to the chart. The first stream begins with the looking, further ones now.
    pub fn events(&self) -> Typed<ChartEvent> {
        Typed::new(self.room.events(), |event| {
            if event.is_loss() {
                return Some(ChartEvent::Reload);
            }
            Some(match event.data()? {
                EventData::Record(Wire::ViewersChanged(now)) => {
                    ChartEvent::ViewersChanged(now.clone())
                }
                EventData::Record(Wire::Locked(lock)) => ChartEvent::Locked(lock.clone()),
                EventData::Record(Wire::Unlocked(lock)) => ChartEvent::Unlocked(lock.clone()),
                EventData::Vitals(vitals::Event::Update(new)) => ChartEvent::Vitals(new.clone()),
                EventData::System(system::Event::Critical(alert)) => {
                    ChartEvent::Alert(alert.clone())
                }
                _ => return None,
            })
        })
    }
}

impl Drop for Viewing {
    fn drop(&mut self) {
        let client = self.room.client();
        if client.let_chart_go(&self.patient) {
            client.send_and_forget(&record::Unview {
                patient_id: self.patient.clone(),
            });
        }
    }
}
