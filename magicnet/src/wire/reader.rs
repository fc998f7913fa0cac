//! A cursor over msgpack bytes that says what it met when it does not find what it looks for.

use rmp::Marker;

use super::{DecodeError, Expected, Found};

/// How deep a value may be nested while it is skipped or kept whole. Deeper input was refused by the scan already.
const MAX_SKIP_DEPTH: usize = 64;

/// Reads msgpack values one after the other.
///
/// Every method either takes one value and returns it, or says what it met instead. After an error the position is
/// unspecified: give the reader up.
#[derive(Clone, Debug)]
pub struct Reader<'de> {
    rest: &'de [u8],
    any_float: bool,
}

/// The kind of the next value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `nil`.
    Nil,
    /// A boolean.
    Bool,
    /// An integer.
    Integer,
    /// A float of 32 or 64 bits.
    Float,
    /// UTF-8 text.
    Text,
    /// A byte string.
    Bytes,
    /// An array.
    Array,
    /// A map.
    Map,
    /// An extension type or a reserved marker.
    Foreign,
}

impl<'de> Reader<'de> {
    /// A reader at the start of `bytes`.
    #[inline]
    pub fn new(bytes: &'de [u8]) -> Self {
        Self { rest: bytes, any_float: false }
    }

    /// What has not been read yet.
    #[inline]
    pub fn rest(&self) -> &'de [u8] {
        self.rest
    }

    /// Whether everything has been read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether NaN and infinities pass, as `#[arg(any_float)]` says. Off at first. Returns what was in force.
    pub fn set_any_float(&mut self, allowed: bool) -> bool {
        std::mem::replace(&mut self.any_float, allowed)
    }

    /// The kind of the next value, if there is one.
    pub fn peek(&self) -> Option<Kind> {
        let marker = Marker::from_u8(*self.rest.first()?);
        Some(kind_of(marker))
    }

    /// An integer from `min` to `max`, whatever msgpack form it came in.
    #[inline]
    pub fn integer(&mut self, min: i128, max: i128) -> Result<i128, DecodeError> {
        let before = self.rest;
        match self.any_integer() {
            Some(value) if value >= min && value <= max => Ok(value),
            _ => Err(mismatch(before, Expected::Integer { min, max })),
        }
    }

    /// The same for bounds that 64 bits hold, as those of nearly all types are.
    #[inline]
    pub(super) fn narrow(&mut self, min: i64, max: i64) -> Result<i64, DecodeError> {
        let before = self.rest;
        match self.narrow_integer() {
            Some(value) if value >= min && value <= max => Ok(value),
            _ => Err(mismatch(before, Expected::Integer { min: min.into(), max: max.into() })),
        }
    }

    /// Any integer that is not negative.
    #[inline]
    pub(super) fn unsigned(&mut self) -> Result<u64, DecodeError> {
        let before = self.rest;
        match before {
            [value @ 0x00..=0x7f, rest @ ..] => {
                self.rest = rest;
                return Ok(u64::from(*value));
            }
            // Names of objects usually come so, and nothing else can be larger than an `i64`.
            [0xcf, a, b, c, d, e, f, g, h, rest @ ..] => {
                self.rest = rest;
                return Ok(u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]));
            }
            _ => {}
        }
        let value = self.long_integer().and_then(|value| u64::try_from(value).ok());
        value.ok_or_else(|| mismatch(before, Expected::Integer { min: 0, max: u64::MAX.into() }))
    }

    /// A finite float in the form of 32 bits, if one comes next.
    #[inline]
    pub(super) fn single(&mut self) -> Option<f32> {
        let [0xca, rest @ ..] = self.rest else { return None };
        let (bytes, rest) = rest.split_first_chunk()?;
        let value = f32::from_be_bytes(*bytes);
        if !value.is_finite() {
            return None;
        }
        self.rest = rest;
        Some(value)
    }

    /// A float. An integer that a float of 64 bits holds exactly passes too, because JavaScript sends `2.0` so.
    #[inline]
    pub fn float(&mut self) -> Result<f64, DecodeError> {
        let before = self.rest;
        let value = self.any_float().or_else(|| {
            self.rest = before;
            self.any_integer().and_then(exact_float)
        });
        match value {
            Some(value) if value.is_finite() || self.any_float => Ok(value),
            Some(_) => Err(mismatch(before, Expected::FiniteFloat)),
            None => Err(mismatch(before, Expected::Float)),
        }
    }

    /// A boolean. The integers 0 and 1 pass too: Python has no loadable hint for booleans, so its users send them.
    #[inline]
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        let (value, rest) = match self.rest {
            [0xc3 | 1, rest @ ..] => (true, rest),
            [0xc2 | 0, rest @ ..] => (false, rest),
            _ => return Err(mismatch(self.rest, Expected::Bool)),
        };
        self.rest = rest;
        Ok(value)
    }

    /// Text of at most `max` characters, borrowed from the bytes.
    #[inline]
    pub fn text(&mut self, max: usize) -> Result<&'de str, DecodeError> {
        let before = self.rest;
        let text = self.any_text().and_then(|bytes| std::str::from_utf8(bytes).ok());
        // Counting is only needed where the bytes alone do not prove the bound.
        match text {
            Some(text) if text.len() <= max || text.chars().count() <= max => Ok(text),
            _ => Err(mismatch(before, Expected::Text { max })),
        }
    }

    /// A byte string of at most `max` bytes, borrowed from the bytes.
    pub fn bytes(&mut self, max: usize) -> Result<&'de [u8], DecodeError> {
        let before = self.rest;
        match self.any_bytes() {
            Some(bytes) if bytes.len() <= max => Ok(bytes),
            _ => Err(mismatch(before, Expected::Bytes { max })),
        }
    }

    /// The header of an array of at most `max` members, which follow.
    #[inline]
    pub fn array(&mut self, max: usize) -> Result<usize, DecodeError> {
        let before = self.rest;
        match self.any_array() {
            Some(len) if len <= max => Ok(len),
            _ => Err(mismatch(before, Expected::Array { max })),
        }
    }

    /// The header of an array of exactly `len` members, which follow.
    #[inline]
    pub fn array_of(&mut self, len: usize) -> Result<(), DecodeError> {
        let before = self.rest;
        match self.any_array() {
            Some(found) if found == len => Ok(()),
            _ => Err(mismatch(before, Expected::ArrayOf(len))),
        }
    }

    /// The header of a map; as many pairs of values follow.
    pub fn map(&mut self) -> Result<usize, DecodeError> {
        let before = self.rest;
        self.any_map().ok_or_else(|| mismatch(before, Expected::Map))
    }

    /// Takes a nil if the next value is one.
    pub fn nil(&mut self) -> bool {
        let is_nil = self.peek() == Some(Kind::Nil);
        if is_nil {
            self.rest = &self.rest[1..];
        }
        is_nil
    }

    /// The bytes of one whole value, at most `max` of them. Its text is UTF-8, so that who keeps it may send it on.
    pub fn raw_value(&mut self, max: usize) -> Result<&'de [u8], DecodeError> {
        let before = self.rest;
        self.skip(MAX_SKIP_DEPTH)?;
        let value = &before[..before.len() - self.rest.len()];
        if value.len() <= max { Ok(value) } else { Err(mismatch(before, Expected::Any { max })) }
    }

    /// The error that says the value which comes next is not `expected`.
    #[cold]
    pub fn refuse(&self, expected: Expected) -> DecodeError {
        mismatch(self.rest, expected)
    }

    fn skip(&mut self, depth: usize) -> Result<(), DecodeError> {
        let before = self.rest;
        let short = || DecodeError::new(Expected::OneMore, Found::Nothing);
        if depth == 0 {
            return Err(DecodeError::new(Expected::OneMore, Found::TooDeep));
        }
        let marker = self.marker().ok_or_else(short)?;
        self.rest = before;
        let members = match kind_of(marker) {
            Kind::Array => self.array(usize::MAX)?,
            Kind::Map => self.map()?.saturating_mul(2),
            Kind::Foreign => return Err(DecodeError::new(Expected::OneMore, Found::Foreign)),
            Kind::Text => {
                self.text(usize::MAX)?;
                0
            }
            _ => {
                let len = scalar_len(marker, &before[1..]).ok_or_else(short)?;
                self.slice(1 + len).ok_or_else(short)?;
                0
            }
        };
        for _ in 0..members {
            self.skip(depth - 1)?;
        }
        Ok(())
    }

    #[inline]
    fn any_integer(&mut self) -> Option<i128> {
        // Nearly all numbers fit into 64 bits, and so do the bounds that generated code has.
        self.narrow_integer().map(i128::from).or_else(|| self.wide_integer())
    }

    /// An integer in whatever form, if it is one that an `i64` holds; what it leaves for others is still to be read.
    #[inline]
    fn narrow_integer(&mut self) -> Option<i64> {
        if let [value @ 0x00..=0x7f, rest @ ..] = self.rest {
            self.rest = rest;
            return Some(i64::from(*value));
        }
        self.long_integer()
    }

    /// The same for those that do not fit into a byte with their marker, and for negative ones.
    fn long_integer(&mut self) -> Option<i64> {
        let (first, mut rest) = self.rest.split_first()?;
        let value = match *first {
            value @ 0xe0..=0xff => i64::from(i8::from_be_bytes([value])),
            0xcc => i64::from(u8::from_be_bytes(chunk(&mut rest)?)),
            0xcd => i64::from(u16::from_be_bytes(chunk(&mut rest)?)),
            0xce => i64::from(u32::from_be_bytes(chunk(&mut rest)?)),
            0xcf => i64::try_from(u64::from_be_bytes(chunk(&mut rest)?)).ok()?,
            0xd0 => i64::from(i8::from_be_bytes(chunk(&mut rest)?)),
            0xd1 => i64::from(i16::from_be_bytes(chunk(&mut rest)?)),
            0xd2 => i64::from(i32::from_be_bytes(chunk(&mut rest)?)),
            0xd3 => i64::from_be_bytes(chunk(&mut rest)?),
            _ => return None,
        };
        self.rest = rest;
        Some(value)
    }

    /// An integer that only a `u64` holds.
    #[cold]
    fn wide_integer(&mut self) -> Option<i128> {
        match self.marker()? {
            Marker::U64 => self.take().map(|bytes| i128::from(u64::from_be_bytes(bytes))),
            _ => None,
        }
    }

    #[inline]
    fn any_float(&mut self) -> Option<f64> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        match *first {
            0xca => self.take().map(|bytes| f64::from(f32::from_be_bytes(bytes))),
            0xcb => self.take().map(f64::from_be_bytes),
            _ => None,
        }
    }

    #[inline]
    fn any_text(&mut self) -> Option<&'de [u8]> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        let len = match *first {
            first @ 0xa0..=0xbf => usize::from(first & 0x1f),
            0xd9 => self.length::<1>()?,
            0xda => self.length::<2>()?,
            0xdb => self.length::<4>()?,
            _ => return None,
        };
        self.slice(len)
    }

    fn any_bytes(&mut self) -> Option<&'de [u8]> {
        let len = match self.marker()? {
            Marker::Bin8 => self.length::<1>()?,
            Marker::Bin16 => self.length::<2>()?,
            Marker::Bin32 => self.length::<4>()?,
            _ => return None,
        };
        self.slice(len)
    }

    #[inline]
    fn any_array(&mut self) -> Option<usize> {
        if let [len @ 0x90..=0x9f, rest @ ..] = self.rest {
            self.rest = rest;
            return Some(usize::from(len & 0x0f));
        }
        self.long_array()
    }

    fn long_array(&mut self) -> Option<usize> {
        match self.marker()? {
            Marker::Array16 => self.length::<2>(),
            Marker::Array32 => self.length::<4>(),
            _ => None,
        }
    }

    fn any_map(&mut self) -> Option<usize> {
        match self.marker()? {
            Marker::FixMap(len) => Some(usize::from(len)),
            Marker::Map16 => self.length::<2>(),
            Marker::Map32 => self.length::<4>(),
            _ => None,
        }
    }

    fn marker(&mut self) -> Option<Marker> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(Marker::from_u8(*first))
    }

    #[inline]
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        chunk(&mut self.rest)
    }

    #[inline]
    fn length<const N: usize>(&mut self) -> Option<usize> {
        let bytes = self.take::<N>()?;
        Some(big_endian(&bytes))
    }

    #[inline]
    fn slice(&mut self, len: usize) -> Option<&'de [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }
}

