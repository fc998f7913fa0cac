//! One view for all nodes, with the role 0 on both sides: whom a call reaches, and who gets it later.
//!
//! The server has the contract of `dot` that Python's file makes, the clients the direct form: they are one contract.

#![allow(clippy::needless_pass_by_ref_mut, reason = "written as users write handlers")]

use magicnet::prelude::*;
use magicnet::{CallRejected, NodeCx};
use serde_json::{Value as Json, json};

use crate::nodes::{Ears, Ours};
use crate::python::{Python, Version};

magicnet::manifest! {
    "wire/manifests/dot.json";

    /// What `python/dot_views.py` has.
    #[network_object(create = anyone)]
    pub(crate) mod dot {
        trait Both {
            #[network_field(from = anyone)]
            fn set_x;
            #[network_field(from = anyone)]
            fn blink;
        }
    }
}

#[derive(Default)]
struct DotServer;

#[network_object]
impl dot::Both for DotServer {
    fn on_generate(&mut self, cx: &mut dot::BothCx<'_, Self>) {
        cx.app::<Ears>().hear(format!("generated {}", cx.id().to_u64()));
    }

    fn set_x(&mut self, cx: &mut dot::BothCx<'_, Self>, x: i32) {
        cx.app::<Ears>().hear(format!("set_x {x}"));
    }

    fn blink(&mut self, cx: &mut dot::BothCx<'_, Self>, times: u16) {
        cx.app::<Ears>().hear(format!("blink {times}"));
    }
}

#[network_object(name = "dot", role = both, create = anyone)]
#[derive(Default)]
struct Dot {
    x: Option<i32>,
}

#[network_object]
impl Dot {
    #[network_field(from = anyone, to = viewers, persist = ram)]
    fn set_x(&mut self, cx: &mut DotCx<'_>, x: i32) {
        self.x = Some(x);
        cx.app::<Ears>().hear(format!("set_x {x}"));
    }

    #[network_field(from = anyone, to = viewers)]
    fn blink(&mut self, cx: &mut DotCx<'_>, #[arg(default = 256)] times: u16) {
        cx.app::<Ears>().hear(format!("blink {times}"));
    }

    fn on_generate(&mut self, cx: &mut DotCx<'_>) {
        cx.app::<Ears>().hear(format!("generated {} with {:?}", cx.id().to_u64(), self.x));
    }
}

fn called(object: u64, call: &str, argument: i32) -> Json {
    json!({"event": "called", "oid": object, "call": call, "arguments": [argument]})
}

pub(crate) fn rust_server(version: Version) {
    let server = Ours::server(|node| node.view::<DotServer>());
    let (mut owner, repository) = Python::ready_client(version, "dot_client.py", server.port(), &[]);
    let (mut other, _) = Python::ready_client(version, "dot_client.py", server.port(), &[]);
    let ours = Ours::client(server.port(), |node| node.view::<Dot>());

    // What the creation carries runs on the server, and comes back to everyone.
    owner.command("new 3");
    let object = (u64::from(repository) << 32) + 1;
    server.hears("set_x 3");
    server.hears(format!("generated {object}"));
    for client in [&mut owner, &mut other] {
        client.tells(&called(object, "set_x", 3));
        client.tells(&json!({"event": "generated", "oid": object, "owner": repository, "zone": 0}));
    }
    ours.hears("set_x 3");
    ours.hears(format!("generated {object} with Some(3)"));

    // The server's calls reach all clients, and a client's the server alone.
    let find = |n: &mut NodeCx<'_>| n.objects::<dot::Contract>()[0];
    server.run(move |n| {
        let dot = find(n);
        n.object(dot).peers().blink(2);
    });
    for client in [&mut owner, &mut other] {
        client.tells(&called(object, "blink", 2));
    }
    ours.hears("blink 2");
    other.command(&format!("call {object} blink []"));
    server.hears("blink 256");
    ours.run(|n| {
        let dot = n.objects::<Dot>()[0];
        n.object(dot).peers().set_x(8);
    });
    server.hears("set_x 8");
    other.command(&format!("call {object} blink [65536]"));
    let refused = server.event(|_: &CallRejected| true);
    assert_eq!(refused.field, Some("blink"));

    // Who comes later gets what was kept, from whichever client it was.
    let (mut late, _) = Python::ready_client(version, "dot_client.py", server.port(), &[]);
    late.command("visible");
    late.tells(&called(object, "set_x", 8));
    late.event("generated");
    owner.command(&format!("delete {object}"));
    for client in [&mut owner, &mut other, &mut late] {
        client.tells(&json!({"event": "deleted", "oid": object}));
    }
    for client in [&mut owner, &mut other, &mut late] {
        assert_eq!(client.left("called"), Vec::<Json>::new(), "nothing is forwarded between clients");
    }
}

pub(crate) fn python_server(version: Version) {
    let (mut server, port) = Python::server(version, "dot_server.py", &["--repository", "64"]);
    let [owner, other] = [(); 2].map(|()| Ours::client(port, |node| node.view::<Dot>()));

    server.command("new 5");
    let made = (64_u64 << 32) + 1;
    for client in [&owner, &other] {
        client.hears("set_x 5");
        client.hears(format!("generated {made} with Some(5)"));
    }
    let dot = owner.create::<Dot>(|new| new.call(|s| s.set_x(-1)));
    let object = dot.id().to_u64();
    server.tells(&called(object, "set_x", -1));
    for client in [&owner, &other] {
        client.hears("set_x -1");
        client.hears(format!("generated {object} with Some(-1)"));
    }

    // The server's calls reach all clients, and a client's the server alone.
    server.command(&format!("call {object} blink []"));
    for client in [&owner, &other] {
        client.hears("blink 256");
    }
    other.run(move |n| n.object(dot).peers().blink(7));
    server.tells(&called(object, "blink", 7));
    other.run(move |n| n.object(dot).peers().set_x(9));
    server.tells(&called(object, "set_x", 9));

    // Python keeps what it is called with, as ours does.
    let late = Ours::client(port, |node| node.view::<Dot>());
    late.run(|n| n.request_visible_objects());
    late.hears("set_x 5");
    late.hears(format!("generated {made} with Some(5)"));
    late.hears("set_x 9");
    late.hears(format!("generated {object} with Some(9)"));
    server.command(&format!("call {object} blink [1]"));
    for client in [&owner, &other, &late] {
        client.hears("blink 1");
    }
}
