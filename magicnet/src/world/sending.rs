//! A message on its way to those whom a filter chooses.

use super::World;
use super::post::post_message;
use super::route::{Filter, To};
use super::scene::Scene;
use crate::line::{ConnectionId, Turn};
use crate::schema::Message;

/// A message in the making: who receives it is chosen, and may be narrowed.
///
/// `cx.to(filter)` makes one, in every context. See [`Filter`] for what chooses and what it costs.
#[must_use = "nothing is sent until a message is given"]
pub struct Sending<'a, F> {
    sink: Sink<'a>,
    filter: F,
    except: Vec<ConnectionId>,
}

/// Where it is sent from.
pub(super) enum Sink<'a> {
    /// A handler, whose effects may be undone.
    Handler(&'a dyn Scene),
    /// The node itself.
    Node(&'a mut World, &'a mut Turn),
}

impl<'a, F: Filter> Sending<'a, F> {
    pub(super) fn new(sink: Sink<'a>, filter: F) -> Self {
        Self { sink, filter, except: Vec::new() }
    }

    /// Leaves a connection out.
    pub fn except(mut self, connection: ConnectionId) -> Self {
        self.except.push(connection);
        self
    }

    /// Leaves the connection out whose message or call is being handled, if there is one.
    pub fn except_sender(self) -> Self {
        let sender = match &self.sink {
            Sink::Handler(scene) => scene.sender(),
            Sink::Node(..) => None,
        };
        match sender {
            Some(sender) => self.except(sender),
            None => self,
        }
    }

    /// Sends the message to those who are left.
    pub fn send<M: Message>(self, message: M) {
        let to = To::Filtered(&self.filter, &self.except);
        match self.sink {
            Sink::Handler(scene) => scene.send_message(to, M::MESSAGE, &mut |w| message.encode(w)),
            Sink::Node(world, turn) => {
                let desk = &mut world.desk;
                let sent = post_message(turn, &desk.connections, &desk.routes, to, M::MESSAGE, &mut |w| {
                    message.encode(w);
                });
                if let Err(event) = sent {
                    desk.event(event);
                }
            }
        }
    }
}

impl<F> std::fmt::Debug for Sending<'_, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sending").field("except", &self.except).finish_non_exhaustive()
    }
}
