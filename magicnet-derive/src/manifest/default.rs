//! Defaults of Python's: as the bytes that a peer would have sent, and as a shape that the type must take.

use magicnet_manifest::Json;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// A default that Rust can have too.
pub(super) struct Default {
    pub(super) bytes: Literal,
    pub(super) len: usize,
    pub(super) shape: TokenStream,
    /// Whether there are NaN or infinities in it.
    pub(super) is_any_float: bool,
}

/// `None` for what has no bytes or no shape of its own: integers beyond 64 bits, and dictionaries with entries.
pub(super) fn of(value: &Json) -> Option<Default> {
    let mut bytes = Vec::new();
    let shape = write(value, &mut bytes)?;
    let (len, bytes) = (bytes.len(), Literal::byte_string(&bytes));
    Some(Default { bytes, len, shape, is_any_float: is_any_float(value) })
}

/// Appends msgpack, in forms that are always right; the shortest do not matter here.
fn write(value: &Json, bytes: &mut Vec<u8>) -> Option<TokenStream> {
    Some(match value {
        Json::Null => {
            bytes.push(0xc0);
            quote!(__p::Shape::Option(&__p::NEVER))
        }
        Json::Bool(value) => {
            bytes.push(if *value { 0xc3 } else { 0xc2 });
            quote!(__p::Shape::Bool)
        }
        Json::Integer(value) => {
            match (i64::try_from(*value), u64::try_from(*value)) {
                (Ok(value), _) => push(bytes, 0xd3, value.to_be_bytes()),
                (_, Ok(value)) => push(bytes, 0xcf, value.to_be_bytes()),
                _ => return None,
            }
            let value = Literal::i128_suffixed(*value);
            quote!(__p::Shape::Integer { min: #value, max: #value })
        }
        Json::Float(value) => {
            push(bytes, 0xcb, value.to_be_bytes());
            quote!(__p::Shape::Float { bits: 64 })
        }
        Json::Text(text) => {
            push(bytes, 0xdb, u32::try_from(text.len()).ok()?.to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
            let chars = text.chars().count();
            quote!(__p::Shape::Text { max: #chars })
        }
        Json::Array(values) => {
            push(bytes, 0xdd, u32::try_from(values.len()).ok()?.to_be_bytes());
            let shapes: Vec<TokenStream> =
                values.iter().map(|value| write(value, bytes)).collect::<Option<_>>()?;
            quote!(__p::Shape::Tuple(&[#(&#shapes),*]))
        }
        Json::Object(entries) if entries.is_empty() => {
            bytes.push(0x80);
            quote!(__p::Shape::Map { key: &__p::NEVER, value: &__p::NEVER, max: 0 })
        }
        Json::Object(_) => return None,
    })
}

fn push<const N: usize>(bytes: &mut Vec<u8>, marker: u8, payload: [u8; N]) {
    bytes.push(marker);
    bytes.extend_from_slice(&payload);
}

fn is_any_float(value: &Json) -> bool {
    match value {
        Json::Float(value) => !value.is_finite(),
        Json::Array(values) => values.iter().any(is_any_float),
        _ => false,
    }
}
