//! The doors of a server: places where it listens, and the ways to them.

use std::sync::atomic::{AtomicUsize, Ordering};

use magicnet::memory::{self, Dial};
use magicnet::{Connect, Listen, LocalEndpoint, NodeBuilder};

use crate::arena::DOORS;
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

/// The doors of one server at a time.
pub(crate) struct Doors {
    kinds: [Kind; DOORS],
    doors: Vec<Door>,
}

enum Door {
    Memory(Dial),
    /// A listener that is not bound yet.
    Closed(Kind),
    Socket(Kind, LocalEndpoint),
}

impl Doors {
    pub(crate) fn new(kinds: [Kind; DOORS]) -> Self {
        Self { kinds, doors: Vec::new() }
    }

    /// Gives a server its doors.
    pub(crate) fn listen(&mut self, mut server: NodeBuilder) -> NodeBuilder {
        self.doors.clear();
        for kind in self.kinds {
            let (listen, door) = if kind == Kind::Memory {
                let (port, dial) = memory::port();
                (Listen::from(port), Door::Memory(dial))
            } else {
                (kind.address().parse().expect("it is an address"), Door::Closed(kind))
            };
            server = server.listen(listen);
            self.doors.push(door);
        }
        server
    }

    /// Its listeners are bound, in order.
    pub(crate) fn opened(&mut self, local: &[LocalEndpoint]) {
        let mut local = local.iter();
        for door in &mut self.doors {
            if let Door::Closed(kind) = door {
                let address = local.next().expect("each listener has an address");
                *door = Door::Socket(*kind, address.clone());
            }
        }
    }

    /// The way to a door.
    pub(crate) fn connect(&self, door: usize) -> Connect {
        match &self.doors[door] {
            Door::Memory(dial) => Connect::from(dial.clone()),
            Door::Closed(_) => panic!("the server was not started"),
            Door::Socket(_, address) => {
                address.to_string().parse().expect("it is written as one connects to it")
            }
        }
    }

    /// The far end of a connection without a node.
    pub(crate) fn raw(&self, door: usize) -> Raw {
        match &self.doors[door] {
            Door::Memory(dial) => Raw::Memory(dial.connect().expect("the server listens")),
            Door::Closed(_) => panic!("the server was not started"),
            Door::Socket(kind, address) => Raw::connect(*kind, address),
        }
    }
}
