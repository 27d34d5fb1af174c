//! The types of the contract in TypeScript.

use super::model::Model;
use carewire_protocol::{
    ErrorCode, Retention,
    room_id::RoomKind,
    schema::{Described as _, Field, Object, Tagging, Type, Union, Words, text_of},
};
use std::fmt::Write as _;

const HEAD: &str = "\
// Generated from the Rust types of `carewire-protocol` by `cargo xtask docs`. Do not edit.

/** A point in time, in RFC 3339. */
export type Timestamp = string;
/** A word of a later version. */
export type Later = string & {};
";

pub fn generate() -> String {
    let model = Model::of_the_contract();
    let mut out = HEAD.to_owned();
    rooms(&mut out);
    for (name, id) in &model.ids {
        doc(&mut out, "", &format!("{} {}", text_of(id.docs), id.rule));
        let _ = writeln!(out, "export type {name} = string;");
    }
    for words in model.words.values() {
        alternatives(&mut out, words);
    }
    let Type::Words(codes) = ErrorCode::TYPE else {
        unreachable!("error codes are words")
    };
    if !model.words.contains_key(codes.name) {
        alternatives(&mut out, codes);
    }
    for union in model.unions.values() {
        one_of(&mut out, &model, union);
    }
    for (name, object) in &model.objects {
        interface(&mut out, &model, name, object);
    }
    doc(&mut out, "", "Every command, with its data and its reply.");
    out.push_str("export interface CommandMap {\n");
    for row in Model::commands() {
        doc(&mut out, "  ", &text_of(row.data_shape.docs));
        let (data, reply) = (model.name(row.data_shape), model.name(row.reply_shape));
        let _ = writeln!(out, "  {:?}: {{ data: {data}; reply: {reply} }};", row.name);
    }
    out.push_str("}\n");
    doc(&mut out, "", "Every event, with its data.");
    out.push_str("export interface EventMap {\n");
    for row in Model::events() {
        doc(&mut out, "  ", &text_of(row.shape.docs));
        let _ = writeln!(out, "  {:?}: {};", row.name, model.name(row.shape));
    }
    out.push_str("}\n");
    doc(
        &mut out,
        "",
        "The events that are kept in the log of their room and replayed after an outage.",
    );
    let kept = Model::events().filter(|row| row.retention == Retention::Retained);
    let kept: Vec<_> = kept.map(|row| format!("\n  | {:?}", row.name)).collect();
    let _ = writeln!(out, "export type RetainedEvent ={};", kept.concat());
    out
}

fn rooms(out: &mut String) {
    doc(
        out,
        "",
        "The name of a room; that of a channel begins with a word of its own.",
    );
    let kinds: Vec<_> = RoomKind::ALL
        .iter()
        .filter(|kind| **kind != RoomKind::Channel)
        .map(|kind| format!("\n  | `{}:${{string}}`", kind.as_str()))
        .collect();
    let channel = "\n  | (`${string}:${string}` & {})";
    let _ = writeln!(out, "export type RoomId ={}{channel};", kinds.concat());
}

fn doc(out: &mut String, indent: &str, text: &str) {
    let text = text.trim().replace("*/", "*\\/");
    if !text.is_empty() {
        let _ = writeln!(out, "{indent}/** {text} */");
    }
}

fn alternatives(out: &mut String, words: &Words) {
    doc(out, "", &text_of(words.docs));
    let known: Vec<_> = words
        .words
        .iter()
        .map(|(word, _)| format!("{word:?} | "))
        .collect();
    let _ = writeln!(out, "export type {} = {}Later;", words.name, known.concat());
}

fn one_of(out: &mut String, model: &Model, union: &Union) {
    doc(out, "", &text_of(union.docs));
    let shapes: Vec<_> = union
        .variants
        .iter()
        .map(|(word, content)| {
            let content = spell(model, content);
            match union.tagging {
                Tagging::Key => format!("\n  | {{ {word}: {content} }}"),
                Tagging::TypeAndData => format!("\n  | {{ type: {word:?}; data: {content} }}"),
            }
        })
        .collect();
    let _ = writeln!(out, "export type {} ={};", union.name, shapes.concat());
}

fn interface(out: &mut String, model: &Model, name: &str, object: &Object) {
    doc(out, "", &text_of(object.docs));
    let fields = object.fields();
    if fields.is_empty() {
        let _ = writeln!(out, "export type {name} = Record<string, never>;");
        return;
    }
    let _ = writeln!(out, "export interface {name} {{");
    for field in fields {
        let (ty, unit) = bare(&field);
        doc(out, "  ", &format!("{} {unit}", text_of(field.docs)));
        let mark = if model.may_be_absent(object, &field) {
            "?"
        } else {
            ""
        };
        let _ = writeln!(out, "  {}{mark}: {};", field.name(), spell(model, ty));
    }
    out.push_str("}\n");
}

/// A field's type where it is there, and its unit.
fn bare(field: &Field) -> (&'static Type, &'static str) {
    let ty = match field.ty {
        Type::Optional(inner) => inner,
        other => other,
    };
    let unit = if matches!(ty, Type::Millis) {
        "In milliseconds."
    } else {
        ""
    };
    (ty, unit)
}

fn spell(model: &Model, ty: &Type) -> String {
    match ty {
        Type::Bool => "boolean".into(),
        Type::Integer | Type::Millis | Type::Number | Type::PrivateNumber => "number".into(),
        Type::Text | Type::PrivateText => "string".into(),
        Type::Json => "unknown".into(),
        Type::Timestamp => "Timestamp".into(),
        Type::Room => "RoomId".into(),
        Type::Id(id) => id.name.into(),
        Type::Words(words) => words.name.into(),
        Type::Union(union) => union.name.into(),
        Type::Object(object) => model.name(object).into(),
        Type::Optional(inner) => format!("{} | undefined", spell(model, inner)),
        Type::List(inner) => match inner {
            Type::Optional(_) => format!("({})[]", spell(model, inner)),
            _ => format!("{}[]", spell(model, inner)),
        },
        Type::Map(key, inner) => format!("Record<{}, {}>", spell(model, key), spell(model, inner)),
    }
}
