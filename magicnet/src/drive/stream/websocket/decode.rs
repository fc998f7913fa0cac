//! What comes in over a WebSocket: from frames, cut anywhere, to the frames of a byte stream.
//!
//! A message in one frame passes straight through. Only one that comes in parts is kept until it is whole, and it has
//! room for a datagram, no more. Neither pings nor empty parts cost memory, however many there are.

use std::io::Cursor;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{CloseCode, Control, Data, OpCode};

use crate::wire::{MAX_FRAME, frame_header};

pub(super) struct Decoder {
    /// Clients mask what they send, servers do not.
    expects_masks: bool,
    /// Whether messages may be texts.
    takes_text: bool,
    /// The beginning of a header.
    header: [u8; LONGEST_HEADER],
    header_len: usize,
    frame: Option<Frame>,
    /// A message that comes in parts, so far, behind room for its length. Empty if there is none.
    parts: Vec<u8>,
    /// The content of a control frame, so far.
    control: Vec<u8>,
    /// What the last ping said, until it is answered: only the last one needs to be.
    ping: Option<Vec<u8>>,
    /// What the other side said as it closed.
    close: Option<Vec<u8>>,
}

/// A frame whose header has come.
#[derive(Clone, Copy, Debug)]
struct Frame {
    kind: Kind,
    /// How many bytes of it are to come.
    left: usize,
    mask: [u8; 4],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A message in one frame: its length was written, and its bytes follow as they come.
    Whole,
    Part {
        is_last: bool,
    },
    Ping,
    Pong,
    Close,
}

/// How a peer breaks the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Breach {
    #[error("a frame with a mask that should have none, or the other way round")]
    Mask,
    #[error("a frame of an unknown kind")]
    Kind,
    #[error("a control frame that is too large or in parts")]
    Control,
    #[error("a part of no message, or a message between the parts of another")]
    Order,
    #[error("an end for a reason that is none")]
    Close,
    #[error("a text where messages are bytes")]
    Text,
    #[error("a message of more than {MAX_FRAME} bytes")]
    TooLarge,
}

impl Breach {
    /// What the peer is told.
    pub(super) fn code(self) -> CloseCode {
        match self {
            Self::Mask | Self::Kind | Self::Control | Self::Order | Self::Close => CloseCode::Protocol,
            Self::Text => CloseCode::Unsupported,
            Self::TooLarge => CloseCode::Size,
        }
    }
}

impl Decoder {
    pub(super) fn new(expects_masks: bool, takes_text: bool) -> Self {
        Self {
            expects_masks,
            takes_text,
            header: [0; LONGEST_HEADER],
            header_len: 0,
            frame: None,
            parts: Vec::new(),
            control: Vec::new(),
            ping: None,
            close: None,
        }
    }

    /// Whether a message that comes in parts is kept, and not whole.
    pub(super) fn is_inside(&self) -> bool {
        !self.parts.is_empty()
    }

    /// How many bytes are kept.
    #[cfg(feature = "testing")]
    pub(super) fn kept(&self) -> usize {
        let said = [&self.ping, &self.close].into_iter().flatten().map(Vec::capacity).sum::<usize>();
        self.parts.capacity() + self.control.capacity() + said
    }

    /// What is to be sent back for the last ping that came.
    pub(super) fn take_ping(&mut self) -> Option<Vec<u8>> {
        self.ping.take()
    }

    /// The code that the other side has closed with, as bytes, if it has.
    pub(super) fn close(&self) -> Option<&[u8]> {
        self.close.as_deref()
    }

    /// Writes the datagrams in `input` into `output`, each behind its length, and says how many bytes that are: at most
    /// [`output_size`] of the input. What comes behind the end is not looked at. What came before a breach counts,
    /// wherever the stream was cut.
    pub(super) fn decode(&mut self, input: &[u8], output: &mut [u8]) -> (usize, Result<(), Breach>) {
        let mut output = Output { bytes: output, len: 0 };
        let decoded = self.decode_into(input, &mut output);
        (output.len, decoded)
    }

    fn decode_into(&mut self, mut input: &[u8], output: &mut Output<'_>) -> Result<(), Breach> {
        while self.close.is_none() {
            let frame = match self.frame {
                Some(frame) => frame,
                None => match self.begin_frame(&mut input, output)? {
                    Some(frame) => frame,
                    None => break,
                },
            };
            let (content, rest) = input.split_at(frame.left.min(input.len()));
            input = rest;
            self.frame = self.handle_content(frame, content, output)?;
            if self.frame.is_some() {
                break;
            }
        }
        Ok(())
    }

