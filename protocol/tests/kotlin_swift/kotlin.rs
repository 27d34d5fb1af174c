//! Kotlin: data classes, sealed classes and value classes, read and written by
//! kotlinx.serialization.

use crate::model::{
    Contract, Item, field_name, has_default, is_private, lower_first, pascal, plain, prose,
};
use carewire_protocol::{
    backend::PUBLISHABLE,
    schema::{Field, Object, Tagging, Type, Union, Words},
};
use std::{collections::BTreeMap, fmt::Write as _};

const HEAD: &str = "\
// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import java.time.Instant
import kotlin.time.Duration
import kotlinx.serialization.KSerializer
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.serializer
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
";

pub fn files() -> BTreeMap<String, String> {
    let contract = Contract::new();
    let mut files: BTreeMap<String, String> = contract
        .files
        .iter()
        .map(|(file, items)| {
            let mut text = String::new();
            for item in items {
                text.push('\n');
                write_item(&contract, *item, &mut text);
            }
            (format!("{file}.kt"), with_head(&text))
        })
        .collect();
    files.insert("Events.kt".to_owned(), with_head(&decoder(&contract)));
    files
}

/// Only what is used is imported.
fn with_head(text: &str) -> String {
    let used = |line: &&str| match line.strip_prefix("import ") {
        Some("kotlinx.serialization.builtins.serializer") => text.contains("Unit.serializer()"),
        Some(import) => {
            let name = import.rsplit('.').next();
            text.split(|c: char| !c.is_alphanumeric())
                .any(|word| Some(word) == name)
        }
        None => true,
    };
    let head: Vec<&str> = HEAD.lines().filter(used).collect();
    format!("{}\n{text}", head.join("\n").trim_end())
}

fn doc(out: &mut String, indent: &str, docs: &[&str]) {
    let lines = prose(docs);
    match &lines[..] {
        [] => {}
        [line] => writeln!(out, "{indent}/** {line} */").unwrap(),
        lines => {
            writeln!(out, "{indent}/**").unwrap();
            for line in lines {
                writeln!(out, "{}", format!("{indent} * {line}").trim_end()).unwrap();
            }
            writeln!(out, "{indent} */").unwrap();
        }
    }
}

fn write_item(contract: &Contract, item: Item, out: &mut String) {
    match item {
        Item::Object(object) => write_object(contract, object, out),
        Item::Words(words) => write_words(words, out),
        Item::Union(union) => write_union(contract, union, out),
        Item::Id(id) => {
            doc(out, "", id.docs);
            writeln!(
                out,
                "@Serializable\n@JvmInline\npublic value class {}(public val value: String) {{\n    \
                 override fun toString(): String = value\n}}",
                id.name
            )
            .unwrap();
        }
    }
}

fn ty(contract: &Contract, of: &Type) -> String {
    match of {
        Type::Bool => "Boolean".to_owned(),
        Type::Integer => "Long".to_owned(),
        Type::Millis => "@Serializable(MillisSerializer::class) Duration".to_owned(),
        Type::Number | Type::PrivateNumber => "Double".to_owned(),
        Type::Text | Type::PrivateText => "String".to_owned(),
        Type::Json => "JsonElement".to_owned(),
        Type::Timestamp => "@Serializable(TimestampSerializer::class) Instant".to_owned(),
        Type::Room => "RoomId".to_owned(),
        Type::Id(id) => id.name.to_owned(),
        Type::Words(words) => words.name.to_owned(),
        Type::Object(object) => contract.name(object).to_owned(),
        Type::Union(union) => union.name.to_owned(),
        Type::Optional(inner) => format!("{}?", ty(contract, inner)),
        Type::List(inner) => format!("List<{}>", ty(contract, inner)),
        Type::Map(key, value) => format!("Map<{}, {}>", ty(contract, key), ty(contract, value)),
    }
}

fn default(field: &Field) -> Option<String> {
    let value = match field.ty {
        Type::Optional(_) => "null".to_owned(),
        _ if !has_default(field) => return None,
        Type::List(_) => "emptyList()".to_owned(),
        Type::Map(..) => "emptyMap()".to_owned(),
        Type::Bool => "false".to_owned(),
        Type::Integer => "0".to_owned(),
        Type::Text | Type::PrivateText => "\"\"".to_owned(),
        Type::Json => "JsonObject(emptyMap())".to_owned(),
        Type::Id(id) if id.name == "Platform" => "Platform(\"internal\")".to_owned(),
        other => panic!("no default for {other:?}"),
    };
    Some(value)
}

fn write_object(contract: &Contract, object: &'static Object, out: &mut String) {
    let name = contract.name(object);
    let fields = object.fields();
    doc(out, "", object.docs);
    writeln!(out, "@Serializable").unwrap();
    if fields.is_empty() {
        write!(out, "public data object {name}").unwrap();
    } else {
        writeln!(out, "public data class {name}(").unwrap();
        for field in &fields {
            doc(out, "    ", field.docs);
            let (kotlin, wire) = (field_name(field), field.name());
            if kotlin != wire {
                writeln!(out, "    @SerialName(\"{wire}\")").unwrap();
            }
            let default = default(field).map(|value| format!(" = {value}"));
            let of = ty(contract, field.ty);
            writeln!(
                out,
                "    val {kotlin}: {of}{},",
                default.unwrap_or_default()
            )
            .unwrap();
        }
        write!(out, ")").unwrap();
    }
    let mut members = Vec::new();
    let mut parents = Vec::new();
    if let Some(row) = contract.command(object) {
        let (reply, serializer) = if row.reply_shape.declared.is_empty() {
            ("Unit", "Unit.serializer()".to_owned())
        } else {
            let reply = contract.name(row.reply_shape);
            (reply, format!("{reply}.serializer()"))
        };
        parents.push(format!("Command<{reply}>"));
        members.push(format!(
            "override val wire: Wire<{reply}> get() = Wire(\"{}\", serializer(), this, {serializer})",
            row.name
        ));
    }
    if contract.is_event(object) {
        parents.push("EventData".to_owned());
    }
    if fields.iter().any(|field| is_private(field.ty)) {
        members.push(format!(
            "override fun toString(): String = \"{}\"",
            shown(name, &fields)
        ));
    }
    if !parents.is_empty() {
        write!(out, " : {}", parents.join(", ")).unwrap();
    }
    if !members.is_empty() {
        writeln!(out, " {{").unwrap();
        for member in members {
            writeln!(out, "    {member}").unwrap();
        }
        write!(out, "}}").unwrap();
    }
    writeln!(out).unwrap();
}

