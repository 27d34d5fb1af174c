//! `components.schemas`: every type of the contract as a JSON Schema of draft 7.

use super::bounds::{self, Bound};
use carewire_protocol::{
    ErrorReply, RoomId,
    backend::{PUBLISHABLE, http::HTTP_CALLS},
    catalog, limits,
    room_id::Channel,
    schema::{Field, Object, Tagging, Type, Union, Words, text_of},
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Named = (&'static str, &'static str);

/// The schemas, and the name of each object among them.
pub struct Schemas {
    names: BTreeMap<Named, String>,
    /// What clients and backends write, in which more may be left out.
    sent: BTreeSet<Named>,
    pub all: Map<String, Value>,
}

/// `message:send` and `Command` make `MessageSendCommand`.
pub fn pascal(wire_name: &str, suffix: &str) -> String {
    let mut name = String::new();
    for part in wire_name.split([':', '-', '/', '_']) {
        let mut chars = part.chars().filter(char::is_ascii_alphanumeric);
        name.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        name.extend(chars);
    }
    name + suffix
}

pub fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

impl Schemas {
    pub fn of_the_contract() -> Self {
        let mut schemas = Self {
            names: BTreeMap::new(),
            sent: BTreeSet::new(),
            all: Map::new(),
        };
        schemas.name_all();
        for row in catalog::commands() {
            schemas.mark_sent(row.data_shape);
        }
        for call in HTTP_CALLS {
            schemas.mark_sent(call.body);
        }
        for row in catalog::commands() {
            schemas.object(row.data_shape);
            schemas.object(row.reply_shape);
        }
        for row in catalog::events() {
            schemas.object(row.shape);
        }
        for call in HTTP_CALLS {
            schemas.object(call.body);
            schemas.object(call.reply);
        }
        schemas.object(&ErrorReply::OBJECT);
        schemas
    }

    pub fn name(&self, object: &Object) -> &str {
        &self.names[&(object.module, object.name)]
    }

    /// Commands, events and replies are named after the wire, everything else after its Rust type.
    fn name_all(&mut self) {
        for row in catalog::commands() {
            self.give(row.data_shape, pascal(row.name, "Command"));
        }
        for row in catalog::events() {
            if row.shape.name.ends_with("Event") {
                self.give(row.shape, pascal(row.name, "Event"));
            }
        }
        for row in catalog::commands() {
            if row.reply_shape.name.ends_with("Reply") {
                self.give(row.reply_shape, pascal(row.name, "Reply"));
            }
        }
    }

    fn give(&mut self, object: &Object, name: String) {
        self.names
            .entry((object.module, object.name))
            .or_insert(name);
    }

    fn mark_sent(&mut self, object: &Object) {
        if self.sent.insert((object.module, object.name)) {
            for field in object.fields() {
                self.mark_sent_within(field.ty);
            }
        }
    }

    fn mark_sent_within(&mut self, ty: &Type) {
        match ty {
            Type::Optional(inner) | Type::List(inner) | Type::Map(_, inner) => {
                self.mark_sent_within(inner);
            }
            Type::Object(object) => self.mark_sent(object),
            _ => {}
        }
    }

    fn object(&mut self, object: &'static Object) -> Value {
        self.give(object, object.name.to_owned());
        let name = self.name(object).to_owned();
        if self.all.contains_key(&name) {
            return reference(&name);
        }
        // Held while its fields are described, as types may lead back to themselves.
        self.all.insert(name.clone(), Value::Null);
        let is_sent = self.sent.contains(&(object.module, object.name));
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for field in object.fields() {
            let may_be_absent = if is_sent {
                field.is_optional() && field.ident != "token"
            } else {
                field.is_left_out()
            };
            if !may_be_absent {
                required.push(field.name());
            }
            properties.insert(field.name(), self.field(object, &field));
        }
        let mut schema = json!({
            "type": "object",
            "description": prose(object.docs),
            "properties": properties,
        });
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        if let Some(together) = bounds::of_object(object) {
            extend(&mut schema, together);
        }
        if object.name == "PublishedEvent" && object.module.ends_with("backend") {
            schema["anyOf"] = self.publishable();
        }
        self.all.insert(name.clone(), schema);
        reference(&name)
    }

    /// Which data goes with which event that a backend publishes. A `room:event` may leave out who
    /// sends it, and what reaches one subscriber in many lists arrives from the backend in short ones.
    fn publishable(&mut self) -> Value {
        let mut cases = Vec::new();
        for name in PUBLISHABLE {
            let Some(row) = catalog::events().find(|row| row.name == *name) else {
                continue;
            };
            let data = match *name {
                "room:event" => json!({
                    "type": "object",
                    "properties": {
                        "event": {"type": "string", "minLength": 1, "maxLength": limits::MAX_LABEL_BYTES},
                        "payload": {},
                        "senderId": reference("UserId"),
                    },
                    "required": ["event", "payload"],
                }),
                _ => self.object(row.shape),
            };
            cases.push(json!({
                "required": ["data"],
                "properties": {"type": {"const": name}, "data": data},
            }));
        }
        cases.into()
    }

    fn field(&mut self, object: &Object, field: &Field) -> Value {
        let bound = bounds::of_field(object, &field.name());
        let mut schema = match (&bound, plain(field.ty)) {
            (Some(Bound::Known), Type::Words(words)) => {
                let known: Vec<_> = words.words.iter().map(|(word, _)| *word).collect();
                json!({"allOf": [self.ty(field.ty)], "enum": known})
            }
            (Some(Bound::Channel), _) => {
                self.text("Channel", "The name of a channel.", &Channel::pattern())
            }
            _ => self.ty(field.ty),
        };
        // Beside a reference nothing counts in draft 7.
        if schema.get("$ref").is_some() {
            schema = json!({"allOf": [schema]});
        }
        if let Some(bound) = bound {
            extend(&mut schema, bound.keywords());
        }
        schema["description"] = prose(field.docs).into();
        schema
    }

    pub fn ty(&mut self, ty: &Type) -> Value {
        let integer = json!({"type": "integer", "minimum": 0, "maximum": limits::MAX_INTEGER});
        match ty {
            Type::Bool => json!({"type": "boolean"}),
            Type::Integer | Type::Millis => integer,
            Type::Number => json!({"type": "number"}),
            Type::PrivateNumber => json!({"type": "number", "x-private": true}),
            Type::Text => json!({"type": "string"}),
            Type::PrivateText => json!({"type": "string", "x-private": true}),
            Type::Json => json!({"x-private": true}),
            Type::Timestamp => {
                self.text(
                    "Timestamp",
                    "A point in time: RFC 3339 in UTC with milliseconds.",
                    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
                );
                self.all["Timestamp"]["format"] = "date-time".into();
                reference("Timestamp")
            }
            Type::Room => {
                let description =
                    "The name of a room. The ids of a chat are in ascending order of their bytes.";
                self.text("RoomId", description, &RoomId::pattern())
            }
            Type::Id(id) => self.text(id.name, &prose(id.docs), id.pattern),
            Type::Words(words) => self.words(words),
            Type::Object(object) => self.object(object),
            Type::Union(union) => self.union(union),
            Type::Optional(inner) => self.ty(inner),
            Type::List(inner) => json!({"type": "array", "items": self.ty(inner)}),
            Type::Map(Type::Text, inner) => {
                json!({"type": "object", "additionalProperties": self.ty(inner)})
            }
            Type::Map(key, inner) => json!({
                "type": "object",
                "propertyNames": self.ty(key),
                "additionalProperties": self.ty(inner),
            }),
        }
    }

    fn text(&mut self, name: &str, description: &str, pattern: &str) -> Value {
        let schema = json!({
            "type": "string",
            "description": description,
            "pattern": format!("^(?:{pattern})$"),
        });
        self.all.insert(name.to_owned(), schema);
        reference(name)
    }

    /// Receivers keep a word of a later version, so a closed `enum` would be wrong.
    fn words(&mut self, words: &Words) -> Value {
        let known: Vec<_> = words.words.iter().map(|(word, _)| *word).collect();
        let meanings: Map<String, Value> = words
            .words
            .iter()
            .map(|(word, docs)| ((*word).to_owned(), prose(docs).into()))
            .collect();
        let schema = json!({
            "description": prose(words.docs),
            "anyOf": [
                {"type": "string", "enum": known},
                {"type": "string", "description": "A word of a later version."},
            ],
            "x-meanings": meanings,
        });
        self.all.insert(words.name.to_owned(), schema);
        reference(words.name)
    }

    fn union(&mut self, union: &Union) -> Value {
        let mut shapes: Vec<Value> = Vec::new();
        for (name, content) in union.variants {
            let content = self.ty(content);
            shapes.push(match union.tagging {
                Tagging::Key => json!({
                    "type": "object",
                    "properties": {*name: content},
                    "required": [name],
                    "maxProperties": 1,
                }),
                Tagging::TypeAndData => json!({
                    "type": "object",
                    "properties": {"type": {"const": name}, "data": content},
                    "required": ["type", "data"],
                }),
            });
        }
        if union.tagging == Tagging::TypeAndData {
            let known: Vec<_> = union.variants.iter().map(|(name, _)| *name).collect();
            shapes.push(json!({
                "type": "object",
                "description": "One of a later version.",
                "properties": {"type": {"type": "string", "not": {"enum": known}}},
                "required": ["type"],
            }));
        }
        let schema = json!({"description": prose(union.docs), "oneOf": shapes});
        self.all.insert(union.name.to_owned(), schema);
        reference(union.name)
    }
}

/// Without what says that it may be absent.
pub fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Optional(inner) => plain(inner),
        other => other,
    }
}

pub fn extend(schema: &mut Value, more: Value) {
    if let (Some(schema), Value::Object(more)) = (schema.as_object_mut(), more) {
        schema.extend(more);
    }
}

/// Documentation without the links of rustdoc.
pub fn prose(docs: &[&str]) -> String {
    text_of(docs)
        .replace("[`Quality`](super::Quality)", "`call:quality`")
        .replace("[`PUBLISHABLE`]", "those that can be published")
        .replace("[`Leave`]", "`call:leave`")
        .replace("[`Resume`]", "`session:resume`")
}
