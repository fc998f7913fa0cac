//! Rules of types, as far as they can be seen: what is never a network type, and what to write instead.
//!
//! Everything else is left to rustc and the text of the trait `NetworkType`, since a name says little about a type.

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{GenericArgument, Lifetime, Path, PathArguments, Type, TypePath, TypeReference};

use crate::ctxt::Ctxt;

/// What has the type.
#[derive(Clone, Copy)]
pub(super) enum Holder<'a> {
    /// An argument of a call, which may borrow from the message that it came in.
    Call,
    /// A property, which is kept.
    State,
    /// A member of a struct, which borrows if the struct does.
    Struct(Option<&'a Lifetime>),
    /// A member of an enum's variant, which borrows if the enum does.
    Enum(Option<&'a Lifetime>),
}

impl Holder<'_> {
    fn name(self) -> &'static str {
        match self {
            Self::Call => "an argument",
            Self::State => "a property",
            Self::Struct(_) | Self::Enum(_) => "a member",
        }
    }

    /// The type that a member is in.
    fn owner(self) -> &'static str {
        if matches!(self, Self::Enum(_)) { "enum" } else { "struct" }
    }
}

/// No part of `ty` is one that can never be sent.
pub(super) fn check(ctxt: &Ctxt, ty: &Type, holder: Holder<'_>) {
    Checker { ctxt, holder }.visit_type(ty);
}

struct Checker<'a> {
    ctxt: &'a Ctxt,
    holder: Holder<'a>,
}

impl<'ast> Visit<'ast> for Checker<'_> {
    /// The outermost part that is wrong is the one to change, so what is inside of it is not looked at.
    fn visit_type(&mut self, ty: &'ast Type) {
        match self.objection(ty) {
            Some(message) => self.ctxt.error(ty, message),
            None => visit::visit_type(self, ty),
        }
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        let fits = match self.holder {
            Holder::Call => lifetime.ident == "_",
            Holder::State => false,
            // Lifetimes that the type does not have are rustc's to find.
            Holder::Struct(_) | Holder::Enum(_) => lifetime.ident != "static",
        };
        if !fits {
            self.ctxt.error(lifetime, self.borrow_hint());
        }
    }

    /// Bounds of lists and the like are no types.
    fn visit_expr(&mut self, _: &'ast syn::Expr) {}
}

