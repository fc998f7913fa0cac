//! Two nodes and more over a network in simulated time: what UDP does to their datagrams, and what enemies do.

mod net;

use std::net::SocketAddr;
use std::time::Duration;

use net::{Datagram, SERVER, Stage, Weather, address};

use magicnet_derive::{message, message_handler, network_object};

use super::Place;
use crate::drive::Transport;
use crate::line::Disconnect;
use crate::node::{Fingerprint, Limits, Node, NodeBuilder};
use crate::rate::Rate;
use crate::time::Time;
use crate::wire::Bytes;
use crate::world::{Disconnected, MessageCx, TurnedAway};

#[message(id = 64, from = client)]
struct Ask {
    number: u32,
    bytes: Bytes<60_000>,
}

#[message(id = 65, from = server)]
struct Answer {
    number: u32,
    bytes: Bytes<60_000>,
}

/// To the server and from there to everybody, each in its own way.
#[message(id = 66, from = anyone, via = unreliable)]
struct Shot {
    number: u32,
}

#[message(id = 67, from = anyone, via = sequenced)]
struct Moved {
    number: u32,
}

#[message(id = 68, from = anyone, via = unreliable)]
struct Large {
    number: u32,
    bytes: Bytes<2_000>,
}

#[message_handler]
fn shot(cx: &mut MessageCx<'_>, shot: Shot) {
    cx.app_mut::<Seen>().shots.push(shot.number);
}

#[message_handler]
fn moved(cx: &mut MessageCx<'_>, moved: Moved) {
    cx.app_mut::<Seen>().moves.push(moved.number);
}

#[message_handler]
fn large(cx: &mut MessageCx<'_>, large: Large) {
    let seen = cx.app_mut::<Seen>();
    seen.numbers.push(large.number);
    seen.bytes += large.bytes.len();
}

/// Calls, of which two objects have their own.
#[network_object(name = "player", create = anyone)]
mod player {
    pub(super) trait Server {
        #[network_field(via = sequenced)]
        fn walk(&mut self, number: u32);
    }
    pub(super) trait Client {
        #[network_field(to = viewers, via = sequenced)]
        fn walked(&mut self, number: u32);
    }
}

#[derive(Default)]
struct PlayerServer;

#[network_object]
impl player::Server for PlayerServer {
    fn walk(&mut self, cx: &mut player::ServerCx<'_, Self>, number: u32) {
        cx.app_mut::<Seen>().moves.push(number);
        cx.clients().walked(number);
    }
}

#[derive(Default)]
struct PlayerClient {
    last: u32,
}

#[network_object]
impl player::Client for PlayerClient {
    fn walked(&mut self, cx: &mut player::ClientCx<'_, Self>, number: u32) {
        assert!(number >= self.last, "it never goes back");
        self.last = number;
        cx.app_mut::<Seen>().numbers.push(number);
    }
}

/// What a node has seen: numbers of messages, and how its connections ended.
#[derive(Default)]
struct Seen {
    numbers: Vec<u32>,
    shots: Vec<u32>,
    moves: Vec<u32>,
    bytes: usize,
    ends: Vec<String>,
}

#[message_handler]
fn ask(cx: &mut MessageCx<'_>, ask: Ask) {
    cx.app_mut::<Seen>().numbers.push(ask.number);
    cx.reply(Answer { number: ask.number, bytes: ask.bytes });
}

#[message_handler]
fn answer(cx: &mut MessageCx<'_>, answer: Answer) {
    let seen = cx.app_mut::<Seen>();
    seen.numbers.push(answer.number);
    seen.bytes += answer.bytes.len();
}

fn server() -> Node {
    server_within(Limits::default())
}

fn server_within(limits: Limits) -> Node {
    let server = Node::server().motd("welcome").handler::<ask>().message::<Answer>().view::<PlayerServer>();
    with_seen(server.limits(limits).on(|cx, event: TurnedAway| {
        cx.app_mut::<Seen>().ends.push(event.why);
    }))
}

fn client() -> Node {
    with_seen(Node::client().message::<Ask>().handler::<answer>().view::<PlayerClient>())
}

