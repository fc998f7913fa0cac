//! Where a node that runs can be reached.

use std::fmt;
use std::net::SocketAddr;

use crate::node::Address;

/// One place where a running node listens. It is written as what others connect to:
/// `local.to_string().parse::<Connect>()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalEndpoint {
    address: Address,
    socket: Option<SocketAddr>,
}

impl LocalEndpoint {
    /// A listener at `address` that was bound to `socket`, if it is one of the Internet's; `fragment` is what one must
    /// know beside.
    pub(super) fn new(mut address: Address, socket: Option<SocketAddr>, fragment: Option<String>) -> Self {
        if let Some(socket) = socket {
            address.place = socket.to_string();
        }
        if let Some(fragment) = fragment {
            address.place = format!("{}#{fragment}", address.place);
        }
        Self { address, socket }
    }

    /// The socket's address, with the port that it got if it asked for any; nothing for those that have none.
    pub fn socket_addr(&self) -> Option<SocketAddr> {
        self.socket
    }
}

impl fmt::Display for LocalEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}
