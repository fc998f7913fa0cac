//! Output by a tick: each connection is written to once in a period, at a moment of its own, and of several values of
//! a property the newest is sent.

use std::time::Duration;

use magicnet::prelude::*;
use magicnet::wire::ProtocolMessage;
use magicnet::{
    BuildError, ConnectionConfig, DisconnectReason, Flush, Limits, MessageMiddleware, Node, NodeBuilder,
    NodeCx, PassingMessage, Time, Verdict,
};
use magicnet_tests::{Host, Net, RawLink, Recorder};

use super::fanout_model::{Random, Seed, seeds};

#[network_object(name = "dancer")]
mod dancer {
    struct State {
        #[network_field(to = viewers)]
        pub step: u32,
        #[network_field(to = viewers)]
        pub spin: u32,
    }
    trait Server {
        fn step_to(&mut self, step: u32);
    }
    trait Client {
        #[network_field(to = viewers)]
        fn bow(&mut self, times: u32);
    }
}

#[network_object(name = "drummer")]
mod drummer {
    struct State {
        #[network_field(to = viewers, always)]
        pub beat: u32,
    }
    trait Server {
        fn beat(&mut self, beat: u32);
    }
    trait Client {}
}

#[derive(Default)]
struct DrummerServer;

#[network_object]
impl drummer::Server for DrummerServer {
    fn beat(&mut self, cx: &mut drummer::ServerCx<'_, Self>, beat: u32) {
        cx.state_mut().beat = beat;
    }
}

#[derive(Default)]
struct DrummerClient;

#[network_object]
impl drummer::Client for DrummerClient {
    fn beat_changed(&mut self, cx: &mut drummer::ClientCx<'_, Self>, _old: u32) {
        let line = format!("beat {}", cx.state().beat);
        cx.app::<Seen>().push(line);
    }
}

#[derive(Default)]
struct DancerServer;

#[network_object]
impl dancer::Server for DancerServer {
    fn step_to(&mut self, cx: &mut dancer::ServerCx<'_, Self>, step: u32) {
        cx.state_mut().step = step;
    }
}

#[derive(Default)]
struct DancerClient;

type Seen = Recorder<String>;
type ClientCx<'a> = dancer::ClientCx<'a, DancerClient>;

fn note(cx: &ClientCx<'_>, line: String) {
    cx.app::<Seen>().push(line);
}

#[network_object]
impl dancer::Client for DancerClient {
    fn on_generate(&mut self, cx: &mut ClientCx<'_>) {
        note(cx, format!("generate {}", cx.state().step));
    }

    fn on_destroy(&mut self, cx: &mut ClientCx<'_>) {
        note(cx, format!("destroy {}", cx.state().step));
    }

    fn step_changed(&mut self, cx: &mut ClientCx<'_>, _old: u32) {
        note(cx, format!("step {}", cx.state().step));
    }

    fn spin_changed(&mut self, cx: &mut ClientCx<'_>, _old: u32) {
        note(cx, format!("spin {}", cx.state().spin));
    }

    fn bow(&mut self, cx: &mut ClientCx<'_>, times: u32) {
        note(cx, format!("bow {times}"));
    }
}

#[message(id = 130, from = server)]
struct Cheer {
    number: u32,
}

#[message_handler]
fn cheer(cx: &mut MessageCx<'_>, message: Cheer) {
    cx.app::<Seen>().push(format!("cheer {}", message.number));
}

const PERIOD: Duration = Duration::from_millis(50);

/// More than the rest of any period, and less than two.
const A_WHILE: Duration = Duration::from_millis(60);

fn server() -> NodeBuilder {
    Node::server()
        .view::<DancerServer>()
        .view::<DrummerServer>()
        .message::<Cheer>()
        .flush(Flush::every(PERIOD))
}

fn client_of(seen: &Seen) -> NodeBuilder {
    let node = Node::client().view::<DancerClient>().view::<DrummerClient>();
    node.handler::<cheer>().with(seen.clone())
}

