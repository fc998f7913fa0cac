//! Middleware of bytes and of messages: what changes, drops and disconnects, in both directions, and in which order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use magicnet::prelude::*;
use magicnet::wire::{MAX_FRAME, MessageId, Writer, encode_custom};
use magicnet::{
    AnyEvent, AnyValue, BytesMiddleware, Connection, ConnectionConfig, DisconnectReason, Ending,
    MessageMiddleware, Node, NodeBuilder, Opening, PassingMessage, Verdict,
};
use magicnet_tests::{Host, Net, RawLink, Recorder};

use crate::number::recorded;

/// What a client says; the server says it to all.
#[message(id = 80, from = client)]
struct Say {
    text: Str<16>,
}

#[message(id = 81, from = server)]
struct Heard {
    text: Str<16>,
}

/// A message of any size.
#[message(id = 82, from = server)]
struct Load {
    bytes: Bytes<65_000>,
}

#[message_handler]
fn say(cx: &mut MessageCx<'_>, message: Say) {
    cx.to_all(Heard { text: message.text });
}

type Lines = Recorder<String>;

#[message_handler]
fn heard(cx: &mut MessageCx<'_>, message: Heard) {
    cx.app::<Lines>().push(message.text.to_string());
}

#[message_handler]
fn load(cx: &mut MessageCx<'_>, message: Load) {
    cx.app::<Lines>().push(format!("{} bytes", message.bytes.len()));
}

fn server() -> NodeBuilder {
    Node::server().announce(false).handler::<say>().message::<Heard>().message::<Load>()
}

fn client(net: &mut Net) -> (Host, Lines) {
    let lines = Lines::new();
    let builder = Node::client().announce(false).message::<Say>().handler::<heard>().handler::<load>();
    (net.add(builder.with(lines.clone()).build().unwrap()), lines)
}

fn words(text: &str) -> Say {
    Say { text: text.try_into().unwrap() }
}

fn heard_words(text: &str) -> Heard {
    Heard { text: text.try_into().unwrap() }
}

fn load_of(len: usize) -> Load {
    Load { bytes: vec![7; len].try_into().unwrap() }
}

/// One message as bytes.
fn message(id: u64, text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_custom(&mut Writer::new(&mut bytes), MessageId(id), |w| {
        w.array(1);
        w.text(text);
    });
    bytes
}

const HELLO: &[u8] = b"\x92\x02\x92\x03\xc4\x04\x12\x34\x56\x78";

/// How the connections of a node have ended, in order.
fn endings(events: &Recorder<AnyEvent>) -> Vec<(u8, String)> {
    let ended = events.take().into_iter().filter_map(|event| match event {
        AnyEvent::Disconnected(event) => Some(Ending::clone(&event.ending)),
        _ => None,
    });
    ended
        .map(|ending| match ending {
            Ending::ByUs { reason, detail } | Ending::ByPeer { reason, detail } => {
                (reason.0, detail.unwrap_or_default())
            }
            other => panic!("ended {other:?}"),
        })
        .collect()
}

fn accepted() -> ConnectionConfig {
    ConnectionConfig::accepted()
}

// ---- bytes

/// Puts a mark behind each datagram, and takes it away.
struct Mark(u8);

impl BytesMiddleware for Mark {
    fn overhead(&self) -> usize {
        1
    }

    fn send(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        datagram.push(self.0);
        Ok(Verdict::Pass)
    }

    fn receive(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        if datagram.pop() == Some(self.0) {
            Ok(Verdict::Pass)
        } else {
            Err(Disconnect::new(12, format!("the mark {} is missing", char::from(self.0))))
        }
    }
}

fn marked(config: ConnectionConfig) -> ConnectionConfig {
    config.middleware(|| Mark(b'a')).middleware(|| Mark(b'b'))
}

