//! What goes out over a WebSocket: from the frames of a byte stream, `u16 length` and a datagram, to frames with
//! another header.
//!
//! What a server sends to many is turned once: a thread remembers what it has turned last, and whoever is handed the
//! same bytes takes it from there.

use std::cell::RefCell;
use std::io;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{CloseCode, Control, Data, OpCode};

use super::decode::apply_mask;

thread_local! {
    /// An edge writes to all of its connections in one thread, so edges need not wait for each other.
    static TURNED: RefCell<Turned> = RefCell::default();
}

/// Writes the frames of a server for `frames`, which are what the last ones were more often than not.
pub(super) fn with_turned<R>(frames: &[u8], data: Data, write: impl FnOnce(&[u8]) -> R) -> R {
    TURNED.with_borrow_mut(|turned| write(turned.shared(frames, data)))
}

/// Frames that were turned.
#[derive(Debug, Default)]
struct Turned {
    from: Vec<u8>,
    data: Option<Data>,
    into: Vec<u8>,
}

impl Turned {
    fn shared(&mut self, frames: &[u8], data: Data) -> &[u8] {
        if self.from != frames || self.data != Some(data) {
            self.data = Some(data);
            self.from.clear();
            self.from.extend_from_slice(frames);
            self.into.clear();
            for datagram in datagrams(frames) {
                push(&mut self.into, OpCode::Data(data), datagram, None);
            }
        }
        &self.into
    }
}

/// The frames of a client for `frames`, each with a mask of its own.
pub(super) fn masked(frames: &[u8], data: Data, masks: &mut Masks) -> io::Result<Vec<u8>> {
    let mut turned = Vec::with_capacity(frames.len() + 32);
    for datagram in datagrams(frames) {
        push(&mut turned, OpCode::Data(data), datagram, Some(masks.next()?));
    }
    Ok(turned)
}

/// Appends a control frame.
pub(super) fn push_control(
    out: &mut Vec<u8>,
    control: Control,
    content: &[u8],
    masks: Option<&mut Masks>,
) -> io::Result<()> {
    let mask = masks.map(Masks::next).transpose()?;
    push(out, OpCode::Control(control), content, mask);
    Ok(())
}

/// The content of a frame that closes for this reason.
pub(super) fn close_content(code: CloseCode) -> [u8; 2] {
    u16::from(code).to_be_bytes()
}

fn push(out: &mut Vec<u8>, opcode: OpCode, content: &[u8], mask: Option<[u8; 4]>) {
    let header = FrameHeader { opcode, mask, ..FrameHeader::default() };
    header.format(content.len() as u64, out).expect("a vector takes all that is written to it");
    let start = out.len();
    out.extend_from_slice(content);
    apply_mask(&mut out[start..], mask.unwrap_or_default());
}

/// The most whole frames at the start of `frames` that are turned at once: at least one.
pub(super) fn first_frames(frames: &[u8]) -> &[u8] {
    if frames.len() <= TURNED_AT_ONCE {
        return frames;
    }
    let mut end = 0;
    for datagram in datagrams(frames) {
        if end > 0 && end + 2 + datagram.len() > TURNED_AT_ONCE {
            break;
        }
        end += 2 + datagram.len();
    }
    &frames[..end]
}

/// Where the frame ends that byte `at` of the turned ones is behind or in: in `frames`, and turned.
pub(super) fn end_of_frame(frames: &[u8], at: usize, is_masked: bool) -> (usize, usize) {
    let (mut from, mut into) = (0, 0);
    for datagram in datagrams(frames) {
        if into >= at {
            break;
        }
        let mask = is_masked.then_some([0; 4]);
        let header = FrameHeader { mask, ..FrameHeader::default() };
        from += 2 + datagram.len();
        into += header.len(datagram.len() as u64) + datagram.len();
    }
    (from, into)
}

