//! The envelope of what the server says, field by field: the contract's
//! [`ServerFrame`](carewire_protocol::frame::ServerFrame), without what a session does not look at.

use super::rooms::Position;
use crate::{
    Refusal,
    json::{Fields, Json},
};
use carewire_protocol::{ClientId, RoomId, frame::RequestId};
use std::{borrow::Cow, str::FromStr};

#[derive(Debug)]
pub(super) enum Frame<'a> {
    Reply(RequestId, Option<Json<'a>>),
    /// The command failed; without a number, none that can be named.
    Refused(Option<RequestId>, Refusal),
    Ping(Option<RequestId>),
    Pong,
    Event(EventFrame<'a>),
}

#[derive(Debug)]
pub(super) struct EventFrame<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) room: Option<RoomId>,
    /// Where it is retained.
    pub(super) position: Option<Position>,
    pub(super) data: Option<Json<'a>>,
}

impl<'a> Frame<'a> {
    /// `None`: it has not the shape of a frame.
    pub(super) fn of(text: Json<'a>) -> Option<Self> {
        let fields = Fields::of(text)?;
        let name = fields.text("type")?;
        let id = match fields.given("id") {
            Some(id) => Some(RequestId::from_str(id.get()).ok()?),
            None => None,
        };
        let data = fields.given("data");
        Some(match &*name {
            "reply" => Self::Reply(id?, data),
            "error" => Self::Refused(id, Refusal::of(fields.given("error")?)?),
            "ping" => Self::Ping(id),
            "pong" => Self::Pong,
            _ => {
                // Its reader would refuse it, and what the application is not told of must not
                // count as delivered.
                if !may_be::<RoomId>(&fields, "room") || !may_be::<ClientId>(&fields, "origin") {
                    return None;
                }
                Self::Event(EventFrame {
                    room: fields.id("room"),
                    position: fields.id("epoch").zip(fields.number("offset")),
                    name,
                    data,
                })
            }
        })
    }
}

/// Whether a field is not there, or an identifier.
fn may_be<T: FromStr>(fields: &Fields<'_>, name: &str) -> bool {
    fields.given(name).is_none() || fields.id::<T>(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use carewire_protocol::frame::{Heartbeat, ServerFrame};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn raw(text: &str) -> Json<'_> {
        Json::parse(text).unwrap()
    }

    /// What both readers say of a frame; `None`: that it is none.
    fn told(text: &str) -> [Option<String>; 2] {
        let data = |data: Option<Json<'_>>| data.map_or("{}", Json::get).to_owned();
        let here = Frame::of(raw(text)).map(|frame| match frame {
            Frame::Reply(id, text) => format!("reply {id} {}", data(text)),
            Frame::Refused(id, error) => format!("error {id:?} {:?}", error.read()),
            Frame::Ping(id) => format!("ping {id:?}"),
            Frame::Pong => "pong".to_owned(),
            Frame::Event(it) => {
                let data = data(it.data);
                format!("{} {:?} {:?} {data}", it.name, it.room, it.position)
            }
        });
        let there = ServerFrame::decode(text).ok().map(|frame| match frame {
            ServerFrame::Reply { id, data } => format!("reply {id} {}", data.get()),
            ServerFrame::Error { id, error } => format!("error {id:?} {error:?}"),
            ServerFrame::Heartbeat(Heartbeat::Ping, id) => format!("ping {id:?}"),
            ServerFrame::Heartbeat(Heartbeat::Pong, _) => "pong".to_owned(),
            ServerFrame::Event(it) => {
                let data = it.data.get();
                format!("{} {:?} {:?} {data}", it.name, it.room, it.position)
            }
        });
        [here, there]
    }

    #[test]
    fn a_frame_is_read_as_the_contract_reads_it() {
        let frames = [
            json!({"type": "reply", "id": 7, "data": {"a": [1]}}),
            json!({"type": "reply", "id": 7}),
            json!({"type": "reply", "data": {}}),
            json!({"type": "reply", "id": 0, "data": {}}),
            json!({"type": "reply", "id": 4_294_967_296_u64}),
            json!({"type": "reply", "id": "7"}),
            json!({"type": "error", "id": 7, "error": {"code": "rate_limited", "message": "Slow\ndown",
                "retryAfterMs": 250, "field": null, "details": {"callId": "c1"}}}),
            json!({"type": "error", "id": null, "error": {"code": "new_code", "message": "", "field": "x"}}),
            json!({"type": "error", "error": {"code": "internal"}}),
            json!({"type": "error", "id": 3}),
            json!({"type": "ping"}),
            json!({"type": "ping", "id": 3}),
            json!({"type": "pong", "id": 3}),
            json!({"type": "message:new", "room": "chat:c1", "epoch": "e", "offset": 9, "data": {}}),
            json!({"type": "message:new", "room": null, "epoch": null, "offset": null}),
            json!({"type": "message:new", "room": "no room"}),
            json!({"type": "message:new", "room": 7}),
            json!({"type": "message:new", "origin": "phone"}),
            json!({"type": "message:new", "origin": "no name"}),
            json!({"type": 7}),
            json!({"data": {}}),
            json!([]),
        ];
        for frame in frames {
            let [here, there] = told(&frame.to_string());
            assert_eq!(here, there, "{frame}");
        }
    }

    /// Frames with the fields of their kind, right, wrong, or not there.
    fn any_frame() -> impl Strategy<Value = Value> {
        let name = prop::sample::select(vec!["reply", "error", "ping", "pong", "message:new", "x"]);
        let fields = (
            prop::option::of(0..3_u64),
            prop::option::of("chat:[a-z!]{1,8}"),
            prop::option::of(0..5_u64),
            prop::option::of(".{0,8}"),
            prop::option::of((".{0,12}", ".{0,12}", prop::option::of(0..9_u64))),
        );
        (name, fields).prop_map(|(name, (id, room, offset, data, error))| {
            let mut frame = json!({"type": name});
            let is_event = !matches!(name, "reply" | "error" | "ping" | "pong");
            if let Some(room) = room.filter(|_| is_event) {
                frame["room"] = room.into();
            }
            if let Some(offset) = offset.filter(|_| is_event) {
                frame["epoch"] = "e1".into();
                frame["offset"] = offset.into();
            }
            if let Some(id) = id.filter(|_| !is_event) {
                frame["id"] = id.into();
            }
            if let Some(text) = data {
                frame["data"] = json!({ "text": text });
            }
            if let Some((code, message, wait)) = error.filter(|_| name == "error") {
                frame["error"] = json!({"code": code, "message": message, "retryAfterMs": wait});
            }
            frame
        })
    }

    proptest! {
        #[test]
        fn any_frame_is_read_as_the_contract_reads_it(frame in any_frame()) {
            let [here, there] = told(&frame.to_string());
            prop_assert_eq!(here, there);
        }
    }
}