#[test]
fn bytes_pass_from_first_to_last_and_back_the_other_way() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let raw = net.raw_client_by(server, &marked(accepted()));
    assert_eq!(net.raw(raw).datagrams(), [b"\x92\x01\x91\xa0ab".to_vec()], "the greeting passes");
    net.raw(raw).send_datagram(&[HELLO, b"ab"].concat());
    net.settle();
    assert_eq!(net.raw(raw).datagrams(), [b"\x92\x05\x92\xa2rp\xcc\x80ab".to_vec()]);
    net.raw(raw).send_datagram(&[&message(80, "hi")[..], b"ab"].concat());
    net.settle();
    assert_eq!(net.raw(raw).datagrams(), [[&message(81, "hi")[..], b"ab"].concat()]);
    net.raw(raw).send_datagram(&[&message(80, "hi")[..], b"ba"].concat());
    net.settle();
    let goodbye = net.raw(raw).datagrams();
    assert!(goodbye[0].starts_with(b"\x92\x03\x92\x0c"), "{goodbye:?}");
    assert!(goodbye[0].ends_with(b"the mark b is missingab"), "the goodbye passes too: {goodbye:?}");
}

#[test]
fn two_nodes_with_the_same_middleware_understand_each_other() {
    let mut net = Net::with_seed(7);
    net.set_max_piece(3);
    let server = net.add(server().build().unwrap());
    let (ada, ada_read) = client(&mut net);
    let (bob, bob_read) = client(&mut net);
    net.connect_by(ada, &marked(ConnectionConfig::dialed()), server, &marked(accepted()));
    net.connect(bob, server);
    net.run(ada, |n| n.send_to_all(words("from ada")));
    net.run(bob, |n| n.send_to_all(words("from bob")));
    assert_eq!(ada_read.take(), ["from ada", "from bob"]);
    assert_eq!(bob_read.take(), ["from ada", "from bob"], "a connection of another endpoint is as it was");
    net.run(server, |n| n.shutdown());
    assert!(net.run(ada, |n| n.server().is_none()), "SHUTDOWN passes");
}

#[test]
fn a_node_whose_peer_has_other_middleware_disconnects_it() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let (ada, _) = client(&mut net);
    net.connect_by(ada, &ConnectionConfig::dialed(), server, &marked(accepted()));
    net.advance(std::time::Duration::from_secs(60));
    let ended = endings(&events);
    assert_eq!(ended.len(), 1, "{ended:?}");
}

/// Counts what passes in both directions, and refuses or drops what comes after so many.
#[derive(Clone)]
struct Limit {
    sent: usize,
    received: usize,
    /// What happens after that many.
    then: Result<Verdict, Disconnect>,
}

impl Limit {
    fn count(left: &mut usize, then: &Result<Verdict, Disconnect>) -> Result<Verdict, Disconnect> {
        if let Some(less) = left.checked_sub(1) {
            *left = less;
            return Ok(Verdict::Pass);
        }
        then.clone()
    }
}

impl BytesMiddleware for Limit {
    fn send(&mut self, _: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        Self::count(&mut self.sent, &self.then)
    }

    fn receive(&mut self, _: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        Self::count(&mut self.received, &self.then)
    }
}

impl MessageMiddleware for Limit {
    fn is_per_recipient(&self) -> bool {
        true
    }

    fn send(&mut self, _: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        Self::count(&mut self.sent, &self.then)
    }

    fn receive(&mut self, _: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        Self::count(&mut self.received, &self.then)
    }
}

const MANY: usize = usize::MAX;

fn limit(sent: usize, received: usize, then: Result<Verdict, Disconnect>) -> Limit {
    Limit { sent, received, then }
}

/// A server, and two connections to it whose endpoint has `config`; each has said two things.
fn two_speakers(config: &ConnectionConfig) -> (Net, [Lines; 2], Vec<(u8, String)>) {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let hosts = [client(&mut net), client(&mut net)];
    for (host, _) in &hosts {
        net.connect_by(*host, &ConnectionConfig::dialed(), server, config);
    }
    for text in ["one", "two"] {
        for (number, (host, _)) in hosts.iter().enumerate() {
            net.run(*host, |n| n.send_to_all(words(&format!("{number} {text}"))));
        }
    }
    let ended = endings(&events);
    (net, hosts.map(|(_, lines)| lines), ended)
}

