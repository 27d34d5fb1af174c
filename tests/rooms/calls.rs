//! Calls: who rings, who is in, what passes between the devices, and how calls end.

use crate::clinic::{Clinic, ask, none, refused, settle};
use carewire_tests::Raw;
use serde_json::{Value, json};

async fn ring(raw: &mut Raw, recipients: &[&str]) -> String {
    let data = json!({"recipientIds": recipients, "callType": "video"});
    let reply = ask(raw, "call:initiate", data).await;
    assert_eq!(reply["state"], "ringing");
    let call = reply["callId"].as_str().unwrap().to_owned();
    assert_eq!(reply["roomId"], format!("call:{call}"));
    call
}

/// Rings at somebody who takes it.
async fn talk(caller: &mut Raw, other: &mut Raw, user: &str) -> String {
    let call = ring(caller, &[user]).await;
    other.event("call:incoming").await;
    ask(other, "call:accept", json!({"callId": call})).await;
    for raw in [&mut *caller, other] {
        raw.event("call:participantJoined").await;
    }
    call
}

async fn newest(raw: &mut Raw) -> Value {
    let reply = ask(raw, "call:history", json!({})).await;
    reply["calls"][0].clone()
}

async fn presence(raw: &mut Raw, user: &str) -> String {
    let reply = ask(raw, "presence:get", json!({"userIds": [user]})).await;
    reply["presences"][0]["status"].as_str().unwrap().to_owned()
}

fn participant<'a>(call: &'a Value, user: &str) -> &'a Value {
    let all = call["participants"].as_array().unwrap();
    let found = all.iter().find(|one| one["userId"] == user);
    found.unwrap_or_else(|| panic!("{user} is not in {call}"))
}

/// Providers of a clinic, each on a device named like them.
async fn people<const N: usize>(clinic: &Clinic, names: [&str; N]) -> [Raw; N] {
    let mut all = Vec::new();
    for name in names {
        all.push(
            clinic
                .device(name, "provider", &format!("{name}-tab"))
                .await,
        );
    }
    all.try_into()
        .unwrap_or_else(|_| panic!("as many as named"))
}

#[tokio::test]
async fn rings_on_all_devices_and_one_takes_it() {
    let clinic = Clinic::open();
    let [mut ana, mut lee] = people(&clinic, ["ana", "lee"]).await;
    let mut phone = clinic.device("lee", "provider", "lee-phone").await;
    let call = ring(&mut ana, &["lee"]).await;
    for raw in [&mut lee, &mut phone] {
        let event = raw.event("call:incoming").await;
        assert_eq!(event["room"], "user:lee");
        let data = &event["data"];
        assert_eq!(data["callId"], call.as_str());
        assert_eq!(data["callerId"], "ana");
        assert_eq!(data["state"], "ringing");
        assert_eq!(data["callType"], "video");
        assert!(data["expiresAt"].is_string());
        assert_eq!(participant(data, "ana")["clientId"], "ana-tab");
        assert_eq!(participant(data, "lee")["state"], "ringing");
    }
    let taken = json!({"callId": call});
    ask(&mut phone, "call:accept", taken.clone()).await;
    ask(&mut phone, "call:accept", taken.clone()).await;
    let expected = json!({"callId": call, "userId": "lee", "clientId": "lee-phone"});
    for raw in [&mut ana, &mut lee, &mut phone] {
        assert_eq!(raw.event("call:accepted").await["data"], expected);
    }
    let failure = refused(&mut lee, "call:accept", taken.clone(), "call_conflict").await;
    assert_eq!(failure.message(), "Cannot accept call in active state");
    assert_eq!(presence(&mut ana, "lee").await, "in_call");
    assert_eq!(presence(&mut lee, "ana").await, "in_call");
    ask(&mut ana, "call:end", taken.clone()).await;
    for raw in [&mut ana, &mut lee, &mut phone] {
        let ended = raw.event("call:ended").await;
        assert_eq!(ended["data"]["reason"], "hangup");
        assert!(ended["data"]["durationMs"].is_u64());
    }
    assert_eq!(presence(&mut ana, "lee").await, "online");
    let failure = refused(&mut lee, "call:accept", taken, "call_conflict").await;
    assert_eq!(failure.message(), "Cannot accept call in ended state");
    let last = newest(&mut lee).await;
    assert_eq!(
        (&last["state"], &last["endReason"]),
        (&json!("ended"), &json!("hangup"))
    );
}

