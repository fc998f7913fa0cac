//! Message handlers: the user's function, and a type of the same name that stands for it in the registry.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, ReturnType};

use super::parameter::borrowed_for_de;
use super::{conditions, doc, role_by_name, source, submit};
use crate::model::{Handler, argument_type};

pub(crate) fn expand(handler: &Handler<'_>) -> TokenStream {
    let item = handler.item;
    let conditions: Vec<_> = conditions(&item.attrs).collect();
    let ident = &item.sig.ident;
    let marker = marker(handler);
    let Some(message) = handler.message() else {
        return quote!(#item);
    };
    let message = borrowed_for_de(message);
    let name = ident.unraw().to_string();
    let role = role(handler);
    let source = source();
    let context = item.sig.inputs.first().and_then(argument_type).map_or_else(|| ident.span(), Spanned::span);
    let arguments = ["__cx", "__message"].map(|name| Ident::new(name, context));
    let call = quote_spanned!(context=> #ident(#(#arguments),*));
    let [cx, taken] = &arguments;
    let outcome = match &item.sig.output {
        ReturnType::Default => quote!(__p::HandlerOutcome::into_result(#call)),
        ReturnType::Type(_, ty) => {
            let outcome = quote_spanned!(ty.span()=> <#ty as __p::HandlerOutcome>::into_result);
            quote!(#outcome(#call))
        }
    };
    let submit = submit(quote!(__p::HandlerRef(&<#ident as ::magicnet::MessageHandler>::HANDLER)));
    // The form of the function is ours to answer for, not its writer's.
    quote! {
        #[allow(clippy::needless_pass_by_ref_mut, clippy::needless_pass_by_value, clippy::unnecessary_wraps)]
        #item
        #marker
        #(#conditions)*
        #[allow(deprecated)]
        const _: () = {
            use ::magicnet::__private as __p;
            enum __Handler {}
            #[automatically_derived]
            impl __p::Handle for __Handler {
                type Message<'de> = #message;
                const NAME: &'static ::core::primitive::str = #name;
                const ROLE: ::core::option::Option<__p::Role> = #role;
                const SOURCE: __p::Source = #source;
                fn handle(
                    #cx: &mut ::magicnet::MessageCx<'_>,
                    #taken: Self::Message<'_>,
                ) -> ::core::result::Result<(), ::magicnet::Disconnect> {
                    #outcome
                }
            }
            #[automatically_derived]
            impl ::magicnet::MessageHandler for #ident {
                const HANDLER: __p::HandlerEntry = __p::HandlerEntry::of::<__Handler>();
            }
            #submit
        };
    }
}

/// The type that stands for the function: in the namespace of types, so that both have one name.
pub(crate) fn marker(handler: &Handler<'_>) -> TokenStream {
    let item = handler.item;
    let conditions = conditions(&item.attrs);
    let (vis, ident) = (&item.vis, &item.sig.ident);
    let ident = format_ident!("{ident}", span = ident.span().resolved_at(proc_macro2::Span::call_site()));
    let doc = doc(&format!("The message handler [`{ident}()`], for explicit registration."));
    quote! {
        #doc
        #(#conditions)*
        #[allow(non_camel_case_types, dead_code)]
        #[derive(::core::fmt::Debug)]
        #vis enum #ident {}
    }
}

/// In which role a node handles it.
pub(crate) fn role(handler: &Handler<'_>) -> TokenStream {
    handler.attrs.role.value().map(role_by_name).map_or_else(
        || quote!(::core::option::Option::None),
        |role| quote!(::core::option::Option::Some(#role)),
    )
}
