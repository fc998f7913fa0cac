//! The examples on every networking stack, and at addresses of every kind.

use std::fs;

use crate::program::Program;

/// What a server says that it listens on, behind its name of the kind.
fn listening(server: &mut Program, kind: &str) -> String {
    let line = server.expect_log(&format!("listening on {kind}"));
    let (_, address) = line.split_once("listening on ").expect("that is what was waited for");
    address.to_owned()
}

fn client(command: &str, address: &str) -> Program {
    let mut client = Program::start(&format!("{command} --connect {address}"));
    client.expect("Successfully connected!");
    client
}

#[test]
fn a_server_is_the_same_on_every_stack() {
    for stack in ["tokio", "threads", "poll"] {
        let mut server =
            Program::start(&format!("number_server --stack {stack} --listen tcp://127.0.0.1:0 --demo"));
        let address = listening(&mut server, "127.0.0.1:");
        server.expect("That was the demo.");
        let client = client(&format!("number_client --stack {stack}"), &address);
        assert_eq!(client.end_input().code, Some(0), "{stack}");
        assert_eq!(server.interrupt().code, Some(0), "{stack}");
    }
    let mistaken = Program::start("chat_server --stack fibers").end();
    assert_eq!(mistaken.code, Some(1));
    assert!(mistaken.logged.contains("write tokio, threads or poll"), "{}", mistaken.logged);
}

#[test]
fn a_chat_is_joined_at_every_address() {
    let socket = std::env::temp_dir().join(format!("magicnet-chat-{}.sock", std::process::id()));
    let addresses = format!(
        "--listen 127.0.0.1:0 --listen tls://127.0.0.1:0 --listen ws://127.0.0.1:0 --listen wss://127.0.0.1:0 \
         --listen udp://127.0.0.1:0 --listen unix://{}",
        socket.display()
    );
    for stack in ["tokio", "threads", "poll"] {
        let mut server = Program::start(&format!("chat_server --stack {stack} {addresses}"));
        let kinds = ["127.0.0.1:", "tls://", "ws://", "wss://", "udp://", "unix://"];
        let addresses = kinds.map(|kind| listening(&mut server, kind));
        let command = format!("chat_client --stack {stack}");
        let mut clients = addresses.map(|address| client(&command, &address));
        for (number, client) in (0..).zip(&mut clients) {
            client.type_line(&format!("name-{number}"));
        }
        for number in 0..clients.len() {
            clients[number].type_line(&format!("hello from {number}"));
            for (other, client) in clients.iter_mut().enumerate() {
                if other != number {
                    client.expect(&format!("name-{number} said: hello from {number}"));
                }
            }
        }
        assert_eq!(server.interrupt().code, Some(0), "{stack}");
        for client in clients {
            assert_eq!(client.end().code, Some(0), "it is told of the end");
        }
        assert!(!socket.exists());
    }
    let mistaken = Program::start("chat_server --listen http://127.0.0.1:0").end();
    assert!(mistaken.logged.contains("`http://` is not known here"), "{}", mistaken.logged);
}

#[test]
fn a_certificate_may_be_of_an_authority() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("that is a name");
    let folder = std::env::temp_dir().join(format!("magicnet-certificates-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("there is room");
    let [certificate, key] = ["chain.pem", "key.pem"].map(|name| folder.join(name).display().to_string());
    fs::write(&certificate, made.cert.pem()).expect("there is room");
    fs::write(&key, made.signing_key.serialize_pem()).expect("there is room");

    let kinds = ["tls://127.0.0.1:", "wss://127.0.0.1:", "udp://127.0.0.1:"];
    let addresses = kinds.map(|kind| format!("--listen {kind}0")).join(" ");
    let mut server =
        Program::start(&format!("chat_server {addresses} --certificate {certificate} --key {key}"));
    for kind in kinds {
        let address = listening(&mut server, kind).replace("127.0.0.1", "localhost");
        assert!(!address.contains('#'), "its authority vouches for it: {address}");
        let known = client(&format!("chat_client --authority {certificate}"), &address);
        assert_eq!(known.end_input().code, Some(0));
        let unknown = Program::start(&format!("chat_client --connect {address}")).end();
        assert!(unknown.logged.contains("nobody to believe in"), "{}", unknown.logged);
    }
    let half = Program::start(&format!("chat_server --key {key}")).end();
    assert!(half.logged.contains("--certificate and --key belong together"), "{}", half.logged);
    fs::remove_dir_all(folder).expect("nobody else uses it");
}

#[test]
fn a_game_keeps_its_rhythm_on_both_sides() {
    let alone = Program::start("fixed_loop --frames 121").end();
    assert_eq!(alone.code, Some(0), "{}", alone.logged);
    assert!(alone.printed.starts_with("frame 60: the ball is at ("), "{}", alone.printed);
    assert_eq!(alone.printed.lines().count(), 2, "{}", alone.printed);
    assert!(!alone.printed.contains(", 0 changes"), "{}", alone.printed);

    let mut server = Program::start("fixed_loop --listen ws://127.0.0.1:0");
    let line = server.expect("listening on ws://");
    let (_, address) = line.split_once("listening on ").expect("that is what was waited for");
    let mut player = Program::start(&format!("fixed_loop --connect {address}"));
    let line = player.expect("frame 120: the ball is at (");
    assert!(!line.contains(", 0 changes"), "{line}");
    drop(server);
    player.expect("the game is over: ");
    assert_eq!(player.end().code, Some(0));
}
