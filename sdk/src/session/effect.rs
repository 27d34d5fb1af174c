//! What a command changes in the session itself, read from its text.

use super::leases::Part;
use crate::json::{Fields, Json};
use carewire_protocol::{
    CallId, Class, Command as _, Epoch, RoomId, TemplateId, UserId, call, channel, message,
    presence, record, report, room,
};
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(super) enum Effect {
    None,
    Join {
        room: RoomId,
        given: Option<(Epoch, u64)>,
        snapshot: bool,
        channel: bool,
    },
    Leave {
        room: RoomId,
    },
    Follow(Vec<UserId>),
    Unfollow(Vec<UserId>),
    Sends(RoomId),
    View(UserId),
    Unview(UserId),
    Rows(TemplateId),
    /// How often rows are wanted: the command's own text.
    Pace(TemplateId, Box<str>),
    /// Which rows are wanted: the command's own text; `None`: all.
    Sift(TemplateId, Option<Box<str>>),
    Lock(Part),
    Unlock(Part, u64),
    /// A place in a call; `None`: the reply names it.
    Enter(Option<CallId>),
    Exit(CallId),
}

impl Effect {
    /// Whether it ends something that a lost connection has ended already.
    pub(super) fn ends(&self) -> bool {
        matches!(
            self,
            Self::Leave { .. } | Self::Unfollow(_) | Self::Unview(_)
        )
    }
}

/// Only what is kept may wait: an ephemeral event is about this moment.
pub(super) fn class_of(name: &str, class: Class, data: &Fields<'_>) -> Class {
    if name == room::Publish::NAME && !data.is_true("retain") {
        Class::Live
    } else {
        class
    }
}

/// Commands of one lane never overtake each other, whatever the server answers.
pub(super) fn lane_of(name: &str, data: &Fields<'_>) -> Arc<str> {
    let subjects = ["roomId", "channel", "messageId", "reportId"];
    let subject = subjects.into_iter().find_map(|field| data.text(field));
    let target = || data.raw("target").map(|target| target.get().into());
    let domain = || name.split(':').next().unwrap_or(name).into();
    subject
        .or_else(target)
        .unwrap_or_else(domain)
        .as_ref()
        .into()
}

/// What a command changes; `None`: nothing, or it lacks what it needs for that, and the server
/// refuses it.
pub(super) fn effect_of(name: &str, data: &Fields<'_>, text: &str) -> Option<Effect> {
    let room = || data.id("roomId");
    let channel = || data.id("channel");
    let patient = || data.id("patientId");
    let template = || data.id("templateId");
    let part = || Some((data.id("patientId")?, data.id("recordId")?));
    let join = |room, channel| Effect::Join {
        room,
        given: data.id("epoch").zip(data.number("offset")),
        snapshot: data.is_true("snapshot"),
        channel,
    };
    Some(match name {
        message::Send::NAME => Effect::Sends(room()?),
        room::Join::NAME => join(room()?, false),
        channel::Subscribe::NAME => join(channel()?, true),
        room::Leave::NAME => Effect::Leave { room: room()? },
        channel::Unsubscribe::NAME => Effect::Leave { room: channel()? },
        presence::Subscribe::NAME => Effect::Follow(data.ids("userIds")?),
        presence::Unsubscribe::NAME => Effect::Unfollow(data.ids("userIds")?),
        record::View::NAME => Effect::View(patient()?),
        record::Unview::NAME => Effect::Unview(patient()?),
        record::Lock::NAME => Effect::Lock(part()?),
        record::Unlock::NAME => Effect::Unlock(part()?, data.number("fencingToken")?),
        report::SubscribeTemplate::NAME => Effect::Rows(template()?),
        report::SetInterval::NAME => Effect::Pace(template()?, text.into()),
        report::ApplyFilter::NAME => {
            let is_set = |filter: &Json<'_>| filter.get().bytes().any(|byte| byte == b'"');
            let sift = data.raw("filter").filter(is_set).map(|_| text.into());
            Effect::Sift(template()?, sift)
        }
        call::Initiate::NAME | call::Join::NAME => Effect::Enter(None),
        call::Accept::NAME => Effect::Enter(Some(data.id("callId")?)),
        call::Leave::NAME | call::End::NAME => Effect::Exit(data.id("callId")?),
        _ => return None,
    })
}
