//! What the macros implement: contracts, their state, their sides, and the views of users.

use std::any::{Any, TypeId};
use std::marker::PhantomData;

use super::connection::Connection;
use super::cx::Cx;
use super::rule::Subject;
use super::scene::Scene;
use super::store::ObjectHeader;
use super::stub::Stub;
use crate::schema::{ObjectDescriptor, Role, Source};
use crate::wire::{Arguments, DecodeError, Writer};

/// A kind of object, as all roles know it. `#[network_object]` on a module makes one, named `Contract`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a contract",
    label = "not a contract",
    note = "a module with `#[network_object]` has its contract as `module::Contract`"
)]
pub trait Contract: Sized + 'static {
    /// The replicated state.
    type State: ObjectState;
    /// The stub with the calls that the server's view answers; `P` is what the caller may.
    type ToServer<'a, P>;
    /// The stub with the calls that client views answer; `P` is who receives them.
    type ToClients<'a, P>;
    /// What a creator may say of the state: the properties that are declared `init = creator`.
    type Init<'a>;

    /// The tables.
    const OBJECT: &'static ObjectDescriptor;

    #[doc(hidden)]
    fn to_server<P>(stub: Stub<'_>) -> Self::ToServer<'_, P>;
    #[doc(hidden)]
    fn to_clients<P>(stub: Stub<'_>) -> Self::ToClients<'_, P>;
    #[doc(hidden)]
    fn init(stub: Stub<'_>) -> Self::Init<'_>;

    /// Whether a peer may create an object: `create = path`.
    #[doc(hidden)]
    fn accepts_creator(_: &Connection) -> bool {
        true
    }
}

/// The replicated state of a contract: its properties, by number.
pub trait ObjectState: Send + 'static {
    /// How many properties there are.
    const PROPERTIES: usize;

    /// What a new object has.
    fn initial() -> Self;

    /// Writes the array of arguments that sets a property.
    fn encode(&self, property: usize, w: &mut Writer<'_>);

    /// Sets a property from such an array.
    ///
    /// # Errors
    ///
    /// When the arguments are not of the property's type; the property is unchanged then.
    fn decode(&mut self, property: usize, arguments: &mut Arguments<'_>) -> Result<(), DecodeError>;
}

/// The state of a contract that has none.
impl ObjectState for () {
    const PROPERTIES: usize = 0;

    fn initial() -> Self {}

    fn encode(&self, _: usize, _: &mut Writer<'_>) {}

    fn decode(&mut self, _: usize, _: &mut Arguments<'_>) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// State whose type is not known, for those who only compare and send it.
pub(crate) trait ErasedState {
    fn encode_property(&self, property: usize, w: &mut Writer<'_>);
}

impl<S: ObjectState> ErasedState for S {
    fn encode_property(&self, property: usize, w: &mut Writer<'_>) {
        self.encode(property, w);
    }
}

/// What a creator may say of a state of which no property is declared `init = creator`. Its name is for those who try.
#[derive(Debug)]
pub struct NothingSaysInitCreator;

/// One role's part of a contract. Its context is [`Cx`] over it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no view in the direct form",
    label = "its struct has no `#[network_object]`",
    note = "write `#[network_object(name = \"...\", role = server)]` on the struct, or `client` or `both`"
)]
pub trait Side: Sized + 'static {
    /// Whose part it is.
    type Contract: Contract;
    /// Which role's.
    const ROLE: Role;
}

/// The side that has authority over the state.
#[diagnostic::on_unimplemented(
    message = "this is for the server's view of an object",
    label = "a client's view cannot do this",
    note = "a client reads `cx.state()`, calls the server by `cx.server()`, and what only an owner may by `cx.owned()`",
    note = "a view of `Both` is the server's where `if let Some(server) = cx.authority()` says so"
)]
pub trait ServerSide: Side {}

/// The side whose handlers change the state through their context.
#[diagnostic::on_unimplemented(
    message = "the state cannot be changed through this context",
    label = "not a context that changes the state",
    note = "a client reads `cx.state()`, and calls the server by `cx.server()` for what should change",
    note = "a view of `Both` is the server's where `if let Some(mut server) = cx.authority()` says so",
    note = "in the direct form the view's own fields are the state: write `self.value = ...`"
)]
pub trait StateSide: Side {}

/// A side for all nodes whose state is kept beside its views, not in them.
#[diagnostic::on_unimplemented(
    message = "in the direct form the state is in the view",
    label = "not here",
    note = "write `self.value = ...` where `cx.authority()` says that this is the server's view"
)]
pub trait KeepsState: Side {}

/// A contract whose view is the same on every node.
#[diagnostic::on_unimplemented(
    message = "this is for contracts with one view for all nodes",
    label = "this contract has a view for the server and one for clients",
    note = "the server calls `clients()`, `client(connection)` and `owner()`, a client calls `server()`"
)]
pub trait Symmetric: Contract {}

/// A view of all nodes where it is the server's: what [`Cx::authority`] hands out.
#[derive(Debug)]
pub struct WithAuthority<R>(PhantomData<fn() -> R>);

