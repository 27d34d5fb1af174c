//! Who waits, and for how long: rows that change while one looks.

use super::office::Office;
use serde_json::json;
use std::time::Duration;

const PACE: Duration = Duration::from_secs(2);
const WAITING: [(&str, &str, u32); 4] = [
    ("Ben Okafor", "A", 12),
    ("Chiara Rossi", "B", 7),
    ("Dev Patel", "A", 4),
    ("Emma Brandt", "B", 1),
];
/// Turns after which somebody has waited a minute more; nobody wants to watch for a real one.
const TURNS: u32 = 5;

pub(super) async fn fill(office: &Office) -> anyhow::Result<()> {
    for turn in 0_u32.. {
        let rows: Vec<_> = WAITING
            .iter()
            .zip(0_u32..)
            .filter(|(_, place)| turn < 4 || place % 4 == turn % 4)
            .map(|((name, room, since), place)| {
                let minutes = since + (turn + place) / TURNS;
                json!({ "id": format!("w-{place}"), "name": name, "room": room, "minutes": minutes })
            })
            .collect();
        let target = json!({ "room": "template:waiting-room" });
        let data = json!({ "templateId": "waiting-room", "rows": rows });
        office.publish(target, "stream:update", data).await?;
        tokio::time::sleep(PACE).await;
    }
    Ok(())
}
