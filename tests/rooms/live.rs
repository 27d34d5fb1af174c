//! Live data: what whoever subscribes is shown, how often they are told, and of what.

use crate::clinic::{Clinic, ask, join, no_limits, none, refused, settle};
use carewire_protocol::Timestamp;
use carewire_tests::Raw;
use serde_json::{Value, json};

const ROOM: &str = "template:beds";

async fn update(clinic: &Clinic, rows: Value) {
    let data = json!({"templateId": "beds", "rows": rows});
    let event = json!({"type": "stream:update", "data": data});
    let body = json!({"target": {"room": ROOM}, "event": event});
    clinic.ok("POST", "/v1/publish", Some(body)).await;
}

/// Somebody who is shown the rows.
async fn subscriber(clinic: &Clinic, user: &str) -> Raw {
    let mut raw = clinic.login(user, "staff").await;
    let data = json!({"templateId": "beds"});
    assert_eq!(
        ask(&mut raw, "report:subscribeTemplate", data).await,
        json!({})
    );
    raw
}

/// What they are shown.
async fn initial(raw: &mut Raw) -> Value {
    let event = raw.event("stream:initial").await;
    assert_eq!(
        (&event["room"], &event["data"]["templateId"]),
        (&json!(ROOM), &json!("beds"))
    );
    assert!(event["offset"].is_null(), "not kept");
    event["data"].clone()
}

async fn filter(raw: &mut Raw, filter: Value) {
    let data = json!({"templateId": "beds", "filter": filter});
    ask(raw, "stream:applyFilter", data).await;
}

fn at(event: &Value) -> i64 {
    let at: Timestamp = serde_json::from_value(event["timestamp"].clone()).unwrap();
    at.as_millis()
}

#[tokio::test]
async fn who_subscribes_is_shown_the_newest_of_each_row() {
    let clinic = Clinic::open();
    let mut early = subscriber(&clinic, "early").await;
    assert_eq!(
        initial(&mut early).await,
        json!({"templateId": "beds", "rows": [], "hasMore": false})
    );
    update(
        &clinic,
        json!([{"id": "a", "n": 1}, {"id": 2, "n": 1}, {"id": "a", "n": 2}]),
    )
    .await;
    let event = early.event("stream:update").await;
    let newest = json!([{"id": 2, "n": 1}, {"id": "a", "n": 2}]);
    assert_eq!(event["data"], json!({"templateId": "beds", "rows": newest}));
    update(
        &clinic,
        json!([{"id": 2, "n": 3}, {"n": "none"}, {"n": "none"}]),
    )
    .await;
    let mut late = subscriber(&clinic, "late").await;
    let rows = json!([{"id": "a", "n": 2}, {"id": 2, "n": 3}, {"n": "none"}, {"n": "none"}]);
    assert_eq!(initial(&mut late).await["rows"], rows);
    // Joining is subscribing, and so is coming back.
    join(&mut late, ROOM).await;
    assert_eq!(initial(&mut late).await["rows"], rows);
    let epoch = join(&mut late, ROOM).await["epoch"].clone();
    let mut again = clinic.login("late", "staff").await;
    let data = json!({"rooms": [{"roomId": ROOM, "epoch": epoch, "offset": 0}]});
    ask(&mut again, "session:resume", data).await;
    assert_eq!(initial(&mut again).await["rows"], rows);
}

/// The reply comes first, then the rows, then what is new.
#[tokio::test]
async fn rows_survive_a_restart() {
    let mut clinic = Clinic::alone(no_limits);
    update(&clinic, json!([{"id": 1}])).await;
    clinic.server_mut().restart();
    let mut raw = clinic.login("sam", "staff").await;
    let id = raw.command("room:join", json!({"roomId": ROOM})).await;
    loop {
        let frame = raw.next().await.unwrap();
        assert_ne!(frame["type"], "stream:initial", "before the reply");
        if frame["id"] == id {
            break;
        }
    }
    assert_eq!(initial(&mut raw).await["rows"], json!([{"id": 1}]));
    update(&clinic, json!([{"id": 1, "n": 2}])).await;
    let event = raw.event("stream:update").await;
    assert_eq!(event["data"]["rows"], json!([{"id": 1, "n": 2}]));
}

