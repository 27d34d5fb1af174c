//! Writing: takes all that waits and gives it to the socket in one call.

use crate::hub::{Close, Frames, Next, Outbox};
use bytes::{Buf, Bytes, BytesMut};
use std::{
    cell::RefCell,
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::AsyncWrite;

/// The most that is joined for one write.
const WRITE_BYTES: usize = 64 * 1024;
/// How many pongs of the transport may wait: whoever floods us with pings gets no more.
const MAX_CONTROL: usize = 64;

thread_local! {
    static JOINED: RefCell<BytesMut> = RefCell::new(BytesMut::with_capacity(WRITE_BYTES));
    static BATCH: RefCell<Vec<Frames>> = const { RefCell::new(Vec::new()) };
}

/// Bytes on their way to one socket.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// What the socket did not take yet.
    unsent: Bytes,
    control: VecDeque<Bytes>,
    was_blocked: bool,
}

/// What a round of writing came to.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) progress: Progress,
    pub(super) frames: u64,
    pub(super) bytes: u64,
    /// The socket had been full before: its peer has read.
    pub(super) after_waiting: bool,
}

#[derive(Debug)]
pub(super) enum Progress {
    /// Nothing waits.
    Idle,
    /// The socket is full.
    Blocked,
    /// Everything before the close is written.
    Closed(Close),
}

impl Output {
    /// Queues a frame of the transport, ahead of everything.
    pub(super) fn push_control(&mut self, frame: Bytes) {
        if self.control.len() < MAX_CONTROL {
            self.control.push_back(frame);
        }
    }

    /// Writes until nothing waits or the socket is full.
    pub(super) fn poll<S: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        io: &mut S,
        outbox: &Outbox,
    ) -> io::Result<Written> {
        let mut written = Written {
            progress: Progress::Idle,
            frames: 0,
            bytes: 0,
            after_waiting: false,
        };
        loop {
            if self.unsent.is_empty() {
                match self.refill(outbox) {
                    Refilled::Frames(frames) => written.frames += frames,
                    Refilled::Nothing => return Ok(written),
                    Refilled::Close(close) => {
                        written.progress = Progress::Closed(close);
                        return Ok(written);
                    }
                }
            }
            match Pin::new(&mut *io).poll_write(cx, &self.unsent) {
                Poll::Pending => {
                    self.was_blocked = true;
                    // What is kept must not hold the thread's shared buffer.
                    written.progress = Progress::Blocked;
                    return Ok(written);
                }
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(count)) => {
                    self.unsent.advance(count);
                    written.bytes += count as u64;
                    written.after_waiting |= std::mem::take(&mut self.was_blocked);
                    if self.unsent.is_empty() {
                        self.unsent = Bytes::new();
                    }
                }
                Poll::Ready(Err(error)) => return Err(error),
            }
        }
    }

    fn refill(&mut self, outbox: &Outbox) -> Refilled {
        if let Some(frame) = self.control.pop_front() {
            self.unsent = frame;
            return Refilled::Frames(1);
        }
        BATCH.with_borrow_mut(|batch| {
            batch.clear();
            match outbox.take(batch, WRITE_BYTES) {
                Next::Idle => return Refilled::Nothing,
                Next::Close(close) => return Refilled::Close(close),
                Next::Frames => {}
            }
            let frames = batch.iter().map(|frames| frames.count() as u64).sum();
            self.unsent = match batch.as_slice() {
                // A single piece is shared with everyone who gets it.
                [frames] => frames.bytes().clone(),
                many => JOINED.with_borrow_mut(|joined| {
                    joined.reserve(many.iter().map(Frames::len).sum());
                    for frames in many {
                        joined.extend_from_slice(frames.bytes());
                    }
                    joined.split().freeze()
                }),
            };
            batch.clear();
            Refilled::Frames(frames)
        })
    }
}

enum Refilled {
    Frames(u64),
    Nothing,
    Close(Close),
}
