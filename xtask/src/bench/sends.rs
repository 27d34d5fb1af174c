//! Messages that are acknowledged when they are durable: how many a second, and how fast.

use super::{
    fan_out::MESSAGE_BYTES,
    peers::Peers,
    process::Process,
    subject::{Heard, Subject},
    swarm::Swarm,
    token,
};
use anyhow::Context;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// How many send, each in a chat of their own.
pub(super) const SENDERS: usize = 50;
/// How many messages of one sender wait for their acknowledgement.
pub(super) const WINDOW: usize = 16;
/// The first number of a command that sends.
const FIRST: u32 = 10;

/// What was measured.
#[derive(Debug, Clone)]
pub(super) struct Sends {
    /// With [`WINDOW`] messages of every sender on their way.
    pub(super) full: Rate,
    /// With one.
    pub(super) single: Rate,
    /// How many messages the server committed at once, on average, in [`Sends::full`].
    pub(super) batch: f64,
    /// The bare loop, in batches of that size.
    pub(super) bare: Bare,
}

/// Acknowledged messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    pub(super) per_second: f64,
    /// CPU microseconds of the server a message.
    pub(super) cpu: f64,
    /// From sending to the acknowledgement, in milliseconds.
    pub(super) median: f64,
    pub(super) p99: f64,
}

/// The bare loop of [`super::bare_rows`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Bare {
    pub(super) per_second: f64,
    /// CPU microseconds a message.
    pub(super) cpu: f64,
}

/// Measures Carewire, then the bare loop with the same batches.
pub(super) fn measure(peers: &Peers, warm_up: Duration, time: Duration) -> anyhow::Result<Sends> {
    let server = peers.start(Subject::Carewire)?;
    let mut senders = Senders::connect(&server)?;
    senders.run(WINDOW, warm_up)?;
    let before = commits(server.address())?;
    let full = senders.run(WINDOW, time)?;
    let after = commits(server.address())?;
    let single = senders.run(1, time / 2)?;
    drop(server);
    let batch = (after.0 - before.0) / (after.1 - before.1);
    let printed = peers.rows((batch.round() as usize).max(1), time.as_secs_f64())?;
    let numbers: Vec<f64> = printed
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [written, seconds, cpu] = numbers[..] else {
        anyhow::bail!("the bare loop printed {printed}");
    };
    let bare = Bare {
        per_second: written / seconds,
        cpu: cpu * 1e6 / written,
    };
    Ok(Sends {
        full,
        single,
        batch,
        bare,
    })
}

struct Senders<'a> {
    server: &'a Process,
    swarm: Swarm,
    body: String,
    /// The number of the next message, over all senders.
    next: u32,
    /// When each message was sent; its place is its number.
    sent: Vec<Instant>,
}

impl<'a> Senders<'a> {
    /// A ring of chats: everybody writes to the next one, so all are connected and nobody has to
    /// be pushed to.
    fn connect(server: &'a Process) -> anyhow::Result<Self> {
        let mut swarm = Swarm::new(Subject::Carewire, server)?;
        let tokens = (0..SENDERS).map(|number| token::sign(&user(number), "provider"));
        swarm.connect(tokens.collect::<Result<_, _>>()?)?;
        swarm.join(room)?;
        Ok(Self {
            server,
            swarm,
            body: "m".repeat(MESSAGE_BYTES),
            next: 0,
            sent: Vec::new(),
        })
    }

    /// Keeps so many messages of every sender on their way, for so long.
    fn run(&mut self, window: usize, time: Duration) -> anyhow::Result<Rate> {
        let first = self.next;
        let mut waits = Vec::new();
        let (cpu, started) = (self.server.cpu()?, Instant::now());
        for sender in 0..SENDERS {
            for _ in 0..window {
                self.queue(sender);
            }
            self.swarm.flush(sender)?;
        }
        let mut answered = Vec::new();
        let mut measured = None;
        while measured.is_none() || waits.len() < (self.next - first) as usize {
            let mut replies = Vec::new();
            self.swarm.wait(&mut |sender, heard| {
                if let Heard::Reply(number) = heard {
                    replies.push((sender, number));
                }
            })?;
            let now = Instant::now();
            for (sender, number) in replies {
                let at = self.sent.get((number - FIRST) as usize);
                waits.push(now - *at.context("an answer to nothing")?);
                answered.push(sender);
            }
            if measured.is_none() && started.elapsed() >= time {
                let cpu = self.server.cpu()? - cpu;
                measured = Some((waits.len() as f64, started.elapsed().as_secs_f64(), cpu));
            }
            for sender in answered.drain(..) {
                if measured.is_none() {
                    self.queue(sender);
                }
            }
            for sender in 0..SENDERS {
                self.swarm.flush(sender)?;
            }
        }
        let (count, seconds, cpu) = measured.context("nothing was measured")?;
        waits.sort_unstable();
        let at = |share: f64| {
            let place = (waits.len() as f64 * share) as usize;
            waits
                .get(place)
                .map_or(0.0, |wait| wait.as_secs_f64() * 1e3)
        };
        Ok(Rate {
            per_second: count / seconds,
            cpu: cpu * 1e6 / count,
            median: at(0.5),
            p99: at(0.99),
        })
    }

    fn queue(&mut self, sender: usize) {
        let (room, body, key) = (room(sender), &self.body, self.next);
        let id = FIRST + self.next;
        let text = format!(
            r#"{{"type":"message:send","id":{id},"key":"key-{key}","data":{{"roomId":"{room}","body":"{body}"}}}}"#
        );
        self.swarm.queue(sender, &text);
        self.sent.push(Instant::now());
        self.next += 1;
    }
}

fn user(number: usize) -> String {
    format!("user-{number:02}")
}

fn room(sender: usize) -> String {
    let mut pair = [user(sender), user((sender + 1) % SENDERS)];
    pair.sort();
    format!("chat:{}:{}", pair[0], pair[1])
}

/// How many jobs were committed, in how many transactions.
fn commits(address: SocketAddr) -> anyhow::Result<(f64, f64)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "GET /metrics HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let value = |name: &str| -> anyhow::Result<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        Ok(line.with_context(|| format!("no {name}"))?.trim().parse()?)
    };
    Ok((
        value("carewire_commit_jobs_sum ")?,
        value("carewire_commit_jobs_count ")?,
    ))
}
