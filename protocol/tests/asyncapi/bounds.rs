//! What the types of the contract cannot express and their `check` enforces, as data. A test
//! holds it to those checks, in both directions.

use carewire_protocol::{backend::PUBLISHABLE, limits, schema::Object};
use serde_json::{Value, json};

/// What may stand in a field, beyond its type.
pub enum Bound {
    /// A text of at most so many bytes.
    Bytes(usize),
    /// Such a text in which there is more than white space.
    Filled(usize),
    /// Such a text that is not empty.
    Named(usize),
    /// A list of so many entries.
    Entries(usize, usize),
    /// An object of at most so many fields, together of at most so many bytes of JSON.
    Fields(usize, usize),
    /// A number from one to the other.
    From(u64, u64),
    /// JSON of at most so many bytes.
    Json(usize),
    /// These words and no others.
    Only(&'static [&'static str]),
    /// A word of this version.
    Known,
    /// Any word but this.
    Not(&'static str),
    /// A link that cannot run code.
    Link,
    /// The name of a channel.
    Channel,
}

use Bound::{Bytes, Channel, Entries, Fields, Filled, From, Json, Known, Link, Named, Not, Only};

const LABEL: usize = limits::MAX_LABEL_BYTES;
const BODY: usize = limits::MAX_BODY_BYTES;
const KEPT: usize = limits::MAX_RETAINED_BYTES;
const PASSING: usize = limits::MAX_EPHEMERAL_BYTES;
const LIST: usize = limits::MAX_LIST;
const ATTACHMENTS: usize = limits::MAX_ATTACHMENTS;
const PAGE: u64 = limits::MAX_PAGE as u64;

/// The bound of a field, where it has one.
#[allow(clippy::match_same_arms, reason = "in the order of the contract")]
pub fn of_field(object: &Object, field: &str) -> Option<Bound> {
    let module = object.module.rsplit("::").next().unwrap_or_default();
    Some(match (module, object.name, field) {
        ("message", "Send", "body") | ("bodies", "InboundMessage" | "RoomMessage", "body") => {
            Bytes(BODY)
        }
        ("message", "Send", "attachments")
        | ("bodies", "InboundMessage" | "RoomMessage", "attachments") => Entries(0, ATTACHMENTS),
        ("message", "Edit", "body") => Filled(BODY),
        ("message", "React" | "Unreact", "emoji") => Filled(limits::MAX_EMOJI_BYTES),
        ("message", "Attachment", "name" | "mimeType") => Bytes(LABEL),
        ("message", "Attachment", "url") => Link,
        ("message" | "conversation" | "bodies", _, "metadata") if is_sent(object) => Json(KEPT),
        ("message" | "conversation" | "call" | "notification", "History" | "List", "limit") => {
            From(1, PAGE)
        }
        ("conversation", "CreateThread", "title") | ("bodies", "PutThread", "title") => {
            Bytes(LABEL)
        }
        ("conversation", _, "memberIds") if is_sent(object) => Entries(1, LIST),
        ("session", "Resume", "rooms" | "presence")
        | ("presence", "Get" | "Subscribe" | "Unsubscribe", "userIds")
        | ("bodies", "PutVisit", "participantIds")
        | ("bodies", "PutThread", "memberIds")
        | ("bodies", "UserRooms", "join" | "leave") => Entries(0, LIST),
        ("presence", "SetStatus", "status") => Only(&["online", "away", "busy"]),
        ("presence", "SetStatus", "customStatus") | ("bodies", "PutUser", "name") => Bytes(LABEL),
        ("room" | "channel", "Publish", "event") => Named(LABEL),
        ("room" | "channel", "Publish", "payload") => Json(KEPT),
        ("channel", _, "channel") => Channel,
        ("call", "Initiate", "recipientIds")
        | ("notification", "Subscribe" | "Unsubscribe", "topics")
        | ("whiteboard", "Update", "ops") => Entries(1, LIST),
        ("call", "Initiate", "callType")
        | ("call", "Signal", "signalType")
        | ("bodies", "PostNotification", "priority")
        | ("bodies", "PutUser", "role") => Known,
        ("call", "Reject", "reason") => Bytes(LABEL),
        ("call", "Signal", "signal") => Json(PASSING),
        ("call", "Quality", "packetLossPct") | ("report", "StatusEvent", "progress") => {
            From(0, 100)
        }
        ("call", "Quality", "bitrateKbps") => From(0, u64::MAX),
        ("record", "Lock", "ttlMs") => {
            From(millis(limits::MIN_LEASE_TTL), millis(limits::MAX_LEASE_TTL))
        }
        ("report", "SetInterval", "intervalMs") => {
            From(millis(limits::MIN_STREAM_INTERVAL), limits::MAX_INTEGER)
        }
        ("report", "ApplyFilter", "filter") => Fields(LIST, PASSING),
        ("access", "BreakGlass", "reason")
        | ("bodies", "ExternalSender", "id")
        | ("bodies", "PostNotification", "title") => Filled(LABEL),
        ("bodies", "ExternalSender", "name") | ("bodies", "InboundMessage", "externalId") => {
            Bytes(LABEL)
        }
        ("bodies", "InboundMessage", "platform") => Not("internal"),
        ("bodies", "MessageStatusUpdate", "status") => Only(&["delivered", "read", "failed"]),
        ("bodies", "PostNotification", "message") => Bytes(BODY),
        ("bodies", "PostNotification", "data") => Json(KEPT),
        ("backend", "PublishedEvent", "type") => Only(PUBLISHABLE),
        _ => return None,
    })
}

