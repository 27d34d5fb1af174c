//! A nurse who sometimes writes in the same note.

use super::office::{Office, PATIENT, VISIT_ROOM, client};
use serde_json::json;
use std::time::Duration;

/// How long she writes.
const WRITES_FOR: Duration = Duration::from_secs(8);
const TEXT: &str = "Blood pressure taken: 121/79. Ana feels well.";

/// Opens the chart, takes the lock, writes, and leaves. Where somebody else is writing she goes.
pub(super) async fn write(office: &Office) -> anyhow::Result<()> {
    let kim = client(office.address, "nurse-kim", "staff")?;
    kim.connect().await?;
    let chart = kim.record(PATIENT.parse()?);
    let viewing = chart.view().await?;
    if let Ok(lease) = chart.lock("note".parse()?).await {
        tokio::time::sleep(WRITES_FOR).await;
        let token = lease.fencing_token();
        let saved = json!({
            "event": "note:saved", "senderId": "nurse-kim",
            "payload": { "text": TEXT, "fencingToken": token },
        });
        let room = json!({ "room": VISIT_ROOM });
        office.publish(room, "room:event", saved).await?;
        lease.release().await?;
    }
    drop(viewing);
    kim.close().await;
    Ok(())
}
