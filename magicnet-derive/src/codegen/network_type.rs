//! Structs as values: an array of their members.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{ItemStruct, Lifetime};

use super::foreign;
use super::parameter::List;
use crate::model::{Parameter, Struct, Style};

pub(crate) fn expand(body: &Struct<'_>) -> TokenStream {
    let any = with_lifetime(body, "'_");
    let members: Vec<&Parameter<'_>> = body.members.iter().collect();
    let list = List { of: &any, field: 0, parameters: &members };
    let declared = list.declare();
    let own = List { of: &quote!(Self), field: 0, parameters: &members };
    let (shapes, sizes) = (own.members(), own.sizes());
    let name = syn::ext::IdentExt::unraw(body.ident).to_string();
    let encode = encode(body);
    let (read_ty, decode) = decode_nested(body);
    quote! {
        const _: () = {
            use ::magicnet::__private as __p;
            #declared
            #[automatically_derived]
            impl __p::NetworkType for #any {
                const SHAPE: &'static __p::Shape = &__p::Shape::Struct { name: #name, members: #shapes };
                const MAX_SIZE: ::core::primitive::usize = __p::struct_size(#sizes);
                #encode
            }
            #[automatically_derived]
            impl<'de> __p::Decode<'de> for #read_ty {
                fn decode(
                    __reader: &mut __p::Reader<'de>,
                ) -> ::core::result::Result<Self, __p::DecodeError> {
                    #decode
                }
            }
        };
    }
}

/// The struct's type; with `lifetime` if it has one.
pub(crate) fn with_lifetime(body: &Struct<'_>, lifetime: &str) -> TokenStream {
    let ident = body.ident;
    let lifetime = body.lifetime().map(|_| Lifetime::new(lifetime, Span::call_site()));
    match lifetime {
        Some(lifetime) => quote!(#ident<#lifetime>),
        None => ident.to_token_stream(),
    }
}

/// `fn encode`: the same for messages and for values.
pub(crate) fn encode(body: &Struct<'_>) -> TokenStream {
    let members: Vec<&Parameter<'_>> = body.members.iter().collect();
    let list = List { of: &quote!(Self), field: 0, parameters: &members };
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

/// The type that is read, and the body that reads it out of `__arguments`.
pub(crate) fn decode(body: &Struct<'_>) -> (TokenStream, TokenStream) {
    let (take, made) = take_and_make(body);
    let decode = quote! {
        #take
        __arguments.finish()?;
        ::core::result::Result::Ok(#made)
    };
    (with_lifetime(body, "'de"), decode)
}

/// The same out of `__reader`, for a struct that is a value among others.
fn decode_nested(body: &Struct<'_>) -> (TokenStream, TokenStream) {
    let (take, made) = take_and_make(body);
    let decode = quote! {
        __p::Arguments::nested(__reader, |__arguments| {
            #take
            ::core::result::Result::Ok(#made)
        })
    };
    (with_lifetime(body, "'de"), decode)
}

fn take_and_make(body: &Struct<'_>) -> (TokenStream, TokenStream) {
    let members: Vec<&Parameter<'_>> = body.members.iter().collect();
    let take = List { of: &quote!(Self), field: 0, parameters: &members }.take(&quote!(__arguments));
    let bindings = members.iter().map(|member| &member.binding);
    let made = match body.style {
        Style::Named => quote!(Self { #(#bindings),* }),
        Style::Tuple => quote!(Self(#(#bindings),*)),
        Style::Unit => quote!(Self),
    };
    (take, made)
}

/// The user's struct without our attributes.
pub(crate) fn stripped(item: &ItemStruct) -> TokenStream {
    let mut item = item.clone();
    for field in &mut item.fields {
        field.attrs = foreign(&field.attrs).cloned().collect();
    }
    item.to_token_stream()
}
