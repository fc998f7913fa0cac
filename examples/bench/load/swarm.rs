//! The load: many connections in one thread, cheap enough not to be what is measured.
//!
//! A peer first *talks*: what comes is kept, read by datagrams ([`Swarm::expect`]). Then it *counts*: of what
//! comes only the bytes inside of frames are counted, or, for those who measure latency, shown. Servers that speak
//! another protocol than MagicNet's have peers without frames: all bytes count.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use anyhow::bail;
use mio::{Events, Poll, Token};

use super::Place;
use super::carrier::Carrier;
use super::tunnel::Tunnels;

/// Connections to one server.
#[derive(Debug)]
pub(crate) struct Swarm {
    poll: Poll,
    events: Events,
    peers: Vec<Peer>,
    /// For those that are connected by QUIC.
    tunnels: Option<Tunnels>,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Peer {
    carrier: Carrier,
    /// None where the server speaks another protocol.
    frames: Option<Frames>,
    /// Whole datagrams that came while it talks.
    inbox: VecDeque<Vec<u8>>,
    /// The beginning of the next one; without frames, all that has come.
    partial: Vec<u8>,
    talks: bool,
    /// What the socket did not take.
    unsent: Vec<u8>,
    received: u64,
    is_closed: bool,
}

/// Finds the bytes inside of frames without keeping any.
#[derive(Debug, Default)]
struct Frames {
    /// How many bytes of the current datagram are to come.
    rest: usize,
    /// The first byte of a header that was cut in two.
    half: Option<u8>,
}

impl Frames {
    /// Gives each piece of a datagram to `show`, with whether the datagram lies in it as a whole.
    fn walk(&mut self, mut bytes: &[u8], mut show: impl FnMut(&[u8], bool)) {
        while let Some(&first) = bytes.first() {
            if self.rest > 0 {
                let (piece, after) = bytes.split_at(self.rest.min(bytes.len()));
                self.rest -= piece.len();
                show(piece, false);
                bytes = after;
                continue;
            }
            let (header, after) = match (self.half.take(), bytes) {
                (Some(high), [low, after @ ..]) => ([high, *low], after),
                (None, [high, low, after @ ..]) => ([*high, *low], after),
                _ => return self.half = Some(first),
            };
            let len = usize::from(u16::from_be_bytes(header));
            if len <= after.len() {
                let (datagram, after) = after.split_at(len);
                show(datagram, true);
                bytes = after;
            } else {
                self.rest = len;
                bytes = after;
            }
        }
    }
}

impl Swarm {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let (poll, events) = (Poll::new()?, Events::with_capacity(1024));
        Ok(Self { poll, events, peers: Vec::new(), tunnels: None, buffer: vec![0; 512 * 1024] })
    }

    /// Connects one more peer, which talks in frames, and returns its number.
    pub(crate) fn connect(&mut self, server: &Place) -> anyhow::Result<usize> {
        self.connect_with(server, Some(Frames::default()))
    }

    /// Connects one more peer, which talks without frames, and returns its number.
    pub(crate) fn connect_unframed(&mut self, server: &Place) -> anyhow::Result<usize> {
        self.connect_with(server, None)
    }

    fn connect_with(&mut self, server: &Place, frames: Option<Frames>) -> anyhow::Result<usize> {
        let number = self.peers.len();
        let carrier = Carrier::connect(server, &self.poll, Token(number), &mut self.tunnels)?;
        let mut peer = Peer {
            carrier,
            frames,
            inbox: VecDeque::new(),
            partial: Vec::new(),
            talks: true,
            unsent: Vec::new(),
            received: 0,
            is_closed: false,
        };
        // Of what came together with a handshake nobody tells.
        peer.read(&mut self.buffer, |_, _| {});
        self.peers.push(peer);
        Ok(number)
    }

    /// Sends bytes that are framed already.
    pub(crate) fn send(&mut self, peer: usize, bytes: &[u8]) {
        let peer = &mut self.peers[peer];
        peer.unsent.extend_from_slice(bytes);
        peer.flush();
    }

    /// Waits for a datagram of `peer` in which `find` finds something; those before it are gone. Without frames `find`
    /// sees all that has come since it found something.
    pub(crate) fn expect<T>(
        &mut self,
        peer: usize,
        what: &str,
        mut find: impl FnMut(&[u8]) -> Option<T>,
    ) -> anyhow::Result<T> {
        let patience = Instant::now() + PATIENCE;
        loop {
            while let Some(datagram) = self.peers[peer].inbox.pop_front() {
                if let Some(found) = find(&datagram) {
                    return Ok(found);
                }
            }
            let Peer { frames, partial, .. } = &mut self.peers[peer];
            if frames.is_none()
                && let Some(found) = find(partial)
            {
                partial.clear();
                return Ok(found);
            }
            if Instant::now() > patience {
                bail!("{what} did not come within {PATIENCE:?}");
            }
            self.turn(Some(Duration::from_millis(100)), |_, _, _| {})?;
        }
    }

