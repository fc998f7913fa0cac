//! Who does not keep up is told what is different when it reads on, unless it missed what is said once.

use std::time::Duration;

use magicnet::prelude::*;
use magicnet::schema::Schema;
use magicnet::wire::{Extensions, ProtocolMessage, RawMessage};
use magicnet::{
    AnyEvent, BytesMiddleware, ConnectionConfig, Contract, DisconnectReason, Disconnected, Ending, Limits,
    NodeBuilder, NodeCx, Verdict,
};
use magicnet_tests::{Host, Net, RawLink, Recorder};

use crate::number::{NumberServer, Point, client, one_number, recorded, server};

type Number = Object<one_number::Contract>;

/// What is kept for who does not read.
const KEPT: usize = 500;

struct Story {
    net: Net,
    server: Host,
    events: Recorder<AnyEvent>,
    numbers: Vec<Number>,
    raw: RawLink,
}

impl Story {
    /// A server of some numbers, and a plain peer that was shown them.
    fn new(count: usize) -> Self {
        Self::with(count, &ConnectionConfig::accepted())
    }

    fn with(count: usize, endpoint: &ConnectionConfig) -> Self {
        Self::on(server(), count, endpoint)
    }

    fn on(server: NodeBuilder, count: usize, endpoint: &ConnectionConfig) -> Self {
        let mut limits = Limits::default();
        (limits.kept_output, limits.shown_at_once) = (KEPT, 120);
        let mut net = Net::new();
        let (builder, events) = recorded(server.limits(limits));
        let server = net.add(builder.build().unwrap());
        let numbers = net.run(server, |n| (0..count).map(|_| create(n)).collect());
        let raw = net.raw_client_by(server, endpoint);
        Self { net, server, events, numbers, raw }
    }

    /// The peer shakes hands and is shown everything.
    fn join(mut self) -> Self {
        self.net.raw(self.raw).hello();
        self.net.raw(self.raw).send(&[ProtocolMessage::RequestVisibleObjects]);
        self.net.settle();
        self.net.raw(self.raw).messages();
        self
    }

    fn put(&mut self, at: usize, value: i32) {
        let number = self.numbers[at];
        let act =
            |view: &mut NumberServer, cx: &mut one_number::ServerCx<'_, NumberServer>| view.put(cx, value);
        self.net.run(self.server, |n| n.with(number, act)).unwrap();
    }

    /// The peer stops to read, and so much is said that it is behind.
    fn fall_behind(&mut self) {
        self.net.set_stuck(self.raw, true);
        (1..=100).for_each(|value| self.put(0, value));
    }

    /// The peer reads on: what it is told, in words.
    fn read_on(&mut self) -> Vec<String> {
        self.net.set_stuck(self.raw, false);
        self.net.settle();
        let messages = self.net.raw(self.raw).messages();
        messages.iter().filter_map(|(_, bytes)| self.word(bytes)).collect()
    }

    fn word(&self, bytes: &[u8]) -> Option<String> {
        let place =
            |object: u64| self.numbers.iter().position(|known| known.id().to_u64() == object).unwrap();
        match ProtocolMessage::decode(&RawMessage::parse(bytes).unwrap())?.unwrap() {
            ProtocolMessage::GenerateObject { object, .. } => Some(format!("begin {}", place(object))),
            ProtocolMessage::DestroyObject { object } => Some(format!("end {}", place(object))),
            ProtocolMessage::SetObjectField { object, field: 0, mut arguments, .. } => {
                Some(format!("{} = {}", place(object), arguments.next::<i32>("value").unwrap()))
            }
            ProtocolMessage::Disconnect { reason, detail } => Some(format!("{reason} {}", detail.unwrap())),
            _ => None,
        }
    }

    fn ending(&self) -> Option<Ending> {
        let ended = |event: AnyEvent| event.downcast::<Disconnected>().map(|event| event.ending.clone());
        self.events.take().into_iter().find_map(ended)
    }
}

fn create(n: &mut NodeCx<'_>) -> Number {
    n.create::<one_number::Contract>().send().unwrap()
}

/// The lines that follow what was kept, which are values of number 0 in order.
fn news(told: &[String]) -> &[String] {
    let kept = (1..).take_while(|value| told.get(value - 1) == Some(&format!("0 = {value}"))).count();
    assert!(kept > 5, "{told:?}");
    &told[kept..]
}

