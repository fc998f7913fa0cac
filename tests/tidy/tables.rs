//! Tables that people read: what they name exists.
//!
//! The README's says which test or example shows each line of the Python library's page, the one in
//! `tests/flow/library` which story of ours stands beside each of the library's own tests.

use std::collections::HashSet;

use super::{Source, report, root, rust_sources};

#[test]
fn the_readme_points_at_what_is_there() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md can be read");
    let gone = links(&readme).into_iter().filter(|path| !root().join(path).exists());
    report("links of the README lead somewhere", gone.map(|path| format!("README.md: {path} is not there")));
}

#[test]
fn every_line_of_the_librarys_page_is_shown_or_later() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md can be read");
    let rows = rows(&readme, "| the library's page ");
    assert!(rows.len() > 30, "the table is there");
    report("what works is shown", rows.iter().filter_map(|row| row_fault(row)));
}

#[test]
fn the_librarys_tests_have_stories() {
    let table =
        std::fs::read_to_string(root().join("tests/flow/library/mod.rs")).expect("the table is there");
    let named = stories(&table);
    assert!(named.len() >= 19, "the library has so many tests");
    let sources: Vec<Source> = rust_sources().collect();
    let there: HashSet<&str> = sources.iter().flat_map(|file| functions(&file.text)).collect();
    let gone = named.into_iter().filter(|name| !there.contains(name));
    report("stories exist", gone.map(|name| format!("tests/flow/library/mod.rs: there is no `{name}`")));
}

/// The rows of the table that begins so, each as its cells.
fn rows<'a>(text: &'a str, head: &str) -> Vec<Vec<&'a str>> {
    let lines = text.lines().skip_while(|line| !line.starts_with(head)).skip(2);
    lines
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

/// A line that works names what shows it; one that does not says "later" and names nothing.
fn row_fault(row: &[&str]) -> Option<String> {
    let (line, here, shown) = match row {
        [line, ..] if line.starts_with("**") => return None,
        [line, here, shown] => (line, here, shown),
        [line, here] => (line, here, &""),
        _ => return Some(format!("README.md: {row:?} has not three cells")),
    };
    let is_later = here.starts_with("later");
    match (is_later, links(shown).is_empty()) {
        (false, true) => Some(format!("README.md: nothing shows `{line}`")),
        (true, false) => Some(format!("README.md: `{line}` is for later, and something shows it")),
        _ => None,
    }
}

/// Where links lead that stay inside of the repository.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://") && !target.starts_with('#')).collect()
}

/// What stands between backticks in the last cell of each row that names a test of the library's.
fn stories(table: &str) -> Vec<&str> {
    let rows = table.lines().filter_map(|line| line.strip_prefix("//! | `test_"));
    let cells = rows.filter_map(|row| row.trim_end_matches(" |").rsplit(" | ").next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

/// The names of a source's functions.
fn functions(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let (name, _) = line.trim_start().strip_prefix("fn ")?.split_once('(')?;
        Some(name)
    })
}

#[test]
fn every_limit_is_in_the_guide() {
    let limits =
        std::fs::read_to_string(root().join("magicnet/src/edge/limits.rs")).expect("limits are there");
    let guide =
        std::fs::read_to_string(root().join("magicnet/src/guide/limits.md")).expect("the guide is there");
    let fields = public_fields(&limits);
    assert!(fields.len() > 20, "the struct is there");
    let rows = rows(&guide, "| limit ");
    let named: Vec<&str> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    report(
        "limits are in the guide",
        difference(&fields, &named, "has no row in magicnet/src/guide/limits.md"),
    );
    report(
        "limits are in the guide",
        difference(&named, &fields, "is no limit of magicnet/src/edge/limits.rs"),
    );
    let short = rows.iter().filter(|row| row.len() != 4 || row.iter().any(|cell| cell.is_empty()));
    report("each has a default, a reason and an end", short.map(|row| format!("{row:?} has an empty cell")));
}

/// The names of a struct's public fields.
fn public_fields(text: &str) -> Vec<&str> {
    let fields = text.lines().filter_map(|line| line.strip_prefix("    pub "));
    fields.filter_map(|rest| rest.split_once(": ")).map(|(name, _)| name).collect()
}

/// What is in one list and not in the other.
fn difference(names: &[&str], others: &[&str], sentence: &str) -> Vec<String> {
    let missing = names.iter().filter(|name| !others.contains(name));
    missing.map(|name| format!("`{name}` {sentence}")).collect()
}

#[test]
fn the_rules_bite() {
    assert_eq!(public_fields("    pub one: u8,\n    pub fn two(\n    pub(super) three: u8,"), ["one"]);
    assert_eq!(difference(&["a", "b"], &["b"], "is gone"), ["`a` is gone"]);
    assert_eq!(links("[a](tests/a.rs), [b](https://b.c), [c](#c) and (d)"), ["tests/a.rs"]);
    let table = "text\n| head | b | c |\n|---|---|---|\n| x | yes | [x](x.rs) |\n| y | later | |\n\n| z |";
    let rows = rows(table, "| head ");
    assert_eq!(rows.len(), 2);
    assert_eq!(row_fault(&rows[0]), None);
    assert!(row_fault(&["x", "yes", ""]).is_some());
    assert!(row_fault(&["x", "later", "[x](x.rs)"]).is_some());
    assert!(row_fault(&["x", "yes"]).is_some() && row_fault(&["x"]).is_some());
    assert_eq!(row_fault(&["**x**", ""]), None);
    assert_eq!(
        stories("//! | `test_a.py`: `test_b` | `one`, `two` |\n//! | other | `three` |"),
        ["one", "two"]
    );
    assert_eq!(functions("    fn one() {\nfn two(x: u8) {\n// fn").collect::<Vec<_>>(), ["one", "two"]);
}
