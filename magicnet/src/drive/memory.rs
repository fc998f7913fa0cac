//! The connections inside the process, for every driver: streams that never leave memory.
//!
//! What happens and in which order depends on the calls alone; see [`crate::node::memory`] for the pipes themselves.

use std::io::{self, BufRead, ErrorKind, Write};
use std::net::SocketAddr;
use std::task::{Context, Poll};

use super::Machine;
use super::stream::{ByteListener, ByteStream, Channel, Layers, Streams};
use crate::node::ConnectionConfig;
use crate::node::memory::{Dial, Pipe, Port};
use crate::time::Time;

/// The ports and pipes of one node.
pub(super) type Memory = Streams<OpenPort>;

impl Memory {
    /// Accepts what dials `port` from now on, and what waits there.
    pub(super) fn listen_at(&mut self, port: Port, config: ConnectionConfig) {
        let port = OpenPort { port, is_known: false };
        self.listen(port, "memory".to_owned(), Layers::default(), config);
    }

    /// Opens a connection to the port of `dial`.
    pub(super) fn connect(
        &mut self,
        dial: &Dial,
        config: &ConnectionConfig,
        node: &mut dyn Machine,
        now: Time,
    ) -> io::Result<()> {
        self.open(Channel::plain(OpenPipe::new(dial.connect()?)), config, node, now);
        Ok(())
    }
}

/// A port that a node listens on.
pub(super) struct OpenPort {
    port: Port,
    /// The port knows whom to wake.
    is_known: bool,
}

impl ByteListener for OpenPort {
    type Stream = OpenPipe;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<OpenPipe>> {
        if !std::mem::replace(&mut self.is_known, true) {
            self.port.set_waker(cx.waker());
        }
        self.port.accept().map_or(Poll::Pending, |pipe| Poll::Ready(Ok(OpenPipe::new(pipe))))
    }
}

/// A pipe that a node has an end of.
pub(super) struct OpenPipe {
    pipe: Pipe,
    /// How much of what waits was handed out already.
    given: usize,
    /// The pipe knows whom to wake.
    is_known: bool,
}

impl OpenPipe {
    fn new(pipe: Pipe) -> Self {
        Self { pipe, given: 0, is_known: false }
    }

    /// A connection has one waker for all its life, so it is enough to say once whom to wake.
    fn introduce(&mut self, cx: &Context<'_>) {
        if !std::mem::replace(&mut self.is_known, true) {
            self.pipe.set_waker(cx.waker());
        }
    }
}

impl ByteStream for OpenPipe {
    /// What was written is there for the other end to read, whatever we leave unread.
    const LINGERS: bool = false;

    fn remote_addr(&self) -> Option<SocketAddr> {
        None
    }

    fn poll_read<'a>(&'a mut self, cx: &mut Context<'_>, _: &'a mut [u8]) -> Poll<io::Result<&'a [u8]>> {
        self.introduce(cx);
        self.pipe.consume(std::mem::take(&mut self.given));
        match self.pipe.fill_buf() {
            Ok(waiting) => {
                self.given = waiting.len();
                Poll::Ready(Ok(waiting))
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.introduce(cx);
        match self.pipe.write(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
            written => Poll::Ready(written),
        }
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
