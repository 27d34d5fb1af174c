//! The types of the Kotlin and the Swift package are made from the catalogue. `UPDATE_DOCS=1`
//! writes them anew; otherwise these tests compare, so a field that is added here reaches both
//! languages without a hand on them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test fails by panicking; its modules are no library"
)]

mod kotlin;
mod model;
#[path = "../common/names.rs"]
mod names;
mod swift;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const KOTLIN: &str = "../sdk-mobile/kotlin/src/main/kotlin/dev/carewire/protocol";
const SWIFT: &str = "../sdk-mobile/swift/Sources/Carewire/Protocol";

/// Compares a folder of generated files with what it should be, or writes it anew.
fn keep(folder: &str, files: &BTreeMap<String, String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
        return;
    }
    let mut there: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    there.sort();
    let expected: Vec<PathBuf> = files.keys().map(|name| folder.join(name)).collect();
    assert_eq!(there, expected, "cargo xtask docs writes them anew");
    for (name, text) in files {
        let old = fs::read_to_string(folder.join(name)).unwrap();
        assert!(old == *text, "{name} is not current: cargo xtask docs");
    }
}

#[test]
fn the_kotlin_types_are_current() {
    keep(KOTLIN, &kotlin::files());
}

#[test]
fn the_swift_types_are_current() {
    keep(SWIFT, &swift::files());
}

#[test]
fn every_event_and_every_command_of_an_application_is_there() {
    let kotlin = kotlin::files().into_values().collect::<String>();
    let swift = swift::files().into_values().collect::<String>();
    let contract = model::Contract::new();
    assert!(contract.commands().count() > 60);
    for (row, name) in contract.commands() {
        let head = format!("public data class {name}(");
        let head_of_none = format!("public data object {name} ");
        assert!(
            kotlin.contains(&head) || kotlin.contains(&head_of_none),
            "{name} in Kotlin"
        );
        assert!(
            swift.contains(&format!("public struct {name}: ")),
            "{name} in Swift"
        );
        let quoted = format!("\"{}\"", row.name);
        assert!(
            kotlin.contains(&quoted) && swift.contains(&quoted),
            "{quoted}"
        );
    }
    assert!(contract.events().count() > 60);
    for (row, name) in contract.events() {
        let decoded = format!("\"{}\" -> {name}", row.name);
        assert!(kotlin.contains(&decoded), "{name} in Kotlin");
        let decoded = format!("case \"{}\": ", row.name);
        assert!(swift.contains(&decoded), "{name} in Swift");
    }
}
