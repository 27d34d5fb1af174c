//! Section 3.3: tokens that are refreshed and tokens that expire.

use crate::common::{room_ids, seconds_of};
use carewire_tests::{Raw, Server, Token, now, unique};
use serde_json::json;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn clock() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs_f64()
}

fn seconds(token: &Token) -> f64 {
    f64::from(u32::try_from(token.expires()).unwrap())
}

async fn wait_until_the_clock_shows(seconds: f64) {
    tokio::time::sleep(Duration::from_secs_f64((seconds - clock()).max(0.0))).await;
}

#[tokio::test]
async fn a_refreshed_session_outlives_its_first_token() {
    let server = Server::shared();
    let short = Token::new("ana", "patient")
        .tenant(&unique("refresh"))
        .lives(2);
    let long = short.clone().lives(3_600);
    let mut raw = Raw::login(&server, &short).await;
    let reply = raw
        .request("auth:refresh", json!({"token": long.sign()}))
        .await
        .unwrap();
    assert_eq!(reply["role"], "patient");
    assert!((seconds_of(&reply["expiresAt"]) - seconds(&long)).abs() < 0.001);
    wait_until_the_clock_shows(seconds(&short) + 1.1).await;
    raw.expect_alive().await;
}

#[tokio::test]
async fn an_expired_session_ends_within_a_second() {
    let server = Server::shared();
    let token = Token::new("ana", "patient")
        .tenant(&unique("refresh"))
        .lives(2);
    let mut raw = Raw::login(&server, &token).await;
    assert_eq!(raw.expect_close().await, 4401);
    let late = clock() - seconds(&token);
    assert!(
        (-0.05..1.5).contains(&late),
        "closed {late} s after the expiry"
    );
}

