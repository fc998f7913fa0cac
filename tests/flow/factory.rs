//! Views that are built by a function of the user's.

use magicnet::Node;
use magicnet::prelude::*;
use magicnet_tests::Net;
use serde_json::json;

use crate::number::{Seen, recorded};
use crate::talk::{raw, refusals, tell};

#[network_object(name = "clock", create = anyone)]
mod clock {
    trait Server {
        #[network_field(from = anyone)]
        fn wind(&mut self);
    }
    trait Client {
        fn tick(&mut self, turns: u32);
    }
}

/// It has no `Default`: it begins with what the factory says.
struct Clock {
    turns: u32,
}

impl Clock {
    fn wound() -> Self {
        Self { turns: 100 }
    }
}

#[network_object(factory = Clock::wound)]
impl clock::Server for Clock {
    fn wind(&mut self, cx: &mut clock::ServerCx<'_, Self>) {
        self.turns += 1;
        cx.clients().tick(self.turns);
    }
}

struct Listener {
    heard: u32,
}

mod making {
    pub(super) fn listener() -> super::Listener {
        super::Listener { heard: 10 }
    }
}

#[network_object(factory = making::listener)]
impl clock::Client for Listener {
    fn tick(&mut self, cx: &mut clock::ClientCx<'_, Self>, turns: u32) {
        self.heard += 1;
        cx.app::<Seen>().push(format!("{turns} {}", self.heard));
    }
}

#[test]
fn each_object_has_a_view_of_its_own_from_the_factory() {
    let mut net = Net::new();
    let server = net.add(Node::server().view::<Clock>().build().unwrap());
    let seen = Seen::new();
    let ada = net.add(Node::client().view::<Listener>().with(seen.clone()).build().unwrap());
    net.connect(ada, server);
    let mut make = || net.run(ada, |n| n.create::<clock::Contract>().send()).unwrap();
    let (first, second) = (make(), make());
    net.run(ada, |n| {
        n.object(first).server().wind();
        n.object(first).server().wind();
        n.object(second).server().wind();
    });
    assert_eq!(seen.take(), ["101 11", "102 12", "101 11"]);
    assert_eq!(net.run(server, |n| n.view::<Clock>(first.id()).unwrap().turns), 102);
}

#[network_object(name = "cursed", create = anyone)]
mod cursed {
    trait Server {}
}

struct Cursed;

fn curse() -> Cursed {
    panic!("this factory is cursed")
}

#[network_object(factory = curse)]
impl cursed::Server for Cursed {}

#[test]
fn a_factory_that_panics_makes_no_object_and_ends_nothing() {
    let mut net = Net::new();
    let (builder, events) = recorded(Node::server().view::<Cursed>());
    let server = net.add(builder.build().unwrap());
    let made = net.run(server, |n| n.create::<cursed::Contract>().send());
    assert!(made.unwrap_err().to_string().contains("this factory is cursed"));
    let peer = raw(&mut net, server);
    tell(&mut net, peer, &[json!([6, [1, 0, 0, 0, []]])]);
    assert_eq!(refusals(&events), ["the handler panicked: this factory is cursed"]);
    assert_eq!(net.run(server, |n| n.object_count()), 0);
    assert!(!net.raw(peer).is_closed());
}
