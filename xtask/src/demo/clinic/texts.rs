//! Patients who write from another platform.

use super::office::Office;
use serde_json::json;
use std::time::Duration;

const ANSWER_AFTER: Duration = Duration::from_millis(1500);

/// A text message arrives for the doctor. The same id again is the same message.
pub(super) async fn arrive(office: &Office, id: &str, body: &str) -> anyhow::Result<()> {
    let message = json!({
        "recipientId": "dr-lee", "platform": "sms", "externalId": id, "body": body,
        "sender": { "id": "ben-okafor", "name": "Ben Okafor" },
    });
    office.call("POST", "/v1/messages", message).await
}

/// The doctor has answered: it is delivered, and read, and answered in turn.
pub(super) async fn deliver(office: &Office, message: &str) -> anyhow::Result<()> {
    tokio::time::sleep(ANSWER_AFTER).await;
    let status = json!({ "userId": "dr-lee", "status": "delivered" });
    let path = format!("/v1/messages/{message}/status");
    office.call("POST", &path, status).await?;
    arrive(office, &format!("re-{message}"), "Thank you, doctor.").await
}
