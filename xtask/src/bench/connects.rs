//! Many connections: what one costs while it comes, and while it does nothing.

use super::{
    fan_out::MEMBERS, peers::Peers, process::Process, subject::Subject, swarm::Swarm, token,
};
use std::time::{Duration, Instant};

/// Connections that come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Connects {
    /// Of users the server has never seen.
    pub(super) new: Arrivals,
    /// Of the same users, later.
    pub(super) known: Arrivals,
}

/// What arrivals cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrivals {
    pub(super) per_second: f64,
    /// CPU microseconds of the server each.
    pub(super) cpu: f64,
}

/// Connects, authenticates with a token and waits for the confirmation, so often.
pub(super) fn measure(
    peers: &Peers,
    subject: Subject,
    warm_up: usize,
    count: usize,
) -> anyhow::Result<Connects> {
    let server = peers.start(subject)?;
    arrive(&server, subject, "early", warm_up)?;
    let new = arrive(&server, subject, "user", count)?;
    let known = arrive(&server, subject, "user", count)?;
    Ok(Connects { new, known })
}

fn arrive(
    server: &Process,
    subject: Subject,
    users: &str,
    count: usize,
) -> anyhow::Result<Arrivals> {
    let tokens = tokens(users, count)?;
    let mut swarm = Swarm::new(subject, server)?;
    let (cpu, started) = (server.cpu()?, Instant::now());
    swarm.connect(tokens)?;
    let arrivals = Arrivals {
        per_second: count as f64 / started.elapsed().as_secs_f64(),
        cpu: (server.cpu()? - cpu) * 1e6 / count as f64,
    };
    drop(swarm);
    // The next ones do not pay for the end of these.
    std::thread::sleep(Duration::from_millis(500));
    Ok(arrivals)
}

/// KiB of the server for each of so many connections, authenticated, in a room of their own
/// choice beside those that everyone is in, and idle.
pub(super) fn memory(peers: &Peers, subject: Subject, count: usize) -> anyhow::Result<f64> {
    let server = peers.start(subject)?;
    // What the first ones make the server allocate once is not theirs.
    let mut first = Swarm::new(subject, &server)?;
    first.connect(tokens("early", 16)?)?;
    first.idle(Duration::from_millis(500))?;
    let before = server.memory()?;
    let mut swarm = Swarm::new(subject, &server)?;
    swarm.connect(tokens("user", count)?)?;
    swarm.join(|number| format!("bench:room-{}", number / MEMBERS))?;
    swarm.idle(Duration::from_secs(2))?;
    Ok((server.memory()? - before) / count as f64)
}

fn tokens(users: &str, count: usize) -> anyhow::Result<Vec<String>> {
    (0..count)
        .map(|number| token::sign(&format!("{users}-{number}"), "provider"))
        .collect()
}
