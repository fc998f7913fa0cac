//! Bytes that are no messages. They end the connection that they come on, and no other.

use magicnet::{DisconnectReason, Disconnected, Ending, Warning};
use magicnet_tests::{HELLO, Socket};
use serde_json::json;

use crate::stage::{NOTHING, Stage, datagram, fence};

/// What a datagram does to the connection that it comes on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    /// The connection ends with this reason.
    Ends(u8),
    /// Nothing, as in v3.
    Ignored,
}

use Outcome::{Ends, Ignored};

type Case = (&'static str, Vec<u8>, Outcome);

/// Datagrams that are no messages, whenever they come.
fn never_messages() -> Vec<Case> {
    let claims = |marker: u8| vec![0x92, 13, 0x91, marker, 0xff, 0xff, 0xff, 0xff];
    let many_empty = {
        let mut bytes = vec![0x92, 13, 0xdc, 0xff, 0xf0];
        bytes.resize(65_535, 0x90);
        bytes
    };
    vec![
        ("a byte that msgpack does not use", vec![0xc1], Ends(32)),
        ("an extension type", vec![0xd4, 1, 2], Ends(32)),
        ("a number", vec![5], Ends(32)),
        ("nil", vec![0xc0], Ends(32)),
        ("text", b"\xa5hello".to_vec(), Ends(32)),
        ("a map", vec![0x81, 1, 2], Ends(32)),
        ("an empty list", vec![0x90], Ends(32)),
        ("an id alone", vec![0x91, 5], Ends(32)),
        ("parameters that are no list", vec![0x92, 5, 7], Ends(32)),
        ("three members", vec![0x93, 5, 0x90, 0x90], Ends(32)),
        ("text as the id", b"\x92\xa1a\x90".to_vec(), Ends(32)),
        ("nil as the id", vec![0x92, 0xc0, 0x90], Ends(32)),
        ("a float as the id", vec![0x92, 0xca, 0x3f, 0x80, 0, 0, 0x90], Ends(32)),
        ("a negative id", vec![0x92, 0xff, 0x90], Ends(32)),
        ("bad UTF-8 as a parameter's name", vec![0x92, 5, 0x92, 0xa2, 0xff, 0xfe, 1], Ends(32)),
        ("bytes as a parameter's name", vec![0x92, 5, 0x92, 0xc4, 1, b'a', 1], Ends(32)),
        ("a parameter's name of 17 letters", datagram(&[json!([5, ["12345678901234567", 1]])]), Ends(32)),
        ("a HELLO without a hash", vec![0x92, 2, 0x91, 3], Ends(32)),
        ("a DISCONNECT without a reason", vec![0x92, 3, 0x90], Ends(32)),
        ("10,000 lists in each other", vec![0x91; 10_000], Ends(33)),
        (
            "10,000 lists in each other in a message",
            [&[0x92, 5, 0x92, 0xa1, b'a'][..], &[0x91; 10_000]].concat(),
            Ends(33),
        ),
        ("a list that claims 2^32 members", claims(0xdd), Ends(33)),
        ("a map that claims 2^32 entries", claims(0xdf), Ends(33)),
        ("65,520 empty lists as parameters, and a few behind them", many_empty, Ends(32)),
        ("text that claims 2^32 bytes", claims(0xdb), Ignored),
        ("bytes that claim 2^32 bytes", claims(0xc6), Ignored),
        ("a message that ends early", vec![0x92, 5, 0x92, 0xa2, b'v'], Ignored),
        ("an unknown message of the protocol's", datagram(&[json!([63, [1, 2, 3]])]), Ignored),
        ("message 0", datagram(&[json!([0, []])]), Ignored),
        ("a MOTD from a client", datagram(&[json!([1, ["I am the server"]])]), Ignored),
        // The value is of any type and nobody looks into it.
        (
            "a parameter that is a map with odd keys",
            vec![0x92, 5, 0x92, 0xa1, b'm', 0x83, 0xc0, 1, 0x91, 1, 2, 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0, 3],
            Ignored,
        ),
        ("a parameter of bad UTF-8", vec![0x92, 5, 0x92, 0xa1, b'u', 0xa2, 0xff, 0xfe], Ends(32)),
    ]
}

/// Datagrams of handshaken peers whose parameters are not those of the message.
fn bad_parameters() -> Vec<Case> {
    let number = crate::stage::NUMBER;
    vec![
        ("field index -1", datagram(&[json!([10, [number, 1, -1, [5]]])]), Ends(32)),
        ("role -1", datagram(&[json!([10, [number, -1, 0, [5]]])]), Ends(32)),
        ("field 256", datagram(&[json!([10, [number, 1, 256, [5]]])]), Ends(32)),
        ("a float as the field", datagram(&[json!([10, [number, 1, 1.0, [5]]])]), Ends(32)),
        ("an object of 65 bits", datagram(&[json!([10, [1.8446744073709552e19, 1, 1, [5]]])]), Ends(32)),
        ("arguments that are no list", datagram(&[json!([10, [number, 1, 1, 5]])]), Ends(32)),
        ("no arguments", datagram(&[json!([10, [number, 1, 1]])]), Ends(32)),
        ("too many parameters", datagram(&[json!([10, [number, 1, 1, [5], 6]])]), Ends(32)),
        (
            "a creation with a local id of 33 bits",
            datagram(&[json!([6, [4294967296_u64, 2, 0, 0, []]])]),
            Ends(32),
        ),
        ("a creation of type -1", datagram(&[json!([6, [1, -1, 0, 0, []]])]), Ends(32)),
        ("a deletion of text", datagram(&[json!([8, ["all"]])]), Ends(32)),
        ("a call of a field that is not there", datagram(&[json!([10, [number, 1, 99, []]])]), Ignored),
        ("a call of a role that is not there", datagram(&[json!([10, [number, 77, 0, []]])]), Ignored),
        ("a call of an object that is not there", datagram(&[json!([10, [7, 1, 1, [5]]])]), Ignored),
        ("a call with text for a number", datagram(&[json!([10, [number, 1, 1, ["5"]]])]), Ignored),
        (
            "a call with a number that is too large",
            datagram(&[json!([10, [number, 1, 1, [2147483648_u64]]])]),
            Ignored,
        ),
        ("a call with a float for a number", datagram(&[json!([10, [number, 1, 1, [5.0]]])]), Ignored),
        ("a call with nil", datagram(&[json!([10, [number, 1, 1, [null]]])]), Ignored),
        ("a call with too many arguments", datagram(&[json!([10, [number, 1, 1, [5, 6]]])]), Ignored),
        ("a call with too few", datagram(&[json!([10, [number, 1, 1, []]])]), Ignored),
        ("a custom message with bad UTF-8", vec![0x92, 65, 0x91, 0xa2, 0xff, 0xfe], Ignored),
        ("a custom message that is too long", datagram(&[json!([65, ["x".repeat(257)]])]), Ignored),
        ("a custom message that nobody handles", datagram(&[json!([99, ["?"]])]), Ignored),
        ("a custom message of 64 bits", datagram(&[json!([u64::MAX, []])]), Ignored),
    ]
}

/// Sends each datagram over a connection of its own, and looks after each at what became of that one and of the others.
fn harm_nobody_else(cases: Vec<Case>, handshaken: bool) {
    let mut stage = Stage::new();
    for (name, bytes, outcome) in cases {
        let mut peer = stage.stranger();
        if handshaken {
            peer.shake_hands();
        }
        peer.send_datagram(&bytes);
        if !handshaken {
            peer.send(&[HELLO]);
        }
        assert_eq!(outcome_for(&mut peer), outcome, "{name}");
        if let Ends(reason) = outcome {
            stage.event(|event: &Disconnected| {
                matches!(&event.ending, Ending::ByUs { reason: told, .. } if told.0 == reason)
            });
        }
        assert_eq!(stage.bystander_sees_an_update(), NOTHING, "{name}");
    }
}

/// What becomes of a peer that goes on as if nothing had happened.
fn outcome_for(peer: &mut Socket) -> Outcome {
    peer.send_datagram(&datagram(&[json!([65, ["fence"]])]));
    while let Some(message) = peer.next_message() {
        if message == r#"[66,["fence"]]"# {
            return Ignored;
        }
        if let Some(rest) = message.strip_prefix("[3,[") {
            let (reason, _) = rest.split_once(',').expect("a reason and a detail");
            return Ends(reason.parse().expect("a reason is a number"));
        }
    }
    panic!("the connection was closed without a word");
}

