//! A command on its way into the session: already text, with what the session must know of it.

use super::leases::Part;
use carewire_protocol::{
    AnyCommand, CallId, Class, Command, Epoch, Key, RoomId, TemplateId, UserId, call, channel,
    message, presence, record,
    report::{self, ApplyFilter, SetInterval},
    room,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{fmt, sync::Arc};

/// A command of the contract, ready to be sent.
#[derive(Clone)]
pub struct Request {
    pub(super) name: &'static str,
    pub(super) class: Class,
    pub(super) data: Box<RawValue>,
    pub(super) key: Option<Key>,
    pub(super) lane: Option<Arc<str>>,
    pub(super) effect: Effect,
}

/// What a command changes in the session itself.
#[derive(Debug, Clone, PartialEq)]
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
    Pace(SetInterval),
    Sift(ApplyFilter),
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

impl Request {
    /// Prepares a command. `key`: the application's own, for an application that stores its queue;
    /// otherwise the session makes one where the command needs one.
    pub fn new<C: Command>(command: C, key: Option<Key>) -> serde_json::Result<Self> {
        let data = serde_json::value::to_raw_value(&command)?;
        let (class, effect) = judge(C::CLASS, command.into_any());
        let lane = class.has_key().then(|| lane_of(C::NAME, &data));
        Ok(Self {
            name: C::NAME,
            class,
            data,
            key,
            lane,
            effect,
        })
    }

    /// The command's name on the wire.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.name, self.data.get().len())
    }
}

fn judge(class: Class, command: AnyCommand) -> (Class, Effect) {
    use AnyCommand as A;
    let join = |room, epoch: Option<Epoch>, offset, snapshot, channel| Effect::Join {
        room,
        given: epoch.zip(offset),
        snapshot,
        channel,
    };
    let effect = match command {
        // Only what is kept may wait: an ephemeral event is about this moment.
        A::Room(room::Command::Publish(publish)) if publish.retain != Some(true) => {
            return (Class::Live, Effect::None);
        }
        A::Room(room::Command::Join(j)) => join(
            j.room_id,
            j.epoch,
            j.offset,
            j.snapshot == Some(true),
            false,
        ),
        A::Room(room::Command::Leave(l)) => Effect::Leave { room: l.room_id },
        A::Channel(channel::Command::Subscribe(s)) => {
            join(s.channel, s.epoch, s.offset, false, true)
        }
        A::Channel(channel::Command::Unsubscribe(u)) => Effect::Leave { room: u.channel },
        A::Presence(presence::Command::Subscribe(s)) => Effect::Follow(s.user_ids),
        A::Presence(presence::Command::Unsubscribe(u)) => Effect::Unfollow(u.user_ids),
        A::Message(message::Command::Send(send)) => Effect::Sends(send.room_id),
        A::Record(record) => judge_record(record),
        A::Report(report) => judge_report(report),
        A::Call(call) => judge_call(call),
        _ => Effect::None,
    };
    (class, effect)
}

fn judge_record(command: record::Command) -> Effect {
    use record::Command as R;
    match command {
        R::View(view) => Effect::View(view.patient_id),
        R::Unview(unview) => Effect::Unview(unview.patient_id),
        R::Lock(lock) => Effect::Lock((lock.patient_id, lock.record_id)),
        R::Unlock(lock) => Effect::Unlock((lock.patient_id, lock.record_id), lock.fencing_token),
        _ => Effect::None,
    }
}

fn judge_report(command: report::Command) -> Effect {
    use report::Command as R;
    match command {
        R::SubscribeTemplate(subscribe) => Effect::Rows(subscribe.template_id),
        R::SetInterval(pace) => Effect::Pace(pace),
        R::ApplyFilter(sift) => Effect::Sift(sift),
        _ => Effect::None,
    }
}

fn judge_call(command: call::Command) -> Effect {
    use call::Command as C;
    match command {
        C::Initiate(_) | C::Join(_) => Effect::Enter(None),
        C::Accept(accept) => Effect::Enter(Some(accept.call_id)),
        C::Leave(leave) => Effect::Exit(leave.call_id),
        C::End(end) => Effect::Exit(end.call_id),
        _ => Effect::None,
    }
}

/// Commands of one lane never overtake each other, whatever the server answers.
fn lane_of(name: &str, data: &RawValue) -> Arc<str> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct About<'a> {
        #[serde(borrow)]
        room_id: Option<&'a str>,
        #[serde(borrow)]
        channel: Option<&'a str>,
        #[serde(borrow)]
        message_id: Option<&'a str>,
        #[serde(borrow)]
        report_id: Option<&'a str>,
        #[serde(borrow)]
        target: Option<&'a RawValue>,
    }
    let about: Option<About<'_>> = serde_json::from_str(data.get()).ok();
    let subject = about.and_then(|a| {
        let target = a.target.map(RawValue::get);
        a.room_id
            .or(a.channel)
            .or(a.message_id)
            .or(a.report_id)
            .or(target)
    });
    let domain = name.split(':').next().unwrap_or(name);
    subject.unwrap_or(domain).into()
}
