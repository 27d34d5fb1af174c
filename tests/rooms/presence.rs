//! Presence: one user over all devices, the grace, and who may see whom.

use crate::clinic::{Clinic, ask, join, none, refused, settle};
use carewire_tests::Raw;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn get(raw: &mut Raw, user: &str) -> Value {
    let reply = ask(raw, "presence:get", json!({"userIds": [user]})).await;
    let presences = reply["presences"].as_array().unwrap();
    assert_eq!(presences.len(), 1, "{reply}");
    assert_eq!(presences[0]["userId"], user);
    presences[0].clone()
}

async fn subscribe(raw: &mut Raw, users: &[&str]) -> Value {
    let reply = ask(raw, "presence:subscribe", json!({"userIds": users})).await;
    let initial = raw.event("presence:initial").await;
    assert_eq!(initial["data"]["presences"], reply["presences"]);
    reply["presences"].clone()
}

/// The next change of a user.
async fn changed(raw: &mut Raw, user: &str) -> Value {
    let event = raw
        .event_where("presence:changed", |frame| frame["data"]["userId"] == user)
        .await;
    assert!(event.get("offset").is_none());
    event["data"].clone()
}

#[tokio::test]
async fn coming_and_going() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_PRESENCE_GRACE_MS", 300));
    let mut ana = clinic.login("ana", "provider").await;
    clinic.user("lee", "provider").await;
    let before = subscribe(&mut ana, &["lee"]).await;
    assert_eq!(
        (&before[0]["status"], &before[0]["devices"]),
        (&json!("offline"), &json!(0))
    );
    let mut lee = clinic.login("lee", "provider").await;
    let online = changed(&mut ana, "lee").await;
    assert_eq!(
        (&online["status"], &online["devices"]),
        (&json!("online"), &json!(1))
    );
    assert!(online["lastSeenAt"].is_string());
    assert_eq!(get(&mut ana, "lee").await["status"], "online");
    settle(&mut lee).await;
    let start = Instant::now();
    lee.close().await;
    let offline = changed(&mut ana, "lee").await;
    assert_eq!(
        (&offline["status"], &offline["devices"]),
        (&json!("offline"), &json!(0))
    );
    assert!(
        start.elapsed() >= Duration::from_millis(300),
        "{:?}",
        start.elapsed()
    );
    let seen = offline["lastSeenAt"].as_str().unwrap().to_owned();
    assert!(seen.as_str() > online["lastSeenAt"].as_str().unwrap());
    let after = get(&mut ana, "lee").await;
    assert_eq!(
        (&after["status"], &after["lastSeenAt"]),
        (&json!("offline"), &json!(seen))
    );
}

/// Within the grace a reconnect is invisible.
#[tokio::test]
async fn a_reconnect_is_invisible() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_PRESENCE_GRACE_MS", 60_000));
    let mut ana = clinic.login("ana", "provider").await;
    let lee = clinic.login("lee", "provider").await;
    assert_eq!(subscribe(&mut ana, &["lee"]).await[0]["status"], "online");
    lee.close().await;
    assert_eq!(
        get(&mut ana, "lee").await["status"],
        "online",
        "within the grace"
    );
    let mut lee = clinic.login("lee", "provider").await;
    ask(&mut lee, "presence:setStatus", json!({"status": "busy"})).await;
    // The probe is the first change but for counts of devices.
    let event = ana
        .event_where("presence:changed", |frame| {
            frame["data"]["status"] != "online"
        })
        .await;
    assert_eq!(event["data"]["status"], "busy");
}

/// Several devices are one user: offline only with the last.
#[tokio::test]
async fn several_devices() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_PRESENCE_GRACE_MS", 50));
    let mut ana = clinic.login("ana", "provider").await;
    let first = clinic.device("lee", "provider", "desk").await;
    let second = clinic.device("lee", "provider", "phone").await;
    subscribe(&mut ana, &["lee", "mia"]).await;
    assert_eq!(get(&mut ana, "lee").await["devices"], 2);
    first.close().await;
    // The probe: somebody who goes later and is offline after the same grace.
    let mia = clinic.login("mia", "provider").await;
    assert_eq!(changed(&mut ana, "mia").await["status"], "online");
    mia.close().await;
    assert_eq!(changed(&mut ana, "mia").await["status"], "offline");
    none(&ana, "lee is there with the other device", |frame| {
        frame["type"] == "presence:changed"
            && frame["data"]["userId"] == "lee"
            && frame["data"]["status"] == "offline"
    });
    let now = get(&mut ana, "lee").await;
    assert_eq!(
        (&now["status"], &now["devices"]),
        (&json!("online"), &json!(1))
    );
    second.close().await;
    let gone = ana.event_where("presence:changed", |frame| {
        frame["data"]["userId"] == "lee" && frame["data"]["status"] == "offline"
    });
    gone.await;
}

