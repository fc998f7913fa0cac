//! What the macros read, as a tree of ours that borrows from syn's.
//!
//! Building it needs no valid input: parts that make no sense are kept as they are, for [`check`](crate::check) to
//! complain about and for [`fallback`](crate::fallback) to pass on.

mod contract;
mod direct;
mod message;
mod number;
mod view;

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, Expr, Field, Generics, Ident, Item, ItemFn, ItemImpl, ItemMod, ItemStruct, ItemTrait};
use syn::{Lifetime, LitStr, Member, Path, TraitItemFn, Type, Visibility};

use crate::attr::Attr;
use crate::attr::container::{ContractAttrs, HandlerAttrs, MessageAttrs, ViewAttrs};
use crate::attr::field::{ArgAttrs, PropertyAttrs};
use crate::attr::method::CallAttrs;
use crate::symbol::{RELIABLE, SEQUENCED, Symbol, UNRELIABLE};

pub(crate) use contract::{said_number, type_name};
pub(crate) use direct::{Declared, DirectImpl, DirectStruct, is_handler};
pub(crate) use message::argument_type;

/// The `(role, index)` of a field has one byte for the index.
pub(crate) const MAX_FIELDS: usize = 256;

/// `#[network_object(name = "...")] mod ...`
pub(crate) struct Contract<'a> {
    pub(crate) module: &'a ItemMod,
    pub(crate) attrs: ContractAttrs,
    pub(crate) state: Option<State<'a>>,
    pub(crate) server: Option<Role<'a>>,
    pub(crate) client: Option<Role<'a>>,
    /// The one role of a contract whose views are the same on every node.
    pub(crate) both: Option<Role<'a>>,
    /// Traits that are no role's. The nearest role has their calls, if there is one and its trait is missing.
    pub(crate) unknown_traits: Vec<&'a ItemTrait>,
    /// Items that cannot be here, by their names.
    pub(crate) misplaced: Vec<(&'a Ident, Misplaced)>,
    /// All other items, which stay as they are.
    pub(crate) others: Vec<&'a Item>,
}

/// Why an item of a contract module cannot be there.
#[derive(Clone, Copy)]
pub(crate) enum Misplaced {
    /// There is a `State` already.
    SecondState,
    /// `State` is something else than a struct.
    StateOfAnotherKind,
    /// It has properties, and another name than `State`.
    Properties,
    /// The macro makes an item of this name.
    TakenName,
}

/// `struct State`.
pub(crate) struct State<'a> {
    pub(crate) item: &'a ItemStruct,
    pub(crate) properties: Vec<Property<'a>>,
    /// `Default` in a `derive`, or the path of an `impl`: the user's own initial state.
    pub(crate) own_default: Option<&'a Path>,
    /// The same, where it stands in a `#[derive(...)]`.
    pub(crate) derived_default: Option<Path>,
}

/// One property of the state.
pub(crate) struct Property<'a> {
    pub(crate) field: &'a Field,
    pub(crate) ident: &'a Ident,
    /// The role that watches it.
    pub(crate) role: RoleKind,
    /// On the wire, in the table of that role; above all of these where no peer gets it.
    pub(crate) number: usize,
    pub(crate) attrs: PropertyAttrs,
    pub(crate) parameter: Parameter<'a>,
    /// The values of a tuple that is spread.
    pub(crate) spread: Vec<Parameter<'a>>,
}

/// Which role a trait is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RoleKind {
    Server,
    Client,
    /// The same on every node.
    Both,
}

/// Which way a call goes, and with it which stub has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    ToServer,
    ToClients,
}

/// `trait Server`, `trait Client` or `trait Both`.
pub(crate) struct Role<'a> {
    pub(crate) kind: RoleKind,
    pub(crate) item: &'a ItemTrait,
    pub(crate) calls: Vec<Call<'a>>,
}

/// One method of a role's trait.
pub(crate) struct Call<'a> {
    pub(crate) role: RoleKind,
    pub(crate) method: &'a TraitItemFn,
    pub(crate) ident: &'a Ident,
    /// On the wire, in its role's table.
    pub(crate) number: usize,
    pub(crate) attrs: CallAttrs,
    pub(crate) parameters: Vec<Parameter<'a>>,
}

/// Who may make a call, or who receives it or a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Owner,
    Anyone,
    Server,
    Viewers,
    Nobody,
    /// Whom a function of the application's accepts.
    Accepted,
}

/// `persist = ...`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Persist {
    None,
    Ram,
}

/// `via = ...`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Reliable,
    Unreliable,
    Sequenced,
}

impl Via {
    pub(crate) const WORDS: &[(Symbol, Self)] =
        &[(RELIABLE, Self::Reliable), (UNRELIABLE, Self::Unreliable), (SEQUENCED, Self::Sequenced)];

    /// The variant of the same name that descriptors have.
    pub(crate) fn descriptor(said: &Attr<Self>) -> TokenStream {
        match said.value() {
            None | Some(Self::Reliable) => quote!(Reliable),
            Some(Self::Unreliable) => quote!(Unreliable),
            Some(Self::Sequenced) => quote!(Sequenced),
        }
    }
}

