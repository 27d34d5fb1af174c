//! Charts: who looks at one, and leases that only one device holds at a time.

use crate::clinic::{Clinic, ask, none, refused, settle};
use carewire_tests::Raw;
use serde_json::{Value, json};

const TOKEN: &str = "fencingToken";

async fn lock(raw: &mut Raw, record: &str) -> Value {
    let data = json!({"recordId": record, "patientId": "pat"});
    ask(raw, "record:lock", data).await
}

fn under(record: &str, lease: &Value) -> Value {
    json!({"recordId": record, "patientId": "pat", TOKEN: lease[TOKEN]})
}

/// A chart that ana, lee and staff may see.
async fn clinic_with_chart(clinic: Clinic) -> Clinic {
    for provider in ["ana", "lee"] {
        clinic.user(provider, "provider").await;
        clinic.care(provider, "pat").await;
    }
    clinic
}

fn names(viewers: &Value) -> Vec<&str> {
    let viewers = viewers.as_array().unwrap().iter();
    viewers.map(|one| one["userId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn who_looks_is_told_and_shown() {
    let clinic = clinic_with_chart(Clinic::open()).await;
    let mut ana = clinic.login("ana", "provider").await;
    let mut lee = clinic.login("lee", "provider").await;
    let pat = json!({"patientId": "pat"});
    ask(&mut ana, "record:view", pat.clone()).await;
    let first = ana.event("record:viewersChanged").await;
    assert_eq!(first["room"], "patient:pat");
    assert!(first.get("offset").is_none());
    ask(&mut lee, "record:view", pat.clone()).await;
    let both = ana.event("record:viewersChanged").await;
    assert_eq!(names(&both["data"]["viewers"]), ["ana", "lee"]);
    assert_eq!(
        both["data"]["viewers"][0]["since"],
        first["data"]["viewers"][0]["since"]
    );
    let mut desk = clinic.login("desk", "staff").await;
    let asked = ask(&mut desk, "record:viewers", pat.clone()).await;
    assert_eq!(asked["viewers"], both["data"]["viewers"]);
    let joined = ask(
        &mut desk,
        "room:join",
        json!({"roomId": "patient:pat", "snapshot": true}),
    )
    .await;
    assert_eq!(joined["snapshot"]["viewers"], both["data"]["viewers"]);
    assert_eq!(joined["snapshot"]["locks"], json!([]));
    ask(&mut ana, "record:unview", pat.clone()).await;
    let one = lee.event_where("record:viewersChanged", |frame| {
        names(&frame["data"]["viewers"]) == ["lee"]
    });
    one.await;
    let rooms = ask(&mut ana, "session:status", json!({})).await["rooms"].clone();
    assert!(!rooms.as_array().unwrap().contains(&json!("patient:pat")));
    refused(&mut ana, "record:unview", pat, "not_joined").await;
}

#[tokio::test]
async fn a_reconnect_of_a_viewer_is_invisible_and_going_is_not() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_PRESENCE_GRACE_MS", 1500));
    let clinic = clinic_with_chart(clinic).await;
    let mut lee = clinic.login("lee", "provider").await;
    let pat = json!({"patientId": "pat"});
    ask(&mut lee, "record:view", pat.clone()).await;
    lee.event("record:viewersChanged").await;
    let mut ana = clinic.login("ana", "provider").await;
    ask(&mut ana, "record:view", pat.clone()).await;
    lee.event("record:viewersChanged").await;
    ana.close().await;
    let mut ana = clinic.login("ana", "provider").await;
    ask(&mut ana, "record:view", pat.clone()).await;
    lee.expect_none("record:viewersChanged").await;
    ana.close().await;
    let gone = lee.event("record:viewersChanged").await;
    assert_eq!(names(&gone["data"]["viewers"]), ["lee"]);
}

#[tokio::test]
async fn one_device_holds_a_lease() {
    let clinic = clinic_with_chart(Clinic::open()).await;
    let mut ana = clinic.login("ana", "provider").await;
    let mut phone = clinic.login("ana", "provider").await;
    let mut lee = clinic.login("lee", "provider").await;
    ask(&mut lee, "room:join", json!({"roomId": "patient:pat"})).await;
    let lease = lock(&mut ana, "vitals").await;
    let event = lee.event("record:locked").await;
    assert_eq!(event["room"], "patient:pat");
    assert_eq!(event["offset"], 1);
    let expected =
        json!({"recordId": "vitals", "holderId": "ana", "expiresAt": lease["expiresAt"]});
    assert_eq!(event["data"], expected);
    for raw in [&mut lee, &mut phone] {
        let data = json!({"recordId": "vitals", "patientId": "pat"});
        let failure = refused(raw, "record:lock", data, "record_locked").await;
        let details = json!({"holderId": "ana", "expiresAt": lease["expiresAt"]});
        assert_eq!(failure.details(), &details);
        refused(
            raw,
            "record:unlock",
            under("vitals", &lease),
            "record_locked",
        )
        .await;
    }
    // Another part of the chart is another lease.
    let other = lock(&mut lee, "notes").await;
    assert!(other[TOKEN].as_u64() > lease[TOKEN].as_u64());
    let snapshot = ask(
        &mut lee,
        "room:join",
        json!({"roomId": "patient:pat", "snapshot": true}),
    )
    .await;
    let locks = snapshot["snapshot"]["locks"].as_array().unwrap();
    assert_eq!(locks.len(), 2);
    assert_eq!(locks[1], expected);
    ask(&mut ana, "record:unlock", under("vitals", &lease)).await;
    let event = lee.event("record:unlocked").await;
    assert_eq!(
        event["data"],
        json!({"recordId": "vitals", "reason": "released"})
    );
    let next = lock(&mut lee, "vitals").await;
    assert!(next[TOKEN].as_u64() > other[TOKEN].as_u64());
    for kind in ["record:renew", "record:unlock"] {
        refused(&mut ana, kind, under("vitals", &lease), "record_locked").await;
    }
}

#[tokio::test]
async fn a_lease_is_granted_once_for_a_key() {
    let clinic = clinic_with_chart(Clinic::open()).await;
    let mut ana = clinic.login("ana", "provider").await;
    let data = json!({"recordId": "r", "patientId": "pat"});
    let first = ana.keyed("record:lock", "k", data.clone()).await.unwrap();
    let again = ana.keyed("record:lock", "k", data.clone()).await.unwrap();
    assert_eq!(first, again);
    // Without a key the holder is granted it anew, and the older token is stale.
    let newer = lock(&mut ana, "r").await;
    assert!(newer[TOKEN].as_u64() > first[TOKEN].as_u64());
    refused(
        &mut ana,
        "record:renew",
        under("r", &first),
        "record_locked",
    )
    .await;
    ask(&mut ana, "record:renew", under("r", &newer)).await;
}

#[tokio::test]
async fn a_lease_ends_unless_renewed_and_outlives_the_connection() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_LEASE_TTL_MS", 5000));
    let clinic = clinic_with_chart(clinic).await;
    let mut ana = clinic.device("ana", "provider", "tab").await;
    let mut lee = clinic.login("lee", "provider").await;
    ask(&mut lee, "room:join", json!({"roomId": "patient:pat"})).await;
    let lease = lock(&mut ana, "r").await;
    lee.event("record:locked").await;
    ana.close().await;
    let mut ana = clinic.device("ana", "provider", "tab").await;
    let renewed = ask(&mut ana, "record:renew", under("r", &lease)).await;
    assert_eq!(renewed[TOKEN], lease[TOKEN]);
    assert!(renewed["expiresAt"].as_str() > lease["expiresAt"].as_str());
    let event = lee.event("record:locked").await;
    assert_eq!(event["data"]["expiresAt"], renewed["expiresAt"]);
    let ended = lee.event("record:unlocked").await;
    assert_eq!(ended["data"], json!({"recordId": "r", "reason": "expired"}));
    assert!(ended["timestamp"].as_str() >= renewed["expiresAt"].as_str());
    refused(
        &mut ana,
        "record:renew",
        under("r", &lease),
        "record_locked",
    )
    .await;
    assert!(lock(&mut lee, "r").await[TOKEN].as_u64() > lease[TOKEN].as_u64());
}

