//! Section 3.1 and 3.4: many devices of one user, replaced ones, and too many.

use carewire_tests::{Raw, Server, Token, unique, wait};
use serde_json::{Value, json};

fn token(user: &str, tenant: &str) -> Token {
    Token::new(user, "provider").tenant(tenant)
}

async fn device(server: &Server, token: &Token, client: &str) -> Raw {
    let mut raw = Raw::connect(server)
        .bearer(&token.sign())
        .client_id(client)
        .open()
        .await;
    raw.welcome().await;
    raw
}

#[tokio::test]
async fn every_device_gets_the_events_of_its_user() {
    let server = Server::shared();
    let lee = token("lee", &unique("devices"));
    let mut phone = device(&server, &lee, "phone").await;
    let mut desk = device(&server, &lee, "desk").await;
    let ids: Vec<Value> = vec![
        phone.event("connected").await["data"]["connectionId"].clone(),
        desk.event("connected").await["data"]["connectionId"].clone(),
    ];
    assert_ne!(ids[0], ids[1]);
    phone
        .request("presence:setStatus", json!({"status": "busy"}))
        .await
        .unwrap();
    for raw in [&mut phone, &mut desk] {
        let event = raw.event("presence:statusUpdated").await;
        assert_eq!(event["data"]["status"], "busy");
    }
}

#[tokio::test]
async fn events_name_the_device_that_caused_them() {
    let server = Server::shared();
    let tenant = unique("devices");
    let mut kim = device(&server, &token("kim", &tenant), "phone-of-kim").await;
    let mut lee = Raw::login(&server, &token("lee", &tenant)).await;
    let id = lee.event("connected").await["data"]["connectionId"].clone();
    for raw in [&mut kim, &mut lee] {
        raw.request("room:join", json!({"roomId": "chat:kim:lee"}))
            .await
            .unwrap();
    }
    let send = json!({"roomId": "chat:kim:lee", "body": "Hello"});
    kim.request("message:send", send.clone()).await.unwrap();
    for raw in [&mut kim, &mut lee] {
        assert_eq!(raw.event("message:new").await["origin"], "phone-of-kim");
    }
    // Without a client id the connection's own id is the device's.
    lee.request("message:send", send).await.unwrap();
    assert_eq!(kim.event("message:new").await["origin"], id);
}

#[tokio::test]
async fn a_newer_connection_of_a_device_replaces_the_older() {
    let server = Server::shared();
    let lee = token("lee", &unique("devices"));
    let mut desk = device(&server, &lee, "desk").await;
    let mut old = device(&server, &lee, "tab").await;
    let mut new = device(&server, &lee, "tab").await;
    assert_eq!(old.expect_close().await, 4411);
    new.expect_alive().await;
    desk.expect_alive().await;
}

#[tokio::test]
async fn a_frame_replaces_what_a_header_named_and_the_other_way_round() {
    let server = Server::shared();
    let lee = token("lee", &unique("devices"));
    let mut first = device(&server, &lee, "tab").await;
    let mut second = Raw::open(&server).await;
    let data = json!({"token": lee.sign(), "clientId": "tab"});
    second.request("auth:authenticate", data).await.unwrap();
    assert_eq!(first.expect_close().await, 4411);
    let mut third = device(&server, &lee, "tab").await;
    assert_eq!(second.expect_close().await, 4411);
    third.expect_alive().await;
}

#[tokio::test]
async fn devices_of_other_people_are_others() {
    let server = Server::shared();
    let (here, there) = (unique("devices"), unique("devices"));
    let mut lee = device(&server, &token("lee", &here), "tab").await;
    let mut kim = device(&server, &token("kim", &here), "tab").await;
    let mut namesake = device(&server, &token("lee", &there), "tab").await;
    for raw in [&mut lee, &mut kim, &mut namesake] {
        raw.expect_alive().await;
    }
}

#[tokio::test]
async fn without_a_client_id_nothing_is_replaced() {
    let server = Server::shared();
    let lee = token("lee", &unique("devices"));
    let mut first = Raw::login(&server, &lee).await;
    let mut second = Raw::login(&server, &lee).await;
    first.expect_alive().await;
    second.expect_alive().await;
}

#[tokio::test]
async fn one_connection_too_many_is_refused() {
    let server = Server::start(|o| o.env("CAREWIRE_CONNECTIONS_PER_USER", 2));
    let lee = token("lee", "clinic");
    let mut first = device(&server, &lee, "a").await;
    let mut second = device(&server, &lee, "b").await;
    let mut third = Raw::connect(&server)
        .bearer(&lee.sign())
        .client_id("c")
        .open()
        .await;
    assert_eq!(third.expect_close().await, 4502);
    assert_eq!(third.unread().count(), 0, "{:?}", third.take_unread());

    // The others notice nothing, other people connect, and a device may replace itself.
    first.expect_alive().await;
    device(&server, &token("kim", "clinic"), "c").await;
    let mut again = device(&server, &lee, "b").await;
    assert_eq!(second.expect_close().await, 4411);
    again.expect_alive().await;

    // A place that is free again can be taken.
    again.close().await;
    wait::until("a free place", async || {
        let mut next = Raw::connect(&server)
            .bearer(&lee.sign())
            .client_id("c")
            .open()
            .await;
        match next.next().await {
            Ok(frame) => (frame["type"] == "connected").then_some(()),
            Err(_) => None,
        }
    })
    .await;
}

#[tokio::test]
async fn one_connection_too_many_in_the_first_frame_is_refused() {
    let server = Server::start(|o| o.env("CAREWIRE_CONNECTIONS_PER_USER", 1));
    let lee = token("lee", "clinic");
    let mut first = device(&server, &lee, "a").await;
    let mut second = Raw::open(&server).await;
    second
        .send(json!({"type": "auth:authenticate", "data": {"token": lee.sign()}}))
        .await;
    assert_eq!(second.expect_close().await, 4502);
    first.expect_alive().await;
}
