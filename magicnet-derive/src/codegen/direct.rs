//! The direct form's struct: as it is, with the name of its context, and what it is to the contract.
//!
//! What is made stands in a `const _`, so that it takes no names and works inside of functions too. The calls are the
//! other macro's; tables are joined by the constants of `magicnet::__private`.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Path, Visibility};

use super::contract::{Field, accepts_creator, creator, field_number, owner_left, parameters};
use super::state::{decode, encode, initial_values, object_state, property_of, taken};
use super::stub::Bodies;
use super::{conditions, doc, foreign, init, source, submit};
use crate::model::{DirectStruct, RoleKind};

pub(crate) fn expand(direct: &DirectStruct<'_>, bodies: Bodies) -> TokenStream {
    let (item, ident, vis) = (item(direct), &direct.item.ident, &direct.item.vis);
    if !direct.item.generics.params.is_empty() {
        // An error as a whole: there is no one type that could be a view.
        return item;
    }
    let cx = format_ident!("{}Cx", ident.unraw(), span = ident.span());
    let doc = doc(&format!("The context of handlers of a [`{}`].", ident.unraw()));
    let conditions: Vec<_> = conditions(&direct.item.attrs).collect();
    let side = side(direct);
    let contract = direct.is_contract().then(|| contract(direct, bodies));
    let view = view(direct, bodies);
    let peer = peer(direct, bodies);
    quote! {
        #item
        #doc
        #(#conditions)*
        #[allow(dead_code)]
        #vis type #cx<'a> = ::magicnet::Cx<'a, #ident, #ident>;
        #(#conditions)*
        #[allow(deprecated, private_interfaces)]
        const _: () = {
            use ::magicnet::__private as __p;
            #side
            #contract
            #view
            #peer
        };
    }
}

/// The user's struct, without our attributes.
fn item(direct: &DirectStruct<'_>) -> TokenStream {
    let mut item = direct.item.clone();
    for field in &mut item.fields {
        field.attrs = foreign(&field.attrs).cloned().collect();
    }
    item.into_token_stream()
}

/// The struct that is the contract: this one, or its peer.
fn contract_of(direct: &DirectStruct<'_>) -> TokenStream {
    match direct.peer() {
        Some(peer) if !direct.is_contract() => peer.to_token_stream(),
        _ => direct.item.ident.to_token_stream(),
    }
}

/// Which role the view has, and what it may.
fn side(direct: &DirectStruct<'_>) -> TokenStream {
    let (ident, contract, kind) = (&direct.item.ident, contract_of(direct), direct.role());
    let role = kind.constant();
    let markers: &[&str] = match kind {
        RoleKind::Server => &["ServerSide", "AnswersAsServer"],
        RoleKind::Client => &["ClientSide", "AnswersAsClient", "IsTold"],
        RoleKind::Both => &["ClientSide", "AnswersAsBoth", "IsTold"],
    };
    let markers = markers.iter().map(|marker| format_ident!("{marker}"));
    let symmetric = (kind == RoleKind::Both).then(|| {
        quote! {
            #[automatically_derived]
            impl __p::Symmetric for #ident {}
        }
    });
    quote! {
        #[automatically_derived]
        impl __p::Side for #ident {
            type Contract = #contract;
            const ROLE: __p::Role = __p::Role::#role;
        }
        #(
            #[automatically_derived]
            impl __p::#markers for #ident {}
        )*
        #symmetric
    }
}