fn with_seen(node: NodeBuilder) -> Node {
    node.handler::<shot>()
        .handler::<moved>()
        .handler::<large>()
        .with(Seen::default())
        .on(|cx, event: Disconnected| {
            let end = event.ending.to_string();
            cx.app_mut::<Seen>().ends.push(end);
        })
        .build()
        .expect("it is well described")
}

const CALM: Weather = Weather { lost: 0, repeated: 0, late: Duration::ZERO };
const STORM: Weather = Weather { lost: 5, repeated: 5, late: Duration::from_millis(30) };

impl Stage {
    fn of<R: Send + 'static>(&mut self, party: usize, read: impl FnOnce(&mut Seen) -> R) -> R {
        let now = self.now;
        self.parties[party].node.run(now, |cx| read(cx.app_mut::<Seen>()))
    }

    fn ask(&mut self, party: usize, numbers: std::ops::Range<u32>, len: usize) {
        let now = self.now;
        self.parties[party].node.run(now, |cx| {
            for number in numbers {
                let bytes = vec![7; len].try_into().expect("tests stay within bounds");
                cx.send_to_all(Ask { number, bytes });
            }
        });
    }

    fn connections(&mut self, party: usize) -> usize {
        let now = self.now;
        self.parties[party].node.run(now, |cx| cx.connections().filter(|c| c.is_ready()).count())
    }

    fn sessions(&self) -> usize {
        self.parties[SERVER].quic.endpoints.values().map(super::Endpoint::session_count).sum()
    }

    /// A client begins to connect from somewhere.
    fn join_from(&mut self, address: SocketAddr) -> (usize, Place) {
        let joined = self.join(client());
        *self.parties[joined.0].address.borrow_mut() = address;
        joined
    }

    /// A client that has shaken hands.
    #[track_caller]
    fn joined(&mut self) -> usize {
        let (party, _) = self.join(client());
        self.run_until(|stage| stage.connections(party) == 1);
        party
    }
}

#[test]
fn a_client_shakes_hands_and_is_answered() {
    let mut stage = Stage::new(1, CALM, server());
    let ann = stage.joined();
    stage.ask(ann, 0..3, 10);
    stage.run_until(|stage| stage.of(ann, |seen| seen.numbers == [0, 1, 2]));
    // Four one-way trips until keys are agreed on, the retry among them, then those of MagicNet itself.
    assert!(stage.now < Time::after_start(Duration::from_millis(300)), "{}", stage.now);
}

/// Whatever happens to datagrams, everything arrives once and in order.
#[test]
fn a_storm_changes_nothing() {
    for seed in 0..8 {
        let mut stage = Stage::new(seed, STORM, server());
        let [ann, bob] = [stage.joined(), stage.joined()];
        stage.ask(ann, 0..1_000, 100);
        stage.ask(bob, 0..10, 60_000);
        stage.run_until(|stage| {
            stage.of(ann, |seen| seen.numbers.len() == 1_000)
                && stage.of(bob, |seen| seen.numbers.len() == 10)
        });
        assert!(stage.of(ann, |seen| seen.numbers.iter().copied().eq(0..1_000)), "seed {seed}");
        assert!(stage.of(bob, |seen| seen.numbers.iter().copied().eq(0..10)), "seed {seed}");
        assert_eq!(stage.of(bob, |seen| seen.bytes), 600_000);
    }
}

