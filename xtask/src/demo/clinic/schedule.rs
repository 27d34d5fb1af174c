//! Today's appointments, which do not stay as they were.

use super::{
    office::{Office, PATIENT, time},
    start::notify,
};
use serde_json::{Value, json};
use std::time::Duration;

/// How often something changes by itself.
const PACE: Duration = Duration::from_secs(15);
/// What becomes of the others' appointments, one after the other.
const COURSE: [(&str, &str); 5] = [
    ("a-2", "confirmed"),
    ("a-2", "checked_in"),
    ("a-3", "cancelled"),
    ("a-2", "in_progress"),
    ("a-2", "completed"),
];
const MINUTE: u64 = 60;

pub(super) async fn begin(office: &Office) -> anyhow::Result<()> {
    let day = [
        ("a-1", PATIENT, "Follow-up", 10),
        ("a-2", "ben-okafor", "Blood pressure", 40),
        ("a-3", "chiara-rossi", "Vaccination", 70),
        ("a-4", "dev-patel", "First visit", 100),
    ];
    let mut schedule = office.schedule.lock().await;
    schedule.clear();
    for (id, patient, title, minutes) in day {
        schedule.push(json!({
            "id": id, "patientId": patient, "providerId": "dr-lee", "title": title,
            "startsAt": time(Duration::from_secs(minutes * MINUTE))?,
            "endsAt": time(Duration::from_secs((minutes + 25) * MINUTE))?,
            "status": "scheduled",
        }));
    }
    office.write("schedule", &*schedule)
}

pub(super) async fn go_on(office: &Office) -> anyhow::Result<()> {
    for (id, status) in COURSE {
        tokio::time::sleep(PACE).await;
        change(office, id, status).await?;
    }
    std::future::pending().await
}

/// The patient has pressed the button.
pub(super) async fn check_in(office: &Office, id: &str) -> anyhow::Result<()> {
    change(office, id, "checked_in").await?;
    let arrived = "Ana Ruiz has checked in for her follow-up.";
    notify(office, "dr-lee", "system", "Your patient is here", arrived).await
}

/// Written down first, told then: whoever loads the schedule after hearing of it finds it there.
async fn change(office: &Office, id: &str, status: &str) -> anyhow::Result<()> {
    let mut schedule = office.schedule.lock().await;
    let Some(appointment) = schedule.iter_mut().find(|known| known["id"] == id) else {
        return Ok(());
    };
    appointment["status"] = Value::from(status);
    let appointment = appointment.clone();
    office.write("schedule", &*schedule)?;
    let name = match status {
        "checked_in" => "appointment:checkedIn",
        "cancelled" => "appointment:cancelled",
        _ => "appointment:updated",
    };
    let data = json!({ "appointment": appointment });
    office.publish(json!({ "staff": "demo" }), name, data).await
}
