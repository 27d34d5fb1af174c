//! Appointments. A backend keeps the calendar; what changes there is told here.

use crate::{AppointmentId, PrivateJson, PrivateText, Timestamp, UserId};

domain! {
    "Schedule"
    events {
        "appointment:created" => Created(CreatedEvent), Retained;
        "appointment:updated" => Updated(UpdatedEvent), Retained;
        "appointment:cancelled" => Cancelled(CancelledEvent), Retained;
        "appointment:checkedIn" => CheckedIn(CheckedInEvent), Retained;
    }
}

open_enum! {
    /// Where an appointment stands. The backend may use words of its own.
    pub enum AppointmentStatus {
        /// Planned.
        Scheduled = "scheduled",
        /// The patient has confirmed it.
        Confirmed = "confirmed",
        /// The patient is there.
        CheckedIn = "checked_in",
        /// It takes place.
        InProgress = "in_progress",
        /// It took place.
        Completed = "completed",
        /// It will not take place.
        Cancelled = "cancelled",
        /// The patient did not come.
        NoShow = "no_show",
    }
}

wire! {
    /// An appointment.
    pub struct Appointment {
        /// The appointment.
        pub id: AppointmentId,
        /// Whose.
        pub patient_id: UserId,
        /// With whom.
        pub provider_id: UserId,
        /// When it begins.
        pub starts_at: Timestamp,
        /// When it ends.
        pub ends_at: Timestamp,
        /// Where it stands.
        pub status: AppointmentStatus,
        /// What it is about.
        pub title: Option<PrivateText>,
        /// Any JSON of the application.
        pub metadata: Option<PrivateJson>,
    }

    /// An appointment was made.
    pub struct CreatedEvent {
        /// The appointment.
        pub appointment: Appointment,
    }

    /// An appointment was changed.
    pub struct UpdatedEvent {
        /// The appointment as it is now.
        pub appointment: Appointment,
    }

    /// An appointment was cancelled.
    pub struct CancelledEvent {
        /// The appointment as it is now.
        pub appointment: Appointment,
    }

    /// The patient has arrived.
    pub struct CheckedInEvent {
        /// The appointment as it is now.
        pub appointment: Appointment,
    }
}
