//! `docs/coverage.md` says which test shows what; here it is held to the sources.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use carewire_protocol::catalog;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page() -> String {
    std::fs::read_to_string(root().join("docs/coverage.md")).unwrap()
}

/// The rows of the tables that name tests: what is named, what it is here, and the tests.
fn rows(page: &str) -> Vec<[String; 3]> {
    let mut rows = Vec::new();
    let mut within = false;
    for line in page.lines() {
        if !line.starts_with('|') {
            within = false;
            continue;
        }
        let cells: Vec<_> = line
            .trim_matches('|')
            .split(" | ")
            .map(|cell| cell.trim_matches(['|', ' ']).to_owned())
            .collect();
        if cells.last().is_some_and(|last| last == "test") {
            within = true;
        } else if within && !line.starts_with("| ---") {
            let row = <[String; 3]>::try_from(cells);
            rows.push(row.unwrap_or_else(|_| panic!("not three cells: {line}")));
        }
    }
    rows
}

/// The texts in backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Whether a source has a test of this name: a function under an attribute that says so, or one
/// that a macro runs on databases.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let is_listed = source
        .split("\non_")
        .skip(1)
        .filter_map(|list| list.split_once(");"))
        .any(|(list, _)| {
            list.lines()
                .any(|line| line.trim().trim_end_matches(',') == name)
        });
    lines.iter().enumerate().any(|(at, line)| {
        let Some((before, after)) = line.split_once("fn ") else {
            return false;
        };
        let is_it = after
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('('));
        let above = lines[..at]
            .iter()
            .rev()
            .take_while(|line| line.starts_with("#["));
        let is_marked = above.into_iter().any(|line| line.contains("test"));
        is_it && matches!(before, "" | "async ") && (is_marked || is_listed)
    })
}

fn file_of(path: &str) -> PathBuf {
    let of_the_repository = [
        "sdk/",
        "sdk-wasm/",
        "server/",
        "protocol/",
        "xtask/",
        "tests/",
    ];
    if of_the_repository
        .iter()
        .any(|start| path.starts_with(start))
    {
        root().join(path)
    } else {
        root().join("tests").join(path)
    }
}

/// Whether a text in backticks names a test, of Rust or of TypeScript.
fn is_test(text: &str) -> bool {
    [".rs::", ".ts::", ".tsx::"]
        .iter()
        .any(|end| text.contains(end))
}

#[test]
fn every_test_it_names_exists() {
    let (mut sources, mut missing, mut named) = (BTreeMap::new(), Vec::new(), BTreeSet::new());
    let page = page();
    for test in quoted(&page).filter(|text| is_test(text)) {
        let (path, name) = test.split_once("::").unwrap();
        let source = sources
            .entry(path.to_owned())
            .or_insert_with(|| std::fs::read_to_string(file_of(path)).unwrap_or_default());
        named.insert(test.to_owned());
        let is_there = if test.contains(".rs::") {
            has_test(source, name)
        } else {
            source.contains(&format!("test({name:?}"))
        };
        if !is_there {
            missing.push(test.to_owned());
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(named.len() > 100, "only {} tests", named.len());
}

#[test]
fn every_row_names_a_test_or_says_why_not() {
    let page = page();
    let rows = rows(&page);
    for [there, here, tests] in &rows {
        let has_test = quoted(tests).any(is_test);
        assert!(
            has_test || tests.starts_with("— "),
            "{there} | {here}: {tests}"
        );
    }
    assert!(rows.len() > 300, "only {} rows", rows.len());
}

#[test]
fn every_name_of_the_contract_it_uses_exists() {
    let commands = catalog::commands().map(|row| row.name);
    let known: BTreeSet<_> = commands
        .chain(catalog::events().map(|row| row.name))
        .collect();
    let domains: BTreeSet<_> = known
        .iter()
        .filter_map(|name| name.split_once(':'))
        .map(|(domain, _)| domain)
        .collect();
    let page = page();
    for [there, here, _] in rows(&page) {
        for text in quoted(&here) {
            let name = text.split(' ').next().unwrap_or_default();
            let Some((domain, rest)) = name.split_once(':') else {
                continue;
            };
            // What goes on after the colon with a brace or nothing is a room.
            let is_name = !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphabetic());
            if domains.contains(domain) && is_name {
                assert!(known.contains(name), "{there}: {name}");
            }
        }
    }
}
