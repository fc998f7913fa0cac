//! Rules of the direct form, as far as one of its items shows them. What two items must agree about is left to rustc,
//! in the words of the traits of `magicnet::__private`.

use std::collections::HashMap;

use syn::{Fields, FnArg, ImplItem, Type};

use super::contract::{name, roles_have_numbers};
use super::{call, no_generics, state};
use crate::attr;
use crate::attr::method::NO_INDEX;
use crate::attr::whole_attribute;
use crate::ctxt::Ctxt;
use crate::model::{Call, Declared, DirectImpl, DirectStruct, RoleKind, wire_place};
use crate::symbol::NETWORK_FIELD;

pub(crate) fn check_struct(ctxt: &Ctxt, direct: &DirectStruct<'_>) {
    name(ctxt, &direct.attrs.contract, &direct.item.ident.to_string());
    has_role(ctxt, direct);
    no_generics(ctxt, &direct.item.generics, "a networked struct");
    both_is_alone(ctxt, direct);
    the_contract_is_the_servers(ctxt, direct);
    roles_have_numbers(ctxt, &direct.attrs.contract.roles, direct.kinds());
    properties_have_names(ctxt, direct);
    state_is_the_contracts(ctxt, direct);
    for property in &direct.properties {
        state::property(ctxt, property);
        if property.attrs.index.is_given() {
            ctxt.error(&property.attrs.index, NO_INDEX);
        }
        if property.attrs.always.is_given() {
            ctxt.error(
                &property.attrs.always,
                "the direct form compares its fields, and does not see them touched: \
                 `always` is for the `State` of a contract module",
            );
        }
    }
    wire_names_of_properties_differ(ctxt, direct);
}

/// Which role it is cannot be seen from the struct.
fn has_role(ctxt: &Ctxt, direct: &DirectStruct<'_>) {
    if !direct.attrs.role.is_given() && direct.attrs.contract.understood {
        ctxt.error_at(
            whole_attribute(),
            "whose view is this? write `role = server`, `role = client`, or `role = both` for every node's",
        );
    }
}

/// The view of every node has no other beside it.
fn both_is_alone(ctxt: &Ctxt, direct: &DirectStruct<'_>) {
    if direct.role() == RoleKind::Both && direct.attrs.peer.is_given() {
        ctxt.error(
            &direct.attrs.peer,
            "`role = both` is the view of every node, so it has no peer: leave this out",
        );
    }
}

/// What holds for the whole contract is said by the server's view.
fn the_contract_is_the_servers(ctxt: &Ctxt, direct: &DirectStruct<'_>) {
    if direct.role() != RoleKind::Client {
        return;
    }
    let attrs = &direct.attrs.contract;
    let decided = "the server decides this: write it on the struct of its view";
    if attrs.create.is_given() {
        ctxt.error(&attrs.create, decided);
    }
    if attrs.on_owner_left.is_given() {
        ctxt.error(&attrs.on_owner_left, decided);
    }
    if direct.attrs.peer.is_given() && attrs.roles.whole.is_given() {
        ctxt.error(&attrs.roles.whole, "the peer numbers the roles: write this on its struct");
    }
}

/// Properties have names, which peers and callbacks use.
fn properties_have_names(ctxt: &Ctxt, direct: &DirectStruct<'_>) {
    let Fields::Unnamed(fields) = &direct.item.fields else { return };
    for field in &fields.unnamed {
        for attribute in attr::named(NETWORK_FIELD, &field.attrs) {
            ctxt.error(attribute, "a replicated field has a name: write `struct Door { open: bool }`");
        }
    }
}

/// There is one state, in the struct of the server's view if there is one here.
fn state_is_the_contracts(ctxt: &Ctxt, direct: &DirectStruct<'_>) {
    if direct.is_contract() {
        return;
    }
    for property in &direct.properties {
        ctxt.error(
            property.ident,
            "the state is in the struct of the peer: annotate its field there, and read it by `cx.state()` here",
        );
    }
}

/// Properties have different names on the wire. (Those of calls are compared where both are known.)
fn wire_names_of_properties_differ(ctxt: &Ctxt, direct: &DirectStruct<'_>) {
    let mut seen = HashMap::new();
    for property in &direct.properties {
        if let Some(other) = seen.insert(property.wire(), property.ident)
            && other != property.ident
        {
            ctxt.error(
                wire_place(&property.attrs.wire, property.ident),
                format!("`{other}` is called `{}` on the wire already", property.wire()),
            );
        }
    }
}

