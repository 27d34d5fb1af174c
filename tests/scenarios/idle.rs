//! Section 3.6: devices whose person does nothing.

use crate::common::seconds_of;
use carewire_tests::{Raw, Server, Token};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const IDLE: u64 = 3_000;

fn start() -> Server {
    Server::start(|o| o.env("CAREWIRE_IDLE_LOGOFF_MS", IDLE))
}

async fn device(server: &Server, client: &str) -> Raw {
    let token = Token::new("lee", "provider").sign();
    let mut raw = Raw::connect(server)
        .bearer(&token)
        .client_id(client)
        .open()
        .await;
    raw.welcome().await;
    raw
}

fn logoff(event: &Value) -> f64 {
    seconds_of(&event["data"]["logoffAt"])
}

#[tokio::test]
async fn an_idle_device_is_warned_and_logged_off() {
    let server = start();
    let began = Instant::now();
    let mut raw = device(&server, "tab").await;
    let idle = raw.event("auth:idle").await;
    let left = logoff(&idle) - seconds_of(&idle["timestamp"]);
    assert!((0.5..=3.1).contains(&left), "announced {left} s before");
    assert_eq!(raw.expect_close().await, 4410);
    let took = began.elapsed();
    assert!(
        (2_900..5_000).contains(&took.as_millis()),
        "closed after {took:?}"
    );
}

#[tokio::test]
async fn a_machine_at_work_is_no_person() {
    let server = start();
    let began = Instant::now();
    let mut raw = device(&server, "tab").await;
    let code = loop {
        raw.send(json!({"type": "ping"})).await;
        if let Err(failure) = raw.request("session:status", json!({})).await {
            break failure;
        }
        assert!(began.elapsed() < Duration::from_secs(8), "still connected");
        sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(code, carewire_tests::Failure::Closed(4410));
}

#[tokio::test]
async fn a_sign_of_the_person_postpones_it() {
    let server = start();
    let room = json!({"roomId": "chat:kim:lee"});
    let _kim = Raw::login(&server, &Token::new("kim", "provider")).await;
    let mut raw = device(&server, "tab").await;
    raw.request("room:join", room.clone()).await.unwrap();
    for (kind, data) in [("session:touch", json!({})), ("typing:start", room)] {
        sleep(Duration::from_millis(1_500)).await;
        raw.request(kind, data).await.unwrap();
    }
    let touched = Instant::now();
    assert_eq!(raw.expect_close().await, 4410);
    let took = touched.elapsed();
    assert!(
        (2_800..5_000).contains(&took.as_millis()),
        "closed {took:?} after the last sign"
    );
}

#[tokio::test]
async fn it_is_counted_over_reconnects_of_the_device() {
    let server = start();
    let began = Instant::now();
    let mut raw = device(&server, "tab").await;
    let first = logoff(&raw.event("auth:idle").await);
    raw.close().await;
    sleep(Duration::from_millis(1_200)).await;
    let mut again = device(&server, "tab").await;
    let second = logoff(&again.event("auth:idle").await);
    assert!((first - second).abs() < 0.2, "{first} became {second}");
    assert_eq!(again.expect_close().await, 4410);
    assert!(began.elapsed() < Duration::from_millis(4_500));
}

#[tokio::test]
async fn another_device_of_the_person_is_counted_by_itself() {
    let server = start();
    let mut idle = device(&server, "tab").await;
    let mut busy = device(&server, "phone").await;
    let (code, ()) = tokio::join!(idle.expect_close(), async {
        for _ in 0..5 {
            sleep(Duration::from_millis(800)).await;
            busy.request("session:touch", json!({})).await.unwrap();
        }
    });
    assert_eq!(code, 4410);
    busy.expect_alive().await;
}

#[tokio::test]
async fn by_default_nobody_is_logged_off() {
    let server = Server::shared();
    let mut raw = Raw::login(&server, &Token::new("lee", "provider")).await;
    raw.expect_none_for("auth:idle", Duration::from_secs(2))
        .await;
    raw.expect_alive().await;
}
