//! Rules of the replicated state.

use std::collections::HashSet;

use syn::Fields;

use super::types::{self, Holder};
use super::{names, no_cfg, no_generics};
use crate::ctxt::Ctxt;
use crate::model::{Property, State};

pub(super) fn check(ctxt: &Ctxt, state: &State<'_>) {
    has_named_properties(ctxt, state);
    no_generics(ctxt, &state.item.generics, "`State`");
    no_cfg(ctxt, &state.item.attrs, "`State`");
    has_one_default(ctxt, state);
    properties_are_unique(ctxt, state);
    for property in &state.properties {
        self::property(ctxt, property);
    }
}

pub(super) fn property(ctxt: &Ctxt, property: &Property<'_>) {
    says_who_sees_it(ctxt, property);
    no_cfg(ctxt, &property.field.attrs, "a property");
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
            format!("who may see `{}`? write `#[network_field(to = viewers)]`", property.ident),
        );
    }
}
