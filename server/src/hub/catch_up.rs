//! Replay: a member that is behind reads the log in pages, as its socket drains, until it has
//! caught up with what is fanned out. So a replay is never overtaken by live events, however slow
//! the store is.

use super::{Connection, Flow, Frame, Frames, Hub, Number};
use crate::{
    env::Runtime,
    error::Result,
    keys::RoomKey,
    store::{Store, frame_of},
};
use carewire_protocol::error::close;
use std::{sync::Arc, time::Duration};

/// Events read at once. A page of the largest events is about what one client may keep waiting.
const PAGE: u32 = 64;
/// The longest a replay may stand still.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts a replay for a member whose position lies behind. Does nothing for whoever is replaying.
pub fn start(hub: &Arc<Hub>, store: &Arc<dyn Store>, env: &Runtime, key: &RoomKey, number: Number) {
    let Some(room) = hub.room(key) else { return };
    let mut state = room.state();
    let Some(member) = state.members.get_mut(&number) else {
        return;
    };
    if !matches!(member.flow, Flow::Live) {
        return;
    }
    let replay = hub.next_replay();
    member.flow = Flow::Replaying(replay);
    let connection = Arc::clone(&member.connection);
    drop(state);
    let job = Replay {
        hub: Arc::clone(hub),
        store: Arc::clone(store),
        env: env.clone(),
        key: key.clone(),
        connection,
        number: replay,
    };
    env.spawn(Box::pin(job.run()));
}

struct Replay {
    hub: Arc<Hub>,
    store: Arc<dyn Store>,
    env: Runtime,
    key: RoomKey,
    connection: Arc<Connection>,
    number: u64,
}

enum Step {
    More,
    Done,
}

impl Replay {
    async fn run(self) {
        loop {
            let limit = self.env.sleep_until(self.env.now() + PATIENCE);
            let drained = tokio::select! {
                biased;
                drained = self.connection.outbox.drained() => drained,
                () = limit => {
                    self.connection.outbox.close(close::TOO_SLOW, "no progress in a replay");
                    false
                }
            };
            if !drained {
                return;
            }
            match self.page().await {
                Ok(Step::More) => {}
                Ok(Step::Done) => return,
                Err(error) => {
                    tracing::warn!(room = %self.key.room, %error, "a replay could not read the log");
                    self.connection
                        .outbox
                        .close(close::INTERNAL, "the log cannot be read");
                    return;
                }
            }
        }
    }

    /// Where this replay stands; `None` when it was replaced or the member left.
    fn position(&self) -> Option<u64> {
        let room = self.hub.room(&self.key)?;
        let state = room.state();
        let member = state.members.get(&self.connection.number)?;
        matches!(member.flow, Flow::Replaying(replay) if replay == self.number)
            .then_some(member.position)
    }

    async fn page(&self) -> Result<Step> {
        let Some(position) = self.position() else {
            return Ok(Step::Done);
        };
        let mut rows = self.store.read().await?;
        let events = rows.events_after(&self.key, position, PAGE).await?;
        rows.close().await?;
        let epoch = self.store.epoch();
        let frames: Vec<Frame> = events
            .iter()
            .map(|event| frame_of(&self.key, &epoch, event))
            .collect();

        let Some(room) = self.hub.room(&self.key) else {
            return Ok(Step::Done);
        };
        let mut state = room.state();
        let head = state.head;
        let Some(member) = state.members.get_mut(&self.connection.number) else {
            return Ok(Step::Done);
        };
        if !matches!(member.flow, Flow::Replaying(replay) if replay == self.number)
            || member.position != position
        {
            return Ok(Step::Done);
        }
        let next = events.first().map(|event| event.offset);
        if next != Some(position + 1) && (next.is_some() || position < head) {
            self.connection
                .outbox
                .close(close::TOO_SLOW, "what follows is no longer kept");
            return Ok(Step::Done);
        }
        if let Some(last) = events.last() {
            member.position = last.offset;
        }
        let caught_up = member.position >= head && events.len() < PAGE as usize;
        if caught_up {
            member.flow = Flow::Live;
        }
        // Under the room's lock: nothing live can come between this page and its end.
        if !frames.is_empty() {
            self.connection.outbox.push_replay(Frames::join(&frames));
        }
        Ok(if caught_up { Step::Done } else { Step::More })
    }
}
