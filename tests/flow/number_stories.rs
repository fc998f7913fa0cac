//! The life of a number: made, changed, joined late, deleted, and who may.

use magicnet_tests::Net;

use super::number::{client, create, server};

#[test]
fn a_number_is_created_changed_joined_late_and_deleted() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, ada_saw) = client(&mut net);
    let (bob, bob_saw) = client(&mut net);
    net.connect(ada, server);
    let number = create(&mut net, ada, 10);
    assert_eq!(ada_saw.take(), ["generate 10"]);

    net.run(ada, |n| n.object(number).server().add_value(5));
    assert_eq!(ada_saw.take(), ["10 -> 15", "sparkle 0 1 added"]);

    net.connect(bob, server);
    assert_eq!(bob_saw.take(), [""; 0], "nothing is shown before it is asked for");
    net.run(bob, |n| n.request_visible_objects());
    assert_eq!(bob_saw.take(), ["generate 15"]);

    net.run(bob, |n| n.object(number).server().add_value(1));
    assert_eq!(bob_saw.take(), ["15 -> 16", "sparkle 0 1 added"]);
    assert_eq!(ada_saw.take(), ["15 -> 16", "sparkle 0 1 added"]);

    net.run(bob, |n| n.destroy(number));
    assert_eq!(bob_saw.take(), [""; 0], "bob is not the owner");
    net.run(ada, |n| n.destroy(number));
    assert_eq!(ada_saw.take(), ["destroy 16"]);
    assert_eq!(bob_saw.take(), ["destroy 16"]);
}

#[test]
fn the_same_story_with_bytes_cut_everywhere_and_late() {
    for seed in 1..40 {
        let mut net = Net::with_seed(seed);
        net.set_max_piece(5);
        net.set_latency(std::time::Duration::from_millis(20));
        let second = std::time::Duration::from_secs(1);
        let server = net.add(server().build().unwrap());
        let (ada, ada_saw) = client(&mut net);
        net.connect(ada, server);
        net.advance(second);
        let number = create(&mut net, ada, 10);
        net.advance(second);
        net.run(ada, |n| n.object(number).server().add_value(5));
        net.advance(second);
        assert_eq!(ada_saw.take(), ["generate 10", "10 -> 15", "sparkle 0 1 added"], "seed {seed}");
    }
}

#[test]
fn only_the_owner_has_the_owners_capability() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, _) = client(&mut net);
    let (bob, _) = client(&mut net);
    net.connect(ada, server);
    net.connect(bob, server);
    let number = create(&mut net, ada, 1);
    assert!(net.run(ada, |n| n.object(number).owned().is_some()));
    assert!(net.run(bob, |n| n.object(number).owned().is_none()));
    assert!(net.run(server, |n| n.object(number).owned().is_none()));
    net.run(ada, |n| n.object(number).owned().unwrap().server().set_init_value(7));
    assert_eq!(net.run(server, |n| n.state(number).unwrap().value), 7);
}