#[tokio::test]
async fn everyone_at_their_own_pace_and_the_latest_wins() {
    let clinic = Clinic::unlimited();
    let mut fast = subscriber(&clinic, "fast").await;
    let mut slow = subscriber(&clinic, "slow").await;
    for raw in [&mut fast, &mut slow] {
        initial(raw).await;
    }
    let data = json!({"templateId": "beds", "intervalMs": 1500});
    ask(&mut slow, "stream:setInterval", data).await;
    for n in 0..=40 {
        update(&clinic, json!([{"id": "a", "n": n}, {"id": n, "n": n}])).await;
    }
    for (raw, interval) in [(&mut fast, 250), (&mut slow, 1500)] {
        let (mut told, mut last): (Vec<i64>, Option<i64>) = (Vec::new(), None);
        while told.last() != Some(&40) {
            let event = raw.event("stream:update").await;
            // A clock that ticks in milliseconds may show one less than what passed.
            assert!(
                last.is_none_or(|last| at(&event) - last >= interval - 1),
                "told too often"
            );
            last = Some(at(&event));
            for row in event["data"]["rows"].as_array().unwrap() {
                if row["id"] == "a" {
                    told.push(row["n"].as_i64().unwrap());
                }
            }
        }
        assert!(
            told.is_sorted_by(|a, b| a < b),
            "nothing twice, nothing old: {told:?}"
        );
        settle(raw).await;
        none(raw, "one initial", |frame| {
            frame["type"] == "stream:initial"
        });
    }
}

#[tokio::test]
async fn filters_are_evaluated_by_the_server() {
    let clinic = Clinic::unlimited();
    update(
        &clinic,
        json!([{"id": 1, "ward": "icu"}, {"id": 2, "ward": "er"}]),
    )
    .await;
    let mut icu = subscriber(&clinic, "icu").await;
    let mut all = subscriber(&clinic, "all").await;
    initial(&mut all).await;
    initial(&mut icu).await;
    filter(&mut icu, json!({"ward": "icu"})).await;
    assert_eq!(
        initial(&mut icu).await["rows"],
        json!([{"id": 1, "ward": "icu"}])
    );
    update(&clinic, json!([{"id": 3, "ward": "er"}])).await;
    update(
        &clinic,
        json!([{"id": 4, "ward": "icu"}, {"id": 5, "ward": "er"}]),
    )
    .await;
    let event = icu.event("stream:update").await;
    assert_eq!(event["data"]["rows"], json!([{"id": 4, "ward": "icu"}]));
    let mut seen = 0;
    while seen < 3 {
        let event = all.event("stream:update").await;
        seen += event["data"]["rows"].as_array().unwrap().len();
    }
    filter(&mut icu, json!({})).await;
    assert_eq!(initial(&mut icu).await["rows"].as_array().unwrap().len(), 5);
}

