//! What the documents say of tests and samples is so: each test of the table of scenarios exists,
//! and the guides show sources that are compiled.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    let file = root().join(path);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn rust(test: &str) {
    let (file, name) = test.split_once("::").unwrap_or((test, ""));
    let of_the_system = format!("tests/{file}");
    let text = if root().join(&of_the_system).exists() {
        read(&of_the_system)
    } else {
        read(file)
    };
    assert!(text.contains(&format!("fn {name}")), "{test}");
}

fn browser(test: &str) {
    let path = if test.starts_with("npm/") {
        format!("sdk-wasm/{test}")
    } else {
        format!("sdk-wasm/tests/{test}.spec.ts")
    };
    assert!(root().join(path).exists(), "{test}");
}

fn kotlin(test: &str) {
    let (class, name) = test.split_once(": ").unwrap();
    let text = read(&format!(
        "sdk-mobile/kotlin/src/test/kotlin/dev/carewire/{class}.kt"
    ));
    let is_there =
        text.contains(&format!("fun `{name}`()")) || text.contains(&format!("fun {name}()"));
    assert!(is_there, "{test}");
}

fn swift(test: &str) {
    let (class, name) = test.split_once('.').unwrap();
    let text = read(&format!(
        "sdk-mobile/swift/Tests/CarewireTests/{class}.swift"
    ));
    assert!(text.contains(&format!("func {name}()")), "{test}");
}

#[test]
fn every_test_of_the_table_of_scenarios_exists() {
    let text = read("tests/README.md");
    let table = text.split("| scenario | Rust | browser | Kotlin | Swift |");
    let rows = table.last().unwrap().lines().skip(2);
    let mut count = 0;
    for row in rows.take_while(|row| row.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let [_, of_rust, of_browser, of_kotlin, of_swift] = cells[..] else {
            panic!("five columns: {row}")
        };
        assert!(of_rust.contains('`') && of_kotlin.contains('`') && of_swift.contains('`'));
        let is_test = |test: &&str| !test.starts_with("cargo ");
        quoted(of_rust).filter(is_test).for_each(rust);
        quoted(of_browser).for_each(browser);
        quoted(of_kotlin).for_each(kotlin);
        quoted(of_swift).for_each(swift);
        count += 1;
    }
    assert!(count > 25, "{count} scenarios");
}

/// A comment before a block names the file that it is a part of.
#[test]
fn the_guides_show_what_is_compiled() {
    for guide in ["docs/guides/android.md", "docs/guides/ios.md"] {
        let text = read(guide);
        let mut shown = 0;
        for part in text.split("<!-- of ").skip(1) {
            let (file, rest) = part.split_once(" -->\n```").unwrap();
            let (_, block) = rest.split_once('\n').unwrap();
            let (block, _) = block.split_once("```").unwrap();
            assert!(read(file).contains(block), "{guide}: not so in {file}");
            shown += 1;
        }
        assert!(shown >= 2, "{guide} shows {shown} sources");
    }
}
