//! The loop: wait for something, take a turn, wait again.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use tokio::task::{unconstrained, yield_now};
use tokio::time::{Instant, Sleep, sleep_until};
use tracing::debug;

use super::pool::Seat;
use super::sockets::Sockets;
use super::start;
#[cfg(feature = "udp")]
use super::udp::Udp;
use crate::drive::machine::Machine;
use crate::drive::memory::Memory;
use crate::drive::{LocalEndpoint, StartError, Transport, rest, turn};
use crate::node::EndpointConfig;
use crate::time::Time;

/// A machine with its endpoints open, a whole node or an edge: a future that ends when nothing is left to do.
pub(super) struct Driver<M> {
    machine: M,
    memory: Memory,
    sockets: Sockets,
    #[cfg(feature = "udp")]
    udp: Udp,
    /// Where it listens.
    local: Vec<LocalEndpoint>,
    clock: Clock,
    /// Where connections arrive that another edge has accepted.
    seat: Option<Seat>,
    /// Who is woken by other threads.
    waker: Waker,
}

impl<M: Machine + Unpin> Driver<M> {
    /// Opens the endpoints of a machine.
    pub(super) async fn open(
        mut machine: M,
        endpoints: Vec<EndpointConfig>,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let opened = start::open(&mut machine, endpoints, clock.start()).await?;
        machine.share();
        Ok(Self {
            machine,
            memory: opened.memory,
            sockets: opened.sockets,
            #[cfg(feature = "udp")]
            udp: opened.udp,
            local: opened.local,
            clock,
            seat: None,
            waker: Waker::noop().clone(),
        })
    }

    /// Shares what it accepts with other edges, and takes what they give it.
    pub(super) fn seated(mut self, seat: Seat) -> Self {
        self.sockets.share_by(seat.sharing());
        Self { seat: Some(seat), ..self }
    }

    /// Drives the machine to its end.
    pub(super) async fn run(self) {
        // Tokio makes a task yield after a number of reads and writes, whoever they are for. A turn is bounded as it
        // is, and it should flush what it has read.
        unconstrained(self).await;
    }

    pub(super) fn machine(&self) -> &M {
        &self.machine
    }

    pub(super) fn local_endpoints(&self) -> &[LocalEndpoint] {
        &self.local
    }

    /// Tells those in other threads whom to wake. It is the same task nearly always.
    fn introduce(&mut self, cx: &Context<'_>) {
        if self.waker.will_wake(cx.waker()) {
            return;
        }
        self.waker.clone_from(cx.waker());
        self.machine.set_waker(&self.waker);
        if let Some(seat) = &self.seat {
            seat.set_waker(&self.waker);
        }
    }

    /// Opens the connections that others have accepted.
    fn drive_arrivals(&mut self, now: Time) {
        let Self { machine, sockets, seat, .. } = self;
        if let Some(seat) = seat {
            seat.take_arrivals(|socket, layers, config| {
                if let Err(error) = sockets.accept(socket, layers, config, machine, now) {
                    debug!(%error, "cannot talk to who has connected");
                }
            });
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
        let (is_idle, due) = rest(&self.machine, transports, cx.waker());
        self.clock.poll_sleep(cx, due, is_idle || self.machine.is_stalled());
    }
}

impl<M: Machine + Unpin> Future for Driver<M> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let now = this.clock.now();
        this.introduce(cx);
        this.drive_arrivals(now);
        let transports: &mut [&mut dyn Transport] = &mut [
            &mut this.memory,
            &mut this.sockets,
            #[cfg(feature = "udp")]
            &mut this.udp,
        ];
        turn(&mut this.machine, transports, now);
        let is_finished = this.machine.is_finished() && this.sockets.is_finished();
        #[cfg(feature = "udp")]
        let is_finished = is_finished && this.udp.is_finished();
        if is_finished || this.machine.is_cut() {
            return Poll::Ready(());
        }
        this.drive_sleep(cx);
        Poll::Pending
    }
}

/// The time of a node, and what wakes its driver when something is due.
pub(super) struct Clock {
    /// The node's time zero.
    start: Instant,
    sleep: Pin<Box<Sleep>>,
    /// When that ends; never before it is set.
    ends_at: Time,
    /// Whom it wakes.
    driver: Waker,
}

impl Clock {
    /// One that began at `start`, for the runtime that this is called in.
    pub(super) fn since(start: Instant) -> Self {
        let driver = Waker::noop().clone();
        Self { start, sleep: Box::pin(sleep_until(start)), ends_at: Time::NEVER, driver }
    }

    /// The node's time zero.
    pub(super) fn start(&self) -> Instant {
        self.start
    }

    pub(super) fn now(&self) -> Time {
        Time::after_start(self.start.elapsed())
    }

    /// Wakes the driver at `due`, and at once if it is not idle.
    pub(super) fn poll_sleep(&mut self, cx: &mut Context<'_>, due: Option<Time>, mut is_idle: bool) {
        let due = due.filter(|due| *due < Time::NEVER);
        is_idle &= due.is_none_or(|due| self.poll_due(cx, due).is_pending());
        if !is_idle {
            // Not by the waker: a task that wakes itself runs dozens of times before the runtime looks at its sockets,
            // and one busy peer would be all that this node hears of.
            let _pending = pin!(yield_now()).poll(cx);
        }
    }

    /// Sees to it that the driver is woken at `due` or before. To set the timer costs more than to be woken in vain
    /// when what was due is not any more, and most turns change nothing.
    fn poll_due(&mut self, cx: &mut Context<'_>, due: Time) -> Poll<()> {
        let is_over = self.sleep.is_elapsed();
        if due < self.ends_at || is_over && due > self.ends_at {
            self.sleep.as_mut().reset(self.start + due.since_start());
            self.ends_at = due;
        } else if !is_over && self.driver.will_wake(cx.waker()) {
            return Poll::Pending;
        }
        self.driver.clone_from(cx.waker());
        self.sleep.as_mut().poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::future::poll_fn;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::runtime::Builder;

    /// A limit that is no limit is far away, and nothing to be busy with.
    #[test]
    fn what_never_comes_wakes_nobody() {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&polls);
        runtime.block_on(async move {
            let mut clock = Clock::since(Instant::now());
            let task = tokio::spawn(poll_fn(move |cx| {
                counted.fetch_add(1, Ordering::Relaxed);
                clock.poll_sleep(cx, Some(Time::ZERO + Duration::MAX), true);
                Poll::<()>::Pending
            }));
            for _ in 0..100 {
                yield_now().await;
            }
            task.abort();
        });
        assert_eq!(polls.load(Ordering::Relaxed), 1);
    }
}
