//! Rooms that are joined without asking: those of `connected`, and `CAREWIRE_AUTO_JOIN`.

use crate::clinic::{Clinic, ask, join};
use carewire_tests::Raw;
use serde_json::{Value, json};

fn names(rooms: &Value, field: Option<&str>) -> Vec<String> {
    let name = |room: &Value| {
        let name = field.map_or(room, |field| &room[field]);
        name.as_str().expect("a name of a room").to_owned()
    };
    let mut names: Vec<_> = rooms.as_array().unwrap().iter().map(name).collect();
    names.sort();
    names
}

async fn joined(raw: &mut Raw) -> Vec<String> {
    let connected = raw.event("connected").await;
    let rooms = &connected["data"]["rooms"];
    for room in rooms.as_array().unwrap() {
        assert!(room["epoch"].is_string(), "{room}");
        assert!(room["offset"].is_u64(), "{room}");
    }
    let status = ask(raw, "session:status", json!({})).await;
    let names_of = names(rooms, Some("roomId"));
    assert_eq!(names(&status["rooms"], None), names_of);
    names_of
}

#[tokio::test]
async fn every_role_has_its_rooms() {
    let clinic = Clinic::open();
    let tenant = format!("tenant:{}", clinic.tenant);
    let staff = format!("staff:{}", clinic.tenant);
    for role in ["patient", "provider", "staff", "admin", "service"] {
        let me = format!("me-{role}");
        let mut expected = vec![
            format!("user:{me}"),
            format!("notifications:{me}"),
            tenant.clone(),
        ];
        if role != "patient" {
            expected.push(staff.clone());
        }
        if role == "admin" {
            expected.push("admin:alerts".to_owned());
        }
        expected.sort();
        let mut raw = clinic.login(&me, role).await;
        assert_eq!(joined(&mut raw).await, expected, "{role}");
    }
}

/// The operator's rooms are joined by those who may, `{userId}` is who it is.
#[tokio::test]
async fn rooms_of_the_operator() {
    let clinic = Clinic::alone(|o| {
        o.env(
            "CAREWIRE_AUTO_JOIN",
            "reports:system,user:{userId}:reports,system:status",
        )
    });
    for (role, channel) in [("provider", true), ("patient", false)] {
        let mut raw = clinic.login(role, role).await;
        let rooms = joined(&mut raw).await;
        assert!(rooms.contains(&format!("user:{role}:reports")), "{rooms:?}");
        assert!(rooms.contains(&"system:status".to_owned()), "{rooms:?}");
        assert_eq!(rooms.contains(&"reports:system".to_owned()), channel);
    }
}

/// `session:status` lists what was joined by asking, until it is left.
#[tokio::test]
async fn the_status_lists_joined_rooms() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    clinic.user("lee", "provider").await;
    join(&mut ana, "chat:ana:lee").await;
    let status = ask(&mut ana, "session:status", json!({})).await;
    assert!(names(&status["rooms"], None).contains(&"chat:ana:lee".to_owned()));
    ask(&mut ana, "room:leave", json!({"roomId": "chat:ana:lee"})).await;
    let status = ask(&mut ana, "session:status", json!({})).await;
    assert!(!names(&status["rooms"], None).contains(&"chat:ana:lee".to_owned()));
}
