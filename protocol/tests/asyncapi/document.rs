//! The document: channels, operations and messages over the schemas.

use super::{
    common::{Vector, payloads},
    schemas::{Schemas, pascal, prose, reference},
};
use carewire_protocol::{
    Class, ErrorReply, Key, Retention, SUBPROTOCOL, VERSION,
    backend::http::HTTP_CALLS,
    catalog::{self, CommandRow, EventRow},
    limits,
    schema::{Described, Field, Object},
};
use serde_json::{Map, Value, json};

const INFO: &str = "The Carewire wire contract, as the server sees it: it receives commands and sends \
replies and events. Generated from the Rust types of `carewire-protocol`; `docs/protocol.md` is the \
same for people, with the rules of order, delivery and access that no schema can say. A receiver \
ignores fields it does not know, and keeps words and events of later versions. Lengths are bytes of \
UTF-8 (`x-max-bytes`). What is marked `x-private` is health content: keep it out of logs. `GET /metrics` \
(Prometheus text) and the development page are no JSON and not in here.";

pub struct Document {
    pub schemas: Schemas,
    vectors: Vec<Vector>,
    pub messages: Map<String, Value>,
    pub channels: Map<String, Value>,
    pub operations: Map<String, Value>,
}

pub fn generate() -> Value {
    let mut document = Document {
        schemas: Schemas::of_the_contract(),
        vectors: payloads()
            .into_iter()
            .flat_map(|(_, vectors)| vectors)
            .collect(),
        messages: Map::new(),
        channels: Map::new(),
        operations: Map::new(),
    };
    document.socket();
    for call in HTTP_CALLS {
        document.http(call);
    }
    document.finish()
}

pub fn within(section: &str, name: &str) -> Value {
    json!({"$ref": format!("#/{section}/{name}")})
}

pub fn message_of(channel: &str, name: &str) -> Value {
    within(&format!("channels/{channel}/messages"), name)
}

impl Document {
    fn finish(self) -> Value {
        json!({
            "asyncapi": "3.0.0",
            "info": {
                "title": "Carewire",
                "version": VERSION,
                "description": INFO,
                "license": {"name": "MIT OR Apache-2.0"},
            },
            "defaultContentType": "application/json",
            "servers": {
                "socket": {
                    "host": "127.0.0.1:9003",
                    "protocol": "ws",
                    "description": "WebSockets, text messages of UTF-8. Behind a proxy that ends TLS, `wss`.",
                    "security": [{"$ref": "#/components/securitySchemes/token"}],
                },
                "http": {
                    "host": "127.0.0.1:9003",
                    "protocol": "http",
                    "description": "The API of backends and operators.",
                },
            },
            "channels": self.channels,
            "operations": self.operations,
            "components": {
                "schemas": self.schemas.all,
                "messages": self.messages,
                "securitySchemes": {
                    "token": {
                        "type": "http",
                        "scheme": "bearer",
                        "bearerFormat": "JWT",
                        "description": "A JWT in `Authorization: Bearer`, or, over the socket, in the command `auth:authenticate` as the first message.",
                    },
                },
            },
        })
    }

    pub fn example(
        &self,
        kind: &str,
        name: &str,
        shape: &Object,
        frame: impl Fn(Value) -> Value,
    ) -> Vec<Value> {
        let mut examples = Vec::new();
        for vector in self
            .vectors
            .iter()
            .filter(|v| v.kind == kind && v.name == name)
        {
            // One call takes two bodies: each belongs to the shape whose required fields it has.
            let data: Value = serde_json::from_str(vector.data.get()).unwrap();
            let fits = |field: &Field| field.is_optional() || data.get(field.name()).is_some();
            if examples.is_empty() && shape.fields().iter().all(fits) {
                examples.push(json!({"name": vector.title, "payload": frame(data)}));
            }
        }
        examples
    }

