//! One QUIC connection, which is one connection of the node: a stream each way, its beginning and its end.
//!
//! The listener opens the stream, because it greets first. The stream carries frames as TCP does; what flow control
//! does not let through stays with the node.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use quinn_proto::{
    Connection, ConnectionError, ConnectionEvent, Dir, ReadError, StreamId, VarInt, WriteError,
};

use tracing::debug;

use super::datagram;
use crate::drive::CLOSED;
use crate::drive::stream::Overhead;
use crate::line::ConnectionId;
use crate::node::{ConnectionConfig, Datagram, Reserved};
use crate::rate::{Bucket, Rate};
use crate::time::Time;

pub(in crate::drive) struct Session {
    pub(super) quic: Connection,
    /// How the node is to treat it.
    pub(super) config: ConnectionConfig,
    /// Its name to the node, until the node is done with it: from the end of the handshake, unless it was given one
    /// when it was dialed.
    pub(super) connection: Option<ConnectionId>,
    pub(super) stage: Stage,
    /// The place that is kept for it until it is open, if it was accepted.
    pub(super) reserved: Option<Reserved>,
    stream: Option<StreamId>,
    /// The number of the last datagram that had one.
    numbered: u32,
    /// A write did not fit: the node is told when there is room.
    is_blocked: bool,
    /// The stream was read to its end, which is said once only.
    ended: Option<&'static str>,
    /// There may be something to read.
    pub(super) is_readable: bool,
    /// It stands in the line of those that have something to tell or to send.
    pub(super) is_stirred: bool,
    /// When it is to be looked at, as the timers know it.
    pub(super) due: Option<Time>,
    /// How often its peer's address has changed lately.
    moves: Bucket,
    /// What came in packets and is not the node's: QUIC's own, and datagrams that say nothing.
    overhead: Overhead,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Keys and certificates are exchanged, until then at most.
    Handshake(Time),
    Open,
    /// The node is done with it; its last words are on their way, until then at most.
    Leaving(Time),
    /// It is over. It stays known for a while, so that packets which are late are not taken for others.
    Closed,
}

/// What reading came to.
pub(super) enum Read {
    /// There is more.
    More,
    Nothing,
    /// The stream is at its end; this is what is said of it.
    End(&'static str),
}

impl Session {
    pub(super) fn new(
        quic: Connection,
        config: ConnectionConfig,
        connection: Option<ConnectionId>,
        now: Time,
    ) -> Box<Self> {
        Box::new(Self {
            quic,
            config,
            connection,
            stage: Stage::Handshake(now + HANDSHAKE),
            reserved: None,
            stream: None,
            numbered: 0,
            is_blocked: false,
            ended: None,
            is_readable: false,
            is_stirred: false,
            due: None,
            moves: Bucket::default(),
            overhead: Overhead::default(),
        })
    }

    /// A packet of `len` bytes that came from `from`, and belongs to this connection by its own word. Says whether it
    /// was looked at: who has just moved a few times moves no further.
    pub(super) fn handle_packet(
        &mut self,
        from: SocketAddr,
        len: usize,
        packet: ConnectionEvent,
        now: Time,
    ) -> bool {
        let known = self.quic.remote_address();
        let mut moves = self.moves;
        if from != known && !moves.take(now, MOVES, 1) {
            return false;
        }
        let frames = frames(&self.quic);
        self.quic.handle_event(packet);
        // What others have forged or sent again says nothing here, and the peer does not answer for it.
        if frames != self::frames(&self.quic) {
            self.overhead.count(len, 0);
        }
        if self.quic.remote_address() != known {
            self.moves = moves;
        }
        true
    }

    /// The handshake is finished. Of the two sides the listener opens the stream, if the peer lets it; says whether
    /// there can be one.
    pub(super) fn open(&mut self) -> bool {
        self.stage = Stage::Open;
        if self.is_dialed() {
            return true;
        }
        self.stream = self.quic.streams().open(Dir::Bi);
        self.stream.is_some()
    }

    /// Whether this side has asked for it.
    pub(super) fn is_dialed(&self) -> bool {
        self.quic.side().is_client()
    }

    /// Whether keys and certificates are still exchanged.
    pub(super) fn is_handshaking(&self) -> bool {
        matches!(self.stage, Stage::Handshake(_))
    }

    /// The peer, who has been dialed, has opened the stream.
    pub(super) fn accept_stream(&mut self) {
        let stream = self.quic.streams().accept(Dir::Bi);
        self.stream = self.stream.or(stream);
        self.is_readable = true;
    }

    /// Writes as much as flow control lets through, and says how much that was.
    pub(in crate::drive) fn write(&mut self, bytes: &[u8]) -> usize {
        // Before there is a stream there is nobody to talk to but who goes before the handshake is finished.
        let Some(stream) = self.stream else { return bytes.len() };
        let mut send = self.quic.send_stream(stream);
        let mut written = 0;
        while written < bytes.len() {
            match send.write(&bytes[written..]) {
                Ok(len) => written += len,
                Err(WriteError::Blocked) => {
                    self.is_blocked = true;
                    return written;
                }
                // The peer does not want it, or is gone: that is news of its own.
                Err(WriteError::Stopped(_) | WriteError::ClosedStream) => break,
            }
        }
        bytes.len()
    }

