//! A node that runs in the background, as its starter sees it.

use std::panic;

use tokio::task::JoinHandle;

use super::Open;
use crate::drive::outside::{Outside, seen_from_outside};
use crate::line::Disconnect;

/// A node that runs in a task of the runtime. The node lives as long as this: dropping it asks the node to shut down,
/// and goes on without waiting for that. [`shutdown`](Self::shutdown) waits.
#[derive(Debug)]
#[must_use = "dropping it shuts the node down"]
pub struct Running {
    outside: Outside,
    /// Nothing once it was waited for.
    task: Option<JoinHandle<()>>,
}

impl Running {
    pub(super) fn spawn(open: Open) -> Self {
        let outside = Outside::new(open.handle(), open.local_endpoints());
        Self { outside, task: Some(tokio::spawn(open.run())) }
    }

    /// Asks the node to shut down and waits until it has: its peers are told, what was written to them is sent, and
    /// all connections are closed. Peers that do not cooperate are waited for briefly, a few seconds in all.
    ///
    /// # Panics
    ///
    /// Like [`stopped`](Self::stopped).
    pub async fn shutdown(mut self) {
        // A node that has stopped already has nothing to shut down.
        let _ = self.outside.handle.shutdown();
        self.stopped().await;
    }

    /// The same with a reason, which every peer is told.
    ///
    /// # Panics
    ///
    /// Like [`stopped`](Self::stopped).
    pub async fn shutdown_with(mut self, why: Disconnect) {
        // A node that has stopped already has told its peers something else.
        let _ = self.outside.handle.shutdown_with(why);
        self.stopped().await;
    }

    /// Waits until the node has stopped: by its own decision, its handle's, or because the runtime ends.
    ///
    /// # Panics
    ///
    /// If the node's task, or the thread of an edge, panicked, which is a bug of this library; a handler that panics
    /// does not end the node.
    pub async fn stopped(&mut self) {
        let Some(task) = &mut self.task else { return };
        let ended = task.await;
        self.task = None;
        if let Err(error) = ended
            && let Ok(panic) = error.try_into_panic()
        {
            panic::resume_unwind(panic);
        }
    }
}

seen_from_outside!(Running);

impl Drop for Running {
    fn drop(&mut self) {
        // A node that has stopped already has nothing to shut down.
        let _ = self.outside.handle.shutdown();
    }
}
