//! Arguments that are left out take their default, and a tail takes as many as come.

use crate::nodes::{Ours, TypesClient, every_type};
use crate::python::{Python, Version};
use crate::types::{Echo, calls_of_python, calls_of_rust};

const CALLS: &[Echo] = &[
    ("value", "[]", "[256]"),
    ("value", "[5]", "[5]"),
    ("value", "[65535]", "[65535]"),
    ("extras", "[]", "[]"),
    ("extras", r#"["a"]"#, r#"["a"]"#),
    ("extras", r#"["a", "b", "c"]"#, r#"["a", "b", "c"]"#),
    ("labels", r#"["title"]"#, r#"["title"]"#),
    ("labels", r#"["title", 1, 2, 300]"#, ""),
    ("labels", r#"["title", 1, 2, 3]"#, r#"["title", 1, 2, 3]"#),
    ("labels", "[]", ""),
    ("value", "[1, 2]", ""),
];

pub(crate) fn rust_server(version: Version) {
    calls_of_python(version, CALLS);
}

pub(crate) fn python_server(version: Version) {
    calls_of_rust(
        version,
        &[],
        |n, object| {
            let server = n.object(object);
            let server = server.server();
            server.set_value(5);
            server.set_extras([].into());
            server.set_extras(["a", "b"].map(|text| text.try_into().expect("short")).into());
            server.set_labels("title".try_into().expect("short"), [].into());
            server.set_labels("title".try_into().expect("short"), [1, 2, 3].into());
        },
        &[
            "echo_value(5)",
            "echo_extras()",
            r#"echo_extras("a", "b")"#,
            r#"echo_labels("title")"#,
            r#"echo_labels("title", 1, 2, 3)"#,
        ],
    );
    // What a Python server leaves out, our client fills in.
    let (mut server, port) = Python::server(version, "types_server.py", &[]);
    let client = Ours::client(port, |node| node.view::<TypesClient>());
    let object = client.create::<every_type::Contract>(|new| new).id().to_u64();
    client.hears("generated()");
    server.command(&format!("call {object} echo_value []"));
    client.hears("echo_value(256)");
    server.command(&format!("call {object} echo_extras []"));
    client.hears("echo_extras()");
}
