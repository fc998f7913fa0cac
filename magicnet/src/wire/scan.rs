//! Finds the end of a message and refuses what is too deep or too large, before anything looks inside.

use super::reader::big_endian;

/// What one message may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanLimits {
    /// How deep arrays and maps may be nested, the message's own array and its parameters included.
    pub depth: usize,
    /// How many values a message may hold, at all depths together.
    pub elements: usize,
}

/// Why no message was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// The bytes end inside the message.
    #[error("the data ends inside a value")]
    Incomplete,
    /// A value is nested deeper than allowed.
    #[error("a value is nested too deep")]
    TooDeep,
    /// The message holds, or claims to hold, more values than allowed.
    #[error("a message has too many elements")]
    TooManyElements,
    /// The bytes are not msgpack that the protocol uses.
    #[error("a value is of a type that the protocol does not use")]
    Foreign,
}

/// The most nesting that [`scan_message`] can be asked for: its stack is a fixed array.
const STACK: usize = 64;

/// The length of the value at the start of `bytes`, if it keeps within `limits`.
///
/// Works without recursion and looks at each byte at most twice. A claimed length beyond the element limit is refused
/// at its header, whatever follows.
pub fn scan_message(bytes: &[u8], limits: ScanLimits) -> Result<usize, ScanError> {
    if limits.elements == 0 {
        return Err(ScanError::TooManyElements);
    }
    let limits = ScanLimits { depth: limits.depth.min(STACK), ..limits };
    // The message itself, and what containers claim to hold, whether it came or not; and how much of that was looked
    // at, at whatever depth: that is all it takes to find the end.
    let (mut rest, mut seen, mut elements, mut containers) = match bytes {
        // The head of a call is the same for nearly all: six values of seven, in two containers.
        [0x92, 10, 0x94, 0xcf, _, _, _, _, _, _, _, _, 0..=0x7f, 0..=0x7f, arguments @ ..]
            if limits.depth >= 2 && limits.elements >= 7 =>
        {
            (arguments, 6, 7, 2)
        }
        _ => (bytes, 0, 1_usize, 0),
    };
    while seen < elements {
        let members;
        (rest, members) = behind_value(rest)?;
        seen += 1;
        if members > 0 {
            elements = elements.saturating_add(members);
            if elements > limits.elements {
                return Err(ScanError::TooManyElements);
            }
            // Nothing is nested deeper than there are containers, and few messages have many.
            containers += 1;
            if containers > limits.depth {
                return scan_depths(bytes, limits);
            }
        }
    }
    Ok(bytes.len() - rest.len())
}

/// The same for a message of so many containers that they have to be looked at one in the other.
#[cold]
#[inline(never)]
fn scan_depths(bytes: &[u8], limits: ScanLimits) -> Result<usize, ScanError> {
    // How many values are still to come at each level around the current one, and at that.
    let mut around = [0_usize; STACK];
    let mut depth = 0;
    let mut left = 1_usize;
    let mut elements = 1_usize;
    let mut rest = bytes;
    loop {
        let members;
        (rest, members) = behind_value(rest)?;
        left -= 1;
        if members > 0 {
            elements = elements.saturating_add(members);
            if elements > limits.elements {
                return Err(ScanError::TooManyElements);
            }
            *around.get_mut(depth).filter(|_| depth < limits.depth).ok_or(ScanError::TooDeep)? = left;
            depth += 1;
            left = members;
            continue;
        }
        // A value is complete: so is every level whose last value it was.
        while left == 0 {
            if depth == 0 {
                return Ok(bytes.len() - rest.len());
            }
            depth -= 1;
            left = around[depth];
        }
    }
}

/// What is behind the first value, without those that it holds, and how many these are.
#[inline]
fn behind_value(bytes: &[u8]) -> Result<(&[u8], usize), ScanError> {
    let (marker, after) = bytes.split_first().ok_or(ScanError::Incomplete)?;
    match *marker {
        // No look-up for small numbers and small arrays, which are in every message, and so no waiting for it before
        // the next value is looked at.
        0x00..=0x7f => Ok((after, 0)),
        0x90..=0x9f => Ok((after, usize::from(marker & 0x0f))),
        _ => {
            let (len, members) = match FIXED[usize::from(*marker)] {
                VARIES => varying(*marker, after)?,
                len => (usize::from(len), 0),
            };
            after.get(len..).map(|rest| (rest, members)).ok_or(ScanError::Incomplete)
        }
    }
}

/// The length of a value that is not the same for all with its marker, behind the marker and without what it holds, and
/// how many values it holds.
#[inline(never)]
fn varying(marker: u8, after: &[u8]) -> Result<(usize, usize), ScanError> {
    match marker {
        0x80..=0x8f => Ok((0, usize::from(marker & 0x0f) * 2)),
        0x90..=0x9f => Ok((0, usize::from(marker & 0x0f))),
        0xc4 | 0xd9 => sized::<1>(after),
        0xc5 | 0xda => sized::<2>(after),
        0xc6 | 0xdb => sized::<4>(after),
        0xdc => container::<2>(after, 1),
        0xdd => container::<4>(after, 1),
        0xde => container::<2>(after, 2),
        0xdf => container::<4>(after, 2),
        _ => Err(ScanError::Foreign),
    }
}