    /// Reads a header, if all of it is there.
    fn begin_frame(&mut self, input: &mut &[u8], output: &mut Output<'_>) -> Result<Option<Frame>, Breach> {
        while self.header_len < LONGEST_HEADER {
            // The shortest header tells how long it is, so few bytes are tried in vain.
            let Some((first, rest)) = input.split_first() else {
                return Ok(None);
            };
            self.header[self.header_len] = *first;
            self.header_len += 1;
            *input = rest;
            if self.header_len < 2 || self.header_len < header_size(self.header[1]) {
                continue;
            }
            let mut cursor = Cursor::new(&self.header[..self.header_len]);
            let parsed = FrameHeader::parse(&mut cursor).map_err(|_unknown| Breach::Kind)?;
            if let Some((header, len)) = parsed {
                self.header_len = 0;
                return self.check(&header, len, output).map(Some);
            }
        }
        Err(Breach::Kind)
    }

    fn check(&mut self, header: &FrameHeader, len: u64, output: &mut Output<'_>) -> Result<Frame, Breach> {
        if header.mask.is_some() != self.expects_masks {
            return Err(Breach::Mask);
        }
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(Breach::Kind);
        }
        let left = usize::try_from(len).ok().filter(|len| *len <= MAX_FRAME).ok_or(Breach::TooLarge)?;
        let kind = match header.opcode {
            OpCode::Control(control) => {
                if !header.is_final || left > LARGEST_CONTROL {
                    return Err(Breach::Control);
                }
                match control {
                    Control::Ping => Kind::Ping,
                    Control::Pong => Kind::Pong,
                    Control::Close => Kind::Close,
                    Control::Reserved(_) => return Err(Breach::Kind),
                }
            }
            OpCode::Data(data) => self.check_data(data, header.is_final, left, output)?,
        };
        Ok(Frame { kind, left, mask: header.mask.unwrap_or_default() })
    }

    fn check_data(
        &mut self,
        data: Data,
        is_last: bool,
        len: usize,
        output: &mut Output<'_>,
    ) -> Result<Kind, Breach> {
        let is_inside = !self.parts.is_empty();
        match data {
            Data::Reserved(_) => return Err(Breach::Kind),
            Data::Text if !self.takes_text => return Err(Breach::Text),
            Data::Text | Data::Binary if is_inside => return Err(Breach::Order),
            Data::Continue if !is_inside => return Err(Breach::Order),
            Data::Text | Data::Binary if is_last => {
                if len > 0 {
                    output.push(&frame_header(len));
                }
                return Ok(Kind::Whole);
            }
            Data::Text | Data::Binary => self.parts.extend_from_slice(&[0, 0]),
            Data::Continue => {}
        }
        if self.parts.len() - 2 + len > MAX_FRAME {
            return Err(Breach::TooLarge);
        }
        Ok(Kind::Part { is_last })
    }

    /// Takes what has come of a frame; returns the frame if there is more to come.
    fn handle_content(
        &mut self,
        frame: Frame,
        content: &[u8],
        output: &mut Output<'_>,
    ) -> Result<Option<Frame>, Breach> {
        match frame.kind {
            Kind::Whole => output.push_unmasked(content, frame.mask),
            Kind::Part { .. } => push_unmasked(&mut self.parts, content, frame.mask),
            Kind::Ping | Kind::Pong | Kind::Close => push_unmasked(&mut self.control, content, frame.mask),
        }
        let left = frame.left - content.len();
        if left > 0 {
            let mut mask = frame.mask;
            mask.rotate_left(content.len() % 4);
            return Ok(Some(Frame { left, mask, ..frame }));
        }
        self.end_frame(frame.kind, output).map(|()| None)
    }

    fn end_frame(&mut self, kind: Kind, output: &mut Output<'_>) -> Result<(), Breach> {
        match kind {
            Kind::Whole | Kind::Part { is_last: false } => {}
            Kind::Part { is_last: true } => {
                let mut message = std::mem::take(&mut self.parts);
                let len = message.len() - 2;
                message[..2].copy_from_slice(&frame_header(len));
                output.push(if len > 0 { &message } else { &[] });
            }
            Kind::Ping => self.ping = Some(std::mem::take(&mut self.control)),
            Kind::Pong => self.control.clear(),
            Kind::Close => {
                let mut reason = std::mem::take(&mut self.control);
                check_close(&reason)?;
                reason.truncate(2);
                self.close = Some(reason);
            }
        }
        Ok(())
    }
}

