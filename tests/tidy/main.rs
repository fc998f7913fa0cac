//! The rules of the house that no compiler checks: which layer may know which, what lies at the top of the repository,
//! how files open and how long they get. Each rule is a function from a source to its faults, tried on small samples
//! in `samples`, and a test that runs it over the repository. The lists that one edits come first.

mod read;
mod samples;
mod tables;

use read::{code, paths, supers, word};

use std::fs;
use std::path::{Path, PathBuf};

// ---- the rules, as data

/// Each layer of `magicnet/src` with the layers right below it. A layer may use itself and everything below.
const LAYERS: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("schema", &["wire"]),
    ("line", &["schema"]),
    ("edge", &["line"]),
    ("world", &["line"]),
    ("node", &["edge", "world"]),
    ("persist", &["node"]),
    ("relay", &["node"]),
    ("cluster", &["node"]),
    ("drive", &["persist", "relay", "cluster"]),
    ("inspect", &["drive"]),
    ("testing", &["node"]),
];

/// Modules below all layers: any layer may use them, and they use none.
const BASE: &[&str] = &["hash", "rate", "time"];

/// The layers that may touch the system, with the reason.
const SYSTEM_LAYERS: &[(&str, &str)] = &[
    ("drive", "sockets, timers and threads"),
    ("persist", "files and databases"),
    ("cluster", "links between processes"),
    ("inspect", "its own listener"),
];

/// What "the system" is: a crate, or one module of a crate.
const SYSTEM: &[(&str, &str)] =
    &[("tokio", ""), ("std", "net"), ("std", "thread"), ("std", "fs"), ("std", "process")];

/// What may lie at the top beside dotfiles and `*.toml` of tools.
const TOP_LEVEL: &[&str] = &[
    "Cargo.lock",
    "magicnet",
    "magicnet-derive",
    "examples",
    "tests",
    "README.md",
    "CHANGELOG.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "target",
];

/// Left behind by accident.
const LEFT_BEHIND: &[&str] = &["dbg!(", "todo!(", "unimplemented!("];

const LONGEST_LINE: usize = 120;

/// A file of a library is read in one sitting.
const LONGEST_FILE: usize = 700;

/// Longer files, each with the reason why it is better in one piece.
const LONG_FILES: &[(&str, &str)] = &[];

/// Compile-fail and compile-pass cases: their text is what is tested, down to the line.
const CASES: &str = "tests/ui/";

// ---- the repository

#[test]
fn layers_import_one_way() {
    report("the layers import one way", sources("magicnet/src", "rs").flat_map(|file| layer_faults(&file)));
}

#[test]
fn only_drivers_touch_the_system() {
    report(
        "only drivers touch the system",
        sources("magicnet/src", "rs").flat_map(|file| system_faults(&file)),
    );
}

#[test]
fn the_top_level_is_closed() {
    let names = fs::read_dir(root()).expect("the repository can be read").map(|entry| {
        let entry = entry.expect("an entry of the repository can be read");
        entry.file_name().into_string().expect("file names are UTF-8")
    });
    report("the top level is closed", names.filter_map(|name| top_level_fault(&name)));
}

#[test]
fn files_open_with_their_promise() {
    report("files open with their promise", rust_sources().filter_map(|file| opening_fault(&file)));
}

#[test]
fn nothing_is_left_behind() {
    report("nothing is left behind", rust_sources().flat_map(|file| left_behind_faults(&file)));
}

#[test]
fn lines_are_short() {
    let scripts = sources("tests", "py").chain(sources("tests", "run"));
    report("lines are short", rust_sources().chain(scripts).flat_map(|file| line_faults(&file)));
}

#[test]
fn files_are_short() {
    let libraries = ["magicnet/src", "magicnet/manifest/src", "magicnet-derive/src"];
    let libraries = libraries.into_iter().flat_map(|folder| sources(folder, "rs"));
    report("files are short", libraries.filter_map(|file| length_fault(&file, LONG_FILES)));
    let gone = LONG_FILES.iter().filter(|(path, _)| !root().join(path).exists());
    report(
        "files are short",
        gone.map(|(path, _)| format!("{path} has an exemption in LONG_FILES but is gone")),
    );
}

#[test]
fn ignored_tests_say_why() {
    report("ignored tests say why", sources("tests", "rs").flat_map(|file| ignore_faults(&file)));
}

