//! Nodes under tokio: servers in the runtime of one thread, clients in that of another, the test in a third.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use magicnet::memory::{self, Dial};
use magicnet::{Connect, Listen, LocalEndpoint, NodeBuilder, NodeCx, Running, StartError};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::arena::{Arena, DOORS, Refused};
use crate::diary::Diary;
use crate::raw::Raw;

/// How the nodes of an arena are connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    Tcp,
    Udp,
    Unix,
    Tls,
    Ws,
    Wss,
}

impl Kind {
    /// Where a server listens.
    fn address(self) -> String {
        match self {
            Self::Memory => unreachable!("a port has no address"),
            Self::Tcp => "tcp://127.0.0.1:0".to_owned(),
            Self::Udp => "udp://127.0.0.1:0".to_owned(),
            Self::Unix => format!("unix://{}", socket_file()),
            Self::Tls => "tls://127.0.0.1:0".to_owned(),
            Self::Ws => "ws://127.0.0.1:0".to_owned(),
            Self::Wss => "wss://127.0.0.1:0".to_owned(),
        }
    }
}

/// A path for a socket that nobody else has.
pub(crate) fn socket_file() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("magicnet-{}-{number}.sock", std::process::id());
    std::env::temp_dir().join(name).to_str().expect("a path in UTF-8").to_owned()
}

/// Nodes that run in the background.
pub(crate) struct Background {
    servers: Thread,
    clients: Thread,
    kinds: [Kind; DOORS],
    doors: Vec<Door>,
}

#[derive(Clone, Debug)]
enum Door {
    Memory(Dial),
    Socket(Kind, LocalEndpoint),
}

impl Background {
    /// A server there has doors of these kinds.
    pub(crate) fn open(kinds: [Kind; DOORS]) -> Self {
        Self { servers: Thread::start(), clients: Thread::start(), kinds, doors: Vec::new() }
    }
}

impl Arena for Background {
    type Node = Running;
    type Raw = Raw;

    fn serve(&mut self, mut server: NodeBuilder) -> Running {
        let mut dials = Vec::new();
        for kind in self.kinds {
            if kind == Kind::Memory {
                let (port, dial) = memory::port();
                server = server.listen(port);
                dials.push(dial);
            } else {
                server = server.listen(kind.address().parse::<Listen>().expect("it is an address"));
            }
        }
        let running = self.servers.run(server.start()).expect("every door can be opened");
        let mut local = running.local_endpoints().iter();
        let mut dials = dials.into_iter();
        let doors = self.kinds.iter().map(|kind| match kind {
            Kind::Memory => Door::Memory(dials.next().expect("each port has a dial")),
            kind => Door::Socket(*kind, local.next().expect("each listener has an address").clone()),
        });
        self.doors = doors.collect();
        running
    }

    fn join(&mut self, client: NodeBuilder, door: usize) -> Result<Running, Refused> {
        let client = client.connect(match &self.doors[door] {
            Door::Memory(dial) => Connect::from(dial.clone()),
            Door::Socket(_, address) => {
                address.to_string().parse().expect("it is written as one connects to it")
            }
        });
        self.clients.run(client.start()).map_err(|error| match error {
            StartError::Connect { .. } | StartError::Refused => Refused,
            other => panic!("{other}"),
        })
    }

    fn raw(&mut self, door: usize) -> Raw {
        match &self.doors[door] {
            Door::Memory(dial) => Raw::Memory(dial.connect().expect("the server listens")),
            Door::Socket(kind, address) => Raw::connect(*kind, address),
        }
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
