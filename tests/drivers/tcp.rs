//! What is special to TCP under tokio: addresses, refusals, floods, and a machine that runs out of sockets.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;
use std::{env, thread};

use magicnet::wire::{FrameReader, RawMessage, ScanLimits};
use magicnet::{Flush, Node, Role, Running, StartError, Tcp, memory};

use crate::app;
use crate::background::Thread;
use crate::diary::Diary;
use crate::stories::HELLO;

#[test]
fn a_node_knows_the_addresses_of_its_listeners() {
    let thread = Thread::start();
    let (port, _dial) = memory::port();
    let server =
        Node::server().listen(port).listen(Tcp::bind("localhost:0")).listen(Tcp::bind("127.0.0.1:0"));
    let server = thread.run(server.start()).unwrap();
    let [first, second] = server.local_addrs() else { panic!("two listeners have TCP addresses") };
    assert_eq!(server.local_addr(), Some(*first));
    assert_ne!(first, second);
    assert!(second.ip().is_loopback() && second.port() > 0);
}

#[test]
fn what_cannot_be_opened_is_an_error_of_the_start() {
    let thread = Thread::start();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = thread.run(Node::server().listen(Tcp::bind(&address)).start()).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on {address}"));
    let StartError::Listen { source, .. } = error else { panic!("{error:?}") };
    assert_eq!(source.kind(), ErrorKind::AddrInUse);

    drop(taken);
    let error = thread.run(Node::client().connect(Tcp::connect(&address)).serve()).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot connect to {address}"));
    let StartError::Connect { source, .. } = error else { panic!("{error:?}") };
    assert_eq!(source.kind(), ErrorKind::ConnectionRefused);

    let (port, dial) = memory::port();
    drop(port);
    let error = thread.run(Node::client().connect(dial).start()).unwrap_err();
    assert!(matches!(error, StartError::Refused), "{error:?}");
}

/// Players come in by one port, admins by another; what they are, the port says.
#[test]
fn a_port_says_what_its_peers_are() {
    const ADMIN: Role = Role::new("admin");
    let (thread, diary) = (Thread::start(), Diary::default());
    let pen = diary.pen("server");
    let server = app::server(&diary)
        .on(move |n, event: magicnet::Connected| {
            pen.write(n.connection(event.connection).expect("it has just come").role().name());
        })
        .listen(Tcp::bind("127.0.0.1:0"))
        .listen(Tcp::bind("127.0.0.1:0").peer_role(ADMIN));
    let server = thread.run(server.start()).unwrap();
    for (address, role) in server.local_addrs().iter().zip(["client", "admin"]) {
        let client = app::client(&diary, role).connect(Tcp::connect(address.to_string()));
        let client = thread.run(client.start()).unwrap();
        let line = format!("server: {role}");
        diary.wait(&line, &|lines| lines.contains(&line));
        thread.run(client.shutdown_with(magicnet::Disconnect::new(21, role)));
        let line = format!("server: ended by the peer, reason 21 ({role})");
        diary.wait(&line, &|lines| lines.contains(&line));
    }
}

#[test]
fn a_node_that_is_dropped_says_goodbye() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let (server, address) = serve(&thread, &diary);
    let ann = thread.run(app::client(&diary, "ann").connect(Tcp::connect(address.to_string())).start());
    diary.wait("a handshake", &|lines| lines.iter().any(|line| line == "ann: connected"));
    drop(server);
    diary.wait("the goodbye", &|lines| lines.iter().any(|line| line == "ann: the peer shut down"));
    drop(ann);
}

/// A peer that is thrown out in the middle of a flood can read why, though the flood was never read to its end.
#[test]
fn last_words_arrive_in_a_flood() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let (_server, address) = serve(&thread, &diary);
    let mut stream = TcpStream::connect(address).unwrap();
    let mut flood = stream.try_clone().unwrap();
    let flooding = thread::spawn(move || {
        // Nothing of it is a message, from the first frame on.
        let mut garbage = vec![0xc1; 2 + 60_000];
        garbage[..2].copy_from_slice(&60_000_u16.to_be_bytes());
        for _ in 0..1_000 {
            if flood.write_all(&garbage).is_err() {
                return;
            }
        }
    });
    let mut all = Vec::new();
    stream.read_to_end(&mut all).expect("the end comes, and no reset before it");
    assert_eq!(ids(&all), [1, 3], "MOTD and DISCONNECT");
    drop(stream);
    flooding.join().unwrap();
}

/// A peer may close its side and wait for the answers.
#[test]
fn a_peer_that_has_said_all_is_answered() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let (_server, address) = serve(&thread, &diary);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(HELLO).unwrap();
    // `Say { number: 1, bytes: [0] }`
    stream.write_all(&[0, 7, 0x92, 64, 0x92, 1, 0xc4, 1, 0]).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    assert_eq!(ids(&all).last(), Some(&65), "Said");
}

