//! Hostile peers, under every driver: they end, and a client beside them notices nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use magicnet::{Limits, Node, Rate, Tcp, Time, Tls, TurnedAway, Ws};

use crate::app;
use crate::arena::{Arena, DOORS, FarEnd};
use crate::diary::Diary;
use crate::stories::{HELLO, join, say};

fn limited(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

/// Whether the server has written so many lines about this.
fn told(lines: &[String], count: usize, what: &str) -> bool {
    lines.iter().filter(|line| line.starts_with("server: ") && line.contains(what)).count() >= count
}

pub(crate) fn those_who_come_and_say_nothing_keep_nobody_out<A: Arena>(arena: &mut A) {
    const HANDSHAKES: usize = 20;
    const STRANGERS: usize = 60;
    let diary = Diary::default();
    let limits = limited(|limits| limits.handshakes = HANDSHAKES);
    let server = arena.serve(app::server(&diary).limits(limits));
    let ann = join(arena, &diary, "ann", 0);
    let strangers: Vec<_> = (0..STRANGERS).map(|number| arena.raw(number % DOORS)).collect();
    let why = "more than 20 handshakes at once";
    arena.wait(&diary, why, &|lines| told(lines, STRANGERS - HANDSHAKES, why));
    let _bob = join(arena, &diary, "bob", 1);
    say(arena, &ann, 1, 1);
    arena.wait_for(&diary, "bob: heard 1");
    assert!(arena.run(&server, |n| n.connections().count()) <= HANDSHAKES + 2);
    drop(strangers);
}

pub(crate) fn who_finds_no_place_is_told<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let _server = arena.serve(app::server(&diary).limits(limited(|limits| limits.connections = 2)));
    let ann = join(arena, &diary, "ann", 0);
    let mut raw = arena.raw(1);
    raw.write_all(HELLO).unwrap();
    arena.wait_for_many(&diary, 2, "server: connected");
    if let Ok(_bob) = arena.join(app::client(&diary, "bob"), 1) {
        // Where a word would take a handshake first, the end is all there is.
        let why = "bob: ended by the peer, reason 38: a limit was crossed (all 2 places are taken)";
        let is_end = |line: &String| line == why || line.starts_with("bob: connection lost");
        arena.wait(&diary, "bob's end", &|lines| lines.iter().any(is_end));
    }
    drop(raw);
    arena.wait(&diary, "the loss", &|lines| told(lines, 1, "connection lost"));
    let _carl = join(arena, &diary, "carl", 1);
    say(arena, &ann, 1, 1);
    arena.wait_for(&diary, "carl: heard 1");
}

/// Sends a frame over and over until the server ends the connection, and lets a client speak in between.
fn flood<A: Arena>(arena: &mut A, limits: Limits, frame: &[u8], at_once: usize, why: &str) {
    let diary = Diary::default();
    let server = arena.serve(app::server(&diary).limits(limits));
    let ann = join(arena, &diary, "ann", 0);
    let mut raw = arena.raw(1);
    raw.write_all(HELLO).unwrap();
    arena.wait_for_many(&diary, 2, "server: connected");
    for number in 0.. {
        assert!(number < 10_000, "nobody has stopped it");
        for _ in 0..at_once {
            // It may be full, and it will be closed.
            let _ = raw.write_all(frame);
        }
        say(arena, &ann, number, 1);
        arena.wait_for(&diary, &format!("ann: said {number} in 1 bytes"));
        if told(&diary.lines(), 1, why) {
            break;
        }
    }
    assert_eq!(arena.run(&server, |n| n.connections().count()), 1);
}

pub(crate) fn tiny_frames_at_full_speed_end<A: Arena>(arena: &mut A) {
    // More than ann says, and far less than a flood.
    let limits = limited(|limits| limits.messages = Rate::per_second(10_000).burst(20_000));
    flood(arena, limits, &[0, 3, 0x92, 99, 0x90], 5_000, "more than 10000/s, burst 20000 messages");
}

pub(crate) fn giant_frames_at_full_speed_end<A: Arena>(arena: &mut A) {
    let limits = limited(|limits| limits.bytes = Rate::per_second(1_000_000).burst(2_000_000));
    let content = u16::MAX - 6;
    let mut frame = vec![0xff, 0xff, 0x92, 99, 0x91, 0xc5];
    frame.extend(content.to_be_bytes());
    frame.resize(2 + usize::from(u16::MAX), 0xab);
    flood(arena, limits, &frame, 3, "more than 1000000/s, burst 2000000 bytes");
}

