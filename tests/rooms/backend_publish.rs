//! `event:publish` and `POST /v1/publish`: events of backends, and where they go.

use crate::clinic::{Clinic, ask, follow, join, join_at, none, refused, settle};
use carewire_tests::{Raw, http};
use serde_json::{Value, json};

fn appointment(patient: &str) -> Value {
    json!({"appointment": {
        "id": "a-1", "patientId": patient, "providerId": "lee", "status": "checked_in",
        "startsAt": "2026-11-21T10:00:00.000Z", "endsAt": "2026-11-21T10:30:00.000Z",
    }})
}

fn alert(message: &str) -> Value {
    json!({"type": "system:alert", "data": {"level": "info", "message": message}})
}

async fn publish(clinic: &Clinic, target: Value, event: Value) -> Value {
    let body = json!({"target": target, "event": event});
    clinic.ok("POST", "/v1/publish", Some(body)).await
}

fn is(kind: &'static str) -> impl Fn(&Value) -> bool {
    move |frame| frame["type"] == kind
}

#[tokio::test]
async fn for_services_alone() {
    let clinic = Clinic::open();
    let data = json!({"target": {"tenant": clinic.tenant}, "event": alert("x")});
    for role in ["patient", "provider", "staff", "admin"] {
        let user = format!("me-{role}");
        let mut raw = clinic.login(&user, role).await;
        refused(&mut raw, "event:publish", data.clone(), "access_denied").await;
        let token = clinic.token(&user, role).sign();
        let path = "/v1/publish";
        let answer = http::request(clinic.server(), "POST", path, Some(&token), Some(&data)).await;
        assert_eq!(answer.status, 403);
    }
}

#[tokio::test]
async fn only_what_the_store_does_not_derive() {
    let clinic = Clinic::open();
    let mut service = clinic.login("bridge", "service").await;
    for kind in [
        "message:new",
        "presence:changed",
        "message:read",
        "connected",
        "nothing",
    ] {
        let event = json!({"type": kind, "data": {}});
        let data = json!({"target": {"user": "ana"}, "event": event});
        let failure = refused(&mut service, "event:publish", data, "invalid_input").await;
        assert_eq!(failure.field(), "event.type");
    }
}

#[tokio::test]
async fn appointments_go_to_staff_and_their_patient_whatever_the_target() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "patient").await;
    let mut bob = clinic.login("bob", "patient").await;
    let mut lee = clinic.login("lee", "provider").await;
    let event = json!({"type": "appointment:checkedIn", "data": appointment("ana")});
    let target = json!({"tenant": clinic.tenant});
    let reply = publish(&clinic, target, event.clone()).await;
    let staff = lee
        .frame_where("an appointment", is("appointment:checkedIn"))
        .await;
    assert_eq!(staff["room"], format!("staff:{}", clinic.tenant));
    assert_eq!(staff["offset"], reply["offset"]);
    let own = ana
        .frame_where("an appointment", is("appointment:checkedIn"))
        .await;
    assert_eq!(own["room"], "user:ana");
    assert_eq!(own["data"], appointment("ana"));
    settle(&mut bob).await;
    none(
        &bob,
        "another patient's appointment",
        is("appointment:checkedIn"),
    );
    let data = json!({"target": {"user": "bob"}, "event": event});
    let mut service = clinic.login("bridge", "service").await;
    let failure = refused(&mut service, "event:publish", data, "invalid_input").await;
    assert_eq!(failure.field(), "target");
}

#[tokio::test]
async fn everything_that_happens_to_an_appointment() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "patient").await;
    let mut lee = clinic.login("lee", "provider").await;
    for kind in [
        "appointment:created",
        "appointment:updated",
        "appointment:cancelled",
        "appointment:checkedIn",
    ] {
        let event = json!({"type": kind, "data": appointment("ana")});
        publish(&clinic, json!({"tenant": clinic.tenant}), event).await;
        for (raw, room) in [
            (&mut ana, "user:ana".to_owned()),
            (&mut lee, format!("staff:{}", clinic.tenant)),
        ] {
            let event = raw.frame_where(kind, is(kind)).await;
            assert_eq!(event["room"], room);
            assert_eq!(event["data"], appointment("ana"));
            assert!(event["offset"].is_u64());
        }
    }
}

