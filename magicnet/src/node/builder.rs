//! Builds nodes: what they are, what they know, where they listen.

use std::collections::HashSet;
use std::time::Duration;

use super::Node;
use super::endpoint::{Connecting, EndpointConfig, IntoEndpoint, Listening};
use crate::edge::{Census, Edge, EdgeConfig, Flush, Limits};
use crate::line::{ConnectionId, Names};
use crate::schema::{DecodeMessage, Manifest, Message, Role};
use crate::wire::{Extensions, MAX_FRAME, MAX_PARAMETER_SENT};
use crate::world::{
    Admission, AnyEvent, Authenticator, Contract, Event, Everywhere, Interest, Listeners, MessageHandler,
    NodeCx, Registrations, Registry, RegistryProblem, Repository, Router, TypeMap, View, World, WorldConfig,
    WorldLimits, Zones,
};

/// The hash that Python MagicNet uses unless it is told another.
const WELL_KNOWN_HASH: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

/// A node in the making. [`Node::server`] and [`Node::client`] begin one.
#[must_use = "a builder does nothing until it is built, started or served"]
pub struct NodeBuilder {
    role: Option<Role>,
    has_authority: bool,
    /// Only nodes with authority have one.
    repository: Option<Repository>,
    motd: String,
    hash: Vec<u8>,
    zones: Option<Zones>,
    router: Box<dyn Router>,
    interest: Interest,
    limits: Limits,
    edges: usize,
    flush: Flush,
    announces: bool,
    app: TypeMap,
    endpoints: Vec<EndpointConfig>,
    registrations: Registrations,
    listeners: Listeners,
    authenticator: Authenticator,
}

/// Why a node cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// What is registered contradicts itself.
    #[error("{}", list(.0))]
    Registry(Vec<RegistryProblem>),
    /// Repositories that are configured by hand are 1 to 127; servers give the rest to connections.
    #[error("{0} cannot be configured by hand: take one from 1 to 127")]
    Repository(Repository),
    /// Only servers make objects of their own; a client asks its server.
    #[error("a client has no repository of its own: its server gives it one")]
    RepositoryOfClient,
    /// Who accepts connections has authority over what it shows them: only servers listen. A server may connect to
    /// others too.
    #[error("a client cannot listen: build it by `Node::server()`, which may connect to other servers too")]
    ClientListens,
    /// Something was said of an endpoint that means nothing there.
    #[error("{address} has no {what}")]
    Endpoint {
        /// The endpoint's address.
        address: String,
        /// What it has not, and where it belongs.
        what: &'static str,
    },
    /// A network hash has at most 64 bytes.
    #[error("the network hash has {0} bytes, more than 64")]
    Hash(usize),
    /// The message of the day does not fit into a frame.
    #[error("the message of the day has {0} bytes, more than a frame")]
    Motd(usize),
    /// A node has from 1 to 64 edges.
    #[error("a node cannot have {0} edges: give it from 1 to 64")]
    Edges(usize),
    /// A tick is from 1 ms to 10 s long.
    #[error("output cannot be flushed every {0:?}: take a time from 1 ms to 10 s")]
    Flush(Duration),
}

fn list(problems: &[RegistryProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl std::fmt::Debug for NodeBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { role, repository, zones, endpoints, registrations, listeners, .. } = self;
        f.debug_struct("NodeBuilder")
            .field("role", role)
            .field("repository", repository)
            .field("zones", zones)
            .field("endpoints", endpoints)
            .field("registrations", registrations)
            .field("listeners", listeners)
            .finish_non_exhaustive()
    }
}

impl Node {
    /// A node with authority: it accepts clients, owns objects and numbers connections. It may connect to other servers
    /// as well, and is a client to those.
    pub fn server() -> NodeBuilder {
        NodeBuilder::new(Some(Repository(1)))
    }

    /// A node that connects to a server, or to several.
    pub fn client() -> NodeBuilder {
        NodeBuilder::new(None)
    }
}

impl NodeBuilder {
    fn new(repository: Option<Repository>) -> Self {
        Self {
            role: None,
            has_authority: repository.is_some(),
            repository,
            motd: String::new(),
            hash: WELL_KNOWN_HASH.to_vec(),
            zones: None,
            router: Box::new(Everywhere),
            interest: Interest::default(),
            limits: Limits::default(),
            edges: 1,
            flush: Flush::default(),
            announces: true,
            app: TypeMap::default(),
            endpoints: Vec::new(),
            registrations: Registrations::default(),
            listeners: Listeners::default(),
            authenticator: Authenticator::default(),
        }
    }