#[test]
fn what_a_middleware_drops_is_not_there_and_each_connection_has_its_own() {
    // A client sends HELLO and two messages; the last is dropped. The other client's are counted apart.
    let received = limit(MANY, 2, Ok(Verdict::Drop));
    let bytes = received.clone();
    for config in [
        accepted().middleware(move || bytes.clone()),
        accepted().message_middleware(move || received.clone()),
    ] {
        let (_, lines, ended) = two_speakers(&config);
        assert_eq!(lines.map(|lines| lines.take()), [["0 one", "1 one"]; 2]);
        assert_eq!(ended, []);
    }
    // A server sends a greeting and a repository; then the first to connect hears nothing, as the second does.
    let sent = limit(3, MANY, Ok(Verdict::Drop));
    let bytes = sent.clone();
    for config in
        [accepted().middleware(move || bytes.clone()), accepted().message_middleware(move || sent.clone())]
    {
        let (_, lines, ended) = two_speakers(&config);
        assert_eq!(lines.map(|lines| lines.take()), [["0 one"]; 2]);
        assert_eq!(ended, []);
    }
}

#[test]
fn what_a_middleware_refuses_ends_the_connection_with_its_reason() {
    let why = || Err(Disconnect::new(13, "no more"));
    let received = limit(MANY, 2, why());
    let bytes = received.clone();
    for config in [
        accepted().middleware(move || bytes.clone()),
        accepted().message_middleware(move || received.clone()),
    ] {
        let (_, lines, ended) = two_speakers(&config);
        assert_eq!(lines.map(|lines| lines.take()), [["0 one", "1 one"]; 2], "what came before is handled");
        assert_eq!(ended, [(13, "no more".to_owned()), (13, "no more".to_owned())]);
    }
    let sent = limit(3, MANY, why());
    let bytes = sent.clone();
    for config in
        [accepted().middleware(move || bytes.clone()), accepted().message_middleware(move || sent.clone())]
    {
        let (_, lines, ended) = two_speakers(&config);
        assert_eq!(lines.map(|lines| lines.take()), [["0 one"]; 2], "what passed before is sent");
        assert_eq!(ended, [(13, "no more".to_owned()), (13, "no more".to_owned())]);
    }
}

#[test]
fn a_refusal_arrives_at_the_peer_where_its_goodbye_may_pass() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let received = limit(MANY, 1, Err(Disconnect::new(13, "no more")));
    let raw = net.raw_client_by(server, &accepted().middleware(move || received.clone()));
    net.raw(raw).hello();
    net.raw(raw).send_datagram(&message(80, "hi"));
    net.settle();
    assert_eq!(net.raw(raw).messages().pop(), Some((3, b"\x92\x03\x92\x0d\xa7no more".to_vec())));
    assert!(net.raw(raw).is_closed());

    let sent = limit(2, MANY, Err(Disconnect::new(13, "no more")));
    let raw = net.raw_client_by(server, &accepted().middleware(move || sent.clone()));
    net.raw(raw).hello();
    net.settle();
    assert_eq!(net.raw(raw).message_ids(), [1, 5]);
    net.run(server, |n| n.send_to_all(heard_words("hi")));
    assert_eq!(net.raw(raw).message_ids(), [0_u64; 0], "this one refuses its goodbye too");
    assert!(net.raw(raw).is_closed());
}

/// Adds so many bytes, whatever it has said.
struct Padding {
    bytes: usize,
    said: usize,
}

impl BytesMiddleware for Padding {
    fn overhead(&self) -> usize {
        self.said
    }

    fn send(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        datagram.extend(std::iter::repeat_n(b'.', self.bytes));
        Ok(Verdict::Pass)
    }

    fn receive(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        datagram.truncate(datagram.len().saturating_sub(self.bytes));
        Ok(Verdict::Pass)
    }
}

