//! What is special to nodes with several edges: who gets which connection, one order over all threads, and threads that
//! end before their time.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use magicnet::{
    BuildError, BytesMiddleware, Connect, Node, NodeBuilder, NodeCx, Running, StartError, Tcp, Udp, memory,
};

use crate::app::{self, Say, pattern};
use crate::background::Thread;
use crate::diary::Diary;
use crate::stories::HELLO;

#[test]
fn a_node_has_a_sensible_number_of_edges() {
    for edges in [0, 65] {
        let error = Node::server().edges(edges).build().unwrap_err();
        assert_eq!(error, BuildError::Edges(edges));
        assert_eq!(error.to_string(), format!("a node cannot have {edges} edges: give it from 1 to 64"));
    }
    assert!(Node::server().edges(64).build().is_ok());
}

/// Whoever comes goes where the fewest are, those who have left not counted.
#[test]
fn the_edge_with_the_fewest_gets_the_next() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let (server, address) = serve(&thread, app::server(&diary).edges(4));
    let mut streams = connect(&diary, address, 12);
    assert_eq!(per_edge(&thread, &server), [3, 3, 3, 3]);
    // The first of each four went to the same edge.
    let mut number = 0;
    streams.retain(|_| {
        number += 1;
        number % 4 != 1
    });
    wait_for_ends(&diary, 3);
    assert_eq!(per_edge(&thread, &server), [0, 3, 3, 3]);
    streams.extend(connect(&diary, address, 3));
    assert_eq!(per_edge(&thread, &server), [3, 3, 3, 3]);
}

/// A UDP socket and its connections belong to one edge, so sockets are dealt out.
#[test]
fn each_udp_socket_has_an_edge() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let udp = || Udp::bind("127.0.0.1:0");
    let server = app::server(&diary).edges(4).listen(udp()).listen(Tcp::bind("127.0.0.1:0")).listen(udp());
    let server = thread.run(server.listen(udp()).listen(udp()).listen(udp()).start()).unwrap();
    let places = server.local_endpoints().to_vec();
    let are_udp: Vec<bool> = places.iter().map(|place| place.to_string().starts_with("udp:")).collect();
    assert_eq!(are_udp, [true, false, true, true, true, true], "in the order in which they were given");
    let clients: Vec<Running> = (places.iter().enumerate())
        .filter(|(number, _)| *number != 1)
        .map(|(number, place)| {
            let client = app::client(&diary, format!("client {number}"));
            let client = client.connect(place.to_string().parse::<Connect>().unwrap());
            let client = thread.run(client.start()).unwrap();
            thread.run(client.handle().connected()).unwrap();
            client
        })
        .collect();
    let mut counts = per_edge(&thread, &server);
    counts.sort_unstable();
    assert_eq!(counts, [1, 1, 1, 2], "the fifth is on the first edge again");
    drop(clients);
}

/// Connects, and waits until the server has shaken hands with each.
fn connect(diary: &Diary, address: SocketAddr, count: usize) -> Vec<TcpStream> {
    let so_far = diary.of("server").iter().filter(|line| *line == "connected").count();
    let streams = (1..=count).map(|number| {
        let mut stream = TcpStream::connect(address).expect("the server listens");
        stream.write_all(HELLO).unwrap();
        let connected = |lines: &[String]| lines.iter().filter(|line| *line == "server: connected").count();
        diary.wait("a handshake", &|lines| connected(lines) == so_far + number);
        stream
    });
    streams.collect()
}

fn wait_for_ends(diary: &Diary, count: usize) {
    diary.wait("connections end", &|lines| {
        lines.iter().filter(|line| line.contains("connection lost")).count() == count
    });
}

/// How many connections each of four edges has, in the order in which they were given the first.
fn per_edge(thread: &Thread, server: &Running) -> [usize; 4] {
    let names =
        run(thread, server, |n| n.connections().map(|known| known.id().to_string()).collect::<Vec<_>>());
    let mut counts = [0; 4];
    for name in names {
        let number = name.trim_start_matches("connection ").split('.').next().unwrap();
        counts[number.parse::<usize>().unwrap() % 4] += 1;
    }
    counts
}

/// What the server hears, everybody hears, in the same order, whichever thread carries it.
#[test]
fn everybody_hears_what_the_server_heard() {
    const CLIENTS: u32 = 9;
    const EACH: u32 = 200;
    let (thread, diary) = (Thread::start(), Diary::default());
    let servers = Thread::start();
    let (_server, address) = serve(&servers, app::server(&diary).edges(3));
    let clients: Vec<Running> = (0..CLIENTS)
        .map(|number| {
            let client = app::client(&diary, format!("client {number}"));
            thread.run(client.connect(Tcp::connect(address.to_string())).start()).unwrap()
        })
        .collect();
    diary.wait("everybody is there", &|lines| {
        lines.iter().filter(|line| line.ends_with(": connected")).count() == 2 * CLIENTS as usize
    });
    for (client, number) in clients.iter().zip(0..) {
        run(&thread, client, move |n| {
            for place in 0..EACH {
                n.send_to_all(Say { number: number * EACH + place, bytes: pattern(1) });
            }
        });
    }
    let all = (CLIENTS * EACH) as usize;
    diary.wait("everybody hears everything", &|lines| {
        let heard = |line: &&String| line.contains(": said ") || line.contains(": heard ");
        lines.iter().filter(heard).count() == all * CLIENTS as usize
    });
    let told: Vec<u32> = diary.of("server").iter().filter_map(|line| number_in(line, "is told")).collect();
    assert_eq!(told.len(), all);
    for client in 0..CLIENTS {
        let lines = diary.of(&format!("client {client}"));
        let heard: Vec<u32> =
            lines.iter().filter_map(|line| number_in(line, "said").or(number_in(line, "heard"))).collect();
        assert!(heard == told, "client {client}");
        let own = told.iter().filter(|number| **number / EACH == client);
        assert!(own.copied().eq(client * EACH..(client + 1) * EACH), "and in the order of who said it");
    }
}

