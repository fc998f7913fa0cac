//! A peer that a test plays itself, byte by byte.

use crate::wire::{FrameReader, ProtocolMessage, RawMessage, ScanLimits, frame_header};

/// The far end of a connection to a node, with no node behind it.
#[derive(Debug, Default)]
pub struct RawPeer {
    pub(super) outgoing: Vec<u8>,
    incoming: Vec<u8>,
    reader: FrameReader,
    pub(super) is_closed: bool,
    pub(super) hangs_up: bool,
}

/// More than any message of a test holds.
const SCAN: ScanLimits = ScanLimits { depth: 64, elements: 1_000_000 };

impl RawPeer {
    /// Sends bytes as they are, without a frame around them.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.outgoing.extend_from_slice(bytes);
    }

    /// Sends a datagram in a frame.
    pub fn send_datagram(&mut self, datagram: &[u8]) {
        self.send_bytes(&frame_header(datagram.len()));
        self.send_bytes(datagram);
    }

    /// Sends messages in one datagram.
    pub fn send(&mut self, messages: &[ProtocolMessage<'_>]) {
        let mut datagram = Vec::new();
        for message in messages {
            message.encode(&mut datagram);
        }
        self.send_datagram(&datagram);
    }

    /// Says HELLO with the well-known hash.
    pub fn hello(&mut self) {
        self.send(&[ProtocolMessage::Hello { version: 3, hash: &[0x12, 0x34, 0x56, 0x78] }]);
    }

    /// Ends the connection without a word.
    pub fn hang_up(&mut self) {
        self.hangs_up = true;
    }

    /// Whether the node has closed the connection.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    pub(super) fn receive(&mut self, bytes: &[u8]) {
        self.incoming.extend_from_slice(bytes);
    }

    /// Takes all datagrams that have come.
    pub fn datagrams(&mut self) -> Vec<Vec<u8>> {
        let incoming = std::mem::take(&mut self.incoming);
        let mut input = &incoming[..];
        let mut scratch = Vec::new();
        let mut found = Vec::new();
        while let Some(datagram) = self.reader.next_datagram(&mut input, &mut scratch) {
            found.push(datagram.to_vec());
        }
        found
    }

    /// Takes all messages that have come, one hex line each, as `id: bytes of the whole message`.
    pub fn messages(&mut self) -> Vec<(u64, Vec<u8>)> {
        let mut found = Vec::new();
        for datagram in self.datagrams() {
            let mut rest = &datagram[..];
            while let Some(raw) = RawMessage::next(&mut rest, SCAN) {
                let raw = raw.expect("nodes send whole messages");
                found.push((raw.id.0, raw.bytes.to_vec()));
            }
        }
        found
    }

    /// Takes the numbers of all messages that have come.
    pub fn message_ids(&mut self) -> Vec<u64> {
        self.messages().into_iter().map(|(id, _)| id).collect()
    }
}
