//! What input must fulfil beyond its grammar: one function a rule, with a comment that states the rule.
//!
//! Whether a type can be sent is not among them: rustc knows, and says it in the words of the trait.

mod call;
mod contract;
mod direct;
mod enumeration;
mod handler;
mod message;
mod names;
mod parameters;
mod state;
mod types;
mod view;

pub(crate) use contract::check as contract;
pub(crate) use direct::{check_impl as direct_impl, check_struct as direct_struct};
pub(crate) use enumeration::check as enumeration;
pub(crate) use handler::check as handler;
pub(crate) use message::{check as message, check_network_type as network_type};
pub(crate) use view::check as view;

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::{Attribute, GenericParam, Generics};

use crate::ctxt::Ctxt;

/// Nothing in a contract is generic: peers could not agree on one form.
fn no_generics(ctxt: &Ctxt, generics: &Generics, what: &str) {
    for param in &generics.params {
        ctxt.error(
            param,
            match param {
                GenericParam::Lifetime(_) => format!("{what} has no lifetimes of its own: leave this out"),
                _ => format!("{what} cannot be generic: peers could not agree on one form of it"),
            },
        );
    }
    if let Some(clause) = &generics.where_clause {
        ctxt.error(clause, format!("{what} has no `where` clause, as it cannot be generic"));
    }
}

/// A contract is not about one type, so what it names has a path. (In the direct form `Self` is spelled out by now.)
fn no_self(ctxt: &Ctxt, said: impl ToTokens) {
    for token in said.into_token_stream() {
        match token {
            TokenTree::Ident(word) if word == "Self" => {
                ctxt.error(word, "each view is a type of its own, so `Self` is none here: write its path");
            }
            TokenTree::Group(group) => no_self(ctxt, group.stream()),
            _ => {}
        }
    }
}

/// What is numbered on the wire is there in every build, so that peers have the same table.
fn no_cfg(ctxt: &Ctxt, attributes: &[Attribute], what: &str) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
        ctxt.error(
            attribute,
            format!(
                "{what} cannot depend on `cfg`: all peers must number the same fields; put it on the whole item"
            ),
        );
    }
}
