//! Any value, for what no type describes: shared parameters, Python's `hashable`.

use super::super::reader::Kind;
use super::super::{DecodeError, Expected, Found, Reader, Shape, Writer};
use super::{Decode, NetworkType, TooLong};

/// How deep an [`AnyValue`] may be nested.
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
    /// An integer from `i64::MIN` to `u64::MAX`.
    Integer(i128),
    /// A float.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An array.
    Array(Vec<AnyValue>),
    /// A map, in the order of the wire.
    Map(Vec<(AnyValue, AnyValue)>),
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
                Self::Array(
                    (0..len)
                        .map(|_| Self::decode_within(r, depth - 1))
                        .collect::<Result<_, _>>()?,
                )
            }
            Some(Kind::Map) => {
                let len = r.map()?;
                let mut entry = || {
                    Ok((
                        Self::decode_within(r, depth - 1)?,
                        Self::decode_within(r, depth - 1)?,
                    ))
                };
                Self::Map((0..len).map(|_| entry()).collect::<Result<_, DecodeError>>()?)
            }
        })
    }

    /// Appends the value to `w`.
    pub fn encode(&self, w: &mut Writer<'_>) {
        match self {
            Self::Nil => w.nil(),
            Self::Bool(value) => w.bool(*value),
            Self::Integer(value) => match u64::try_from(*value) {
                Ok(value) => w.unsigned(value),
                Err(_) => w.signed(i64::try_from(*value).unwrap_or(i64::MIN)),
            },
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

    fn encoded_len(&self) -> usize {
        let mut bytes = Vec::new();
        self.encode(&mut Writer::new(&mut bytes));
        bytes.len()
    }
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
    type Error = TooLong;

    fn try_from(value: AnyValue) -> Result<Self, TooLong> {
        match value.encoded_len() {
            len if len > N => Err(TooLong {
                len,
                max: N,
                unit: "bytes",
            }),
            _ => Ok(Self { value }),
        }
    }
}

impl<const N: usize> NetworkType for Value<N> {
    const SHAPE: &'static Shape = &Shape::Any { max: N };
    const MAX_SIZE: usize = if N == 0 { 1 } else { N };

    fn encode(&self, w: &mut Writer<'_>) {
        self.value.encode(w);
    }
}

impl<const N: usize> Decode<'_> for Value<N> {
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        // Bounded before it is built: a tree of small values takes many times its encoding.
        let bytes = r.raw_value(N)?;
        AnyValue::decode(&mut Reader::new(bytes)).map(|value| Self { value })
    }
}
