//! One WebSocket: the only code that touches one. It moves bytes between a socket and a session,
//! and decides nothing.

pub mod codec;
mod handshake;
mod output;
mod party;

pub use handshake::upgrade_for;
pub(crate) use handshake::{accept_key, upgrade};
pub use party::Party;

use crate::{
    hub::{Close, Connection},
    session::{self, Work},
};
use bytes::Bytes;
use carewire_protocol::error::close;
use codec::{Flow, Incoming, Receiver, close_frame, pong_frame};
use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt},
};
use output::{Output, Progress};
use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_util::sync::WaitForCancellationFutureOwned;

/// The most one read takes from a socket. Shared by all connections of a thread: an idle one
/// holds no buffer.
const READ_BYTES: usize = 16 * 1024;
/// How many keyed commands of one connection may be on their way to the store.
const MAX_PIPELINED: usize = 64;
/// The largest message before authentication: a token and its envelope.
const MAX_EARLY_BYTES: usize = 64 * 1024;
/// How long a peer may take to answer a close.
const LINGER: Duration = Duration::from_secs(2);
/// How long a peer whose socket is full may take to read what comes before the close.
const LAST_WORDS: Duration = Duration::from_secs(10);

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into_boxed_slice());
}

/// How a connection ended.
enum End {
    /// The peer is gone.
    Gone,
    /// The peer sent a close frame.
    ByPeer(Option<u16>),
    /// The server closes.
    ByServer(Close),
}

/// Runs a connection from the upgrade to the end.
///
/// Not an `async fn`: that would keep its arguments beside what becomes of them as long as the
/// connection lives.
pub fn run<S, P>(
    io: S,
    session: P,
    header: Option<BoxFuture<'static, ()>>,
) -> impl Future<Output = ()> + Send
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    P: Party,
{
    let mut socket = Socket::new(io, session, header);
    async move {
        let end = poll_fn(|cx| socket.poll(cx)).await;
        let (mut io, goodbye) = socket.end(end);
        if let Some(frame) = goodbye {
            // Boxed, as it needs a buffer and most of a connection's life is not its end.
            let _ = tokio::time::timeout(LINGER, Box::pin(linger(&mut io, &frame))).await;
        }
    }
}

/// Closes a socket that has no session.
pub(crate) async fn say_goodbye<S: AsyncRead + AsyncWrite + Unpin>(io: &mut S, code: u16) {
    let _ = tokio::time::timeout(LINGER, linger(io, &close_frame(Some(code), ""))).await;
}

/// Writes the close frame and reads on until the peer has closed: dropping a socket with unread
/// bytes resets it, and the reset would overtake the close frame.
async fn linger<S: AsyncRead + AsyncWrite + Unpin>(io: &mut S, frame: &[u8]) -> io::Result<()> {
    io.write_all(frame).await?;
    io.shutdown().await?;
    let mut scratch = [0; 1024];
    while io.read(&mut scratch).await? > 0 {}
    Ok(())
}

/// What ends a client before it has authenticated: nobody else knows of it yet.
struct Early {
    deadline: crate::env::Task,
    stopping: Pin<Box<WaitForCancellationFutureOwned>>,
}

/// The peer has sent a close frame, with this code.
struct PeerClosed(Option<u16>);

