//! Parameters: what is said once for each of them, and how the rest of the code asks for it.
//!
//! The type of a parameter is named in one `impl` of `Argument<FIELD, INDEX>` for the marker that its table belongs
//! to. All other code takes and gives by that marker, so that a type which cannot be sent is one error, under the type.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Lifetime, Path, Type};

use super::{with_lifetime, written};
use crate::model::{Call, Parameter, Presence, Property, Struct, Variant};

/// A parameter list: whose table it is in, and which field of it.
pub(super) struct List<'a> {
    /// The marker that the parameters are declared for.
    marker: Ident,
    field: usize,
    parameters: Vec<&'a Parameter<'a>>,
}

/// What is around the parameters in a frame.
#[derive(Clone, Copy)]
pub(super) enum Envelope {
    Call,
    Message,
}

impl<'a> List<'a> {
    /// The value of a property, or the values where it is spread. It is a field in the table of the role that watches
    /// it, if of any.
    pub(super) fn of_property(property: &'a Property<'a>) -> Self {
        let marker = property.role.arguments();
        Self { marker, field: property.number, parameters: property.arguments() }
    }

    /// The arguments of a call, which is a field of its role's table.
    pub(super) fn of_call(call: &'a Call<'a>) -> Self {
        let parameters = call.parameters.iter().collect();
        Self { marker: call.role.arguments(), field: call.number, parameters }
    }

    /// The members of a struct, which are declared beside it.
    pub(super) fn of_struct(body: &'a Struct<'a>) -> Self {
        Self { marker: format_ident!("__Members"), field: 0, parameters: body.members.iter().collect() }
    }

    /// The members of variant `number` of an enum.
    pub(super) fn of_variant(number: usize, variant: &'a Variant<'a>) -> Self {
        let parameters = variant.members.iter().collect();
        Self { marker: format_ident!("__Members"), field: number, parameters }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }

