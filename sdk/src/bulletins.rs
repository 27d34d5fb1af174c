//! What backends tell without being asked: appointments, vital signs, alerts.

use crate::{Client, Typed};
use carewire_protocol::{
    EventData,
    schedule::{self, Appointment},
    system::{self, AlertEvent, BreakGlassEvent, CriticalEvent, MaintenanceEvent},
    vitals,
};

/// What happened to an appointment, with the appointment as it is now.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AppointmentChange {
    /// It was made.
    Created(Appointment),
    /// It was changed.
    Updated(Appointment),
    /// It was cancelled.
    Cancelled(Appointment),
    /// The patient has arrived.
    CheckedIn(Appointment),
    /// Some were missed and will not come: ask the backend that keeps the calendar.
    Reload,
}

/// An alert.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Alert {
    /// Somebody has to act.
    Critical(CriticalEvent),
    /// Something about the system.
    System(AlertEvent),
    /// The system will be down or slow.
    Maintenance(MaintenanceEvent),
    /// To admins: somebody took emergency access.
    BreakGlass(BreakGlassEvent),
    /// Some may have been missed and will not come.
    Missed,
}

impl Client {
    /// What happens to appointments: to one's own, and for staff and providers to all of the
    /// tenant.
    ///
    /// ```no_run
    /// # async fn example(client: carewire::Client) {
    /// use carewire::AppointmentChange;
    ///
    /// let mut appointments = client.appointments();
    /// while let Some(change) = appointments.next().await {
    ///     if let AppointmentChange::CheckedIn(appointment) = change {
    ///         println!("{} is here", appointment.patient_id);
    ///     }
    /// }
    /// # }
    /// ```
    pub fn appointments(&self) -> Typed<AppointmentChange> {
        Typed::new(self.events(), |event| {
            use schedule::Event as E;
            if event.is_loss() {
                return Some(AppointmentChange::Reload);
            }
            let Some(EventData::Schedule(event)) = event.data() else {
                return None;
            };
            Some(match event.clone() {
                E::Created(event) => AppointmentChange::Created(event.appointment),
                E::Updated(event) => AppointmentChange::Updated(event.appointment),
                E::Cancelled(event) => AppointmentChange::Cancelled(event.appointment),
                E::CheckedIn(event) => AppointmentChange::CheckedIn(event.appointment),
            })
        })
    }

    /// Vital signs: one's own, and those of the charts that one
    /// [looks at](crate::Record::view). They are about this moment, and none is repeated.
    ///
    /// ```no_run
    /// # async fn example(client: carewire::Client) {
    /// let mut vitals = client.vitals();
    /// while let Some(update) = vitals.next().await {
    ///     println!("{} readings of {}", update.readings.len(), update.patient_id);
    /// }
    /// # }
    /// ```
    pub fn vitals(&self) -> Typed<vitals::UpdateEvent> {
        Typed::new(self.events(), |event| match event.data() {
            Some(EventData::Vitals(vitals::Event::Update(update))) => Some(update.clone()),
            _ => None,
        })
    }

    /// Alerts: about oneself, the charts one looks at, the staff's and the system.
    ///
    /// ```no_run
    /// # async fn example(client: carewire::Client) {
    /// use carewire::Alert;
    ///
    /// let mut alerts = client.alerts();
    /// while let Some(alert) = alerts.next().await {
    ///     if let Alert::Critical(alert) = alert {
    ///         println!("{}: {}", alert.severity, &*alert.title);
    ///     }
    /// }
    /// # }
    /// ```
    pub fn alerts(&self) -> Typed<Alert> {
        Typed::new(self.events(), |event| {
            use system::Event as E;
            if event.is_loss() {
                return Some(Alert::Missed);
            }
            let Some(EventData::System(event)) = event.data() else {
                return None;
            };
            Some(match event.clone() {
                E::Critical(alert) => Alert::Critical(alert),
                E::Alert(alert) => Alert::System(alert),
                E::Maintenance(maintenance) => Alert::Maintenance(maintenance),
                E::BreakGlass(taken) => Alert::BreakGlass(taken),
            })
        })
    }
}
