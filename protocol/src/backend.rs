//! What backends send and hear; section 8 of the contract.
//!
//! The event half and `event:publish` are here. The bodies of the HTTP API are in [`bodies`]
//! (what a backend sends) and [`inspect`] (what it asks), and are all exported from this module;
//! [`http`] ties them to the calls.

use crate::{
    ClientId, ConnectionId, ErrorCode, ErrorReply, EventData, EventType, PrivateJson, Retention,
    Role, RoomId, TenantId, UserId, catalog, channel,
    conversation::Conversation,
    frame, limits,
    message::Message,
    notification::Priority,
    report,
    room::{self, PublishReply},
    schedule,
    schema::{Described, Tagging, Type, Union},
    system, vitals,
};

pub mod bodies;
pub mod http;
pub mod inspect;

pub use bodies::*;
pub use inspect::*;

domain! {
    "Backends"
    commands {
        "event:publish" => PublishRequest -> PublishReply, Keyed checked;
    }
    events {
        "message:outbound" => Outbound(OutboundEvent), Retained;
        "push:wanted" => PushWanted(PushWantedEvent), Retained;
    }
}

/// Whom an event is for: `{"user": …}`, `{"room": …}` and so on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(any(test, feature = "proptest"), derive(proptest_derive::Arbitrary))]
#[serde(rename_all = "camelCase")]
pub enum Target {
    /// The room `user:{userId}`.
    User(UserId),
    /// A room.
    Room(RoomId),
    /// The room `tenant:{tenantId}`.
    Tenant(TenantId),
    /// The room `staff:{tenantId}`.
    Staff(TenantId),
    /// Whoever of this role is connected now.
    Role(Role),
    /// One connection.
    Connection(ConnectionId),
}

impl Described for Target {
    const TYPE: Type = Type::Union(&Union {
        module: module_path!(),
        name: "Target",
        docs: &["Whom an event is for."],
        tagging: Tagging::Key,
        variants: &[
            ("user", &UserId::TYPE),
            ("room", &RoomId::TYPE),
            ("tenant", &TenantId::TYPE),
            ("staff", &TenantId::TYPE),
            ("role", &Role::TYPE),
            ("connection", &ConnectionId::TYPE),
        ],
    });

    #[cfg(any(test, feature = "proptest"))]
    fn any() -> proptest::strategy::BoxedStrategy<Self> {
        proptest::strategy::Strategy::boxed(proptest::arbitrary::any::<Self>())
    }
}

open_enum! {
    /// What a push notification would be about.
    pub enum PushKind {
        /// A message.
        Message = "message",
        /// A notification.
        Notification = "notification",
        /// A call.
        Call = "call",
    }
}

wire! {
    /// Publishes an event; also the body of `POST /v1/publish`.
    pub struct PublishRequest {
        /// For whom.
        pub target: Target,
        /// What happened.
        pub event: PublishedEvent,
        /// The device that caused it.
        pub origin: Option<ClientId>,
        /// Whether a `room:event` is kept and replayed. Other events decide that by their type.
        pub retain: Option<bool>,
    }

    /// An event to publish: one of [`PUBLISHABLE`] with its data.
    pub struct PublishedEvent {
        /// The event's name on the wire.
        #[serde(rename = "type")]
        pub name: String,
        /// Its data. A `room:event` may leave out `senderId`, which is then the backend.
        #[serde(default)]
        pub data: PrivateJson,
    }

    /// Somebody wrote in a conversation of another platform: deliver it there.
    pub struct OutboundEvent {
        /// The message.
        pub message: Message,
        /// Its conversation.
        pub conversation: Conversation,
    }

    /// Something happened for people who have no connection. No content travels here.
    pub struct PushWantedEvent {
        /// Who.
        pub user_ids: Vec<UserId>,
        /// What it is about.
        pub kind: PushKind,
        /// The id of the message, notification or call.
        pub id: String,
        /// How much it matters.
        pub priority: Priority,
    }
}

macro_rules! publishable {
    ($($domain:ident::$event:ident),+ $(,)?) => {
        /// The events that a backend may publish. The store derives all others.
        pub const PUBLISHABLE: &[&str] =
            &[<room::CustomEvent as EventType>::NAME, $(<$domain::$event as EventType>::NAME),+];

        fn decode_publishable(name: &str, data: &PrivateJson) -> Option<Result<EventData, ErrorReply>> {
            $(if name == <$domain::$event as EventType>::NAME {
                let event = frame::decode_data::<$domain::$event>(data);
                return Some(event.map(|event| $domain::Event::from(event).into()));
            })+
            None
        }
    };
}

