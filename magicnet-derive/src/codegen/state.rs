//! The replicated state: the user's struct, and how its properties are numbered.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Field, Fields, Ident, Index, ItemStruct, Lifetime, Visibility};

use super::contract::visibility;
use super::parameter::List;
use super::{default_doc, foreign, with_lifetime};
use crate::model::{Contract, Property, State};

/// `State` and all that is implemented for it.
pub(super) fn expand(contract: &Contract<'_>) -> TokenStream {
    let Some(state) = &contract.state else {
        return TokenStream::new();
    };
    let item = item(contract, state, None);
    let default = default_impl(state);
    let implementation = object_state(&format_ident!("State"), &state.properties);
    quote! {
        #item
        #default
        #implementation
    }
}

/// What is implemented for the type with the properties.
pub(super) fn object_state(of: &Ident, properties: &[Property<'_>]) -> TokenStream {
    let count = properties.len();
    let (encode, decode) = (encode(properties), decode(properties));
    quote! {
        #[automatically_derived]
        impl __p::ObjectState for #of {
            const PROPERTIES: ::core::primitive::usize = #count;
            fn initial() -> Self {
                <Self as ::core::default::Default>::default()
            }
            fn encode(&self, property: ::core::primitive::usize, w: &mut __p::Writer<'_>) {
                #encode
            }
            fn decode(
                &mut self,
                property: ::core::primitive::usize,
                __arguments: &mut __p::Arguments<'_>,
            ) -> ::core::result::Result<(), __p::DecodeError> {
                #decode
            }
        }
    }
}

/// Writes the arguments of `property` of `self` to `w`.
pub(super) fn encode(properties: &[Property<'_>]) -> TokenStream {
    let arms = properties.iter().enumerate().map(|(number, property)| {
        let (count, give) = given(property, &property_of(property, quote!(self)));
        let number = Index::from(number);
        quote! {
            #number => {
                __p::ArgumentsWriter::open(w, #count)#give;
            }
        }
    });
    quote! {
        match property {
            #(#arms)*
            _ => {}
        }
    }
}

/// Sets `property` of `self` from `__arguments`.
pub(super) fn decode(properties: &[Property<'_>]) -> TokenStream {
    let arms = properties.iter().enumerate().map(|(number, property)| {
        let (place, value) = (property_of(property, quote!(self)), &property.parameter.binding);
        let take = taken(property);
        let number = Index::from(number);
        quote! {
            #number => {
                #take
                __arguments.finish()?;
                #place = #value;
            }
        }
    });
    quote! {
        match property {
            #(#arms)*
            _ => {}
        }
        ::core::result::Result::Ok(())
    }
}

/// The user's struct, without our attributes; with another lifetime if it has one that it must not have.
pub(crate) fn item(contract: &Contract<'_>, state: &State<'_>, lifetime: Option<&Lifetime>) -> TokenStream {
    let vis = visibility(contract);
    let mut item: ItemStruct = state.item.clone();
    let doc = default_doc(&item.attrs, &format!("The replicated state of a `{}` object.", contract.name()));
    item.vis = said_or(&item.vis, &vis, item.ident.span());
    item.attrs = foreign(&item.attrs).cloned().collect();
    without_repeated(&mut item.fields);
    for field in &mut item.fields {
        field.vis = said_or(&field.vis, &vis, field.ty.span());
        field.attrs = attributes_of(field);
        if let Some(lifetime) = lifetime {
            field.ty = with_lifetime(&field.ty, lifetime);
        }
    }
    quote! {
        #doc
        #item
    }
}

/// The visibility that is said, or `raised`, as a token of ours that stands at `place`: what rustc says of it is said
/// there.
fn said_or(said: &Visibility, raised: &Visibility, place: Span) -> Visibility {
    if !matches!(said, Visibility::Inherited) {
        return said.clone();
    }
    let place = place.resolved_at(Span::call_site());
    let tokens = raised.to_token_stream().into_iter().map(|mut token| {
        token.set_span(place);
        token
    });
    syn::parse2(tokens.collect()).expect("a visibility stays one when its place changes")
}

/// What the user wrote on a property, with a doc comment if there is none.
fn attributes_of(field: &Field) -> Vec<Attribute> {
    let name = field.ident.as_ref().map(|ident| ident.unraw().to_string()).unwrap_or_default();
    let text = format!(" The replicated property `{name}`.");
    let is_documented = field.attrs.iter().any(|attribute| attribute.path().is_ident("doc"));
    let doc = (!is_documented).then(|| syn::parse_quote!(#[doc = #text]));
    doc.into_iter().chain(foreign(&field.attrs).cloned()).collect()
}

/// Properties that are there twice are an error already.
fn without_repeated(fields: &mut Fields) {
    let Fields::Named(fields) = fields else { return };
    let mut seen: Vec<Ident> = Vec::new();
    let all = std::mem::take(&mut fields.named);
    fields.named = all
        .into_iter()
        .filter(|field| {
            let ident = field.ident.clone().expect("the fields have names");
            let is_new = !seen.contains(&ident);
            seen.push(ident);
            is_new
        })
        .collect();
}

/// The initial state, unless the user wrote a `Default`.
fn default_impl(state: &State<'_>) -> Option<TokenStream> {
    if state.default_path().is_some() {
        return None;
    }
    let values = initial_values(&state.properties);
    Some(quote! {
        #[automatically_derived]
        impl ::core::default::Default for State {
            fn default() -> Self {
                Self { #(#values,)* }
            }
        }
    })
}

/// `property: value` for each: what it says that it begins with, else the default of its type.
pub(super) fn initial_values(properties: &[Property<'_>]) -> impl Iterator<Item = TokenStream> {
    properties.iter().map(|property| {
        let ident = property.ident;
        match property.attrs.default.value() {
            Some(expr) => quote!(#ident: #expr),
            None => {
                let ty = property.parameter.ty;
                let value = quote_spanned!(ty.span()=> <#ty as __p::InitialValue>::initial_value());
                quote!(#ident: #value)
            }
        }
    })
}

/// How many arguments a property has, and `.give(x)` for each, its value being at `place`.
pub(super) fn given(property: &Property<'_>, place: &TokenStream) -> (TokenStream, TokenStream) {
    let list = List::of_property(property);
    let is_spread = !property.spread.is_empty();
    let give = list.give_each(|index, _| {
        let index = Index::from(index);
        if is_spread { quote!(#place.#index) } else { place.clone() }
    });
    (Literal::usize_unsuffixed(list.len()).into_token_stream(), give)
}

/// `let property = ...;` out of `__arguments`.
pub(super) fn taken(property: &Property<'_>) -> TokenStream {
    let take = List::of_property(property).take(&quote!(__arguments));
    let binding = &property.parameter.binding;
    let values = property.spread.iter().map(|value| &value.binding);
    let tuple = (!property.spread.is_empty()).then(|| quote!(let #binding = (#(#values,)*);));
    quote!(#take #tuple)
}

/// `state.property`
pub(super) fn property_of(property: &Property<'_>, state: TokenStream) -> TokenStream {
    let ident = property.ident;
    quote_spanned!(Span::call_site()=> #state.#ident)
}
