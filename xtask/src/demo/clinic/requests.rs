//! What people ask the clinic's software for.

use super::{
    colleague,
    office::{Office, VISIT_ROOM, time},
    reports::Press,
    schedule, texts,
};
use anyhow::Context;
use carewire::{
    EventStream, RoomId,
    protocol::{EventData, backend, report, room},
};
use serde_json::{Value, json};
use std::{future::Future, sync::Arc, time::Duration};

/// In the room of the visit: checking in, saving the note, and what the bar above the panes asks.
pub(super) async fn from_the_visit(office: &Arc<Office>) -> anyhow::Result<()> {
    let room = office.client.join(VISIT_ROOM.parse::<RoomId>()?).await?;
    let mut events = room.events();
    // The greatest token that a note was saved with: an older holder comes too late.
    let mut newest = 0;
    loop {
        let EventData::Room(room::Event::Custom(event)) = next(&mut events).await? else {
            continue;
        };
        let payload: Value = serde_json::from_str(event.payload.get())?;
        let office = Arc::clone(office);
        match event.event.as_str() {
            "visit:checkIn" => {
                let id = payload["appointmentId"].as_str().unwrap_or_default();
                schedule::check_in(&office, id).await?;
            }
            "note:saved" => {
                let token = payload["fencingToken"].as_u64().unwrap_or_default();
                if token >= newest {
                    newest = token;
                    let saved_at = time(Duration::ZERO)?;
                    let text = &payload["text"];
                    let note =
                        json!({ "text": text, "author": event.sender_id, "savedAt": saved_at });
                    office.write("note", &note)?;
                }
            }
            "desk:wanted" => match payload["what"].as_str() {
                Some("maintenance") => announce(&office).await?,
                Some("sms") => {
                    let id = format!("sms-{}", time(Duration::ZERO)?);
                    texts::arrive(&office, &id, "I will be five minutes late.").await?;
                }
                Some("colleague") => apart(async move { colleague::write(&office).await }),
                _ => {}
            },
            _ => {}
        }
    }
}

/// In the room of the backends: replies to other platforms, reports wanted and called off.
pub(super) async fn from_outside(office: &Arc<Office>) -> anyhow::Result<()> {
    let room = RoomId::Backend("demo".parse()?);
    let room = office.client.join(room).await?;
    let mut events = room.events();
    let press = Arc::new(Press::default());
    loop {
        let office = Arc::clone(office);
        match next(&mut events).await? {
            EventData::Report(report::Event::RefreshRequested(wanted)) => {
                let press = Arc::clone(&press);
                apart(async move { press.print(&office, &wanted.report_id).await });
            }
            EventData::Report(report::Event::CancelRequested(wanted)) => {
                press.cancel(&wanted.report_id).await;
            }
            EventData::Backend(backend::Event::Outbound(reply)) => {
                apart(async move { texts::deliver(&office, reply.message.id.as_str()).await });
            }
            _ => {}
        }
    }
}

async fn announce(office: &Office) -> anyhow::Result<()> {
    let data = json!({
        "message": "The laboratory system will be updated.", "durationMs": 900_000,
        "startsAt": time(Duration::from_mins(30))?, "affectedServices": ["laboratory"],
    });
    let everybody = json!({ "tenant": "demo" });
    office.publish(everybody, "system:maintenance", data).await
}

async fn next(events: &mut EventStream) -> anyhow::Result<EventData> {
    loop {
        let event = events.next().await.context("the client is closed")?;
        if let Some(data) = event.data() {
            return Ok(data.clone());
        }
    }
}

/// Does what takes a while beside everything else.
fn apart(work: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
    tokio::spawn(async move {
        if let Err(error) = work.await {
            println!("the clinic: {error:#}");
        }
    });
}
