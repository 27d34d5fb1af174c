//! The harness itself: if these fail, look here first.

use carewire_tests::{Raw, Server, Token, http, unique};
use serde_json::json;

#[tokio::test]
async fn starts_answers_and_ends() {
    let server = Server::shared();
    assert_eq!(http::get(&server, "/health/live").await.status, 200);
    let tenant = unique("smoke");
    let mut raw = Raw::login(&server, &Token::new("ana", "patient").tenant(&tenant)).await;
    assert_eq!(raw.event("connected").await["data"]["userId"], "ana");
    let status = raw.request("session:status", json!({})).await.unwrap();
    assert_eq!(status["userId"], "ana");
}

#[tokio::test]
async fn restarts_on_the_same_port() {
    let mut server = Server::start(|o| o);
    let address = server.address();
    server.restart();
    assert_eq!(server.address(), address);
    Raw::login(&server, &Token::new("ana", "patient")).await;
    server.terminate();
    assert!(server.wait().await.success());
}
