//! Stubs: the calls of a role as methods, and who may make them.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Ident, ReturnType, Signature, Visibility};

use super::parameter::List;
use super::{default_doc, doc, many_arguments, role, shared};
use crate::model::{Call, Contract, Parameter, RoleKind, Who};

/// What the bodies of a stub's methods are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bodies {
    /// Calls that are sent.
    Send,
    /// Nothing, since the contract has errors and never runs.
    Missing,
}

/// The stub with the calls of a role, and the markers of permission that it asks for.
pub(crate) fn stub_of(
    contract: &Contract<'_>,
    kind: RoleKind,
    vis: &Visibility,
    bodies: Bodies,
) -> TokenStream {
    let name = kind.stub();
    let whom = match kind {
        RoleKind::Server => "the server's view",
        RoleKind::Client => "client views",
    };
    let doc = doc(&format!("Calls to {whom} of a `{}` object.", contract.name()));
    let mut methods = TokenStream::new();
    let mut markers = TokenStream::new();
    let mut seen: Vec<&Ident> = Vec::new();
    for call in contract.calls(kind) {
        if !seen.contains(&call.ident) {
            seen.push(call.ident);
            methods.extend(method(call, bodies));
            markers.extend(marker(contract, call));
        }
    }
    for call in contract.calls(kind.other()) {
        if !seen.contains(&call.ident) {
            seen.push(call.ident);
            methods.extend(wrong_way(kind, call));
            markers.extend(wrong_way_marker(contract, call));
        }
    }
    let permissions = permissions(kind);
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

/// The module of a stub's markers: one trait for each call that not everyone may make.
fn permissions(kind: RoleKind) -> Ident {
    match kind {
        RoleKind::Server => format_ident!("__calls_to_server"),
        RoleKind::Client => format_ident!("__calls_to_clients"),
    }
}

/// The trait of a call. Not its name alone, which could be that of an attribute's tool.
fn marker_of(call: &Call<'_>) -> Ident {
    format_ident!("may_{}", call.name(), span = call.ident.span())
}

fn method(call: &Call<'_>, bodies: Bodies) -> TokenStream {
    let shared = shared(&call.method.attrs);
    let own_doc = default_doc(&call.method.attrs, &format!("The call `{}`.", call.name()));
    let bound = is_restricted(call).then(|| bound(call.role, call));
    let whose = is_restricted(call).then(|| [doc(""), doc(whose(call))]).into_iter().flatten();
    let sig = sending(call);
    let (body, lints) = match bodies {
        Bodies::Send => (send(call), many_arguments(call)),
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

fn send(call: &Call<'_>) -> TokenStream {
    let list = List::of_call(call);
    let value = |parameter: &Parameter<'_>| {
        let binding = &parameter.binding;
        quote!(#binding)
    };
    let (count, give) = (list.count(value), list.give(value));
    let role = Literal::u8_unsuffixed(call.role.number());
    let number = Literal::usize_unsuffixed(call.number);
    if list.is_empty() {
        return quote!(self.stub.call((#role, #number), #count, |_| {}););
    }
    quote! {
        self.stub.call((#role, #number), #count, |__w| {
            __w #give;
        });
    }
}

/// The same method on the stub of the other direction, so that the error is a sentence.
fn wrong_way(kind: RoleKind, call: &Call<'_>) -> TokenStream {
    let bound = bound(kind, call);
    let mut sig = sending(call);
    sig.output = ReturnType::Default;
    quote! {
        #[doc(hidden)]
        #[allow(unused_variables, clippy::too_many_arguments)]
        pub #sig #bound {}
    }
}

fn bound(kind: RoleKind, call: &Call<'_>) -> TokenStream {
    let (module, marker) = (permissions(kind), marker_of(call));
    quote!(where __P: #module::#marker)
}

/// Whether not everyone who has a stub may make the call.
fn is_restricted(call: &Call<'_>) -> bool {
    match (call.role, call.who()) {
        (RoleKind::Server, who) => who != Who::Anyone,
        (RoleKind::Client, who) => who == Who::Owner,
    }
}

/// The sentence about it in the docs.
fn whose(call: &Call<'_>) -> &'static str {
    match (call.role, call.who()) {
        (RoleKind::Server, Who::Server) => "For nodes with authority alone: `from = server`.",
        (RoleKind::Server, _) => "For the object's owner alone: `from = owner`.",
        (RoleKind::Client, _) => "The object's owner alone receives it: `to = owner`.",
    }
}

/// Who may make a restricted call.
fn marker(contract: &Contract<'_>, call: &Call<'_>) -> Option<TokenStream> {
    let (module, name) = (contract.module.ident.unraw(), call.name());
    let (said, label, note, granted): (_, _, _, &[&str]) = match (call.role, call.who()) {
        (RoleKind::Server, Who::Owner) => (
            "from = owner",
            "only the object's owner may call this",
            format!(
                "if this node may own the object: `if let Some(mine) = cx.owned() {{{{ mine.server().{name}(..) }}}}`"
            ),
            &["Owner", "Authority"],
        ),
        (RoleKind::Server, Who::Server) => (
            "from = server",
            "only a node with authority may call this",
            format!(
                "a client asks for it by a call that is `from = owner` or `from = anyone`, not by `{name}`"
            ),
            &["Authority"],
        ),
        (RoleKind::Client, Who::Owner) => (
            "to = owner",
            "only the object's owner receives this",
            format!("write `cx.owner().{name}(..)`"),
            &["ToOwner"],
        ),
        _ => return None,
    };
    let ident = marker_of(call);
    let message = format!("`{module}::{name}` is declared `{said}`");
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
fn wrong_way_marker(contract: &Contract<'_>, call: &Call<'_>) -> TokenStream {
    let (ident, module, name) = (marker_of(call), contract.module.ident.unraw(), call.name());
    let (message, note) = match call.role {
        RoleKind::Client => (
            format!("`{module}::{name}` is a call that client views answer: it cannot be sent to the server"),
            format!("the server sends it: `cx.clients().{name}(..)`"),
        ),
        RoleKind::Server => (
            format!(
                "`{module}::{name}` is a call that the server's view answers: it cannot be sent to clients"
            ),
            format!("a client sends it: `cx.server().{name}(..)`"),
        ),
    };
    quote! {
        #[diagnostic::on_unimplemented(message = #message, label = "wrong direction", note = #note)]
        pub trait #ident {}
    }
}
