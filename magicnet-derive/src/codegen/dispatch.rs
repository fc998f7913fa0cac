//! Dispatch: one `match` per role, arguments decoded straight into their types.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::parameter::List;
use super::state::property_of;
use crate::model::{Call, Contract, RoleKind};

pub(super) fn expand(contract: &Contract<'_>, kind: RoleKind) -> TokenStream {
    let property = (!contract.watched(kind).is_empty()).then(|| properties(contract, kind));
    dispatch(kind, &calls(contract, kind), property)
}

/// Dispatch of a role without fields.
pub(crate) fn nothing(kind: RoleKind) -> TokenStream {
    dispatch(kind, &no_calls(), None)
}

fn dispatch(kind: RoleKind, call: &TokenStream, property: Option<TokenStream>) -> TokenStream {
    let (role, side, cx) = (kind.trait_name(), kind.side(), kind.cx());
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl<V: #role> __p::Dispatch<V> for #side {
            fn call(
                __view: &mut V,
                __cx: &mut #cx<'_, V>,
                __field: ::core::primitive::u8,
                __arguments: &mut __p::Arguments<'_>,
            ) -> ::core::result::Result<(), __p::DecodeError> {
                #call
            }
            #property
            fn on_generate(__view: &mut V, __cx: &mut #cx<'_, V>) {
                <V as #role>::on_generate(__view, __cx);
            }
            fn on_destroy(__view: &mut V, __cx: &mut #cx<'_, V>) {
                <V as #role>::on_destroy(__view, __cx);
            }
        }
    }
}

fn calls(contract: &Contract<'_>, kind: RoleKind) -> TokenStream {
    let role = kind.trait_name();
    arms(contract.calls(kind), &quote!(__field), &quote!(<V as #role>))
}

/// Makes the call whose number `field` is, on methods of `of`.
pub(super) fn arms(calls: &[Call<'_>], field: &TokenStream, of: &TokenStream) -> TokenStream {
    if calls.is_empty() {
        return no_calls();
    }
    let arms = calls.iter().map(|call| {
        let take = List::of_call(call).take(&quote!(__arguments));
        let method = call.ident;
        let bindings = call.parameters.iter().map(|parameter| &parameter.binding);
        let number = Literal::usize_unsuffixed(call.number);
        quote! {
            #number => {
                #take
                __arguments.finish()?;
                #of::#method(__view, __cx #(, #bindings)*);
            }
        }
    });
    quote! {
        match #field {
            #(#arms)*
            _ => __p::no_such_field(__field),
        }
        ::core::result::Result::Ok(())
    }
}

fn no_calls() -> TokenStream {
    quote! {
        let _ = (__view, __cx, __arguments);
        __p::no_such_field(__field)
    }
}

fn properties(contract: &Contract<'_>, kind: RoleKind) -> TokenStream {
    let (role, cx) = (kind.trait_name(), kind.cx());
    let arms = contract.watched(kind).iter().enumerate().map(|(number, property)| {
        let take = List::of_property(property).take(&quote!(__arguments));
        let (changed, value) = (property.changed(), &property.parameter.binding);
        let place = property_of(property, quote!(__cx.state_in_dispatch()));
        let number = Literal::usize_unsuffixed(number);
        quote! {
            #number => {
                #take
                __arguments.finish()?;
                let __old = ::core::mem::replace(&mut #place, #value);
                <V as #role>::#changed(__view, __cx, __old);
            }
        }
    });
    quote! {
        fn property(
            __view: &mut V,
            __cx: &mut #cx<'_, V>,
            __property: ::core::primitive::u8,
            __arguments: &mut __p::Arguments<'_>,
        ) -> ::core::result::Result<(), __p::DecodeError> {
            match __property {
                #(#arms)*
                _ => __p::no_such_field(__property),
            }
            ::core::result::Result::Ok(())
        }
    }
}