#[test]
fn readme_names_the_examples() {
    let Ok(readme) = fs::read_to_string(root().join("README.md")) else {
        return;
    };
    // The bench is a package of its own.
    let manifests = ["examples/Cargo.toml", "examples/bench/Cargo.toml"].map(|path| {
        fs::read_to_string(root().join(path)).expect("the manifests of the examples can be read")
    });
    report("the README names the examples", example_faults(&readme, &manifests.concat()));
}

// ---- the rules, as functions

/// A file of the repository, by its path from the top.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The fault at a line, as editors understand it.
    fn fault(&self, line: usize, sentence: impl AsRef<str>) -> String {
        format!("{}:{line}: {}", self.path, sentence.as_ref())
    }

    /// The module path below the crate: `magicnet/src/wire/read.rs` is `[wire, read]`, `magicnet/src/lib.rs` is empty.
    fn modules(&self) -> Vec<&str> {
        let below = self.path.strip_prefix("magicnet/src/").unwrap_or(&self.path);
        let below = below.strip_suffix(".rs").unwrap_or(below);
        let mut modules: Vec<&str> = below.split('/').collect();
        if matches!(modules.last(), Some(&"mod")) || modules == ["lib"] {
            modules.pop();
        }
        modules
    }
}

fn layer_faults(file: &Source) -> Vec<String> {
    let modules = file.modules();
    let Some(&layer) = modules.first() else {
        return Vec::new();
    };
    if !is_layer(layer) && !BASE.contains(&layer) {
        // The root's own modules (the prelude, what macros use) see everything and are seen by no layer.
        return Vec::new();
    }
    let code = code(&file.text);
    let mut faults = Vec::new();
    for (line, module) in paths(&code, "crate") {
        if module == layer || BASE.contains(&module) || below(layer).contains(&module) {
            continue;
        }
        let why = if is_layer(module) {
            format!("`{layer}` must not know `{module}`: it may use {}", listed(&below(layer)))
        } else {
            format!(
                "`crate::{module}` is no layer: name the layer it comes from, or add a module to BASE in tests/tidy"
            )
        };
        faults.push(file.fault(line, why));
    }
    for (line, climbs, depth) in supers(&code, modules.len()) {
        if climbs >= depth {
            faults.push(file.fault(
                line,
                format!("this `super::` leaves the layer `{layer}`: say `crate::` and the layer"),
            ));
        }
    }
    for (line, _) in paths(&code, "magicnet") {
        faults.push(
            file.fault(line, "the crate by its own name goes around the layers: say `crate::` and the layer"),
        );
    }
    faults
}

fn system_faults(file: &Source) -> Vec<String> {
    let layer = file.modules().first().copied().unwrap_or("the root").to_owned();
    if SYSTEM_LAYERS.iter().any(|(name, _)| *name == layer) {
        return Vec::new();
    }
    let code = code(&file.text);
    let mut faults = Vec::new();
    for (name, module) in SYSTEM {
        for (line, found) in paths(&code, name) {
            if module.is_empty() || found == *module {
                let what = if module.is_empty() { (*name).to_owned() } else { format!("{name}::{module}") };
                let may: Vec<&str> = SYSTEM_LAYERS.iter().map(|(name, _)| *name).collect();
                faults.push(file.fault(
                    line,
                    format!("`{what}` in `{layer}`: only {} may touch the system", listed(&may)),
                ));
            }
        }
    }
    faults
}

fn top_level_fault(name: &str) -> Option<String> {
    let tool = Path::new(name).extension().is_some_and(|extension| extension == "toml");
    let known = TOP_LEVEL.contains(&name) || name.starts_with('.') || tool;
    (!known).then(|| {
        format!(
            "{name}: the top level is closed; put it into a package, or list it in TOP_LEVEL with a reason"
        )
    })
}

fn opening_fault(file: &Source) -> Option<String> {
    let opens = file.path.starts_with(CASES) || file.text.trim_start().starts_with("//!");
    (!opens).then(|| file.fault(1, "a file opens with `//!`: what it does, what it leaves to others"))
}

fn left_behind_faults(file: &Source) -> Vec<String> {
    let code = code(&file.text);
    let lines = (1..).zip(code.lines());
    lines
        .flat_map(|(line, text)| {
            LEFT_BEHIND.iter().filter(move |word| text.contains(*word)).map(move |word| (line, word))
        })
        .map(|(line, word)| file.fault(line, format!("`{word}..)` was left behind")))
        .collect()
}

