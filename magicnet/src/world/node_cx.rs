//! The node from outside of all handlers: for `node.run(..)`, event handlers and deferred work.

use std::any::TypeId;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::marker::PhantomData;

use super::World;
use super::connection::{Connection, Connections};
use super::contract::{Contract, Dispatch, ErasedState, Symmetric, TypedSlot, View};
use super::create::{Create, CreateError, CreationSpec, Done};
use super::cx::{Cx, Owned};
use super::event::{AnyEvent, Event, Rejection};
use super::id::{Object, ObjectId, Repository};
use super::interest::Shown;
use super::listeners::Subscription;
use super::post::{is_kept, keep, post_call, post_message};
use super::route::{Filter, Routes, To};
use super::scene::Effect;
use super::send;
use super::sending::{Sending, Sink};
use super::store::{ObjectEntry, ObjectHeader, Origin, Snapshot, Undo};
use super::stub::{CallSink, Stub, Target, permission};
use crate::line::{ConnectionId, Disconnect, Turn, ZoneId};
use crate::schema::{Message, ObjectDescriptor, Role};
use crate::time::Time;
use crate::wire::{NetworkType, ProtocolMessage, Writer};

/// A node, while nothing else of it runs: objects, connections, messages.
///
/// [`NodeHandle::run`](crate::NodeHandle::run), event handlers and `cx.defer(..)` hand it out. What is sent leaves
/// when the closure has returned.
#[derive(Debug)]
pub struct NodeCx<'a> {
    world: &'a mut World,
    turn: &'a mut Turn,
}

impl<'a> NodeCx<'a> {
    pub(super) fn new(world: &'a mut World, turn: &'a mut Turn) -> Self {
        Self { world, turn }
    }

    /// The time.
    pub fn now(&self) -> Time {
        self.world.desk.now
    }

    /// What this node is to its peers where its endpoints do not say otherwise. What it is to one of them, the
    /// connection knows ([`own_role`](Connection::own_role)).
    pub fn role(&self) -> Role {
        let usual = if self.has_authority() { Role::SERVER } else { Role::CLIENT };
        self.world.role.unwrap_or(usual)
    }

    /// Whether this node makes objects itself instead of asking a server.
    pub fn has_authority(&self) -> bool {
        self.world.authority.is_some()
    }

