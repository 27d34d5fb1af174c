//! Section 3 under contention: what holds for one connection holds for many at the same moment.

use carewire_tests::{Raw, Server, Token, http, wait};
use futures_util::future::join_all;
use serde_json::json;

async fn connections(server: &Server) -> u64 {
    http::get(server, "/health").await.json()["connections"]
        .as_u64()
        .unwrap()
}

/// Connects many at once and returns those that were let in and the close codes of the others.
async fn rush(
    server: &Server,
    count: usize,
    client: impl Fn(usize) -> String,
) -> (Vec<Raw>, Vec<u16>) {
    let attempts = (0..count).map(|n| {
        let client = client(n);
        async move {
            let token = Token::new("lee", "provider").sign();
            let connect = Raw::connect(server).bearer(&token).client_id(&client);
            let mut raw = connect.open().await;
            match raw.next().await {
                Ok(frame) => {
                    assert_eq!(frame["type"], "connected");
                    Ok(raw)
                }
                Err(code) => Err(code),
            }
        }
    });
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for attempt in join_all(attempts).await {
        match attempt {
            Ok(raw) => inside.push(raw),
            Err(code) => outside.push(code),
        }
    }
    (inside, outside)
}

#[tokio::test]
async fn the_limit_of_connections_holds_in_a_rush() {
    let server = Server::start(|o| o.env("CAREWIRE_CONNECTIONS_PER_USER", 5));
    let (mut inside, outside) = rush(&server, 40, |n| format!("tab-{n}")).await;
    assert_eq!(inside.len(), 5);
    assert!(outside.iter().all(|code| *code == 4502), "{outside:?}");
    for raw in &mut inside {
        raw.expect_alive().await;
    }
}

#[tokio::test]
async fn of_many_connections_of_a_device_one_remains() {
    let server = Server::start(|o| o);
    let (inside, mut codes) = rush(&server, 30, |_| "tab".to_owned()).await;
    let mut alive = 0;
    for mut raw in inside {
        match raw.request("session:status", json!({})).await {
            Ok(_) => alive += 1,
            Err(carewire_tests::Failure::Closed(code)) => codes.push(code),
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(alive, 1);
    assert_eq!(codes.len(), 29);
    assert!(codes.iter().all(|code| *code == 4411), "{codes:?}");
}

#[tokio::test]
async fn connections_that_vanish_are_forgotten() {
    let server = Server::start(|o| o);
    let mut witness = Raw::login(&server, &Token::new("kim", "provider")).await;
    for _ in 0..5 {
        let (inside, _) = rush(&server, 20, |n| format!("tab-{n}")).await;
        assert_eq!(inside.len(), 20);
        // Without a word: the sockets are just dropped.
        drop(inside);
        wait::until("one connection", async || {
            (connections(&server).await == 1).then_some(())
        })
        .await;
    }
    witness.expect_alive().await;
}

#[tokio::test]
async fn many_sessions_expire_together_within_a_second() {
    let server = Server::start(|o| o);
    let token = Token::new("lee", "provider").lives(4);
    let logins = (0..100).map(|n| {
        let token = token.clone().claim("sub", format!("u{n}"));
        let server = &server;
        async move { Raw::login(server, &token).await }
    });
    let mut all = join_all(logins).await;
    let codes = join_all(all.iter_mut().map(Raw::expect_close)).await;
    let late = carewire_tests::now() - token.expires();
    assert!(codes.iter().all(|code| *code == 4401), "{codes:?}");
    assert!(
        (0..=1).contains(&late),
        "the last was closed {late} s after the expiry"
    );
}

#[tokio::test]
async fn clients_that_leave_in_the_middle_of_everything_harm_nobody() {
    let server = Server::start(|o| o.env("CAREWIRE_CONNECTIONS_PER_USER", 100));
    let mut witness = Raw::login(&server, &Token::new("kim", "provider")).await;
    for round in 0..30 {
        let mut raw = Raw::login(&server, &Token::new("lee", "provider")).await;
        for n in 0..=round % 7 {
            let data = json!({"roomId": "chat:kim:lee", "body": format!("{round} {n}")});
            raw.command("message:send", data).await;
            raw.command("room:join", json!({"roomId": "chat:kim:lee"}))
                .await;
        }
    }
    wait::until("one connection", async || {
        (connections(&server).await == 1).then_some(())
    })
    .await;
    witness.expect_alive().await;
    assert!(
        !server.log().text().contains("panicked"),
        "{}",
        server.log().text()
    );
}
