//! Sockets without a runtime, for a thread that waits for them and for a loop that does not.

mod open;
mod reactor;
mod sockets;

#[cfg(feature = "threads")]
pub(super) use open::dial_and_wait;
pub(super) use open::{Opened, open};
pub(super) use reactor::Reactor;
#[cfg(feature = "poll")]
pub(super) use sockets::Socket;
pub(super) use sockets::Sockets;
