//! Turns a checked model into tokens: one file per shape of input.
//!
//! Generated code is thin. What is long, or the same for all, is a function in `::magicnet::__private`; paths are
//! absolute, since users shadow names; our own locals and items begin with two underscores where a user's name could
//! stand beside them.

mod contract;
mod direct;
mod direct_impl;
mod dispatch;
mod enumeration;
mod handler;
mod init;
mod lifetime;
mod message;
mod network_type;
mod parameter;
mod role;
mod state;
mod stub;
mod view;

pub(crate) use contract::{companions, descriptor, expand as contract, module, visibility};
pub(crate) use direct::expand as direct_struct;
pub(crate) use direct_impl::expand as direct_impl;
pub(crate) use dispatch::nothing as no_dispatch;
pub(crate) use enumeration::expand as enumeration;
pub(crate) use handler::{expand as handler, marker as handler_marker};
pub(crate) use init::init_of;
pub(crate) use lifetime::with_lifetime;
pub(crate) use message::{descriptor as message_descriptor, expand as message};
pub(crate) use network_type::expand as network_type;
pub(crate) use role::{contexts, trait_of};
pub(crate) use state::item as state_item;
pub(crate) use stub::{Bodies, stub_of};
pub(crate) use view::expand as view;

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, Path};

use crate::attr::is_ours;
use crate::model::{Call, RoleName};
use crate::symbol::{CLIENT_WORD, SERVER_WORD};

/// Attributes without ours.
pub(crate) fn foreign(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| !is_ours(attribute))
}

/// The attributes that generated items take over from the user's item: its docs and its deprecation.
pub(crate) fn shared(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc") || attribute.path().is_ident("deprecated"))
}

/// Clippy counts the context and `self` too; how many arguments there are is between the user and the peers.
pub(super) fn many_arguments(call: &Call<'_>) -> Option<TokenStream> {
    (call.parameters.len() > 5).then(|| quote!(#[allow(clippy::too_many_arguments)]))
}

/// A path as its writer wrote it, for errors.
pub(super) fn written(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}

/// The conditions under which a user's item exists, for what is made beside it.
pub(crate) fn conditions(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
}

/// A doc comment for what has none: users deny `missing_docs`.
pub(crate) fn default_doc(attributes: &[Attribute], text: &str) -> TokenStream {
    let documented = attributes.iter().any(|attribute| attribute.path().is_ident("doc"));
    if documented { TokenStream::new() } else { doc(text) }
}

/// `/// text`
pub(crate) fn doc(text: &str) -> TokenStream {
    let text = format!(" {text}");
    quote!(#[doc = #text])
}

/// The same tokens, which rustc looks for at `place`.
pub(super) fn located_at(place: Span, tokens: impl ToTokens) -> TokenStream {
    let moved = tokens.into_token_stream().into_iter().map(|mut token| {
        if let TokenTree::Group(group) = &token {
            token = TokenTree::Group(Group::new(group.delimiter(), located_at(place, group.stream())));
        }
        token.set_span(token.span().located_at(place));
        token
    });
    moved.collect()
}

/// Where the user's item stands, for errors that are found at start.
pub(crate) fn source() -> TokenStream {
    quote! {
        __p::Source { file: ::core::file!(), line: ::core::line!() }
    }
}

/// A role by its name.
pub(super) fn role_by_name(RoleName(name): &RoleName) -> TokenStream {
    match name {
        name if name == CLIENT_WORD.as_str() => quote!(__p::Role::CLIENT),
        name if name == SERVER_WORD.as_str() => quote!(__p::Role::SERVER),
        name => quote!(__p::Role::new(#name)),
    }
}

/// What `inventory` collects.
pub(crate) fn submit(entry: impl ToTokens) -> TokenStream {
    quote! {
        __p::inventory::submit! { #entry }
    }
}
