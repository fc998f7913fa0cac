//! Every other type as an argument, at its bounds and beyond them.

use magicnet::{AnyValue, CallRejected, NodeCx, Object};
use serde_json::{Value as Json, json};

use crate::nodes::{Ours, TypesClient, TypesServer, every_type};
use crate::python::{Python, Version};

/// The call `set_x`, its arguments, and those of the `echo_x` that answers; none if the server refuses.
pub(crate) type Echo = (&'static str, &'static str, &'static str);

const CALLS: &[Echo] = &[
    ("numbers", "[-128, 0, -9223372036854775808]", "[-128, 0, -9223372036854775808]"),
    ("numbers", "[0, 18446744073709551615, 0]", "[0, 18446744073709551615, 0]"),
    ("numbers", "[127, 0, 9223372036854775807]", "[127, 0, 9223372036854775807]"),
    ("list", "[[]]", "[[]]"),
    ("list", "[[1, -2147483648, 2147483647]]", "[[1, -2147483648, 2147483647]]"),
    ("pair", r#"[["a", 255]]"#, r#"[["a", 255]]"#),
    ("bytes", r#"[{"bytes": "00ff80"}]"#, r#"[{"bytes": "00ff80"}]"#),
    ("text", r#"["äöü 世界 🦀"]"#, r#"["äöü 世界 🦀"]"#),
    ("text", r#"[""]"#, r#"[""]"#),
    ("float", "[1.5]", "[1.5]"),
    ("float", "[-2.0]", "[-2.0]"),
    ("rows", "[[[1, 2], [], [3, 65535]]]", "[[[1, 2], [], [3, 65535]]]"),
    ("map", r#"[{"a": 1, "b": -2}]"#, r#"[{"a": 1, "b": -2}]"#),
    ("any", r#"["text"]"#, r#"["text"]"#),
    ("any", r#"[[1, ["two", {"bytes": "03"}]]]"#, r#"[[1, ["two", {"bytes": "03"}]]]"#),
    ("any", r#"[{"key": [1, 2]}]"#, r#"[{"key": [1, 2]}]"#),
    ("numbers", "[128, 0, 0]", ""),
    ("numbers", "[0, -1, 0]", ""),
    ("list", "[[2147483648]]", ""),
    ("list", "[[\"1\"]]", ""),
    ("pair", r#"[["a"]]"#, ""),
    ("pair", r#"[["a", 1, 2]]"#, ""),
    ("bytes", r#"["text"]"#, ""),
    ("text", r#"[{"bytes": "00"}]"#, ""),
    ("float", "[2]", "[2.0]"),
    ("float", "[\"2\"]", ""),
    ("rows", "[[[65536]]]", ""),
];

/// A Python client calls our server, which answers or refuses.
///
/// Without the validator: that of 0.0.3 drops floats, and calls with two equal small values.
pub(crate) fn calls_of_python(version: Version, calls: &[Echo]) {
    let server = Ours::server(|node| node.view::<TypesServer>());
    let script = "types_client.py";
    let (mut client, _) = Python::ready_client(version, script, server.port(), &["--no-validator"]);
    client.command("new");
    let object = client.event("generated")["oid"].as_u64().expect("it has an id");
    for (name, arguments, answer) in calls {
        // As the bytes are, without the checks that the library makes of what it sends itself.
        let field = FIELDS.iter().position(|known| known == name).expect("a known call");
        client.command(&format!("send 10 [{object}, 1, {field}, {arguments}]"));
        if answer.is_empty() {
            let refused = server.event(|_: &CallRejected| true);
            assert_eq!(refused.field, Some(&*format!("set_{name}")), "{arguments}");
        } else {
            let (call, arguments) = (format!("echo_{name}"), serde_json::from_str::<Json>(answer));
            let arguments = arguments.expect("the answers are lists");
            client.tells(&json!({"event": "called", "oid": object, "call": call, "arguments": arguments}));
        }
    }
    assert_eq!(client.left("bad_call"), [] as [Json; 0]);
    // By the library's own way too.
    client.command(&format!("call {object} set_value [9]"));
    client.tells(&json!({"event": "called", "oid": object, "call": "echo_value", "arguments": [9]}));
}

/// The fields of `every-type`, in their order.
const FIELDS: [&str; 14] = [
    "value", "extras", "labels", "point", "numbers", "list", "pair", "bytes", "text", "float", "rows", "points", "map",
    "any",
];

/// Our client calls a Python server, whose answers it hears.
pub(crate) fn calls_of_rust(
    version: Version,
    options: &[&str],
    calls: impl FnOnce(&mut NodeCx<'_>, Object<every_type::Contract>) + Send + 'static,
    answers: &[&str],
) {
    let (_server, port) = Python::server(version, "types_server.py", options);
    let client = Ours::client(port, |node| node.view::<TypesClient>());
    let object = client.create::<every_type::Contract>(|new| new);
    client.hears("generated()");
    client.run(move |n| calls(n, object));
    for answer in answers {
        client.hears(answer);
    }
}

pub(crate) fn rust_server(version: Version) {
    calls_of_python(version, CALLS);
}

pub(crate) fn python_server(version: Version) {
    calls_of_rust(
        version,
        &["--no-validator"],
        |n, object| {
            let server = n.object(object);
            let server = server.server();
            server.set_numbers(-128, u64::MAX, i64::MIN);
            server.set_list([1, i32::MIN, i32::MAX].into());
            server.set_pair(("a".try_into().expect("short"), 255));
            server.set_bytes(vec![0, 0xff, 0x80].try_into().expect("short"));
            server.set_text("äöü 世界 🦀".try_into().expect("short"));
            server.set_float(1.5);
            // A whole number is sent as a float too: Python takes no other.
            server.set_float(2.0);
            server.set_rows([[1, 2].into(), [].into(), [3, 65535].into()].into());
            let entry = |key: &str, value| (AnyValue::Text(key.to_owned()), AnyValue::Integer(value));
            let map = AnyValue::Map(vec![entry("a", 1), entry("b", -2)]);
            server.set_map(map.try_into().expect("small"));
            let list = AnyValue::Array(vec![AnyValue::Integer(1), AnyValue::Bytes(vec![3])]);
            server.set_any(list.try_into().expect("small"));
        },
        &[
            "echo_numbers(-128, 18446744073709551615, -9223372036854775808)",
            "echo_list([1,-2147483648,2147483647])",
            r#"echo_pair(["a",255])"#,
            "echo_bytes(h'00ff80')",
            r#"echo_text("äöü 世界 🦀")"#,
            "echo_float(1.5)",
            "echo_float(2.0)",
            "echo_rows([[1,2],[],[3,65535]])",
            r#"echo_map({"a":1,"b":-2})"#,
            "echo_any([1,h'03'])",
        ],
    );
}
