//! Network types: what the parameters of calls and messages, and the properties of state, may be.
//!
//! Bounds live in the types: whatever can be built can be sent, so stubs do not fail on bounds, and what was decoded
//! is within them.

mod list;
mod map;
mod number;
mod text;
mod tuple;
mod value;

pub use list::{Bytes, List};
#[doc(hidden)]
pub use map::Key;
pub use map::{Map, MapKey};
pub use number::{OutOfRange, Ranged};
pub use text::{Str, Text, TooLong};
pub use value::{AnyValue, InvalidValue, Value};

use super::{DecodeError, Reader, Shape, Writer};

/// A type that can be sent: it has a bounded size and one form on the wire.
///
/// Implemented for integers, floats, `bool`, [`Str`], [`Text`], [`Bytes`], [`List`], [`Map`], [`Ranged`], [`Value`],
/// tuples and `Option`; derive it for structs and enums of these with `#[derive(NetworkType)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent over the network",
    label = "not a network type",
    note = "for text write `Str<64>`, for a `Vec` write `List<T, 16>`, for bytes `Bytes<256>`: \
            the bound is part of the type",
    note = "if it is a struct or an enum of yours, add `#[derive(NetworkType)]` to it"
)]
pub trait NetworkType {
    /// What it looks like on the wire.
    const SHAPE: &'static Shape;

    /// The most bytes that its encoding takes.
    const MAX_SIZE: usize;

    /// Appends the value to `w`.
    fn encode(&self, w: &mut Writer<'_>);
}

/// A network type that can be read from bytes that live for `'de`, and may borrow from them as [`Text`] does.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent over the network",
    label = "not a network type",
    note = "for text write `Str<64>`, for a `Vec` write `List<T, 16>`, for bytes `Bytes<256>`: \
            the bound is part of the type",
    note = "if it is a struct or an enum of yours, add `#[derive(NetworkType)]` to it"
)]
pub trait Decode<'de>: NetworkType + Sized {
    /// Takes one value from `r`.
    ///
    /// # Errors
    ///
    /// When the next value is not one of this type, with what was expected and what came.
    fn decode(r: &mut Reader<'de>) -> Result<Self, DecodeError>;
}

impl NetworkType for bool {
    const SHAPE: &'static Shape = &Shape::Bool;
    const MAX_SIZE: usize = 1;

    #[inline]
    fn encode(&self, w: &mut Writer<'_>) {
        w.bool(*self);
    }
}

impl Decode<'_> for bool {
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.bool()
    }
}

/// An `Option` of what may be nil itself does not compile: on the wire both ways of having nothing are one.
impl<T: NetworkType> NetworkType for Option<T> {
    const SHAPE: &'static Shape = {
        assert!(
            !matches!(T::SHAPE, Shape::Option(_)),
            "an `Option` within an `Option`: the wire has one nil, so say which is meant with a struct or a list"
        );
        assert!(
            !matches!(T::SHAPE, Shape::Any { .. }),
            "a `Value` may be nil already: take it without the `Option`"
        );
        &Shape::Option(T::SHAPE)
    };
    const MAX_SIZE: usize = T::MAX_SIZE;

    fn encode(&self, w: &mut Writer<'_>) {
        match self {
            Some(value) => value.encode(w),
            None => w.nil(),
        }
    }
}

impl<'de, T: Decode<'de>> Decode<'de> for Option<T> {
    fn decode(r: &mut Reader<'de>) -> Result<Self, DecodeError> {
        if r.nil() { Ok(None) } else { T::decode(r).map(Some) }
    }
}

/// The bytes of the header of an array of `len` members.
const fn array_header_size(len: usize) -> usize {
    match len {
        0..=15 => 1,
        16..=65_535 => 3,
        _ => 5,
    }
}

/// The bytes of the header of text that takes `len` bytes.
const fn text_header_size(len: usize) -> usize {
    match len {
        0..=31 => 1,
        32..=255 => 2,
        256..=65_535 => 3,
        _ => 5,
    }
}

/// The bytes of the header of a byte string of `len` bytes.
const fn bytes_header_size(len: usize) -> usize {
    match len {
        0..=255 => 2,
        256..=65_535 => 3,
        _ => 5,
    }
}

/// The most bytes that are reserved for a list before its members came: a claim costs its sender nothing.
const MAX_RESERVED: usize = 1024;

/// A list that is about to receive `len` values, of which `left` bytes are all there is.
fn reserve<T>(len: usize, left: usize) -> Vec<T> {
    let most = MAX_RESERVED / size_of::<T>().max(1);
    Vec::with_capacity(len.min(left).min(most.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest<T: NetworkType>(value: &T) {
        let mut bytes = Vec::new();
        value.encode(&mut Writer::new(&mut bytes));
        assert_eq!(bytes.len(), T::MAX_SIZE, "{:?}", T::SHAPE);
    }

    fn bytes_of<const N: usize>() -> Bytes<N> {
        vec![0; N].try_into().expect("N bytes are not more than N")
    }

    fn text_of<const N: usize>() -> Str<N> {
        "🧙".repeat(N).try_into().expect("N characters are not more than N")
    }

    fn list_of<const N: usize>() -> List<u64, N> {
        vec![u64::MAX; N].try_into().expect("N members are not more than N")
    }

    fn map_of<const N: usize>() -> Map<u32, Str<8>, N> {
        let entries = (0..).zip(vec![text_of::<8>(); N]).map(|(n, text)| (u32::MAX - n, text));
        entries.collect::<Vec<_>>().try_into().expect("N entries are not more than N")
    }

    #[test]
    fn the_longest_values_take_the_bytes_their_types_say() {
        longest(&list_of::<15>());
        longest(&list_of::<16>());
        longest(&list_of::<255>());
        longest(&list_of::<65_536>());
        longest(&map_of::<15>());
        longest(&map_of::<16>());
        longest(&map_of::<65_536>());
        longest(&text_of::<7>());
        longest(&text_of::<8>());
        longest(&text_of::<63>());
        longest(&text_of::<64>());
        longest(&text_of::<16_384>());
        longest(&bytes_of::<255>());
        longest(&bytes_of::<256>());
        longest(&bytes_of::<65_536>());
        longest(&(u8::MAX, i16::MIN, f32::MAX, i64::MIN, true));
        longest(&Some(list_of::<16>()));
    }

    #[test]
    fn python_may_say_a_boolean_as_a_number() {
        let read = |byte: u8| bool::decode(&mut Reader::new(&[byte]));
        assert_eq!([read(0), read(1)], [Ok(false), Ok(true)]);
        assert_eq!([read(0xc2), read(0xc3)], [Ok(false), Ok(true)]);
        assert_eq!(read(2).unwrap_err().to_string(), "expected a bool, found 2");
    }
}