    /// What clients are greeted with. Python peers take at most 64 characters.
    pub fn motd(mut self, motd: impl Into<String>) -> Self {
        self.motd = motd.into();
        self
    }

    /// The network hash, at most 64 bytes: nodes with different ones refuse each other.
    ///
    /// It keeps strangers apart, not enemies. The default is Python MagicNet's well-known `12 34 56 78`.
    pub fn hash(mut self, hash: impl Into<Vec<u8>>) -> Self {
        self.hash = hash.into();
        self
    }

    /// The repository of objects that this server makes itself, from 1 to 127; 1 if nothing is said.
    pub fn repository(mut self, repository: u32) -> Self {
        self.repository = Some(Repository(repository));
        self
    }

    /// Objects are seen by zone, and who decides which; without this every handshaken connection sees every object.
    pub fn zones(mut self, policy: Zones) -> Self {
        self.zones = Some(policy);
        self
    }

    /// What this node is to its peers, on every endpoint that does not [say otherwise](crate::Endpoint::role). If
    /// nothing is said, it is the server of those who connect to it, and a client of those to whom it connects.
    ///
    /// ```
    /// # use magicnet::{Node, Role, memory};
    /// const ADMIN: Role = Role::new("admin");
    /// # let (_port, dial) = memory::port();
    /// let console = Node::client().role(ADMIN).connect(dial);
    /// ```
    pub fn role(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    /// Who receives what goes to many; without one, everyone to whom it may go.
    pub fn router(mut self, router: impl Router) -> Self {
        self.router = Box::new(router);
        self
    }

    /// Whether a change of the zones that a connection sees shows it what is in them; if nothing is said, it does
    /// between peers of this library. It takes [zones](Self::zones) on the server, and both sides to
    /// [announce](Self::announce) themselves.
    pub fn interest(mut self, interest: Interest) -> Self {
        self.interest = interest;
        self
    }

    /// What peers may cost.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How many threads own connections, from 1 to 64; 1 if nothing is said: the node's own, with everything else.
    ///
    /// With more, a driver that has threads gives each of them an edge: it reads and writes, checks frames and
    /// messages, calls middleware, and knows who sees which zone. The world, with all handlers, stays where it is, in
    /// one thread, and what a connection sees comes in the same order. `start` and
    /// `serve` do so; [`Node::tick`], `start_blocking` and drivers by hand are one thread and take no
    /// notice.
    ///
    /// It pays where connections are many and handlers are quick; see [the guide](crate::guide::running).
    pub fn edges(mut self, edges: usize) -> Self {
        self.edges = edges;
        self
    }

    /// When output is written: [at once, by nature, or by a tick](Flush); [`Flush::Natural`] if nothing is said.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use magicnet::{Flush, Node};
    ///
    /// let node = Node::server().flush(Flush::every(Duration::from_millis(50)));
    /// ```
    pub fn flush(mut self, policy: Flush) -> Self {
        self.flush = policy;
        self
    }

    /// Whether peers are told which contracts and messages this node knows, and held to the same; on if nothing is
    /// said. Python peers are unaffected either way.
    pub fn announce(mut self, announces: bool) -> Self {
        self.announces = announces;
        self
    }

    /// Gives the node application state, one value of each type: `cx.app::<A>()` in every handler.
    pub fn with<A: Send + 'static>(mut self, app: A) -> Self {
        self.app.insert(app);
        self
    }

    /// Accepts connections there; those who come have the role client, unless the endpoint says otherwise.
    pub fn listen(mut self, endpoint: impl IntoEndpoint<Listening>) -> Self {
        self.endpoints.push(endpoint.into().config);
        self
    }

    /// Connects there when the node starts; the other side has the role server, unless the endpoint says otherwise.
    pub fn connect(mut self, endpoint: impl IntoEndpoint<Connecting>) -> Self {
        self.endpoints.push(endpoint.into().config);
        self
    }

    /// Registers a view and its contract. Whoever registers anything by hand registers everything: discovery is off.
    pub fn view<V: View>(mut self) -> Self {
        self.registrations.view::<V>();
        self
    }