/// The datagrams in `frames`, which are whole.
fn datagrams(mut frames: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (header, rest) = frames.split_first_chunk::<2>()?;
        let (datagram, rest) = rest.split_at(usize::from(u16::from_be_bytes(*header)));
        frames = rest;
        Some(datagram)
    })
}

/// Masks that nobody can guess: what a page lets a browser send must not look like HTTP to a proxy on the way.
pub(super) struct Masks {
    pool: [u8; 128],
    left: usize,
}

impl Masks {
    pub(super) fn new() -> Self {
        Self { pool: [0; 128], left: 0 }
    }

    fn next(&mut self) -> io::Result<[u8; 4]> {
        if self.left == 0 {
            getrandom::fill(&mut self.pool).map_err(io::Error::other)?;
            self.left = self.pool.len();
        }
        self.left -= 4;
        Ok(*self.pool[self.left..].first_chunk().expect("the pool is a multiple of a mask"))
    }
}

/// As much as a socket takes at once when all goes well; whoever has more waiting is slow anyway.
const TURNED_AT_ONCE: usize = 128 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::stream::websocket::decode::{Decoder, output_size};

    fn frames() -> Vec<u8> {
        let mut frames = Vec::new();
        for len in [1, 125, 126, 40_000, 65_535, 3] {
            frames.extend(crate::wire::frame_header(len));
            frames.extend((0_u8..251).cycle().take(len));
        }
        frames
    }

    #[test]
    fn what_is_turned_is_turned_back() {
        let frames = frames();
        let server = Turned::default().shared(&frames, Data::Binary).to_vec();
        let client = masked(&frames, Data::Binary, &mut Masks::new()).unwrap();
        assert_eq!(client.len(), server.len() + 6 * 4);
        for (bytes, is_masked) in [(server, false), (client, true)] {
            let mut output = vec![0; output_size(bytes.len())];
            let (len, decoded) = Decoder::new(is_masked, false).decode(&bytes, &mut output);
            assert_eq!((&output[..len], decoded), (&frames[..], Ok(())));
        }
    }

    #[test]
    fn what_was_turned_last_is_kept_for_the_same_bytes_alone() {
        let mut turned = Turned::default();
        let first = turned.shared(&[0, 1, 7], Data::Binary).to_vec();
        assert_eq!(first, [0x82, 1, 7]);
        assert_eq!(turned.shared(&[0, 1, 7], Data::Binary), first);
        assert_eq!(turned.shared(&[0, 1, 8], Data::Binary), [0x82, 1, 8]);
        assert_eq!(turned.shared(&[0, 1, 8], Data::Text), [0x81, 1, 8]);
    }

    #[test]
    fn a_frame_that_was_sent_in_part_is_found() {
        let frames = frames();
        assert_eq!(end_of_frame(&frames, 0, false), (0, 0));
        assert_eq!(end_of_frame(&frames, 1, false), (3, 3));
        assert_eq!(end_of_frame(&frames, 3, false), (3, 3));
        assert_eq!(end_of_frame(&frames, 4, false), (3 + 127, 3 + 127));
        assert_eq!(end_of_frame(&frames, 131, false), (3 + 127 + 128, 3 + 127 + 130));
        let turned = Turned::default().shared(&frames, Data::Text).len();
        assert_eq!(end_of_frame(&frames, turned, false), (frames.len(), turned));
        let turned = masked(&frames, Data::Text, &mut Masks::new()).unwrap().len();
        assert_eq!(end_of_frame(&frames, turned, true), (frames.len(), turned));
    }

    #[test]
    fn much_is_turned_piece_by_piece() {
        let frames = frames().repeat(3);
        let mut rest = &frames[..];
        let mut pieces = 0;
        while !rest.is_empty() {
            let first = first_frames(rest);
            assert!(!first.is_empty() && first.len() <= TURNED_AT_ONCE);
            rest = &rest[first.len()..];
            pieces += 1;
        }
        assert!(pieces > 1);
        assert_eq!(first_frames(&[0, 1, 7]), [0, 1, 7]);
    }
}
