//! What attributes say: read into pairs of key and value here, into meaning by [`container`], [`field`], [`method`].

pub(crate) mod container;
pub(crate) mod direct;
pub(crate) mod field;
pub(crate) mod method;
mod rate;
mod role;
pub(crate) mod self_type;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitInt, LitStr, Meta, Path, Token};

use crate::ctxt::Ctxt;
use crate::suggest::{did_you_mean, enumerate, nearest};
use crate::symbol::{ARG, NETWORK_FIELD, RESERVED_KEYS, Symbol, WORDS};

/// What one key of an attribute says: its value, and the tokens to point at.
#[derive(Clone)]
pub(crate) struct Attr<T> {
    /// `None` if the key is not there, or its value could not be read (which is an error already).
    value: Option<T>,
    /// `None` if the key is not there.
    tokens: Option<TokenStream>,
}

impl<T> Default for Attr<T> {
    fn default() -> Self {
        Self { value: None, tokens: None }
    }
}

impl<T> Attr<T> {
    /// Whether the key is there, readable or not.
    pub(crate) fn is_given(&self) -> bool {
        self.tokens.is_some()
    }

    /// The value, if it is there and could be read.
    pub(crate) fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }
}

impl<T> ToTokens for Attr<T> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}

/// `key`, `key = value` or `key(...)`.
pub(crate) struct Pair {
    pub(crate) key: Ident,
    value: Value,
}

/// What a key says that takes a word or the path of a function.
pub(crate) enum WordOrPath<T> {
    Word(T),
    Path(Path),
}

enum Value {
    Nothing,
    Is(Expr),
    List(TokenStream),
}

/// Where an attribute stands: which keys it knows there, and where other keys belong.
pub(crate) struct Place {
    /// As it reads in "unknown key `x` in ...".
    pub(crate) name: &'static str,
    pub(crate) keys: &'static [Symbol],
    /// Keys of other places, with a sentence each.
    pub(crate) elsewhere: &'static [(Symbol, &'static str)],
}

/// All pairs of an attribute's arguments. What cannot be read ends the list, with an error.
pub(crate) fn pairs(ctxt: &Ctxt, arguments: TokenStream) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            pairs.push(input.call(pair)?);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(arguments) {
        ctxt.syn_error(error);
    }
    pairs
}

fn pair(input: ParseStream<'_>) -> syn::Result<Pair> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error("expected a key, as in `key = value`"));
    }
    let key = Ident::parse_any(input)?;
    let value = if input.peek(Token![=]) {
        let equals: Token![=] = input.parse()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(syn::Error::new_spanned(
                equals,
                format!("`{key}` has no value: it is missing after `=`"),
            ));
        }
        Value::Is(without_groups(input.parse()?))
    } else if input.peek(syn::token::Paren) {
        let content;
        syn::parenthesized!(content in input);
        Value::List(content.parse()?)
    } else {
        Value::Nothing
    };
    Ok(Pair { key, value })
}

/// A fragment of a user's `macro_rules!` comes in an invisible group.
fn without_groups(expr: Expr) -> Expr {
    match expr {
        Expr::Group(group) => without_groups(*group.expr),
        expr => expr,
    }
}

/// The pairs of every attribute called `name` in `attributes`. Several of them read like one.
pub(crate) fn pairs_of(ctxt: &Ctxt, name: Symbol, attributes: &[Attribute]) -> Vec<Pair> {
    let mut all = Vec::new();
    for attribute in named(name, attributes) {
        match &attribute.meta {
            Meta::Path(_) => {}
            Meta::List(list) => all.extend(pairs(ctxt, list.tokens.clone())),
            Meta::NameValue(_) => ctxt.error(attribute, format!("write `#[{name}(...)]`")),
        }
    }
    all
}

/// The attributes called `name`, by that name or at the end of a path.
pub(crate) fn named(name: Symbol, attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(move |attribute| is_named(attribute, name))
}

/// Whether an attribute is one of those that only the macros around it understand.
pub(crate) fn is_ours(attribute: &Attribute) -> bool {
    is_named(attribute, NETWORK_FIELD) || is_named(attribute, ARG)
}

/// Whether an attribute is called `name`.
pub(crate) fn is_named(attribute: &Attribute, name: Symbol) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == name)
}