/// Text or bytes behind a length of `N` bytes.
fn sized<const N: usize>(after: &[u8]) -> Result<(usize, usize), ScanError> {
    // Saturating: where `usize` has 32 bits, a claim of 2^32 bytes must not wrap to a small one.
    Ok((claim::<N>(after)?.saturating_add(N), 0))
}

/// An array or a map behind a length of `N` bytes.
fn container<const N: usize>(after: &[u8], per_entry: usize) -> Result<(usize, usize), ScanError> {
    Ok((N, claim::<N>(after)?.saturating_mul(per_entry)))
}

fn claim<const N: usize>(after: &[u8]) -> Result<usize, ScanError> {
    after.first_chunk::<N>().map(|len| big_endian(len)).ok_or(ScanError::Incomplete)
}

/// The length of a value behind its first byte, by that byte; [`VARIES`] where it does not say it all.
static FIXED: [u8; 256] = fixed_lengths();

const VARIES: u8 = u8::MAX;

const fn fixed_lengths() -> [u8; 256] {
    let mut lengths = [VARIES; 256];
    let mut marker = u8::MAX;
    loop {
        lengths[marker as usize] = match marker {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => 0,
            0xa0..=0xbf => marker & 0x1f,
            0xcc | 0xd0 => 1,
            0xcd | 0xd1 => 2,
            0xca | 0xce | 0xd2 => 4,
            0xcb | 0xcf | 0xd3 => 8,
            _ => VARIES,
        };
        if marker == 0 {
            return lengths;
        }
        marker -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(bytes: &[u8], depth: usize, elements: usize) -> Result<usize, ScanError> {
        scan_message(bytes, ScanLimits { depth, elements })
    }

    #[test]
    fn every_value_counts_at_whatever_depth_it_is() {
        // [[1, 2], 3, 4]: six values. Each container alone keeps within four.
        let bytes = [0x93, 0x92, 1, 2, 3, 4];
        assert_eq!(scan(&bytes, 8, 6), Ok(6));
        for limit in 0..6 {
            assert_eq!(scan(&bytes, 8, limit), Err(ScanError::TooManyElements));
        }
    }

    #[test]
    fn what_is_promised_at_several_levels_adds_up() {
        // Ten levels of nested arrays, each with ten members of which the first is the next level.
        let mut bytes = vec![0x9a; 10];
        bytes.extend([0; 10]);
        bytes.extend([0; 9 * 9]);
        assert_eq!(scan(&bytes, 16, 101), Ok(bytes.len()));
        assert_eq!(scan(&bytes, 16, 100), Err(ScanError::TooManyElements));
    }

    #[test]
    fn depth_counts_containers_and_not_what_is_empty() {
        let bytes = [0x91, 0x91, 0x90];
        assert_eq!(scan(&bytes, 2, 9), Ok(3));
        assert_eq!(scan(&bytes, 1, 9), Err(ScanError::TooDeep));
        assert_eq!(scan(&[7], 0, 9), Ok(1));
    }

    #[test]
    fn the_usual_head_of_a_call_is_held_to_the_same_limits() {
        // [10, [object, 1, 0, [[1], 2]]], and the same with a role in a form that is longer than it need be.
        let usual = [&[0x92, 10, 0x94, 0xcf, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0][..], &[0x92, 0x91, 1, 2]].concat();
        let longer =
            [&[0x92, 10, 0x94, 0xcf, 0, 0, 0, 1, 0, 0, 0, 1, 0xcc, 1, 0][..], &[0x92, 0x91, 1, 2]].concat();
        for (depth, elements) in (0..6).flat_map(|depth| (0..12).map(move |elements| (depth, elements))) {
            let of_longer = scan(&longer, depth, elements).map(|len| len - 1);
            assert_eq!(scan(&usual, depth, elements), of_longer, "{depth} deep, {elements} elements");
        }
        assert_eq!(scan(&usual, 4, 10), Ok(usual.len()));
        for len in 0..usual.len() {
            assert_eq!(scan(&usual[..len], 4, 10), Err(ScanError::Incomplete));
        }
    }

    #[test]
    fn a_claim_is_refused_at_its_header() {
        for header in [[0xdd_u8, 0xff, 0xff, 0xff, 0xff], [0xdf, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(scan(&header, 8, 1000), Err(ScanError::TooManyElements));
        }
        for header in [[0xdb_u8, 0xff, 0xff, 0xff, 0xff], [0xc6, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(scan(&header, 8, 1000), Err(ScanError::Incomplete));
        }
    }
}
