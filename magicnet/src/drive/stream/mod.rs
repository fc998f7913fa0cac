//! Connections over streams of bytes, under any runtime: accepts, reads and writes for all of a node, without waiting.
//!
//! A runtime says how its sockets are read and written ([`ByteStream`]) and where they come from ([`ByteListener`]);
//! what is done with them, and in which order, is the same everywhere and stands in [`Streams`]. What lies between a
//! socket and the frames of a node, TLS or a WebSocket, is a stream over a stream (`layers`). A connection that is idle
//! is a stream, a waker and a flag; what is read goes through one buffer that all share.

mod farewell;
mod layers;
mod listener;
#[cfg(feature = "tls")]
mod secure;
mod socket;
#[cfg(all(unix, any(feature = "tokio", feature = "threads", feature = "poll")))]
pub(super) mod unix;
#[cfg(feature = "websocket")]
mod websocket;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use slotmap::SecondaryMap;
use tracing::warn;

use super::ready::ReadyQueue;
use super::{ACCEPTS_PER_TURN, BYTES_PER_TURN, CLOSED, Machine, READS_PER_TURN, Transport};
use crate::line::ConnectionId;
use crate::node::{ConnectionConfig, Parting};
use crate::time::{Time, earlier};
use farewell::Farewell;
#[cfg(all(feature = "udp", any(feature = "tokio", feature = "threads", feature = "poll")))]
pub(super) use layers::Overhead;
pub(super) use layers::{Channel, Layers};
use listener::{Accepted, Listener};
use socket::Socket;

/// A stream of bytes that does not block. Whoever is told [`Poll::Pending`] is woken when it is worth another try.
pub(super) trait ByteStream {
    /// Whether our side is to be closed first, and the socket only when the other side is closed too: what lies unread
    /// in a socket that is closed makes the system send a reset, which may overtake the last words.
    const LINGERS: bool;

    /// What has come; nothing at the end of the stream. `scratch` may lend its memory to it.
    fn poll_read<'a>(&'a mut self, cx: &mut Context<'_>, scratch: &'a mut [u8])
    -> Poll<io::Result<&'a [u8]>>;

    /// Takes the beginning of `bytes`, as much as fits, and says how much that was.
    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>>;

    /// Closes our side of the stream, behind everything that was written.
    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Where the other side is, if it has an address and is still there.
    fn remote_addr(&self) -> Option<SocketAddr>;

    /// Whether something is kept here whose rest must come soon. What is handed on in part is the node's to wait for.
    fn is_inside(&self) -> bool {
        false
    }

    /// How many bytes have come that are in no frame, since this was asked last: handshakes, headers, and what the ends
    /// of a layer say to each other. They cost what others do.
    fn take_overhead(&mut self) -> usize {
        0
    }
}

/// A place where streams come from.
pub(super) trait ByteListener {
    type Stream: ByteStream;

    /// The next one.
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Self::Stream>>;
}

/// The listeners and streams of one node.
pub(super) struct Streams<L: ByteListener> {
    listeners: Vec<Listener<L>>,
    sockets: SecondaryMap<ConnectionId, Socket<Channel<L::Stream>>>,
    farewell: Farewell<Channel<L::Stream>>,
    ready: ReadyQueue<Source>,
    scratch: Box<[u8]>,
    /// Whom else connections may be given that were accepted.
    share: Option<Share<L::Stream>>,
    /// When it is looked whether a stream is inside of something still; of each once, and in order but for those that
    /// were put back.
    parts: VecDeque<(Time, ConnectionId)>,
}

/// Gives a connection that was accepted to somebody else, with what lies over it, or back.
pub(super) type Share<S> = Box<dyn Fn(S, &Layers, &ConnectionConfig) -> Option<S> + Send>;

impl<L: ByteListener> Streams<L> {
    pub(super) fn new() -> Self {
        Self {
            listeners: Vec::new(),
            sockets: SecondaryMap::new(),
            farewell: Farewell::new(),
            ready: ReadyQueue::new(),
            scratch: vec![0; SCRATCH_SIZE].into(),
            share: None,
            parts: VecDeque::new(),
        }
    }

    /// Asks `share` about each connection that is accepted from now on.
    #[cfg_attr(not(feature = "tokio"), expect(dead_code, reason = "a ticked node is in one piece"))]
    pub(super) fn share_by(&mut self, share: Share<L::Stream>) {
        self.share = Some(share);
    }

