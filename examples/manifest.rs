//! The manifests by which Python peers and nodes of ours know each other: printed, checked, compared.
//!
//!     cargo run --example manifest -- print server
//!     cargo run --example manifest -- check client.json
//!     cargo run --example manifest -- compare old.json new.json
//!
//! `print` writes what the server or the clients of `number_server` say of themselves. `check` says what is wrong with
//! a file, and what Python peers cannot load, cannot check or may drop; it ends with 1 only if a file is no manifest.
//! `compare` says how two files differ, and ends with 1 if they do.

use std::fs;
use std::process::ExitCode;

use anyhow::Context;
use examples::number::one_number;
use magicnet::{Manifest, Node};

const USAGE: &str = "usage: manifest print server|client
       manifest check FILE...
       manifest compare FILE FILE";

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["print", "server"] => print(Node::server().contract::<one_number::Contract>().manifest()),
        ["print", "client"] => print(Node::client().contract::<one_number::Contract>().manifest()),
        ["check", ref files @ ..] if !files.is_empty() => check(files),
        ["compare", first, second] => compare([first, second]),
        ["--help" | "-h"] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprintln!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    }
}

fn print(manifest: Manifest) -> anyhow::Result<ExitCode> {
    println!("{}", manifest.to_json());
    Ok(ExitCode::SUCCESS)
}

fn check(files: &[&str]) -> anyhow::Result<ExitCode> {
    for file in files {
        let manifest = read(file)?;
        match manifest.warnings() {
            [] => println!("{file}: nothing in it is hard for Python"),
            warnings => warnings.iter().for_each(|warning| println!("{file}: {warning}")),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn compare([first, second]: [&str; 2]) -> anyhow::Result<ExitCode> {
    let sides = [first, second].map(|file| format!("in {file}"));
    let differences = read(first)?.compare(&read(second)?, [&sides[0], &sides[1]]);
    for difference in &differences {
        println!("{difference}");
    }
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(file: &str) -> anyhow::Result<Manifest> {
    let content = fs::read(file).with_context(|| format!("cannot read {file}"))?;
    Manifest::from_json(content).with_context(|| format!("{file} is no manifest"))
}
