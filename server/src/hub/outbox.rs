//! What waits to be written to one connection.

use super::frame::Frames;
use crate::planted::{self, Bug};
use atomic_waker::AtomicWaker;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// How a connection is to be closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// The close code.
    pub code: u16,
    /// For people; at most 123 bytes.
    pub reason: &'static str,
}

/// How much may wait.
#[derive(Debug, Clone, Copy)]
pub struct OutboxLimits {
    /// At most this many frames.
    pub frames: usize,
    /// At most this many bytes.
    pub bytes: usize,
}

/// The queue of one connection: bounded, filled by everyone, emptied by its socket.
#[derive(Debug)]
pub struct Outbox {
    state: Mutex<State>,
    limits: OutboxLimits,
    socket: AtomicWaker,
}

#[derive(Debug, Default)]
struct State {
    urgent: VecDeque<Frames>,
    frames: VecDeque<Waiting>,
    /// How many frames count against the limits, and their bytes.
    counted: usize,
    counted_bytes: usize,
    close: Option<Close>,
    gone: bool,
    /// Replays that wait for everything to be written: one for each room that catches up.
    drained: Vec<Waker>,
}

#[derive(Debug)]
struct Waiting {
    frames: Frames,
    /// Part of a replay: read from the log only as the socket drains, so outside the limits.
    replayed: bool,
}

/// What a socket should do next.
#[derive(Debug)]
pub enum Next {
    /// Nothing waits.
    Idle,
    /// Frames were added to the batch.
    Frames,
    /// Write nothing more, and close.
    Close(Close),
}

