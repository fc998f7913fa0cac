//! Nodes in a loop as games have it: all of them are ticked, then there is something else to do, then again.

use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use magicnet::{Connected, Disconnected, Ending, Node, NodeBuilder, NodeCx, Time};

use crate::arena::{Arena, DOORS, Refused};
use crate::diary::Diary;
use crate::doors::{Doors, Kind};
use crate::raw::Raw;

/// A thread that ticks all nodes, a thousand times a second.
pub(crate) struct GameLoop {
    doors: Doors,
    world: Arc<World>,
    thread: Option<JoinHandle<()>>,
}

struct World {
    state: Mutex<State>,
    /// Told after each round.
    ticked: Condvar,
    start: Instant,
}

#[derive(Default)]
struct State {
    nodes: Vec<Option<Node>>,
    is_over: bool,
}

impl World {
    fn now(&self) -> Time {
        Time::after_start(self.start.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        loop {
            let mut state = self.lock();
            if state.is_over {
                return;
            }
            for node in state.nodes.iter_mut().flatten() {
                node.tick(self.now()).expect("its endpoints are open");
            }
            drop(state);
            self.ticked.notify_all();
            // What a game does between ticks.
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until something holds after a round.
    fn wait<R>(&self, what: &str, mut look: impl FnMut(&mut State) -> Option<R>) -> R {
        let mut state = self.lock();
        let begun = Instant::now();
        loop {
            if let Some(found) = look(&mut state) {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "never happened: {what}");
            let waited = self.ticked.wait_timeout(state, PATIENCE);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl GameLoop {
    /// A server there has doors of these kinds.
    pub(crate) fn open(kinds: [Kind; DOORS]) -> Self {
        let (state, ticked) = (Mutex::default(), Condvar::new());
        let world = Arc::new(World { state, ticked, start: Instant::now() });
        let thread = thread::spawn({
            let world = Arc::clone(&world);
            move || world.run()
        });
        Self { doors: Doors::new(kinds), world, thread: Some(thread) }
    }

    fn add(&self, mut node: Node) -> usize {
        node.tick(self.world.now()).expect("its endpoints can be opened");
        let mut state = self.world.lock();
        state.nodes.push(Some(node));
        state.nodes.len() - 1
    }
}

impl Arena for GameLoop {
    type Node = usize;
    type Raw = Raw;

    fn serve(&mut self, server: NodeBuilder) -> usize {
        let server = self.doors.listen(server).build().expect("the server is well described");
        let number = self.add(server);
        let state = self.world.lock();
        self.doors.opened(state.nodes[number].as_ref().expect("it was added").local_endpoints());
        number
    }

    /// A connection is made while the nodes are ticked. That nobody listens shows when it is lost.
    fn join(&mut self, client: NodeBuilder, door: usize) -> Result<usize, Refused> {
        let (tell, outcome) = channel();
        let ended = tell.clone();
        let mut client = client
            // The story may be over.
            .on(move |_, _: Connected| drop(tell.send(Ok(()))))
            .on(move |_, event: Disconnected| {
                // Nobody was there, or nobody has said anything.
                let is_alone = matches!(event.ending, Ending::Lost { .. } | Ending::ByUs { .. });
                drop(ended.send(if is_alone { Err(Refused) } else { Ok(()) }));
            })
            .connect(self.doors.connect(door))
            .build()
            .expect("it is well described");
        if client.tick(self.world.now()).is_err() {
            return Err(Refused);
        }
        let number = self.add(client);
        outcome.recv_timeout(PATIENCE).expect("the server answers").map(|()| number)
    }

    fn raw(&mut self, door: usize) -> Raw {
        self.doors.raw(door)
    }

    fn run<R, F>(&mut self, node: &usize, act: F) -> R
    where
        R: Send + 'static,
        F: FnOnce(&mut NodeCx<'_>) -> R + Send + 'static,
    {
        let now = self.world.now();
        self.world.lock().nodes[*node].as_mut().expect("the node runs").run(now, act)
    }

    fn wait(&mut self, diary: &Diary, what: &str, done: &dyn Fn(&[String]) -> bool) {
        diary.wait(what, done);
    }

    fn wait_stopped(&mut self, node: usize) {
        self.world.wait("the node stops", |state| {
            let is_finished = state.nodes[node].as_ref().is_some_and(Node::is_finished);
            is_finished.then(|| state.nodes[node] = None)
        });
    }

    fn stop(&mut self, node: usize) {
        self.run(&node, |n| n.shutdown());
        self.wait_stopped(node);
    }
}

impl Drop for GameLoop {
    fn drop(&mut self) {
        self.world.lock().is_over = true;
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join)
            && !thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

/// A test that takes longer is broken, whatever the machine.
const PATIENCE: Duration = Duration::from_secs(60);
