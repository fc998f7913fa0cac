//! What a message costs, counted in steps: nothing grows with what it is not about.

use magicnet::prelude::*;
use magicnet::{NodeCx, Work};
use magicnet_tests::Net;

use super::number::{client, one_number, server};

/// What one call costs a server with `others` objects in other zones and as many zones.
fn cost(others: u32) -> (u64, u64) {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::ClientChosen).build().unwrap());
    let create =
        |n: &mut NodeCx<'_>, zone: u32| n.create::<one_number::Contract>().zone(zone).send().unwrap();
    net.run(server, |n| {
        for other in 0..others {
            create(n, 100 + other);
        }
    });
    let number = net.run(server, |n| create(n, 1));
    for _ in 0..10 {
        let (host, _) = client(&mut net);
        net.connect(host, server);
        net.run(host, |n| n.set_zones([1]));
    }
    let (caller, _) = client(&mut net);
    net.connect(caller, server);
    net.run(caller, |n| n.set_zones([1]));
    net.run(caller, |n| n.request_visible_objects());
    let Work { objects, connections, .. } = net.node(server).work();
    net.run(caller, |n| n.object(number).server().add_value(1));
    let after = net.node(server).work();
    (after.objects - objects, after.connections - connections)
}

/// What it costs a server with `others` objects in other zones, and as many zones, to show a connection another zone.
fn cost_of_a_look(others: u32) -> (u64, u64) {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::ClientChosen).build().unwrap());
    net.run(server, |n| {
        for other in 0..others {
            n.create::<one_number::Contract>().zone(100 + other).send().unwrap();
        }
        for zone in [1, 2, 2] {
            n.create::<one_number::Contract>().zone(zone).send().unwrap();
        }
    });
    for _ in 0..10 {
        let (host, _) = client(&mut net);
        net.connect(host, server);
        net.run(host, |n| n.set_zones([1, 2]));
    }
    let (walker, _) = client(&mut net);
    net.connect(walker, server);
    net.run(walker, |n| n.set_zones([1]));
    let Work { objects, connections, .. } = net.node(server).work();
    net.run(walker, |n| n.set_zones([2]));
    let after = net.node(server).work();
    (after.objects - objects, after.connections - connections)
}

#[test]
fn a_change_of_zones_costs_what_is_in_them() {
    let few = cost_of_a_look(10);
    assert_eq!(few, cost_of_a_look(10_000));
    assert!(few.0 <= 3 && few.1 <= 3, "{few:?}");
}

#[test]
fn a_call_costs_the_same_among_ten_and_among_a_hundred_thousand_objects() {
    let few = cost(10);
    let many = cost(100_000);
    println!(
        "one call: {} objects and {} connections looked at, among 10 and among 100,000 objects",
        few.0, few.1
    );
    assert_eq!(few, many);
    assert!(few.0 <= 4 && few.1 <= 13, "{few:?}");
}
