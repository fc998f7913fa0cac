//! Bounded lists of values and of bytes.

use std::ops::{Deref, DerefMut};

use super::super::{DecodeError, Reader, Shape, Writer};
use super::{Decode, NetworkType, TooLong, array_header_size, bytes_header_size, reserve};

/// At most `N` values.
///
/// It reads like a slice; the changes that could break the bound say so.
///
/// ```
/// use magicnet::List;
///
/// let mut rolls: List<u8, 3> = [4, 2].into();
/// rolls.push(6)?;
/// assert_eq!(*rolls, [4, 2, 6]);
/// assert!(rolls.push(1).is_err());
/// # Ok::<(), magicnet::TooLong>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct List<T, const N: usize>(Vec<T>);

/// At most `N` bytes, sent as msgpack `bin`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bytes<const N: usize>(Vec<u8>);

const fn too_long(len: usize, max: usize, unit: &'static str) -> TooLong {
    TooLong { len, max, unit }
}

impl<T, const N: usize> List<T, N> {
    /// An empty list.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a value at the end.
    ///
    /// # Errors
    ///
    /// When the list is full; it is unchanged then.
    pub fn push(&mut self, value: T) -> Result<(), TooLong> {
        if self.0.len() == N {
            return Err(too_long(N + 1, N, "members"));
        }
        self.0.push(value);
        Ok(())
    }

    /// Takes the value at the end.
    pub fn pop(&mut self) -> Option<T> {
        self.0.pop()
    }

    /// Takes the value at `index` and closes the gap.
    ///
    /// # Panics
    ///
    /// When there is no such value, as `Vec::remove` does.
    pub fn remove(&mut self, index: usize) -> T {
        self.0.remove(index)
    }

    /// Removes all values.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Keeps the values that `keep` accepts.
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
    }

    /// Gives the values up as a plain `Vec`.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T, const N: usize> Default for List<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> TryFrom<Vec<T>> for List<T, N> {
    type Error = TooLong;

    fn try_from(values: Vec<T>) -> Result<Self, TooLong> {
        if values.len() > N { Err(too_long(values.len(), N, "members")) } else { Ok(Self(values)) }
    }
}

/// An array that could be longer than the list does not compile.
impl<T, const N: usize, const M: usize> From<[T; M]> for List<T, N> {
    fn from(values: [T; M]) -> Self {
        const { assert!(M <= N, "the array has more members than the `List` may hold") };
        Self(values.into())
    }
}

impl<T, const N: usize> IntoIterator for List<T, N> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T, const N: usize> IntoIterator for &'a List<T, N> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T, const N: usize> Deref for List<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const N: usize> DerefMut for List<T, N> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T: NetworkType, const N: usize> NetworkType for List<T, N> {
    const SHAPE: &'static Shape = &Shape::List { of: T::SHAPE, max: N };
    const MAX_SIZE: usize = array_header_size(N).saturating_add(N.saturating_mul(T::MAX_SIZE));

    fn encode(&self, w: &mut Writer<'_>) {
        w.array(self.0.len());
        for value in &self.0 {
            value.encode(w);
        }
    }
}

impl<'de, T: Decode<'de>, const N: usize> Decode<'de> for List<T, N> {
    fn decode(r: &mut Reader<'de>) -> Result<Self, DecodeError> {
        let len = r.array(N)?;
        Self::decode_members(r, len)
    }
}

impl<'de, T: Decode<'de>, const N: usize> List<T, N> {
    /// Takes `len` values, which the caller knows to be at most `N`.
    pub(in super::super) fn decode_members(r: &mut Reader<'de>, len: usize) -> Result<Self, DecodeError> {
        let mut values = reserve(len, r.rest().len());
        for index in 0..len {
            values.push(T::decode(r).map_err(|error| error.at(index))?);
        }
        Ok(Self(values))
    }
}

impl<const N: usize> Bytes<N> {
    /// No bytes.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Gives the bytes up as a plain `Vec`.
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl<const N: usize> TryFrom<Vec<u8>> for Bytes<N> {
    type Error = TooLong;

    fn try_from(bytes: Vec<u8>) -> Result<Self, TooLong> {
        if bytes.len() > N { Err(too_long(bytes.len(), N, "bytes")) } else { Ok(Self(bytes)) }
    }
}

impl<const N: usize> TryFrom<&[u8]> for Bytes<N> {
    type Error = TooLong;

    fn try_from(bytes: &[u8]) -> Result<Self, TooLong> {
        bytes.to_vec().try_into()
    }
}

impl<const N: usize> Deref for Bytes<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const N: usize> NetworkType for Bytes<N> {
    const SHAPE: &'static Shape = &Shape::Bytes { max: N };
    const MAX_SIZE: usize = bytes_header_size(N).saturating_add(N);

    fn encode(&self, w: &mut Writer<'_>) {
        w.bytes(&self.0);
    }
}

impl<const N: usize> Decode<'_> for Bytes<N> {
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.bytes(N).map(|bytes| Self(bytes.to_vec()))
    }
}
