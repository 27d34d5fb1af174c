//! The limit: one thread, one epoll, and as few system calls as there can be. It takes what has
//! arrived, joins what each member gets to one buffer, and gives that to each socket in one write.

use super::{token, wire};
use anyhow::{Context, bail};
use base64::{Engine, prelude::BASE64_STANDARD};
use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha1::{Digest, Sha1};
use std::{
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
};

const LISTENER: Token = Token(usize::MAX);
/// RFC 6455, section 1.3.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

struct Peer {
    stream: TcpStream,
    /// Bytes that are not a whole frame yet.
    carry: Vec<u8>,
    /// What the socket did not take yet.
    unsent: Vec<u8>,
    upgraded: bool,
    joined: bool,
}

/// What one round of reading leads to.
#[derive(Default)]
struct Said {
    /// For everyone.
    room: Vec<u8>,
    /// For whoever was read from.
    own: Vec<u8>,
}

/// A command as JSON has it: what no server of such a protocol can leave out.
#[derive(Deserialize)]
struct Command<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    id: u32,
    #[serde(borrow, rename = "data")]
    _data: &'a RawValue,
}

#[derive(Serialize)]
struct Reply {
    #[serde(rename = "type")]
    name: &'static str,
    id: u32,
    data: Empty,
}

#[derive(Serialize)]
struct Empty {}

/// Serves until killed.
pub(super) fn serve(address: SocketAddr) -> anyhow::Result<()> {
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind(address)?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(1024);
    let mut peers: Vec<Option<Peer>> = Vec::new();
    let mut scratch = vec![0; 64 * 1024];
    let mut said = Said::default();
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        }
        for event in &events {
            if event.token() == LISTENER {
                accept(&listener, &poll, &mut peers)?;
                continue;
            }
            let Some(place) = peers.get_mut(event.token().0) else {
                continue;
            };
            let Some(peer) = place else { continue };
            let outcome = peer
                .read(&mut scratch, &mut said)
                .and_then(|()| Ok(peer.write(&said.own)?));
            said.own.clear();
            if outcome.is_err() {
                *place = None;
            }
        }
        if !said.room.is_empty() {
            for place in &mut peers {
                if let Some(peer) = place.as_mut().filter(|peer| peer.joined)
                    && peer.write(&said.room).is_err()
                {
                    *place = None;
                }
            }
            said.room.clear();
        }
    }
}

fn accept(
    listener: &TcpListener,
    poll: &Poll,
    peers: &mut Vec<Option<Peer>>,
) -> anyhow::Result<()> {
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        stream.set_nodelay(true)?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        poll.registry()
            .register(&mut stream, Token(peers.len()), interest)?;
        peers.push(Some(Peer {
            stream,
            carry: Vec::new(),
            unsent: Vec::new(),
            upgraded: false,
            joined: false,
        }));
    }
}

impl Peer {
    fn read(&mut self, scratch: &mut [u8], said: &mut Said) -> anyhow::Result<()> {
        loop {
            let count = match self.stream.read(scratch) {
                Ok(0) => bail!("gone"),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            if self.carry.is_empty() {
                let used = self.take(&mut scratch[..count], said)?;
                self.carry.extend_from_slice(&scratch[used..count]);
            } else {
                let mut carry = std::mem::take(&mut self.carry);
                carry.extend_from_slice(&scratch[..count]);
                let used = self.take(&mut carry, said)?;
                if used < carry.len() {
                    carry.drain(..used);
                    self.carry = carry;
                }
            }
            if count < scratch.len() {
                return Ok(());
            }
        }
    }

    fn take(&mut self, bytes: &mut [u8], said: &mut Said) -> anyhow::Result<usize> {
        let mut used = 0;
        if !self.upgraded {
            let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
                return Ok(0);
            };
            said.own
                .extend_from_slice(upgrade(&bytes[..end])?.as_bytes());
            self.upgraded = true;
            used = end + 4;
        }
        while let Some(frame) = wire::find(&bytes[used..]) {
            let payload = &mut bytes[used + frame.start..used + frame.end];
            wire::unmask(payload, frame.mask.context("a client masks its frames")?);
            match payload {
                [b'p', ..] => wire::put(&mut said.room, payload),
                [b'{', ..] => {
                    let command: Command<'_> = serde_json::from_slice(payload)?;
                    self.joined |= command.name == "room:join";
                    let reply = Reply {
                        name: "reply",
                        id: command.id,
                        data: Empty {},
                    };
                    wire::put(&mut said.own, &serde_json::to_vec(&reply)?);
                }
                [b't', token @ ..] => {
                    let valid = token::is_valid(std::str::from_utf8(token)?);
                    wire::put(&mut said.own, if valid { b"r" } else { b"x" });
                }
                _ => {}
            }
            used += frame.end;
        }
        Ok(used)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.unsent.is_empty() {
            let taken = write_some(&mut self.stream, bytes)?;
            self.unsent.extend_from_slice(&bytes[taken..]);
        } else {
            self.unsent.extend_from_slice(bytes);
            let taken = write_some(&mut self.stream, &self.unsent)?;
            self.unsent.drain(..taken);
        }
        Ok(())
    }
}

/// Writes what the socket takes.
fn write_some(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut taken = 0;
    while taken < bytes.len() {
        match stream.write(&bytes[taken..]) {
            Ok(count) => taken += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(taken)
}

/// The answer to a request for an upgrade.
fn upgrade(head: &[u8]) -> anyhow::Result<String> {
    let head = std::str::from_utf8(head)?;
    let key = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"));
    let (_, key) = key.context("no key")?;
    let mut hash = Sha1::new();
    hash.update(key.trim());
    hash.update(GUID);
    let accept = BASE64_STANDARD.encode(hash.finalize());
    Ok(format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-accept: {accept}\r\n\r\n"
    ))
}
