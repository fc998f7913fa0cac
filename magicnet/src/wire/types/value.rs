//! Any value, for what no type describes: shared parameters, Python's `hashable`.

use super::super::reader::Kind;
use super::super::{DecodeError, Expected, Found, Reader, Shape, Writer};
use super::{Decode, NetworkType, OutOfRange, TooLong, reserve};

/// How deep an [`AnyValue`] may be nested, itself included.
const MAX_DEPTH: usize = 32;

/// A value of any type, whose encoding takes at most `N` bytes.
///
/// Python's checker takes neither floats nor nil inside a `hashable`, and its decoder refuses maps whose keys are
/// integers: send such values to peers of ours only.
#[derive(Clone, Debug, PartialEq)]
pub struct Value<const N: usize> {
    value: AnyValue,
}

/// A tree of msgpack values.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum AnyValue {
    /// `nil`.
    #[default]
    Nil,
    /// A boolean.
    Bool(bool),
    /// An integer from `i64::MIN` to `u64::MAX`; others cannot be sent.
    Integer(i128),
    /// A float.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An array.
    Array(Vec<Self>),
    /// A map, in the order of the wire.
    Map(Vec<(Self, Self)>),
}

impl AnyValue {
    /// Reads one value of any type.
    ///
    /// # Errors
    ///
    /// When the bytes end early, text is not UTF-8, or the value is nested deeper than 32.
    pub fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Self::decode_within(r, MAX_DEPTH)
    }

    fn decode_within(r: &mut Reader<'_>, depth: usize) -> Result<Self, DecodeError> {
        let any = Expected::Any { max: usize::MAX };
        if depth == 0 {
            return Err(DecodeError::new(any, Found::TooDeep));
        }
        Ok(match r.peek() {
            None => return Err(DecodeError::new(any, Found::Nothing)),
            Some(Kind::Foreign) => return Err(DecodeError::new(any, Found::Foreign)),
            Some(Kind::Nil) => {
                r.nil();
                Self::Nil
            }
            Some(Kind::Bool) => Self::Bool(r.bool()?),
            Some(Kind::Integer) => Self::Integer(r.integer(i64::MIN.into(), u64::MAX.into())?),
            Some(Kind::Float) => Self::Float(r.float()?),
            Some(Kind::Text) => Self::Text(r.text(usize::MAX)?.to_owned()),
            Some(Kind::Bytes) => Self::Bytes(r.bytes(usize::MAX)?.to_vec()),
            Some(Kind::Array) => {
                let len = r.array(usize::MAX)?;
                let mut values = reserve(len, r.rest().len());
                for _ in 0..len {
                    values.push(Self::decode_within(r, depth - 1)?);
                }
                Self::Array(values)
            }
            Some(Kind::Map) => {
                let len = r.map()?;
                let mut entries = reserve(len, r.rest().len());
                for _ in 0..len {
                    let key = Self::decode_within(r, depth - 1)?;
                    entries.push((key, Self::decode_within(r, depth - 1)?));
                }
                Self::Map(entries)
            }
        })
    }

    /// Appends the value to `w`, and leaves a [fault](Writer::fault) there if it holds what cannot be sent.
    pub fn encode(&self, w: &mut Writer<'_>) {
        match self {
            Self::Nil => w.nil(),
            Self::Bool(value) => w.bool(*value),
            Self::Integer(value) => w.wide(*value),
            Self::Float(value) => w.f64(*value),
            Self::Text(value) => w.text(value),
            Self::Bytes(value) => w.bytes(value),
            Self::Array(values) => {
                w.array(values.len());
                values.iter().for_each(|value| value.encode(w));
            }
            Self::Map(entries) => {
                w.map(entries.len());
                for (key, value) in entries {
                    key.encode(w);
                    value.encode(w);
                }
            }
        }
    }

    /// Whether a peer could decode it again: no integer beyond 64 bits, not nested too deep.
    fn check(&self, depth: usize) -> Result<(), InvalidValue> {
        if depth == 0 {
            return Err(InvalidValue::TooDeep);
        }
        match self {
            Self::Integer(value) => OutOfRange::check(*value, i64::MIN.into(), u64::MAX.into())?,
            Self::Array(values) => values.iter().try_for_each(|value| value.check(depth - 1))?,
            Self::Map(entries) => entries
                .iter()
                .try_for_each(|(key, value)| key.check(depth - 1).and(value.check(depth - 1)))?,
            _ => {}
        }
        Ok(())
    }

    fn encoded_len(&self) -> usize {
        let mut bytes = Vec::new();
        self.encode(&mut Writer::new(&mut bytes));
        bytes.len()
    }
}

