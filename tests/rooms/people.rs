//! Who is who over HTTP: care teams, visits, users; who may ask, and refusals.

use crate::clinic::{Clinic, join, message, refused, send};
use carewire_tests::http;
use serde_json::{Value, json};

/// Every call of section 8 that is about people, rooms and messages.
fn calls() -> Vec<(&'static str, &'static str, Option<Value>)> {
    vec![
        ("PUT", "/v1/care-team/doc/pat", None),
        ("DELETE", "/v1/care-team/doc/pat", None),
        (
            "PUT",
            "/v1/visits/v",
            Some(json!({"participantIds": ["ana"]})),
        ),
        ("PUT", "/v1/threads/t", Some(json!({"memberIds": ["ana"]}))),
        ("PUT", "/v1/users/ana", Some(json!({"role": "provider"}))),
        ("GET", "/v1/users/ana", None),
        ("POST", "/v1/users/ana/disconnect", None),
        ("POST", "/v1/users/ana/rooms", Some(json!({"join": []}))),
        ("GET", "/v1/connections", None),
        ("DELETE", "/v1/connections/none", None),
        (
            "POST",
            "/v1/connections/none/rooms",
            Some(json!({"join": []})),
        ),
        ("GET", "/v1/rooms", None),
        ("GET", "/v1/rooms/tenant:x", None),
        (
            "POST",
            "/v1/messages",
            Some(json!({"roomId": "chat:ana:lee", "senderId": "ana", "body": "x"})),
        ),
        (
            "POST",
            "/v1/messages/01none/status",
            Some(json!({"userId": "ana", "status": "read"})),
        ),
    ]
}

/// 401 without a good token, 403 for every role but `service`.
#[tokio::test]
async fn for_services_only() {
    let clinic = Clinic::open();
    let expired = clinic.token("backend", "service").lives(-5).sign();
    let forged = clinic.token("backend", "service").sign_with(&[7; 40]);
    for (method, path, body) in calls() {
        for (token, code) in [
            (None, "no_token"),
            (Some(expired.as_str()), "token_expired"),
            (Some(forged.as_str()), "invalid_token"),
            (Some("nonsense"), "invalid_token"),
        ] {
            let answer = http::request(clinic.server(), method, path, token, body.as_ref()).await;
            assert_eq!(answer.status, 401, "{method} {path}: {}", answer.body);
            assert_eq!(answer.code(), code, "{method} {path}");
        }
        for role in ["patient", "provider", "staff", "admin"] {
            let token = clinic.token("me", role).sign();
            let token = Some(token.as_str());
            let answer = http::request(clinic.server(), method, path, token, body.as_ref()).await;
            assert_eq!(
                answer.status, 403,
                "{role}: {method} {path}: {}",
                answer.body
            );
            assert_eq!(answer.code(), "access_denied");
            assert_eq!(answer.json()["message"], "Access denied");
        }
    }
}