#[tokio::test]
async fn what_was_set_comes_back_after_a_call() {
    let clinic = Clinic::open();
    let [mut ana, mut lee] = people(&clinic, ["ana", "lee"]).await;
    ask(&mut ana, "presence:setStatus", json!({"status": "busy"})).await;
    let call = talk(&mut ana, &mut lee, "lee").await;
    assert_eq!(presence(&mut lee, "ana").await, "in_call");
    ask(&mut ana, "presence:setStatus", json!({"status": "away"})).await;
    assert_eq!(presence(&mut lee, "ana").await, "in_call");
    ask(&mut lee, "call:end", json!({"callId": call})).await;
    assert_eq!(presence(&mut lee, "ana").await, "away");
}

#[tokio::test]
async fn rejected() {
    let clinic = Clinic::open();
    let [mut ana, mut lee] = people(&clinic, ["ana", "lee"]).await;
    let mut phone = clinic.device("lee", "provider", "lee-phone").await;
    let call = ring(&mut ana, &["lee"]).await;
    let data = json!({"callId": call, "reason": "in theatre"});
    ask(&mut lee, "call:reject", data.clone()).await;
    let event = ana.event("call:rejected").await;
    let expected = json!({"callId": call, "userId": "lee", "reason": "in theatre"});
    assert_eq!(event["data"], expected);
    let other = phone.event("call:rejected").await;
    assert_eq!(other["data"], json!({"callId": call, "userId": "lee"}));
    assert_eq!(newest(&mut ana).await["state"], "rejected");
    let failure = refused(&mut lee, "call:reject", data, "call_conflict").await;
    assert_eq!(failure.message(), "Cannot reject call in rejected state");
    // And they are free again.
    ring(&mut lee, &["ana"]).await;
}

#[tokio::test]
async fn missed_when_nobody_answers_in_time() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_CALL_RING_MS", 700));
    let [mut ana, mut lee] = people(&clinic, ["ana", "lee"]).await;
    let call = ring(&mut ana, &["lee"]).await;
    let ended = ana.event("call:ended").await;
    let expected = json!({"callId": call, "reason": "timeout", "durationMs": 0});
    assert_eq!(ended["data"], expected);
    let missed = lee.event("call:missed").await;
    assert_eq!(missed["room"], "user:lee");
    assert_eq!(missed["offset"], 1);
    let expected = json!({"callId": call, "callerId": "ana", "callType": "video"});
    assert_eq!(missed["data"], expected);
    let last = newest(&mut lee).await;
    assert_eq!(last["state"], "missed");
    assert_eq!(participant(&last, "lee")["state"], "missed");
}

#[tokio::test]
async fn a_caller_may_give_up_and_absent_people_hear_of_it_later() {
    let clinic = Clinic::open();
    clinic.user("lee", "provider").await;
    let mut service = Raw::login(clinic.server(), &clinic.token("backend", "service")).await;
    ask(
        &mut service,
        "room:join",
        json!({"roomId": format!("backend:{}", clinic.tenant)}),
    )
    .await;
    let [mut ana] = people(&clinic, ["ana"]).await;
    let call = ring(&mut ana, &["lee"]).await;
    let wanted = service.event("push:wanted").await;
    let expected = json!({"userIds": ["lee"], "kind": "call", "id": call, "priority": "urgent"});
    assert_eq!(wanted["data"], expected);
    // Who connects meanwhile is told that it rings.
    let token = clinic.token("lee", "provider").sign();
    let mut lee = Raw::connect(clinic.server()).bearer(&token).open().await;
    let connected = lee.event("connected").await;
    assert_eq!(connected["data"]["calls"][0]["callId"], call.as_str());
    assert_eq!(
        lee.event("call:incoming").await["data"]["callId"],
        call.as_str()
    );
    ask(&mut ana, "call:leave", json!({"callId": call})).await;
    assert_eq!(lee.event("call:ended").await["data"]["reason"], "hangup");
    assert_eq!(
        lee.event("call:missed").await["data"]["callId"],
        call.as_str()
    );
}

