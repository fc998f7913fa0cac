//! Test support: nodes in a simulated network, clocks and recorded events.
//!
//! Nothing here waits, sleeps or opens a socket: [`Net`] moves bytes between nodes (and raw peers that a test plays
//! itself) over simulated time, and the same seed gives the same run.

pub mod fuzz;
mod net;
mod raw;
mod recorder;

pub use net::{Host, Net, RawLink};
pub use raw::RawPeer;
pub use recorder::Recorder;
