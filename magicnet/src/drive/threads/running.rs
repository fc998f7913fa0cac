//! A node that runs in a thread of its own, as its starter sees it.

use std::net::SocketAddr;
use std::panic;
use std::thread::{self, JoinHandle};

use super::driver::Driver;
use crate::drive::{LocalEndpoint, StartError};
use crate::line::Disconnect;
use crate::node::NodeHandle;

/// A node that runs in a thread. The node lives as long as this: dropping it asks the node to shut down, and goes on
/// without waiting for that. [`shutdown`](Self::shutdown) waits.
#[derive(Debug)]
#[must_use = "dropping it shuts the node down"]
pub struct RunningThread {
    handle: NodeHandle,
    local: Vec<LocalEndpoint>,
    /// The addresses of those that have one.
    addresses: Vec<SocketAddr>,
    /// Nothing once it was waited for.
    thread: Option<JoinHandle<()>>,
}

impl RunningThread {
    pub(super) fn spawn(driver: Driver) -> Result<Self, StartError> {
        let handle = driver.handle();
        let local = driver.local_endpoints().to_vec();
        let addresses = local.iter().filter_map(LocalEndpoint::socket_addr).collect();
        let thread = thread::Builder::new().name("magicnet".to_owned()).spawn(move || driver.run());
        let thread = Some(thread.map_err(StartError::System)?);
        Ok(Self { handle, local, addresses, thread })
    }

    /// Asks the node to shut down and waits until it has: its peers are told, what was written to them is sent, and
    /// all connections are closed. Peers that do not cooperate are waited for briefly, a few seconds in all.
    ///
    /// # Panics
    ///
    /// Like [`stopped`](Self::stopped).
    pub fn shutdown(mut self) {
        // A node that has stopped already has nothing to shut down.
        let _ = self.handle.shutdown();
        self.stopped();
    }

    /// The same with a reason, which every peer is told.
    ///
    /// # Panics
    ///
    /// Like [`stopped`](Self::stopped).
    pub fn shutdown_with(mut self, why: Disconnect) {
        // A node that has stopped already has told its peers something else.
        let _ = self.handle.shutdown_with(why);
        self.stopped();
    }

    /// Waits until the node has stopped: by its own decision, or its handle's.
    ///
    /// # Panics
    ///
    /// If the node's thread panicked, which is a bug of this library; a handler that panics does not end the node.
    pub fn stopped(&mut self) {
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            panic::resume_unwind(panic);
        }
    }

    /// The way to the node from anywhere. It does not keep the node running.
    pub fn handle(&self) -> NodeHandle {
        self.handle.clone()
    }

    /// The socket address of the first listener that has one, with the port that it got if it asked for any.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.addresses.first().copied()
    }

    /// The socket addresses of all listeners that have one, in the order in which they were given: those inside the
    /// process and those of Unix sockets do not.
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where the node listens for other processes, in the order in which that was given. What they are written as,
    /// others connect to.
    pub fn local_endpoints(&self) -> &[LocalEndpoint] {
        &self.local
    }
}

impl Drop for RunningThread {
    fn drop(&mut self) {
        // A node that has stopped already has nothing to shut down.
        let _ = self.handle.shutdown();
    }
}
