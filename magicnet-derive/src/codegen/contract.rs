//! Contracts: the module with everything in it, its descriptor and its entry in the registry.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{AttrStyle, Ident, Visibility};

use super::parameter::{Envelope, List};
use super::stub::{Bodies, stub_of};
use super::{default_doc, dispatch, doc, init, role, source, state, submit, written};
use crate::attr::Attr;
use crate::attr::container::ContractAttrs;
use crate::model::{
    Call, Contract, Creator, Direction, OwnerLeft, PerTime, Persist, Property, Rate, RoleKind, Via, Who,
};

pub(crate) fn expand(contract: &Contract<'_>) -> TokenStream {
    let vis = visibility(contract);
    let state = state::expand(contract);
    let companions = companions(contract, &vis);
    let mut kinds = contract.kinds().to_vec();
    kinds.sort_by_key(|kind| contract.number(*kind));
    let tables: Vec<_> = kinds.iter().map(|kind| table(contract, *kind)).collect();
    let descriptor = descriptor(contract, &tables, true);
    let init = init::init_of(contract, &vis, Bodies::Send);
    let submit = submit(quote!(__p::ContractEntry::of::<Contract>()));
    let roles = contract.kinds().iter().map(|kind| {
        let contexts = role::contexts(contract, *kind, &vis);
        let trait_ = role::trait_of(contract, *kind, &vis);
        let kept = if *kind == contract.watcher() { contract.properties() } else { &[] };
        let parameters = parameters(fields(contract, *kind), kept);
        let dispatch = dispatch::expand(contract, *kind);
        quote!(#contexts #trait_ #parameters #dispatch)
    });
    let stubs = Direction::ALL.map(|direction| stub_of(contract, direction, &vis, Bodies::Send));
    module(
        contract,
        &quote! {
            #state
            #companions
            #descriptor
            #init
            const _: () = { #submit };
            #(#roles)*
            #(#stubs)*
        },
    )
}

/// The user's module around `made` and its items that stay as they are.
pub(crate) fn module(contract: &Contract<'_>, made: &TokenStream) -> TokenStream {
    let module = contract.module;
    let (attributes, inner) = (attributes_of_module(contract), inner_attributes(contract));
    let (vis, ident, others) = (&module.vis, &module.ident, &contract.others);
    quote! {
        #attributes
        #vis mod #ident {
            #inner
            #[allow(unused_imports)]
            use super::*;
            use ::magicnet::__private as __p;
            #(#others)*
            #made
        }
    }
}

/// What the user wrote on the module, with a doc comment if there is none.
fn attributes_of_module(contract: &Contract<'_>) -> TokenStream {
    let attributes =
        contract.module.attrs.iter().filter(|attribute| matches!(attribute.style, AttrStyle::Outer));
    let doc = default_doc(&contract.module.attrs, &format!("The contract of `{}` objects.", contract.name()));
    quote!(#doc #(#attributes)*)
}

/// The attributes inside of the module's braces.
fn inner_attributes(contract: &Contract<'_>) -> TokenStream {
    let attributes =
        contract.module.attrs.iter().filter(|attribute| !matches!(attribute.style, AttrStyle::Outer));
    quote!(#(#attributes)*)
}

/// As visible as the user's parts, which are alike; as the module where they say nothing.
pub(crate) fn visibility(contract: &Contract<'_>) -> Visibility {
    let said = contract.visibilities().map(|(vis, _)| vis).find(|vis| !matches!(vis, Visibility::Inherited));
    said.cloned().unwrap_or_else(|| from_inside(&contract.module.vis))
}

/// The visibility of a module, as it is written for an item in it.
fn from_inside(vis: &Visibility) -> Visibility {
    let Visibility::Restricted(restricted) = vis else {
        let is_private = matches!(vis, Visibility::Inherited);
        return if is_private { syn::parse_quote!(pub(super)) } else { vis.clone() };
    };
    let path = &restricted.path;
    match path.segments.first() {
        Some(first) if first.ident == "super" => syn::parse_quote!(pub(in super::#path)),
        Some(first) if first.ident == "self" => syn::parse_quote!(pub(super)),
        _ => vis.clone(),
    }
}

/// `Contract`, and `State` where there is none.
pub(crate) fn companions(contract: &Contract<'_>, vis: &Visibility) -> TokenStream {
    let name = contract.name();
    let contract_doc = doc(&format!("The contract of `{name}` objects."));
    let state_doc = doc(&format!("A `{name}` object has no replicated state."));
    let no_state = contract.state.is_none().then(|| quote!(#state_doc #vis type State = ();));
    quote! {
        #no_state
        #contract_doc
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis enum Contract {}
    }
}

/// The tables of all roles, and how stubs are made. A contract with errors is not `whole`: its tables are empty, and it
/// names no functions of the application's.
pub(crate) fn descriptor(contract: &Contract<'_>, tables: &[TokenStream], whole: bool) -> TokenStream {
    let name = contract.name();
    let (create, on_owner_left) = (creator(&contract.attrs), owner_left(&contract.attrs));
    let properties = contract.properties().iter().filter(|_| whole).map(field_number);
    let (init, take_init, make_init) = match contract.initial().next() {
        Some(_) => (quote!(Init<'a>), quote!(stub), quote!(Init { stub })),
        None => (quote!(__p::NothingSaysInitCreator), quote!(_), quote!(__p::NothingSaysInitCreator)),
    };
    let accepts_creator = whole.then(|| accepts_creator(&contract.attrs));
    let source = source();
    let symmetric = contract.is_symmetric().then(|| {
        quote! {
            #[automatically_derived]
            impl __p::Symmetric for Contract {}
        }
    });
    quote! {
        #symmetric
        #[automatically_derived]
        impl __p::Contract for Contract {
            type State = State;
            type ToServer<'a, __P> = ToServer<'a, __P>;
            type ToClients<'a, __P> = ToClients<'a, __P>;
            type Init<'a> = #init;
            const OBJECT: &'static __p::ObjectDescriptor = &__p::ObjectDescriptor {
                name: #name,
                create: __p::Creator::#create,
                on_owner_left: __p::OwnerLeft::#on_owner_left,
                properties: &[#(#properties),*],
                roles: &[#(#tables),*],
                source: #source,
            };
            fn to_server<__P>(stub: __p::Stub<'_>) -> ToServer<'_, __P> {
                ToServer { stub, permission: ::core::marker::PhantomData }
            }
            fn to_clients<__P>(stub: __p::Stub<'_>) -> ToClients<'_, __P> {
                ToClients { stub, permission: ::core::marker::PhantomData }
            }
            fn init(#take_init: __p::Stub<'_>) -> Self::Init<'_> {
                #make_init
            }
            #accepts_creator
        }
    }
}

/// Where a property is on the wire, as its descriptor says it.
pub(super) fn field_number(property: &Property<'_>) -> TokenStream {
    let number = Literal::usize_unsuffixed(property.number);
    if property.is_sent() {
        quote!(::core::option::Option::Some(#number))
    } else {
        quote!(::core::option::Option::None)
    }
}

pub(super) fn creator(attrs: &ContractAttrs) -> TokenStream {
    match attrs.create.value() {
        None | Some(Creator::Server) => quote!(Server),
        Some(Creator::Anyone) => quote!(Anyone),
        Some(Creator::Accepted) => {
            let by = attrs.created_by.as_ref().map(written);
            quote!(Accepted { by: #by })
        }
    }
}

pub(super) fn owner_left(attrs: &ContractAttrs) -> TokenStream {
    match attrs.on_owner_left.value() {
        None | Some(OwnerLeft::Destroy) => quote!(Destroy),
        Some(OwnerLeft::Keep) => quote!(Keep),
    }
}

/// What a function of the application's says of those who ask for a new object.
pub(super) fn accepts_creator(attrs: &ContractAttrs) -> Option<TokenStream> {
    let path = attrs.created_by.as_ref()?;
    let sender = Ident::new("__sender", path.span());
    let ask = quote_spanned!(path.span()=> __p::SenderRule::accepts(&#path, #sender));
    Some(quote! {
        fn accepts_creator(#sender: &__p::Connection) -> ::core::primitive::bool {
            #ask
        }
    })
}

/// One field of a role's table.
pub(super) struct Field<'a> {
    number: usize,
    name: String,
    kind: TokenStream,
    persist: TokenStream,
    via: TokenStream,
    rate: TokenStream,
    /// As errors name it.
    what: String,
    parameters: List<'a>,
}

/// A role's table, by number.
fn fields<'a>(contract: &'a Contract<'_>, kind: RoleKind) -> Vec<Field<'a>> {
    let places = contract.properties().iter().enumerate().filter(|_| kind == contract.watcher());
    let properties = places.filter(|(_, property)| property.is_sent());
    let properties = properties.map(|(place, property)| Field::of_property(place, property));
    let mut fields: Vec<_> = properties.chain(contract.calls(kind).iter().map(Field::of_call)).collect();
    fields.sort_by_key(|field| field.number);
    fields
}

impl<'a> Field<'a> {
    /// The property at `place` of the state.
    pub(super) fn of_property(place: usize, property: &'a Property<'_>) -> Self {
        Self {
            number: property.number,
            name: property.wire(),
            kind: property_kind(place, property),
            persist: quote!(Ram),
            via: quote!(Reliable),
            rate: rate(&Attr::default()),
            what: format!("the property `{}`", property.parameter.name()),
            parameters: List::of_property(property),
        }
    }

    pub(super) fn of_call(call: &'a Call<'_>) -> Self {
        let is_kept = call.attrs.persist.value() == Some(&Persist::Ram);
        Self {
            number: call.number,
            name: call.wire(),
            kind: call_kind(call),
            persist: if is_kept { quote!(Ram) } else { quote!(None) },
            via: Via::descriptor(&call.attrs.via),
            rate: rate(&call.attrs.rate),
            what: format!("the call `{}`", call.name()),
            parameters: List::of_call(call),
        }
    }

    pub(super) fn descriptor(&self) -> TokenStream {
        let Self { name, kind, persist, via, rate, parameters, .. } = self;
        let parameters = parameters.descriptors();
        quote! {
            __p::FieldDescriptor {
                name: #name,
                kind: __p::FieldKind::#kind,
                persist: __p::Persist::#persist,
                via: __p::Via::#via,
                rate: #rate,
                parameters: #parameters,
            }
        }
    }
}

/// How often a client may, as descriptors say it.
pub(super) fn rate(said: &Attr<Rate>) -> TokenStream {
    let Some(Rate { amount, unit, burst }) = said.value() else {
        return quote!(::core::option::Option::None);
    };
    let amount = Literal::u32_unsuffixed(*amount);
    let per = match unit {
        PerTime::Second => quote!(per_second),
        PerTime::Minute => quote!(per_minute),
        PerTime::Hour => quote!(per_hour),
    };
    let burst = burst.map(|burst| {
        let burst = Literal::u32_unsuffixed(burst);
        quote!(.burst(#burst))
    });
    quote!(::core::option::Option::Some(::magicnet::Rate::#per(#amount) #burst))
}

fn property_kind(place: usize, property: &Property<'_>) -> TokenStream {
    let place = Literal::usize_unsuffixed(place);
    let to = match property.attrs.to.value() {
        Some(Who::Owner) => quote!(Owner),
        Some(Who::Server) => quote!(Server),
        _ => quote!(Viewers),
    };
    let (always, init) = (property.attrs.always.is_given(), property.attrs.init.is_given());
    quote!(Property { property: #place, to: __p::Receiver::#to, always: #always, init: #init })
}

fn call_kind(call: &Call<'_>) -> TokenStream {
    let from = match call.from() {
        Who::Accepted => {
            let by = call.attrs.by.as_ref().map(written);
            quote!(from: __p::Caller::Accepted { by: #by })
        }
        Who::Anyone => quote!(from: __p::Caller::Anyone),
        Who::Server => quote!(from: __p::Caller::Server),
        Who::Owner | Who::Viewers | Who::Nobody => quote!(from: __p::Caller::Owner),
    };
    let to = match call.to() {
        Who::Owner => quote!(to: __p::Receiver::Owner),
        _ => quote!(to: __p::Receiver::Viewers),
    };
    match call.role {
        RoleKind::Server => quote!(CallToServer { #from }),
        RoleKind::Client => quote!(CallToClients { #to }),
        RoleKind::Both => quote!(CallToBoth { #from, #to }),
    }
}

fn table(contract: &Contract<'_>, kind: RoleKind) -> TokenStream {
    let fields = fields(contract, kind).into_iter().map(|field| field.descriptor());
    let role = kind.constant();
    let number = Literal::u8_unsuffixed(contract.number(kind));
    quote! {
        __p::RoleDescriptor { role: __p::Role::#role, number: #number, fields: &[#(#fields),*] }
    }
}

/// Each parameter of each field, and that a field fits a frame.
///
/// Their marker is private, so that an argument's type needs to be no more visible than the contract.
pub(super) fn parameters(mut fields: Vec<Field<'_>>, properties: &[Property<'_>]) -> TokenStream {
    fields.retain(|field| !field.parameters.is_empty());
    // What no peer gets is encoded too, for the snapshot.
    let kept = properties.iter().filter(|property| !property.is_sent());
    let kept: Vec<_> = kept.map(List::of_property).collect();
    let marker = fields.iter().map(|field| &field.parameters).chain(&kept).next().and_then(List::marker);
    let kept = kept.iter().map(List::declare);
    let each = fields.iter().map(|Field { what, parameters, .. }| {
        let (declared, fits) = (parameters.declare(), parameters.fit_a_frame(what, Envelope::Call));
        quote!(#declared #fits)
    });
    quote!(#marker #(#each)* #(#kept)*)
}
