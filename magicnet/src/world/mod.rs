//! Owns objects: the registry of views and handlers, the store, dispatch, permissions, zones and snapshots.
//!
//! A world takes news from an edge ([`Upstream`](crate::line::Upstream)) and answers in a [`Turn`]. It knows
//! connections by name, never sockets, and says who receives by audience, never by list.
//!
//! **Invariant:** nothing that a peer sends is stored, forwarded or charged before all checks of DESIGN section 6
//! have passed, and a handler's effects are kept whole or not at all.

mod admission;
mod behind;
mod calls;
mod charge;
mod connection;
mod contract;
mod create;
mod cx;
mod direct;
mod event;
mod grid;
mod id;
mod interest;
mod lifecycle;
mod listeners;
mod messages;
mod news;
mod node_cx;
mod piece;
mod post;
mod registry;
mod route;
mod rule;
mod scene;
mod sending;
mod showing;
mod snapshot;
mod steps;
mod store;
mod stub;
mod watch;
mod zones;

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

pub use admission::Admission;
pub(crate) use admission::Authenticator;
pub use charge::Caused;
use charge::Causing;
pub use connection::Connection;
pub(crate) use connection::TypeMap;
pub use contract::{
    BuildView, ClientSide, Contract, Dispatch, InitialValue, KeepsState, NothingSaysInitCreator, ObjectState,
    ServerSide, Side, SlotDescriptor, StateSide, Symmetric, View, ViewEntry, WithAuthority,
};
pub use create::{Create, CreateError};
pub use cx::{Cx, MessageCx, Owned};
pub use direct::{
    AnswersAsBoth, AnswersAsClient, AnswersAsServer, ClientOf, DirectCalls, DirectContract, DirectView,
    IsTold, NoCalls, ServerOf, answers_as_both, answers_as_client, answers_as_server, is_client_of, is_same,
    is_server_of, is_told, join, names_differ,
};
pub use event::{
    AnyEvent, BeforeLaunch, BeforeShutdown, CallRejected, Connected, Disconnected, Event, MessageRejected,
    MotdReceived, ParameterChanged, Rejection, Request, RequestRejected, SchemaMismatch, TurnedAway, Warning,
    ZoneComplete,
};
pub use grid::Grid;
pub use id::{Object, ObjectId, Repository};
pub use interest::{Interest, SeeZonesError};
pub(crate) use listeners::Listeners;
pub use listeners::Subscription;
pub use node_cx::{NodeCx, ObjectRef, ServerRef};
pub use registry::{
    ContractEntry, Handle, HandlerEntry, HandlerError, HandlerOutcome, HandlerRef, MessageEntry,
    MessageHandler, RegistryProblem,
};
pub(crate) use registry::{Registrations, Registry};
pub(crate) use route::Everywhere;
pub use route::{Filter, Peers, Router};
pub use rule::{CallerRule, OfBoth, OfSender, SenderRule, Subject, accepts_sender};
pub use sending::Sending;
pub use stub::{Stub, permission};
pub use zones::{ZoneRequest, ZoneRule, Zones};

use crate::line::{Audience, Command, ConnectionId, Disconnect, Topic, Turn};
use crate::rate::Rate;
use crate::schema::{Fingerprint, Role};
use crate::time::Time;
use crate::wire::{Extensions, ProtocolMessage};
use create::Pending;
use interest::Asked;
use route::Routes;
use scene::{Desk, Effect, panic_text};
use store::Store;

/// How a world is to be.
pub(crate) struct WorldConfig {
    /// What this node is to its peers, unless an endpoint says otherwise; `None`: server to those who come, client to
    /// those it goes to.
    pub(crate) role: Option<Role>,
    /// The repository of objects made here; only nodes with authority have one.
    pub(crate) authority: Option<Repository>,
    pub(crate) zones: Option<Zones>,
    pub(crate) router: Box<dyn Router>,
    pub(crate) interest: Interest,
    /// The extension messages that this node takes part in, as a server.
    pub(crate) extensions: Extensions,
    /// The same, as a client.
    pub(crate) as_client: Extensions,
    /// Whether peers are told our fingerprint and held to it.
    pub(crate) announces: bool,
    pub(crate) limits: WorldLimits,
    pub(crate) app: TypeMap,
    pub(crate) listeners: Listeners,
    pub(crate) authenticator: Authenticator,
}

