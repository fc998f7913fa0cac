//! The tokio driver: one task for a node and all of its connections, inside the process and over sockets.
//!
//! There is no task and no channel for a connection. Each one wakes the node's task and puts itself in a line of those
//! that are ready; a turn reads all of them, lets the node handle what came, and then writes to each connection once.
//! [`NodeBuilder::serve`] runs a node to its end, [`NodeBuilder::start`] in the background.
//!
//! The runtime must have its I/O and its time enabled; `#[tokio::main]` and `enable_all` do that. Of whichever flavour
//! it is, one node uses one thread at a time, and [threads of its own](edges) if it has several edges.

mod driver;
mod edges;
mod pool;
mod running;
mod sockets;
mod start;
#[cfg(feature = "udp")]
mod udp;

pub use running::Running;

use tokio::time::Instant;

use crate::drive::{LocalEndpoint, StartError};
use crate::node::{Node, NodeBuilder, NodeHandle};
use crate::time::Time;
use driver::{Clock, Driver};
use edges::Edges;

impl NodeBuilder {
    /// Opens the node's endpoints and runs it until it has shut down.
    ///
    /// Dropping the future ends the node at once, without a word to its peers.
    ///
    /// ```no_run
    /// # use magicnet::{Node, Tcp};
    /// # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    /// Node::server().listen(Tcp::bind("127.0.0.1:5001")).serve().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the node cannot be built, or an endpoint cannot be opened. Once it runs, nothing ends it but a shutdown.
    pub async fn serve(self) -> Result<(), StartError> {
        Open::new(self.build()?).await?.run().await;
        Ok(())
    }

    /// Opens the node's endpoints, then runs it in a task of the runtime.
    ///
    /// When this returns, listeners are bound and connections to others are open; the handshake goes on by itself.
    ///
    /// ```no_run
    /// # use magicnet::{Node, Tcp};
    /// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = Node::server().listen(Tcp::bind("127.0.0.1:0")).start().await?;
    /// let address = server.local_addr().expect("it listens on TCP");
    /// let client = Node::client().connect(Tcp::connect(address.to_string())).start().await?;
    ///
    /// client.shutdown().await;
    /// server.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the node cannot be built, or an endpoint cannot be opened: an address that is taken, a peer that does not
    /// answer. A connection that is lost later is an event of the node's.
    pub async fn start(self) -> Result<Running, StartError> {
        Ok(Running::spawn(Open::new(self.build()?).await?))
    }
}

/// A node with its endpoints open: in one piece, or in as many as it has edges.
enum Open {
    Whole(Box<Driver<Node>>),
    Parts(Box<Edges>),
}

impl Open {
    async fn new(mut node: Node) -> Result<Self, StartError> {
        if node.edges() > 1 {
            return Ok(Self::Parts(Box::new(Edges::open(node).await?)));
        }
        let endpoints = node.take_endpoints(Time::ZERO);
        let driver = Driver::open(node, endpoints, Clock::since(Instant::now())).await?;
        Ok(Self::Whole(Box::new(driver)))
    }

    async fn run(self) {
        match self {
            Self::Whole(driver) => driver.run().await,
            Self::Parts(edges) => edges.run().await,
        }
    }

    fn handle(&self) -> NodeHandle {
        match self {
            Self::Whole(driver) => driver.machine().handle(),
            Self::Parts(edges) => edges.handle(),
        }
    }

    fn local_endpoints(&self) -> &[LocalEndpoint] {
        match self {
            Self::Whole(driver) => driver.local_endpoints(),
            Self::Parts(edges) => edges.local_endpoints(),
        }
    }
}
