//! Abuse of the backend API over HTTP.

use crate::common::Bystander;
use carewire_tests::{Server, http, unique};
use serde_json::json;

#[tokio::test]
async fn bodies_that_are_no_json() {
    let server = Server::shared();
    let tenant = unique("http");
    let bystander = Bystander::watch(&server, &tenant).await;
    let bearer = format!("Bearer {}", server.service_token(&tenant));
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    let deep = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    for body in ["", "x", "{", "[]", "null", "7", "{\"role\":", &deep] {
        for (method, path) in [("PUT", "/v1/users/a"), ("POST", "/v1/messages")] {
            let answer = http::send(&server, method, path, &headers, Some(body)).await;
            assert_eq!(answer.status, 400, "{method} {path} {body:.40}: {answer:?}");
            assert!(
                ["malformed", "invalid_input"].contains(&answer.code().as_str()),
                "{answer:?}"
            );
        }
    }
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn bodies_that_are_too_large() {
    let server = Server::shared();
    let tenant = unique("http");
    let bystander = Bystander::watch(&server, &tenant).await;
    let service = server.service_token(&tenant);
    let body = json!({"roomId": "chat:a:b", "senderId": "a", "body": "x".repeat(1_100_000)});
    let answer = http::request(&server, "POST", "/v1/messages", Some(&service), Some(&body)).await;
    assert_eq!(answer.status, 413, "{answer:?}");
    assert_eq!(answer.code(), "payload_too_large");
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn a_body_is_not_read_for_strangers() {
    let server = Server::shared();
    let body = "x".repeat(1_000_000);
    let answer = http::send(&server, "POST", "/v1/messages", &[], Some(&body)).await;
    assert_eq!(answer.status, 401, "{answer:?}");
}

#[tokio::test]
async fn headers_that_are_too_large() {
    let server = Server::shared();
    let bearer = format!("Bearer {}", "x".repeat(100_000));
    let answer = http::send(
        &server,
        "GET",
        "/stats",
        &[("Authorization", &bearer)],
        None,
    )
    .await;
    assert!([400, 401, 413, 431].contains(&answer.status), "{answer:?}");
    assert_eq!(http::get(&server, "/health/live").await.status, 200);
}

#[tokio::test]
async fn methods_and_paths_that_are_not() {
    let server = Server::shared();
    for (method, path) in [
        ("POST", "/ws"),
        ("DELETE", "/health"),
        ("PATCH", "/v1/users/a"),
    ] {
        let answer = http::send(&server, method, path, &[], None).await;
        assert_eq!(answer.status, 405, "{method} {path}");
    }
    for path in [
        "/v1",
        "/v1/nothing",
        "/../etc/passwd",
        "/%2e%2e/etc/passwd",
        "/health/../stats",
    ] {
        let answer = http::get(&server, path).await;
        assert_eq!(answer.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_backend_sees_nothing_of_another_tenant() {
    let server = Server::shared();
    let (here, there) = (unique("http"), unique("http"));
    let bystander = Bystander::watch(&server, &there).await;
    let theirs = server.service_token(&there);
    let list = http::request(&server, "GET", "/v1/connections", Some(&theirs), None)
        .await
        .json();
    let id = list["connections"][0]["connectionId"]
        .as_str()
        .expect("a connection")
        .to_owned();
    let user = list["connections"][0]["userId"]
        .as_str()
        .expect("a user")
        .to_owned();

    let ours = server.service_token(&here);
    let empty = http::request(&server, "GET", "/v1/connections", Some(&ours), None)
        .await
        .json();
    assert_eq!(empty["connections"], json!([]));
    let path = format!("/v1/connections/{id}");
    let answer = http::request(&server, "DELETE", &path, Some(&ours), None).await;
    assert_eq!(answer.status, 404);
    let seen = http::request(
        &server,
        "GET",
        &format!("/v1/users/{user}"),
        Some(&ours),
        None,
    )
    .await;
    assert_eq!(seen.json()["connected"], false);
    let path = format!("/v1/users/{user}/disconnect");
    http::request(&server, "POST", &path, Some(&ours), None).await;
    // What exists elsewhere looks like what was never used.
    let room = async |tenant: &str| {
        let path = format!("/v1/rooms/tenant:{tenant}");
        let answer = http::request(&server, "GET", &path, Some(&ours), None).await;
        (answer.status, answer.body.replace(tenant, ""))
    };
    assert_eq!(room(&there).await, room(&unique("never-used")).await);
    bystander.noticed_nothing().await;
}
