//! Enums as values: the number of a variant, in an array with its members if any variant has some.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::ext::IdentExt;

use super::network_type::{bound, of_any, of_de};
use super::parameter::List;
use crate::model::{Enum, Parameter, Variant};

pub(crate) fn expand(body: &Enum<'_>) -> TokenStream {
    let lists =
        || body.variants.iter().enumerate().map(|(number, variant)| List::of_variant(number, variant));
    let marker = lists().find_map(|list| list.marker());
    let declared = lists().map(|list| list.declare());
    let name = body.ident.unraw().to_string();
    let names = body.variants.iter().map(|variant| variant.item.ident.unraw().to_string());
    let members = lists().map(|list| list.members());
    let (any, read) = (of_any(body.ident, body.generics), of_de(body.ident, body.generics));
    let key = body.is_number().then(|| {
        quote! {
            #[automatically_derived]
            impl __p::Key for #any {}
        }
    });
    let (size, encode, decode) = (size(body), encode(body), decode(body));
    quote! {
        #[allow(deprecated)]
        const _: () = {
            use ::magicnet::__private as __p;
            #marker
            #(#declared)*
            #[automatically_derived]
            impl __p::NetworkType for #any {
                const SHAPE: &'static __p::Shape = &__p::Shape::Enum {
                    name: #name,
                    variants: &[#(__p::Variant { name: #names, members: #members }),*],
                };
                const MAX_SIZE: ::core::primitive::usize = #size;
                fn encode(&self, __w: &mut __p::Writer<'_>) {
                    #encode
                }
            }
            #key
            #[automatically_derived]
            impl<'de> __p::Decode<'de> for #read {
                fn decode(
                    __reader: &mut __p::Reader<'de>,
                ) -> ::core::result::Result<Self, __p::DecodeError> {
                    #decode
                }
            }
        };
    }
}

fn size(body: &Enum<'_>) -> TokenStream {
    if body.is_number() {
        let variants = Literal::usize_unsuffixed(body.variants.len());
        return quote!(__p::variant_size(#variants));
    }
    let sizes = numbered(body).map(|(number, variant)| List::of_variant(number, variant).sizes());
    quote!(__p::enum_size(&[#(#sizes),*]))
}

fn encode(body: &Enum<'_>) -> TokenStream {
    let arms = numbered(body).map(|(number, variant)| {
        let list = List::of_variant(number, variant);
        let pattern = pattern(variant);
        let tag = Literal::usize_unsuffixed(number);
        if body.is_number() {
            return quote!(#pattern => #tag,);
        }
        let value = |parameter: &Parameter<'_>| {
            let binding = &parameter.binding;
            quote!(*#binding)
        };
        let (count, give) = (Literal::usize_unsuffixed(1 + variant.members.len()), list.give(value));
        quote! {
            #pattern => {
                __p::ArgumentsWriter::open(__w, #count).tag(#tag) #give;
            }
        }
    });
    if body.is_number() {
        quote!(__w.unsigned(match self { #(#arms)* });)
    } else {
        quote!(match self { #(#arms)* })
    }
}

fn decode(body: &Enum<'_>) -> TokenStream {
    let arms = numbered(body).map(|(number, variant)| {
        let take = List::of_variant(number, variant).take(&quote!(__arguments));
        let (number, made) = (Literal::usize_unsuffixed(number), pattern(variant));
        quote! {
            #number => {
                #take
                #made
            }
        }
    });
    let choice = quote! {
        ::core::result::Result::Ok(match __variant {
            #(#arms)*
            _ => __p::no_such_variant(__variant),
        })
    };
    if body.is_number() {
        quote! {
            let (__variant, _) = __p::variant(__reader, <Self as __p::NetworkType>::SHAPE)?;
            #choice
        }
    } else {
        quote! {
            __p::Arguments::variant(__reader, <Self as __p::NetworkType>::SHAPE, |__variant, __arguments| {
                #choice
            })
        }
    }
}

/// The variant with its members, by the names that they are bound to.
fn pattern(variant: &Variant<'_>) -> TokenStream {
    let ident = &variant.item.ident;
    bound(&quote!(Self::#ident), &variant.members, variant.style)
}

fn numbered<'a>(body: &'a Enum<'a>) -> impl Iterator<Item = (usize, &'a Variant<'a>)> {
    body.variants.iter().enumerate()
}
