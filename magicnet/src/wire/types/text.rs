//! Bounded text, owned and borrowed.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use super::super::{DecodeError, Reader, Shape, Writer};
use super::{Decode, NetworkType, text_header_size};

/// Text of at most `N` characters, which take at most `4 * N` bytes.
///
/// ```
/// use magicnet::Str;
///
/// let name: Str<16> = "Ada".try_into()?;
/// assert_eq!(&*name, "Ada");
/// assert!(Str::<2>::try_from("Ada").is_err());
/// # Ok::<(), magicnet::TooLong>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Str<const N: usize>(String);

/// Text of at most `N` characters, borrowed from the message that it came in.
///
/// A handler that takes `Text<'_, N>` allocates nothing for it, and a stub that takes it sends a `&str`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text<'a, const N: usize>(&'a str);

/// A value that is longer than the bound in its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    pub(super) len: usize,
    pub(super) max: usize,
    pub(super) unit: &'static str,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} are more than the {} allowed", self.len, self.unit, self.max)
    }
}

impl std::error::Error for TooLong {}

fn check(text: &str, max: usize) -> Result<(), TooLong> {
    // The bytes prove the bound for most texts without counting.
    if text.len() <= max {
        return Ok(());
    }
    let len = text.chars().count();
    if len <= max { Ok(()) } else { Err(TooLong { len, max, unit: "characters" }) }
}

impl<const N: usize> Str<N> {
    /// The text, cut after its first `N` characters.
    pub fn truncated(text: &str) -> Self {
        let end = text.char_indices().nth(N).map_or(text.len(), |(at, _)| at);
        Self(text[..end].to_owned())
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same text, borrowed.
    pub fn as_text(&self) -> Text<'_, N> {
        Text(&self.0)
    }

    /// Gives the text up as a plain `String`.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<'a, const N: usize> Text<'a, N> {
    /// The text itself.
    pub fn as_str(&self) -> &'a str {
        self.0
    }

    /// A copy that can be kept.
    pub fn to_str(&self) -> Str<N> {
        Str(self.0.to_owned())
    }
}

impl<const N: usize> TryFrom<String> for Str<N> {
    type Error = TooLong;

    fn try_from(text: String) -> Result<Self, TooLong> {
        check(&text, N).map(|()| Self(text))
    }
}

impl<const N: usize> TryFrom<&str> for Str<N> {
    type Error = TooLong;

    fn try_from(text: &str) -> Result<Self, TooLong> {
        check(text, N).map(|()| Self(text.to_owned()))
    }
}

impl<'a, const N: usize> TryFrom<&'a str> for Text<'a, N> {
    type Error = TooLong;

    fn try_from(text: &'a str) -> Result<Self, TooLong> {
        check(text, N).map(|()| Self(text))
    }
}

impl<const N: usize> From<Text<'_, N>> for Str<N> {
    fn from(text: Text<'_, N>) -> Self {
        text.to_str()
    }
}

impl<const N: usize> std::str::FromStr for Str<N> {
    type Err = TooLong;

    fn from_str(text: &str) -> Result<Self, TooLong> {
        text.try_into()
    }
}

impl<const N: usize> From<Str<N>> for String {
    fn from(text: Str<N>) -> Self {
        text.0
    }
}

impl<const N: usize> PartialEq<str> for Str<N> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl<const N: usize> PartialEq<&str> for Str<N> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl<const N: usize> Deref for Str<N> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const N: usize> Deref for Text<'_, N> {
    type Target = str;

    fn deref(&self) -> &str {
        self.0
    }
}

/// They compare as their texts do.
impl<const N: usize> Borrow<str> for Str<N> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<const N: usize> AsRef<str> for Str<N> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<const N: usize> fmt::Display for Str<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const N: usize> fmt::Display for Text<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const N: usize> NetworkType for Str<N> {
    const SHAPE: &'static Shape = &Shape::Text { max: N };
    const MAX_SIZE: usize = text_header_size(N.saturating_mul(4)).saturating_add(N.saturating_mul(4));

    #[inline]
    fn encode(&self, w: &mut Writer<'_>) {
        w.text(&self.0);
    }
}

impl<const N: usize> Decode<'_> for Str<N> {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.text(N).map(|text| Self(text.to_owned()))
    }
}

impl<const N: usize> NetworkType for Text<'_, N> {
    const SHAPE: &'static Shape = Str::<N>::SHAPE;
    const MAX_SIZE: usize = Str::<N>::MAX_SIZE;

    #[inline]
    fn encode(&self, w: &mut Writer<'_>) {
        w.text(self.0);
    }
}

impl<'de, const N: usize> Decode<'de> for Text<'de, N> {
    #[inline]
    fn decode(r: &mut Reader<'de>) -> Result<Self, DecodeError> {
        r.text(N).map(Self)
    }
}