impl Outbox {
    /// An empty queue.
    pub fn new(limits: OutboxLimits) -> Self {
        Self {
            state: Mutex::default(),
            limits,
            socket: AtomicWaker::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues frames. A full queue closes the connection: its client resumes and misses nothing
    /// that is retained.
    pub fn push(&self, frames: impl Into<Frames>) {
        let frames = frames.into();
        let mut state = self.state();
        if state.close.is_some() || state.gone {
            return;
        }
        let is_full = state.counted > 0
            && (state.counted + frames.count() > self.limits.frames
                || state.counted_bytes + frames.len() > self.limits.bytes);
        if is_full && !planted::is(Bug::QueueUnbounded) {
            state.close = Some(Close {
                code: carewire_protocol::error::close::TOO_SLOW,
                reason: "reading too slowly",
            });
            state.frames.clear();
            state.urgent.clear();
        } else {
            state.counted += frames.count();
            state.counted_bytes += frames.len();
            state.frames.push_back(Waiting {
                frames,
                replayed: false,
            });
        }
        drop(state);
        self.socket.wake();
    }

    /// Queues a page of a replay.
    pub fn push_replay(&self, frames: impl Into<Frames>) {
        let mut state = self.state();
        if state.close.is_some() || state.gone {
            return;
        }
        state.frames.push_back(Waiting {
            frames: frames.into(),
            replayed: true,
        });
        drop(state);
        self.socket.wake();
    }

    /// Queues a heartbeat, ahead of everything.
    pub fn push_urgent(&self, frame: impl Into<Frames>) {
        let mut state = self.state();
        // Whoever floods us with pings and reads nothing gets no more pongs.
        if state.close.is_none() && !state.gone && state.urgent.len() < 64 {
            state.urgent.push_back(frame.into());
        }
        drop(state);
        self.socket.wake();
    }

    /// Closes the connection after what waits now. The first close wins.
    pub fn close(&self, code: u16, reason: &'static str) {
        let mut state = self.state();
        if state.close.is_none() {
            state.close = Some(Close { code, reason });
        }
        drop(state);
        self.socket.wake();
    }

    /// The socket is gone: nothing more is kept for it.
    pub fn discard(&self) {
        let mut state = self.state();
        state.gone = true;
        state.frames.clear();
        state.urgent.clear();
        state.counted = 0;
        state.counted_bytes = 0;
        let drained = std::mem::take(&mut state.drained);
        drop(state);
        for waker in drained {
            waker.wake();
        }
    }

    /// Whether the connection is closing or gone.
    pub fn is_closed(&self) -> bool {
        let state = self.state();
        state.gone || state.close.is_some()
    }

    /// How many frames wait.
    pub fn len(&self) -> usize {
        let state = self.state();
        state
            .frames
            .iter()
            .map(|waiting| waiting.frames.count())
            .sum()
    }

    /// How many frames that wait count against the limit: all but those of replays.
    pub fn counted(&self) -> usize {
        self.state().counted
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Moves up to about `most` bytes of waiting frames to `batch`.
    pub fn take(&self, batch: &mut Vec<Frames>, most: usize) -> Next {
        let mut state = self.state();
        let mut taken = 0;
        while taken < most {
            if let Some(frame) = state.urgent.pop_front() {
                taken += frame.len();
                batch.push(frame);
            } else if let Some(Waiting { frames, replayed }) = state.frames.pop_front() {
                if !replayed {
                    state.counted -= frames.count();
                    state.counted_bytes -= frames.len();
                }
                taken += frames.len();
                batch.push(frames);
            } else {
                break;
            }
        }
        let drained = if state.frames.is_empty() {
            // Most connections have nothing waiting most of the time, and need no room for it.
            state.frames = VecDeque::new();
            std::mem::take(&mut state.drained)
        } else {
            Vec::new()
        };
        let next = match (&state.close, taken) {
            (_, 1..) => Next::Frames,
            (Some(close), 0) => Next::Close(close.clone()),
            (None, 0) => Next::Idle,
        };
        drop(state);
        for waker in drained {
            waker.wake();
        }
        next
    }

    /// Wakes this task when something is queued.
    pub fn register(&self, cx: &Context<'_>) {
        self.socket.register(cx.waker());
    }

    /// Resolves when nothing waits any more: `true`, or `false` when the connection ends.
    pub async fn drained(&self) -> bool {
        std::future::poll_fn(|cx| {
            let mut state = self.state();
            if state.gone || state.close.is_some() {
                Poll::Ready(false)
            } else if state.frames.is_empty() {
                Poll::Ready(true)
            } else {
                if !state
                    .drained
                    .iter()
                    .any(|waker| waker.will_wake(cx.waker()))
                {
                    state.drained.push(cx.waker().clone());
                }
                Poll::Pending
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::Frame;
    use carewire_protocol::error::close;

    fn outbox(frames: usize) -> Outbox {
        Outbox::new(OutboxLimits {
            frames,
            bytes: 1 << 20,
        })
    }

    #[test]
    fn a_full_queue_closes_and_keeps_nothing() {
        let outbox = outbox(2);
        for _ in 0..3 {
            outbox.push(Frame::text("x"));
        }
        let mut batch = Vec::new();
        let Next::Close(closed) = outbox.take(&mut batch, usize::MAX) else {
            panic!("not closed")
        };
        assert_eq!(closed.code, close::TOO_SLOW);
        assert!(batch.is_empty());
    }

    #[test]
    fn what_was_queued_before_a_close_is_written_first() {
        let outbox = outbox(8);
        outbox.push(Frame::text("x"));
        outbox.close(close::SHUTDOWN, "later");
        outbox.push(Frame::text("too late"));
        let mut batch = Vec::new();
        assert!(matches!(outbox.take(&mut batch, usize::MAX), Next::Frames));
        assert_eq!(batch.len(), 1);
        assert!(matches!(
            outbox.take(&mut batch, usize::MAX),
            Next::Close(_)
        ));
    }

    #[test]
    fn heartbeats_overtake() {
        let outbox = outbox(8);
        outbox.push(Frame::text("event"));
        outbox.push_urgent(Frame::text("ping"));
        let mut batch = Vec::new();
        outbox.take(&mut batch, usize::MAX);
        assert_eq!(batch[0].texts().next(), Some("ping"));
    }

    #[test]
    fn a_replay_is_outside_the_limits() {
        let outbox = outbox(1);
        for _ in 0..100 {
            outbox.push_replay(Frame::text("x"));
        }
        outbox.push(Frame::text("live"));
        outbox.take(&mut Vec::new(), 150);
        assert!(!outbox.is_closed());
        outbox.push(Frame::text("one too many"));
        assert!(outbox.is_closed());
    }
}
