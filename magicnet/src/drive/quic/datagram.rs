//! What stands in a datagram of QUIC: how its messages are to be treated, and the messages.
//!
//! | byte | follows |
//! |---|---|
//! | 0 | messages that may be lost |
//! | 1 | u32 big-endian number, then messages that may be lost and are sequenced |

use bytes::{BufMut, Bytes, BytesMut};

const PLAIN: u8 = 0;
const SEQUENCED: u8 = 1;

/// A datagram with these messages, and with a number if they are sequenced.
pub(super) fn encode(number: Option<u32>, messages: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(5 + messages.len());
    match number {
        None => bytes.put_u8(PLAIN),
        Some(number) => {
            bytes.put_u8(SEQUENCED);
            bytes.put_u32(number);
        }
    }
    bytes.put_slice(messages);
    bytes.freeze()
}

/// The number and the messages of a datagram, if it is one that this version knows.
pub(super) fn decode(bytes: &[u8]) -> Option<(Option<u32>, &[u8])> {
    match bytes.split_first()? {
        (&PLAIN, messages) => Some((None, messages)),
        (&SEQUENCED, rest) => {
            let (number, messages) = rest.split_first_chunk()?;
            Some((Some(u32::from_be_bytes(*number)), messages))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_are_read_as_they_are_written() {
        for number in [None, Some(0), Some(0x0102_0304), Some(u32::MAX)] {
            for messages in [&b""[..], b"messages"] {
                assert_eq!(decode(&encode(number, messages)), Some((number, messages)));
            }
        }
        assert_eq!(encode(Some(0x0102_0304), b"x"), [1, 1, 2, 3, 4, b'x'][..]);
    }

    #[test]
    fn what_is_cut_or_of_another_version_says_nothing() {
        for bytes in [&[][..], &[1], &[1, 0, 0, 0], &[2, 0x92, 64, 0x90], &[0xff]] {
            assert_eq!(decode(bytes), None, "{bytes:?}");
        }
    }
}
