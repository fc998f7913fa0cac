//! What must hold under every driver.

use std::io::Write;

use magicnet::prelude::*;
use magicnet::{Zones, memory};

pub(crate) use crate::abuse::*;
use crate::app::{self, News, Say, counter, pattern};
use crate::arena::{Arena, DOORS};
use crate::diary::Diary;

pub(crate) fn both_sides_learn_of_the_handshake<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let _server = arena.serve(app::server(&diary));
    let _ann = join(arena, &diary, "ann", 0);
    assert_eq!(diary.of("ann"), ["reads welcome", "connected"]);
    assert_eq!(diary.of("server"), ["connected"]);
}

pub(crate) fn messages_go_both_ways<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let server = arena.serve(app::server(&diary));
    let ann = join(arena, &diary, "ann", 0);
    let _bob = join(arena, &diary, "bob", 1);
    say(arena, &ann, 7, 3);
    arena.wait_for(&diary, "ann: said 7 in 3 bytes");
    arena.wait_for(&diary, "bob: heard 7");
    assert!(!diary.of("ann").contains(&"heard 7".to_owned()));
    tell_all(arena, &server, 8, 4);
    arena.wait_for_many(&diary, 2, "news 8 in 4 bytes");
}

pub(crate) fn objects_go_both_ways<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let server = arena.serve(app::server(&diary));
    let ann = join(arena, &diary, "ann", 0);
    let bob = join(arena, &diary, "bob", 1);
    arena.run(&ann, |n| n.create::<counter::Contract>().call(|s| s.add(10)).send()).expect("ann may create");
    arena.wait_for_many(&diary, 2, "sees a counter at 10");
    let counter = arena.run(&server, |n| n.objects::<counter::Contract>())[0];
    arena.run(&bob, move |n| n.object(counter).server().add(5));
    arena.wait_for(&diary, "ann: added 5");
    arena.wait_for(&diary, "bob: added 5");
    arena.run(&server, move |n| n.object(counter).clients().added(6));
    arena.wait_for_many(&diary, 2, ": added 6");
    for name in ["ann", "bob"] {
        assert_eq!(
            diary.of(name)[2..],
            ["sees a counter at 10", "added 10", "10 -> 15", "added 5", "added 6"]
        );
    }
}

pub(crate) fn zones_show_by_themselves<A: Arena>(arena: &mut A) {
    const COUNT: usize = 5_000;
    let diary = Diary::default();
    let server = arena.serve(app::server(&diary).zones(Zones::ClientChosen));
    arena.run(&server, |n| {
        for zone in (0..COUNT).map(|_| 1).chain([2, 3]) {
            n.create::<counter::Contract>().zone(zone).send().expect("the server has authority");
        }
    });
    let ann = join(arena, &diary, "ann", 0);
    arena.run(&ann, |n| n.set_zones([1, 2]));
    arena.wait_for(&diary, "ann: zone 2 is complete");
    let written = diary.of("ann");
    let seen = written.iter().filter(|line| *line == "sees a counter at 0").count();
    assert_eq!(seen, COUNT + 1, "all of it, before it is said to be complete");
    arena.run(&ann, |n| n.set_zones([3]));
    arena.wait_for(&diary, "ann: zone 3 is complete");
    assert_eq!(arena.run(&ann, |n| n.object_count()), 1, "the others are gone");
}

pub(crate) fn large_messages_arrive_whole<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let _server = arena.serve(app::server(&diary));
    let ann = join(arena, &diary, "ann", 0);
    for number in 0..100 {
        say(arena, &ann, number, 60_000);
        // As fast as the answers come, so that nobody is too slow.
        if number % 8 == 7 {
            arena.wait_for(&diary, &format!("ann: said {number} in 60000 bytes"));
        }
    }
    arena.wait_for_many(&diary, 100, "in 60000 bytes");
    let numbers = (0..100).map(|number| format!("said {number} in 60000 bytes"));
    assert!(diary.of("ann")[2..].iter().eq(&numbers.collect::<Vec<_>>()));
}

pub(crate) fn many_messages_arrive_in_order<A: Arena>(arena: &mut A) {
    const COUNT: u32 = 20_000;
    let diary = Diary::default();
    let _server = arena.serve(app::server(&diary));
    let ann = join(arena, &diary, "ann", 0);
    let _bob = join(arena, &diary, "bob", 1);
    arena.run(&ann, |n| {
        for number in 0..COUNT {
            n.send_to_all(Say { number, bytes: pattern(1) });
        }
    });
    arena.wait_for(&diary, &format!("ann: said {} in 1 bytes", COUNT - 1));
    arena.wait_for(&diary, &format!("bob: heard {}", COUNT - 1));
    let said: Vec<String> = (0..COUNT).map(|number| format!("said {number} in 1 bytes")).collect();
    let heard: Vec<String> = (0..COUNT).map(|number| format!("heard {number}")).collect();
    assert!(diary.of("ann")[2..] == said);
    assert!(diary.of("bob")[2..] == heard);
}

