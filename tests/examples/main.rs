//! The examples, run as a user runs them: what they print, what they take, how they end.

mod program;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use magicnet::prelude::*;
use magicnet::{Connected, DisconnectReason, Disconnected, Ending, Node, Tcp};
use program::{Program, address};
use serde_json::Value as Json;

const ANYWHERE: &str = "--listen 127.0.0.1:0";

/// A server that listens at a port of its own, and where that is.
fn server(command: &str) -> (Program, String) {
    let mut server = Program::start(&format!("{command} {ANYWHERE}"));
    let listening = "listening on ";
    let address = address(&server.expect_log(listening), listening);
    (server, address)
}

/// A client that is connected to the server at `address`.
fn client(command: &str, address: &str) -> Program {
    let mut client = Program::start(&format!("{command} --connect {address}"));
    client.expect("Successfully connected!");
    client
}

/// A folder for what a test writes.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("magicnet-examples-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for what is passing");
    folder
}

fn read_json(file: &Path) -> Json {
    let text = fs::read_to_string(file).expect("the manifest was written");
    serde_json::from_str(&text).expect("it is JSON")
}

#[test]
fn a_native_connection_needs_nothing_and_ends_by_itself() {
    let ended = Program::start("native_connection").end();
    assert_eq!(ended.code, Some(0), "{}", ended.printed);
    assert!(ended.printed.contains("client: pong 3 came back"), "{}", ended.printed);
    assert!(ended.printed.ends_with("reason 3: the network hashes differ"), "{}", ended.printed);
}

#[test]
fn the_demo_tells_its_story_and_the_server_goes_on() {
    let mut server = Program::start(&format!("number_server --demo {ANYWHERE}"));
    server.expect("Bob sees the value change: 10 -> 25");
    server.expect_log("rejected: integer overflow: 25 + 2147483647");
    server.expect("Bob sees the number 25 disappear");
    let last = "That was the demo. The server goes on at ";
    let address = address(&server.expect(last), last);

    let mut late = client("number_client", &address);
    late.type_line("NEW 7");
    late.expect("Current values: 7");
    assert_eq!(late.end_input().code, Some(0));
    assert_eq!(server.interrupt().code, Some(0));
}

#[test]
fn a_quiet_server_says_nothing_but_the_story_that_it_is_asked_for() {
    let mut server = Program::start(&format!("number_server --demo --quiet {ANYWHERE}"));
    server.expect("That was the demo.");
    let ended = server.interrupt();
    assert_eq!(ended.code, Some(0));
    assert!(ended.printed.starts_with("Ann joins"), "{}", ended.printed);
    assert_eq!(ended.logged, "");
}

#[test]
fn two_clients_see_the_same_numbers() {
    let (mut server, address) = server("number_server");
    let mut ada = client("number_client", &address);
    ada.type_line("NEW 10");
    ada.expect("Current values: 10");

    let mut bob = client("number_client", &address);
    bob.expect("Current values: 10");
    bob.type_line("new -3");
    ada.expect("Current values: 10 -3");
    bob.expect("Current values: 10 -3");

    ada.type_line("ADD 1 5");
    bob.expect("Value change: -3 -> 2");
    bob.expect("Current values: 10 2");
    bob.type_line("ADD 0 2147483647");
    server.expect_log("rejected: integer overflow: 10 + 2147483647");
    bob.type_line("ADD 0 0");
    ada.expect("Value change: 10 -> 10");

    assert_eq!(ada.end_input().code, Some(0));
    bob.expect("Current values: 2");
    assert_eq!(bob.end_input().code, Some(0));
    assert_eq!(server.interrupt().code, Some(0));
}

#[test]
fn what_is_no_operation_is_said_and_harms_nobody() {
    let (server, address) = server("number_server");
    let mut client = client("number_client", &address);
    client.type_line(" ");
    client.type_line("MULTIPLY 2");
    client.expect("Unknown operation");
    client.type_line("ADD 0 ten");
    client.expect("arguments are numbers");
    client.type_line("ADD 0 10");
    client.expect("there is no such number");
    client.type_line("NEW 1");
    client.expect("Current values: 1");
    // The server goes first, and the client after it.
    assert_eq!(server.interrupt().code, Some(0));
    client.expect("Goodbye: the peer shut down");
    let ended = client.end();
    assert_eq!(ended.code, Some(0));
    assert_eq!(ended.printed.matches("Unknown operation").count(), 1, "a blank line is none");
}