    /// From now on talks again.
    pub(crate) fn talk(&mut self) {
        self.peers.iter_mut().for_each(|peer| peer.talks = true);
    }

    /// From now on only counts, and begins at nothing.
    pub(crate) fn count(&mut self) {
        for peer in &mut self.peers {
            peer.talks = false;
            peer.received = 0;
            peer.inbox = VecDeque::new();
            peer.partial = Vec::new();
        }
    }

    /// How many bytes of datagrams a peer has received since it counts.
    pub(crate) fn received(&self, peer: usize) -> u64 {
        self.peers[peer].received
    }

    /// The same of all peers.
    pub(crate) fn received_by_all(&self) -> u64 {
        self.peers.iter().map(|peer| peer.received).sum()
    }

    /// Waits until each of `peers` has received `bytes` since it counts.
    pub(crate) fn wait_for_each(&mut self, peers: std::ops::Range<usize>, bytes: u64) -> anyhow::Result<()> {
        let patience = Instant::now() + PATIENCE;
        for peer in peers {
            while self.peers[peer].received < bytes {
                if Instant::now() > patience {
                    let received = self.peers[peer].received;
                    bail!("peer {peer} has {received} of {bytes} bytes after {PATIENCE:?}");
                }
                self.turn(Some(Duration::from_millis(100)), |_, _, _| {})?;
            }
        }
        Ok(())
    }

    /// Takes what has come, without waiting; `show` is that of [`Swarm::turn`].
    pub(crate) fn take_all(&mut self, mut show: impl FnMut(usize, &[u8], bool)) -> anyhow::Result<()> {
        loop {
            self.turn(Some(Duration::ZERO), &mut show)?;
            if self.events.iter().count() < self.events.capacity() {
                return Ok(());
            }
        }
    }

    /// Waits for events, for at most `timeout`, and takes what came. `show` gets the pieces of datagrams of peers that
    /// count, with whether a piece is a whole datagram.
    pub(crate) fn turn(
        &mut self,
        timeout: Option<Duration>,
        mut show: impl FnMut(usize, &[u8], bool),
    ) -> anyhow::Result<()> {
        let timeout = match &self.tunnels {
            Some(tunnels) => {
                tunnels.wait(timeout);
                Some(Duration::ZERO)
            }
            None => timeout,
        };
        match self.poll.poll(&mut self.events, timeout) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            result => result?,
        }
        for event in &self.events {
            let number = event.token().0;
            let peer = &mut self.peers[number];
            if event.is_writable() {
                peer.flush();
            }
            if event.is_readable() {
                peer.read(&mut self.buffer, |piece, is_whole| show(number, piece, is_whole));
            }
            if peer.is_closed {
                bail!("the server has closed the connection of peer {number}");
            }
        }
        Ok(())
    }
}

impl Peer {
    fn flush(&mut self) {
        while !self.unsent.is_empty() {
            match self.carrier.write(&self.unsent) {
                Ok(len) => drop(self.unsent.drain(..len)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.is_closed = true,
            }
        }
        let flushed = self.carrier.flush();
        self.is_closed |= flushed.is_err_and(|error| error.kind() != ErrorKind::WouldBlock);
    }

    fn read(&mut self, buffer: &mut [u8], mut show: impl FnMut(&[u8], bool)) {
        loop {
            let (len, may_be_more) = match self.carrier.read(buffer) {
                Ok((0, _)) => return self.is_closed = true,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.is_closed = true,
            };
            self.take(&buffer[..len], &mut show);
            if !may_be_more {
                // Edge-triggered: what comes from now on is told again.
                return;
            }
        }
    }

    fn take(&mut self, bytes: &[u8], mut show: impl FnMut(&[u8], bool)) {
        let Self { frames, inbox, partial, talks, received, .. } = self;
        let Some(frames) = frames else {
            *received += bytes.len() as u64;
            if *talks {
                partial.extend_from_slice(bytes);
            }
            return;
        };
        frames.walk(bytes, |piece, is_whole| {
            *received += piece.len() as u64;
            if !*talks {
                return show(piece, is_whole);
            }
            if is_whole {
                inbox.push_back(piece.to_vec());
            } else {
                partial.extend_from_slice(piece);
            }
        });
        if *talks && frames.rest == 0 && !partial.is_empty() {
            inbox.push_back(std::mem::take(partial));
        }
    }
}

/// How long a server may take for anything.
const PATIENCE: Duration = Duration::from_secs(60);
