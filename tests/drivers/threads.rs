//! Nodes in threads of their own, without a runtime.

use magicnet::{Flush, NodeBuilder, NodeCx, RunningThread, StartError, block_on};

use crate::arena::{Arena, DOORS, Refused};
use crate::diary::Diary;
use crate::doors::{Doors, Kind};
use crate::raw::Raw;

/// Each node has a thread.
pub(crate) struct Threads {
    doors: Doors,
    /// When servers write.
    flush: Flush,
}

impl Threads {
    /// A server there has doors of these kinds.
    pub(crate) fn open(kinds: [Kind; DOORS]) -> Self {
        Self { doors: Doors::new(kinds), flush: Flush::Natural }
    }

    /// Servers there write then.
    pub(crate) fn with_flush(self, flush: Flush) -> Self {
        Self { flush, ..self }
    }
}

impl Arena for Threads {
    type Node = RunningThread;
    type Raw = Raw;

    fn serve(&mut self, server: NodeBuilder) -> RunningThread {
        let running =
            self.doors.listen(server.flush(self.flush)).start_blocking().expect("every door can be opened");
        self.doors.opened(running.local_endpoints());
        running
    }

    fn join(&mut self, client: NodeBuilder, door: usize) -> Result<RunningThread, Refused> {
        client.connect(self.doors.connect(door)).start_blocking().map_err(|error| match error {
            StartError::Connect { .. } | StartError::Refused => Refused,
            other => panic!("{other}"),
        })
    }

    fn raw(&mut self, door: usize) -> Raw {
        self.doors.raw(door)
    }

    fn run<R, F>(&mut self, node: &RunningThread, act: F) -> R
    where
        R: Send + 'static,
        F: FnOnce(&mut NodeCx<'_>) -> R + Send + 'static,
    {
        block_on(node.handle().run(act)).expect("the node runs")
    }

    fn wait(&mut self, diary: &Diary, what: &str, done: &dyn Fn(&[String]) -> bool) {
        diary.wait(what, done);
    }

    fn wait_stopped(&mut self, mut node: RunningThread) {
        node.stopped();
    }

    fn stop(&mut self, node: RunningThread) {
        node.shutdown();
    }
}