    /// Accepts what connects to `listener` from now on, and what waits there. `name` is for the log.
    pub(super) fn listen(&mut self, listener: L, name: String, layers: Layers, config: ConnectionConfig) {
        let index = u32::try_from(self.listeners.len()).expect("a node has a few listeners");
        let waker = self.ready.waker(Source::Listener(index));
        waker.wake_by_ref();
        self.listeners.push(Listener::new(listener, name, layers, config, waker));
    }

    /// Carries a connection that was accepted, if there is a place for it. Where there are layers, a word takes a
    /// handshake, which is most of what a connection costs: who finds no place there is let go without either.
    pub(super) fn accept(
        &mut self,
        stream: L::Stream,
        layers: &Layers,
        config: &ConnectionConfig,
        node: &mut dyn Machine,
        now: Time,
    ) -> io::Result<()> {
        if layers.are_none() || node.reserve(now, &coming_from(stream.remote_addr(), config)).is_some() {
            self.open(layers.wrap(stream)?, config, node, now);
        }
        Ok(())
    }

    /// Carries a connection that is established.
    pub(super) fn open(
        &mut self,
        stream: Channel<L::Stream>,
        config: &ConnectionConfig,
        node: &mut dyn Machine,
        now: Time,
    ) {
        let connection = node.handle_opened(now, &coming_from(stream.remote_addr(), config));
        let waker = self.ready.waker(Source::Socket(connection));
        // Something may have come before anybody could be woken.
        waker.wake_by_ref();
        self.sockets.insert(connection, Socket::new(stream, waker));
    }

    /// Whether every stream is gone, those on their way out included.
    pub(super) fn is_finished(&self) -> bool {
        self.sockets.is_empty() && self.farewell.is_empty()
    }

    #[cold]
    fn handle_listener(&mut self, index: usize, node: &mut dyn Machine, now: Time) {
        for _ in 0..ACCEPTS_PER_TURN {
            let Some(listener) = self.listeners.get_mut(index) else {
                return;
            };
            match listener.accept(now, self.share.as_ref()) {
                Accepted::Stream(stream) => {
                    let (layers, config) = (listener.layers.clone(), listener.config.clone());
                    if let Err(error) = self.accept(stream, &layers, &config, node, now) {
                        warn!(address = %self.listeners[index].name, %error, "cannot talk to who has connected");
                    }
                }
                Accepted::Nothing => return,
                Accepted::Elsewhere | Accepted::Broken => {}
            }
        }
        self.listeners[index].waker.wake_by_ref();
    }

    /// Hands over what a stream has, as far as one may go, and says how many bytes that was.
    fn handle_socket(&mut self, connection: ConnectionId, node: &mut dyn Machine, now: Time) -> usize {
        let Some(socket) = self.sockets.get_mut(connection) else {
            self.handle_leaving(connection);
            return 0;
        };
        if std::mem::take(&mut socket.is_blocked) {
            node.handle_writable(connection);
        }
        let (bytes, end) = read_socket(socket, &mut self.scratch, connection, node, now);
        // What a peer has sent besides frames, it answers for too.
        let overhead = socket.stream.take_overhead();
        if overhead > 0 {
            node.handle_overhead(now, connection, overhead);
        }
        if let Some(cause) = end {
            self.handle_end(connection, &cause, node, now);
        } else if socket.time_part(bytes > 0, now) {
            // What is kept of a message does not wait for its rest for ever.
            self.parts.push_back((now + PART_TIMEOUT, connection));
        }
        bytes + overhead
    }

    #[cold]
    fn handle_leaving(&mut self, connection: ConnectionId) {
        self.farewell.handle_ready(connection, &mut self.scratch);
    }

    /// A stream has ended by itself; if it can, it still says why.
    #[cold]
    fn handle_end(&mut self, connection: ConnectionId, cause: &str, node: &mut dyn Machine, now: Time) {
        node.handle_lost(now, connection, cause);
        if let Some(Socket { stream, waker, .. }) = self.sockets.remove(connection)
            && stream.has_last_words()
        {
            self.farewell.begin(connection, stream, waker, now);
        }
    }
}

/// How a connection is to be treated, with where it comes from if that is known.
fn coming_from(remote: Option<SocketAddr>, config: &ConnectionConfig) -> ConnectionConfig {
    let config = config.clone();
    match remote {
        Some(remote) => config.remote(remote),
        None => config,
    }
}

