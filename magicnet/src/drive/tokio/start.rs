//! Opens a node's endpoints: binds, dials, and says what did not work.

use std::io;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::tcp::Tcp;
use crate::drive::machine::Machine;
use crate::drive::memory::Memory;
use crate::node::{BuildError, EndpointConfig, EndpointKind};
use crate::time::Time;

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
    /// A thread for an edge of the node, or its runtime, cannot be made.
    #[error("cannot start a thread for an edge")]
    Edge {
        /// What the system says.
        source: io::Error,
    },
}

/// The transports of a node with all of its endpoints open. Connections are handed to the node in the order in which
/// it names them.
pub(super) async fn open(
    node: &mut dyn Machine,
    endpoints: Vec<EndpointConfig>,
    now: Time,
) -> Result<(Memory, Tcp), StartError> {
    let mut memory = Memory::new();
    let mut tcp = Tcp::new();
    for EndpointConfig { kind, connection } in endpoints {
        match kind {
            EndpointKind::MemoryListen(port) => memory.listen(port, connection),
            EndpointKind::MemoryConnect(dial) => {
                memory.connect(&dial, &connection, node, now).map_err(|_refused| StartError::Refused)?;
            }
            EndpointKind::TcpListen(address) => match bind(&address).await {
                Ok((listener, local)) => tcp.listen(listener, local, connection),
                Err(source) => return Err(StartError::Listen { address, source }),
            },
            EndpointKind::TcpConnect(address) => match dial(&address).await {
                Ok(stream) => tcp.open(stream, &connection, node, now),
                Err(source) => return Err(StartError::Connect { address, source }),
            },
        }
    }
    Ok((memory, tcp))
}

async fn bind(address: &str) -> io::Result<(TcpListener, std::net::SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let local = listener.local_addr()?;
    Ok((listener, local))
}

/// Looks the name up and tries each of its addresses.
async fn dial(address: &str) -> io::Result<TcpStream> {
    timeout(CONNECT_TIMEOUT, TcpStream::connect(address))
        .await
        .unwrap_or_else(|_elapsed| Err(io::ErrorKind::TimedOut.into()))
}

/// Long enough for a lost SYN to be sent three times (after 1, 2 and 4 seconds), short enough for somebody to wait.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
