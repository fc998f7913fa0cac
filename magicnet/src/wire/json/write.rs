//! From msgpack to JSON.

use std::io::Write;

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;

use super::{BYTES, INFINITY, INTEGER, MAP, MAX_SAFE, NAN, NEGATIVE_INFINITY};
use crate::wire::{DecodeError, EncodingError, Kind, Reader};

/// Appends the JSON of the msgpack value that `bytes` are.
pub(super) fn value(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), EncodingError> {
    // Once, so that everything below may rely on it: the value is whole, no deeper than a stack can bear, and its texts
    // are UTF-8.
    let bytes = Reader::new(bytes).raw_value(usize::MAX).map_err(unreadable)?;
    let mut reader = Reader::new(bytes);
    reader.set_any_float(true);
    write(&mut reader, out).map_err(unreadable)
}

fn unreadable(error: DecodeError) -> EncodingError {
    EncodingError::form(error.to_string())
}

fn write(r: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    match r.peek() {
        Some(Kind::Bool) => {
            let word: &[u8] = if r.bool()? { b"true" } else { b"false" };
            out.extend_from_slice(word);
        }
        Some(Kind::Integer) => write_integer(r.integer(i64::MIN.into(), u64::MAX.into())?, out),
        Some(Kind::Float) => write_float(r.float()?, out),
        Some(Kind::Text) => write_text(r.text(usize::MAX)?, out),
        Some(Kind::Bytes) => {
            let encoded = Base64Display::new(r.bytes(usize::MAX)?, &STANDARD);
            put(out, format_args!("\"{BYTES}{encoded}\""));
        }
        Some(Kind::Array) => {
            let len = r.array(usize::MAX)?;
            write_list(r, len, out, b"[", write)?;
            out.push(b']');
        }
        Some(Kind::Map) => write_map(r, out)?,
        Some(Kind::Nil) => {
            r.nil();
            out.extend_from_slice(b"null");
        }
        Some(Kind::Foreign) | None => unreachable!("the value was walked over before"),
    }
    Ok(())
}

fn write_integer(value: i128, out: &mut Vec<u8>) {
    if (-MAX_SAFE..=MAX_SAFE).contains(&value) {
        put(out, format_args!("{value}"));
    } else {
        put(out, format_args!("\"{INTEGER}{value}\""));
    }
}

fn write_float(value: f64, out: &mut Vec<u8>) {
    match value {
        // Rust's own form has a point or an exponent and the fewest digits: it is JSON.
        _ if value.is_finite() => put(out, format_args!("{value:?}")),
        _ if value.is_nan() => put(out, format_args!("\"{NAN}\"")),
        _ if value > 0.0 => put(out, format_args!("\"{INFINITY}\"")),
        _ => put(out, format_args!("\"{NEGATIVE_INFINITY}\"")),
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    serde_json::to_writer(&mut *out, text).expect("a text can be written to a Vec");
    if text.starts_with('$') {
        out.insert(start + 1, b'$');
    }
}

fn write_map(r: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    let len = r.map()?;
    if has_texts_for_keys(r.clone(), len)? {
        write_list(r, len, out, b"{", |r, out| {
            write(r, out)?;
            out.push(b':');
            write(r, out)
        })?;
        out.push(b'}');
        return Ok(());
    }
    put(out, format_args!("[\"{MAP}\""));
    write_list(r, len, out, b",", |r, out| {
        out.push(b'[');
        write(r, out)?;
        out.push(b',');
        write(r, out)?;
        out.push(b']');
        Ok(())
    })?;
    out.push(b']');
    Ok(())
}

fn has_texts_for_keys(mut r: Reader<'_>, len: usize) -> Result<bool, DecodeError> {
    for _ in 0..len {
        if r.peek() != Some(Kind::Text) {
            return Ok(false);
        }
        r.raw_value(usize::MAX)?;
        r.raw_value(usize::MAX)?;
    }
    Ok(true)
}

/// Writes `len` members with commas between them, behind `open`.
fn write_list(
    r: &mut Reader<'_>,
    len: usize,
    out: &mut Vec<u8>,
    open: &[u8],
    mut member: impl FnMut(&mut Reader<'_>, &mut Vec<u8>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    out.extend_from_slice(open);
    for index in 0..len {
        if index > 0 {
            out.push(b',');
        }
        member(r, out)?;
    }
    Ok(())
}

fn put(out: &mut Vec<u8>, words: std::fmt::Arguments<'_>) {
    out.write_fmt(words).expect("writing to a Vec cannot fail");
}
