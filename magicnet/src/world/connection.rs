//! Connections as an application sees them: typed context, shared parameters, zones.

use core::net::SocketAddr;
use std::any::{Any, TypeId, type_name};
use std::time::Duration;

use slotmap::SecondaryMap;

use super::behind::Behind;
use super::charge::Caused;
use super::event::Rejection;
use super::id::{Authority, Repository};
use super::route::Peers;
use super::steps::{Partly, Showing};
use crate::hash::HashMap;
use crate::line::{ConnectionId, Group, Opening, ZoneId};
use crate::rate::{Bucket, Rate};
use crate::schema::Role;
use crate::time::Time;
use crate::wire::{Decode, DecodeError, Extensions, MessageId, Reader};

/// One peer as seen from here.
#[derive(Debug)]
pub struct Connection {
    id: ConnectionId,
    opening: Opening,
    own_role: Role,
    role: Role,
    /// Among those that are alike; written when its kind is known.
    pub(super) group: Group,
    /// Whose objects the other side means by their numbers: its own on a connection that we made, ours on others.
    pub(super) authority: Authority,
    pub(super) ready: bool,
    /// It has greeted, and the application has yet to say whether it is let in.
    pub(super) is_waiting: bool,
    pub(super) repository: Option<Repository>,
    /// Sorted; empty on a node without zones.
    pub(super) zones: Vec<ZoneId>,
    /// How often the client's side has changed `vz` since its HELLO; counted where it is shown what follows.
    pub(super) zone_changes: u32,
    /// The extension messages that both sides know.
    pub(super) extensions: Extensions,
    pub(super) caused: Caused,
    /// What it has missed, if it does not keep up.
    pub(super) behind: Option<Box<Behind>>,
    pub(super) remote: Option<SocketAddr>,
    pub(super) round_trip: Option<Duration>,
    /// What its messages have made this node queue lately.
    pub(super) queued: Bucket,
    /// The zones that it has named lately.
    pub(super) named: Bucket,
    /// Of the calls and messages that have a rate, those that it has made: no more than the node knows.
    paces: Option<Box<HashMap<Paced, Bucket>>>,
    /// What it is still to be shown, if anything is in line.
    pub(super) showing: Option<Box<Showing>>,
    /// In the order in which they were first set; few, so a list.
    parameters: Vec<(Box<str>, Box<[u8]>)>,
    context: TypeMap,
}

impl Connection {
    pub(super) fn new(id: ConnectionId, peers: &Peers) -> Self {
        Self {
            id,
            opening: peers.opening,
            own_role: peers.own_role,
            role: peers.role,
            group: Group::default(),
            authority: Authority::default(),
            ready: false,
            is_waiting: false,
            repository: None,
            zones: Vec::new(),
            zone_changes: 0,
            extensions: Extensions::NONE,
            caused: Caused::default(),
            behind: None,
            remote: None,
            round_trip: None,
            queued: Bucket::default(),
            named: Bucket::default(),
            paces: None,
            showing: None,
            parameters: Vec::new(),
            context: TypeMap::default(),
        }
    }

    /// Its name on this node.
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// What the other side is to this node.
    pub fn role(&self) -> Role {
        self.role
    }

    /// What this node is to the other side.
    pub fn own_role(&self) -> Role {
        self.own_role
    }

    /// Whether the other side is a server to this node: whether we made the connection, rather than accepted it.
    pub fn is_server(&self) -> bool {
        self.opening == Opening::Dialed
    }

    /// Whether the handshake is finished.
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// Whether the client has greeted, and the application has yet to say whether it is let in
    /// ([`Admission::Later`](crate::Admission::Later)).
    pub fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    /// The repository of the pair: the number that objects of the connecting side carry.
    pub fn repository(&self) -> Option<Repository> {
        self.repository
    }

    /// The zones that the connection sees, sorted. On a client: those that it asked for or was granted, whichever was
    /// last.
    pub fn zones(&self) -> &[ZoneId] {
        &self.zones
    }