/// Why an [`AnyValue`] is no [`Value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidValue {
    /// Its encoding takes too many bytes.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// An integer in it has more than 64 bits.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// It is nested deeper than 32.
    #[error("the value is nested deeper than {MAX_DEPTH}")]
    TooDeep,
}

impl<const N: usize> Value<N> {
    /// Gives the value up.
    pub fn into_inner(self) -> AnyValue {
        self.value
    }
}

impl<const N: usize> Default for Value<N> {
    fn default() -> Self {
        Self { value: AnyValue::Nil }
    }
}

impl<const N: usize> std::ops::Deref for Value<N> {
    type Target = AnyValue;

    fn deref(&self) -> &AnyValue {
        &self.value
    }
}

impl<const N: usize> TryFrom<AnyValue> for Value<N> {
    type Error = InvalidValue;

    fn try_from(value: AnyValue) -> Result<Self, InvalidValue> {
        value.check(MAX_DEPTH)?;
        match value.encoded_len() {
            len if len > N => Err(TooLong { len, max: N, unit: "bytes" }.into()),
            _ => Ok(Self { value }),
        }
    }
}

impl<const N: usize> NetworkType for Value<N> {
    const SHAPE: &'static Shape = {
        assert!(N > 0, "a `Value` needs a byte at least: nil takes one");
        &Shape::Any { max: N }
    };
    const MAX_SIZE: usize = N;

    fn encode(&self, w: &mut Writer<'_>) {
        self.value.encode(w);
    }
}

impl<const N: usize> Decode<'_> for Value<N> {
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        // Bounded before it is built: a tree of small values takes many times its encoding.
        r.clone().raw_value(N)?;
        AnyValue::decode(r).map(|value| Self { value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::EncodeFault;

    fn nested(depth: usize) -> AnyValue {
        (1..depth).fold(AnyValue::Nil, |value, _| AnyValue::Array(vec![value]))
    }

    fn round_trip(value: AnyValue) {
        let value: Value<64> = value.try_into().expect("it fits");
        let mut bytes = Vec::new();
        value.encode(&mut Writer::new(&mut bytes));
        assert_eq!(Value::decode(&mut Reader::new(&bytes)), Ok(value));
    }

    #[test]
    fn what_can_be_built_comes_back() {
        round_trip(AnyValue::Integer(u64::MAX.into()));
        round_trip(AnyValue::Integer(i64::MIN.into()));
        round_trip(nested(32));
        round_trip(AnyValue::Map(vec![(AnyValue::Nil, nested(31))]));
    }

    #[test]
    fn what_could_not_come_back_cannot_be_built() {
        let words = |value: AnyValue| Value::<64>::try_from(value).unwrap_err().to_string();
        for wide in [i128::from(u64::MAX) + 1, i128::from(i64::MIN) - 1, i128::MAX, i128::MIN] {
            let inside = AnyValue::Map(vec![(AnyValue::Nil, AnyValue::Integer(wide))]);
            assert_eq!(
                words(inside),
                format!("{wide} is not from -9223372036854775808 to 18446744073709551615")
            );
        }
        assert_eq!(words(nested(33)), "the value is nested deeper than 32");
        assert_eq!(words(AnyValue::Text("x".repeat(64))), "66 bytes are more than the 64 allowed");
    }

    #[test]
    fn a_bare_integer_beyond_64_bits_leaves_a_fault() {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes);
        AnyValue::Integer(1 << 64).encode(&mut writer);
        assert_eq!(writer.fault(), Some(EncodeFault::TooWide));
        assert_eq!(bytes, [0xc0]);
    }

    #[test]
    fn a_value_may_hold_any_float_where_the_argument_says_so() {
        let bytes = [0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0];
        let mut reader = Reader::new(&bytes);
        assert!(Value::<16>::decode(&mut reader.clone()).is_err());
        reader.set_any_float(true);
        assert_eq!(Value::<16>::decode(&mut reader).unwrap().into_inner(), AnyValue::Float(f64::INFINITY));
    }
}
