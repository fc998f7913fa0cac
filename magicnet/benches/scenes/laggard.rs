//! One who does not keep up, and is told late of what has begun meanwhile.

use magicnet::prelude::*;
use magicnet::{ConnectionConfig, ConnectionId, Limits, Node, NodeCx, Time};

use super::{BenchServer, HELLO, bench};

type Bench = Object<bench::Contract>;

/// A server, and a client that reads or does not.
#[derive(Debug)]
pub(crate) struct Laggard {
    node: Node,
    client: ConnectionId,
    object: Bench,
    reads: bool,
    /// How often it was written to while it read.
    writes: usize,
}

impl Laggard {
    pub(crate) fn new() -> Self {
        let mut limits = Limits::default();
        // It falls behind soon, and is told of a few objects at a time.
        (limits.kept_output, limits.shown_at_once) = (500, 200);
        let builder = Node::server().view::<BenchServer>().limits(limits);
        let mut node = builder.build().expect("the registry is in order");
        let client = node.handle_opened(Time::ZERO, &ConnectionConfig::accepted());
        node.handle_bytes(Time::ZERO, client, HELLO);
        let object = node.run(Time::ZERO, |n| n.create::<bench::Contract>().send()).expect("it has a view");
        let mut laggard = Self { node, client, object, reads: true, writes: 0 };
        laggard.flush();
        laggard.writes = 0;
        laggard.miss(100);
        assert!(laggard.writes > 10, "it is told in pieces");
        laggard
    }

    /// It does not read until it is behind and so many objects have begun. Then it is told of them, and of their end.
    pub(crate) fn miss(&mut self, objects: usize) {
        self.reads = false;
        let object = self.object;
        for value in 0..100 {
            let act = |_: &mut BenchServer, cx: &mut bench::ServerCx<'_, BenchServer>| {
                cx.state_mut().value = value;
            };
            self.node.run(Time::ZERO, |n| n.with(object, act)).expect("it is there");
            self.flush();
        }
        let begin = |n: &mut NodeCx<'_>| n.create::<bench::Contract>().send().expect("it has a view");
        let begun: Vec<Bench> =
            self.node.run(Time::ZERO, |n| (0..objects).map(|_| begin(n)).collect::<Vec<Bench>>());
        self.reads = true;
        self.node.handle_writable(self.client);
        self.flush();
        self.node.run(Time::ZERO, |n| begun.into_iter().for_each(|object| n.destroy(object)));
        self.flush();
    }

    /// Writes what it takes, until there is nothing more to say to it.
    fn flush(&mut self) {
        loop {
            while let Some(transmit) = self.node.poll_transmit(Time::ZERO) {
                let (connection, len) = (transmit.connection, transmit.bytes.len());
                self.writes += usize::from(self.reads);
                self.node.handle_written(connection, if self.reads { len } else { 0 });
            }
            if self.node.poll_timeout().is_none_or(|due| due > Time::ZERO) {
                return;
            }
            self.node.handle_timeout(Time::ZERO);
        }
    }
}
