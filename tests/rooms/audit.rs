//! The audit trail: who joined, read, viewed and was denied; ids, no content.

use crate::clinic::{Clinic, ask, history, join, no_limits, refused, send};
use carewire_tests::{http, wait::until};
use serde_json::{Value, json};

async fn trail(clinic: &Clinic, query: &str) -> Vec<Value> {
    let list = clinic.ok("GET", &format!("/v1/audit{query}"), None).await;
    list["entries"].as_array().unwrap().clone()
}

/// The trail once it has so many lines: nobody waits for it to be written.
async fn lines(clinic: &Clinic, query: &str, count: usize) -> Vec<Value> {
    until("lines of the audit trail", async || {
        let lines = trail(clinic, query).await;
        assert!(lines.len() <= count, "{lines:?}");
        (lines.len() == count).then_some(lines)
    })
    .await
}

fn done(line: &Value) -> (&str, &str, &str) {
    let text = |field: &str| line[field].as_str().unwrap_or_default();
    (text("action"), text("roomId"), text("command"))
}

#[tokio::test]
async fn who_did_what() {
    let clinic = Clinic::open();
    clinic.care("lee", "ana").await;
    let mut lee = clinic.login("lee", "provider").await;
    clinic.user("ana", "patient").await;
    join(&mut lee, "chat:ana:lee").await;
    send(&mut lee, "chat:ana:lee", "canary-body").await;
    history(&mut lee, "chat:ana:lee").await;
    ask(&mut lee, "record:view", json!({"patientId": "ana"})).await;
    let room = json!({"roomId": "patient:bob"});
    refused(&mut lee, "room:join", room, "access_denied").await;
    let say = json!({"roomId": "chat:bob:lee", "body": "canary-body"});
    refused(&mut lee, "message:send", say, "access_denied").await;
    let resume = json!({"rooms": [{"roomId": "patient:bob", "epoch": "e", "offset": 0}]});
    ask(&mut lee, "session:resume", resume).await;
    let lines = lines(&clinic, "?userId=lee", 7).await;
    let said: Vec<_> = lines.iter().rev().map(done).collect();
    let expected = [
        ("joined", "chat:ana:lee", ""),
        ("read", "chat:ana:lee", "message:history"),
        ("joined", "patient:ana", ""),
        ("viewed", "patient:ana", ""),
        ("denied", "patient:bob", "room:join"),
        ("denied", "chat:bob:lee", "message:send"),
        ("denied", "patient:bob", "session:resume"),
    ];
    assert_eq!(said, expected);
    for line in &lines {
        assert_eq!(
            (&line["userId"], &line["role"]),
            (&json!("lee"), &json!("provider"))
        );
        assert!(!line.to_string().contains("canary"));
    }
    let numbers: Vec<_> = lines.iter().map(|line| line["id"].as_u64()).collect();
    assert!(numbers.is_sorted_by(|a, b| a > b), "the newest first");
}

/// What would flood is one line an hour.
#[tokio::test]
async fn the_same_within_an_hour_is_one_line() {
    let hour = carewire_tests::now() / 3600;
    let mut clinic = Clinic::alone(no_limits);
    let mut lee = clinic.login("lee", "provider").await;
    for _ in 0..20 {
        join(&mut lee, "reports:system").await;
        refused(
            &mut lee,
            "room:join",
            json!({"roomId": "patient:bob"}),
            "access_denied",
        )
        .await;
    }
    let names = async |clinic: &Clinic| {
        let lines = trail(clinic, "").await;
        let names: Vec<_> = lines.iter().map(|line| done(line).1.to_owned()).collect();
        names
    };
    let has = async |clinic: &Clinic, name: &str| {
        until(name, async || {
            names(clinic)
                .await
                .iter()
                .any(|one| one == name)
                .then_some(())
        })
        .await;
    };
    has(&clinic, "patient:bob").await;
    // Also after a restart, which remembers nothing but what is stored.
    clinic.server_mut().restart();
    let mut lee = clinic.login("lee", "provider").await;
    join(&mut lee, "reports:system").await;
    join(&mut lee, "reports:other").await;
    has(&clinic, "reports:other").await;
    if carewire_tests::now() / 3600 == hour {
        assert_eq!(
            names(&clinic).await,
            ["reports:other", "patient:bob", "reports:system"]
        );
    } else {
        assert!(
            names(&clinic).await.len() <= 6,
            "a line of each for each hour"
        );
    }
}

