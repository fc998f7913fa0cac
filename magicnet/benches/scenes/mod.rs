//! The scenes that the benchmarks measure: a server with one object, its clients, and what these send.

use magicnet::prelude::*;
use magicnet::wire::{Writer, encode_call, frame_header};
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
    }
    trait Client {
        fn told(&mut self, seen: i32, name: Str<64>, x: f32, y: f32, z: f32);
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

/// A server with one object and some clients.
#[derive(Debug)]
pub(crate) struct Scene {
    node: Node,
    sender: ConnectionId,
    object: Object<bench::Contract>,
    /// Where everything is written, as a socket would take it.
    socket: Vec<u8>,
}

impl Scene {
    pub(crate) fn new(viewers: usize) -> Self {
        Self::over(&ConnectionConfig::accepted(), viewers)
    }

    /// The same with connections that are treated as `config` says.
    pub(crate) fn over(config: &ConnectionConfig, viewers: usize) -> Self {
        let mut node = Node::server().view::<BenchServer>().build().expect("the registry is in order");
        let mut connect = || {
            let connection = node.handle_opened(Time::ZERO, config);
            node.handle_bytes(Time::ZERO, connection, b"\x00\x0a\x92\x02\x92\x03\xc4\x04\x12\x34\x56\x78");
            connection
        };
        let sender = connect();
        for _ in 1..viewers {
            connect();
        }
        let object = node.run(Time::ZERO, |n| n.create::<bench::Contract>().send()).expect("it has a view");
        let mut scene = Self { node, sender, object, socket: Vec::new() };
        scene.flush();
        scene
    }

    /// A frame of `count` calls, which has been sent once already: it works.
    pub(crate) fn frame(&mut self, call: Call, count: usize) -> Vec<u8> {
        let mut datagram = Vec::new();
        for _ in 0..count {
            encode_call(
                &mut Writer::new(&mut datagram),
                self.object.id().to_u64(),
                1,
                call.field,
                call.arguments,
            );
        }
        let mut frame = frame_header(datagram.len()).to_vec();
        frame.extend(datagram);
        self.receive(&frame);
        let object = self.object;
        let handled = self.node.run(Time::ZERO, |n| n.view::<BenchServer>(object.id()).map(|view| view.sum));
        assert!(handled.is_some_and(|sum| sum > 0), "the calls arrive");
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
            let name = Str::truncated(NAME);
            let object = n.object(object);
            for _ in 0..count {
                object.clients().told(70_000, name.clone(), 1.5, 2.5, 3.5);
            }
        });
    }
}
