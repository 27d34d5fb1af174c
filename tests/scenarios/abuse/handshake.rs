//! Abuse of the handshake.

use crate::common::Bystander;
use carewire_tests::{Raw, Server, Token, frames, frames::opcode, http, wait};
use serde_json::json;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};

#[tokio::test]
async fn foreign_origins_are_refused() {
    let server = Server::start(|o| {
        o.env(
            "CAREWIRE_ALLOWED_ORIGINS",
            "https://app.clinic.example, https://b.example:8443",
        )
    });
    let bystander = Bystander::watch(&server, "clinic").await;
    let bearer = format!("Bearer {}", Token::new("ana", "patient").sign());
    for origin in ["https://app.clinic.example", "https://b.example:8443"] {
        let headers = [("Origin", origin), ("Authorization", bearer.as_str())];
        assert_eq!(
            http::upgrade(&server, "/ws", &headers).await.status,
            101,
            "for {origin}"
        );
    }
    let foreign = [
        "https://evil.example",
        "http://app.clinic.example",
        "https://app.clinic.example:444",
        "https://app.clinic.example.evil.example",
        "https://evil-app.clinic.example",
        "https://sub.app.clinic.example",
        "https://app.clinic.example/",
        "https://app.clinic.example@evil.example",
        "https://b.example",
        "app.clinic.example",
        "file://",
        "null",
        "",
    ];
    for origin in foreign {
        let headers = [("Origin", origin), ("Authorization", bearer.as_str())];
        let answer = http::upgrade(&server, "/ws", &headers).await;
        assert_eq!(answer.status, 403, "for {origin:?}");
        assert_eq!(answer.code(), "access_denied");
    }
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn by_default_only_the_same_origin_is_allowed() {
    let server = Server::shared();
    let same = format!("http://{}", server.address());
    assert_eq!(
        http::upgrade(&server, "/ws", &[("Origin", &same)])
            .await
            .status,
        101
    );
    for origin in [
        "http://localhost:3000",
        "http://127.0.0.1",
        "https://evil.example",
        "null",
    ] {
        let answer = http::upgrade(&server, "/ws", &[("Origin", origin)]).await;
        assert_eq!(answer.status, 403, "for {origin}");
    }
    // What is no browser sends none.
    assert_eq!(http::upgrade(&server, "/ws", &[]).await.status, 101);
}

/// Reads until the server closes, and returns how long that took.
async fn closed_after(mut stream: TcpStream) -> Duration {
    let start = Instant::now();
    let mut rest = Vec::new();
    let _ = wait::within(
        "the close of a TCP connection",
        stream.read_to_end(&mut rest),
    )
    .await;
    start.elapsed()
}

#[tokio::test]
async fn half_a_request_and_silence_are_closed_in_time() {
    let server = Server::start(|o| o.env("CAREWIRE_AUTH_TIMEOUT_MS", 500));
    let bystander = Bystander::watch(&server, "clinic").await;
    let halves: [&[u8]; 5] = [
        b"",
        b"G",
        b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: webso",
        b"POST /v1/users/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ];
    for half in halves {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(half).await.unwrap();
        let took = closed_after(stream).await;
        assert!(
            took < Duration::from_secs(3),
            "{:?}: {took:?}",
            String::from_utf8_lossy(half)
        );
    }
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn a_request_byte_by_byte_is_closed_in_time() {
    let server = Server::start(|o| o.env("CAREWIRE_AUTH_TIMEOUT_MS", 500));
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let start = Instant::now();
    let drip = async {
        let _ = write.write_all(b"GET /ws HTTP/1.1\r\nX: ").await;
        while write.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let mut rest = Vec::new();
    tokio::select! {
        () = drip => {}
        _ = wait::within("the close", read.read_to_end(&mut rest)) => {}
    }
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let server = Server::shared();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(b"GET /ws HTTP/1.1\r\n").await.unwrap();
    let line = format!("X-Filler: {}\r\n", "x".repeat(1_000));
    for _ in 0..5_000 {
        if stream.write_all(line.as_bytes()).await.is_err() {
            break;
        }
    }
    closed_after(stream).await;
    Bystander::watch(&server, "clinic")
        .await
        .noticed_nothing()
        .await;
}

#[tokio::test]
async fn large_frames_before_authentication_cost_no_memory() {
    let server = Server::start(|o| o);
    let bystander = Bystander::watch(&server, "clinic").await;
    let before = server.memory_kib();
    let text = json!({"type": "message:send", "data": {"body": "x".repeat(1_048_000)}}).to_string();
    let frame = frames::whole(opcode::TEXT, text.as_bytes());
    let mut raws = Vec::new();
    for _ in 0..10 {
        let mut raw = Raw::open(&server).await;
        for _ in 0..100 {
            if raw.write_bytes(&frame).await.is_err() {
                break;
            }
        }
        raws.push(raw);
    }
    if let (Some(before), Some(after)) = (before, server.memory_kib()) {
        assert!(
            after < before + 48 * 1_024,
            "{before} KiB became {after} KiB"
        );
    }
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn a_flood_of_connections_is_refused_early() {
    let server = Server::start(|o| o.env("CAREWIRE_CONNECTS_PER_MINUTE", 5));
    let bystander = Bystander::watch(&server, "clinic").await;
    let bearer = format!("Bearer {}", Token::new("ana", "patient").sign());
    let mut refused = None;
    for attempt in 0..20 {
        let answer = http::upgrade(&server, "/ws", &[("Authorization", "Bearer nonsense")]).await;
        if answer.status == 429 {
            refused = Some((attempt, answer));
            break;
        }
        assert_eq!(answer.status, 401);
    }
    let (attempt, answer) = refused.expect("no flood is refused");
    assert!((4..=6).contains(&attempt), "refused after {attempt}");
    assert_eq!(answer.code(), "rate_limited");
    let after = answer.json()["retryAfterMs"]
        .as_u64()
        .expect("retryAfterMs");
    assert!((1..=60_000).contains(&after), "{answer:?}");

    // Before any JWT work: even a good token is not looked at. Other paths go on.
    let answer = http::upgrade(&server, "/ws", &[("Authorization", &bearer)]).await;
    assert_eq!(answer.status, 429);
    assert_eq!(http::get(&server, "/health").await.status, 200);
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn connections_that_authenticate_are_not_counted() {
    let server = Server::start(|o| o.env("CAREWIRE_CONNECTS_PER_MINUTE", 5));
    for n in 0..20 {
        let token = Token::new(&format!("u{n}"), "patient");
        Raw::login(&server, &token).await.close().await;
    }
}

#[tokio::test]
async fn connections_that_never_authenticate_are_counted() {
    let server = Server::start(|o| o.env("CAREWIRE_CONNECTS_PER_MINUTE", 5));
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(Raw::open(&server).await);
    }
    assert_eq!(http::upgrade(&server, "/ws", &[]).await.status, 429);
}

#[tokio::test]
async fn forwarded_addresses_of_strangers_are_ignored() {
    let server = Server::start(|o| o.env("CAREWIRE_CONNECTS_PER_MINUTE", 5));
    let mut statuses = Vec::new();
    for n in 0..8 {
        let address = format!("203.0.113.{n}");
        let headers = [
            ("X-Forwarded-For", address.as_str()),
            ("Authorization", "Bearer nonsense"),
        ];
        statuses.push(http::upgrade(&server, "/ws", &headers).await.status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn the_rightmost_address_of_a_trusted_proxy_is_believed() {
    let server = Server::start(|o| {
        o.env("CAREWIRE_CONNECTS_PER_MINUTE", 5)
            .env("CAREWIRE_TRUSTED_PROXIES", "127.0.0.0/8")
    });
    let attempt = async |forwarded: &str| {
        let headers = [
            ("X-Forwarded-For", forwarded),
            ("Authorization", "Bearer nonsense"),
        ];
        http::upgrade(&server, "/ws", &headers).await.status
    };
    let mut statuses = Vec::new();
    for n in 0..8 {
        // Whatever the client claims to the left, the proxy saw one address.
        statuses.push(attempt(&format!("198.51.100.{n}, 203.0.113.7")).await);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(attempt("203.0.113.8").await, 401);
}
