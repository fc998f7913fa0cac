//! Reads a contract module.

use proc_macro2::TokenStream;
use quote::format_ident;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, FnArg, Ident, Item, ItemMod, ItemStruct, ItemTrait, Member, Pat, Path, Token, TraitItem,
};
use syn::{LitInt, TraitItemFn, Type, TypeGroup, TypeParen};

use super::{Call, Contract, MAX_FIELDS, Misplaced, Parameter, Property, Role, RoleKind, State, number};
use crate::attr::container::ContractAttrs;
use crate::attr::field::{ArgAttrs, PropertyAttrs};
use crate::attr::method::CallAttrs;
use crate::attr::{self, Attr};
use crate::ctxt::Ctxt;
use crate::suggest::nearest;
use crate::symbol::{BOTH, CLIENT, NETWORK_FIELD, SERVER, STATE};

impl<'a> Contract<'a> {
    pub(crate) fn parse(ctxt: &Ctxt, arguments: TokenStream, module: &'a ItemMod) -> Self {
        let mut contract = Self {
            module,
            attrs: ContractAttrs::parse(ctxt, arguments),
            state: None,
            server: None,
            client: None,
            both: None,
            unknown_traits: Vec::new(),
            misplaced: Vec::new(),
            others: Vec::new(),
        };
        let items = module.content.as_ref().map_or(&[][..], |(_, items)| items);
        for item in items {
            contract.take(ctxt, item);
        }
        contract.adopt_misspelled(ctxt);
        if let Some(state) = &mut contract.state {
            state.own_default = contract.others.iter().find_map(|item| default_impl(item));
        }
        contract.number_fields();
        contract
    }

    /// Each role's fields are numbered by themselves: properties come first, then calls.
    fn number_fields(&mut self) {
        let watcher = self.watcher();
        let Self { state, server, client, both, .. } = self;
        let properties = state.iter_mut().flat_map(|state| &mut state.properties);
        let sent = number_unsent(properties, watcher);
        if watcher == RoleKind::Both {
            number_role(sent, both.as_mut());
        } else {
            number_role(sent, client.as_mut());
            number_role(Vec::new(), both.as_mut());
        }
        number_role(Vec::new(), server.as_mut());
    }

    fn take(&mut self, ctxt: &Ctxt, item: &'a Item) {
        match item {
            Item::Struct(state) if state.ident == STATE && self.state.is_none() => {
                self.state = Some(State::parse(ctxt, state));
            }
            Item::Trait(role) if role.ident == SERVER && self.server.is_none() => {
                self.server = Some(Role::parse(ctxt, RoleKind::Server, role));
            }
            Item::Trait(role) if role.ident == CLIENT && self.client.is_none() => {
                self.client = Some(Role::parse(ctxt, RoleKind::Client, role));
            }
            Item::Trait(role) if role.ident == BOTH && self.both.is_none() => {
                self.both = Some(Role::parse(ctxt, RoleKind::Both, role));
            }
            Item::Trait(unknown) => self.unknown_traits.push(unknown),
            other => match misplaced(other) {
                Some(misplaced) => self.misplaced.push(misplaced),
                None => self.others.push(other),
            },
        }
    }

    /// A slip in a role's name is an error already; its calls are still known, so that it is the only one.
    fn adopt_misspelled(&mut self, ctxt: &Ctxt) {
        for item in &self.unknown_traits {
            match nearest(&item.ident.to_string(), [SERVER.as_str(), CLIENT.as_str()]) {
                Some("Server") if self.server.is_none() => {
                    self.server = Some(Role::parse(ctxt, RoleKind::Server, item));
                }
                Some("Client") if self.client.is_none() => {
                    self.client = Some(Role::parse(ctxt, RoleKind::Client, item));
                }
                _ => {}
            }
        }
    }
}

/// The items that the macro makes under names that a user could choose.
const MADE: [&str; 7] = ["Contract", "ServerCx", "ClientCx", "BothCx", "ToServer", "ToClients", "Init"];

/// Why an item cannot stay as it is, if it cannot.
fn misplaced(item: &Item) -> Option<(&Ident, Misplaced)> {
    let ident = type_name(item)?;
    let reason = match item {
        Item::Struct(_) if *ident == STATE => Misplaced::SecondState,
        _ if *ident == STATE => Misplaced::StateOfAnotherKind,
        _ if MADE.iter().any(|made| ident == made) => Misplaced::TakenName,
        Item::Struct(item) if has_properties(item) => Misplaced::Properties,
        _ => return None,
    };
    Some((ident, reason))
}

fn has_properties(item: &ItemStruct) -> bool {
    item.fields.iter().any(|field| attr::named(NETWORK_FIELD, &field.attrs).next().is_some())
}

/// The name of an item that has one among types.
pub(crate) fn type_name(item: &Item) -> Option<&Ident> {
    match item {
        Item::Struct(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        Item::Mod(item) => Some(&item.ident),
        _ => None,
    }
}

/// `impl Default for State`: the path of the trait.
fn default_impl(item: &Item) -> Option<&Path> {
    let Item::Impl(item) = item else { return None };
    let (path, _) = item.trait_.as_ref()?;
    let Type::Path(of) = &*item.self_ty else {
        return None;
    };
    let is_default = path.segments.last().is_some_and(|segment| segment.ident == "Default");
    (is_default && of.path.segments.last().is_some_and(|segment| segment.ident == STATE)).then_some(path)
}

/// `#[derive(Default)]`: the word in the list.
fn derived_default(attributes: &[Attribute]) -> Option<Path> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("derive")).find_map(|attribute| {
        let list = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).ok()?;
        list.into_iter().find(|path| path.segments.last().is_some_and(|segment| segment.ident == "Default"))
    })
}