/// One peer that sends without end does not keep the others waiting.
#[test]
fn a_busy_peer_does_not_starve_the_others() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let (server, address) = serve(&thread, &diary);
    let mut busy = TcpStream::connect(address).unwrap();
    busy.write_all(HELLO).unwrap();
    let flooding = thread::spawn(move || {
        // REQUEST_VISIBLE_OBJECTS, which is answered with nothing, thousands in a frame.
        let mut frame = [0x92, 12, 0x90].repeat(20_000);
        frame.splice(..0, 60_000_u16.to_be_bytes());
        while busy.write_all(&frame).is_ok() {}
    });
    let ann =
        thread.run(app::client(&diary, "ann").connect(Tcp::connect(address.to_string())).start()).unwrap();
    thread.run(ann.handle().connected()).expect("the server has time for ann");
    for number in 0..20 {
        say_and_wait(&thread, &ann, &diary, number);
    }
    thread.run(server.shutdown());
    flooding.join().unwrap();
}

/// Under a tick a node that hears a lot rests between its phases, and is woken by the first word when it does not.
#[test]
fn a_node_that_rests_between_ticks_hears_everybody() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let tick = Flush::every(Duration::from_millis(20));
    let server =
        thread.run(app::server(&diary).flush(tick).listen(Tcp::bind("127.0.0.1:0")).start()).unwrap();
    let address = server.local_addr().unwrap();
    let ann =
        thread.run(app::client(&diary, "ann").connect(Tcp::connect(address.to_string())).start()).unwrap();
    thread.run(ann.handle().connected()).unwrap();
    let mut crowd: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(address).unwrap()).collect();
    for peer in &mut crowd {
        peer.write_all(HELLO).unwrap();
    }
    for round in 0..100 {
        for peer in &mut crowd {
            // `Say { number: 1, bytes: [0] }`
            peer.write_all(&[0, 7, 0x92, 64, 0x92, 1, 0xc4, 1, 0]).unwrap();
        }
        if round % 20 == 0 {
            say_and_wait(&thread, &ann, &diary, round);
        }
    }
    let is_heard = |line: &&String| *line == "ann: heard 1";
    diary.wait("all of it", &|lines| lines.iter().filter(is_heard).count() == 800);
    say_and_wait(&thread, &ann, &diary, 100);
}

/// Runs itself again where only a few files may be open.
#[cfg(unix)]
#[test]
fn a_machine_without_sockets_left_is_survived() {
    const INSIDE: &str = "MAGICNET_FEW_FILES";
    if env::var_os(INSIDE).is_none() {
        let this = env::current_exe().unwrap();
        let script = "ulimit -n 40 && exec \"$0\" --exact tcp::a_machine_without_sockets_left_is_survived";
        let child = Command::new("sh").arg("-c").arg(script).arg(this).env(INSIDE, "1").output().unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
        return;
    }
    let (thread, diary) = (Thread::start(), Diary::default());
    let (_server, address) = serve(&thread, &diary);
    let ann =
        thread.run(app::client(&diary, "ann").connect(Tcp::connect(address.to_string())).start()).unwrap();
    thread.run(ann.handle().connected()).expect("there is room for ann");
    let mut files: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    assert!(files.pop().is_some());
    // The last descriptor is for this end; the server has none for the other.
    let mut bob = TcpStream::connect(address).unwrap();
    for number in 0..3 {
        say_and_wait(&thread, &ann, &diary, number);
    }
    drop(files);
    assert!(bob.read(&mut [0; 2]).unwrap() > 0, "the server greets bob after all");
}

fn serve(thread: &Thread, diary: &Diary) -> (Running, SocketAddr) {
    let server = thread.run(app::server(diary).listen(Tcp::bind("127.0.0.1:0")).start()).unwrap();
    let address = server.local_addr().unwrap();
    (server, address)
}

fn say_and_wait(thread: &Thread, node: &Running, diary: &Diary, number: u32) {
    let bytes = app::pattern(1);
    thread.run(node.handle().run(move |n| n.send_to_all(app::Say { number, bytes }))).unwrap();
    let line = format!("ann: said {number} in 1 bytes");
    diary.wait(&line, &|lines| lines.contains(&line));
}

/// The numbers of the messages in a stream.
pub(crate) fn ids(mut stream: &[u8]) -> Vec<u64> {
    let (mut reader, mut scratch, mut ids) = (FrameReader::default(), Vec::new(), Vec::new());
    while let Some(mut datagram) = reader.next_datagram(&mut stream, &mut scratch) {
        let limits = ScanLimits { depth: 8, elements: 1_000 };
        while let Some(raw) = RawMessage::next(&mut datagram, limits) {
            let raw = raw.expect("nodes send whole messages");
            ids.push(raw.id.0);
        }
    }
    ids
}