impl Pair {
    /// Keeps what the key says, unless it was there before.
    pub(crate) fn keep<T>(&self, ctxt: &Ctxt, value: Option<T>, slot: &mut Attr<T>) {
        if slot.is_given() {
            ctxt.error(&self.key, format!("`{}` is given twice", self.key));
        } else {
            *slot = Attr { value, tokens: Some(self.to_token_stream()) };
        }
    }

    /// For keys that `place` does not know.
    pub(crate) fn unknown(&self, ctxt: &Ctxt, place: &Place) {
        let key = &self.key;
        let message = if let Some((_, sentence)) = place.elsewhere.iter().find(|(known, _)| key == known) {
            format!("`{key}` does not belong in {}: {sentence}", place.name)
        } else if RESERVED_KEYS.iter().any(|reserved| key == reserved) {
            format!("`{key}` is reserved for a later version of magicnet")
        } else {
            let known = || place.keys.iter().map(|key| key.as_str());
            let hint = did_you_mean(&key.to_string(), known());
            match place.keys {
                _ if !hint.is_empty() => format!("unknown key `{key}` in {}{hint}", place.name),
                [] => format!("{} takes no keys", place.name),
                _ => format!("unknown key `{key}` in {}; it takes {}", place.name, enumerate(known(), "and")),
            }
        };
        ctxt.error(key, message);
    }

    /// The value as one of a few words. `reserved` are words of a later version.
    pub(crate) fn word<T: Copy>(&self, ctxt: &Ctxt, words: &[(Symbol, T)], reserved: &[Symbol]) -> Option<T> {
        let key = &self.key;
        let choice = || enumerate(words.iter().map(|(word, _)| word.as_str()), "or");
        let Value::Is(expr) = &self.value else {
            ctxt.error(self, format!("`{key}` needs a value: {}", choice()));
            return None;
        };
        let Some(word) = as_word(expr) else {
            ctxt.error(expr, format!("`{key}` is {}", choice()));
            return None;
        };
        if let Some((known, value)) = words.iter().find(|(known, _)| word == known.as_str()) {
            if matches!(expr, Expr::Lit(_)) {
                ctxt.error(expr, format!("write it without quotes: `{key} = {known}`"));
            }
            return Some(*value);
        }
        ctxt.error(
            expr,
            if reserved.iter().any(|reserved| word == reserved.as_str()) {
                format!(
                    "`{key} = {word}` is reserved for a later version of magicnet; until then it is {}",
                    choice()
                )
            } else {
                let other_words = || words.iter().map(|(word, _)| word.as_str());
                let hint = if words.len() > 1 { did_you_mean(&word, other_words()) } else { String::new() };
                format!("`{key}` is {}{hint}", choice())
            },
        );
        None
    }

    /// The value as one of a few words, or as the path of a function.
    pub(crate) fn word_or_path<T: Copy>(
        &self,
        ctxt: &Ctxt,
        words: &[(Symbol, T)],
        example: &str,
    ) -> Option<WordOrPath<T>> {
        let key = &self.key;
        let choice = || {
            let known = words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            format!("{known} or the path of a function")
        };
        let Value::Is(expr) = &self.value else {
            ctxt.error(self, format!("`{key}` needs a value: {}", choice()));
            return None;
        };
        if let Some(known) = as_word(expr) {
            let is_known = words.iter().any(|(word, _)| known == word.as_str());
            let near = nearest(&known, words.iter().map(|(word, _)| word.as_str()));
            let is_path = matches!(expr, Expr::Path(_));
            if is_known {
                return self.word(ctxt, words, &[]).map(WordOrPath::Word);
            }
            if near.is_some() || !is_path || WORDS.iter().any(|word| known == word.as_str()) {
                let mut hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                if is_path {
                    hint += &format!(" (for a function of this name write `self::{known}`)");
                }
                ctxt.error(expr, format!("`{key}` is {}{hint}", choice()));
                return None;
            }
        }
        match expr {
            Expr::Path(path) if path.qself.is_none() => Some(WordOrPath::Path(path.path.clone())),
            _ => {
                ctxt.error(expr, format!("`{key}` is {}: `{key} = {example}`", choice()));
                None
            }
        }
    }