fn padded(config: ConnectionConfig, bytes: usize, said: usize) -> ConnectionConfig {
    config.middleware(move || Padding { bytes, said })
}

#[test]
fn output_that_grows_is_split_in_time() {
    for bytes in [1, 500, 20_000] {
        let mut net = Net::new();
        let server = net.add(server().build().unwrap());
        let (ada, ada_read) = client(&mut net);
        let dialed = padded(ConnectionConfig::dialed(), bytes, bytes);
        net.connect_by(ada, &dialed, server, &padded(accepted(), bytes, bytes));
        let largest = MAX_FRAME - bytes - LOAD_ENVELOPE;
        let sizes = [1, 30_000, 35_000, 100, 40_000, largest.min(65_000), 15_000, 15_000, 15_000, 15_000, 3];
        net.run(server, |n| sizes.iter().for_each(|size| n.send_to_all(load_of(*size))));
        assert_eq!(ada_read.take(), sizes.map(|size| format!("{size} bytes")), "{bytes} more bytes");
    }
}

/// `[82, [bin 16 ...]]` around the bytes.
const LOAD_ENVELOPE: usize = 6;

#[test]
fn what_cannot_be_carried_ends_the_connection_and_not_the_others() {
    // Once it says how much it adds, once it does not.
    let too_large = MAX_FRAME - 1_000 - LOAD_ENVELOPE + 1;
    for (said, words) in
        [(1_000, "64536 bytes to send, where 64535 fit"), (0, "65555 bytes to send, where 65535 fit")]
    {
        let mut net = Net::new();
        let (builder, events) = recorded(server());
        let server = net.add(builder.build().unwrap());
        let (ada, ada_read) = client(&mut net);
        let (bob, bob_read) = client(&mut net);
        let dialed = padded(ConnectionConfig::dialed(), 1_000, 1_000);
        net.connect_by(ada, &dialed, server, &padded(accepted(), 1_000, said));
        net.connect(bob, server);
        net.run(server, |n| {
            n.send_to_all(heard_words("before"));
            n.send_to_all(load_of(too_large));
            n.send_to_all(heard_words("after"));
        });
        let seen = ["before", &format!("{too_large} bytes"), "after"];
        assert_eq!(bob_read.take(), seen);
        // What was in the datagram that came out too large is lost with it, when nothing was said of growth.
        assert_eq!(ada_read.take(), seen[..usize::from(said > 0)]);
        let ended = endings(&events);
        assert_eq!(ended.len(), 1);
        assert_eq!(ended[0].0, DisconnectReason::NOT_CARRIED.0);
        assert!(ended[0].1.starts_with(words), "{ended:?}");
    }
}

/// Makes much of little.
struct Bomb;

impl BytesMiddleware for Bomb {
    fn receive(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        datagram.resize(datagram.len() * 10_000, 0);
        Ok(Verdict::Pass)
    }
}

struct Panics;

impl BytesMiddleware for Panics {
    fn receive(&mut self, _: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        panic!("as a test wants it")
    }
}

impl MessageMiddleware for Panics {
    fn send(&mut self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        assert_ne!(message.id(), MessageId(81), "as a test wants it");
        Ok(Verdict::Pass)
    }
}

#[test]
fn what_unpacks_to_more_than_a_frame_ends_the_connection() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let raw = net.raw_client_by(server, &accepted().middleware(|| Bomb));
    net.raw(raw).hello();
    net.settle();
    let detail = "a datagram that unpacks to 100000 bytes".to_owned();
    assert_eq!(endings(&events), [(DisconnectReason::LIMIT.0, detail)]);
}