    /// Sends a datagram. If too many wait, the oldest is lost.
    pub(super) fn send(&mut self, datagram: &Datagram<'_>) {
        let number = datagram.is_sequenced.then(|| {
            self.numbered = self.numbered.wrapping_add(1);
            self.numbered
        });
        let bytes = datagram::encode(number, datagram.messages);
        if let Err(error) = self.quic.datagrams().send(bytes, true) {
            debug!(%error, "a datagram is lost");
        }
    }

    /// Sends what stands for nothing.
    #[cfg(feature = "testing")]
    pub(in crate::drive) fn send_raw(&mut self, bytes: &[u8]) {
        // What does not fit is not sent.
        let _ = self.quic.datagrams().send(Bytes::copy_from_slice(bytes), true);
    }

    /// Hands over the datagrams that have come, which are bounded.
    pub(super) fn receive(&mut self, mut take: impl FnMut(Option<u32>, &[u8])) {
        let mut datagrams = self.quic.datagrams();
        while let Some(bytes) = datagrams.recv() {
            match datagram::decode(&bytes) {
                Some((number, messages)) => {
                    self.overhead.count(0, messages.len());
                    take(number, messages);
                }
                None => debug!("a datagram that says nothing"),
            }
        }
    }

    /// How many bytes have come that the node was not given, if it is worth telling. What waits to be read is not among
    /// them.
    pub(super) fn take_overhead(&mut self) -> usize {
        if self.is_readable { 0 } else { self.overhead.take_much() }
    }

    /// Whether the peer takes datagrams.
    pub(super) fn takes_datagrams(&mut self) -> bool {
        self.quic.datagrams().max_size().is_some()
    }

    /// There is room again; says whether the node waits for it.
    pub(super) fn unblock(&mut self) -> bool {
        std::mem::take(&mut self.is_blocked)
    }

    /// Hands over what has come, until `take` says that it is enough.
    pub(super) fn read(&mut self, mut take: impl FnMut(&[u8]) -> bool) -> Read {
        if let Some(cause) = self.ended {
            return Read::End(cause);
        }
        let Some(stream) = self.stream else { return Read::Nothing };
        let mut receive = self.quic.recv_stream(stream);
        let Ok(mut chunks) = receive.read(true) else {
            return Read::Nothing;
        };
        // What has been read is acknowledged when `chunks` is dropped.
        let cause = loop {
            match chunks.next(usize::MAX) {
                Ok(Some(chunk)) => {
                    self.overhead.count(0, chunk.bytes.len());
                    if !take(&chunk.bytes) {
                        return Read::More;
                    }
                }
                Ok(None) => break CLOSED,
                Err(ReadError::Blocked) => return Read::Nothing,
                Err(ReadError::Reset(_)) => break "reset by the peer",
            }
        };
        self.ended = Some(cause);
        Read::End(cause)
    }

    /// Ends the stream behind what was written, and waits until the peer has all of it.
    pub(super) fn leave(&mut self, now: Time, at: Instant) {
        let is_open = self.stage == Stage::Open;
        let finishes = self.stream.is_some_and(|stream| self.quic.send_stream(stream).finish().is_ok());
        if is_open && finishes {
            self.stage = Stage::Leaving(now + FAREWELL);
        } else {
            self.close(at);
        }
    }

    /// Ends it now; the peer is told in one packet.
    pub(super) fn close(&mut self, at: Instant) {
        self.stage = Stage::Closed;
        self.quic.close(at, VarInt::from_u32(0), Bytes::new());
    }

    /// When its stage has taken too long.
    pub(super) fn stage_ends(&self) -> Option<Time> {
        match self.stage {
            Stage::Handshake(until) | Stage::Leaving(until) => Some(until),
            Stage::Open | Stage::Closed => None,
        }
    }
}

/// How many frames have come that were whole and the peer's own.
fn frames(quic: &Connection) -> u64 {
    let it = quic.stats().frame_rx;
    let data = it.stream + it.datagram + it.crypto + it.reset_stream + it.stop_sending;
    let about_data = it.data_blocked + it.stream_data_blocked + it.max_data + it.max_stream_data;
    let streams = it.max_streams_bidi + it.max_streams_uni + it.streams_blocked_bidi + it.streams_blocked_uni;
    let ids = it.new_connection_id + it.retire_connection_id + it.new_token + u64::from(it.handshake_done);
    let paths = it.path_challenge + it.path_response + it.connection_close;
    let packets = it.acks + it.ping + it.ack_frequency + it.immediate_ack;
    data + about_data + streams + ids + paths + packets
}

/// What is said of a connection that broke.
pub(super) fn cause(error: &ConnectionError) -> String {
    match error {
        ConnectionError::ApplicationClosed(_) | ConnectionError::LocallyClosed => CLOSED.to_owned(),
        ConnectionError::Reset => "reset by the peer".to_owned(),
        ConnectionError::TimedOut => "the peer has gone silent".to_owned(),
        // Its words are the peer's own, and of no use.
        ConnectionError::ConnectionClosed(frame) => format!("aborted by the peer: {}", frame.error_code),
        error => error.to_string(),
    }
}

/// How often the address of a peer may change. A new one is sent a packet of full size before it has answered, however
/// small the one was that came from there: a client that forges where it sends from, over and over, would flood others
/// by way of us. A phone that goes from one network to the other and back stays within it.
const MOVES: Rate = Rate::per_minute(6).burst(3);

/// How long keys and certificates may take: four losses in a row at a round trip of half a second.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long last words may take. A peer has them within a round trip; two seconds are one with a packet lost on the
/// way, over the worst of links.
const FAREWELL: Duration = Duration::from_secs(2);
