//! TCP: accepts, reads and writes, for all connections of a node, without waiting.
//!
//! A connection that is idle is a socket, a waker and a flag; what is read goes through one buffer that all share.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use slotmap::SecondaryMap;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tracing::warn;

use super::earlier;
use super::farewell::Farewell;
use crate::drive::machine::Machine;
use crate::drive::ready::ReadyQueue;
use crate::drive::{ACCEPTS_PER_TURN, BYTES_PER_TURN, CLOSED, READS_PER_TURN, Transport};
use crate::line::ConnectionId;
use crate::node::ConnectionConfig;
use crate::time::Time;

/// The listeners and sockets of one node.
pub(super) struct Tcp {
    listeners: Vec<Listener>,
    sockets: SecondaryMap<ConnectionId, Socket>,
    farewell: Farewell,
    ready: ReadyQueue<Source>,
    scratch: Box<[u8]>,
    /// Whom else connections may be given that were accepted.
    share: Option<Share>,
}

/// Gives a connection to somebody else, or gives it back.
pub(super) type Share = Box<dyn Fn(TcpStream, &ConnectionConfig) -> Option<TcpStream> + Send>;

impl Tcp {
    pub(super) fn new() -> Self {
        Self {
            listeners: Vec::new(),
            sockets: SecondaryMap::new(),
            farewell: Farewell::default(),
            ready: ReadyQueue::new(),
            scratch: vec![0; READ_SIZE].into(),
            share: None,
        }
    }

    /// Asks `share` about each connection that is accepted from now on.
    pub(super) fn share_by(&mut self, share: Share) {
        self.share = Some(share);
    }

    /// Accepts what connects to `listener` from now on.
    pub(super) fn listen(&mut self, listener: TcpListener, local: SocketAddr, config: ConnectionConfig) {
        let waker = self.ready.waker(Source::Listener(self.listeners.len()));
        waker.wake_by_ref();
        self.listeners.push(Listener { listener, local, config, waker, retry_at: None });
    }

    /// Carries a connection that is established.
    pub(super) fn open(
        &mut self,
        stream: TcpStream,
        config: &ConnectionConfig,
        node: &mut dyn Machine,
        now: Time,
    ) {
        // Turns gather what belongs together; the system must not wait for more. If it cannot be set, the connection
        // is broken, and reading says so.
        let _ = stream.set_nodelay(true);
        let connection = node.handle_opened(now, config);
        let waker = self.ready.waker(Source::Socket(connection));
        waker.wake_by_ref();
        let socket = Socket { stream, waker, is_blocked: false, broken: None };
        self.sockets.insert(connection, socket);
    }

    pub(super) fn local_addrs(&self) -> Vec<SocketAddr> {
        self.listeners.iter().map(|listener| listener.local).collect()
    }

    /// Whether every socket is gone, those on their way out included.
    pub(super) fn is_finished(&self) -> bool {
        self.sockets.is_empty() && self.farewell.is_empty()
    }

    fn handle_listener(&mut self, index: usize, node: &mut dyn Machine, now: Time) {
        for _ in 0..ACCEPTS_PER_TURN {
            let Some(listener) = self.listeners.get_mut(index) else {
                return;
            };
            match listener.accept(now) {
                Accepted::Stream(stream) => {
                    let config = listener.config.clone();
                    let kept = match &self.share {
                        Some(share) => share(stream, &config),
                        None => Some(stream),
                    };
                    if let Some(stream) = kept {
                        self.open(stream, &config, node, now);
                    }
                }
                Accepted::Nothing => return,
                Accepted::Broken => {}
            }
        }
        self.listeners[index].waker.wake_by_ref();
    }

    /// Hands over what a socket has, as far as one may go, and says how many bytes that was.
    fn handle_socket(&mut self, connection: ConnectionId, node: &mut dyn Machine, now: Time) -> usize {
        let Some(socket) = self.sockets.get_mut(connection) else {
            self.farewell.handle_ready(connection, &mut self.scratch);
            return 0;
        };
        if socket.is_blocked {
            socket.is_blocked = false;
            node.handle_writable(connection);
        }
        let mut bytes = 0;
        for _ in 0..READS_PER_TURN {
            match socket.read(&mut self.scratch) {
                Poll::Ready(Ok(read)) if !read.is_empty() => {
                    node.handle_bytes(now, connection, read);
                    bytes += read.len();
                    if read.len() == READ_SIZE {
                        break;
                    }
                }
                // What it said last is answered before its end is looked at, in the next turn.
                Poll::Ready(_) if bytes > 0 => break,
                Poll::Ready(ended) => {
                    let cause = ended.err().map_or_else(|| CLOSED.to_owned(), |error| error.to_string());
                    self.sockets.remove(connection);
                    node.handle_lost(now, connection, &cause);
                    return bytes;
                }
                Poll::Pending => return bytes,
            }
        }
        socket.waker.wake_by_ref();
        bytes
    }
}

