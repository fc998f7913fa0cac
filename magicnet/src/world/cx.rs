//! Contexts: what a handler may do, and nothing else.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::connection::Connection;
use super::contract::{
    ClientSide, Contract, ErasedState, ServerSide, Side, StateSide, Symmetric, WithAuthority,
};
use super::id::{Object, ObjectId, Repository};
use super::node_cx::NodeCx;
use super::route::{Filter, To};
use super::scene::{Effect, Scene};
use super::sending::{Sending, Sink};
use super::store::Origin;
use super::stub::{CallSink, Stub, Target, permission};
use crate::line::{ConnectionId, Disconnect, ZoneId};
use crate::schema::Message;
use crate::time::Time;
use crate::wire::ArgumentsWriter;

/// The context of a handler of one side's view: the object, its state, and the ways out.
///
/// A contract's module names it for each role, as `ServerCx<'_, Self>` and `ClientCx<'_, Self>`. What a handler sends
/// takes effect when the handler has passed; [`reject`](Self::reject) and a panic undo it, and the changes of state
/// with it. A context never leaves its handler.
pub struct Cx<'a, R: Side, V> {
    scene: &'a mut (dyn Scene + 'a),
    state: &'a mut StateOf<R>,
    view: PhantomData<fn(V)>,
    /// A context never leaves its handler: it is neither `Send` nor `Sync`.
    bound: PhantomData<*const ()>,
}

type StateOf<R> = <<R as Side>::Contract as Contract>::State;

impl<'a, R: Side, V> Cx<'a, R, V> {
    pub(crate) fn new(scene: &'a mut (dyn Scene + 'a), state: &'a mut StateOf<R>) -> Self {
        Self { scene, state, view: PhantomData, bound: PhantomData }
    }

    /// The object.
    pub fn object(&self) -> Object<R::Contract> {
        Object::new(self.id())
    }

    /// The object's name.
    pub fn id(&self) -> ObjectId {
        self.scene.object().id
    }

    /// The zone that the object is in.
    pub fn zone(&self) -> ZoneId {
        self.scene.object().zone
    }

    /// Whom the object belongs to.
    pub fn owned_by(&self) -> Repository {
        self.scene.object().owner
    }

    /// The replicated state.
    pub fn state(&self) -> &StateOf<R> {
        self.state
    }

    /// The connection that made this call; `None` if this node did.
    pub fn sender(&self) -> Option<&Connection> {
        self.scene.connection(self.scene.sender()?)
    }

    /// The same, to keep something with it. What is kept stays when the handler is rolled back.
    pub fn sender_mut(&mut self) -> Option<&mut Connection> {
        let sender = self.scene.sender()?;
        self.scene.connection_mut(sender)
    }

    /// Any connection of this node.
    pub fn connection(&self, connection: ConnectionId) -> Option<&Connection> {
        self.scene.connection(connection)
    }

    /// The application's state of type `A`, which the node was built [`with`](crate::NodeBuilder::with).
    ///
    /// # Panics
    ///
    /// If the node was built without one.
    #[track_caller]
    pub fn app<A: Send + 'static>(&self) -> &A {
        self.scene.app().expect()
    }

    /// The same, to change. What is changed stays when the handler is rolled back.
    ///
    /// # Panics
    ///
    /// If the node was built without one.
    #[track_caller]
    pub fn app_mut<A: Send + 'static>(&mut self) -> &mut A {
        self.scene.app_mut().expect_mut()
    }

    /// The time.
    pub fn now(&self) -> Time {
        self.scene.now()
    }

    /// Refuses the call: its changes of state and what it sent are undone, and an event says why.
    pub fn reject(&mut self, why: impl Into<Cow<'static, str>>) {
        self.scene.reject(why.into());
    }

    /// Sends a message to one connection.
    pub fn send<M: Message>(&self, connection: ConnectionId, message: M) {
        self.scene.send_message(To::One(connection), M::MESSAGE, &mut |w| message.encode(w));
    }

    /// Sends a message to all handshaken connections to which this node may send it.
    pub fn send_to_all<M: Message>(&self, message: M) {
        self.scene.send_message(To::All, M::MESSAGE, &mut |w| message.encode(w));
    }

    /// Chooses who receives a message: `cx.to(ADMIN).send(..)`. See [`Filter`].
    pub fn to<F: Filter>(&self, filter: F) -> Sending<'_, F> {
        Sending::new(Sink::Handler(&*self.scene), filter)
    }

    /// Ends a connection when the handler has passed.
    pub fn disconnect(&self, connection: ConnectionId, why: Disconnect) {
        self.scene.effect(Effect::Disconnect(connection, why));
    }

    /// Does something with the whole node when the handler has passed: other objects, creations, zones.
    pub fn defer(&self, act: impl FnOnce(&mut NodeCx<'_>) + Send + 'static) {
        self.scene.effect(Effect::Defer(Box::new(act)));
    }

    /// The inside of stubs.
    fn stub(&self, target: Target) -> Stub<'_> {
        Stub::new(self.sink(), Some(&*self.state as &dyn ErasedState), target)
    }

    fn sink(&self) -> &dyn CallSink {
        &*self.scene
    }

    /// Keeps a call that came, for generated code: `persist = ram`.
    #[doc(hidden)]
    pub fn keep_in_dispatch(
        &self,
        place: (u8, u8),
        count: usize,
        write: impl Fn(&mut ArgumentsWriter<'_, '_>),
    ) {
        self.scene.keep(place, &mut |w| write(&mut ArgumentsWriter::open(w, count)));
    }

    /// The state, for generated code that keeps what came.
    #[doc(hidden)]
    pub fn state_in_dispatch(&mut self) -> &mut StateOf<R> {
        self.state
    }
}

