//! Disconnect reasons: those that our server gives as Python sees them, and those of a Python server as we do.

use std::net::{Ipv4Addr, SocketAddr};

use magicnet::prelude::*;
use magicnet::wire::ProtocolMessage;
use magicnet::{DisconnectReason, Disconnected, Ending};
use magicnet_tests::{HELLO, Socket};
use serde_json::json;

use crate::nodes::{NumberClient, NumberServer, Ours};
use crate::python::{Python, Version};

/// What the client is started with, what it is told to do, and the reason and the words that it gets.
type Wrong = (&'static [&'static str], Option<&'static str>, u8, Option<&'static str>);

pub(crate) fn rust_server(version: Version) {
    let server = Ours::server(|node| node.view::<NumberServer>());
    let hello = r#"send 2 [3, {"bytes": "12345678"}]"#;
    let wrongs: [Wrong; 5] = [
        (&[], Some(hello), 1, None),
        (&["--protocol", "2"], None, 2, None),
        (&["--hash", "00"], None, 3, None),
        (&["--early"], None, 4, None),
        (&[], Some("send 6 [5, 9, 0, 0, []]"), 6, Some("Unknown object: 5")),
    ];
    for (options, command, reason, detail) in wrongs {
        let mut client = Python::client(version, "number_client.py", server.port(), options);
        if let Some(command) = command {
            client.event("ready");
            client.command(command);
        }
        let told = client.event("disconnected");
        assert_eq!((&told["reason"], &told["detail"]), (&json!(reason), &json!(detail)), "{told}");
        client.event("closed");
        server.event(|event: &Disconnected| {
            matches!(&event.ending, Ending::ByUs { reason: ours, .. } if ours.0 == reason)
        });
    }
    // Python hears of a server's end, and the server of Python's.
    let (client, _) = Python::ready_client(version, "number_client.py", server.port(), &[]);
    assert_eq!(client.quit(), Some(0));
    server.event(|event: &Disconnected| matches!(event.ending, Ending::PeerShutdown | Ending::Lost { .. }));
    let (mut client, _) = Python::ready_client(version, "number_client.py", server.port(), &[]);
    server.run(|n| n.shutdown());
    client.event("closed");
}

/// Makes type numbers differ: it comes after `one-number`.
#[network_object(name = "unknown to python", create = anyone)]
mod unknown {
    pub(crate) trait Server {
        #[network_field(from = anyone)]
        fn touch(&mut self);
    }
}

#[derive(Default)]
struct Unknown;

#[network_object]
impl unknown::Client for Unknown {}

pub(crate) fn python_server(version: Version) {
    let (mut server, port) = Python::server(version, "number_server.py", &[]);
    let by_python = |reason: u8, detail: Option<&str>| Ending::ByPeer {
        reason: DisconnectReason(reason),
        detail: detail.map(str::to_owned),
    };

    // 1, 2 and 4: a client of ours gives no cause, so somebody else does, and ours is told the same.
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let goodbye_to = |says: &dyn Fn(&mut Socket)| {
        let mut socket = Socket::connect(address);
        socket.find(|message| message.starts_with("[1,"));
        says(&mut socket);
        socket.goodbye()
    };
    let old = ProtocolMessage::Hello {
        version: 2,
        hash: &[0x12, 0x34, 0x56, 0x78],
    };
    assert_eq!(goodbye_to(&|socket| socket.send(&[HELLO, HELLO])), "[3,[1,null]]");
    assert_eq!(goodbye_to(&|socket| socket.send(std::slice::from_ref(&old))), "[3,[2,null]]");
    let early = ProtocolMessage::RequestVisibleObjects;
    assert_eq!(goodbye_to(&|socket| socket.send(std::slice::from_ref(&early))), "[3,[4,null]]");
    for reason in [1, 2, 4] {
        let client = Ours::client(port, |node| node.view::<NumberClient>());
        server.command(&format!("disconnect {reason}"));
        let ended = client.event(|_: &Disconnected| true);
        assert_eq!(ended.ending, by_python(reason, None));
    }

    // 3: another hash.
    let stranger = Ours::connecting(port, |node| node.view::<NumberClient>().hash([0]));
    let ended = stranger.event(|_: &Disconnected| true);
    assert_eq!((ended.was_connected, ended.ending), (false, by_python(3, None)));

    // 5: in Python's words.
    let client = Ours::client(port, |node| node.view::<NumberClient>());
    server.command("disconnect 5 Shared parameter rp is not set");
    let ended = client.event(|_: &Disconnected| true);
    assert_eq!(ended.ending, by_python(5, Some("Shared parameter rp is not set")));

    // 6: a type that the server does not know.
    let client = Ours::client(port, |node| node.view::<NumberClient>().view::<Unknown>());
    let asked = client.run(|n| n.create::<unknown::Contract>().send());
    let asked = asked.expect("it is asked for");
    let ended = client.event(|_: &Disconnected| true);
    let detail = format!("Unknown object: {}", asked.id().local());
    assert_eq!(ended.ending, by_python(6, Some(&detail)));

    // A Python server that shuts down.
    let client = Ours::client(port, |node| node.view::<NumberClient>());
    assert_eq!(server.quit(), Some(0));
    client.event(|event: &Disconnected| matches!(event.ending, Ending::PeerShutdown | Ending::Lost { .. }));
}