    pub fn message(
        &mut self,
        name: &str,
        wire_name: &str,
        summary: String,
        payload: Value,
        examples: Vec<Value>,
    ) {
        let mut message = Map::from_iter([
            ("name".to_owned(), wire_name.into()),
            ("summary".to_owned(), summary.into()),
            ("payload".to_owned(), payload),
        ]);
        if !examples.is_empty() {
            message.insert("examples".to_owned(), examples.into());
        }
        self.messages.insert(name.to_owned(), message.into());
    }

    fn socket(&mut self) {
        let mut names = Vec::new();
        for row in catalog::commands() {
            names.push(self.command(row));
            names.push(self.reply(row));
        }
        for row in catalog::events() {
            names.push(self.event(row));
        }
        names.extend(self.others());
        let messages: Map<String, Value> = names
            .iter()
            .map(|name| (name.clone(), within("components/messages", name)))
            .collect();
        self.channels.insert(
            "socket".into(),
            json!({
                "address": "/ws",
                "title": "The socket",
                "description": format!("Everything between a client and the server, as text messages of one JSON object each. Subprotocol `{SUBPROTOCOL}`. A message has at most {} bytes and nests at most {} deep.", limits::MAX_PAYLOAD_BYTES, limits::MAX_DEPTH),
                "servers": [{"$ref": "#/servers/socket"}],
                "messages": messages,
                "bindings": {"ws": {
                    "method": "GET",
                    "headers": {"type": "object", "properties": {
                        "Authorization": {"type": "string", "description": "`Bearer` and a JWT."},
                        "X-Carewire-Client": reference("ClientId"),
                    }},
                    "bindingVersion": "0.1.0",
                }},
            }),
        );
    }

    fn command(&mut self, row: &CommandRow) -> String {
        let name = pascal(row.name, "Command");
        let shape = self.schemas.name(row.data_shape).to_owned();
        let mut properties = json!({
            "type": {"const": row.name},
            "id": reference("RequestId"),
            "data": reference(&shape),
        });
        let keyed = row.class.has_key();
        if keyed {
            properties["key"] = reference("Key");
        }
        let needs_data = self.schemas.all[&shape].get("required").is_some();
        let required = if needs_data {
            json!(["type", "data"])
        } else {
            json!(["type"])
        };
        let payload = json!({"type": "object", "properties": properties, "required": required});
        let examples = self.example("command", row.name, row.data_shape, |data| {
            let mut frame = json!({"type": row.name, "id": 7, "data": data});
            if keyed {
                frame["key"] = "k-5f2c".into();
            }
            frame
        });
        self.message(
            &name,
            row.name,
            prose(row.data_shape.docs),
            payload,
            examples,
        );
        let message = &mut self.messages[&name];
        message["correlationId"] = json!({"location": "$message.payload#/id"});
        message["x-class"] = class_name(row).into();
        let on_socket = |name: &str| message_of("socket", name);
        self.operations.insert(
            pascal(row.name, ""),
            json!({
                "action": "receive",
                "channel": {"$ref": "#/channels/socket"},
                "summary": prose(row.data_shape.docs),
                "messages": [on_socket(&name)],
                "reply": {
                    "channel": {"$ref": "#/channels/socket"},
                    "messages": [on_socket(&pascal(row.name, "Reply")), on_socket("Error")],
                },
            }),
        );
        name
    }

    fn reply(&mut self, row: &CommandRow) -> String {
        let name = pascal(row.name, "Reply");
        let payload = json!({
            "type": "object",
            "properties": {
                "type": {"const": "reply"},
                "id": reference("RequestId"),
                "data": reference(self.schemas.name(row.reply_shape)),
            },
            "required": ["type", "id", "data"],
        });
        let examples = self.example(
            "reply",
            row.name,
            row.reply_shape,
            |data| json!({"type": "reply", "id": 7, "data": data}),
        );
        self.message(
            &name,
            "reply",
            format!("Answers `{}`.", row.name),
            payload,
            examples,
        );
        self.messages[&name]["correlationId"] = json!({"location": "$message.payload#/id"});
        name
    }