pub(crate) fn check_impl(ctxt: &Ctxt, direct: &DirectImpl<'_>, declared: &[Declared<'_>]) {
    is_of_one_type(ctxt, direct);
    only_methods_are_calls(ctxt, direct);
    for (call, declared) in direct.calls.iter().zip(declared) {
        says_which_way(ctxt, call);
        takes_a_context(ctxt, direct, declared);
        is_no_part_of_a_life(ctxt, call);
        call::check(ctxt, call);
    }
    calls_go_one_way(ctxt, direct);
    wire_names_of_calls_differ(ctxt, direct);
}

/// A view is one type: the framework makes it, and finds it by its type.
fn is_of_one_type(ctxt: &Ctxt, direct: &DirectImpl<'_>) {
    no_generics(ctxt, &direct.item.generics, "a view");
    if !matches!(&*direct.item.self_ty, Type::Path(_)) {
        ctxt.error(&direct.item.self_ty, "a view is a type of yours: put this on `impl YourType`");
    }
}

/// A peer can call nothing but methods.
fn only_methods_are_calls(ctxt: &Ctxt, direct: &DirectImpl<'_>) {
    for item in &direct.item.items {
        let attributes = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            _ => continue,
        };
        for attribute in attr::named(NETWORK_FIELD, attributes) {
            ctxt.error(attribute, "peers call methods, and nothing else: leave this out");
        }
    }
}

/// Whom a call is for is written down, since the role is not to be seen here.
fn says_which_way(ctxt: &Ctxt, call: &Call<'_>) {
    if !call.attrs.from.is_given() && !call.attrs.to.is_given() && call.attrs.understood {
        ctxt.error(
            call.ident,
            format!(
                "who calls `{}`, or who receives it? in the server's view write `from = owner`, `anyone` or \
                 `server`, in a client's `to = viewers` or `to = owner`, in that of every node both",
                call.name()
            ),
        );
    }
}

/// A call is a handler, and gets its context.
fn takes_a_context(ctxt: &Ctxt, direct: &DirectImpl<'_>, declared: &Declared<'_>) {
    let is_context = match &declared.context {
        Some(FnArg::Typed(typed)) => {
            matches!(&*typed.ty, Type::Reference(reference) if reference.mutability.is_some())
        }
        _ => false,
    };
    if !is_context && declared.method.sig.receiver().is_some() {
        let cx = format!("a call takes its context after `&mut self`: `cx: &mut {}Cx<'_>`", direct.name());
        match &declared.context {
            Some(other) => ctxt.error(other, cx),
            None => ctxt.error(&declared.method.sig.ident, cx),
        }
    }
}

/// The framework alone says when an object begins and ends.
fn is_no_part_of_a_life(ctxt: &Ctxt, call: &Call<'_>) {
    if call.ident == "on_generate" || call.ident == "on_destroy" {
        ctxt.error(
            call.ident,
            format!(
                "`{}` is what the framework calls in an object's life, and no peer: \
                 leave `#[network_field]` out",
                call.ident
            ),
        );
    }
}

/// One view has one role, so all its calls go the same way.
fn calls_go_one_way(ctxt: &Ctxt, direct: &DirectImpl<'_>) {
    let mut said = direct.calls.iter().filter(|call| call.attrs.from.is_given() || call.attrs.to.is_given());
    let Some(first) = said.next() else { return };
    for call in said.filter(|call| call.role != first.role) {
        let form = match first.role {
            RoleKind::Server => "`from` alone, as the server's view does",
            RoleKind::Client => "`to` alone, as a client's view does",
            RoleKind::Both => "`from` and `to`, as the view of every node does",
        };
        ctxt.error(
            call.ident,
            format!(
                "`{}` says {form}, so all calls of this view do, and `{}` says something else",
                first.name(),
                call.name()
            ),
        );
    }
}

/// Calls have different names on the wire. (Those of properties are compared where both are known.)
fn wire_names_of_calls_differ(ctxt: &Ctxt, direct: &DirectImpl<'_>) {
    let mut seen = HashMap::new();
    for call in &direct.calls {
        if let Some(other) = seen.insert(call.wire(), call.ident)
            && other != call.ident
        {
            ctxt.error(
                wire_place(&call.attrs.wire, call.ident),
                format!("`{other}` is called `{}` on the wire already", call.wire()),
            );
        }
    }
}
