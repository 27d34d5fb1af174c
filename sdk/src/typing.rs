//! Who is writing.

use crate::{Client, Room, driver::desk::Ask};
use carewire_protocol::RoomId;

impl Client {
    /// The person pressed a key in a room; see [`Room::typing`].
    pub fn typing(&self, room: RoomId) {
        self.ask(Ask::Typing(room));
    }

    /// The person has stopped writing in a room; see [`Room::stopped_typing`].
    pub fn stopped_typing(&self, room: RoomId) {
        self.ask(Ask::TypingStopped(room));
    }
}

impl Room {
    /// The person pressed a key. Call it on every one: the client tells the others when the person
    /// begins, repeats it every three seconds, and says that they stopped four and a half seconds
    /// after the last key or when the message is sent.
    pub fn typing(&self) {
        self.client().typing(self.id().clone());
    }

    /// The person has stopped writing, for instance by emptying the field.
    pub fn stopped_typing(&self) {
        self.client().stopped_typing(self.id().clone());
    }
}
