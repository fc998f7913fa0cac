//! Network types: what the parameters of calls and messages, and the properties of state, may be.
//!
//! Bounds live in the types: whatever can be built can be sent, so stubs do not fail on bounds, and what was decoded
//! is within them.

mod list;
mod number;
mod text;
mod tuple;
mod value;

pub use list::{Bytes, List};
pub use number::{OutOfRange, Ranged};
pub use text::{Str, Text, TooLong};
pub use value::{AnyValue, Value};

use super::{DecodeError, Reader, Shape, Writer};

/// A type that can be sent: it has a bounded size and one form on the wire.
///
/// Implemented for integers, floats, `bool`, [`Str`], [`Text`], [`Bytes`], [`List`], [`Ranged`], [`Value`], tuples and
/// `Option`; derive it for structs of these with `#[derive(NetworkType)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent over the network",
    label = "not a network type",
    note = "for text write `Str<64>`, for a `Vec` write `List<T, 16>`, for bytes `Bytes<256>`: the bound is part of the type",
    note = "if it is a struct of yours, add `#[derive(NetworkType)]` to it"
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
    message = "`{Self}` cannot be received from the network",
    label = "not a network type",
    note = "for text write `Str<64>`, for a `Vec` write `List<T, 16>`, for bytes `Bytes<256>`: the bound is part of the type",
    note = "if it is a struct of yours, add `#[derive(NetworkType)]` to it"
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

    fn encode(&self, w: &mut Writer<'_>) {
        w.bool(*self);
    }
}

impl Decode<'_> for bool {
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.bool()
    }
}

impl<T: NetworkType> NetworkType for Option<T> {
    const SHAPE: &'static Shape = &Shape::Option(T::SHAPE);
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

/// The bytes of a msgpack header in front of `len` bytes or members, at most.
const fn header_size(len: usize) -> usize {
    match len {
        0..=15 => 1,
        16..=255 => 2,
        256..=65_535 => 3,
        _ => 5,
    }
}
