//! Reports: where they stand, for whoever comes late, and what their readers ask of the producer.

use crate::clinic::{Clinic, ask, join, no_limits, refused};
use carewire_tests::{Raw, wait::until};
use serde_json::{Value, json};

async fn publish(clinic: &Clinic, kind: &str, mut data: Value) {
    data["reportId"] = json!("r-1");
    let event = json!({"type": kind, "data": data});
    let body = json!({"target": {"room": "report:r-1"}, "event": event});
    clinic.ok("POST", "/v1/publish", Some(body)).await;
}

async fn begin(clinic: &Clinic, owner: &str) {
    let body = json!({"ownerId": owner});
    clinic.ok("PUT", "/v1/reports/r-1", Some(body)).await;
}

/// What somebody who comes now is shown of the report.
async fn shown(raw: &mut Raw) -> Value {
    let data = json!({"roomId": "report:r-1", "snapshot": true});
    ask(raw, "room:join", data).await["snapshot"]["report"].clone()
}

#[tokio::test]
async fn who_comes_late_sees_the_last_event() {
    let clinic = Clinic::open();
    begin(&clinic, "ana").await;
    let mut ana = clinic.login("ana", "patient").await;
    assert!(shown(&mut ana).await.is_null(), "nothing was told yet");
    let running = json!({"status": "running", "progress": 40});
    publish(&clinic, "report:status", running).await;
    let status = ana.event("report:status").await;
    assert_eq!(status["offset"], 1);
    let mut staff = clinic.login("sam", "staff").await;
    let last = shown(&mut staff).await;
    assert_eq!(last["type"], "report:status");
    assert_eq!(
        last["data"],
        json!({"reportId": "r-1", "status": "running", "progress": 40})
    );
    let done = json!({"downloadUrl": "/r-1.pdf", "format": "pdf", "sizeBytes": 4096});
    publish(&clinic, "report:completed", done).await;
    assert_eq!(shown(&mut staff).await["type"], "report:completed");
    publish(&clinic, "report:failed", json!({"message": "again"})).await;
    let last = shown(&mut ana).await;
    assert_eq!(
        (&last["type"], &last["data"]["message"]),
        (&json!("report:failed"), &json!("again"))
    );
}

/// The log forgets by age; where a report stands is not forgotten with it.
#[tokio::test]
async fn the_state_outlives_the_log_and_a_restart() {
    let mut clinic = Clinic::alone(|options| no_limits(options).env("CAREWIRE_RETAIN_MS", 200));
    begin(&clinic, "ana").await;
    let running = json!({"status": "running", "progress": 40});
    publish(&clinic, "report:status", running).await;
    let mut ana = clinic.login("ana", "patient").await;
    let epoch = join(&mut ana, "report:r-1").await["epoch"].clone();
    let data = json!({"roomId": "report:r-1", "epoch": epoch, "offset": 0});
    until("the log is forgotten", async || {
        // What is forgotten in the middle of a replay ends the connection.
        let mut late = clinic.login("sam", "staff").await;
        let reply = late.request("room:join", data.clone()).await;
        reply
            .is_ok_and(|reply| reply["recovered"] == false)
            .then_some(())
    })
    .await;
    assert_eq!(shown(&mut ana).await["data"]["progress"], 40);
    clinic.server_mut().restart();
    let mut ana = clinic.login("ana", "patient").await;
    assert_eq!(shown(&mut ana).await["data"]["progress"], 40);
}

#[tokio::test]
async fn readers_are_heard_by_the_producer() {
    let clinic = Clinic::open();
    begin(&clinic, "ana").await;
    let mut ana = clinic.login("ana", "patient").await;
    let mut staff = clinic.login("sam", "staff").await;
    let mut service = clinic.login("bridge", "service").await;
    let room = format!("backend:{}", clinic.tenant);
    join(&mut service, &room).await;
    let report = json!({"reportId": "r-1"});
    for _ in 0..2 {
        let reply = ana.keyed("report:cancel", "k", report.clone()).await;
        assert_eq!(reply.unwrap(), json!({}));
    }
    ask(&mut staff, "report:refresh", report.clone()).await;
    let cancel = service.event("report:cancelRequested").await;
    assert_eq!(
        (&cancel["room"], &cancel["offset"]),
        (&json!(room), &json!(1))
    );
    assert_eq!(cancel["data"], json!({"reportId": "r-1", "userId": "ana"}));
    let refresh = service.event("report:refreshRequested").await;
    assert_eq!(refresh["offset"], 2, "once for a key");
    assert_eq!(refresh["data"], json!({"reportId": "r-1", "userId": "sam"}));
}

#[tokio::test]
async fn strangers_are_not() {
    let clinic = Clinic::open();
    begin(&clinic, "ana").await;
    let mut bob = clinic.login("bob", "patient").await;
    let mut foreign = clinic.neighbour().login("sam", "staff").await;
    let report = json!({"reportId": "r-1"});
    for kind in ["report:cancel", "report:refresh"] {
        let failure = refused(&mut bob, kind, report.clone(), "access_denied").await;
        assert_eq!(failure.message(), "Access denied");
        refused(&mut foreign, kind, report.clone(), "room_not_found").await;
    }
}