pub(crate) fn a_reader_that_never_reads_goes_and_the_others_stay<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let server = arena.serve(app::server(&diary));
    let _ann = join(arena, &diary, "ann", 0);
    let mut stuck = arena.raw(0);
    stuck.write_all(HELLO).unwrap();
    arena.wait_for_many(&diary, 2, "server: connected");
    let mut number = 0;
    let is_gone = |diary: &Diary| diary.of("server").iter().any(|line| line.contains("reads too slowly"));
    while !is_gone(&diary) {
        assert!(number < 10_000, "600 MB are kept for somebody who reads nothing");
        tell_all(arena, &server, number, 60_000);
        arena.wait_for(&diary, &format!("ann: news {number} in 60000 bytes"));
        number += 1;
    }
    tell_all(arena, &server, 0, 1);
    arena.wait_for(&diary, "ann: news 0 in 1 bytes");
    assert_eq!(arena.run(&server, |n| n.connections().count()), 1);
}

pub(crate) fn an_end_without_a_word_is_noticed<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let server = arena.serve(app::server(&diary));
    let ann = join(arena, &diary, "ann", 0);
    for door in 0..DOORS {
        let mut raw = arena.raw(door);
        raw.write_all(HELLO).unwrap();
        arena.wait_for_many(&diary, 2 + door, "server: connected");
        drop(raw);
        arena.wait(&diary, "the loss", &|lines| {
            lines.iter().filter(|line| line.contains("connection lost")).count() == 1 + door
        });
    }
    assert_eq!(arena.run(&server, |n| n.connections().count()), 1);
    say(arena, &ann, 1, 1);
    arena.wait_for(&diary, "ann: said 1 in 1 bytes");
}

pub(crate) fn a_server_that_shuts_down_tells_its_clients<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let server = arena.serve(app::server(&diary));
    let nodes = [0, 1].map(|door| join(arena, &diary, &format!("client {door}"), door));
    // What was sent before is there before.
    tell_all(arena, &server, 1, 50_000);
    arena.stop(server);
    arena.wait_for_many(&diary, 2, "the peer shut down");
    arena.wait_for_many(&diary, 2, "this node shut down");
    for door in 0..DOORS {
        let lines = diary.of(&format!("client {door}"));
        assert_eq!(lines[2..], ["news 1 in 50000 bytes", "the peer shut down"]);
        assert!(arena.join(app::client(&diary, "late"), door).is_err());
    }
    for node in nodes {
        assert_eq!(arena.run(&node, |n| n.connections().count()), 0);
        arena.stop(node);
    }
}

pub(crate) fn a_client_that_shuts_down_tells_its_server<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let server = arena.serve(app::server(&diary));
    let ann = join(arena, &diary, "ann", 0);
    say(arena, &ann, 1, 50_000);
    arena.stop(ann);
    arena.wait_for(&diary, "server: the peer shut down");
    assert_eq!(diary.of("server"), ["connected", "is told 1", "the peer shut down"]);
    assert_eq!(arena.run(&server, |n| n.connections().count()), 0);
}

pub(crate) fn a_node_may_shut_itself_down<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let server = arena.serve(app::server(&diary));
    let ann = join(arena, &diary, "ann", 0);
    arena.run(&ann, |n| n.shutdown());
    arena.wait_stopped(ann);
    arena.wait_for(&diary, "server: the peer shut down");
    arena.run(&server, |n| n.shutdown());
    arena.wait_stopped(server);
}

pub(crate) fn a_reason_to_shut_down_reaches_everybody<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let server = arena.serve(app::server(&diary));
    let clients = [0, 1].map(|door| join(arena, &diary, &format!("client {door}"), door));
    arena.run(&server, |n| n.shutdown_with(Disconnect::new(20, "back at noon")));
    arena.wait_stopped(server);
    arena.wait_for_many(&diary, 2, ": ended by the peer, reason 20 (back at noon)");
    arena.wait_for_many(&diary, 2, "server: ended by this node, reason 20 (back at noon)");
    for client in clients {
        arena.stop(client);
    }
}

