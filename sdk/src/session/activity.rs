//! What the session sends by itself: who types, and what has arrived.

use super::{Owner, Request, Session, Timer, notice};
use crate::json::Object;
use carewire_protocol::{MessageId, RoomId, message, typing};
use std::time::Duration;

/// How often a start is repeated while somebody types; the server's lasts 6 s.
const TYPING_REPEAT: Duration = Duration::from_secs(3);
/// How long after the last key somebody has stopped.
const TYPING_IDLE: Duration = Duration::from_millis(4500);
/// How far apart two receipts of a room are at least.
const RECEIPT_EVERY: Duration = Duration::from_millis(500);

/// How far a room has been received.
#[derive(Debug)]
pub(super) struct Receipt {
    newest: Option<MessageId>,
    sent: Duration,
}

impl Session {
    pub(super) fn on_typing(&mut self, room: RoomId) {
        if !self.is_online() {
            return;
        }
        let last = self.typing.get(&room);
        if last.is_none_or(|at| self.now.saturating_sub(*at) >= TYPING_REPEAT) {
            self.transmit_unanswered::<typing::Start>(in_room(&room));
            self.typing.insert(room.clone(), self.now);
        }
        self.after(TYPING_IDLE, Timer::Typing(room));
    }

    pub(super) fn on_typing_stopped(&mut self, room: &RoomId) {
        self.timers.clear(&Timer::Typing(room.clone()));
        if self.typing.remove(room).is_some() && self.is_online() {
            self.transmit_unanswered::<typing::Stop>(in_room(room));
        }
    }

    /// A message was delivered to the application. Its sender is told, at most twice a second.
    pub(super) fn on_message(&mut self, message: notice::Message) {
        if self
            .me
            .as_ref()
            .is_none_or(|me| me.user_id == message.sender)
        {
            return;
        }
        let (room, id) = (&message.room, message.id);
        let long_ago = self.now.saturating_sub(RECEIPT_EVERY);
        let receipt = self.receipts.entry(room.clone());
        let receipt = receipt.or_insert_with(|| Receipt {
            newest: None,
            sent: Duration::ZERO,
        });
        let first = receipt.newest.is_none() && receipt.sent == Duration::ZERO;
        receipt.newest = Some(id);
        let due = receipt.sent + RECEIPT_EVERY;
        if first || receipt.sent <= long_ago {
            self.send_receipt(room);
        } else if !self.timers.is_set(&Timer::Receipt(room.clone())) {
            self.timers.set(Timer::Receipt(room.clone()), due);
        }
    }

    pub(super) fn send_receipt(&mut self, room: &RoomId) {
        let Some(receipt) = self.receipts.get_mut(room) else {
            return;
        };
        let Some(message_id) = receipt.newest.take() else {
            return;
        };
        receipt.sent = self.now;
        let received = in_room(room).text("messageId", &message_id);
        let request = Request::own::<message::Received>(received);
        self.outbox.insert(Owner::Nobody, request);
    }

    pub(super) fn forget_room(&mut self, room: &RoomId) {
        self.typing.remove(room);
        self.receipts.remove(room);
        self.standing.end(room);
        self.timers.clear(&Timer::Restore(room.clone()));
        self.timers.clear(&Timer::Typing(room.clone()));
        self.timers.clear(&Timer::Receipt(room.clone()));
        self.timers.clear(&Timer::Rejoin(room.clone()));
    }
}

fn in_room(room: &RoomId) -> Object {
    Object::new().text("roomId", &room.to_string())
}
