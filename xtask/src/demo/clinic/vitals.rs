//! A monitor at the patient's side.

use super::office::{Office, PATIENT, past};
use serde_json::{Value, json};
use std::{collections::VecDeque, time::Duration};

const PACE: Duration = Duration::from_secs(3);
/// How many measurements the system of record shows.
const KEPT: usize = 30;
/// How many were taken before anybody looked.
const EARLIER: u32 = 20;

pub(super) async fn measure(office: &Office) -> anyhow::Result<()> {
    let mut recorded = VecDeque::new();
    for step in 0..EARLIER {
        recorded.extend(readings(step, PACE * (EARLIER - step))?);
    }
    for step in EARLIER.. {
        let readings = readings(step, Duration::ZERO)?;
        recorded.extend(readings.iter().cloned());
        recorded.drain(..recorded.len().saturating_sub(KEPT * readings.len()));
        office.write("vitals", &recorded)?;
        let data = json!({ "patientId": PATIENT, "readings": readings });
        let target = json!({ "staff": "demo" });
        office.publish(target, "vitals:update", data).await?;
        tokio::time::sleep(PACE).await;
    }
    Ok(())
}

/// Made up, and the same at every start.
fn readings(step: u32, ago: Duration) -> anyhow::Result<Vec<Value>> {
    let wave = |period: f64| (f64::from(step) / period).sin();
    let round = |value: f64, digits: f64| (value * digits).round() / digits;
    let measured_at = past(ago)?;
    let reading = |kind: &str, value: f64, unit: &str| json!({ "kind": kind, "value": value, "unit": unit, "measuredAt": measured_at });
    Ok(vec![
        reading(
            "heart_rate",
            round(72.0 + 6.0 * wave(2.3) + 2.0 * wave(0.7), 1.0),
            "bpm",
        ),
        reading("spo2", round(97.0 + 1.4 * wave(4.1), 1.0), "%"),
        reading("temperature", round(36.8 + 0.2 * wave(9.0), 10.0), "°C"),
    ])
}