fn line_faults(file: &Source) -> Vec<String> {
    // A row of a table cannot be broken.
    let breakable = (1..).zip(file.text.lines()).filter(|(_, text)| !text.trim_start().starts_with("//! |"));
    let long = breakable.map(|(line, text)| (line, text.chars().count()));
    long.filter(|(_, columns)| *columns > LONGEST_LINE)
        .map(|(line, columns)| file.fault(line, format!("{columns} columns, {LONGEST_LINE} are allowed")))
        .collect()
}

fn length_fault(file: &Source, exempt: &[(&str, &str)]) -> Option<String> {
    let lines = file.text.lines().count();
    match (lines > LONGEST_FILE, exempt.iter().any(|(path, _)| *path == file.path)) {
        (true, false) => Some(format!(
            "{}: {lines} lines, {LONGEST_FILE} are allowed; split it along its parts, or say in LONG_FILES why not",
            file.path
        )),
        (false, true) => {
            Some(format!("{}: {lines} lines, so it needs no exemption in LONG_FILES", file.path))
        }
        _ => None,
    }
}

/// `tests/run` runs everything ignored in this package, so there is one reason to ignore.
fn ignore_faults(file: &Source) -> Vec<String> {
    let only = "#[ignore = \"needs tests/run\"]";
    let lines = (1..).zip(file.text.lines());
    lines
        .filter(|(_, text)| text.trim_start().starts_with("#[ignore") && !text.trim_start().starts_with(only))
        .map(|(line, _)| file.fault(line, format!("tests are ignored for one reason: {only}")))
        .collect()
}

/// A README that names no example yet is fine; one that names some names all, and only those that there are.
fn example_faults(readme: &str, manifest: &str) -> Vec<String> {
    let named: Vec<&str> =
        readme.split("--example ").skip(1).map(word).filter(|name| !name.is_empty()).collect();
    // The word in capitals stands for all of them.
    let named: Vec<&str> = named.into_iter().filter(|name| *name != "NAME").collect();
    if named.is_empty() {
        return Vec::new();
    }
    let targets = manifest.split("[[example]]").skip(1);
    let there: Vec<&str> = targets.filter_map(|target| target.split("name = \"").nth(1)).map(word).collect();
    let missing = named.iter().filter(|name| !there.contains(name));
    let missing = missing
        .map(|name| format!("README.md: `--example {name}` is no [[example]] of a manifest in examples"));
    let silent = there.iter().filter(|name| !readme.contains(**name));
    let silent = silent.map(|name| format!("README.md: the example {name} is not named"));
    missing.chain(silent).collect()
}

// ---- the list of layers

fn is_layer(name: &str) -> bool {
    LAYERS.iter().any(|(layer, _)| *layer == name)
}

/// All layers below this one.
fn below(layer: &str) -> Vec<&'static str> {
    let direct = LAYERS.iter().find(|(name, _)| *name == layer).map_or(&[][..], |(_, direct)| direct);
    let mut all: Vec<&str> = direct.iter().flat_map(|next| [vec![*next], below(next)].concat()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "no other layer".to_owned() } else { names.join(", ") }
}

// ---- files

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the package lies in the repository").to_owned()
}

fn rust_sources() -> impl Iterator<Item = Source> {
    ["magicnet", "magicnet-derive", "examples", "tests"]
        .into_iter()
        .flat_map(|package| sources(package, "rs"))
}

/// The files under a folder with this extension, or of this name, sorted; what builds leave there is skipped.
fn sources(folder: &str, kind: &str) -> impl Iterator<Item = Source> {
    let mut paths = Vec::new();
    collect(&root().join(folder), kind, &mut paths);
    paths.sort();
    paths.into_iter().map(|path| {
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{} can be read: {error}", path.display()));
        let path = path.strip_prefix(root()).expect("found below the root").display().to_string();
        Source { path, text }
    })
}

fn collect(folder: &Path, kind: &str, paths: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("an entry of the repository can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let wanted = name == kind || path.extension().is_some_and(|extension| extension == kind);
        if path.is_file() && wanted {
            paths.push(path);
        } else if path.is_dir() && name != "target" && !name.starts_with('.') {
            collect(&path, kind, paths);
        }
    }
}

#[track_caller]
fn report(rule: &str, faults: impl IntoIterator<Item = String>) {
    let faults: Vec<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "{rule}, but:\n  {}\n", faults.join("\n  "));
}