/// `rate = "20/s, burst 40"`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) amount: u32,
    pub(crate) unit: PerTime,
    /// As many as the amount if nothing is said.
    pub(crate) burst: Option<u32>,
}

/// What a rate is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PerTime {
    Second,
    Minute,
    Hour,
}

/// An argument, a property, or a member of a struct.
pub(crate) struct Parameter<'a> {
    /// How the code around it names it.
    pub(crate) binding: Ident,
    /// Its name, where it has one.
    pub(crate) member: Member,
    pub(crate) ty: &'a Type,
    pub(crate) attributes: &'a [Attribute],
    pub(crate) attrs: ArgAttrs,
}

/// Whether a parameter must be there.
#[derive(Clone, Copy)]
pub(crate) enum Presence<'a> {
    Required,
    /// The expression, or the type's own default.
    Default(Option<&'a Expr>),
    Rest,
}

/// `#[message(...)] struct ...`
pub(crate) struct Message<'a> {
    pub(crate) attrs: MessageAttrs,
    pub(crate) body: Struct<'a>,
}

/// A struct whose members are values on the wire.
pub(crate) struct Struct<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) attributes: &'a [Attribute],
    pub(crate) members: Vec<Parameter<'a>>,
    /// How it is written: with names, numbers or nothing.
    pub(crate) style: Style,
}

/// An enum that is a value on the wire.
pub(crate) struct Enum<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) variants: Vec<Variant<'a>>,
}

/// One variant of an enum; its place is its number on the wire.
pub(crate) struct Variant<'a> {
    pub(crate) item: &'a syn::Variant,
    pub(crate) members: Vec<Parameter<'a>>,
    pub(crate) style: Style,
}

/// How the members of a struct or a variant are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Named,
    Tuple,
    Unit,
}

/// `#[message_handler] fn ...`
pub(crate) struct Handler<'a> {
    pub(crate) item: &'a ItemFn,
    pub(crate) attrs: HandlerAttrs,
}

/// `#[network_object] impl ... for ...`
pub(crate) struct View<'a> {
    pub(crate) item: &'a ItemImpl,
    pub(crate) attrs: ViewAttrs,
}

/// `create = ...`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Creator {
    Server,
    Anyone,
    /// Whom a function of the application's accepts.
    Accepted,
}

/// `on_owner_left = ...`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnerLeft {
    Destroy,
    Keep,
}

/// Who sends a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    Roles(Vec<RoleName>),
    Anyone,
}

/// A role by its name: `client`, `server`, or one of the application's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoleName(pub(crate) String);

impl RoleKind {
    /// As the trait is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Server => "Server",
            Self::Client => "Client",
            Self::Both => "Both",
        }
    }

    /// As attributes call it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Both => "both",
        }
    }

    /// On the wire, unless the contract says otherwise.
    pub(crate) fn usual_number(self) -> u8 {
        match self {
            Self::Client | Self::Both => 0,
            Self::Server => 1,
        }
    }

    /// The constant of the runtime that names it.
    pub(crate) fn constant(self) -> Ident {
        format_ident!("{}", self.name().to_uppercase())
    }

    /// Whether a view of it answers calls that go this way.
    pub(crate) fn answers(self, direction: Direction) -> bool {
        match self {
            Self::Server => direction == Direction::ToServer,
            Self::Client => direction == Direction::ToClients,
            Self::Both => true,
        }
    }

    /// The marker that its parameters are declared for.
    pub(crate) fn arguments(self) -> Ident {
        format_ident!("__{}Arguments", self.name())
    }

    /// The marker that its dispatch is implemented for.
    pub(crate) fn side(self) -> Ident {
        format_ident!("__{}", self.name())
    }

    pub(crate) fn trait_name(self) -> Ident {
        format_ident!("{}", self.name())
    }

    /// The context of its views.
    pub(crate) fn cx(self) -> Ident {
        format_ident!("{}Cx", self.name())
    }
}

impl Direction {
    pub(crate) const ALL: [Self; 2] = [Self::ToClients, Self::ToServer];

    /// The stub with the calls that go this way.
    pub(crate) fn stub(self) -> Ident {
        match self {
            Self::ToServer => format_ident!("ToServer"),
            Self::ToClients => format_ident!("ToClients"),
        }
    }
}

impl<'a> Contract<'a> {
    /// The name that peers know; the module's if it is missing, which is an error.
    pub(crate) fn name(&self) -> String {
        self.attrs.name.value().map_or_else(|| self.module.ident.unraw().to_string(), LitStr::value)
    }

