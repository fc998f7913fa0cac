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
use magicnet::wire::{Writer, encode_call};
use magicnet::{Contract, Disconnected, Manifest, Node, NodeBuilder, RegistryProblem};
use magicnet_tests::{Net, Recorder};

use contracts::{HintsClient, HintsServer, every_hint, one_number};

magicnet::manifest! {
    "wire/manifests/dot.json";

    #[network_object(create = anyone)]
    mod dot {
        trait Both {
            #[network_field(from = anyone)]
            fn set_x;
            #[network_field(from = anyone)]
            fn blink;
        }
    }
}

#[derive(Default)]
struct Dot;

#[network_object]
impl dot::Both for Dot {
    fn set_x(&mut self, cx: &mut dot::BothCx<'_, Self>, x: i32) {
        cx.app::<Ears>().hear(format!("x {x}"));
    }

    fn blink(&mut self, cx: &mut dot::BothCx<'_, Self>, times: u16) {
        cx.app::<Ears>().hear(format!("blink {times}"));
    }
}

#[test]
fn what_python_has_in_one_role_is_the_same_on_every_node() {
    let mut net = Net::new();
    let [at_server, at_client, at_other] = [(); 3].map(|()| Recorder::new());
    let server = net.add(Node::server().view::<Dot>().with(Ears(at_server.clone())).build().unwrap());
    let mut client = |ears: &Recorder<String>| {
        let client = net.add(Node::client().view::<Dot>().with(Ears(ears.clone())).build().unwrap());
        net.connect(client, server);
        client
    };
    let (client, _) = (client(&at_client), client(&at_other));
    let object = net.run(client, |n| n.create::<dot::Contract>().call(|s| s.set_x(3)).send()).unwrap();
    assert_eq!([&at_server, &at_client, &at_other].map(Recorder::take), [["x 3"]; 3]);
    net.run(client, |n| n.object(object).peers().blink(256));
    net.run(server, |n| n.object(object).peers().blink(2));
    let heard = [&at_server, &at_client, &at_other].map(Recorder::take);
    assert_eq!(heard, [["blink 256"], ["blink 2"], ["blink 2"]]);
    let roles: Vec<u8> = dot::Contract::OBJECT.roles.iter().map(|table| table.number).collect();
    assert_eq!(roles, [0]);
}

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
    let least = 0.try_into().unwrap();
    net.run(client, |n| n.object(object).server().set_int(7, 30.try_into().unwrap(), least));
    assert_eq!(ears.take(), ["level(30)", "int(7, 30, 0)"]);

    // What Python keeps is kept, unless it is said otherwise; what is state here is in place before anything is called.
    let late = Node::client().view::<HintsClient>().with(Ears(ears.clone()));
    let late = net.add(late.build().unwrap());
    net.connect(late, server);
    net.run(late, |n| n.request_visible_objects());
    assert_eq!(ears.take(), ["moved(5, -1)", r#"rest("all", [1,2])"#, "int(7, 30, 0)", "generated()"]);
    assert_eq!(net.run(late, |n| *n.state(object).unwrap().level), 30);
}

/// The files' own defaults stand in for what a peer leaves out, and the files' numbers are those of the fields.
#[test]
fn defaults_and_numbers_are_those_of_the_files() {
    let mut net = Net::new();
    let server = net.add(Node::server().view::<HintsServer>().build().unwrap());
    let ears = Recorder::new();
    let client = Node::client().view::<HintsClient>().with(Ears(ears.clone()));
    let client = net.add(client.build().unwrap());
    net.connect(client, server);
    let object = net.run(client, |n| n.create::<every_hint::Contract>().send()).unwrap();
    assert_eq!(ears.take(), ["generated()"]);

    let peer = net.raw_client(server);
    net.raw(peer).hello();
    let mut call = |field: u8, arguments: &dyn Fn(&mut Writer<'_>)| {
        let mut datagram = Vec::new();
        encode_call(&mut Writer::new(&mut datagram), object.id().to_u64(), 1, field, |w| arguments(w));
        net.raw(peer).send_datagram(&datagram);
        net.settle();
        ears.take()
    };
    assert_eq!(call(3, &|w| w.array(0)), ["float(1.5)"]);
    assert_eq!(call(4, &|w| w.array(0)), ["flag(true)"]);
    let text = |w: &mut Writer<'_>| {
        w.array(1);
        w.text("hi");
    };
    assert_eq!(call(5, &text), [r#"text("hi", "nobody")"#]);
    assert_eq!(call(14, &|w| w.array(0)), ["moved(1, -1)", "type(1)"]);
    let pair = |w: &mut Writer<'_>| {
        w.array(2);
        w.array(0);
        w.array(2);
        w.text("a");
        w.unsigned(1);
    };
    assert_eq!(call(9, &pair), [r#"tuples(["a",1], [1,2])"#]);
    let shouting = |w: &mut Writer<'_>| {
        w.array(3);
        w.text("hi");
        w.text("me");
        w.text("me!");
    };
    assert_eq!(call(5, &shouting), [""; 0], "what is said beside the files holds");
}

/// What the macro makes of the files says the same as they do, as far as they say it.
#[test]
fn contracts_and_files_agree() {
    for file in [include_str!("../wire/manifests/client.json"), include_str!("../wire/manifests/server.json")]
    {
        let manifest = || Manifest::from_json(file).expect("Python wrote it");
        let problems = |node: NodeBuilder| node.verify().err().unwrap_or_default();
        let server = Node::server().view::<HintsServer>().contract::<one_number::Contract>();
        let client = Node::client().view::<HintsClient>().contract::<one_number::Contract>();
        for problem in [server, client].into_iter().flat_map(|node| problems(node.import(manifest()))) {
            assert!(!problem.is_fatal(), "{problem}");
        }
    }
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
