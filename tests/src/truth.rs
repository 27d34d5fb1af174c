//! The logs as a server holds them in the end, read by a client of no SDK over no proxy.

use crate::{
    Raw, Server, Token,
    check::{Event, Log, Name},
    wait::until,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Reads the whole logs of these rooms of a tenant. Their names carry the tenant, as the checker
/// wants it.
pub async fn read(server: &Server, tenant: &str, rooms: &[String]) -> BTreeMap<Name, Log> {
    let mut raw = auditor(server, tenant).await;
    let mut logs = BTreeMap::new();
    for room in rooms {
        let name = format!("{tenant}/{room}").into();
        logs.insert(name, log(&mut raw, room).await);
    }
    logs
}

/// A server that has just come back may be too busy to let anybody in.
async fn auditor(server: &Server, tenant: &str) -> Raw {
    let token = Token::new("auditor", "service").tenant(tenant).sign();
    until("a server that lets the auditor in", async || {
        let mut raw = Raw::connect(server).bearer(&token).try_open().await.ok()?;
        while raw.next().await.ok()?["type"] != "connected" {}
        Some(raw)
    })
    .await
}

/// Asks, again where the server cannot answer now.
async fn ask(raw: &mut Raw, kind: &str, data: Value) -> Value {
    until(kind, async || match raw.request(kind, data.clone()).await {
        Ok(reply) => Some(reply),
        Err(failure) if failure.code() == "unavailable" => None,
        Err(failure) => panic!("{kind}: {failure:?}"),
    })
    .await
}

async fn log(raw: &mut Raw, room: &str) -> Log {
    let joined = ask(raw, "room:join", json!({"roomId": room})).await;
    let head = joined["offset"].as_u64().unwrap();
    let epoch = joined["epoch"].as_str().unwrap();
    let data = json!({"roomId": room, "epoch": epoch, "offset": 0});
    let joined = ask(raw, "room:join", data).await;
    assert_eq!(joined["recovered"], true, "the whole log is kept");
    let mut events = BTreeMap::new();
    while (events.len() as u64) < head {
        let retained = |frame: &Value| frame["room"] == room && frame["offset"].is_u64();
        let event = raw.frame_where("an event of the log", retained).await;
        events.insert(event["offset"].as_u64().unwrap(), told(&event));
    }
    // A connection may be in so many rooms and no more.
    ask(raw, "room:leave", json!({"roomId": room})).await;
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
