//! What is read from a stream with layers over it, TLS and WebSockets, before a node sees any of it.

use std::io;
use std::sync::OnceLock;

use magicnet::__private::probe::{Layering, StreamProbe, read_address};
use magicnet::{Connect, Json, Listen, Tls, Ws};
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};

use super::bytes::{datagrams, fuzz_json};

/// The most that a WebSocket keeps of what came: a message in parts, which may have doubled as it grew, with a head and
/// what is to be answered.
const KEPT: usize = 2 * 65_537 + 3 * 8_192;

/// The largest message that passes.
const LARGEST: usize = 65_535;

/// Which side reads, what messages are, and whether the stream has begun: by the first byte of the input.
#[derive(Clone, Copy, Debug)]
struct Scene {
    is_client: bool,
    is_text: bool,
    /// The request was granted before; what comes is frames.
    is_open: bool,
}

impl Scene {
    fn new(first: u8) -> Self {
        Self { is_client: first & 1 != 0, is_text: first & 2 != 0, is_open: first & 4 != 0 }
    }

    fn layering(self) -> &'static Layering {
        static LAYERINGS: [OnceLock<Layering>; 4] = [const { OnceLock::new() }; 4];
        LAYERINGS[usize::from(self.is_client) + 2 * usize::from(self.is_text)].get_or_init(|| {
            let made = match (self.is_client, self.is_text) {
                (false, false) => Layering::accepting(Ws::bind("localhost:80")),
                (false, true) => Layering::accepting(Ws::bind("localhost:80").encoder(Json)),
                (true, false) => Layering::connecting(Ws::connect("localhost:80")),
                (true, true) => Layering::connecting(Ws::connect("localhost:80").encoder(Json)),
            };
            made.expect("the address is one")
        })
    }

    /// One end, open if it is to be.
    fn begin(self) -> StreamProbe {
        let mut probe = self.layering().open().expect("it is well described");
        // A client asks before anything comes.
        let mut frames = Vec::new();
        probe.receive(&[], &mut frames).expect("nothing is wrong yet");
        if self.is_open {
            let said = if self.is_client { grant(&probe.take_sent()) } else { REQUEST.to_vec() };
            assert!(probe.receive(&said, &mut frames).expect("that was right"));
        }
        assert!(frames.is_empty());
        probe
    }
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// The answer that a client waits for.
fn grant(request: &[u8]) -> Vec<u8> {
    let request = std::str::from_utf8(request).expect("a request is a text");
    let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
    let accept = derive_accept_key(key.expect("every request has one").as_bytes());
    let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    format!("{answer}Sec-WebSocket-Accept: {accept}\r\n\r\n").into_bytes()
}

/// What came of a stream.
#[derive(Debug)]
struct Outcome {
    datagrams: Vec<Vec<u8>>,
    /// Whether it goes on, or why it broke.
    end: io::Result<bool>,
}

/// A stream that comes `size` bytes at a time, read to its end.
fn read(mut probe: StreamProbe, stream: &[u8], size: usize) -> Outcome {
    let mut frames = Vec::new();
    let mut end = Ok(true);
    for piece in stream.chunks(size) {
        end = probe.receive(piece, &mut frames);
        assert!(probe.kept() <= KEPT, "{} bytes are kept", probe.kept());
        if !matches!(end, Ok(true)) {
            break;
        }
    }
    // Whatever came, there is a way out, and nothing counts behind it.
    probe.shut_down().expect("a goodbye can be said");
    let before = frames.len();
    let _ = probe.receive(stream, &mut Vec::new());
    assert_eq!(frames.len(), before);
    Outcome { datagrams: datagrams(&frames, frames.len().max(1)), end }
}