pub(crate) fn silence_has_its_time_where_the_operator_says_so<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let limits = limited(|limits| {
        limits.plain_idle_timeout = Some(Duration::from_millis(300));
        limits.heartbeat = Some(Duration::from_millis(50));
    });
    let server = arena.serve(app::server(&diary).limits(limits));
    let ann = join(arena, &diary, "ann", 0);
    for door in 0..DOORS {
        let mut raw = arena.raw(door);
        raw.write_all(HELLO).unwrap();
        arena.wait(&diary, "its end", &|lines| told(lines, 1 + door, "no sign of life"));
    }
    say(arena, &ann, 1, 1);
    arena.wait_for(&diary, "ann: said 1 in 1 bytes");
    let measured = |known: &magicnet::Connection| known.round_trip().is_some();
    assert!(arena.run(&server, move |n| n.connections().all(measured)), "ann was asked, and answers");
}

pub(crate) fn half_a_frame_has_its_time_however_it_dribbles<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let limits = limited(|limits| limits.frame_timeout = Duration::from_millis(100));
    let server = arena.serve(app::server(&diary).limits(limits));
    let ann = join(arena, &diary, "ann", 0);
    for door in 0..DOORS {
        let mut raw = arena.raw(door);
        raw.write_all(HELLO).unwrap();
        arena.wait_for_many(&diary, 2 + door, "server: connected");
        raw.begin_frame(u16::MAX).unwrap();
        for number in 0.. {
            assert!(number < 60_000, "the frame is not whole, and nobody has ended it");
            // Byte by byte, as long as it is there.
            let _ = raw.dribble(0x90);
            say(arena, &ann, number, 1);
            arena.wait_for(&diary, &format!("ann: said {number} in 1 bytes"));
            if diary.holds(&|lines| told(lines, 1 + door, "no end of a frame in time")) {
                break;
            }
        }
    }
    assert_eq!(arena.run(&server, |n| n.connections().count()), 1);
}

pub(crate) fn who_says_no_hello_goes_in_time<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let limits = limited(|limits| limits.handshake_timeout = Duration::from_millis(300));
    let server = arena.serve(app::server(&diary).limits(limits));
    let strangers: Vec<_> = (0..DOORS).map(|door| arena.raw(door)).collect();
    arena.wait(&diary, "their end", &|lines| told(lines, DOORS, "no handshake in time"));
    let ann = join(arena, &diary, "ann", 0);
    say(arena, &ann, 1, 1);
    arena.wait_for(&diary, "ann: said 1 in 1 bytes");
    assert_eq!(arena.run(&server, |n| n.connections().count()), 1);
    drop(strangers);
}

pub(crate) fn a_crowd_that_comes_and_goes_leaves_nothing<A: Arena>(arena: &mut A) {
    const CROWD: usize = 60;
    let diary = Diary::default();
    let server = arena.serve(app::server(&diary));
    let ann = join(arena, &diary, "ann", 0);
    for number in 0..CROWD {
        let mut raw = arena.raw(number % DOORS);
        if number % 3 == 0 {
            raw.write_all(HELLO).unwrap();
        } else if number % 3 == 1 {
            raw.begin_frame(7).unwrap();
        }
        drop(raw);
        say(arena, &ann, u32::try_from(number).unwrap(), 1);
        arena.wait_for(&diary, &format!("ann: said {number} in 1 bytes"));
    }
    arena.wait(&diary, "all of them go", &|lines| told(lines, CROWD, "connection lost"));
    assert_eq!(arena.run(&server, |n| n.connections().count()), 1);
}

/// Who is turned away holds no socket of the server's, however long it holds its own; and where a word would take a
/// handshake first, it is none.
#[test]
fn who_finds_no_place_takes_none() {
    let bind = "127.0.0.1:0";
    let endpoints = [(Tcp::bind(bind), &[3][..]), (Ws::bind(bind), &[]), (Tls::bind(bind), &[])];
    for (endpoint, words) in endpoints {
        let turned_away = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&turned_away);
        let limits = limited(|limits| limits.connections = 0);
        let server = Node::server().limits(limits).listen(endpoint).on(move |_, _: TurnedAway| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let mut server = server.build().unwrap();
        server.tick(Time::ZERO).unwrap();
        let address = server.local_endpoints()[0].socket_addr().expect("it has one");
        let mut stranger = TcpStream::connect(address).unwrap();
        stranger.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        let mut heard = Vec::new();
        let mut attempts = 0..60_000;
        while attempts.next().is_some() && stranger.read_to_end(&mut heard).is_err() {
            server.tick(Time::ZERO).unwrap();
        }
        assert_eq!(crate::tcp::ids(&heard), words, "DISCONNECT at most, and the end");
        assert_eq!(turned_away.load(Ordering::Relaxed), 1);
        // No time passes, and the stranger does not go: nobody waits for either.
        server.run(Time::ZERO, |n| n.shutdown());
        server.tick(Time::ZERO).unwrap();
        assert!(server.is_finished());
    }
}
