//! An object of the files, and what is said of it, as the contract module that a user would have written.

use magicnet_manifest::{Field, Hint, Parameter};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, ItemMod, LitInt};

use super::files::{Object, RoleTable, place_of};
use super::input::{Call, Edit, Part, Value};
use super::roles::Roles;
use super::{default, names, types};
use crate::attr::field::{ArgAttrs, PropertyAttrs};
use crate::attr::method::CallAttrs;
use crate::attr::{self, Attr};
use crate::codegen::default_doc;
use crate::ctxt::{Ctxt, silently};
use crate::model::RoleKind;
use crate::suggest::did_you_mean;
use crate::symbol::NETWORK_OBJECT;

/// A contract module as written, with what is checked beside it.
pub(super) struct Made {
    /// Of `#[network_object(...)]`.
    pub(super) arguments: TokenStream,
    pub(super) module: ItemMod,
    /// Assertions that what a user wrote fits what the files say.
    pub(super) checks: TokenStream,
}

pub(super) fn make(ctxt: &Ctxt, object: &Object<'_>, edit: Option<&Edit>) -> Made {
    let span = edit.map_or_else(|| object.span(), |edit| edit.ident.span());
    let roles = Roles::assign(ctxt, object, edit);
    let arguments = arguments(object, edit, &roles);
    let kinds: Vec<RoleKind> = roles.kinds().collect();
    let mut maker =
        Maker { ctxt, object, edit, roles, loose: Vec::new(), claimed: Vec::new(), checks: Vec::new() };
    let state = maker.state();
    let traits: Vec<TokenStream> = kinds.iter().map(|kind| maker.role(*kind)).collect();
    let strangers = edit.into_iter().flat_map(|edit| edit.others(&kinds));
    maker.say_what_has_no_bound(span);

    let ident =
        edit.map_or_else(|| names::ident(&names::module_name(object.name), span), |edit| edit.ident.clone());
    let vis = edit.map_or_else(|| syn::parse_quote!(pub), |edit| edit.vis.clone());
    let attributes = edit.map_or(&[][..], |edit| &edit.attributes);
    let others = attributes.iter().filter(|attribute| !attr::is_named(attribute, NETWORK_OBJECT));
    let module = syn::parse_quote_spanned! {span=>
        #(#others)*
        #vis mod #ident { #state #(#traits)* #(trait #strangers {})* }
    };
    let checks = &maker.checks;
    let checks = (!checks.is_empty()).then(|| {
        quote! {
            const _: () = {
                use ::magicnet::__private as __p;
                const __OBJECT: &__p::ObjectDescriptor = <#ident::Contract as __p::Contract>::OBJECT;
                #(#checks)*
            };
        }
    });
    Made { arguments, module, checks: checks.into_token_stream() }
}

