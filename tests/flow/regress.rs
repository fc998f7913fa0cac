//! Faults that were found by reading, each with the story in which it showed.

use magicnet::prelude::*;
use magicnet_tests::Net;

use crate::number::{client, one_number, server};

#[test]
fn what_follows_a_change_of_zones_in_the_same_turn_is_received() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::Granted).build().unwrap());
    let (ada, ada_saw) = client(&mut net);
    let (_, ada_there) = net.connect(ada, server);
    net.run(server, |n| {
        n.grant_zones(ada_there, [7]);
        n.create::<one_number::Contract>().zone(7).call(|s| s.set_init_value(1)).send().unwrap();
        n.grant_zones(ada_there, [7, 8]);
        n.create::<one_number::Contract>().zone(7).call(|s| s.set_init_value(2)).send().unwrap();
        n.grant_zones(ada_there, [8]);
        n.create::<one_number::Contract>().zone(7).call(|s| s.set_init_value(3)).send().unwrap();
        n.create::<one_number::Contract>().zone(8).call(|s| s.set_init_value(4)).send().unwrap();
    });
    assert_eq!(ada_saw.take(), ["generate 1", "generate 2", "generate 4"]);
}
