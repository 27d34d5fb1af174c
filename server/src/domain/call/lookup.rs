//! Reading calls.

use crate::{
    core::Caller,
    error::{Error, Result},
    keys::RoomKey,
    store::Rows,
};
use carewire_protocol::{
    CallId, ErrorReply, RoomId, VisitId,
    call::{Call, History, HistoryReply},
    limits::{MAX_PAYLOAD_BYTES, check_page},
};

/// What a page may take of a frame: the rest is for the envelope.
const MAX_PAGE_BYTES: usize = MAX_PAYLOAD_BYTES - 1024;

/// `call:history`. A page ends early where it would not fit into a frame.
pub async fn history(caller: &Caller, command: History) -> Result<HistoryReply> {
    let limit = check_page(command.limit)?;
    let before = command.cursor.as_deref().map(CallId::new).transpose();
    let before = before.map_err(|_| {
        let message = "cursor is not one of this list";
        Error::Refused(ErrorReply::invalid("cursor", message))
    })?;
    let mut rows = caller.core.store.read().await?;
    let user = caller.identity.key();
    let mut calls = rows.calls(&user, before.as_ref(), limit + 1).await?;
    rows.close().await?;
    let (mut bytes, mut fitting) = (0, 0);
    for call in calls.iter().take(limit as usize) {
        bytes += serde_json::to_string(call)?.len() + 1;
        if bytes > MAX_PAGE_BYTES && fitting > 0 {
            break;
        }
        fitting += 1;
    }
    let more = calls.len() > fitting;
    calls.truncate(fitting);
    let last = calls.last().filter(|_| more);
    Ok(HistoryReply {
        cursor: last.map(|call| call.call_id.to_string()),
        calls,
    })
}

/// The call that is going on in a room.
pub async fn shown(rows: &mut dyn Rows, key: &RoomKey) -> Result<Option<Call>> {
    let call = match &key.room {
        RoomId::Call(id) => match rows.call(&key.tenant, id).await? {
            Some(call) => Some(call),
            None => {
                let visit = VisitId::new(id.as_str())?;
                rows.visit_call(&key.tenant, &visit).await?
            }
        },
        RoomId::Visit(visit) => rows.visit_call(&key.tenant, visit).await?,
        _ => None,
    };
    Ok(call.filter(|call| !call.state.is_over()))
}
