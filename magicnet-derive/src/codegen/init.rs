//! What a creator says of the state: a stub with a method for each property that is declared so.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::Visibility;
use syn::ext::IdentExt;

use super::state::given;
use super::stub::Bodies;
use super::{doc, shared};
use crate::model::{Contract, Property, RoleKind};

/// The stub, unless there is nothing to say.
pub(crate) fn init_of(contract: &Contract<'_>, vis: &Visibility, bodies: Bodies) -> Option<TokenStream> {
    contract.initial().next()?;
    let doc = doc(&format!("What the creator of a `{}` object says of its state.", contract.name()));
    let methods = contract.initial().map(|property| method(property, bodies));
    Some(quote! {
        #doc
        #[derive(::core::fmt::Debug)]
        #vis struct Init<'a> {
            stub: __p::Stub<'a>,
        }
        #[automatically_derived]
        impl Init<'_> {
            #(#methods)*
        }
    })
}

fn method(property: &Property<'_>, bodies: Bodies) -> TokenStream {
    let (ident, ty) = (property.ident, property.parameter.ty);
    let own_doc = doc(&format!("The property `{}` is this at first.", ident.unraw()));
    let shared = shared(&property.field.attrs).filter(|attribute| !attribute.path().is_ident("doc"));
    let (body, lints) = match bodies {
        Bodies::Send => (send(property), None),
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

fn send(property: &Property<'_>) -> TokenStream {
    let ident = property.ident;
    let (count, give) = given(property, &quote!(#ident));
    let role = Literal::u8_unsuffixed(RoleKind::Client.number());
    let number = Literal::usize_unsuffixed(property.number);
    quote! {
        self.stub.call((#role, #number), #count, |__w| {
            __w #give;
        });
    }
}