/// Hands over what has come, as far as one may go: how many bytes that was, and why no more will come if so.
fn read_socket<S: ByteStream>(
    socket: &mut Socket<S>,
    scratch: &mut [u8],
    connection: ConnectionId,
    node: &mut dyn Machine,
    now: Time,
) -> (usize, Option<String>) {
    let mut bytes = 0;
    for _ in 0..READS_PER_TURN {
        match socket.read(scratch) {
            Poll::Ready(Ok(read)) if !read.is_empty() => {
                node.handle_bytes(now, connection, read);
                bytes += read.len();
                if read.len() >= READ_SIZE {
                    break;
                }
            }
            // What it said last is answered before its end is looked at, in the next turn.
            Poll::Ready(_) if bytes > 0 => break,
            Poll::Ready(ended) => {
                let cause = ended.err().map_or_else(|| CLOSED.to_owned(), |error| error.to_string());
                return (bytes, Some(cause));
            }
            Poll::Pending => return (bytes, None),
        }
    }
    socket.waker.wake_by_ref();
    (bytes, None)
}

impl<L: ByteListener> Transport for Streams<L> {
    fn is_unused(&self) -> bool {
        self.sockets.is_empty() && self.listeners.is_empty() && self.farewell.is_empty()
    }

    fn handle_ready(&mut self, node: &mut dyn Machine, now: Time) {
        let mut bytes = 0;
        self.ready.begin_turn();
        while let Some(source) = self.ready.next() {
            match source {
                Source::Listener(index) => self.handle_listener(index as usize, node, now),
                Source::Socket(connection) => bytes += self.handle_socket(connection, node, now),
            }
            if bytes >= BYTES_PER_TURN || node.is_full() {
                break;
            }
        }
    }

    fn may_sleep(&self, driver: &Waker) -> bool {
        self.ready.end_turn(driver)
    }

    fn write(&mut self, connection: ConnectionId, bytes: &[u8]) -> Option<usize> {
        let socket = self.sockets.get_mut(connection)?;
        Some(socket.write(bytes))
    }

    fn close(&mut self, connection: ConnectionId, parting: Parting, now: Time) {
        let Some(Socket { mut stream, waker, .. }) = self.sockets.remove(connection) else {
            return;
        };
        stream.set_parting(parting);
        if let Parting::TurnedAway(_) = parting {
            // Were it waited for, as many could stay as come. What it reads before it looks at its end, it reads.
            let _ = stream.poll_shutdown(&mut Context::from_waker(&waker));
        } else if L::Stream::LINGERS {
            self.farewell.begin(connection, stream, waker, now);
        }
    }

    fn stop_listening(&mut self) {
        self.listeners.clear();
    }

    fn poll_timeout(&self) -> Option<Time> {
        let retry = self.listeners.iter().filter_map(|listener| listener.retry_at).min();
        let part = self.parts.front().map(|(due, _)| *due);
        earlier(part, earlier(retry, self.farewell.poll_timeout()))
    }

    fn handle_timeout(&mut self, now: Time) {
        self.farewell.handle_timeout(now);
        while let Some((_, connection)) = self.parts.pop_front_if(|(due, _)| *due <= now) {
            if let Some(socket) = self.sockets.get_mut(connection)
                && let Some(due) = socket.check_part(now)
            {
                self.parts.push_back((due, connection));
            }
        }
        for listener in &mut self.listeners {
            if listener.retry_at.take_if(|at| *at <= now).is_some() {
                listener.waker.wake_by_ref();
            }
        }
    }
}

impl<L: ByteListener> fmt::Debug for Streams<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams")
            .field("listeners", &self.listeners.len())
            .field("sockets", &self.sockets.len())
            .finish_non_exhaustive()
    }
}

/// What may be ready. Each connection has one in its waker, so it is small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// By its place among the listeners.
    Listener(u32),
    Socket(ConnectionId),
}

/// One of the largest frames, so that it arrives in one piece when it is there; a copy out of the system's buffers of
/// this size stays in the processor's second-level cache.
const READ_SIZE: usize = 64 * 1024;

/// How long a stream may keep a part of a message: as long as a frame may take by default.
const PART_TIMEOUT: Duration = Duration::from_secs(10);

/// What a stream may use while it reads.
#[cfg(not(feature = "websocket"))]
pub(super) const SCRATCH_SIZE: usize = READ_SIZE;
#[cfg(feature = "websocket")]
pub(super) const SCRATCH_SIZE: usize = websocket::SCRATCH_SIZE;
