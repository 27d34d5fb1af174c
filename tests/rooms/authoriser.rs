//! The authoriser URL: a backend that decides instead of the directory, for a while each time.

use crate::clinic::{Clinic, ask, join, message, no_limits, none, refused, send, settle};
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use carewire_tests::{Server, http, wait::until};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// How the backend answers.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Allows,
    Denies,
    Fails,
    Hangs,
}

/// A backend that remembers what it was asked.
#[derive(Clone)]
struct Backend(Arc<Mutex<(Mood, Vec<Value>)>>);

impl Backend {
    fn set(&self, mood: Mood) {
        self.0.lock().unwrap().0 = mood;
    }

    fn asked(&self) -> Vec<Value> {
        self.0.lock().unwrap().1.clone()
    }

    /// How often it was asked about an action in a room.
    fn count(&self, action: &str, room: &str) -> usize {
        let is_it = |question: &&Value| question["action"] == action && question["roomId"] == room;
        self.asked().iter().filter(is_it).count()
    }
}

async fn answer(
    State(backend): State<Backend>,
    Json(question): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    let mood = {
        let mut state = backend.0.lock().unwrap();
        state.1.push(question);
        state.0
    };
    match mood {
        Mood::Allows => Ok(Json(json!({"allow": true}))),
        Mood::Denies => Ok(Json(json!({"allow": false, "reason": "not today"}))),
        Mood::Fails => Err(StatusCode::INTERNAL_SERVER_ERROR),
        Mood::Hangs => std::future::pending().await,
    }
}

/// A server that asks a backend, and remembers its decisions for so long.
async fn clinic(lifetime: u64) -> (Clinic, Backend) {
    let backend = Backend(Arc::new(Mutex::new((Mood::Allows, Vec::new()))));
    let app = Router::new()
        .route("/may", post(answer))
        .with_state(backend.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/may", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let clinic = Clinic::alone(|options| {
        no_limits(options)
            .env("CAREWIRE_AUTHORIZER_URL", url)
            .env("CAREWIRE_AUTHORIZER_TTL_MS", lifetime)
    });
    (clinic, backend)
}

const HOUR: u64 = 3_600_000;

#[tokio::test]
async fn it_decides_instead_of_the_directory() {
    let (clinic, backend) = clinic(HOUR).await;
    let mut lee = clinic.login("lee", "provider").await;
    // Nobody said that Lee cares for Ana, or that this visit exists.
    join(&mut lee, "patient:ana").await;
    join(&mut lee, "visit:v").await;
    send(&mut lee, "visit:v", "Hello").await;
    let history = json!({"roomId": "visit:v"});
    ask(&mut lee, "message:history", history).await;
    ask(&mut lee, "presence:get", json!({"userIds": ["ana", "lee"]})).await;
    ask(&mut lee, "record:view", json!({"patientId": "ana"})).await;
    let lock = json!({"patientId": "ana", "recordId": "r"});
    ask(&mut lee, "record:lock", lock).await;
    let event = json!({"channel": "news:all", "event": "e", "payload": 1});
    ask(&mut lee, "channel:publish", event).await;
    clinic.user("ana", "patient").await;
    let call = json!({"recipientIds": ["ana"], "callType": "audio"});
    ask(&mut lee, "call:initiate", call).await;
    let question = json!({"tenantId": clinic.tenant, "userId": "lee", "role": "provider",
        "action": "join", "roomId": "patient:ana"});
    assert_eq!(backend.asked()[0], question);
    for (action, room) in [
        ("join", "visit:v"),
        ("write", "visit:v"),
        ("history", "visit:v"),
        ("presence", "user:ana"),
        ("call", "user:ana"),
        ("lock", "patient:ana"),
        ("publish", "news:all"),
    ] {
        assert_eq!(backend.count(action, room), 1, "{action} {room}");
    }
    // What follows from the token is nobody's to decide.
    for room in ["user:lee", "notifications:lee"] {
        assert_eq!(
            backend.count("join", room) + backend.count("presence", room),
            0
        );
    }
    let other = json!({"roomId": "user:ana"});
    refused(&mut lee, "room:join", other, "access_denied").await;
    let mut service = clinic.login("bridge", "service").await;
    join(&mut service, "patient:ana").await;
    assert!(
        backend
            .asked()
            .iter()
            .all(|question| question["userId"] == "lee")
    );
}

#[tokio::test]
async fn its_denial_counts() {
    let (clinic, backend) = clinic(HOUR).await;
    clinic.care("lee", "ana").await;
    backend.set(Mood::Denies);
    let mut lee = clinic.login("lee", "provider").await;
    let room = json!({"roomId": "patient:ana"});
    let failure = refused(&mut lee, "room:join", room, "access_denied").await;
    assert_eq!(failure.message(), "Access denied to this room");
    let say = json!({"roomId": "chat:ana:lee", "body": "Hello"});
    let failure = refused(&mut lee, "message:send", say, "access_denied").await;
    assert_eq!(failure.message(), "Access denied to this conversation");
    let seen = ask(&mut lee, "presence:get", json!({"userIds": ["ana"]})).await;
    assert_eq!(seen["presences"][0]["status"], "offline");
}

