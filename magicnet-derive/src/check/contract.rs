//! Rules of contract modules as a whole.

use std::collections::HashMap;

use syn::{Ident, LitInt, TraitItem, Visibility};

use super::{call, names, no_cfg, no_generics, no_self, state};
use crate::attr::Attr;
use crate::attr::container::{ContractAttrs, RolesAttr};
use crate::attr::whole_attribute;
use crate::ctxt::Ctxt;
use crate::model::{Contract, MAX_FIELDS, Misplaced, Role, RoleKind, said_number, type_name, wire_place};
use crate::suggest::{did_you_mean, enumerate};
use crate::symbol::{BOTH, CLIENT, SERVER};

pub(crate) fn check(ctxt: &Ctxt, contract: &Contract<'_>) {
    is_inline(ctxt, contract);
    has_name(ctxt, contract);
    has_parts(ctxt, contract);
    no_self(ctxt, &contract.attrs.created_by);
    traits_are_roles(ctxt, contract);
    items_are_in_place(ctxt, contract);
    names_are_free(ctxt, contract);
    parts_are_equally_visible(ctxt, contract);
    if let Some(state) = &contract.state {
        state::check(ctxt, state);
    }
    for role in contract.roles() {
        role_is_plain(ctxt, role);
        role_has_only_calls(ctxt, role);
        for call in &role.calls {
            call::check(ctxt, call);
        }
    }
    if roles_go_together(ctxt, contract) {
        roles_have_numbers(ctxt, &contract.attrs.roles, contract.kinds());
    }
    for kind in [RoleKind::Client, RoleKind::Server, RoleKind::Both] {
        methods_are_unique(ctxt, contract, kind);
        wire_names_are_unique(ctxt, contract, kind);
        fields_fit_the_table(ctxt, contract, kind);
        indexes_are_a_table(ctxt, contract, kind);
    }
}

/// The macro sees the module's body.
fn is_inline(ctxt: &Ctxt, contract: &Contract<'_>) {
    let module = contract.module;
    if let Some(semi) = &module.semi {
        let name = &module.ident;
        ctxt.error(semi, format!("the contract must be here: write `mod {name} {{ ... }}`"));
    }
    if let Some(unsafety) = &module.unsafety {
        ctxt.error(unsafety, "a contract module is not unsafe");
    }
}

/// A contract has a name, by which peers number their types.
fn has_name(ctxt: &Ctxt, contract: &Contract<'_>) {
    name(ctxt, &contract.attrs, &contract.module.ident.to_string());
}

/// The same, `ident` being what is networked.
pub(super) fn name(ctxt: &Ctxt, attrs: &ContractAttrs, ident: &str) {
    if !attrs.name.is_given() && attrs.understood {
        let example = ident.replace('_', "-").to_lowercase();
        ctxt.error_at(
            whole_attribute(),
            format!(
                "a contract needs the name that peers know it by: `#[network_object(name = \"{example}\")]`"
            ),
        );
    }
    names::said(ctxt, &attrs.name, "a contract");
}

/// A contract has state, calls, or both. (Something misspelled is an error of its own.)
fn has_parts(ctxt: &Ctxt, contract: &Contract<'_>) {
    let nothing = contract.state.is_none() && contract.roles().next().is_none();
    let has_body = contract.module.content.is_some();
    if nothing && has_body && contract.unknown_traits.is_empty() && contract.misplaced.is_empty() {
        ctxt.error(
            &contract.module.ident,
            "this contract has no state and no calls: \
             add `pub struct State { .. }`, `pub trait Server { .. }` or `pub trait Client { .. }`",
        );
    }
}

/// Each trait in the module is a role's.
fn traits_are_roles(ctxt: &Ctxt, contract: &Contract<'_>) {
    for item in &contract.unknown_traits {
        let name = item.ident.to_string();
        let hint = did_you_mean(&name, [SERVER.as_str(), CLIENT.as_str(), BOTH.as_str()]);
        let message = if item.ident == SERVER || item.ident == CLIENT || item.ident == BOTH {
            format!("`{name}` is here twice: put all its calls into one trait")
        } else if hint.is_empty() {
            format!("no role is called `{name}`; roles are `{SERVER}` and `{CLIENT}`, or `{BOTH}`")
        } else {
            format!("no role is called `{name}`{hint}")
        };
        ctxt.error(&item.ident, message);
    }
}

