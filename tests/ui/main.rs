//! What the macros accept, and what they say to what they refuse.
//!
//! Each case is a file under `pass` or `fail`, in a folder for its subject, named after its rule. Beside each `fail`
//! case lies the compiler's answer, which shows one error under the token to change. `MAGICNET_UI=word` runs the cases
//! whose path contains the word; `TRYBUILD=overwrite` records the answers anew.

// Trybuild's compiler is no Clippy, so these are seen here too.
#[path = "pass/lints/all_denied.rs"]
mod all_denied;
#[path = "pass/lints/direct.rs"]
mod direct;

use std::fs;
use std::path::{Path, PathBuf};

/// Cases with another number of errors than one, each with the reason.
const NOT_ONE_ERROR: &[(&str, usize, &str)] = &[
    ("fail/attribute/collected", 4, "shows that all mistakes are reported in one build"),
    ("fail/direct/missing_struct", 5, "rustc asks for each part of what the struct would have said"),
    (
        "fail/direct/missing_struct_and_context",
        7,
        "rustc asks for each part of what the struct would have said, the name of the context among them",
    ),
    ("fail/direct/wrong_peer", 2, "it lacks what the struct would have said, and what the `impl` would"),
    (
        "fail/view/not_send",
        3,
        "rustc asks for `Send` at the role, at the view, and where one is found by the other",
    ),
];

#[test]
fn cases() {
    let only = std::env::var("MAGICNET_UI").unwrap_or_default();
    let chosen = |folder| files(folder, "rs").filter(|path| path.contains(&only)).collect::<Vec<_>>();
    provide_manifests();
    let tests = trybuild::TestCases::new();
    for case in chosen("pass") {
        tests.pass(format!("ui/{case}"));
    }
    for case in chosen("fail") {
        tests.compile_fail(format!("ui/{case}"));
    }
}

#[test]
fn one_mistake_is_one_message() {
    let mut faults = Vec::new();
    for answer in files("fail", "stderr") {
        let case = answer.trim_end_matches(".stderr");
        let errors = errors_in(&fs::read_to_string(root().join(&answer)).expect("an answer can be read"));
        let expected =
            NOT_ONE_ERROR.iter().find(|(name, ..)| *name == case).map_or(1, |(_, count, _)| *count);
        if errors != expected {
            faults.push(format!("{case}: {errors} errors, not {expected}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_case_has_its_answer() {
    let without = files("fail", "rs").filter(|case| !root().join(case).with_extension("stderr").exists());
    assert_eq!(without.collect::<Vec<_>>(), Vec::<String>::new());
    let exempt = NOT_ONE_ERROR.iter().map(|(name, ..)| format!("{name}.rs"));
    let gone = exempt.filter(|name| !root().join(name).exists());
    assert_eq!(gone.collect::<Vec<_>>(), Vec::<String>::new());
}

/// Puts the files of `manifests` where a case finds them: its paths begin at the crate that is made of the cases.
fn provide_manifests() {
    let this = std::env::current_exe().expect("the system knows this executable");
    // Not by `CACHEDIR.TAG`: cargo writes that only into a folder that it has made itself.
    let target = this.ancestors().skip(1).find(|folder| folder.join(".rustc_info.json").exists());
    let folder = target
        .expect("cargo keeps what it knows of rustc in its folder")
        .join("tests/trybuild/magicnet-tests/ui/manifests");
    fs::create_dir_all(&folder).expect("a folder can be made there");
    for file in files("manifests", "json") {
        let name = Path::new(&file).file_name().expect("a file has a name");
        fs::copy(root().join(&file), folder.join(name)).expect("a file can be copied");
    }
}

/// How many errors the compiler reports.
fn errors_in(answer: &str) -> usize {
    answer.lines().filter(|line| line.starts_with("error:") || line.starts_with("error[")).count()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui")
}

/// The files below a folder of this directory that end in `.ending`, sorted, by their path from here.
fn files(folder: &str, ending: &str) -> impl Iterator<Item = String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder of cases can be read") {
            let entry = entry.expect("an entry of a folder of cases can be read");
            let path = folder.join(entry.file_name());
            if entry.file_type().expect("an entry has a type").is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path.to_str().expect("paths of cases are UTF-8").to_owned());
            }
        }
    }
    found.sort();
    found.into_iter()
}
