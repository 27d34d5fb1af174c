//! Connections and rooms as a backend sees them, and joining and removing from outside.

use crate::clinic::{Clinic, join, message, none, refused, send, settle};
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn connections(clinic: &Clinic, query: &str) -> Vec<Value> {
    let list = clinic
        .ok("GET", &format!("/v1/connections{query}"), None)
        .await;
    assert!(list.get("cursor").is_none(), "one page: {list}");
    list["connections"].as_array().unwrap().clone()
}

#[tokio::test]
async fn listing_connections() {
    let clinic = Clinic::open();
    assert_eq!(connections(&clinic, "").await, [] as [Value; 0]);
    let mut desk = clinic.device("ana", "provider", "desk").await;
    let _lee = clinic.login("lee", "staff").await;
    let _elsewhere = clinic.neighbour().login("ana", "provider").await;
    join(&mut desk, "topic:news").await;
    assert_eq!(connections(&clinic, "").await.len(), 2, "of this tenant");
    let own = connections(&clinic, "?userId=ana").await;
    assert_eq!(own.len(), 1);
    let own = &own[0];
    let connected = desk.event("connected").await["data"].clone();
    assert_eq!(own["connectionId"], connected["connectionId"]);
    assert_eq!(
        (&own["userId"], &own["clientId"]),
        (&json!("ana"), &json!("desk"))
    );
    assert_eq!(own["role"], "provider");
    assert_eq!(own["tokenExpiresAt"], connected["tokenExpiresAt"]);
    assert!(own["connectedAt"].is_string());
    let rooms = own["rooms"].as_array().unwrap();
    assert!(rooms.contains(&json!("topic:news")) && rooms.contains(&json!("user:ana")));
    let there = connections(&clinic, "?roomId=topic:news").await;
    assert_eq!(there.len(), 1);
    assert_eq!(there[0]["userId"], "ana");
    assert_eq!(
        connections(&clinic, "?userId=lee&roomId=topic:news").await,
        [] as [Value; 0]
    );
}

