//! Events for whoever listens. Nobody waits for a slow listener.

use crate::Event;
use carewire_protocol::RoomId;
use futures_core::Stream;
use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Waker},
};

/// How many events wait for one listener before the oldest are dropped.
const MOST_WAITING: usize = 1024;

/// Hands every event to every stream.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    listeners: Mutex<Listeners>,
}

#[derive(Debug, Default)]
struct Listeners {
    slots: Vec<Weak<Slot>>,
    closed: bool,
}

#[derive(Debug)]
struct Slot {
    room: Option<RoomId>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: VecDeque<Event>,
    dropped: u64,
    closed: bool,
    waker: Option<Waker>,
}

// Nothing that can panic runs under these locks, so a poisoned one is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    /// A stream of what happens from now on, everywhere or in one room.
    pub(crate) fn stream(&self, room: Option<RoomId>) -> EventStream {
        let mut listeners = lock(&self.listeners);
        let inner = Inner {
            closed: listeners.closed,
            ..Inner::default()
        };
        let slot = Arc::new(Slot {
            room,
            inner: Mutex::new(inner),
        });
        listeners.slots.push(Arc::downgrade(&slot));
        EventStream { slot }
    }

    pub(crate) fn send(&self, event: &Event) {
        let mut wakers = Vec::new();
        lock(&self.listeners)
            .slots
            .retain(|slot| match slot.upgrade() {
                Some(slot) => {
                    wakers.extend(slot.push(event));
                    true
                }
                None => false,
            });
        // A waker may run anything: never under a lock.
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Ends every stream once it has been read to its end.
    pub(crate) fn close(&self) {
        let slots = {
            let mut listeners = lock(&self.listeners);
            listeners.closed = true;
            std::mem::take(&mut listeners.slots)
        };
        for slot in slots.iter().filter_map(Weak::upgrade) {
            let waker = {
                let mut inner = lock(&slot.inner);
                inner.closed = true;
                inner.waker.take()
            };
            waker.into_iter().for_each(Waker::wake);
        }
    }
}

impl Slot {
    fn wants(&self, event: &Event) -> bool {
        match (&self.room, event.room()) {
            (None, _) => true,
            (Some(wanted), Some(room)) => wanted == room,
            // What happened to the connection concerns every room; a lease or a call does not.
            (Some(_), None) => matches!(
                event,
                Event::Resumed(_) | Event::CaughtUp | Event::Lagging | Event::Lagged(_)
            ),
        }
    }

    /// Whom to wake.
    fn push(&self, event: &Event) -> Option<Waker> {
        if !self.wants(event) {
            return None;
        }
        let mut inner = lock(&self.inner);
        if inner.waiting.len() >= MOST_WAITING {
            inner.waiting.pop_front();
            inner.dropped += 1;
        }
        inner.waiting.push_back(event.clone());
        inner.waker.take()
    }
}

/// What happens, in order. Ends when the client is closed.
///
/// Up to 1,024 events wait for a listener. One that falls further behind loses the oldest and is
/// told how many with [`Event::Lagged`]; nobody else is affected.
///
/// It is a [`Stream`], and has [`next`](Self::next) for use without a combinator crate.
#[derive(Debug)]
#[must_use = "a stream that is dropped hears nothing"]
pub struct EventStream {
    slot: Arc<Slot>,
}

impl EventStream {
    /// Waits for the next event; `None`: the client is closed.
    ///
    /// Dropping the future loses no event.
    pub async fn next(&mut self) -> Option<Event> {
        std::future::poll_fn(|cx| self.poll_event(cx)).await
    }

    /// The next event that is already here.
    pub fn try_next(&mut self) -> Option<Event> {
        lock(&self.slot.inner).take()
    }

    fn poll_event(&self, cx: &Context<'_>) -> Poll<Option<Event>> {
        let mut inner = lock(&self.slot.inner);
        if let Some(event) = inner.take() {
            return Poll::Ready(Some(event));
        }
        if inner.closed {
            return Poll::Ready(None);
        }
        inner.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Inner {
    fn take(&mut self) -> Option<Event> {
        match std::mem::take(&mut self.dropped) {
            0 => self.waiting.pop_front(),
            dropped => Some(Event::Lagged(dropped)),
        }
    }
}

impl Stream for EventStream {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll_event(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_listener_loses_the_oldest_and_is_told() {
        let hub = Hub::default();
        let (mut slow, mut quick) = (hub.stream(None), hub.stream(None));
        for _ in 0..MOST_WAITING + 3 {
            hub.send(&Event::CaughtUp);
            assert_eq!(quick.try_next(), Some(Event::CaughtUp));
        }
        assert_eq!(slow.try_next(), Some(Event::Lagged(3)));
        assert_eq!(std::iter::from_fn(|| slow.try_next()).count(), MOST_WAITING);
    }

    #[test]
    fn a_stream_of_a_closed_client_has_ended() {
        let hub = Hub::default();
        hub.close();
        let stream = hub.stream(None);
        let cx = &Context::from_waker(Waker::noop());
        assert_eq!(stream.poll_event(cx), Poll::Ready(None));
    }

    #[test]
    fn a_dropped_stream_is_forgotten() {
        let hub = Hub::default();
        drop(hub.stream(None));
        hub.send(&Event::CaughtUp);
        assert!(lock(&hub.listeners).slots.is_empty());
    }
}