#[tokio::test]
async fn a_busy_session_expires_as_well() {
    let server = Server::shared();
    let token = Token::new("ana", "patient")
        .tenant(&unique("refresh"))
        .lives(2);
    let mut raw = Raw::login(&server, &token).await;
    let last = loop {
        let asked = clock();
        if raw.request("session:status", json!({})).await.is_err() {
            break asked;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(raw.expect_close().await, 4401);
    let late = last - seconds(&token);
    assert!(late < 1.5, "still answered {late} s after the expiry");
}

#[tokio::test]
async fn a_short_token_is_announced_at_once() {
    let server = Server::shared();
    let token = Token::new("ana", "patient")
        .tenant(&unique("refresh"))
        .lives(30);
    let mut raw = Raw::login(&server, &token).await;
    let event = raw.event("auth:expiring").await;
    assert!((seconds_of(&event["data"]["expiresAt"]) - seconds(&token)).abs() < 0.001);
    raw.expect_none("auth:expiring").await;
}

#[tokio::test]
async fn expiry_is_announced_60_seconds_before() {
    let server = Server::shared();
    let token = Token::new("ana", "patient")
        .tenant(&unique("refresh"))
        .lives(63);
    let mut raw = Raw::login(&server, &token).await;
    let event = raw.event("auth:expiring").await;
    let before = seconds(&token) - seconds_of(&event["timestamp"]);
    assert!(
        (58.5..60.1).contains(&before),
        "announced {before} s before"
    );
}

#[tokio::test]
async fn each_token_is_announced() {
    let server = Server::shared();
    let first = Token::new("ana", "patient")
        .tenant(&unique("refresh"))
        .lives(40);
    let second = first.clone().lives(50);
    let mut raw = Raw::login(&server, &first).await;
    raw.event("auth:expiring").await;
    raw.request("auth:refresh", json!({"token": second.sign()}))
        .await
        .unwrap();
    let event = raw.event("auth:expiring").await;
    assert!((seconds_of(&event["data"]["expiresAt"]) - seconds(&second)).abs() < 0.001);
}

#[tokio::test]
async fn a_failed_refresh_changes_nothing() {
    let server = Server::shared();
    let token = Token::new("ana", "patient").tenant(&unique("refresh"));
    let mut raw = Raw::login(&server, &token).await;
    let cases = [
        (token.clone().claim("sub", "bob").sign(), "invalid_token"),
        (token.clone().tenant("another").sign(), "invalid_token"),
        (
            token.sign_with(b"another secret of more than 32 bytes!"),
            "invalid_token",
        ),
        (token.clone().claim("role", "nurse").sign(), "invalid_token"),
        ("nonsense".to_owned(), "invalid_token"),
        (token.clone().lives(-1).sign(), "token_expired"),
        (String::new(), "no_token"),
    ];
    for (text, code) in cases {
        let failure = raw
            .request("auth:refresh", json!({"token": text}))
            .await
            .unwrap_err();
        assert_eq!(failure.code(), code);
    }
    let status = raw.request("session:status", json!({})).await.unwrap();
    assert_eq!(status["userId"], "ana");
    raw.expect_none("room:left").await;
}

#[tokio::test]
async fn after_a_failed_refresh_the_old_expiry_holds() {
    let server = Server::shared();
    let token = Token::new("ana", "patient")
        .tenant(&unique("refresh"))
        .lives(2);
    let mut raw = Raw::login(&server, &token).await;
    let other = token.clone().tenant("another").lives(3_600).sign();
    raw.request("auth:refresh", json!({"token": other}))
        .await
        .unwrap_err();
    assert_eq!(raw.expect_close().await, 4401);
    assert!(clock() - seconds(&token) < 1.5);
}

#[tokio::test]
async fn a_shorter_token_shortens_the_session() {
    let server = Server::shared();
    let long = Token::new("ana", "patient").tenant(&unique("refresh"));
    let short = long.clone().lives(2);
    let mut raw = Raw::login(&server, &long).await;
    raw.request("auth:refresh", json!({"token": short.sign()}))
        .await
        .unwrap();
    raw.event("auth:expiring").await;
    assert_eq!(raw.expect_close().await, 4401);
    assert!((-0.05..1.5).contains(&(clock() - seconds(&short))));
}

#[tokio::test]
async fn a_lower_role_loses_its_rooms() {
    let server = Server::shared();
    let tenant = unique("refresh");
    let token = Token::new("kim", "admin").tenant(&tenant);
    let mut raw = Raw::login(&server, &token).await;
    raw.request("channel:subscribe", json!({"channel": "lab:results"}))
        .await
        .ok();
    raw.request("room:join", json!({"roomId": "lab:orders"}))
        .await
        .unwrap();
    let lower = token.clone().claim("role", "patient").sign();
    let reply = raw
        .request("auth:refresh", json!({"token": lower}))
        .await
        .unwrap();
    assert_eq!(reply["role"], "patient");
    let staff = format!("staff:{tenant}");
    for room in [staff.as_str(), "admin:alerts", "lab:orders"] {
        let left = raw
            .event_where("room:left", |event| event["data"]["roomId"] == room)
            .await;
        assert_eq!(left["data"]["reason"], "role", "{left}");
    }
    let status = raw.request("session:status", json!({})).await.unwrap();
    let mut rooms = room_ids(&status["rooms"]);
    rooms.sort();
    let tenant_room = format!("tenant:{tenant}");
    let mut expected = vec!["notifications:kim", tenant_room.as_str(), "user:kim"];
    expected.sort_unstable();
    assert_eq!(rooms, expected);
}

#[tokio::test]
async fn a_higher_role_may_more() {
    let server = Server::shared();
    let tenant = unique("refresh");
    let token = Token::new("kim", "patient").tenant(&tenant);
    let mut raw = Raw::login(&server, &token).await;
    let join = json!({"roomId": "lab:orders"});
    let refused = raw.request("room:join", join.clone()).await.unwrap_err();
    assert_eq!(refused.code(), "access_denied");
    let higher = token
        .claim("role", "provider")
        .claim("exp", now() + 100)
        .sign();
    let reply = raw
        .request("auth:refresh", json!({"token": higher}))
        .await
        .unwrap();
    assert_eq!(reply["role"], "provider");
    raw.request("room:join", join).await.unwrap();
}
