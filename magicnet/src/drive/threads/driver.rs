//! The loop: wait for something, take a turn, wait again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::drive::memory::Memory;
use crate::drive::mio::{Opened, Reactor, Sockets, dial_and_wait, open};
use crate::drive::{LocalEndpoint, StartError, rest, turn};
use crate::node::{Node, NodeHandle};
use crate::time::Time;

/// A node with its endpoints open.
pub(super) struct Driver {
    node: Node,
    memory: Memory,
    sockets: Sockets,
    reactor: Reactor,
    local: Vec<LocalEndpoint>,
    /// The node's time zero.
    start: Instant,
}

impl Driver {
    /// Opens the node's endpoints.
    pub(super) fn open(mut node: Node) -> Result<Self, StartError> {
        let reactor = Reactor::new().map_err(StartError::System)?;
        let Opened { memory, sockets, local } =
            open(&mut node, Time::ZERO, || Ok(Arc::clone(reactor.sockets())), dial_and_wait)?;
        Ok(Self { node, memory, sockets, reactor, local, start: Instant::now() })
    }

    /// Drives the node to its end.
    pub(super) fn run(mut self) {
        let waker = self.reactor.waker();
        self.node.set_waker(&waker);
        loop {
            // From here on nobody asks for anything without being heard.
            self.reactor.prepare();
            let now = Time::after_start(self.start.elapsed());
            turn(&mut self.node, &mut [&mut self.memory, &mut self.sockets], now);
            if self.node.is_finished() && self.sockets.is_finished() {
                return;
            }
            let (may_sleep, due) = rest(&self.node, &[&self.memory, &self.sockets], &waker);
            let timeout = match (may_sleep, due) {
                (false, _) => Some(Duration::ZERO),
                (true, due) => due.map(|due| due.since(Time::after_start(self.start.elapsed()))),
            };
            self.reactor
                .wait(timeout)
                .expect("the system lets a thread wait for the sockets it has given it");
        }
    }

    pub(super) fn handle(&self) -> NodeHandle {
        self.node.handle()
    }

    pub(super) fn local_endpoints(&self) -> &[LocalEndpoint] {
        &self.local
    }
}
