//! The tables of `docs/protocol.md` are made from the catalogue. `UPDATE_DOCS=1` writes them anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use carewire_protocol::{
    Class, ErrorCode, Retention,
    backend::http::HTTP_CALLS,
    catalog::{self, Domain},
    error::close,
    room_id::RoomKind,
    schema::{Field, Id, Object, Tagging, Type, Union, Words, text_of},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::PathBuf,
};

const BEGIN: &str = "<!-- generated: ";
const END: &str = "<!-- end -->";

/// Who writes an object, which decides what may be missing in it.
#[derive(Clone, Copy, PartialEq)]
enum Writer {
    Client,
    Server,
}

/// The types that the tables link to, by name.
#[derive(Default)]
struct Types {
    sent: BTreeSet<&'static str>,
    objects: BTreeMap<&'static str, &'static Object>,
    unions: BTreeMap<&'static str, &'static Union>,
    words: BTreeMap<&'static str, &'static Words>,
    ids: BTreeMap<&'static str, &'static Id>,
}

impl Types {
    fn all() -> Self {
        let mut types = Self::default();
        let sent = catalog::commands().map(|row| row.data_shape);
        for object in sent.chain(HTTP_CALLS.iter().map(|call| call.body)) {
            types.add_fields(object);
        }
        types.sent = types.objects.keys().copied().collect();
        let received = catalog::commands().map(|row| row.reply_shape);
        let received = received.chain(catalog::events().map(|row| row.shape));
        for object in received.chain(HTTP_CALLS.iter().map(|call| call.reply)) {
            types.add_fields(object);
        }
        types
    }

    fn add_fields(&mut self, object: &Object) {
        for field in object.fields() {
            self.add(field.ty);
        }
    }

    fn add(&mut self, ty: &Type) {
        match ty {
            Type::Optional(inner) | Type::List(inner) => self.add(inner),
            Type::Map(key, inner) => {
                self.add(key);
                self.add(inner);
            }
            Type::Object(object) => {
                if let Some(known) = self.objects.insert(object.name, object) {
                    assert_eq!(
                        known.module, object.module,
                        "two types called {}",
                        object.name
                    );
                    return;
                }
                self.add_fields(object);
            }
            Type::Union(union) => {
                self.unions.insert(union.name, union);
                for (_, inner) in union.variants {
                    self.add(inner);
                }
            }
            Type::Words(words) => {
                self.words.insert(words.name, words);
            }
            Type::Id(id) => {
                self.ids.insert(id.name, id);
            }
            _ => {}
        }
    }
}

fn link(name: &str) -> String {
    format!("[{name}](#{})", name.to_lowercase())
}

fn type_text(ty: &Type) -> String {
    match ty {
        Type::Bool => "boolean".into(),
        Type::Integer | Type::Millis => "integer".into(),
        Type::Number | Type::PrivateNumber => "number".into(),
        Type::Text | Type::PrivateText => "text".into(),
        Type::Json => "any JSON".into(),
        Type::Timestamp => "time".into(),
        Type::Room => "room".into(),
        Type::Id(id) => format!("[{}](#101-identifiers)", id.name),
        Type::Words(words) => link(words.name),
        Type::Object(object) => link(object.name),
        Type::Union(union) => link(union.name),
        Type::Optional(inner) => type_text(inner),
        Type::List(inner) => format!("list of {}", type_text(inner)),
        Type::Map(key, inner) => format!("{} by {}", type_text(inner), type_text(key)),
    }
}

fn field_name(field: &Field, writer: Writer) -> String {
    let optional = match writer {
        // Without a token the answer is `no_token`, so that it is no more optional than others.
        Writer::Client => field.is_optional() && field.ident != "token",
        Writer::Server => field.is_left_out(),
    };
    format!("`{}{}`", field.name(), if optional { "?" } else { "" })
}

/// The fields of an object within a cell of a table.
fn cell(object: &Object, writer: Writer) -> String {
    let fields: Vec<_> = object
        .fields()
        .iter()
        .map(|field| format!("{} {}", field_name(field, writer), type_text(field.ty)))
        .collect();
    if fields.is_empty() {
        "`{}`".to_owned()
    } else {
        fields.join(", ")
    }
}

/// Of documentation, what stands well in a table: links of rustdoc as plain code.
fn prose(docs: &[&str]) -> String {
    text_of(docs)
        .replace("[`Leave`]", "`call:leave`")
        .replace("[`PUBLISHABLE`]", "those in [8.1](#81-publishing)")
        .replace("[`Quality`](super::Quality)", "`call:quality`")
        .replace("[`Resume`]", "`session:resume`")
        .replace('|', "\\|")
}

fn domain(domain: &Domain) -> String {
    let mut text = String::new();
    if !domain.commands.is_empty() {
        text.push_str("| command | class | data | reply |\n| --- | --- | --- | --- |\n");
        for row in domain.commands {
            let class = match (row.name, row.class) {
                ("room:publish", _) => "keyed with `retain`, else live",
                (_, Class::Keyed) => "keyed",
                (_, Class::Live) => "live",
                (_, Class::LiveKeyed) => "live, with a key",
                (_, Class::State) => "state",
                (_, Class::Control) => "control",
            };
            let (data, reply) = (
                cell(row.data_shape, Writer::Client),
                cell(row.reply_shape, Writer::Server),
            );
            let doc = prose(row.data_shape.docs);
            writeln!(
                text,
                "| `{}`<br>{doc} | {class} | {data} | {reply} |",
                row.name
            )
            .unwrap();
        }
        text.push('\n');
    }
    if !domain.events.is_empty() {
        text.push_str("| event | retained | data |\n| --- | :-: | --- |\n");
        for row in domain.events {
            let kept = match row.retention {
                Retention::Retained => "●",
                Retention::Ephemeral => "",
                Retention::OnRequest => "with `retain`",
            };
            let doc = prose(row.shape.docs);
            writeln!(
                text,
                "| `{}`<br>{doc} | {kept} | {} |",
                row.name,
                cell(row.shape, Writer::Server)
            )
            .unwrap();
        }
    }
    text
}