publishable! {
    schedule::CreatedEvent, schedule::UpdatedEvent, schedule::CancelledEvent,
    schedule::CheckedInEvent, report::StatusEvent, report::CompletedEvent, report::FailedEvent,
    report::UpdateEvent, vitals::UpdateEvent, system::CriticalEvent, system::AlertEvent,
    system::MaintenanceEvent, channel::PublishedEvent,
}

/// A `room:event` as a backend may send it.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct CustomDraft {
    event: String,
    payload: PrivateJson,
    sender_id: Option<UserId>,
}

impl PublishRequest {
    /// Reads the body of `POST /v1/publish`: one request or an array of them, each checked.
    pub fn decode_body(text: &str) -> Result<Vec<Self>, ErrorReply> {
        let requests = if text.trim_start().starts_with('[') {
            frame::decode_body::<Vec<Self>>(text)?
        } else {
            vec![frame::decode_body::<Self>(text)?]
        };
        limits::check_list("body", requests.len())?;
        for request in &requests {
            request.check()?;
        }
        Ok(requests)
    }

    /// The event to deliver. `sender` is the backend, for a `room:event` that names nobody.
    pub fn event_data(&self, sender: &UserId) -> Result<EventData, ErrorReply> {
        let within = |error: ErrorReply| ErrorReply {
            field: error.field.map(|field| match field.as_str() {
                "data" => "event.data".to_owned(),
                field => format!("event.data.{field}"),
            }),
            ..error
        };
        let (name, data) = (self.event.name.as_str(), &self.event.data);
        if name == room::CustomEvent::NAME {
            let draft = frame::decode_data::<CustomDraft>(data).map_err(within)?;
            limits::check_event_name("event", &draft.event).map_err(within)?;
            let event = room::CustomEvent {
                event: draft.event,
                payload: draft.payload,
                sender_id: draft.sender_id.unwrap_or_else(|| sender.clone()),
            };
            return Ok(room::Event::from(event).into());
        }
        let Some(event) = decode_publishable(name, data) else {
            return Err(ErrorReply::invalid(
                "event.type",
                "event.type is no event to publish",
            ));
        };
        let event = event.map_err(within)?;
        check_event(&event).map_err(within)?;
        Ok(event)
    }

    /// The rules that the types cannot express.
    pub fn check(&self) -> Result<(), ErrorReply> {
        if let Target::Role(role) = &self.target {
            role.check("target")?;
        }
        let nobody = UserId::new("-").map_err(|_| ErrorReply::internal())?;
        let event = self.event_data(&nobody)?;
        let retained = self.retain == Some(true)
            || catalog::events()
                .any(|row| row.name == event.name() && row.retention == Retention::Retained);
        let most = if retained {
            limits::MAX_RETAINED_BYTES
        } else {
            limits::MAX_EPHEMERAL_BYTES
        };
        limits::check_json("event.data", &self.event.data, most)?;
        self.check_target(&event)
    }

    /// Events about a patient have rooms of their own: a target beyond these would leak them.
    fn check_target(&self, event: &EventData) -> Result<(), ErrorReply> {
        let Some(patient) = patient_of(event) else {
            return Ok(());
        };
        match &self.target {
            Target::Tenant(_)
            | Target::Staff(_)
            | Target::Room(RoomId::Tenant(_) | RoomId::Staff(_)) => Ok(()),
            Target::Room(RoomId::Patient(id)) if id == patient => Ok(()),
            _ => {
                let message = "target must be tenant, staff or the patient's room";
                Err(ErrorReply::invalid("target", message))
            }
        }
    }
}

/// The patient whose rooms an event goes to, whatever its target.
pub fn patient_of(event: &EventData) -> Option<&UserId> {
    match event {
        EventData::Schedule(
            schedule::Event::Created(schedule::CreatedEvent { appointment })
            | schedule::Event::Updated(schedule::UpdatedEvent { appointment })
            | schedule::Event::Cancelled(schedule::CancelledEvent { appointment })
            | schedule::Event::CheckedIn(schedule::CheckedInEvent { appointment }),
        ) => Some(&appointment.patient_id),
        EventData::Vitals(vitals::Event::Update(update)) => Some(&update.patient_id),
        EventData::System(system::Event::Critical(alert)) => alert.patient_id.as_ref(),
        _ => None,
    }
}

