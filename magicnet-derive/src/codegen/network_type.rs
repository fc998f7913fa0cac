//! Structs as values: an array of their members.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{Generics, Ident, ItemStruct, Lifetime};

use super::foreign;
use super::parameter::List;
use crate::model::{Parameter, Struct, Style, lifetime_of};

pub(crate) fn expand(body: &Struct<'_>) -> TokenStream {
    let list = List::of_struct(body);
    let (marker, declared) = (list.marker(), list.declare());
    let (shapes, sizes) = (list.members(), list.sizes());
    let (any, read) = (of_any(body.ident, body.generics), of_de(body.ident, body.generics));
    let name = body.ident.unraw().to_string();
    let encode = encode(body);
    let (take, made) = (list.take(&quote!(__arguments)), made(body));
    quote! {
        #[allow(deprecated)]
        const _: () = {
            use ::magicnet::__private as __p;
            #marker
            #declared
            #[automatically_derived]
            impl __p::NetworkType for #any {
                const SHAPE: &'static __p::Shape = &__p::Shape::Struct { name: #name, members: #shapes };
                const MAX_SIZE: ::core::primitive::usize = __p::struct_size(#sizes);
                #encode
            }
            #[automatically_derived]
            impl<'de> __p::Decode<'de> for #read {
                fn decode(
                    __reader: &mut __p::Reader<'de>,
                ) -> ::core::result::Result<Self, __p::DecodeError> {
                    __p::Arguments::nested(__reader, |__arguments| {
                        #take
                        ::core::result::Result::Ok(#made)
                    })
                }
            }
        };
    }
}

/// The type for any lifetime, if it has one.
pub(super) fn of_any(ident: &Ident, generics: &Generics) -> TokenStream {
    with_lifetime(ident, generics, "'_")
}

/// The type as it is read.
pub(super) fn of_de(ident: &Ident, generics: &Generics) -> TokenStream {
    with_lifetime(ident, generics, "'de")
}

/// The type; with `lifetime` if it has one.
pub(super) fn with_lifetime(ident: &Ident, generics: &Generics, lifetime: &str) -> TokenStream {
    let lifetime = lifetime_of(generics).map(|_| Lifetime::new(lifetime, Span::call_site()));
    match lifetime {
        Some(lifetime) => quote!(#ident<#lifetime>),
        None => ident.to_token_stream(),
    }
}

/// `fn encode`: the same for messages and for values.
pub(super) fn encode(body: &Struct<'_>) -> TokenStream {
    let list = List::of_struct(body);
    let value = |parameter: &Parameter<'_>| {
        let member = &parameter.member;
        quote!(self.#member)
    };
    let (count, give) = (list.count(value), list.give(value));
    quote! {
        fn encode(&self, __w: &mut __p::Writer<'_>) {
            __p::ArgumentsWriter::open(__w, #count)#give;
        }
    }
}

/// The struct out of its members, which are taken already.
pub(super) fn made(body: &Struct<'_>) -> TokenStream {
    bound(&quote!(Self), &body.members, body.style)
}

/// `path` with its members, by the names that they are bound to: an expression, and a pattern.
pub(super) fn bound(path: &TokenStream, members: &[Parameter<'_>], style: Style) -> TokenStream {
    let bindings = members.iter().map(|member| &member.binding);
    match style {
        Style::Named => quote!(#path { #(#bindings),* }),
        Style::Tuple => quote!(#path(#(#bindings),*)),
        Style::Unit => quote!(#path),
    }
}

/// The user's struct without our attributes.
pub(super) fn stripped(item: &ItemStruct) -> TokenStream {
    let mut item = item.clone();
    for field in &mut item.fields {
        field.attrs = foreign(&field.attrs).cloned().collect();
    }
    item.to_token_stream()
}