#[tokio::test]
async fn no_answer_denies() {
    let (clinic, backend) = clinic(HOUR).await;
    let mut lee = clinic.login("lee", "provider").await;
    for (mood, room) in [(Mood::Fails, "visit:one"), (Mood::Hangs, "visit:two")] {
        backend.set(mood);
        let room = json!({"roomId": room});
        refused(&mut lee, "room:join", room, "access_denied").await;
    }
    // That it did not answer is no decision: it is asked again soon.
    backend.set(Mood::Allows);
    until("it is asked again", async || {
        let joined = lee
            .request("room:join", json!({"roomId": "visit:two"}))
            .await;
        joined.ok()
    })
    .await;
}

#[tokio::test]
async fn decisions_are_remembered() {
    let (clinic, backend) = clinic(HOUR).await;
    let mut lee = clinic.login("lee", "provider").await;
    for body in ["one", "two", "three"] {
        send(&mut lee, "visit:v", body).await;
    }
    assert_eq!(backend.count("write", "visit:v"), 1);
    // Of one person, role, action and room.
    let mut ana = clinic.login("ana", "patient").await;
    send(&mut ana, "visit:v", "four").await;
    assert_eq!(backend.count("write", "visit:v"), 2);
}

#[tokio::test]
async fn a_membership_lives_no_longer_than_its_decision() {
    let (clinic, backend) = clinic(300).await;
    let mut lee = clinic.login("lee", "provider").await;
    let mut ana = clinic.login("ana", "patient").await;
    for raw in [&mut lee, &mut ana] {
        join(raw, "visit:v").await;
    }
    until("it is asked again and again", async || {
        (backend.count("join", "visit:v") > 6).then_some(())
    })
    .await;
    send(&mut ana, "visit:v", "still here").await;
    message(&mut lee, "still here").await;
    backend.set(Mood::Denies);
    let left = lee.event("room:left").await;
    assert_eq!(
        left["data"],
        json!({"roomId": "visit:v", "reason": "revoked"})
    );
    ana.event("room:left").await;
    lee.expect_alive().await;
}

#[tokio::test]
async fn a_recheck_decides_anew_at_once() {
    let (clinic, backend) = clinic(HOUR).await;
    let mut lee = clinic.login("lee", "provider").await;
    let mut ana = clinic.login("ana", "patient").await;
    for raw in [&mut lee, &mut ana] {
        join(raw, "visit:v").await;
        join(raw, "visit:w").await;
    }
    let recheck = async |body: Value| {
        clinic.ok("POST", "/v1/access/recheck", Some(body)).await;
    };
    // Whoever may stay stays.
    recheck(json!({})).await;
    until("all are asked about", async || {
        (backend.count("join", "visit:v") == 4).then_some(())
    })
    .await;
    settle(&mut lee).await;
    none(&lee, "nobody was removed", |frame| {
        frame["type"] == "room:left"
    });
    backend.set(Mood::Denies);
    recheck(json!({"roomId": "visit:v"})).await;
    for raw in [&mut lee, &mut ana] {
        assert_eq!(raw.event("room:left").await["data"]["roomId"], "visit:v");
    }
    recheck(json!({"userId": "lee"})).await;
    assert_eq!(lee.event("room:left").await["data"]["roomId"], "visit:w");
    let room = json!({"roomId": "visit:w"});
    refused(&mut lee, "room:join", room, "access_denied").await;
    settle(&mut ana).await;
    none(&ana, "another's recheck", |frame| {
        frame["type"] == "room:left"
    });
    recheck(json!({})).await;
    ana.event("room:left").await;
}

/// Without an authoriser a recheck asks the directory.
#[tokio::test]
async fn rechecks_are_for_services() {
    let clinic = Clinic::open();
    clinic
        .ok("POST", "/v1/access/recheck", Some(json!({})))
        .await;
    let admin = clinic.token("eve", "admin").sign();
    let (path, body) = ("/v1/access/recheck", json!({}));
    let answer = http::request(clinic.server(), "POST", path, Some(&admin), Some(&body)).await;
    assert_eq!(answer.status, 403);
}

#[test]
fn a_bad_address_is_refused() {
    for url in ["ftp://backend/may", "/may", "backend:80/may"] {
        let refusal = Server::try_start(|options| options.env("CAREWIRE_AUTHORIZER_URL", url));
        let refusal = refusal.err().expect("a server that does not start");
        assert!(
            refusal.log.contains("CAREWIRE_AUTHORIZER_URL"),
            "{}",
            refusal.log
        );
    }
}
