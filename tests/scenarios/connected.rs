//! Section 3.2: what `connected` says.

use crate::common::{is_time, room_ids, seconds_of};
use carewire_tests::{Raw, Server, Token, unique};
use serde_json::{Value, json};

async fn connected(server: &Server, token: &Token) -> Value {
    let mut raw = Raw::login(server, token).await;
    raw.event("connected").await["data"].clone()
}

#[tokio::test]
async fn says_who_and_where_and_until_when() {
    let server = Server::shared();
    let tenant = unique("connected");
    let token = Token::new("lee", "provider")
        .tenant(&tenant)
        .name("Dr. Lee");
    let data = connected(&server, &token).await;
    assert!(
        data["connectionId"]
            .as_str()
            .is_some_and(|id| !id.is_empty()),
        "{data}"
    );
    assert_eq!(data["userId"], "lee");
    assert_eq!(data["tenantId"], tenant);
    assert_eq!(data["role"], "provider");
    assert_eq!(data["name"], "Dr. Lee");
    assert_eq!(data["protocol"], "1");
    assert!(is_time(&data["serverTime"]), "{data}");
    let expires = seconds_of(&data["tokenExpiresAt"]);
    assert!((expires - f64::from(u32::try_from(token.expires()).unwrap())).abs() < 0.001);
    assert_eq!(data["heartbeatIntervalMs"], 15_000);
    assert_eq!(data["calls"], json!([]));
    assert_eq!(
        data["limits"],
        json!({
            "maxPayloadBytes": 1_048_576, "messagesPerSecond": 20,
            "commandsPerSecond": 200, "roomsPerConnection": 200,
        })
    );
}

#[tokio::test]
async fn leaves_out_the_name_of_whom_has_none() {
    let server = Server::shared();
    let token = Token::new("ana", "patient").tenant(&unique("connected"));
    let data = connected(&server, &token).await;
    assert!(data.get("name").is_none(), "{data}");
}

#[tokio::test]
async fn joins_the_rooms_of_each_role() {
    let server = Server::shared();
    let tenant = unique("connected");
    let everyone = [
        "user:u".to_owned(),
        "notifications:u".to_owned(),
        format!("tenant:{tenant}"),
    ];
    let staff = format!("staff:{tenant}");
    for role in ["patient", "provider", "staff", "admin", "service"] {
        let token = Token::new("u", role).tenant(&tenant);
        let data = connected(&server, &token).await;
        let mut expected = everyone.to_vec();
        if role != "patient" {
            expected.push(staff.clone());
        }
        if role == "admin" {
            expected.push("admin:alerts".to_owned());
        }
        expected.sort();
        let mut rooms = room_ids(&data["rooms"]);
        rooms.sort();
        assert_eq!(rooms, expected, "for {role}");
        for room in data["rooms"].as_array().unwrap() {
            assert!(
                room["epoch"]
                    .as_str()
                    .is_some_and(|epoch| !epoch.is_empty()),
                "{room}"
            );
            assert!(room["offset"].is_u64(), "{room}");
        }
    }
}

#[tokio::test]
async fn the_status_says_the_same() {
    let server = Server::shared();
    let token = Token::new("lee", "provider").tenant(&unique("connected"));
    let mut raw = Raw::login(&server, &token).await;
    let data = raw.event("connected").await["data"].clone();
    let status = raw.request("session:status", json!({})).await.unwrap();
    assert_eq!(status["connectionId"], data["connectionId"]);
    assert_eq!(status["userId"], data["userId"]);
    let (mut now, mut then) = (room_ids(&status["rooms"]), room_ids(&data["rooms"]));
    now.sort();
    then.sort();
    assert_eq!(now, then);
}

#[tokio::test]
async fn rooms_of_the_operator_are_joined_by_who_may() {
    let server = Server::start(|o| {
        o.env(
            "CAREWIRE_AUTO_JOIN",
            "reports:system, user:{userId}:reports",
        )
    });
    let patient = connected(&server, &Token::new("ana", "patient")).await;
    let rooms = room_ids(&patient["rooms"]);
    assert!(rooms.contains(&"user:ana:reports".to_owned()), "{rooms:?}");
    assert!(!rooms.contains(&"reports:system".to_owned()), "{rooms:?}");
    let provider = connected(&server, &Token::new("lee", "provider")).await;
    let rooms = room_ids(&provider["rooms"]);
    assert!(rooms.contains(&"user:lee:reports".to_owned()), "{rooms:?}");
    assert!(rooms.contains(&"reports:system".to_owned()), "{rooms:?}");
}

#[tokio::test]
async fn limits_are_those_of_the_configuration() {
    let server = Server::start(|o| {
        o.env("CAREWIRE_MAX_PAYLOAD_BYTES", 4_096)
            .env("CAREWIRE_MESSAGES_PER_SECOND", 3)
            .env("CAREWIRE_COMMANDS_PER_SECOND", 7)
            .env("CAREWIRE_ROOMS_PER_CONNECTION", 11)
            .env("CAREWIRE_HEARTBEAT_INTERVAL_MS", 1_234)
    });
    let data = connected(&server, &Token::new("ana", "patient")).await;
    assert_eq!(data["heartbeatIntervalMs"], 1_234);
    assert_eq!(
        data["limits"],
        json!({
            "maxPayloadBytes": 4_096, "messagesPerSecond": 3,
            "commandsPerSecond": 7, "roomsPerConnection": 11,
        })
    );
}

#[tokio::test]
async fn the_name_a_backend_gives_wins() {
    let server = Server::shared();
    let tenant = unique("connected");
    let service = server.service_token(&tenant);
    let body = json!({"role": "provider", "name": "Dr. Declared"});
    let answer =
        carewire_tests::http::request(&server, "PUT", "/v1/users/lee", Some(&service), Some(&body))
            .await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    let token = Token::new("lee", "provider")
        .tenant(&tenant)
        .name("From the token");
    let data = connected(&server, &token).await;
    assert_eq!(data["name"], "Dr. Declared");
}
