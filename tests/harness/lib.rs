//! Test support: nodes in a simulated network, recorded events, raw peers.
//!
//! The network is [`magicnet::testing`], as users have it. Nothing waits or opens a socket but [`Socket`], the raw peer
//! of tests with real connections.

pub mod fuzz;
mod recorder;
mod socket;

pub use magicnet::testing::{Host, Net, RawLink, RawPeer};
pub use recorder::Recorder;
pub use socket::{HELLO, PATIENCE, Socket, shown};