#[tokio::test]
async fn busy_people_are_not_called() {
    let clinic = Clinic::open();
    let [mut ana, mut lee, mut kim] = people(&clinic, ["ana", "lee", "kim"]).await;
    let call = ring(&mut ana, &["lee"]).await;
    let to = |user: &str| json!({"recipientIds": [user], "callType": "audio"});
    // The two call each other: the call that is there is named.
    let failure = refused(&mut lee, "call:initiate", to("ana"), "call_conflict").await;
    assert_eq!(failure.message(), "User is busy");
    assert_eq!(failure.details(), &json!({"callId": call}));
    for user in ["ana", "lee"] {
        let failure = refused(&mut kim, "call:initiate", to(user), "call_conflict").await;
        assert_eq!(failure.message(), "User is busy");
        assert_eq!(failure.details(), &Value::Null);
    }
    ask(&mut lee, "call:accept", json!({"callId": call})).await;
    refused(&mut kim, "call:initiate", to("lee"), "call_conflict").await;
    ask(&mut ana, "call:end", json!({"callId": call})).await;
    let again = json!({"recipientIds": ["lee"], "callType": "audio"});
    let first = kim
        .keyed("call:initiate", "k", again.clone())
        .await
        .unwrap();
    let second = kim.keyed("call:initiate", "k", again).await.unwrap();
    assert_eq!(first, second);
}

#[tokio::test]
async fn several_people_and_the_last_who_leaves_ends_it() {
    let clinic = Clinic::open();
    let [mut ana, mut lee, mut kim, mut joe] = people(&clinic, ["ana", "lee", "kim", "joe"]).await;
    let call = ring(&mut ana, &["lee", "kim", "joe"]).await;
    let it = json!({"callId": call});
    ask(&mut lee, "call:accept", it.clone()).await;
    ask(&mut kim, "call:accept", it.clone()).await;
    ask(&mut joe, "call:reject", it.clone()).await;
    let joined = ana.event_where("call:participantJoined", |frame| {
        frame["data"]["userId"] == "kim"
    });
    joined.await;
    ask(&mut ana, "call:leave", it.clone()).await;
    assert_eq!(
        lee.event("call:participantLeft").await["data"]["userId"],
        "ana"
    );
    refused(&mut ana, "call:leave", it.clone(), "call_conflict").await;
    // Back again, on the same device.
    let back = ask(&mut ana, "call:join", it.clone()).await;
    assert_eq!(participant(&back["call"], "ana")["clientId"], "ana-tab");
    assert_eq!(participant(&back["call"], "joe")["state"], "rejected");
    ask(&mut ana, "call:leave", it.clone()).await;
    ask(&mut kim, "call:leave", it.clone()).await;
    assert_eq!(lee.event("call:ended").await["data"]["reason"], "lastLeft");
    settle(&mut joe).await;
    none(&joe, "who has declined hears no more", |frame| {
        frame["type"] == "call:ended"
    });
    refused(&mut joe, "call:join", it, "call_conflict").await;
}