#[test]
fn the_newest_value_of_each_property_is_told_once() {
    let mut story = Story::new(3).join();
    story.fall_behind();
    story.put(1, 7);
    story.put(1, 8);
    let told = story.read_on();
    assert_eq!(news(&told), ["0 = 100", "1 = 8"]);
    assert!(told.len() < 40, "what was kept was bounded: {}", told.len());
    story.put(2, 5);
    assert_eq!(story.read_on(), ["2 = 5"], "it hears everything again");
    story.fall_behind();
    let told = story.read_on();
    assert_eq!(news(&told), ["0 = 100"], "as often as need be");
}

#[test]
fn what_ended_and_began_meanwhile_is_told_and_what_did_both_is_not() {
    let mut story = Story::new(3).join();
    story.fall_behind();
    let made: Vec<Number> = story.net.run(story.server, |n| (0..2).map(|_| create(n)).collect());
    story.numbers.extend(made);
    story.put(3, 33);
    story.put(4, 44);
    let (first, second) = (story.numbers[1], story.numbers[4]);
    story.net.run(story.server, |n| {
        n.destroy(first);
        n.destroy(second);
    });
    let told = story.read_on();
    assert_eq!(news(&told), ["end 1", "begin 3", "3 = 33", "0 = 100"]);
}

#[test]
fn a_plain_peer_under_zones_is_not_told_of_what_began_and_ended_meanwhile() {
    let builder = server().zones(Zones::ClientChosen);
    let mut story = Story::on(builder, 1, &ConnectionConfig::accepted());
    let vz = ProtocolMessage::SharedParameter { name: "vz", value: &[0x92, 0, 1] };
    story.net.raw(story.raw).send(&[vz]);
    let mut story = story.join();
    story.fall_behind();
    let made: Vec<Number> = story.net.run(story.server, |n| (0..4).map(|_| create(n)).collect());
    story.numbers.extend(&made);
    // One comes back that it may have seen before.
    story.net.run(story.server, |n| n.set_zone(made[1], 9));
    story.net.run(story.server, |n| n.set_zone(made[1], 1));
    story.net.run(story.server, |n| [made[0], made[1], made[3]].map(|number| n.destroy(number)));
    let told = story.read_on();
    assert_eq!(news(&told), ["end 2", "begin 3", "3 = 0", "0 = 100"]);
}

#[test]
fn much_that_has_changed_is_told_in_pieces() {
    let mut story = Story::new(50).join();
    story.fall_behind();
    (1..50).for_each(|at| story.put(at, 1));
    let told = story.read_on();
    let mut expected = vec!["0 = 100".to_owned()];
    expected.extend((1..50).map(|at| format!("{at} = 1")));
    assert_eq!(news(&told), expected);
}

#[test]
fn who_missed_a_call_is_ended_and_told_why() {
    let mut story = Story::new(1).join();
    story.fall_behind();
    assert_eq!(story.ending(), None);
    let number = story.numbers[0];
    story
        .net
        .run(story.server, |n| n.object(number).clients().sparkle(Point { x: 0.0, y: 0.0 }, List::new()));
    let ending = story.ending();
    assert!(matches!(ending, Some(Ending::ByUs { reason: DisconnectReason::TOO_SLOW, .. })), "{ending:?}");
    let told = story.read_on();
    assert_eq!(told.last().unwrap(), "35 missed what is said once, for reading too slowly");
}

/// What its owner alone is told: the newest of the one, each of the other.
#[network_object(name = "purse", create = anyone)]
mod purse {
    pub(super) struct State {
        #[network_field(to = owner)]
        pub(super) coins: u32,
        #[network_field(to = owner, always)]
        pub(super) prize: u32,
    }
    pub(super) trait Server {}
    pub(super) trait Client {}
}

#[derive(Default)]
struct PurseServer;

#[network_object]
impl purse::Server for PurseServer {}

#[test]
fn an_owner_who_missed_a_property_that_is_sent_always_is_ended() {
    let mut story = Story::on(server().view::<PurseServer>(), 1, &ConnectionConfig::accepted()).join();
    let purse = story.net.run(story.server, |n| {
        let owner = n.connections().next().unwrap().repository().unwrap();
        n.create::<purse::Contract>().owner(owner).send().unwrap()
    });
    let change = |story: &mut Story, act: fn(&mut purse::State)| {
        let act = move |_: &mut PurseServer, cx: &mut purse::ServerCx<'_, PurseServer>| act(cx.state_mut());
        story.net.run(story.server, |n| n.with(purse, act)).unwrap();
    };
    change(&mut story, |state| state.coins = 1);
    story.fall_behind();
    assert_eq!(story.ending(), None);
    change(&mut story, |state| state.prize = 7);
    let ending = story.ending();
    assert!(matches!(ending, Some(Ending::ByUs { reason: DisconnectReason::TOO_SLOW, .. })), "{ending:?}");
}