    /// Whether the connection sees `zone`.
    pub fn sees(&self, zone: ZoneId) -> bool {
        self.zones.binary_search(&zone).is_ok()
    }

    /// Whether both sides have announced that a change of zones shows what is in them, and that it is told when that
    /// is complete.
    pub fn shows_zones(&self) -> bool {
        self.extensions.contains(Extensions::INTEREST)
    }

    /// Where the other side is; nothing inside of a process and for other connections without addresses. Behind a
    /// proxy it is the proxy's. Over UDP a connection survives that its peer's address changes; this stays the first.
    pub fn remote_addr(&self) -> Option<SocketAddr> {
        self.remote
    }

    /// How long the last [heartbeat](crate::Limits::heartbeat) took to come back, its time in both nodes included;
    /// nothing before the first one, and for plain version 3 peers, which know none.
    pub fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// What its own requests have made this node send it.
    pub fn caused(&self) -> Caused {
        self.caused
    }

    /// The value of type `T` that the application keeps with the connection.
    pub fn get<T: Send + 'static>(&self) -> Option<&T> {
        self.context.get()
    }

    /// The same, to change.
    pub fn get_mut<T: Send + 'static>(&mut self) -> Option<&mut T> {
        self.context.get_mut()
    }

    /// Keeps a value with the connection, one of each type; returns the one it replaces.
    pub fn insert<T: Send + 'static>(&mut self, value: T) -> Option<T> {
        self.context.insert(value)
    }

    /// Takes the value of type `T` back.
    pub fn remove<T: Send + 'static>(&mut self) -> Option<T> {
        self.context.remove()
    }

    /// The shared parameter `name` as a `T`; `None` if neither side has set it.
    ///
    /// # Errors
    ///
    /// When its value is not a `T`: the other side may set what it likes.
    pub fn parameter<'a, T: Decode<'a>>(&'a self, name: &str) -> Option<Result<T, DecodeError>> {
        self.raw_parameter(name).map(|value| T::decode(&mut Reader::new(value)))
    }

    /// The names of all shared parameters, in the order in which they were first set.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(|(name, _)| &**name)
    }

    /// Whether what has a rate may come once more; then it has.
    pub(super) fn pace(&mut self, now: Time, what: Paced, rate: Option<Rate>) -> Result<(), Rejection> {
        match rate {
            // The server to which this node went says what it likes.
            Some(rate) if !self.is_server() => {
                let is_in_time =
                    self.paces.get_or_insert_default().entry(what).or_default().take(now, rate, 1);
                if is_in_time { Ok(()) } else { Err(Rejection::Rate { rate }) }
            }
            _ => Ok(()),
        }
    }

    pub(super) fn raw_parameter(&self, name: &str) -> Option<&[u8]> {
        self.parameters.iter().find(|(known, _)| &**known == name).map(|(_, value)| &**value)
    }

    pub(super) fn set_raw_parameter(&mut self, name: &str, value: &[u8]) {
        match self.parameters.iter_mut().find(|(known, _)| &**known == name) {
            Some((_, kept)) => *kept = value.into(),
            None => {
                // Most have one or two, and no room for more.
                self.parameters.reserve_exact(1);
                self.parameters.push((name.into(), value.into()));
            }
        }
    }
}

/// What may have a rate of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Paced {
    /// A field of a contract, of whichever object.
    Field {
        type_number: u16,
        place: (u8, u8),
    },
    Message(MessageId),
}

/// The connections of a node.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    table: SecondaryMap<ConnectionId, Connection>,
    /// Those to which this node has given a repository.
    owners: HashMap<Repository, ConnectionId>,
    /// Those that this node has made, in order.
    dialed: Vec<ConnectionId>,
    /// Those that have come to this node and are servers to it by their endpoint, in order.
    servers: Vec<ConnectionId>,
    /// Those that are still to be shown something.
    pub(super) partly: Partly,
}

