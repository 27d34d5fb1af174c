//! Rows as they are stored: of each the newest, and of a template so many.

use crate::{
    error::{Error, Result},
    keys::RoomKey,
    store::{LiveRow, LiveState, Tx},
};
use carewire_protocol::{
    ErrorReply, PrivateJson, RoomId, TemplateId, TenantId, limits::check_list, report::UpdateEvent,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// What a template keeps: a subscriber is shown the newest thousand that pass its filter.
const MAX_ROWS: u64 = 10_000;
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// The longest id of a row, as JSON: that of any other id, and its quotes.
const MAX_ID: usize = 130;

/// The rules for rows that are published to a room.
pub fn check(update: &UpdateEvent, room: &RoomId) -> Result<()> {
    let RoomId::Template(template) = room else {
        return Ok(());
    };
    let invalid =
        |field: &str, message: &str| Err(Error::Refused(ErrorReply::invalid(field, message)));
    if update.template_id != *template {
        let message = "templateId must be that of the room";
        return invalid("event.data.templateId", message);
    }
    check_list("event.data.rows", update.rows.len())?;
    if update
        .rows
        .iter()
        .any(|row| id_of(row).is_some_and(|id| id.len() > MAX_ID))
    {
        return invalid("event.data.rows", "the id of a row is longer than 128");
    }
    Ok(())
}

/// The `id` of a row, as JSON: a text or a number. A row without one is the newest of itself.
fn id_of(row: &PrivateJson) -> Option<String> {
    #[derive(Deserialize)]
    struct Identified<'a> {
        #[serde(borrow)]
        id: &'a RawValue,
    }
    let row: Identified<'_> = serde_json::from_str(row.get()).ok()?;
    // Two spellings of one text are one id.
    match serde_json::from_str(row.id.get()).ok()? {
        serde_json::Value::String(text) => serde_json::to_string(&text).ok(),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Stores rows and lets subscribers hear of them.
pub async fn keep(tx: &mut Tx, room: &RoomKey, update: &UpdateEvent) -> Result<()> {
    let (tenant, template) = (&room.tenant, &update.template_id);
    let mut state = tx.rows().live_state(tenant, template).await?;
    let rows = numbered(&update.rows, &mut state);
    if rows.is_empty() {
        return Ok(());
    }
    tx.rows().put_live_rows(tenant, template, &rows).await?;
    if state.rows > MAX_ROWS || state.bytes > MAX_BYTES {
        trim(tx, tenant, template, &mut state).await?;
    }
    tx.rows().put_live_state(tenant, template, &state).await?;
    tx.tell_rows(room, rows);
    Ok(())
}

/// The newest row of each id, in their order, under the next numbers.
fn numbered(rows: &[PrivateJson], state: &mut LiveState) -> Vec<LiveRow> {
    let mut seen = BTreeSet::new();
    let mut newest: Vec<(Option<String>, &PrivateJson)> = rows
        .iter()
        .rev()
        .map(|row| (id_of(row), row))
        .filter(|(id, _)| id.as_ref().is_none_or(|id| seen.insert(id.clone())))
        .collect();
    newest.reverse();
    let numbered = newest.into_iter().map(|(id, data)| {
        state.number += 1;
        state.rows += 1;
        state.bytes += data.get().len() as u64;
        let number = state.number;
        // No JSON begins with this sign.
        let id = id.unwrap_or_else(|| format!("#{number}"));
        let data = data.clone();
        LiveRow { number, id, data }
    });
    numbered.collect()
}

/// Counts anew, and forgets the oldest rows where there are too many: a tenth more than needed, so
/// that not every row makes somebody count.
async fn trim(
    tx: &mut Tx,
    tenant: &TenantId,
    template: &TemplateId,
    state: &mut LiveState,
) -> Result<()> {
    let sizes = tx.rows().live_sizes(tenant, template).await?;
    (state.rows, state.bytes) = (0, 0);
    let total: u64 = sizes.iter().map(|(_, bytes)| bytes).sum();
    let is_full = sizes.len() as u64 > MAX_ROWS || total > MAX_BYTES;
    for (number, bytes) in sizes {
        let is_kept = state.rows < MAX_ROWS / 10 * 9 && state.bytes + bytes <= MAX_BYTES / 10 * 9;
        if is_full && !is_kept {
            return tx.rows().delete_live_rows(tenant, template, number).await;
        }
        state.rows += 1;
        state.bytes += bytes;
    }
    Ok(())
}