#[test]
fn clients_tell_the_shell_that_their_server_was_lost() {
    for (of_server, of_client) in [("chat_server", "chat_client"), ("number_server", "number_client")] {
        let (server, address) = server(of_server);
        let mut client = client(of_client, &address);
        drop(server); // which kills it, without a word to anybody
        client.expect("Goodbye: connection lost");
        assert_eq!(client.end().code, Some(1));
    }
}

#[test]
fn clients_of_a_server_with_zones_see_their_own() {
    let (server, address) = server("number_server --zones");
    let mut one = client("number_client --zones 1", &address);
    let mut two = client("number_client --zones 2", &address);
    one.type_line("NEW 1");
    one.expect("Current values: 1");
    two.type_line("NEW 2");
    two.expect("Current values: 2");
    let mut both = client("number_client --zones 2,1", &address);
    both.expect("Current values: 1 2");
    assert!(!one.end_input().printed.contains('2'));
    assert_eq!(two.end_input().code, Some(0));
    assert_eq!(server.interrupt().code, Some(0));
}

#[test]
fn a_chat_turns_words_around_and_tells_the_others() {
    let (mut server, address) = server("chat_server");
    let mut ada = client("chat_client", &address);
    ada.type_line("ada");
    server.expect_log("set their username: ada");
    let mut bob = client("chat_client", &address);
    bob.type_line("bob");
    bob.type_line("hello world");
    bob.expect("Reversed message: dlrow olleh");
    ada.expect("bob said: hello world");
    server.expect_log("bob sent: hello world");
    assert_eq!(ada.end_input().code, Some(0));
    assert_eq!(bob.interrupt().code, Some(0));
    assert_eq!(server.interrupt().code, Some(0));
}

#[test]
fn who_speaks_in_the_chat_without_a_name_is_shown_the_door() {
    /// The server's `Say`, from a client that knows nothing else of the chat.
    #[message(id = 65, from = client)]
    struct Say {
        text: Str<256>,
    }

    let (server, address) = server("chat_server");
    let (gone, ending) = mpsc::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let nameless = Node::client()
        .message::<Say>()
        .announce(false)
        .on(|cx, event: Connected| cx.send(event.connection, Say { text: Str::truncated("hello") }))
        .on(move |cx, event: Disconnected| {
            gone.send(event.ending).expect("the test waits for it");
            cx.shutdown();
        })
        .connect(Tcp::connect(address));
    runtime.block_on(nameless.serve()).expect("it connects");
    let detail = Some("Say requires a username!".to_owned());
    assert_eq!(ending.recv(), Ok(Ending::ByPeer { reason: DisconnectReason(10), detail }));
    assert_eq!(server.interrupt().code, Some(0));
}

#[test]
fn the_first_player_plays_on_while_another_joins() {
    let mut game = Program::start(&format!("local_server {ANYWHERE}"));
    let invitation = "others may join at ";
    let address = address(&game.expect(invitation), invitation);
    game.expect(": 0 -> 1");
    let mut other = client("number_client", &address);
    other.expect("Current values: ");
    other.type_line("ADD 0 1000000");
    other.expect(" -> 10000");
    game.expect(" -> 10000");
    assert_eq!(other.end_input().code, Some(0));
    let ended = game.interrupt();
    assert_eq!(ended.code, Some(0));
    assert!(ended.printed.ends_with("the game is over: the peer shut down"), "{}", ended.printed);
}

