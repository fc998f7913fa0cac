//! Encoders: nodes that speak JSON or a form of their own, and what strangers write in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use magicnet::prelude::*;
use magicnet::wire::{EncodingError, Envelope, MAX_FRAME, RawMessage, ScanLimits};
use magicnet::{
    AnyEvent, BytesMiddleware, ConnectionConfig, Decoder, DisconnectReason, Encoder, Ending, Json, Node,
    NodeBuilder, Verdict,
};
use magicnet_tests::{Host, Net, RawLink, Recorder};

use crate::number::{self, create, recorded};

/// What a client shows to all.
#[message(id = 84, from = anyone)]
struct Show {
    what: Value<60_000>,
}

#[message_handler(role = server)]
fn show(cx: &mut MessageCx<'_>, message: Show) {
    cx.to_all(message);
}

type Shown = Recorder<AnyValue>;

use magicnet::AnyValue;

#[message_handler(role = client)]
fn shown(cx: &mut MessageCx<'_>, message: Show) {
    cx.app::<Shown>().push(message.what.into_inner());
}

fn server() -> NodeBuilder {
    Node::server().announce(false).handler::<show>()
}

fn client(net: &mut Net) -> (Host, Shown) {
    let values = Shown::new();
    let node = Node::client().announce(false).handler::<shown>().with(values.clone()).build().unwrap();
    (net.add(node), values)
}

fn of(value: AnyValue) -> Show {
    Show { what: value.try_into().unwrap() }
}

fn text(len: usize) -> AnyValue {
    AnyValue::Text("x".repeat(len))
}

fn accepted() -> ConnectionConfig {
    ConnectionConfig::accepted()
}

fn dialed() -> ConnectionConfig {
    ConnectionConfig::dialed()
}

/// What a raw peer has been sent, as text.
fn texts(net: &mut Net, raw: RawLink) -> Vec<String> {
    let datagrams = net.raw(raw).datagrams().into_iter();
    datagrams.map(|datagram| String::from_utf8(datagram).expect("JSON is text")).collect()
}

fn say(net: &mut Net, raw: RawLink, json: &str) {
    net.raw(raw).send_datagram(json.as_bytes());
    net.settle();
}

const HELLO: &str = r#"[[2,[3,"$base64:EjRWeA=="]]]"#;

/// How the connections of a node have ended, in order.
fn reasons(events: &Recorder<AnyEvent>) -> Vec<DisconnectReason> {
    let ended = events.take().into_iter().filter_map(|event| match event {
        AnyEvent::Disconnected(event) => Some(Ending::clone(&event.ending)),
        _ => None,
    });
    ended
        .map(|ending| match ending {
            Ending::ByUs { reason, .. } => reason,
            other => panic!("ended {other:?}"),
        })
        .collect()
}

