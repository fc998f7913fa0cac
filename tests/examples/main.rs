//! The examples, run as a user runs them: what they print, what they take, how they end.

mod program;
mod stacks;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
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

/// Where a server listens that says so in `count` lines.
fn listening(mut server: Program, count: usize) -> (Program, Vec<String>) {
    let place = |server: &mut Program| {
        let line = server.expect_log("listening on ");
        line.rsplit(' ').next().expect("the line ends with it").to_owned()
    };
    let places = (0..count).map(|_| place(&mut server)).collect();
    (server, places)
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
fn a_benchmark_measures_beside_references_and_writes_what_it_found() {
    let folder = folder("bench");
    let out = folder.to_str().expect("a path in UTF-8");
    for (scenario, reference) in [("fanout", "ideal"), ("roundtrip", "echo")] {
        let ended = Program::start(&format!("bench {scenario} --quick --seconds 0.02 --out {out}")).end();
        assert_eq!(ended.code, Some(0), "{}{}", ended.printed, ended.logged);
        let results = read_json(&folder.join("results.json"));
        let list = |name: &str| results[name].as_array().expect("a list").clone();
        let of = |server: &str| {
            let is_one = |row: &&Json| row["server"] == server && row["value"].as_f64() > Some(0.0);
            list("rows").iter().filter(is_one).count()
        };
        assert_eq!((of("ours"), of(reference)), (3, 3), "{}", ended.printed);
        for target in list("targets") {
            let what = target["what"].as_str().expect("what was to be reached");
            assert!(ended.printed.contains(what), "{}", ended.printed);
        }
        assert!(ended.printed.contains("| met? |"), "{}", ended.printed);
    }
    let plots = fs::read_dir(&folder).expect("it was made").filter_map(Result::ok);
    assert!(plots.filter(|file| file.path().extension().is_some_and(|it| it == "svg")).count() > 0);
    fs::remove_dir_all(&folder).expect("it was made");

    let mistaken = Program::start("bench fanout --slowly").end();
    assert_eq!(mistaken.code, Some(2));
    assert!(
        mistaken.logged.starts_with("there is no option --slowly\n\nusage: bench"),
        "{}",
        mistaken.logged
    );
}

#[test]
fn a_native_connection_needs_nothing_and_ends_by_itself() {
    let ended = Program::start("native_connection").end();
    assert_eq!(ended.code, Some(0), "{}", ended.printed);
    assert!(ended.printed.contains("client: pong 3 came back"), "{}", ended.printed);
    assert!(ended.printed.ends_with("reason 3: the network hashes differ"), "{}", ended.printed);
}

#[test]
fn a_library_lets_everyone_do_what_they_may() {
    let ended = Program::start("auth").end();
    assert_eq!(ended.code, Some(0), "{}", ended.printed);
    let visits: Vec<Vec<&str>> =
        ended.printed.split("-- ").skip(1).map(|visit| visit.lines().skip(1).collect()).collect();
    let [stranger, member, librarian, member_again] = &visits[..] else { panic!("{}", ended.printed) };
    assert_eq!(
        stranger[..],
        [
            "server: refused: `is_known` does not accept the sender",
            "server: refused the creation of local id 1: `is_known` does not accept the sender",
            "server: refused add: `may_add` does not accept the sender",
            "server: refused open: `is_librarian` does not accept the sender",
        ]
    );
    let of = |visit: &[&str], what: &str| visit.iter().filter(|line| line.contains(what)).count();
    assert_eq!((member.len(), of(member, "Bob says hello"), of(member, "is put up")), (5, 1, 1));
    assert_eq!((of(member, "refused add"), of(member, "refused open")), (1, 1));
    assert_eq!((of(librarian, "refused add"), of(librarian, "is open to all members")), (1, 1));
    assert_eq!((of(member_again, "The Time Machine stands on"), of(member_again, "refused open")), (1, 1));
}

#[test]
fn a_login_takes_its_time_and_lets_in_who_may() {
    let ended = Program::start("login").end();
    assert_eq!(ended.code, Some(0), "{}", ended.printed);
    let of = |name: &str| {
        let visit = ended.printed.split("-- ").find(|visit| visit.starts_with(name)).expect("it came");
        visit.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(of("guest").contains(&"guest is in".to_owned()));
    assert!(of("guest").contains(&"server: refused: `is_member` does not accept the sender".to_owned()));
    assert!(of("Ada").contains(&"server: Ada says hello".to_owned()), "{}", ended.printed);
    assert_eq!(of("Eve"), ["Eve is not: ended by the peer, reason 11 (no such account)"]);
}

#[test]
fn a_soak_says_what_it_has_found() {
    let ended = Program::start("soak --seconds 2").end();
    assert_eq!(ended.code, Some(0), "{}", ended.printed);
    let last = ended.printed.lines().last().expect("it ends with a line");
    assert!(last.starts_with("after ") && last.contains(" lamps, "), "{last}");
}

#[test]
fn a_walk_shows_what_is_near_and_does_not_flap_at_an_edge() {
    let ended = Program::start("world_grid").end();
    assert_eq!(ended.code, Some(0), "{}", ended.printed);
    let story = [
        "Ann sees an oak at 40, 30",
        "Ann sees Ann at 0, 0",
        "Ann sees a fox at 170, -20",
        "Ann loses sight of an oak",
        "Ann sees a lake at 420, 0",
        "Ann loses sight of a fox",
    ];
    let told: Vec<&str> = ended.printed.lines().collect();
    assert_eq!(told[..story.len()], story);
    assert_eq!(told.len(), story.len() + 2, "{}", ended.printed);
    assert_eq!(told.last(), Some(&"-- and was shown 2 more, once"));
}

#[test]
fn a_secret_chat_is_read_by_those_who_have_the_key() {
    let ended = Program::start("secret_chat").end();
    assert_eq!(ended.code, Some(0), "{}", ended.printed);
    let printed = &ended.printed;
    assert!(printed.contains("audit: connection 1 says \"the treasure is under the old oak\""), "{printed}");
    assert!(printed.contains("Bob: Ann said: the treasure is under the old oak"), "{printed}");
    assert_eq!(printed.matches("audit: the server says message 67").count(), 1, "once, to whoever hears it");
    assert!(printed.contains("that is not encrypted with our key"), "{printed}");
    assert!(!printed.contains("Eve: Ann"), "{printed}");
    assert!(printed.ends_with("the secret was safe"), "{printed}");
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
#[ignore = "needs tests/run"]
fn a_page_in_a_browser_takes_part_in_the_chat() {
    let server = Program::start(&format!("chat_server {ANYWHERE} --listen ws://127.0.0.1:0"));
    let (mut server, places) = listening(server, 2);
    let mut ada = client("chat_client", &places[0]);
    ada.type_line("Ada");
    let mut page = Program::spawn(
        "the page",
        Command::new("python3")
            .args(["examples/browser.py", "--page", "../examples/chat.html", "--server"])
            .arg(&places[1]),
    );
    page.expect(r#"{"event": "motd", "text": "An example chat"}"#);
    page.expect(r#"{"event": "ready"}"#);

    page.type_line("say Grace");
    server.expect_log("set their username: Grace");
    page.type_line("say Guten Tag, 世界");
    page.expect("Reversed: 界世 ,gaT netuG");
    ada.expect("Grace said: Guten Tag, 世界");
    ada.type_line("Hello, browser");
    page.expect("Ada said: Hello, browser");

    assert_eq!(server.interrupt().code, Some(0));
    page.expect("The server has shut down.");
    page.type_line("quit");
    assert_eq!(page.end().code, Some(0));
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
fn manifests_are_printed_and_checked() {
    let printed = Program::start("manifest print server").end();
    assert_eq!(printed.code, Some(0));
    let manifest: Json = serde_json::from_str(&printed.printed).expect("it is JSON");
    assert_eq!(manifest["one-number"]["signatures"][1]["n"], "add_value");

    let checked = Program::start("manifest check wire/manifests/client.json").end();
    assert_eq!(checked.code, Some(0));
    let line = "wire/manifests/client.json: object `every-hint`, field `echo_float`, parameter `it`: \
                0.0.3 with its validator drops a call with floats";
    assert!(checked.printed.lines().any(|it| it == line), "{}", checked.printed);

    let refused = Program::start("manifest check Cargo.toml").end();
    assert_eq!(refused.code, Some(1));
    assert!(refused.logged.contains("Cargo.toml is no manifest"), "{}", refused.logged);
    assert!(refused.logged.contains("line 1, column"), "{}", refused.logged);
    assert_eq!(Program::start("manifest").end().code, Some(2));
}

#[test]
fn manifests_are_compared_by_object_field_and_parameter() {
    let folder = folder("of-two-versions");
    let (old, new, same) = (folder.join("old.json"), folder.join("new.json"), folder.join("same.json"));
    let printed = Program::start("manifest print server").end().printed;
    fs::write(&old, &printed).expect("a file can be written");
    fs::write(&same, printed.replace('\n', " ")).expect("a file can be written");
    let changed = printed.replace("\"add_value\"", "\"add\"").replacen("Ge(-2147483648)", "Ge(0)", 1);
    fs::write(&new, changed).expect("a file can be written");

    let compare = |other: &Path| {
        Program::start(&format!("manifest compare {} {}", old.display(), other.display())).end()
    };
    let equal = compare(&same);
    assert_eq!((equal.code, &*equal.printed), (Some(0), ""));
    let different = compare(&new);
    assert_eq!(different.code, Some(1));
    let (in_old, in_new) = (format!("in {}", old.display()), format!("in {}", new.display()));
    let expected = [
        format!("object `one-number`, field `add_value`: is only {in_old}"),
        format!("object `one-number`, field `add`: is only {in_new}"),
        format!(
            "object `one-number`, field `set_init_value`, parameter `value`: \
             `int32` {in_old}, `Annotated[int, Ge(0), Lt(2147483648)]` {in_new}"
        ),
    ];
    assert_eq!(different.printed.lines().collect::<Vec<_>>(), expected);
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
