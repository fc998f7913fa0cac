//! Peers that do not keep to the handshake.

use magicnet::wire::{MessageId, ProtocolMessage, Writer, encode_custom};
use magicnet::{AnyEvent, Disconnected, Ending, Node, Warning};
use magicnet_tests::{Host, Net, RawLink, Recorder};

use crate::number::{NumberClient, recorded, server};

/// A server and a peer that has not said HELLO.
fn stranger() -> (Net, Host, RawLink, Recorder<AnyEvent>) {
    let mut net = Net::new();
    let (builder, events) = recorded(server().motd("An example native host"));
    let server = net.add(builder.build().unwrap());
    let peer = net.raw_client(server);
    (net, server, peer, events)
}

/// What a client of ours makes of a DISCONNECT with this reason.
fn as_a_client_reads_it(bytes: &[u8]) -> String {
    let mut net = Net::new();
    let (builder, events) = recorded(Node::client().view::<NumberClient>());
    let client = net.add(builder.build().unwrap());
    let server = net.raw_server(client);
    net.raw(server).send_datagram(bytes);
    net.settle();
    let ending =
        events.take().iter().find_map(|event| Some(event.downcast::<Disconnected>()?.ending.clone()));
    assert!(matches!(ending, Some(Ending::ByPeer { .. })), "{ending:?}");
    ending.expect("it was told").to_string()
}

#[test]
fn who_asks_before_its_hello_is_told_so_and_let_go() {
    let (mut net, server, peer, _) = stranger();
    net.raw(peer).send(&[ProtocolMessage::RequestVisibleObjects]);
    net.settle();
    let (_, last) = net.raw(peer).messages().pop().expect("it is told");
    assert_eq!(last, [0x92, 3, 0x92, 4, 0xc0]);
    assert!(net.raw(peer).is_closed());
    assert_eq!(net.run(server, |n| n.connections().count()), 0);
    let words = as_a_client_reads_it(&last);
    assert!(words.contains("before HELLO"), "{words}");
}

#[test]
fn another_version_is_told_so_and_let_go() {
    let hello = |version: i64| {
        let mut datagram = Vec::new();
        encode_custom(&mut Writer::new(&mut datagram), MessageId::HELLO, |w| {
            w.array(2);
            w.signed(version);
            w.bytes(b"123");
        });
        datagram
    };
    // Minus one is no version at all, and the peer is told that in words of our own.
    for (version, reason, words) in [(2, 2, "version"), (4, 2, "version"), (-1, 32, "version")] {
        let (mut net, server, peer, _) = stranger();
        net.raw(peer).send_datagram(&hello(version));
        net.settle();
        let (_, last) = net.raw(peer).messages().pop().expect("it is told");
        assert_eq!(last[..3], [0x92, 3, 0x92], "{last:02x?}");
        let told = as_a_client_reads_it(&last);
        assert!(told.contains(&format!("reason {reason}")) && told.contains(words), "{told}");
        assert!(net.raw(peer).is_closed());
        assert_eq!(net.run(server, |n| n.connections().count()), 0);
    }
}

#[test]
fn a_motd_from_a_client_is_passed_over_with_a_warning() {
    let (mut net, server, peer, events) = stranger();
    assert_eq!(net.raw(peer).message_ids(), [1], "the greeting");
    net.raw(peer).send(&[ProtocolMessage::Motd { text: Some("I am malicious") }]);
    net.settle();
    let warnings = events.take();
    let warning = warnings.iter().find_map(|event| event.downcast::<Warning>());
    assert!(warning.is_some_and(|warning| warning.text.contains("a MOTD from a client")), "{warnings:?}");
    assert_eq!(net.raw(peer).message_ids(), [0_u64; 0], "nothing comes of it");
    net.raw(peer).hello();
    net.settle();
    assert!(!net.raw(peer).is_closed(), "and it is welcome as before");
    assert_eq!(net.run(server, |n| n.connections().count()), 1);
}
