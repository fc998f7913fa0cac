//! `one-number`, the contract of DESIGN section 3, which most stories are told with.

use magicnet::prelude::*;
use magicnet::{AnyEvent, Node, NodeBuilder};
use magicnet_tests::{Host, Net, Recorder};

#[network_object(name = "one-number", create = anyone)]
pub(crate) mod one_number {
    /// Replicated state.
    struct State {
        #[network_field(to = viewers, wire = "set_current_value")]
        pub value: i32,
    }
    /// Calls that the server's view answers.
    trait Server {
        fn set_init_value(&mut self, value: i32);
        #[network_field(from = anyone)]
        fn add_value(&mut self, by: i32);
    }
    /// Calls that client views answer.
    trait Client {
        fn sparkle(&mut self, at: Point, tags: List<Str<16>, 8>);
    }
}

/// A struct as an argument.
#[derive(NetworkType, Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub x: f32,
    pub y: f32,
}

#[derive(Default)]
pub(crate) struct NumberServer;

#[network_object]
impl one_number::Server for NumberServer {
    fn set_init_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, value: i32) {
        cx.state_mut().value = value;
    }

    fn add_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, by: i32) {
        let Some(sum) = cx.state().value.checked_add(by) else {
            return cx.reject("integer overflow");
        };
        cx.state_mut().value = sum;
        cx.clients().sparkle(Point { x: 0.0, y: 1.0 }, List::from([Str::truncated("added")]));
    }
}

/// What the clients of a story have seen, in order, one line each.
pub(crate) type Seen = Recorder<String>;

#[derive(Default)]
pub(crate) struct NumberClient;

#[network_object]
impl one_number::Client for NumberClient {
    fn on_generate(&mut self, cx: &mut one_number::ClientCx<'_, Self>) {
        let line = format!("generate {}", cx.state().value);
        cx.app::<Seen>().push(line);
    }

    fn on_destroy(&mut self, cx: &mut one_number::ClientCx<'_, Self>) {
        let line = format!("destroy {}", cx.state().value);
        cx.app::<Seen>().push(line);
    }

    fn value_changed(&mut self, cx: &mut one_number::ClientCx<'_, Self>, old: i32) {
        let line = format!("{old} -> {}", cx.state().value);
        cx.app::<Seen>().push(line);
    }

    fn sparkle(&mut self, cx: &mut one_number::ClientCx<'_, Self>, at: Point, tags: List<Str<16>, 8>) {
        let line = format!("sparkle {} {} {}", at.x, at.y, &*tags[0]);
        cx.app::<Seen>().push(line);
    }
}

/// A server of numbers.
pub(crate) fn server() -> NodeBuilder {
    Node::server().view::<NumberServer>()
}

/// A client of numbers, and what it will have seen.
pub(crate) fn client(net: &mut Net) -> (Host, Seen) {
    let seen = Seen::new();
    let node = Node::client().view::<NumberClient>().with(seen.clone()).build().unwrap();
    (net.add(node), seen)
}

/// Records every event of a node.
pub(crate) fn recorded(builder: NodeBuilder) -> (NodeBuilder, Recorder<AnyEvent>) {
    let events = Recorder::new();
    let log = events.clone();
    (builder.on_any(move |_, event| log.push(event.clone())), events)
}

/// A number that `owner` has created with a value.
pub(crate) fn create(net: &mut Net, owner: Host, value: i32) -> Object<one_number::Contract> {
    net.run(owner, |n| n.create::<one_number::Contract>().call(|s| s.set_init_value(value)).send()).unwrap()
}

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
        net.max_piece = 5;
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