/// What may be lost is lost as often as packets are; what is sequenced never goes back. Nothing waits for either.
#[test]
fn what_may_be_lost_is_not_sent_again() {
    let weather = Weather { lost: 20, repeated: 10, late: Duration::from_millis(30) };
    let mut stage = Stage::new(7, CALM, server());
    let [ann, bob] = [stage.joined(), stage.joined()];
    stage.run_for(Duration::from_secs(1));
    stage.net.borrow_mut().weather = weather;
    for number in 0..200 {
        let now = stage.now;
        for party in [SERVER, ann] {
            stage.parties[party].node.run(now, |cx| {
                cx.send_to_all(Shot { number });
                cx.send_to_all(Moved { number });
            });
        }
        stage.run_for(Duration::from_millis(10));
    }
    stage.run_for(Duration::from_secs(1));
    for party in [SERVER, ann, bob] {
        let Seen { shots, moves, .. } = stage.of(party, std::mem::take);
        if (party, shots.is_empty()) == (bob, true) {
            panic!("bob hears of what the server says");
        }
        // A fifth of all packets is lost, and a tenth comes twice, which QUIC notices.
        assert!((120..200).contains(&shots.len()), "{} of 200 shots at {party}", shots.len());
        assert!(!shots.is_sorted(), "they overtake each other");
        assert!((40..200).contains(&moves.len()), "{} of 200 moves at {party}", moves.len());
        assert!(moves.is_sorted_by(|a, b| a < b), "none is late: {moves:?}");
    }
}

#[test]
fn calls_never_go_back() {
    let mut stage = Stage::new(9, CALM, server());
    let [ann, bob] = [stage.joined(), stage.joined()];
    let now = stage.now;
    for party in [ann, ann] {
        stage.parties[party].node.run(now, |cx| cx.create::<player::Contract>().send().map(drop)).unwrap();
    }
    stage.run_for(Duration::from_secs(1));
    stage.net.borrow_mut().weather = Weather { lost: 10, repeated: 10, late: Duration::from_millis(30) };
    for number in 0..200 {
        let now = stage.now;
        stage.parties[ann].node.run(now, |cx| {
            for player in cx.objects::<player::Contract>() {
                cx.object(player).owned().expect("ann has made it").server().walk(number);
            }
        });
        stage.run_for(Duration::from_millis(10));
    }
    stage.run_for(Duration::from_secs(1));
    let heard = stage.of(SERVER, |seen| seen.moves.len());
    assert!((100..400).contains(&heard), "{heard} of 400 arrive");
    let heard = stage.of(bob, |seen| seen.numbers.len());
    assert!((40..400).contains(&heard), "{heard} of 400 arrive at bob");
}

/// While a stream waits for what was lost, datagrams go on.
#[test]
fn what_may_be_lost_waits_for_nothing() {
    let mut stage = Stage::new(1, CALM, server());
    let ann = stage.joined();
    stage.run_for(Duration::from_secs(1));
    let now = stage.now;
    stage.net.borrow_mut().weather.lost = 100;
    stage.parties[SERVER].node.run(now, |cx| cx.send_to_all(Answer { number: 1, bytes: Bytes::default() }));
    stage.run_for(Duration::from_millis(1));
    stage.net.borrow_mut().weather.lost = 0;
    let now = stage.now;
    stage.parties[SERVER].node.run(now, |cx| cx.send_to_all(Shot { number: 1 }));
    stage.run_until(|stage| stage.of(ann, |seen| !seen.shots.is_empty()));
    assert!(stage.of(ann, |seen| seen.numbers.is_empty()), "the answer was sent before and is still missing");
    stage.run_until(|stage| stage.of(ann, |seen| seen.numbers == [1]));
}

/// A message that fits into no datagram is reliable.
#[test]
fn what_is_too_large_to_be_lost_arrives() {
    let mut stage = Stage::new(3, STORM, server());
    let ann = stage.joined();
    let now = stage.now;
    stage.parties[ann].node.run(now, |cx| {
        for number in 0..50 {
            let bytes = vec![7; 1_500].try_into().expect("it fits");
            cx.send_to_all(Large { number, bytes });
        }
    });
    stage.run_until(|stage| stage.of(SERVER, |seen| seen.numbers.len() == 50));
    assert!(stage.of(SERVER, |seen| seen.numbers.is_sorted()));
}

#[test]
fn last_words_arrive_in_a_storm() {
    for seed in 0..8 {
        let mut stage = Stage::new(seed, STORM, server());
        let ann = stage.joined();
        let now = stage.now;
        stage.parties[SERVER].node.run(now, |cx| cx.shutdown_with(Disconnect::new(20, "back at noon")));
        stage.run_until(|stage| stage.of(ann, |seen| !seen.ends.is_empty()));
        let ends = stage.of(ann, |seen| seen.ends.clone());
        assert_eq!(ends, ["ended by the peer, reason 20 (back at noon)"], "seed {seed}");
        stage.run_until(|stage| stage.parties.iter().all(|party| party.quic.is_finished()));
        stage.run_until(|stage| stage.sessions() == 0);
    }
}

