//! The driver for loops that have a rhythm of their own: a game's, or a test's.
//!
//! [`Node::tick`] does what there is to do and returns; it never waits, and it knows the time only from its caller. So
//! far it carries connections inside the process alone.

use super::memory::Memory;
use super::turn;
use crate::node::{EndpointConfig, EndpointKind, Node};
use crate::time::Time;

impl Node {
    /// Takes in what has come, runs what is due and sends what that caused.
    ///
    /// One call does a bounded amount of work: what is left waits for the next one. The first call opens the node's
    /// endpoints.
    ///
    /// ```no_run
    /// # use magicnet::{Node, Time, memory};
    /// # let (_port, dial) = memory::port();
    /// # let start = std::time::Instant::now();
    /// let mut client = Node::client().connect(dial).build()?;
    /// loop {
    ///     client.tick(Time::after_start(start.elapsed()))?;
    ///     // render
    ///     # break;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When an endpoint cannot be opened. Nothing is done then, in this call and all later ones.
    pub fn tick(&mut self, now: Time) -> Result<(), TickError> {
        let mut ticks = match self.driver_slot().take() {
            Some(kept) => kept.downcast().expect("nothing but a tick keeps something there"),
            None => Box::new(Ticks::open(self, now)),
        };
        let result = ticks.tick(self, now);
        *self.driver_slot() = Some(ticks);
        result
    }
}

/// What is kept with the node from one tick to the next.
struct Ticks {
    memory: Result<Memory, TickError>,
}

impl Ticks {
    fn open(node: &mut Node, now: Time) -> Self {
        let mut memory = Memory::new();
        let opened = node.take_endpoints(now).into_iter().try_for_each(
            |EndpointConfig { kind, connection, .. }| {
                match kind {
                    EndpointKind::MemoryListen(port) => memory.listen_at(port, connection),
                    EndpointKind::MemoryConnect(dial) => {
                        memory
                            .connect(&dial, &connection, node, now)
                            .map_err(|_refused| TickError::Refused)?;
                    }
                    EndpointKind::Listen(address) | EndpointKind::Connect(address) => {
                        return Err(TickError::Socket(address.to_string()));
                    }
                }
                Ok(())
            },
        );
        Self { memory: opened.map(|()| memory) }
    }

    fn tick(&mut self, node: &mut Node, now: Time) -> Result<(), TickError> {
        let memory = self.memory.as_mut().map_err(|error| error.clone())?;
        turn(node, &mut [memory], now);
        Ok(())
    }
}

/// Why a node cannot be ticked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TickError {
    /// The node has an endpoint that needs a socket.
    #[error("a ticked node has connections inside the process alone, not {0}: start or serve it instead")]
    Socket(String),
    /// The node connects to a port that is gone.
    #[error("nobody listens: the port that this node connects to was dropped")]
    Refused,
}
