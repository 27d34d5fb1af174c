//! Swift: structs and enumerations with associated values, read and written by `Codable`.

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

import Foundation
";

/// Words of the contract that are words of the language.
const RESERVED: &[&str] = &[
    "internal", "protocol", "default", "case", "in", "is", "operator",
];

pub fn files() -> BTreeMap<String, String> {
    let contract = Contract::new();
    let mut files: BTreeMap<String, String> = contract
        .files
        .iter()
        .map(|(file, items)| {
            let mut text = HEAD.to_owned();
            for item in items {
                text.push('\n');
                write_item(&contract, *item, &mut text);
            }
            (format!("{file}Types.swift"), text)
        })
        .collect();
    files.insert(
        "EventTypes.swift".to_owned(),
        format!("{HEAD}{}", events(&contract)),
    );
    files
}

/// `roomId` is `roomID` in Swift.
fn swift_name(name: &str) -> String {
    for (end, swift) in [("Ids", "IDs"), ("Id", "ID"), ("Url", "URL")] {
        if let Some(stem) = name.strip_suffix(end) {
            return format!("{stem}{swift}");
        }
    }
    name.to_owned()
}

fn quoted(name: &str) -> String {
    if RESERVED.contains(&name) {
        format!("`{name}`")
    } else {
        name.to_owned()
    }
}

fn doc(out: &mut String, indent: &str, docs: &[&str]) {
    for line in prose(docs) {
        writeln!(out, "{}", format!("{indent}/// {line}").trim_end()).unwrap();
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
                "public struct {}: Identifier {{\n    public let rawValue: String\n\n    \
                 public init(rawValue: String) {{ self.rawValue = rawValue }}\n}}",
                swift_name(id.name)
            )
            .unwrap();
        }
    }
}

fn ty(contract: &Contract, of: &Type) -> String {
    match of {
        Type::Bool => "Bool".to_owned(),
        Type::Integer => "Int".to_owned(),
        Type::Millis => "Duration".to_owned(),
        Type::Number | Type::PrivateNumber => "Double".to_owned(),
        Type::Text | Type::PrivateText => "String".to_owned(),
        Type::Json => "JSONValue".to_owned(),
        Type::Timestamp => "Date".to_owned(),
        Type::Room => "RoomID".to_owned(),
        Type::Id(id) => swift_name(id.name),
        Type::Words(words) => words.name.to_owned(),
        Type::Object(object) => contract.name(object).to_owned(),
        Type::Union(union) => union.name.to_owned(),
        Type::Optional(inner) => format!("{}?", ty(contract, inner)),
        Type::List(inner) => format!("[{}]", ty(contract, inner)),
        Type::Map(key, value) => format!("[{}: {}]", ty(contract, key), ty(contract, value)),
    }
}

fn default(field: &Field) -> Option<&'static str> {
    Some(match field.ty {
        Type::Optional(_) => "nil",
        _ if !has_default(field) => return None,
        Type::List(_) => "[]",
        Type::Map(..) | Type::Json => "[:]",
        Type::Bool => "false",
        Type::Integer => "0",
        Type::Text | Type::PrivateText => "\"\"",
        Type::Id(id) if id.name == "Platform" => "\"internal\"",
        other => panic!("no default for {other:?}"),
    })
}

struct Property {
    name: String,
    wire: String,
    of: String,
    default: Option<&'static str>,
    is_private: bool,
    is_millis: bool,
    is_optional: bool,
}

fn properties(contract: &Contract, object: &Object) -> Vec<Property> {
    let property = |field: &Field| Property {
        name: swift_name(&field_name(field)),
        wire: field.name(),
        of: ty(contract, field.ty),
        default: default(field),
        is_private: is_private(field.ty),
        is_millis: matches!(plain(field.ty), Type::Millis),
        is_optional: matches!(field.ty, Type::Optional(_)),
    };
    object.fields().iter().map(property).collect()
}

