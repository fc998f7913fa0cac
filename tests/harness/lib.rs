//! Test support: nodes in a simulated network, clocks and recorded events.
//!
//! [`Net`] moves bytes between nodes (and raw peers that a test plays itself) over simulated time, and the same seed
//! gives the same run. Nothing waits or opens a socket but [`Socket`], the raw peer of tests with real connections.

pub mod fuzz;
mod net;
mod raw;
mod recorder;
mod socket;

pub use net::{Host, Net, RawLink};
pub use raw::RawPeer;
pub use recorder::Recorder;
pub use socket::{HELLO, PATIENCE, Socket, shown};