/// What is said of the contract, with what the files say.
fn arguments(object: &Object<'_>, edit: Option<&Edit>, roles: &Roles<'_>) -> TokenStream {
    let said = edit.map(Edit::said).unwrap_or_default();
    let name = object.name;
    let name = (!said.name.is_given()).then(|| quote!(name = #name,));
    let number = Literal::u8_unsuffixed(roles.number(RoleKind::Both));
    let numbers =
        (roles.is_symmetric() && !said.roles.whole.is_given()).then(|| quote!(roles(both = #number),));
    let said = edit.map(Edit::arguments);
    quote!(#name #numbers #said)
}

struct Maker<'a> {
    ctxt: &'a Ctxt,
    object: &'a Object<'a>,
    edit: Option<&'a Edit>,
    roles: Roles<'a>,
    loose: Vec<Loose>,
    /// The fields that are state, in the order of the properties.
    claimed: Vec<usize>,
    checks: Vec<TokenStream>,
}

/// A place where the files have no bound, as a user may write it.
struct Loose {
    /// `None` for the state.
    role: Option<RoleKind>,
    /// In Rust.
    field: String,
    arguments: Vec<(String, String)>,
    /// In Python.
    said: Vec<String>,
}

/// A property, and the field that it is.
struct Claim<'a> {
    value: &'a Value,
    number: usize,
    field: &'a Field,
    says_wire: bool,
}

/// Where a value is on the wire.
#[derive(Clone, Copy)]
struct At {
    role: RoleKind,
    field: usize,
    parameter: usize,
}

impl<'a> Maker<'a> {
    fn state(&mut self) -> TokenStream {
        let Some((part, values)) = self.edit.and_then(Edit::state) else {
            return TokenStream::new();
        };
        let table = self.roles.table(self.roles.watcher());
        let claims: Vec<Claim<'_>> = values.iter().filter_map(|value| self.claim(table, value)).collect();
        self.claimed.extend(claims.iter().map(|claim| claim.number));
        let properties: Vec<TokenStream> =
            claims.into_iter().filter_map(|claim| self.property(&claim)).collect();
        let Part { attributes, vis, ident, .. } = part;
        quote! { #(#attributes)* #vis struct #ident { #(#properties),* } }
    }

    /// Which field of the clients is the property.
    fn claim<'v>(&self, table: Option<RoleTable<'a>>, value: &'v Value) -> Option<Claim<'v>>
    where
        'a: 'v,
    {
        let name = value.ident.unraw().to_string();
        let said = silently(|silent| PropertyAttrs::parse(silent, &value.attributes).wire.value().cloned());
        let wires = match &said {
            Some(said) => vec![said.value()],
            None => vec![format!("set_{name}"), name],
        };
        let table = table.map(|table| table.table);
        let found = wires.iter().find_map(|wire| names::place(table, wire)).zip(table);
        if let Some((number, table)) = found {
            return Some(Claim { value, number, field: &table.fields[number], says_wire: said.is_some() });
        }
        if !self.roles.are_all {
            return None;
        }
        let hint = did_you_mean(&wires[0], names::fields(table));
        let (object, wires) = (self.object.name, wires.join("` or `"));
        let whose = whose(self.roles.watcher());
        self.ctxt.error(&value.ident, format!("the {whose} of `{object}` has no field `{wires}`{hint}"));
        None
    }

    /// A field of clients as a property.
    fn property(&mut self, claim: &Claim<'_>) -> Option<TokenStream> {
        let Claim { value, number, field, says_wire } = *claim;
        let at = At { role: self.roles.watcher(), field: number, parameter: 0 };
        let (ty, is_spread) = self.property_type(at, field, value)?;
        let Value { attributes, vis, ident, .. } = value;
        let wire = (!says_wire).then(|| {
            let wire = &field.name;
            quote!(#[network_field(wire = #wire)])
        });
        let said = silently(|silent| PropertyAttrs::parse(silent, attributes));
        self.must_not_say_index(&said.index);
        if said.spread.is_given() && !is_spread {
            let message = format!("`{}` has one argument in Python: there is nothing to spread", field.name);
            self.ctxt.error(&said.spread, message);
            return None;
        }
        let index = self.index(at.role, number);
        let spread = (is_spread && !said.spread.is_given()).then(|| quote!(#[network_field(spread)]));
        let doc = default_doc(attributes, &format!("`{}` in Python.", field.signature()));
        Some(quote! { #doc #(#attributes)* #wire #index #spread #vis #ident: #ty })
    }

    /// Its type, and whether it stands for several arguments.
    fn property_type(&mut self, at: At, field: &Field, value: &Value) -> Option<(TokenStream, bool)> {
        if field.parameters.is_empty() || field.parameters.iter().any(|parameter| parameter.is_variadic) {
            let message = format!("`{}` has no fixed value or values: leave it a call", field.name);
            self.ctxt.error(&value.ident, message);
            return None;
        }
        let span = value.ident.span();
        let is_spread = field.parameters.len() > 1;
        if let Some(ty) = &value.ty {
            for (number, parameter) in (0..).zip(&field.parameters) {
                self.must_fit(At { parameter: number, ..at }, ty, parameter);
            }
            return Some((ty.to_token_stream(), is_spread));
        }
        let hint = match &field.parameters[..] {
            [one] => one.hint.clone(),
            several => Hint::with("tuple", several.iter().map(|parameter| parameter.hint.clone()).collect()),
        };
        let known = types::of(&hint, span);
        if !known.is_bounded {
            self.loose.push(Loose {
                role: None,
                field: value.ident.to_string(),
                arguments: vec![(String::new(), known.text)],
                said: vec![hint.to_string()],
            });
        }
        Some((known.ty, is_spread))
    }

    fn role(&mut self, kind: RoleKind) -> TokenStream {
        let said = self.edit.and_then(|edit| edit.role(kind));
        let table = self.roles.table(kind);
        let calls = said.map_or(&[][..], |(_, calls)| calls);
        self.find_strangers(kind, table, calls);
        let fields = table.map_or(&[][..], |table| &table.table.fields);
        let free: Vec<(usize, &Field)> =
            fields.iter().enumerate().filter(|(number, _)| !self.is_state(kind, *number)).collect();
        let span = table.map_or_else(Span::call_site, |table| place_of(table.file));
        let methods: Vec<TokenStream> = free
            .into_iter()
            .map(|(number, field)| {
                let call = calls.iter().find(|call| wire_of(kind, call) == field.name);
                self.call(At { role: kind, field: number, parameter: 0 }, field, call, span)
            })
            .collect();
        let (attributes, vis) =
            said.map_or((&[][..], None), |(part, _)| (&part.attributes[..], Some(&part.vis)));
        let name = said.map_or_else(|| kind.trait_name(), |(part, _)| part.ident.clone());
        quote! { #(#attributes)* #vis trait #name { #(#methods)* } }
    }

    fn is_state(&self, kind: RoleKind, number: usize) -> bool {
        kind == self.roles.watcher() && self.claimed.contains(&number)
    }

    /// What is said of calls that are none.
    fn find_strangers(&self, kind: RoleKind, table: Option<RoleTable<'_>>, calls: &[Call]) {
        if !self.roles.are_all {
            return;
        }
        let table = table.map(|table| table.table);
        let (object, whose) = (self.object.name, whose(kind));
        for (index, call) in calls.iter().enumerate() {
            let wire = wire_of(kind, call);
            let other = self.roles.kinds().find(|other| *other != kind);
            let other = other.filter(|other| {
                names::place(self.roles.table(*other).map(|table| table.table), &wire).is_some()
            });
            match names::place(table, &wire) {
                Some(number) if self.is_state(kind, number) => {
                    self.ctxt.error(&call.ident, format!("`{wire}` is state already: leave it out here"));
                }
                Some(_) if calls[..index].iter().any(|before| wire_of(kind, before) == wire) => {
                    self.ctxt.error(&call.ident, format!("`{wire}` is here twice"));
                }
                Some(_) => {}
                None if let Some(other) = other => {
                    let other = other.name();
                    let message =
                        format!("`{wire}` is a field of the other side: say this in `trait {other}`");
                    self.ctxt.error(&call.ident, message);
                }
                None => {
                    let hint = did_you_mean(&wire, names::fields(table));
                    self.ctxt
                        .error(&call.ident, format!("the {whose} of `{object}` has no field `{wire}`{hint}"));
                }
            }
        }
    }

    fn call(&mut self, at: At, field: &Field, call: Option<&Call>, span: Span) -> TokenStream {
        let ident = call.map_or_else(|| names::ident(&field.name, span), |call| call.ident.clone());
        let said = call.map_or(&[][..], |call| &call.arguments);
        for stranger in said.iter().filter(|value| parameter_of(field, value).is_none()) {
            let name = stranger.ident.unraw().to_string();
            let hint = did_you_mean(&name, field.parameters.iter().map(|parameter| &parameter.name[..]));
            self.ctxt.error(&stranger.ident, format!("`{}` has no argument `{name}`{hint}", field.name));
        }
        let mut loose =
            Loose { role: Some(at.role), field: ident.to_string(), arguments: vec![], said: vec![] };
        let arguments: Vec<TokenStream> = (0..)
            .zip(&field.parameters)
            .map(|(number, parameter)| {
                let value = said.iter().find(|value| parameter_of(field, value) == Some(parameter));
                self.argument(At { parameter: number, ..at }, parameter, value, &ident, &mut loose)
            })
            .collect();
        if !loose.arguments.is_empty() {
            self.loose.push(loose);
        }
        let attributes = call.map_or(&[][..], |call| &call.attributes);
        let wire =
            (ident.unraw() != field.name && !call.is_some_and(|call| says_wire(at.role, call))).then(|| {
                let wire = &field.name;
                quote!(#[network_field(wire = #wire)])
            });
        self.must_not_say_index(&silently(|silent| CallAttrs::parse(silent, attributes, at.role).index));
        let index = self.index(at.role, at.field);
        let persist = self.persist(at.role, field, attributes);
        let doc = default_doc(attributes, &format!("`{}` in Python.", field.signature()));
        quote! {
            #doc #(#attributes)* #wire #index #persist
            fn #ident(&mut self #(, #arguments)*);
        }
    }

    fn argument(
        &mut self,
        at: At,
        parameter: &Parameter,
        value: Option<&Value>,
        call: &Ident,
        loose: &mut Loose,
    ) -> TokenStream {
        let span = value.map_or_else(|| call.span(), |value| value.ident.span());
        let ident = value.map_or_else(|| names::argument(&parameter.name, span), |value| value.ident.clone());
        let ty = match value.and_then(|value| value.ty.as_ref()) {
            Some(ty) => {
                self.must_fit(at, ty, parameter);
                ty.to_token_stream()
            }
            None => {
                let of = if parameter.is_variadic { types::rest } else { types::of };
                let known = of(&parameter.hint, span);
                if !known.is_bounded {
                    loose.arguments.push((ident.to_string(), known.text));
                    let star = if parameter.is_variadic { "*" } else { "" };
                    loose.said.push(format!("`{star}{}: {}`", parameter.name, parameter.hint));
                }
                known.ty
            }
        };
        let mut attributes = value.map_or(&[][..], |value| &value.attributes);
        let says_rest = silently(|silent| ArgAttrs::of_argument(silent, attributes).rest);
        if says_rest.is_given() && !parameter.is_variadic {
            let message =
                format!("`{}` is one argument in Python: it does not take the rest", parameter.name);
            self.ctxt.error(&says_rest, message);
            attributes = &[];
        }
        let rest = (parameter.is_variadic && !says_rest.is_given()).then(|| quote!(#[arg(rest)]));
        let default = self.default(at, parameter, attributes, &ident);
        quote! { #(#attributes)* #rest #default #ident: #ty }
    }

    /// The file's default, unless there is another one.
    fn default(
        &mut self,
        at: At,
        parameter: &Parameter,
        said: &[Attribute],
        place: &Ident,
    ) -> Option<TokenStream> {
        let value = parameter.default.as_ref()?;
        if silently(|silent| ArgAttrs::of_argument(silent, said).default.is_given()) {
            return None;
        }
        let Some(default) = default::of(value) else {
            let message = format!(
                "the default of `{}` cannot be taken from the file: say it by `#[arg(default = ...)] {place}`",
                parameter.name
            );
            self.ctxt.error(place, message);
            return None;
        };
        let default::Default { bytes, len, shape, is_any_float } = default;
        let message = format!(
            "the default of `{}` in the file, `{}`, does not fit its type: \
             say another one by `#[arg(default = ...)] {place}`",
            parameter.name,
            value.write(),
        );
        let descriptor = self.descriptor(at);
        self.checks.push(quote_spanned! {place.span()=>
            ::core::assert!(__p::fits(&#shape, __p::parameter(__OBJECT, #descriptor), #len), "{}", #message);
        });
        let [field, parameter] = [at.field, at.parameter].map(Literal::usize_unsuffixed);
        let any_float = is_any_float.then(|| quote!(, any_float));
        let of = at.role.arguments();
        Some(quote! {
            #[arg(default = ::magicnet::__private::imported::<#of, #field, #parameter>(#bytes) #any_float)]
        })
    }

    /// A type that a user wrote takes no more than Python does.
    fn must_fit(&mut self, at: At, ty: &syn::Type, parameter: &Parameter) {
        let message = format!(
            "Python says `{}` of `{}`: a type that fits it is needed here",
            parameter.hint, parameter.name
        );
        let (shape, parameter) = (types::shape(&parameter.hint), self.descriptor(at));
        self.checks.push(quote_spanned! {ty.span()=>
            ::core::assert!(__p::fits(__p::parameter(__OBJECT, #parameter), &#shape, 0), "{}", #message);
        });
    }

    /// The files say the numbers.
    fn must_not_say_index(&self, said: &Attr<LitInt>) {
        if said.is_given() {
            self.ctxt.error(said, "fields have the numbers of the files: leave this out");
        }
    }

    /// The field's number on the wire, where it is not the one that it has by its place in the contract.
    fn index(&self, kind: RoleKind, number: usize) -> Option<TokenStream> {
        let comes_first = (0..self.claimed.len()).eq(self.claimed.iter().copied());
        if kind != self.roles.watcher() || comes_first {
            return None;
        }
        let number = Literal::usize_unsuffixed(number);
        Some(quote!(#[network_field(index = #number)]))
    }

    /// Calls to clients are kept if Python keeps them and nothing else is said. Calls to the server are not: Python
    /// keeps nearly all of them, since only what is kept goes into a creation.
    fn persist(&self, kind: RoleKind, field: &Field, said: &[Attribute]) -> Option<TokenStream> {
        let is_said = silently(|silent| CallAttrs::parse(silent, said, kind).persist.is_given());
        (kind != RoleKind::Server && field.persists && !is_said)
            .then(|| quote!(#[network_field(persist = ram)]))
    }

    /// Role, field and parameter, as the functions of the library take them.
    fn descriptor(&self, at: At) -> TokenStream {
        let role = Literal::u8_unsuffixed(self.roles.number(at.role));
        let [field, parameter] = [at.field, at.parameter].map(Literal::usize_unsuffixed);
        quote!((#role, #field, #parameter))
    }

    /// One error for all of an object's, with what to write.
    fn say_what_has_no_bound(&self, span: Span) {
        if self.loose.is_empty() {
            return;
        }
        let object = self.object.name;
        let mut message = format!("Python's hints of `{object}` do not say what may come:");
        for Loose { role, field, said, .. } in &self.loose {
            let said = said.join(", ");
            message += &match role {
                Some(kind) => format!("\n  - field `{field}` of the {}: {said}", whose(*kind)),
                None => format!("\n  - field `{field}` of the state: `{said}`"),
            };
        }
        message += "\nsay it behind the files, with bounds and types of your choice:";
        message += &self.example();
        self.ctxt.error_at(span, message);
    }

    /// What a user may write to be done with it.
    fn example(&self) -> String {
        let mut text = format!("\n  ; pub mod {} {{", names::module_name(self.object.name));
        let state: Vec<&Loose> = self.loose.iter().filter(|loose| loose.role.is_none()).collect();
        if !state.is_empty() {
            text += "\n      struct State {";
            state
                .iter()
                .for_each(|loose| text += &format!("\n          {}: {},", loose.field, loose.arguments[0].1));
            text += "\n      }";
        }
        for kind in self.roles.kinds() {
            let calls: Vec<&Loose> = self.loose.iter().filter(|loose| loose.role == Some(kind)).collect();
            if calls.is_empty() {
                continue;
            }
            text += &format!("\n      trait {} {{", kind.name());
            for Loose { field, arguments, .. } in calls {
                let arguments = arguments.iter().map(|(name, ty)| format!("{name}: {ty}"));
                let arguments = arguments.collect::<Vec<_>>().join(", ");
                text += &format!("\n          fn {field}({arguments});");
            }
            text += "\n      }";
        }
        text + "\n  }"
    }
}

fn whose(kind: RoleKind) -> &'static str {
    if kind == RoleKind::Both { "view" } else { kind.word() }
}

fn parameter_of<'f>(field: &'f Field, value: &Value) -> Option<&'f Parameter> {
    let name = value.ident.unraw();
    let is_it = |parameter: &&Parameter| {
        name == parameter.name || value.ident == names::argument(&parameter.name, Span::call_site())
    };
    field.parameters.iter().find(is_it)
}

/// The name on the wire of what is said of a call.
fn wire_of(kind: RoleKind, call: &Call) -> String {
    let said = silently(|silent| CallAttrs::parse(silent, &call.attributes, kind).wire.value().cloned());
    said.map_or_else(|| call.ident.unraw().to_string(), |wire| wire.value())
}

fn says_wire(kind: RoleKind, call: &Call) -> bool {
    silently(|silent| CallAttrs::parse(silent, &call.attributes, kind).wire.value().cloned()).is_some()
}
