//! The direct form's `impl`: as it is, with stubs for its calls, their dispatch, and its entry in the registry.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Ident, ImplItem, ImplItemFn, ItemImpl, Type, Visibility};

use super::contract::{Field, parameters};
use super::stub::{Bodies, Stub};
use super::{conditions, dispatch, located_at, source, submit};
use crate::fallback::WithoutOurs;
use crate::model::{Call, DirectImpl, Direction, RoleKind, is_handler};

pub(crate) fn expand(direct: &DirectImpl<'_>, bodies: Bodies) -> TokenStream {
    let item = item(direct);
    let conditions = conditions(&direct.item.attrs);
    let parameters =
        (bodies == Bodies::Send).then(|| parameters(direct.calls.iter().map(Field::of_call).collect(), &[]));
    let calls = calls(direct, bodies);
    let dispatch = dispatch_of(direct, bodies);
    let view = view(direct);
    let assertions = (bodies == Bodies::Send).then(|| assertions(direct));
    quote! {
        #item
        #(#conditions)*
        #[allow(deprecated)]
        const _: () = {
            use ::magicnet::__private as __p;
            #parameters
            #calls
            #dispatch
            #view
            #assertions
        };
    }
}

/// The user's `impl`, without our attributes.
fn item(direct: &DirectImpl<'_>) -> TokenStream {
    let mut item: ItemImpl = direct.item.clone();
    for method in item.items.iter_mut().filter_map(handler) {
        // What a handler takes is not the user's to choose.
        method.attrs.push(syn::parse_quote! {
            #[allow(
                clippy::missing_const_for_fn,
                clippy::needless_pass_by_ref_mut,
                clippy::needless_pass_by_value,
                clippy::too_many_arguments,
                clippy::unused_self
            )]
        });
    }
    WithoutOurs.visit_item_impl_mut(&mut item);
    item.into_token_stream()
}

/// A method that the framework calls.
fn handler(item: &mut ImplItem) -> Option<&mut ImplItemFn> {
    match item {
        ImplItem::Fn(method) if is_handler(method) => Some(method),
        _ => None,
    }
}

/// The stubs, and this view's part of the table.
fn calls(direct: &DirectImpl<'_>, bodies: Bodies) -> TokenStream {
    let ty = &direct.item.self_ty;
    let stubs = Direction::ALL.map(|direction| stub(direct, direction, bodies));
    let [to_clients, to_server] = Direction::ALL.map(|direction| stub_name(direct, direction));
    let [make_clients, make_server] = Direction::ALL.map(|direction| make(direct, direction));
    let fields = match bodies {
        Bodies::Send => direct.calls.iter().map(|call| Field::of_call(call).descriptor()).collect(),
        Bodies::Missing => Vec::new(),
    };
    quote! {
        #(#stubs)*
        #[automatically_derived]
        impl __p::DirectCalls for #ty {
            type ToServer<'a, __P> = #to_server<'a, __P>;
            type ToClients<'a, __P> = #to_clients<'a, __P>;
            const CALLS: &'static [__p::FieldDescriptor] = &[#(#fields),*];
            fn to_server<__P>(stub: __p::Stub<'_>) -> Self::ToServer<'_, __P> {
                #make_server
            }
            fn to_clients<__P>(stub: __p::Stub<'_>) -> Self::ToClients<'_, __P> {
                #make_clients
            }
        }
    }
}

/// The calls that go one way.
fn going<'a>(direct: &'a DirectImpl<'_>, direction: Direction) -> impl Iterator<Item = &'a Call<'a>> {
    direct.calls.iter().filter(move |call| call.role.answers(direction))
}

fn stub(direct: &DirectImpl<'_>, direction: Direction, bodies: Bodies) -> Option<TokenStream> {
    let calls: Vec<_> = going(direct, direction).map(|call| (call, place(direct, call))).collect();
    let made = Stub {
        object: direct.name(),
        network_name: direct.name(),
        name: own_stub(direction),
        vis: &Visibility::Public(syn::Token![pub](Span::call_site())),
        direction,
        bodies,
        calls,
        others: Vec::new(),
    };
    (!made.calls.is_empty()).then(|| made.expand())
}

