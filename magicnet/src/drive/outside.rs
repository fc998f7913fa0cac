//! A node that runs, as those outside of it see it, whichever driver runs it.

use std::net::SocketAddr;

use super::LocalEndpoint;
use crate::node::NodeHandle;

/// The way to a node that runs, and where others find it.
#[derive(Debug)]
pub(super) struct Outside {
    pub(super) handle: NodeHandle,
    pub(super) local: Vec<LocalEndpoint>,
    /// The addresses of those that have one.
    pub(super) addresses: Vec<SocketAddr>,
}

impl Outside {
    pub(super) fn new(handle: NodeHandle, local: &[LocalEndpoint]) -> Self {
        let addresses = local.iter().filter_map(LocalEndpoint::socket_addr).collect();
        Self { handle, local: local.to_vec(), addresses }
    }
}

/// Gives a type that has its [`Outside`] as `outside` the methods that say what is there.
macro_rules! seen_from_outside {
    ($running:ty) => {
        impl $running {
            /// The way to the node from anywhere. It does not keep the node running.
            pub fn handle(&self) -> $crate::node::NodeHandle {
                self.outside.handle.clone()
            }

            /// The socket address of the first listener that has one, with the port that it got if it asked for any.
            pub fn local_addr(&self) -> Option<::std::net::SocketAddr> {
                self.outside.addresses.first().copied()
            }

            /// The socket addresses of all listeners that have one, in the order in which they were given: those inside
            /// the process and those of Unix sockets do not.
            pub fn local_addrs(&self) -> &[::std::net::SocketAddr] {
                &self.outside.addresses
            }

            /// Where the node listens for other processes, in the order in which that was given. What they are written
            /// as, others connect to.
            pub fn local_endpoints(&self) -> &[$crate::drive::LocalEndpoint] {
                &self.outside.local
            }
        }
    };
}

pub(super) use seen_from_outside;
