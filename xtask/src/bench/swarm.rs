//! Many clients of one server in one thread.

use super::{
    client::{Client, Incoming},
    process::Process,
    subject::{Heard, JOIN, Subject},
};
use anyhow::{bail, ensure};
use mio::{Events, Interest, Poll, Token};
use std::{
    io::ErrorKind,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// How long a server may be silent while it is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many clients connect or join at the same time.
const AT_ONCE: usize = 64;

/// Clients of one server.
pub(super) struct Swarm {
    subject: Subject,
    address: SocketAddr,
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
    tokens: Vec<String>,
    buffer: Vec<u8>,
    /// How many bytes have arrived.
    pub(super) bytes: u64,
}

impl Swarm {
    /// No clients yet.
    pub(super) fn new(subject: Subject, server: &Process) -> anyhow::Result<Self> {
        Ok(Self {
            subject,
            address: server.address(),
            poll: Poll::new()?,
            events: Events::with_capacity(1024),
            clients: Vec::new(),
            tokens: Vec::new(),
            buffer: vec![0; 256 * 1024],
            bytes: 0,
        })
    }

    /// How many clients there are.
    pub(super) fn len(&self) -> usize {
        self.clients.len()
    }

    /// Connects a client for each token and waits until all are authenticated.
    pub(super) fn connect(&mut self, tokens: Vec<String>) -> anyhow::Result<()> {
        let goal = tokens.len();
        self.tokens = tokens;
        let mut ready = 0;
        while ready < goal {
            while self.clients.len() < goal && self.clients.len() - ready < AT_ONCE {
                let token = Token(self.clients.len());
                let mut client = Client::connect(self.address, self.subject.path())?;
                let interest = Interest::READABLE | Interest::WRITABLE;
                self.poll
                    .registry()
                    .register(&mut client.stream, token, interest)?;
                self.clients.push(client);
            }
            self.wait(&mut |_, heard| ready += usize::from(heard == Heard::Ready))?;
        }
        Ok(())
    }

    /// Joins every client to a room and waits for the answers.
    pub(super) fn join(&mut self, room_of: impl Fn(usize) -> String) -> anyhow::Result<()> {
        let (mut asked, mut joined) = (0, 0);
        while joined < self.len() {
            while asked < self.len() && asked - joined < AT_ONCE {
                let text = self.subject.join(&room_of(asked));
                self.say(asked, &text)?;
                asked += 1;
            }
            self.wait(&mut |_, heard| joined += usize::from(heard == Heard::Reply(JOIN)))?;
        }
        Ok(())
    }

    /// Sends a text of one client.
    pub(super) fn say(&mut self, client: usize, text: &str) -> anyhow::Result<()> {
        self.clients[client].say(text);
        Ok(self.clients[client].flush()?)
    }

    /// Queues a text of one client until [`Swarm::flush`].
    pub(super) fn queue(&mut self, client: usize, text: &str) {
        self.clients[client].say(text);
    }

    /// Writes what is queued for one client.
    pub(super) fn flush(&mut self, client: usize) -> anyhow::Result<()> {
        Ok(self.clients[client].flush()?)
    }

    /// Sends frames of one client in one write.
    pub(super) fn say_frames(&mut self, client: usize, frames: &[u8]) -> anyhow::Result<()> {
        self.clients[client].say_frames(frames);
        self.flush(client)
    }

    /// Handles what arrives next; it is an error if nothing does.
    pub(super) fn wait(&mut self, heard: &mut dyn FnMut(usize, Heard)) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        while !self.pump(PATIENCE, heard)? {
            ensure!(Instant::now() < until, "{} is silent", self.subject.name());
        }
        Ok(())
    }

    /// Handles what arrives for so long.
    pub(super) fn idle(&mut self, time: Duration) -> anyhow::Result<()> {
        let until = Instant::now() + time;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            self.pump(left, &mut |_, _| {})?;
        }
        Ok(())
    }

    /// Handles what arrives, once. Yields whether anything did.
    pub(super) fn pump(
        &mut self,
        timeout: Duration,
        heard: &mut dyn FnMut(usize, Heard),
    ) -> anyhow::Result<bool> {
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(false),
            other => other?,
        }
        let subject = self.subject;
        let mut refusal = None;
        let mut any = false;
        for event in &self.events {
            let index = event.token().0;
            let client = &mut self.clients[index];
            let mut answers = Vec::new();
            if event.is_readable() {
                let arrived = client.read(&mut self.buffer, &mut |incoming| match incoming {
                    Incoming::Upgraded => answers.extend(subject.first_words(&self.tokens[index])),
                    Incoming::Text(text) => match subject.hear(text) {
                        Heard::Open => answers.push(subject.token_words(&self.tokens[index])),
                        Heard::Ping => answers.push(subject.pong().to_owned()),
                        Heard::Refused => {
                            refusal = Some(String::from_utf8_lossy(text).into_owned());
                        }
                        meaning => heard(index, meaning),
                    },
                })?;
                self.bytes += arrived as u64;
                any |= arrived > 0;
            }
            for answer in answers {
                client.say(&answer);
            }
            client.flush()?;
        }
        if let Some(refusal) = refusal {
            bail!("{} refuses: {refusal}", subject.name());
        }
        Ok(any)
    }
}
