//! A storm: many real clients of the SDK in rooms where people talk, and a server that stops and
//! comes back. How soon are they back, after how many attempts, and was anything lost or doubled?
//! `cargo xtask storm` runs it, optimised.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a tool of measurements that cannot go on ends with the cause; figures are rounded"
)]

mod crowd;
mod figures;
mod member;

use carewire_tests::{Server, TENANT, check, check::What, truth};
use crowd::Crowd;
use figures::Figures;
use std::{env, time::Duration};
use tokio::time::{Instant, sleep, timeout};

/// How long people talk before the server goes, and after all are back.
const TALK: Duration = Duration::from_secs(5);
/// The longest anybody may take to be back.
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::main]
async fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let [clients, how] = &words[..] else {
        panic!("storm CLIENTS drain|kill");
    };
    let clients = clients.parse().expect("how many clients");
    let mut server = Server::start(|o| {
        o.env("CAREWIRE_CONNECTS_PER_MINUTE", 10_000_000)
            .env("CAREWIRE_LOG", "info,carewire_server::session=warn")
    });
    let start = Instant::now();
    let mut crowd = Crowd::gather(&server, clients).await;
    let rate = clients as f64 / start.elapsed().as_secs_f64();
    println!("{clients} clients, connected and joined at {rate:.0} a second");
    let talkers = crowd.talk();
    sleep(TALK).await;

    let gone = Instant::now();
    match how.as_str() {
        "drain" => {
            server.terminate();
            let status = server.wait().await;
            assert!(status.success(), "{status}");
        }
        "kill" => server.kill(),
        other => panic!("{other} is neither drain nor kill"),
    }
    let stopped = gone.elapsed();
    tokio::task::block_in_place(|| server.restart());
    let up = gone.elapsed();
    crowd.all_are_back(PATIENCE).await;
    sleep(TALK).await;
    let silent = timeout(PATIENCE, crowd.stop_talking(talkers));
    silent.await.expect("everything said is answered");
    let figures = Figures::of(&crowd.returns(gone));
    println!(
        "{how}: down after {:.2} s, listening again after {:.2} s\n{figures}",
        stopped.as_secs_f64(),
        up.as_secs_f64()
    );

    let logs = truth::read(&server, TENANT, crowd.rooms()).await;
    crowd.all_have_everything(&logs, PATIENCE).await;
    let mut history = crowd.history();
    history.logs = logs;
    history.limits.typing = None;
    let operations = history.entries.iter();
    let operations = operations
        .filter(|entry| matches!(entry.what, What::Invoked(_)))
        .count();
    match check::check(&history) {
        Ok(report) => println!("{operations} messages, nothing lost or doubled: {report}"),
        Err(violations) => {
            let lines: Vec<_> = violations
                .iter()
                .take(20)
                .map(ToString::to_string)
                .collect();
            panic!("{} violations\n{}", violations.len(), lines.join("\n"));
        }
    }
}