#[test]
fn a_peer_that_goes_silent_is_missed() {
    let mut stage = Stage::new(1, CALM, server());
    let ann = stage.joined();
    stage.run_for(Duration::from_secs(120));
    assert_eq!(stage.connections(SERVER), 1, "who is quiet says now and then that it is there");
    stage.net.borrow_mut().weather.lost = 100;
    let since = stage.now;
    for party in [SERVER, ann] {
        stage.run_until(|stage| stage.of(party, |seen| !seen.ends.is_empty()));
        let ends = stage.of(party, |seen| seen.ends.clone());
        assert_eq!(ends, ["connection lost: the peer has gone silent"]);
    }
    let lasted = stage.now.since(since);
    assert!(lasted > Duration::from_secs(15) && lasted < Duration::from_secs(60), "{lasted:?}");
    stage.run_until(|stage| stage.sessions() == 0);
}

/// A node that takes nothing in for a while, because others are behind, still learns who has gone meanwhile.
#[test]
fn an_end_is_told_when_somebody_listens() {
    let mut stage = Stage::new(6, CALM, server());
    let ann = stage.joined();
    stage.parties.truncate(ann);
    while stage.sessions() > 0 && stage.now < Time::after_start(Duration::from_secs(60)) {
        stage.now = stage.now + Duration::from_secs(1);
        let quic = &mut stage.parties[SERVER].quic;
        quic.handle_timeout(stage.now);
        quic.flush(stage.now);
    }
    stage.run_for(Duration::from_secs(1));
    assert_eq!(stage.of(SERVER, |seen| seen.ends.clone()), ["connection lost: the peer has gone silent"]);
    assert_eq!(stage.sessions(), 0);
}

/// Nor is it busy with what it cannot tell: a handshake that took too long is due once.
#[test]
fn a_time_that_is_over_is_due_once() {
    let mut stage = Stage::new(6, CALM, server());
    let (ann, _) = stage.join(client());
    stage.run_until(|stage| stage.sessions() == 1);
    stage.parties.truncate(ann);
    let quic = &mut stage.parties[SERVER].quic;
    let mut turns = 0;
    while let Some(due) = quic.poll_timeout().filter(|due| *due < Time::after_start(Duration::from_secs(60)))
    {
        stage.now = stage.now.max(due);
        quic.handle_timeout(stage.now);
        quic.flush(stage.now);
        turns += 1;
        assert!(turns < 100, "it ends");
    }
    assert!(stage.now >= Time::after_start(Duration::from_secs(10)), "{}", stage.now);
    stage.run_for(Duration::from_secs(3));
    assert_eq!(stage.sessions(), 0);
}

#[test]
fn who_moves_keeps_its_connection() {
    let mut stage = Stage::new(1, CALM, server());
    let ann = stage.joined();
    *stage.parties[ann].address.borrow_mut() = address(77);
    // Its socket looks where packets arrive from now on.
    let key = stage.parties[ann].quic.endpoints.keys().next().unwrap();
    stage.parties[ann].quic.ready.waker(key).wake();
    stage.ask(ann, 0..5, 1_000);
    stage.run_until(|stage| stage.of(ann, |seen| seen.numbers == [0, 1, 2, 3, 4]));
    assert!(stage.net.borrow().sent_to(address(77)) > 0);
    assert_eq!(stage.connections(SERVER), 1);
}

#[test]
fn nobody_answers() {
    let mut stage = Stage::new(1, Weather { lost: 100, ..CALM }, server());
    let (ann, connection) = stage.join(client());
    let mut outcome = None;
    stage.run_until(|stage| {
        outcome = stage.parties[ann].quic.poll_connected(connection);
        outcome.is_some()
    });
    let error = outcome.expect("it was waited for").expect_err("nobody is there");
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    assert!(stage.now < Time::after_start(Duration::from_secs(15)), "{}", stage.now);
    assert!(stage.of(ann, |seen| seen.ends.is_empty()), "there never was a connection");
}