/// The bytes of a WebSocket, cut anywhere, of a server or of a client: the same datagrams however they come, those that
/// `tungstenite` finds, and little is kept. The first byte says of which side, the second how it is cut.
pub fn fuzz_websocket(bytes: &[u8]) {
    let [first, cut, stream @ ..] = bytes else { return };
    let scene = Scene::new(*first);
    let whole = read(scene.begin(), stream, stream.len().max(1));
    let pieces = read(scene.begin(), stream, usize::from(*cut).max(1));
    assert_eq!(whole.datagrams, pieces.datagrams, "cut every {cut} bytes");
    let text = |end: &io::Result<bool>| format!("{end:?}");
    assert_eq!(text(&whole.end), text(&pieces.end), "cut every {cut} bytes");
    if scene.is_open {
        compare(scene, stream, &whole);
    }
    if scene.is_text {
        whole.datagrams.iter().for_each(|datagram| fuzz_json(datagram));
    }
}

/// Where both go on, both have found the same; who breaks off has found the beginning of what the other has.
fn compare(scene: Scene, stream: &[u8], ours: &Outcome) {
    let theirs = Theirs::read(scene, stream);
    let common = ours.datagrams.len().min(theirs.messages.len());
    assert_eq!(ours.datagrams[..common], theirs.messages[..common]);
    // A text that is none is for whoever reads texts to refuse.
    let is_of_texts = matches!(theirs.end, Some(Error::Utf8(_))) && scene.is_text;
    if matches!(ours.end, Ok(true)) && !is_of_texts {
        assert_eq!(ours.datagrams.len(), theirs.messages.len(), "{:?}", theirs.end);
        assert!(!theirs.breaks(), "{:?}", theirs.end);
    }
    // We look at a header when it is there, `tungstenite` when the frame is; and at texts in parts when they begin.
    let is_text = format!("{:?}", ours.end).contains("Text");
    if !theirs.breaks() && !is_text && ends_with_a_frame(stream) {
        assert!(matches!(ours.end, Ok(true)), "{:?}", ours.end);
    }
}

/// Whether nothing is missing of the last frame.
fn ends_with_a_frame(mut stream: &[u8]) -> bool {
    while let [_, second, rest @ ..] = stream {
        let (len, rest) = match (second & 0x7f, rest) {
            (126, [a, b, rest @ ..]) => (u64::from(u16::from_be_bytes([*a, *b])), rest),
            (127, rest) if rest.len() >= 8 => {
                let (len, rest) = rest.split_at(8);
                (u64::from_be_bytes(len.try_into().expect("they are eight")), rest)
            }
            (126 | 127, _) => return false,
            (len, rest) => (len.into(), rest),
        };
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        let Some(rest) = usize::try_from(len).ok().and_then(|len| rest.get(len.checked_add(mask)?..)) else {
            return false;
        };
        stream = rest;
    }
    stream.is_empty()
}

/// What `tungstenite` makes of the same bytes.
struct Theirs {
    messages: Vec<Vec<u8>>,
    has_refused_text: bool,
    /// It goes on if there is none.
    end: Option<Error>,
    close: Option<Option<CloseFrame>>,
}

impl Theirs {
    fn read(scene: Scene, stream: &[u8]) -> Self {
        let limit = Some(LARGEST);
        let config = WebSocketConfig::default().max_message_size(limit).max_frame_size(limit);
        let role = if scene.is_client { Role::Client } else { Role::Server };
        let mut socket = WebSocket::from_raw_socket(Given(stream), role, Some(config));
        let mut theirs = Self { messages: Vec::new(), has_refused_text: false, end: None, close: None };
        while theirs.close.is_none() && !theirs.has_refused_text {
            match socket.read() {
                Ok(Message::Binary(bytes)) => theirs.push(bytes.to_vec()),
                Ok(Message::Text(text)) if scene.is_text => theirs.push(text.as_bytes().to_vec()),
                Ok(Message::Text(_)) => theirs.has_refused_text = true,
                Ok(Message::Close(frame)) => theirs.close = Some(frame),
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    theirs.end = Some(error);
                    break;
                }
            }
        }
        theirs
    }

    /// Empty ones are passed over, as empty frames are.
    fn push(&mut self, message: Vec<u8>) {
        if !message.is_empty() {
            self.messages.push(message);
        }
    }

    fn breaks(&self) -> bool {
        self.end.is_some() || self.close.is_some() || self.has_refused_text
    }
}

/// Bytes that are there, and no more; what is written is gone.
struct Given<'a>(&'a [u8]);

impl io::Read for Given<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.0.read(buffer)
    }
}