pub(crate) fn a_server_is_a_client_of_another<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let top = arena.serve(app::server(&diary));
    let (port, dial) = memory::port();
    let middle = arena.join(app::between(&diary, "middle").listen(port), 0).expect("the server listens");
    arena.wait_for(&diary, "middle: connected");
    // Ann is a client of both.
    let ann = arena.join(app::client(&diary, "ann").connect(dial), 1).expect("both listen");
    arena.wait_for_many(&diary, 2, "ann: connected");
    arena
        .run(&middle, |n| {
            let up = n.server().expect("it has shaken hands");
            n.at(up).create::<counter::Contract>().call(|s| s.add(10)).send()
        })
        .expect("it is asked for");
    arena.wait_for_many(&diary, 2, ": sees a counter at 10");
    arena
        .run(&middle, |n| n.create::<counter::Contract>().call(|s| s.add(20)).send())
        .expect("it has authority");
    arena.wait_for(&diary, "ann: sees a counter at 20");
    assert!(!diary.of("middle").contains(&"sees a counter at 20".to_owned()), "its own it serves");
    arena.stop(middle);
    arena.wait_for_many(&diary, 2, ": the peer shut down");
    // What its owner made at the top goes with it, and what it served too; the top stays.
    assert_eq!(arena.run(&top, |n| n.object_count()), 0);
    say(arena, &ann, 1, 1);
    arena.wait_for(&diary, "ann: said 1 in 1 bytes");
}

pub(crate) fn who_comes_back_finds_the_world_as_it_is<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let server = arena.serve(app::server(&diary));
    let made = arena.run(&server, |n| n.create::<counter::Contract>().call(|s| s.add(3)).send());
    let counter = made.expect("a server may create");
    for visit in 0..3 {
        let name = format!("visit {visit}");
        let ann = join(arena, &diary, &name, visit % DOORS);
        arena.run(&ann, |n| n.request_visible_objects());
        arena.wait_for(&diary, &format!("{name}: sees a counter at {}", 3 + visit));
        arena.run(&ann, move |n| n.object(counter).server().add(1));
        arena.wait_for(&diary, &format!("{name}: added 1"));
        arena.stop(ann);
        arena.wait_for_many(&diary, visit + 1, "server: the peer shut down");
    }
}

pub(crate) fn two_hundred_come_at_once<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let (server, _clients) = a_crowd_talks(arena, &diary, 200);
    assert_eq!(arena.run(&server, |n| n.connections().filter(|c| c.is_ready()).count()), 200);
}

/// They all come, one after the other speaks, and every one hears all the others.
pub(crate) fn a_crowd_talks<A: Arena>(arena: &mut A, diary: &Diary, count: u32) -> (A::Node, Vec<A::Node>) {
    let server = arena.serve(app::server(diary));
    let clients: Vec<A::Node> = (0..count as usize)
        .map(|number| {
            let client = app::client(diary, format!("client {number}"));
            arena.join(client, number % DOORS).expect("the server listens")
        })
        .collect();
    arena.wait_for_many(diary, 2 * clients.len(), ": connected");
    for (number, client) in (0..).zip(&clients) {
        say(arena, client, number, 10);
    }
    let last = format!(": heard {}", count - 1);
    arena.wait_for_many(diary, clients.len() - 1, &last);
    let everything = (count * (count - 1)) as usize;
    arena.wait(diary, "everybody hears everybody", &|lines| {
        lines.iter().filter(|line| line.contains(": heard ")).count() == everything
    });
    (server, clients)
}

pub(crate) fn every_door_of_a_server_is_open<A: Arena>(arena: &mut A) {
    let diary = Diary::default();
    let _server = arena.serve(app::server(&diary));
    let clients: Vec<A::Node> =
        (0..DOORS).map(|door| join(arena, &diary, &format!("door {door}"), door)).collect();
    for (number, client) in (0..).zip(&clients) {
        say(arena, client, number, 1);
        arena.wait_for_many(&diary, DOORS - 1, &format!(": heard {number}"));
    }
}

/// The client's side of the handshake is finished last.
pub(crate) fn join<A: Arena>(arena: &mut A, diary: &Diary, name: &str, door: usize) -> A::Node {
    let node = arena.join(app::client(diary, name), door).expect("the server listens");
    arena.wait_for(diary, &format!("{name}: connected"));
    node
}

pub(crate) fn say<A: Arena>(arena: &mut A, node: &A::Node, number: u32, len: usize) {
    let bytes = pattern(len);
    arena.run(node, move |n| n.send_to_all(Say { number, bytes }));
}

fn tell_all<A: Arena>(arena: &mut A, server: &A::Node, number: u32, len: usize) {
    let bytes = pattern(len);
    arena.run(server, move |n| n.send_to_all(News { number, bytes }));
}

/// A client's part of the handshake, as bytes: `[2, [3, 12 34 56 78]]` in a frame.
pub(crate) const HELLO: &[u8] = &[0, 10, 0x92, 2, 0x92, 3, 0xc4, 4, 0x12, 0x34, 0x56, 0x78];