fn write_object(contract: &Contract, object: &'static Object, out: &mut String) {
    let name = contract.name(object);
    let properties = properties(contract, object);
    doc(out, "", object.docs);
    let mut parents = Vec::new();
    let command = contract.command(object);
    parents.push(if command.is_some() {
        "Command"
    } else {
        "Codable, Hashable, Sendable"
    });
    if properties.iter().any(|property| property.is_private) {
        parents.push("Private");
    }
    writeln!(out, "public struct {name}: {} {{", parents.join(", ")).unwrap();
    if let Some(row) = command {
        let reply = if row.reply_shape.declared.is_empty() {
            "Empty"
        } else {
            contract.name(row.reply_shape)
        };
        writeln!(
            out,
            "    public typealias Reply = {reply}\n    public static let wireName = \"{}\"\n",
            row.name
        )
        .unwrap();
    }
    for (property, field) in properties.iter().zip(object.fields()) {
        doc(out, "    ", field.docs);
        writeln!(
            out,
            "    public var {}: {}",
            quoted(&property.name),
            property.of
        )
        .unwrap();
    }
    write_init(&properties, out);
    write_keys(&properties, out);
    write_codable(&properties, out);
    if properties.iter().any(|property| property.is_private) {
        writeln!(
            out,
            "\n    public var description: String {{\n        \"{}\"\n    }}",
            shown(name, &properties)
        )
        .unwrap();
    }
    writeln!(out, "}}").unwrap();
}

fn write_init(properties: &[Property], out: &mut String) {
    if !properties.is_empty() {
        writeln!(out).unwrap();
    }
    let parameters: Vec<_> = properties
        .iter()
        .map(|property| {
            let default = property.default.map(|value| format!(" = {value}"));
            format!(
                "{}: {}{}",
                quoted(&property.name),
                property.of,
                default.unwrap_or_default()
            )
        })
        .collect();
    let one_line = format!("    public init({}) {{", parameters.join(", "));
    if one_line.len() <= 100 {
        writeln!(out, "{one_line}").unwrap();
    } else {
        let lines = parameters.join(",\n        ");
        writeln!(out, "    public init(\n        {lines}\n    ) {{").unwrap();
    }
    for property in properties {
        let name = quoted(&property.name);
        writeln!(out, "        self.{} = {name}", property.name).unwrap();
    }
    writeln!(out, "    }}").unwrap();
}

fn write_keys(properties: &[Property], out: &mut String) {
    if properties
        .iter()
        .all(|property| property.name == property.wire)
        && !needs_code(properties)
    {
        return;
    }
    writeln!(out, "\n    private enum CodingKeys: String, CodingKey {{").unwrap();
    for Property { name, wire, .. } in properties {
        let name_or_quoted = quoted(name);
        if name == wire {
            writeln!(out, "        case {name_or_quoted}").unwrap();
        } else {
            writeln!(out, "        case {name_or_quoted} = \"{wire}\"").unwrap();
        }
    }
    writeln!(out, "    }}").unwrap();
}

/// What the compiler writes by itself knows neither defaults nor milliseconds.
fn needs_code(properties: &[Property]) -> bool {
    properties
        .iter()
        .any(|property| property.is_millis || (property.default.is_some() && !property.is_optional))
}

fn write_codable(properties: &[Property], out: &mut String) {
    if !needs_code(properties) {
        return;
    }
    writeln!(
        out,
        "\n    public init(from decoder: any Decoder) throws {{\n        \
         let fields = try decoder.container(keyedBy: CodingKeys.self)"
    )
    .unwrap();
    for property in properties {
        let Property { name, of, .. } = property;
        let bare = of.trim_end_matches('?');
        let read = match (property.is_millis, property.is_optional, property.default) {
            (true, true, _) => format!("fields.millisIfPresent(.{name})"),
            (true, false, _) => format!("fields.millis(.{name})"),
            (false, true, _) => format!("fields.decodeIfPresent({bare}.self, forKey: .{name})"),
            (false, false, Some(default)) => {
                format!("fields.decodeIfPresent({bare}.self, forKey: .{name}) ?? {default}")
            }
            (false, false, None) => format!("fields.decode({bare}.self, forKey: .{name})"),
        };
        writeln!(out, "        self.{name} = try {read}").unwrap();
    }
    writeln!(
        out,
        "    }}\n\n    public func encode(to encoder: any Encoder) throws {{\n        \
         var fields = encoder.container(keyedBy: CodingKeys.self)"
    )
    .unwrap();
    for property in properties {
        let (name, value) = (&property.name, quoted(&property.name));
        let write = match (property.is_millis, property.is_optional) {
            (true, _) => format!("fields.encodeMillis({value}, .{name})"),
            (false, true) => format!("fields.encodeIfPresent({value}, forKey: .{name})"),
            (false, false) => format!("fields.encode({value}, forKey: .{name})"),
        };
        writeln!(out, "        try {write}").unwrap();
    }
    writeln!(out, "    }}").unwrap();
}

/// What a log may show: everything but what may be health content.
fn shown(name: &str, properties: &[Property]) -> String {
    let properties: Vec<_> = properties
        .iter()
        .map(|property| {
            let (name, value) = (&property.name, quoted(&property.name));
            if property.is_private {
                format!("{name}: …")
            } else if property.is_optional {
                format!("{name}: \\(shown({value}))")
            } else {
                format!("{name}: \\({value})")
            }
        })
        .collect();
    format!("{name}({})", properties.join(", "))
}

