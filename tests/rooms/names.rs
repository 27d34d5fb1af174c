//! Names of rooms: which are none.

use crate::clinic::{Clinic, ask, join, refused};
use serde_json::json;

/// What has no kind, a bad id, too many or too few parts, or an id of a kind in the wrong form is
/// `room_not_found` with the fixed message: for a service too, who may join every room.
#[tokio::test]
async fn what_is_no_name_is_not_found() {
    let clinic = Clinic::open();
    let long = format!("thread:{}", "a".repeat(129));
    let names = [
        "",
        "chat",
        ":",
        "chat:",
        "chat:ana",
        "chat:ana:",
        "chat::ana",
        "chat:lee:ana",
        "chat:ana:ana",
        "chat:ana:lee:mia",
        "thread:",
        "thread:a:b",
        "thread:a b",
        "thread:a/b",
        "thread:ä",
        "thread:a\u{0}",
        "visit:a:b",
        "user:",
        "patient:a:b",
        "report:a:b",
        "tenant:",
        "notifications:a:b",
        "plain",
        "a:b:c:d",
        "wards:",
        "wards::beds",
        ":wards",
        &long,
    ];
    for role in ["provider", "service"] {
        let mut raw = clinic.login(&format!("ana-{role}"), role).await;
        for name in names {
            for command in ["room:join", "message:history"] {
                let failure = refused(&mut raw, command, json!({"roomId": name}), "room_not_found");
                assert_eq!(failure.await.message(), "Room not found", "{name:?}");
            }
        }
    }
}

/// Ids have 1 to 128 characters of `A–Z a–z 0–9 _ . @ -`.
#[tokio::test]
async fn every_character_of_ids() {
    let clinic = Clinic::open();
    let id = "AZaz09_.@-".to_owned() + &"x".repeat(118);
    let room = clinic.thread(&id, &["ana"]).await;
    let mut ana = clinic.login("ana", "provider").await;
    assert_eq!(join(&mut ana, &room).await["roomId"], room);
}

/// The ids of a chat are sorted by their bytes: capitals come before small letters.
#[tokio::test]
async fn chats_are_sorted_by_bytes() {
    let clinic = Clinic::open();
    clinic.user("Zoe", "provider").await;
    let mut ana = clinic.login("ana", "provider").await;
    join(&mut ana, "chat:Zoe:ana").await;
    refused(
        &mut ana,
        "room:join",
        json!({"roomId": "chat:ana:Zoe"}),
        "room_not_found",
    )
    .await;
}

/// A field that is missing or of another type is no name either, and the error says which.
#[tokio::test]
async fn a_room_is_a_text() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    for data in [json!({}), json!({"roomId": 7}), json!({"roomId": ["x"]})] {
        let failure = refused(&mut ana, "room:join", data, "invalid_input").await;
        assert_eq!(failure.field(), "roomId");
    }
    ask(&mut ana, "session:status", json!({})).await;
}