struct Socket<S, P> {
    io: S,
    session: P,
    receiver: Receiver,
    output: Output,
    /// A command that must end before the next one begins.
    alone: Option<BoxFuture<'static, ()>>,
    /// Keyed commands on their way to the store, in order.
    pipelined: FuturesUnordered<BoxFuture<'static, ()>>,
    /// What ends a client that has not authenticated; `None` once it has.
    early: Option<Early>,
    /// When a blocked connection that is to be closed is given up.
    closing: Option<crate::env::Task>,
    peer_closed: Option<PeerClosed>,
    connection: Option<Arc<Connection>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin, P: Party> Socket<S, P> {
    fn new(io: S, session: P, header: Option<BoxFuture<'static, ()>>) -> Self {
        let core = session.core();
        let early = session.auth_deadline().map(|deadline| Early {
            deadline: core.env.sleep_until(deadline),
            stopping: Box::pin(core.stopping().clone().cancelled_owned()),
        });
        let limit = match early {
            Some(_) => core.config.max_payload_bytes.min(MAX_EARLY_BYTES),
            None => core.config.max_payload_bytes,
        };
        Self {
            io,
            receiver: Receiver::new(limit),
            output: Output::default(),
            alone: header,
            pipelined: FuturesUnordered::new(),
            early,
            closing: None,
            peer_closed: None,
            connection: None,
            session,
        }
    }

    /// Leaves everything but the socket itself. Yields the close frame, where there is somebody to
    /// send it to.
    fn end(self, end: End) -> (S, Option<Bytes>) {
        let Self {
            io,
            session,
            alone,
            pipelined,
            ..
        } = self;
        // Out of the rooms first: nobody waits for a peer that lingers.
        session.outbox().discard();
        if let Some(connection) = session.connection() {
            let core = session.core();
            session::end(core, &connection);
            // What was submitted takes effect: whoever has to hear of it shall.
            core.env.spawn(Box::pin(async move {
                pipelined.for_each(|()| std::future::ready(())).await;
                if let Some(alone) = alone {
                    alone.await;
                }
            }));
        }
        let goodbye = match end {
            End::Gone => None,
            End::ByPeer(code) => Some(close_frame(code, "")),
            End::ByServer(close) => Some(close_frame(Some(close.code), close.reason)),
        };
        (io, goodbye)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.session.outbox().register(cx);
        loop {
            self.poll_early(cx);
            self.poll_commands(cx);
            let read = self.poll_input(cx);
            // After everything that can be read and answered at once: one write for all of it.
            match self.poll_output(cx) {
                Err(_) => return Poll::Ready(End::Gone),
                Ok(Progress::Closed(close)) => return Poll::Ready(End::ByServer(close)),
                Ok(Progress::Blocked) if self.gives_up(cx) => return Poll::Ready(End::Gone),
                Ok(Progress::Idle | Progress::Blocked) => {}
            }
            if let Some(PeerClosed(code)) = self.peer_closed.take() {
                return Poll::Ready(End::ByPeer(code));
            }
            match read {
                Poll::Ready(Ok(true)) => {}
                Poll::Ready(Ok(false) | Err(_)) => return Poll::Ready(End::Gone),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Whether a connection that is to be closed has been blocked for too long.
    fn gives_up(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.session.outbox().is_closed() {
            return false;
        }
        let env = &self.session.core().env;
        let limit = self
            .closing
            .get_or_insert_with(|| env.sleep_until(env.now() + LAST_WORDS));
        limit.as_mut().poll(cx).is_ready()
    }

    fn poll_early(&mut self, cx: &mut Context<'_>) {
        let Some(early) = &mut self.early else { return };
        if self.connection.is_none() {
            self.connection = self.session.connection();
        }
        if self.connection.is_some() {
            self.early = None;
            let limit = self.session.core().config.max_payload_bytes;
            self.receiver.set_limit(limit);
        } else if early.deadline.as_mut().poll(cx).is_ready() {
            self.session
                .outbox()
                .close(close::AUTH_TIMEOUT, "authentication timed out");
            self.early = None;
        } else if early.stopping.as_mut().poll(cx).is_ready() {
            self.session
                .outbox()
                .close(close::SHUTDOWN, "shutting down");
            self.early = None;
        }
    }

    fn poll_commands(&mut self, cx: &mut Context<'_>) {
        if let Some(alone) = &mut self.alone
            && alone.as_mut().poll(cx).is_ready()
        {
            self.alone = None;
            // The first command is the authentication: it raises the limit on messages.
            self.poll_early(cx);
        }
        while let Poll::Ready(Some(())) = self.pipelined.poll_next_unpin(cx) {}
    }

    /// Reads once and takes every whole message. `false`: the peer is gone. Pending while a
    /// command must end first, too: its waker is registered.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if !self.accepts() {
            return Poll::Pending;
        }
        if self.receiver.has_pending() {
            let before = self.busy();
            self.take(cx, None);
            // Something was taken, or the bytes are not a whole message yet.
            if self.busy() != before || !self.accepts() {
                return Poll::Ready(Ok(true));
            }
        }
        SCRATCH.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            ready!(Pin::new(&mut self.io).poll_read(cx, &mut buffer))?;
            let bytes = buffer.filled_mut();
            if bytes.is_empty() {
                return Poll::Ready(Ok(false));
            }
            if let Some(connection) = &self.connection {
                connection.note_heard(self.session.core().now());
            }
            self.take(cx, Some(bytes));
            Poll::Ready(Ok(true))
        })
    }