    /// The application's state of type `A`, which the node was built [`with`](crate::NodeBuilder::with).
    ///
    /// # Panics
    ///
    /// If the node was built without one.
    #[track_caller]
    pub fn app<A: Send + 'static>(&self) -> &A {
        self.world.desk.app.expect()
    }

    /// The same, to change.
    ///
    /// # Panics
    ///
    /// If the node was built without one.
    #[track_caller]
    pub fn app_mut<A: Send + 'static>(&mut self) -> &mut A {
        self.world.desk.app.expect_mut()
    }

    /// All connections, handshaken or not.
    pub fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.world.desk.connections.iter()
    }

    /// One connection.
    pub fn connection(&self, connection: ConnectionId) -> Option<&Connection> {
        self.world.desk.connections.get(connection)
    }

    /// One connection, to keep something with it.
    pub fn connection_mut(&mut self, connection: ConnectionId) -> Option<&mut Connection> {
        self.world.desk.connections.get_mut(connection)
    }

    /// The connection to the server, if this node has shaken hands with one. Of several it is the one that was dialed
    /// first.
    pub fn server(&self) -> Option<ConnectionId> {
        self.servers().next()
    }

    /// The connections to all servers that this node has shaken hands with, in the order in which they were dialed.
    pub fn servers(&self) -> impl Iterator<Item = ConnectionId> {
        self.world.servers().map(|(connection, _)| connection.id())
    }

    /// The connection to the server that shows an object; none for this node's own objects, and for those that are not
    /// there.
    pub fn server_of(&self, object: ObjectId) -> Option<ConnectionId> {
        match self.world.objects.get(object)?.header.origin {
            Origin::Here => None,
            Origin::Peer(connection) => Some(connection),
        }
    }

    /// What is asked of one of several servers: zones, visible objects, creations.
    pub fn at(&mut self, server: ConnectionId) -> ServerRef<'_> {
        ServerRef { world: self.world, turn: self.turn, server }
    }

    /// Sends a message to one connection.
    pub fn send<M: Message>(&mut self, connection: ConnectionId, message: M) {
        self.post(To::One(connection), &message);
    }

    /// Sends a message to all handshaken connections to which this node may send it: all clients of a server, the
    /// server of a client.
    pub fn send_to_all<M: Message>(&mut self, message: M) {
        self.post(To::All, &message);
    }

    /// Chooses who receives a message: `n.to(ADMIN).send(..)`. See [`Filter`].
    pub fn to<F: Filter>(&mut self, filter: F) -> Sending<'_, F> {
        Sending::new(Sink::Node(self.world, self.turn), filter)
    }

    fn post<M: Message>(&mut self, to: To<'_>, message: &M) {
        let desk = &mut self.world.desk;
        let write = &mut |w: &mut Writer<'_>| message.encode(w);
        let sent = post_message(self.turn, &desk.connections, &desk.routes, to, M::MESSAGE, write);
        if let Err(event) = sent {
            desk.event(event);
        }
    }

    /// Ends a connection, with a reason.
    pub fn disconnect(&mut self, connection: ConnectionId, why: Disconnect) {
        self.turn.close(connection, why.reason, &why.detail);
    }

    /// Lets a client in that [waits](Connection::is_waiting) for that; says whether it did. Who is not to be let in is
    /// [disconnected](Self::disconnect).
    pub fn admit(&mut self, connection: ConnectionId) -> bool {
        self.world.admit(self.turn, connection)
    }

    /// Ends all connections with SHUTDOWN, accepts no more, and then ends the node.
    ///
    /// Those who listen to [`BeforeShutdown`](crate::BeforeShutdown) are told first, and what is sent until then still
    /// goes out. Asking again changes nothing.
    pub fn shutdown(&mut self) {
        self.world.ask_for_shutdown(None);
    }

    /// The same with a reason, which every peer is told: its [`Disconnected`](crate::Disconnected) has it.
    pub fn shutdown_with(&mut self, why: Disconnect) {
        self.world.ask_for_shutdown(Some(why));
    }

    /// Listens to events of one type, from the next one on, until [`off`](Self::off): what
    /// [`NodeBuilder::on`](crate::NodeBuilder::on) does before the node is built.
    pub fn on<E: Event + Clone>(
        &mut self,
        handler: impl FnMut(&mut NodeCx<'_>, E) + Send + 'static,
    ) -> Subscription {
        self.world.listeners.add(handler)
    }

    /// Listens to events of all types.
    pub fn on_any(
        &mut self,
        handler: impl FnMut(&mut NodeCx<'_>, &AnyEvent) + Send + 'static,
    ) -> Subscription {
        self.world.listeners.add_any(handler)
    }

    /// Ends a subscription: its handler is not called any more, even if it was about to hear of the event that is
    /// being told. One that has ended already is no error.
    pub fn off(&mut self, subscription: Subscription) {
        self.world.listeners.remove(subscription);
    }

    /// Inside of an event handler: ends its own subscription. Elsewhere it does nothing.
    ///
    /// ```
    /// # use magicnet::{Connected, Node};
    /// let server = Node::server().on(|cx, event: Connected| {
    ///     println!("{} is the first", event.connection);
    ///     cx.off_self();
    /// });
    /// ```
    pub fn off_self(&mut self) {
        self.world.listeners.remove_current();
    }

    /// Sets a shared parameter on both sides of a connection. Names have at most 16 characters, and values fit into
    /// a frame; what does not is not set, and a [`Warning`](crate::Warning) says so.
    pub fn set_parameter<T: NetworkType>(&mut self, connection: ConnectionId, name: &str, value: &T) {
        self.world.share(self.turn, connection, name, |w| value.encode(w));
    }

    /// Asks [the server](Self::server) to let this node see exactly these zones. What is in them comes by itself from
    /// servers that [show zones](crate::Interest), each zone closed by a [`ZoneComplete`](crate::ZoneComplete); from
    /// others when it is
    /// [requested](Self::request_visible_objects).
    pub fn set_zones(&mut self, zones: impl IntoIterator<Item = impl Into<ZoneId>>) {
        if let Some(server) = self.server() {
            self.at(server).set_zones(zones);
        }
    }

    pub(crate) fn see_zones(&mut self, zones: Vec<ZoneId>, shown: Shown) {
        self.world.see_zones(self.turn, zones, shown);
    }

    /// On a server: lets a connection see exactly these zones, tells it by the parameter `vz`, and shows it what is in
    /// them if that is [automatic](crate::Interest) for it. If it sees exactly these, nothing happens. More of them
    /// than fit into a frame (13,000 at worst) are not granted, and a [`Warning`](crate::Warning) says so.
    pub fn grant_zones(
        &mut self,
        connection: ConnectionId,
        zones: impl IntoIterator<Item = impl Into<ZoneId>>,
    ) {
        let zones = zones.into_iter().map(Into::into).collect();
        self.world.grant(self.turn, connection, zones);
    }

    /// Asks [the server](Self::server) for all objects that this node may see.
    pub fn request_visible_objects(&mut self) {
        if let Some(server) = self.server() {
            self.at(server).request_visible_objects();
        }
    }

    /// A new object of the contract `C`.
    pub fn create<C: Contract>(&mut self) -> Create<&mut Self, C> {
        Create::new(self)
    }

    pub(crate) fn create_object(
        &mut self,
        contract: &'static ObjectDescriptor,
        spec: CreationSpec,
        done: Option<Done>,
    ) -> Result<ObjectId, CreateError> {
        self.world.create_object(self.turn, contract, spec, None, done)
    }

    /// Ends an object: at once with authority, else by asking the server, which grants it to the owner.
    pub fn destroy<C>(&mut self, object: Object<C>) {
        match self.world.objects.get(object.id()).map(|entry| entry.header.origin) {
            None => {}
            Some(Origin::Here) => self.world.destroy_here(self.turn, object.id()),
            Some(Origin::Peer(connection)) => {
                let object = object.id().to_u64();
                send(self.turn, connection, &ProtocolMessage::RequestDeleteObject { object });
            }
        }
    }

    /// Whether the object is there and complete.
    pub fn contains<C>(&self, object: Object<C>) -> bool {
        self.world.objects.get(object.id()).is_some_and(|entry| entry.is_complete)
    }

    /// The object of that name, if it is there, complete, and of the contract `C`: for names that a peer has sent as
    /// [numbers](ObjectId::from_u64), which may be of anything.
    ///
    /// That it is there does not say that whoever sent its name sees it, or may do something with it.
    pub fn find<C: Contract>(&self, name: ObjectId) -> Option<Object<C>> {
        self.world.objects.get(name).and_then(complete_of)
    }

    /// All complete objects of the contract `C`, by zone and then by name.
    pub fn objects<C: Contract>(&self) -> Vec<Object<C>> {
        self.world.objects.iter().filter_map(complete_of).collect()
    }

    /// How many objects there are, of all contracts.
    pub fn object_count(&self) -> usize {
        self.world.objects.len()
    }

    /// Stubs for an object, to call its server's view or its clients.
    pub fn object<C: Contract>(&mut self, object: Object<C>) -> ObjectRef<'_, C> {
        let World { objects, desk, .. } = &mut *self.world;
        let (header, snapshot) = match objects.get_mut(object.id()) {
            Some(entry) => (Some(&entry.header), Some(&mut entry.snapshot)),
            None => (None, None),
        };
        let output = Outside { turn: &mut *self.turn, effects: &mut desk.effects, snapshot };
        ObjectRef {
            sink: OutsideSink {
                header,
                connections: &desk.connections,
                routes: &desk.routes,
                output: RefCell::new(output),
            },
            contract: PhantomData,
        }
    }

    /// The replicated state of an object.
    pub fn state<C: Contract>(&self, object: Object<C>) -> Option<&C::State> {
        self.world.objects.get(object.id())?.slot.0.state_any().downcast_ref()
    }

    /// The zone that an object is in.
    pub fn zone_of<C>(&self, object: Object<C>) -> Option<ZoneId> {
        self.world.objects.get(object.id()).map(|entry| entry.header.zone)
    }

    /// On the node with authority: puts an object into another zone. Clients that lose sight of it see its end, clients
    /// that gain sight of it see it appear; for those who see both zones it stays, and [`zone_of`](Self::zone_of)
    /// changes where [interest is automatic](crate::Interest).
    pub fn set_zone<C>(&mut self, object: Object<C>, zone: impl Into<ZoneId>) {
        self.world.move_here(self.turn, object.id(), zone.into());
    }

    /// Whom an object belongs to.
    pub fn owner_of<C>(&self, object: Object<C>) -> Option<Repository> {
        self.world.objects.get(object.id()).map(|entry| entry.header.owner)
    }

    /// This node's view of an object, to look at or to change what is private to it.
    pub fn view<V: View>(&mut self, object: ObjectId) -> Option<&mut V> {
        self.world.objects.get_mut(object)?.slot.0.view().downcast_mut()
    }

    /// The names of all complete objects that this node sees by views of type `V`, by zone and then by name.
    pub fn views<V: View>(&self) -> Vec<ObjectId> {
        let is_view =
            |entry: &&ObjectEntry| entry.is_complete && entry.slot.0.view_type() == TypeId::of::<V>();
        self.world.objects.iter().filter(is_view).map(|entry| entry.header.id).collect()
    }

    /// Runs `act` as a handler of an object: with its view and its context, kept whole or undone.
    ///
    /// The types of the closure's arguments say which view is meant:
    /// `n.with(object, |door: &mut Door, cx: &mut door::ServerCx<'_, Door>| cx.state_mut().open = true)`.
    ///
    /// # Errors
    ///
    /// When there is no such object or its view is no `V`, and when the handler rejected or panicked.
    pub fn with<R: Dispatch<V>, V: Send + 'static, T>(
        &mut self,
        object: Object<R::Contract>,
        act: impl FnOnce(&mut V, &mut Cx<'_, R, V>) -> T,
    ) -> Result<T, Rejection> {
        let World { objects, desk, .. } = &mut *self.world;
        let entry = objects.get_mut(object.id()).ok_or(Rejection::UnknownObject)?;
        if !entry.slot.0.slot().is::<TypedSlot<R, V>>() {
            return Err(Rejection::Unhandled);
        }
        let mut outcome = None;
        desk.run(self.turn, entry, None, true, |slot, scene| {
            let slot = slot.slot().downcast_mut::<TypedSlot<R, V>>().expect("its type was asked for above");
            let (view, mut cx) = slot.enter(scene);
            outcome = Some(act(view, &mut cx));
            Ok(())
        })?;
        Ok(outcome.expect("a run that passed has run the closure"))
    }
}

