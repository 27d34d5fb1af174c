//! Reports in the making: what their readers ask of whoever makes them, and where they stand.

use crate::{
    core::{Caller, require},
    error::{Error, Result},
    keys::RoomKey,
    policy::Action,
    store::Rows,
};
use carewire_protocol::{
    Command, EventType, ReportId, RoomId, TenantId,
    report::{Cancel, CancelRequestedEvent, Refresh, RefreshRequestedEvent, ReportSnapshot},
    session::Empty,
};

/// `report:cancel`.
pub async fn cancel(caller: &Caller, command: Cancel) -> Result<Empty> {
    let event = CancelRequestedEvent {
        report_id: command.report_id.clone(),
        user_id: caller.identity.user.clone(),
    };
    request(caller, Cancel::NAME, command.report_id, event).await
}

/// `report:refresh`.
pub async fn refresh(caller: &Caller, command: Refresh) -> Result<Empty> {
    let event = RefreshRequestedEvent {
        report_id: command.report_id.clone(),
        user_id: caller.identity.user.clone(),
    };
    request(caller, Refresh::NAME, command.report_id, event).await
}

/// Tells backends what a reader of a report wants, once for its key.
async fn request<E: EventType + Send + Sync + 'static>(
    caller: &Caller,
    name: &'static str,
    report: ReportId,
    event: E,
) -> Result<Empty> {
    let key = caller.room(&RoomId::Report(report));
    let decided = caller
        .preauthorise(Action::Join, &key.room)
        .await
        .map_err(Error::plain)?;
    let options = caller.core.config.policy.clone();
    let identity = caller.identity.clone();
    let origin = caller.origin().cloned();
    let command_key = caller.key.clone();
    caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                let user = identity.key();
                let known = tx.replayed(&user, command_key.as_ref(), name).await?;
                if known.is_some() {
                    return Ok(Empty {});
                }
                if !decided {
                    require(tx.rows(), &identity, Action::Join, &key, &options)
                        .await
                        .map_err(Error::plain)?;
                }
                let backend = RoomId::Backend(user.tenant.clone());
                let backend = RoomKey::new(&user.tenant, backend);
                tx.append(&backend, origin.as_ref(), &event).await?;
                tx.remember(&user, command_key.as_ref(), name, "{}".to_owned())
                    .await?;
                Ok(Empty {})
            })
        })
        .await
}

/// The last event that told of a report.
pub async fn last_event(
    rows: &mut dyn Rows,
    tenant: &TenantId,
    report: &ReportId,
) -> Result<Option<ReportSnapshot>> {
    let Some(event) = rows.report_state(tenant, report).await? else {
        return Ok(None);
    };
    let text = serde_json::json!({"type": event.name, "data": event.data}).to_string();
    Ok(Some(serde_json::from_str(&text)?))
}