/// A driver that must not wait names a connection before it is open; the node learns what becomes of it.
#[test]
fn a_connection_may_have_a_name_before_it_is_open() {
    for (lost, end) in [(0, None), (100, Some("connection lost: the peer has gone silent"))] {
        let mut stage = Stage::new(1, Weather { lost, ..CALM }, server());
        let ann = stage.join_at_once(client());
        match end {
            None => stage.run_until(|stage| stage.connections(ann) == 1),
            Some(end) => stage.run_until(|stage| stage.of(ann, |seen| seen.ends == [end])),
        }
    }
}

#[test]
fn another_server_is_not_believed() {
    let mut stage = Stage::new(1, CALM, server());
    let (ann, connection) = stage.join_as(client(), Some(Fingerprint([7; 32])));
    let mut outcome = None;
    stage.run_until(|stage| {
        outcome = stage.parties[ann].quic.poll_connected(connection);
        outcome.is_some()
    });
    outcome.expect("it was waited for").expect_err("it is another one");
    stage.run_until(|stage| stage.sessions() == 0);
    assert_eq!(stage.connections(SERVER), 0);
}

/// Who asks in another's name gets that one no more than it sends itself, and the server remembers nothing.
#[test]
fn nobody_is_flooded_in_anothers_name() {
    let mut stage = Stage::new(1, CALM, server());
    let victim = address(66);
    for number in 1..=20 {
        stage.net.borrow_mut().forged.insert(address(number), victim);
        stage.join(client());
    }
    stage.run_for(Duration::from_secs(9));
    let net = stage.net.borrow();
    let asked: usize = net.seen.iter().filter(|it| it.from == victim).map(|it| it.bytes.len()).sum();
    assert!(asked > 20 * 1_200, "they all ask, again and again");
    assert!(net.sent_to(victim) > 0 && net.sent_to(victim) * 3 < asked, "{} of {asked}", net.sent_to(victim));
    drop(net);
    assert_eq!(stage.sessions(), 0);
}

/// Nor does who has a connection, and says with every other packet that it has moved to somebody else's address.
#[test]
fn nobody_is_flooded_by_who_seems_to_move() {
    let mut stage = Stage::new(1, CALM, server());
    let ann = stage.joined();
    stage.run_for(Duration::from_secs(1));
    let (home, victim) = (address(ann), address(66));
    for number in 0..200 {
        if number % 2 == 0 {
            stage.net.borrow_mut().forged.insert(home, victim);
        } else {
            stage.net.borrow_mut().forged.clear();
        }
        stage.ask(ann, number..number + 1, 1);
        stage.run_for(Duration::from_millis(100));
    }
    let sent = stage.net.borrow().sent_to(victim);
    assert!(sent > 0 && sent < 20_000, "{sent} bytes in twenty seconds");
    // It has its connection still.
    stage.net.borrow_mut().forged.clear();
    stage.run_until(|stage| stage.of(ann, |seen| seen.numbers.len() == 200));
    assert_eq!((stage.connections(SERVER), stage.sessions()), (1, 1));
}

#[test]
fn garbage_is_nothing() {
    let mut stage = Stage::new(3, CALM, server());
    let ann = stage.joined();
    let real = stage.net.borrow().seen.clone();
    for (number, datagram) in (0_u8..).zip(real.iter().cycle().take(200)) {
        let mut bytes = datagram.bytes.clone();
        let middle = usize::from(number) * 7 % bytes.len();
        bytes[middle] ^= 0x55;
        bytes.truncate(1 + usize::from(number) * 31 % bytes.len());
        let noise = Datagram { from: address(66), to: address(SERVER), bytes };
        stage.net.borrow_mut().send(noise);
        for len in [0, 1, 20, 1_200] {
            let noise = Datagram { from: address(66), to: address(SERVER), bytes: vec![number; len] };
            stage.net.borrow_mut().send(noise);
        }
    }
    stage.run_for(Duration::from_secs(1));
    assert_eq!(stage.sessions(), 1);
    stage.ask(ann, 0..1, 1);
    stage.run_until(|stage| stage.of(ann, |seen| seen.numbers == [0]));
}

