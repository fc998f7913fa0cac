//! The handshake: who is let in, who is told why not, and how long it may take.

use std::time::Duration;

use magicnet::wire::{MessageId, ProtocolMessage, Writer, encode_custom};
use magicnet::{AnyEvent, DisconnectReason, Ending, Limits, MotdReceived, Node, NodeBuilder};
use magicnet_tests::{Net, RawLink};

use crate::number::{NumberClient, recorded, server};

const HASH: &[u8] = &[0x12, 0x34, 0x56, 0x78];

/// Sends messages to a server of numbers before anything else, and gives back the DISCONNECT that comes of it.
fn told(messages: &[ProtocolMessage<'_>]) -> Option<Vec<u8>> {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let raw = net.raw_client(server);
    net.raw(raw).send(messages);
    net.settle();
    last_word(&mut net, raw)
}

fn last_word(net: &mut Net, raw: RawLink) -> Option<Vec<u8>> {
    let (id, bytes) = net.raw(raw).messages().pop()?;
    assert_eq!(net.raw(raw).is_closed(), id == 3, "a DISCONNECT ends the connection, and only that");
    (id == 3).then_some(bytes)
}

/// `[3, [reason, nil]]`.
fn reason(number: u8) -> Option<Vec<u8>> {
    Some(vec![0x92, 3, 0x92, number, 0xc0])
}

#[test]
fn a_client_is_greeted_and_gets_its_repository() {
    let mut net = Net::new();
    let server = net.add(server().motd("hello").announce(false).build().unwrap());
    let raw = net.raw_client(server);
    assert_eq!(net.raw(raw).datagrams(), [b"\x92\x01\x91\xa5hello".to_vec()]);
    net.raw(raw).hello();
    net.settle();
    assert_eq!(net.raw(raw).datagrams(), [b"\x92\x05\x92\xa2rp\xcc\x80".to_vec()], "repository 128");
    let other = net.raw_client(server);
    net.raw(other).hello();
    net.settle();
    assert_eq!(net.raw(other).datagrams()[1], b"\x92\x05\x92\xa2rp\xcc\x81", "then 129");
}

#[test]
fn a_server_without_a_motd_greets_with_an_empty_one() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let raw = net.raw_client(server);
    // Python 0.0.3 never answers a MOTD of nil.
    assert_eq!(net.raw(raw).datagrams(), [b"\x92\x01\x91\xa0".to_vec()]);
}

#[test]
fn who_is_refused_is_told_why_as_python_does() {
    let hello = |version, hash| ProtocolMessage::Hello { version, hash };
    assert_eq!(told(&[hello(3, HASH), hello(3, HASH)]), reason(1));
    assert_eq!(told(&[hello(2, HASH)]), reason(2));
    assert_eq!(told(&[hello(3, b"other")]), reason(3));
    assert_eq!(told(&[ProtocolMessage::RequestVisibleObjects]), reason(4));
    assert_eq!(told(&[ProtocolMessage::RequestDeleteObject { object: 1 }]), reason(4));
    assert_eq!(told(&[hello(3, HASH)]), None);
}

#[test]
fn a_custom_message_before_hello_is_refused() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let raw = net.raw_client(server);
    let mut datagram = Vec::new();
    encode_custom(&mut Writer::new(&mut datagram), MessageId(64), |w| w.array(0));
    net.raw(raw).send_datagram(&datagram);
    net.settle();
    assert_eq!(last_word(&mut net, raw), reason(4));
}

#[test]
fn what_follows_the_end_of_a_connection_in_a_datagram_is_not_looked_at() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let raw = net.raw_client(server);
    events.take();
    let goodbye = ProtocolMessage::Disconnect { reason: 7, detail: Some("bye") };
    net.raw(raw).send(&[goodbye, ProtocolMessage::Hello { version: 3, hash: HASH }]);
    net.settle();
    let events = events.take();
    let [AnyEvent::Disconnected(event)] = &events[..] else { panic!("{events:?}") };
    assert!(!event.was_connected);
    let detail = Some("bye".to_owned());
    assert_eq!(event.ending, Ending::ByPeer { reason: DisconnectReason(7), detail });
    assert!(net.raw(raw).is_closed());
    assert_eq!(net.run(server, |n| n.connections().count()), 0, "no zombie");
}

#[test]
fn a_client_hears_the_motd_and_then_that_it_is_connected() {
    let mut net = Net::new();
    let server = net.add(server().motd("welcome").build().unwrap());
    let (builder, events) = recorded(Node::client().view::<NumberClient>());
    let client = net.add(builder.build().unwrap());
    net.connect(client, server);
    let events = events.take();
    let motd = events.iter().find_map(|event| event.downcast::<MotdReceived>()).unwrap();
    assert_eq!(motd.motd.as_deref(), Some("welcome"));
    assert!(events.iter().any(|event| matches!(event, AnyEvent::Connected(_))), "{events:?}");
}

#[test]
fn a_client_understands_every_reason_of_pythons() {
    for number in 1..=6 {
        let mut net = Net::new();
        let (builder, events) = recorded(Node::client().view::<NumberClient>());
        let client = net.add(builder.build().unwrap());
        let raw = net.raw_server(client);
        net.raw(raw).send(&[ProtocolMessage::Motd { text: None }]);
        net.raw(raw).send(&[ProtocolMessage::Disconnect { reason: number, detail: None }]);
        net.settle();
        let ending = events.take().iter().find_map(|event| match event {
            AnyEvent::Disconnected(event) => Some(event.ending.clone()),
            _ => None,
        });
        let reason = DisconnectReason(number);
        assert!(!reason.description().is_empty());
        assert_eq!(ending, Some(Ending::ByPeer { reason, detail: None }));
    }
}

