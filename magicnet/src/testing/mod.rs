//! Simulated time and a simulated network, to test what you build on this crate: cargo feature `testing`.
//!
//! A [`Net`] has nodes in it, as your program builds them but without endpoints, and the connections between them. It
//! moves their bytes in one thread over a time of its own, so an hour passes in a moment, and nothing waits or opens a
//! socket. What it does by chance (how bytes are cut, how long they take, which connection breaks) follows from a
//! seed: the same seed gives the same run, so print it when a test fails. The [guide](crate::guide::testing) tests a
//! small game with it.
//!
//! Connections are streams, as over TCP: of one connection no bytes are lost, doubled or overtaken by others. What
//! goes wrong in a network shows as delays, as bytes of one connection overtaking those of another, as silence, and as
//! connections that end.
//!
//! A [`RawPeer`] is a peer that the test plays itself, byte by byte: one that lies, stalls or never reads.

mod net;
mod raw;

pub use net::{Host, Net, RawLink};
pub use raw::RawPeer;
