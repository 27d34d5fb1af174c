//! The wire as text, so that whoever reviews a change of it sees one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use carewire_protocol::{
    catalog,
    schema::{Object, Type},
};
use common::objects;
use std::{collections::BTreeMap, fmt::Write};

#[test]
fn the_catalogue_as_reviewed() {
    let mut text = String::new();
    for domain in catalog::DOMAINS {
        writeln!(text, "# {}", domain.title).unwrap();
        for row in domain.commands {
            let (data, reply) = (signature(row.data_shape), signature(row.reply_shape));
            writeln!(
                text,
                "command {} {:?} {data} -> {reply}",
                row.name, row.class
            )
            .unwrap();
        }
        for row in domain.events {
            let shape = signature(row.shape);
            writeln!(text, "event {} {:?} {shape}", row.name, row.retention).unwrap();
        }
    }
    insta::assert_snapshot!("catalogue", text);
}

#[test]
fn the_types_as_reviewed() {
    let mut found = BTreeMap::new();
    for proof in catalog::proofs() {
        objects(&Type::Object(proof.shape), &mut found);
    }
    let mut text = String::new();
    for ((module, name), object) in found {
        let module = module.trim_start_matches("carewire_protocol::");
        writeln!(text, "{module}::{name} {}", signature(object)).unwrap();
    }
    insta::assert_snapshot!("types", text);
}

fn signature(object: &Object) -> String {
    let fields: Vec<_> = object
        .fields()
        .iter()
        .map(|field| {
            let optional = if field.is_optional() { "?" } else { "" };
            format!("{}{optional}: {}", field.name(), type_text(field.ty))
        })
        .collect();
    format!("{{{}}}", fields.join(", "))
}

fn type_text(ty: &Type) -> String {
    match ty {
        Type::Optional(inner) => type_text(inner),
        Type::List(inner) => format!("[{}]", type_text(inner)),
        Type::Map(key, inner) => format!("{{{}: {}}}", type_text(key), type_text(inner)),
        Type::Id(id) => id.name.to_owned(),
        Type::Object(object) => object.name.to_owned(),
        Type::Union(union) => union.name.to_owned(),
        Type::Words(words) => words
            .words
            .iter()
            .map(|(word, _)| *word)
            .collect::<Vec<_>>()
            .join("|"),
        plain => format!("{plain:?}"),
    }
}
