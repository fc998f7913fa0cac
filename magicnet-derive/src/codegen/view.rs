//! Views: the user's `impl` as it is, and its entry in the registry.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{conditions, source, submit};
use crate::model::View;

pub(crate) fn expand(view: &View<'_>) -> TokenStream {
    let item = view.item;
    let Some((role, _)) = &item.trait_ else {
        return quote!(#item);
    };
    let ty = &item.self_ty;
    let conditions = conditions(&item.attrs);
    let source = source();
    let submit = submit(quote!(__p::ViewEntry::of::<#ty>()));
    let make = match view.attrs.factory.value() {
        Some(factory) => quote_spanned!(factory.span()=> #factory()),
        None => quote_spanned!(ty.span()=> <Self as __p::BuildView>::build()),
    };
    // At the trait, since a trait that is no role has no such constant; as our token, so that rustc suggests nothing.
    let at_role = role.span().resolved_at(Span::call_site());
    let role_of_a_contract = quote_spanned!(at_role=> __ROLE_OF_A_CONTRACT);
    let header = quote_spanned!(at_role=> impl ::magicnet::View for #ty);
    quote! {
        #item
        #(#conditions)*
        #[allow(deprecated)]
        const _: () = {
            use ::magicnet::__private as __p;
            #[automatically_derived]
            #header {
                const SLOT: __p::SlotDescriptor<Self> = <Self as #role>::#role_of_a_contract;
                const SOURCE: __p::Source = #source;
                fn make() -> Self {
                    #make
                }
            }
            #submit
        };
    }
}
