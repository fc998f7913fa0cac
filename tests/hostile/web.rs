//! Abuse of the WebSocket protocol, byte by byte: each breach ends the peer that commits it, with the code that
//! RFC 6455 has for it, and nobody else.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use magicnet::{DisconnectReason, Disconnected, Ending, Limits, Rate, Ws};
use magicnet_tests::PATIENCE;
use serde_json::json;

use crate::stage::{NOTHING, Stage, datagram};

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A stage whose server listens for WebSockets too.
fn stage() -> Stage {
    Stage::with(|node| node.listen(Ws::bind("127.0.0.1:0")))
}

/// A peer that plays a browser, byte by byte.
struct Peer(TcpStream);

impl Peer {
    /// A peer that has said nothing.
    fn stranger(stage: &Stage) -> Self {
        let stream = TcpStream::connect(stage.addresses()[1]).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a connected socket takes options");
        Self(stream)
    }

    /// A peer whose request was granted.
    fn upgraded(stage: &Stage) -> Self {
        let mut peer = Self::stranger(stage);
        peer.say(REQUEST.as_bytes());
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            peer.0.read_exact(&mut byte).expect("the answer comes");
            answer.push(byte[0]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&answer));
        peer
    }

    /// The server may have ended it already.
    fn say(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes);
    }

    /// A frame with a mask that changes nothing.
    fn frame(&mut self, first: u8, content: &[u8]) {
        let mut bytes = vec![first];
        match content.len() {
            0..126 => bytes.push(0x80 | u8::try_from(content.len()).expect("it is small")),
            len => {
                bytes.push(0x80 | 126);
                bytes.extend(u16::try_from(len).expect("tests send no more").to_be_bytes());
            }
        }
        bytes.extend([0; 4]);
        bytes.extend(content);
        self.say(&bytes);
    }

    /// The next frame that comes: its first byte and its content.
    fn next_frame(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).expect("a frame comes");
        let len = match head[1] {
            126 => {
                let mut len = [0; 2];
                self.0.read_exact(&mut len).expect("a frame comes whole");
                usize::from(u16::from_be_bytes(len))
            }
            len => usize::from(len),
        };
        let mut content = vec![0; len];
        self.0.read_exact(&mut content).expect("a frame comes whole");
        (head[0], content)
    }

    /// The code that the server closes with, after which it says nothing.
    fn code(mut self) -> u16 {
        loop {
            let (first, content) = self.next_frame();
            if first == 0x88 {
                let mut rest = Vec::new();
                self.0.read_to_end(&mut rest).expect("the end comes, and no reset before it");
                assert!(rest.is_empty());
                return u16::from_be_bytes(content[..2].try_into().expect("a code has two bytes"));
            }
        }
    }

    /// All that the server still says, up to its end.
    fn rest(mut self) -> String {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).expect("the end comes, and no reset before it");
        String::from_utf8_lossy(&rest).into_owned()
    }
}

