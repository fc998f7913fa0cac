//! Bounded maps.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::super::{DecodeError, Expected, Reader, Shape, Writer};
use super::{Decode, NetworkType, Ranged, Str, TooLong, array_header_size, reserve};

/// At most `N` values, each under a key.
///
/// Keys are integers, [`Ranged`], [`Str`], `bool`, and enums without members. Entries are sorted by their keys, here
/// and on the wire, so equal maps have equal bytes. A peer may send them in any order, but no key twice.
///
/// Python reads no map whose keys are not text: use `Str` where Python takes part.
///
/// ```
/// use magicnet::{Map, Str};
///
/// let mut stock: Map<Str<8>, u16, 2> = [("rope".try_into()?, 1)].into();
/// stock.insert("apple".try_into()?, 3)?;
/// assert_eq!(stock.get("apple"), Some(&3));
/// assert_eq!(stock.keys().map(|it| it.as_str()).collect::<Vec<_>>(), ["apple", "rope"]);
/// assert!(stock.insert("lamp".try_into()?, 1).is_err());
/// assert_eq!(stock.remove("rope"), Some(1));
/// # Ok::<(), magicnet::TooLong>(())
/// ```
// A sorted `Vec`, since a tree takes room for several entries where one came.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Map<K, V, const N: usize>(Vec<(K, V)>);

/// What may be the key of a [`Map`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of a `Map`",
    label = "not a key",
    note = "keys are integers, `Ranged`, `Str<N>`, `bool`, and enums whose variants have no members",
    note = "an enum needs an order too: `#[derive(PartialEq, Eq, PartialOrd, Ord)]`"
)]
pub trait MapKey: Key + Ord {}

#[diagnostic::do_not_recommend]
impl<K: Key + Ord> MapKey for K {}

/// What could be a key if it has an order. The macro says it of enums without members.
pub trait Key: NetworkType {}

macro_rules! keys {
    ($($name:ident)*) => { $(impl Key for $name {})* };
}

keys!(u8 u16 u32 u64 i8 i16 i32 i64 bool);

impl<const N: usize> Key for Str<N> {}

impl<T, const MIN: i128, const MAX: i128> Key for Ranged<T, MIN, MAX> where Self: NetworkType {}

impl<K, V, const N: usize> Map<K, V, N> {
    /// An empty map.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Keeps the entries that `keep` accepts.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.0.retain_mut(|(key, value)| keep(key, value));
    }

    /// The entries, sorted by their keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + ExactSizeIterator {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The same, with values that can be changed.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&K, &mut V)> + ExactSizeIterator {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// The keys, sorted.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator {
        self.0.iter().map(|(key, _)| key)
    }

    /// The values, sorted by their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V, const N: usize> Map<K, V, N> {
    /// The value under `key`.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| &self.0[at].1)
    }

    /// The same, to change it.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| &mut self.0[at].1)
    }

    /// Whether there is a value under `key`.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// Puts `value` under `key`, and returns what was there.
    ///
    /// # Errors
    ///
    /// When the map is full and the key is new; it is unchanged then.
    pub fn insert(&mut self, key: K, value: V) -> Result<Option<V>, TooLong> {
        match self.place(&key) {
            Ok(at) => Ok(Some(std::mem::replace(&mut self.0[at].1, value))),
            Err(_) if self.0.len() == N => Err(too_long(N + 1, N)),
            Err(at) => {
                self.0.insert(at, (key, value));
                Ok(None)
            }
        }
    }

    /// Takes the value under `key`.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| self.0.remove(at).1)
    }

    /// Where the entry of `key` is, or would be.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0.binary_search_by(|(other, _)| other.borrow().cmp(key))
    }
}

const fn too_long(len: usize, max: usize) -> TooLong {
    TooLong { len, max, unit: "entries" }
}

