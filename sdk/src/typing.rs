//! Who is writing.

use crate::{Room, driver::desk::Ask};

impl Room {
    /// The person pressed a key. Call it on every one: the client tells the others when the person
    /// begins, repeats it every three seconds, and says that they stopped four and a half seconds
    /// after the last key or when the message is sent.
    pub fn typing(&self) {
        self.client().ask(Ask::Typing(self.id().clone()));
    }

    /// The person has stopped writing, for instance by emptying the field.
    pub fn stopped_typing(&self) {
        self.client().ask(Ask::TypingStopped(self.id().clone()));
    }
}
