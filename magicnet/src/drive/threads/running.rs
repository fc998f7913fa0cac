//! A node that runs in a thread of its own, as its starter sees it.

use std::panic;
use std::thread::{self, JoinHandle};

use super::driver::Driver;
use crate::drive::StartError;
use crate::drive::outside::{Outside, seen_from_outside};
use crate::line::Disconnect;

/// A node that runs in a thread. The node lives as long as this: dropping it asks the node to shut down, and goes on
/// without waiting for that. [`shutdown`](Self::shutdown) waits.
#[derive(Debug)]
#[must_use = "dropping it shuts the node down"]
pub struct RunningThread {
    outside: Outside,
    /// Nothing once it was waited for.
    thread: Option<JoinHandle<()>>,
}

impl RunningThread {
    pub(super) fn spawn(driver: Driver) -> Result<Self, StartError> {
        let outside = Outside::new(driver.handle(), driver.local_endpoints());
        let thread = thread::Builder::new().name("magicnet".to_owned()).spawn(move || driver.run());
        let thread = Some(thread.map_err(StartError::System)?);
        Ok(Self { outside, thread })
    }

    /// Asks the node to shut down and waits until it has: its peers are told, what was written to them is sent, and
    /// all connections are closed. Peers that do not cooperate are waited for briefly, a few seconds in all.
    ///
    /// # Panics
    ///
    /// Like [`stopped`](Self::stopped).
    pub fn shutdown(mut self) {
        // A node that has stopped already has nothing to shut down.
        let _ = self.outside.handle.shutdown();
        self.stopped();
    }

    /// The same with a reason, which every peer is told.
    ///
    /// # Panics
    ///
    /// Like [`stopped`](Self::stopped).
    pub fn shutdown_with(mut self, why: Disconnect) {
        // A node that has stopped already has told its peers something else.
        let _ = self.outside.handle.shutdown_with(why);
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
}

seen_from_outside!(RunningThread);

impl Drop for RunningThread {
    fn drop(&mut self) {
        // A node that has stopped already has nothing to shut down.
        let _ = self.outside.handle.shutdown();
    }
}