    pub(crate) fn role(&self, kind: RoleKind) -> Option<&Role<'a>> {
        match kind {
            RoleKind::Server => self.server.as_ref(),
            RoleKind::Client => self.client.as_ref(),
            RoleKind::Both => self.both.as_ref(),
        }
    }

    pub(crate) fn roles(&self) -> impl Iterator<Item = &Role<'a>> {
        self.server.iter().chain(&self.client).chain(&self.both)
    }

    /// The roles that the contract has, with or without a trait of the user's.
    pub(crate) fn kinds(&self) -> &'static [RoleKind] {
        if self.is_symmetric() { &[RoleKind::Both] } else { &[RoleKind::Client, RoleKind::Server] }
    }

    /// Whether it has the same view on every node. (With other roles beside it, that is an error.)
    pub(crate) fn is_symmetric(&self) -> bool {
        self.both.is_some() && self.server.is_none() && self.client.is_none()
    }

    /// The role whose views see the state change.
    pub(crate) fn watcher(&self) -> RoleKind {
        if self.is_symmetric() { RoleKind::Both } else { RoleKind::Client }
    }

    /// The number of a role on the wire.
    pub(crate) fn number(&self, kind: RoleKind) -> u8 {
        self.attrs.roles.number_of(kind)
    }

    /// All properties of the state.
    pub(crate) fn properties(&self) -> &[Property<'a>] {
        self.state.as_ref().map_or(&[], |state| &state.properties)
    }

    /// The properties that views of a role see change: they are in its table.
    pub(crate) fn watched(&self, kind: RoleKind) -> Vec<&Property<'a>> {
        match kind {
            kind if kind == self.watcher() => {
                self.properties().iter().filter(|property| property.is_sent()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The properties that a creator may give.
    pub(crate) fn initial(&self) -> impl Iterator<Item = &Property<'a>> {
        self.properties().iter().filter(|property| property.attrs.init.is_given())
    }

    /// How visible the user says that the parts are, with the name of each.
    pub(crate) fn visibilities(&self) -> impl Iterator<Item = (&'a Visibility, &'a Ident)> {
        let state = self.state.iter().map(|state| (&state.item.vis, &state.item.ident));
        state.chain(self.roles().map(|role| (&role.item.vis, &role.item.ident)))
    }

    pub(crate) fn calls(&self, kind: RoleKind) -> &[Call<'a>] {
        self.role(kind).map_or(&[], |role| &role.calls)
    }
}

impl State<'_> {
    /// Where the user says `Default`, if so.
    pub(crate) fn default_path(&self) -> Option<&Path> {
        self.own_default.or(self.derived_default.as_ref())
    }
}

impl<'a> Property<'a> {
    /// Whether peers get it, so that it has a place on the wire.
    pub(crate) fn is_sent(&self) -> bool {
        self.attrs.to.value() != Some(&Who::Nobody)
    }

    /// Its arguments on the wire.
    pub(crate) fn arguments(&self) -> Vec<&Parameter<'a>> {
        if self.spread.is_empty() { vec![&self.parameter] } else { self.spread.iter().collect() }
    }

    pub(crate) fn wire(&self) -> String {
        self.attrs.wire.value().map_or_else(|| format!("set_{}", self.ident.unraw()), LitStr::value)
    }

    /// The method by which client views see it change.
    pub(crate) fn changed(&self) -> Ident {
        format_ident!("{}_changed", self.ident.unraw(), span = self.ident.span())
    }
}

impl Call<'_> {
    pub(crate) fn wire(&self) -> String {
        self.attrs.wire.value().map_or_else(|| self.name(), LitStr::value)
    }

    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// Who may make it, where the server's view answers it.
    pub(crate) fn from(&self) -> Who {
        self.attrs.from.value().copied().unwrap_or(Who::Owner)
    }

    /// Who receives it, where client views answer it.
    pub(crate) fn to(&self) -> Who {
        self.attrs.to.value().copied().unwrap_or(Who::Viewers)
    }
}

impl Parameter<'_> {
    pub(crate) fn name(&self) -> String {
        match &self.member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }

    /// What to point at: its name, or its type where it has none.
    pub(crate) fn place(&self) -> &dyn ToTokens {
        match &self.member {
            Member::Named(ident) => ident,
            Member::Unnamed(_) => self.ty,
        }
    }

    pub(crate) fn presence(&self) -> Presence<'_> {
        if self.attrs.rest.is_given() {
            Presence::Rest
        } else if self.attrs.default.is_given() {
            Presence::Default(self.attrs.default.value().and_then(Option::as_ref))
        } else {
            Presence::Required
        }
    }

    pub(crate) fn any_float(&self) -> bool {
        self.attrs.any_float.is_given()
    }
}

impl Struct<'_> {
    /// The one lifetime that a struct may have.
    pub(crate) fn lifetime(&self) -> Option<&Lifetime> {
        lifetime_of(self.generics)
    }
}

impl Enum<'_> {
    /// The one lifetime that an enum may have.
    pub(crate) fn lifetime(&self) -> Option<&Lifetime> {
        lifetime_of(self.generics)
    }

    /// Whether it is a number on the wire: no variant has members.
    pub(crate) fn is_number(&self) -> bool {
        self.variants.iter().all(|variant| variant.members.is_empty())
    }
}

/// The first lifetime, which is the only one.
pub(crate) fn lifetime_of(generics: &Generics) -> Option<&Lifetime> {
    generics.lifetimes().next().map(|param| &param.lifetime)
}

/// Where a wire name was given, or what it comes from.
pub(crate) fn wire_place(wire: &Attr<LitStr>, ident: &Ident) -> TokenStream {
    if wire.is_given() { wire.to_token_stream() } else { ident.to_token_stream() }
}
