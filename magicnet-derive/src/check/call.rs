//! Rules of calls.

use syn::{FnArg, Pat, Receiver, ReceiverKind, ReturnType, Safety};

use super::parameters;
use super::types::{self, Holder};
use super::{names, no_cfg, no_generics, no_self};
use crate::attr::method::NO_RATE;
use crate::ctxt::Ctxt;
use crate::model::{Call, Persist, RoleKind, Via};

pub(super) fn check(ctxt: &Ctxt, call: &Call<'_>) {
    is_plain(ctxt, call);
    has_no_answer(ctxt, call);
    has_no_body(ctxt, call);
    what_is_kept_arrives(ctxt, call);
    takes_self_mutably(ctxt, call);
    no_generics(ctxt, &call.method.sig.generics, "a call");
    no_cfg(ctxt, &call.method.attrs, "a call");
    names::of_field(ctxt, &call.attrs.wire, call.ident, &call.wire(), "a call");
    arguments_are_names(ctxt, call);
    no_self(ctxt, &call.attrs.by);
    rate_is_of_clients(ctxt, call);
    for parameter in &call.parameters {
        no_cfg(ctxt, parameter.attributes, "an argument");
        names::not_reserved(ctxt, &parameter.binding);
        no_self(ctxt, &parameter.attrs.check);
        no_self(ctxt, &parameter.attrs.default);
        if parameter.binding != "cx" {
            types::check(ctxt, parameter.ty, Holder::Call);
        }
    }
    parameters::check(ctxt, &call.parameters);
}

/// A call is an ordinary function: not `async`, `const`, `unsafe`, `extern` or variadic.
fn is_plain(ctxt: &Ctxt, call: &Call<'_>) {
    let sig = &call.method.sig;
    if let Some(asyncness) = &sig.asyncness {
        ctxt.error(asyncness, "`async` calls are reserved for a later version of magicnet");
    }
    if let Some(constness) = &sig.constness {
        ctxt.error(constness, "a call cannot be `const`");
    }
    if let Safety::Unsafe(keyword) = &sig.safety {
        ctxt.error(keyword, "a call cannot be `unsafe`: a peer makes it, and can promise nothing");
    }
    if let Some(abi) = &sig.abi {
        ctxt.error(abi, "a call has no ABI: leave this out");
    }
    if let Some(variadic) = &sig.variadic {
        ctxt.error(variadic, "for any number of arguments write `#[arg(rest)] rest: List<T, N>`");
    }
}

/// Whoever is there has what those who come later are given.
fn what_is_kept_arrives(ctxt: &Ctxt, call: &Call<'_>) {
    let may_be_lost = call.attrs.via.value().is_some_and(|via| *via != Via::Reliable);
    if may_be_lost && call.attrs.persist.value() == Some(&Persist::Ram) {
        let message = "what is kept for those who come later must arrive: leave out `via` or `persist`";
        ctxt.error(&call.attrs.via, message);
    }
}

/// A call has no answer yet.
fn has_no_answer(ctxt: &Ctxt, call: &Call<'_>) {
    if let ReturnType::Type(_, ty) = &call.method.sig.output {
        let instead = match call.role {
            RoleKind::Server => "until then answer by a call to clients, and refuse by `cx.reject(..)`",
            RoleKind::Client => "until then answer by a call to the server",
            RoleKind::Both => "until then answer by another call",
        };
        ctxt.error(
            ty,
            format!("calls with an answer are reserved for a later version of magicnet; {instead}"),
        );
    }
}

/// What a call does is written in the views.
fn has_no_body(ctxt: &Ctxt, call: &Call<'_>) {
    if let Some(body) = &call.method.default {
        ctxt.error(body, "a contract declares calls, views answer them: write `;` here");
    }
}

/// A call changes the view that answers it.
fn takes_self_mutably(ctxt: &Ctxt, call: &Call<'_>) {
    match call.method.sig.inputs.first() {
        Some(FnArg::Receiver(receiver)) if is_mutable_borrow(receiver) => {}
        Some(FnArg::Receiver(receiver)) => ctxt.error(receiver, "a call takes `&mut self`"),
        Some(FnArg::Typed(_)) | None => ctxt.error(call.ident, "a call takes `&mut self` first"),
    }
}

/// Clients have rates, the server has none. (In a contract module the key is not known there.)
fn rate_is_of_clients(ctxt: &Ctxt, call: &Call<'_>) {
    if call.attrs.rate.is_given() && call.role == RoleKind::Client {
        ctxt.error(&call.attrs.rate, format!("`rate` does not belong to a call `to` clients: {NO_RATE}"));
    }
}

fn is_mutable_borrow(receiver: &Receiver) -> bool {
    matches!(&receiver.kind, ReceiverKind::Reference(_, None, Some(_)))
}

/// Arguments have different names, and none is `cx`: peers see the names in errors, and the macro adds the context.
fn arguments_are_names(ctxt: &Ctxt, call: &Call<'_>) {
    let typed = call.method.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    let mut seen = Vec::new();
    for argument in typed {
        match &*argument.pat {
            Pat::Ident(name)
                if name.by_ref.is_none() && name.mutability.is_none() && name.subpat.is_none() =>
            {
                if name.ident == "cx" {
                    ctxt.error(name, "the macro adds the context `cx` after `&mut self`: leave it out here");
                } else if seen.contains(&&name.ident) {
                    ctxt.error(name, format!("this call has an argument `{}` already", name.ident));
                }
                seen.push(&name.ident);
            }
            pattern => {
                ctxt.error(pattern, "an argument has a plain name; take it apart where the call is handled")
            }
        }
    }
}