#[test]
fn a_panic_ends_the_connections_concerned_and_not_the_node() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let (bob, bob_read) = client(&mut net);
    net.connect(bob, server);
    let not_carried = (DisconnectReason::NOT_CARRIED.0, "a middleware panicked".to_owned());

    let raw = net.raw_client_by(server, &accepted().middleware(|| Panics));
    net.raw(raw).hello();
    net.settle();
    assert_eq!(endings(&events), std::slice::from_ref(&not_carried));

    let config = accepted().message_middleware(|| Panics);
    let raw = [net.raw_client_by(server, &config), net.raw_client_by(server, &config)];
    raw.iter().for_each(|raw| net.raw(*raw).hello());
    net.settle();
    assert_eq!(endings(&events), []);
    net.run(bob, |n| n.send_to_all(words("hi")));
    assert_eq!(endings(&events), [not_carried.clone(), not_carried]);
    assert_eq!(bob_read.take(), ["hi"]);
}

/// Panics as soon as it is told whose it is.
struct Stillborn;

impl BytesMiddleware for Stillborn {
    fn opened(&mut self, _: ConnectionId, _: Opening) {
        panic!("as a test wants it")
    }
}

#[test]
fn a_panic_when_a_connection_begins_ends_that_and_not_the_node() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let (bob, bob_read) = client(&mut net);
    net.connect(bob, server);
    let not_made = || -> Stillborn { panic!("as a test wants it") };
    for config in [accepted().middleware(|| Stillborn), accepted().middleware(not_made)] {
        let raw = net.raw_client_by(server, &config);
        assert!(net.raw(raw).is_closed());
        assert!(net.raw(raw).datagrams().is_empty(), "nothing passes what is not there");
        assert_eq!(endings(&events), [(DisconnectReason::NOT_CARRIED.0, "a middleware panicked".to_owned())]);
    }
    net.run(bob, |n| n.send_to_all(words("hi")));
    assert_eq!(bob_read.take(), ["hi"]);
}

#[test]
fn garbage_through_middleware_is_the_peers_fault() {
    let mut random = 1_u64;
    for _ in 0..500 {
        let mut net = Net::new();
        let server = net.add(server().build().unwrap());
        let config = marked(padded(accepted(), 3, 3));
        let raw = net.raw_client_by(server, &config);
        let mut garbage: Vec<u8> = (0..40)
            .map(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                random.to_be_bytes()[0]
            })
            .collect();
        garbage.extend(b"...ab");
        net.raw(raw).send_datagram(&garbage[usize::from(garbage[0]) % 45..]);
        net.settle();
        let (ada, ada_read) = client(&mut net);
        net.connect(ada, server);
        net.run(ada, |n| n.send_to_all(words("hi")));
        assert_eq!(ada_read.take(), ["hi"], "the server serves");
    }
}

// ---- messages

/// Puts a letter behind every text of a [`Say`] or a [`Heard`].
struct Letter(char);

impl Letter {
    fn pass(&self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        if let Some(Ok(say)) = message.read::<Say>() {
            let text = Str::truncated(&format!("{}{}", say.text, self.0));
            message.replace(&Say { text }).expect("it can be sent");
        }
        if message.id() == MessageId(81) {
            let mut values = message.values().expect("we have written them");
            let AnyValue::Text(text) = &mut values[0] else { panic!("not a text") };
            text.push(self.0);
            message.replace_values(MessageId(81), &values).expect("it can be sent");
        }
        Ok(Verdict::Pass)
    }
}

impl MessageMiddleware for Letter {
    fn send(&mut self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        self.pass(message)
    }

    fn receive(&mut self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        self.pass(message)
    }
}

fn lettered(config: ConnectionConfig) -> ConnectionConfig {
    config.message_middleware(|| Letter('1')).message_middleware(|| Letter('2'))
}

#[test]
fn messages_pass_from_first_to_last_and_back_the_other_way() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, ada_read) = client(&mut net);
    let (bob, bob_read) = client(&mut net);
    net.connect_by(ada, &lettered(ConnectionConfig::dialed()), server, &accepted());
    net.connect(bob, server);
    net.run(ada, |n| n.send_to_all(words("s")));
    assert_eq!(bob_read.take(), ["s12"], "sent from first to last");
    assert_eq!(ada_read.take(), ["s1221"], "received from last to first");

    let (eve, eve_read) = client(&mut net);
    net.connect_by(eve, &ConnectionConfig::dialed(), server, &lettered(accepted()));
    net.run(eve, |n| n.send_to_all(words("r")));
    assert_eq!(bob_read.take(), ["r21"]);
    assert_eq!(eve_read.take(), ["r2112"]);
}

