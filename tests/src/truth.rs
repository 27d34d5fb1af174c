//! The logs as a server holds them in the end, read by a client of no SDK over no proxy.

use crate::{
    Raw, Server, Token,
    check::{Event, Log, Name},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Reads the whole logs of these rooms of a tenant. Their names carry the tenant, as the checker
/// wants it.
pub async fn read(server: &Server, tenant: &str, rooms: &[String]) -> BTreeMap<Name, Log> {
    let auditor = Token::new("auditor", "service").tenant(tenant);
    let mut raw = Raw::login(server, &auditor).await;
    let mut logs = BTreeMap::new();
    for room in rooms {
        let name = format!("{tenant}/{room}").into();
        logs.insert(name, log(&mut raw, room).await);
    }
    logs
}

async fn log(raw: &mut Raw, room: &str) -> Log {
    let joined = raw
        .request("room:join", json!({"roomId": room}))
        .await
        .unwrap();
    let head = joined["offset"].as_u64().unwrap();
    let epoch = joined["epoch"].as_str().unwrap();
    let data = json!({"roomId": room, "epoch": epoch, "offset": 0});
    let joined = raw.request("room:join", data).await.unwrap();
    assert_eq!(joined["recovered"], true, "the whole log is kept");
    let mut events = BTreeMap::new();
    while (events.len() as u64) < head {
        let retained = |frame: &Value| frame["room"] == room && frame["offset"].is_u64();
        let event = raw.frame_where("an event of the log", retained).await;
        events.insert(event["offset"].as_u64().unwrap(), told(&event));
    }
    // A connection may be in so many rooms and no more.
    raw.request("room:leave", json!({"roomId": room}))
        .await
        .unwrap();
    Log {
        epoch: epoch.into(),
        floor: 0,
        head,
        events,
        read: BTreeMap::new(),
    }
}

/// A retained event of these rooms, from its JSON.
fn told(frame: &Value) -> Event {
    let data = &frame["data"];
    let name = frame["type"].as_str().unwrap();
    let text = |value: &Value| {
        value
            .as_str()
            .filter(|text| !text.is_empty())
            .map(Name::from)
    };
    let (message, mark) = match name {
        "message:new" | "message:edited" => {
            (text(&data["message"]["id"]), text(&data["message"]["body"]))
        }
        "message:reaction" => (text(&data["messageId"]), text(&data["emoji"])),
        "room:event" => (None, text(&data["payload"])),
        _ => (text(&data["messageId"]), None),
    };
    Event {
        name: name.into(),
        message,
        mark,
    }
}
