//! What Autobahn tests: an echo behind the upgrade and the codec of the server, and one over the
//! driver of the SDK. `cargo xtask autobahn` runs both.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a tool of tests that cannot go on ends with the cause"
)]

mod echo;

use axum::{Router, extract::Request, routing::get};
use carewire_server::{Server, Settings, router, socket};
use echo::Echo;
use std::{env, time::Duration};
use tokio::time::timeout;

#[tokio::main]
async fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["server"] => serve().await,
        ["client", address, cases] => {
            let cases = cases.parse().expect("how many cases there are");
            drive(address, cases).await;
        }
        _ => panic!("conformance server | conformance client ADDRESS CASES"),
    }
}

/// Serves `/echo` beside the server's own routes, and says where.
async fn serve() {
    let settings = Settings {
        dev: true,
        database_url: Some("sqlite::memory:".to_owned()),
        // The largest messages of the suite.
        max_payload_bytes: Some(16 << 20),
        ..Settings::default()
    };
    let server = Server::builder(&settings).unwrap().build().await.unwrap();
    let routes = router(&server);
    let echo = get(move |request: Request| {
        let server = server.clone();
        async move { socket::upgrade_for(&server, request, |core, _| Echo::new(core)) }
    });
    let app = Router::new().route("/echo", echo).merge(routes);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    axum::serve(listener, app).await.unwrap();
}

/// Plays every case of a fuzzing server, and lets it write its report.
async fn drive(address: &str, cases: u32) {
    for case in 1..=cases {
        let url = format!("ws://{address}/runCase?case={case}&agent=carewire");
        // How it ended is for the fuzzing server to judge.
        let _ = timeout(Duration::from_secs(30), carewire::echo(&url)).await;
    }
    let url = format!("ws://{address}/updateReports?agent=carewire");
    let _ = timeout(Duration::from_secs(30), carewire::echo(&url)).await;
}
