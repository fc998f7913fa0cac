//! A node in parts: several edges, each in a thread of its own, and the world in the middle.
//!
//! A [`Hub`] is the world with everything that a node has but connections; a [`Part`] is an edge with its connections.
//! Between them lies, for each part, one [`Exchange`] in each direction: news go up, turns come
//! down, a whole batch at a time. Hub and parts are machines like a node: they have no thread and never wait. What
//! wakes them is given by their drivers, what passes between them is plain data.
//!
//! What holds in one thread holds here:
//!
//! - **The order of the world is the order in which it takes batches.** It takes one batch of each part in turn, and
//!   handles each piece of news to its end, events included, before it looks at the next. What it says goes to each
//!   part in the order in which it was said. So each connection sees what it would see if there were one edge.
//! - **What changes an audience stands in that order.** Who is admitted, or sees another zone, receives what was said
//!   after that and nothing of what was said before, because its part is told in the same turn.
//! - **Nothing overtakes a handshake.** A part passes on what comes behind a HELLO without waiting for the answer. The
//!   world is asked before the hub looks at that: who was refused is not heard, and who is let wait may send no more
//!   than before the HELLO.
//! - **Who does not keep up misses nothing that lasts.** A part says that a connection is behind and goes on gathering
//!   for it until the world has answered: from that place in the order on, the world writes down what it misses.
//! - **An end is an end.** When the world ends a connection, it learns of that end at once, as in one thread, and hears
//!   nothing more from it, whatever is on its way up.
//! - **Neither side makes the other hold much.** Who writes into a full exchange stops taking in: a part stops reading,
//!   and the hub stops handling news. A part takes what comes down whatever waits to go up, so one of them always
//!   goes on.

mod exchange;
mod hub;
mod part;
#[cfg(test)]
mod tests;
mod viewers;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(feature = "tokio")]
pub(crate) use hub::Hub;
pub(crate) use part::Part;

use crate::line::{News, Turn};
use exchange::{Bell, Exchange};

/// What lies between the world and one edge. Each has a clone.
#[derive(Clone, Debug)]
struct Line {
    news: Arc<Exchange<News>>,
    turns: Arc<Exchange<Turn>>,
    load: Load,
}

impl Line {
    /// Between a hub and a part that are woken by these.
    fn new(hub: &Arc<Bell>, part: &Arc<Bell>) -> Self {
        Self {
            news: Arc::new(Exchange::new(NEWS_LIMIT, part, hub)),
            turns: Arc::new(Exchange::new(TURN_LIMIT, hub, part)),
            load: Load::default(),
        }
    }

    /// One side is gone.
    fn close(&self) {
        self.news.close();
        self.turns.close();
    }
}

/// How many connections a part has, those that are on their way to it included: for whoever accepts connections and
/// looks for the part with the fewest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Load(Arc<AtomicUsize>);

impl Load {
    /// How many there are.
    pub(crate) fn connections(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// One more is there or on its way.
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// One is gone, or has arrived and is counted anew.
    pub(crate) fn subtract(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How much news waits for a world before an edge stops reading: more than a busy turn of an edge has, and few enough
/// that what a world has said is not long out of date for what it hears.
const NEWS_LIMIT: usize = 1024 * 1024;

/// How much waits for an edge before the world stops handling news: as much as one edge in the world's own thread would
/// gather before it is flushed.
const TURN_LIMIT: usize = 4 * 1024 * 1024;