#[tokio::test]
async fn what_is_asked_for_in_pages() {
    let clinic =
        Clinic::alone(|options| no_limits(options).env("CAREWIRE_ROOMS_PER_CONNECTION", 500));
    let mut lee = clinic.login("lee", "provider").await;
    let mut eve = clinic.login("eve", "provider").await;
    for n in 0..130 {
        join(&mut lee, &format!("reports:r{n}")).await;
    }
    join(&mut eve, "reports:r7").await;
    let all = until("all lines", async || {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = clinic
                .ok("GET", &format!("/v1/audit?userId=lee{cursor}"), None)
                .await;
            all.extend(page["entries"].as_array().unwrap().iter().cloned());
            match page["cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        (all.len() == 130).then_some(all)
    })
    .await;
    let names: Vec<_> = all
        .iter()
        .rev()
        .map(|line| done(line).1.to_owned())
        .collect();
    let expected: Vec<_> = (0..130).map(|n| format!("reports:r{n}")).collect();
    assert_eq!(names, expected);
    let of_room = lines(&clinic, "?roomId=reports:r7", 2).await;
    assert_eq!(
        (&of_room[0]["userId"], &of_room[1]["userId"]),
        (&json!("eve"), &json!("lee"))
    );
    let at = |line: &Value| line["at"].as_str().unwrap().to_owned();
    let from = at(&all[0]);
    let since = trail(&clinic, &format!("?from={from}")).await;
    assert!(since.iter().any(|line| *line == all[0]) && since.iter().all(|line| at(line) >= from));
    let until = trail(&clinic, &format!("?to={from}&userId=lee")).await;
    assert!(until.iter().all(|line| at(line) < from));
    for bad in ["?from=yesterday", "?cursor=x", "?userId=%20"] {
        let answer = clinic.call("GET", &format!("/v1/audit{bad}"), None).await;
        assert_eq!(answer.status, 400, "{bad}: {}", answer.body);
    }
}

#[tokio::test]
async fn for_admins_and_services_of_the_tenant() {
    let clinic = Clinic::open();
    let mut lee = clinic.login("lee", "provider").await;
    join(&mut lee, "reports:system").await;
    lines(&clinic, "?userId=lee", 1).await;
    let get = async |clinic: &Clinic, role: &str| {
        let token = clinic.token("eve", role).sign();
        http::request(clinic.server(), "GET", "/v1/audit", Some(&token), None).await
    };
    for role in ["patient", "provider", "staff"] {
        assert_eq!(get(&clinic, role).await.status, 403);
    }
    let answer = get(&clinic, "admin").await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("reports:system"));
    let other = get(&clinic.neighbour(), "admin").await;
    assert_eq!(other.json()["entries"], json!([]));
    // Whoever was refused here is in the trail too.
    let refused = lines(&clinic, "?userId=eve", 1).await;
    assert_eq!(done(&refused[0]).2, "GET /v1/audit");
}

/// A stopping server writes what waits.
#[tokio::test]
async fn what_waits_is_written_at_the_end() {
    let mut clinic = Clinic::alone(no_limits);
    let mut lee = clinic.login("lee", "provider").await;
    for n in 0..50 {
        join(&mut lee, &format!("reports:r{n}")).await;
    }
    clinic.server().terminate();
    clinic.server_mut().wait().await;
    clinic.server_mut().restart();
    assert_eq!(trail(&clinic, "?userId=lee").await.len(), 50);
}