impl<R: Side> Side for WithAuthority<R> {
    type Contract = R::Contract;
    const ROLE: Role = R::ROLE;
}

impl<R: Side> ServerSide for WithAuthority<R> {}

impl<R: KeepsState> StateSide for WithAuthority<R> {}

/// A side that watches the state.
#[diagnostic::on_unimplemented(
    message = "this is for a client's view of an object",
    label = "the server's view cannot do this",
    note = "the server changes `cx.state_mut()` and calls `cx.clients()`, `cx.client(connection)` or `cx.owner()`"
)]
pub trait ClientSide: Side {}

/// The dispatch table of one side for the view `V`: generated, one `match` each.
pub trait Dispatch<V>: Side {
    /// Decodes the arguments of a call and makes it.
    fn call(
        view: &mut V,
        cx: &mut Cx<'_, Self, V>,
        field: u8,
        arguments: &mut Arguments<'_>,
    ) -> Result<(), DecodeError>;

    /// Whether the function that is said of a call (`from = path`) accepts the sender.
    fn accepts(_field: u8, _sender: &Connection, _subject: &Subject<'_, Self::Contract>) -> bool {
        true
    }

    /// Decodes a property that came, keeps it and tells the view. Only a watching side is told.
    fn property(
        _view: &mut V,
        cx: &mut Cx<'_, Self, V>,
        property: u8,
        arguments: &mut Arguments<'_>,
    ) -> Result<(), DecodeError> {
        cx.state_in_dispatch().decode(property.into(), arguments)
    }

    /// Whether fields of the view are the state, as in the direct form. Then the context's state is what it was when
    /// it was compared last.
    const STATE_IN_VIEW: bool = false;

    /// Writes the array of arguments that sets a property, where the state is in the view.
    fn encode_in_view(_view: &V, _property: usize, _w: &mut Writer<'_>) {}

    /// Sets a property in the view from such an array, where the state is there.
    fn decode_in_view(
        _view: &mut V,
        _property: usize,
        _arguments: &mut Arguments<'_>,
    ) -> Result<(), DecodeError> {
        Ok(())
    }

    /// The object is complete.
    fn on_generate(view: &mut V, cx: &mut Cx<'_, Self, V>);

    /// The object is about to go.
    fn on_destroy(view: &mut V, cx: &mut Cx<'_, Self, V>);
}

/// A view: the struct of a user's that implements one role of a contract.
///
/// `#[network_object]` on `impl module::Server for YourType` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a view",
    label = "not a view",
    note = "add `#[network_object]` to `impl module::Server for {Self}`"
)]
pub trait View: Send + Sized + 'static {
    #[doc(hidden)]
    const SLOT: SlotDescriptor<Self>;
    #[doc(hidden)]
    const SOURCE: Source;

    #[doc(hidden)]
    fn make() -> Self;
}

/// A type that the framework can build when an object appears.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the framework must build `{Self}` when an object appears",
    label = "does not implement `Default`",
    note = "derive `Default` for it, or say how: `#[network_object(factory = {Self}::new)]`"
)]
pub trait BuildView {
    fn build() -> Self;
}

#[diagnostic::do_not_recommend]
impl<V: Default> BuildView for V {
    fn build() -> Self {
        Self::default()
    }
}

/// The type of a property that starts with its `Default`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no value to start with",
    label = "does not implement `Default`",
    note = "say what the property is at first: `#[network_field(to = viewers, default = ...)]`"
)]
pub trait InitialValue {
    fn initial_value() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> InitialValue for T {
    fn initial_value() -> Self {
        Self::default()
    }
}

/// How views of type `V` are kept: which side they are, and the box around them.
#[doc(hidden)]
#[derive(Debug)]
pub struct SlotDescriptor<V> {
    object: &'static ObjectDescriptor,
    role: Role,
    wrap: fn(V) -> Slot,
    accepts_creator: fn(&Connection) -> bool,
}

impl<V: Send + 'static> SlotDescriptor<V> {
    /// For views that dispatch by the side `R`.
    pub const fn of<R: Dispatch<V>>() -> Self {
        Self {
            object: R::Contract::OBJECT,
            role: R::ROLE,
            accepts_creator: R::Contract::accepts_creator,
            wrap: |view| {
                let state = <R::Contract as Contract>::State::initial();
                Slot(Box::new(TypedSlot::<R, V> { view, state }))
            },
        }
    }
}

/// A registered view. `inventory` collects them; [`verify`](crate::NodeBuilder::verify) looks at them.
#[derive(Clone, Copy, Debug)]
pub struct ViewEntry {
    pub(crate) object: &'static ObjectDescriptor,
    pub(crate) role: Role,
    pub(crate) source: Source,
    pub(crate) make: fn() -> Slot,
    /// Whether the contract accepts a peer as a creator.
    pub(crate) accepts_creator: fn(&Connection) -> bool,
}

impl ViewEntry {
    /// The entry of `V`.
    pub const fn of<V: View>() -> Self {
        Self {
            object: V::SLOT.object,
            role: V::SLOT.role,
            source: V::SOURCE,
            make: || (V::SLOT.wrap)(V::make()),
            accepts_creator: V::SLOT.accepts_creator,
        }
    }
}