/// What the server's view may.
impl<R: Side, V> Cx<'_, R, V> {
    /// The replicated state, to change: what differs at the handler's end goes to all who may see it.
    pub fn state_mut(&mut self) -> &mut StateOf<R>
    where
        R: StateSide,
    {
        self.scene.touch_state();
        self.state
    }

    /// Calls to every client that sees the object.
    pub fn clients(&self) -> <R::Contract as Contract>::ToClients<'_, permission::ToViewers>
    where
        R: ServerSide,
    {
        R::Contract::to_clients(self.stub(Target::Viewers))
    }

    /// Calls to one client.
    pub fn client(
        &self,
        connection: ConnectionId,
    ) -> <R::Contract as Contract>::ToClients<'_, permission::ToOne>
    where
        R: ServerSide,
    {
        R::Contract::to_clients(self.stub(Target::Connection(connection)))
    }

    /// Calls to the client that owns the object. If its owner is no connection of this node, they go nowhere.
    pub fn owner(&self) -> <R::Contract as Contract>::ToClients<'_, permission::ToOwner>
    where
        R: ServerSide,
    {
        R::Contract::to_clients(self.stub(Target::Owner))
    }

    /// Puts the object into another zone when the handler has passed: clients that lose sight of it see its end,
    /// clients that gain sight of it see it appear. Until then [`zone`](Self::zone) is the old one.
    pub fn set_zone(&self, zone: impl Into<ZoneId>)
    where
        R: ServerSide,
    {
        self.scene.effect(Effect::Move(self.id(), zone.into()));
    }

    /// Ends the object when the handler has passed.
    pub fn destroy(&self)
    where
        R: ServerSide,
    {
        self.scene.effect(Effect::Destroy(self.id()));
    }
}

/// What a client's view may.
impl<R: Side, V> Cx<'_, R, V> {
    /// Calls to the server's view. From a view of `Both` on the server itself they go nowhere, with a
    /// [`Warning`](crate::Warning): a view does not call itself.
    pub fn server(&self) -> <R::Contract as Contract>::ToServer<'_, permission::Anyone>
    where
        R: ClientSide,
    {
        R::Contract::to_server(self.stub(Target::Server))
    }

    /// The owner's capability, if this node owns the object: calls that are declared `from = owner` need it.
    pub fn owned(&self) -> Option<Owned<'_, R::Contract>>
    where
        R: ClientSide,
    {
        self.scene.object().is_mine.then(|| Owned { stub: self.stub(Target::Server), contract: PhantomData })
    }
}

/// What a view may that is the same on every node.
impl<R: Side, V> Cx<'_, R, V> {
    /// Calls to the other side, whichever it is: on the server to every client that sees the object, on a client to
    /// the server. Only calls that anyone may make and every viewer receives can go both ways.
    pub fn peers(&self) -> <R::Contract as Contract>::ToServer<'_, permission::ToPeers>
    where
        R::Contract: Symmetric,
    {
        R::Contract::to_server(self.stub(Target::Peers))
    }

    /// What the server may, if this node has authority over the object: to change its state, to call some of its
    /// clients, to move and to end it.
    pub fn authority(&mut self) -> Option<Cx<'_, WithAuthority<R>, V>>
    where
        R::Contract: Symmetric,
    {
        let has_authority = self.scene.object().origin == Origin::Here;
        has_authority.then(|| Cx::new(&mut *self.scene, &mut *self.state))
    }
}

