//! Rules of enums that are network types.

use std::collections::HashSet;

use super::message::{generics_are_one_lifetime, members};
use super::types::Holder;
use crate::attr::named;
use crate::ctxt::Ctxt;
use crate::model::{Enum, Variant};
use crate::symbol::ARG;

/// The number of a variant has one byte.
const MAX_VARIANTS: usize = 256;

pub(crate) fn check(ctxt: &Ctxt, body: &Enum<'_>) {
    generics_are_one_lifetime(ctxt, body.generics, "enums");
    has_variants(ctxt, body);
    variants_fit_their_number(ctxt, body);
    variants_are_unique(ctxt, body);
    for variant in &body.variants {
        is_numbered_by_its_place(ctxt, variant);
        says_nothing_itself(ctxt, variant);
        members(ctxt, &variant.members, Holder::Enum(body.lifetime()));
    }
}

/// A value is one of the variants, so there is one.
fn has_variants(ctxt: &Ctxt, body: &Enum<'_>) {
    if body.variants.is_empty() {
        ctxt.error(body.ident, "an enum without variants has no value that could be sent");
    }
}

/// An enum has at most 256 variants.
fn variants_fit_their_number(ctxt: &Ctxt, body: &Enum<'_>) {
    if let Some(first_too_many) = body.variants.get(MAX_VARIANTS) {
        ctxt.error(
            &first_too_many.item.ident,
            format!("an enum on the wire has at most {MAX_VARIANTS} variants, and this is one more"),
        );
    }
}

/// Variants have different names. Rustc says so (E0428).
fn variants_are_unique(ctxt: &Ctxt, body: &Enum<'_>) {
    let mut seen = HashSet::new();
    if !body.variants.iter().all(|variant| seen.insert(&variant.item.ident)) {
        ctxt.leave_to_rustc();
    }
}

/// A variant is known by its place: one rule for all, and no hole that a peer could ask about.
fn is_numbered_by_its_place(ctxt: &Ctxt, variant: &Variant<'_>) {
    if let Some((_, number)) = &variant.item.discriminant {
        ctxt.error(
            number,
            "on the wire a variant's number is its place, from 0: leave this out, \
             or send the number itself as a `Ranged`",
        );
    }
}

/// `#[arg]` is about values, and a variant is not one.
fn says_nothing_itself(ctxt: &Ctxt, variant: &Variant<'_>) {
    for attribute in named(ARG, &variant.item.attrs) {
        ctxt.error(attribute, "`#[arg]` belongs on a member of the variant");
    }
}