impl<K, V, const N: usize> Default for Map<K, V, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: fmt::Debug, V: fmt::Debug, const N: usize> fmt::Debug for Map<K, V, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord, V, const N: usize> TryFrom<BTreeMap<K, V>> for Map<K, V, N> {
    type Error = TooLong;

    fn try_from(entries: BTreeMap<K, V>) -> Result<Self, TooLong> {
        if entries.len() > N {
            return Err(too_long(entries.len(), N));
        }
        Ok(Self(entries.into_iter().collect()))
    }
}

impl<K: Ord, V, S, const N: usize> TryFrom<HashMap<K, V, S>> for Map<K, V, N> {
    type Error = TooLong;

    fn try_from(entries: HashMap<K, V, S>) -> Result<Self, TooLong> {
        entries.into_iter().collect::<BTreeMap<_, _>>().try_into()
    }
}

/// Of several values under one key the last stays, as in the maps of `std`.
impl<K: Ord, V, const N: usize> TryFrom<Vec<(K, V)>> for Map<K, V, N> {
    type Error = TooLong;

    fn try_from(entries: Vec<(K, V)>) -> Result<Self, TooLong> {
        entries.into_iter().collect::<BTreeMap<_, _>>().try_into()
    }
}

/// An array that could be longer than the map does not compile. Of several values under one key the last stays.
impl<K: Ord, V, const N: usize, const M: usize> From<[(K, V); M]> for Map<K, V, N> {
    fn from(entries: [(K, V); M]) -> Self {
        const { assert!(M <= N, "the array has more entries than the `Map` may hold") };
        Self(BTreeMap::from(entries).into_iter().collect())
    }
}

impl<K: Ord, V, const N: usize> From<Map<K, V, N>> for BTreeMap<K, V> {
    fn from(map: Map<K, V, N>) -> Self {
        map.into_iter().collect()
    }
}

impl<K, V, const N: usize> IntoIterator for Map<K, V, N> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, K, V, const N: usize> IntoIterator for &'a Map<K, V, N> {
    type Item = (&'a K, &'a V);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (K, V)>, fn(&'a (K, V)) -> (&'a K, &'a V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

impl<K: MapKey, V: NetworkType, const N: usize> NetworkType for Map<K, V, N> {
    const SHAPE: &'static Shape = &Shape::Map { key: K::SHAPE, value: V::SHAPE, max: N };
    // The headers of maps are as long as those of arrays.
    const MAX_SIZE: usize = {
        let entry = K::MAX_SIZE.saturating_add(V::MAX_SIZE);
        array_header_size(N).saturating_add(N.saturating_mul(entry))
    };

    fn encode(&self, w: &mut Writer<'_>) {
        w.map(self.0.len());
        for (key, value) in &self.0 {
            key.encode(w);
            value.encode(w);
        }
    }
}

impl<'de, K: Decode<'de> + MapKey, V: Decode<'de>, const N: usize> Decode<'de> for Map<K, V, N> {
    fn decode(r: &mut Reader<'de>) -> Result<Self, DecodeError> {
        let before = r.clone();
        let len = match r.map() {
            Ok(len) if len <= N => len,
            _ => return Err(before.refuse(Expected::Entries { max: N })),
        };
        let mut entries = reserve(len, r.rest().len());
        for index in 0..len {
            let key = K::decode(r).map_err(|error| error.within("key").at(index))?;
            let value = V::decode(r).map_err(|error| error.within("value").at(index))?;
            entries.push((key, value));
        }
        // Ours come sorted. Sorting at the end keeps the worst order of a peer's as cheap as any.
        if !is_sorted(&entries) {
            entries.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
            if !is_sorted(&entries) {
                return Err(before.refuse(Expected::DifferentKeys));
            }
        }
        Ok(Self(entries))
    }
}

/// Whether each key is larger than the one before, so that none is there twice.
fn is_sorted<K: Ord, V>(entries: &[(K, V)]) -> bool {
    entries.is_sorted_by(|(one, _), (other, _)| one < other)
}