#[tokio::test]
async fn what_concerns_the_whole_tenant() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "patient").await;
    let mut lee = clinic.login("lee", "provider").await;
    let tenant = json!({"tenant": clinic.tenant});
    let work = json!({"type": "system:maintenance", "data": {"message": "New disks",
        "startsAt": "2026-11-21T23:00:00.000Z", "durationMs": 1_800_000,
        "affectedServices": ["report-generation"]}});
    publish(&clinic, tenant.clone(), work.clone()).await;
    publish(&clinic, tenant, alert("It is slow today")).await;
    for raw in [&mut ana, &mut lee] {
        let told = raw.frame_where("work", is("system:maintenance")).await;
        assert_eq!(told["data"], work["data"]);
        assert!(told["offset"].is_u64());
        let told = raw.frame_where("an alert", is("system:alert")).await;
        assert_eq!(told["data"]["message"], "It is slow today");
    }
    // A critical alert about nobody in particular is for those who work here.
    let critical = json!({"type": "alert:critical", "data": {"severity": "critical",
        "title": "Fire alarm", "message": "Ward 3"}});
    publish(&clinic, json!({"staff": clinic.tenant}), critical).await;
    let told = lee.frame_where("an alert", is("alert:critical")).await;
    assert_eq!(told["room"], format!("staff:{}", clinic.tenant));
    settle(&mut ana).await;
    none(&ana, "an alert for staff", is("alert:critical"));
}

#[tokio::test]
async fn vitals_and_alerts_go_to_the_chart_and_the_patient() {
    let clinic = Clinic::open();
    clinic.care("lee", "ana").await;
    let mut ana = clinic.login("ana", "patient").await;
    let mut lee = clinic.login("lee", "provider").await;
    join(&mut lee, "patient:ana").await;
    let reading = json!({"kind": "spo2", "value": 88, "unit": "%",
        "measuredAt": "2026-11-21T10:00:00.000Z"});
    let vitals = json!({"type": "vitals:update",
        "data": {"patientId": "ana", "readings": [reading]}});
    let reply = publish(&clinic, json!({"room": "patient:ana"}), vitals).await;
    assert_eq!(reply, json!({}), "not kept");
    for (raw, room) in [(&mut lee, "patient:ana"), (&mut ana, "user:ana")] {
        let event = raw.frame_where("vitals", is("vitals:update")).await;
        assert_eq!(event["room"], room);
        assert!(event["offset"].is_null());
    }
    let critical = json!({"type": "alert:critical", "data": {"patientId": "ana",
        "severity": "critical", "title": "SpO2", "message": "88 %"}});
    publish(&clinic, json!({"staff": clinic.tenant}), critical).await;
    for (raw, room) in [(&mut lee, "patient:ana"), (&mut ana, "user:ana")] {
        let event = raw.frame_where("an alert", is("alert:critical")).await;
        assert_eq!(event["room"], room);
        assert!(event["offset"].is_u64());
    }
}

#[tokio::test]
async fn to_whoever_is_connected_now() {
    let clinic = Clinic::open();
    let neighbour = clinic.neighbour();
    let mut lee = clinic.login("lee", "provider").await;
    let mut ana = clinic.login("ana", "patient").await;
    let mut foreign = neighbour.login("lee", "provider").await;
    let reply = publish(&clinic, json!({"role": "provider"}), alert("to providers")).await;
    assert_eq!(reply, json!({}), "no offset");
    let event = lee.frame_where("an alert", is("system:alert")).await;
    assert!(
        event["room"].is_null() && event["offset"].is_null(),
        "{event}"
    );
    let id = ask(&mut ana, "session:status", json!({})).await["connectionId"].clone();
    publish(&clinic, json!({"connection": id}), alert("to you")).await;
    let event = ana.frame_where("an alert", is("system:alert")).await;
    assert_eq!(event["data"]["message"], "to you");
    publish(&neighbour, json!({"connection": id}), alert("not yours")).await;
    settle(&mut ana).await;
    settle(&mut foreign).await;
    none(&ana, "an alert of another tenant", is("system:alert"));
    none(&foreign, "an alert of another tenant", is("system:alert"));
}

#[tokio::test]
async fn rooms_of_others_do_not_exist() {
    let clinic = Clinic::open();
    let neighbour = clinic.neighbour();
    neighbour.visit("v", &["ana", "lee"]).await;
    let mut service = clinic.login("bridge", "service").await;
    for target in [
        json!({"tenant": neighbour.tenant}),
        json!({"staff": neighbour.tenant}),
        json!({"room": "visit:v"}),
        json!({"room": "report:nothing"}),
    ] {
        let data = json!({"target": target, "event": alert("x")});
        refused(&mut service, "event:publish", data, "room_not_found").await;
    }
}