#[test]
fn who_asks_and_does_not_read_is_not_answered_for_ever() {
    let mut story = Story::new(1);
    let schema = Schema::new(vec![one_number::Contract::OBJECT], Vec::new());
    let mut value = Vec::new();
    schema.fingerprint().with_extensions(Extensions::HEARTBEAT).encode(&mut value);
    let mn = ProtocolMessage::SharedParameter { name: "mn", value: &value };
    story.net.raw(story.raw).send(&[mn]);
    let mut story = story.join();
    let ask = |story: &mut Story| {
        story.net.raw(story.raw).send(&[ProtocolMessage::Heartbeat { number: 7, is_answer: false }]);
        story.net.settle();
    };
    ask(&mut story);
    assert_eq!(story.net.raw(story.raw).message_ids(), [15]);
    story.fall_behind();
    (0..1_000).for_each(|_| ask(&mut story));
    story.net.set_stuck(story.raw, false);
    story.net.settle();
    let ids = story.net.raw(story.raw).message_ids();
    assert!(ids.len() < 50 && !ids.contains(&15), "{ids:?}");
    ask(&mut story);
    assert_eq!(story.net.raw(story.raw).message_ids(), [15]);
}

#[test]
fn a_goodbye_is_not_lost_for_what_else_was_missed() {
    let mut story = Story::new(1).join();
    story.fall_behind();
    let number = story.numbers[0];
    story.net.run(story.server, |n| {
        let slow = n.connections().next().unwrap().id();
        n.object(number).clients().sparkle(Point { x: 0.0, y: 0.0 }, List::new());
        n.disconnect(slow, Disconnect::new(77, "go home"));
    });
    let ending = story.ending();
    assert!(matches!(ending, Some(Ending::ByUs { reason: DisconnectReason(77), .. })), "{ending:?}");
    assert_eq!(story.read_on().last().unwrap(), "77 go home");
}

#[test]
fn who_never_reads_is_dropped_when_its_time_is_over() {
    let mut story = Story::new(1).join();
    story.fall_behind();
    story.net.advance(Duration::from_secs(9));
    assert_eq!(story.ending(), None);
    story.net.advance(Duration::from_secs(2));
    let ending = story.ending();
    assert!(matches!(ending, Some(Ending::ByUs { reason: DisconnectReason::TOO_SLOW, .. })), "{ending:?}");
    story.net.advance(Duration::from_secs(4));
    assert!(story.net.raw(story.raw).is_closed());
}

#[test]
fn who_catches_up_in_time_has_its_time_anew() {
    let mut story = Story::new(1).join();
    for _ in 0..3 {
        story.fall_behind();
        story.net.advance(Duration::from_secs(8));
        story.read_on();
    }
    assert_eq!(story.ending(), None);
}

#[test]
fn the_others_notice_nothing() {
    let mut story = Story::new(1).join();
    let (ada, ada_saw) = client(&mut story.net);
    story.net.connect(ada, story.server);
    story.net.run(ada, |n| n.request_visible_objects());
    ada_saw.take();
    story.fall_behind();
    assert_eq!(ada_saw.take().len(), 100);
}

/// Numbers datagrams: one that is missing or out of order is found.
#[derive(Default)]
struct Counted(u8);

impl BytesMiddleware for Counted {
    fn overhead(&self) -> usize {
        1
    }

    fn send(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        self.0 = self.0.wrapping_add(1);
        datagram.push(self.0);
        Ok(Verdict::Pass)
    }
}

#[test]
fn bytes_that_pass_through_middleware_stay_in_step() {
    let mut story = Story::with(2, &ConnectionConfig::accepted().middleware(Counted::default)).join_counted();
    story.fall_behind();
    story.put(1, 7);
    let told = story.read_on_counted();
    assert_eq!(news(&told), ["0 = 100", "1 = 7"]);
}

impl Story {
    fn join_counted(mut self) -> Self {
        self.net.raw(self.raw).hello();
        self.net.settle();
        self.net.raw(self.raw).datagrams();
        self
    }

    fn read_on_counted(&mut self) -> Vec<String> {
        self.net.set_stuck(self.raw, false);
        self.net.settle();
        let (mut told, mut last) = (Vec::new(), None);
        for datagram in self.net.raw(self.raw).datagrams() {
            let (number, mut messages) = datagram.split_last().unwrap();
            assert!(last.is_none_or(|last: u8| last.wrapping_add(1) == *number), "out of step");
            last = Some(*number);
            let limits = magicnet::wire::ScanLimits { depth: 9, elements: 99 };
            while let Some(raw) = RawMessage::next(&mut messages, limits) {
                told.extend(self.word(raw.unwrap().bytes));
            }
        }
        told
    }
}