#[test]
fn one_application_is_launched_in_three_ways() {
    // In one process, without a socket: it needs nobody.
    let counted = ["player: the counter is at 0", "player: sees 1", "player: sees 2", "player: sees 3"];
    let alone = Program::start("migration --launch alone").end();
    assert_eq!(alone.code, Some(0), "{}", alone.logged);
    let seen = |ended: &program::Ended| -> Vec<String> {
        ended.printed.lines().filter(|line| line.starts_with("player")).map(str::to_owned).collect()
    };
    assert_eq!(seen(&alone), counted);

    // A server with a player in its process, and one who comes over a socket.
    let mut host = Program::start("migration --launch host --at 127.0.0.1:0");
    let invitation = "others may join at ";
    let at = address(&host.expect(invitation), invitation);
    let guest = Program::start(&format!("migration --launch client --at {at}")).end();
    assert_eq!(guest.code, Some(0), "{}", guest.logged);
    assert_eq!(
        seen(&guest),
        ["player: the counter is at 3", "player: sees 4", "player: sees 5", "player: sees 6"]
    );
    host.expect("player 2 is gone: the peer shut down");
    let host = host.interrupt();
    assert_eq!(host.code, Some(0));
    assert!(host.printed.contains("server: player 2 counted to 6"), "{}", host.printed);

    // Both apart. What the player sees is the same, to the letter, as in one process.
    let mut server = Program::start("migration --launch server --at 127.0.0.1:0");
    let at = address(&server.expect(invitation), invitation);
    let player = Program::start(&format!("migration --launch client --at {at}")).end();
    assert_eq!(seen(&player), counted);
    server.expect("player 1 is gone");
    assert_eq!(server.interrupt().code, Some(0));

    let mistaken = Program::start("migration --launch together").end();
    assert_eq!(mistaken.code, Some(1));
    assert!(mistaken.logged.contains("alone, host, server or client"), "{}", mistaken.logged);
}

#[test]
fn each_side_writes_its_manifest_and_goes_on() {
    let folder = folder("of-each-side");
    let server_file = folder.join("server.json");
    let client_file = folder.join("client.json");
    let (server, address) = server(&format!("number_server --manifest {}", server_file.display()));
    let client = client(&format!("number_client --manifest {}", client_file.display()), &address);
    let names = |manifest: &Json| -> Vec<String> {
        let fields = manifest["one-number"]["signatures"].as_array().expect("a list of fields");
        fields.iter().map(|field| field["n"].as_str().expect("a name").to_owned()).collect()
    };
    let (ours, theirs) = (read_json(&server_file), read_json(&client_file));
    assert_eq!(ours["one-number"]["object_role"], 1);
    assert_eq!(names(&ours), ["set_init_value", "add_value"]);
    assert_eq!(theirs["one-number"]["object_role"], 0);
    assert_eq!(names(&theirs), ["set_current_value"]);
    assert_eq!(client.end_input().code, Some(0));
    assert_eq!(server.interrupt().code, Some(0));
    fs::remove_dir_all(folder).expect("nobody else uses it");
}

#[test]
fn a_game_has_its_servers_manifest_and_a_chat_an_empty_one() {
    let folder = folder("of-servers");
    let (of_numbers, of_game) = (folder.join("numbers.json"), folder.join("game.json"));
    let (server_of_numbers, _) = server(&format!("number_server --manifest {}", of_numbers.display()));
    let mut game = Program::start(&format!("local_server {ANYWHERE} --manifest {}", of_game.display()));
    game.expect(": 0 -> 1");
    assert_eq!(read_json(&of_game), read_json(&of_numbers));

    let file = folder.join("chat.json");
    let mut chat = Program::start(&format!("chat_server {ANYWHERE} --manifest {}", file.display()));
    chat.expect_log("a manifest is about objects, and there are none here");
    chat.expect_log("listening on ");
    assert_eq!(read_json(&file), serde_json::json!({}));

    for program in [server_of_numbers, game, chat] {
        assert_eq!(program.interrupt().code, Some(0));
    }
    fs::remove_dir_all(folder).expect("nobody else uses it");
}

#[test]
fn mistakes_are_said_in_a_sentence() {
    let ended = Program::start("number_server --port 5001").end();
    assert_eq!(ended.code, Some(2));
    assert!(ended.logged.starts_with("unknown option --port\nusage: number_server [--listen ADDR]"));

    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = taken.local_addr().expect("it is bound");
    for server in ["chat_server", "number_server", "local_server"] {
        let ended = Program::start(&format!("{server} --listen {address}")).end();
        assert_eq!(ended.code, Some(1));
        assert!(ended.logged.contains(&format!("cannot listen on {address}")), "{}", ended.logged);
        assert_eq!(ended.printed, "");
    }

    drop(taken);
    let ended = Program::start(&format!("chat_client --connect {address}")).end();
    assert_eq!(ended.code, Some(1));
    assert!(ended.logged.contains(&format!("cannot connect to {address}")), "{}", ended.logged);
}
