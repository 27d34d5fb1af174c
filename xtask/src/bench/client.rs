//! One client: a socket, and the bytes that are not whole frames yet.

use super::wire;
use anyhow::{bail, ensure};
use mio::net::TcpStream;
use std::{
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
};

const CLOSE: u8 = 8;

/// What a client gets.
pub(super) enum Incoming<'a> {
    /// The WebSocket is open.
    Upgraded,
    /// A text.
    Text(&'a [u8]),
}

/// A WebSocket from the client's side.
pub(super) struct Client {
    pub(super) stream: TcpStream,
    carry: Vec<u8>,
    unsent: Vec<u8>,
    upgraded: bool,
}

impl Client {
    /// Connects and asks for the upgrade. On loopback a blocking connect takes no time.
    pub(super) fn connect(address: SocketAddr, path: &str) -> anyhow::Result<Self> {
        let stream = std::net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut client = Self {
            stream: TcpStream::from_std(stream),
            carry: Vec::new(),
            unsent: Vec::new(),
            upgraded: false,
        };
        client.unsent = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        .into_bytes();
        client.flush()?;
        Ok(client)
    }

    /// Queues a text.
    pub(super) fn say(&mut self, text: &str) {
        wire::put_masked(&mut self.unsent, text.as_bytes());
    }

    /// Queues frames.
    pub(super) fn say_frames(&mut self, frames: &[u8]) {
        self.unsent.extend_from_slice(frames);
    }

    /// Writes what is queued, as far as the socket takes it.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(written) => drop(self.unsent.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads all there is. Yields how many bytes that were.
    pub(super) fn read(
        &mut self,
        buffer: &mut [u8],
        hear: &mut dyn FnMut(Incoming<'_>),
    ) -> anyhow::Result<usize> {
        let mut total = 0;
        loop {
            let count = match self.stream.read(buffer) {
                Ok(0) => bail!("a server closed a connection"),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(total),
                Err(error) => return Err(error.into()),
            };
            total += count;
            if self.carry.is_empty() {
                let used = self.take(&buffer[..count], hear)?;
                self.carry.extend_from_slice(&buffer[used..count]);
            } else {
                let mut carry = std::mem::take(&mut self.carry);
                carry.extend_from_slice(&buffer[..count]);
                let used = self.take(&carry, hear)?;
                carry.drain(..used);
                self.carry = carry;
            }
            if count < buffer.len() {
                return Ok(total);
            }
        }
    }

    /// Takes whole frames. Yields how many bytes they were.
    fn take(&mut self, bytes: &[u8], hear: &mut dyn FnMut(Incoming<'_>)) -> anyhow::Result<usize> {
        let mut used = 0;
        if !self.upgraded {
            let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
                return Ok(0);
            };
            let head = String::from_utf8_lossy(&bytes[..end]);
            ensure!(head.starts_with("HTTP/1.1 101"), "no upgrade: {head}");
            self.upgraded = true;
            used = end + 4;
            hear(Incoming::Upgraded);
        }
        while let Some(frame) = wire::find(&bytes[used..]) {
            let payload = &bytes[used + frame.start..used + frame.end];
            if frame.opcode == CLOSE {
                bail!("a server closed: {}", String::from_utf8_lossy(payload));
            }
            hear(Incoming::Text(payload));
            used += frame.end;
        }
        Ok(used)
    }
}