    fn accepts(&self) -> bool {
        self.alone.is_none()
            && self.pipelined.len() < MAX_PIPELINED
            && self.peer_closed.is_none()
            && !self.session.outbox().is_closed()
    }

    fn busy(&self) -> (bool, usize) {
        (self.alone.is_some(), self.pipelined.len())
    }

    /// Hands whole messages to the session until it has to wait.
    fn take(&mut self, cx: &mut Context<'_>, bytes: Option<&mut [u8]>) {
        let Self {
            session,
            receiver,
            alone,
            pipelined,
            peer_closed,
            output,
            ..
        } = self;
        let mut waiting: Option<BoxFuture<'static, ()>> = None;
        let mut take = |incoming: Incoming<'_>| match incoming {
            Incoming::Text(text) => match session.receive(text) {
                Work::Done => Flow::Next,
                Work::Pipelined(mut work) => {
                    // The first poll submits it, so that the store gets commands in their order.
                    if work.as_mut().poll(cx).is_pending() {
                        pipelined.push(work);
                    }
                    if pipelined.len() < MAX_PIPELINED {
                        Flow::Next
                    } else {
                        Flow::Pause
                    }
                }
                Work::Alone(mut work) => {
                    // Most of them end at once, and then the next one may begin.
                    if pipelined.is_empty() && work.as_mut().poll(cx).is_ready() {
                        return Flow::Next;
                    }
                    waiting = Some(work);
                    Flow::Pause
                }
            },
            Incoming::Binary(bytes) => {
                session.receive_binary(bytes);
                Flow::Next
            }
            Incoming::Ping(payload) => {
                if session.receive_ping() {
                    output.push_control(pong_frame(payload));
                }
                Flow::Next
            }
            Incoming::Pong => Flow::Next,
            Incoming::Close(code) => {
                *peer_closed = Some(PeerClosed(code));
                Flow::Pause
            }
        };
        let outcome = match bytes {
            Some(bytes) => receiver.feed(bytes, &mut take),
            None => receiver.resume(&mut take),
        };
        if let Err(violation) = outcome {
            session.outbox().close(violation.code, violation.reason);
            *peer_closed = None;
        }
        if let Some(work) = waiting {
            // What was said before ends first, then this.
            let before = std::mem::take(pipelined);
            *alone = Some(if before.is_empty() {
                work
            } else {
                Box::pin(async move {
                    before.for_each(|()| std::future::ready(())).await;
                    work.await;
                })
            });
            self.poll_commands(cx);
        }
    }

    fn poll_output(&mut self, cx: &mut Context<'_>) -> io::Result<Progress> {
        let core = self.session.core();
        let written = self.output.poll(cx, &mut self.io, self.session.outbox())?;
        if written.bytes > 0 {
            core.metrics.frames_out.increment(written.frames);
            core.metrics.bytes_out.increment(written.bytes);
            if let Some(connection) = &self.connection {
                connection.note_wrote(core.now(), written.after_waiting);
            }
        }
        Ok(written.progress)
    }
}
