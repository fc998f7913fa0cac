//! Deals out connections: one edge accepts them, and the edge with the fewest gets the next.

use std::sync::Arc;
use std::task::Waker;

use super::sockets::{Moving, Socket};
use crate::drive::stream::{Layers, Share};
use crate::node::{ConnectionConfig, Inbox, Load};

/// The edges of a node, as far as connections may be given to them.
#[derive(Debug)]
struct Pool {
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    load: Load,
    arrivals: Inbox<Arrival>,
}

/// A connection on its way to its edge, which has a runtime of its own.
struct Arrival {
    socket: Moving,
    layers: Layers,
    config: ConnectionConfig,
}

/// One edge's place among all.
pub(super) struct Seat {
    pool: Arc<Pool>,
    own: usize,
    /// Reused: what has arrived.
    taken: Vec<Arrival>,
}

impl Seat {
    /// A seat for each edge with these numbers of connections.
    pub(super) fn for_each(loads: impl Iterator<Item = Load>) -> impl Iterator<Item = Self> {
        let places = loads.map(|load| Place { load, arrivals: Inbox::default() }).collect();
        let pool = Arc::new(Pool { places });
        (0..pool.places.len()).map(move |own| Self { pool: Arc::clone(&pool), own, taken: Vec::new() })
    }

    /// What becomes of a connection that this edge has accepted: who has the fewest gets it.
    pub(super) fn sharing(&self) -> Share<Socket> {
        let (pool, own) = (Arc::clone(&self.pool), self.own);
        Box::new(move |socket, layers, config| pool.place(own, socket, layers, config))
    }

    /// Who is woken when a connection arrives.
    pub(super) fn set_waker(&self, driver: &Waker) {
        self.place().arrivals.set_waker(driver);
    }

    /// Hands over what has arrived.
    pub(super) fn take_arrivals(&mut self, mut take: impl FnMut(Socket, &Layers, &ConnectionConfig)) {
        let mut taken = std::mem::take(&mut self.taken);
        self.place().arrivals.take_all(&mut taken);
        for Arrival { socket, layers, config } in taken.drain(..) {
            // From here on the edge counts it.
            self.place().load.subtract();
            // One that this runtime cannot watch, because the system has no room for it, is closed.
            if let Ok(socket) = socket.arrive() {
                take(socket, &layers, &config);
            }
        }
        self.taken = taken;
    }

    fn place(&self) -> &Place {
        &self.pool.places[self.own]
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.place().arrivals.close();
    }
}

impl Pool {
    /// Gives a connection to the edge with the fewest, or back if that is the one that asks. It is closed if it cannot
    /// be taken to another runtime, or if nobody is there any more.
    fn place(
        &self,
        own: usize,
        socket: Socket,
        layers: &Layers,
        config: &ConnectionConfig,
    ) -> Option<Socket> {
        let loads = self.places.iter().map(|place| place.load.connections());
        let (fewest, _) = loads.enumerate().min_by_key(|(_, connections)| *connections)?;
        if fewest == own {
            return Some(socket);
        }
        let Place { load, arrivals } = &self.places[fewest];
        let socket = socket.leave().ok()?;
        load.add();
        if arrivals.push(Arrival { socket, layers: layers.clone(), config: config.clone() }).is_err() {
            load.subtract();
        }
        None
    }
}
