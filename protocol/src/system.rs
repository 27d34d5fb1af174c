//! Alerts about patients, about the system, and about emergency access.

use crate::{Millis, PrivateText, Timestamp, UserId};

domain! {
    "Alerts and system"
    events {
        "alert:critical" => Critical(CriticalEvent), Retained;
        "system:alert" => Alert(AlertEvent), Retained;
        "system:maintenance" => Maintenance(MaintenanceEvent), Retained;
        "alert:breakGlass" => BreakGlass(BreakGlassEvent), Retained;
    }
}

open_enum! {
    /// How bad it is. Backends may use words of their own.
    pub enum Severity {
        /// To know.
        Low = "low",
        /// To look at.
        Medium = "medium",
        /// To act on soon.
        High = "high",
        /// To act on now.
        Critical = "critical",
    }
}

open_enum! {
    /// How loud a system alert is. Backends may use words of their own.
    pub enum AlertLevel {
        /// To know.
        Info = "info",
        /// Something may go wrong.
        Warning = "warning",
        /// Something went wrong.
        Error = "error",
        /// Nothing goes on.
        Critical = "critical",
    }
}

wire! {
    /// Somebody has to act.
    pub struct CriticalEvent {
        /// About whom; about nobody in particular when left out.
        pub patient_id: Option<UserId>,
        /// How bad it is.
        pub severity: Severity,
        /// What it is, in a line.
        pub title: PrivateText,
        /// What it is.
        pub message: PrivateText,
    }

    /// Something about the system that everyone should know.
    pub struct AlertEvent {
        /// How loud.
        pub level: AlertLevel,
        /// What.
        pub message: PrivateText,
        /// What to do about it.
        pub action: Option<PrivateText>,
    }

    /// The system will be down or slow for a while.
    pub struct MaintenanceEvent {
        /// What will be done.
        pub message: PrivateText,
        /// From when.
        pub starts_at: Timestamp,
        /// For how long.
        pub duration_ms: Millis,
        /// Which parts.
        #[serde(default)]
        pub affected_services: Vec<String>,
    }

    /// To admins: somebody took emergency access to a patient.
    pub struct BreakGlassEvent {
        /// To whom.
        pub patient_id: UserId,
        /// Who.
        pub user_id: UserId,
        /// The reason they gave.
        pub reason: PrivateText,
        /// When the access ends.
        pub expires_at: Timestamp,
    }
}
