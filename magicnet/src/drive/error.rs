//! What keeps a node from starting, under any driver that opens sockets.

use std::io;
#[cfg(any(feature = "tokio", feature = "threads"))]
use std::time::Duration;

use crate::node::BuildError;

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The node cannot be built as it was described.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// An address cannot be listened on: it is taken, not allowed, or not of this machine.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address as it was given.
        address: String,
        /// What the system says.
        source: io::Error,
    },
    /// A peer cannot be reached: its name is not known, nobody listens, or it did not answer in ten seconds.
    #[error("cannot connect to {address}")]
    Connect {
        /// The address as it was given.
        address: String,
        /// What the system says.
        source: io::Error,
    },
    /// The port inside the process that the node connects to was dropped.
    #[error("nobody listens: the port that this node connects to was dropped")]
    Refused,
    /// The system has no room for what it takes to wait: a file descriptor, or a thread.
    #[error("the system has no room for a node")]
    System(#[source] io::Error),
}

/// Long enough for a lost SYN to be sent three times (after 1, 2 and 4 seconds), short enough for somebody to wait.
#[cfg(any(feature = "tokio", feature = "threads"))]
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