#[test]
fn a_server_that_gives_no_number_as_repository_is_left_with_reason_5() {
    let mut net = Net::new();
    let client = net.add(Node::client().view::<NumberClient>().build().unwrap());
    let raw = net.raw_server(client);
    net.raw(raw).send(&[ProtocolMessage::Motd { text: Some("") }]);
    net.raw(raw).send(&[ProtocolMessage::SharedParameter { name: "rp", value: &[0xff] }]);
    net.settle();
    let detail = Some("Shared parameter rp is not set");
    let mut expected = Vec::new();
    ProtocolMessage::Disconnect { reason: 5, detail }.encode(&mut expected);
    assert_eq!(last_word(&mut net, raw), Some(expected));
}

fn impatient() -> NodeBuilder {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_secs(5);
    limits.frame_timeout = Duration::from_secs(5);
    server().limits(limits)
}

#[test]
fn a_handshake_that_does_not_come_is_not_waited_for() {
    let mut net = Net::new();
    let server = net.add(impatient().build().unwrap());
    let silent = net.raw_client(server);
    let polite = net.raw_client(server);
    net.raw(polite).hello();
    net.advance(Duration::from_secs(4));
    assert!(!net.raw(silent).is_closed());
    net.advance(Duration::from_secs(2));
    assert!(net.raw(silent).is_closed());
    assert!(!net.raw(polite).is_closed());
    assert_eq!(net.raw(silent).message_ids(), [1, 3]);
}

#[test]
fn half_a_frame_is_not_waited_for_but_slow_whole_ones_are() {
    let mut net = Net::new();
    let server = net.add(impatient().build().unwrap());
    let stalled = net.raw_client(server);
    let slow = net.raw_client(server);
    for raw in [stalled, slow] {
        net.raw(raw).hello();
    }
    net.raw(stalled).send_bytes(&[0]);
    let mut frame = vec![0, 3];
    frame.extend([0x92, 12, 0x90]);
    for _ in 0..10 {
        // Half a frame at a time, always within the limit.
        net.raw(slow).send_bytes(&frame[..2]);
        net.advance(Duration::from_secs(3));
        net.raw(slow).send_bytes(&frame[2..]);
        net.raw(slow).send_bytes(&[]);
        net.advance(Duration::from_millis(1));
    }
    assert!(net.raw(stalled).is_closed());
    assert!(!net.raw(slow).is_closed());
}

mod other {
    use magicnet::prelude::*;

    #[network_object(name = "another")]
    pub(crate) mod another {
        struct State {
            #[network_field(to = viewers)]
            pub value: u8,
        }
    }
}

#[test]
fn nodes_of_different_contracts_part_with_a_readable_report() {
    let mut net = Net::new();
    let (builder, events) = recorded(server().contract::<other::another::Contract>());
    let server = net.add(builder.build().unwrap());
    let (builder, client_events) = recorded(Node::client().view::<NumberClient>());
    let client = net.add(builder.build().unwrap());
    net.connect(client, server);
    for (events, side) in [(events.take(), "server"), (client_events.take(), "client")] {
        let mismatch = events.iter().find_map(|event| match event {
            AnyEvent::SchemaMismatch(event) => Some(event.mismatch.to_string()),
            _ => None,
        });
        let mismatch =
            mismatch.unwrap_or_else(|| panic!("the {side} does not say that the schemas differ: {events:?}"));
        assert!(mismatch.contains("another"), "{mismatch}");
        assert!(!events.iter().any(|event| matches!(event, AnyEvent::Connected(_))));
    }
    assert!(net.run(client, |n| n.server().is_none()));
}

#[test]
fn a_peer_that_announces_nothing_is_taken_at_its_word() {
    let mut net = Net::new();
    let server = net.add(server().contract::<other::another::Contract>().build().unwrap());
    let (builder, events) = recorded(Node::client().view::<NumberClient>().announce(false));
    let client = net.add(builder.build().unwrap());
    net.connect(client, server);
    assert!(events.take().iter().any(|event| matches!(event, AnyEvent::Connected(_))));
}

#[test]
fn nonsense_as_an_announcement_ends_the_connection() {
    for value in [&[0xc0][..], &[0xc4, 1, 0xc1], &[0xc4, 3, 0x93, 1, 2], &[0xa1, b'x']] {
        let mut net = Net::new();
        let server = net.add(server().build().unwrap());
        let raw = net.raw_client(server);
        net.raw(raw).send(&[
            ProtocolMessage::SharedParameter { name: "mn", value },
            ProtocolMessage::Hello { version: 3, hash: HASH },
        ]);
        net.settle();
        assert!(net.raw(raw).is_closed(), "{value:?}");
        // The greeting, what this node announces, and the end.
        assert_eq!(net.raw(raw).message_ids(), [1, 5, 3]);
    }
}

#[test]
fn settings_out_of_range_are_refused_when_the_node_is_built() {
    // Registered by hand: two stories may use one name, or one id.
    assert!(server().repository(0).build().is_err());
    assert!(server().repository(128).build().is_err());
    assert!(server().repository(127).build().is_ok());
    assert!(Node::client().view::<NumberClient>().repository(5).build().is_err());
    assert!(server().hash([0; 65]).build().is_err());
}