impl<R: Side, V> std::fmt::Debug for Cx<'_, R, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cx").field("object", &self.id()).finish_non_exhaustive()
    }
}

/// An object that this node owns: what its owner may do.
#[derive(Debug)]
pub struct Owned<'a, C> {
    stub: Stub<'a>,
    contract: PhantomData<fn() -> C>,
}

impl<'a, C: Contract> Owned<'a, C> {
    pub(crate) fn new(stub: Stub<'a>) -> Self {
        Self { stub, contract: PhantomData }
    }

    /// Calls to the server's view, those of the owner's included.
    pub fn server(&self) -> C::ToServer<'a, permission::Owner> {
        C::to_server(self.stub)
    }
}

/// The context of a message handler.
///
/// What a handler sends takes effect when it has passed; a returned [`Disconnect`] or a panic undoes it.
pub struct MessageCx<'a> {
    scene: &'a mut (dyn Scene + 'a),
    sender: ConnectionId,
}

impl<'a> MessageCx<'a> {
    pub(crate) fn new(scene: &'a mut (dyn Scene + 'a), sender: ConnectionId) -> Self {
        Self { scene, sender }
    }

    /// The connection that the message came from.
    pub fn sender(&self) -> &Connection {
        self.scene
            .connection(self.sender)
            .expect("the sender stays in the table while its message is handled")
    }

    /// The same, to keep something with it. What is kept stays when the handler is rolled back.
    pub fn sender_mut(&mut self) -> &mut Connection {
        self.scene
            .connection_mut(self.sender)
            .expect("the sender stays in the table while its message is handled")
    }

    /// Any connection of this node.
    pub fn connection(&self, connection: ConnectionId) -> Option<&Connection> {
        self.scene.connection(connection)
    }

    /// The application's state of type `A`, which the node was built [`with`](crate::NodeBuilder::with).
    ///
    /// # Panics
    ///
    /// If the node was built without one.
    #[track_caller]
    pub fn app<A: Send + 'static>(&self) -> &A {
        self.scene.app().expect()
    }

    /// The same, to change. What is changed stays when the handler is rolled back.
    ///
    /// # Panics
    ///
    /// If the node was built without one.
    #[track_caller]
    pub fn app_mut<A: Send + 'static>(&mut self) -> &mut A {
        self.scene.app_mut().expect_mut()
    }

    /// The time.
    pub fn now(&self) -> Time {
        self.scene.now()
    }

    /// Answers the sender.
    pub fn reply<M: Message>(&self, message: M) {
        self.send(self.sender, message);
    }

    /// Sends a message to one connection.
    pub fn send<M: Message>(&self, connection: ConnectionId, message: M) {
        self.post(To::One(connection), message);
    }

    /// Sends a message to all handshaken connections to which this node may send it.
    pub fn to_all<M: Message>(&self, message: M) {
        self.post(To::All, message);
    }

    /// The same, but for the sender's.
    pub fn to_all_except_sender<M: Message>(&self, message: M) {
        self.post(To::AllBut(self.sender), message);
    }

    /// Chooses who receives a message: `cx.to(ADMIN).send(..)`. See [`Filter`].
    pub fn to<F: Filter>(&self, filter: F) -> Sending<'_, F> {
        Sending::new(Sink::Handler(&*self.scene), filter)
    }

    /// Lets the sender in when the handler has passed, if it [waits](Connection::is_waiting) for that: for a message
    /// that says `before_handshake`, such as a login. To refuse it, return a [`Disconnect`].
    pub fn admit(&self) {
        self.scene.effect(Effect::Admit(self.sender));
    }

    /// Ends a connection when the handler has passed. To end the sender's, return the [`Disconnect`].
    pub fn disconnect(&self, connection: ConnectionId, why: Disconnect) {
        self.scene.effect(Effect::Disconnect(connection, why));
    }

    /// Does something with the whole node when the handler has passed: objects, creations, zones.
    pub fn defer(&self, act: impl FnOnce(&mut NodeCx<'_>) + Send + 'static) {
        self.scene.effect(Effect::Defer(Box::new(act)));
    }

    fn post<M: Message>(&self, to: To<'_>, message: M) {
        self.scene.send_message(to, M::MESSAGE, &mut |w| message.encode(w));
    }
}

impl std::fmt::Debug for MessageCx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageCx").field("sender", &self.sender).finish_non_exhaustive()
    }
}
