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

pub(crate) type NumberServerCx<'a> = one_number::ServerCx<'a, NumberServer>;

impl NumberServer {
    /// Sets the value outside of all calls, and says what it is then.
    #[allow(clippy::needless_pass_by_ref_mut, clippy::unused_self, reason = "the other form needs both")]
    pub(crate) fn put(&mut self, cx: &mut NumberServerCx<'_>, value: i32) -> i32 {
        cx.state_mut().value = value;
        cx.state().value
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
