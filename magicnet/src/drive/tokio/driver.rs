//! The loop: wait for something, take a turn, wait again.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::{unconstrained, yield_now};
use tokio::time::{Instant, Sleep, sleep};

use super::sockets::Sockets;
use super::start;
#[cfg(feature = "udp")]
use super::udp::Udp;
use crate::drive::memory::Memory;
use crate::drive::{LocalEndpoint, StartError, Transport, rest, turn};
use crate::node::{Node, NodeHandle};
use crate::time::Time;

/// A node with its endpoints open: a future that ends when the node has shut down.
pub(super) struct Driver {
    node: Node,
    memory: Memory,
    sockets: Sockets,
    #[cfg(feature = "udp")]
    udp: Udp,
    /// Where it listens.
    local: Vec<LocalEndpoint>,
    /// The node's time zero.
    start: Instant,
    sleep: Pin<Box<Sleep>>,
    /// Ends when somebody wants the node to shut down.
    stop: oneshot::Receiver<()>,
}

impl Driver {
    /// Opens the node's endpoints.
    pub(super) async fn open(mut node: Node, stop: oneshot::Receiver<()>) -> Result<Self, StartError> {
        let start = Instant::now();
        let opened = start::open(&mut node, start).await?;
        Ok(Self {
            node,
            memory: opened.memory,
            sockets: opened.sockets,
            #[cfg(feature = "udp")]
            udp: opened.udp,
            local: opened.local,
            start,
            sleep: Box::pin(sleep(Duration::ZERO)),
            stop,
        })
    }

    /// Drives the node to its end.
    pub(super) async fn run(self) {
        // Tokio makes a task yield after a number of reads and writes, whoever they are for. A turn is bounded as it
        // is, and it should flush what it has read.
        unconstrained(self).await;
    }

    pub(super) fn handle(&self) -> NodeHandle {
        self.node.handle()
    }

    pub(super) fn local_endpoints(&self) -> &[LocalEndpoint] {
        &self.local
    }

    /// Begins to shut down if that was asked for. How long it takes is bounded by the node's limits and the sockets'.
    fn drive_stop(&mut self, cx: &mut Context<'_>, now: Time) {
        if !self.node.is_shutting_down() && Pin::new(&mut self.stop).poll(cx).is_ready() {
            self.node.run(now, |cx| cx.shutdown());
        }
    }

    /// Sees to it that there is a next turn: when something happens, when the next thing is due, or at once if
    /// something was left over.
    fn drive_sleep(&mut self, cx: &mut Context<'_>) {
        let transports: &[&dyn Transport] = &[
            &self.memory,
            &self.sockets,
            #[cfg(feature = "udp")]
            &self.udp,
        ];
        let (mut is_idle, due) = rest(&self.node, transports, cx.waker());
        if let Some(due) = due {
            let due = self.start + due.since_start();
            if self.sleep.deadline() != due {
                self.sleep.as_mut().reset(due);
            }
            is_idle &= self.sleep.as_mut().poll(cx).is_pending();
        }
        if !is_idle {
            // Not by the waker: a task that wakes itself runs dozens of times before the runtime looks at its sockets,
            // and one busy peer would be all that this node hears of.
            let _pending = pin!(yield_now()).poll(cx);
        }
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let now = Time::after_start(this.start.elapsed());
        this.node.set_waker(cx.waker());
        this.drive_stop(cx, now);
        let transports: &mut [&mut dyn Transport] = &mut [
            &mut this.memory,
            &mut this.sockets,
            #[cfg(feature = "udp")]
            &mut this.udp,
        ];
        turn(&mut this.node, transports, now);
        let mut is_finished = this.node.is_finished() && this.sockets.is_finished();
        #[cfg(feature = "udp")]
        {
            is_finished &= this.udp.is_finished();
        }
        if is_finished {
            return Poll::Ready(());
        }
        this.drive_sleep(cx);
        Poll::Pending
    }
}