impl Transport for Tcp {
    fn handle_ready(&mut self, node: &mut dyn Machine, now: Time) {
        let mut bytes = 0;
        for _ in 0..self.ready.begin_turn() {
            match self.ready.next() {
                Some(Source::Listener(index)) => self.handle_listener(index, node, now),
                Some(Source::Socket(connection)) => bytes += self.handle_socket(connection, node, now),
                None => break,
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

    fn close(&mut self, connection: ConnectionId, now: Time) {
        if let Some(Socket { stream, waker, .. }) = self.sockets.remove(connection) {
            self.farewell.begin(connection, stream, waker, now);
        }
    }

    fn stop_listening(&mut self) {
        self.listeners.clear();
    }

    fn poll_timeout(&self) -> Option<Time> {
        let retry = self.listeners.iter().filter_map(|listener| listener.retry_at).min();
        earlier(retry, self.farewell.poll_timeout())
    }

    fn handle_timeout(&mut self, now: Time) {
        self.farewell.handle_timeout(now);
        for listener in &mut self.listeners {
            if listener.retry_at.take_if(|at| *at <= now).is_some() {
                listener.waker.wake_by_ref();
            }
        }
    }
}

struct Listener {
    listener: TcpListener,
    local: SocketAddr,
    config: ConnectionConfig,
    waker: Waker,
    /// Accepting failed: when to try again.
    retry_at: Option<Time>,
}

impl Listener {
    fn accept(&mut self, now: Time) -> Accepted {
        if self.retry_at.is_some() {
            return Accepted::Nothing;
        }
        match self.listener.poll_accept(&mut Context::from_waker(&self.waker)) {
            Poll::Ready(Ok((stream, _))) => Accepted::Stream(stream),
            Poll::Ready(Err(error)) if is_of_one_connection(&error) => Accepted::Broken,
            Poll::Ready(Err(error)) => {
                warn!(address = %self.local, %error, "cannot accept; trying again in {ACCEPT_PAUSE:?}");
                self.retry_at = Some(now + ACCEPT_PAUSE);
                Accepted::Nothing
            }
            Poll::Pending => Accepted::Nothing,
        }
    }
}

enum Accepted {
    Stream(TcpStream),
    /// A connection that broke before it was accepted; there may be another one behind it.
    Broken,
    Nothing,
}

/// Whether it says something about the connection that would have been accepted, rather than about this machine.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

struct Socket {
    stream: TcpStream,
    waker: Waker,
    /// A write did not fit: the node is told when there is room.
    is_blocked: bool,
    /// Writing failed; what the peer said before that is read first.
    broken: Option<io::Error>,
}

impl Socket {
    /// What has come; nothing at the end of the stream. If that is pending, the waker is called when there is more.
    fn read<'a>(&mut self, scratch: &'a mut [u8]) -> Poll<io::Result<&'a [u8]>> {
        let mut buffer = ReadBuf::new(scratch);
        // Not `try_read`: a read that does not fill the buffer tells tokio that the socket is empty, which saves the
        // system call that would find that out.
        let read = Pin::new(&mut self.stream).poll_read(&mut Context::from_waker(&self.waker), &mut buffer);
        match (read, self.broken.take()) {
            (Poll::Pending, Some(error)) => Poll::Ready(Err(error)),
            (read, broken) => {
                self.broken = broken;
                let len = buffer.filled().len();
                read.map_ok(|()| &scratch[..len])
            }
        }
    }

    /// Writes what fits. If that is less than there is, the waker is called when there is room.
    fn write(&mut self, bytes: &[u8]) -> usize {
        let mut written = 0;
        while written < bytes.len() && self.broken.is_none() {
            let mut cx = Context::from_waker(&self.waker);
            match Pin::new(&mut self.stream).poll_write(&mut cx, &bytes[written..]) {
                Poll::Ready(Ok(len)) => written += len,
                Poll::Ready(Err(error)) => {
                    self.broken = Some(error);
                    self.waker.wake_by_ref();
                }
                Poll::Pending => {
                    self.is_blocked = true;
                    return written;
                }
            }
        }
        bytes.len()
    }
}

/// What may be ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Listener(usize),
    Socket(ConnectionId),
}

/// One of the largest frames, so that it arrives in one piece when it is there; a copy out of the system's buffers of
/// this size stays in the processor's second-level cache.
const READ_SIZE: usize = 64 * 1024;

/// How long a listener rests after an error of this machine's, usually that there are no file descriptors left. Long
/// enough to cost nothing while that lasts, short enough that those who wait in the system's queue do not give up.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
