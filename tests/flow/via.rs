//! Over a stream everything is reliable, whatever it says of itself.

use magicnet::prelude::*;
use magicnet::{Node, message, message_handler};
use magicnet_tests::Net;

#[message(id = 64, from = anyone)]
struct Plain {
    number: u32,
}

#[message(id = 65, from = anyone, via = unreliable)]
struct Shot {
    number: u32,
}

#[message(id = 66, from = anyone, via = sequenced)]
struct Moved {
    number: u32,
}

#[derive(Default)]
struct Heard(Vec<(char, u32)>);

#[message_handler]
fn plain(cx: &mut MessageCx<'_>, plain: Plain) {
    cx.app_mut::<Heard>().0.push(('p', plain.number));
}

#[message_handler]
fn shot(cx: &mut MessageCx<'_>, shot: Shot) {
    cx.app_mut::<Heard>().0.push(('s', shot.number));
}

#[message_handler]
fn moved(cx: &mut MessageCx<'_>, moved: Moved) {
    cx.app_mut::<Heard>().0.push(('m', moved.number));
}

fn node(node: magicnet::NodeBuilder) -> Node {
    node.handler::<plain>().handler::<shot>().handler::<moved>().with(Heard::default()).build().unwrap()
}

#[test]
fn over_a_stream_all_arrives_in_the_order_of_sending() {
    let mut net = Net::with_seed(7);
    net.set_max_piece(100);
    let server = net.add(node(Node::server()));
    let ann = net.add(node(Node::client()));
    net.connect(ann, server);
    for host in [ann, server] {
        net.run(host, |n| {
            for number in 0..500 {
                n.send_to_all(Shot { number });
                n.send_to_all(Moved { number });
                n.send_to_all(Plain { number });
            }
        });
    }
    net.settle();
    let all: Vec<(char, u32)> =
        (0..500).flat_map(|number| ['s', 'm', 'p'].map(|way| (way, number))).collect();
    for host in [ann, server] {
        assert!(net.run(host, |n| n.app::<Heard>().0 == all));
    }
}
