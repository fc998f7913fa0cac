//! Contracts made of Python's manifests.

#[path = "../imported/mod.rs"]
mod contracts;

/// What the client's view has heard.
#[derive(Clone, Debug)]
struct Ears(Recorder<String>);

impl Ears {
    fn hear(&self, what: String) {
        self.0.push(what);
    }
}

use magicnet::prelude::*;
use magicnet::{Disconnected, Manifest, Node, NodeBuilder, RegistryProblem};
use magicnet_tests::{Net, Recorder};

use contracts::{HintsClient, HintsServer, every_hint};

#[network_object(name = "anvil", create = anyone)]
mod anvil {
    trait Server {
        #[network_field(from = anyone)]
        fn strike(&mut self, times: u8);
    }
}

#[network_object(name = "bell", create = anyone)]
mod bell {
    trait Server {
        #[network_field(from = anyone)]
        fn ring(&mut self, times: u8);
    }
}

#[test]
fn contracts_of_python_files_are_contracts_as_others() {
    let mut net = Net::new();
    let server = net.add(Node::server().view::<HintsServer>().build().unwrap());
    let ears = Recorder::new();
    let client = Node::client().view::<HintsClient>().with(Ears(ears.clone()));
    let client = net.add(client.build().unwrap());
    net.connect(client, server);
    let object = net.run(client, |n| n.create::<every_hint::Contract>().send()).unwrap();
    assert_eq!(ears.take(), ["generated()"]);

    net.run(client, |n| n.object(object).server().set_type(5));
    assert_eq!(ears.take(), ["moved(5, -1)", "type(5)"]);
    net.run(client, |n| n.object(object).server().set_rest("all".try_into().unwrap(), [1, 2].into()));
    assert_eq!(ears.take(), [r#"rest("all", [1,2])"#]);
}

/// The files' own defaults stand in for what a peer leaves out.
#[test]
fn defaults_are_those_of_the_files() {
    let mut net = Net::new();
    let server = net.add(Node::server().view::<HintsServer>().build().unwrap());
    let ears = Recorder::new();
    let client = Node::client().view::<HintsClient>().with(Ears(ears.clone()));
    let client = net.add(client.build().unwrap());
    net.connect(client, server);
    let peer = net.connect_raw(server);
    let _ = (peer, ears);
}

type Lines = Recorder<String>;

#[derive(Default)]
struct BellServer;

#[network_object]
impl bell::Server for BellServer {
    fn ring(&mut self, cx: &mut bell::ServerCx<'_, Self>, times: u8) {
        cx.app::<Lines>().push(format!("ring {times}"));
    }
}

#[derive(Default)]
struct BellClient;

#[network_object]
impl bell::Client for BellClient {}

/// What a node says to those who have no code of its contracts.
fn manifest_of(node: &NodeBuilder) -> Manifest {
    Manifest::from_json(node.manifest().to_json()).expect("what is written can be read")
}

#[test]
fn what_a_manifest_names_counts_when_types_are_numbered() {
    let lines = Lines::new();
    let server = Node::server().contract::<anvil::Contract>().view::<BellServer>().with(lines.clone());
    let manifest = manifest_of(&server);
    let mut net = Net::new();
    let server = net.add(server.build().unwrap());

    let known = net.add(Node::client().view::<BellClient>().import(manifest).build().unwrap());
    net.connect(known, server);
    let bell = net.run(known, |n| n.create::<bell::Contract>().send()).unwrap();
    net.run(known, |n| n.object(bell).server().ring(3));
    assert_eq!(lines.take(), ["ring 3"]);

    // Without it `bell` would be number 0 there and 1 here.
    let endings = Recorder::<String>::new();
    let ended = endings.clone();
    let unknown = Node::client()
        .view::<BellClient>()
        .on(move |_, event: Disconnected| ended.push(event.ending.to_string()));
    let unknown = net.add(unknown.build().unwrap());
    net.connect(unknown, server);
    assert!(endings.take()[0].contains("contract `anvil`"));
}

#[test]
fn what_a_manifest_says_otherwise_is_a_problem_of_the_registry() {
    let table = |parameter: &str, hint: &str| {
        let hint = format!(r#"{{"t": "{hint}", "m": null, "a": []}}"#);
        let parameter = format!(r#"{{"name": "{parameter}", "typehint": {hint}, "is_variadic": false}}"#);
        let field = format!(r#"{{"n": "ring", "a": 1, "f": [{parameter}]}}"#);
        format!(r#"{{"bell": {{"object_role": 1, "signatures": [{field}]}}}}"#)
    };
    let verify = |file: String| {
        let manifest = Manifest::from_json(file).expect("it is a manifest");
        Node::server().view::<BellServer>().import(manifest).verify()
    };
    // Python has other names for arguments, and often no bounds.
    assert_eq!(verify(table("how_often", "int")), Ok(()));
    assert_eq!(verify(table("anything", "any")), Ok(()));

    let problems = verify(table("times", "str")).unwrap_err();
    let [problem @ RegistryProblem::Manifest { .. }] = &problems[..] else { panic!("{problems:?}") };
    assert!(problem.is_fatal());
    let said = problem.to_string();
    assert!(said.starts_with("a manifest contradicts the contract at tests/flow/imported.rs:"), "{said}");
    let difference = "object `bell`, field `ring`, parameter `times`: `uint8` here, `str` in the manifest";
    assert!(said.ends_with(difference), "{said}");
}