#[tokio::test]
async fn signals_reach_the_device_that_holds_the_place_and_no_other() {
    let clinic = Clinic::open();
    let [mut ana, mut lee] = people(&clinic, ["ana", "lee"]).await;
    let mut phone = clinic.device("lee", "provider", "lee-phone").await;
    let mut eve = clinic.login("eve", "provider").await;
    let call = talk(&mut ana, &mut lee, "lee").await;
    let offer = |to: Value| {
        json!({"callId": call, "recipientId": to, "signalType": "offer",
            "signal": {"sdp": "v=0"}})
    };
    ask(&mut ana, "call:signal", offer(json!("lee"))).await;
    let event = lee.event("call:signal").await;
    let expected = json!({"callId": call, "senderId": "ana", "senderClientId": "ana-tab",
        "signalType": "offer", "signal": {"sdp": "v=0"}});
    assert_eq!(event["data"], expected);
    assert!(event.get("offset").is_none());
    ask(&mut ana, "call:signal", offer(Value::Null)).await;
    lee.event("call:signal").await;
    refused(
        &mut phone,
        "call:signal",
        offer(json!("ana")),
        "call_conflict",
    )
    .await;
    refused(
        &mut ana,
        "call:signal",
        offer(json!("eve")),
        "call_conflict",
    )
    .await;
    refused(
        &mut eve,
        "call:signal",
        offer(json!("ana")),
        "access_denied",
    )
    .await;
    // The place moves to the device that joins.
    let moved = ask(&mut phone, "call:join", json!({"callId": call})).await;
    assert_eq!(participant(&moved["call"], "lee")["clientId"], "lee-phone");
    let told = lee.event_where("call:participantJoined", |frame| {
        frame["data"]["clientId"] == "lee-phone"
    });
    told.await;
    ask(&mut ana, "call:signal", offer(json!("lee"))).await;
    phone.event("call:signal").await;
    for raw in [&mut lee, &mut eve, &mut ana] {
        settle(raw).await;
        none(raw, "a signal for another device", |frame| {
            frame["type"] == "call:signal"
        });
    }
    refused(
        &mut lee,
        "call:signal",
        offer(json!("ana")),
        "call_conflict",
    )
    .await;
}

#[tokio::test]
async fn media_and_quality_are_told() {
    let clinic = Clinic::open();
    let [mut ana, mut lee] = people(&clinic, ["ana", "lee"]).await;
    let call = talk(&mut ana, &mut lee, "lee").await;
    let media = json!({"callId": call, "audio": true, "video": false, "screen": true});
    ask(&mut ana, "call:media", media.clone()).await;
    let event = lee.event("call:media").await;
    let expected =
        json!({"callId": call, "userId": "ana", "audio": true, "video": false, "screen": true});
    assert_eq!(event["data"], expected);
    let snapshot = ask(
        &mut lee,
        "room:join",
        json!({"roomId": format!("call:{call}"), "snapshot": true}),
    )
    .await;
    assert_eq!(
        participant(&snapshot["snapshot"]["call"], "ana")["screen"],
        true
    );
    let report = |loss: f64, round_trip: u64| {
        json!({"callId": call, "packetLossPct": loss, "jitterMs": 5,
            "roundTripMs": round_trip, "bitrateKbps": 900})
    };
    ask(&mut lee, "call:quality", report(0.5, 80)).await;
    ask(&mut lee, "call:quality", report(12.5, 80)).await;
    let issue = ana.event("call:qualityIssue").await;
    let expected = json!({"callId": call, "userId": "lee", "metric": "packetLossPct",
        "value": 12.5, "threshold": 5});
    assert_eq!(issue["data"], expected);
    ask(&mut lee, "call:quality", report(0.0, 700)).await;
    let issue = ana.event("call:qualityIssue").await;
    assert_eq!(issue["data"]["metric"], "roundTripMs");
    settle(&mut ana).await;
    none(&ana, "what is well is not told", |frame| {
        frame["type"] == "call:qualityIssue"
    });
}