/// Writes down what passes, and who it is from or for.
struct Audit(Recorder<(char, u64, Option<ConnectionId>)>, bool);

impl MessageMiddleware for Audit {
    fn is_per_recipient(&self) -> bool {
        self.1
    }

    fn send(&mut self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        self.0.push(('>', message.id().0, message.connection()));
        Ok(Verdict::Pass)
    }

    fn receive(&mut self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        self.0.push(('<', message.id().0, message.connection()));
        Ok(Verdict::Pass)
    }
}

fn audited(log: &Recorder<(char, u64, Option<ConnectionId>)>, is_per_recipient: bool) -> ConnectionConfig {
    let log = log.clone();
    accepted().message_middleware(move || Audit(log.clone(), is_per_recipient))
}

#[test]
fn an_audit_sees_everything_from_the_greeting_to_the_goodbye() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let log = Recorder::new();
    let raw = net.raw_client_by(server, &audited(&log, false));
    let there = net.connection_of(raw);
    net.raw(raw).hello();
    net.settle();
    net.raw(raw).send_datagram(&message(80, "hi"));
    net.settle();
    net.run(server, |n| n.disconnect(there, Disconnect::new(20, "enough")));
    let connection = Some(there);
    let expected = [
        ('>', 1, None),
        ('<', 2, connection),
        ('>', 5, None),
        ('<', 80, connection),
        ('>', 81, None),
        ('>', 3, None),
    ];
    assert_eq!(log.take(), expected);
}

#[test]
fn a_message_to_many_passes_once_unless_it_is_to_pass_for_each() {
    const MANY: usize = 50;
    for is_per_recipient in [false, true] {
        let mut net = Net::new();
        let server = net.add(server().build().unwrap());
        let log = Recorder::new();
        let config = audited(&log, is_per_recipient);
        let raw: Vec<RawLink> = (0..MANY).map(|_| net.raw_client_by(server, &config)).collect();
        let (bob, bob_read) = client(&mut net);
        net.connect(bob, server);
        raw.iter().for_each(|raw| net.raw(*raw).hello());
        net.settle();
        log.take();
        net.run(server, |n| n.send_to_all(heard_words("hi")));
        let seen = log.take();
        let expected = if is_per_recipient { MANY } else { 1 };
        assert_eq!(seen.len(), expected, "{seen:?}");
        assert_eq!(
            seen.iter().filter(|(_, _, who)| who.is_some()).count(),
            if is_per_recipient { MANY } else { 0 }
        );
        for raw in raw {
            assert_eq!(net.raw(raw).messages().pop(), Some((81, message(81, "hi"))));
        }
        assert_eq!(bob_read.take(), ["hi"]);
    }
}

#[test]
fn a_message_to_those_whom_a_filter_chooses_passes_once_too() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let log = Recorder::new();
    let config = audited(&log, false);
    let raw: Vec<RawLink> = (0..3).map(|_| net.raw_client_by(server, &config)).collect();
    raw.iter().for_each(|raw| net.raw(*raw).hello());
    net.settle();
    log.take();
    raw.iter().for_each(|raw| drop(net.raw(*raw).messages()));
    let [second, third] = [1, 2].map(|at| net.connection_of(raw[at]));
    net.run(server, |n| {
        n.to(|known: &Connection| known.id() != third).send(heard_words("hi"));
        n.send(second, heard_words("ho"));
    });
    assert_eq!(
        log.take(),
        [('>', 81, None), ('>', 81, None)],
        "one for two of them, one for the second alone"
    );
    let [hi, ho] = ["hi", "ho"].map(|text| (81, message(81, text)));
    for (raw, expected) in raw.into_iter().zip([vec![hi.clone()], vec![hi, ho], vec![]]) {
        assert_eq!(net.raw(raw).messages(), expected);
    }
}