    /// The marker, for what has a list of its own; it is private, so that the types of members may be.
    pub(super) fn marker(&self) -> Option<TokenStream> {
        let marker = &self.marker;
        (!self.is_empty()).then(|| quote!(enum #marker {}))
    }

    /// One `impl` per parameter.
    pub(super) fn declare(&self) -> TokenStream {
        self.indexed().map(|(index, parameter)| self.declare_one(index, parameter)).collect()
    }

    fn declare_one(&self, index: usize, parameter: &Parameter<'_>) -> TokenStream {
        let at = self.at(index);
        let of = &self.marker;
        let name = parameter.name();
        let ty = borrowed_for_de(parameter.ty);
        let any_float = parameter.any_float().then(|| {
            quote!(
                const ANY_FLOAT: ::core::primitive::bool = true;
            )
        });
        let kind = match parameter.presence() {
            Presence::Rest => quote!(RestArgument),
            Presence::Required | Presence::Default(_) => quote!(Argument),
        };
        let default = match parameter.presence() {
            Presence::Default(expr) => {
                let value = match expr {
                    Some(expr) => expr.to_token_stream(),
                    None => quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default()),
                };
                let returned = quote_spanned!(ty.span()=> Self::Type<'de>);
                Some(quote! {
                    #[automatically_derived]
                    impl __p::DefaultArgument<#at> for #of {
                        fn default<'de>() -> #returned {
                            #value
                        }
                    }
                })
            }
            Presence::Required | Presence::Rest => None,
        };
        let check = parameter.attrs.check.value().map(|path| self.check(index, &kind, path));
        quote! {
            #[automatically_derived]
            impl __p::#kind<#at> for #of {
                type Type<'de> = #ty;
                const NAME: &'static ::core::primitive::str = #name;
                #any_float
            }
            #default
            #check
        }
    }

    /// The rule of parameter `index`, which is of the given kind.
    fn check(&self, index: usize, kind: &TokenStream, path: &Path) -> TokenStream {
        let (of, at) = (&self.marker, self.at(index));
        let rule = written(path);
        let value = Ident::new("__value", path.span());
        let accepts = quote_spanned!(path.span()=> #path(#value));
        quote! {
            #[automatically_derived]
            impl __p::CheckedArgument<#at> for #of {
                type Type<'de> = <Self as __p::#kind<#at>>::Type<'de>;
                const NAME: &'static ::core::primitive::str = <Self as __p::#kind<#at>>::NAME;
                const RULE: &'static ::core::primitive::str = #rule;
                fn accepts(#value: &Self::Type<'_>) -> ::core::primitive::bool {
                    #accepts
                }
            }
        }
    }

    /// The descriptors of all parameters.
    pub(super) fn descriptors(&self) -> TokenStream {
        let each = self.indexed().map(|(index, parameter)| {
            let place = self.place(index, parameter);
            quote!(#place::PARAMETER)
        });
        quote!(&[#(#each),*])
    }

    /// The shapes of all members of a struct.
    pub(super) fn members(&self) -> TokenStream {
        let each = self.indexed().map(|(index, parameter)| {
            let place = self.place(index, parameter);
            quote!(#place::MEMBER)
        });
        quote!(&[#(#each),*])
    }

    /// The most bytes of each parameter.
    pub(super) fn sizes(&self) -> TokenStream {
        let each = self.indexed().map(|(index, parameter)| {
            let trait_ = match parameter.presence() {
                Presence::Rest => quote!(RestArgument),
                Presence::Required | Presence::Default(_) => quote!(Argument),
            };
            let (of, at) = (&self.marker, self.at(index));
            quote!(<#of as __p::#trait_<#at>>::MAX_SIZE)
        });
        quote!(&[#(#each),*])
    }

    /// `let x = ...;` for each parameter, out of the arguments called `from`.
    pub(super) fn take(&self, from: &dyn ToTokens) -> TokenStream {
        let of = &self.marker;
        let each = self.indexed().map(|(index, parameter)| {
            let at = self.at(index);
            let binding = &parameter.binding;
            let take = match parameter.presence() {
                Presence::Required => quote!(take),
                Presence::Default(_) => quote!(take_or_default),
                Presence::Rest => quote!(take_rest),
            };
            if parameter.attrs.check.is_given() {
                quote!(let #binding = #from.checked::<#of, #at>(__p::Arguments::#take::<#of, #at>)?;)
            } else {
                quote!(let #binding = #from.#take::<#of, #at>()?;)
            }
        });
        each.collect()
    }

    /// How many parameters there are.
    pub(super) fn len(&self) -> usize {
        self.parameters.len()
    }

    /// `.give(x)` for each parameter, whose value `value` names.
    pub(super) fn give(&self, value: impl Fn(&Parameter<'_>) -> TokenStream) -> TokenStream {
        self.give_each(|_, parameter| value(parameter))
    }

    /// The same, where the value depends on the parameter's place.
    pub(super) fn give_each(&self, value: impl Fn(usize, &Parameter<'_>) -> TokenStream) -> TokenStream {
        let of = &self.marker;
        let each = self.indexed().map(|(index, parameter)| {
            let at = self.at(index);
            let give = match parameter.presence() {
                Presence::Required | Presence::Default(_) => quote!(give),
                Presence::Rest => quote!(give_rest),
            };
            let value = value(index, parameter);
            quote!(.#give::<#of, #at>(&#value))
        });
        each.collect()
    }

    /// How many values `give` writes.
    pub(super) fn count(&self, value: impl Fn(&Parameter<'_>) -> TokenStream) -> TokenStream {
        match self.parameters.split_last() {
            Some((rest, before)) if matches!(rest.presence(), Presence::Rest) => {
                let (of, at) = (&self.marker, self.at(before.len()));
                let fixed = Literal::usize_unsuffixed(before.len());
                let value = value(rest);
                quote!(#fixed + __p::rest_len::<#of, #at>(&#value))
            }
            _ => Literal::usize_unsuffixed(self.parameters.len()).into_token_stream(),
        }
    }

    /// Does not compile if the values together could be larger than a frame, and points at the largest.
    pub(super) fn fit_a_frame(&self, what: &str, envelope: Envelope) -> TokenStream {
        if self.parameters.is_empty() {
            return TokenStream::new();
        }
        let sizes = self.sizes();
        let envelope = match envelope {
            Envelope::Call => quote!(__p::CALL_ENVELOPE),
            Envelope::Message => quote!(__p::MESSAGE_ENVELOPE),
        };
        let each = self.indexed().map(|(index, parameter)| {
            let message = format!(
                "{what} could be larger than one frame (65,535 bytes): shrink `{}`",
                parameter.name()
            );
            let index = Literal::usize_unsuffixed(index);
            quote_spanned! {parameter.ty.span()=>
                ::core::assert!(!__p::is_culprit(__SIZES, #envelope, #index), #message);
            }
        });
        quote! {
            const _: () = {
                const __SIZES: &[::core::primitive::usize] = #sizes;
                #(#each)*
            };
        }
    }

    fn place(&self, index: usize, parameter: &Parameter<'_>) -> TokenStream {
        let (of, at) = (&self.marker, self.at(index));
        match parameter.presence() {
            Presence::Required => quote!(<#of as __p::Argument<#at>>),
            Presence::Default(_) => quote!(<#of as __p::DefaultArgument<#at>>),
            Presence::Rest => quote!(<#of as __p::RestArgument<#at>>),
        }
    }

    /// `FIELD, INDEX`
    fn at(&self, index: usize) -> TokenStream {
        let (field, index) = (Literal::usize_unsuffixed(self.field), Literal::usize_unsuffixed(index));
        quote!(#field, #index)
    }

    fn indexed(&self) -> impl Iterator<Item = (usize, &'a Parameter<'a>)> {
        self.parameters.iter().copied().enumerate()
    }
}

/// The type with `'de` for all that it borrows.
pub(super) fn borrowed_for_de(ty: &Type) -> Type {
    with_lifetime(ty, &Lifetime::new("'de", Span::call_site()))
}
