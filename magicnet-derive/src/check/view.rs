//! Rules of views.

use syn::visit::Visit;
use syn::{ImplItem, Lifetime, Type};

use crate::attr;
use crate::ctxt::Ctxt;
use crate::model::View;
use crate::symbol::NETWORK_FIELD;

pub(crate) fn check(ctxt: &Ctxt, view: &View<'_>) {
    is_a_role_of_a_type(ctxt, view);
    is_one_type(ctxt, view);
    declares_nothing(ctxt, view);
}

/// A view implements a role for a type.
fn is_a_role_of_a_type(ctxt: &Ctxt, view: &View<'_>) {
    let item = view.item;
    if let Some(not) = &item.modifiers.polarity {
        ctxt.error(not, "a view implements its role: leave the `!` out");
    }
    if let Some(unsafety) = &item.unsafety {
        ctxt.error(unsafety, "a role is not unsafe");
    }
    if !matches!(&*item.self_ty, Type::Path(_)) {
        ctxt.error(
            &item.self_ty,
            "a view is a type of yours: put this on `impl contract::Server for YourType`",
        );
    }
}

/// A view is one type: the framework makes it, and finds it by its type.
fn is_one_type(ctxt: &Ctxt, view: &View<'_>) {
    let generics = &view.item.generics;
    if !generics.params.is_empty() {
        ctxt.error(
            &generics.params,
            "a view is one type: write `impl contract::Server for YourType<SomeType>`",
        );
    } else if let Some(clause) = &generics.where_clause {
        ctxt.error(clause, "a view is one type, so there is nothing to bound");
    }
    let mut lifetimes = Lifetimes { ctxt };
    lifetimes.visit_type(&view.item.self_ty);
}

struct Lifetimes<'a> {
    ctxt: &'a Ctxt,
}

impl<'ast> Visit<'ast> for Lifetimes<'_> {
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if lifetime.ident == "_" {
            self.ctxt.error(lifetime, "a view lives as long as its object, so it cannot borrow");
        }
    }
}

/// What calls say is said in the contract.
fn declares_nothing(ctxt: &Ctxt, view: &View<'_>) {
    for item in &view.item.items {
        if let ImplItem::Fn(method) = item {
            for attribute in attr::named(NETWORK_FIELD, &method.attrs) {
                ctxt.error(attribute, "calls are declared in the contract module: write this there");
            }
        }
    }
}
