//! The server's end of a connection: what `carewire_server::socket` does, without the bytes.

use crate::{book::Book, pipe::Pipe};
use carewire_check::{Name, What};
use carewire_protocol::error::close;
use carewire_server::{
    core::Core,
    hub::{Close, Connection, Frames, Next},
    session::{self, Session, Work},
};
use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt},
};
use std::{
    future::poll_fn,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

/// How many keyed commands of one connection may be on their way to the store.
const MAX_PIPELINED: usize = 64;
/// How long a peer whose socket is full may take to read what comes before the close.
const LAST_WORDS: Duration = Duration::from_secs(10);

enum End {
    Gone,
    ByServer(Close),
}

/// Runs a connection from the first frame to the last.
pub(crate) async fn serve(core: Arc<Core>, pipe: Arc<Pipe>, book: Arc<Book>, device: Name) {
    let session = Session::new(Arc::clone(&core), IpAddr::V4(Ipv4Addr::LOCALHOST));
    let deadline = core.env.sleep_until(session.auth_deadline());
    let mut socket = Socket {
        idle_at: book.now(),
        core,
        session,
        pipe,
        book,
        device,
        alone: None,
        pipelined: FuturesUnordered::new(),
        early: Some(deadline),
        closing: None,
        connection: None,
        blocked: false,
        batch: Vec::new(),
    };
    let end = poll_fn(|cx| socket.poll(cx)).await;
    socket.end(end);
}

struct Socket {
    core: Arc<Core>,
    session: Session,
    pipe: Arc<Pipe>,
    book: Arc<Book>,
    device: Name,
    alone: Option<BoxFuture<'static, ()>>,
    pipelined: FuturesUnordered<BoxFuture<'static, ()>>,
    early: Option<carewire_server::env::Task>,
    closing: Option<carewire_server::env::Task>,
    connection: Option<Arc<Connection>>,
    blocked: bool,
    /// When nothing waited last: all that waits now was queued since.
    idle_at: Duration,
    batch: Vec<Frames>,
}

impl Socket {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.session.outbox().register(cx);
        self.pipe.register(cx);
        loop {
            self.poll_early(cx);
            self.poll_commands(cx);
            let read = self.poll_input(cx);
            match self.poll_output() {
                Progress::Closed(close) => return Poll::Ready(End::ByServer(close)),
                Progress::Blocked if self.gives_up(cx) => return Poll::Ready(End::Gone),
                Progress::Idle | Progress::Blocked => {}
            }
            if self.pipe.is_broken() {
                return Poll::Ready(End::Gone);
            }
            if !read {
                return Poll::Pending;
            }
        }
    }

    fn gives_up(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.session.outbox().is_closed() {
            return false;
        }
        let env = &self.core.env;
        let limit = self
            .closing
            .get_or_insert_with(|| env.sleep_until(env.now() + LAST_WORDS));
        limit.as_mut().poll(cx).is_ready()
    }

    fn poll_early(&mut self, cx: &mut Context<'_>) {
        if self.connection.is_none()
            && let Some(connection) = self.session.connection()
        {
            let user = self.book.user(connection.user());
            self.book.note(What::Connection { user, up: true });
            self.connection = Some(connection);
            self.early = None;
        }
        if let Some(deadline) = &mut self.early
            && deadline.as_mut().poll(cx).is_ready()
        {
            let outbox = self.session.outbox();
            outbox.close(close::AUTH_TIMEOUT, "authentication timed out");
            self.early = None;
        }
    }

    fn poll_commands(&mut self, cx: &mut Context<'_>) {
        if let Some(alone) = &mut self.alone
            && alone.as_mut().poll(cx).is_ready()
        {
            self.alone = None;
            self.poll_early(cx);
        }
        while let Poll::Ready(Some(())) = self.pipelined.poll_next_unpin(cx) {}
    }

    fn accepts(&self) -> bool {
        self.alone.is_none()
            && self.pipelined.len() < MAX_PIPELINED
            && !self.session.outbox().is_closed()
    }

    fn poll_input(&mut self, cx: &mut Context<'_>) -> bool {
        let mut took = false;
        while self.accepts()
            && let Some(text) = self.pipe.read()
        {
            took = true;
            self.session.heard();
            match self.session.receive(&text) {
                Work::Done => {}
                Work::Pipelined(mut work) => {
                    // The first poll submits it, so that the store gets commands in their order.
                    if work.as_mut().poll(cx).is_pending() {
                        self.pipelined.push(work);
                    }
                }
                Work::Alone(mut work) => {
                    if self.pipelined.is_empty() && work.as_mut().poll(cx).is_ready() {
                        continue;
                    }
                    // What was said before ends first, then this.
                    let before = std::mem::take(&mut self.pipelined);
                    self.alone = Some(if before.is_empty() {
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
        }
        took
    }

    fn poll_output(&mut self) -> Progress {
        let outbox = Arc::clone(self.session.outbox());
        self.book.queue_length(outbox.counted());
        loop {
            if !self.pipe.has_room() {
                self.blocked = true;
                return Progress::Blocked;
            }
            let now = self.core.now();
            // A few bytes take one frame: the network's window counts them.
            match outbox.take(&mut self.batch, 1) {
                Next::Idle => {
                    self.idle_at = self.book.now();
                    return Progress::Idle;
                }
                Next::Close(close) => return Progress::Closed(close),
                Next::Frames => {}
            }
            let queued = self.idle_at;
            for text in self.batch.iter().flat_map(Frames::texts) {
                self.book.leaves(&self.device, text);
                if !self.pipe.send_down(text.to_owned(), queued) {
                    self.book.swallowed(&self.device);
                }
            }
            self.batch.clear();
            if let Some(connection) = &self.connection {
                connection.note_wrote(now, std::mem::take(&mut self.blocked));
            }
        }
    }

    fn end(self, end: End) {
        self.session.outbox().discard();
        if let Some(connection) = self.session.connection() {
            let user = self.book.user(connection.user());
            if self.connection.is_none() {
                // It ended in the very step in which it began.
                self.book.note(What::Connection {
                    user: user.clone(),
                    up: true,
                });
            }
            session::end(&self.core, &connection);
            self.book.note(What::Connection { user, up: false });
            let (alone, pipelined) = (self.alone, self.pipelined);
            self.core.env.spawn(Box::pin(async move {
                pipelined.for_each(|()| std::future::ready(())).await;
                if let Some(alone) = alone {
                    alone.await;
                }
            }));
        }
        if let End::ByServer(close) = end {
            self.pipe.close_down(close.code);
        }
    }
}

enum Progress {
    Idle,
    Blocked,
    Closed(Close),
}