/// The state, the tables, and the entry in the registry.
fn contract(direct: &DirectStruct<'_>, bodies: Bodies) -> TokenStream {
    let ident = &direct.item.ident;
    let state = state(direct, bodies);
    let [server, client] = parts(direct);
    let attrs = &direct.attrs.contract;
    let name = attrs.name.value().map_or_else(|| ident.unraw().to_string(), syn::LitStr::value);
    let (create, on_owner_left) = (creator(attrs), owner_left(attrs));
    let (tables, roles) = match bodies {
        Bodies::Send => tables(direct),
        Bodies::Missing => (TokenStream::new(), TokenStream::new()),
    };
    let source = source();
    let client_number = attrs.roles.number_of(if direct.role() == RoleKind::Both {
        RoleKind::Both
    } else {
        RoleKind::Client
    });
    let (fields, numbers) = match bodies {
        Bodies::Send => (count_sent(direct), direct.properties.iter().map(field_number).collect::<Vec<_>>()),
        Bodies::Missing => (0, Vec::new()),
    };
    let init_name = format_ident!("__Init");
    let init = init::expand(&init_name, &name, client_number, &direct.properties, &public(), bodies);
    let (init_type, take_init, make_init) = match init {
        Some(_) => (quote!(#init_name<'a>), quote!(stub), quote!(#init_name { stub })),
        None => (quote!(__p::NothingSaysInitCreator), quote!(_), quote!(__p::NothingSaysInitCreator)),
    };
    let accepts_creator = (bodies == Bodies::Send).then(|| accepts_creator(attrs));
    let to_server = quote_spanned! {server.span()=>
        type ToServer<'stub, __P> = #server::ToServer<'stub, __P>;
        fn to_server<__P>(stub: __p::Stub<'_>) -> #server::ToServer<'_, __P> {
            #server::to_server(stub)
        }
    };
    let to_clients = quote_spanned! {client.span()=>
        type ToClients<'stub, __P> = #client::ToClients<'stub, __P>;
        fn to_clients<__P>(stub: __p::Stub<'_>) -> #client::ToClients<'_, __P> {
            #client::to_clients(stub)
        }
    };
    let submit = submit(quote!(__p::ContractEntry::of::<#ident>()));
    let state_name = state_name(ident);
    quote! {
        #state
        #tables
        #init
        #[automatically_derived]
        impl __p::Contract for #ident {
            type State = #state_name;
            #to_server
            #to_clients
            type Init<'a> = #init_type;
            const OBJECT: &'static __p::ObjectDescriptor = &__p::ObjectDescriptor {
                name: #name,
                create: __p::Creator::#create,
                on_owner_left: __p::OwnerLeft::#on_owner_left,
                properties: &[#(#numbers),*],
                roles: &[#roles],
                source: #source,
            };
            fn init(#take_init: __p::Stub<'_>) -> Self::Init<'_> {
                #make_init
            }
            #accepts_creator
        }
        #[automatically_derived]
        impl __p::DirectContract for #ident {
            const CLIENT_NUMBER: ::core::primitive::u8 = #client_number;
            const FIRST_CLIENT_CALL: ::core::primitive::u8 = #fields as ::core::primitive::u8;
        }
        const _: () = { #submit };
    }
}

/// The structs that answer calls to the server and calls to clients, as what they answer. One that is alone stands for
/// both, and has none of those that go the other way. What rustc says of them is said at their names, and so once.
fn parts(direct: &DirectStruct<'_>) -> [TokenStream; 2] {
    let this = direct.item.ident.to_token_stream();
    let other = direct.peer().filter(|_| direct.role() == RoleKind::Server);
    let other = other.map_or_else(|| this.clone(), ToTokens::to_token_stream);
    [this, other].map(|of| quote_spanned!(of.span()=> <#of as __p::DirectCalls>))
}

/// How many properties have a place on the wire.
fn count_sent(direct: &DirectStruct<'_>) -> usize {
    direct.properties.iter().filter(|property| property.is_sent()).count()
}

fn public() -> Visibility {
    Visibility::Public(syn::Token![pub](Span::call_site()))
}

/// As others see the state, in a struct that no user's name can meet.
fn state_name(ident: &Ident) -> Ident {
    format_ident!("__{}State", ident.unraw())
}

fn state(direct: &DirectStruct<'_>, bodies: Bodies) -> TokenStream {
    let name = state_name(&direct.item.ident);
    let properties = &direct.properties[..];
    let fields = properties.iter().map(|property| (property.ident, property.parameter.ty));
    let fields = fields.map(|(ident, ty)| quote!(pub #ident: #ty));
    let doc = doc("The replicated fields, as they were compared last.");
    let known = match bodies {
        Bodies::Send => properties,
        Bodies::Missing => &[],
    };
    let (values, implementation) = (initial_values(properties), object_state(&name, known));
    let initial = match bodies {
        Bodies::Send => quote!(Self { #(#values,)* }),
        Bodies::Missing => quote!(::core::unreachable!("the struct has errors")),
    };
    let changes = properties.iter().enumerate().map(|(number, property)| {
        let (changed, ty, value) = (property.changed(), property.parameter.ty, &property.parameter.binding);
        let place = property_of(property, quote!(self));
        let take = match bodies {
            Bodies::Send => taken(property),
            Bodies::Missing => quote!(let #value = ::core::unreachable!("the struct has errors");),
        };
        quote! {
            /// Keeps the property if it is this one, and gives back what it was.
            pub fn #changed(
                &mut self,
                __property: ::core::primitive::usize,
                __arguments: &mut __p::Arguments<'_>,
            ) -> ::core::result::Result<::core::option::Option<#ty>, __p::DecodeError> {
                if __property != #number {
                    return ::core::result::Result::Ok(::core::option::Option::None);
                }
                #take
                __arguments.finish()?;
                let __old = ::core::mem::replace(&mut #place, #value);
                ::core::result::Result::Ok(::core::option::Option::Some(__old))
            }
        }
    });
    let declared = (bodies == Bodies::Send).then(|| parameters(table_of(direct), &direct.properties));
    quote! {
        #doc
        pub struct #name { #(#fields,)* }
        #declared
        #[allow(dead_code, unreachable_code, unused_variables, clippy::diverging_sub_expression)]
        impl #name {
            #(#changes)*
        }
        #[automatically_derived]
        impl ::core::default::Default for #name {
            fn default() -> Self {
                #initial
            }
        }
        #implementation
    }
}

fn table_of<'a>(direct: &'a DirectStruct<'_>) -> Vec<Field<'a>> {
    let sent = direct.properties.iter().enumerate().filter(|(_, property)| property.is_sent());
    sent.map(|(place, property)| Field::of_property(place, property)).collect()
}

/// The tables of both roles as constants, and the roles that have them.
fn tables(direct: &DirectStruct<'_>) -> (TokenStream, TokenStream) {
    let mut kinds = direct.kinds().to_vec();
    kinds.sort_by_key(|kind| direct.attrs.contract.roles.number_of(*kind));
    let tables = direct.kinds().iter().map(|kind| table(direct, *kind));
    let roles = kinds.iter().map(|kind| {
        let (role, table) = (kind.constant(), table_name(*kind));
        let number = Literal::u8_unsuffixed(direct.attrs.contract.roles.number_of(*kind));
        quote!(__p::RoleDescriptor { role: __p::Role::#role, number: #number, fields: #table })
    });
    (quote!(#(#tables)*), quote!(#(#roles),*))
}

fn table_name(kind: RoleKind) -> Ident {
    format_ident!("__{}", kind.constant())
}

/// One role's table: the state if it is watched by it, then its calls.
fn table(direct: &DirectStruct<'_>, kind: RoleKind) -> TokenStream {
    let name = table_name(kind);
    let fields = if kind == RoleKind::Server { Vec::new() } else { table_of(direct) };
    let (fields, count) = (fields.iter().map(Field::descriptor), fields.len());
    let [server, client] = parts(direct);
    let is_answered = kind == direct.role() || direct.peer().is_some();
    let calls = match kind {
        _ if !is_answered => quote!(&[]),
        RoleKind::Server => quote!(#server::CALLS),
        RoleKind::Client | RoleKind::Both => quote!(#client::CALLS),
    };
    let many = format!("a role has at most 256 fields, and `{}` has more", kind.word());
    let same = format!(
        "two fields of the role `{}` have one name on the wire; give one another by `wire = \"...\"`",
        kind.word()
    );
    quote! {
        const #name: &[__p::FieldDescriptor] = {
            const __CALLS: &[__p::FieldDescriptor] = #calls;
            &__p::join::<{ #count + __CALLS.len() }>(&[#(#fields),*], __CALLS)
        };
        const _: () = {
            ::core::assert!(#name.len() <= 256, #many);
            ::core::assert!(__p::names_differ(#name), #same);
        };
    }
}

/// Where its fields are on the wire, and how its own are written and read.
fn view(direct: &DirectStruct<'_>, bodies: Bodies) -> TokenStream {
    let ident = &direct.item.ident;
    let attrs = &direct.attrs.contract;
    let (number, first) = match (direct.role(), direct.peer()) {
        (RoleKind::Client, Some(peer)) => (
            quote!(<#peer as __p::DirectContract>::CLIENT_NUMBER),
            quote!(<#peer as __p::DirectContract>::FIRST_CLIENT_CALL),
        ),
        (kind, _) => {
            let number = attrs.roles.number_of(kind).into_token_stream();
            let first = if kind == RoleKind::Server { 0 } else { count_sent(direct) };
            (number, quote!(#first as ::core::primitive::u8))
        }
    };
    let own = (direct.is_contract() && bodies == Bodies::Send).then(|| {
        let (encode, decode) = (encode(&direct.properties), decode(&direct.properties));
        let prepare = prepare(direct);
        quote! {
            const HAS_STATE: ::core::primitive::bool = true;
            #prepare
            fn encode(&self, property: ::core::primitive::usize, w: &mut __p::Writer<'_>) {
                #encode
            }
            fn decode(
                &mut self,
                property: ::core::primitive::usize,
                __arguments: &mut __p::Arguments<'_>,
            ) -> ::core::result::Result<(), __p::DecodeError> {
                #decode
            }
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(unused_variables)]
        impl __p::DirectView for #ident {
            const NUMBER: ::core::primitive::u8 = #number;
            const FIRST_CALL: ::core::primitive::u8 = #first;
            #own
        }
    }
}

/// Gives the fields that say what they are at first this value, as the state has it.
fn prepare(direct: &DirectStruct<'_>) -> Option<TokenStream> {
    let said: Vec<_> =
        direct.properties.iter().filter(|property| property.attrs.default.is_given()).collect();
    let state = state_name(&direct.item.ident);
    let each = said.iter().map(|property| {
        let (place, value) = (property_of(property, quote!(self)), property_of(property, quote!(__initial)));
        quote!(#place = #value;)
    });
    (!said.is_empty()).then(|| {
        quote! {
            fn prepare(&mut self) {
                let __initial = <#state as ::core::default::Default>::default();
                #(#each)*
            }
        }
    })
}

/// That both views name each other, and one contract.
fn peer(direct: &DirectStruct<'_>, bodies: Bodies) -> TokenStream {
    let Some(peer) = direct.peer() else {
        return TokenStream::new();
    };
    let ident = &direct.item.ident;
    let at = peer.span();
    let (check, of, name) = match direct.role() {
        RoleKind::Server => {
            (quote_spanned!(at=> __p::is_client_of::<#ident, #peer>()), quote!(ServerOf), None)
        }
        RoleKind::Client | RoleKind::Both => (
            quote_spanned!(at=> __p::is_server_of::<#ident, #peer>()),
            quote!(ClientOf),
            same_name(direct, peer),
        ),
    };
    let checks = (bodies == Bodies::Send).then(|| quote!(const _: () = #check; #name));
    quote! {
        #[automatically_derived]
        impl __p::#of<#peer> for #ident {}
        #checks
    }
}

fn same_name(direct: &DirectStruct<'_>, peer: &Path) -> Option<TokenStream> {
    let name = direct.attrs.contract.name.value()?;
    let message = "the peer has another name: two views of one kind of object have the same";
    // At the name, but with our eyes.
    let at = name.span().resolved_at(Span::call_site());
    Some(quote_spanned! {at=>
        const _: () = ::core::assert!(__p::is_same(#name, <#peer as __p::Contract>::OBJECT.name), #message);
    })
}
