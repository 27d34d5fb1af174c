//! Reports take a while, and can be called off.

use super::office::Office;
use carewire::protocol::ReportId;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::sync::Mutex;

const STEP: Duration = Duration::from_millis(800);
const STEPS: [(u32, &str); 5] = [
    (10, "reading the chart"),
    (35, "drawing the curves"),
    (60, "writing the summary"),
    (80, "checking it"),
    (95, "almost there"),
];

/// The reports that are being made.
#[derive(Default)]
pub(super) struct Press {
    running: Mutex<BTreeSet<ReportId>>,
}

impl Press {
    /// Makes a report, unless it is being made already.
    pub(super) async fn print(
        self: Arc<Self>,
        office: &Office,
        report: &ReportId,
    ) -> anyhow::Result<()> {
        if !self.running.lock().await.insert(report.clone()) {
            return Ok(());
        }
        tell(office, report, "pending", 0, "waiting for the printer").await?;
        for (progress, doing) in STEPS {
            tokio::time::sleep(STEP).await;
            if !self.running.lock().await.contains(report) {
                return tell(office, report, "cancelled", 0, "called off").await;
            }
            tell(office, report, "running", progress, doing).await?;
        }
        tokio::time::sleep(STEP).await;
        self.running.lock().await.remove(report);
        complete(office, report).await
    }

    /// Calls a report off: its printer notices at the next step.
    pub(super) async fn cancel(&self, report: &ReportId) {
        self.running.lock().await.remove(report);
    }
}

async fn complete(office: &Office, report: &ReportId) -> anyhow::Result<()> {
    let text = "Visit of Ana Ruiz\n\nFollow-up with Dr. Lee. All vital signs as expected.\n";
    let file = format!("{report}.txt");
    office.write_text(&file, text)?;
    let done = json!({
        "reportId": report, "format": "txt", "sizeBytes": text.len(),
        "downloadUrl": format!("/clinic/{file}"),
    });
    publish(office, report, "report:completed", done).await
}

async fn tell(
    office: &Office,
    report: &ReportId,
    status: &str,
    progress: u32,
    message: &str,
) -> anyhow::Result<()> {
    let status = json!({
        "reportId": report, "status": status, "progress": progress, "message": message,
    });
    publish(office, report, "report:status", status).await
}

async fn publish(
    office: &Office,
    report: &ReportId,
    name: &str,
    data: Value,
) -> anyhow::Result<()> {
    let room = json!({ "room": format!("report:{report}") });
    office.publish(room, name, data).await
}
