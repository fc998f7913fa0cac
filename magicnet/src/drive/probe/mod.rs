//! The decoders of the drivers without a socket, for tests that feed them anything: not public API.
//!
//! [`Layering`] and [`StreamProbe`] are what lies between a socket and the frames of a node, TLS and WebSockets;
//! [`PacketProbe`] is a node over UDP. The test is the network: what it hands in was received, what it takes was sent.

#[cfg(feature = "udp")]
mod packets;
mod streams;

#[cfg(feature = "udp")]
pub use packets::PacketProbe;
pub use streams::{Layering, StreamProbe};

use crate::node::{Address, AddressError};

/// Reads the address of an endpoint, and writes it as it was understood.
pub fn read_address(text: &str) -> Result<String, AddressError> {
    text.parse::<Address>().map(|address| address.to_string())
}