/// What a peer closes with: nothing, or a code that may be sent, and words.
fn check_close(reason: &[u8]) -> Result<(), Breach> {
    let is_sound = match reason.split_first_chunk::<2>() {
        None => reason.is_empty(),
        Some((code, words)) => {
            CloseCode::from(u16::from_be_bytes(*code)).is_allowed() && std::str::from_utf8(words).is_ok()
        }
    };
    if is_sound { Ok(()) } else { Err(Breach::Close) }
}

/// The most that [`Decoder::decode`] writes for so much input: as much, and a message whose parts came before.
pub(super) const fn output_size(input: usize) -> usize {
    input + 2 + 2 + MAX_FRAME
}

/// Bytes for the datagrams that came.
struct Output<'a> {
    bytes: &'a mut [u8],
    len: usize,
}

impl Output<'_> {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    fn push_unmasked(&mut self, bytes: &[u8], mask: [u8; 4]) {
        let start = self.len;
        self.push(bytes);
        apply_mask(&mut self.bytes[start..self.len], mask);
    }
}

fn push_unmasked(buffer: &mut Vec<u8>, bytes: &[u8], mask: [u8; 4]) {
    let start = buffer.len();
    buffer.extend_from_slice(bytes);
    apply_mask(&mut buffer[start..], mask);
}

