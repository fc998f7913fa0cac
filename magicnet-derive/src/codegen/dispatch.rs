//! Dispatch: one `match` per role, arguments decoded straight into their types.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::parameter::List;
use super::state::{property_of, taken};
use super::stub::{place_of, sent};
use crate::model::{Call, Contract, Persist, RoleKind};

pub(super) fn expand(contract: &Contract<'_>, kind: RoleKind) -> TokenStream {
    let property = (!contract.watched(kind).is_empty()).then(|| properties(contract, kind));
    let accepts = accepts(contract.calls(kind), &quote!(__field), &quote!(Contract));
    dispatch(kind, &calls(contract, kind), &quote!(#accepts #property))
}

/// Dispatch of a role without fields.
pub(crate) fn nothing(kind: RoleKind) -> TokenStream {
    dispatch(kind, &no_calls(), &TokenStream::new())
}

fn dispatch(kind: RoleKind, call: &TokenStream, others: &TokenStream) -> TokenStream {
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
            #others
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
    arms(contract.calls(kind), &quote!(__field), &quote!(<V as #role>), |call| place_of(contract, call))
}

/// Makes the call whose number `field` is, on methods of `of`. `place` is that of a call on the wire.
pub(super) fn arms(
    calls: &[Call<'_>],
    field: &TokenStream,
    of: &TokenStream,
    place: impl Fn(&Call<'_>) -> TokenStream,
) -> TokenStream {
    if calls.is_empty() {
        return no_calls();
    }
    let arms = calls.iter().map(|call| {
        let take = List::of_call(call).take(&quote!(__arguments));
        let method = call.ident;
        let bindings = call.parameters.iter().map(|parameter| &parameter.binding);
        let number = Literal::usize_unsuffixed(call.number);
        let keep = keep(call, &place(call));
        quote! {
            #number => {
                #take
                __arguments.finish()?;
                #keep
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

/// Keeps what the server's view is called with, if the call says so. What goes to clients is kept when it is sent.
fn keep(call: &Call<'_>, place: &TokenStream) -> Option<TokenStream> {
    let is_kept = call.role != RoleKind::Client && call.attrs.persist.value() == Some(&Persist::Ram);
    is_kept.then(|| {
        let (count, give) = sent(call);
        if give.is_empty() {
            return quote!(__cx.keep_in_dispatch(#place, #count, |_| {}););
        }
        quote! {
            __cx.keep_in_dispatch(#place, #count, |__w| {
                __w #give;
            });
        }
    })
}

/// What functions of the application's say of those who make the call whose number `field` is.
pub(super) fn accepts(
    calls: &[Call<'_>],
    field: &TokenStream,
    contract: &TokenStream,
) -> Option<TokenStream> {
    let mut arms = calls.iter().filter_map(|call| {
        let path = call.attrs.by.as_ref()?;
        let number = Literal::usize_unsuffixed(call.number);
        // What is bound below: a path from a macro of the user's own does not see it otherwise.
        let place = Span::call_site().located_at(path.span());
        let [sender, subject] = ["__sender", "__subject"].map(|name| Ident::new(name, place));
        let ask = quote_spanned!(path.span()=> __p::CallerRule::accepts(&#path, #sender, #subject));
        Some(quote!(#number => #ask,))
    });
    let first = arms.next()?;
    Some(quote! {
        fn accepts(
            __field: ::core::primitive::u8,
            __sender: &__p::Connection,
            __subject: &__p::Subject<'_, #contract>,
        ) -> ::core::primitive::bool {
            match #field {
                #first
                #(#arms)*
                _ => true,
            }
        }
    })
}

fn no_calls() -> TokenStream {
    quote! {
        let _ = (__view, __cx, __arguments);
        __p::no_such_field(__field)
    }
}

fn properties(contract: &Contract<'_>, kind: RoleKind) -> TokenStream {
    let (role, cx) = (kind.trait_name(), kind.cx());
    let watched = contract.properties().iter().enumerate().filter(|(_, property)| property.is_sent());
    let arms = watched.map(|(number, property)| {
        let take = taken(property);
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