/// One of the servers that a node is connected to: what is asked of it. [`NodeCx::at`] hands it out.
///
/// A connection that is no handshaken one to a server is asked nothing.
#[derive(Debug)]
pub struct ServerRef<'a> {
    world: &'a mut World,
    turn: &'a mut Turn,
    server: ConnectionId,
}

impl<'a> ServerRef<'a> {
    /// Asks to see exactly these zones. What is in them comes when it is
    /// [requested](Self::request_visible_objects).
    pub fn set_zones(&mut self, zones: impl IntoIterator<Item = impl Into<ZoneId>>) {
        if self.is_there() {
            let zones = zones.into_iter().map(Into::into).collect();
            self.world.ask_for_zones(self.turn, self.server, zones);
        }
    }

    /// Asks for all objects that this node may see.
    pub fn request_visible_objects(&mut self) {
        if self.is_there() {
            send(self.turn, self.server, &ProtocolMessage::RequestVisibleObjects);
        }
    }

    /// A new object of the contract `C` there, whatever this node's own authority is.
    pub fn create<C: Contract>(self) -> Create<Self, C> {
        Create::new(self)
    }

    pub(super) fn create_object(
        self,
        contract: &'static ObjectDescriptor,
        spec: CreationSpec,
    ) -> Result<ObjectId, CreateError> {
        self.world.create_object(self.turn, contract, spec, Some(self.server), None)
    }

