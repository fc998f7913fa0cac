//! Creations: what a new object is to be, and what comes of asking for it.

use std::cell::RefCell;
use std::marker::PhantomData;

use super::contract::{Contract, ErasedState};
use super::id::{Object, ObjectId, Repository};
use super::node_cx::{NodeCx, ServerRef};
use super::stub::{CallSink, Stub, Target, permission};
use crate::line::{ConnectionId, ZoneId};
use crate::wire::{EncodeFault, Writer};

/// Why an object was not created.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CreateError {
    /// The contract is not registered on this node.
    #[error("the contract `{0}` is not registered on this node")]
    UnknownContract(&'static str),
    /// This node has no view of the contract.
    #[error("this node has no view of `{0}`")]
    NoView(&'static str),
    /// This node has no authority and no connection to a node that has.
    #[error("not connected to a server")]
    NotConnected,
    /// The request with all its calls is larger than a frame.
    #[error("the creation takes {len} bytes, more than the {max} of one frame")]
    TooLarge {
        /// Its size.
        len: usize,
        /// The size allowed.
        max: usize,
    },
    /// A value of a call, or of the initial state, cannot be sent.
    #[error(transparent)]
    NotSendable(#[from] EncodeFault),
    /// The view could not be built.
    #[error("the view could not be built: {0}")]
    Panicked(String),
    /// The server has not answered in time. v3 has no word for a refusal: this is how one looks.
    #[error("the server did not acknowledge the creation in time")]
    TimedOut,
    /// The connection ended before the server answered.
    #[error("the connection ended before the server acknowledged the creation")]
    Disconnected,
    /// The node is gone.
    #[error("the node has stopped")]
    Stopped,
}

/// Told when a creation is decided.
pub(crate) type Done = Box<dyn FnOnce(Result<ObjectId, CreateError>) + Send>;

/// An object that was asked for and not acknowledged.
pub(crate) struct Pending {
    pub(super) connection: ConnectionId,
    pub(super) done: Option<Done>,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").field("connection", &self.connection).finish_non_exhaustive()
    }
}

/// What a new object is to be.
#[derive(Debug, Default)]
pub(crate) struct CreationSpec {
    pub(crate) zone: ZoneId,
    /// `None`: who creates it.
    pub(crate) owner: Option<Repository>,
    pub(crate) calls: Vec<SpecCall>,
    pub(crate) fault: Option<EncodeFault>,
}

/// A call that a creation carries.
#[derive(Debug)]
pub(crate) struct SpecCall {
    pub(crate) place: (u8, u8),
    pub(crate) arguments: Vec<u8>,
}

/// An object in the making: say what it is to be, then create it.
///
/// `cx.create::<C>()` inside a node ends with [`send`](Create::send); from outside, `node.create::<C>()` on a
/// [`NodeHandle`](crate::NodeHandle) is awaited.
#[derive(Debug)]
#[must_use = "nothing is created until it is sent or awaited"]
pub struct Create<T, C> {
    pub(crate) to: T,
    pub(crate) spec: CreationSpec,
    pub(crate) contract: PhantomData<fn() -> C>,
}

impl<T, C: Contract> Create<T, C> {
    pub(crate) fn new(to: T) -> Self {
        Self { to, spec: CreationSpec::default(), contract: PhantomData }
    }

    /// The zone that the object is in; zone 0 if nothing is said.
    pub fn zone(mut self, zone: impl Into<ZoneId>) -> Self {
        self.spec.zone = zone.into();
        self
    }

    /// Whom the object belongs to; who creates it if nothing is said. A client may name nobody else.
    pub fn owner(mut self, owner: Repository) -> Self {
        self.spec.owner = Some(owner);
        self
    }

    /// What the state begins with, where the contract leaves that to the creator: a method of the stub for each
    /// property that is declared `init = creator`.
    ///
    /// `node.create::<token::Contract>().init(|token| token.colour(Colour::Red))`. It is done in the order in which it
    /// is said, among the [calls](Self::call).
    pub fn init<R>(mut self, init: impl FnOnce(C::Init<'_>) -> R) -> Self {
        let carried = Carried(RefCell::new(&mut self.spec));
        init(C::init(Stub::new(&carried, None, Target::Server)));
        self
    }

    /// A call that is made before the object is complete, by its owner.
    pub fn call<R>(mut self, call: impl FnOnce(C::ToServer<'_, permission::Owner>) -> R) -> Self {
        let carried = Carried(RefCell::new(&mut self.spec));
        call(C::to_server(Stub::new(&carried, None, Target::Server)));
        self
    }
}

impl<C: Contract> Create<&mut NodeCx<'_>, C> {
    /// Creates the object where this node has authority; elsewhere asks the server, and the object appears (with
    /// `on_generate`) when it has answered. The name is final either way.
    ///
    /// # Errors
    ///
    /// When the creation cannot be made or asked for; see [`CreateError`].
    pub fn send(self) -> Result<Object<C>, CreateError> {
        self.to.create_object(C::OBJECT, self.spec, None).map(Object::new)
    }
}

impl<C: Contract> Create<ServerRef<'_>, C> {
    /// Asks the server for the object, which appears (with `on_generate`) when it has answered. The name is final.
    ///
    /// # Errors
    ///
    /// When it cannot be asked for; see [`CreateError`].
    pub fn send(self) -> Result<Object<C>, CreateError> {
        self.to.create_object(C::OBJECT, self.spec).map(Object::new)
    }
}

/// Collects the calls of a creation.
struct Carried<'a>(RefCell<&'a mut CreationSpec>);

impl CallSink for Carried<'_> {
    fn call(
        &self,
        _: Option<&dyn ErasedState>,
        _: Target,
        place: (u8, u8),
        arguments: &mut dyn FnMut(&mut Writer<'_>),
    ) {
        let mut spec = self.0.borrow_mut();
        let mut bytes = Vec::new();
        let mut w = Writer::new(&mut bytes);
        arguments(&mut w);
        if let Some(fault) = w.fault() {
            spec.fault.get_or_insert(fault);
        }
        spec.calls.push(SpecCall { place, arguments: bytes });
    }
}