/// What was recorded can be sent again as often as one likes.
/// However many come, and however little they say, others have their turn.
#[test]
fn a_flood_of_empty_datagrams_is_taken_in_pieces() {
    let mut stage = Stage::new(9, CALM, server());
    stage.run_for(Duration::from_millis(1));
    for bytes in [&[][..], &[0]] {
        let datagram = Datagram { from: address(9), to: address(SERVER), bytes: bytes.to_vec() };
        (0..20_000).for_each(|_| stage.net.borrow_mut().send(datagram.clone()));
        stage.advance(Duration::from_secs(1));
        let mut turns = 0;
        while stage.waiting(SERVER) > 0 {
            let party = &mut stage.parties[SERVER];
            party.quic.handle_ready(&mut party.node, stage.now);
            turns += 1;
        }
        assert!((5..50).contains(&turns), "{turns} turns");
    }
}

/// Nor does anybody answer for what others send again.
#[test]
fn packets_that_come_again_say_nothing_new() {
    let limits = Limits { bytes: Rate::per_second(1).burst(30_000), ..Limits::default() };
    let mut stage = Stage::new(1, CALM, server_within(limits));
    let ann = stage.joined();
    stage.ask(ann, 0..10, 100);
    stage.run_until(|stage| stage.of(ann, |seen| seen.numbers.len() == 10));
    let recorded: Vec<Datagram> =
        stage.net.borrow().seen.iter().filter(|it| it.to == address(SERVER)).cloned().collect();
    for mut datagram in recorded.into_iter().cycle().take(500) {
        stage.net.borrow_mut().send(datagram.clone());
        datagram.from = address(66);
        stage.net.borrow_mut().send(datagram);
    }
    stage.run_for(Duration::from_secs(1));
    assert_eq!(stage.of(SERVER, |seen| seen.numbers.len()), 10);
    assert_eq!(stage.connections(SERVER), 1);
    stage.ask(ann, 10..11, 1);
    stage.run_until(|stage| stage.of(ann, |seen| seen.numbers.last() == Some(&10)));
    // The first packet with its token begins a handshake once more, which comes to nothing.
    stage.run_for(Duration::from_secs(30));
    assert_eq!(stage.sessions(), 1);
}

/// What QUIC says to itself costs what other bytes do.
#[test]
fn who_says_nothing_over_and_over_is_too_fast() {
    let limits = Limits { bytes: Rate::per_second(1).burst(30_000), ..Limits::default() };
    let mut stage = Stage::new(1, CALM, server_within(limits));
    let [ann, bob] = [stage.joined(), stage.joined()];
    for _ in 0..2_000 {
        stage.parties[bob].quic.endpoints.values_mut().for_each(|endpoint| {
            endpoint.session(0).expect("it is connected").quic.ping();
            endpoint.stir(0);
        });
        stage.run_for(Duration::from_millis(1));
    }
    stage.run_for(Duration::from_secs(1));
    assert_eq!(stage.connections(SERVER), 1);
    let ends = stage.of(SERVER, |seen| seen.ends.clone());
    assert!(ends.len() == 1 && ends[0].contains("bytes"), "{ends:?}");
    assert_eq!(stage.connections(ann), 1);
}

/// Handshakes that are begun and left are forgotten.
#[test]
fn half_open_connections_go() {
    let mut stage = Stage::new(1, CALM, server());
    let (ann, _) = stage.join(client());
    stage.run_until(|stage| stage.sessions() == 1);
    // It has shown its address and says no more.
    stage.parties.remove(ann);
    stage.run_for(Duration::from_secs(9));
    assert_eq!(stage.connections(SERVER), 0);
    stage.run_until(|stage| stage.sessions() == 0);
    assert!(stage.now < Time::after_start(Duration::from_secs(15)), "{}", stage.now);
}

