//! Calls that are kept, `persist = ram`: who comes later gets the last of each.

use magicnet::prelude::*;
use magicnet::{AnyEvent, Node, NodeBuilder};
use magicnet_tests::{Host, Net};
use serde_json::json;

use crate::number::{Seen, recorded};
use crate::talk::{heard, raw, refusals, tell};

#[network_object(name = "stage", create = anyone)]
mod stage {
    struct State {
        #[network_field(to = viewers)]
        acts: u8,
    }
    trait Server {
        #[network_field(from = anyone, persist = ram)]
        fn light(&mut self, colour: Str<8>, #[arg(default = 1)] strength: u16);
        #[network_field(from = anyone)]
        fn play(&mut self, scene: u8);
        #[network_field(from = anyone, persist = ram)]
        fn bow(&mut self);
    }
    trait Client {
        #[network_field(persist = ram)]
        fn scene(&mut self, number: u8);
        #[network_field(persist = none)]
        fn bang(&mut self);
        #[network_field(to = owner, persist = ram)]
        fn cue(&mut self, number: u8);
    }
}

#[derive(Default)]
struct Stage;

#[network_object]
impl stage::Server for Stage {
    fn light(&mut self, cx: &mut stage::ServerCx<'_, Self>, colour: Str<8>, _strength: u16) {
        if colour == "none" {
            cx.reject("there is always light");
        }
    }
    fn play(&mut self, cx: &mut stage::ServerCx<'_, Self>, scene: u8) {
        cx.state_mut().acts += 1;
        cx.clients().scene(scene);
        cx.clients().bang();
        cx.owner().cue(scene);
        match scene {
            0 => cx.reject("there is no scene 0"),
            1 => panic!("the first scene is cursed"),
            _ => {}
        }
    }
    fn bow(&mut self, cx: &mut stage::ServerCx<'_, Self>) {
        if let Some(sender) = cx.sender() {
            cx.client(sender.id()).scene(99);
        }
    }
}

#[derive(Default)]
struct Watcher;

#[network_object]
impl stage::Client for Watcher {
    fn on_generate(&mut self, cx: &mut stage::ClientCx<'_, Self>) {
        cx.app::<Seen>().push(format!("generate {}", cx.state().acts));
    }
    fn scene(&mut self, cx: &mut stage::ClientCx<'_, Self>, number: u8) {
        cx.app::<Seen>().push(format!("scene {number}"));
    }
    fn bang(&mut self, cx: &mut stage::ClientCx<'_, Self>) {
        cx.app::<Seen>().push("bang".to_owned());
    }
    fn cue(&mut self, cx: &mut stage::ClientCx<'_, Self>, number: u8) {
        cx.app::<Seen>().push(format!("cue {number}"));
    }
}

fn server() -> NodeBuilder {
    Node::server().view::<Stage>()
}

fn client(net: &mut Net) -> (Host, Seen) {
    let seen = Seen::new();
    let node = Node::client().view::<Watcher>().with(seen.clone()).build().unwrap();
    (net.add(node), seen)
}

const ID: u64 = 128 << 32 | 1;

/// What a raw client is shown that asks for all there is.
fn shown(net: &mut Net, server: Host) -> Vec<String> {
    let late = raw(net, server);
    tell(net, late, &[json!([12, []])]);
    let told = heard(net, late);
    net.raw(late).hang_up();
    net.settle();
    told
}

#[test]
fn kept_calls_of_either_role_are_replayed_in_the_order_in_which_they_were_first_made() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let ada = raw(&mut net, server);
    tell(&mut net, ada, &[json!([6, [1, 0, 0, 0, []]])]);
    for (field, arguments) in
        [(1, json!([4])), (0, json!(["red"])), (2, json!([])), (0, json!(["blue", 300])), (1, json!([5]))]
    {
        tell(&mut net, ada, &[json!([10, [ID, 1, field, arguments]])]);
    }
    assert_eq!(
        shown(&mut net, server),
        [
            format!("[7,[{ID},0,128,0]]"),
            format!("[10,[{ID},0,0,[2]]]"),
            format!("[10,[{ID},0,1,[5]]]"),
            format!("[10,[{ID},1,0,[\"blue\",300]]]"),
            format!("[10,[{ID},1,2,[]]]"),
            format!("[11,[{ID}]]"),
        ],
        "the owner's cue is for the owner, and what one connection got is nobody else's"
    );
    heard(&mut net, ada);
    tell(&mut net, ada, &[json!([12, []])]);
    assert!(heard(&mut net, ada).contains(&format!("[10,[{ID},0,3,[5]]]")), "the owner gets its cue");
}

#[test]
fn a_view_gets_replayed_calls_before_it_is_told_that_it_is_complete() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, ada_saw) = client(&mut net);
    let (bob, bob_saw) = client(&mut net);
    net.connect(ada, server);
    net.connect(bob, server);
    let stage = net.run(ada, |n| n.create::<stage::Contract>().call(|s| s.play(3)).send()).unwrap();
    // What the creation kept is in the snapshot alone; the rest follows.
    assert_eq!(ada_saw.take(), ["scene 3", "cue 3", "generate 1", "bang"]);
    assert_eq!(bob_saw.take(), ["scene 3", "generate 1", "bang"]);
    net.run(bob, |n| n.object(stage).server().play(4));
    assert_eq!(ada_saw.take(), ["scene 4", "bang", "cue 4"]);
    assert_eq!(bob_saw.take(), ["scene 4", "bang"]);
    let (eve, eve_saw) = client(&mut net);
    net.connect(eve, server);
    net.run(eve, |n| n.request_visible_objects());
    assert_eq!(eve_saw.take(), ["scene 4", "generate 2"]);
}