    fn event(&mut self, row: &EventRow) -> String {
        let name = pascal(row.name, "Event");
        let mut properties = json!({
            "type": {"const": row.name},
            "room": reference("RoomId"),
            "origin": reference("ClientId"),
            "timestamp": reference("Timestamp"),
            "data": reference(self.schemas.name(row.shape)),
        });
        let (kept, position) = match row.retention {
            Retention::Retained => ("always", true),
            Retention::OnRequest => ("on request", true),
            Retention::Ephemeral => ("never", false),
        };
        if position {
            properties["epoch"] = reference("Epoch");
            properties["offset"] = json!({"type": "integer", "minimum": 1, "maximum": limits::MAX_INTEGER, "description": "Its place in the log of its room."});
        }
        let payload = json!({
            "type": "object",
            "properties": properties,
            "required": ["type", "timestamp", "data"],
        });
        let examples = self.example(
            "event",
            row.name,
            row.shape,
            |data| json!({"type": row.name, "timestamp": "2026-11-21T10:30:00.000Z", "data": data}),
        );
        self.message(&name, row.name, prose(row.shape.docs), payload, examples);
        self.messages[&name]["x-retained"] = kept.into();
        self.operations.insert(
            name.clone(),
            json!({
                "action": "send",
                "channel": {"$ref": "#/channels/socket"},
                "summary": prose(row.shape.docs),
                "messages": [message_of("socket", &name)],
            }),
        );
        name
    }

    /// What is neither command, reply nor event.
    fn others(&mut self) -> [String; 4] {
        self.schemas.all.insert(
            "RequestId".into(),
            json!({"type": "integer", "minimum": 1, "maximum": u32::MAX, "description": "Ties an answer to its command: unique while unanswered. A command without one is not answered."}),
        );
        self.schemas.ty(&Key::TYPE);
        let error = json!({
            "type": "object",
            "properties": {
                "type": {"const": "error"},
                "id": reference("RequestId"),
                "error": reference("ErrorReply"),
            },
            "required": ["type", "error"],
        });
        let summary = "A command failed; without `id`, one that cannot be named.";
        let examples = self.example(
            "error",
            "error",
            &ErrorReply::OBJECT,
            |error| json!({"type": "error", "id": 7, "error": error}),
        );
        self.message("Error", "error", summary.into(), error, examples);
        for (name, word, summary) in [
            (
                "Ping",
                "ping",
                "Whoever receives it answers `pong`, with the same `id` if it had one.",
            ),
            ("Pong", "pong", "The answer."),
        ] {
            let beat = json!({
                "type": "object",
                "properties": {"type": {"const": word}, "id": reference("RequestId")},
                "required": ["type"],
            });
            self.message(
                name,
                word,
                summary.into(),
                beat,
                vec![json!({"payload": {"type": word}})],
            );
            for action in ["receive", "send"] {
                self.operations.insert(
                    pascal(action, name),
                    json!({
                        "action": action,
                        "channel": {"$ref": "#/channels/socket"},
                        "summary": summary,
                        "messages": [message_of("socket", name)],
                    }),
                );
            }
        }
        let unknown = json!({
            "type": "object",
            "properties": {
                "type": {"type": "string"},
                "room": {"type": "string"},
                "timestamp": reference("Timestamp"),
                "data": {"type": "object"},
            },
            "required": ["type", "timestamp", "data"],
        });
        let summary = "An event of a later version: hand it to the application as it is.";
        self.message(
            "UnknownEvent",
            "unknown",
            summary.into(),
            unknown,
            Vec::new(),
        );
        ["Error", "Ping", "Pong", "UnknownEvent"].map(str::to_owned)
    }
}

fn class_name(row: &CommandRow) -> &'static str {
    match (row.name, row.class) {
        ("room:publish", _) => "keyed with `retain`, else live",
        (_, Class::Keyed) => "keyed",
        (_, Class::Live) => "live",
        (_, Class::LiveKeyed) => "live, with a key",
        (_, Class::State) => "state",
        (_, Class::Control) => "control",
    }
}
