//! Stubs: the calls of a role as methods, and who may make them.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Ident, ReturnType, Signature, Visibility};

use super::parameter::List;
use super::{default_doc, doc, many_arguments, role, shared};
use crate::model::{Call, Contract, Direction, Parameter, RoleKind, Who};

/// What the bodies of a stub's methods are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bodies {
    /// Calls that are sent.
    Send,
    /// Nothing, since the contract has errors and never runs.
    Missing,
}

/// A stub in the making.
pub(super) struct Stub<'a> {
    /// Whose calls they are, as errors name it.
    pub(super) object: String,
    /// What is called so by peers.
    pub(super) network_name: String,
    pub(super) name: Ident,
    pub(super) vis: &'a Visibility,
    pub(super) direction: Direction,
    pub(super) bodies: Bodies,
    /// The calls that go this way, each with its `(role, number)`.
    pub(super) calls: Vec<(&'a Call<'a>, TokenStream)>,
    /// The calls that do not.
    pub(super) others: Vec<&'a Call<'a>>,
}

/// The stub with the calls of a contract that go one way, and the markers of permission that it asks for.
pub(crate) fn stub_of(
    contract: &Contract<'_>,
    direction: Direction,
    vis: &Visibility,
    bodies: Bodies,
) -> TokenStream {
    let all = contract.roles().flat_map(|role| &role.calls);
    let (calls, others): (Vec<_>, Vec<_>) = all.partition(|call| call.role.answers(direction));
    Stub {
        object: contract.module.ident.unraw().to_string(),
        network_name: contract.name(),
        name: direction.stub(),
        vis,
        direction,
        bodies,
        calls: calls.into_iter().map(|call| (call, place_of(contract, call))).collect(),
        others,
    }
    .expand()
}

impl Stub<'_> {
    pub(super) fn expand(&self) -> TokenStream {
        let (name, vis) = (&self.name, self.vis);
        let whom = match self.direction {
            Direction::ToServer => "the server's view",
            Direction::ToClients => "client views",
        };
        let doc = doc(&format!("Calls to {whom} of a `{}` object.", self.network_name));
        let mut methods = TokenStream::new();
        let mut markers = TokenStream::new();
        let mut seen: Vec<&Ident> = Vec::new();
        for (call, place) in &self.calls {
            if !seen.contains(&call.ident) {
                seen.push(call.ident);
                methods.extend(self.method(call, place));
                markers.extend(self.marker(call));
            }
        }
        for call in &self.others {
            if !seen.contains(&call.ident) {
                seen.push(call.ident);
                methods.extend(self.wrong_way(call));
                markers.extend(self.wrong_way_marker(call));
            }
        }
        let permissions = permissions(self.direction);
        quote! {
            #doc
            #[derive(::core::fmt::Debug)]
            #vis struct #name<'a, __P> {
                stub: __p::Stub<'a>,
                permission: ::core::marker::PhantomData<fn() -> __P>,
            }
            #[automatically_derived]
            impl<__P> #name<'_, __P> {
                #methods
            }
            #[doc(hidden)]
            #[allow(non_camel_case_types)]
            #vis mod #permissions {
                #markers
            }
        }
    }

    fn method(&self, call: &Call<'_>, place: &TokenStream) -> TokenStream {
        let shared = shared(&call.method.attrs);
        let own_doc = default_doc(&call.method.attrs, &format!("The call `{}`.", call.name()));
        let restriction = self.restriction(call);
        let bound = restriction.is_some().then(|| bound(self.direction, call));
        let whose = restriction.into_iter().flat_map(|it| [doc(""), doc(it.whose())]);
        let sig = sending(call);
        let (body, lints) = match self.bodies {
            Bodies::Send => (send(call, place), many_arguments(call)),
            Bodies::Missing => (
                quote!(::core::unreachable!("the contract has errors")),
                Some(quote!(#[allow(unused_variables)])),
            ),
        };
        quote! {
            #own_doc
            #(#shared)*
            #(#whose)*
            #lints
            pub #sig #bound {
                #body
            }
        }
    }

    /// The same method on the stub of the other direction, so that the error is a sentence.
    fn wrong_way(&self, call: &Call<'_>) -> TokenStream {
        let bound = bound(self.direction, call);
        let mut sig = sending(call);
        sig.output = ReturnType::Default;
        quote! {
            #[doc(hidden)]
            #[allow(unused_variables, clippy::too_many_arguments)]
            pub #sig #bound {}
        }
    }

    /// Why not everyone who has a stub may make the call, if so.
    fn restriction(&self, call: &Call<'_>) -> Option<Restriction> {
        match self.direction {
            Direction::ToServer => match call.from() {
                Who::Server => Some(Restriction::FromServer),
                Who::Anyone | Who::Accepted if call.role == RoleKind::Both && call.to() == Who::Owner => {
                    Some(Restriction::OneWay)
                }
                Who::Anyone | Who::Accepted => None,
                Who::Owner | Who::Viewers | Who::Nobody => Some(Restriction::FromOwner),
            },
            Direction::ToClients => (call.to() == Who::Owner).then_some(Restriction::ToOwner),
        }
    }

    /// Who may make a restricted call.
    fn marker(&self, call: &Call<'_>) -> Option<TokenStream> {
        let (object, name) = (&self.object, call.name());
        let restriction = self.restriction(call)?;
        let (said, label, note, granted): (_, _, _, &[&str]) = match restriction {
            Restriction::FromOwner => (
                "from = owner",
                "only the object's owner may call this",
                format!(
                    "if this node may own the object: \
                     `if let Some(mine) = cx.owned() {{{{ mine.server().{name}(..) }}}}`"
                ),
                &["Owner", "Authority"],
            ),
            Restriction::FromServer => (
                "from = server",
                "only a node with authority may call this",
                format!(
                    "a client asks for it by a call that is `from = owner` or `from = anyone`, not by `{name}`"
                ),
                &["Authority"],
            ),
            Restriction::OneWay => (
                "to = owner",
                "`cx.peers()` calls all that see the object",
                format!(
                    "a client writes `cx.server().{name}(..)`, \
                     and the server `if let Some(server) = cx.authority() {{{{ server.owner().{name}(..) }}}}`"
                ),
                &["Anyone", "Owner", "Authority"],
            ),
            Restriction::ToOwner => (
                "to = owner",
                "only the object's owner receives this",
                format!("write `cx.owner().{name}(..)`"),
                &["ToOwner"],
            ),
        };
        let ident = marker_of(call);
        let message = format!("`{object}::{name}` is declared `{said}`");
        let granted = granted.iter().map(|to| format_ident!("{to}"));
        Some(quote! {
            #[diagnostic::on_unimplemented(message = #message, label = #label, note = #note)]
            pub trait #ident {}
            #(
                #[automatically_derived]
                impl #ident for ::magicnet::__private::permission::#granted {}
            )*
        })
    }

    /// Nobody may make a call in the wrong direction.
    fn wrong_way_marker(&self, call: &Call<'_>) -> TokenStream {
        let (ident, object, name) = (marker_of(call), &self.object, call.name());
        let (message, note) = match self.direction {
            Direction::ToServer => (
                format!(
                    "`{object}::{name}` is a call that client views answer: it cannot be sent to the server"
                ),
                format!("the server sends it: `cx.clients().{name}(..)`"),
            ),
            Direction::ToClients => (
                format!(
                    "`{object}::{name}` is a call that the server's view answers: it cannot be sent to clients"
                ),
                format!("a client sends it: `cx.server().{name}(..)`"),
            ),
        };
        quote! {
            #[diagnostic::on_unimplemented(message = #message, label = "wrong direction", note = #note)]
            pub trait #ident {}
        }
    }
}

