//! Emergency access: taken where it is enabled, announced, written down, and over after its time.

use crate::clinic::{Clinic, ask, join, no_limits, refused, send};
use carewire_protocol::Timestamp;
use carewire_tests::Options;
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

fn enabled(options: Options) -> Options {
    no_limits(options).env("CAREWIRE_BREAK_GLASS", "true")
}

fn glass(reason: &str) -> Value {
    json!({"patientId": "ana", "reason": reason})
}

#[tokio::test]
async fn where_it_is_enabled_and_for_providers_and_staff() {
    let clinic = Clinic::open();
    let mut lee = clinic.login("lee", "provider").await;
    refused(
        &mut lee,
        "access:breakGlass",
        glass("unconscious"),
        "access_denied",
    )
    .await;
    let clinic = Clinic::alone(enabled);
    for role in ["patient", "admin", "service"] {
        let mut raw = clinic.login(&format!("me-{role}"), role).await;
        let failure = refused(
            &mut raw,
            "access:breakGlass",
            glass("curious"),
            "access_denied",
        )
        .await;
        assert_eq!(failure.message(), "Access denied");
    }
    let mut lee = clinic.login("lee", "provider").await;
    let failure = refused(&mut lee, "access:breakGlass", glass("  "), "invalid_input").await;
    assert_eq!(failure.field(), "reason");
}

#[tokio::test]
async fn a_relation_for_four_hours_that_admins_hear_of() {
    let clinic = Clinic::alone(enabled);
    let mut eve = clinic.login("eve", "admin").await;
    let mut lee = clinic.login("lee", "provider").await;
    clinic.user("ana", "patient").await;
    let chart = json!({"roomId": "patient:ana"});
    refused(&mut lee, "room:join", chart, "access_denied").await;
    let before = Timestamp::from_millis(carewire_tests::now() * 1000);
    let reply = lee
        .keyed("access:breakGlass", "k", glass("unconscious"))
        .await
        .unwrap();
    let again = lee
        .keyed("access:breakGlass", "k", glass("unconscious"))
        .await
        .unwrap();
    assert_eq!(reply, again, "once for a key");
    let expires: Timestamp = serde_json::from_value(reply["expiresAt"].clone()).unwrap();
    let hours = expires.since(before).as_secs_f64() / 3600.0;
    assert!((3.9..4.1).contains(&hours), "{hours} h");
    let alert = eve.event("alert:breakGlass").await;
    assert_eq!(
        (&alert["room"], &alert["offset"]),
        (&json!("admin:alerts"), &json!(1))
    );
    let told = json!({"patientId": "ana", "userId": "lee", "reason": "unconscious",
        "expiresAt": reply["expiresAt"]});
    assert_eq!(alert["data"], told);
    // It is what a relation is: the chart, the chat, presence.
    join(&mut lee, "patient:ana").await;
    send(&mut lee, "chat:ana:lee", "On my way").await;
    let trail = clinic.ok("GET", "/v1/audit?userId=lee", None).await;
    let lines = trail["entries"].as_array().unwrap();
    let broke: Vec<_> = lines
        .iter()
        .filter(|line| line["action"] == "broke_glass")
        .collect();
    assert_eq!(broke.len(), 1, "{trail}");
    assert_eq!(
        (&broke[0]["roomId"], &broke[0]["role"]),
        (&json!("patient:ana"), &json!("provider"))
    );
    assert!(
        !trail.to_string().contains("unconscious"),
        "ids, no content"
    );
}

/// Four hours later, or what a clock in the database calls so.
async fn let_it_end(clinic: &Clinic) {
    let file = clinic.server().folder().join("glass.db");
    let options = SqliteConnectOptions::new().filename(file);
    let mut database = options.connect().await.unwrap();
    let ended = sqlx::query("UPDATE emergencies SET ends_at = 1")
        .execute(&mut database)
        .await;
    assert_eq!(ended.unwrap().rows_affected(), 1);
    database.close().await.unwrap();
}

fn with_a_file(options: Options) -> Options {
    let url = format!("sqlite://{}", options.folder().join("glass.db").display());
    enabled(options).env("CAREWIRE_DATABASE_URL", url)
}

#[tokio::test]
async fn it_ends_by_itself_and_ends_memberships() {
    let clinic = Clinic::alone(with_a_file);
    clinic.user("ana", "patient").await;
    let mut lee = clinic.login("lee", "provider").await;
    clinic.care("lee", "bob").await;
    ask(&mut lee, "access:breakGlass", glass("unconscious")).await;
    for room in ["patient:ana", "patient:bob", "chat:ana:lee"] {
        join(&mut lee, room).await;
    }
    let_it_end(&clinic).await;
    for _ in 0..2 {
        let left = lee.event("room:left").await;
        assert_eq!(left["data"]["reason"], "expired");
        assert_ne!(left["data"]["roomId"], "patient:bob");
    }
    let chart = json!({"roomId": "patient:ana"});
    refused(&mut lee, "room:join", chart, "access_denied").await;
    // Whoever still needs it takes it again.
    ask(&mut lee, "access:breakGlass", glass("still unconscious")).await;
    join(&mut lee, "patient:ana").await;
}

#[tokio::test]
async fn it_ends_while_no_server_runs() {
    let mut clinic = Clinic::alone(with_a_file);
    let mut lee = clinic.login("lee", "provider").await;
    ask(&mut lee, "access:breakGlass", glass("unconscious")).await;
    clinic.server_mut().kill();
    let_it_end(&clinic).await;
    clinic.server_mut().restart();
    let mut lee = clinic.login("lee", "provider").await;
    carewire_tests::wait::until("the access is over", async || {
        let joined = lee
            .request("room:join", json!({"roomId": "patient:ana"}))
            .await;
        joined.is_err().then_some(())
    })
    .await;
}
