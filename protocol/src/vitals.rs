//! Vital signs.

use crate::{PrivateNumber, PrivateText, Timestamp, UserId};

domain! {
    "Vitals"
    events {
        "vitals:update" => Update(UpdateEvent), Ephemeral;
    }
}

wire! {
    /// New readings of a patient.
    pub struct UpdateEvent {
        /// Whose.
        pub patient_id: UserId,
        /// Where the patient is: the bed or room of a ward.
        pub room: Option<PrivateText>,
        /// What was measured.
        pub readings: Vec<Reading>,
    }

    /// One reading.
    pub struct Reading {
        /// What was measured: `heart_rate`, `spo2`, ….
        pub kind: PrivateText,
        /// The value.
        pub value: PrivateNumber,
        /// Its unit: `bpm`, `%`, ….
        pub unit: String,
        /// When.
        pub measured_at: Timestamp,
    }
}