#[test]
fn a_peer_that_speaks_json_shakes_hands_and_is_answered() {
    let mut net = Net::new();
    let server = net.add(server().motd("hello").build().unwrap());
    let raw = net.raw_client_by(server, &accepted().encoder(Json));
    assert_eq!(texts(&mut net, raw), [r#"[[1,["hello"]]]"#]);
    say(&mut net, raw, HELLO);
    assert_eq!(texts(&mut net, raw), [r#"[[5,["rp",128]]]"#]);
    say(&mut net, raw, r#"[[84,["a"]], [84, [{"$$b": [1.5, null, "$int:9007199254740993"]}]]]"#);
    let both = r#"[[84,["a"]],[84,[{"$$b":[1.5,null,"$int:9007199254740993"]}]]]"#;
    assert_eq!(texts(&mut net, raw), [both], "all that one datagram causes is one datagram");
    say(&mut net, raw, "[]");
    say(&mut net, raw, r#"[[3,[20,"bye"]]]"#);
    assert!(net.raw(raw).is_closed());
}

#[test]
fn the_story_of_numbers_is_the_same_in_json() {
    let mut net = Net::with_seed(3);
    net.set_max_piece(7);
    let server = net.add(number::server().build().unwrap());
    let (ada, ada_saw) = number::client(&mut net);
    let (bob, bob_saw) = number::client(&mut net);
    net.connect_by(ada, &dialed().encoder(Json), server, &accepted().encoder(Json));
    net.connect(bob, server);
    let number = create(&mut net, ada, 10);
    net.run(bob, |n| n.object(number).server().add_value(5));
    let seen = ["generate 10", "10 -> 15", "sparkle 0 1 added"];
    assert_eq!(ada_saw.take(), seen);
    assert_eq!(bob_saw.take(), seen);
    net.run(ada, |n| n.destroy(number));
    assert_eq!([ada_saw.take(), bob_saw.take()], [["destroy 15"]; 2]);
}

#[test]
fn sending_and_receiving_may_differ() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, ada_read) = client(&mut net);
    net.connect_by(ada, &dialed().receive_decoder(Json), server, &accepted().send_encoder(Json));
    let (bob, bob_read) = client(&mut net);
    net.connect_by(bob, &dialed().send_encoder(Json), server, &accepted().receive_decoder(Json));
    let bytes = AnyValue::Bytes(vec![0, 255]);
    net.run(ada, |n| n.send_to_all(of(bytes.clone())));
    net.run(bob, |n| n.send_to_all(of(AnyValue::Nil)));
    assert_eq!([ada_read.take(), bob_read.take()], [[bytes.clone(), AnyValue::Nil], [bytes, AnyValue::Nil]]);
}

#[test]
fn datagrams_are_split_where_their_json_exceeds_a_frame() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, ada_read) = client(&mut net);
    net.connect_by(ada, &dialed().encoder(Json), server, &accepted().encoder(Json));
    let raw = net.raw_client_by(server, &accepted().encoder(Json));
    say(&mut net, raw, HELLO);
    texts(&mut net, raw);
    // A message is its text and `[84,[""]]`. The first two fill a frame to its last byte; the next two want one byte
    // more than it has.
    let sizes = [6_000, MAX_FRAME - 6_000 - 3 - 18, 6_000, MAX_FRAME - 6_000 - 3 - 17, 30_000, 2];
    let values = sizes.map(text);
    net.run(server, |n| values.iter().for_each(|value| n.send_to_all(of(value.clone()))));
    assert_eq!(ada_read.take(), values);
    let lens: Vec<usize> = texts(&mut net, raw).iter().map(String::len).collect();
    assert_eq!(lens, [MAX_FRAME, 6_011, 59_526, 30_023]);
}

#[test]
fn what_is_too_large_in_json_ends_that_connection_and_no_other() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let (ada, ada_read) = client(&mut net);
    let (bob, bob_read) = client(&mut net);
    net.connect_by(ada, &dialed().encoder(Json), server, &accepted().encoder(Json));
    net.connect(bob, server);
    let large = AnyValue::Bytes(vec![1; 50_000]);
    net.run(server, |n| {
        n.send_to_all(of(AnyValue::Bool(true)));
        n.send_to_all(of(large.clone()));
        n.send_to_all(of(AnyValue::Bool(false)));
    });
    assert_eq!(bob_read.take(), [AnyValue::Bool(true), large, AnyValue::Bool(false)]);
    assert_eq!(ada_read.take(), [AnyValue::Bool(true)], "what came before is delivered");
    assert_eq!(reasons(&events), [DisconnectReason::NOT_CARRIED]);
}

#[test]
fn strangers_who_write_nonsense_are_told_why_and_nothing_of_it_happens() {
    let malformed = DisconnectReason::MALFORMED;
    let complex = DisconnectReason::TOO_COMPLEX;
    let deep = format!("[[84,[{}1{}]]]", "[".repeat(40), "]".repeat(40));
    let many = format!("[[84,[[{}1]]]]", "[],".repeat(20_000));
    let floats = format!("[[84,[[{}0.1]]]]", "0.1,".repeat(16_000));
    for (json, reason) in [
        ("", malformed),
        ("{}", malformed),
        ("[[84,[1]],", malformed),
        ("[[84,[1]]] x", malformed),
        (r#"[[84,[1]],[84,["$nonsense"]]]"#, malformed),
        ("\u{0}", malformed),
        ("[84]", malformed),
        ("[[84]]", malformed),
        (r#"["$map"]"#, malformed),
        (r#"[["$map",[84,1]]]"#, malformed),
        ("\u{92}\u{2}", malformed),
        (&"[".repeat(60_000), complex),
        (&deep, complex),
        (&many, malformed),
        (&floats, DisconnectReason::LIMIT),
    ] {
        let mut net = Net::new();
        let (builder, events) = recorded(server());
        let server = net.add(builder.build().unwrap());
        let (bob, bob_read) = client(&mut net);
        net.connect(bob, server);
        let raw = net.raw_client_by(server, &accepted().encoder(Json));
        say(&mut net, raw, HELLO);
        texts(&mut net, raw);
        say(&mut net, raw, json);
        let start: String = json.chars().take(30).collect();
        if json.len() == many.len() {
            // Empty arrays are small: it is the value that is too large for its type.
            assert_eq!(reasons(&events), [], "{start}");
        } else if !json.is_empty() {
            assert_eq!(reasons(&events), [reason], "{start}");
            let goodbye = texts(&mut net, raw).pop().unwrap();
            assert!(goodbye.starts_with(&format!("[[3,[{}", reason.0)), "{start}: {goodbye}");
            assert_eq!(bob_read.take(), [], "{start}");
        }
        net.run(bob, |n| n.send_to_all(of(AnyValue::Nil)));
        assert_eq!(bob_read.take().pop(), Some(AnyValue::Nil), "{start}");
    }
}

/// Every message turned back to front, behind its length; it counts what it writes.
#[derive(Clone, Default)]
struct Backwards(Arc<AtomicUsize>);

impl Encoder for Backwards {
    fn envelope(&self) -> Envelope {
        Envelope { open: b"<", between: b"|", close: b">" }
    }

    fn encode(&self, message: &RawMessage<'_>, datagram: &mut Vec<u8>) -> Result<(), EncodingError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let len = u16::try_from(message.bytes.len()).expect("a message is no larger than a frame");
        datagram.extend(len.to_be_bytes());
        datagram.extend(message.bytes.iter().rev());
        Ok(())
    }
}

impl Decoder for Backwards {
    fn decode(&self, datagram: &[u8], _: ScanLimits, messages: &mut Vec<u8>) -> Result<(), EncodingError> {
        let mut rest = datagram;
        while let Some((_mark, after)) = rest.split_first().filter(|(_, after)| !after.is_empty()) {
            let short = || EncodingError::form("it ends early");
            let (len, after) = after.split_first_chunk::<2>().ok_or_else(short)?;
            let len = u16::from_be_bytes(*len).into();
            let (message, after) = after.split_at_checked(len).ok_or_else(short)?;
            messages.extend(message.iter().rev());
            rest = after;
        }
        Ok(())
    }
}

#[test]
fn a_form_of_ones_own_is_written_once_for_all_who_receive_it() {
    const MANY: usize = 50;
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let backwards = Backwards::default();
    let config = accepted().encoder(backwards.clone());
    let hosts: Vec<(Host, Shown)> = (0..MANY).map(|_| client(&mut net)).collect();
    for (host, _) in &hosts {
        net.connect_by(*host, &dialed().encoder(Backwards::default()), server, &config);
    }
    let (bob, bob_read) = client(&mut net);
    net.connect(bob, server);
    backwards.0.store(0, Ordering::Relaxed);
    net.run(server, |n| {
        n.send_to_all(of(AnyValue::Integer(1)));
        n.send_to_all(of(AnyValue::Integer(2)));
    });
    assert_eq!(backwards.0.load(Ordering::Relaxed), 2);
    let seen = [AnyValue::Integer(1), AnyValue::Integer(2)];
    assert_eq!(bob_read.take(), seen);
    hosts.iter().for_each(|(_, shown)| assert_eq!(shown.take(), seen));
    net.run(hosts[0].0, |n| n.send_to_all(of(AnyValue::Nil)));
    hosts.iter().for_each(|(_, shown)| assert_eq!(shown.take(), [AnyValue::Nil]));
}

/// Writes and reads nothing, or falls over.
#[derive(Clone, Copy)]
enum Broken {
    Refuses,
    Panics,
}

impl Broken {
    fn fail(self) -> Result<(), EncodingError> {
        match self {
            Self::Refuses => Err(EncodingError::form("as a test wants it")),
            Self::Panics => panic!("as a test wants it"),
        }
    }
}

impl Encoder for Broken {
    fn encode(&self, _: &RawMessage<'_>, _: &mut Vec<u8>) -> Result<(), EncodingError> {
        self.fail()
    }
}

impl Decoder for Broken {
    fn decode(&self, _: &[u8], _: ScanLimits, _: &mut Vec<u8>) -> Result<(), EncodingError> {
        self.fail()
    }
}

#[test]
fn an_encoder_that_fails_ends_the_connection_and_not_the_node() {
    let not_carried = DisconnectReason::NOT_CARRIED;
    for (broken, received) in [(Broken::Refuses, DisconnectReason::MALFORMED), (Broken::Panics, not_carried)]
    {
        let mut net = Net::new();
        let (builder, events) = recorded(server());
        let server = net.add(builder.build().unwrap());
        let raw = net.raw_client_by(server, &accepted().send_encoder(broken));
        assert!(net.raw(raw).is_closed());
        assert_eq!(reasons(&events), [not_carried], "its greeting cannot be sent");
        let raw = net.raw_client_by(server, &accepted().receive_decoder(broken));
        net.raw(raw).hello();
        net.settle();
        assert_eq!(reasons(&events), [received]);
        let goodbye = net.raw(raw).messages().pop();
        assert_eq!(goodbye.map(|(id, _)| id), Some(3));
    }
}

/// XOR, so that it looks like nothing.
struct Veil;

impl BytesMiddleware for Veil {
    fn send(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        datagram.iter_mut().for_each(|byte| *byte ^= 0x5a);
        Ok(Verdict::Pass)
    }

    fn receive(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        self.send(datagram)
    }
}

#[test]
fn bytes_pass_through_middleware_after_they_are_encoded() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    // In whatever order an endpoint is configured.
    let raw = net.raw_client_by(server, &accepted().middleware(|| Veil).encoder(Json));
    let veiled = |json: &str| json.bytes().map(|byte| byte ^ 0x5a).collect::<Vec<u8>>();
    assert_eq!(net.raw(raw).datagrams(), [veiled(r#"[[1,[""]]]"#)]);
    let hello = veiled(HELLO);
    net.raw(raw).send_datagram(&hello);
    net.settle();
    assert_eq!(net.raw(raw).datagrams(), [veiled(r#"[[5,["rp",128]]]"#)]);
}