/// What one connection may make a world keep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WorldLimits {
    pub(crate) zones_per_connection: usize,
    pub(crate) objects_per_connection: usize,
    pub(crate) objects_shown: usize,
    pub(crate) shown_at_once: usize,
    pub(crate) caused_bytes: usize,
    pub(crate) caused_period: Duration,
    pub(crate) queued_bytes: Rate,
    pub(crate) zones_named: Rate,
}

/// The half of a node that owns objects.
#[derive(Debug)]
pub(crate) struct World {
    role: Option<Role>,
    authority: Option<Repository>,
    zones: Option<Zones>,
    interest: Interest,
    limits: WorldLimits,
    registry: Registry,
    objects: Store,
    desk: Desk,
    /// The last repository given to a connection.
    last_repository: Repository,
    last_local: u32,
    /// By local id; ordered, so that all that end together are told in the same order on every run.
    pending: BTreeMap<u32, Pending>,
    /// When each of these is given up, in order: all wait equally long.
    deadlines: VecDeque<(Time, u32)>,
    /// Who waits for a server to show zones.
    asked: Vec<Asked>,
    fingerprint: Option<Fingerprint>,
    /// The extension messages that servers were told this node takes part in; clients are told by the fingerprint.
    as_client: Extensions,
    /// Connections that are over and whose context the application may still look at.
    departed: Vec<ConnectionId>,
    listeners: Listeners,
    /// Events of connections to servers that were told, for those who wait outside.
    of_servers: Vec<AnyEvent>,
    /// Whether the end was asked for.
    is_ending: bool,
    causing: Causing,
    authenticator: Authenticator,
}

/// The shared parameter by which a server gives a connection its repository.
pub(crate) const REPOSITORY: &str = "rp";
/// The shared parameter by which peers of ours announce themselves.
pub(crate) const MAGICNET: &str = "mn";
/// The shared parameter that lists the zones a connection sees.
pub(crate) const VISIBLE_ZONES: &str = "vz";

impl World {
    pub(crate) fn new(config: WorldConfig, registry: Registry) -> Self {
        let routes = Routes::new(config.router, config.zones.is_some(), registry.types());
        let desk = Desk::new(config.app, routes);
        let fingerprint =
            config.announces.then(|| registry.schema.fingerprint().with_extensions(config.extensions));
        Self {
            role: config.role,
            authority: config.authority,
            zones: config.zones,
            interest: config.interest,
            limits: config.limits,
            registry,
            objects: Store::default(),
            desk,
            last_repository: Repository(Repository::FIRST_OF_CONNECTIONS.0 - 1),
            last_local: 0,
            pending: BTreeMap::new(),
            deadlines: VecDeque::new(),
            asked: Vec::new(),
            fingerprint,
            as_client: config.as_client,
            departed: Vec::new(),
            of_servers: Vec::new(),
            listeners: config.listeners,
            is_ending: false,
            causing: Causing::default(),
            authenticator: config.authenticator,
        }
    }

    /// The node is about to open its endpoints.
    pub(crate) fn launch(&mut self) {
        self.desk.event(BeforeLaunch {});
    }

    /// Asks for the end, with a reason for the peers. Those who listen are told first, then the node ends all
    /// connections.
    fn ask_for_shutdown(&mut self, why: Option<Disconnect>) {
        if !std::mem::replace(&mut self.is_ending, true) {
            self.desk.event(BeforeShutdown { why });
        }
    }

    /// The time from now on.
    pub(crate) fn set_time(&mut self, now: Time) {
        self.desk.now = now;
    }

    /// Looks at the node from outside of all handlers.
    pub(crate) fn enter<'a>(&'a mut self, turn: &'a mut Turn) -> NodeCx<'a> {
        NodeCx::new(self, turn)
    }