#[tokio::test]
async fn the_call_of_a_visit() {
    let clinic = Clinic::open();
    clinic.visit("v1", &["doc", "pat", "kid"]).await;
    let mut doc = clinic.device("doc", "provider", "doc-tab").await;
    let mut pat = clinic.device("pat", "patient", "pat-tab").await;
    let mut eve = clinic.login("eve", "provider").await;
    let of_visit = json!({"visitId": "v1"});
    let started = ask(&mut doc, "call:join", of_visit.clone()).await["call"].clone();
    assert_eq!(started["roomId"], "call:v1");
    assert_eq!(
        (&started["state"], &started["visitId"]),
        (&json!("active"), &json!("v1"))
    );
    settle(&mut pat).await;
    none(&pat, "nobody rings", |frame| {
        frame["type"] == "call:incoming"
    });
    let joined = ask(&mut pat, "call:join", of_visit.clone()).await["call"].clone();
    assert_eq!(joined["callId"], started["callId"]);
    assert_eq!(
        doc.event("call:participantJoined").await["data"]["userId"],
        "doc"
    );
    assert_eq!(
        doc.event("call:participantJoined").await["data"]["userId"],
        "pat"
    );
    refused(&mut eve, "call:join", of_visit.clone(), "access_denied").await;
    let one_more = json!({"recipientIds": ["kid"], "visitId": "v1", "callType": "audio"});
    let failure = refused(&mut eve, "call:initiate", one_more, "access_denied").await;
    assert_eq!(failure.message(), "Access denied");
    // For a patient the end is leaving; the doctor alone is the end.
    ask(&mut pat, "call:end", json!({"callId": started["callId"]})).await;
    assert_eq!(doc.event("call:ended").await["data"]["reason"], "lastLeft");
    // Whoever may no longer take part in the visit is no longer in its call.
    ask(&mut doc, "call:join", of_visit.clone()).await;
    ask(&mut pat, "call:join", of_visit).await;
    clinic.visit("v1", &["doc", "kid"]).await;
    let left = doc.event_where("call:participantLeft", |frame| {
        frame["data"]["userId"] == "pat"
    });
    left.await;
}

#[tokio::test]
async fn one_calls_people_one_may_chat_with() {
    let clinic = Clinic::open();
    clinic.user("doc", "provider").await;
    clinic.user("pat", "patient").await;
    let mut eve = clinic.login("eve", "provider").await;
    let mut other = clinic.login("sue", "patient").await;
    for raw in [&mut eve, &mut other] {
        let data = json!({"recipientIds": ["pat"], "callType": "audio"});
        refused(raw, "call:initiate", data, "access_denied").await;
    }
    let data = json!({"recipientIds": ["eve"], "callType": "audio"});
    let failure = refused(&mut eve, "call:initiate", data, "invalid_input").await;
    assert_eq!(failure.field(), "recipientIds");
    let unknown = json!({"callId": "nothing"});
    for kind in [
        "call:accept",
        "call:reject",
        "call:end",
        "call:leave",
        "call:join",
    ] {
        let failure = refused(&mut eve, kind, unknown.clone(), "call_not_found").await;
        assert_eq!(failure.message(), "Call not found");
    }
    clinic.care("doc", "pat").await;
    let mut doc = clinic.login("doc", "provider").await;
    let mut pat = clinic.login("pat", "patient").await;
    let call = ring(&mut doc, &["pat"]).await;
    refused(
        &mut eve,
        "call:accept",
        json!({"callId": call}),
        "access_denied",
    )
    .await;
    refused(
        &mut eve,
        "room:join",
        json!({"roomId": format!("call:{call}")}),
        "access_denied",
    )
    .await;
    // Those who are called may talk in the room of the call.
    let room = format!("call:{call}");
    ask(&mut pat, "room:join", json!({"roomId": room})).await;
    ask(
        &mut doc,
        "message:send",
        json!({"roomId": room, "body": "hello"}),
    )
    .await;
    pat.event("message:new").await;
}

