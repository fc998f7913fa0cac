//! The scenes that the benchmarks measure: a server with one object, its clients, and what these send.

pub(crate) mod laggard;

use magicnet::prelude::*;
use magicnet::wire::{MessageId, ProtocolMessage, Writer, encode_call, encode_custom, frame_header};
use magicnet::{ConnectionConfig, ConnectionId, Node, Object, Time};

#[network_object(name = "bench")]
pub(crate) mod bench {
    struct State {
        #[network_field(to = viewers)]
        pub value: i32,
    }
    trait Server {
        /// Changes what everybody sees.
        #[network_field(from = anyone)]
        fn add(&mut self, by: i32);
        /// The smallest call.
        #[network_field(from = anyone)]
        fn number(&mut self, value: i32);
        /// What a moving player sends.
        #[network_field(from = anyone)]
        fn moved(&mut self, seen: i32, name: Text<'_, 64>, x: f32, y: f32, z: f32);
        /// Answers with the same.
        #[network_field(from = anyone)]
        fn passed_on(&mut self, seen: i32, name: Text<'_, 64>, x: f32, y: f32, z: f32);
    }
    trait Client {
        fn told(&mut self, seen: i32, name: Text<'_, 64>, x: f32, y: f32, z: f32);
    }
}

/// An object with more state than one call changes.
#[network_object(name = "wide bench")]
pub(crate) mod wide {
    struct State {
        #[network_field(to = viewers)]
        pub value: i32,
        #[network_field(to = viewers)]
        pub name: Str<64>,
        #[network_field(to = viewers)]
        pub place: (f32, f32, f32),
        #[network_field(to = viewers)]
        pub health: u16,
        #[network_field(to = viewers)]
        pub armour: u16,
        #[network_field(to = viewers)]
        pub level: u8,
        #[network_field(to = viewers)]
        pub team: u8,
        #[network_field(to = viewers)]
        pub is_open: bool,
        #[network_field(to = viewers)]
        pub score: u64,
        #[network_field(to = viewers)]
        pub heading: f32,
    }
    trait Server {
        /// Changes one property.
        #[network_field(from = anyone)]
        fn add(&mut self, by: i32);
    }
}

#[derive(Default)]
pub(crate) struct BenchServer {
    sum: i64,
}

#[network_object]
impl bench::Server for BenchServer {
    fn add(&mut self, cx: &mut bench::ServerCx<'_, Self>, by: i32) {
        cx.state_mut().value = cx.state().value.wrapping_add(by);
        self.sum += 1;
    }

    fn number(&mut self, _: &mut bench::ServerCx<'_, Self>, value: i32) {
        self.sum = self.sum.wrapping_add(value.into());
    }

    fn moved(
        &mut self,
        _: &mut bench::ServerCx<'_, Self>,
        seen: i32,
        name: Text<'_, 64>,
        x: f32,
        y: f32,
        z: f32,
    ) {
        std::hint::black_box((seen, name, x, y, z));
        self.sum += 1;
    }

    fn passed_on(
        &mut self,
        cx: &mut bench::ServerCx<'_, Self>,
        seen: i32,
        name: Text<'_, 64>,
        x: f32,
        y: f32,
        z: f32,
    ) {
        cx.clients().told(seen, name, x, y, z);
        self.sum += 1;
    }
}

#[derive(Default)]
pub(crate) struct BenchClient;

#[network_object]
impl bench::Client for BenchClient {
    fn told(&mut self, cx: &mut bench::ClientCx<'_, Self>, _: i32, _: Text<'_, 64>, _: f32, _: f32, _: f32) {
        *cx.app_mut::<u64>() += 1;
    }

    fn value_changed(&mut self, cx: &mut bench::ClientCx<'_, Self>, _: i32) {
        *cx.app_mut::<u64>() += 1;
    }
}

#[derive(Default)]
pub(crate) struct WideServer;

#[network_object]
impl wide::Server for WideServer {
    fn add(&mut self, cx: &mut wide::ServerCx<'_, Self>, by: i32) {
        cx.state_mut().value = cx.state().value.wrapping_add(by);
        *cx.app_mut::<u64>() += 1;
    }
}

/// The smallest message.
#[message(id = 64, from = client)]
pub(crate) struct Noted {
    value: i32,
}

#[message_handler]
pub(crate) fn noted(cx: &mut MessageCx<'_>, message: Noted) {
    *cx.app_mut::<u64>() += u64::from(message.value > 0);
}

/// How many calls one frame holds here: enough that the frame itself does not count.
pub(crate) const CALLS: usize = 100;

pub(crate) const NAME: &str = "a name of thirty-two characters!";

/// A call as clients send it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    field: u8,
    pub(crate) arguments: fn(&mut Writer<'_>),
}

pub(crate) const ADD: Call = Call { field: 0, arguments: number_arguments };
pub(crate) const NUMBER: Call = Call { field: 1, arguments: number_arguments };
pub(crate) const MOVED: Call = Call { field: 2, arguments: moved_arguments };
pub(crate) const PASSED_ON: Call = Call { field: 3, arguments: moved_arguments };

fn number_arguments(w: &mut Writer<'_>) {
    w.array(1);
    w.signed(70_000);
}

fn moved_arguments(w: &mut Writer<'_>) {
    w.array(5);
    w.signed(70_000);
    w.text(NAME);
    [1.5, 2.5, 3.5].into_iter().for_each(|at| w.f32(at));
}

/// The handshake of a client.
const HELLO: &[u8] = b"\x00\x0a\x92\x02\x92\x03\xc4\x04\x12\x34\x56\x78";

/// A server with an object of each kind and some clients.
#[derive(Debug)]
pub(crate) struct Scene {
    node: Node,
    sender: ConnectionId,
    object: Object<bench::Contract>,
    wide: Object<wide::Contract>,
    /// Where everything is written, as a socket would take it.
    socket: Vec<u8>,
}

impl Scene {
    pub(crate) fn new(viewers: usize) -> Self {
        Self::over(&ConnectionConfig::accepted(), viewers)
    }

    /// The same with connections that are treated as `config` says.
    pub(crate) fn over(config: &ConnectionConfig, viewers: usize) -> Self {
        let builder = Node::server().view::<BenchServer>().view::<WideServer>().handler::<noted>();
        let mut node = builder.with(0_u64).build().expect("the registry is in order");
        let mut connect = || {
            let connection = node.handle_opened(Time::ZERO, config);
            node.handle_bytes(Time::ZERO, connection, HELLO);
            connection
        };
        let sender = connect();
        for _ in 1..viewers {
            connect();
        }
        let object = node.run(Time::ZERO, |n| n.create::<bench::Contract>().send()).expect("it has a view");
        let wide = node.run(Time::ZERO, |n| n.create::<wide::Contract>().send()).expect("it has a view");
        let mut scene = Self { node, sender, object, wide, socket: Vec::new() };
        scene.flush();
        scene
    }

    /// A frame of `count` calls, which has been sent once already: it works.
    pub(crate) fn frame(&mut self, call: Call, count: usize) -> Vec<u8> {
        let object = self.object.id();
        let frame = frame_of(count, |w| encode_call(w, object.to_u64(), 1, call.field, call.arguments));
        self.receive(&frame);
        let handled = self.node.run(Time::ZERO, |n| n.view::<BenchServer>(object).map(|view| view.sum));
        assert!(handled.is_some_and(|sum| sum > 0), "the calls arrive");
        self.flush();
        frame
    }

    /// The same of calls that change one property of several.
    pub(crate) fn frame_to_wide(&mut self, count: usize) -> Vec<u8> {
        let object = self.wide.id().to_u64();
        self.counted(frame_of(count, |w| encode_call(w, object, 1, 0, number_arguments)))
    }

    /// The same of messages.
    pub(crate) fn frame_of_messages(&mut self, count: usize) -> Vec<u8> {
        self.counted(frame_of(count, |w| encode_custom(w, MessageId(64), number_arguments)))
    }

    fn counted(&mut self, frame: Vec<u8>) -> Vec<u8> {
        self.receive(&frame);
        assert!(self.node.run(Time::ZERO, |n| *n.app::<u64>()) > 0, "all of it is handled");
        self.flush();
        frame
    }

    /// The first client sends it.
    pub(crate) fn receive(&mut self, frame: &[u8]) {
        self.node.handle_bytes(Time::ZERO, self.sender, frame);
    }

    /// Writes everything where a socket would take it from.
    pub(crate) fn flush(&mut self) {
        while let Some(transmit) = self.node.poll_transmit(Time::ZERO) {
            self.socket.clear();
            self.socket.extend_from_slice(transmit.bytes);
            let (connection, len) = (transmit.connection, transmit.bytes.len());
            self.node.handle_written(connection, len);
        }
    }

    /// The server calls its clients `count` times.
    pub(crate) fn tell(&mut self, count: usize) {
        let object = self.object;
        self.node.run(Time::ZERO, |n| {
            let name = NAME.try_into().expect("it is short enough");
            let object = n.object(object);
            for _ in 0..count {
                object.clients().told(70_000, name, 1.5, 2.5, 3.5);
            }
        });
    }
}

/// A client that sees one object.
#[derive(Debug)]
pub(crate) struct Watcher {
    node: Node,
    server: ConnectionId,
}

impl Watcher {
    /// The client, and a frame of `count` changes of a property that has come once already.
    pub(crate) fn new(count: usize) -> (Self, Vec<u8>) {
        let mut node = Node::client().view::<BenchClient>().with(0_u64).build().expect("it has a view");
        let server = node.handle_opened(Time::ZERO, &ConnectionConfig::dialed());
        let mut watcher = Self { node, server };
        let object = 1 << 32 | 1;
        watcher.hears(&ProtocolMessage::Motd { text: None });
        watcher.hears(&ProtocolMessage::SharedParameter { name: "rp", value: &[0xcc, 128] });
        watcher.hears(&ProtocolMessage::GenerateObject { object, type_number: 0, owner: 1, zone: 0 });
        watcher.hears(&ProtocolMessage::ObjectGenerateDone { object });
        let frame = frame_of(count, |w| encode_call(w, object, 0, 0, number_arguments));
        watcher.receive(&frame);
        assert!(watcher.node.run(Time::ZERO, |n| *n.app::<u64>()) > 0, "the changes arrive");
        (watcher, frame)
    }

    fn hears(&mut self, message: &ProtocolMessage<'_>) {
        let mut datagram = Vec::new();
        message.encode(&mut datagram);
        self.receive(&framed(&datagram));
    }

    /// The server sends it.
    pub(crate) fn receive(&mut self, frame: &[u8]) {
        self.node.handle_bytes(Time::ZERO, self.server, frame);
    }
}

/// A frame of `count` messages.
fn frame_of(count: usize, message: impl Fn(&mut Writer<'_>)) -> Vec<u8> {
    let mut datagram = Vec::new();
    for _ in 0..count {
        message(&mut Writer::new(&mut datagram));
    }
    framed(&datagram)
}

fn framed(datagram: &[u8]) -> Vec<u8> {
    let mut frame = frame_header(datagram.len()).to_vec();
    frame.extend(datagram);
    frame
}

/// What is measured beside `rmp-serde`: the same values, decoded and encoded by nothing else.
pub(crate) mod alone {
    use std::hint::black_box;

    use magicnet::prelude::*;
    use magicnet::wire::{Arguments, DecodeError, Reader, Writer};
    use serde::{Deserialize, Serialize};

    use super::{Call, NAME};

    /// The arguments of a call.
    pub(crate) fn arguments(call: Call) -> Vec<u8> {
        let mut bytes = Vec::new();
        (call.arguments)(&mut Writer::new(&mut bytes));
        bytes
    }

    /// As dispatch takes one number.
    pub(crate) fn number(bytes: &[u8]) {
        let take = |arguments: &mut Arguments<'_>| -> Result<i32, DecodeError> {
            let value = arguments.next("value")?;
            arguments.finish()?;
            Ok(value)
        };
        black_box(Arguments::open(Reader::new(black_box(bytes))).and_then(|mut it| take(&mut it)))
            .expect("the bytes are of the type");
    }

    /// As dispatch takes a number, a text and three floats.
    pub(crate) fn moved(bytes: &[u8]) {
        type Moved<'a> = (i32, Text<'a, 64>, f32, f32, f32);
        fn take<'a>(arguments: &mut Arguments<'a>) -> Result<Moved<'a>, DecodeError> {
            let seen = arguments.next("seen")?;
            let name = arguments.next("name")?;
            let place = (arguments.next("x")?, arguments.next("y")?, arguments.next("z")?);
            arguments.finish()?;
            Ok((seen, name, place.0, place.1, place.2))
        }
        black_box(Arguments::open(Reader::new(black_box(bytes))).and_then(|mut it| take(&mut it)))
            .expect("the bytes are of the type");
    }

    /// The same values by `rmp-serde`.
    pub(crate) fn serde<'a, T: Deserialize<'a>>(bytes: &'a [u8]) {
        black_box(rmp_serde::from_slice::<T>(black_box(bytes)).expect("the bytes are of the type"));
    }

    /// The whole message that the stub of `told` writes, by `rmp-serde`.
    pub(crate) fn serde_told(buffer: &mut Vec<u8>) {
        let message = (10_u64, (1_u64 << 32 | 1, 0_u8, 1_u8, (70_000, NAME, 1.5_f32, 2.5_f32, 3.5_f32)));
        let mut serializer = rmp_serde::Serializer::new(buffer);
        black_box(&message).serialize(&mut serializer).expect("a vector takes everything");
    }
}
