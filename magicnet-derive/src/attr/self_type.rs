//! `Self` in attributes: the type that they stand in. What is made of them stands elsewhere, so it is spelled out.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Block, DeriveInput, ItemImpl, ItemStruct, Meta, Path, PathArguments, Type};

use super::is_ours;

pub(crate) fn of_struct(item: &ItemStruct) -> ItemStruct {
    let mut item = item.clone();
    SelfType(item.ident.clone().into()).visit_item_struct_mut(&mut item);
    item
}

pub(crate) fn of_input(mut input: DeriveInput) -> DeriveInput {
    SelfType(input.ident.clone().into()).visit_derive_input_mut(&mut input);
    input
}

/// Where the type has arguments, what it stands for is no path to go on from.
pub(crate) fn of_impl(item: &ItemImpl) -> ItemImpl {
    let mut item = item.clone();
    if let Type::Path(ty) = &*item.self_ty
        && ty.path.segments.iter().all(|segment| matches!(segment.arguments, PathArguments::None))
    {
        SelfType(ty.path.clone()).visit_item_impl_mut(&mut item);
    }
    item
}

struct SelfType(Path);

impl VisitMut for SelfType {
    fn visit_attribute_mut(&mut self, attribute: &mut Attribute) {
        if is_ours(attribute)
            && let Meta::List(list) = &mut attribute.meta
        {
            list.tokens = self.spell_out(std::mem::take(&mut list.tokens));
        }
    }

    /// What stands in bodies is another macro's.
    fn visit_block_mut(&mut self, _: &mut Block) {}
}

impl SelfType {
    fn spell_out(&self, tokens: TokenStream) -> TokenStream {
        tokens.into_iter().map(|token| self.spell_out_one(token)).collect()
    }

    fn spell_out_one(&self, token: TokenTree) -> TokenStream {
        match token {
            TokenTree::Ident(word) if word == "Self" => self.at(&word),
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), self.spell_out(group.stream()));
                inside.set_span(group.span());
                inside.into_token_stream()
            }
            other => other.into(),
        }
    }

    /// The type, where `word` stands.
    fn at(&self, word: &Ident) -> TokenStream {
        let tokens = self.0.to_token_stream().into_iter().map(|mut token| {
            token.set_span(token.span().located_at(word.span()));
            token
        });
        tokens.collect()
    }
}