    fn is_there(&self) -> bool {
        self.world.server(Some(self.server)).is_some()
    }
}

/// An object from outside of its handlers.
#[derive(Debug)]
pub struct ObjectRef<'a, C> {
    sink: OutsideSink<'a>,
    contract: PhantomData<fn() -> C>,
}

impl<C: Contract> ObjectRef<'_, C> {
    /// Calls to the server's view. On the server itself they run when the closure that made them has returned.
    pub fn server(&self) -> C::ToServer<'_, permission::Anyone> {
        C::to_server(self.stub(Target::Server))
    }

    /// The owner's capability, if this node owns the object.
    pub fn owned(&self) -> Option<Owned<'_, C>> {
        let is_mine = self.sink.header.is_some_and(|header| header.is_mine);
        is_mine.then(|| Owned::new(self.stub(Target::Server)))
    }

    /// Calls to every client that sees the object; a node without authority reaches nobody.
    pub fn clients(&self) -> C::ToClients<'_, permission::ToViewers> {
        C::to_clients(self.stub(Target::Viewers))
    }

    /// Calls to one client.
    pub fn client(&self, connection: ConnectionId) -> C::ToClients<'_, permission::ToOne> {
        C::to_clients(self.stub(Target::Connection(connection)))
    }

    /// Calls to the client that owns the object.
    pub fn owner(&self) -> C::ToClients<'_, permission::ToOwner> {
        C::to_clients(self.stub(Target::Owner))
    }

    /// Calls to the other side, whichever it is: on the node with authority to every client that sees the object,
    /// elsewhere to the server.
    pub fn peers(&self) -> C::ToServer<'_, permission::ToPeers>
    where
        C: Symmetric,
    {
        C::to_server(self.stub(Target::Peers))
    }

    fn stub(&self, target: Target) -> Stub<'_> {
        Stub::new(&self.sink, None, target)
    }
}