fn check_event(event: &EventData) -> Result<(), ErrorReply> {
    match event {
        EventData::Report(report::Event::Status(status)) => status.check(),
        EventData::Report(report::Event::Update(update)) => {
            limits::check_list("rows", update.rows.len())
        }
        EventData::Channel(channel::Event::Published(event)) => event.check(),
        EventData::Vitals(vitals::Event::Update(update)) => {
            limits::check_filled_list("readings", update.readings.len())
        }
        EventData::System(system::Event::Maintenance(event)) => {
            limits::check_list("affectedServices", event.affected_services.len())
        }
        _ => Ok(()),
    }
}

/// The HTTP status that goes with an error.
pub const fn http_status(code: &ErrorCode) -> u16 {
    match code {
        ErrorCode::NoToken | ErrorCode::InvalidToken | ErrorCode::TokenExpired => 401,
        ErrorCode::AccessDenied | ErrorCode::NotJoined => 403,
        ErrorCode::RoomNotFound
        | ErrorCode::MessageNotFound
        | ErrorCode::CallNotFound
        | ErrorCode::UnknownType => 404,
        ErrorCode::CallConflict | ErrorCode::RecordLocked | ErrorCode::TooManyRooms => 409,
        ErrorCode::PayloadTooLarge => 413,
        ErrorCode::RateLimited => 429,
        ErrorCode::Unavailable => 503,
        ErrorCode::Internal => 500,
        ErrorCode::Malformed | ErrorCode::InvalidInput | ErrorCode::Other(_) => 400,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publish(target: &str, name: &str, data: &str) -> Result<(), ErrorReply> {
        let body = format!(r#"{{"target":{target},"event":{{"type":"{name}","data":{data}}}}}"#);
        PublishRequest::decode_body(&body).map(drop)
    }

    #[test]
    fn only_some_events_can_be_published() {
        let error = publish(r#"{"user":"ana"}"#, "message:new", "{}").unwrap_err();
        assert_eq!(error.field.as_deref(), Some("event.type"));
        publish(
            r#"{"tenant":"t"}"#,
            "system:alert",
            r#"{"level":"info","message":"x"}"#,
        )
        .unwrap();
        publish(
            r#"{"user":"ana"}"#,
            "room:event",
            r#"{"event":"x","payload":null}"#,
        )
        .unwrap();
    }

    #[test]
    fn the_wrong_field_is_named() {
        let field = |target, name, data| publish(target, name, data).unwrap_err().field.unwrap();
        let report = r#"{"room":"report:r"}"#;
        assert_eq!(
            field(report, "report:failed", r#"{"reportId":"r"}"#),
            "event.data.message"
        );
        let data = r#"{"reportId":"r","status":"running","progress":101}"#;
        assert_eq!(field(report, "report:status", data), "event.data.progress");
        let data = r#"{"reportId":"r","status":"lost","progress":1}"#;
        assert_eq!(field(report, "report:status", data), "event.data.status");
        assert_eq!(field(r#"{"planet":"x"}"#, "system:alert", "{}"), "target");
        assert_eq!(field(r#"{"role":"king"}"#, "system:alert", "{}"), "target");
    }

    #[test]
    fn what_concerns_a_patient_reaches_no_other_room() {
        let data = r#"{"patientId":"ana","readings":[
            {"kind":"spo2","value":97,"unit":"%","measuredAt":"2026-11-21T10:30:00.000Z"}]}"#;
        for good in [
            r#"{"tenant":"t"}"#,
            r#"{"staff":"t"}"#,
            r#"{"room":"patient:ana"}"#,
        ] {
            publish(good, "vitals:update", data).unwrap();
        }
        for bad in [
            r#"{"user":"ana"}"#,
            r#"{"room":"patient:bo"}"#,
            r#"{"role":"provider"}"#,
        ] {
            let error = publish(bad, "vitals:update", data).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("target"), "{bad}");
        }
    }
}
