//! The macros: parse, check, generate, each in a few lines.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput, Item, ItemImpl, ItemMod, ItemStruct};

use crate::attr::{self_type, whole_attribute};
use crate::codegen::Bodies;
use crate::ctxt::Ctxt;
use crate::model::{Contract, Declared, DirectImpl, DirectStruct, Enum, Handler, Message, Struct, View};
use crate::{check, codegen, fallback};

/// `#[network_object]`: what it makes depends on what it stands on.
pub(crate) fn network_object(arguments: TokenStream, input: TokenStream) -> TokenStream {
    match syn::parse2(input) {
        Ok(Item::Mod(item)) => contract(arguments, &item),
        Ok(Item::Impl(item)) if item.trait_.is_some() => view(arguments, &item),
        Ok(Item::Impl(item)) => direct_impl(arguments, &item),
        Ok(Item::Struct(item)) => direct_struct(arguments, &item),
        Ok(other) => misplaced(
            "`#[network_object]` belongs on a contract module and on `impl contract::Server for YourType`, \
             or on a struct and its `impl`",
            &fallback::without_attributes(other),
        ),
        Err(error) => error.to_compile_error(),
    }
}

fn contract(arguments: TokenStream, item: &ItemMod) -> TokenStream {
    let ctxt = Ctxt::new();
    let contract = Contract::parse(&ctxt, arguments, item);
    check::contract(&ctxt, &contract);
    finish(ctxt, || codegen::contract(&contract), || fallback::contract(&contract))
}

fn direct_struct(arguments: TokenStream, item: &ItemStruct) -> TokenStream {
    let (ctxt, item) = (Ctxt::new(), self_type::of_struct(item));
    let direct = DirectStruct::parse(&ctxt, arguments, &item);
    check::direct_struct(&ctxt, &direct);
    let made = |bodies| codegen::direct_struct(&direct, bodies);
    finish(ctxt, || made(Bodies::Send), || made(Bodies::Missing))
}

fn direct_impl(arguments: TokenStream, item: &ItemImpl) -> TokenStream {
    let (ctxt, item) = (Ctxt::new(), self_type::of_impl(item));
    let declared = Declared::all(&item);
    let direct = DirectImpl::parse(&ctxt, arguments, &item, &declared);
    check::direct_impl(&ctxt, &direct, &declared);
    let made = |bodies| codegen::direct_impl(&direct, bodies);
    finish(ctxt, || made(Bodies::Send), || made(Bodies::Missing))
}

fn view(arguments: TokenStream, item: &ItemImpl) -> TokenStream {
    let ctxt = Ctxt::new();
    let view = View::parse(&ctxt, arguments, item);
    check::view(&ctxt, &view);
    finish(ctxt, || codegen::view(&view), || fallback::view(&view))
}

/// `#[network_field]` by itself: the macros around it take it away.
pub(crate) fn network_field(input: &TokenStream) -> TokenStream {
    misplaced(
        "`#[network_field]` belongs on a property of `State` or a call of a role, in a module with `#[network_object]`",
        input,
    )
}

/// `#[message]`.
pub(crate) fn message(arguments: TokenStream, input: TokenStream) -> TokenStream {
    let item = match syn::parse2(input) {
        Ok(Item::Struct(item)) => self_type::of_struct(&item),
        Ok(Item::Enum(item)) => {
            let message = "a message is a struct; an enum with `#[derive(NetworkType)]` can be its member";
            return refuse(item.enum_token, message, Item::Enum(item));
        }
        Ok(item @ Item::Fn(_)) => {
            let message = "`#[message]` belongs on a struct; for a handler write `#[message_handler]`";
            return misplaced(message, &fallback::without_attributes(item));
        }
        Ok(other) => {
            return misplaced("`#[message]` belongs on a struct", &fallback::without_attributes(other));
        }
        Err(error) => return error.to_compile_error(),
    };
    let ctxt = Ctxt::new();
    let message = Message::parse(&ctxt, arguments, &item);
    check::message(&ctxt, &message);
    let broken = || fallback::message(&message, &Item::Struct(item.clone()));
    finish(ctxt, || codegen::message(&message, &item), broken)
}

/// `#[message_handler]`.
pub(crate) fn message_handler(arguments: TokenStream, input: TokenStream) -> TokenStream {
    let item = match syn::parse2(input) {
        Ok(Item::Fn(item)) => item,
        Ok(other) => {
            return misplaced(
                "`#[message_handler]` belongs on a function",
                &fallback::without_attributes(other),
            );
        }
        Err(error) => return error.to_compile_error(),
    };
    let ctxt = Ctxt::new();
    let handler = Handler::parse(&ctxt, arguments, &item);
    check::handler(&ctxt, &handler);
    finish(ctxt, || codegen::handler(&handler), || fallback::handler(&handler))
}

/// `#[derive(NetworkType)]`.
pub(crate) fn network_type(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => self_type::of_input(input),
        Err(error) => return error.to_compile_error(),
    };
    let ctxt = Ctxt::new();
    let broken = || fallback::network_type(&input.ident, &input.generics);
    match &input.data {
        Data::Struct(data) => {
            let body = Struct::derived(&ctxt, &input, data);
            check::network_type(&ctxt, &body);
            finish(ctxt, || codegen::network_type(&body), broken)
        }
        Data::Enum(data) => {
            let body = Enum::derived(&ctxt, &input, data);
            check::enumeration(&ctxt, &body);
            finish(ctxt, || codegen::enumeration(&body), broken)
        }
        Data::Union(data) => {
            ctxt.error(
                data.union_token,
                "a union does not say what is in it; a network type is a struct or an enum",
            );
            finish(ctxt, TokenStream::new, broken)
        }
    }
}

/// What was made, or the errors and what stands in for it.
fn finish(
    ctxt: Ctxt,
    made: impl FnOnce() -> TokenStream,
    broken: impl FnOnce() -> TokenStream,
) -> TokenStream {
    match ctxt.check() {
        Ok(()) => made(),
        Err(errors) => {
            let broken = broken();
            quote!(#errors #broken)
        }
    }
}

/// One error under `place`, and the item as it is.
fn refuse(place: impl ToTokens, message: &str, item: Item) -> TokenStream {
    let error = syn::Error::new_spanned(place, message).to_compile_error();
    let item = fallback::without_attributes(item);
    quote!(#error #item)
}

/// One error under the attribute, and the item as it is.
fn misplaced(message: &str, item: &TokenStream) -> TokenStream {
    let error = syn::Error::new(whole_attribute(), message).to_compile_error();
    quote!(#error #item)
}
