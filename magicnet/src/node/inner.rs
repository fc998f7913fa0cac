//! What a node is besides its connections: the world, and the ways in for those outside.
//!
//! Who owns the connections is either one edge in the same thread, which makes a [`Node`](super::Node), or several in
//! threads of their own, which a [`Hub`](super::Hub) is in the middle of.

use std::sync::Arc;

use futures_channel::oneshot;

use super::endpoint::EndpointConfig;
use super::handle::{Command, ConnectError, NodeHandle};
use super::inbox::Inbox;
use crate::edge::Edge;
use crate::line::{ConnectionId, Ending, Turn};
use crate::time::Time;
use crate::world::{AnyEvent, NodeCx, World};

/// Those who do what a world says.
pub(super) trait Edges {
    /// The place where the world's own turns go; [`apply`](Self::apply) then does what they say.
    fn turn(&mut self) -> &mut Turn;

    /// Does what the world has said since the last time, and what follows from it, until nothing does.
    fn apply(&mut self, now: Time, world: &mut World);
}

impl Edges for Edge {
    fn turn(&mut self) -> &mut Turn {
        self.turn()
    }

    fn apply(&mut self, now: Time, world: &mut World) {
        self.apply(now, world);
    }
}

/// A world, those who do what it says, and those who wait for something outside of both.
#[derive(Debug)]
pub(super) struct Inner<E> {
    pub(super) edges: E,
    pub(super) world: World,
    /// Whether those who listen were told that it begins.
    is_launched: bool,
    /// Those that are not open yet.
    endpoints: Vec<EndpointConfig>,
    inbox: Closing,
    /// Reused: the commands of one turn.
    commands: Vec<Command>,
    /// Who waits for the handshake with a server.
    waiting: Vec<ConnectedWaiter>,
    /// Why there is no server, if one has ended its handshake and none has finished one: for those who ask later.
    refused: Option<Ending>,
    has_connected: bool,
}

type ConnectedWaiter = oneshot::Sender<Result<ConnectionId, ConnectError>>;

/// The node's end of its inbox: nothing is taken in any more once it is gone.
#[derive(Debug)]
struct Closing(Arc<Inbox<Command>>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl<E: Edges> Inner<E> {
    pub(super) fn new(edges: E, world: World, endpoints: Vec<EndpointConfig>) -> Self {
        Self {
            edges,
            world,
            is_launched: false,
            endpoints,
            inbox: Closing(Arc::default()),
            commands: Vec::new(),
            waiting: Vec::new(),
            refused: None,
            has_connected: false,
        }
    }

    /// The same with others who do what the world says.
    pub(super) fn with_edges<F>(self, edges: F) -> (Inner<F>, E) {
        let Self { edges: before, world, is_launched, endpoints, inbox, .. } = self;
        let Self { commands, waiting, refused, has_connected, .. } = self;
        let inner =
            Inner { edges, world, is_launched, endpoints, inbox, commands, waiting, refused, has_connected };
        (inner, before)
    }

    /// A way in from other threads and tasks.
    pub(super) fn handle(&self) -> NodeHandle {
        NodeHandle::new(Arc::clone(&self.inbox.0))
    }

    /// Where commands wait.
    pub(super) fn inbox(&self) -> &Inbox<Command> {
        &self.inbox.0
    }

    /// Does something with the world between its turns.
    pub(super) fn run<R>(&mut self, now: Time, act: impl FnOnce(&mut NodeCx<'_>) -> R) -> R {
        self.world.set_time(now);
        let outcome = act(&mut self.world.enter(self.edges.turn()));
        self.finish(now);
        outcome
    }

    /// The same for someone else, whose panic is not the node's.
    fn run_isolated(&mut self, now: Time, act: impl FnOnce(&mut NodeCx<'_>)) {
        self.world.set_time(now);
        self.world.isolated(self.edges.turn(), "work for a handle", act);
        self.finish(now);
    }

    /// Tells those who listen that it begins, once.
    pub(super) fn launch(&mut self, now: Time) {
        if !std::mem::replace(&mut self.is_launched, true) {
            self.world.set_time(now);
            self.world.launch();
            self.finish(now);
        }
    }

    /// Launches and gives up the endpoints, for a driver to open them.
    pub(super) fn take_endpoints(&mut self, now: Time) -> Vec<EndpointConfig> {
        self.launch(now);
        std::mem::take(&mut self.endpoints)
    }

    /// Does what handles have asked for.
    pub(super) fn handle_commands(&mut self, now: Time) {
        let mut commands = std::mem::take(&mut self.commands);
        self.inbox.0.take_all(&mut commands);
        if commands.is_empty() {
            self.commands = commands;
            return;
        }
        for command in commands.drain(..) {
            match command {
                Command::Run(act) => self.run_isolated(now, act),
                Command::AwaitConnected(waiter) => match self.run(now, |cx| cx.server()) {
                    Some(connection) => drop(waiter.send(Ok(connection))),
                    None if self.may_connect() => self.waiting.push(waiter),
                    None => drop(waiter.send(Err(self.why_not_connected()))),
                },
            }
        }
        self.commands = commands;
    }

    /// Whether a handshake with a server may still come: one is on its way, or an endpoint is yet to be opened.
    fn may_connect(&self) -> bool {
        self.world.is_connecting() || self.endpoints.iter().any(EndpointConfig::is_dialed)
    }

    /// Tells of everything that has happened, and does what follows from it.
    pub(super) fn finish(&mut self, now: Time) {
        self.world.settle(self.edges.turn());
        self.edges.apply(now, &mut self.world);
        self.conclude();
    }

    /// After all that has happened was told.
    pub(super) fn conclude(&mut self) {
        if !self.world.is_concluded() {
            self.tell_those_who_wait();
        }
    }

    #[cold]
    fn tell_those_who_wait(&mut self) {
        for event in self.world.events_of_servers() {
            self.wake_waiting(&event);
        }
        self.world.forget_departed();
    }

    fn why_not_connected(&self) -> ConnectError {
        self.refused.clone().map_or(ConnectError::NotConnected, ConnectError::Refused)
    }

    fn wake_waiting(&mut self, event: &AnyEvent) {
        match event {
            AnyEvent::Connected(_) => (self.has_connected, self.refused) = (true, None),
            AnyEvent::Disconnected(event) if !self.has_connected => {
                self.refused = Some(Ending::clone(&event.ending));
            }
            _ => {}
        }
        let outcome = match event {
            AnyEvent::Connected(event) if self.world.is_server(event.connection) => Ok(event.connection),
            // Another server may still answer.
            AnyEvent::Disconnected(event)
                if self.world.is_server(event.connection) && !self.may_connect() =>
            {
                Err(ConnectError::Refused(Ending::clone(&event.ending)))
            }
            _ => return,
        };
        for waiter in self.waiting.drain(..) {
            // Whoever asked may not wait any more.
            let _ = waiter.send(outcome.clone());
        }
    }
}