fn number_in(line: &str, verb: &str) -> Option<u32> {
    line.strip_prefix(verb)?.split_whitespace().next()?.parse().ok()
}

/// A peer that sends without end is read as fast as the world can hear, and the others are heard too.
#[test]
fn a_flood_on_one_edge_leaves_time_for_the_others() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let servers = Thread::start();
    let (server, address) = serve(&servers, app::server(&diary).edges(2));
    let mut busy = TcpStream::connect(address).unwrap();
    busy.write_all(HELLO).unwrap();
    let flooding = thread::spawn(move || {
        // REQUEST_VISIBLE_OBJECTS, which is answered with nothing, thousands in a frame.
        let mut frame = [0x92, 12, 0x90].repeat(20_000);
        frame.splice(..0, 60_000_u16.to_be_bytes());
        while busy.write_all(&frame).is_ok() {}
    });
    // One beside it on each edge.
    for name in ["ann", "bob", "cid"] {
        let client = app::client(&diary, name).connect(Tcp::connect(address.to_string()));
        let client = thread.run(client.start()).unwrap();
        thread.run(client.handle().connected()).expect("the server has time");
        run(&thread, &client, |n| n.send_to_all(Say { number: 1, bytes: pattern(1) }));
        let answer = format!("{name}: said 1 in 1 bytes");
        diary.wait(&answer, &|lines| lines.contains(&answer));
    }
    thread.run(server.shutdown());
    flooding.join().unwrap();
}

#[test]
fn a_panic_in_a_handler_ends_nothing() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let (server, address) = serve(&thread, app::server(&diary).edges(2));
    let panicked = catch_unwind(AssertUnwindSafe(|| run(&thread, &server, |_| panic!("in a handler"))));
    assert!(panicked.is_err(), "who awaits it is told");
    server.handle().post(|_| panic!("nobody waits")).unwrap();
    let streams = connect(&diary, address, 4);
    drop(streams);
    wait_for_ends(&diary, 4);
}

/// It panics when it goes.
struct Bomb;

impl BytesMiddleware for Bomb {}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a middleware that cannot be dropped");
    }
}

#[test]
fn a_thread_that_panics_ends_the_node_with_its_panic() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let server = app::server(&diary).edges(2);
    let server = server.listen(Tcp::bind("127.0.0.1:0")).listen(Tcp::bind("127.0.0.1:0").middleware(|| Bomb));
    let mut server = thread.run(server.start()).unwrap();
    let [safe, bombed] = *server.local_addrs() else { panic!("it listens twice") };
    let mut bystanders = connect(&diary, safe, 2);
    drop(connect(&diary, bombed, 1));
    let panic = catch_unwind(AssertUnwindSafe(|| thread.run(server.stopped()))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"a middleware that cannot be dropped"));
    for stream in &mut bystanders {
        // Closed or reset; nothing of it hangs.
        let _ = stream.read_to_end(&mut Vec::new());
    }
    assert!(server.handle().post(|_| ()).is_err(), "the node has stopped");
}

#[test]
fn a_runtime_that_ends_takes_the_threads_with_it() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let (server, address) = serve(&thread, app::server(&diary).edges(2));
    let mut streams = connect(&diary, address, 2);
    drop(thread);
    for stream in &mut streams {
        let _ = stream.read_to_end(&mut Vec::new());
    }
    assert!(server.handle().post(|_| ()).is_err());
}

#[test]
fn a_node_that_is_dropped_says_goodbye_over_all_edges() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let (server, address) = serve(&thread, app::server(&diary).edges(2));
    let clients = ["ann", "bob"].map(|name| {
        let client = app::client(&diary, name).connect(Tcp::connect(address.to_string()));
        let client = thread.run(client.start()).unwrap();
        thread.run(client.handle().connected()).unwrap();
        client
    });
    drop(server);
    for name in ["ann", "bob"] {
        let goodbye = format!("{name}: the peer shut down");
        diary.wait(&goodbye, &|lines| lines.contains(&goodbye));
    }
    drop(clients);
}

#[test]
fn what_cannot_be_opened_leaves_nothing_behind() {
    let thread = Thread::start();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Node::server().edges(3).listen(Tcp::bind(free.to_string()));
    let server = server.listen(Tcp::bind(taken.local_addr().unwrap().to_string()));
    let error = thread.run(server.start()).unwrap_err();
    assert!(matches!(error, StartError::Listen { .. }), "{error:?}");
    TcpListener::bind(free).expect("what was opened before is closed again");

    let (port, dial) = memory::port();
    drop(port);
    let error = thread.run(Node::client().edges(2).connect(dial).start()).unwrap_err();
    assert!(matches!(error, StartError::Refused), "{error:?}");
}

fn serve(thread: &Thread, server: NodeBuilder) -> (Running, SocketAddr) {
    let server = thread.run(server.listen(Tcp::bind("127.0.0.1:0")).start()).unwrap();
    let address = server.local_addr().unwrap();
    (server, address)
}

fn run<R, F>(thread: &Thread, node: &Running, act: F) -> R
where
    R: Send + 'static,
    F: FnOnce(&mut NodeCx<'_>) -> R + Send + 'static,
{
    thread.run(node.handle().run(act)).expect("the node runs")
}
