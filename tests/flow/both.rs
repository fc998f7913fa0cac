//! Contracts with one view for all nodes, as most of Python's own tests have them; and roles with numbers of choice.

use magicnet::prelude::*;
use magicnet::wire::{ProtocolMessage, Writer, encode_call};
use magicnet::{AnyEvent, CallRejected, Node, Rejection, Warning};
use magicnet_tests::{Host, Net, Recorder};

use crate::number::recorded;

#[network_object(name = "dot", create = anyone)]
mod dot {
    struct State {
        #[network_field(to = viewers)]
        pub x: i32,
    }
    trait Both {
        /// Goes both ways.
        #[network_field(from = anyone)]
        fn blink(&mut self, times: u8);
        fn move_to(&mut self, x: i32);
        #[network_field(from = anyone, to = owner)]
        fn hint(&mut self, how: u8);
        #[network_field(from = server)]
        fn fade(&mut self);
    }
}

type Lines = Recorder<String>;

#[derive(Default)]
struct Dot;

#[network_object]
impl dot::Both for Dot {
    fn on_generate(&mut self, cx: &mut dot::BothCx<'_, Self>) {
        cx.app::<Lines>().push(format!("generate {}", cx.state().x));
    }

    fn x_changed(&mut self, cx: &mut dot::BothCx<'_, Self>, old: i32) {
        cx.app::<Lines>().push(format!("{old} -> {}", cx.state().x));
    }

    fn blink(&mut self, cx: &mut dot::BothCx<'_, Self>, times: u8) {
        cx.app::<Lines>().push(format!("blink {times}"));
        // What comes from a client is passed on by the server: nothing is by itself.
        if let Some(server) = cx.authority() {
            server.clients().blink(times + 1);
        }
    }

    fn move_to(&mut self, cx: &mut dot::BothCx<'_, Self>, x: i32) {
        let Some(mut server) = cx.authority() else {
            return cx.app::<Lines>().push(format!("moved {x}"));
        };
        if x < 0 {
            return server.reject("beyond the edge");
        }
        server.state_mut().x = x;
        server.owner().hint(1);
    }

    fn hint(&mut self, cx: &mut dot::BothCx<'_, Self>, how: u8) {
        cx.app::<Lines>().push(format!("hint {how}"));
        if how == 9 {
            // On the server that would be a call to itself.
            cx.server().hint(9);
        }
    }

    fn fade(&mut self, cx: &mut dot::BothCx<'_, Self>) {
        cx.app::<Lines>().push("fade".to_owned());
    }
}

struct Scene {
    net: Net,
    /// The server, the owner, another.
    hosts: [Host; 3],
    heard: [Lines; 3],
    dot: Object<dot::Contract>,
    events: Recorder<AnyEvent>,
}

fn scene() -> Scene {
    let mut net = Net::new();
    let heard = [(); 3].map(|()| Lines::new());
    let (server, events) = recorded(Node::server().view::<Dot>().with(heard[0].clone()));
    let server = net.add(server.build().unwrap());
    let [ada, bob] = [1, 2].map(|index: usize| {
        let client = Node::client().view::<Dot>().with(heard[index].clone());
        let host = net.add(client.build().unwrap());
        net.connect(host, server);
        host
    });
    let dot = net.run(ada, |n| n.create::<dot::Contract>().call(|s| s.move_to(3)).send()).unwrap();
    Scene { net, hosts: [server, ada, bob], heard, dot, events }
}

impl Scene {
    fn heard(&self) -> [Vec<String>; 3] {
        self.heard.each_ref().map(Lines::take)
    }

    fn rejections(&self) -> Vec<Rejection> {
        let reason = |event: AnyEvent| Some(event.downcast::<CallRejected>()?.reason.clone());
        self.events.take().into_iter().filter_map(reason).collect()
    }
}

fn lines<const N: usize>(lines: [&str; N]) -> Vec<String> {
    lines.map(str::to_owned).to_vec()
}

#[test]
fn the_creator_is_the_servers_client_like_every_other() {
    let scene = scene();
    let [server, ada, bob] = scene.heard();
    assert_eq!(server, ["generate 3"]);
    assert_eq!(ada, ["generate 3", "hint 1"], "the owner alone gets the hint, after the object it is about");
    assert_eq!(bob, ["generate 3"]);
}

#[test]
fn peers_are_the_clients_of_a_server_and_the_server_of_a_client() {
    let mut scene = scene();
    scene.heard();
    let [server, _, bob] = scene.hosts;
    scene.net.run(server, |n| n.object(scene.dot).peers().blink(1));
    assert_eq!(scene.heard(), [lines([]), lines(["blink 1"]), lines(["blink 1"])]);
    scene.net.run(bob, |n| n.object(scene.dot).peers().blink(5));
    let passed_on = || lines(["blink 6"]);
    assert_eq!(scene.heard(), [lines(["blink 5"]), passed_on(), passed_on()]);
}

