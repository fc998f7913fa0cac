//! An hour of a server's life in simulated time: players come and go, lines break, and nothing is left over.

use std::time::Duration;

use magicnet::prelude::*;
use magicnet::{Node, NodeCx};
use magicnet_tests::{Host, Net};

use crate::number::{NumberClient, Seen, one_number, server};

const PLAYERS: usize = 6;
const SECOND: Duration = Duration::from_secs(1);

fn player(net: &mut Net) -> Host {
    let node = Node::client().view::<NumberClient>().with(Seen::new());
    net.add(node.build().unwrap())
}

/// Everything that a node sees.
fn numbers(cx: &mut NodeCx<'_>) -> Vec<(ObjectId, i32)> {
    let objects = cx.objects::<one_number::Contract>();
    let mut seen: Vec<_> = objects.into_iter().map(|it| (it.id(), cx.state(it).unwrap().value)).collect();
    seen.sort();
    seen
}

#[test]
#[expect(clippy::print_stdout, reason = "what happened in that hour is worth a line")]
fn an_hour_leaves_nothing_behind() {
    let mut net = Net::with_seed(7);
    net.set_latency(Duration::from_millis(20));
    net.set_jitter(Duration::from_millis(60));
    net.set_max_piece(900);
    net.set_breaks(400);
    let server = net.add(server().build().unwrap());
    let players: Vec<Host> = (0..PLAYERS).map(|_| player(&mut net)).collect();
    let (mut joins, mut calls, mut most) = (0, 0, 0);
    for second in 0..3_600_usize {
        let player = players[second % PLAYERS];
        if net.run(player, |n| n.server().is_none()) {
            net.connect(player, server);
            joins += 1;
        } else if second % 50 < PLAYERS {
            net.run(player, |n| {
                n.request_visible_objects();
                drop(n.create::<one_number::Contract>().call(|s| s.set_init_value(1)).send());
            });
        } else if second % 977 < 2 {
            net.partition(player, server);
        } else {
            calls += net.run(player, |n| {
                let objects = n.objects::<one_number::Contract>();
                objects.iter().for_each(|number| n.object(*number).server().add_value(1));
                objects.len()
            });
        }
        if second % 100 == 99 {
            net.heal_all();
        }
        net.advance(SECOND);
        most = most.max(net.run(server, |n| n.object_count()));
    }
    // The lines hold from now on, and everyone looks once more.
    net.set_breaks(0);
    net.heal_all();
    net.advance(60 * SECOND);
    for player in &players {
        if net.run(*player, |n| n.server().is_none()) {
            net.connect(*player, server);
        }
    }
    net.advance(SECOND);
    for player in &players {
        net.run(*player, |n| n.request_visible_objects());
    }
    net.advance(5 * SECOND);
    let expected = net.run(server, numbers);
    for player in &players {
        assert_eq!(net.run(*player, numbers), expected);
    }
    assert_eq!(net.run(server, |n| n.connections().count()), PLAYERS);
    println!("an hour: {joins} joins of {PLAYERS} players, {calls} calls, at most {most} objects at once");
    assert!(joins > 3 * PLAYERS && calls > 1_000, "something has happened");
    // All players together may not have made as many without ending any: those of who left went with them.
    for player in &players {
        net.cut(*player, server);
    }
    // Deadlines of those who have gone pass.
    net.advance(60 * SECOND);
    assert_eq!(net.run(server, |n| (n.object_count(), n.connections().count())), (0, 0));
    assert_eq!(net.node(server).poll_timeout(), None, "nothing is waited for");
}