/// The number that a field says for itself.
pub(crate) fn said_number(index: &Attr<LitInt>) -> Option<usize> {
    index.value()?.base10_parse().ok()
}

/// Numbers a role's table: the properties that its views watch, and its calls.
pub(super) fn number_unsent<'a, 'b>(
    properties: impl Iterator<Item = &'b mut Property<'a>>,
    watcher: RoleKind,
) -> Vec<&'b mut Property<'a>>
where
    'a: 'b,
{
    let mut sent = Vec::new();
    let mut unsent = MAX_FIELDS;
    for property in properties {
        property.role = watcher;
        if property.is_sent() {
            sent.push(property);
        } else {
            property.number = unsent;
            unsent += 1;
        }
    }
    sent
}

pub(super) fn number_role(properties: Vec<&mut Property<'_>>, role: Option<&mut Role<'_>>) {
    let properties = properties.into_iter().map(|it| (&it.attrs.index, &mut it.number));
    let calls = role.into_iter().flat_map(|role| &mut role.calls).map(|it| (&it.attrs.index, &mut it.number));
    let (said, numbers): (Vec<_>, Vec<_>) =
        properties.chain(calls).map(|(index, number)| (said_number(index), number)).unzip();
    for (number, assigned) in numbers.into_iter().zip(number::assign(&said)) {
        *number = assigned;
    }
}

impl<'a> State<'a> {
    fn parse(ctxt: &Ctxt, item: &'a ItemStruct) -> Self {
        // A generic state is an error as a whole, and its properties' types would name what is not there.
        let fields = item.fields.iter().filter(|_| item.generics.params.is_empty());
        let properties = fields.filter_map(|field| Property::parse(ctxt, field)).collect();
        Self { item, properties, own_default: None, derived_default: derived_default(&item.attrs) }
    }
}

impl<'a> Property<'a> {
    /// `None` for what has no name: an error of the whole struct.
    pub(super) fn parse(ctxt: &Ctxt, field: &'a syn::Field) -> Option<Self> {
        let ident = field.ident.as_ref()?;
        let parameter = Parameter {
            binding: ident.clone(),
            member: Member::Named(ident.clone()),
            ty: &field.ty,
            attributes: &field.attrs,
            attrs: ArgAttrs::of_property(ctxt, &field.attrs),
        };
        let attrs = PropertyAttrs::parse(ctxt, &field.attrs);
        let spread = if attrs.spread.is_given() { spread(ident, &parameter) } else { Vec::new() };
        // Role and number follow when the whole contract is known.
        Some(Self { field, ident, role: RoleKind::Client, number: 0, attrs, parameter, spread })
    }
}

impl<'a> Role<'a> {
    fn parse(ctxt: &Ctxt, kind: RoleKind, item: &'a ItemTrait) -> Self {
        let calls = item.items.iter().filter_map(|item| match item {
            TraitItem::Fn(method) => Some(Call::parse(ctxt, kind, method)),
            _ => None,
        });
        Self { kind, item, calls: calls.collect() }
    }
}

impl<'a> Call<'a> {
    fn parse(ctxt: &Ctxt, role: RoleKind, method: &'a TraitItemFn) -> Self {
        Self::of(ctxt, role, CallAttrs::parse(ctxt, &method.attrs, role), method)
    }

    pub(super) fn of(ctxt: &Ctxt, role: RoleKind, attrs: CallAttrs, method: &'a TraitItemFn) -> Self {
        let typed = method.sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        });
        let mut seen = Vec::new();
        let parameters = typed.enumerate().map(|(index, typed)| {
            let ident = argument_name(&typed.pat, index, &seen);
            seen.push(ident.clone());
            Parameter {
                binding: ident.clone(),
                member: Member::Named(ident),
                ty: &typed.ty,
                attributes: &typed.attrs,
                attrs: ArgAttrs::of_argument(ctxt, &typed.attrs),
            }
        });
        Self { role, method, ident: &method.sig.ident, number: 0, attrs, parameters: parameters.collect() }
    }
}

/// The values of a tuple as arguments of their own; none for what is no tuple, which is an error.
fn spread<'a>(ident: &Ident, whole: &Parameter<'a>) -> Vec<Parameter<'a>> {
    let mut ty = whole.ty;
    while let Type::Paren(TypeParen { elem, .. }) | Type::Group(TypeGroup { elem, .. }) = ty {
        ty = elem;
    }
    let Type::Tuple(tuple) = ty else { return Vec::new() };
    let value = |(index, ty)| {
        let binding = format_ident!("{}_{index}", ident.unraw(), span = ident.span());
        let attrs = ArgAttrs { any_float: whole.attrs.any_float.clone(), ..ArgAttrs::default() };
        Parameter { member: Member::Named(binding.clone()), binding, ty, attributes: &[], attrs }
    };
    tuple.elems.iter().enumerate().map(value).collect()
}

/// The name of an argument; for patterns and repeated names, which are errors, one by its place.
fn argument_name(pattern: &Pat, index: usize, seen: &[Ident]) -> Ident {
    match pattern {
        Pat::Ident(name) if !seen.contains(&name.ident) => name.ident.clone(),
        _ => format_ident!("argument_{index}"),
    }
}
