//! Who is told of events, in which order, and how one stops to be told.
//!
//! Events are told one after the other, each to all who listen, in the order in which they began to; then what they
//! asked for is done, and then comes the next event. All that a message has caused is told before the next message is
//! looked at, though both may have come at once. Who begins to listen while an event is told hears the next one;
//! who stops hears nothing more, this event included.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::World;
use super::event::{AnyEvent, Event};
use super::node_cx::NodeCx;
use crate::line::Turn;

/// One who listens to events: the name to stop it by. [`NodeCx::on`] gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subscription(u64);

impl fmt::Display for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "subscription {}", self.0)
    }
}

type EventHandler = Box<dyn FnMut(&mut NodeCx<'_>, &AnyEvent) + Send>;

/// All who listen.
#[derive(Default)]
pub(crate) struct Listeners {
    /// In the order in which they began. While an event is told, those who were there before are elsewhere.
    active: Vec<(Subscription, EventHandler)>,
    /// How many there were so far.
    count: u64,
    /// Whose handler runs.
    current: Option<Subscription>,
    /// Those who stopped while an event is told.
    stopped: Vec<Subscription>,
}

impl Listeners {
    pub(crate) fn add_any(
        &mut self,
        handler: impl FnMut(&mut NodeCx<'_>, &AnyEvent) + Send + 'static,
    ) -> Subscription {
        self.count += 1;
        let subscription = Subscription(self.count);
        self.active.push((subscription, Box::new(handler)));
        subscription
    }

    pub(crate) fn add<E: Event + Clone>(
        &mut self,
        mut handler: impl FnMut(&mut NodeCx<'_>, E) + Send + 'static,
    ) -> Subscription {
        self.add_any(move |cx, event| {
            if let Some(event) = event.downcast::<E>() {
                handler(cx, event.clone());
            }
        })
    }

    pub(super) fn remove(&mut self, subscription: Subscription) {
        self.active.retain(|(known, _)| *known != subscription);
        if self.current.is_some() {
            self.stopped.push(subscription);
        }
    }

    pub(super) fn remove_current(&mut self) {
        if let Some(current) = self.current {
            self.remove(current);
        }
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listeners({})", self.active.len())
    }
}

impl World {
    /// Tells all who listen of an event. Nobody's panic is another's.
    pub(crate) fn tell(&mut self, turn: &mut Turn, event: &AnyEvent) {
        let mut telling = std::mem::take(&mut self.listeners.active);
        for (subscription, handler) in &mut telling {
            if self.listeners.stopped.contains(subscription) {
                continue;
            }
            self.listeners.current = Some(*subscription);
            let mut cx = self.enter(turn);
            if catch_unwind(AssertUnwindSafe(|| handler(&mut cx, event))).is_err() {
                tracing::error!(?event, "an event handler panicked");
            }
        }
        let Listeners { active, current, stopped, .. } = &mut self.listeners;
        telling.retain(|(subscription, _)| !stopped.contains(subscription));
        telling.append(active);
        *active = telling;
        *current = None;
        stopped.clear();
    }
}
