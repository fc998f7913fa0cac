//! From JSON to msgpack, in one pass and within the limits of a message.
//!
//! JSON says how long a container is when it is over, msgpack before it begins: headers are written behind the members
//! and moved in front of them. A byte is moved once for each container around it, and their depth is limited.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_core::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{BYTES, INFINITY, INTEGER, MAP, NAN, NEGATIVE_INFINITY};
use crate::wire::{EncodingError, ScanError, ScanLimits, Writer};

/// Appends the messages of the JSON text `datagram`.
pub(super) fn datagram(
    datagram: &[u8],
    limits: ScanLimits,
    messages: &mut Vec<u8>,
) -> Result<(), EncodingError> {
    let mut output = Output { out: messages, limits, elements: 0, crossed: None };
    let mut json = serde_json::Deserializer::from_slice(datagram);
    let outcome = json.deserialize_seq(Messages(&mut output)).and_then(|()| json.end());
    match (outcome, output.crossed) {
        (Ok(()), _) => Ok(()),
        (Err(_), Some(limit)) => Err(EncodingError::Limit(limit)),
        (Err(error), None) => Err(EncodingError::form(error.to_string())),
    }
}

struct Output<'o> {
    out: &'o mut Vec<u8>,
    limits: ScanLimits,
    /// The values of this message so far.
    elements: usize,
    /// The limit that was crossed, if that is why reading ends.
    crossed: Option<ScanError>,
}

impl Output<'_> {
    fn writer(&mut self) -> Writer<'_> {
        let mut writer = Writer::new(self.out);
        writer.set_any_float(true);
        writer
    }

    /// Counts a value that lies in `depth` containers.
    fn count<E: Error>(&mut self, depth: usize) -> Result<(), E> {
        self.elements += 1;
        let crossed = if depth > self.limits.depth {
            ScanError::TooDeep
        } else if self.elements > self.limits.elements {
            ScanError::TooManyElements
        } else {
            return Ok(());
        };
        self.crossed = Some(crossed);
        Err(E::custom(crossed))
    }

    /// Puts a header in front of what was written since `start`.
    fn head(&mut self, start: usize, header: impl FnOnce(&mut Writer<'_>)) {
        let before = self.out.len();
        header(&mut self.writer());
        let len = self.out.len() - before;
        self.out[start..].rotate_right(len);
    }

    fn integer(&mut self, value: i128) -> Option<()> {
        match (u64::try_from(value), i64::try_from(value)) {
            (Ok(value), _) => self.writer().unsigned(value),
            (_, Ok(value)) => self.writer().signed(value),
            _ => return None,
        }
        Some(())
    }

    /// The shorter form where it is the same number.
    fn float(&mut self, value: f64) {
        #[expect(clippy::cast_possible_truncation, reason = "looked at right below")]
        let short = value as f32;
        if f64::from(short) == value {
            self.writer().f32(short);
        } else {
            self.writer().f64(value);
        }
    }

    /// A text that is a text, or whatever it stands for.
    fn text<E: Error>(&mut self, text: &str) -> Result<Read, E> {
        if !text.starts_with('$') {
            self.writer().text(text);
        } else if text == MAP {
            return Ok(Read::MapMark);
        } else {
            self.special(text).ok_or_else(|| E::custom("a text that begins with one $ and means nothing"))?;
        }
        Ok(Read::Value)
    }

    fn special(&mut self, text: &str) -> Option<()> {
        match text {
            NAN => self.writer().f64(f64::NAN),
            INFINITY => self.float(f64::INFINITY),
            NEGATIVE_INFINITY => self.float(f64::NEG_INFINITY),
            _ => {
                if let Some(encoded) = text.strip_prefix(BYTES) {
                    let bytes = STANDARD.decode(encoded).ok()?;
                    self.writer().bytes(&bytes);
                } else if let Some(digits) = text.strip_prefix(INTEGER) {
                    return self.integer(digits.parse().ok()?);
                } else {
                    let text = text.strip_prefix('$').filter(|text| text.starts_with('$'))?;
                    self.writer().text(text);
                }
            }
        }
        Some(())
    }
}

/// What was found where a value may be.
#[derive(Clone, Copy)]
enum Read {
    Value,
    /// The text that makes an array a map, and wrote nothing.
    MapMark,
}

/// The datagram's array.
struct Messages<'m, 'o>(&'m mut Output<'o>);

impl<'de> Visitor<'de> for Messages<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut messages: A) -> Result<(), A::Error> {
        loop {
            self.0.elements = 0;
            match messages.next_element_seed(Value { output: &mut *self.0, depth: 0 })? {
                None => return Ok(()),
                Some(Read::Value) => {}
                Some(Read::MapMark) => return Err(Error::custom("a message is an array")),
            }
        }
    }
}

/// One value, in `depth` containers.
struct Value<'v, 'o> {
    output: &'v mut Output<'o>,
    depth: usize,
}

