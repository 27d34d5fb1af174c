//! What a command changes in the session itself, read from its text.

use super::leases::Part;
use carewire_protocol::{
    CallId, Class, Command as _, Epoch, RecordId, RoomId, TemplateId, UserId, call, channel,
    message, presence, record, report, room,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{borrow::Cow, sync::Arc};

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
    Pace(TemplateId, Box<RawValue>),
    /// Which rows are wanted: the command's own text; `None`: all.
    Sift(TemplateId, Option<Box<RawValue>>),
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

/// The fields that say what a command is about, whichever command it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct About<'a> {
    #[serde(borrow)]
    room_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    channel: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    report_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    target: Option<&'a RawValue>,
    #[serde(borrow)]
    patient_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    record_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    template_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    call_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    epoch: Option<Cow<'a, str>>,
    user_ids: Option<Vec<UserId>>,
    #[serde(borrow)]
    filter: Option<&'a RawValue>,
    offset: Option<u64>,
    fencing_token: Option<u64>,
    snapshot: Option<bool>,
    retain: Option<bool>,
}

impl<'a> About<'a> {
    /// `None`: some field is not of its type, and the server will refuse the command.
    pub(super) fn read(data: &'a RawValue) -> Option<Self> {
        serde_json::from_str(data.get()).ok()
    }

    /// Only what is kept may wait: an ephemeral event is about this moment.
    pub(super) fn class(&self, name: &str, class: Class) -> Class {
        if name == room::Publish::NAME && self.retain != Some(true) {
            Class::Live
        } else {
            class
        }
    }

    /// Commands of one lane never overtake each other, whatever the server answers.
    pub(super) fn lane(&self) -> Option<Arc<str>> {
        let subjects = [
            &self.room_id,
            &self.channel,
            &self.message_id,
            &self.report_id,
        ];
        let subject = subjects.into_iter().find_map(Option::as_deref);
        let target = self.target.map(RawValue::get);
        subject.or(target).map(Into::into)
    }

    /// What the command changes; `None`: nothing, or it lacks what it needs for that.
    pub(super) fn effect(&self, name: &str, data: &RawValue) -> Option<Effect> {
        let room = |text: &Option<Cow<'_, str>>| text.as_deref()?.parse::<RoomId>().ok();
        let patient = || UserId::new(self.patient_id.as_deref()?).ok();
        let template = || TemplateId::new(self.template_id.as_deref()?).ok();
        let call = || CallId::new(self.call_id.as_deref()?).ok();
        let people = || self.user_ids.clone();
        let part = || {
            let record = RecordId::new(self.record_id.as_deref()?).ok()?;
            Some((patient()?, record))
        };
        let join = |room, channel| {
            let epoch = self
                .epoch
                .as_deref()
                .and_then(|epoch| Epoch::new(epoch).ok());
            Effect::Join {
                room,
                given: epoch.zip(self.offset),
                snapshot: self.snapshot == Some(true),
                channel,
            }
        };
        Some(match name {
            message::Send::NAME => Effect::Sends(room(&self.room_id)?),
            room::Join::NAME => join(room(&self.room_id)?, false),
            channel::Subscribe::NAME => join(room(&self.channel)?, true),
            room::Leave::NAME => Effect::Leave {
                room: room(&self.room_id)?,
            },
            channel::Unsubscribe::NAME => Effect::Leave {
                room: room(&self.channel)?,
            },
            presence::Subscribe::NAME => Effect::Follow(people()?),
            presence::Unsubscribe::NAME => Effect::Unfollow(people()?),
            record::View::NAME => Effect::View(patient()?),
            record::Unview::NAME => Effect::Unview(patient()?),
            record::Lock::NAME => Effect::Lock(part()?),
            record::Unlock::NAME => Effect::Unlock(part()?, self.fencing_token?),
            report::SubscribeTemplate::NAME => Effect::Rows(template()?),
            report::SetInterval::NAME => Effect::Pace(template()?, data.to_owned()),
            report::ApplyFilter::NAME => {
                let is_set = |filter: &&RawValue| filter.get().contains('"');
                let sift = self.filter.filter(is_set).map(|_| data.to_owned());
                Effect::Sift(template()?, sift)
            }
            call::Initiate::NAME | call::Join::NAME => Effect::Enter(None),
            call::Accept::NAME => Effect::Enter(Some(call()?)),
            call::Leave::NAME | call::End::NAME => Effect::Exit(call()?),
            _ => return None,
        })
    }
}
