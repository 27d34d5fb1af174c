//! Section 8: health, statistics and metrics.

use crate::common::is_time;
use carewire_tests::{Raw, Server, Token, http, unique};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn health_says_how_the_node_is() {
    let server = Server::start(|o| o);
    let _ana = Raw::login(&server, &Token::new("ana", "patient")).await;
    let _again = Raw::login(&server, &Token::new("ana", "patient")).await;
    let _early = Raw::open(&server).await;
    let answer = http::get(&server, "/health").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/json"))
    );
    let health = answer.json();
    assert_eq!(health["status"], "ok");
    assert!(is_time(&health["timestamp"]), "{health}");
    assert!(health["uptimeMs"].is_u64(), "{health}");
    assert!(
        health["connections"]
            .as_u64()
            .is_some_and(|count| count == 2 || count == 3),
        "{health}"
    );
    assert!(
        health["rooms"].as_u64().is_some_and(|rooms| rooms >= 3),
        "{health}"
    );
    let websocket = &health["services"]["websocket"];
    assert!(websocket["status"].is_string(), "{health}");
    assert!(websocket["connections"].is_u64(), "{health}");
    assert_eq!(websocket["authenticatedUsers"], 1);
    assert!(!health["services"]["database"].is_null(), "{health}");
    assert!(!health["services"]["backplane"].is_null(), "{health}");
    assert!(!answer.body.contains("ana"), "names people: {health}");
    assert_eq!(http::get(&server, "/health/live").await.status, 200);
}

#[tokio::test]
async fn health_over_a_websocket() {
    let server = Server::shared();
    let mut raw = Raw::connect(&server).path("/ws/health").open().await;
    let frame = raw.next().await.unwrap();
    assert_eq!(frame["type"], "health");
    assert_eq!(frame["status"], "ok");
    assert!(is_time(&frame["timestamp"]), "{frame}");
    assert_eq!(raw.expect_close().await, 1000);
}

#[tokio::test]
async fn metrics_are_prometheus_text_and_begin_with_carewire() {
    let server = Server::shared();
    let user = unique("metrics-canary");
    let tenant = unique("metrics-tenant");
    let token = Token::new(&user, "provider")
        .tenant(&tenant)
        .name("Metrics Name");
    let mut raw = Raw::login(&server, &token).await;
    raw.request("room:join", json!({"roomId": "topic:metrics-room"}))
        .await
        .unwrap();
    let _ = raw.request("no:such-type-canary", json!({})).await;
    let answer = http::get(&server, "/metrics").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/plain"))
    );
    let samples: Vec<_> = answer
        .body
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .collect();
    assert!(!samples.is_empty());
    for line in &samples {
        assert!(line.starts_with("carewire_"), "{line}");
        let value = line.rsplit(' ').next().unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    for private in [
        user.as_str(),
        &tenant,
        "Metrics Name",
        "metrics-room",
        "canary",
    ] {
        assert!(
            !answer.body.contains(private),
            "{private} is in the metrics"
        );
    }
}

#[tokio::test]
async fn stats_are_of_the_tenant_and_for_services_and_admins() {
    let server = Server::shared();
    let (here, there) = (unique("stats"), unique("stats"));
    let login = async |user: &str, role: &str, tenant: &str| {
        Raw::login(&server, &Token::new(user, role).tenant(tenant)).await
    };
    let _a = login("ana", "patient", &here).await;
    let _b = login("ana", "patient", &here).await;
    let _c = login("lee", "provider", &here).await;
    let _d = login("stranger", "provider", &there).await;

    for role in ["service", "admin"] {
        let token = Token::new("ops", role).tenant(&here).sign();
        let answer = http::request(&server, "GET", "/stats", Some(&token), None).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let stats = answer.json();
        assert_eq!(stats["connections"], 3, "{stats}");
        assert_eq!(stats["authenticatedUsers"], 2, "{stats}");
        assert!(
            (stats["averageConnectionsPerUser"].as_f64().unwrap() - 1.5).abs() < 0.01,
            "{stats}"
        );
        assert_eq!(stats["connectionsByRole"]["patient"], 2, "{stats}");
        assert_eq!(stats["connectionsByRole"]["provider"], 1, "{stats}");
        assert_eq!(stats["activeCalls"], 0, "{stats}");
        assert!(stats["messagesPerSecond"].is_number(), "{stats}");
        assert!(stats["presenceByStatus"].is_object(), "{stats}");
        assert_eq!(stats["roomsByKind"]["staff"], 1, "{stats}");
        let rooms = stats["rooms"].as_array().unwrap();
        let tenant = format!("tenant:{here}");
        let room = rooms
            .iter()
            .find(|room| room["roomId"] == tenant.as_str())
            .expect("the room");
        assert_eq!(room["connections"], 3);
        assert!(room.get("lastActivityAt").is_none_or(is_time), "{room}");
        assert!(
            !answer.body.contains("stranger") && !answer.body.contains(&there),
            "{stats}"
        );
    }
    for role in ["patient", "provider", "staff"] {
        let token = Token::new("x", role).tenant(&here).sign();
        let answer = http::request(&server, "GET", "/stats", Some(&token), None).await;
        assert_eq!(answer.status, 403, "for {role}");
        assert_eq!(answer.code(), "access_denied");
    }
    let answer = http::get(&server, "/stats").await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.code(), "no_token");
    let expired = Token::new("x", "service").lives(-5).sign();
    let answer = http::request(&server, "GET", "/stats", Some(&expired), None).await;
    assert_eq!(
        (answer.status, answer.code()),
        (401, "token_expired".to_owned())
    );
}

#[tokio::test]
async fn the_backend_api_is_for_services() {
    let server = Server::shared();
    let body = json!({"role": "provider"});
    for role in ["patient", "provider", "staff", "admin"] {
        let token = Token::new("x", role).sign();
        let answer = http::request(&server, "PUT", "/v1/users/a", Some(&token), Some(&body)).await;
        assert_eq!(
            (answer.status, answer.code()),
            (403, "access_denied".to_owned()),
            "for {role}"
        );
    }
    let answer = http::request(&server, "PUT", "/v1/users/a", None, Some(&body)).await;
    assert_eq!(answer.status, 401);
    let service = server.service_token(&unique("backend"));
    let answer = http::request(
        &server,
        "PUT",
        "/v1/users/a",
        Some(&service),
        Some(&json!({"role": 7})),
    )
    .await;
    assert_eq!(answer.status, 400, "{answer:?}");
}

#[tokio::test]
async fn a_backend_can_disconnect_a_user_for_good() {
    let server = Server::shared();
    let tenant = unique("backend");
    let mut ana = Raw::login(&server, &Token::new("ana", "patient").tenant(&tenant)).await;
    let mut lee = Raw::login(&server, &Token::new("lee", "provider").tenant(&tenant)).await;
    let service = server.service_token(&tenant);
    let path = "/v1/users/ana/disconnect";
    let answer = http::request(&server, "POST", path, Some(&service), None).await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    assert_eq!(ana.expect_close().await, 4409);
    lee.expect_alive().await;
    let _ = lee.try_send(Message::text("{}")).await;
    lee.expect_alive().await;
}