/// Those who begin and go no further keep nobody out.
#[test]
fn of_too_many_handshakes_the_oldest_gives_way() {
    let mut stage = Stage::new(1, CALM, server());
    stage.parties[SERVER].quic.endpoints.values_mut().for_each(|endpoint| endpoint.max_handshakes = 3);
    for silent in 1..=3 {
        let (party, _) = stage.join(client());
        stage.run_until(|stage| stage.sessions() == silent);
        stage.parties.remove(party);
    }
    let before = stage.now;
    let ann = stage.joined();
    assert!(stage.now.since(before) < Duration::from_secs(1), "nobody's time had to run out");
    stage.run_until(|stage| stage.connections(SERVER) == 1);
    stage.ask(ann, 0..3, 10);
    stage.run_until(|stage| stage.of(ann, |seen| seen.numbers.len() == 3));
    // The other two go in their time, and are counted once.
    stage.run_until(|stage| stage.sessions() == 1);
    let _bob = stage.joined();
}

/// Who does not finish its handshake takes a place like who has come: no address takes more of them than it may.
#[test]
fn handshakes_count_where_they_come_from() {
    let limits = Limits { connections_per_address: 2, ..Limits::default() };
    let mut stage = Stage::new(1, CALM, server_within(limits));
    for port in 1..=2 {
        let (party, _) = stage.join_from(SocketAddr::from(([10, 0, 0, 99], port)));
        stage.run_until(|stage| stage.sessions() == usize::from(port));
        stage.parties.remove(party);
    }
    let before = stage.now;
    let (party, place) = stage.join_from(SocketAddr::from(([10, 0, 0, 99], 3)));
    let mut outcome = None;
    stage.run_until(|stage| {
        outcome = stage.parties[party].quic.poll_connected(place);
        outcome.is_some()
    });
    outcome.expect("it was waited for").expect_err("there is no place");
    assert!(stage.now.since(before) < Duration::from_secs(1), "it is told");
    assert_eq!(stage.sessions(), 2, "nothing was begun");
    assert_eq!(stage.of(SERVER, |seen| seen.ends.clone()), ["more than 2 connections from one address"]);
    // Others come, and so may these when the time of those is over; each gives its place to its connection.
    stage.joined();
    stage.run_until(|stage| stage.sessions() == 1);
    for port in 4..=5 {
        stage.join_from(SocketAddr::from(([10, 0, 0, 99], port)));
    }
    stage.run_until(|stage| stage.connections(SERVER) == 3);
}

#[test]
fn who_comes_too_late_is_turned_away() {
    let mut stage = Stage::new(1, CALM, server());
    let ann = stage.joined();
    let bob = stage.join_at_once(client());
    stage.run_until(|stage| stage.sessions() == 2);
    let now = stage.now;
    stage.parties[SERVER].node.run(now, |cx| cx.shutdown());
    stage.run_until(|stage| stage.of(bob, |seen| !seen.ends.is_empty()));
    assert!(stage.now.since(now) < Duration::from_secs(1), "it is told");
    assert_eq!(stage.of(ann, |seen| seen.ends.clone()), ["the peer shut down"]);
}

/// A server holds for each peer what its windows say, however much is sent.
#[test]
fn a_peer_that_reads_nothing_holds_up_nobody() {
    let mut stage = Stage::new(1, CALM, server());
    let [ann, bob] = [stage.joined(), stage.joined()];
    drop(stage.parties.remove(bob));
    for number in 0..60 {
        let now = stage.now;
        stage.parties[SERVER].node.run(now, |cx| {
            let bytes = vec![7; 60_000].try_into().expect("it fits");
            cx.send_to_all(Answer { number, bytes });
        });
        stage.run_for(Duration::from_millis(100));
    }
    stage.run_until(|stage| stage.of(ann, |seen| seen.numbers.len() == 60));
    let ends = stage.of(SERVER, |seen| seen.ends.clone());
    assert_eq!(ends.len(), 1);
    assert!(ends[0].contains("reads too slowly"), "{ends:?}");
    // Its session ends without it.
    stage.run_until(|stage| stage.sessions() == 1);
}
