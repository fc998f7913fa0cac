//! The manifest: ours, loaded by Python peers instead of views of our side, and checked by the library itself.
//!
//! The Python peers here have a view of each contract: neither version can load a manifest that names another one
//! (`ForeignNetworkObject.create_subclass` raises an `AttributeError`).

use std::fs;
use std::path::PathBuf;

use magicnet::{Node, NodeBuilder};
use serde_json::json;

use crate::nodes::{NumberClient, NumberServer, Ours, TypesClient, TypesServer, every_type, one_number};
use crate::python::{Python, Version};

/// A file of its own for each test; the system's place for such files is cleared by the system.
struct ManifestFile(PathBuf);

impl ManifestFile {
    fn of(node: &NodeBuilder, name: &str, version: Version) -> Self {
        let file = format!("magicnet-{}-{name}-{version}.json", std::process::id());
        let path = std::env::temp_dir().join(file);
        fs::write(&path, node.manifest().to_json()).expect("there is a place for files");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("the path is text")
    }
}

impl Drop for ManifestFile {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = fs::remove_file(&self.0);
    }
}

/// What Python's library takes and refuses by the typehints of a manifest: the same as our nodes.
const CHECKS: &[(&str, &str, &str, bool)] = &[
    ("one-number", "add_value", "[-2147483648]", true),
    ("one-number", "add_value", "[2147483648]", false),
    ("one-number", "add_value", "[]", false),
    ("one-number", "add_value", "[1, 2]", false),
    ("one-number", "add_value", "[\"1\"]", false),
    ("every-type", "set_value", "[]", true),
    ("every-type", "set_value", "[65535]", true),
    ("every-type", "set_value", "[65536]", false),
    ("every-type", "set_extras", "[]", true),
    ("every-type", "set_extras", r#"["a", "b"]"#, true),
    ("every-type", "set_extras", r#"["a", 1]"#, false),
    ("every-type", "set_labels", "[]", false),
    ("every-type", "set_labels", r#"["12345678901234567"]"#, false),
    ("every-type", "set_labels", r#"["title", 1, 255]"#, true),
    ("every-type", "set_labels", r#"["title", 256]"#, false),
    ("every-type", "set_point", "[[1]]", true),
    ("every-type", "set_point", "[[1, 2, 3]]", true),
    ("every-type", "set_point", "[[]]", false),
    ("every-type", "set_point", "[[1, 2, 3, 4]]", false),
    ("every-type", "set_numbers", "[-128, 18446744073709551615, -9223372036854775808]", true),
    ("every-type", "set_numbers", "[-129, 0, 0]", false),
    ("every-type", "set_list", "[[1, 2]]", true),
    ("every-type", "set_list", "[[1, \"2\"]]", false),
    ("every-type", "set_pair", r#"[["a", 1]]"#, true),
    ("every-type", "set_pair", r#"[["a"]]"#, false),
    ("every-type", "set_bytes", r#"[{"bytes": "00"}]"#, true),
    ("every-type", "set_bytes", r#"["text"]"#, false),
    ("every-type", "set_text", r#"["text"]"#, true),
    ("every-type", "set_float", "[1.5]", true),
    ("every-type", "set_float", "[2]", false),
    ("every-type", "set_rows", "[[[1], [2, 65535]]]", true),
    ("every-type", "set_rows", "[[[65536]]]", false),
    ("every-type", "set_points", "[[[1], [2, 3]]]", true),
    ("every-type", "set_map", r#"[{"a": 1}]"#, true),
    ("every-type", "set_any", "[null]", true),
];

/// The library loads every typehint of the manifest, and takes and refuses by them what we do.
fn is_checked_by_python(version: Version, manifest: &ManifestFile, fields: fn(&str) -> String) {
    let mut check = Python::start(version, "manifest_check.py", &[manifest.path()]);
    for (contract, field, arguments, is_taken) in CHECKS {
        let field = fields(field);
        check.command(&format!("[\"{contract}\", \"{field}\", {arguments}]"));
        assert_eq!(check.line(), is_taken.to_string(), "{field}{arguments}");
    }
}

pub(crate) fn rust_server(version: Version) {
    let configure = |node: NodeBuilder| node.view::<NumberServer>().view::<TypesServer>();
    let manifest = ManifestFile::of(&configure(Node::server()), "server", version);
    is_checked_by_python(version, &manifest, str::to_owned);

    // Python knows our side by the manifest alone: the numbers of types and fields come from there.
    let server = Ours::server(configure);
    let options = ["--signatures", manifest.path()];
    let (mut client, repository) = Python::ready_client(version, "both_client.py", server.port(), &options);
    client.command("number 10");
    client.command("types");
    let [number, types] = [1, 2].map(|local| (u64::from(repository) << 32) + local);
    for object in [number, types] {
        client.tells(&json!({"event": "generated", "oid": object, "owner": repository, "zone": 0}));
    }
    client.command(&format!("call {number} add_value [5]"));
    client.tells(&json!({"event": "value", "oid": number, "value": 10}));
    client.tells(&json!({"event": "value", "oid": number, "value": 15}));
    client.command(&format!("call {types} set_any [\"last\"]"));
    client.tells(&json!({"event": "called", "oid": types, "call": "echo_any", "arguments": ["last"]}));
}

pub(crate) fn python_server(version: Version) {
    let configure = |node: NodeBuilder| node.view::<NumberClient>().view::<TypesClient>();
    let manifest = ManifestFile::of(&configure(Node::client()), "client", version);
    is_checked_by_python(version, &manifest, |field| match field {
        "add_value" => "set_current_value".to_owned(),
        other => other.replace("set_", "echo_"),
    });

    let options = ["--signatures", manifest.path()];
    let (_server, port) = Python::server(version, "both_server.py", &options);
    let client = Ours::client(port, configure);
    let number = client.create::<one_number::Contract>(|new| new.call(|s| s.set_init_value(10)));
    client.hears(format!("generated {} 10", number.id().to_u64()));
    client.run(move |n| n.object(number).server().add_value(5));
    client.hears(format!("value {} 15", number.id().to_u64()));
    let types = client.create::<every_type::Contract>(|new| new);
    client.hears("generated()");
    client.run(move |n| n.object(types).server().set_value(7));
    client.hears("echo_value(7)");
}
