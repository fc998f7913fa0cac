//! The loop: wait for something, take a turn, wait again.

use std::time::{Duration, Instant};

use super::dial::Patient;
use crate::drive::mio::{Opened, Reactor, open};
use crate::drive::{LocalEndpoint, StartError, rest, turn};
use crate::node::{Node, NodeHandle};
use crate::time::Time;

/// A node with its endpoints open.
pub(super) struct Driver {
    node: Node,
    opened: Opened,
    reactor: Reactor,
    /// The node's time zero.
    start: Instant,
}

impl Driver {
    /// Opens the node's endpoints.
    pub(super) fn open(mut node: Node) -> Result<Self, StartError> {
        let start = Instant::now();
        let mut reactor = Reactor::new().map_err(StartError::System)?;
        let opened = open(&mut node, &mut Patient { reactor: &mut reactor, start })?;
        Ok(Self { node, opened, reactor, start })
    }

    /// Drives the node to its end.
    pub(super) fn run(mut self) {
        let waker = self.reactor.waker();
        self.node.set_waker(&waker);
        loop {
            // From here on nobody asks for anything without being heard.
            self.reactor.prepare();
            let now = Time::after_start(self.start.elapsed());
            turn(&mut self.node, &mut self.opened.transports(), now);
            if self.node.is_finished() && self.opened.is_finished() {
                return;
            }
            let transports = self.opened.transports();
            let (may_sleep, due) = rest(&self.node, &transports.map(|transport| &*transport), &waker);
            let mut timeout = match (may_sleep, due) {
                (false, _) => Some(Duration::ZERO),
                (true, due) => due.map(|due| due.since(Time::after_start(self.start.elapsed()))),
            };
            // All that comes meanwhile is heard at once then.
            if let Some(rest) = timeout.filter(|_| self.node.poll_pause().is_some()) {
                self.reactor.pause(rest);
                timeout = Some(Duration::ZERO);
            }
            self.reactor
                .wait(timeout)
                .expect("the system lets a thread wait for the sockets it has given it");
        }
    }

    pub(super) fn handle(&self) -> NodeHandle {
        self.node.handle()
    }

    pub(super) fn local_endpoints(&self) -> &[LocalEndpoint] {
        &self.opened.local
    }
}