impl Connections {
    /// Adds one. The authority of a server that was dialed is the first from `first_server` on that no other has.
    pub(super) fn insert(&mut self, mut connection: Connection, first_server: Authority) {
        if connection.is_server() {
            let is_taken = |number: &u32| self.dialed().any(|known| known.authority.0 == *number);
            let mut numbers = first_server.0..;
            connection.authority =
                numbers.find(|number| !is_taken(number)).map(Authority).expect("there are fewer connections");
            self.dialed.push(connection.id);
        } else if connection.role == Role::SERVER {
            self.servers.push(connection.id);
        }
        self.table.insert(connection.id, connection);
    }

    pub(super) fn remove(&mut self, id: ConnectionId) -> Option<Connection> {
        let connection = self.table.remove(id)?;
        self.dialed.retain(|server| *server != id);
        if let Some(repository) = connection.repository
            && self.owner(repository) == Some(id)
        {
            self.owners.remove(&repository);
        }
        self.servers.retain(|server| *server != id);
        Some(connection)
    }

    /// Those that this node has made, in order.
    pub(super) fn dialed(&self) -> impl Iterator<Item = &Connection> {
        self.dialed.iter().filter_map(|id| self.table.get(*id))
    }

    pub(super) fn give_repository(&mut self, id: ConnectionId, repository: Repository) {
        if let Some(connection) = self.table.get_mut(id) {
            connection.repository = Some(repository);
            self.owners.insert(repository, id);
        }
    }

    pub(super) fn owner(&self, repository: Repository) -> Option<ConnectionId> {
        self.owners.get(&repository).copied()
    }

    /// The connection to which this node has given a repository.
    pub(super) fn owning(&self, repository: Repository) -> Option<&Connection> {
        self.get(self.owner(repository)?)
    }

    /// The connections that have come to this node and are servers to it.
    pub(super) fn servers(&self) -> impl Iterator<Item = &Connection> {
        self.servers.iter().filter_map(|id| self.get(*id))
    }

    pub(super) fn get(&self, id: ConnectionId) -> Option<&Connection> {
        self.table.get(id)
    }

    pub(super) fn get_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.table.get_mut(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Connection> {
        self.table.values()
    }
}

/// At most one value of each type.
#[derive(Debug, Default)]
pub(crate) struct TypeMap {
    /// Few, so a list.
    values: Vec<(TypeId, Box<dyn Any + Send>)>,
}

impl TypeMap {
    fn place<T: 'static>(&self) -> Option<usize> {
        self.values.iter().position(|(known, _)| *known == TypeId::of::<T>())
    }

    pub(super) fn get<T: Send + 'static>(&self) -> Option<&T> {
        self.values[self.place::<T>()?].1.downcast_ref()
    }

    pub(super) fn get_mut<T: Send + 'static>(&mut self) -> Option<&mut T> {
        let place = self.place::<T>()?;
        self.values[place].1.downcast_mut()
    }

    pub(crate) fn insert<T: Send + 'static>(&mut self, value: T) -> Option<T> {
        let before = self.remove();
        self.values.push((TypeId::of::<T>(), Box::new(value)));
        before
    }

    fn remove<T: Send + 'static>(&mut self) -> Option<T> {
        let place = self.place::<T>()?;
        self.values.remove(place).1.downcast().ok().map(|value| *value)
    }

    /// The value of type `T`, which the application promised to give.
    #[track_caller]
    pub(super) fn expect<T: Send + 'static>(&self) -> &T {
        self.get().unwrap_or_else(|| missing::<T>())
    }

    /// The same, to change.
    #[track_caller]
    pub(super) fn expect_mut<T: Send + 'static>(&mut self) -> &mut T {
        self.get_mut().unwrap_or_else(|| missing::<T>())
    }
}

#[track_caller]
fn missing<T>() -> ! {
    panic!(
        "this node has no application state of type `{0}`: build it `.with({0} {{ .. }})`",
        type_name::<T>()
    )
}
