//! The rules bite: each one tried on sources small enough to see why.

use super::*;

fn file(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}

fn layer(path: &str, text: &str) -> usize {
    layer_faults(&file(path, text)).len()
}

#[test]
fn a_layer_knows_itself_and_what_is_below() {
    assert_eq!(below("wire"), Vec::<&str>::new());
    assert_eq!(below("world"), ["line", "schema", "wire"]);
    assert_eq!(
        layer(
            "magicnet/src/world/mod.rs",
            "use crate::wire::Id;\nuse crate::world::x::Y;\nuse crate::time::Time;"
        ),
        0
    );
    assert_eq!(layer("magicnet/src/lib.rs", "pub use crate::node::Node;"), 0);
    assert_eq!(layer("magicnet/src/prelude.rs", "pub use crate::node::Node;"), 0);
}

#[test]
fn a_layer_does_not_know_what_is_above_or_beside() {
    assert_eq!(layer("magicnet/src/wire/mod.rs", "use crate::schema::Type;"), 1);
    assert_eq!(layer("magicnet/src/edge/mod.rs", "use crate::world::World;"), 1);
    assert_eq!(layer("magicnet/src/time.rs", "use crate::wire::Id;"), 1);
    assert_eq!(layer("magicnet/src/edge/mod.rs", "fn f() -> crate::node::Node {}"), 1);
    assert_eq!(
        layer(
            "magicnet/src/edge/mod.rs",
            "use crate::{\n    wire::{Id, Reader},\n    world::World,\n    node,\n};"
        ),
        2
    );
}

#[test]
fn a_layer_does_not_go_around() {
    assert_eq!(layer("magicnet/src/wire/mod.rs", "use crate::Node;"), 1);
    assert_eq!(layer("magicnet/src/wire/mod.rs", "use crate::*;"), 1);
    assert_eq!(layer("magicnet/src/wire/mod.rs", "use crate as all;"), 1);
    assert_eq!(layer("magicnet/src/wire/mod.rs", "use ::magicnet::Node;"), 1);
    assert_eq!(layer("magicnet/src/wire/mod.rs", "use super::node::Node;"), 1);
    assert_eq!(layer("magicnet/src/wire/read.rs", "use super::super::node::Node;"), 1);
    assert_eq!(layer("magicnet/src/wire/read.rs", "use super::write;"), 0);
    assert_eq!(layer("magicnet/src/wire/mod.rs", "mod tests {\n    use super::*;\n}"), 0);
    assert_eq!(layer("magicnet/src/wire/mod.rs", "mod tests {\n    use super::super::*;\n}"), 1);
    assert_eq!(layer("magicnet/src/wire/mod.rs", "mod tests {}\nuse super::node;"), 1);
}

#[test]
fn comments_and_literals_are_no_code() {
    let text =
        "//! crate::node\n/* crate::node /* nested */ crate::node */\nconst A: &str = \"crate::node\";\n";
    assert_eq!(layer("magicnet/src/wire/mod.rs", text), 0);
    let text =
        "const A: &str = r#\"crate::\"node\"#;\nconst B: char = '\"';\nfn f<'a>() -> crate::node::N<'a> {}";
    assert_eq!(layer_faults(&file("magicnet/src/wire/mod.rs", text)).len(), 1);
    assert_eq!(code("let a = '\\''; // x\nb"), "let a =     ;     \nb");
    assert_eq!(code("for r in br\"x\" {}"), "for r in       {}");
}

#[test]
fn the_system_is_for_drivers() {
    let text = "use std::{fmt, net::TcpStream};\nuse tokio::sync::mpsc;\nfn f() { std::thread::yield_now() }";
    assert_eq!(system_faults(&file("magicnet/src/world/mod.rs", text)).len(), 3);
    assert_eq!(system_faults(&file("magicnet/src/lib.rs", text)).len(), 3);
    assert_eq!(system_faults(&file("magicnet/src/drive/tcp.rs", text)).len(), 0);
    assert_eq!(
        system_faults(&file("magicnet/src/world/mod.rs", "std::thread_local! {}\nmy::tokio::x")).len(),
        0
    );
}

#[test]
fn the_small_rules() {
    assert!(top_level_fault("justfile").is_some() && top_level_fault("docs").is_some());
    assert!(top_level_fault("deny.toml").is_none() && top_level_fault(".ci").is_none());
    assert!(opening_fault(&file("magicnet/src/a.rs", "use x;")).is_some());
    assert!(opening_fault(&file("tests/ui/fail/a.rs", "use x;")).is_none());
    assert_eq!(
        left_behind_faults(&file("a.rs", "fn f() { todo!() } // dbg!(x)\nconst A: &str = \"dbg!(\";")).len(),
        1
    );
    assert_eq!(line_faults(&file("a.rs", &format!("{}\n{}", "ä".repeat(120), "b".repeat(121)))).len(), 1);
    let long = file("a.rs", &"\n".repeat(701));
    assert!(length_fault(&long, &[]).is_some() && length_fault(&long, &[("a.rs", "a table")]).is_none());
    assert!(length_fault(&file("a.rs", ""), &[("a.rs", "a table")]).is_some());
    let ignored = format!("{}]\nfn f() {{}}\n{} = \"needs tests/run\"]", "#[ignore", "#[ignore");
    assert_eq!(ignore_faults(&file("a.rs", &ignored)).len(), 1);
}

#[test]
fn the_readme_and_the_examples() {
    let manifest =
        "[[example]]\nname = \"chat_server\"\npath = \"chat_server.rs\"\n[[example]]\nname = \"chat_client\"";
    assert_eq!(example_faults("nothing yet, `cargo run --example NAME`", manifest).len(), 0);
    assert_eq!(example_faults("`--example chat_server`, chat_client", manifest).len(), 0);
    assert_eq!(example_faults("--example chat_server -- --demo", manifest).len(), 1);
    assert_eq!(example_faults("--example chat_server\nchat_client\n--example gone", manifest).len(), 1);
}
