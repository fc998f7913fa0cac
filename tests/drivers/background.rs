//! Nodes under tokio: servers in the runtime of one thread, clients in that of another, the test in a third.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use magicnet::{Flush, NodeBuilder, NodeCx, Running, StartError};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::arena::{Arena, DOORS, Refused};
use crate::diary::Diary;
use crate::doors::{Doors, Kind};
use crate::raw::Raw;

/// Nodes that run in the background.
pub(crate) struct Background {
    servers: Thread,
    clients: Thread,
    doors: Doors,
    /// How many edges each server has.
    edges: usize,
    /// When servers write.
    flush: Flush,
}

impl Background {
    /// A server there has doors of these kinds.
    pub(crate) fn open(kinds: [Kind; DOORS]) -> Self {
        let (servers, clients) = (Thread::start(), Thread::start());
        Self { servers, clients, doors: Doors::new(kinds), edges: 1, flush: Flush::Natural }
    }

    /// Servers there have several edges.
    pub(crate) fn with_edges(self, edges: usize) -> Self {
        Self { edges, ..self }
    }

    /// Servers there write then.
    pub(crate) fn with_flush(self, flush: Flush) -> Self {
        Self { flush, ..self }
    }
}

impl Arena for Background {
    type Node = Running;
    type Raw = Raw;

    fn serve(&mut self, server: NodeBuilder) -> Running {
        let server = self.doors.listen(server.edges(self.edges).flush(self.flush));
        let running = self.servers.run(server.start()).expect("every door can be opened");
        self.doors.opened(running.local_endpoints());
        running
    }

    fn join(&mut self, client: NodeBuilder, door: usize) -> Result<Running, Refused> {
        let client = client.connect(self.doors.connect(door));
        self.clients.run(client.start()).map_err(|error| match error {
            StartError::Connect { .. } | StartError::Refused => Refused,
            other => panic!("{other}"),
        })
    }

    fn raw(&mut self, door: usize) -> Raw {
        self.doors.raw(door)
    }

    fn run<R, F>(&mut self, node: &Running, act: F) -> R
    where
        R: Send + 'static,
        F: FnOnce(&mut NodeCx<'_>) -> R + Send + 'static,
    {
        self.clients.run(node.handle().run(act)).expect("the node runs")
    }

    fn wait(&mut self, diary: &Diary, what: &str, done: &dyn Fn(&[String]) -> bool) {
        diary.wait(what, done);
    }

    fn wait_stopped(&mut self, mut node: Running) {
        self.clients.run(node.stopped());
    }

    fn stop(&mut self, node: Running) {
        self.clients.run(node.shutdown());
    }
}

/// A thread with a runtime; dropping it ends what runs there.
pub(crate) struct Thread {
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Thread {
    pub(crate) fn start() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime can be made");
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::spawn(move || {
            // Dropped or sent, it is the end.
            let _ = runtime.block_on(stopped);
        });
        Self { runtime: handle, stop: Some(stop), thread: Some(thread) }
    }

    /// Does something in the runtime, and waits for it.
    pub(crate) fn run<R>(&self, act: impl Future<Output = R>) -> R {
        let patient = async { tokio::time::timeout(PATIENCE, act).await };
        self.runtime.block_on(patient).expect("it does not take that long")
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join)
            && !thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

/// A test that takes longer is broken, whatever the machine.
const PATIENCE: Duration = Duration::from_secs(60);