/// The first bytes of `rest`, which moves past them.
#[inline]
fn chunk<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*taken)
}

/// The number of bytes after the marker of a value that holds no other values and is not foreign, if all are there.
fn scalar_len(marker: Marker, after: &[u8]) -> Option<usize> {
    // Saturating: where `usize` has 32 bits, a claim of 2^32 bytes must not wrap to a small one.
    let prefixed = |width: usize| {
        let claim = big_endian(after.get(..width)?);
        Some(claim.saturating_add(width))
    };
    let len = match marker {
        Marker::U8 | Marker::I8 => 1,
        Marker::U16 | Marker::I16 => 2,
        Marker::U32 | Marker::I32 | Marker::F32 => 4,
        Marker::U64 | Marker::I64 | Marker::F64 => 8,
        Marker::FixStr(len) => usize::from(len),
        Marker::Str8 | Marker::Bin8 => prefixed(1)?,
        Marker::Str16 | Marker::Bin16 => prefixed(2)?,
        Marker::Str32 | Marker::Bin32 => prefixed(4)?,
        _ => 0,
    };
    (len <= after.len()).then_some(len)
}

#[inline]
pub(super) fn big_endian(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |value, byte| value << 8 | usize::from(*byte))
}

fn kind_of(marker: Marker) -> Kind {
    match marker {
        Marker::Null => Kind::Nil,
        Marker::True | Marker::False => Kind::Bool,
        Marker::FixPos(_) | Marker::FixNeg(_) => Kind::Integer,
        Marker::U8 | Marker::U16 | Marker::U32 | Marker::U64 => Kind::Integer,
        Marker::I8 | Marker::I16 | Marker::I32 | Marker::I64 => Kind::Integer,
        Marker::F32 | Marker::F64 => Kind::Float,
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => Kind::Text,
        Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => Kind::Bytes,
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => Kind::Array,
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => Kind::Map,
        _ => Kind::Foreign,
    }
}

