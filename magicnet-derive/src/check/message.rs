//! Rules of messages, and of structs that are network types.

use std::collections::HashSet;

use syn::{GenericParam, Generics};

use super::types::{self, Holder};
use super::{names, no_cfg, parameters};
use crate::attr::whole_attribute;
use crate::ctxt::Ctxt;
use crate::model::{Message, Parameter, Sender, Struct};
use crate::symbol::SERVER_WORD;

/// Messages below this number belong to the protocol.
const FIRST_CUSTOM_ID: u64 = 64;

pub(crate) fn check(ctxt: &Ctxt, message: &Message<'_>) {
    has_id(ctxt, message);
    has_sender(ctxt, message);
    rate_is_of_clients(ctxt, message);
    for member in &message.body.members {
        no_cfg(ctxt, member.attributes, "a member");
    }
    check_network_type(ctxt, &message.body);
}

pub(crate) fn check_network_type(ctxt: &Ctxt, body: &Struct<'_>) {
    generics_are_one_lifetime(ctxt, body.generics, "structs");
    members(ctxt, &body.members, Holder::Struct(body.lifetime()));
}

/// The rules that members of structs and of variants share.
pub(super) fn members(ctxt: &Ctxt, members: &[Parameter<'_>], holder: Holder<'_>) {
    let mut seen = HashSet::new();
    for member in members {
        types::check(ctxt, member.ty, holder);
        names::not_reserved(ctxt, &member.binding);
        // Rustc says so (E0124).
        if !seen.insert(member.name()) {
            ctxt.leave_to_rustc();
        }
    }
    parameters::check(ctxt, members);
}

/// A message has a number, which is not one of the protocol's.
fn has_id(ctxt: &Ctxt, message: &Message<'_>) {
    let id = &message.attrs.id;
    if !id.is_given() && message.attrs.understood {
        ctxt.error_at(
            whole_attribute(),
            "a message needs its number on the wire: `#[message(id = 64, from = client)]`",
        );
    }
    let Some(number) = id.value() else { return };
    match number.base10_parse::<u64>() {
        Ok(reserved) if reserved < FIRST_CUSTOM_ID => {
            ctxt.error(number, format!("ids 0 to 63 belong to the protocol: use {FIRST_CUSTOM_ID} or more"));
        }
        Ok(_) => {}
        Err(_) => ctxt.error(number, "an id is a whole number from 64 up, of at most 64 bits"),
    }
}

/// A message says who sends it: there is no safe default.
fn has_sender(ctxt: &Ctxt, message: &Message<'_>) {
    let from = &message.attrs.from;
    if !from.is_given() && message.attrs.understood {
        ctxt.error_at(
            whole_attribute(),
            format!(
                "who sends `{}`? add `from = client`, `from = server`, `from = anyone`, or a role of your own",
                message.body.ident
            ),
        );
    }
}

/// Those who come to a server have rates; the server to which one goes has none.
fn rate_is_of_clients(ctxt: &Ctxt, message: &Message<'_>) {
    let rate = &message.attrs.rate;
    if let Some(Sender::Roles(roles)) = message.attrs.from.value()
        && rate.is_given()
        && roles.iter().all(|role| role.0 == SERVER_WORD.as_str())
    {
        ctxt.error(rate, "the server alone sends this message, and it is not held to a rate");
    }
}

/// A type on the wire has one form: no parameters but a lifetime to borrow for.
pub(super) fn generics_are_one_lifetime(ctxt: &Ctxt, generics: &Generics, what: &str) {
    let mut lifetimes = 0;
    for param in &generics.params {
        match param {
            GenericParam::Lifetime(lifetime) => {
                lifetimes += 1;
                if lifetimes > 1 {
                    ctxt.error(lifetime, "all that is borrowed comes from one message: use one lifetime");
                }
                if let Some(bound) = lifetime.bounds.first() {
                    ctxt.error(bound, "this lifetime is as long as the message lasts: leave the bound out");
                }
            }
            other => {
                ctxt.error(other, format!("generic {what} are reserved for a later version of magicnet"));
            }
        }
    }
    if let Some(clause) = &generics.where_clause {
        ctxt.error(clause, format!("generic {what} are reserved for a later version of magicnet"));
    }
}
