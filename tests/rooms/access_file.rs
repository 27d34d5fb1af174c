//! The access file: an operator's own rules for channels and topics.

use crate::clinic::{Clinic, ask, join, no_limits, refused};
use carewire_tests::Server;
use serde_json::json;

const RULES: &str = r#"
[[rule]]
room = "patients:*"
join = ["provider"]
publish = ["staff"]

[[rule]]
room = "topic:staff-news"
join = ["staff", "provider"]
"#;

fn clinic(rules: &str) -> Clinic {
    Clinic::alone(|options| no_limits(options).file("CAREWIRE_ACCESS_FILE", "access.toml", rules))
}

#[tokio::test]
async fn channels() {
    let clinic = clinic(RULES);
    let mut lee = clinic.login("lee", "provider").await;
    let mut sam = clinic.login("sam", "staff").await;
    let mut ana = clinic.login("ana", "patient").await;
    let mut eve = clinic.login("eve", "admin").await;
    let channel = json!({"channel": "patients:icu"});
    for raw in [&mut lee, &mut eve] {
        ask(raw, "channel:subscribe", channel.clone()).await;
    }
    for raw in [&mut sam, &mut ana] {
        let failure = refused(raw, "channel:subscribe", channel.clone(), "access_denied").await;
        assert_eq!(failure.message(), "Access denied to this room");
    }
    let event = json!({"channel": "patients:icu", "event": "full", "payload": 1});
    for raw in [&mut lee, &mut ana, &mut eve] {
        refused(raw, "channel:publish", event.clone(), "access_denied").await;
    }
    ask(&mut sam, "channel:publish", event.clone()).await;
    assert_eq!(lee.event("channel:event").await["data"], event);
    // Nobody else's rules are touched.
    ask(
        &mut sam,
        "channel:subscribe",
        json!({"channel": "reports:system"}),
    )
    .await;
}

#[tokio::test]
async fn topics() {
    let clinic = clinic(RULES);
    let mut lee = clinic.login("lee", "provider").await;
    let mut ana = clinic.login("ana", "patient").await;
    join(&mut lee, "topic:staff-news").await;
    let room = json!({"roomId": "topic:staff-news"});
    refused(&mut ana, "room:join", room, "access_denied").await;
    // A subscription is a membership that comes back with every connection.
    let topics = json!({"topics": ["news", "staff-news"]});
    refused(
        &mut ana,
        "notification:subscribe",
        topics.clone(),
        "access_denied",
    )
    .await;
    ask(&mut lee, "notification:subscribe", topics).await;
    ask(
        &mut ana,
        "notification:subscribe",
        json!({"topics": ["news"]}),
    )
    .await;
    let body = json!({"topic": "staff-news", "kind": "system", "title": "t", "message": "m"});
    clinic.ok("POST", "/v1/notifications", Some(body)).await;
    lee.event("notification:new").await;
    let list = ask(&mut ana, "notification:list", json!({})).await;
    assert_eq!(list["notifications"], json!([]));
}

#[test]
fn a_bad_file_is_refused_with_the_reason() {
    for (rules, reason) in [
        ("[[rule]", "access.toml"),
        (
            "[[rule]]\nroom = \"patients:*\"\njoin = [\"king\"]",
            "there is no role \"king\"",
        ),
        (
            "[[rule]]\nroom = \"chat:a:b\"\njoin = []",
            "only channels and topics",
        ),
    ] {
        let refusal =
            Server::try_start(|options| options.file("CAREWIRE_ACCESS_FILE", "access.toml", rules));
        let refusal = refusal.err().expect("a server that does not start");
        assert_eq!(refusal.status.code(), Some(1));
        assert!(refusal.log.contains(reason), "{}", refusal.log);
    }
    let missing = Server::try_start(|options| options.env("CAREWIRE_ACCESS_FILE", "none.toml"));
    assert!(
        missing
            .err()
            .expect("no file, no server")
            .log
            .contains("none.toml")
    );
}
