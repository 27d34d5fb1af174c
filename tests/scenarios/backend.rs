//! Section 8: what a backend sees of connections, and what it does to them.

use carewire_tests::{Raw, Server, Token, http, http::Answer, unique};
use serde_json::{Value, json};

struct Backend {
    server: std::sync::Arc<Server>,
    tenant: String,
    token: String,
}

impl Backend {
    fn new() -> Self {
        let server = Server::shared();
        let tenant = unique("backend");
        let token = server.service_token(&tenant);
        Self {
            server,
            tenant,
            token,
        }
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        http::request(&self.server, method, path, Some(&self.token), body.as_ref()).await
    }

    async fn login(&self, user: &str, role: &str) -> (Raw, String) {
        let token = Token::new(user, role).tenant(&self.tenant);
        let mut raw = Raw::login(&self.server, &token).await;
        let connected = raw.event("connected").await;
        let id = connected["data"]["connectionId"]
            .as_str()
            .unwrap()
            .to_owned();
        (raw, id)
    }
}

#[tokio::test]
async fn sees_whether_a_user_is_connected() {
    let backend = Backend::new();
    let absent = backend.call("GET", "/v1/users/lee", None).await;
    assert_eq!(absent.status, 200, "{absent:?}");
    assert_eq!(absent.json()["connected"], false);
    assert_eq!(absent.json()["connections"], 0);
    let _one = backend.login("lee", "provider").await;
    let _two = backend.login("lee", "provider").await;
    let present = backend.call("GET", "/v1/users/lee", None).await.json();
    assert_eq!(present["connected"], true);
    assert_eq!(present["connections"], 2);
    assert!(present.get("presence").is_some(), "{present}");
}

#[tokio::test]
async fn ends_one_connection_and_leaves_the_others() {
    let backend = Backend::new();
    let (mut one, id) = backend.login("lee", "provider").await;
    let (mut two, _) = backend.login("lee", "provider").await;
    let path = format!("/v1/connections/{id}");
    let answer = backend.call("DELETE", &path, None).await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    assert_eq!(one.expect_close().await, 4409);
    two.expect_alive().await;
    let again = backend
        .call("DELETE", "/v1/connections/never-was", None)
        .await;
    assert_eq!(again.status, 404, "{again:?}");
}

#[tokio::test]
async fn lists_connections_by_user_and_by_room() {
    let backend = Backend::new();
    let (mut lee, id) = backend.login("lee", "provider").await;
    let _kim = backend.login("kim", "provider").await;
    lee.request("room:join", json!({"roomId": "topic:rounds"}))
        .await
        .unwrap();
    for query in [
        "userId=lee",
        "roomId=topic:rounds",
        "roomId=topic%3Arounds&userId=lee",
    ] {
        let path = format!("/v1/connections?{query}");
        let answer = backend.call("GET", &path, None).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let list = answer.json()["connections"].as_array().unwrap().clone();
        assert_eq!(list.len(), 1, "{query}: {list:?}");
        assert_eq!(list[0]["connectionId"], id.as_str(), "{query}");
    }
    let all = backend.call("GET", "/v1/connections", None).await.json();
    assert_eq!(all["connections"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn joins_and_removes_present_connections_as_their_user_may() {
    let backend = Backend::new();
    let (mut ana, id) = backend.login("ana", "patient").await;
    let path = format!("/v1/connections/{id}/rooms");
    let change = json!({"join": ["topic:news"], "leave": []});
    let answer = backend.call("POST", &path, Some(change)).await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    let joined = ana.event("room:joined").await;
    assert_eq!(joined["data"]["roomId"], "topic:news");
    assert!(
        joined["data"]["epoch"].is_string() && joined["data"]["offset"].is_u64(),
        "{joined}"
    );

    let change = json!({"join": [], "leave": ["topic:news"]});
    let answer = backend
        .call("POST", "/v1/users/ana/rooms", Some(change))
        .await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    let left = ana.event("room:left").await;
    assert_eq!(
        left["data"],
        json!({"roomId": "topic:news", "reason": "server"})
    );

    // Authorised as that user: a patient does not come among the staff this way.
    let staff = format!("staff:{}", backend.tenant);
    let change = json!({"join": [staff], "leave": []});
    backend.call("POST", &path, Some(change)).await;
    let status = ana.request("session:status", json!({})).await.unwrap();
    assert!(
        !crate::common::room_ids(&status["rooms"]).contains(&staff),
        "{status}"
    );
}

#[tokio::test]
async fn sees_rooms_and_not_what_is_said_in_them() {
    let backend = Backend::new();
    let (mut kim, _) = backend.login("kim", "provider").await;
    let (mut lee, _) = backend.login("lee", "provider").await;
    for raw in [&mut kim, &mut lee] {
        raw.request("room:join", json!({"roomId": "chat:kim:lee"}))
            .await
            .unwrap();
    }
    let data = json!({"roomId": "chat:kim:lee", "body": "between the two of us"});
    kim.request("message:send", data).await.unwrap();
    let room = backend.call("GET", "/v1/rooms/chat:kim:lee", None).await;
    assert_eq!(room.status, 200, "{room:?}");
    assert_eq!(room.json()["connections"], 2);
    let list = backend.call("GET", "/v1/rooms?kind=chat", None).await;
    assert_eq!(list.status, 200, "{list:?}");
    let ids = crate::common::room_ids(&list.json()["rooms"]);
    assert_eq!(ids, ["chat:kim:lee"]);
    assert!(!format!("{}{}", room.body, list.body).contains("between the two"));
}