#[test]
fn requests_for_something_else_are_refused() {
    let mut stage = stage();
    let hostile: [&[u8]; 6] = [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\0\x0a\x92\x02\r\n\r\n",
        b"GET / HTTP/1.1\r\n\xff\xff: \xff\r\n\r\n",
        &REQUEST.replace("13", "12").into_bytes(),
        &REQUEST.replace("dGhlIHNhbXBsZSBub25jZQ==", "short").into_bytes(),
    ];
    for request in hostile {
        let mut peer = Peer::stranger(&stage);
        peer.say(request);
        let answer = peer.rest();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    let mut peer = Peer::stranger(&stage);
    peer.say(REQUEST.replace("\r\n\r\n", "\r\nOrigin: https://evil.example\r\n\r\n").as_bytes());
    assert!(peer.rest().starts_with("HTTP/1.1 403 "));
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    assert_eq!(stage.connections(), 1);
}

#[test]
fn a_request_without_end_is_cut_off() {
    let mut stage = stage();
    let mut peer = Peer::stranger(&stage);
    peer.say(b"GET / HTTP/1.1\r\n");
    for number in 0..1_000 {
        peer.say(format!("X-{number}: {number}\r\n").as_bytes());
    }
    let answer = peer.rest();
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn a_request_has_its_time() {
    let mut stage = Stage::with(|node| {
        let mut limits = Limits::default();
        limits.handshake_timeout = Duration::from_secs(1);
        limits.closing_timeout = Duration::from_secs(1);
        node.limits(limits).listen(Ws::bind("127.0.0.1:0"))
    });
    let mut slow = Peer::stranger(&stage);
    slow.say(b"GET / HT");
    let silent = Peer::stranger(&stage);
    let idle = Peer::upgraded(&stage);
    assert_eq!([slow.rest(), silent.rest()], ["", ""]);
    // Who has a WebSocket and says no HELLO is told why.
    let told = idle.rest();
    assert!(told.contains("no handshake in time"), "{told}");
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    assert_eq!(stage.connections(), 1);
}

#[test]
fn whoever_breaks_the_protocol_is_told_how() {
    let mut stage = stage();
    let cases: [(u16, &[u8]); 9] = [
        // Without a mask, with reserved bits, of unknown kinds.
        (1002, &[0x82, 1, 7]),
        (1002, &[0xc2, 0x81, 0, 0, 0, 0, 7]),
        (1002, &[0x83, 0x80, 0, 0, 0, 0]),
        (1002, &[0x8f, 0x80, 0, 0, 0, 0]),
        // A part of nothing, a ping in parts, a ping that is too long.
        (1002, &[0x80, 0x80, 0, 0, 0, 0]),
        (1002, &[0x09, 0x80, 0, 0, 0, 0]),
        (1002, &[0x89, 0xfe, 0, 126, 0, 0, 0, 0]),
        // A text where bytes are spoken, more than a frame may hold.
        (1003, &[0x81, 0x81, 0, 0, 0, 0, 7]),
        (1009, &[0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
    ];
    for (code, bytes) in cases {
        let mut peer = Peer::upgraded(&stage);
        peer.say(bytes);
        assert_eq!(peer.code(), code, "{bytes:?}");
        assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    }
    assert_eq!(stage.connections(), 1);
}

#[test]
fn a_message_in_parts_is_no_larger_than_one_in_one() {
    let mut stage = stage();
    let mut peer = Peer::upgraded(&stage);
    peer.frame(0x02, &[0xc1]);
    for _ in 0..70 {
        peer.frame(0x00, &[0xc1; 1_000]);
    }
    assert_eq!(peer.code(), 1009);
    // Nor does it take memory to say nothing, in many parts.
    let mut peer = Peer::upgraded(&stage);
    peer.frame(0x02, &[]);
    for _ in 0..10_000 {
        peer.frame(0x00, &[]);
    }
    peer.frame(0x80, &[]);
    handshakes(&mut peer);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn the_rest_of_a_message_has_its_time() {
    let mut stage = stage();
    let mut peer = Peer::upgraded(&stage);
    handshakes(&mut peer);
    peer.frame(0x02, &[0xc1; 1_000]);
    // Parts that say nothing do not make it longer.
    peer.frame(0x00, &[]);
    stage.event(|event: &Disconnected| {
        matches!(&event.ending, Ending::Lost { cause } if cause == "the rest of a message did not come")
    });
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn pings_are_answered_and_kept_by_nobody() {
    let mut stage = stage();
    let mut peer = Peer::upgraded(&stage);
    let mut flood = Vec::new();
    for _ in 0..20_000 {
        flood.extend([0x89, 0xfd, 0, 0, 0, 0]);
        flood.extend([b'p'; 125]);
    }
    peer.say(&flood);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
    peer.frame(0x89, b"last");
    peer.frame(0x8a, b"a pong that nobody asked for");
    let mut pongs = 1;
    loop {
        match peer.next_frame() {
            (0x8a, content) if content == b"last" => break,
            (0x8a, content) => {
                assert_eq!(content, [b'p'; 125]);
                pongs += 1;
            }
            (first, _) => assert_eq!(first, 0x82, "what else it says is the greeting"),
        }
    }
    assert!(pongs < 20_000, "not each of them is answered");
    handshakes(&mut peer);
}

/// What says nothing to the node has its rate all the same: pings, and parts of messages without content.
#[test]
fn whoever_says_nothing_without_end_is_too_fast() {
    let limits = || {
        let mut limits = Limits::default();
        limits.bytes = Rate::per_second(10_000).burst(200_000);
        limits
    };
    let mut stage = Stage::with(|node| node.limits(limits()).listen(Ws::bind("127.0.0.1:0")));
    for nothing in [&[0x89, 0x80, 0, 0, 0, 0][..], &[0x82, 0x80, 0, 0, 0, 0], &[0x8a, 0x81, 0, 0, 0, 0, b'p']]
    {
        let mut peer = Peer::upgraded(&stage);
        let little = nothing.repeat(100_000 / nothing.len());
        peer.say(&little);
        handshakes(&mut peer);
        peer.say(&little.repeat(3));
        stage.event(|event: &Disconnected| {
            matches!(&event.ending, Ending::ByUs { reason, .. } if *reason == DisconnectReason::LIMIT)
        });
    }
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn what_is_wrong_inside_of_a_message_is_told_in_a_message() {
    let mut stage = stage();
    let mut peer = Peer::upgraded(&stage);
    assert_eq!(peer.next_frame().0, 0x82, "the greeting");
    peer.frame(0x82, &[0xc1]);
    let (first, content) = peer.next_frame();
    assert_eq!((first, &content[..4]), (0x82, &[0x92, 3, 0x92, 32][..]), "DISCONNECT, malformed");
    assert_eq!(peer.code(), 4032);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

/// The peer is still welcome.
fn handshakes(peer: &mut Peer) {
    let mut hello = datagram(&[json!([2, [3, 0]])]);
    // The hash is bytes, which JSON has not.
    hello.pop();
    hello.extend([0xc4, 4, 0x12, 0x34, 0x56, 0x78]);
    peer.frame(0x82, &hello);
    loop {
        let (first, content) = peer.next_frame();
        assert!(first == 0x82 || first == 0x8a, "{first:x}: {content:?}");
        if content.windows(6).any(|bytes| bytes == [0x92, 5, 0x92, 0xa2, b'r', b'p']) {
            return;
        }
    }
}