/// 400 for bad input with its field, 404 for what does not exist.
#[tokio::test]
async fn bad_calls() {
    let clinic = Clinic::open();
    for (method, path, body, status, code, field) in [
        (
            "PUT",
            "/v1/users/ana",
            json!({"role": "wizard"}),
            400,
            "invalid_input",
            "role",
        ),
        (
            "PUT",
            "/v1/users/ana",
            json!({}),
            400,
            "invalid_input",
            "role",
        ),
        (
            "PUT",
            "/v1/visits/v",
            json!({}),
            400,
            "invalid_input",
            "participantIds",
        ),
        (
            "PUT",
            "/v1/visits/v",
            json!({"participantIds": ["a b"]}),
            400,
            "invalid_input",
            "participantIds[0]",
        ),
        (
            "POST",
            "/v1/messages",
            json!({"roomId": "chat:a:b", "senderId": "a"}),
            400,
            "invalid_input",
            "body",
        ),
        (
            "POST",
            "/v1/messages",
            json!({"roomId": "thread:none", "senderId": "a", "body": "x"}),
            404,
            "room_not_found",
            "",
        ),
        (
            "POST",
            "/v1/messages/01none/status",
            json!({"userId": "a", "status": "read"}),
            404,
            "message_not_found",
            "",
        ),
        (
            "POST",
            "/v1/messages/01none/status",
            json!({"userId": "a", "status": "eaten"}),
            400,
            "invalid_input",
            "status",
        ),
    ] {
        let answer = clinic.call(method, path, Some(body.clone())).await;
        assert_eq!(
            answer.status, status,
            "{method} {path} {body}: {}",
            answer.body
        );
        assert_eq!(answer.code(), code, "{method} {path} {body}");
        if !field.is_empty() {
            assert_eq!(answer.json()["field"], field, "{method} {path} {body}");
        }
    }
    let answer = clinic.call("DELETE", "/v1/connections/none", None).await;
    assert_eq!(answer.status, 404);
    let answer = clinic.call("PUT", "/v1/care-team/a%20b/pat", None).await;
    assert!(matches!(answer.status, 400 | 404), "{}", answer.status);
    let token = clinic.server().service_token(&clinic.tenant);
    let bearer = format!("Bearer {token}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    for body in ["{", "[1", "\"x", "{\"role\":\"staff\",\"role\":\"admin\"}"] {
        let answer = http::send(
            clinic.server(),
            "PUT",
            "/v1/users/ana",
            &headers,
            Some(body),
        )
        .await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(matches!(
            answer.code().as_str(),
            "malformed" | "invalid_input"
        ));
    }
}

/// A chat with a patient opens with care and closes with its end; asking twice is no error.
#[tokio::test]
async fn care_teams() {
    let clinic = Clinic::open();
    clinic.user("doc", "provider").await;
    clinic.user("pat", "patient").await;
    let mut doc = clinic.login("doc", "provider").await;
    let mut pat = clinic.login("pat", "patient").await;
    let room = "chat:doc:pat";
    for _ in 0..2 {
        refused(
            &mut doc,
            "room:join",
            json!({"roomId": room}),
            "access_denied",
        )
        .await;
        for _ in 0..2 {
            clinic.care("doc", "pat").await;
        }
        join(&mut doc, room).await;
        join(&mut pat, room).await;
        join(&mut doc, "patient:pat").await;
        for _ in 0..2 {
            clinic.end_care("doc", "pat").await;
        }
        doc.event("room:left").await;
        pat.event("room:left").await;
    }
    // Care is a fact of one tenant.
    let neighbour = clinic.neighbour();
    neighbour.care("doc", "pat").await;
    refused(
        &mut doc,
        "room:join",
        json!({"roomId": room}),
        "access_denied",
    )
    .await;
}

/// What `PUT /v1/users` says wins over tokens; unless it says so, a token teaches the server.
#[tokio::test]
async fn users() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    let data = json!({"roomId": "chat:ana:lee"});
    // Nobody knows lee, who counts as a patient.
    refused(&mut ana, "room:join", data.clone(), "access_denied").await;
    let lee = clinic.login("lee", "provider").await;
    join(&mut ana, "chat:ana:lee").await;
    drop(lee);
    join(&mut ana, "chat:ana:lee").await;
    clinic.user("lee", "patient").await;
    ana.event("room:left").await;
    let _lee = clinic.login("lee", "provider").await;
    refused(&mut ana, "room:join", data, "access_denied").await;
    let body = json!({"role": "provider", "name": "Dr Lee"});
    clinic.ok("PUT", "/v1/users/lee", Some(body)).await;
    join(&mut ana, "chat:ana:lee").await;
}

/// `GET /v1/users/{userId}` → connected, how many, and the presence.
#[tokio::test]
async fn a_user_as_a_backend_sees_them() {
    let clinic = Clinic::open();
    let nobody = clinic.ok("GET", "/v1/users/ana", None).await;
    assert_eq!(
        (&nobody["connected"], &nobody["connections"]),
        (&json!(false), &json!(0))
    );
    assert_eq!(nobody["presence"]["status"], "offline");
    let mut ana = clinic.device("ana", "provider", "desk").await;
    let _phone = clinic.device("ana", "provider", "phone").await;
    crate::clinic::ask(&mut ana, "presence:setStatus", json!({"status": "away"})).await;
    let seen = clinic.ok("GET", "/v1/users/ana", None).await;
    assert_eq!(
        (&seen["connected"], &seen["connections"]),
        (&json!(true), &json!(2))
    );
    let presence = &seen["presence"];
    assert_eq!(
        (&presence["userId"], &presence["status"]),
        (&json!("ana"), &json!("away"))
    );
    assert_eq!(presence["devices"], 2);
    let elsewhere = clinic.neighbour().ok("GET", "/v1/users/ana", None).await;
    assert_eq!(elsewhere["connected"], false);
}

/// All connections of the user are closed with 4409, and nobody else's.
#[tokio::test]
async fn disconnecting_a_user() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let mut phone = clinic.login("ana", "provider").await;
    let neighbour = clinic.neighbour();
    let mut namesake = neighbour.login("ana", "provider").await;
    assert_eq!(
        clinic.ok("POST", "/v1/users/ana/disconnect", None).await,
        json!({})
    );
    assert_eq!(ana.expect_close().await, 4409);
    assert_eq!(phone.expect_close().await, 4409);
    namesake.expect_alive().await;
    send(&mut lee, &room, "still here").await;
    message(&mut lee, "still here").await;
    // Nobody connected is no error.
    assert_eq!(
        clinic.ok("POST", "/v1/users/zoe/disconnect", None).await,
        json!({})
    );
}
