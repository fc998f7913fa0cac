//! What is special to WebSockets: other people's, pages, texts, and what a connection closes with.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread;

use magicnet::{Disconnect, Disconnected, Json, Node, Running, Ws};
use magicnet_tests::PATIENCE;
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

use crate::app;
use crate::background::Thread;
use crate::diary::Diary;
use crate::stories::HELLO;

type Socket = WebSocket<TcpStream>;

fn serve(thread: &Thread, diary: &Diary) -> Running {
    thread.run(app::server(diary).listen(Ws::bind("127.0.0.1:0")).start()).unwrap()
}

fn connect(server: &Running) -> Socket {
    let stream = TcpStream::connect(server.local_addr().unwrap()).unwrap();
    tungstenite::client("ws://localhost/any/path", stream).map_err(drop).expect("the server agrees").0
}

/// The code that a connection is closed with, after all that is said before.
fn code(socket: &mut Socket) -> u16 {
    loop {
        if let Message::Close(frame) = socket.read().expect("a close comes before the end") {
            return frame.expect("with a code").code.into();
        }
    }
}

#[test]
fn pings_parts_and_closes_are_understood() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let server = serve(&thread, &diary);
    let mut socket = connect(&server);
    assert!(matches!(socket.read().unwrap(), Message::Binary(_)), "the greeting");
    socket.send(Message::Ping("are you there?".into())).unwrap();
    assert_eq!(socket.read().unwrap(), Message::Pong("are you there?".into()));
    socket.send(Message::binary(HELLO[2..].to_vec())).unwrap();
    diary.wait("the handshake", &|lines| lines.iter().any(|line| line == "server: connected"));
    socket.close(None).unwrap();
    while socket.read().is_ok() {}
    diary.wait("the end", &|lines| lines.iter().any(|line| line.starts_with("server: connection lost")));
    thread.run(server.shutdown());
}

#[test]
fn a_close_has_the_reason_in_it() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let server = serve(&thread, &diary);
    let mut greeted = connect(&server);
    greeted.send(Message::binary(HELLO[2..].to_vec())).unwrap();
    diary.wait("the handshake", &|lines| lines.iter().any(|line| line == "server: connected"));
    let all_out = server.handle().run(|n| {
        let connections: Vec<_> = n.connections().map(magicnet::Connection::id).collect();
        for connection in connections {
            n.disconnect(connection, Disconnect::new(42, "out"));
        }
    });
    thread.run(all_out).unwrap();
    assert_eq!(code(&mut greeted), 4042);
    let mut malformed = connect(&server);
    malformed.send(Message::binary(vec![0xc1])).unwrap();
    assert_eq!(code(&mut malformed), 4032);
    let mut patient = connect(&server);
    assert!(matches!(patient.read().unwrap(), Message::Binary(_)), "the greeting");
    let stop = thread::spawn(move || code(&mut patient));
    thread.run(server.shutdown());
    assert_eq!(stop.join().unwrap(), 1001, "going away");
}

#[test]
fn json_goes_as_text() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let server = app::server(&diary).listen(Ws::bind("127.0.0.1:0").encoder(Json));
    let server = thread.run(server.start()).unwrap();
    let mut socket = connect(&server);
    assert_eq!(socket.read().unwrap(), Message::text(r#"[[1,["welcome"]]]"#));
    let address = server.local_addr().unwrap().to_string();
    let ann = app::client(&diary, "ann").connect(Ws::connect(&address).encoder(Json));
    let ann = thread.run(ann.start()).unwrap();
    diary.wait("a handshake", &|lines| lines.iter().any(|line| line == "ann: connected"));
    thread.run(ann.shutdown());
    thread.run(server.shutdown());
}

#[test]
fn pages_of_other_hosts_are_let_in_by_name() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let home = Ws::bind("127.0.0.1:0");
    let open = Ws::bind("127.0.0.1:0").origins(["https://game.example"]);
    let server = thread.run(app::server(&diary).listen(home).listen(open).start()).unwrap();
    let is_let_in = |endpoint: usize, origin: &str| {
        let address = server.local_addrs()[endpoint];
        let mut request = format!("ws://{address}/").into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        tungstenite::client(request, TcpStream::connect(address).unwrap()).is_ok()
    };
    let at_home = format!("http://{}", server.local_addrs()[0]);
    assert!(is_let_in(0, &at_home));
    assert!(!is_let_in(0, "https://game.example"));
    assert!(is_let_in(1, "https://game.example"));
    assert!(!is_let_in(1, "https://evil.example"));
    thread.run(server.shutdown());
}

/// Whatever answers a client, it is not held up and says what was wrong.
#[test]
fn a_server_that_is_none_is_given_up() {
    let answers: [(&str, &[u8]); 5] = [
        ("no WebSocket there: 404 Not Found", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        ("the answer is not one of HTTP", b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        (
            "the answer accepts another request",
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        ),
        ("closed by the peer", b""),
        ("a request without end", &[b'x'; 10_000]),
    ];
    let thread = Thread::start();
    for (expected, answer) in answers {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 1024];
            let len = stream.read(&mut asked).unwrap();
            assert!(asked[..len].starts_with(b"GET /play HTTP/1.1\r\n"));
            stream.write_all(answer).unwrap();
        });
        let (tell, ending) = channel();
        let client = Node::client()
            .on(move |_, event: Disconnected| tell.send(event.ending.to_string()).unwrap())
            .connect(Ws::connect(format!("{address}/play")));
        let client = thread.run(client.start()).unwrap();
        assert_eq!(ending.recv_timeout(PATIENCE).unwrap(), format!("connection lost: {expected}"));
        server.join().unwrap();
        thread.run(client.shutdown());
    }
}