#[tokio::test]
async fn a_lease_survives_a_restart_and_ends_after_it() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_LEASE_TTL_MS", 6000));
    let mut clinic = clinic_with_chart(clinic).await;
    let mut ana = clinic.device("ana", "provider", "tab").await;
    let kept = lock(&mut ana, "kept").await;
    let left = lock(&mut ana, "left").await;
    clinic.server_mut().kill();
    clinic.server_mut().restart();
    let mut ana = clinic.device("ana", "provider", "tab").await;
    let mut lee = clinic.login("lee", "provider").await;
    ask(&mut ana, "record:renew", under("kept", &kept)).await;
    ask(&mut lee, "room:join", json!({"roomId": "patient:pat"})).await;
    let ended = lee.event("record:unlocked").await;
    assert_eq!(
        ended["data"],
        json!({"recordId": "left", "reason": "expired"})
    );
    let next = lock(&mut lee, "left").await;
    assert!(next[TOKEN].as_u64() > left[TOKEN].as_u64());
}

#[tokio::test]
async fn only_who_may_see_the_chart() {
    let clinic = clinic_with_chart(Clinic::open()).await;
    let mut ana = clinic.login("ana", "provider").await;
    let lease = lock(&mut ana, "r").await;
    let mut stranger = clinic.login("eve", "provider").await;
    let mut pat = clinic.login("pat", "patient").await;
    for raw in [&mut stranger, &mut pat] {
        for kind in ["record:view", "record:viewers"] {
            refused(raw, kind, json!({"patientId": "pat"}), "access_denied").await;
        }
        let data = json!({"recordId": "r", "patientId": "pat"});
        refused(raw, "record:lock", data, "access_denied").await;
        refused(raw, "record:renew", under("r", &lease), "access_denied").await;
    }
    // Whose care has ended looks no longer and renews no longer.
    let mut lee = clinic.login("lee", "provider").await;
    ask(&mut lee, "record:view", json!({"patientId": "pat"})).await;
    ask(&mut ana, "record:view", json!({"patientId": "pat"})).await;
    clinic.end_care("ana", "pat").await;
    lee.event_where("record:viewersChanged", |frame| {
        names(&frame["data"]["viewers"]) == ["lee"]
    })
    .await;
    refused(
        &mut ana,
        "record:renew",
        under("r", &lease),
        "access_denied",
    )
    .await;
    ask(&mut ana, "record:unlock", under("r", &lease)).await;
    lee.event("record:unlocked").await;
}

#[tokio::test]
async fn backends_ask_and_end() {
    let clinic = clinic_with_chart(Clinic::open()).await;
    let mut ana = clinic.login("ana", "provider").await;
    ask(&mut ana, "room:join", json!({"roomId": "patient:pat"})).await;
    let path = "/v1/records/pat/r/lock";
    assert_eq!(clinic.call("GET", path, None).await.status, 404);
    assert_eq!(clinic.call("DELETE", path, None).await.status, 404);
    let lease = lock(&mut ana, "r").await;
    let held = clinic.ok("GET", path, None).await;
    let expected = json!({"holderId": "ana", TOKEN: lease[TOKEN], "expiresAt": lease["expiresAt"]});
    assert_eq!(held, expected);
    clinic.ok("DELETE", path, None).await;
    let event = ana.event("record:unlocked").await;
    assert_eq!(event["data"], json!({"recordId": "r", "reason": "revoked"}));
    refused(
        &mut ana,
        "record:renew",
        under("r", &lease),
        "record_locked",
    )
    .await;
    settle(&mut ana).await;
    none(&ana, "one end", |frame| frame["type"] == "record:unlocked");
}
