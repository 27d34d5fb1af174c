//! How the day begins: who may see whom, and what has been said already.

use super::{
    office::{Office, PATIENT, VISIT},
    schedule, texts,
};
use serde_json::{Value, json};

/// Whoever has a pane in the demo.
const PEOPLE: [&str; 3] = ["dr-lee", PATIENT, "nurse-kim"];

pub(super) async fn furnish(office: &Office) -> anyhow::Result<()> {
    let visit = json!({ "participantIds": PEOPLE });
    office
        .call("PUT", &format!("/v1/visits/{VISIT}"), visit)
        .await?;
    let owner = json!({ "ownerId": "dr-lee" });
    office
        .call("PUT", "/v1/templates/waiting-room", owner)
        .await?;
    for person in PEOPLE {
        let report = format!("/v1/reports/summary-{person}");
        office
            .call("PUT", &report, json!({ "ownerId": person }))
            .await?;
    }
    schedule::begin(office).await?;
    texts::arrive(office, "sms-1", "Is my appointment still at half past?").await?;
    notify(
        office,
        PATIENT,
        "lab_result",
        "Your results are in",
        "Dr. Lee will talk about them with you.",
    )
    .await?;
    notify(
        office,
        "dr-lee",
        "task_assigned",
        "Sign the letter",
        "For the cardiologist of Ana Ruiz.",
    )
    .await
}

/// A notification for one person.
pub(super) async fn notify(
    office: &Office,
    person: &str,
    kind: &str,
    title: &str,
    message: &str,
) -> anyhow::Result<()> {
    let body: Value = json!({ "userId": person, "kind": kind, "title": title, "message": message });
    office.call("POST", "/v1/notifications", body).await
}