/// What a log may show: everything but what may be health content.
fn shown(name: &str, fields: &[Field]) -> String {
    let fields: Vec<_> = fields
        .iter()
        .map(|field| {
            let name = field_name(field);
            if is_private(field.ty) {
                format!("{name}=…")
            } else {
                format!("{name}=${name}")
            }
        })
        .collect();
    format!("{name}({})", fields.join(", "))
}

fn write_words(words: &Words, out: &mut String) {
    let name = words.name;
    doc(out, "", words.docs);
    writeln!(
        out,
        "@Serializable(with = {name}.Serializer::class)\npublic sealed class {name}(override val word: String) : Word {{"
    )
    .unwrap();
    let mut all = Vec::new();
    for (word, docs) in words.words {
        doc(out, "    ", docs);
        let object = pascal(word, "");
        writeln!(
            out,
            "    public data object {object} : {name}(\"{word}\")\n"
        )
        .unwrap();
        all.push(object);
    }
    writeln!(
        out,
        "    /** A word of a later version. */\n    public data class Other(private val text: String) : {name}(text)\n\n    \
         internal object Serializer : WordSerializer<{name}>({{ listOf({}) }}, ::Other)\n}}",
        all.join(", ")
    )
    .unwrap();
}

/// `report:status` is the shape `Status`.
fn shape(union: &Union, name: &str) -> String {
    match union.tagging {
        Tagging::Key => pascal(name, ""),
        Tagging::TypeAndData => pascal(name.rsplit(':').next().unwrap_or(name), ""),
    }
}

fn write_union(contract: &Contract, union: &Union, out: &mut String) {
    let name = union.name;
    doc(out, "", union.docs);
    writeln!(
        out,
        "@Serializable(with = {name}.Serializer::class)\npublic sealed class {name} {{"
    )
    .unwrap();
    let (mut to, mut from) = (String::new(), String::new());
    for (tag, content) in union.variants {
        let shape = shape(union, tag);
        let content = match ty(contract, content) {
            // Inside the union its shapes come first.
            hidden if hidden == shape => format!("dev.carewire.{hidden}"),
            content => content,
        };
        let field = lower_first(&shape);
        writeln!(
            out,
            "    public data class {shape}(val {field}: {content}) : {name}()\n"
        )
        .unwrap();
        writeln!(
            to,
            "            is {shape} -> \"{tag}\" to contract.encodeToJsonElement({content}.serializer(), value.{field})"
        )
        .unwrap();
        writeln!(
            from,
            "            \"{tag}\" -> {shape}(contract.decodeFromJsonElement({content}.serializer(), data))"
        )
        .unwrap();
    }
    let tagging = match union.tagging {
        Tagging::Key => "Tagging.KEY",
        Tagging::TypeAndData => "Tagging.TYPE_AND_DATA",
    };
    writeln!(
        out,
        "    /** One of a later version. */\n    public data class Other(val name: String, val data: JsonElement) : {name}() {{\n        \
         override fun toString(): String = \"Other(name=$name, data=…)\"\n    }}\n\n    \
         internal object Serializer : UnionSerializer<{name}>({tagging}) {{\n        \
         override fun parts(value: {name}): Pair<String, JsonElement> = when (value) {{\n{to}            \
         is Other -> value.name to value.data\n        }}\n\n        \
         override fun whole(name: String, data: JsonElement): {name} = when (name) {{\n{from}            \
         else -> Other(name, data)\n        }}\n    }}\n}}"
    )
    .unwrap();
    debug_assert!(!matches!(plain(union.variants[0].1), Type::Optional(_)));
}

fn decoder(contract: &Contract) -> String {
    let (mut read, mut published) = (String::new(), String::new());
    for (row, name) in contract.events() {
        let wire = row.name;
        writeln!(read, "    \"{wire}\" -> {name}.serializer()").unwrap();
        if PUBLISHABLE.contains(&wire) {
            writeln!(
                published,
                "    is {name} -> PublishedEvent(\"{wire}\", contract.encodeToJsonElement({name}.serializer(), event))"
            )
            .unwrap();
        }
    }
    format!(
        "\n/** How the data of an event is read; `null`: it is one of a later version. */\n\
         internal fun eventSerializer(name: String): KSerializer<out EventData>? = when (name) {{\n{read}    \
         else -> null\n}}\n\n\
         /** An event as a service publishes it; `null`: nobody publishes it. */\n\
         internal fun publishable(event: EventData): PublishedEvent? = when (event) {{\n{published}    \
         else -> null\n}}\n"
    )
}
