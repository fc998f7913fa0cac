//! Python's typehints as types of Rust, and as shapes that these must fit.

use magicnet_manifest::{Hint, Kind};
use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};

/// The type that a hint stands for.
pub(super) struct Known {
    /// With the absolute path of each name.
    pub(super) ty: TokenStream,
    /// As a user would write it.
    pub(super) text: String,
    /// Whether Python says all of it. If not, numbers and names in it are made up.
    pub(super) is_bounded: bool,
}

impl Known {
    fn new(ty: TokenStream, text: impl Into<String>) -> Self {
        Self { ty, text: text.into(), is_bounded: true }
    }

    fn unbounded(self) -> Self {
        Self { is_bounded: false, ..self }
    }

    fn anything(span: Span) -> Self {
        Self::new(quote_spanned!(span=> ::magicnet::Value<256>), "Value<256>").unbounded()
    }

    fn list(span: Span, of: Self, max: Option<usize>) -> Self {
        let Self { ty, text, is_bounded } = of;
        let count = Literal::usize_unsuffixed(max.unwrap_or(16));
        Self {
            text: format!("List<{text}, {count}>"),
            ty: quote_spanned!(span=> ::magicnet::List<#ty, #count>),
            is_bounded: is_bounded && max.is_some(),
        }
    }
}

/// The type of a parameter's values.
pub(super) fn of(hint: &Hint, span: Span) -> Known {
    match hint.kind() {
        Kind::Integer { min, max } => integer(min, max, span),
        Kind::Float => Known::new(quote_spanned!(span=> ::core::primitive::f64), "f64"),
        Kind::Bool => Known::new(quote_spanned!(span=> ::core::primitive::bool), "bool"),
        Kind::Text { max } => sized("Str", quote_spanned!(span=> ::magicnet::Str), max, 64, span),
        Kind::Bytes { max } => sized("Bytes", quote_spanned!(span=> ::magicnet::Bytes), max, 256, span),
        Kind::List { of: member, max } => {
            Known::list(span, member.map_or_else(|| Known::anything(span), |member| of(member, span)), max)
        }
        Kind::Map { of: entry, max } => map(entry, max, span),
        Kind::Tuple(members) => tuple(members, span),
        Kind::Union([one, nil] | [nil, one]) if nil.kind() == Kind::Nil => {
            let Known { ty, text, is_bounded } = of(one, span);
            let ty = quote_spanned!(span=> ::core::option::Option<#ty>);
            Known { ty, text: format!("Option<{text}>"), is_bounded }
        }
        Kind::Class(class) if syn::parse_str::<syn::Ident>(class).is_ok() => {
            Known { text: class.to_owned(), ..Known::anything(span) }
        }
        Kind::Union(_) | Kind::Any | Kind::Nil | Kind::Class(_) => Known::anything(span),
    }
}

/// The type of all values of a variadic parameter.
pub(super) fn rest(hint: &Hint, span: Span) -> Known {
    Known::list(span, of(hint, span), None)
}

fn sized(name: &str, ty: TokenStream, max: Option<usize>, made_up: usize, span: Span) -> Known {
    let count = Literal::usize_unsuffixed(max.unwrap_or(made_up));
    let known = Known::new(quote_spanned!(span=> #ty<#count>), format!("{name}<{count}>"));
    if max.is_some() { known } else { known.unbounded() }
}

/// The smallest integer that holds the range, with the range if it is smaller still. An integer without bounds has
/// those of the wire: 64 bits.
fn integer(min: Option<i128>, max: Option<i128>, span: Span) -> Known {
    let min = min.unwrap_or(i64::MIN.into());
    let max = max.unwrap_or_else(|| if min < 0 { i64::MAX.into() } else { u64::MAX.into() });
    let widths = [
        ("u8", 0, u8::MAX.into()),
        ("i8", i8::MIN.into(), i8::MAX.into()),
        ("u16", 0, u16::MAX.into()),
        ("i16", i16::MIN.into(), i16::MAX.into()),
        ("u32", 0, u32::MAX.into()),
        ("i32", i32::MIN.into(), i32::MAX.into()),
        ("u64", 0, u64::MAX.into()),
    ];
    let fits = |(_, low, high): &(&str, i128, i128)| *low <= min && max <= *high;
    let widest = ("i64", i64::MIN.into(), i64::MAX.into());
    let (name, low, high) = widths.into_iter().find(fits).unwrap_or(widest);
    let ident = syn::Ident::new(name, span);
    let ty = quote_spanned!(span=> ::core::primitive::#ident);
    let (min, max) = (min.max(low), max.min(high));
    if (min, max) == (low, high) {
        return Known::new(ty, name);
    }
    let [from, to] = [min, max].map(Literal::i128_unsuffixed);
    let range = if min < 0 { quote!({#from}, #to) } else { quote!(#from, #to) };
    Known::new(
        quote_spanned!(span=> ::magicnet::Ranged<#ty, #range>),
        format!("Ranged<{name}, {min}, {max}>"),
    )
}

fn map(entry: Option<(&Hint, &Hint)>, max: Option<usize>, span: Span) -> Known {
    let (key, value) = match entry {
        Some((key, value)) => (of(key, span), of(value, span)),
        None => (sized("Str", quote!(::magicnet::Str), None, 16, span), Known::anything(span)),
    };
    let is_key = entry
        .is_none_or(|(key, _)| matches!(key.kind(), Kind::Integer { .. } | Kind::Text { .. } | Kind::Bool));
    if !is_key {
        return Known::anything(span);
    }
    let count = Literal::usize_unsuffixed(max.unwrap_or(16));
    let (key_ty, value_ty) = (key.ty, value.ty);
    Known {
        ty: quote_spanned!(span=> ::magicnet::Map<#key_ty, #value_ty, #count>),
        text: format!("Map<{}, {}, {count}>", key.text, value.text),
        is_bounded: max.is_some() && key.is_bounded && value.is_bounded,
    }
}

fn tuple(members: &[Hint], span: Span) -> Known {
    if members.len() > MAX_TUPLE {
        return Known::anything(span);
    }
    let members: Vec<Known> = members.iter().map(|member| of(member, span)).collect();
    let types = members.iter().map(|member| &member.ty);
    let texts: Vec<&str> = members.iter().map(|member| &member.text[..]).collect();
    let comma = if texts.len() == 1 { "," } else { "" };
    Known {
        ty: quote_spanned!(span=> (#(#types,)*)),
        text: format!("({}{comma})", texts.join(", ")),
        is_bounded: members.iter().all(|member| member.is_bounded),
    }
}

/// What Python takes, as the shape that a type must fit. What it does not check takes all shapes.
pub(super) fn shape(hint: &Hint) -> TokenStream {
    let bound =
        |max: Option<usize>| max.map_or_else(|| quote!(::core::primitive::usize::MAX), |max| quote!(#max));
    match hint.kind() {
        Kind::Integer { min, max } => {
            let (min, max) = (min.unwrap_or(i128::MIN), max.unwrap_or(i128::MAX));
            let (min, max) = (Literal::i128_suffixed(min), Literal::i128_suffixed(max));
            quote!(__p::Shape::Integer { min: #min, max: #max })
        }
        Kind::Float => quote!(__p::Shape::Float { bits: 64 }),
        Kind::Bool => quote!(__p::Shape::Bool),
        Kind::Text { max } => {
            let max = bound(max);
            quote!(__p::Shape::Text { max: #max })
        }
        Kind::Bytes { max } => {
            let max = bound(max);
            quote!(__p::Shape::Bytes { max: #max })
        }
        Kind::List { of, max } => {
            let (of, max) = (of.map_or_else(any_shape, shape), bound(max));
            quote!(__p::Shape::List { of: &#of, max: #max })
        }
        Kind::Map { of, max } => {
            let (key, value) =
                of.map_or_else(|| (any_shape(), any_shape()), |(key, value)| (shape(key), shape(value)));
            let max = bound(max);
            quote!(__p::Shape::Map { key: &#key, value: &#value, max: #max })
        }
        Kind::Tuple(members) => {
            let members = members.iter().map(shape);
            quote!(__p::Shape::Tuple(&[#(&#members),*]))
        }
        Kind::Union(_) | Kind::Any | Kind::Nil | Kind::Class(_) => any_shape(),
    }
}

fn any_shape() -> TokenStream {
    quote!(__p::Shape::Any { max: ::core::primitive::usize::MAX })
}

/// The longest tuple that is a network type.
const MAX_TUPLE: usize = 8;
