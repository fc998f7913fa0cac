//! A node with several edges: each in a thread with a runtime of its own, the world in the task of the node.
//!
//! All endpoints but UDP sockets are opened in the first thread, in order; what it accepts it [deals out](super::pool)
//! to all. The connections of a UDP socket stay where it is read, so it is the sockets that are dealt out. A thread
//! ends when its edge has said goodbye to everybody, or when the world is gone; the node ends when all threads have.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{io, thread};

use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::unconstrained;
use tokio::time::Instant;

use super::driver::{Clock, Driver};
use super::pool::Seat;
use crate::drive::{LocalEndpoint, StartError};
use crate::node::{EndpointConfig, EndpointKind, Hub, Node, NodeHandle, Part, Scheme};
use crate::time::Time;

/// A node in parts, with its endpoints open.
pub(super) struct Edges {
    world: WorldDriver,
    local: Vec<LocalEndpoint>,
    ends: Vec<End>,
}

/// How a thread ended: well, or by a panic.
type End = oneshot::Receiver<Result<(), Box<dyn Any + Send>>>;

/// What an edge has opened.
type Opened = oneshot::Receiver<Result<Vec<LocalEndpoint>, StartError>>;

impl Edges {
    /// Takes a node apart, and opens its endpoints.
    pub(super) async fn open(node: Node) -> Result<Self, StartError> {
        let start = Instant::now();
        let (mut hub, parts) = Hub::split(node);
        let (mut endpoints, listening) = deal(hub.take_endpoints(Time::ZERO), parts.len());
        hub.share_turns();
        let seats: Vec<Seat> = Seat::for_each(parts.iter().map(|part| part.load().clone())).collect();
        let (mut opened, mut ends) = (Vec::new(), Vec::new());
        for (number, (part, seat)) in parts.into_iter().zip(seats).enumerate() {
            let endpoints = std::mem::take(&mut endpoints[number]);
            let thread = spawn(number, Plan { part, seat, endpoints, start });
            let (is_open, end) = thread.map_err(StartError::System)?;
            opened.push(is_open);
            ends.push(end);
        }
        let mut of_edges = Vec::new();
        for opened in opened {
            match opened.await {
                Ok(Ok(of_edge)) => of_edges.push(of_edge.into_iter()),
                failed => {
                    // The threads notice, and are gone before the caller is told: what they listened on is free.
                    drop(hub);
                    wait_for(ends).await;
                    let Ok(Err(error)) = failed else {
                        unreachable!("the thread has panicked, and so did we")
                    };
                    return Err(error);
                }
            }
        }
        let local = listening.into_iter().filter_map(|edge| of_edges[edge].next()).collect();
        let world = WorldDriver { hub, clock: Clock::since(start) };
        Ok(Self { world, local, ends })
    }

    /// Drives the world until all edges have ended.
    ///
    /// # Panics
    ///
    /// If an edge's thread does, which is a bug of this library or a driver's.
    pub(super) async fn run(self) {
        let Self { world, ends, .. } = self;
        unconstrained(world).await;
        wait_for(ends).await;
    }

    pub(super) fn handle(&self) -> NodeHandle {
        self.world.hub.handle()
    }

    pub(super) fn local_endpoints(&self) -> &[LocalEndpoint] {
        &self.local
    }
}

/// What each edge opens, and for all places where others connect, in order, which edge has it.
fn deal(endpoints: Vec<EndpointConfig>, edges: usize) -> (Vec<Vec<EndpointConfig>>, Vec<usize>) {
    let mut dealt: Vec<Vec<EndpointConfig>> = (0..edges).map(|_| Vec::new()).collect();
    let (mut listening, mut next) = (Vec::new(), 0);
    for endpoint in endpoints {
        let edge = match &endpoint.kind {
            EndpointKind::Listen(address) if address.scheme == Scheme::Udp => {
                let edge = next;
                next = (next + 1) % edges;
                edge
            }
            _ => 0,
        };
        if matches!(endpoint.kind, EndpointKind::Listen(_)) {
            listening.push(edge);
        }
        dealt[edge].push(endpoint);
    }
    (dealt, listening)
}

/// Waits for the ends of all threads. A panic in one of them goes on here.
async fn wait_for(ends: Vec<End>) {
    for end in ends {
        if let Ok(Err(panic)) = end.await {
            resume_unwind(panic);
        }
    }
}

/// What a thread needs.
struct Plan {
    part: Part,
    seat: Seat,
    endpoints: Vec<EndpointConfig>,
    start: Instant,
}

/// Starts an edge's thread.
fn spawn(number: usize, plan: Plan) -> io::Result<(Opened, End)> {
    let (tell_open, opened) = oneshot::channel();
    let (tell_end, end) = oneshot::channel();
    thread::Builder::new().name(format!("magicnet-edge-{number}")).spawn(move || {
        let outcome = catch_unwind(AssertUnwindSafe(|| plan.run(tell_open)));
        // Nobody waits where the node was dropped.
        let _ = tell_end.send(outcome);
    })?;
    Ok((opened, end))
}

impl Plan {
    /// The whole life of a thread.
    fn run(self, tell_open: oneshot::Sender<Result<Vec<LocalEndpoint>, StartError>>) {
        let Self { part, seat, endpoints, start } = self;
        let runtime = match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(source) => return drop(tell_open.send(Err(StartError::System(source)))),
        };
        runtime.block_on(async {
            match Driver::open(part, endpoints, Clock::since(start)).await {
                Ok(driver) => {
                    let driver = driver.seated(seat);
                    // Who waits for this is told of a panic in another way.
                    let _ = tell_open.send(Ok(driver.local_endpoints().to_vec()));
                    driver.run().await;
                }
                Err(error) => drop(tell_open.send(Err(error))),
            }
        });
    }
}

/// The world's own loop: a future that ends when no edge is left, or one of them has ended before its time.
struct WorldDriver {
    hub: Hub,
    clock: Clock,
}

impl Future for WorldDriver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { hub, clock } = &mut *self;
        let now = clock.now();
        hub.set_waker(cx.waker());
        // News first: who asks for a connection means one that has come already.
        hub.handle_news(now);
        hub.handle_commands(now);
        if hub.poll_timeout().is_some_and(|due| due <= now) {
            hub.handle_timeout(now);
        }
        hub.share_turns();
        if hub.is_finished() {
            return Poll::Ready(());
        }
        let is_idle = hub.may_sleep();
        clock.poll_sleep(cx, hub.poll_timeout(), is_idle);
        Poll::Pending
    }
}
