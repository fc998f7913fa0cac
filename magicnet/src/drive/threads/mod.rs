//! The driver of a thread: one for a node and all of its connections, without a runtime.
//!
//! It waits for all sockets at once and takes a turn when one of them is ready, as the tokio driver does in its task.
//! [`NodeBuilder::serve_blocking`] runs a node in the thread that calls it, [`NodeBuilder::start_blocking`] in one of
//! its own.

mod block_on;
mod dial;
mod driver;
mod running;

pub use block_on::block_on;
pub use running::RunningThread;

use crate::drive::StartError;
use crate::node::NodeBuilder;
use driver::Driver;

impl NodeBuilder {
    /// Opens the node's endpoints and runs it in this thread until it has shut down.
    ///
    /// ```no_run
    /// use magicnet::{Node, Tcp};
    ///
    /// Node::server().listen(Tcp::bind("127.0.0.1:5001")).serve_blocking()?;
    /// # Ok::<(), magicnet::StartError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the node cannot be built, or an endpoint cannot be opened. Once it runs, nothing ends it but a shutdown.
    pub fn serve_blocking(self) -> Result<(), StartError> {
        Driver::open(self.build()?)?.run();
        Ok(())
    }

    /// Opens the node's endpoints, then runs it in a thread of its own.
    ///
    /// When this returns, listeners are bound and connections to others are open; the handshake goes on by itself. What
    /// a [`NodeHandle`](crate::NodeHandle) promises may be waited for by [`block_on`](fn@block_on).
    ///
    /// ```no_run
    /// use magicnet::{Node, Tcp, block_on};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Node::client().connect(Tcp::connect("127.0.0.1:5001")).start_blocking()?;
    /// block_on(client.handle().connected())?;
    /// client.shutdown();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the node cannot be built, or an endpoint cannot be opened: an address that is taken, a peer that does not
    /// answer. A connection that is lost later is an event of the node's.
    pub fn start_blocking(self) -> Result<RunningThread, StartError> {
        RunningThread::spawn(Driver::open(self.build()?)?)
    }
}
