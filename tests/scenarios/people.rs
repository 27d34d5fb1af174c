//! Section 3.1: what the server remembers of the tokens it has seen, and who may talk to whom.

use carewire_tests::{Failure, Raw, Server, Token, http, unique};
use serde_json::{Value, json};

async fn login(server: &Server, user: &str, role: &str, tenant: &str) -> Raw {
    Raw::login(server, &Token::new(user, role).tenant(tenant)).await
}

async fn join(raw: &mut Raw, room: &str) -> Result<Value, Failure> {
    raw.request("room:join", json!({"roomId": room})).await
}

async fn put(server: &Server, tenant: &str, path: &str, body: &Value) {
    let service = server.service_token(tenant);
    let answer = http::request(server, "PUT", path, Some(&service), Some(body)).await;
    assert!(
        (200..300).contains(&answer.status),
        "PUT {path}: {answer:?}"
    );
}

#[tokio::test]
async fn a_user_nobody_knows_counts_as_a_patient() {
    let server = Server::shared();
    let tenant = unique("people");
    let mut lee = login(&server, "lee", "provider", &tenant).await;
    let mut kim = login(&server, "kim", "staff", &tenant).await;
    let refused = join(&mut lee, "chat:lee:zed").await.unwrap_err();
    assert_eq!(refused.code(), "access_denied");
    join(&mut kim, "chat:kim:zed")
        .await
        .expect("staff and a patient may talk");

    let _zed = login(&server, "zed", "provider", &tenant).await;
    join(&mut lee, "chat:lee:zed")
        .await
        .expect("two providers may talk");
}

#[tokio::test]
async fn it_is_remembered_over_a_restart() {
    let mut server = Server::start(|o| o);
    let zed = login(&server, "zed", "provider", "clinic").await;
    drop(zed);
    server.restart();
    let mut lee = login(&server, "lee", "provider", "clinic").await;
    join(&mut lee, "chat:lee:zed")
        .await
        .expect("two providers may talk");
}

#[tokio::test]
async fn what_a_backend_says_wins_over_tokens() {
    let server = Server::shared();
    let tenant = unique("people");
    put(
        &server,
        &tenant,
        "/v1/users/zed",
        &json!({"role": "patient"}),
    )
    .await;
    let _zed = login(&server, "zed", "provider", &tenant).await;
    let mut lee = login(&server, "lee", "provider", &tenant).await;
    let refused = join(&mut lee, "chat:lee:zed").await.unwrap_err();
    assert_eq!(refused.code(), "access_denied");
    put(
        &server,
        &tenant,
        "/v1/users/zed",
        &json!({"role": "provider"}),
    )
    .await;
    join(&mut lee, "chat:lee:zed")
        .await
        .expect("two providers may talk");
}

#[tokio::test]
async fn a_care_team_may_talk_to_its_patient_and_no_longer_once_removed() {
    let server = Server::shared();
    let tenant = unique("people");
    let mut ana = login(&server, "ana", "patient", &tenant).await;
    let mut lee = login(&server, "lee", "provider", &tenant).await;
    assert_eq!(
        join(&mut ana, "chat:ana:lee").await.unwrap_err().code(),
        "access_denied"
    );
    put(&server, &tenant, "/v1/care-team/lee/ana", &json!({})).await;
    join(&mut ana, "chat:ana:lee").await.unwrap();
    join(&mut lee, "chat:ana:lee").await.unwrap();
    join(&mut lee, "patient:ana").await.unwrap();

    let service = server.service_token(&tenant);
    let path = "/v1/care-team/lee/ana";
    let answer = http::request(&server, "DELETE", path, Some(&service), None).await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    let began = tokio::time::Instant::now();
    for room in ["chat:ana:lee", "patient:ana"] {
        let left = lee
            .event_where("room:left", |event| event["data"]["roomId"] == room)
            .await;
        assert!(left["data"]["reason"].is_string(), "{left}");
    }
    ana.event_where("room:left", |event| {
        event["data"]["roomId"] == "chat:ana:lee"
    })
    .await;
    assert!(began.elapsed().as_millis() < 1_500, "{:?}", began.elapsed());
    let data = json!({"roomId": "chat:ana:lee", "body": "still here"});
    let refused = lee.request("message:send", data).await.unwrap_err();
    assert_eq!(refused.message(), "Access denied to this conversation");
}

#[tokio::test]
async fn two_patients_may_not_talk() {
    let server = Server::shared();
    let tenant = unique("people");
    let mut ana = login(&server, "ana", "patient", &tenant).await;
    let _bob = login(&server, "bob", "patient", &tenant).await;
    let refused = join(&mut ana, "chat:ana:bob").await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.message()),
        ("access_denied", "Access denied to this room")
    );
    let data = json!({"roomId": "chat:ana:bob", "body": "Hello"});
    let refused = ana.request("message:send", data).await.unwrap_err();
    assert_eq!(refused.message(), "Access denied to this conversation");
}

#[tokio::test]
async fn namesakes_in_two_tenants_are_strangers() {
    let server = Server::shared();
    let (here, there) = (unique("people"), unique("people"));
    let mut kim = login(&server, "kim", "provider", &here).await;
    let mut lee = login(&server, "lee", "provider", &here).await;
    let mut namesake = login(&server, "lee", "provider", &there).await;
    let _other = login(&server, "kim", "provider", &there).await;
    namesake.event("connected").await;
    join(&mut lee, "chat:kim:lee").await.unwrap();
    join(&mut namesake, "chat:kim:lee").await.unwrap();
    let data = json!({"roomId": "chat:kim:lee", "body": "for lee here"});
    kim.request("message:send", data).await.unwrap();
    lee.event("message:new").await;
    let history = json!({"roomId": "chat:kim:lee"});
    let read = namesake.request("message:history", history).await.unwrap();
    assert_eq!(read["messages"], json!([]));
    let heard: Vec<_> = namesake
        .unread()
        .filter(|event| event["type"] != "room:userJoined")
        .collect();
    assert!(heard.is_empty(), "{heard:?}");
}
