//! The grammar of `manifest!`: files, and behind a `;` contract modules that hold what the files do not say.

use proc_macro2::{Ident, Span, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Token, Type, Visibility, braced, parenthesized};

use crate::attr;
use crate::attr::container::ContractAttrs;
use crate::ctxt::silently;
use crate::model::RoleKind;
use crate::symbol::{BOTH, CLIENT, NETWORK_OBJECT, SERVER, STATE};

/// `"client.json", "server.json"; mod door { .. }`
pub(crate) struct Input {
    pub(crate) files: Vec<LitStr>,
    pub(crate) edits: Vec<Edit>,
}

/// What is said of one object.
pub(crate) struct Edit {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) parts: Vec<Part>,
}

/// `struct State { .. }` or a role's trait.
pub(crate) struct Part {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) entries: Entries,
}

pub(crate) enum Entries {
    State(Vec<Value>),
    Role(RoleKind, Vec<Call>),
}

/// A property, or an argument of a call. Without a type it has that of the file.
pub(crate) struct Value {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) ty: Option<Type>,
}

/// `fn knock(times: u8);`, with none of the arguments, some or all.
pub(crate) struct Call {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) ident: Ident,
    pub(crate) arguments: Vec<Value>,
}

impl Edit {
    /// What is said of the contract. What cannot be read is an error when it is made.
    pub(crate) fn said(&self) -> ContractAttrs {
        silently(|silent| ContractAttrs::parse(silent, self.arguments()))
    }

    /// The arguments of `#[network_object(...)]`.
    pub(crate) fn arguments(&self) -> TokenStream {
        let lists = attr::named(NETWORK_OBJECT, &self.attributes);
        lists
            .filter_map(|attribute| attribute.meta.require_list().ok())
            .flat_map(|list| {
                let tokens = &list.tokens;
                let comma = <Token![,]>::default();
                quote::quote!(#tokens #comma)
            })
            .collect()
    }

    /// What is said of the state, if it is.
    pub(crate) fn state(&self) -> Option<(&Part, &[Value])> {
        self.parts.iter().find_map(|part| match &part.entries {
            Entries::State(values) => Some((part, &values[..])),
            Entries::Role(..) => None,
        })
    }

    /// The names of the roles that are said and are not among `kinds`.
    pub(crate) fn others(&self, kinds: &[RoleKind]) -> impl Iterator<Item = &Ident> {
        self.parts.iter().filter_map(|part| match &part.entries {
            Entries::Role(of, _) if !kinds.contains(of) => Some(&part.ident),
            _ => None,
        })
    }

    /// What is said of a role, if it is.
    pub(crate) fn role(&self, kind: RoleKind) -> Option<(&Part, &[Call])> {
        self.parts.iter().find_map(|part| match &part.entries {
            Entries::Role(of, calls) if *of == kind => Some((part, &calls[..])),
            _ => None,
        })
    }
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut files = Vec::new();
        while input.peek(LitStr) {
            files.push(input.parse()?);
            if input.parse::<Option<Token![,]>>()?.is_none() {
                break;
            }
        }
        if files.is_empty() {
            let example =
                "a file that Python wrote comes first: `manifest!(\"client.json\", \"server.json\")`";
            return Err(if input.is_empty() {
                syn::Error::new(Span::call_site(), example)
            } else {
                input.error(example)
            });
        }
        if !input.is_empty() && input.parse::<Option<Token![;]>>()?.is_none() {
            return Err(input.error("what is said of the contracts comes behind the files and a `;`"));
        }
        let mut edits = Vec::new();
        while !input.is_empty() {
            edits.push(input.parse()?);
        }
        Ok(Self { files, edits })
    }
}

impl Parse for Edit {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        if !input.peek(Token![mod]) {
            return Err(
                input.error("here is said what the files do not say of an object: `pub mod door { .. }`")
            );
        }
        input.parse::<Token![mod]>()?;
        let ident = input.parse()?;
        let content;
        braced!(content in input);
        let mut parts: Vec<Part> = Vec::new();
        while !content.is_empty() {
            let part: Part = content.parse()?;
            if parts.iter().any(|other| other.ident == part.ident) {
                return Err(syn::Error::new_spanned(&part.ident, format!("`{}` is here twice", part.ident)));
            }
            parts.push(part);
        }
        Ok(Self { attributes, vis, ident, parts })
    }
}

impl Parse for Part {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        const KNOWN: &str = "what is said of an object stands in `struct State`, \
             `trait Server`, `trait Client` or `trait Both`";
        let attributes = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let is_state = input.peek(Token![struct]);
        if is_state {
            input.parse::<Token![struct]>()?;
        } else if input.peek(Token![trait]) {
            input.parse::<Token![trait]>()?;
        } else {
            return Err(input.error(KNOWN));
        }
        let ident: Ident = input.parse()?;
        let content;
        braced!(content in input);
        let entries = match is_state {
            true if ident == STATE => {
                let values = Punctuated::<Value, Token![,]>::parse_terminated(&content)?;
                Entries::State(values.into_iter().collect())
            }
            false if ident == SERVER => Entries::Role(RoleKind::Server, calls(&content)?),
            false if ident == CLIENT => Entries::Role(RoleKind::Client, calls(&content)?),
            false if ident == BOTH => Entries::Role(RoleKind::Both, calls(&content)?),
            _ => return Err(syn::Error::new_spanned(ident, KNOWN)),
        };
        Ok(Self { attributes, vis, ident, entries })
    }
}

fn calls(content: ParseStream<'_>) -> syn::Result<Vec<Call>> {
    let mut calls = Vec::new();
    while !content.is_empty() {
        calls.push(content.parse()?);
    }
    Ok(calls)
}

impl Parse for Call {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Token![fn]>()?;
        let ident = input.parse()?;
        let mut arguments = Vec::new();
        if input.peek(syn::token::Paren) {
            let content;
            parenthesized!(content in input);
            skip_receiver(&content)?;
            arguments.extend(Punctuated::<Value, Token![,]>::parse_terminated(&content)?);
        }
        input.parse::<Token![;]>()?;
        Ok(Self { attributes, ident, arguments })
    }
}

/// `&mut self,` may be there, as it is in contracts.
fn skip_receiver(content: ParseStream<'_>) -> syn::Result<()> {
    if content.peek(Token![&]) {
        content.parse::<Token![&]>()?;
        content.parse::<Token![mut]>()?;
        content.parse::<Token![self]>()?;
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

impl Parse for Value {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let ident = input.parse()?;
        let ty = if input.parse::<Option<Token![:]>>()?.is_some() { Some(input.parse()?) } else { None };
        Ok(Self { attributes, vis, ident, ty })
    }
}
