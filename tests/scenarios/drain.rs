//! Section 3.5: a server that stops tells everybody when to come back.

use carewire_tests::{Raw, Server, Token};
use futures_util::future::join_all;
use std::{collections::BTreeSet, time::Duration};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::Instant};

async fn crowd(server: &Server, size: usize) -> Vec<Raw> {
    let mut all = Vec::with_capacity(size);
    let users: Vec<usize> = (0..size).collect();
    for some in users.chunks(50) {
        let logins = some.iter().map(|user| async move {
            let token = Token::new(&format!("user-{user}"), "provider");
            Raw::login(server, &token).await
        });
        all.extend(join_all(logins).await);
    }
    all
}

/// Waits for the announcement and the close, and returns `retryAfterMs`.
async fn farewell(raw: &mut Raw) -> u64 {
    let event = raw.event("server:shutdown").await;
    assert!(
        event["data"]["reason"]
            .as_str()
            .is_some_and(|reason| !reason.is_empty()),
        "{event}"
    );
    let after = event["data"]["retryAfterMs"]
        .as_u64()
        .expect("retryAfterMs");
    assert_eq!(raw.expect_close().await, 4503);
    after
}

async fn drain(server: &mut Server, size: usize) -> Vec<u64> {
    let mut all = crowd(server, size).await;
    let start = Instant::now();
    server.terminate();
    let after = join_all(all.iter_mut().map(farewell)).await;
    let status = server.wait().await;
    assert!(status.success(), "ended with {status}");
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "took {:?}",
        start.elapsed()
    );
    after
}

#[tokio::test]
async fn a_thousand_clients_are_told_and_spread_over_a_window_that_grows() {
    let mut server = Server::start(|o| o.env("CAREWIRE_DRAIN_MS", 10_000));
    let few = drain(&mut server, 4).await;
    server.restart();
    let many = drain(&mut server, 1_000).await;

    let (least, most) = (*many.iter().min().unwrap(), *many.iter().max().unwrap());
    let distinct: BTreeSet<_> = many.iter().collect();
    assert!(
        distinct.len() > 400,
        "only {} different times",
        distinct.len()
    );
    assert!(
        most > *few.iter().max().unwrap(),
        "{most} is no wider than {few:?}"
    );
    // Evenly: each tenth of the window holds about a tenth of the clients.
    let window = most - least;
    for tenth in 0..10 {
        let from = least + window * tenth / 10;
        let to = least + window * (tenth + 1) / 10;
        let inside = many
            .iter()
            .filter(|after| (from..=to).contains(after))
            .count();
        assert!(
            (60..=140).contains(&inside),
            "{inside} of 1,000 in {from}..{to} ms"
        );
    }
}

#[tokio::test]
async fn a_stop_does_not_wait_for_those_who_never_read() {
    let mut server = Server::start(|o| o.env("CAREWIRE_DRAIN_MS", 1_500));
    let _stuck = crowd(&server, 10).await;
    let _early = Raw::open(&server).await;
    let _silent = TcpStream::connect(server.address()).await.unwrap();
    let mut half = TcpStream::connect(server.address()).await.unwrap();
    half.write_all(b"GET /ws HTTP/1.1\r\nHost: x\r\n")
        .await
        .unwrap();
    let start = Instant::now();
    server.terminate();
    let status = server.wait().await;
    assert!(status.success(), "ended with {status}");
    assert!(
        start.elapsed() < Duration::from_millis(3_500),
        "took {:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn without_clients_a_stop_is_quick() {
    let mut server = Server::start(|o| o);
    let start = Instant::now();
    server.terminate();
    assert!(server.wait().await.success());
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "took {:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn an_interrupt_is_a_stop_too() {
    let mut server = Server::start(|o| o);
    let mut raw = Raw::login(&server, &Token::new("ana", "patient")).await;
    server.signal("INT");
    farewell(&mut raw).await;
    assert!(server.wait().await.success());
}

#[tokio::test]
async fn who_has_not_authenticated_yet_is_sent_away_to_come_again() {
    let mut server = Server::start(|o| o);
    let mut early = Raw::open(&server).await;
    server.terminate();
    let code = early.expect_close().await;
    assert!(!(4400..4500).contains(&code), "{code} would be final");
    assert!(server.wait().await.success());
}