/// Where the view is the same on every node, there is no other.
fn roles_go_together(ctxt: &Ctxt, contract: &Contract<'_>) -> bool {
    let beside_others = contract.both.as_ref().filter(|_| !contract.is_symmetric());
    if let Some(both) = beside_others {
        ctxt.error(
            &both.item.ident,
            format!(
                "`{BOTH}` is the view of every node, so it stands alone; \
                 for views that differ write `{SERVER}` and `{CLIENT}`"
            ),
        );
    }
    beside_others.is_none()
}

/// Roles have different numbers, and those that say one are there.
pub(super) fn roles_have_numbers(ctxt: &Ctxt, said: &RolesAttr, kinds: &[RoleKind]) {
    let mut numbers: Vec<(u8, RoleKind)> = Vec::new();
    for kind in kinds {
        let number = said.number_of(*kind);
        if let Some((_, other)) = numbers.iter().find(|(known, _)| *known == number) {
            let (one, two) = (other.word(), kind.word());
            ctxt.error(
                &said.whole,
                format!("roles have different numbers, and both `{one}` and `{two}` are {number} here"),
            );
        }
        numbers.push((number, *kind));
    }
    for kind in [RoleKind::Client, RoleKind::Server, RoleKind::Both] {
        if let Some(number) = said.number(kind).filter(|_| !kinds.contains(&kind)) {
            let there: Vec<_> = kinds.iter().map(|kind| kind.word()).collect();
            ctxt.error(
                number,
                format!("this contract has no role `{}`: write {}", kind.word(), enumerate(there, "and")),
            );
        }
    }
}

/// `State` is one struct, with that name; and the names of what the macro makes are free.
fn items_are_in_place(ctxt: &Ctxt, contract: &Contract<'_>) {
    for (ident, reason) in &contract.misplaced {
        let message = match reason {
            Misplaced::SecondState => "`State` is here twice: put all properties into one struct".to_owned(),
            Misplaced::StateOfAnotherKind => {
                "`State` is a struct with a property for each value that is replicated".to_owned()
            }
            Misplaced::Properties => {
                format!("replicated properties belong in `struct State`, not in `{ident}`")
            }
            Misplaced::TakenName => format!("`{ident}` is what the macro makes here: choose another name"),
        };
        ctxt.error(ident, message);
    }
}

/// Other items of the module keep out of the way of what the macro makes.
fn names_are_free(ctxt: &Ctxt, contract: &Contract<'_>) {
    for ident in contract.others.iter().filter_map(|item| type_name(item)) {
        names::not_reserved(ctxt, ident);
    }
}

/// Where `State` and the roles say how visible they are, they say the same: views need them together.
fn parts_are_equally_visible(ctxt: &Ctxt, contract: &Contract<'_>) {
    let mut said = contract.visibilities().filter(|(vis, _)| !matches!(vis, Visibility::Inherited));
    let Some((first, of)) = said.next() else { return };
    for (vis, ident) in said {
        if vis != first {
            ctxt.error(vis, format!("`{ident}` must be as visible as `{of}`: views need them together"));
        }
    }
}

/// A role is an ordinary trait, the same for all peers.
fn role_is_plain(ctxt: &Ctxt, role: &Role<'_>) {
    let item = role.item;
    no_generics(ctxt, &item.generics, "a role");
    no_cfg(ctxt, &item.attrs, "a role");
    if let Some(unsafety) = &item.unsafety {
        ctxt.error(unsafety, "a role is not unsafe");
    }
    if let Some(auto) = &item.modifiers.auto_token {
        ctxt.error(auto, "a role is an ordinary trait");
    }
}

