//! Plants each fault in a copy of the workspace, builds that optimised, and lets the seeds look for it.
//!
//! The copy holds the library, its macros and this test with the few crates that they need; it lies under the target
//! folder and stays there, so that the next run builds only what changed. Production code holds no hooks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::faults::Fault;

/// The copy.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
}

/// The repository.
fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the repository")
}

/// What the test package is in the copy.
const PACKAGE: &str = r#"[package]
name = "magicnet-tests"
version = "0.0.0"
edition = "2024"
publish = false
autotests = false

[dependencies]
magicnet = { path = "../magicnet", default-features = false }

[[test]]
name = "sim"
path = "sim/main.rs"
"#;

impl Workspace {
    /// A fresh copy of what is there now.
    pub(crate) fn copy() -> Self {
        let copied = Self { root: Path::new(env!("CARGO_TARGET_TMPDIR")).join("sim") };
        let from = repository();
        for folder in ["magicnet", "magicnet-derive", "tests/sim"] {
            copy_folder(&from.join(folder), &copied.root.join(folder));
        }
        for file in ["Cargo.lock", "README.md"] {
            write(&copied.root.join(file), &read(&from.join(file)));
        }
        let manifest = read(&from.join("Cargo.toml"));
        let members =
            manifest.lines().find(|line| line.starts_with("members = ")).expect("a workspace has members");
        let own = r#"members = ["magicnet", "magicnet-derive", "tests"]"#;
        write(&copied.root.join("Cargo.toml"), &manifest.replace(members, own));
        write(&copied.root.join("tests/Cargo.toml"), PACKAGE);
        copied
    }

    /// Builds the simulations of the copy as it is now, and says where they are.
    ///
    /// # Errors
    ///
    /// What the compiler says.
    pub(crate) fn build(&self) -> Result<PathBuf, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["test", "--offline", "--no-run", "--test", "sim", "-p", "magicnet-tests"])
            .args(["--message-format", "json-render-diagnostics"])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.root.join("target"))
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            // Faults leave things unused.
            .env("RUSTFLAGS", "--cap-lints allow")
            .output()
            .expect("cargo can be run");
        let said = String::from_utf8_lossy(&output.stdout);
        let path = said.lines().filter_map(|line| line.split_once(r#""executable":""#)).next_back();
        let path = path.and_then(|(_, rest)| rest.split('"').next()).filter(|_| output.status.success());
        let words = || String::from_utf8_lossy(&output.stderr).into_owned();
        path.map(PathBuf::from).ok_or_else(words)
    }

    /// Plants a fault, builds, and takes it out again.
    pub(crate) fn build_with(&self, fault: &Fault) -> Result<PathBuf, String> {
        let path = self.root.join("magicnet/src").join(fault.file);
        let sound = read(&path);
        write(&path, &sound.replacen(fault.old, fault.new, 1));
        let built = self.build();
        write(&path, &sound);
        built
    }
}

/// Runs seeds in a program that was built; what it says, and as an error if one of them fails.
pub(crate) fn run(program: &Path, seeds: &str) -> Result<String, String> {
    let output = Command::new(program)
        .args(["--exact", "seeds_go_as_the_rules_say", "--nocapture"])
        .env("MAGICNET_SEED", seeds)
        .output()
        .expect("what was built can be run");
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    if output.status.success() { Ok(said) } else { Err(said) }
}

/// Why a fault cannot be planted, if it cannot.
pub(crate) fn misfit(fault: &Fault) -> Option<String> {
    let text = read(&repository().join("magicnet/src").join(fault.file));
    let Fault { rule, file, old, .. } = fault;
    let found = text.matches(old).count();
    (found != 1).then(|| {
        format!(
            "{file} has this {found} times, and not once:\n{old}\n\
             Renew it in tests/sim/faults.rs, so that its change breaks the rule: {rule}."
        )
    })
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder of the repository can be read") {
        let entry = entry.expect("an entry of the repository can be read");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy_folder(&from, &to) } else { write(&to, &read(&from)) }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Leaves what is right as it is: cargo builds anew what was written.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return;
    }
    let folder = path.parent().expect("files lie in folders");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .expect("the target folder can be written to");
}