/// Why not everyone who has a stub may make a call.
#[derive(Clone, Copy)]
enum Restriction {
    FromOwner,
    FromServer,
    ToOwner,
    /// Going to the server it is anyone's; to clients it is not, so it cannot be sent either way alike.
    OneWay,
}

impl Restriction {
    /// The sentence about it in the docs.
    fn whose(self) -> &'static str {
        match self {
            Self::FromOwner => "For the object's owner alone: `from = owner`.",
            Self::FromServer => "For nodes with authority alone: `from = server`.",
            Self::ToOwner | Self::OneWay => "The object's owner alone receives it: `to = owner`.",
        }
    }
}

/// The module of a stub's markers: one trait for each call that not everyone may make.
fn permissions(direction: Direction) -> Ident {
    match direction {
        Direction::ToServer => format_ident!("__calls_to_server"),
        Direction::ToClients => format_ident!("__calls_to_clients"),
    }
}

/// The trait of a call. Not its name alone, which could be that of an attribute's tool.
fn marker_of(call: &Call<'_>) -> Ident {
    format_ident!("may_{}", call.name(), span = call.ident.span())
}

/// The method's signature: the call's, sent through `&self`, without what is an error already.
fn sending(call: &Call<'_>) -> Signature {
    let mut sig = role::signature(call);
    sig.inputs[0] = syn::parse_quote!(&self);
    sig.generics.where_clause = None;
    Signature {
        constness: None,
        asyncness: None,
        abi: None,
        safety: syn::Safety::Default,
        variadic: None,
        ..sig
    }
}

fn send(call: &Call<'_>, place: &TokenStream) -> TokenStream {
    let (count, give) = sent(call);
    if give.is_empty() {
        return quote!(self.stub.call(#place, #count, |_| {}););
    }
    quote! {
        self.stub.call(#place, #count, |__w| {
            __w #give;
        });
    }
}

/// The `(role, number)` of a call on the wire.
pub(super) fn place_of(contract: &Contract<'_>, call: &Call<'_>) -> TokenStream {
    let role = Literal::u8_unsuffixed(contract.number(call.role));
    let number = Literal::usize_unsuffixed(call.number);
    quote!((#role, #number))
}

/// How many arguments a call has, and `.give(x)` for each.
pub(super) fn sent(call: &Call<'_>) -> (TokenStream, TokenStream) {
    let list = List::of_call(call);
    let value = |parameter: &Parameter<'_>| {
        let binding = &parameter.binding;
        quote!(#binding)
    };
    (list.count(value), list.give(value))
}

fn bound(direction: Direction, call: &Call<'_>) -> TokenStream {
    let (module, marker) = (permissions(direction), marker_of(call));
    quote!(where __P: #module::#marker)
}
