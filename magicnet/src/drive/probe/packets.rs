//! A node over UDP, packet by packet.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use quinn_udp::{RecvMeta, Transmit};

use crate::drive::quic::{DatagramSocket, Dial, Quic};
use crate::drive::{Transport, turn};
use crate::node::{ConnectionConfig, Fingerprint, Identity, Node, Trust};
use crate::time::Time;

/// A node with one UDP socket.
pub struct PacketProbe {
    node: Node,
    quic: Quic<Socket>,
    wire: Rc<RefCell<Wire>>,
    now: Time,
}

/// A packet and where it goes.
type Packet = (SocketAddr, Vec<u8>);

#[derive(Default)]
struct Wire {
    arrived: VecDeque<Packet>,
    sent: VecDeque<Packet>,
    reader: Option<Waker>,
}

struct Socket(Rc<RefCell<Wire>>);

impl PacketProbe {
    /// One that listens, and the fingerprint of its certificate.
    pub fn listening(node: Node, identity: &Identity) -> io::Result<(Self, Option<Fingerprint>)> {
        let mut probe = Self::new(node);
        let socket = Socket(Rc::clone(&probe.wire));
        let fingerprint = probe.quic.listen(socket, identity, ConnectionConfig::accepted())?;
        probe.settle();
        Ok((probe, fingerprint))
    }

    /// One that connects to `remote`, which has this fingerprint.
    pub fn connecting(node: Node, remote: SocketAddr, fingerprint: Fingerprint) -> io::Result<Self> {
        let mut probe = Self::new(node);
        let (socket, trust) = (Socket(Rc::clone(&probe.wire)), Trust::default());
        let dial = Dial { remote, host: "localhost", trust: &trust, named: Some(fingerprint) };
        probe.quic.connect(socket, &dial, ConnectionConfig::dialed(), None, probe.now)?;
        probe.settle();
        Ok(probe)
    }

    fn new(node: Node) -> Self {
        let (quic, wire) = (Quic::new(Instant::now()), Rc::default());
        Self { node, quic, wire, now: Time::ZERO }
    }

    /// The node and the time there.
    pub fn node(&mut self) -> (&mut Node, Time) {
        (&mut self.node, self.now)
    }

    /// A packet arrives, from wherever it says.
    pub fn receive(&mut self, from: SocketAddr, packet: &[u8]) {
        let mut wire = self.wire.borrow_mut();
        wire.arrived.push_back((from, packet.to_vec()));
        if let Some(reader) = wire.reader.take() {
            reader.wake();
        }
        drop(wire);
        self.settle();
    }

    /// Time passes.
    pub fn advance(&mut self, by: Duration) {
        self.now = self.now + by;
        self.settle();
    }

    /// Takes the next packet that was sent, and where it goes.
    pub fn poll_sent(&mut self) -> Option<Packet> {
        self.wire.borrow_mut().sent.pop_front()
    }

    /// Writes bytes into the streams of all connections, as no node would.
    pub fn write(&mut self, bytes: &[u8]) {
        self.quic.each_session(|session| {
            let _ = session.write(bytes);
        });
        self.settle();
    }

    /// Sends bytes beside the streams of all connections, as no node would.
    pub fn send(&mut self, bytes: &[u8]) {
        self.quic.each_session(|session| session.send_raw(bytes));
        self.settle();
    }

    /// How many connections there are, those in handshake and those on their way out included.
    pub fn sessions(&mut self) -> usize {
        let mut count = 0;
        self.quic.each_session(|_| count += 1);
        count
    }

    fn settle(&mut self) {
        for _ in 0..MANY_TURNS {
            turn(&mut self.node, &mut [&mut self.quic], self.now);
            let is_due = |due: Option<Time>| due.is_some_and(|due| due <= self.now);
            let is_idle = self.quic.is_unused() || self.quic.may_sleep(Waker::noop());
            if is_idle && !is_due(self.quic.poll_timeout()) && !is_due(self.node.poll_timeout()) {
                return;
            }
        }
        panic!("a moment ends");
    }
}

/// More turns than any moment has.
const MANY_TURNS: usize = 100_000;

impl DatagramSocket for Socket {
    fn poll_recv(
        &mut self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        about: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut wire = self.0.borrow_mut();
        let mut count = 0;
        for (buffer, about) in buffers.iter_mut().zip(about) {
            let Some((addr, packet)) = wire.arrived.pop_front() else { break };
            let len = packet.len().min(buffer.len());
            buffer[..len].copy_from_slice(&packet[..len]);
            *about = RecvMeta { addr, len, stride: len, ..RecvMeta::default() };
            count += 1;
        }
        if count > 0 {
            return Poll::Ready(Ok(count));
        }
        wire.reader = Some(cx.waker().clone());
        Poll::Pending
    }

    fn poll_send(&mut self, _: &mut Context<'_>, packets: &Transmit<'_>) -> Poll<io::Result<()>> {
        let size = packets.segment_size.unwrap_or(packets.contents.len());
        let sent = packets.contents.chunks(size).map(|packet| (packets.destination, packet.to_vec()));
        self.0.borrow_mut().sent.extend(sent);
        Poll::Ready(Ok(()))
    }

    fn max_segments(&self) -> usize {
        4
    }

    fn may_fragment(&self) -> bool {
        false
    }
}
