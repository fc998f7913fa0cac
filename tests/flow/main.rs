//! Stories through the core, over simulated time.

mod by_hand;

use std::sync::{Arc, Mutex};

use by_hand as one_number;
use magicnet::__private as p;
use magicnet::{AnyEvent, Node};
use magicnet_tests::{Net, Recorder};

#[derive(Default)]
struct NumberServer;
impl one_number::Server for NumberServer {
    fn set_init_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, value: i32) {
        cx.state_mut().value = value;
    }
    fn add_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, by: i32) {
        let Some(sum) = cx.state().value.checked_add(by) else {
            return cx.reject("integer overflow");
        };
        cx.state_mut().value = sum;
        cx.clients().sparkle(sum);
    }
}
impl magicnet::View for NumberServer {
    const SLOT: p::SlotDescriptor<Self> = <Self as one_number::Server>::SLOT;
    const SOURCE: p::Source = p::Source {
        file: file!(),
        line: line!(),
    };
    fn make() -> Self {
        Self
    }
}
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
#[derive(Default)]
struct NumberClient;
impl one_number::Client for NumberClient {
    fn value_changed(&mut self, cx: &mut one_number::ClientCx<'_, Self>, old: i32) {
        SEEN.lock()
            .unwrap()
            .push(format!("{old} -> {}", cx.state().value));
    }
    fn sparkle(&mut self, cx: &mut one_number::ClientCx<'_, Self>, at: i32) {
        SEEN.lock()
            .unwrap()
            .push(format!("sparkle {at} mine {}", cx.owned().is_some()));
    }
    fn on_generate(&mut self, cx: &mut one_number::ClientCx<'_, Self>) {
        SEEN.lock()
            .unwrap()
            .push(format!("generate {}", cx.state().value));
    }
    fn on_destroy(&mut self, cx: &mut one_number::ClientCx<'_, Self>) {
        SEEN.lock().unwrap().push(format!("destroy {}", cx.state().value));
    }
}
impl magicnet::View for NumberClient {
    const SLOT: p::SlotDescriptor<Self> = <Self as one_number::Client>::SLOT;
    const SOURCE: p::Source = p::Source {
        file: file!(),
        line: line!(),
    };
    fn make() -> Self {
        Self
    }
}

#[test]
fn one_number() {
    let mut net = Net::new();
    let events: Recorder<String> = Recorder::new();
    let log = events.clone();
    let server = Node::server()
        .motd("hello")
        .view::<NumberServer>()
        .on_any(move |_, event: &AnyEvent| log.push(format!("{event:?}")))
        .build()
        .unwrap();
    let server = net.add(server);
    let client = net.add(Node::client().view::<NumberClient>().build().unwrap());
    let other = net.add(Node::client().view::<NumberClient>().build().unwrap());
    net.connect(client, server);
    let object = net
        .run(client, |n| {
            n.create::<one_number::Contract>()
                .call(|s| s.set_init_value(10))
                .send()
        })
        .unwrap();
    net.run(client, |n| n.object(object).server().add_value(5));
    net.connect(other, server);
    net.run(other, |n| n.request_visible_objects());
    net.run(other, |n| n.object(object).server().add_value(i32::MAX));
    net.run(client, |n| n.destroy(object));
    println!("{:#?}", events.take());
    println!("{:#?}", SEEN.lock().unwrap());
    let _ = Arc::new(0);
    assert_eq!(SEEN.lock().unwrap().len(), 6);
}
