//! Nodes under tokio: servers in the runtime of one thread, clients in that of another, the test in a third.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use magicnet::memory::{self, Dial, Pipe};
use magicnet::{Connect, NodeBuilder, NodeCx, Running, StartError, Tcp as Endpoint};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::arena::{Arena, DOORS, Refused};
use crate::diary::Diary;

/// Connections inside the process.
pub(crate) struct Memory;
/// Connections over the loopback interface.
pub(crate) struct Tcp;
/// A server with one door of each kind.
pub(crate) struct Mixed;
/// Servers whose connections are in threads of their own, with one door of each kind; clients too.
pub(crate) struct Edges;

impl Memory {
    pub(crate) fn open() -> Background {
        Background::open([false; DOORS])
    }
}

impl Tcp {
    pub(crate) fn open() -> Background {
        Background::open([true; DOORS])
    }
}

impl Mixed {
    pub(crate) fn open() -> Background {
        Background::open([false, true])
    }
}

impl Edges {
    pub(crate) fn open(edges: usize) -> Background {
        Background { edges, ..Background::open([true, false]) }
    }

    pub(crate) fn open_tcp(edges: usize) -> Background {
        Background { edges, ..Background::open([true; DOORS]) }
    }
}

/// Nodes that run in the background.
pub(crate) struct Background {
    servers: Thread,
    clients: Thread,
    is_tcp: [bool; DOORS],
    doors: Vec<Door>,
    /// How many each server has.
    edges: usize,
}

#[derive(Clone, Debug)]
enum Door {
    Memory(Dial),
    Tcp(SocketAddr),
}

impl Background {
    fn open(is_tcp: [bool; DOORS]) -> Self {
        Self { servers: Thread::start(), clients: Thread::start(), is_tcp, doors: Vec::new(), edges: 1 }
    }
}

impl Arena for Background {
    type Node = Running;
    type Raw = Raw;

    fn serve(&mut self, mut server: NodeBuilder) -> Running {
        server = server.edges(self.edges);
        let mut dials = Vec::new();
        for is_tcp in self.is_tcp {
            if is_tcp {
                server = server.listen(Endpoint::bind("127.0.0.1:0"));
            } else {
                let (port, dial) = memory::port();
                server = server.listen(port);
                dials.push(dial);
            }
        }
        let running = self.servers.run(server.start()).expect("every door can be opened");
        let mut addresses = running.local_addrs().iter();
        let mut dials = dials.into_iter();
        self.doors = self
            .is_tcp
            .iter()
            .map(|is_tcp| match is_tcp {
                true => Door::Tcp(*addresses.next().expect("each listener has an address")),
                false => Door::Memory(dials.next().expect("each port has a dial")),
            })
            .collect();
        running
    }

    fn join(&mut self, client: NodeBuilder, door: usize) -> Result<Running, Refused> {
        let client = client.connect(match &self.doors[door] {
            Door::Memory(dial) => Connect::from(dial.clone()),
            Door::Tcp(address) => Endpoint::connect(address.to_string()),
        });
        self.clients.run(client.start()).map_err(|error| match error {
            StartError::Connect { .. } | StartError::Refused => Refused,
            other => panic!("{other}"),
        })
    }

    fn raw(&mut self, door: usize) -> Raw {
        match &self.doors[door] {
            Door::Memory(dial) => Raw::Memory(dial.connect().expect("the server listens")),
            Door::Tcp(address) => Raw::Tcp(TcpStream::connect(address).expect("the server listens")),
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

/// The far end of a connection without a node.
#[derive(Debug)]
pub(crate) enum Raw {
    Memory(Pipe),
    Tcp(TcpStream),
}

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(pipe) => pipe.read(buffer),
            Self::Tcp(stream) => stream.read(buffer),
        }
    }
}

impl Write for Raw {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Memory(pipe) => pipe.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