    /// Registers a contract without a view: other nodes have it, so it counts when types are numbered.
    pub fn contract<C: Contract>(mut self) -> Self {
        self.registrations.contracts.push(C::OBJECT);
        self
    }

    /// Takes into account what another side says that it has, such as the file of a Python peer.
    ///
    /// Its objects count when types are numbered, with a contract here or without. Where there is a contract, the two
    /// are compared: what they contradict each other in is a problem of the registry, as calls would be taken for
    /// others. A bound that Python's hints do not have is no contradiction.
    ///
    /// ```
    /// use magicnet::{Manifest, Node};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let clock = r#"{"clock": {"object_role": 1, "signatures": []}}"#;
    /// let node = Node::server().import(Manifest::from_json(clock)?);
    /// # drop(node);
    /// # Ok(())
    /// # }
    /// ```
    pub fn import(mut self, manifest: Manifest) -> Self {
        self.registrations.imported.push(manifest);
        self
    }

    /// Registers a message that this node only sends; what it handles comes with its [`handler`](Self::handler).
    pub fn message<M: Message + for<'de> DecodeMessage<'de>>(mut self) -> Self {
        self.registrations.messages.push(M::MESSAGE);
        self
    }

    /// Registers a message handler, by the name of its function: `.handler::<say>()`.
    pub fn handler<H: MessageHandler>(mut self) -> Self {
        self.registrations.handler(const { &H::HANDLER });
        self
    }