#[test]
fn what_is_undone_is_not_kept() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let ada = raw(&mut net, server);
    let play = |scene: u8| json!([10, [ID, 1, 1, [scene]]]);
    let light = |colour: &str| json!([10, [ID, 1, 0, [colour]]]);
    tell(&mut net, ada, &[json!([6, [1, 0, 0, 0, []]]), play(0), play(1), light("none")]);
    assert_eq!(refusals(&events).len(), 3);
    assert_eq!(shown(&mut net, server).len(), 3, "nothing is kept");
    tell(&mut net, ada, &[play(7), light("red"), play(0), light("none"), play(1)]);
    assert_eq!(refusals(&events).len(), 3);
    let told = shown(&mut net, server);
    assert_eq!(
        told[1..4],
        [
            format!("[10,[{ID},0,0,[1]]]"),
            format!("[10,[{ID},0,1,[7]]]"),
            format!("[10,[{ID},1,0,[\"red\",1]]]"),
        ]
    );
}

#[test]
fn what_a_peer_may_not_make_is_not_kept() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let ada = raw(&mut net, server);
    // Calls of clients, and wrong types, both in the creation and later.
    let wrong = [
        (0, 1, json!([1])),
        (0, 3, json!([1])),
        (1, 0, json!([5])),
        (1, 0, json!(["far too long"])),
        (1, 2, json!([1])),
    ];
    let carried: Vec<_> =
        wrong.iter().map(|(role, field, arguments)| json!([role, field, arguments])).collect();
    tell(&mut net, ada, &[json!([6, [1, 0, 0, 0, carried]])]);
    for (role, field, arguments) in wrong {
        tell(&mut net, ada, &[json!([10, [ID, role, field, arguments]])]);
    }
    assert_eq!(refusals(&events).len(), 10);
    assert_eq!(shown(&mut net, server).len(), 3);
}

#[test]
fn what_is_kept_has_the_size_of_its_type_however_it_was_sent() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let ada = raw(&mut net, server);
    tell(&mut net, ada, &[json!([6, [1, 0, 0, 0, []]])]);
    heard(&mut net, ada);
    // A text and a number in their longest forms.
    let mut datagram =
        b"\x92\x0a\x94\xcf\0\0\0\x80\0\0\0\x01\x01\x00\xdd\0\0\0\x02\xdb\0\0\0\x03red".to_vec();
    datagram.extend(b"\xcf\0\0\0\0\0\0\0\x05");
    net.raw(ada).send_datagram(&datagram);
    net.settle();
    tell(&mut net, ada, &[json!([12, []])]);
    let bytes = net.raw(ada).messages().remove(2).1;
    assert_eq!(bytes, b"\x92\x0a\x94\xcf\0\0\0\x80\0\0\0\x01\x01\x00\x92\xa3red\x05");
}

#[network_object(name = "gauge", create = anyone)]
mod gauge {
    trait Server {
        #[network_field(from = anyone)]
        fn show(&mut self, of: u8);
    }
    trait Client {
        #[network_field(persist = ram)]
        fn shown(&mut self, share: f32);
    }
}

#[derive(Default)]
struct Gauge;

#[network_object]
impl gauge::Server for Gauge {
    fn show(&mut self, cx: &mut gauge::ServerCx<'_, Self>, of: u8) {
        cx.clients().shown(1.0 / f32::from(of));
    }
}

#[test]
fn what_cannot_be_sent_is_not_kept_and_is_told() {
    let mut net = Net::new();
    let (builder, events) = recorded(Node::server().view::<Gauge>());
    let server = net.add(builder.build().unwrap());
    let ada = raw(&mut net, server);
    tell(&mut net, ada, &[json!([6, [1, 0, 0, 0, [[1, 0, [0]]]]])]);
    tell(&mut net, ada, &[json!([10, [ID, 1, 0, [4]]]), json!([10, [ID, 1, 0, [0]]])]);
    let warned = events.take().into_iter().filter(|event| matches!(event, AnyEvent::Warning(_))).count();
    assert_eq!(warned, 2);
    assert_eq!(shown(&mut net, server)[1..2], [format!("[10,[{ID},0,0,[0.25]]]")]);
}

#[test]
fn what_is_said_from_outside_of_handlers_is_kept_too() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let stage = net.run(server, |n| n.create::<stage::Contract>().send()).unwrap();
    net.run(server, |n| {
        n.object(stage).clients().scene(8);
        n.object(stage).clients().bang();
        n.object(stage).server().light("dim".try_into().unwrap(), 2);
    });
    let told = shown(&mut net, server);
    let id = stage.id().to_u64();
    assert_eq!(told[2..4], [format!("[10,[{id},0,1,[8]]]"), format!("[10,[{id},1,0,[\"dim\",2]]]")]);
}
