//! Drawing together.

use crate::{Client, RequestError, Room, Typed, room::json};
use carewire_protocol::{
    ErrorReply, EventData, Finite, RoomId,
    whiteboard::{self, ClearedEvent, CursorEvent, Event as Wire, UpdatedEvent, WhiteboardState},
};
use serde::Serialize;

/// The whiteboard of a room that was joined. From [`Client::whiteboard`].
///
/// ```no_run
/// # async fn example(client: carewire::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use carewire::{BoardEvent, RoomId};
/// use std::collections::BTreeMap;
///
/// let board = client.whiteboard(RoomId::chat("dr-lee", "ana")?).await?;
/// let mut events = board.events();
/// let mut drawn = board.state().ops.clone();
/// board.draw([BTreeMap::from([("x", 3), ("y", 4)])]).await?;
/// while let Some(event) = events.next().await {
///     match event {
///         BoardEvent::Updated(update) => drawn.extend(update.ops),
///         BoardEvent::Cleared(_) => drawn.clear(),
///         BoardEvent::Reload => drawn = board.load().await?.ops,
///         _ => {}
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Whiteboard {
    room: Room,
    state: WhiteboardState,
}

/// What happens on a whiteboard.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum BoardEvent {
    /// Somebody drew, oneself included.
    Updated(UpdatedEvent),
    /// Somebody wiped it.
    Cleared(ClearedEvent),
    /// Somebody points.
    Cursor(CursorEvent),
    /// Something was missed and will not come: [`load`](Whiteboard::load) it again.
    Reload,
}

impl Client {
    /// Joins a room with a whiteboard: a chat, thread, visit or call. Its state is loaded as of
    /// exactly the moment from which its events follow.
    pub async fn whiteboard(&self, room: RoomId) -> Result<Whiteboard, RequestError> {
        let room = self.join(room).snapshot().await?;
        let shown = room
            .snapshot()
            .and_then(|snapshot| snapshot.whiteboard.clone());
        let mut board = Whiteboard {
            room,
            state: shown.unwrap_or_default(),
        };
        if board.state.cursor.is_some() {
            board.state = board.load().await?;
        }
        Ok(board)
    }
}

impl Whiteboard {
    /// The room it belongs to.
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// The whiteboard as it was when it was opened. An event of its revision or an older one is
    /// in it already.
    pub fn state(&self) -> &WhiteboardState {
        &self.state
    }

    /// The whole whiteboard as it is now.
    pub async fn load(&self) -> Result<WhiteboardState, RequestError> {
        let mut whole: Option<WhiteboardState> = None;
        loop {
            let cursor = whole.as_ref().and_then(|whole| whole.cursor.clone());
            let ask = whiteboard::Snapshot {
                room_id: self.room.id().clone(),
                cursor,
            };
            let page = self.room.client().request(ask).await?;
            match &mut whole {
                // Drawn on between two pages: what follows is another whiteboard's.
                Some(known) if known.revision != page.revision => {
                    whole = None;
                    continue;
                }
                Some(known) => {
                    known.ops.extend(page.ops);
                    known.cursor = page.cursor;
                }
                None => whole = Some(page),
            }
            if let Some(done) = whole.take_if(|whole| whole.cursor.is_none()) {
                return Ok(done);
            }
        }
    }

    /// Draws. Queued while there is no connection. Returns the revision that it made.
    pub async fn draw<O: Serialize>(
        &self,
        ops: impl IntoIterator<Item = O>,
    ) -> Result<u64, RequestError> {
        let ops: Result<Vec<_>, ErrorReply> = ops.into_iter().map(|op| json("ops", &op)).collect();
        let update = whiteboard::Update {
            room_id: self.room.id().clone(),
            ops: ops?,
        };
        Ok(self.room.client().request(update).await?.revision)
    }

    /// Wipes it. Fails with [`RequestError::Offline`] without a connection.
    pub async fn clear(&self) -> Result<(), RequestError> {
        let room_id = self.room.id().clone();
        let clear = whiteboard::Clear { room_id };
        self.room.client().request(clear).await.map(drop)
    }

    /// Shows the others where one points. Nobody waits for it, and without a connection it is
    /// dropped; a value that is not a number is ignored.
    pub fn point(&self, x: f64, y: f64) {
        if let (Some(x), Some(y)) = (Finite::new(x), Finite::new(y)) {
            let room_id = self.room.id().clone();
            let cursor = whiteboard::Cursor { room_id, x, y };
            self.room.client().send_and_forget(&cursor);
        }
    }

    /// What happens on it. The first stream begins with the opening, further ones begin now.
    pub fn events(&self) -> Typed<BoardEvent> {
        Typed::new(self.room.events(), |event| {
            if event.is_loss() {
                return Some(BoardEvent::Reload);
            }
            let Some(EventData::Whiteboard(event)) = event.data() else {
                return None;
            };
            Some(match event {
                Wire::Updated(update) => BoardEvent::Updated(update.clone()),
                Wire::Cleared(cleared) => BoardEvent::Cleared(cleared.clone()),
                Wire::Cursor(cursor) => BoardEvent::Cursor(cursor.clone()),
            })
        })
    }
}
