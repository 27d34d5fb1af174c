//! What a command changes in the session itself, read from its text: only the commands that change
//! something are read at all, and of these only what the session needs.

use super::leases::Part;
use carewire_protocol::{
    CallId, Class, Command as _, Epoch, RoomId, TemplateId, UserId, call, channel, message,
    presence, record,
    report::{self, ApplyFilter, SetInterval},
    room,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

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

/// The effect of a command, and its class where its fields decide that. One whose payload is not of
/// its type has none: the server refuses it.
pub(super) fn judge(name: &str, class: Class, data: &RawValue) -> (Class, Effect) {
    if name == room::Publish::NAME {
        // Only what is kept may wait: an ephemeral event is about this moment.
        let kept = read::<Kept>(data).is_some_and(|publish| publish.retain == Some(true));
        return (if kept { class } else { Class::Live }, Effect::None);
    }
    (class, effect(name, data).unwrap_or(Effect::None))
}

fn effect(name: &str, data: &RawValue) -> Option<Effect> {
    Some(match name {
        room::Join::NAME => {
            let join: room::Join = read(data)?;
            Effect::Join {
                room: join.room_id,
                given: join.epoch.zip(join.offset),
                snapshot: join.snapshot == Some(true),
                channel: false,
            }
        }
        channel::Subscribe::NAME => {
            let subscribe: channel::Subscribe = read(data)?;
            Effect::Join {
                room: subscribe.channel,
                given: subscribe.epoch.zip(subscribe.offset),
                snapshot: false,
                channel: true,
            }
        }
        room::Leave::NAME => Effect::Leave {
            room: read::<room::Leave>(data)?.room_id,
        },
        channel::Unsubscribe::NAME => Effect::Leave {
            room: read::<channel::Unsubscribe>(data)?.channel,
        },
        presence::Subscribe::NAME => Effect::Follow(read::<presence::Subscribe>(data)?.user_ids),
        presence::Unsubscribe::NAME => {
            Effect::Unfollow(read::<presence::Unsubscribe>(data)?.user_ids)
        }
        message::Send::NAME => Effect::Sends(read::<room::Leave>(data)?.room_id),
        record::View::NAME => Effect::View(read::<record::View>(data)?.patient_id),
        record::Unview::NAME => Effect::Unview(read::<record::View>(data)?.patient_id),
        record::Lock::NAME => {
            let lock: record::Lock = read(data)?;
            Effect::Lock((lock.patient_id, lock.record_id))
        }
        record::Unlock::NAME => {
            let unlock: record::Unlock = read(data)?;
            Effect::Unlock((unlock.patient_id, unlock.record_id), unlock.fencing_token)
        }
        report::SubscribeTemplate::NAME => {
            Effect::Rows(read::<report::SubscribeTemplate>(data)?.template_id)
        }
        SetInterval::NAME => Effect::Pace(read(data)?),
        ApplyFilter::NAME => Effect::Sift(read(data)?),
        call::Initiate::NAME | call::Join::NAME => Effect::Enter(None),
        call::Accept::NAME => Effect::Enter(Some(read::<call::Accept>(data)?.call_id)),
        call::Leave::NAME | call::End::NAME => Effect::Exit(read::<call::Accept>(data)?.call_id),
        _ => return None,
    })
}

#[derive(Deserialize)]
struct Kept {
    retain: Option<bool>,
}

fn read<T: DeserializeOwned>(data: &RawValue) -> Option<T> {
    serde_json::from_str(data.get()).ok()
}
