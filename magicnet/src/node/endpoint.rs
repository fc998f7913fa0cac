//! Endpoints: where a node listens and what it connects to, as plain data that drivers read.

use super::memory;
use crate::schema::Role;

/// TCP endpoints, by address.
///
/// An address is a `host:port`; names are resolved when the node starts. Port 0 takes any free port, which
/// `running.local_addr()` tells.
#[derive(Clone, Copy, Debug)]
pub struct Tcp;

impl Tcp {
    /// Listens at `address`.
    pub fn bind(address: impl Into<String>) -> Listen {
        Listen(EndpointKind::TcpListen(address.into()))
    }

    /// Connects to `address`.
    pub fn connect(address: impl Into<String>) -> Connect {
        Connect(EndpointKind::TcpConnect(address.into()))
    }
}

/// Something to listen on, for [`NodeBuilder::listen`](crate::NodeBuilder::listen).
#[derive(Debug)]
pub struct Listen(pub(super) EndpointKind);

/// Something to connect to, for [`NodeBuilder::connect`](crate::NodeBuilder::connect).
#[derive(Debug)]
pub struct Connect(pub(super) EndpointKind);

impl From<memory::Port> for Listen {
    fn from(port: memory::Port) -> Self {
        Self(EndpointKind::MemoryListen(port))
    }
}

impl From<memory::Dial> for Connect {
    fn from(dial: memory::Dial) -> Self {
        Self(EndpointKind::MemoryConnect(dial))
    }
}

/// An endpoint as a driver takes it over.
#[derive(Debug)]
pub(crate) struct EndpointConfig {
    pub(crate) kind: EndpointKind,
    /// What those at the other end are to this node.
    pub(crate) peer: Role,
}

#[derive(Debug)]
pub(crate) enum EndpointKind {
    TcpListen(String),
    TcpConnect(String),
    MemoryListen(memory::Port),
    MemoryConnect(memory::Dial),
}