/// `value` as a float, if the float is exactly it.
fn exact_float(value: i128) -> Option<f64> {
    const LIMIT: i128 = 1 << f64::MANTISSA_DIGITS;
    #[expect(clippy::cast_precision_loss, reason = "the bound is the one up to which every integer is exact")]
    (-LIMIT..=LIMIT).contains(&value).then_some(value as f64)
}

/// The error for the value at the start of `bytes`, which is not `expected`.
#[cold]
fn mismatch(bytes: &[u8], expected: Expected) -> DecodeError {
    DecodeError::new(expected, describe(bytes))
}

/// What the value at the start of `bytes` is. By the readers that make no errors: an error describes.
fn describe(bytes: &[u8]) -> Found {
    let mut reader = Reader::new(bytes);
    let found = reader.peek().and_then(|kind| {
        Some(match kind {
            Kind::Nil => Found::Nil,
            Kind::Bool => Found::Bool(reader.marker()? == Marker::True),
            Kind::Integer => Found::Integer(reader.any_integer()?),
            Kind::Float => Found::Float(reader.any_float()?),
            Kind::Text => match std::str::from_utf8(reader.any_text()?) {
                Ok(text) => Found::Text { chars: text.chars().count() },
                Err(_) => Found::BadUtf8,
            },
            Kind::Bytes => Found::Bytes { len: reader.any_bytes()?.len() },
            Kind::Array => Found::Array { len: reader.any_array()? },
            Kind::Map => Found::Map { len: reader.any_map()? },
            Kind::Foreign => Found::Foreign,
        })
    });
    // A value whose end is missing is not there.
    found.unwrap_or(Found::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<'a, T>(bytes: &'a [u8], read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>) -> String {
        let error = read(&mut Reader::new(bytes)).err().expect("it is refused");
        error.to_string()
    }

    #[test]
    fn a_value_that_ends_early_is_nothing() {
        for marker in 0..=u8::MAX {
            // Whatever a value begins with: if it has a length or a content, it is missing.
            for bytes in [&[marker][..], &[marker, 0xff], &[marker, 0xff, 0xff, 0xff]] {
                let _ = describe(bytes);
                let _ = Reader::new(bytes).raw_value(usize::MAX);
            }
        }
        assert_eq!(
            words(&[0xdd, 0xff], |r| r.array(9)),
            "expected an array of at most 9 members, found nothing"
        );
        assert_eq!(words(&[0xdc], |r| r.array_of(1)), "expected an array of 1 member, found nothing");
        assert_eq!(words(&[0xc6, 0xff], |r| r.bytes(1)), "expected at most 1 byte, found nothing");
        assert_eq!(words(&[0xcb, 0xff], Reader::float), "expected a float, found nothing");
        assert_eq!(words(&[0xdf, 0xff], Reader::map), "expected a map, found nothing");
        assert_eq!(
            words(&[0xa2, b'a'], |r| r.text(1)),
            "expected text of at most 1 character, found nothing"
        );
    }

    #[test]
    fn everything_else_is_described() {
        let found = |bytes: &[u8]| words(bytes, |r| r.array_of(3));
        let is = |what: &str| format!("expected an array of 3 members, found {what}");
        assert_eq!(found(&[]), is("nothing"));
        assert_eq!(found(&[0xc0]), is("nil"));
        assert_eq!(found(&[0xc3]), is("true"));
        assert_eq!(found(&[0xc2]), is("false"));
        assert_eq!(found(&[0xff]), is("-1"));
        assert_eq!(found(&[0xcf, 255, 255, 255, 255, 255, 255, 255, 255]), is("18446744073709551615"));
        assert_eq!(found(&[0xca, 0x3f, 0xc0, 0, 0]), is("the float 1.5"));
        assert_eq!(found(&[0xd9, 1, 0xff]), is("text that is not UTF-8"));
        assert_eq!(found(&[0xda, 0, 2, 0xc3, 0xa4]), is("text of 1 character"));
        assert_eq!(found(&[0xdb, 0, 0, 0, 0]), is("text of 0 characters"));
        assert_eq!(found(&[0xc4, 1, 0]), is("1 byte"));
        assert_eq!(found(&[0x92]), is("an array of 2 members"));
        assert_eq!(found(&[0x81]), is("a map of 1 entry"));
        assert_eq!(found(&[0xde, 1, 0]), is("a map of 256 entries"));
        assert_eq!(found(&[0xd4, 0, 0]), is("a msgpack extension value"));
        assert_eq!(found(&[0xc1]), is("a msgpack extension value"));
    }
}