/// `report:status`, `in_call` and `lastLeft` as the case of an enumeration.
fn case(word: &str) -> String {
    quoted(&lower_first(&pascal(word, "")))
}

fn write_words(words: &Words, out: &mut String) {
    let name = words.name;
    doc(out, "", words.docs);
    writeln!(out, "public enum {name}: Word {{").unwrap();
    let (mut of, mut to, mut all) = (String::new(), String::new(), Vec::new());
    for (word, docs) in words.words {
        doc(out, "    ", docs);
        let case = case(word);
        writeln!(out, "    case {case}").unwrap();
        writeln!(of, "        case \"{word}\": self = .{case}").unwrap();
        writeln!(to, "        case .{case}: \"{word}\"").unwrap();
        all.push(format!(".{case}"));
    }
    writeln!(
        out,
        "    /// A word of a later version.\n    case other(String)\n\n    \
         public static let known: [{name}] = [{}]\n\n    \
         public init(word: String) {{\n        switch word {{\n{of}        default: self = .other(word)\n        }}\n    }}\n\n    \
         public var word: String {{\n        switch self {{\n{to}        case .other(let word): word\n        }}\n    }}\n}}",
        all.join(", ")
    )
    .unwrap();
}

fn write_union(contract: &Contract, union: &Union, out: &mut String) {
    let name = union.name;
    doc(out, "", union.docs);
    writeln!(out, "public enum {name}: Codable, Hashable, Sendable {{").unwrap();
    let (mut read, mut write) = (String::new(), String::new());
    for (tag, content) in union.variants {
        let case = case(tag.rsplit(':').next().unwrap_or(tag));
        let content = ty(contract, content);
        writeln!(out, "    case {case}({content})").unwrap();
        writeln!(
            read,
            "        case \"{tag}\": self = .{case}(try union.content({content}.self))"
        )
        .unwrap();
        writeln!(
            write,
            "        case .{case}(let content): try encoder.writeUnion(\"{tag}\", content, {})",
            tagging(union)
        )
        .unwrap();
    }
    writeln!(
        out,
        "    /// One of a later version.\n    case other(name: String, data: JSONValue)\n\n    \
         public init(from decoder: any Decoder) throws {{\n        \
         let union = try UnionContent(from: decoder, {})\n        \
         switch union.name {{\n{read}        \
         default: self = .other(name: union.name, data: try union.content(JSONValue.self))\n        }}\n    }}\n\n    \
         public func encode(to encoder: any Encoder) throws {{\n        switch self {{\n{write}        \
         case .other(let name, let data): try encoder.writeUnion(name, data, {})\n        }}\n    }}\n}}",
        tagging(union),
        tagging(union)
    )
    .unwrap();
}

fn tagging(union: &Union) -> &'static str {
    match union.tagging {
        Tagging::Key => ".key",
        Tagging::TypeAndData => ".typeAndData",
    }
}

fn events(contract: &Contract) -> String {
    let (mut cases, mut read, mut published) = (String::new(), String::new(), String::new());
    for (row, name) in contract.events() {
        let (case, wire) = (case(row.name), row.name);
        writeln!(cases, "    /// `{wire}`\n    case {case}({name})").unwrap();
        writeln!(
            read,
            "        case \"{wire}\": .{case}(try contract.decode({name}.self, from: data))"
        )
        .unwrap();
        if PUBLISHABLE.contains(&wire) {
            writeln!(
                published,
                "        case .{case}(let event): PublishedEvent(type: \"{wire}\", data: try JSONValue(of: event))"
            )
            .unwrap();
        }
    }
    format!(
        "\n/// What happened: the data of any event of the contract, or of one of a later version.\n\
         public enum EventData: Hashable, Sendable {{\n{cases}    \
         /// An event of a later version.\n    case unknown(UnknownEvent)\n\n    \
         static func read(_ name: String, _ data: Data, by contract: JSONDecoder) throws -> EventData {{\n        \
         switch name {{\n{read}        \
         default: .unknown(UnknownEvent(name: name, data: try contract.decode(JSONValue.self, from: data)))\n        }}\n    }}\n\n    \
         /// As a service publishes it; `nil`: nobody publishes it.\n    \
         func published() throws -> PublishedEvent? {{\n        switch self {{\n{published}        \
         default: nil\n        }}\n    }}\n}}\n"
    )
}
