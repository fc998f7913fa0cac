//! Rates of single calls and messages: what is too often is refused and forgiven, and nobody else notices.

use std::time::Duration;

use magicnet::prelude::*;
use magicnet::wire::{MessageId, ProtocolMessage, Writer, encode_call, encode_custom};
use magicnet::{AnyEvent, CallRejected, Node, Rate, Rejection};
use magicnet_tests::{Host, Net, RawLink, Recorder};

#[network_object(name = "bell", create = anyone)]
mod bell {
    struct State {
        #[network_field(to = viewers)]
        rung: u32,
    }
    trait Server {
        #[network_field(from = anyone, rate = "2/s, burst 3")]
        fn ring(&mut self, times: u8);
        #[network_field(from = anyone)]
        fn touch(&mut self);
    }
}

#[derive(Default)]
struct Bell;

#[network_object]
impl bell::Server for Bell {
    fn ring(&mut self, cx: &mut bell::ServerCx<'_, Self>, times: u8) {
        cx.state_mut().rung += u32::from(times);
    }
    fn touch(&mut self, _cx: &mut bell::ServerCx<'_, Self>) {}
}

#[message(id = 400, from = client, rate = "1/s")]
struct Poke;

#[message_handler]
fn poke(cx: &mut MessageCx<'_>, _: Poke) {
    *cx.app_mut::<u32>() += 1;
}

struct Stage {
    net: Net,
    server: Host,
    bells: [Object<bell::Contract>; 2],
    events: Recorder<AnyEvent>,
}

impl Stage {
    fn new() -> Self {
        let mut net = Net::new();
        let events = Recorder::new();
        let log = events.clone();
        let node = Node::server()
            .view::<Bell>()
            .handler::<poke>()
            .with(0_u32)
            .on_any(move |_, event| log.push(event.clone()));
        let server = net.add(node.build().unwrap());
        let bells = [(); 2].map(|()| net.run(server, |n| n.create::<bell::Contract>().send().unwrap()));
        Self { net, server, bells, events }
    }

    fn peer(&mut self) -> RawLink {
        let raw = self.net.raw_client(self.server);
        self.net.raw(raw).hello();
        self.net.settle();
        raw
    }

    /// Calls the field of a bell's so often, with one argument or a wrong one.
    fn call(&mut self, raw: RawLink, bell: usize, field: u8, argument: Option<u8>, times: usize) {
        let mut datagram = Vec::new();
        for _ in 0..times {
            let object = self.bells[bell].id().to_u64();
            encode_call(&mut Writer::new(&mut datagram), object, 1, field, |w| match argument {
                Some(value) => {
                    w.array(1);
                    w.unsigned(value.into());
                }
                None => w.array(0),
            });
        }
        self.net.raw(raw).send_datagram(&datagram);
        self.net.settle();
    }

    fn rung(&mut self) -> [u32; 2] {
        let bells = self.bells;
        self.net.run(self.server, |n| bells.map(|bell| n.state(bell).unwrap().rung))
    }

    fn refusals(&self) -> Vec<Rejection> {
        let refused = |event: AnyEvent| match event {
            AnyEvent::CallRejected(CallRejected { reason, field, .. }) => {
                assert_eq!(field, Some("ring"));
                Some(reason)
            }
            AnyEvent::MessageRejected(event) => Some(event.reason),
            AnyEvent::RequestRejected(event) => Some(event.reason),
            _ => None,
        };
        self.events.take().into_iter().filter_map(refused).collect()
    }
}

const RATE: Rejection = Rejection::Rate { rate: Rate::per_second(2).burst(3) };

#[test]
fn what_is_too_often_is_refused_and_forgiven() {
    let mut stage = Stage::new();
    let raw = stage.peer();
    stage.call(raw, 0, 0, Some(1), 5);
    assert_eq!(stage.rung(), [3, 0]);
    assert_eq!(stage.refusals(), [RATE, RATE]);
    stage.net.advance(Duration::from_millis(499));
    stage.call(raw, 0, 0, Some(1), 1);
    assert_eq!(stage.refusals(), [RATE], "what was refused costs nothing more");
    stage.net.advance(Duration::from_millis(1));
    stage.call(raw, 0, 0, Some(1), 1);
    assert_eq!((stage.rung(), stage.refusals()), ([4, 0], Vec::new()));
    assert!(!stage.net.raw(raw).is_closed());
}

#[test]
fn a_rate_is_that_of_one_connection_and_one_call_whatever_the_object() {
    let mut stage = Stage::new();
    let [hasty, other] = [stage.peer(), stage.peer()];
    stage.call(hasty, 0, 0, Some(1), 2);
    stage.call(hasty, 1, 0, Some(1), 2);
    assert_eq!((stage.rung(), stage.refusals()), ([2, 1], vec![RATE]));
    stage.call(hasty, 0, 1, None, 100);
    stage.call(other, 0, 0, Some(10), 3);
    assert_eq!((stage.rung(), stage.refusals()), ([32, 1], Vec::new()));
}

#[test]
fn calls_with_wrong_arguments_are_charged_too_and_those_that_nobody_may_make_are_not() {
    let mut stage = Stage::new();
    let raw = stage.peer();
    stage.call(raw, 0, 0, None, 3);
    stage.call(raw, 0, 0, Some(1), 1);
    let refusals = stage.refusals();
    assert!(refusals[..3].iter().all(|reason| matches!(reason, Rejection::Arguments(_))), "{refusals:?}");
    assert_eq!((&refusals[3..], stage.rung()), (&[RATE][..], [0, 0]));
}

#[test]
fn calls_in_a_creation_are_counted() {
    let mut stage = Stage::new();
    let raw = stage.peer();
    let mut calls = Vec::new();
    let mut w = Writer::new(&mut calls);
    w.array(5);
    for _ in 0..5 {
        w.array(3);
        w.unsigned(1);
        w.unsigned(0);
        w.array(1);
        w.unsigned(1);
    }
    let calls = magicnet::wire::CarriedCalls::read(&mut magicnet::wire::Reader::new(&calls)).unwrap();
    let create = ProtocolMessage::CreateObject { local_id: 1, type_number: 0, owner: 0, zone: 0, calls };
    stage.net.raw(raw).send(&[create]);
    stage.net.settle();
    assert_eq!(stage.refusals(), [RATE, RATE]);
    stage.call(raw, 0, 0, Some(1), 1);
    assert_eq!(stage.refusals(), [RATE]);
}

#[test]
fn messages_have_rates_of_their_own() {
    let mut stage = Stage::new();
    let raw = stage.peer();
    let mut datagram = Vec::new();
    for _ in 0..3 {
        encode_custom(&mut Writer::new(&mut datagram), MessageId(400), |w| w.array(0));
    }
    for expected in 1..4 {
        stage.net.raw(raw).send_datagram(&datagram);
        stage.net.settle();
        assert_eq!(stage.net.run(stage.server, |n| *n.app::<u32>()), expected);
        assert_eq!(stage.refusals(), vec![Rejection::Rate { rate: Rate::per_second(1) }; 2]);
        stage.net.advance(Duration::from_secs(1));
    }
}

#[test]
fn the_server_itself_has_no_rate() {
    let mut stage = Stage::new();
    let bell = stage.bells[0];
    stage.net.run(stage.server, |n| (0..100).for_each(|_| n.object(bell).server().ring(1)));
    assert_eq!((stage.rung(), stage.refusals()), ([100, 0], Vec::new()));
}