impl Checker<'_> {
    fn objection(&self, ty: &Type) -> Option<String> {
        let holder = self.holder.name();
        match ty {
            Type::Path(TypePath { qself: None, path, .. }) => self.objection_to_path(path),
            Type::Reference(reference) => Some(self.instead_of_reference(reference)),
            Type::ImplTrait(_) => {
                Some(format!("{holder} has one type, which all peers know: `impl Trait` is many"))
            }
            Type::TraitObject(_) => {
                Some(format!("{holder} has one type, which all peers know: `dyn Trait` is many"))
            }
            Type::Infer(_) => Some(format!("the type of {holder} must be written out: peers need it")),
            Type::Array(array) => Some(format!(
                "arrays are not sent: write `{}`, or a tuple",
                list_of(&array.elem, Some(&array.len.to_token_stream().to_string()))
            )),
            Type::Slice(slice) => {
                Some(format!("slices are not sent: write `{}`", list_of(&slice.elem, None)))
            }
            Type::Ptr(_) | Type::FnPtr(_) => {
                Some(format!("{holder} is an owned value: a peer has no access to this node's memory"))
            }
            Type::Never(_) => Some(format!("{holder} has a value, and `!` has none")),
            _ => None,
        }
    }

    fn instead_of_reference(&self, reference: &TypeReference) -> String {
        let holder = self.holder.name();
        let is_str = matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str"));
        match (&*reference.elem, self.holder) {
            (_, Holder::Call) if is_str => {
                "for text write `Str<64>`, or `Text<'_, 64>` to borrow it from the message".into()
            }
            (_, Holder::Struct(Some(own)) | Holder::Enum(Some(own))) if is_str => {
                format!("for text write `Str<64>`, or `Text<{own}, 64>` to borrow it from the message")
            }
            _ if is_str => "for text write `Str<64>`".into(),
            (Type::Slice(slice), _) => {
                format!("{holder} is an owned value: write `{}`", list_of(&slice.elem, None))
            }
            (elem, _) => format!(
                "{holder} is an owned value, as a peer has no access to this node's memory: write `{}`",
                display(elem)
            ),
        }
    }

    fn objection_to_path(&self, path: &Path) -> Option<String> {
        let last = path.segments.last()?;
        let name = last.ident.to_string();
        let arguments = type_arguments(&last.arguments);
        let first = || arguments.first().copied();
        if path.segments.first().is_some_and(|segment| segment.ident == "Self") {
            return Some("peers do not know what `Self` is here: write the type".into());
        }
        if name == "Text"
            && matches!((self.holder, &last.arguments), (Holder::State, PathArguments::AngleBracketed(_)))
        {
            return Some(self.borrow_hint());
        }
        if !is_from_std(path) {
            return None;
        }
        Some(match name.as_str() {
            "String" => {
                "`String` has no bound: write `Str<64>` with the most characters that it may have".into()
            }
            "str" => "for text write `Str<64>`".into(),
            "Vec" => {
                let bytes =
                    first().is_some_and(|of| matches!(of, Type::Path(path) if path.path.is_ident("u8")));
                let bytes = if bytes { ", or `Bytes<256>`" } else { "" };
                format!(
                    "`Vec` has no bound: write `{}` with the most members that it may have{bytes}",
                    list(first())
                )
            }
            "VecDeque" | "LinkedList" | "BinaryHeap" | "HashSet" | "BTreeSet" => {
                format!(
                    "`{name}` has no bound: write `{}` with the most members that it may have",
                    list(first())
                )
            }
            "HashMap" | "BTreeMap" => {
                let instead = match arguments[..] {
                    [key, value, ..] => format!("Map<{}, {}, 16>", display(key), display(value)),
                    _ => "Map<K, V, 16>".to_owned(),
                };
                format!("`{name}` has no bound: write `{instead}` with the most entries that it may have")
            }
            "Box" | "Rc" | "Arc" | "Cow" => {
                let of = first().map_or_else(|| "the type in it".into(), |of| format!("`{}`", display(of)));
                format!("{} is sent by value: write {of}", self.holder.name())
            }
            "usize" | "isize" => {
                let sign = if name == "usize" { 'u' } else { 'i' };
                format!("`{name}` is not the same on all machines: write `{sign}32` or `{sign}64`")
            }
            "u128" | "i128" => format!("integers on the wire have 64 bits at most: write `{}64`", &name[..1]),
            "char" => "a character is text of length one: write `Str<1>`".into(),
            _ => return None,
        })
    }

    /// How to write what borrows.
    fn borrow_hint(&self) -> String {
        match self.holder {
            Holder::Call => {
                "an argument borrows from the message that it came in: write `Text<'_, N>`".into()
            }
            Holder::State => "a property is kept, so it cannot borrow: write `Str<N>`".into(),
            Holder::Struct(Some(own)) | Holder::Enum(Some(own)) => {
                format!("this {} borrows for `{own}`: write `Text<{own}, N>`", self.holder.owner())
            }
            Holder::Struct(None) | Holder::Enum(None) => {
                let owner = self.holder.owner();
                format!(
                    "this {owner} does not borrow: write `Str<N>`, or give the {owner} a lifetime: `Text<'a, N>`"
                )
            }
        }
    }
}

/// A name alone, which is std's unless it is shadowed, or a path through std.
fn is_from_std(path: &Path) -> bool {
    let first = path.segments.first().map(|segment| segment.ident.to_string());
    path.segments.len() == 1 || matches!(first.as_deref(), Some("std" | "core" | "alloc"))
}

fn type_arguments(arguments: &PathArguments) -> Vec<&Type> {
    let PathArguments::AngleBracketed(list) = arguments else {
        return Vec::new();
    };
    let types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

fn list(of: Option<&Type>) -> String {
    of.map_or_else(|| "List<T, 16>".into(), |of| list_of(of, None))
}

fn list_of(of: &Type, max: Option<&str>) -> String {
    format!("List<{}, {}>", display(of), max.unwrap_or("16"))
}

/// A type as its user wrote it.
pub(super) fn display(ty: &Type) -> String {
    let span: Span = ty.span();
    span.source_text().unwrap_or_else(|| ty.to_token_stream().to_string())
}
