//! A node of ours in the middle, server to some and client to another: what a Python client says passes up through it
//! to a Python server, and objects of both sides have the same numbers and are kept apart.

#![allow(clippy::needless_pass_by_ref_mut, reason = "written as users write handlers")]

use magicnet::prelude::*;
use magicnet::{Connected, NodeBuilder, Role, Tcp};
use serde_json::{Value as Json, json};

use crate::chat::{Heard, Reversed, Say, SetName};
use crate::nodes::{NumberClient, NumberServer, Ours, one_number};
use crate::python::{Python, Version};

#[message_handler]
fn name_up(cx: &mut MessageCx<'_>, message: SetName) {
    cx.to(Role::SERVER).send(message);
}

#[message_handler]
fn say_up(cx: &mut MessageCx<'_>, message: Say) {
    cx.to(Role::SERVER).send(message);
}

#[message_handler]
fn reversed_down(cx: &mut MessageCx<'_>, message: Reversed) {
    cx.to(Role::CLIENT).send(message);
}

#[message_handler]
fn heard_down(cx: &mut MessageCx<'_>, message: Heard) {
    cx.to(Role::CLIENT).send(message);
}

fn between(port: u16, configure: impl FnOnce(NodeBuilder) -> NodeBuilder) -> Ours {
    let between = Ours::server(|node| configure(node).connect(Tcp::connect(format!("127.0.0.1:{port}"))));
    between.event(|_: &Connected| true);
    between
}

pub(crate) fn rust_server(version: Version) {
    let top = Ours::server(|node| node.view::<NumberServer>());
    let between = between(top.port(), |node| node.view::<NumberServer>().view::<NumberClient>());
    let (mut ann, repository) = Python::ready_client(version, "number_client.py", between.port(), &[]);
    assert_eq!(repository, 128, "ann is the first here");
    let number = (u64::from(repository) << 32) + 1;
    let value = |value: i32| json!({"event": "value", "oid": number, "value": value});
    ann.command("new 10 7");
    ann.tells(&value(10));
    ann.event("generated");

    // The node between is the first there, and its first number is called the same.
    let above = between.run(|n| {
        let up = n.server().expect("it has shaken hands");
        n.at(up).create::<one_number::Contract>().call(|s| s.set_init_value(50)).send()
    });
    let above = above.expect("it is asked for");
    assert_eq!(above.id().to_u64(), number);
    between.hears(format!("generated {number} 50"));
    ann.command(&format!("add {number} 5"));
    ann.tells(&value(15));
    between.run(move |n| n.object(above).server().add_value(1));
    between.hears(format!("value {number} 51"));
    // Who comes late is shown what is the middle's to show, and nothing else.
    let (mut late, _) = Python::ready_client(version, "number_client.py", between.port(), &[]);
    late.command("visible");
    late.tells(&value(15));
    late.event("generated");
    late.command(&format!("add {number} 5"));
    for client in [&mut ann, &mut late] {
        client.tells(&value(20));
        assert_eq!(client.left("value"), [] as [Json; 0]);
    }
    assert_eq!(top.run(|n| n.object_count()), 1);
    assert_eq!(between.run(|n| n.object_count()), 2);
}

pub(crate) fn python_server(version: Version) {
    let (mut top, port) = Python::server(version, "chat_server.py", &[]);
    let between = between(port, |node| {
        node.handler::<name_up>().handler::<say_up>().handler::<reversed_down>().handler::<heard_down>()
    });
    let (mut ann, _) = Python::ready_client(version, "chat_client.py", between.port(), &[]);
    ann.command("name Ann");
    top.tells(&json!({"event": "named", "name": "Ann"}));
    ann.command("say Guten Tag");
    ann.tells(&json!({"event": "reversed", "text": "gaT netuG"}));
    let (mut bob, _) = Python::ready_client(version, "chat_client.py", port, &[]);
    bob.command("name Bob");
    top.tells(&json!({"event": "named", "name": "Bob"}));
    bob.command("say hello");
    ann.tells(&json!({"event": "heard", "name": "Bob", "text": "hello"}));
    ann.command("say hello Bob");
    bob.tells(&json!({"event": "heard", "name": "Ann", "text": "hello Bob"}));

    // Its end, with a reason, is told to both sides.
    between.run(|n| n.shutdown_with(Disconnect::new(20, "back at noon")));
    for peer in [&mut ann, &mut top] {
        let told = peer.event("disconnected");
        assert_eq!((&told["reason"], &told["detail"]), (&json!(20), &json!("back at noon")));
    }
    bob.command("say still here");
    bob.tells(&json!({"event": "reversed", "text": "ereh llits"}));
}
