//! A peer over a real socket that a test plays itself, byte by byte.
//!
//! It blocks, with patience and not forever: a test that uses it runs its nodes on other threads.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{ErrorKind, Read, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use magicnet::wire::{FrameReader, ProtocolMessage, RawMessage, Reader, ScanLimits, Writer, frame_header};
use magicnet::{AnyValue, NetworkType};

/// How long a test waits for what must come: far longer than it ever takes, so that a busy machine fails no test.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The far end of a TCP connection to a node, with no node behind it.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    reader: FrameReader,
    datagrams: usize,
    waiting: VecDeque<Vec<u8>>,
}

/// More than any message of a node holds.
const SCAN: ScanLimits = ScanLimits { depth: 64, elements: 1_000_000 };

impl Socket {
    /// Connects to a server.
    ///
    /// # Panics
    ///
    /// If nobody listens there.
    pub fn connect(address: SocketAddr) -> Self {
        Self::new(TcpStream::connect(address).expect("a server of this test listens"))
    }

    /// Accepts a client that has connected or is about to.
    ///
    /// # Panics
    ///
    /// If the system does not let it.
    pub fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = listener.accept().expect("a client of this test connects");
        Self::new(stream)
    }

    fn new(stream: TcpStream) -> Self {
        stream
            .set_nodelay(true)
            .and_then(|()| stream.set_read_timeout(Some(PATIENCE)))
            .and_then(|()| stream.set_write_timeout(Some(PATIENCE)))
            .expect("a connected socket takes options");
        Self { stream, reader: FrameReader::default(), datagrams: 0, waiting: VecDeque::new() }
    }

    /// Sends bytes as they are, without a frame around them.
    ///
    /// A node that has ended the connection may have closed it: what it does not take is lost.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Sends a datagram in a frame.
    pub fn send_datagram(&mut self, datagram: &[u8]) {
        let mut frame = frame_header(datagram.len()).to_vec();
        frame.extend_from_slice(datagram);
        self.send_bytes(&frame);
    }

    /// Sends messages in one datagram.
    pub fn send(&mut self, messages: &[ProtocolMessage<'_>]) {
        let mut datagram = Vec::new();
        for message in messages {
            message.encode(&mut datagram);
        }
        self.send_datagram(&datagram);
    }

    /// Says HELLO with the well-known hash, and waits for the repository that the server gives.
    ///
    /// # Panics
    ///
    /// If it gives none.
    pub fn shake_hands(&mut self) -> u32 {
        self.send(&[HELLO]);
        let answer = self.find(|message| message.starts_with("[5,[\"rp\","));
        let number = answer.trim_start_matches("[5,[\"rp\",").trim_end_matches("]]");
        number.parse().expect("a repository is a number")
    }

    /// The next message, in the form of JSON (bytes as `h'..'`); `None` when the node has closed its side.
    ///
    /// # Panics
    ///
    /// If nothing comes for a long time, or what comes is no message.
    pub fn next_message(&mut self) -> Option<String> {
        let message = self.next_bytes()?;
        let value = AnyValue::decode(&mut Reader::new(&message)).expect("nodes send legal values");
        Some(show(&value))
    }

    /// The next message as it came.
    ///
    /// # Panics
    ///
    /// As [`next_message`](Self::next_message) does.
    pub fn next_bytes(&mut self) -> Option<Vec<u8>> {
        let mut scratch = vec![0; 64 * 1024];
        while self.waiting.is_empty() {
            let len = match self.stream.read(&mut scratch) {
                Ok(0) => return None,
                Ok(len) => len,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    panic!("nothing came for {} seconds", PATIENCE.as_secs())
                }
                Err(error) => panic!("the connection broke: {error}"),
            };
            self.receive(&scratch[..len]);
        }
        self.waiting.pop_front()
    }

    fn receive(&mut self, mut bytes: &[u8]) {
        let mut scratch = Vec::new();
        while let Some(mut datagram) = self.reader.next_datagram(&mut bytes, &mut scratch) {
            self.datagrams += 1;
            while let Some(raw) = RawMessage::next(&mut datagram, SCAN) {
                let raw = raw.expect("nodes send whole messages");
                self.waiting.push_back(raw.bytes.to_vec());
            }
        }
    }

    /// Reads on until a message is `wanted`, and returns that one.
    ///
    /// # Panics
    ///
    /// If the connection ends before it comes.
    pub fn find(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        let mut before = Vec::new();
        while let Some(message) = self.next_message() {
            if wanted(&message) {
                return message;
            }
            before.push(message);
        }
        panic!("the connection ended; before that came {before:#?}");
    }

    /// Reads to the end of the connection: all messages that came.
    pub fn read_to_end(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.next_message()).collect()
    }

    /// The last message before the node closed its side: its goodbye.
    ///
    /// # Panics
    ///
    /// If it closed without a word.
    pub fn goodbye(&mut self) -> String {
        self.read_to_end().pop().expect("a node says why it closes")
    }

    /// How many datagrams have come.
    pub fn datagrams(&self) -> usize {
        self.datagrams
    }

    /// Ends our side; what the node still sends can be read.
    pub fn finish(&mut self) {
        // It fails if the node has closed the connection already, which is as good.
        let _ = self.stream.shutdown(Shutdown::Write);
    }
}

/// HELLO with the hash that Python MagicNet has unless it is told another.
pub const HELLO: ProtocolMessage<'static> =
    ProtocolMessage::Hello { version: 3, hash: &[0x12, 0x34, 0x56, 0x78] };

/// What a value is on the wire, in the form of JSON, with bytes as `h'0a1b'`.
///
/// # Panics
///
/// If it cannot be sent.
pub fn shown<T: NetworkType>(value: &T) -> String {
    let mut bytes = Vec::new();
    let mut w = Writer::new(&mut bytes);
    value.encode(&mut w);
    assert_eq!(w.fault(), None, "the value can be sent");
    show(&AnyValue::decode(&mut Reader::new(&bytes)).expect("what we encode is a value"))
}

fn show(value: &AnyValue) -> String {
    let list = |values: &[AnyValue]| values.iter().map(show).collect::<Vec<_>>().join(",");
    match value {
        AnyValue::Bool(value) => value.to_string(),
        AnyValue::Integer(value) => value.to_string(),
        AnyValue::Float(value) => format!("{value:?}"),
        AnyValue::Text(value) => format!("{value:?}"),
        AnyValue::Bytes(bytes) => {
            let mut text = String::from("h'");
            bytes.iter().for_each(|byte| write!(text, "{byte:02x}").expect("a string takes everything"));
            text + "'"
        }
        AnyValue::Array(values) => format!("[{}]", list(values)),
        AnyValue::Map(entries) => {
            let entry = |(key, value): &(AnyValue, AnyValue)| format!("{}:{}", show(key), show(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
        }
        _ => "null".to_owned(),
    }
}