/// Pages by cursor list every connection once.
#[tokio::test]
async fn pages_of_connections() {
    let clinic = Clinic::open();
    let mut raws = Vec::new();
    for n in 0..105 {
        raws.push(clinic.login(&format!("u{n}"), "provider").await);
    }
    let mut seen = BTreeSet::new();
    let mut query = String::new();
    loop {
        let page = clinic
            .ok("GET", &format!("/v1/connections{query}"), None)
            .await;
        for entry in page["connections"].as_array().unwrap() {
            let user = entry["userId"].as_str().unwrap().to_owned();
            assert!(seen.insert(user), "twice: {entry}");
        }
        let Some(cursor) = page["cursor"].as_str() else {
            break;
        };
        query = format!("?cursor={cursor}");
    }
    assert_eq!(seen.len(), 105);
    let answer = clinic
        .call("GET", "/v1/connections?cursor=nonsense", None)
        .await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn disconnecting_one() {
    let clinic = Clinic::open();
    let mut desk = clinic.login("ana", "provider").await;
    let mut phone = clinic.login("ana", "provider").await;
    let id = desk.event("connected").await["data"]["connectionId"].clone();
    let path = format!("/v1/connections/{}", id.as_str().unwrap());
    let foreign = clinic.neighbour().call("DELETE", &path, None).await;
    assert_eq!(foreign.status, 404, "of another tenant");
    clinic.ok("DELETE", &path, None).await;
    assert_eq!(desk.expect_close().await, 4409);
    phone.expect_alive().await;
    carewire_tests::wait::until("the connection to go", || async {
        let answer = clinic.call("DELETE", &path, None).await;
        (answer.status == 404).then_some(())
    })
    .await;
}

/// A backend joins and removes all connections of a user, authorised as that user.
#[tokio::test]
async fn rooms_of_a_user() {
    let clinic = Clinic::open();
    let room = clinic.thread("t", &["ana", "lee"]).await;
    let mut ana = clinic.login("ana", "provider").await;
    let mut phone = clinic.login("ana", "provider").await;
    let mut lee = clinic.login("lee", "provider").await;
    send(&mut lee, &room, "before").await;
    let body = json!({"join": [room, "topic:news"]});
    assert_eq!(
        clinic.ok("POST", "/v1/users/ana/rooms", Some(body)).await,
        json!({})
    );
    for raw in [&mut ana, &mut phone] {
        let joined = raw
            .event_where("room:joined", |frame| frame["data"]["roomId"] == room)
            .await;
        assert_eq!(joined["data"]["offset"], 1);
        assert!(joined["data"]["epoch"].is_string());
        raw.event_where("room:joined", |frame| {
            frame["data"]["roomId"] == "topic:news"
        })
        .await;
    }
    send(&mut lee, &room, "live").await;
    for raw in [&mut ana, &mut phone] {
        assert_eq!(message(raw, "live").await["offset"], 2);
        none(raw, "nothing is replayed", |frame| frame["offset"] == 1);
    }
    let body = json!({"leave": [room]});
    clinic.ok("POST", "/v1/users/ana/rooms", Some(body)).await;
    for raw in [&mut ana, &mut phone] {
        let left = raw.event("room:left").await;
        assert_eq!(left["data"], json!({"roomId": room, "reason": "server"}));
    }
    send(&mut lee, &room, "after").await;
    for raw in [&mut ana, &mut phone] {
        settle(raw).await;
        refused(raw, "room:leave", json!({"roomId": room}), "not_joined").await;
        none(raw, "no longer there", |frame| frame["offset"] == 3);
    }
    // It is no ban: the right is still there.
    assert_eq!(join(&mut ana, &room).await["offset"], 3);
}

/// Authorised as that user: what they may not join, a backend does not join for them.
#[tokio::test]
async fn authorised_as_that_user() {
    let clinic = Clinic::open();
    let room = clinic.thread("t", &["lee"]).await;
    let mut ana = clinic.login("ana", "patient").await;
    let id = ana.event("connected").await["data"]["connectionId"].clone();
    let of_connection = format!("/v1/connections/{}/rooms", id.as_str().unwrap());
    let staff = format!("staff:{}", clinic.tenant);
    for path in ["/v1/users/ana/rooms", &of_connection] {
        for place in [&room, "user:lee", &staff, "admin:alerts", "thread:none"] {
            let body = json!({"join": [place]});
            let answer = clinic.call("POST", path, Some(body)).await;
            assert!(
                matches!(answer.status, 200 | 403 | 404),
                "{place}: {}",
                answer.body
            );
        }
        let body = json!({"join": ["topic:news"]});
        clinic.ok("POST", path, Some(body)).await;
        ana.event("room:joined").await;
        let body = json!({"leave": ["topic:news"]});
        clinic.ok("POST", path, Some(body)).await;
        ana.event("room:left").await;
        none(&ana, "nothing was joined", |frame| {
            frame["type"] == "room:joined"
        });
    }
    let status = crate::clinic::ask(&mut ana, "session:status", json!({})).await;
    assert_eq!(status["rooms"].as_array().unwrap().len(), 3, "{status}");
}

/// One connection of two.
#[tokio::test]
async fn rooms_of_a_connection() {
    let clinic = Clinic::open();
    let mut desk = clinic.login("ana", "provider").await;
    let mut phone = clinic.login("ana", "provider").await;
    let id = desk.event("connected").await["data"]["connectionId"].clone();
    let path = format!("/v1/connections/{}/rooms", id.as_str().unwrap());
    clinic
        .ok("POST", &path, Some(json!({"join": ["topic:news"]})))
        .await;
    desk.event("room:joined").await;
    let list = connections(&clinic, "?roomId=topic:news").await;
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["connectionId"], id);
    settle(&mut phone).await;
    none(&phone, "the other is not joined", |frame| {
        frame["type"] == "room:joined"
    });
    let answer = clinic
        .call(
            "POST",
            "/v1/connections/none/rooms",
            Some(json!({"join": []})),
        )
        .await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn listing_rooms() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    send(&mut ana, &room, "hello").await;
    let chats = clinic.ok("GET", "/v1/rooms?kind=chat", None).await;
    let chats = chats["rooms"].as_array().unwrap();
    assert_eq!(chats.len(), 1, "{chats:?}");
    assert_eq!(
        (&chats[0]["roomId"], &chats[0]["kind"]),
        (&json!(room), &json!("chat"))
    );
    assert_eq!(
        (&chats[0]["connections"], &chats[0]["offset"]),
        (&json!(2), &json!(1))
    );
    assert!(chats[0].get("participants").is_none());
    let all = clinic.ok("GET", "/v1/rooms", None).await;
    assert!(all["rooms"].as_array().unwrap().len() > 3);
    let one = clinic.ok("GET", &format!("/v1/rooms/{room}"), None).await;
    assert_eq!(
        (&one["connections"], &one["offset"]),
        (&json!(2), &json!(1))
    );
    assert!(
        one["epoch"].is_string() && one["lastActivityAt"].is_string(),
        "{one}"
    );
    let people = one["participants"].as_array().unwrap();
    assert_eq!(people.len(), 2);
    let quiet = clinic.ok("GET", "/v1/rooms/user:ana", None).await;
    assert!(
        quiet.get("participants").is_none(),
        "not announced: {quiet}"
    );
    let answer = clinic.call("GET", "/v1/rooms/nonsense", None).await;
    assert_eq!(
        (answer.status, answer.code()),
        (404, "room_not_found".to_owned())
    );
    // Nothing of it is seen from another tenant.
    let neighbour = clinic.neighbour();
    let there = neighbour.ok("GET", "/v1/rooms", None).await;
    assert_eq!(there["rooms"], json!([]));
}