fn client(net: &mut Net, server: Host) -> (Host, Seen) {
    let seen = Seen::new();
    let host = net.add(client_of(&seen).build().unwrap());
    net.connect(host, server);
    net.advance(A_WHILE);
    (host, seen)
}

type Dancer = Object<dancer::Contract>;

fn create(n: &mut NodeCx<'_>, zone: u32) -> Dancer {
    n.create::<dancer::Contract>().zone(zone).send().unwrap()
}

/// What a handler of the dancer's does.
fn dance(n: &mut NodeCx<'_>, dancer: Dancer, act: impl FnOnce(&mut dancer::ServerCx<'_, DancerServer>)) {
    n.with(dancer, |_: &mut DancerServer, cx: &mut dancer::ServerCx<'_, DancerServer>| act(cx)).unwrap();
}

fn step(n: &mut NodeCx<'_>, dancer: Dancer, step: u32) {
    dance(n, dancer, |cx| cx.state_mut().step = step);
}

/// A stage with one dancer, and one client who sees it.
fn stage() -> (Net, Host, Host, Seen, Dancer) {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let dancer = net.run(server, |n| create(n, 0));
    let (ada, seen) = client(&mut net, server);
    net.run(ada, |n| n.request_visible_objects());
    net.advance(A_WHILE);
    assert_eq!(seen.take(), ["generate 0"]);
    (net, server, ada, seen, dancer)
}

/// Clients that the test plays, who have shaken hands.
fn crowd(net: &mut Net, server: Host, count: usize) -> Vec<RawLink> {
    let links: Vec<_> = (0..count)
        .map(|_| {
            let link = net.raw_client(server);
            net.raw(link).hello();
            net.settle();
            link
        })
        .collect();
    net.advance(A_WHILE);
    links.iter().for_each(|link| drop(net.raw(*link).datagrams()));
    links
}

/// When each of them gets its next datagram, in microseconds from now, looked at every half of a millisecond.
fn arrivals(net: &mut Net, crowd: &[RawLink], time: Duration) -> Vec<Vec<u128>> {
    let begin = net.now();
    let mut all = vec![Vec::new(); crowd.len()];
    while net.now().since(begin) < time {
        net.advance(Duration::from_micros(500));
        for (link, arrivals) in crowd.iter().zip(&mut all) {
            let count = net.raw(*link).datagrams().len();
            arrivals.extend(std::iter::repeat_n(net.now().since(begin).as_micros(), count));
        }
    }
    all
}

#[test]
fn each_connection_is_written_to_once_in_a_period_at_its_own_time() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let crowd = crowd(&mut net, server, 20);
    net.run(server, |n| (0..5).for_each(|number| n.send_to_all(Cheer { number })));
    let all = arrivals(&mut net, &crowd, PERIOD * 2);
    assert!(all.iter().all(|arrivals| arrivals.len() == 1), "once: {all:?}");
    let mut times: Vec<u128> = all.concat();
    times.sort_unstable();
    assert!(times.iter().all(|time| *time <= PERIOD.as_micros()), "within a period: {times:?}");
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 2_000), "not in one burst: {times:?}");
}

#[test]
fn what_is_said_all_the_time_goes_once_in_a_period() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let crowd = crowd(&mut net, server, 7);
    let begin = net.now();
    let mut written = vec![0; crowd.len()];
    let mut heard = 0;
    for number in 0..1_000 {
        net.run(server, |n| n.send_to_all(Cheer { number }));
        net.advance(Duration::from_millis(1));
        for (link, written) in crowd.iter().zip(&mut written) {
            let datagrams = net.raw(*link).datagrams();
            *written += datagrams.len();
            heard += datagrams.iter().map(Vec::len).sum::<usize>();
        }
    }
    let periods = net.now().since(begin).as_millis() / PERIOD.as_millis();
    assert!(written.iter().all(|written| (19..=21).contains(written)), "in {periods} periods: {written:?}");
    net.advance(A_WHILE);
    for link in &crowd {
        heard += net.raw(*link).datagrams().iter().map(Vec::len).sum::<usize>();
    }
    let bytes = |number: u32| {
        if number < 128 {
            5
        } else if number < 256 {
            6
        } else {
            7
        }
    };
    assert_eq!(heard, crowd.len() * (0..1_000).map(bytes).sum::<usize>(), "all of it");
}

