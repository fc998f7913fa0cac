//! Reads the `impl` of a view.

use proc_macro2::TokenStream;
use syn::ItemImpl;

use super::View;
use crate::attr::container::ViewAttrs;
use crate::ctxt::Ctxt;

impl<'a> View<'a> {
    pub(crate) fn parse(ctxt: &Ctxt, arguments: TokenStream, item: &'a ItemImpl) -> Self {
        Self { item, attrs: ViewAttrs::parse(ctxt, arguments) }
    }
}
