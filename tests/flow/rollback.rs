//! A handler that rejects or panics leaves nothing behind, and says so by an event.

use magicnet::prelude::*;
use magicnet::{AnyEvent, CallRejected, Node, Rejection};
use magicnet_tests::{Net, Recorder};

use crate::number::recorded;

#[network_object(name = "account")]
mod account {
    struct State {
        #[network_field(to = viewers)]
        pub balance: i64,
        #[network_field(to = viewers)]
        pub owner: Str<16>,
        #[network_field(to = viewers)]
        pub rate: f64,
    }
    trait Server {
        #[network_field(from = anyone)]
        fn change(&mut self, how: Str<16>);
    }
    trait Client {
        fn told(&mut self, what: Str<16>);
    }
}

#[derive(Default)]
struct AccountServer {
    attempts: u32,
}

#[network_object]
impl account::Server for AccountServer {
    fn change(&mut self, cx: &mut account::ServerCx<'_, Self>, how: Str<16>) {
        self.attempts += 1;
        cx.state_mut().balance += 1;
        cx.state_mut().owner = Str::truncated("somebody longer");
        // Sends the state above first.
        cx.clients().told(how.clone());
        cx.state_mut().balance += 1;
        cx.defer(|n| n.app::<Recorder<&'static str>>().push("deferred"));
        match &*how {
            "reject" => cx.reject("not today"),
            "panic" => panic!("broken"),
            "nan" => cx.state_mut().rate = f64::NAN,
            _ => {}
        }
    }
}

#[derive(Default)]
struct AccountClient;

#[network_object]
impl account::Client for AccountClient {
    fn balance_changed(&mut self, cx: &mut account::ClientCx<'_, Self>, old: i64) {
        let line = format!("balance {old} -> {}", cx.state().balance);
        cx.app::<Recorder<String>>().push(line);
    }

    fn told(&mut self, cx: &mut account::ClientCx<'_, Self>, what: Str<16>) {
        let line = format!("told {what} with {} of {}", cx.state().balance, cx.state().owner);
        cx.app::<Recorder<String>>().push(line);
    }
}

/// What one attempt of a client leads to: what it sees, the server's rejection, the server's balance.
fn attempt(how: &str) -> (Vec<String>, Vec<Rejection>, i64) {
    let mut net = Net::new();
    let deferred: Recorder<&'static str> = Recorder::new();
    let (builder, events) = recorded(Node::server().view::<AccountServer>().with(deferred.clone()));
    let server = net.add(builder.build().unwrap());
    let seen: Recorder<String> = Recorder::new();
    let client = net.add(Node::client().view::<AccountClient>().with(seen.clone()).build().unwrap());
    net.connect(client, server);
    let account = net.run(server, |n| n.create::<account::Contract>().send()).unwrap();
    let how: Str<16> = how.try_into().unwrap();
    net.run(client, |n| n.object(account).server().change(how));

    let rejections: Vec<Rejection> = events
        .take()
        .into_iter()
        .filter_map(|event| match event {
            AnyEvent::CallRejected(CallRejected { reason, field, .. }) => {
                assert_eq!(field, Some("change"));
                Some(reason)
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        deferred.take().len(),
        usize::from(rejections.is_empty()),
        "what was queued goes with the rest"
    );
    let attempts = net.run(server, |n| n.view::<AccountServer>(account.id()).unwrap().attempts);
    assert_eq!(attempts, 1, "what is private to the view is not rolled back");

    // A second client sees what the first one does: the snapshot was put back too.
    let late: Recorder<String> = Recorder::new();
    let joiner = net.add(Node::client().view::<AccountClient>().with(late).build().unwrap());
    net.connect(joiner, server);
    net.run(joiner, |n| n.request_visible_objects());
    let balance = net.run(server, |n| n.state(account).unwrap().balance);
    assert_eq!(net.run(joiner, |n| n.state(account).unwrap().balance), balance);
    assert_eq!(net.run(client, |n| n.state(account).unwrap().balance), balance);
    assert_eq!(net.run(client, |n| n.state(account).unwrap().owner.clone()), {
        net.run(server, |n| n.state(account).unwrap().owner.clone())
    });
    (seen.take(), rejections, balance)
}

#[test]
fn a_handler_that_passes_sends_state_and_calls_in_order_of_statements() {
    let (seen, rejections, balance) = attempt("pass");
    assert_eq!(seen, ["balance 0 -> 1", "told pass with 1 of somebody longer", "balance 1 -> 2"]);
    assert_eq!(rejections, []);
    assert_eq!(balance, 2);
}

#[test]
fn a_rejection_undoes_state_and_calls() {
    let (seen, rejections, balance) = attempt("reject");
    assert_eq!(seen, [""; 0]);
    assert_eq!(rejections, [Rejection::ByHandler("not today".into())]);
    assert_eq!(balance, 0);
}

#[test]
fn a_panic_undoes_state_and_calls() {
    let (seen, rejections, balance) = attempt("panic");
    assert_eq!(seen, [""; 0]);
    assert_eq!(rejections, [Rejection::Panicked("broken".to_owned())]);
    assert_eq!(balance, 0);
}

#[test]
fn state_that_cannot_be_sent_undoes_all_of_it() {
    let (seen, rejections, balance) = attempt("nan");
    assert_eq!(seen, [""; 0]);
    assert!(matches!(rejections[..], [Rejection::NotSendable(_)]), "{rejections:?}");
    assert_eq!(balance, 0);
}

#[test]
fn what_passed_before_and_after_it_between_two_writes_is_whole() {
    let mut net = Net::new();
    let deferred: Recorder<&'static str> = Recorder::new();
    let server = net.add(Node::server().view::<AccountServer>().with(deferred).build().unwrap());
    let seen: Recorder<String> = Recorder::new();
    let client = net.add(Node::client().view::<AccountClient>().with(seen.clone()).build().unwrap());
    net.connect(client, server);
    let account = net.run(server, |n| n.create::<account::Contract>().send()).unwrap();
    // One frame, and one write of what follows.
    net.run(client, |n| {
        for how in ["pass", "reject", "pass", "nan"] {
            n.object(account).server().change(how.try_into().unwrap());
        }
    });
    assert_eq!(
        seen.take(),
        [
            "balance 0 -> 1",
            "told pass with 1 of somebody longer",
            "balance 1 -> 2",
            "balance 2 -> 3",
            "told pass with 3 of somebody longer",
            "balance 3 -> 4"
        ]
    );
}