#[test]
fn of_several_values_the_newest_is_sent() {
    let (mut net, server, _, seen, dancer) = stage();
    net.run(server, |n| {
        for number in 1..=9 {
            step(n, dancer, number);
            dance(n, dancer, |cx| cx.state_mut().spin = number * 10);
        }
    });
    assert_eq!(seen.take(), [""; 0], "it is not time yet");
    net.advance(A_WHILE);
    assert_eq!(seen.take(), ["step 9", "spin 90"]);
    net.run(server, |n| step(n, dancer, 10));
    net.advance(A_WHILE);
    assert_eq!(seen.take(), ["step 10"]);
}

#[test]
fn a_call_finds_the_state_that_it_was_made_with() {
    let (mut net, server, _, seen, dancer) = stage();
    let other = net.run(server, |n| create(n, 0));
    net.run(server, |n| {
        step(n, dancer, 1);
        step(n, dancer, 2);
        dance(n, dancer, |cx| cx.clients().bow(1));
        step(n, other, 7);
        step(n, dancer, 3);
        step(n, dancer, 4);
        step(n, other, 8);
    });
    net.advance(A_WHILE);
    assert_eq!(seen.take(), ["generate 0", "step 2", "bow 1", "step 4", "step 8"]);
}

#[test]
fn what_says_always_and_messages_all_arrive_in_order() {
    let (mut net, server, _, seen, _) = stage();
    let drummer = net.run(server, |n| n.create::<drummer::Contract>().send()).unwrap();
    net.run(server, |n| {
        for number in 1..=3 {
            let beat = |_: &mut DrummerServer, cx: &mut drummer::ServerCx<'_, DrummerServer>| {
                cx.state_mut().beat = number;
            };
            n.with(drummer, beat).unwrap();
            n.send_to_all(Cheer { number });
        }
    });
    net.advance(A_WHILE);
    assert_eq!(seen.take(), ["beat 1", "cheer 1", "beat 2", "cheer 2", "beat 3", "cheer 3"]);
}

#[test]
fn who_comes_in_between_sees_what_is_then_and_what_follows() {
    let (mut net, server, _, seen, dancer) = stage();
    net.run(server, |n| step(n, dancer, 1));
    let bob_saw = Seen::new();
    let bob = net.add(client_of(&bob_saw).build().unwrap());
    net.connect(bob, server);
    net.run(bob, |n| n.request_visible_objects());
    net.run(server, |n| step(n, dancer, 2));
    net.advance(A_WHILE);
    assert_eq!(bob_saw.take(), ["generate 1", "step 2"]);
    assert_eq!(seen.take(), ["step 1", "step 2"], "what was shown in between stands between them");
}

