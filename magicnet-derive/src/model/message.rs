//! Reads messages, their handlers, and structs that are network types.

use proc_macro2::TokenStream;
use quote::format_ident;
use syn::{
    Attribute, DataStruct, DeriveInput, Fields, FnArg, Generics, Ident, Index, ItemFn, ItemStruct, Member,
    Type,
};

use super::{Handler, Message, Parameter, Struct, Style};
use crate::attr::container::{HandlerAttrs, MessageAttrs};
use crate::attr::field::ArgAttrs;
use crate::ctxt::Ctxt;

type ParseArg = fn(&Ctxt, &[Attribute]) -> ArgAttrs;

impl<'a> Message<'a> {
    pub(crate) fn parse(ctxt: &Ctxt, arguments: TokenStream, item: &'a ItemStruct) -> Self {
        let ItemStruct { ident, generics, attrs, fields, .. } = item;
        Self {
            attrs: MessageAttrs::parse(ctxt, arguments),
            body: Struct::parse(ctxt, ident, generics, attrs, fields, ArgAttrs::of_argument),
        }
    }
}

impl<'a> Struct<'a> {
    /// The struct that `NetworkType` is derived for.
    pub(crate) fn derived(ctxt: &Ctxt, input: &'a DeriveInput, data: &'a DataStruct) -> Self {
        let DeriveInput { ident, generics, attrs, .. } = input;
        Self::parse(ctxt, ident, generics, attrs, &data.fields, ArgAttrs::of_member)
    }

    fn parse(
        ctxt: &Ctxt,
        ident: &'a Ident,
        generics: &'a Generics,
        attributes: &'a [Attribute],
        fields: &'a Fields,
        arg: ParseArg,
    ) -> Self {
        let style = match fields {
            Fields::Named(_) => Style::Named,
            Fields::Unnamed(_) => Style::Tuple,
            Fields::Unit => Style::Unit,
        };
        let members = fields.iter().enumerate().map(|(index, field)| Parameter {
            binding: field.ident.clone().unwrap_or_else(|| format_ident!("member_{index}")),
            member: field.ident.clone().map_or_else(|| Member::Unnamed(Index::from(index)), Member::Named),
            ty: &field.ty,
            attributes: &field.attrs,
            attrs: arg(ctxt, &field.attrs),
        });
        Self { ident, generics, attributes, members: members.collect(), style }
    }
}

impl<'a> Handler<'a> {
    pub(crate) fn parse(ctxt: &Ctxt, arguments: TokenStream, item: &'a ItemFn) -> Self {
        Self { item, attrs: HandlerAttrs::parse(ctxt, arguments) }
    }

    /// The type of the message, if there is one.
    pub(crate) fn message(&self) -> Option<&'a Type> {
        self.item.sig.inputs.iter().nth(1).and_then(argument_type)
    }
}

/// The type of an argument that is not `self`.
pub(crate) fn argument_type(argument: &FnArg) -> Option<&Type> {
    match argument {
        FnArg::Typed(typed) => Some(&typed.ty),
        FnArg::Receiver(_) => None,
    }
}