    /// The value as text.
    pub(crate) fn text(&self, ctxt: &Ctxt) -> Option<LitStr> {
        let key = &self.key;
        match &self.value {
            Value::Is(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => Some(text.clone()),
            Value::Is(expr) => {
                let hint = as_word(expr).map_or_else(String::new, |word| format!(": `{key} = \"{word}\"`"));
                ctxt.error(expr, format!("`{key}` is text in quotes{hint}"));
                None
            }
            Value::Nothing | Value::List(_) => {
                ctxt.error(self, format!("`{key}` needs a text: `{key} = \"...\"`"));
                None
            }
        }
    }

    /// The value as a whole number.
    pub(crate) fn number(&self, ctxt: &Ctxt) -> Option<LitInt> {
        match &self.value {
            Value::Is(Expr::Lit(ExprLit { lit: Lit::Int(number), .. })) => Some(number.clone()),
            Value::Is(expr) => {
                ctxt.error(expr, format!("`{}` is a whole number", self.key));
                None
            }
            Value::Nothing | Value::List(_) => {
                ctxt.error(self, format!("`{key}` needs a number: `{key} = 64`", key = self.key));
                None
            }
        }
    }

    /// The value as a number from 0 to 255.
    pub(crate) fn byte(&self, ctxt: &Ctxt) -> Option<u8> {
        let number = self.number(ctxt)?;
        let byte = number.base10_parse().ok();
        if byte.is_none() {
            ctxt.error(&number, format!("`{}` is a number from 0 to 255", self.key));
        }
        byte
    }

    /// The value as the path of a function.
    pub(crate) fn path(&self, ctxt: &Ctxt, example: &str) -> Option<Path> {
        match &self.value {
            Value::Is(Expr::Path(path)) if path.qself.is_none() => Some(path.path.clone()),
            Value::Is(expr) => {
                ctxt.error(
                    expr,
                    format!("`{key}` is the path of a function: `{key} = {example}`", key = self.key),
                );
                None
            }
            Value::Nothing | Value::List(_) => {
                ctxt.error(self, format!("`{key}` needs a function: `{key} = {example}`", key = self.key));
                None
            }
        }
    }

    /// The value as the path of a type.
    pub(crate) fn type_path(&self, ctxt: &Ctxt, example: &str) -> Option<Path> {
        match &self.value {
            Value::Is(Expr::Path(path)) if path.qself.is_none() => Some(path.path.clone()),
            Value::Is(expr) => {
                ctxt.error(expr, format!("`{key}` is a type: `{key} = {example}`", key = self.key));
                None
            }
            Value::Nothing | Value::List(_) => {
                ctxt.error(self, format!("`{key}` needs a type: `{key} = {example}`", key = self.key));
                None
            }
        }
    }

    /// The value as any expression.
    pub(crate) fn expr(&self, ctxt: &Ctxt) -> Option<Expr> {
        match &self.value {
            Value::Is(expr) => Some(expr.clone()),
            Value::Nothing | Value::List(_) => {
                ctxt.error(self, format!("`{key}` needs a value: `{key} = ...`", key = self.key));
                None
            }
        }
    }

    /// The value as any expression, or nothing.
    pub(crate) fn optional_expr(&self, ctxt: &Ctxt) -> Option<Option<Expr>> {
        if matches!(self.value, Value::Nothing) { Some(None) } else { self.expr(ctxt).map(Some) }
    }

    /// The value as pairs of their own: `key(a = 1, b = 2)`.
    pub(crate) fn pairs(&self, ctxt: &Ctxt, example: &str) -> Vec<Self> {
        match &self.value {
            Value::List(list) => pairs(ctxt, list.clone()),
            Value::Nothing | Value::Is(_) => {
                ctxt.error(self, format!("write `{}({example})`", self.key));
                Vec::new()
            }
        }
    }

    /// No value: the key says it all.
    pub(crate) fn flag(&self, ctxt: &Ctxt) -> Option<()> {
        if !matches!(self.value, Value::Nothing) {
            ctxt.error(self, format!("`{key}` takes no value: write `{key}` alone", key = self.key));
        }
        Some(())
    }
}

impl ToTokens for Pair {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.key.to_tokens(tokens);
        match &self.value {
            Value::Nothing => {}
            Value::Is(value) => value.to_tokens(tokens),
            Value::List(list) => list.to_tokens(tokens),
        }
    }
}

/// A single word, in quotes or not.
fn as_word(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => path.path.get_ident().map(|word| word.unraw().to_string()),
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// Where the attribute itself stands: for what is missing in it.
pub(crate) fn whole_attribute() -> Span {
    Span::call_site()
}