#[derive(Debug)]
struct OutsideSink<'a> {
    /// `None` if the object is not there: then calls go nowhere.
    header: Option<&'a ObjectHeader>,
    connections: &'a Connections,
    routes: &'a Routes,
    output: RefCell<Outside<'a>>,
}

/// What calls from outside of handlers are appended to. They are not undone.
#[derive(Debug)]
struct Outside<'a> {
    turn: &'a mut Turn,
    effects: &'a mut VecDeque<Effect>,
    snapshot: Option<&'a mut Snapshot>,
}

impl CallSink for OutsideSink<'_> {
    fn call(
        &self,
        _: Option<&dyn ErasedState>,
        target: Target,
        place: (u8, u8),
        arguments: &mut dyn FnMut(&mut Writer<'_>),
    ) {
        let Some(header) = self.header else { return };
        // A node without authority may call the server; its viewers are the server's to reach.
        if !matches!(target, Target::Server | Target::Peers) && header.origin != Origin::Here {
            return;
        }
        let Outside { turn, effects, snapshot } = &mut *self.output.borrow_mut();
        if is_kept(header, target, place) {
            keep(snapshot.as_deref_mut(), place, &mut Vec::new(), &mut Undo::default(), arguments);
        }
        post_call(turn, effects, (self.connections, self.routes), header, (target, place), arguments);
    }
}

/// An object by its contract, if it is complete and of that one.
fn complete_of<C: Contract>(entry: &ObjectEntry) -> Option<Object<C>> {
    // By name: a constant may have several addresses.
    let is_meant = entry.is_complete && entry.header.contract.name == C::OBJECT.name;
    is_meant.then(|| Object::new(entry.header.id))
}
