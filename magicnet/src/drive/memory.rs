//! The connections inside the process, for every driver: accepts what dials the node's ports, and moves bytes between
//! pipes and node.
//!
//! What it does and in which order depends on the calls alone; see [`crate::node::memory`] for the pipes themselves.

use std::io::{self, BufRead, ErrorKind, Write};
use std::task::Waker;

use slotmap::SecondaryMap;

use super::ready::ReadyQueue;
use super::{ACCEPTS_PER_TURN, BYTES_PER_TURN, CLOSED, Machine, READS_PER_TURN, Transport};
use crate::line::ConnectionId;
use crate::node::ConnectionConfig;
use crate::node::memory::{Dial, Pipe, Port};
use crate::time::Time;

/// The ports and pipes of one node.
#[derive(Debug)]
pub(super) struct Memory {
    ports: Vec<OpenPort>,
    pipes: SecondaryMap<ConnectionId, OpenPipe>,
    ready: ReadyQueue<Source>,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self { ports: Vec::new(), pipes: SecondaryMap::new(), ready: ReadyQueue::new() }
    }

    /// Accepts what dials `port` from now on, and what waits there.
    pub(super) fn listen(&mut self, port: Port, config: ConnectionConfig) {
        let waker = self.ready.waker(Source::Port(self.ports.len()));
        port.set_waker(&waker);
        waker.wake_by_ref();
        self.ports.push(OpenPort { port, config, waker });
    }

    /// Opens a connection to the port of `dial`.
    pub(super) fn connect(
        &mut self,
        dial: &Dial,
        config: &ConnectionConfig,
        node: &mut dyn Machine,
        now: Time,
    ) -> io::Result<()> {
        let pipe = dial.connect()?;
        self.open(pipe, config, node, now);
        Ok(())
    }

    fn open(&mut self, pipe: Pipe, config: &ConnectionConfig, node: &mut dyn Machine, now: Time) {
        let connection = node.handle_opened(now, config);
        let waker = self.ready.waker(Source::Pipe(connection));
        pipe.set_waker(&waker);
        // Something may have come before anybody could be woken.
        waker.wake_by_ref();
        let open = OpenPipe { pipe, waker, is_blocked: false };
        self.pipes.insert(connection, open);
    }

    fn handle_port(&mut self, index: usize, node: &mut dyn Machine, now: Time) {
        for _ in 0..ACCEPTS_PER_TURN {
            let Some(OpenPort { port, config, .. }) = self.ports.get(index) else {
                return;
            };
            let Some(pipe) = port.accept() else { return };
            let config = config.clone();
            self.open(pipe, &config, node, now);
        }
        self.ports[index].waker.wake_by_ref();
    }

    /// Hands over what waits in a pipe, which is bounded, and says how many bytes that was.
    fn handle_pipe(&mut self, connection: ConnectionId, node: &mut dyn Machine, now: Time) -> usize {
        let Some(open) = self.pipes.get_mut(connection) else {
            return 0;
        };
        if open.is_blocked {
            open.is_blocked = false;
            node.handle_writable(connection);
        }
        let mut bytes = 0;
        for _ in 0..READS_PER_TURN {
            match open.pipe.fill_buf() {
                // What it said last is answered before its end is looked at, in the next turn.
                Ok([]) if bytes > 0 => break,
                Ok([]) => {
                    self.pipes.remove(connection);
                    node.handle_lost(now, connection, CLOSED);
                    return bytes;
                }
                Ok(read) => {
                    let len = read.len();
                    node.handle_bytes(now, connection, read);
                    open.pipe.consume(len);
                    bytes += len;
                }
                // A pipe has no other error to read than that nothing is there.
                Err(_) => return bytes,
            }
        }
        open.waker.wake_by_ref();
        bytes
    }
}

impl Transport for Memory {
    fn handle_ready(&mut self, node: &mut dyn Machine, now: Time) {
        let mut bytes = 0;
        for _ in 0..self.ready.begin_turn() {
            match self.ready.next() {
                Some(Source::Port(index)) => self.handle_port(index, node, now),
                Some(Source::Pipe(connection)) => bytes += self.handle_pipe(connection, node, now),
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
        let open = self.pipes.get_mut(connection)?;
        let written = match open.pipe.write(bytes) {
            Ok(len) => len,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            // The other end is gone. Its close stands in line, after what it wrote before.
            Err(_) => bytes.len(),
        };
        open.is_blocked = written < bytes.len();
        Some(written)
    }

    fn close(&mut self, connection: ConnectionId, _now: Time) {
        self.pipes.remove(connection);
    }

    fn stop_listening(&mut self) {
        self.ports.clear();
    }
}

#[derive(Debug)]
struct OpenPort {
    port: Port,
    config: ConnectionConfig,
    waker: Waker,
}

#[derive(Debug)]
struct OpenPipe {
    pipe: Pipe,
    waker: Waker,
    /// A write did not fit: the node is told when there is room.
    is_blocked: bool,
}

/// What may be ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Port(usize),
    Pipe(ConnectionId),
}
