//! Contracts made of the files that Python wrote, with Python.

use magicnet::AnyValue;
use magicnet::prelude::*;
use serde_json::json;

use contracts::{HintsClient, HintsServer, Place, every_hint, one_number};

use crate::nodes::{Ears, Ours};
use crate::python::{Python, Version};

#[path = "../imported/mod.rs"]
mod contracts;

#[derive(Default)]
struct NumberServer;

#[network_object]
impl one_number::Server for NumberServer {
    fn set_init_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, value: i32) {
        cx.state_mut().value = value;
    }
    fn add_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, value: i32) {
        cx.state_mut().value += value;
    }
}

#[derive(Default)]
struct NumberClient;

#[network_object]
impl one_number::Client for NumberClient {
    fn value_changed(&mut self, cx: &mut one_number::ClientCx<'_, Self>, _old: i32) {
        let heard = format!("value {}", cx.state().value);
        cx.app::<Ears>().hear(heard);
    }
}

/// Calls with the arguments that Python is given, and with those that come back.
const CALLS: &[(&str, &str, &str)] = &[
    ("anything", r#"[["a", {"b": [null, 1.5]}]]"#, r#"[["a", {"b": [null, 1.5]}]]"#),
    ("bare", "[[1, 2]]", "[[1, 2]]"),
    ("int", "[-9223372036854775808, 100]", "[-9223372036854775808, 100, -5]"),
    ("float", "[]", "[1.5]"),
    ("float", "[2.5, 7.5]", "[2.5]"),
    ("flag", "[]", "[true]"),
    ("text", r#"["hi"]"#, r#"["hi", "nobody"]"#),
    ("text", r#"["hi", "me", "Dr"]"#, r#"["hi", "me"]"#),
    ("data", r#"[{"bytes": "00ff"}, {"bytes": ""}]"#, r#"[{"bytes": "00ff"}, {"bytes": ""}]"#),
    ("lists", r#"[["x", 1], [-5, 6], [["a"], []]]"#, r#"[[-5, 6], [["a"], []]]"#),
    ("dicts", r#"[{"a": 1}]"#, r#"[{"a": 1}, {}]"#),
    ("dicts", r#"[{}, {"a": -1}]"#, r#"[{}, {"a": -1}]"#),
    ("tuples", r#"[["x"], ["a", 1]]"#, r#"[["a", 1], [1, 2]]"#),
    ("either", "[5]", "[5]"),
    ("either", r#"["five"]"#, r#"["five"]"#),
    ("place", "[[1, 2], [[3, 4]]]", "[[1, 2]]"),
    ("rest", r#"["all"]"#, r#"["all"]"#),
    ("rest", r#"["all", 1, 2]"#, r#"["all", 1, 2]"#),
];

/// Without the validator: that of 0.0.3 drops floats and nil.
pub(crate) fn rust_server(version: Version) {
    let server = Ours::server(|node| node.view::<HintsServer>().view::<NumberServer>());
    let script = "hints_client.py";
    let (mut client, _) = Python::ready_client(version, script, server.port(), &["--no-validator"]);
    client.command("hints");
    let object = client.event("generated")["oid"].as_u64().expect("it has an id");
    for (name, arguments, answer) in CALLS {
        client.command(&format!("call {object} set_{name} {arguments}"));
        let answer: serde_json::Value = serde_json::from_str(answer).expect("the answers are lists");
        client.tells(&json!({"event": "called", "oid": object, "call": format!("echo_{name}"), "arguments": answer}));
    }
    // The field `set_level` of Python's clients is state here.
    client.command(&format!("call {object} set_int [0, 30]"));
    client.tells(&json!({"event": "called", "oid": object, "call": "level", "arguments": [30]}));
    client.command(&format!("call {object} type [5]"));
    client.tells(&json!({"event": "called", "oid": object, "call": "moved", "arguments": [5, -1]}));
    client.tells(&json!({"event": "called", "oid": object, "call": "echo_type", "arguments": [5]}));

    client.command("number 10");
    let number = client.event("value");
    assert_eq!(number["value"], 10);
    client.command(&format!("call {} add_value [5]", number["oid"]));
    assert_eq!(client.event("value")["value"], 15);
}

pub(crate) fn python_server(version: Version) {
    let (_server, port) = Python::server(version, "hints_server.py", &["--no-validator"]);
    let client = Ours::client(port, |node| node.view::<HintsClient>().view::<NumberClient>());
    let object = client.create::<every_hint::Contract>(|new| new);
    client.hears("generated()");
    client.run(move |n| {
        let server = n.object(object);
        let server = server.server();
        let text = |text: &str| AnyValue::Text(text.to_owned());
        server.set_anything(AnyValue::Array(vec![text("a"), AnyValue::Nil]).try_into().expect("small"));
        server.set_int(i64::MIN, 100.try_into().expect("in range"), (-5).try_into().expect("in range"));
        server.set_float(2.5, 7.5);
        server.set_flag(true);
        server.set_text("hi".try_into().expect("short"), "me".try_into().expect("short"), None);
        server.set_data(vec![0, 0xff].try_into().expect("short"), Bytes::default());
        server.set_lists(
            List::new(),
            [-5, 6].into(),
            [["a".try_into().expect("short")].into(), List::new()].into(),
        );
        server.set_tuples(List::new(), ("a".try_into().expect("short"), 1), [1, 2].into());
        server.set_either(text("five").try_into().expect("small"));
        server.set_place(Place { x: 1, y: 2 }, List::new());
        server.set_rest("all".try_into().expect("short"), [1, 2].into());
        server.set_type(5);
    });
    for answer in [
        r#"anything(["a",null])"#,
        "int(-9223372036854775808, 100, -5)",
        "float(2.5)",
        "flag(true)",
        r#"text("hi", "me")"#,
        "data(h'00ff', h'')",
        r#"lists([-5,6], [["a"],[]])"#,
        r#"tuples(["a",1], [1,2])"#,
        r#"either("five")"#,
        "place([1,2])",
        r#"rest("all", [1,2])"#,
        "type(5)",
    ] {
        client.hears(answer);
    }
    let number = client.create::<one_number::Contract>(|new| new.call(|s| s.set_init_value(10)));
    client.run(move |n| n.object(number).server().add_value(5));
    client.hears("value 15");
}