    /// Handles events of one type: `.on(|cx, event: Connected| ..)`. Events are told in the order in which they happen,
    /// each to all handlers in the order in which they are given here; what they ask for is done before the next event
    /// is told.
    pub fn on<E: Event + Clone>(mut self, handler: impl FnMut(&mut NodeCx<'_>, E) + Send + 'static) -> Self {
        self.listeners.add(handler);
        self
    }

    /// Handles events of all types.
    pub fn on_any(mut self, handler: impl FnMut(&mut NodeCx<'_>, &AnyEvent) + Send + 'static) -> Self {
        self.listeners.add_any(handler);
        self
    }

    /// Asks the application whom it lets in: each client that has greeted is shown to it, with its address, its shared
    /// parameters and what the handlers of messages that say `before_handshake` have kept with it. What is not known at
    /// once is said [later](Admission::Later). Without this everyone is let in who speaks the same schema.
    ///
    /// ```
    /// use magicnet::{Admission, Disconnect, Node, Str};
    ///
    /// let server = Node::server().authenticate(|cx, client| {
    ///     let known = cx.connection(client);
    ///     match known.and_then(|known| known.parameter::<Str<32>>("ticket")) {
    ///         Some(Ok(ticket)) if &*ticket == "a golden one" => Admission::Admit,
    ///         _ => Admission::Refuse(Disconnect::new(10, "a golden ticket is asked for")),
    ///     }
    /// });
    /// # drop(server);
    /// ```
    ///
    /// A function that panics lets nobody in.
    pub fn authenticate(
        mut self,
        ask: impl FnMut(&mut NodeCx<'_>, ConnectionId) -> Admission + Send + 'static,
    ) -> Self {
        self.authenticator = Authenticator::new(ask);
        self
    }

    /// Looks for everything about the registry that cannot work, or most likely is not meant.
    ///
    /// # Errors
    ///
    /// All problems found; [`build`](Self::build) refuses the fatal ones and warns of the others.
    pub fn verify(&self) -> Result<(), Vec<RegistryProblem>> {
        let (_, problems) = Registry::build(&self.registrations, &self.sides());
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// The manifest of this node's side, which Python peers load: the server's, if it has authority.
    pub fn manifest(&self) -> Manifest {
        let (registry, _) = Registry::build(&self.registrations, &self.sides());
        Manifest::of(&registry.schema, self.sides()[0])
    }

    /// Builds the node without starting it, for drivers that the caller turns, such as [`Node::tick`].
    ///
    /// # Errors
    ///
    /// When the registry contradicts itself or a setting is out of its range.
    pub fn build(self) -> Result<Node, BuildError> {
        self.check()?;
        let (registry, problems) = Registry::build(&self.registrations, &self.sides());
        let (fatal, doubtful): (Vec<_>, Vec<_>) = problems.into_iter().partition(RegistryProblem::is_fatal);
        if !fatal.is_empty() {
            return Err(BuildError::Registry(fatal));
        }
        doubtful.iter().for_each(|problem| tracing::warn!(%problem, "registry"));
        self.log_start(&registry);
        let [extensions, as_client] = [Role::SERVER, Role::CLIENT].map(|side| self.extensions(side));
        let announcement = self.announces.then(|| {
            let mut value = Vec::new();
            registry.schema.fingerprint().with_extensions(as_client).encode(&mut value);
            value
        });
        let announcement = announcement.filter(|value| value.len() <= MAX_PARAMETER_SENT);
        let before = registry.schema.messages.iter().filter(|message| message.before_handshake);
        let edge = Edge::new(EdgeConfig {
            motd: self.motd,
            hash: self.hash,
            announcement,
            before_handshake: before.map(|message| message.id).collect::<HashSet<_>>(),
            limits: self.limits.clone(),
            names: Names::default(),
            flush: self.flush,
            census: Census::default(),
        });
        let config = WorldConfig {
            role: self.role,
            authority: self.repository,
            zones: self.zones,
            router: self.router,
            interest: self.interest,
            extensions,
            as_client,
            announces: self.announces,
            limits: WorldLimits {
                zones_per_connection: self.limits.zones_per_connection,
                objects_per_connection: self.limits.objects_per_connection,
                objects_shown: self.limits.objects_shown,
                shown_at_once: self.limits.shown_at_once,
                caused_bytes: self.limits.caused_bytes,
                caused_period: self.limits.caused_period,
                queued_bytes: self.limits.queued_bytes,
                zones_named: self.limits.zones_named,
            },
            app: self.app,
            listeners: self.listeners,
            authenticator: self.authenticator,
        };
        Ok(Node::new(edge, self.edges, World::new(config, registry), self.endpoints))
    }

    /// Whose views this node may need: the server's of its own objects, the client's of those that servers show it.
    fn sides(&self) -> Vec<Role> {
        let connects = self.endpoints.iter().any(EndpointConfig::is_dialed);
        match (self.has_authority, connects) {
            (true, true) => vec![Role::SERVER, Role::CLIENT],
            (true, false) => vec![Role::SERVER],
            (false, _) => vec![Role::CLIENT],
        }
    }

    /// The extension messages that this node takes part in on one side of a connection: a server as far as it would
    /// send them.
    fn extensions(&self, side: Role) -> Extensions {
        let has_zones = side == Role::CLIENT || self.zones.is_some();
        match self.interest {
            Interest::Automatic | Interest::AutomaticForAll if has_zones => {
                Extensions::INTEREST.or(Extensions::HEARTBEAT)
            }
            _ => Extensions::HEARTBEAT,
        }
    }

    fn check(&self) -> Result<(), BuildError> {
        if !self.has_authority && self.endpoints.iter().any(|endpoint| !endpoint.is_dialed()) {
            return Err(BuildError::ClientListens);
        }
        if let Some((address, what)) = self.endpoints.iter().find_map(EndpointConfig::fault) {
            return Err(BuildError::Endpoint { address, what });
        }
        match self.repository {
            Some(Repository(number)) if !(1..=127).contains(&number) => {
                return Err(BuildError::Repository(Repository(number)));
            }
            Some(_) if !self.has_authority => return Err(BuildError::RepositoryOfClient),
            _ => {}
        }
        if self.hash.len() > 64 {
            return Err(BuildError::Hash(self.hash.len()));
        }
        if self.motd.len() + 16 > MAX_FRAME {
            return Err(BuildError::Motd(self.motd.len()));
        }
        if !(1..=64).contains(&self.edges) {
            return Err(BuildError::Edges(self.edges));
        }
        if let Flush::Every(period) = self.flush
            && !self.flush.is_possible()
        {
            return Err(BuildError::Flush(period));
        }
        Ok(())
    }

    fn log_start(&self, registry: &Registry) {
        if self.hash == WELL_KNOWN_HASH {
            tracing::info!(
                "the network hash is the well-known default 12345678; set one of your own by `.hash(..)`"
            );
        }
        for known in registry.contracts() {
            let number = known.number;
            let sides = self.sides();
            let views: Vec<_> =
                sides.iter().filter(|side| known.view(**side).is_some()).map(|side| side.name()).collect();
            tracing::info!(number, name = known.object.name, ?views, "type");
        }
    }
}
