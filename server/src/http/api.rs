//! The backend API: who is who, and messages from elsewhere. Section 8 of the contract.

use super::{BackendCall, Refusal, json};
use crate::{
    domain::{backend, directory, message, notification, record},
    keys::{RoomKey, UserKey},
    store::RecordKey,
};
use axum::{extract::Path, http::StatusCode, response::Response};
use carewire_protocol::{
    ErrorCode, ErrorReply, MessageId, ReportId, RoomId, TemplateId, TenantId, ThreadId, UserId,
    VisitId,
    backend::{
        MessageStatusUpdate, PostMessage, PostNotification, PublishRequest, PutReport, PutTemplate,
        PutThread, PutUser, PutVisit, Recheck,
    },
    session::Empty,
};
use std::str::FromStr;

type Answer = Result<Response, Refusal>;

/// A part of the path as an id. What is no id names nothing.
pub(super) fn id<T: FromStr>(name: &str, text: &str) -> Result<T, Refusal> {
    text.parse()
        .map_err(|_| ErrorReply::invalid(name, format!("{name} is not an id")).into())
}

pub(super) async fn post_message(call: BackendCall) -> Answer {
    let reply = match PostMessage::decode(call.text()?)? {
        PostMessage::Inbound(body) => message::post_inbound(&call.caller, body).await?,
        PostMessage::Room(body) => message::post_to_room(&call.caller, body).await?,
    };
    Ok(json(&reply))
}

pub(super) async fn post_status(Path(message): Path<String>, call: BackendCall) -> Answer {
    let message: MessageId = message
        .parse()
        .map_err(|_| Refusal::from(ErrorReply::message_not_found()))?;
    let body: MessageStatusUpdate = call.body()?;
    body.check()?;
    message::post_status(&call.caller, message, body).await?;
    Ok(json(&Empty {}))
}

pub(super) async fn put_care(path: Path<(String, String)>, call: BackendCall) -> Answer {
    set_care(path, &call, true).await
}

pub(super) async fn delete_care(path: Path<(String, String)>, call: BackendCall) -> Answer {
    set_care(path, &call, false).await
}

async fn set_care(
    Path((provider, patient)): Path<(String, String)>,
    call: &BackendCall,
    cares: bool,
) -> Answer {
    let tenant = tenant(call);
    let provider = UserKey::new(tenant, &id("providerId", &provider)?);
    let patient = UserKey::new(tenant, &id("patientId", &patient)?);
    directory::set_care(call.core(), provider, patient, cares).await?;
    Ok(json(&Empty {}))
}

pub(super) async fn put_visit(Path(visit): Path<String>, call: BackendCall) -> Answer {
    let visit: VisitId = id("visitId", &visit)?;
    let body: PutVisit = call.body()?;
    body.check()?;
    let room = RoomKey::new(tenant(&call), RoomId::Visit(visit));
    directory::put_visit(call.core(), room, body).await?;
    Ok(json(&Empty {}))
}

pub(super) async fn put_thread(Path(thread): Path<String>, call: BackendCall) -> Answer {
    let thread: ThreadId = id("threadId", &thread)?;
    let body: PutThread = call.body()?;
    body.check()?;
    let room = RoomKey::new(tenant(&call), RoomId::Thread(thread));
    directory::put_thread(call.core(), room, body).await?;
    Ok(json(&Empty {}))
}

pub(super) async fn put_report(Path(report): Path<String>, call: BackendCall) -> Answer {
    let report: ReportId = id("reportId", &report)?;
    let body: PutReport = call.body()?;
    directory::put_report(call.core(), tenant(&call), report, body).await?;
    Ok(json(&Empty {}))
}

pub(super) async fn put_template(Path(template): Path<String>, call: BackendCall) -> Answer {
    let template: TemplateId = id("templateId", &template)?;
    let body: PutTemplate = call.body()?;
    directory::put_template(call.core(), tenant(&call), template, body).await?;
    Ok(json(&Empty {}))
}

pub(super) async fn post_notification(call: BackendCall) -> Answer {
    let body: PostNotification = call.body()?;
    body.check()?;
    Ok(json(&notification::post(&call.caller, body).await?))
}

/// One event, or an array of them and an array of replies.
pub(super) async fn publish(call: BackendCall) -> Answer {
    let text = call.text()?;
    let is_array = text.trim_start().starts_with('[');
    let requests = PublishRequest::decode_body(text)?;
    let replies = backend::publish_all(&call.caller, requests).await?;
    Ok(match replies.as_slice() {
        [reply] if !is_array => json(reply),
        replies => json(&replies),
    })
}

pub(super) async fn put_user(Path(user): Path<String>, call: BackendCall) -> Answer {
    let user: UserId = id("userId", &user)?;
    let body: PutUser = call.body()?;
    body.check()?;
    directory::put_user(call.core(), UserKey::new(tenant(&call), &user), body).await?;
    Ok(json(&Empty {}))
}

fn record(call: &BackendCall, patient: &str, record: &str) -> Result<RecordKey, Refusal> {
    Ok(RecordKey {
        tenant: tenant(call).clone(),
        patient: id("patientId", patient)?,
        record: id("recordId", record)?,
    })
}

pub(super) async fn lock(
    Path((patient, name)): Path<(String, String)>,
    call: BackendCall,
) -> Answer {
    let key = record(&call, &patient, &name)?;
    let held = record::held(call.core(), &key).await?;
    Ok(json(&held.ok_or_else(not_locked)?))
}

pub(super) async fn delete_lock(
    Path((patient, name)): Path<(String, String)>,
    call: BackendCall,
) -> Answer {
    let key = record(&call, &patient, &name)?;
    if record::revoke(call.core(), key).await? {
        Ok(json(&Empty {}))
    } else {
        Err(not_locked())
    }
}

/// Nobody holds a lease there.
fn not_locked() -> Refusal {
    let error = ErrorReply::new(ErrorCode::InvalidInput, "The record is not locked");
    Refusal(StatusCode::NOT_FOUND, error)
}

/// Has memberships decided anew at once.
pub(super) async fn recheck(call: BackendCall) -> Answer {
    let body: Recheck = call.body()?;
    directory::recheck(call.core(), tenant(&call), body).await?;
    Ok(json(&Empty {}))
}

fn tenant(call: &BackendCall) -> &TenantId {
    &call.caller.identity.tenant
}
