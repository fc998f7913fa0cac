//! The drivers: the only code that waits.
//!
//! A [node](crate::Node) is a machine without clock or socket; a driver gives it bytes and the time, and carries away
//! what it has to say. Connections come in kinds, and each kind is a [`Transport`]: what is a stream of bytes is in
//! `stream`, with those inside the process in `memory` and those over sockets under the runtime that has them, or in
//! `mio`. A driver is a loop around [`turn`], with the transports it has:
//!
//! - `tick` never waits: [`Node::tick`](crate::Node::tick), for game loops and tests.
//! - `threads` has a thread that waits: `NodeBuilder::start_blocking` and `NodeBuilder::serve_blocking`.
//! - `tokio` has a task that waits: `NodeBuilder::start` and `NodeBuilder::serve`. A node with several edges has a
//!   thread for each, where the same loop drives an edge alone.
//!
//! **Invariant:** a turn ends, however much there is to do. What it left is ready still, and the driver comes back at
//! once.

#[cfg(any(feature = "tokio", feature = "threads", feature = "poll"))]
mod error;
#[cfg(any(feature = "tokio", feature = "threads", feature = "poll"))]
mod local;
mod machine;
mod memory;
#[cfg(any(feature = "threads", feature = "poll"))]
mod mio;
#[cfg(any(feature = "tokio", feature = "threads"))]
mod outside;
#[cfg(all(feature = "testing", any(feature = "tokio", feature = "threads", feature = "poll")))]
pub mod probe;
#[cfg(all(feature = "udp", any(feature = "tokio", feature = "threads", feature = "poll")))]
mod quic;
mod ready;
#[cfg_attr(
    not(any(feature = "tokio", feature = "threads", feature = "poll")),
    allow(dead_code, reason = "without a driver there is memory alone")
)]
mod stream;
#[cfg(feature = "threads")]
pub(crate) mod threads;
mod tick;
#[cfg(feature = "tls")]
#[cfg_attr(
    not(any(feature = "tokio", feature = "threads", feature = "poll")),
    allow(dead_code, reason = "without a driver there is memory alone")
)]
mod tls;
#[cfg(feature = "tokio")]
pub(crate) mod tokio;

#[cfg(any(feature = "tokio", feature = "threads"))]
use error::CONNECT_TIMEOUT;
#[cfg(any(feature = "tokio", feature = "threads", feature = "poll"))]
pub use error::StartError;
#[cfg(any(feature = "tokio", feature = "threads", feature = "poll"))]
pub use local::LocalEndpoint;
pub use tick::TickError;

use std::task::Waker;

use crate::line::ConnectionId;
use crate::node::{Datagrams, Parting};
use crate::time::{Time, earlier};
use machine::Machine;

/// One kind of connections: opens them, hands what they bring to the node, and writes what it answers.
#[cfg_attr(
    not(any(feature = "tokio", feature = "threads")),
    allow(dead_code, reason = "a driver that waits wants to be woken")
)]
trait Transport {
    /// Whether nothing is open and nothing can come. Then nobody asks it for anything else.
    fn is_unused(&self) -> bool;

    /// Hands over what came, as far as a turn may go.
    fn handle_ready(&mut self, node: &mut dyn Machine, now: Time);

    /// Ends a turn: whether the driver may sleep until it is woken. It may not if something is ready still.
    fn may_sleep(&self, driver: &Waker) -> bool;

    /// Writes as much as goes without waiting and says how much that was, or that the connection is of another kind.
    ///
    /// A connection that turns out to be broken takes everything; that it is lost is the next thing it has to say.
    fn write(&mut self, connection: ConnectionId, bytes: &[u8]) -> Option<usize>;

    /// Sends what may be lost, as much as goes.
    fn send(&mut self, connection: ConnectionId, datagrams: &Datagrams) {
        let _ = (connection, datagrams);
    }