impl io::Write for Given<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A server and a client over TLS, and somebody on the way who changes what passes as the input says: what comes out is
/// the beginning of what went in. The first byte says whether there is a client at all, or the input alone.
pub fn fuzz_tls(bytes: &[u8]) {
    static ENDS: OnceLock<(Layering, Layering)> = OnceLock::new();
    let (server, client) = ENDS.get_or_init(|| {
        let server = Layering::accepting(Tls::bind("localhost:1")).expect("a certificate can be made");
        let pin = server.fragment().expect("nobody vouches for it");
        let client = Layering::connecting(Tls::connect(format!("localhost:1#{pin}")));
        (server, client.expect("the address is one"))
    });
    let [first, script @ ..] = bytes else { return };
    match first % 3 {
        0 => read_noise(server.open().expect("it is well described"), script),
        1 => read_noise(client.open().expect("it is well described"), script),
        _ => meddle([server, client].map(|side| side.open().expect("it is well described")), script),
    }
}

/// Bytes of no peer, cut as the first of them says.
fn read_noise(probe: StreamProbe, script: &[u8]) {
    let [cut, noise @ ..] = script else { return };
    let outcome = read(probe, noise, usize::from(*cut).max(1));
    assert!(outcome.datagrams.is_empty(), "nobody has the keys");
}

/// What both sides say, once they can: frames of a kilobyte.
const SAID: usize = 1_022;

fn meddle(mut ends: [StreamProbe; 2], script: &[u8]) {
    let mut heard = [Vec::new(), Vec::new()];
    let mut said = [0; 2];
    let (mut steps, mut is_changed) = (script.chunks(3), false);
    // Every step of the script is a flight; then all that is left passes untouched.
    let mut untouched = 0;
    while untouched < 8 {
        for from in [0, 1] {
            let mut frame = vec![0x03, 0xfe];
            frame.resize(2 + SAID, 7);
            said[from] += ends[from].write(&frame).unwrap_or(0);
            let _ = ends[from].receive(&[], &mut Vec::new());
            let mut flight = ends[from].take_sent();
            match steps.next() {
                Some(step) => is_changed |= change(&mut flight, step),
                None => untouched += 1,
            }
            if ends[1 - from].receive(&flight, &mut heard[1 - from]).is_err() {
                return;
            }
        }
    }
    for to in [0, 1] {
        assert!(is_changed || heard[to].len() > SAID, "they have talked");
        assert!(heard[to].len() <= said[1 - to], "no more comes out than went in");
        for frame in heard[to].chunks_exact(2 + SAID) {
            assert!(frame[..2] == [0x03, 0xfe] && frame[2..].iter().all(|byte| *byte == 7), "and the same");
        }
    }
}

/// Changes what passes: not at all, as most of it, or by one byte, or its end is cut off, or it comes twice. Says
/// whether it did.
fn change(flight: &mut Vec<u8>, step: &[u8]) -> bool {
    let [what, place, with] = step else { return false };
    let at = usize::from(*place) * flight.len() / 256;
    match what % 8 {
        0 if at < flight.len() => flight[at] ^= with.max(&1),
        1 => flight.truncate(at),
        2 => flight.extend_from_within(at..),
        3 => flight.insert(at, *with),
        _ => return false,
    }
    true
}

/// A text that may be the address of an endpoint: what is read is the same when it was written, and can be dialed or is
/// refused with a sentence.
pub fn fuzz_address(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match read_address(text) {
        Ok(once) => assert_eq!(read_address(&once).as_ref(), Ok(&once), "{text}"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let (listen, connect) = (text.parse::<Listen>(), text.parse::<Connect>());
    assert_eq!(listen.is_ok(), connect.is_ok(), "{text}");
    if let Ok(connect) = connect {
        // No socket is made of it; whether there is such a host is for others to say.
        if let Ok(layering) = Layering::connecting(connect)
            && let Ok(mut probe) = layering.open()
        {
            let _ = probe.receive(&[], &mut Vec::new());
            let asked = probe.take_sent();
            assert!(asked.is_empty() || !text.contains(['\r', '\n']), "nobody writes lines of a request");
        }
    }
}