fn http() -> String {
    let mut text = "| call | body | answer |\n| --- | --- | --- |\n".to_owned();
    for call in HTTP_CALLS {
        let query = match call.query {
            [] => String::new(),
            names => format!("<br>query: `{}`", names.join("`, `")),
        };
        let body = if call.body.fields().is_empty() {
            String::new()
        } else {
            cell(call.body, Writer::Client)
        };
        let (method, path, reply) = (call.method, call.path, cell(call.reply, Writer::Server));
        writeln!(text, "| `{method} {path}`{query} | {body} | {reply} |").unwrap();
    }
    text
}

fn ids(types: &Types) -> String {
    let mut text = "| type | form | meaning |\n| --- | --- | --- |\n".to_owned();
    for id in types.ids.values() {
        writeln!(text, "| {} | {} | {} |", id.name, id.rule, prose(id.docs)).unwrap();
    }
    text
}

fn objects(types: &Types) -> String {
    let mut text = String::new();
    for object in types.objects.values() {
        writeln!(text, "#### {}\n\n{}\n", object.name, prose(object.docs)).unwrap();
        text.push_str("| field | type | meaning |\n| --- | --- | --- |\n");
        let sent = types.sent.contains(object.name);
        let writer = if sent { Writer::Client } else { Writer::Server };
        for field in object.fields() {
            let (name, doc) = (field_name(&field, writer), prose(field.docs));
            writeln!(text, "| {name} | {} | {doc} |", type_text(field.ty)).unwrap();
        }
        text.push('\n');
    }
    for union in types.unions.values() {
        writeln!(text, "#### {}\n\n{}\n", union.name, prose(union.docs)).unwrap();
        text.push_str("| shape | of |\n| --- | --- |\n");
        for (name, content) in union.variants {
            let shape = match union.tagging {
                Tagging::Key => format!("{{\"{name}\": …}}"),
                Tagging::TypeAndData => format!("{{\"type\": \"{name}\", \"data\": …}}"),
            };
            writeln!(text, "| `{shape}` | {} |", type_text(content)).unwrap();
        }
        text.push('\n');
    }
    text
}

fn words(types: &Types) -> String {
    let mut text = String::new();
    for words in types.words.values() {
        writeln!(text, "#### {}\n\n{}\n", words.name, prose(words.docs)).unwrap();
        text.push_str("| value | meaning |\n| --- | --- |\n");
        for (word, docs) in words.words {
            writeln!(text, "| `{word}` | {} |", prose(docs)).unwrap();
        }
        text.push('\n');
    }
    text
}

fn generate(name: &str, types: &Types) -> String {
    match name {
        "http" => http(),
        "identifiers" => ids(types),
        "objects" => objects(types),
        "enumerations" => words(types),
        title => match catalog::DOMAINS.iter().find(|known| known.title == title) {
            Some(known) => domain(known),
            None => panic!("docs/protocol.md asks for {title}, which is no domain"),
        },
    }
}

fn page() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/protocol.md")
}

#[test]
fn the_tables_are_current() {
    let old = std::fs::read_to_string(page()).unwrap();
    let types = Types::all();
    let (mut new, mut rest, mut seen) = (String::new(), old.as_str(), Vec::new());
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(" -->").unwrap();
        let (_, after) = after
            .split_once(END)
            .unwrap_or_else(|| panic!("{name} has no end"));
        let table = generate(name, &types);
        assert!(
            !table.contains("[`"),
            "a link of rustdoc in {name}: {table}"
        );
        write!(
            new,
            "{before}{BEGIN}{name} -->\n\n{}\n\n{END}",
            table.trim_end()
        )
        .unwrap();
        seen.push(name);
        rest = after;
    }
    new.push_str(rest);
    for title in catalog::DOMAINS.iter().map(|known| known.title) {
        assert!(
            seen.contains(&title),
            "docs/protocol.md lacks {BEGIN}{title} -->"
        );
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(page(), new).unwrap();
    } else {
        assert!(
            new == old,
            "docs/protocol.md is not current: run with UPDATE_DOCS=1"
        );
    }
}

#[test]
fn the_page_names_every_code_and_kind() {
    let text = std::fs::read_to_string(page()).unwrap();
    for code in ErrorCode::KNOWN {
        assert!(text.contains(&format!("`{code}`")), "{code}");
    }
    for code in [
        close::VIOLATION,
        close::UNAUTHENTICATED,
        close::FORBIDDEN,
        close::DISCONNECTED,
        close::IDLE,
        close::REPLACED,
        close::AUTH_TIMEOUT,
        close::TOO_MANY,
        close::SHUTDOWN,
        close::TOO_SLOW,
    ] {
        assert!(text.contains(&format!("| {code} |")), "{code}");
    }
    for kind in RoomKind::ALL
        .iter()
        .filter(|kind| **kind != RoomKind::Channel)
    {
        assert!(text.contains(&format!("`{}:{{", kind.as_str())), "{kind:?}");
    }
}