/// A set status is told to own devices and to those who follow, and outlives reconnect and restart.
#[tokio::test]
async fn a_set_status_is_kept() {
    let mut clinic = Clinic::alone(|o| o.env("CAREWIRE_PRESENCE_GRACE_MS", 100));
    let mut ana = clinic.login("ana", "provider").await;
    let mut desk = clinic.login("lee", "provider").await;
    let mut phone = clinic.login("lee", "provider").await;
    subscribe(&mut ana, &["lee"]).await;
    let data = json!({"status": "busy", "customStatus": "In surgery"});
    assert_eq!(
        ask(&mut desk, "presence:setStatus", data.clone()).await,
        json!({})
    );
    let told = phone.event("presence:statusUpdated").await;
    assert_eq!(told["data"], data);
    let seen = changed(&mut ana, "lee").await;
    assert_eq!(
        (&seen["status"], &seen["customStatus"]),
        (&data["status"], &data["customStatus"])
    );
    assert_eq!(get(&mut desk, "lee").await["status"], "busy", "to oneself");

    desk.close().await;
    phone.close().await;
    assert_eq!(changed(&mut ana, "lee").await["status"], "offline");
    let lee = clinic.login("lee", "provider").await;
    let back = changed(&mut ana, "lee").await;
    assert_eq!(
        (&back["status"], &back["customStatus"]),
        (&data["status"], &data["customStatus"])
    );
    drop(lee);

    clinic.server_mut().restart();
    let mut ana = clinic.login("ana", "provider").await;
    let lee = clinic.login("lee", "provider").await;
    let now = get(&mut ana, "lee").await;
    assert_eq!(
        (&now["status"], &now["customStatus"]),
        (&data["status"], &data["customStatus"])
    );
    drop(lee);
}

/// Only `online`, `away` and `busy` can be set; without words the former words go.
#[tokio::test]
async fn what_can_be_set() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    for status in ["offline", "in_call", "asleep", "", "Online"] {
        let data = json!({"status": status});
        let failure = refused(&mut ana, "presence:setStatus", data, "invalid_input").await;
        assert_eq!(failure.field(), "status");
    }
    refused(&mut ana, "presence:setStatus", json!({}), "invalid_input").await;
    let long = json!({"status": "away", "customStatus": "x".repeat(1_025)});
    let failure = refused(&mut ana, "presence:setStatus", long, "invalid_input").await;
    assert_eq!(failure.field(), "customStatus");
    let words = json!({"status": "away", "customStatus": "Lunch"});
    ask(&mut ana, "presence:setStatus", words).await;
    let now = get(&mut ana, "ana").await;
    assert_eq!(
        (&now["status"], &now["customStatus"]),
        (&json!("away"), &json!("Lunch"))
    );
    for status in ["busy", "online"] {
        ask(&mut ana, "presence:setStatus", json!({"status": status})).await;
        assert_eq!(get(&mut ana, "ana").await["status"], status);
    }
    let now = get(&mut ana, "ana").await;
    assert_eq!(now["status"], "online");
    assert!(now.get("customStatus").is_none(), "{now}");
}

#[tokio::test]
async fn unsubscribing() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    let mut lee = clinic.login("lee", "provider").await;
    let mut mia = clinic.login("mia", "provider").await;
    subscribe(&mut ana, &["lee", "mia"]).await;
    let data = json!({"userIds": ["lee", "never"]});
    assert_eq!(ask(&mut ana, "presence:unsubscribe", data).await, json!({}));
    ask(&mut lee, "presence:setStatus", json!({"status": "busy"})).await;
    ask(&mut mia, "presence:setStatus", json!({"status": "busy"})).await;
    assert_eq!(changed(&mut ana, "mia").await["status"], "busy");
    none(&ana, "no longer followed", |frame| {
        frame["type"] == "presence:changed" && frame["data"]["userId"] == "lee"
    });
}