#[test]
fn state_is_the_servers_and_permissions_hold_on_the_way_to_it() {
    let mut scene = scene();
    scene.heard();
    let [server, ada, bob] = scene.hosts;
    let dot = scene.dot;
    scene.net.run(ada, |n| n.object(dot).owned().unwrap().server().move_to(8));
    assert_eq!(scene.heard(), [lines([]), lines(["3 -> 8", "hint 1"]), lines(["3 -> 8"])]);
    scene.net.run(ada, |n| n.object(dot).owned().unwrap().server().move_to(-1));
    assert_eq!(scene.rejections(), [Rejection::ByHandler("beyond the edge".into())]);
    assert!(scene.net.run(bob, |n| n.object(dot).owned().is_none()));
    assert_eq!(scene.net.run(server, |n| n.state(dot).unwrap().x), 8);
    // Clients without authority reach no other clients.
    scene.net.run(bob, |n| n.object(dot).clients().fade());
    assert_eq!(scene.heard(), [[""; 0]; 3]);
    scene.net.run(server, |n| n.object(dot).clients().fade());
    assert_eq!(scene.heard(), [lines([]), lines(["fade"]), lines(["fade"])]);
}

#[test]
fn there_is_one_table_with_the_number_0() {
    let mut scene = scene();
    let raw = scene.net.raw_client(scene.hosts[0]);
    scene.net.raw(raw).hello();
    scene.net.settle();
    scene.net.raw(raw).send(&[ProtocolMessage::RequestVisibleObjects]);
    scene.net.settle();
    let state = |out: &mut Vec<u8>| {
        encode_call(&mut Writer::new(out), scene.dot.id().to_u64(), 0, 0, |w| {
            w.array(1);
            w.signed(3);
        });
    };
    let mut expected = Vec::new();
    state(&mut expected);
    let shown = scene.net.raw(raw).messages();
    assert_eq!(shown.iter().find(|(id, _)| *id == 10), Some(&(10, expected.clone())));
    // The same message from a client: state, what is the owner's, what is the server's, and what does not exist.
    scene.net.raw(raw).send_datagram(&expected);
    for (role, field) in [(0, 2), (0, 4), (1, 0), (0, 9)] {
        let mut datagram = Vec::new();
        encode_call(&mut Writer::new(&mut datagram), scene.dot.id().to_u64(), role, field, |w| {
            w.array(1);
            w.signed(1);
        });
        scene.net.raw(raw).send_datagram(&datagram);
    }
    scene.net.settle();
    let expected = [
        Rejection::NotServer,
        Rejection::NotOwner,
        Rejection::NotServer,
        Rejection::UnknownField { role: 1, field: 0 },
        Rejection::UnknownField { role: 0, field: 9 },
    ];
    assert_eq!(scene.rejections(), expected);
    assert_eq!(scene.net.run(scene.hosts[0], |n| n.state(scene.dot).unwrap().x), 3);
}

#[test]
fn a_view_does_not_call_itself() {
    let mut scene = scene();
    scene.heard();
    let dot = scene.dot;
    scene.net.run(scene.hosts[2], |n| n.object(dot).server().hint(9));
    assert_eq!(scene.heard(), [lines(["hint 9"]), lines([]), lines([])]);
    let warnings = scene.events.take().into_iter().filter_map(|event| event.downcast::<Warning>().cloned());
    let texts: Vec<String> = warnings.map(|warning| warning.text).collect();
    assert_eq!(texts, [format!("`hint` of {} was not called: this node is its server", dot.id())]);
}

#[network_object(name = "turned", roles(client = 1, server = 0))]
mod turned {
    struct State {
        #[network_field(to = viewers)]
        pub x: u8,
    }
    trait Server {
        #[network_field(from = anyone)]
        fn set(&mut self, x: u8);
    }
    trait Client {
        fn told(&mut self);
    }
}

#[derive(Default)]
struct TurnedServer;

#[network_object]
impl turned::Server for TurnedServer {
    fn set(&mut self, cx: &mut turned::ServerCx<'_, Self>, x: u8) {
        cx.state_mut().x = x;
        cx.clients().told();
    }
}

#[derive(Default)]
struct TurnedClient;

#[network_object]
impl turned::Client for TurnedClient {
    fn x_changed(&mut self, cx: &mut turned::ClientCx<'_, Self>, old: u8) {
        cx.app::<Lines>().push(format!("{old} -> {}", cx.state().x));
    }

    fn told(&mut self, cx: &mut turned::ClientCx<'_, Self>) {
        cx.app::<Lines>().push("told".to_owned());
    }
}

#[test]
fn roles_have_the_numbers_that_the_contract_gives_them() {
    let mut net = Net::new();
    let server = net.add(Node::server().view::<TurnedServer>().build().unwrap());
    let heard = Lines::new();
    let client = net.add(Node::client().view::<TurnedClient>().with(heard.clone()).build().unwrap());
    net.connect(client, server);
    let turned = net.run(server, |n| n.create::<turned::Contract>().send()).unwrap();
    net.run(client, |n| n.object(turned).server().set(4));
    assert_eq!(heard.take(), ["0 -> 4", "told"]);

    let raw = net.raw_client(server);
    net.raw(raw).hello();
    net.settle();
    net.raw(raw).messages();
    let call = |role, field, arguments: &[u8]| {
        let mut datagram = Vec::new();
        encode_call(&mut Writer::new(&mut datagram), turned.id().to_u64(), role, field, |w| {
            w.array(arguments.len());
            arguments.iter().for_each(|argument| w.unsigned((*argument).into()));
        });
        datagram
    };
    net.raw(raw).send_datagram(&call(0, 0, &[7]));
    net.settle();
    let sent: Vec<Vec<u8>> = net.raw(raw).messages().into_iter().map(|(_, bytes)| bytes).collect();
    assert_eq!(sent, [call(1, 0, &[7]), call(1, 1, &[])]);
}