/// Masks or unmasks, which is the same.
pub(super) fn apply_mask(bytes: &mut [u8], mask: [u8; 4]) {
    if mask == [0; 4] {
        return;
    }
    let wide = u32::from_ne_bytes(mask);
    let (words, rest) = bytes.as_chunks_mut::<4>();
    for word in words {
        *word = (u32::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask) {
        *byte ^= mask;
    }
}

/// How long a header is, as its second byte says.
fn header_size(second: u8) -> usize {
    let length = match second & 0x7f {
        127 => 8,
        126 => 2,
        _ => 0,
    };
    2 + length + if second & 0x80 == 0 { 0 } else { 4 }
}

const LONGEST_HEADER: usize = 14;

/// What RFC 6455 leaves to a ping.
const LARGEST_CONTROL: usize = 125;

#[cfg(test)]
mod tests {
    use super::*;

    const MASK: [u8; 4] = [1, 2, 3, 250];

    /// One frame, of a client if it is masked.
    fn frame(first: u8, content: &[u8], mask: Option<[u8; 4]>) -> Vec<u8> {
        let mut bytes = vec![first];
        let flag = if mask.is_some() { 0x80 } else { 0 };
        let len = content.len() as u64;
        match (u8::try_from(len), u16::try_from(len)) {
            (Ok(len @ 0..126), _) => bytes.push(flag | len),
            (_, Ok(len)) => {
                bytes.push(flag | 126);
                bytes.extend(len.to_be_bytes());
            }
            _ => {
                bytes.push(flag | 127);
                bytes.extend(len.to_be_bytes());
            }
        }
        bytes.extend(mask.unwrap_or_default().iter().take(if mask.is_some() { 4 } else { 0 }));
        let start = bytes.len();
        bytes.extend_from_slice(content);
        apply_mask(&mut bytes[start..], mask.unwrap_or_default());
        bytes
    }

    fn decode(decoder: &mut Decoder, input: &[u8]) -> Result<Vec<u8>, Breach> {
        let mut output = vec![0; output_size(input.len())];
        let (len, decoded) = decoder.decode(input, &mut output);
        output.truncate(len);
        decoded.map(|()| output)
    }

    #[test]
    fn messages_survive_every_way_of_cutting_the_stream() {
        let long = vec![7; 300];
        let mut stream = Vec::new();
        stream.extend(frame(0x82, b"ab", Some(MASK)));
        stream.extend(frame(0x82, b"", Some(MASK)));
        stream.extend(frame(0x02, b"c", Some(MASK)));
        stream.extend(frame(0x89, b"ping", Some(MASK)));
        stream.extend(frame(0x00, b"", Some(MASK)));
        stream.extend(frame(0x80, b"defgh", Some(MASK)));
        stream.extend(frame(0x82, &long, Some(MASK)));
        let mut expected = b"\x00\x02ab\x00\x06cdefgh\x01\x2c".to_vec();
        expected.extend(&long);
        for cut in 0..=stream.len() {
            let mut decoder = Decoder::new(true, false);
            let mut found = decode(&mut decoder, &stream[..cut]).unwrap();
            found.extend(decode(&mut decoder, &stream[cut..]).unwrap());
            assert_eq!(found, expected, "cut at {cut}");
            assert_eq!(decoder.take_ping().as_deref(), Some(&b"ping"[..]));
        }
        let mut decoder = Decoder::new(true, false);
        let bytes = stream.chunks(1).flat_map(|byte| decode(&mut decoder, byte).unwrap());
        assert!(bytes.eq(expected));
    }

    #[test]
    fn the_largest_message_passes_and_nothing_larger() {
        let largest = vec![1; MAX_FRAME];
        let whole = decode(&mut Decoder::new(false, false), &frame(0x82, &largest, None)).unwrap();
        assert_eq!(whole.len(), MAX_FRAME + 2);
        let mut parts = frame(0x02, &largest[1..], None);
        parts.extend(frame(0x80, &[1], None));
        assert_eq!(decode(&mut Decoder::new(false, false), &parts).unwrap(), whole);
        parts.extend(frame(0x02, &largest, None));
        parts.extend(frame(0x80, &[1], None));
        assert_eq!(decode(&mut Decoder::new(false, false), &parts), Err(Breach::TooLarge));
        let larger = frame(0x82, &[1; MAX_FRAME + 1], None);
        assert_eq!(decode(&mut Decoder::new(false, false), &larger), Err(Breach::TooLarge));
    }

    #[test]
    fn whoever_breaks_the_rules_is_found_out() {
        let breach = |bytes: &[u8]| decode(&mut Decoder::new(true, false), bytes).unwrap_err();
        assert_eq!(breach(&frame(0x82, b"a", None)), Breach::Mask);
        assert_eq!(breach(&frame(0xc2, b"a", Some(MASK))), Breach::Kind);
        assert_eq!(breach(&frame(0x83, b"a", Some(MASK))), Breach::Kind);
        assert_eq!(breach(&frame(0x8b, b"a", Some(MASK))), Breach::Kind);
        assert_eq!(breach(&frame(0x81, b"a", Some(MASK))), Breach::Text);
        assert_eq!(breach(&frame(0x09, b"a", Some(MASK))), Breach::Control);
        assert_eq!(breach(&frame(0x89, &[0; 126], Some(MASK))), Breach::Control);
        assert_eq!(breach(&frame(0x80, b"a", Some(MASK))), Breach::Order);
        for reason in [&[3][..], &[3, 237], &[0, 1], &[3, 232, 0xff]] {
            assert_eq!(breach(&frame(0x88, reason, Some(MASK))), Breach::Close);
        }
        let between = [frame(0x02, b"a", Some(MASK)), frame(0x82, b"b", Some(MASK))].concat();
        assert_eq!(breach(&between), Breach::Order);
        assert_eq!(
            breach(&[0x82, 0xff, 0xff, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]),
            Breach::TooLarge
        );
        assert_eq!(
            decode(&mut Decoder::new(false, false), &frame(0x82, b"a", Some(MASK))),
            Err(Breach::Mask)
        );
    }

    #[test]
    fn what_came_before_a_breach_counts() {
        let bytes = [frame(0x82, b"ab", None), frame(0x83, b"c", None), frame(0x82, b"d", None)].concat();
        let mut output = [0; 100];
        let (len, decoded) = Decoder::new(false, false).decode(&bytes, &mut output);
        assert_eq!((&output[..len], decoded), (&b"\x00\x02ab"[..], Err(Breach::Kind)));
    }

    #[test]
    fn nothing_counts_behind_the_end() {
        let mut decoder = Decoder::new(false, true);
        let bytes = [frame(0x81, b"{}", None), frame(0x88, &[3, 232, b'x'], None), frame(0x83, b"", None)];
        assert_eq!(decode(&mut decoder, &bytes.concat()).unwrap(), b"\x00\x02{}");
        assert_eq!(decoder.close(), Some(&[3, 232][..]));
    }
}