#[test]
fn an_object_that_moves_and_ends_in_one_period_does_so_in_order() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::ClientChosen).build().unwrap());
    let dancer = net.run(server, |n| create(n, 1));
    let watch = |net: &mut Net, zones: &'static [u32]| {
        let (host, seen) = client(net, server);
        net.run(host, |n| n.set_zones(zones.iter().copied()));
        net.advance(A_WHILE);
        (host, seen)
    };
    let (ada, ada_saw) = watch(&mut net, &[1]);
    let (_, bob_saw) = watch(&mut net, &[2]);
    let (_, cid_saw) = watch(&mut net, &[1, 2]);
    assert_eq!([ada_saw.take().len(), bob_saw.take().len(), cid_saw.take().len()], [1, 0, 1]);
    net.run(server, |n| {
        step(n, dancer, 1);
        n.set_zone(dancer, 2);
        step(n, dancer, 2);
        step(n, dancer, 3);
    });
    net.advance(A_WHILE);
    assert_eq!(ada_saw.take(), ["step 1", "destroy 1"]);
    assert_eq!(bob_saw.take(), ["generate 1", "step 3"]);
    assert_eq!(cid_saw.take(), ["step 1", "step 3"]);
    net.run(server, |n| {
        step(n, dancer, 4);
        n.destroy(dancer);
    });
    net.run(ada, |n| n.set_zones([2]));
    net.advance(A_WHILE);
    assert_eq!(ada_saw.take(), [""; 0], "it had ended when she looked");
    assert_eq!(bob_saw.take(), ["step 4", "destroy 4"]);
    assert_eq!(cid_saw.take(), ["step 4", "destroy 4"]);
}

#[test]
fn who_leaves_a_zone_has_heard_what_was_said_before() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::ClientChosen).build().unwrap());
    let dancer = net.run(server, |n| create(n, 1));
    let (ada, seen) = client(&mut net, server);
    net.run(ada, |n| n.set_zones([1]));
    net.advance(A_WHILE);
    net.run(server, |n| step(n, dancer, 1));
    net.run(ada, |n| n.set_zones([2]));
    net.run(server, |n| step(n, dancer, 2));
    net.advance(A_WHILE);
    assert_eq!(seen.take(), ["generate 0", "step 1", "destroy 1"]);
}

#[test]
fn hands_are_shaken_at_once_on_either_side() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let client = net.add(client_of(&Seen::new()).flush(Flush::every(PERIOD)).build().unwrap());
    net.connect(client, server);
    assert_eq!(net.now(), Time::ZERO);
    assert!(net.run(client, |n| n.server().is_some()), "they have shaken hands");
}

#[test]
fn the_last_words_do_not_wait() {
    let (mut net, server, _, seen, dancer) = stage();
    net.run(server, |n| {
        step(n, dancer, 1);
        n.shutdown();
    });
    assert_eq!(seen.take()[0], "step 1");
    assert!(net.node(server).is_finished());

    let (mut net, server, ..) = stage();
    let link = crowd(&mut net, server, 1)[0];
    let connection = net.connection_of(link);
    net.run(server, |n| {
        n.send(connection, Cheer { number: 1 });
        n.disconnect(connection, Disconnect::new(20, "enough"));
    });
    assert_eq!(net.raw(link).message_ids(), [130, 3]);
    assert!(net.raw(link).is_closed());
}

#[test]
fn a_node_that_has_nothing_to_say_asks_for_no_tick() {
    let (mut net, server, _, seen, dancer) = stage();
    // The deadlines of handshakes and of silence are further away.
    let next_tick = |net: &mut Net| {
        let soon = net.now() + PERIOD;
        net.node(server).poll_timeout().filter(|due| *due <= soon)
    };
    assert_eq!(next_tick(&mut net), None);
    net.run(server, |n| step(n, dancer, 1));
    let due = next_tick(&mut net).expect("somebody is to be told");
    assert!(due > net.now());
    net.advance(due.since(net.now()));
    assert_eq!(seen.take(), ["step 1"]);
    assert_eq!(next_tick(&mut net), None);
}

#[test]
fn after_a_long_pause_phases_are_what_they_were() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let crowd = crowd(&mut net, server, 20);
    let say = |net: &mut Net| {
        net.run(server, |n| n.send_to_all(Cheer { number: 1 }));
        arrivals(net, &crowd, PERIOD * 2)
    };
    let before = say(&mut net);
    net.advance(PERIOD * 1_000);
    assert_eq!(say(&mut net), before);
}

#[test]
fn what_is_too_much_to_wait_goes_at_once() {
    let mut net = Net::new();
    let server = net.add(server().message::<Brick>().build().unwrap());
    let crowd = crowd(&mut net, server, 3);
    let brick = || Brick { filler: vec![7; 60_000].try_into().unwrap() };
    net.run(server, |n| (0..70).for_each(|_| n.send_to_all(brick())));
    for link in crowd {
        assert_eq!(net.raw(link).message_ids().len(), 70);
    }
}