/// Where a call is on the wire: behind what the other macro has put into the table.
fn place(direct: &DirectImpl<'_>, call: &Call<'_>) -> TokenStream {
    let ty = &direct.item.self_ty;
    let of = as_view(ty);
    let number = Literal::u8_unsuffixed(u8::try_from(call.number).unwrap_or(u8::MAX));
    quote!((#of::NUMBER, #of::FIRST_CALL + #number))
}

fn own_stub(direction: Direction) -> Ident {
    format_ident!("__{}", direction.stub())
}

/// The type of the stub with the calls that go one way.
fn stub_name(direct: &DirectImpl<'_>, direction: Direction) -> TokenStream {
    match going(direct, direction).next() {
        Some(_) => own_stub(direction).into_token_stream(),
        None => quote!(__p::NoCalls),
    }
}

fn make(direct: &DirectImpl<'_>, direction: Direction) -> TokenStream {
    match going(direct, direction).next() {
        Some(_) => {
            let name = own_stub(direction);
            quote!(#name { stub, permission: ::core::marker::PhantomData })
        }
        None => quote! {
            let _ = stub;
            __p::NoCalls::NONE
        },
    }
}

/// The context of its handlers. What rustc says of it is said at the type, and so once.
fn cx(ty: &Type) -> TokenStream {
    quote_spanned!(ty.span()=> ::magicnet::Cx<'_, #ty, #ty>)
}

/// The view as its struct describes it, with the same place for errors.
fn as_view(ty: &Type) -> TokenStream {
    quote_spanned!(ty.span()=> <#ty as __p::DirectView>)
}

/// What comes for the view, and how its state is compared.
fn dispatch_of(direct: &DirectImpl<'_>, bodies: Bodies) -> TokenStream {
    let ty = &direct.item.self_ty;
    let (cx, of) = (cx(ty), as_view(ty));
    let calls = match bodies {
        Bodies::Send => &direct.calls[..],
        Bodies::Missing => &[],
    };
    let field = quote! {
        ::core::primitive::u8::wrapping_sub(__field, #of::FIRST_CALL)
    };
    let call = dispatch::arms(calls, &field, &quote!(<#ty>), |call| place(direct, call));
    let accepts = dispatch::accepts(calls, &field, &quote!(<#ty as __p::Side>::Contract));
    let property = (bodies == Bodies::Send && !direct.changes.is_empty()).then(|| property(direct));
    let life = ["on_generate", "on_destroy"].map(|name| {
        let method = format_ident!("{name}");
        let each = direct.methods(name).map(|own| {
            let conditions = conditions(&own.attrs);
            quote! {
                #(#conditions)*
                <#ty>::#method(__view, __cx);
            }
        });
        quote! {
            #[allow(unused_variables)]
            fn #method(__view: &mut #ty, __cx: &mut #cx) {
                #(#each)*
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl __p::Dispatch<#ty> for #ty {
            const STATE_IN_VIEW: ::core::primitive::bool = #of::HAS_STATE;
            fn call(
                __view: &mut #ty,
                __cx: &mut #cx,
                __field: ::core::primitive::u8,
                __arguments: &mut __p::Arguments<'_>,
            ) -> ::core::result::Result<(), __p::DecodeError> {
                #call
            }
            #accepts
            #property
            fn encode_in_view(view: &#ty, property: ::core::primitive::usize, w: &mut __p::Writer<'_>) {
                __p::DirectView::encode(view, property, w);
            }
            fn decode_in_view(
                view: &mut #ty,
                property: ::core::primitive::usize,
                arguments: &mut __p::Arguments<'_>,
            ) -> ::core::result::Result<(), __p::DecodeError> {
                __p::DirectView::decode(view, property, arguments)
            }
            #(#life)*
        }
    }
}

/// Keeps a property and tells the view, where it wants to know.
fn property(direct: &DirectImpl<'_>) -> TokenStream {
    let ty = &direct.item.self_ty;
    let cx = cx(ty);
    let each = direct.changes.iter().map(|method| {
        let (changed, conditions) = (&method.sig.ident, conditions(&method.attrs));
        quote! {
            #(#conditions)*
            if let ::core::option::Option::Some(__old) = __cx.state_in_dispatch().#changed(__property, __arguments)? {
                <#ty>::#changed(__view, __cx, __old);
                return ::core::result::Result::Ok(());
            }
        }
    });
    quote! {
        fn property(
            __view: &mut #ty,
            __cx: &mut #cx,
            __property: ::core::primitive::u8,
            __arguments: &mut __p::Arguments<'_>,
        ) -> ::core::result::Result<(), __p::DecodeError> {
            let __property = ::core::primitive::usize::from(__property);
            #(#each)*
            __p::ObjectState::decode(__cx.state_in_dispatch(), __property, __arguments)
        }
    }
}

fn view(direct: &DirectImpl<'_>) -> TokenStream {
    let ty = &direct.item.self_ty;
    let source = source();
    let submit = submit(quote!(__p::ViewEntry::of::<#ty>()));
    let make = match direct.attrs.factory.value() {
        Some(factory) => quote_spanned!(factory.span()=> #factory()),
        None => quote_spanned!(ty.span()=> <Self as __p::BuildView>::build()),
    };
    quote! {
        #[automatically_derived]
        impl ::magicnet::View for #ty {
            const SLOT: __p::SlotDescriptor<Self> = __p::SlotDescriptor::of::<#ty>();
            const SOURCE: __p::Source = #source;
            fn make() -> Self {
                let mut __view: Self = #make;
                __p::DirectView::prepare(&mut __view);
                __view
            }
        }
        #submit
    }
}

/// That the struct has the role which the calls are for, said where they say it.
fn assertions(direct: &DirectImpl<'_>) -> TokenStream {
    let ask = |at: Span, question: &str| {
        let (question, ty) = (format_ident!("{question}"), located_at(at, &direct.item.self_ty));
        quote_spanned!(at=> const _: () = __p::#question::<#ty>();)
    };
    let role = direct.calls.first().map(|call| match call.role {
        RoleKind::Server => ask(call.attrs.from.span(), "answers_as_server"),
        RoleKind::Client => ask(call.attrs.to.span(), "answers_as_client"),
        RoleKind::Both => ask(call.ident.span(), "answers_as_both"),
    });
    let told = direct.changes.iter().map(|changed| {
        let (conditions, ask) = (conditions(&changed.attrs), ask(changed.sig.ident.span(), "is_told"));
        quote!(#(#conditions)* #ask)
    });
    quote! {
        #role
        #(#told)*
    }
}
