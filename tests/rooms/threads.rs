//! Threads: who may make and change them.

use crate::clinic::{Clinic, ask, join, message, refused, send};
use serde_json::json;

#[tokio::test]
async fn creating() {
    let clinic = Clinic::open();
    clinic.user("lee", "provider").await;
    let mut ana = clinic.login("ana", "provider").await;
    let mut lee = clinic.login("lee", "provider").await;
    let data = json!({"title": "Ward", "memberIds": ["lee", "ana", "lee"], "metadata": {"a": 1}});
    let reply = ask(&mut ana, "thread:create", data).await;
    let room = reply["roomId"].as_str().unwrap();
    assert!(room.starts_with("thread:"), "{reply}");
    join(&mut ana, room).await;
    join(&mut lee, room).await;
    send(&mut lee, room, "hello").await;
    message(&mut ana, "hello").await;
    let list = ask(&mut lee, "conversation:list", json!({})).await;
    let entry = &list["conversations"][0];
    assert_eq!(entry["title"], "Ward");
    assert_eq!(entry["memberIds"].as_array().unwrap().len(), 2, "{entry}");
    let mut mia = clinic.login("mia", "provider").await;
    refused(
        &mut mia,
        "room:join",
        json!({"roomId": room}),
        "access_denied",
    )
    .await;
    let mut foreign = clinic.neighbour().login("ana", "admin").await;
    refused(
        &mut foreign,
        "room:join",
        json!({"roomId": room}),
        "room_not_found",
    )
    .await;
}

/// Members are people one may chat with.
#[tokio::test]
async fn members_are_people_one_may_chat_with() {
    let clinic = Clinic::open();
    for (user, role) in [
        ("pat", "patient"),
        ("eve", "patient"),
        ("lee", "provider"),
        ("mia", "provider"),
        ("sam", "staff"),
    ] {
        clinic.user(user, role).await;
    }
    clinic.care("lee", "pat").await;
    let cases = [
        ("lee", "provider", "pat", true),
        ("lee", "provider", "eve", false),
        ("lee", "provider", "nobody-knows", false),
        ("mia", "provider", "pat", false),
        ("mia", "provider", "lee", true),
        ("sam", "staff", "pat", true),
        ("pat", "patient", "lee", true),
        ("pat", "patient", "mia", false),
        ("pat", "patient", "sam", true),
        ("pat", "patient", "eve", false),
    ];
    for (user, role, member, allowed) in cases {
        let mut raw = clinic.login(user, role).await;
        let data = json!({"memberIds": [member]});
        let label = format!("{user} takes {member}");
        if allowed {
            let reply = raw.request("thread:create", data).await;
            assert!(reply.is_ok(), "{label}: {reply:?}");
        } else {
            refused(&mut raw, "thread:create", data, "access_denied").await;
            let own = ask(&mut raw, "thread:create", json!({"memberIds": [user]})).await;
            let data = json!({"roomId": own["roomId"], "memberIds": [member]});
            refused(&mut raw, "thread:addMembers", data, "access_denied").await;
        }
    }
}

/// Changed by creator, staff and admins; not by other members.
#[tokio::test]
async fn who_changes_the_members() {
    let clinic = Clinic::open();
    for user in ["lee", "mia", "zoe"] {
        clinic.user(user, "provider").await;
    }
    let mut ana = clinic.login("ana", "provider").await;
    let mut lee = clinic.login("lee", "provider").await;
    let mut zoe = clinic.login("zoe", "provider").await;
    let mut staff = clinic.login("sam", "staff").await;
    let mut admin = clinic.login("root", "admin").await;
    let room =
        ask(&mut ana, "thread:create", json!({"memberIds": ["lee"]})).await["roomId"].clone();
    let data = json!({"roomId": room, "memberIds": ["mia"]});
    for raw in [&mut lee, &mut zoe] {
        for kind in ["thread:addMembers", "thread:removeMembers"] {
            refused(raw, kind, data.clone(), "access_denied").await;
        }
    }
    for raw in [&mut ana, &mut staff, &mut admin] {
        for kind in ["thread:addMembers", "thread:removeMembers"] {
            assert_eq!(ask(raw, kind, data.clone()).await, json!({}));
        }
    }
    let unknown = json!({"roomId": "thread:none", "memberIds": ["mia"]});
    refused(&mut ana, "thread:addMembers", unknown, "room_not_found").await;
    let mut foreign = clinic.neighbour().login("root", "admin").await;
    refused(&mut foreign, "thread:addMembers", data, "room_not_found").await;
}

/// Another platform than `internal` is not for patients.
#[tokio::test]
async fn platforms_are_not_for_patients() {
    let clinic = Clinic::open();
    clinic.user("sam", "staff").await;
    let mut pat = clinic.login("pat", "patient").await;
    let mut ana = clinic.login("ana", "provider").await;
    let data = json!({"memberIds": ["sam"], "platform": "sms"});
    refused(&mut pat, "thread:create", data.clone(), "access_denied").await;
    let room = ask(&mut ana, "thread:create", data).await["roomId"].clone();
    let list = ask(&mut ana, "conversation:list", json!({"platform": "sms"})).await;
    assert_eq!(list["conversations"][0]["roomId"], room);
    let data = json!({"memberIds": ["sam"], "platform": "internal"});
    ask(&mut pat, "thread:create", data).await;
}

#[tokio::test]
async fn limits() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "admin").await;
    let many: Vec<_> = (0..501).map(|n| format!("u{n}")).collect();
    for (field, data) in [
        ("memberIds", json!({"memberIds": many})),
        ("memberIds", json!({})),
        ("memberIds", json!({"memberIds": "lee"})),
        ("memberIds[0]", json!({"memberIds": ["not an id"]})),
        (
            "title",
            json!({"memberIds": ["ana"], "title": "x".repeat(1_025)}),
        ),
        ("platform", json!({"memberIds": ["ana"], "platform": "SMS"})),
    ] {
        let failure = refused(&mut ana, "thread:create", data, "invalid_input").await;
        assert_eq!(failure.field(), field);
    }
    let large = json!({"memberIds": ["ana"], "metadata": "x".repeat(262_145)});
    refused(&mut ana, "thread:create", large, "payload_too_large").await;
}

/// A backend makes threads and changes title, members and platform.
#[tokio::test]
async fn by_a_backend() {
    let clinic = Clinic::open();
    let mut ana = clinic.login("ana", "provider").await;
    let body = json!({"title": "One", "memberIds": ["ana", "pat"]});
    assert_eq!(
        clinic.ok("PUT", "/v1/threads/t", Some(body)).await,
        json!({})
    );
    let body = json!({"title": "Two", "memberIds": ["ana"]});
    clinic.ok("PUT", "/v1/threads/t", Some(body)).await;
    let list = ask(&mut ana, "conversation:list", json!({})).await;
    let entry = &list["conversations"][0];
    assert_eq!(
        (&entry["title"], &entry["memberIds"]),
        (&json!("Two"), &json!(["ana"]))
    );
    for body in [json!({}), json!({"memberIds": ["a b"]}), json!([])] {
        let answer = clinic.call("PUT", "/v1/threads/t", Some(body)).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "invalid_input".to_owned())
        );
    }
}
