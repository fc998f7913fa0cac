//! Sockets without a runtime, for a thread that waits for them and for a loop that does not.

mod open;
mod reactor;
mod sockets;
#[cfg(feature = "udp")]
mod udp;

pub(super) use open::{Dial, Opened, open};
pub(super) use reactor::{Reactor, Sockets as Registry};
pub(super) use sockets::Socket;
#[cfg(all(feature = "threads", feature = "udp"))]
pub(super) use udp::Probe;
#[cfg(feature = "udp")]
pub(super) use udp::Socket as UdpSocket;
