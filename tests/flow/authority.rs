//! Objects that the server makes itself, and what it may do with all of them.

use magicnet::prelude::*;
use magicnet::{CreateError, Node, Rejection};
use magicnet_tests::Net;

use crate::number::{NumberServer, client, one_number, server};

#[test]
fn the_server_creates_changes_and_destroys_without_asking() {
    let mut net = Net::new();
    let server = net.add(server().repository(64).build().unwrap());
    let (ada, ada_saw) = client(&mut net);
    net.connect(ada, server);
    let create = |n: &mut magicnet::NodeCx<'_>| {
        n.create::<one_number::Contract>().call(|s| s.set_init_value(3)).send()
    };
    let number = net.run(server, create).unwrap();
    assert_eq!(number.id().repository(), Repository(64));
    assert_eq!(ada_saw.take(), ["generate 3"]);
    // Its own calls run here, as a client's would.
    net.run(server, |n| n.object(number).server().add_value(4));
    assert_eq!(ada_saw.take(), ["3 -> 7", "sparkle 0 1 added"]);
    net.run(server, |n| {
        n.object(number)
            .clients()
            .sparkle(crate::number::Point { x: 1.0, y: 2.0 }, [Str::truncated("x")].into())
    });
    assert_eq!(ada_saw.take(), ["sparkle 1 2 x"]);
    net.run(server, |n| n.destroy(number));
    assert_eq!(ada_saw.take(), ["destroy 7"]);
    assert_eq!(net.run(server, |n| n.object_count()), 0);
}

#[test]
fn the_server_works_with_a_view_as_a_handler_would() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, ada_saw) = client(&mut net);
    net.connect(ada, server);
    let number = net.run(server, |n| n.create::<one_number::Contract>().send()).unwrap();
    ada_saw.take();
    type Cx<'a> = one_number::ServerCx<'a, NumberServer>;
    let doubled = net.run(server, |n| {
        n.with(number, |_: &mut NumberServer, cx: &mut Cx<'_>| {
            cx.state_mut().value = 21;
            cx.state().value * 2
        })
    });
    assert_eq!(doubled, Ok(42));
    assert_eq!(ada_saw.take(), ["0 -> 21"]);
    let refused = net.run(server, |n| {
        n.with(number, |_: &mut NumberServer, cx: &mut Cx<'_>| {
            cx.state_mut().value = 99;
            cx.reject("no");
        })
    });
    assert_eq!(refused, Err(Rejection::ByHandler("no".into())));
    assert_eq!(ada_saw.take(), [""; 0]);
    assert_eq!(net.run(server, |n| n.state(number).unwrap().value), 21);
    assert_eq!(net.run(server, |n| n.views::<NumberServer>()), [number.id()]);
}

#[test]
fn the_server_may_give_an_object_to_a_client() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, _) = client(&mut net);
    net.connect(ada, server);
    let number =
        net.run(server, |n| n.create::<one_number::Contract>().owner(Repository(128)).send()).unwrap();
    net.run(ada, |n| n.object(number).owned().expect("it was given to us").server().set_init_value(5));
    assert_eq!(net.run(server, |n| n.state(number).unwrap().value), 5);
    net.run(ada, |n| n.destroy(number));
    assert_eq!(net.run(server, |n| n.object_count()), 0);
}

#[network_object(name = "server-made")]
mod server_made {
    struct State {
        #[network_field(to = viewers)]
        pub value: u8,
    }
}

#[derive(Default)]
struct Made;
#[network_object]
impl server_made::Server for Made {}

#[derive(Default)]
struct MadeClient;
#[network_object]
impl server_made::Client for MadeClient {}

#[test]
fn what_only_servers_create_is_refused_to_clients() {
    let mut net = Net::new();
    let (builder, events) = crate::number::recorded(Node::server().view::<Made>());
    let server = net.add(builder.build().unwrap());
    let client = net.add(Node::client().view::<MadeClient>().build().unwrap());
    net.connect(client, server);
    net.run(client, |n| n.create::<server_made::Contract>().send()).unwrap();
    assert_eq!(net.run(server, |n| n.object_count()), 0);
    let refused = events.take().iter().any(|event| {
        event
            .downcast::<magicnet::RequestRejected>()
            .is_some_and(|event| event.reason == Rejection::NotServer)
    });
    assert!(refused);
    // Version 3 has no word for a refusal: the client gives up.
    let handle = net.node(client).handle();
    let mut creation = std::pin::pin!(handle.create::<server_made::Contract>().into_future());
    let mut poll = |net: &mut Net| {
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        let outcome = creation.as_mut().poll(&mut cx);
        net.settle();
        outcome
    };
    use std::future::Future as _;
    for _ in 0..3 {
        assert!(poll(&mut net).is_pending());
    }
    net.advance(std::time::Duration::from_secs(11));
    assert_eq!(poll(&mut net), std::task::Poll::Ready(Err(CreateError::TimedOut)));
}

#[test]
fn only_servers_listen() {
    let (port, dial) = magicnet::memory::port();
    let error = Node::client().listen(port).build().unwrap_err();
    assert_eq!(error, magicnet::BuildError::ClientListens);
    assert!(Node::server().view::<NumberServer>().connect(dial).build().is_ok());
}

#[test]
fn who_has_no_server_to_ask_is_told_at_once() {
    use std::future::{Future as _, IntoFuture as _};
    let mut net = Net::new();
    let (lonely, _) = client(&mut net);
    let handle = net.node(lonely).handle();
    let mut creation = std::pin::pin!(handle.create::<one_number::Contract>().into_future());
    let mut connected = std::pin::pin!(handle.connected());
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(creation.as_mut().poll(&mut cx).is_pending());
    net.settle();
    assert!(
        creation.as_mut().poll(&mut cx).is_pending(),
        "it may not create here; now it looks for a server"
    );
    net.settle();
    assert_eq!(creation.as_mut().poll(&mut cx), std::task::Poll::Ready(Err(CreateError::NotConnected)));
    assert_eq!(
        connected.as_mut().poll(&mut cx),
        std::task::Poll::Ready(Err(magicnet::ConnectError::NotConnected))
    );
}