#[tokio::test]
async fn calls_are_limited_by_the_minute() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_CALLS_PER_MINUTE", 2));
    let [mut ana, mut lee] = people(&clinic, ["ana", "lee"]).await;
    for _ in 0..2 {
        let call = ring(&mut ana, &["lee"]).await;
        ask(&mut ana, "call:end", json!({"callId": call})).await;
    }
    let data = json!({"recipientIds": ["lee"], "callType": "audio"});
    refused(&mut ana, "call:initiate", data, "rate_limited").await;
    ring(&mut lee, &["ana"]).await;
}

#[tokio::test]
async fn history_comes_in_pages() {
    let clinic = Clinic::alone(|o| o.env("CAREWIRE_CALLS_PER_MINUTE", 100));
    let [mut ana, mut lee] = people(&clinic, ["ana", "lee"]).await;
    let mut calls = Vec::new();
    for _ in 0..5 {
        let call = ring(&mut ana, &["lee"]).await;
        ask(&mut ana, "call:end", json!({"callId": call})).await;
        calls.push(call);
    }
    calls.reverse();
    let (mut found, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let page = ask(
            &mut lee,
            "call:history",
            json!({"limit": 2, "cursor": cursor}),
        )
        .await;
        for call in page["calls"].as_array().unwrap() {
            found.push(call["callId"].as_str().unwrap().to_owned());
        }
        cursor = page["cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(found, calls);
}

#[tokio::test]
async fn a_call_survives_a_restart() {
    let mut clinic = Clinic::alone(|o| o);
    let [mut ana, mut lee] = people(&clinic, ["ana", "lee"]).await;
    let call = talk(&mut ana, &mut lee, "lee").await;
    clinic.server_mut().kill();
    clinic.server_mut().restart();
    let token = clinic.token("ana", "provider").sign();
    let connect = Raw::connect(clinic.server())
        .bearer(&token)
        .client_id("ana-tab");
    let mut ana = connect.open().await;
    let connected = ana.event("connected").await;
    assert_eq!(connected["data"]["calls"][0]["callId"], call.as_str());
    assert_eq!(connected["data"]["calls"][0]["state"], "active");
    let mut lee = clinic.device("lee", "provider", "lee-tab").await;
    assert_eq!(presence(&mut lee, "ana").await, "in_call");
    let offer = json!({"callId": call, "signalType": "offer", "signal": {}});
    ask(&mut ana, "call:signal", offer).await;
    lee.event("call:signal").await;
    ask(&mut lee, "call:end", json!({"callId": call})).await;
    assert_eq!(ana.event("call:ended").await["data"]["reason"], "hangup");
}

#[tokio::test]
async fn whoever_is_gone_for_too_long_leaves() {
    let mut clinic = Clinic::alone(|o| o.env("CAREWIRE_CALL_GRACE_MS", 1500));
    let [mut ana, mut lee, kim, joe] = people(&clinic, ["ana", "lee", "kim", "joe"]).await;
    let (mut kim, mut joe) = (kim, joe);
    let call = talk(&mut ana, &mut lee, "lee").await;
    let other = talk(&mut kim, &mut joe, "joe").await;
    lee.close().await;
    let left = ana.event("call:participantLeft").await;
    assert_eq!(left["data"], json!({"callId": call, "userId": "lee"}));
    let ended = ana.event("call:ended").await;
    assert_eq!(ended["data"]["reason"], "lastLeft");
    assert!(ended["data"]["durationMs"].as_u64().unwrap() >= 1500);
    // Of a server that was killed and to which nobody came back, too, no call is left.
    clinic.server_mut().kill();
    clinic.server_mut().restart();
    let mut ana = clinic.device("ana", "provider", "ana-tab").await;
    let mut watcher = clinic.device("kim", "provider", "kim-other").await;
    let ended = watcher.event("call:ended").await;
    assert_eq!(ended["data"]["callId"], other.as_str());
    assert_eq!(ended["data"]["reason"], "restart");
    ring(&mut ana, &["kim"]).await;
}
