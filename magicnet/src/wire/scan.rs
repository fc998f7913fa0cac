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
    // How many values are still to come, at whatever depth: that is all it takes to find the end.
    let mut left = 1_usize;
    // The message itself, and what containers claim to hold, whether it came or not.
    let mut elements = 1_usize;
    let mut containers = 0;
    let mut at = 0;
    while left > 0 {
        let (len, members) = value(bytes, at)?;
        at = at.saturating_add(len);
        left -= 1;
        if members > 0 {
            elements = elements.saturating_add(members);
            if elements > limits.elements {
                return Err(ScanError::TooManyElements);
            }
            left += members;
            // Nothing is nested deeper than there are containers, and few messages have many.
            containers += 1;
            if containers > limits.depth {
                return scan_depths(bytes, limits);
            }
        }
    }
    if at <= bytes.len() { Ok(at) } else { Err(ScanError::Incomplete) }
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
    let mut at = 0;
    loop {
        let (len, members) = value(bytes, at)?;
        at = at.saturating_add(len);
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
                return if at <= bytes.len() { Ok(at) } else { Err(ScanError::Incomplete) };
            }
            depth -= 1;
            left = around[depth];
        }
    }
}

/// The length of the value at `at` without those that it holds, and how many these are. That the bytes of a scalar
/// really are there is for the caller to see.
#[inline]
fn value(bytes: &[u8], at: usize) -> Result<(usize, usize), ScanError> {
    let marker = *bytes.get(at).ok_or(ScanError::Incomplete)?;
    // No look-up for small numbers, and so no waiting for it before the next value is looked at.
    if marker < 0x80 {
        return Ok((1, 0));
    }
    match FIXED[usize::from(marker)] {
        // Small arrays are in every message.
        VARIES if marker & 0xf0 == 0x90 => Ok((1, usize::from(marker & 0x0f))),
        VARIES => varying(marker, &bytes[at + 1..]).map(|(len, members)| (len.saturating_add(1), members)),
        len => Ok((usize::from(len), 0)),
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

/// The length of a value by its first byte, this one included; [`VARIES`] where that byte does not say it all.
static FIXED: [u8; 256] = fixed_lengths();

const VARIES: u8 = 0;

const fn fixed_lengths() -> [u8; 256] {
    let mut lengths = [VARIES; 256];
    let mut marker = u8::MAX;
    loop {
        lengths[marker as usize] = match marker {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => 1,
            0xa0..=0xbf => 1 + (marker & 0x1f),
            0xcc | 0xd0 => 2,
            0xcd | 0xd1 => 3,
            0xca | 0xce | 0xd2 => 5,
            0xcb | 0xcf | 0xd3 => 9,
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
    fn a_claim_is_refused_at_its_header() {
        for header in [[0xdd_u8, 0xff, 0xff, 0xff, 0xff], [0xdf, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(scan(&header, 8, 1000), Err(ScanError::TooManyElements));
        }
        for header in [[0xdb_u8, 0xff, 0xff, 0xff, 0xff], [0xc6, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(scan(&header, 8, 1000), Err(ScanError::Incomplete));
        }
    }
}
