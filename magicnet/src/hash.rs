//! Hash maps as nodes use them: for keys that are looked up with every message.
//!
//! Keys come from peers, so the hash is seeded, each process with numbers of its own; it is not one that withstands
//! somebody who can measure it, which is a matter of the limits on how many keys a peer may cause.

/// A map by such a hash.
pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