/// A role's trait has methods alone: a peer can call nothing else.
fn role_has_only_calls(ctxt: &Ctxt, role: &Role<'_>) {
    for item in &role.item.items {
        if !matches!(item, TraitItem::Fn(_)) {
            ctxt.error(
                item,
                format!("`{}` has calls alone: peers know nothing else of it", role.kind.name()),
            );
        }
    }
}

/// Within a role, methods have different names, those of properties and of the object's life included.
fn methods_are_unique(ctxt: &Ctxt, contract: &Contract<'_>, kind: RoleKind) {
    let mut seen = HashMap::new();
    for property in contract.watched(kind) {
        seen.insert(
            property.changed().to_string(),
            format!("what `{}` calls when it changes", property.ident),
        );
    }
    for life in ["on_generate", "on_destroy"] {
        seen.insert(life.to_owned(), "what the framework calls in an object's life".to_owned());
    }
    for call in contract.calls(kind) {
        if let Some(other) = seen.get(&call.name()) {
            ctxt.error(call.ident, format!("`{}` is taken: it is {other}", call.name()));
        } else {
            seen.insert(call.name(), format!("another call of `{}`", kind.name()));
        }
    }
}

/// Within a role, fields have different names on the wire.
fn wire_names_are_unique(ctxt: &Ctxt, contract: &Contract<'_>, kind: RoleKind) {
    let watched = contract.watched(kind);
    let properties = watched.iter().map(|property| (property.wire(), &property.attrs.wire, property.ident));
    let calls = contract.calls(kind).iter().map(|call| (call.wire(), &call.attrs.wire, call.ident));
    let mut seen: HashMap<String, &Ident> = HashMap::new();
    for (wire, said, ident) in properties.chain(calls) {
        match seen.get(&wire) {
            // The same method twice is an error already.
            Some(other) if *other == ident => {}
            Some(other) => ctxt.error(
                wire_place(said, ident),
                format!("`{other}` is called `{wire}` on the wire already; give one another name by `wire = \"...\"`"),
            ),
            None => drop(seen.insert(wire, ident)),
        }
    }
}

/// A role has at most 256 fields.
fn fields_fit_the_table(ctxt: &Ctxt, contract: &Contract<'_>, kind: RoleKind) {
    let watched = contract.watched(kind);
    let properties = watched.iter().map(|property| property.ident);
    let calls = contract.calls(kind).iter().map(|call| call.ident);
    if let Some(first_too_many) = properties.chain(calls).nth(MAX_FIELDS) {
        ctxt.error(
            first_too_many,
            format!("a role has at most {MAX_FIELDS} fields, and this is one more for `{}`", kind.name()),
        );
    }
}

/// The numbers that fields say are different ones, and leave no gap.
fn indexes_are_a_table(ctxt: &Ctxt, contract: &Contract<'_>, kind: RoleKind) {
    let watched = contract.watched(kind);
    let properties = watched.iter().map(|property| (property.ident, &property.attrs.index));
    let fields: Vec<(&Ident, &Attr<LitInt>)> =
        properties.chain(contract.calls(kind).iter().map(|call| (call.ident, &call.attrs.index))).collect();
    let mut seen: HashMap<usize, &Ident> = HashMap::new();
    for (ident, index) in &fields {
        let Some(said) = index.value() else { continue };
        let Some(number) = said_number(index).filter(|number| *number < fields.len()) else {
            ctxt.error(said, beyond_the_table(kind, fields.len()));
            continue;
        };
        match seen.get(&number) {
            Some(other) => {
                ctxt.error(said, format!("`{other}` has the number {number} already: choose another"))
            }
            None => drop(seen.insert(number, ident)),
        }
    }
}

fn beyond_the_table(kind: RoleKind, fields: usize) -> String {
    let role = kind.name();
    match fields {
        1 => format!("numbers leave no gap: `{role}` has one field, so this is 0"),
        _ => format!("numbers leave no gap: `{role}` has {fields} fields, so they are 0 to {}", fields - 1),
    }
}
