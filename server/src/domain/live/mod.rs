//! Live data: rows of report templates, kept as they are newest, and told to each subscriber at
//! its own pace and by its own filter.

mod keep;
mod tell;

pub use keep::{check, keep};
pub use tell::{begin, due, forget, offer};

use super::room;
use crate::{
    core::Caller,
    error::{Error, Result},
    hub::stream::{Filter, Stream},
};
use carewire_protocol::{
    ErrorReply, RoomId, TemplateId,
    report::{ApplyFilter, SetInterval, SubscribeTemplate},
    room::Join,
    session::Empty,
};
use std::{collections::BTreeMap, time::Duration};

/// `report:subscribeTemplate`.
pub async fn subscribe(caller: &Caller, command: SubscribeTemplate) -> Result<Empty> {
    let room = RoomId::Template(command.template_id);
    room::join(caller, Join::fresh(room)).await?;
    Ok(Empty {})
}

/// `stream:setInterval`.
pub fn set_interval(caller: &Caller, command: &SetInterval) -> Result<Empty> {
    let interval = Duration::from(command.interval_ms);
    change(caller, &command.template_id, |stream| {
        stream.set_interval(interval);
    })
}

/// `stream:applyFilter`. What passes follows in `stream:initial`.
pub fn apply_filter(caller: &Caller, command: ApplyFilter) -> Result<Empty> {
    let mut fields = BTreeMap::new();
    for (field, value) in command.filter {
        fields.insert(field, value.to()?);
    }
    change(caller, &command.template_id, |stream| {
        stream.set_filter(Filter::new(fields));
    })
}

fn change(
    caller: &Caller,
    template: &TemplateId,
    change: impl FnOnce(&mut Stream),
) -> Result<Empty> {
    let key = caller.room(&RoomId::Template(template.clone()));
    let number = caller.connection()?.number;
    if !tell::change(&caller.core, &key, number, change) {
        return Err(Error::Refused(ErrorReply::not_joined()));
    }
    Ok(Empty {})
}
