//! What a creator says of the state: a stub with a method for each property that is declared so.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Ident, Visibility};

use super::state::given;
use super::stub::Bodies;
use super::{doc, shared};
use crate::model::{Contract, Property};

/// The stub, unless there is nothing to say.
pub(crate) fn init_of(contract: &Contract<'_>, vis: &Visibility, bodies: Bodies) -> Option<TokenStream> {
    let role = contract.number(contract.watcher());
    expand(&format_ident!("Init"), &contract.name(), role, contract.properties(), vis, bodies)
}

/// The same, for the properties of `object` that are in the table of the role numbered `role`.
pub(super) fn expand(
    name: &Ident,
    object: &str,
    role: u8,
    properties: &[Property<'_>],
    vis: &Visibility,
    bodies: Bodies,
) -> Option<TokenStream> {
    let initial = properties.iter().filter(|property| property.attrs.init.is_given());
    let methods: Vec<_> = initial.map(|property| method(property, role, bodies)).collect();
    let doc = doc(&format!("What the creator of a `{object}` object says of its state."));
    (!methods.is_empty()).then(|| {
        quote! {
            #doc
            #[derive(::core::fmt::Debug)]
            #vis struct #name<'a> {
                stub: __p::Stub<'a>,
            }
            #[automatically_derived]
            impl #name<'_> {
                #(#methods)*
            }
        }
    })
}

fn method(property: &Property<'_>, role: u8, bodies: Bodies) -> TokenStream {
    let (ident, ty) = (property.ident, property.parameter.ty);
    let own_doc = doc(&format!("The property `{}` is this at first.", ident.unraw()));
    let shared = shared(&property.field.attrs).filter(|attribute| !attribute.path().is_ident("doc"));
    let (body, lints) = match bodies {
        Bodies::Send => (send(property, role), None),
        Bodies::Missing => (
            quote!(::core::unreachable!("the contract has errors")),
            Some(quote!(#[allow(unused_variables)])),
        ),
    };
    quote! {
        #own_doc
        #(#shared)*
        #lints
        pub fn #ident(&self, #ident: #ty) {
            #body
        }
    }
}

fn send(property: &Property<'_>, role: u8) -> TokenStream {
    let ident = property.ident;
    let (count, give) = given(property, &quote!(#ident));
    let role = Literal::u8_unsuffixed(role);
    let number = Literal::usize_unsuffixed(property.number);
    quote! {
        self.stub.call((#role, #number), #count, |__w| {
            __w #give;
        });
    }
}