#[message(id = 131, from = server)]
struct Brick {
    filler: Bytes<60_000>,
}

#[test]
fn who_does_not_read_is_told_and_the_others_notice_nothing() {
    let mut net = Net::new();
    let mut limits = Limits::default();
    limits.kept_output = 200_000;
    let server = net.add(server().message::<Brick>().limits(limits).build().unwrap());
    let crowd = crowd(&mut net, server, 2);
    net.set_stuck(crowd[0], true);
    for _ in 0..10 {
        let filler = vec![7; 60_000].try_into().unwrap();
        net.run(server, |n| n.send_to_all(Brick { filler }));
        net.advance(PERIOD);
    }
    net.set_stuck(crowd[0], false);
    net.advance(PERIOD);
    assert_eq!(net.raw(crowd[1]).message_ids(), [131; 10]);
    let last = net.raw(crowd[0]).messages().pop().expect("a goodbye");
    assert_eq!(last.0, 3);
    let goodbye = ProtocolMessage::Disconnect {
        reason: DisconnectReason::TOO_SLOW.0,
        detail: Some("missed what is said once, for reading too slowly"),
    };
    let mut expected = Vec::new();
    goodbye.encode(&mut expected);
    assert_eq!(last.1, expected);
}

/// Counts what passes.
struct Counter(Recorder<u64>);

impl MessageMiddleware for Counter {
    fn send(&mut self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        self.0.push(message.id().0);
        Ok(Verdict::Pass)
    }
}

#[test]
fn middleware_sees_a_message_once_whoever_receives_it_when() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let passed = Recorder::new();
    let counter = passed.clone();
    let endpoint = ConnectionConfig::accepted().message_middleware(move || Counter(counter.clone()));
    let links: Vec<_> = (0..9)
        .map(|_| {
            let link = net.raw_client_by(server, &endpoint);
            net.raw(link).hello();
            net.settle();
            link
        })
        .collect();
    net.advance(A_WHILE);
    passed.take();
    for number in 0..200 {
        net.run(server, |n| n.send_to_all(Cheer { number }));
        net.advance(Duration::from_millis(3));
    }
    net.advance(A_WHILE);
    assert_eq!(passed.take().len(), 200, "once for all");
    for link in links {
        let cheers = net.raw(link).message_ids().into_iter().filter(|id| *id == 130).count();
        assert_eq!(cheers, 200);
    }
}

#[test]
fn at_once_means_before_anything_else_is_read() {
    let mut node = server().flush(Flush::AtOnce).build().unwrap();
    assert!(!node.is_full());
    node.run(Time::ZERO, |n| n.send_to_all(Cheer { number: 1 }));
    assert!(node.is_full());
    assert!(node.poll_transmit(Time::ZERO).is_none());
    assert!(!node.is_full());
}

#[test]
fn a_tick_is_neither_shorter_than_a_millisecond_nor_longer_than_ten_seconds() {
    let build = |period| server().flush(Flush::every(period)).build().map(drop);
    for period in [Duration::ZERO, Duration::from_micros(999), Duration::from_millis(10_001)] {
        assert_eq!(build(period), Err(BuildError::Flush(period)));
    }
    for period in [Duration::from_millis(1), Duration::from_secs(10)] {
        assert_eq!(build(period), Ok(()));
    }
}

