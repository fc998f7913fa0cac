//! Roles: their traits, and the names of their contexts.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, Ident, Lifetime, Pat, Signature, Type, Visibility};

use super::{default_doc, doc, foreign, many_arguments, with_lifetime};
use crate::model::{Call, Contract, Property, Role, RoleKind};

/// The marker of a role, and the context of its handlers.
pub(crate) fn contexts(contract: &Contract<'_>, kind: RoleKind, vis: &Visibility) -> TokenStream {
    let (side, cx) = (kind.side(), kind.cx());
    let (markers, whose): (&[&str], _) = match kind {
        RoleKind::Server => (&["ServerSide", "StateSide"], "the server's view"),
        RoleKind::Client => (&["ClientSide"], "a client's view"),
        RoleKind::Both => (&["ClientSide", "KeepsState"], "a view"),
    };
    let role = kind.constant();
    let markers = markers.iter().map(|marker| format_ident!("{marker}"));
    let doc = doc(&format!("The context of handlers of {whose} of a `{}` object.", contract.name()));
    quote! {
        #[doc(hidden)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis enum #side {}
        #[automatically_derived]
        impl __p::Side for #side {
            type Contract = Contract;
            const ROLE: __p::Role = __p::Role::#role;
        }
        #(
            #[automatically_derived]
            impl __p::#markers for #side {}
        )*
        #doc
        #vis type #cx<'a, V> = ::magicnet::Cx<'a, #side, V>;
    }
}

/// The trait that views of a role implement. Without one of the user's there is an empty one.
pub(crate) fn trait_of(contract: &Contract<'_>, kind: RoleKind, vis: &Visibility) -> TokenStream {
    let role = contract.role(kind);
    let (name, side, cx) = (kind.trait_name(), kind.side(), kind.cx());
    // The user's own name, so that tools lead to it.
    let ident = role.map_or(&name, |role| if role.item.ident == name { &role.item.ident } else { &name });
    let attributes = role.map(|role| foreign(&role.item.attrs)).into_iter().flatten();
    let whose = match kind {
        RoleKind::Server => "Calls that the server's view answers.",
        RoleKind::Client => "Calls that client views answer.",
        RoleKind::Both => "Calls that views answer, the server's and the clients'.",
    };
    let doc = default_doc(role.map_or(&[], |role| &role.item.attrs), whose);
    let supertraits = role.map(|role| role.item.supertraits.iter()).into_iter().flatten();
    let watched = contract.watched(kind);
    let mut taken = vec![format_ident!("on_generate"), format_ident!("on_destroy")];
    taken.extend(watched.iter().map(|property| property.changed()));
    let watched = unique(&watched).map(changed);
    let calls = role.map(|role| declared(role, &taken)).unwrap_or_default();
    quote! {
        #doc
        #(#attributes)*
        #vis trait #ident:
            #(#supertraits +)* ::magicnet::View + ::core::marker::Sized + ::core::marker::Send + 'static
        {
            #(#watched)*
            #(#calls)*
            /// The object is complete: all its state is there.
            fn on_generate(&mut self, cx: &mut #cx<'_, Self>) {
                let _ = cx;
            }
            /// The object is about to go.
            fn on_destroy(&mut self, cx: &mut #cx<'_, Self>) {
                let _ = cx;
            }
            #[doc(hidden)]
            const __ROLE_OF_A_CONTRACT: __p::SlotDescriptor<Self> = __p::SlotDescriptor::of::<#side>();
        }
    }
}

/// Properties without those that are there twice, which is an error already.
fn unique<'a, 'b>(properties: &'b [&'b Property<'a>]) -> impl Iterator<Item = &'b Property<'a>> {
    let is_new =
        |index: usize| properties[..index].iter().all(|before| before.ident != properties[index].ident);
    (0..properties.len()).filter(move |index| is_new(*index)).map(move |index| properties[index])
}

/// `fn value_changed(...)`, which a view may leave out.
fn changed(property: &Property<'_>) -> TokenStream {
    let cx = property.role.cx();
    let (changed, ident, ty) = (property.changed(), property.ident, property.parameter.ty);
    let doc = doc(&format!("`{ident}` changed from `old` to `cx.state().{ident}`."));
    quote! {
        #doc
        fn #changed(&mut self, cx: &mut #cx<'_, Self>, old: #ty) {
            let _ = (cx, old);
        }
    }
}

/// The user's methods, each with its context. One whose name is `taken`, or there twice, is an error already.
fn declared(role: &Role<'_>, taken: &[Ident]) -> Vec<TokenStream> {
    let mut seen: Vec<&Ident> = taken.iter().collect();
    let mut methods = Vec::new();
    for call in &role.calls {
        if seen.contains(&call.ident) {
            continue;
        }
        seen.push(call.ident);
        let attributes = foreign(&call.method.attrs);
        let doc = default_doc(&call.method.attrs, &format!("The call `{}`.", call.name()));
        let (sig, lints) = (with_context(call), many_arguments(call));
        methods.push(quote! {
            #doc
            #(#attributes)*
            #lints
            #sig;
        });
    }
    methods
}

/// The signature with `cx` after `&mut self`.
fn with_context(call: &Call<'_>) -> Signature {
    let cx = call.role.cx();
    let mut sig = signature(call);
    let context: FnArg = syn::parse_quote!(cx: &mut #cx<'_, Self>);
    if !call.parameters.iter().any(|parameter| parameter.binding == "cx") {
        sig.inputs.insert(1.min(sig.inputs.len()), context);
    }
    sig
}

/// The signature without our attributes, and without what is an error already.
pub(crate) fn signature(call: &Call<'_>) -> Signature {
    let anonymous = Lifetime::new("'_", Span::call_site());
    let mut sig = call.method.sig.clone();
    let mut bindings = call.parameters.iter().map(|parameter| &parameter.binding);
    for input in &mut sig.inputs {
        if let FnArg::Typed(typed) = input {
            typed.attrs = foreign(&typed.attrs).cloned().collect();
            let binding = bindings.next().expect("each typed argument is a parameter");
            if !matches!(&*typed.pat, Pat::Ident(name) if name.ident == *binding && name.mutability.is_none())
            {
                *typed.pat = syn::parse_quote!(#binding);
            }
            *typed.ty = with_lifetime(&typed.ty, &anonymous);
            WithoutPlaceholders.visit_type_mut(&mut typed.ty);
        }
    }
    if !matches!(sig.inputs.first(), Some(FnArg::Receiver(_))) {
        sig.inputs.insert(0, syn::parse_quote!(&mut self));
    }
    sig
}

/// `_` and `!` are errors already; rustc would say so once more.
struct WithoutPlaceholders;

impl VisitMut for WithoutPlaceholders {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::Infer(_) | Type::Never(_) => *ty = syn::parse_quote!(()),
            _ => visit_mut::visit_type_mut(self, ty),
        }
    }
}
