//! Reads the direct form: a struct, and an `impl` of its own.

use proc_macro2::TokenStream;
use syn::{FnArg, ImplItem, ImplItemFn, ItemImpl, ItemStruct, Pat, Path, TraitItemFn, Type, TypePath};

use super::contract::{number_role, number_unsent};
use super::{Call, Property, RoleKind};
use crate::attr;
use crate::attr::container::ViewAttrs;
use crate::attr::direct::DirectAttrs;
use crate::attr::method::CallAttrs;
use crate::ctxt::Ctxt;
use crate::symbol::NETWORK_FIELD;

/// `#[network_object(name = "...", role = ...)] struct ...`
pub(crate) struct DirectStruct<'a> {
    pub(crate) item: &'a ItemStruct,
    pub(crate) attrs: DirectAttrs,
    /// The fields that are annotated.
    pub(crate) properties: Vec<Property<'a>>,
}

/// `#[network_object] impl ...`, of a type and not of a trait.
pub(crate) struct DirectImpl<'a> {
    pub(crate) item: &'a ItemImpl,
    pub(crate) attrs: ViewAttrs,
    /// The methods that are annotated.
    pub(crate) calls: Vec<Call<'a>>,
    /// The methods that tell of changes.
    pub(crate) changes: Vec<&'a ImplItemFn>,
}

/// A method that is a call, as a contract's trait would declare it.
pub(crate) struct Declared<'a> {
    pub(crate) method: &'a ImplItemFn,
    pub(crate) declaration: TraitItemFn,
    /// What stands where the context belongs.
    pub(crate) context: Option<FnArg>,
}

impl<'a> DirectStruct<'a> {
    pub(crate) fn parse(ctxt: &Ctxt, arguments: TokenStream, item: &'a ItemStruct) -> Self {
        let attrs = DirectAttrs::parse(ctxt, arguments);
        // A generic struct is an error as a whole, and its properties' types would name what is not there.
        let fields = item.fields.iter().filter(|field| {
            item.generics.params.is_empty() && attr::named(NETWORK_FIELD, &field.attrs).next().is_some()
        });
        let mut properties: Vec<_> = fields.filter_map(|field| Property::parse(ctxt, field)).collect();
        let watcher = if attrs.role() == RoleKind::Both { RoleKind::Both } else { RoleKind::Client };
        number_role(number_unsent(properties.iter_mut(), watcher), None);
        Self { item, attrs, properties }
    }

    pub(crate) fn role(&self) -> RoleKind {
        self.attrs.role()
    }

    /// The view of the other role.
    pub(crate) fn peer(&self) -> Option<&Path> {
        self.attrs.peer.value()
    }

    /// Whether it is the contract: the server's view, or the only one.
    pub(crate) fn is_contract(&self) -> bool {
        self.role() != RoleKind::Client || !self.attrs.peer.is_given()
    }

    /// The roles that the contract has.
    pub(crate) fn kinds(&self) -> &'static [RoleKind] {
        if self.role() == RoleKind::Both { &[RoleKind::Both] } else { &[RoleKind::Client, RoleKind::Server] }
    }
}

impl<'a> DirectImpl<'a> {
    pub(crate) fn parse(
        ctxt: &Ctxt,
        arguments: TokenStream,
        item: &'a ItemImpl,
        declared: &'a [Declared<'a>],
    ) -> Self {
        let mut calls: Vec<_> =
            declared.iter().map(|declared| Call::declared(ctxt, &declared.declaration)).collect();
        calls.iter_mut().enumerate().for_each(|(number, call)| call.number = number);
        let changes = methods(item).filter(|method| !is_call(method) && tells_of_a_change(method));
        Self { item, attrs: ViewAttrs::of_direct(ctxt, arguments), calls, changes: changes.collect() }
    }

    /// The type's name, for where it is shown.
    pub(crate) fn name(&self) -> String {
        match &*self.item.self_ty {
            Type::Path(TypePath { path, .. }) => {
                path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    /// The methods of this name: one, or none, or one for each of several conditions.
    pub(crate) fn methods(&self, name: &str) -> impl Iterator<Item = &'a ImplItemFn> {
        methods(self.item).filter(move |method| method.sig.ident == name)
    }
}

impl<'a> Declared<'a> {
    /// Every method that is a call.
    pub(crate) fn all(item: &'a ItemImpl) -> Vec<Self> {
        methods(item).filter(|method| is_call(method)).map(Self::of).collect()
    }

    fn of(method: &'a ImplItemFn) -> Self {
        let mut sig = method.sig.clone();
        let mut inputs = sig.inputs.into_iter().peekable();
        // Without `self`, which is an error, the first is meant as the context.
        let receiver = inputs.next_if(|input| matches!(input, FnArg::Receiver(_)));
        let context = inputs.next();
        sig.inputs = receiver.into_iter().chain(inputs).map(without_mut).collect();
        let declaration = TraitItemFn {
            attrs: method.attrs.clone(),
            modifiers: method.modifiers.clone(),
            sig,
            default: None,
            semi_token: None,
        };
        Self { method, declaration, context }
    }
}

/// `mut` is between an argument and its method.
fn without_mut(mut input: FnArg) -> FnArg {
    if let FnArg::Typed(typed) = &mut input
        && let Pat::Ident(name) = &mut *typed.pat
    {
        name.mutability = None;
    }
    input
}

impl<'a> Call<'a> {
    /// A call whose attribute alone says which way it goes.
    fn declared(ctxt: &Ctxt, method: &'a TraitItemFn) -> Self {
        let attrs = CallAttrs::of_direct(ctxt, &method.attrs);
        let role = match (attrs.from.is_given(), attrs.to.is_given()) {
            (true, true) => RoleKind::Both,
            (false, true) => RoleKind::Client,
            (_, false) => RoleKind::Server,
        };
        Self::of(ctxt, role, attrs, method)
    }
}

fn methods(item: &ItemImpl) -> impl Iterator<Item = &ImplItemFn> {
    item.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    })
}

/// Whether the framework calls the method.
pub(crate) fn is_handler(method: &ImplItemFn) -> bool {
    let name = &method.sig.ident;
    is_call(method) || name == "on_generate" || name == "on_destroy" || tells_of_a_change(method)
}

fn is_call(method: &ImplItemFn) -> bool {
    attr::named(NETWORK_FIELD, &method.attrs).next().is_some()
}

/// `fn NAME_changed(&mut self, cx, old)`
fn tells_of_a_change(method: &ImplItemFn) -> bool {
    method.sig.ident.to_string().ends_with("_changed")
        && method.sig.inputs.len() == 3
        && method.sig.receiver().is_some()
}