/// A server, clients who look at changing zones, and dancers who step, spin, bow, move and end, all by one seed. Says
/// what each client has seen. How long things take is the server's business, and must change nothing else.
fn show(seed: u64, flush: Flush) -> Vec<Vec<(String, u32)>> {
    let mut random = Random::new(seed);
    let mut net = Net::new();
    let node = server().flush(flush).zones(Zones::ClientChosen);
    let server = net.add(node.build().unwrap());
    let clients: Vec<_> = (0..3)
        .map(|_| {
            let seen = Seen::new();
            let host = net.add(client_of(&seen).build().unwrap());
            net.connect(host, server);
            (host, seen)
        })
        .collect();
    let mut dancers: Vec<(u32, Dancer)> = Vec::new();
    for number in 1..400 {
        match random.below(12) {
            0 | 1 => {
                let zones: Vec<u32> = (1..=3).filter(|_| random.one_in(2)).collect();
                net.run(clients[random.below(clients.len())].0, |n| n.set_zones(zones));
            }
            2 if dancers.len() < 5 => {
                let zone = 1 + u32::try_from(random.below(3)).unwrap();
                let create = |n: &mut NodeCx<'_>| {
                    n.create::<dancer::Contract>().zone(zone).call(|s| s.step_to(number * NAME)).send()
                };
                dancers.push((number * NAME, net.run(server, create).unwrap()));
            }
            _ if dancers.is_empty() => {}
            3 => {
                let zone = 1 + u32::try_from(random.below(3)).unwrap();
                let (_, dancer) = dancers[random.below(dancers.len())];
                net.run(server, |n| n.set_zone(dancer, zone));
            }
            4 if random.one_in(4) => {
                let (_, dancer) = dancers.swap_remove(random.below(dancers.len()));
                net.run(server, |n| n.destroy(dancer));
            }
            5 => {
                let (name, dancer) = dancers[random.below(dancers.len())];
                net.run(server, |n| dance(n, dancer, |cx| cx.clients().bow(name + number)));
            }
            6 | 7 => {
                let (name, dancer) = dancers[random.below(dancers.len())];
                net.run(server, |n| dance(n, dancer, |cx| cx.state_mut().spin = name + number));
            }
            _ => {
                let (name, dancer) = dancers[random.below(dancers.len())];
                net.run(server, |n| step(n, dancer, name + number));
            }
        }
        if random.one_in(3) {
            let micros = random.below(9_000);
            net.advance(Duration::from_micros(micros.try_into().unwrap()));
        }
    }
    net.advance(Duration::from_secs(1));
    let words = |line: String| {
        let (what, value) = line.split_once(' ').expect("two words");
        (what.to_owned(), value.parse().expect("a number"))
    };
    clients.into_iter().map(|(_, seen)| seen.take().into_iter().map(words).collect()).collect()
}

/// Numbers of one dancer begin at a multiple of this.
const NAME: u32 = 1_000;

/// What was seen of one dancer but values, each with the values that it found; the last values at the end.
fn moments(seen: &[(String, u32)], name: u32) -> Vec<(String, u32, [u32; 2])> {
    let (mut values, mut moments) = ([0; 2], Vec::new());
    for (what, value) in seen.iter().filter(|(_, value)| value / NAME == name) {
        match what.as_str() {
            "step" => values[0] = *value,
            "spin" => values[1] = *value,
            _ => {
                moments.push((what.clone(), *value, values));
                if what == "generate" || what == "destroy" {
                    values = [0; 2];
                }
            }
        }
    }
    moments.push(("end".to_owned(), 0, values));
    moments
}

#[test]
fn a_tick_changes_nothing_but_how_many_values_are_seen() {
    let (mut all, mut fewer) = (0, 0);
    for seed in seeds(40) {
        let _seed = Seed(seed);
        let natural = show(seed, Flush::Natural);
        let period = if seed % 2 == 0 { 5 } else { 50 };
        let ticking = show(seed, Flush::every(Duration::from_millis(period)));
        for (natural, ticking) in natural.iter().zip(&ticking) {
            for name in 1..400 {
                assert_eq!(moments(ticking, name), moments(natural, name));
            }
            all += natural.len();
            fewer += ticking.len();
        }
    }
    assert!(fewer < all * 9 / 10, "{fewer} of {all}: newer values take the place of older ones");
}
