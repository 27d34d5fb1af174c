//! A command on its way into the session: already text, with what the session must know of it.

use super::effect::{Effect, class_of, effect_of, lane_of};
use crate::{
    Refusal,
    json::{Fields, Json, Object},
};
use carewire_protocol::{AnyCommand, Class, Command, ErrorCode, Key};
use std::{fmt, sync::Arc};

/// A command of the contract, ready to be sent.
#[derive(Clone)]
pub struct Request {
    pub(super) name: &'static str,
    pub(super) class: Class,
    /// As JSON.
    pub(super) data: Box<str>,
    pub(super) key: Option<Key>,
    pub(super) lane: Option<Arc<str>>,
    pub(super) effect: Effect,
}

impl Request {
    /// Prepares a command. `key`: the application's own, for an application that stores its queue;
    /// otherwise the session makes one where the command needs one.
    pub fn new<C: Command>(command: &C, key: Option<Key>) -> serde_json::Result<Self> {
        let data = serde_json::to_string(command)?;
        Ok(Self::prepare(C::NAME, C::CLASS, Json::known(&data), key))
    }

    /// Prepares a command that another language has written: its name on the wire and its data as
    /// JSON. Refuses what is no command of the contract or no JSON; whether the data is right, the
    /// server says.
    pub fn parse(name: &str, data: &str, key: Option<Key>) -> Result<Self, Refusal> {
        let (name, class) = AnyCommand::find(name)
            .ok_or_else(|| Refusal::new(&ErrorCode::UnknownType, "No such command"))?;
        let data = Json::parse(data)
            .ok_or_else(|| Refusal::new(&ErrorCode::Malformed, "The data is not valid JSON"))?;
        Ok(Self::prepare(name, class, data, key))
    }

    /// A command of the session itself, sent at once, whose effect the session has seen to.
    pub(super) fn of_the_session(name: &'static str, data: Box<str>) -> Self {
        Self {
            name,
            class: Class::Control,
            data,
            key: None,
            lane: None,
            effect: Effect::None,
        }
    }

    /// A command of the session itself that waits its turn.
    pub(super) fn own<C: Command>(data: Object) -> Self {
        Self::prepare(C::NAME, C::CLASS, Json::known(&data.end_of::<C>()), None)
    }

    fn prepare(name: &'static str, class: Class, data: Json<'_>, key: Option<Key>) -> Self {
        let about = Fields::of(data);
        let about = about.as_ref();
        let class = about.map_or(class, |about| class_of(name, class, about));
        let effect = about.and_then(|about| effect_of(name, about, data.get()));
        let lane = about.filter(|_| class.has_key());
        let lane = lane.map(|about| lane_of(name, about));
        Self {
            name,
            class,
            key,
            lane,
            effect: effect.unwrap_or(Effect::None),
            data: data.get().into(),
        }
    }

    /// The command's name on the wire.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.name, self.data.len())
    }
}