#[test]
fn a_message_that_nobody_of_an_endpoint_receives_does_not_pass_there() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let log = Recorder::new();
    let _silent = net.raw_client_by(server, &audited(&log, false));
    log.take();
    net.run(server, |n| n.send_to_all(heard_words("hi")));
    assert_eq!(log.take(), [], "it has not shaken hands");
}

/// Takes what a client says for something else.
struct Mistaken(Vec<AnyValue>, MessageId);

impl MessageMiddleware for Mistaken {
    fn receive(&mut self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        if message.id() == MessageId(80) {
            message.replace_values(self.1, &self.0).expect("it can be sent");
        }
        Ok(Verdict::Pass)
    }
}

#[test]
fn what_a_message_was_turned_into_is_checked_as_if_it_had_come_so() {
    let deep = (0..40).fold(AnyValue::Nil, |value, _| AnyValue::Array(vec![value]));
    let hello = vec![AnyValue::Integer(3), AnyValue::Bytes(vec![0x12, 0x34, 0x56, 0x78])];
    for (values, id, reason) in [
        (hello, MessageId::HELLO, DisconnectReason::HELLO_TWICE),
        (vec![AnyValue::Integer(1)], MessageId::DESTROY_OBJECT, DisconnectReason::WRONG_DIRECTION),
        (vec![deep], MessageId(80), DisconnectReason::TOO_COMPLEX),
    ] {
        let mut net = Net::new();
        let (builder, events) = recorded(server());
        let server = net.add(builder.build().unwrap());
        let config = accepted().message_middleware(move || Mistaken(values.clone(), id));
        let raw = net.raw_client_by(server, &config);
        net.raw(raw).hello();
        net.raw(raw).send_datagram(&message(80, "hi"));
        net.settle();
        assert_eq!(endings(&events).pop().map(|(reason, _)| reason), Some(reason.0));
    }
}

/// Knows which side it is on.
struct Sides(Recorder<(ConnectionId, Opening)>);

impl BytesMiddleware for Sides {
    fn opened(&mut self, connection: ConnectionId, opening: Opening) {
        self.0.push((connection, opening));
    }
}

#[test]
fn a_middleware_is_told_whose_it_is() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, _) = client(&mut net);
    let sides = Recorder::new();
    let [near, far] = [ConnectionConfig::dialed(), accepted()].map(|config| {
        let sides = sides.clone();
        config.middleware(move || Sides(sides.clone()))
    });
    let (near, far) = net.connect_by(ada, &near, server, &far);
    assert_eq!(sides.take(), [(near, Opening::Dialed), (far, Opening::Accepted)]);
}

/// Counts how many there are of it.
struct Held(Arc<AtomicUsize>);

impl Held {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl BytesMiddleware for Held {}
impl MessageMiddleware for Held {}

#[test]
fn middleware_goes_with_its_connection_and_its_endpoint() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let held = || count.load(Ordering::Relaxed);
    let [bytes, messages] = [Arc::clone(&count), Arc::clone(&count)];
    let config =
        accepted().middleware(move || Held::new(&bytes)).message_middleware(move || Held::new(&messages));
    let raw = [net.raw_client_by(server, &config), net.raw_client_by(server, &config)];
    assert_eq!(held(), 1 + 2 * 2, "one of messages for the endpoint, one of each for each connection");
    raw.iter().for_each(|raw| net.raw(*raw).hang_up());
    net.settle();
    assert_eq!(held(), 1, "the endpoint's is there as long as others may come");
    net.raw_client_by(server, &config);
    assert_eq!(held(), 1 + 2);

    // Who makes an endpoint for each connection does not fill memory with what is over.
    for _ in 0..10 {
        let count = Arc::clone(&count);
        let config = accepted().message_middleware(move || Held::new(&count));
        let raw = net.raw_client_by(server, &config);
        net.raw(raw).hang_up();
        net.settle();
    }
    assert_eq!(held(), 1 + 2 + 1, "the last endpoint's goes when the next one comes");
}
