//! Frames of a byte stream: `u16 big-endian length`, then a datagram of that many bytes (PROTOCOL "Bytes").

/// The most bytes of one datagram: what the length prefix can say.
pub const MAX_FRAME: usize = 65_535;

/// The prefix of a datagram of `len` bytes, which must be at most [`MAX_FRAME`].
pub fn frame_header(len: usize) -> [u8; 2] {
    u16::try_from(len).expect("datagrams are split below MAX_FRAME").to_be_bytes()
}

/// Cuts a stream into datagrams, keeping at most one unfinished frame.
///
/// Whole frames are handed out straight from the caller's bytes; only what is left of a frame is copied, and a reader
/// between frames owns no memory.
#[derive(Debug, Default)]
pub struct FrameReader {
    /// The start of a frame whose end has not come, with its prefix.
    partial: Vec<u8>,
}

impl FrameReader {
    /// Whether a frame has begun and not ended.
    pub fn is_inside_frame(&self) -> bool {
        !self.partial.is_empty()
    }

    /// Takes the next datagram from what is left over and `input`, which moves past what was used.
    ///
    /// Call it until it returns `None`; then `input` is used up. Empty frames are passed over, as Python does.
    ///
    /// `scratch` lends its memory to a datagram that comes in several pieces, and has it back when the datagram is
    /// whole: one buffer serves all readers of a thread, and frames that are cut at each read allocate nothing.
    pub fn next_datagram<'a, 'i: 'a>(
        &mut self,
        input: &mut &'i [u8],
        scratch: &'a mut Vec<u8>,
    ) -> Option<&'a [u8]> {
        if self.partial.is_empty() {
            return self.next_whole(input, scratch);
        }
        self.complete_partial(input)?;
        *scratch = std::mem::take(&mut self.partial);
        if scratch.len() > 2 { Some(&scratch[2..]) } else { self.next_whole(input, scratch) }
    }

    fn next_whole<'i>(&mut self, input: &mut &'i [u8], scratch: &mut Vec<u8>) -> Option<&'i [u8]> {
        loop {
            match split_frame(input) {
                Some((datagram, rest)) => {
                    *input = rest;
                    if !datagram.is_empty() {
                        return Some(datagram);
                    }
                }
                None if input.is_empty() => return None,
                None => {
                    self.partial = borrow_for(scratch, input.len());
                    self.partial.extend_from_slice(input);
                    *input = &[];
                    return None;
                }
            }
        }
    }

    /// Adds to the unfinished frame what it lacks, or all there is.
    fn complete_partial(&mut self, input: &mut &[u8]) -> Option<()> {
        self.take_up_to(2, input)?;
        let len = usize::from(u16::from_be_bytes([self.partial[0], self.partial[1]]));
        self.take_up_to(2 + len, input)
    }

    fn take_up_to(&mut self, len: usize, input: &mut &[u8]) -> Option<()> {
        let missing = len.saturating_sub(self.partial.len());
        let (taken, rest) = input.split_at(missing.min(input.len()));
        self.partial.extend_from_slice(taken);
        *input = rest;
        (self.partial.len() >= len).then_some(())
    }
}

/// What a connection inside a frame may hold beyond its bytes: a page.
const SMALL_BUFFER: usize = 4096;

/// The memory of `scratch` for `len` bytes, unless that is far too much: many connections that each hold the start of a
/// frame must not each hold the memory of a whole one.
fn borrow_for(scratch: &mut Vec<u8>, len: usize) -> Vec<u8> {
    if scratch.capacity() > 4 * len + SMALL_BUFFER {
        return Vec::with_capacity(len);
    }
    let mut memory = std::mem::take(scratch);
    memory.clear();
    memory
}

fn split_frame(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, rest) = input.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*header)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(reader: &mut FrameReader, mut input: &[u8]) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        let mut scratch = Vec::new();
        loop {
            match reader.next_datagram(&mut input, &mut scratch) {
                Some(datagram) => found.push(datagram.to_vec()),
                None => return found,
            }
        }
    }

    #[test]
    fn frames_survive_every_way_of_cutting_the_stream() {
        let stream = [0, 2, b'a', b'b', 0, 0, 0, 1, b'c', 0, 3, b'd', b'e', b'f'];
        let whole = [b"ab".to_vec(), b"c".to_vec(), b"def".to_vec()];
        for first in 0..=stream.len() {
            for second in first..=stream.len() {
                let mut reader = FrameReader::default();
                let mut found = collect(&mut reader, &stream[..first]);
                found.extend(collect(&mut reader, &stream[first..second]));
                found.extend(collect(&mut reader, &stream[second..]));
                assert_eq!(found, whole, "cut at {first} and {second}");
                assert!(!reader.is_inside_frame());
            }
        }
    }

    #[test]
    fn one_buffer_travels_between_readers_and_scratch() {
        let mut scratch = Vec::with_capacity(1000);
        let memory = scratch.as_ptr();
        let mut reader = FrameReader::default();
        for _ in 0..3 {
            assert_eq!(reader.next_datagram(&mut &[0, 2, b'a'][..], &mut scratch), None);
            assert_eq!(scratch.capacity(), 0, "lent to the reader");
            let mut rest = &[b'b', 0, 1, b'c'][..];
            assert_eq!(reader.next_datagram(&mut rest, &mut scratch), Some(&b"ab"[..]));
            assert_eq!(scratch.as_ptr(), memory, "given back, not copied");
            assert_eq!(reader.next_datagram(&mut rest, &mut scratch), Some(&b"c"[..]));
        }
    }

    #[test]
    fn what_is_left_in_scratch_is_no_part_of_a_frame() {
        let mut scratch = b"left over".to_vec();
        let mut reader = FrameReader::default();
        assert_eq!(reader.next_datagram(&mut &[0][..], &mut scratch), None);
        assert_eq!(reader.next_datagram(&mut &[1, 7][..], &mut scratch), Some(&[7][..]));
    }

    #[test]
    fn an_unfinished_frame_is_kept_and_known() {
        let mut reader = FrameReader::default();
        assert!(collect(&mut reader, &[0]).is_empty());
        assert!(reader.is_inside_frame());
        assert_eq!(collect(&mut reader, &[1, 7]), [vec![7]]);
        assert!(!reader.is_inside_frame());
    }
}