    /// Does what handlers and outside callers have asked for, and what follows from it.
    pub(crate) fn settle(&mut self, turn: &mut Turn) {
        while let Some(effect) = self.desk.effects.pop_front() {
            match effect {
                Effect::Disconnect(connection, why) => turn.close(connection, why.reason, &why.detail),
                Effect::Admit(connection) => {
                    self.admit(turn, connection);
                }
                Effect::Destroy(object) => self.destroy_here(turn, object),
                Effect::Move(object, zone) => self.move_here(turn, object, zone),
                Effect::Defer(act) => self.isolated(turn, "deferred work", |cx| act(cx)),
                Effect::LocalCall { object, place, arguments } => {
                    self.call_locally(turn, object, place, &arguments);
                }
                Effect::Event(event) => self.desk.event(event),
            }
        }
    }

    /// Runs work that nobody waits for. A panic in it is told and ends with it: a peer may have caused it.
    pub(crate) fn isolated(&mut self, turn: &mut Turn, what: &str, act: impl FnOnce(&mut NodeCx<'_>)) {
        let outcome = catch_unwind(AssertUnwindSafe(|| act(&mut self.enter(turn))));
        if let Err(panic) = outcome {
            self.desk.warn(None, format!("{what} panicked: {}", panic_text(&*panic)));
        }
    }

    /// How many objects were looked at so far.
    pub(crate) fn visits(&self) -> u64 {
        self.objects.visits()
    }

    /// Tells of the next event, and does what those who listen ask for; says whether there was one.
    fn tell_next(&mut self, turn: &mut Turn) -> bool {
        let Some(event) = self.desk.events.pop_front() else {
            return false;
        };
        self.tell(turn, &event);
        self.settle(turn);
        match event {
            AnyEvent::BeforeShutdown(BeforeShutdown { why }) => {
                let detail = why.as_ref().map_or("", |why| &*why.detail);
                turn.command_with(Command::Shutdown(why.as_ref().map(|why| why.reason)), detail);
            }
            AnyEvent::Connected(Connected { connection })
            | AnyEvent::Disconnected(Disconnected { connection, .. })
                if self.is_server(connection) =>
            {
                self.of_servers.push(event);
            }
            _ => {}
        }
        true
    }

    /// Whether there is nothing that those outside wait for, and nothing to forget.
    pub(crate) fn is_concluded(&self) -> bool {
        self.of_servers.is_empty() && self.departed.is_empty()
    }

    /// What has been told of connections to servers since the last time.
    pub(crate) fn events_of_servers(&mut self) -> impl Iterator<Item = AnyEvent> + use<> {
        std::mem::take(&mut self.of_servers).into_iter()
    }

    /// Forgets the connections whose end the application has been told.
    pub(crate) fn forget_departed(&mut self) {
        for connection in self.departed.drain(..) {
            self.desk.connections.remove(connection);
        }
    }

    /// When a creation is given up.
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.deadlines.front().map(|(due, _)| *due)
    }

    /// Gives up creations that nobody has answered.
    pub(crate) fn handle_timeout(&mut self) {
        while let Some((_, local)) = self.deadlines.pop_front_if(|(due, _)| *due <= self.desk.now) {
            self.finish_creation(local, Err(CreateError::TimedOut));
        }
    }

    /// The servers that this node has shaken hands with, in the order in which they were dialed, and the repositories
    /// they gave us.
    fn servers(&self) -> impl Iterator<Item = (&Connection, Repository)> {
        let ready = self.desk.connections.dialed().filter(|known| known.ready);
        ready.filter_map(|known| Some((known, known.repository()?)))
    }

    /// The server `at`, or the first.
    fn server(&self, at: Option<ConnectionId>) -> Option<(&Connection, Repository)> {
        self.servers().find(|(known, _)| at.is_none_or(|at| known.id() == at))
    }

    /// Whether the other side is a server.
    pub(crate) fn is_server(&self, connection: ConnectionId) -> bool {
        self.desk.connections.get(connection).is_some_and(Connection::is_server)
    }

    /// Whether a handshake with a server is on its way.
    pub(crate) fn is_connecting(&self) -> bool {
        self.desk.connections.dialed().any(|known| !self.departed.contains(&known.id()))
    }
}

fn send(turn: &mut Turn, connection: ConnectionId, message: &ProtocolMessage<'_>) {
    turn.send_message(Audience::Connection(connection), Topic::Other, |out| message.encode(out));
}