    /// A turn's writes are over: sends what was only collected so far.
    fn flush(&mut self, now: Time) {
        let _ = now;
    }

    /// Closes a connection that the node is done with; those of another kind are left alone.
    fn close(&mut self, connection: ConnectionId, parting: Parting, now: Time);

    /// Accepts no more connections and gives up the places where they arrive.
    fn stop_listening(&mut self);

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    fn poll_timeout(&self) -> Option<Time> {
        None
    }

    /// Does what is due.
    fn handle_timeout(&mut self, now: Time) {
        let _ = now;
    }
}

/// One turn: what is ready goes in, then what that caused goes out. So what belongs together shares a write.
fn turn(node: &mut dyn Machine, transports: &mut [&mut dyn Transport], now: Time) {
    node.handle_commands(now);
    let may_read = !node.is_stalled();
    for transport in transports.iter_mut().filter(|transport| !transport.is_unused()) {
        if node.is_shutting_down() {
            transport.stop_listening();
        }
        transport.handle_timeout(now);
        if may_read {
            transport.handle_ready(node, now);
        }
    }
    if node.poll_timeout().is_some_and(|due| due <= now) {
        node.handle_timeout(now);
    }
    // Other threads may begin while this one writes.
    node.share();
    flush(node, transports, now);
    node.share();
}

/// Ends a turn: whether the driver may sleep, and until when at the latest. Whatever gets ready wakes it before, unless
/// the node would rather have it all at once at that time.
#[cfg_attr(
    not(any(feature = "tokio", feature = "threads")),
    expect(dead_code, reason = "a driver that waits asks")
)]
fn rest(node: &dyn Machine, transports: &[&dyn Transport], driver: &Waker) -> (bool, Option<Time>) {
    let pause = node.poll_pause();
    let woken = if pause.is_some() { Waker::noop() } else { driver };
    let (mut may_sleep, mut due) = (true, earlier(node.poll_timeout(), pause));
    for transport in transports.iter().filter(|transport| !transport.is_unused()) {
        may_sleep &= transport.may_sleep(woken);
        due = earlier(due, transport.poll_timeout());
    }
    (may_sleep, due)
}

fn flush(node: &mut dyn Machine, transports: &mut [&mut dyn Transport], now: Time) {
    while let Some(transmit) = node.poll_transmit(now) {
        let (connection, len) = (transmit.connection, transmit.bytes.len());
        if !transmit.datagrams.is_empty() {
            transports.iter_mut().for_each(|transport| transport.send(connection, transmit.datagrams));
        }
        let written = transports.iter_mut().find_map(|transport| transport.write(connection, transmit.bytes));
        // Of no transport any more: it was lost, and nobody waits for these bytes.
        node.handle_written(connection, written.unwrap_or(len));
    }
    while let Some((connection, parting)) = node.poll_parting() {
        for transport in &mut *transports {
            transport.close(connection, parting, now);
        }
    }
    for transport in transports.iter_mut().filter(|transport| !transport.is_unused()) {
        transport.flush(now);
    }
}

/// How many connections one port or listener opens in a turn. Opening one costs about as much as serving a few
/// messages (10 to 20 us), so a crowd that arrives holds up those who are there by a millisecond, not by seconds.
const ACCEPTS_PER_TURN: usize = 64;

/// How often one connection is read in a turn. The first read usually takes everything; the second finds nothing and
/// asks to be woken, or finds the end. A peer that has sent more is read again when all others were.
const READS_PER_TURN: usize = 2;

/// How many bytes a transport takes in before what they caused goes out. Everything may go to everybody, so this is
/// about what the send buffer of each viewer must hold (Linux begins at 87 KiB and grows it into megabytes), while a
/// larger turn would save no more writes worth speaking of: at this size a write carries thousands of messages.
const BYTES_PER_TURN: usize = 256 * 1024;

/// What the end of a stream is called.
const CLOSED: &str = "closed by the peer";
