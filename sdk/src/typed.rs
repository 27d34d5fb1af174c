//! Streams of one kind of event.

use crate::{Event, EventStream};
use futures_core::Stream;
use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

type Pick<T> = Box<dyn Fn(&Event) -> Option<T> + Send + Sync>;

/// What happens of one kind, in order. Ends when the client is closed.
///
/// Like an [`EventStream`], it holds up to 1,024 events for a listener that is busy. Where some
/// were lost, or missed beyond replay, it yields the kind's own word for "load it again".
#[must_use = "a stream that is dropped hears nothing"]
pub struct Typed<T> {
    events: EventStream,
    pick: Pick<T>,
}

impl<T> Typed<T> {
    pub(crate) fn new(
        events: EventStream,
        pick: impl Fn(&Event) -> Option<T> + Send + Sync + 'static,
    ) -> Self {
        Self {
            events,
            pick: Box::new(pick),
        }
    }

    /// Waits for the next one; `None`: the client is closed.
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<T> {
        loop {
            let event = self.events.next().await?;
            if let Some(one) = (self.pick)(&event) {
                return Some(one);
            }
        }
    }

    /// The next one that is already here.
    pub fn try_next(&mut self) -> Option<T> {
        loop {
            let event = self.events.try_next()?;
            if let Some(one) = (self.pick)(&event) {
                return Some(one);
            }
        }
    }
}

impl<T> Stream for Typed<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        loop {
            match Pin::new(&mut self.events).poll_next(cx) {
                Poll::Ready(Some(event)) => {
                    if let Some(one) = (self.pick)(&event) {
                        return Poll::Ready(Some(one));
                    }
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl<T> fmt::Debug for Typed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typed").finish_non_exhaustive()
    }
}

impl Event {
    /// Whether what was missed will not come, so that state has to be loaded again.
    pub(crate) fn is_loss(&self) -> bool {
        matches!(self, Self::Resynced(_) | Self::Lagged(_))
    }
}