/// Whether an object of these domains is written by clients, who are held to bounds.
fn is_sent(object: &Object) -> bool {
    let sent = ["Send", "CreateThread", "AddMembers", "RemoveMembers"];
    sent.contains(&object.name) || object.module.ends_with("::bodies")
}

/// What several fields of an object say together.
pub fn of_object(object: &Object) -> Option<Value> {
    let one_of = |a: &str, b: &str| json!({"oneOf": [{"required": [a]}, {"required": [b]}]});
    let module = object.module.rsplit("::").next().unwrap_or_default();
    Some(match (module, object.name) {
        ("message", "Send") | ("bodies", "InboundMessage" | "RoomMessage") => json!({"anyOf": [
            {"required": ["body"], "properties": {"body": {"pattern": FILLED}}},
            {"required": ["attachments"], "properties": {"attachments": {"minItems": 1}}},
        ]}),
        ("call", "Join") => one_of("callId", "visitId"),
        ("bodies", "PostNotification") => one_of("userId", "topic"),
        _ => return None,
    })
}

/// More than white space.
pub const FILLED: &str = r"\S";
/// http, https or relative, and nothing that browsers skip.
const LINK: &str = r"^(?:\s*[Hh][Tt][Tt][Pp][Ss]?\s*:[^\u0000-\u001F\u007F-\u009F]*|[^:/?#\u0000-\u001F\u007F-\u009F]*(?:[/?#][^\u0000-\u001F\u007F-\u009F]*)?)$";

impl Bound {
    /// What it adds to the schema of its field. Lengths are of bytes of UTF-8, which JSON Schema
    /// cannot count: `maxLength`, of characters, refuses only what is too long in any case.
    pub fn keywords(&self) -> Value {
        match self {
            Bytes(most) => json!({"maxLength": most, "x-max-bytes": most}),
            Filled(most) => json!({"pattern": FILLED, "maxLength": most, "x-max-bytes": most}),
            Named(most) => json!({"minLength": 1, "maxLength": most, "x-max-bytes": most}),
            Entries(least, most) => json!({"minItems": least, "maxItems": most}),
            Fields(most, bytes) => json!({"maxProperties": most, "x-max-bytes": bytes}),
            From(least, u64::MAX) => json!({"minimum": least}),
            From(least, most) => json!({"minimum": least, "maximum": most}),
            Json(most) => json!({"x-max-bytes": most}),
            Only(words) => json!({"enum": words}),
            Not(word) => json!({"not": {"const": word}}),
            Link => {
                let most = limits::MAX_URL_BYTES;
                json!({"pattern": LINK, "minLength": 1, "maxLength": most, "x-max-bytes": most})
            }
            Known | Channel => json!({}),
        }
    }
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