/// A view with the state it sees.
#[derive(Debug)]
pub(crate) struct Slot(pub(crate) Box<dyn ErasedSlot>);

pub(crate) struct TypedSlot<R: Side, V> {
    view: V,
    state: <R::Contract as Contract>::State,
}

/// A view and its state, without their types.
pub(crate) trait ErasedSlot: Send {
    fn call(
        &mut self,
        scene: &mut dyn Scene,
        field: u8,
        arguments: &mut Arguments<'_>,
    ) -> Result<(), DecodeError>;
    /// Whether the function that is said of a call accepts the sender.
    fn accepts(&self, field: u8, sender: &Connection, header: &ObjectHeader) -> bool;
    /// Keeps a property that came and tells the view.
    fn property(
        &mut self,
        scene: &mut dyn Scene,
        property: u8,
        arguments: &mut Arguments<'_>,
    ) -> Result<(), DecodeError>;
    /// Keeps a property without a word: before the object is complete, and when a handler is rolled back.
    fn restore(&mut self, property: u8, arguments: &mut Arguments<'_>) -> Result<(), DecodeError>;
    /// Whether the state is in the view, and whoever runs a handler compares it at the end.
    fn has_state_in_view(&self) -> bool;
    /// The state in the view was compared, and this is what a property is: contexts show it from now on.
    fn settle(&mut self, property: u8, arguments: &mut Arguments<'_>) -> Result<(), DecodeError>;
    fn on_generate(&mut self, scene: &mut dyn Scene);
    fn on_destroy(&mut self, scene: &mut dyn Scene);
    fn state(&self) -> &dyn ErasedState;
    /// The same, for those who know its type.
    fn state_any(&self) -> &dyn Any;
    fn properties(&self) -> usize;
    fn view(&mut self) -> &mut dyn Any;
    fn view_type(&self) -> TypeId;
    /// The slot itself, for those who know its type.
    fn slot(&mut self) -> &mut dyn Any;
}

impl std::fmt::Debug for dyn ErasedSlot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}

impl<R: Dispatch<V>, V> ErasedState for TypedSlot<R, V> {
    fn encode_property(&self, property: usize, w: &mut Writer<'_>) {
        if R::STATE_IN_VIEW {
            R::encode_in_view(&self.view, property, w);
        } else {
            self.state.encode(property, w);
        }
    }
}

impl<R: Side, V> TypedSlot<R, V> {
    /// The view, and its context on `scene`.
    pub(crate) fn enter<'a>(&'a mut self, scene: &'a mut dyn Scene) -> (&'a mut V, Cx<'a, R, V>) {
        (&mut self.view, Cx::new(scene, &mut self.state))
    }
}

impl<R: Dispatch<V>, V: Send + 'static> ErasedSlot for TypedSlot<R, V> {
    fn call(
        &mut self,
        scene: &mut dyn Scene,
        field: u8,
        arguments: &mut Arguments<'_>,
    ) -> Result<(), DecodeError> {
        let (view, mut cx) = self.enter(scene);
        R::call(view, &mut cx, field, arguments)
    }

    fn accepts(&self, field: u8, sender: &Connection, header: &ObjectHeader) -> bool {
        R::accepts(field, sender, &Subject::new(header, &self.state))
    }

    fn property(
        &mut self,
        scene: &mut dyn Scene,
        property: u8,
        arguments: &mut Arguments<'_>,
    ) -> Result<(), DecodeError> {
        if R::STATE_IN_VIEW {
            R::decode_in_view(&mut self.view, property.into(), &mut arguments.clone())?;
        }
        let (view, mut cx) = self.enter(scene);
        R::property(view, &mut cx, property, arguments)
    }

    fn restore(&mut self, property: u8, arguments: &mut Arguments<'_>) -> Result<(), DecodeError> {
        if R::STATE_IN_VIEW {
            R::decode_in_view(&mut self.view, property.into(), &mut arguments.clone())?;
        }
        self.state.decode(property.into(), arguments)
    }

    fn has_state_in_view(&self) -> bool {
        R::STATE_IN_VIEW
    }

    fn settle(&mut self, property: u8, arguments: &mut Arguments<'_>) -> Result<(), DecodeError> {
        self.state.decode(property.into(), arguments)
    }

    fn on_generate(&mut self, scene: &mut dyn Scene) {
        let (view, mut cx) = self.enter(scene);
        R::on_generate(view, &mut cx);
    }

    fn on_destroy(&mut self, scene: &mut dyn Scene) {
        let (view, mut cx) = self.enter(scene);
        R::on_destroy(view, &mut cx);
    }

    fn state(&self) -> &dyn ErasedState {
        self
    }

    fn state_any(&self) -> &dyn Any {
        &self.state
    }

    fn properties(&self) -> usize {
        <R::Contract as Contract>::State::PROPERTIES
    }

    fn view(&mut self) -> &mut dyn Any {
        &mut self.view
    }

    fn view_type(&self) -> TypeId {
        TypeId::of::<V>()
    }

    fn slot(&mut self) -> &mut dyn Any {
        self
    }
}