/// A patient sees their care team and people they share a chat, thread or visit with; everyone
/// else looks offline, whether they exist or not.
#[tokio::test]
async fn what_a_patient_sees() {
    let clinic = Clinic::open();
    let users = ["doc", "threads", "visits", "stranger", "elsewhere"];
    let mut raws = Vec::new();
    for user in users {
        raws.push(clinic.login(user, "provider").await);
    }
    let mut nurse = clinic.login("nurse", "staff").await;
    let mut pat = clinic.login("pat", "patient").await;
    clinic.care("doc", "pat").await;
    clinic.thread("t", &["pat", "threads"]).await;
    clinic.visit("v", &["pat", "visits"]).await;
    clinic.thread("u", &["doc", "elsewhere"]).await;
    join(&mut nurse, "chat:nurse:pat").await;
    crate::clinic::send(&mut nurse, "chat:nurse:pat", "hello").await;
    for user in ["doc", "threads", "visits", "nurse", "pat"] {
        assert_eq!(get(&mut pat, user).await["status"], "online", "{user}");
    }
    for user in ["stranger", "elsewhere", "nobody"] {
        let seen = get(&mut pat, user).await;
        assert_eq!(seen["status"], "offline", "{user}");
        assert_eq!(seen["devices"], 0);
    }
    let hidden = get(&mut pat, "stranger").await;
    let mut unknown = get(&mut pat, "nobody").await;
    unknown["userId"] = json!("stranger");
    assert_eq!(hidden, unknown, "a stranger looks like nobody");
    // Nor do subscriptions show more.
    subscribe(&mut pat, &["stranger", "doc"]).await;
    for n in [3, 0] {
        ask(
            &mut raws[n],
            "presence:setStatus",
            json!({"status": "busy"}),
        )
        .await;
    }
    assert_eq!(changed(&mut pat, "doc").await["status"], "busy");
    none(&pat, "strangers stay offline", |frame| {
        frame["data"]["userId"] == "stranger"
    });
    // The end of care ends the view.
    clinic.end_care("doc", "pat").await;
    let gone = pat.event_where("presence:changed", |frame| {
        frame["data"]["userId"] == "doc" && frame["data"]["status"] == "offline"
    });
    gone.await;
    assert_eq!(get(&mut pat, "doc").await["status"], "offline");
    ask(
        &mut raws[0],
        "presence:setStatus",
        json!({"status": "away"}),
    )
    .await;
    ask(&mut nurse, "presence:setStatus", json!({"status": "away"})).await;
    subscribe(&mut pat, &["nurse"]).await;
    none(&pat, "nothing of doc any more", |frame| {
        frame["type"] == "presence:changed"
            && frame["data"]["userId"] == "doc"
            && frame["data"]["status"] != "offline"
    });
}

/// Everybody else sees their tenant, and nobody sees another one.
#[tokio::test]
async fn what_others_see() {
    let clinic = Clinic::open();
    let neighbour = clinic.neighbour();
    let _pat = clinic.login("pat", "patient").await;
    let _far = neighbour.login("far", "provider").await;
    let _far_too = neighbour.login("pat-there", "patient").await;
    for role in ["provider", "staff", "admin", "service"] {
        let mut raw = clinic.login(&format!("me-{role}"), role).await;
        assert_eq!(get(&mut raw, "pat").await["status"], "online", "{role}");
        for user in ["far", "pat-there"] {
            assert_eq!(get(&mut raw, user).await["status"], "offline", "{role}");
        }
    }
}

/// A list has at most 500 entries.
#[tokio::test]
async fn lists() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    let many = |count| (0..count).map(|n| format!("u{n}")).collect::<Vec<_>>();
    let reply = ask(&mut ana, "presence:get", json!({"userIds": many(500)})).await;
    assert_eq!(reply["presences"].as_array().unwrap().len(), 500);
    for kind in ["presence:get", "presence:subscribe", "presence:unsubscribe"] {
        let data = json!({"userIds": many(501)});
        let failure = refused(&mut ana, kind, data, "invalid_input").await;
        assert_eq!(failure.field(), "userIds", "{kind}");
    }
}