impl<'o> Value<'_, 'o> {
    fn inner(&mut self) -> Value<'_, 'o> {
        Value { output: &mut *self.output, depth: self.depth + 1 }
    }

    /// What is left of an array that has no mark. Its first value was read.
    fn array<'de, A: SeqAccess<'de>>(mut self, start: usize, mut members: A) -> Result<Read, A::Error> {
        let mut len = 1;
        while let Some(read) = members.next_element_seed(self.inner())? {
            expect_value(read)?;
            len += 1;
        }
        self.output.head(start, |w| w.array(len));
        Ok(Read::Value)
    }

    /// What is left of an array that is a map.
    fn pairs<'de, A: SeqAccess<'de>>(mut self, start: usize, mut members: A) -> Result<Read, A::Error> {
        // The mark was counted as a value.
        self.output.elements -= 1;
        let mut len = 0;
        while let Some(()) = members.next_element_seed(Pair(self.inner()))? {
            len += 1;
        }
        self.output.head(start, |w| w.map(len));
        Ok(Read::Value)
    }
}

fn expect_value<E: Error>(read: Read) -> Result<(), E> {
    match read {
        Read::Value => Ok(()),
        Read::MapMark => Err(E::custom("the mark of a map stands where no map begins")),
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = Read;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Read, D::Error> {
        self.output.count(self.depth)?;
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Read, E> {
        self.output.writer().nil();
        Ok(Read::Value)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Read, E> {
        self.output.writer().bool(value);
        Ok(Read::Value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Read, E> {
        self.output.writer().unsigned(value);
        Ok(Read::Value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Read, E> {
        self.output.writer().signed(value);
        Ok(Read::Value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Read, E> {
        self.output.float(value);
        Ok(Read::Value)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Read, E> {
        self.output.text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut members: A) -> Result<Read, A::Error> {
        let start = self.output.out.len();
        match members.next_element_seed(self.inner())? {
            Some(Read::Value) => self.array(start, members),
            Some(Read::MapMark) => self.pairs(start, members),
            None => {
                self.output.writer().array(0);
                Ok(Read::Value)
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Read, A::Error> {
        let start = self.output.out.len();
        let mut len = 0;
        while let Some(key) = entries.next_key_seed(Key(self.inner()))? {
            match key {
                KeyRead::Text => {}
                KeyRead::Number if len == 0 => return entries.next_value_seed(Number(self.output)),
                KeyRead::Number => return Err(A::Error::custom("a number among the entries of a map")),
            }
            expect_value(entries.next_value_seed(self.inner())?)?;
            len += 1;
        }
        self.output.head(start, |w| w.map(len));
        Ok(Read::Value)
    }
}

/// A pair of a map whose keys are not all texts: the value that this is and another.
struct Pair<'v, 'o>(Value<'v, 'o>);

impl<'de> DeserializeSeed<'de> for Pair<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Pair<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key and its value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<(), A::Error> {
        let Value { output, depth } = self.0;
        for index in 0..2 {
            let member = Value { output: &mut *output, depth };
            let read =
                pair.next_element_seed(member)?.ok_or_else(|| A::Error::invalid_length(index, &"2"))?;
            expect_value(read)?;
        }
        Ok(())
    }
}

/// A key, which is a value too.
struct Key<'v, 'o>(Value<'v, 'o>);

#[derive(Clone, Copy)]
enum KeyRead {
    Text,
    /// This is no map, but how `serde_json` shows a number if some crate of the program has asked it to keep all
    /// digits (its feature `arbitrary_precision`). A peer may write it so, too, and gets the number.
    Number,
}

const NUMBER: &str = "$serde_json::private::Number";

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = KeyRead;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<KeyRead, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_, '_> {
    type Value = KeyRead;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<KeyRead, E> {
        let Value { output, depth } = self.0;
        if key == NUMBER {
            return Ok(KeyRead::Number);
        }
        output.count(depth)?;
        let key = match key.strip_prefix('$') {
            None => key,
            Some(text) if text.starts_with('$') => text,
            Some(_) => return Err(E::custom("a key that begins with one $")),
        };
        output.writer().text(key);
        Ok(KeyRead::Text)
    }
}

/// The digits behind [`NUMBER`].
struct Number<'n, 'o>(&'n mut Output<'o>);

impl<'de> DeserializeSeed<'de> for Number<'_, '_> {
    type Value = Read;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Read, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Number<'_, '_> {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the digits of a number")
    }

    fn visit_str<E: Error>(self, digits: &str) -> Result<Read, E> {
        let integer = digits.parse().ok().and_then(|value| self.0.integer(value));
        if integer.is_none() {
            let float = digits.parse().ok().filter(|value: &f64| value.is_finite());
            self.0.float(float.ok_or_else(|| E::custom("not a number"))?);
        }
        Ok(Read::Value)
    }
}
