//! Section 4, 7 and 9: limits of rates, rooms, lists and bodies.

use carewire_tests::{Failure, Raw, Server, Token, unique};
use serde_json::{Value, json};
use std::time::Duration;

async fn login(server: &Server, user: &str, role: &str, tenant: &str) -> Raw {
    Raw::login(server, &Token::new(user, role).tenant(tenant)).await
}

/// Two providers of a tenant, who may talk to each other.
async fn pair(server: &Server) -> (Raw, Raw) {
    let tenant = unique("limits");
    let kim = login(server, "kim", "provider", &tenant).await;
    let lee = login(server, "lee", "provider", &tenant).await;
    (kim, lee)
}

#[tokio::test]
async fn lists_have_at_most_500_entries() {
    let server = Server::shared();
    let (mut kim, _lee) = pair(&server).await;
    let ids = |count: usize| (0..count).map(|n| format!("u{n}")).collect::<Vec<_>>();
    kim.request("presence:get", json!({"userIds": ids(500)}))
        .await
        .unwrap();
    let failure = kim
        .request("presence:get", json!({"userIds": ids(501)}))
        .await
        .unwrap_err();
    assert_eq!(
        (failure.code(), failure.field()),
        ("invalid_input", "userIds")
    );
}

#[tokio::test]
async fn other_lists_have_at_most_500_entries_too() {
    let server = Server::shared();
    let (mut kim, _lee) = pair(&server).await;
    let ids = (0..501).map(|n| format!("u{n}")).collect::<Vec<_>>();
    let rooms: Vec<_> = ids
        .iter()
        .map(|id| json!({"roomId": format!("topic:{id}"), "epoch": "e", "offset": 0}))
        .collect();
    for (kind, data, field) in [
        ("thread:create", json!({"memberIds": ids}), "memberIds"),
        ("presence:subscribe", json!({"userIds": ids}), "userIds"),
        (
            "session:resume",
            json!({"rooms": rooms, "presence": []}),
            "rooms",
        ),
        (
            "session:resume",
            json!({"rooms": [], "presence": ids}),
            "presence",
        ),
    ] {
        let failure = kim.request(kind, data).await.unwrap_err();
        assert_eq!(
            (failure.code(), failure.field()),
            ("invalid_input", field),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn resuming_counts_against_the_rooms_of_a_connection() {
    let server = Server::start(|o| o.env("CAREWIRE_ROOMS_PER_CONNECTION", 10));
    let mut raw = login(&server, "lee", "provider", "clinic").await;
    let rooms: Vec<_> = (0..40)
        .map(|n| json!({"roomId": format!("topic:t{n}"), "epoch": "e", "offset": 0}))
        .collect();
    let data = json!({"rooms": rooms, "presence": []});
    let reply = raw.request("session:resume", data).await.unwrap();
    let refused = reply["rooms"].as_array().unwrap().iter();
    let refused = refused
        .filter(|room| room["error"]["code"] == "too_many_rooms")
        .count();
    assert!(refused >= 30, "only {refused} of 40 are refused: {reply}");
    let status = raw.request("session:status", json!({})).await.unwrap();
    let joined = status["rooms"].as_array().unwrap().len();
    assert!(joined <= 10 + 4, "{joined} rooms");
}

#[tokio::test]
async fn bodies_attachments_and_urls_have_bounds() {
    let server = Server::shared();
    let (mut kim, _lee) = pair(&server).await;
    let attachment =
        |url: &str| json!({"name": "a", "mimeType": "image/png", "sizeBytes": 1, "url": url});
    let largest = json!({"roomId": "chat:kim:lee", "body": "x".repeat(65_536)});
    kim.request("message:send", largest).await.unwrap();
    let too_long = json!({"roomId": "chat:kim:lee", "body": "x".repeat(65_537)});
    let failure = kim.request("message:send", too_long).await.unwrap_err();
    assert!(
        ["invalid_input", "payload_too_large"].contains(&failure.code()),
        "{failure:?}"
    );

    let with =
        |list: Vec<Value>| json!({"roomId": "chat:kim:lee", "body": "", "attachments": list});
    kim.request("message:send", with(vec![attachment("/files/1")]))
        .await
        .unwrap();
    kim.request(
        "message:send",
        with(vec![attachment("https://x.example/1")]),
    )
    .await
    .unwrap();
    let many = with(vec![attachment("/files/1"); 21]);
    let failure = kim.request("message:send", many).await.unwrap_err();
    assert_eq!(failure.code(), "invalid_input", "{failure:?}");
    for url in [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
    ] {
        let failure = kim
            .request("message:send", with(vec![attachment(url)]))
            .await
            .unwrap_err();
        assert_eq!(failure.code(), "invalid_input", "{url}: {failure:?}");
    }
}

#[tokio::test]
async fn rate_limited_says_when_to_come_again() {
    let server = Server::start(|o| o.env("CAREWIRE_COMMANDS_PER_SECOND", 2));
    let mut raw = login(&server, "lee", "provider", "clinic").await;
    let mut refused = None;
    let mut passed = 0;
    for _ in 0..30 {
        match raw.request("session:status", json!({})).await {
            Ok(_) => passed += 1,
            Err(failure) => {
                refused = Some(failure);
                break;
            }
        }
    }
    let Some(Failure::Error(error)) = refused else {
        panic!("30 commands at once are let through where 2 a second are");
    };
    assert!(
        passed >= 6,
        "a burst of 3 s is 6 commands, but only {passed} were let through"
    );
    assert_eq!(error["code"], "rate_limited");
    let after = error["retryAfterMs"].as_u64().expect("retryAfterMs");
    assert!((1..=1_000).contains(&after), "{error}");
    tokio::time::sleep(Duration::from_millis(after)).await;
    raw.expect_alive().await;

    // Another user has limits of their own, and services have none.
    login(&server, "kim", "provider", "clinic")
        .await
        .expect_alive()
        .await;
    let mut service = login(&server, "ehr", "service", "clinic").await;
    for _ in 0..50 {
        service.expect_alive().await;
    }
}

#[tokio::test]
async fn the_limit_is_the_users_and_not_the_connections() {
    let server = Server::start(|o| o.env("CAREWIRE_MESSAGES_PER_SECOND", 1));
    let _lee = login(&server, "lee", "provider", "clinic").await;
    let mut devices = Vec::new();
    for _ in 0..4 {
        devices.push(login(&server, "kim", "provider", "clinic").await);
    }
    let mut codes = Vec::new();
    for round in 0..12_usize {
        let data = json!({"roomId": "chat:kim:lee", "body": format!("{round}")});
        let device = &mut devices[round % 4];
        codes.push(match device.request("message:send", data).await {
            Ok(_) => "ok".to_owned(),
            Err(failure) => failure.code().to_owned(),
        });
    }
    assert!(codes[..3].iter().all(|code| code == "ok"), "{codes:?}");
    assert!(codes.contains(&"rate_limited".to_owned()), "{codes:?}");
    // Commands that create nothing have another limit.
    devices[0].expect_alive().await;
}

#[tokio::test]
async fn too_many_rooms() {
    let server = Server::start(|o| o.env("CAREWIRE_ROOMS_PER_CONNECTION", 10));
    let mut raw = login(&server, "lee", "provider", "clinic").await;
    let mut failure = None;
    for n in 0..12 {
        let join = json!({"roomId": format!("topic:t{n}")});
        if let Err(refused) = raw.request("room:join", join).await {
            failure = Some(refused);
            break;
        }
    }
    assert_eq!(failure.expect("a limit").code(), "too_many_rooms");
    raw.request("room:leave", json!({"roomId": "topic:t0"}))
        .await
        .unwrap();
    raw.request("room:join", json!({"roomId": "topic:other"}))
        .await
        .unwrap();
}

#[tokio::test]
async fn joining_twice_is_no_error() {
    let server = Server::shared();
    let mut raw = login(&server, "lee", "provider", &unique("limits")).await;
    for _ in 0..2 {
        let reply = raw
            .request("room:join", json!({"roomId": "topic:a"}))
            .await
            .unwrap();
        assert_eq!(reply["recovered"], true);
        assert_eq!(reply["roomId"], "topic:a");
    }
}

/// A tenant that sends as much as it can uses up limits of its own: people of the same names in
/// another tenant have theirs.
#[tokio::test]
async fn a_noisy_tenant_uses_up_its_own_limits() {
    let server = Server::start(|o| o.env("CAREWIRE_MESSAGES_PER_SECOND", 1));
    let hello = json!({"roomId": "chat:kim:lee", "body": "Hello"});
    let mut noisy = login(&server, "kim", "provider", "noisy").await;
    let _lee = login(&server, "lee", "provider", "noisy").await;
    let refused = loop {
        if let Err(failure) = noisy.request("message:send", hello.clone()).await {
            break failure;
        }
    };
    assert_eq!(refused.code(), "rate_limited");
    let mut quiet = login(&server, "kim", "provider", "quiet").await;
    let _lee = login(&server, "lee", "provider", "quiet").await;
    quiet.request("message:send", hello).await.unwrap();
}

/// Whoever heeds no refusal is read more slowly: what they sent at once is looked at when its time
/// has come. They are heard all the same.
#[tokio::test]
async fn who_heeds_no_refusal_is_read_slowly() {
    const SENT: usize = 80;
    let server = Server::start(|o| {
        o.env("CAREWIRE_MESSAGES_PER_SECOND", 10)
            .env("CAREWIRE_HEARTBEAT_INTERVAL_MS", 400)
    });
    let mut noisy = login(&server, "kim", "provider", "clinic").await;
    let mut lee = login(&server, "lee", "provider", "clinic").await;
    let mut ids = Vec::new();
    for n in 0..SENT {
        let data = json!({"roomId": "chat:kim:lee", "body": format!("{n}")});
        ids.push(noisy.command("message:send", data).await);
    }
    let (mut taken, mut refused) = (0, 0);
    for id in ids {
        match noisy.answer(id).await {
            Ok(_) => taken += 1,
            Err(failure) => {
                assert_eq!(failure.code(), "rate_limited");
                refused += 1;
            }
        }
        // Nobody else waits for that.
        lee.expect_alive().await;
    }
    // A burst of 30 is let through. Read at once, most of the other 50 would be refused.
    assert!(taken >= 40, "{taken} were taken, {refused} refused");
    noisy.expect_alive().await;
}