#[tokio::test]
async fn once_for_each_key_and_all_or_none() {
    let clinic = Clinic::open();
    let mut lee = clinic.login("lee", "provider").await;
    let room = format!("tenant:{}", clinic.tenant);
    let target = json!({"tenant": clinic.tenant});
    let mut service = clinic.login("bridge", "service").await;
    let data = json!({"target": target, "event": alert("once")});
    let first = service.keyed("event:publish", "k-1", data.clone()).await;
    let again = service.keyed("event:publish", "k-1", data).await;
    assert_eq!(first.unwrap(), again.unwrap());
    let several = json!([
        {"target": target, "event": alert("one")},
        {"target": {"room": "visit:nothing"}, "event": alert("two")},
    ]);
    let answer = clinic.call("POST", "/v1/publish", Some(several)).await;
    assert_eq!(answer.status, 404, "{}", answer.body);
    let several = json!([
        {"target": target, "event": alert("three")},
        {"target": target, "event": alert("four")},
    ]);
    let replies = clinic.ok("POST", "/v1/publish", Some(several)).await;
    assert_eq!(replies, json!([{"offset": 2}, {"offset": 3}]));
    let events = follow(&mut lee, &room, 3).await;
    let said: Vec<&Value> = events
        .iter()
        .map(|event| &event["data"]["message"])
        .collect();
    assert_eq!(said, ["once", "three", "four"]);
}

#[tokio::test]
async fn a_report_begins_with_its_first_status() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "patient").await;
    let mut bob = clinic.login("bob", "patient").await;
    let room = json!({"roomId": "report:r-1"});
    refused(&mut ana, "room:join", room.clone(), "room_not_found").await;
    let status = |progress: u32| {
        json!({"type": "report:status", "data": {"reportId": "r-1", "status": "running",
            "progress": progress, "ownerId": "ana"}})
    };
    publish(&clinic, json!({"room": "report:r-1"}), status(10)).await;
    publish(&clinic, json!({"room": "report:r-1"}), status(60)).await;
    refused(&mut bob, "room:join", room, "access_denied").await;
    let joined = join(&mut ana, "report:r-1").await;
    assert_eq!(joined["offset"], 2);
    join_at(&mut ana, "report:r-1", &joined["epoch"], 0).await;
    let events = follow(&mut ana, "report:r-1", 2).await;
    assert_eq!(events[1]["data"]["progress"], 60);
    // A report's owner may change, and then it is theirs alone.
    let body = json!({"ownerId": "bob"});
    clinic.ok("PUT", "/v1/reports/r-1", Some(body)).await;
    ana.frame_where("the end of a membership", is("room:left"))
        .await;
    join(&mut bob, "report:r-1").await;
}

#[tokio::test]
async fn templates_belong_to_their_owner_and_staff() {
    let clinic = Clinic::open();
    clinic
        .ok("PUT", "/v1/templates/t-1", Some(json!({"ownerId": "lee"})))
        .await;
    clinic.ok("PUT", "/v1/templates/t-2", Some(json!({}))).await;
    let mut lee = clinic.login("lee", "provider").await;
    let mut staff = clinic.login("sam", "staff").await;
    join(&mut lee, "template:t-1").await;
    join(&mut staff, "template:t-2").await;
    let other = json!({"roomId": "template:t-2"});
    refused(&mut lee, "room:join", other, "access_denied").await;
}

#[tokio::test]
async fn events_of_the_application_speak_for_the_backend() {
    let clinic = Clinic::open();
    let (mut ana, _, room) = clinic.chat().await;
    let event = |retain: bool| {
        json!({"target": {"room": room}, "retain": retain,
            "event": {"type": "room:event", "data": {"event": "triage", "payload": {"level": 2}}}})
    };
    for retain in [false, true] {
        let reply = clinic.ok("POST", "/v1/publish", Some(event(retain))).await;
        assert_eq!(reply["offset"].is_u64(), retain, "{reply}");
        let got = next_event(&mut ana).await;
        assert_eq!(got["offset"].is_u64(), retain, "{got}");
        assert_eq!(got["data"]["payload"], json!({"level": 2}));
    }
}

async fn next_event(raw: &mut Raw) -> Value {
    raw.frame_where("an event of the application", is("room:event"))
        .await
}
