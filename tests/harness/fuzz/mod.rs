//! What must hold whatever a peer does, as plain functions: property tests, the replay of the corpus and the fuzz
//! targets call them. Each panics with a sentence when something does not hold.

mod bytes;
mod streams;

pub use bytes::{
    LIMITS, datagrams, fuzz_arguments, fuzz_datagram, fuzz_fingerprint, fuzz_frame, fuzz_json, fuzz_manifest,
    survives,
};
pub use streams::{fuzz_address, fuzz_tls, fuzz_websocket};