#[test]
fn malformed_datagrams_before_hello_end_their_connection_alone() {
    harm_nobody_else(never_messages(), false);
}

#[test]
fn malformed_datagrams_after_hello_end_their_connection_alone() {
    harm_nobody_else(never_messages(), true);
}

#[test]
fn parameters_of_the_wrong_kind_harm_nobody() {
    harm_nobody_else(bad_parameters(), true);
}

#[test]
fn what_is_good_before_bad_bytes_counts() {
    let mut stage = Stage::new();
    let (mut peer, _) = stage.peer();
    let mut bytes = datagram(&[json!([65, ["good"]])]);
    bytes.push(0xc1);
    peer.send_datagram(&bytes);
    let heard = peer.read_to_end();
    assert_eq!(heard[0], r#"[66,["good"]]"#);
    assert!(heard[1].starts_with("[3,[32,"), "{heard:?}");
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn a_datagram_of_65535_empty_lists_ends_at_the_first() {
    let mut stage = Stage::new();
    let (mut peer, _) = stage.peer();
    peer.send_datagram(&[0x90; 65_535]);
    assert!(peer.goodbye().starts_with("[3,[32,"));
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn a_datagram_of_thousands_of_unknown_messages_is_read_and_forgotten() {
    let mut stage = Stage::new();
    let (mut peer, _) = stage.peer();
    peer.send_datagram(&[0x92, 63, 0x90].repeat(21_845));
    assert_eq!(fence(&mut peer), NOTHING);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn empty_frames_are_ignored() {
    let mut stage = Stage::new();
    let (mut peer, _) = stage.peer();
    peer.send_bytes(&[0; 100_000]);
    assert_eq!(fence(&mut peer), NOTHING);
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}

#[test]
fn the_operator_is_told_what_was_ignored() {
    let mut stage = Stage::new();
    let (mut peer, _) = stage.peer();
    peer.send_datagram(&[0x92, 5, 0x92, 0xa2, b'v']);
    let warning = stage.event(|event: &Warning| event.connection.is_some());
    assert_eq!(warning.text, "an incomplete message at the end of a datagram");
    peer.send_datagram(&[0xc1]);
    let ended = stage.event(|event: &Disconnected| event.was_connected);
    let Ending::ByUs { reason, detail } = ended.ending else {
        panic!("the server ends it: {}", ended.ending)
    };
    assert_eq!(reason, DisconnectReason::MALFORMED);
    assert_eq!(detail.as_deref(), Some("a value is of a type that the protocol does not use"));
    assert_eq!(stage.bystander_sees_an_update(), NOTHING);
}