/// More rows than fit are left out, and that is said.
#[tokio::test]
async fn the_newest_thousand() {
    let clinic = Clinic::unlimited();
    for page in 0..3 {
        let rows: Vec<Value> = (0..450).map(|n| json!({"id": page * 450 + n})).collect();
        update(&clinic, json!(rows)).await;
    }
    let mut raw = subscriber(&clinic, "sam").await;
    let shown = initial(&mut raw).await;
    let rows = shown["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &shown["hasMore"]), (1000, &json!(true)));
    assert_eq!(
        (&rows[0]["id"], &rows[999]["id"]),
        (&json!(350), &json!(1349))
    );
    filter(&mut raw, json!({"id": 7})).await;
    let shown = initial(&mut raw).await;
    assert_eq!(
        (&shown["rows"], &shown["hasMore"]),
        (&json!([{"id": 7}]), &json!(false))
    );
}

/// However much is published, a template keeps so much and a frame is so large.
#[tokio::test]
async fn what_is_kept_is_bounded() {
    let clinic = Clinic::unlimited();
    let text = "x".repeat(60_000);
    for n in 0..300 {
        update(&clinic, json!([{"id": n, "text": text}])).await;
    }
    let mut raw = subscriber(&clinic, "sam").await;
    let shown = initial(&mut raw).await;
    let rows = shown["rows"].as_array().unwrap();
    assert_eq!(shown["hasMore"], true);
    assert!(rows.len() < 17, "{} rows in a frame", rows.len());
    assert_eq!(rows.last().unwrap()["id"], 299);
    filter(&mut raw, json!({"id": 0})).await;
    assert_eq!(initial(&mut raw).await["rows"], json!([]), "forgotten");
}

#[tokio::test]
async fn for_those_who_may() {
    let clinic = Clinic::open();
    let template = json!({"templateId": "beds"});
    let mut stranger = clinic.login("bob", "provider").await;
    let failure = refused(
        &mut stranger,
        "report:subscribeTemplate",
        template,
        "access_denied",
    )
    .await;
    assert_eq!(failure.message(), "Access denied to this room");
    let often = json!({"templateId": "beds", "intervalMs": 500});
    refused(&mut stranger, "stream:setInterval", often, "not_joined").await;
    let wards = json!({"templateId": "beds", "filter": {"ward": "icu"}});
    refused(&mut stranger, "stream:applyFilter", wards, "not_joined").await;
    let mut sam = subscriber(&clinic, "sam").await;
    let often = json!({"templateId": "beds", "intervalMs": 249});
    let failure = refused(&mut sam, "stream:setInterval", often, "invalid_input").await;
    assert_eq!(failure.field(), "intervalMs");
    initial(&mut sam).await;
    let owner = json!({"ownerId": "bob"});
    clinic.ok("PUT", "/v1/templates/beds", Some(owner)).await;
    join(&mut stranger, ROOM).await;
    initial(&mut stranger).await;
    clinic
        .ok("PUT", "/v1/templates/beds", Some(json!({"ownerId": "eve"})))
        .await;
    stranger.event("room:left").await;
    update(&clinic, json!([{"id": 1}])).await;
    sam.event("stream:update").await;
    settle(&mut stranger).await;
    none(&stranger, "rows after the end", |frame| {
        frame["type"] == "stream:update"
    });
}

#[tokio::test]
async fn rows_are_checked() {
    let clinic = Clinic::open();
    let mut service = clinic.login("bridge", "service").await;
    let many: Vec<u32> = (0..501).collect();
    for (data, field) in [
        (
            json!({"templateId": "other", "rows": []}),
            "event.data.templateId",
        ),
        (
            json!({"templateId": "beds", "rows": many}),
            "event.data.rows",
        ),
        (
            json!({"templateId": "beds", "rows": [{"id": "x".repeat(129)}]}),
            "event.data.rows",
        ),
    ] {
        let event = json!({"type": "stream:update", "data": data});
        let data = json!({"target": {"room": ROOM}, "event": event});
        let failure = refused(&mut service, "event:publish", data, "invalid_input").await;
        assert_eq!(failure.field(), field);
    }
    // Whoever is named directly is told at once, by a frame that is not kept.
    let data = json!({"templateId": "beds", "rows": [{"id": 1}]});
    let event = json!({"type": "stream:update", "data": data});
    let data = json!({"target": {"user": "ana"}, "event": event});
    let mut ana = clinic.login("ana", "patient").await;
    ask(&mut service, "event:publish", data).await;
    assert_eq!(ana.event("stream:update").await["room"], "user:ana");
    let mut sam = subscriber(&clinic, "sam").await;
    assert_eq!(initial(&mut sam).await["rows"], json!([]));
}
