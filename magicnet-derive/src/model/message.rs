//! Reads messages, their handlers, and structs and enums that are network types.

use proc_macro2::TokenStream;
use quote::format_ident;
use syn::{
    Attribute, DataEnum, DataStruct, DeriveInput, Fields, FnArg, Generics, Ident, Index, ItemFn, ItemStruct,
    Member, Type,
};

use super::{Enum, Handler, Message, Parameter, Struct, Style, Variant};
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
        let (members, style) = (members(ctxt, fields, arg), style(fields));
        Self { ident, generics, attributes, members, style }
    }
}

impl<'a> Enum<'a> {
    /// The enum that `NetworkType` is derived for.
    pub(crate) fn derived(ctxt: &Ctxt, input: &'a DeriveInput, data: &'a DataEnum) -> Self {
        let variants = data.variants.iter().map(|item| Variant {
            item,
            members: members(ctxt, &item.fields, ArgAttrs::of_variant_member),
            style: style(&item.fields),
        });
        Self { ident: &input.ident, generics: &input.generics, variants: variants.collect() }
    }
}

fn members<'a>(ctxt: &Ctxt, fields: &'a Fields, arg: ParseArg) -> Vec<Parameter<'a>> {
    let members = fields.iter().enumerate().map(|(index, field)| Parameter {
        binding: field.ident.clone().unwrap_or_else(|| format_ident!("member_{index}")),
        member: field.ident.clone().map_or_else(|| Member::Unnamed(Index::from(index)), Member::Named),
        ty: &field.ty,
        attributes: &field.attrs,
        attrs: arg(ctxt, &field.attrs),
    });
    members.collect()
}

fn style(fields: &Fields) -> Style {
    match fields {
        Fields::Named(_) => Style::Named,
        Fields::Unnamed(_) => Style::Tuple,
        Fields::Unit => Style::Unit,
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
