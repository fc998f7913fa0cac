//! Rules of the replicated state.

use std::collections::HashSet;

use quote::ToTokens;
use syn::Fields;

use super::types::{self, Holder};
use super::{names, no_cfg, no_generics};
use crate::ctxt::Ctxt;
use crate::model::{MAX_FIELDS, Property, State};

pub(super) fn check(ctxt: &Ctxt, state: &State<'_>) {
    has_named_properties(ctxt, state);
    no_generics(ctxt, &state.item.generics, "`State`");
    no_cfg(ctxt, &state.item.attrs, "`State`");
    has_one_default(ctxt, state);
    properties_are_unique(ctxt, state);
    properties_fit_a_byte(ctxt, state);
    for property in &state.properties {
        self::property(ctxt, property);
    }
}

pub(super) fn property(ctxt: &Ctxt, property: &Property<'_>) {
    says_who_sees_it(ctxt, property);
    no_cfg(ctxt, &property.field.attrs, "a property");
    off_the_wire_says_nothing_of_it(ctxt, property);
    spreads_a_tuple(ctxt, property);
    names::of_field(ctxt, &property.attrs.wire, property.ident, &property.wire(), "a property");
    types::check(ctxt, property.parameter.ty, Holder::State);
}

/// Properties have names, which peers and callbacks use.
fn has_named_properties(ctxt: &Ctxt, state: &State<'_>) {
    if let Fields::Unnamed(fields) = &state.item.fields {
        ctxt.error(fields, "properties have names: write `pub struct State { value: i32 }`");
    }
}

/// Initial values come from one place: the properties' `default`, or a `Default` of the user's.
fn has_one_default(ctxt: &Ctxt, state: &State<'_>) {
    let Some(path) = state.default_path() else { return };
    if state.properties.iter().any(|property| property.attrs.default.is_given()) {
        ctxt.error(
            path,
            "`State` has its `Default` from the `default = ...` of its properties: leave this one out",
        );
    }
}

/// Properties have different names.
fn properties_are_unique(ctxt: &Ctxt, state: &State<'_>) {
    let mut seen = HashSet::new();
    for property in &state.properties {
        if !seen.insert(property.ident) {
            ctxt.error(property.ident, format!("`State` has a property `{}` already", property.ident));
        }
    }
}

/// Who sees a property is written down: there is no safe default.
fn says_who_sees_it(ctxt: &Ctxt, property: &Property<'_>) {
    if !property.attrs.to.is_given() && property.attrs.understood {
        ctxt.error(
            property.ident,
            format!(
                "who may see `{}`? write `#[network_field(to = viewers)]`, or `owner`, `server` or `nobody`",
                property.ident
            ),
        );
    }
}

/// A state has at most 256 properties, those that no peer gets included.
fn properties_fit_a_byte(ctxt: &Ctxt, state: &State<'_>) {
    let has_kept = state.properties.iter().any(|property| !property.is_sent());
    // Without them it is the table that is full, which is said there.
    if let Some(first_too_many) = state.properties.get(MAX_FIELDS).filter(|_| has_kept) {
        ctxt.error(
            first_too_many.ident,
            format!("`State` has at most {MAX_FIELDS} properties, and this is one more"),
        );
    }
}

/// What no peer gets has no place on the wire, so nothing can be said of one.
fn off_the_wire_says_nothing_of_it(ctxt: &Ctxt, property: &Property<'_>) {
    if property.is_sent() {
        return;
    }
    let attrs = &property.attrs;
    let given: [(&str, &dyn ToTokens, bool); 5] = [
        ("wire", &attrs.wire, attrs.wire.is_given()),
        ("always", &attrs.always, attrs.always.is_given()),
        ("index", &attrs.index, attrs.index.is_given()),
        ("spread", &attrs.spread, attrs.spread.is_given()),
        ("init", &attrs.init, attrs.init.is_given()),
    ];
    for (key, place, _) in given.into_iter().filter(|(_, _, is_given)| *is_given) {
        ctxt.error(
            place,
            format!(
                "`{key}` is about the wire, and with `to = nobody` `{}` is not on it: leave one of them out",
                property.ident
            ),
        );
    }
}

/// Only a tuple that is written as one can be spread: a macro sees no further.
fn spreads_a_tuple(ctxt: &Ctxt, property: &Property<'_>) {
    if property.attrs.spread.is_given() && property.is_sent() && property.spread.is_empty() {
        ctxt.error(
            property.parameter.ty,
            "`spread` makes each value of a tuple an argument of its own: write the tuple here, as `(f32, f32)`",
        );
    }
}
