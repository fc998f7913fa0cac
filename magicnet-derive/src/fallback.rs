//! What is emitted beside errors: items of the same names that compile, so that one mistake is one message.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Block, Generics, Item, Lifetime, Type};

use crate::attr::is_ours;
use crate::codegen::{self, Bodies};
use crate::model::{Contract, Direction, Handler, Message, RoleKind, State, View};

/// A contract whose tables are empty; its traits, contexts and stubs are all there.
pub(crate) fn contract(contract: &Contract<'_>) -> TokenStream {
    let vis = codegen::visibility(contract);
    let state = contract.state.as_ref().map(|state| self::state(contract, state));
    let companions = codegen::companions(contract, &vis);
    let descriptor = codegen::descriptor(contract, &[], false);
    let init = codegen::init_of(contract, &vis, Bodies::Missing);
    let beside = contract.both.iter().filter(|_| !contract.is_symmetric()).map(|_| RoleKind::Both);
    let roles = contract.kinds().iter().copied().chain(beside).map(|kind| {
        let contexts = codegen::contexts(contract, kind, &vis);
        let trait_ = codegen::trait_of(contract, kind, &vis);
        let dispatch = codegen::no_dispatch(kind);
        quote!(#contexts #trait_ #dispatch)
    });
    let stubs = Direction::ALL.map(|direction| codegen::stub_of(contract, direction, &vis, Bodies::Missing));
    codegen::module(contract, &quote!(#state #companions #descriptor #init #(#roles)* #(#stubs)*))
}

/// The user's struct, which is never made.
fn state(contract: &Contract<'_>, state: &State<'_>) -> TokenStream {
    let kept = Lifetime::new("'static", Span::call_site());
    let item = if state.item.generics.params.is_empty() {
        codegen::state_item(contract, state, Some(&kept))
    } else {
        let vis = codegen::visibility(contract);
        quote!(#vis struct State {})
    };
    quote! {
        #item
        impl __p::ObjectState for State {
            const PROPERTIES: ::core::primitive::usize = 0;
            fn initial() -> Self {
                ::core::unreachable!("the contract has errors")
            }
            fn encode(&self, _: ::core::primitive::usize, _: &mut __p::Writer<'_>) {}
            fn decode(
                &mut self,
                _: ::core::primitive::usize,
                _: &mut __p::Arguments<'_>,
            ) -> ::core::result::Result<(), __p::DecodeError> {
                ::core::result::Result::Ok(())
            }
        }
    }
}

/// The user's struct, with a message's traits that do nothing.
pub(crate) fn message(message: &Message<'_>, item: &Item) -> TokenStream {
    let item = without_attributes(item.clone());
    let descriptor = codegen::message_descriptor(message, &quote!(&[]));
    let conditions = codegen::conditions(message.body.attributes);
    let name = message.body.ident;
    let (plain, read) = (message.body.generics, for_de(message.body.generics));
    let (impl_generics, ty_generics, clause) = plain.split_for_impl();
    let (read_generics, _, _) = read.split_for_impl();
    quote! {
        #item
        #(#conditions)*
        const _: () = {
            use ::magicnet::__private as __p;
            impl #impl_generics ::magicnet::Message for #name #ty_generics #clause {
                const MESSAGE: &'static __p::MessageDescriptor = &#descriptor;
                fn encode(&self, _: &mut __p::Writer<'_>) {}
            }
            impl #read_generics __p::DecodeMessage<'__de> for #name #ty_generics #clause {
                fn decode(_: &mut __p::Arguments<'__de>) -> ::core::result::Result<Self, __p::DecodeError> {
                    ::core::unreachable!("the message has errors")
                }
            }
        };
    }
}

/// The traits of a network type, which do nothing.
pub(crate) fn network_type(name: &syn::Ident, generics: &Generics) -> TokenStream {
    let read = for_de(generics);
    let (impl_generics, ty_generics, clause) = generics.split_for_impl();
    let (read_generics, _, _) = read.split_for_impl();
    quote! {
        const _: () = {
            use ::magicnet::__private as __p;
            impl #impl_generics __p::NetworkType for #name #ty_generics #clause {
                const SHAPE: &'static __p::Shape = &__p::Shape::Bool;
                const MAX_SIZE: ::core::primitive::usize = 1;
                fn encode(&self, _: &mut __p::Writer<'_>) {}
            }
            impl #read_generics __p::Decode<'__de> for #name #ty_generics #clause {
                fn decode(_: &mut __p::Reader<'__de>) -> ::core::result::Result<Self, __p::DecodeError> {
                    ::core::unreachable!("the type has errors")
                }
            }
        };
    }
}

/// The user's function, and its type in the registry, which does nothing.
pub(crate) fn handler(handler: &Handler<'_>) -> TokenStream {
    let item = handler.item;
    // A method stands where no type can.
    let is_method = item.sig.receiver().is_some();
    let marker = (!is_method).then(|| codegen::handler_marker(handler));
    quote! {
        #[allow(dead_code)]
        #item
        #marker
    }
}

/// The user's `impl`, registered as far as that makes sense.
pub(crate) fn view(view: &View<'_>) -> TokenStream {
    let mut item = view.item.clone();
    item.unsafety = None;
    WithoutOurs.visit_item_impl_mut(&mut item);
    let registers = item.generics.params.is_empty() && matches!(*item.self_ty, Type::Path(_));
    let is_rustcs = item.modifiers.polarity.is_some() || borrows(&item.self_ty);
    if is_rustcs || !registers {
        // Rustc would refuse it too: for what it is, or because it is no registered view.
        TokenStream::new()
    } else {
        codegen::view(&View { item: &item, attrs: crate::attr::container::ViewAttrs::default() })
    }
}

fn borrows(ty: &Type) -> bool {
    struct Lifetimes(bool);
    impl<'ast> Visit<'ast> for Lifetimes {
        fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
            self.0 |= lifetime.ident == "_";
        }
    }
    let mut lifetimes = Lifetimes(false);
    lifetimes.visit_type(ty);
    lifetimes.0
}

/// An item as it is, without attributes that only the macros understand.
pub(crate) fn without_attributes(mut item: Item) -> TokenStream {
    WithoutOurs.visit_item_mut(&mut item);
    item.into_token_stream()
}

/// The generics with a lifetime to read for.
fn for_de(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    generics.params.insert(0, syn::parse_quote!('__de));
    generics
}

/// Takes our attributes away from an item.
pub(crate) struct WithoutOurs;

impl VisitMut for WithoutOurs {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        attributes.retain(|attribute| !is_ours(attribute));
    }

    /// What stands in bodies is another macro's.
    fn visit_block_mut(&mut self, _: &mut Block) {}
}
