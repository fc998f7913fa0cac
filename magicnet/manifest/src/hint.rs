//! Typehints: what Python says of a parameter's values.

use std::fmt;

use crate::Json;

/// A typehint of Python's, as the file has it. [`kind`](Self::kind) says what it means; its text is Python's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Hint {
    /// `int`, `list`, `Union`; the name of a class where the library knows no word of its own for it.
    pub base: String,
    /// What is annotated: nothing, or some of it.
    pub notes: Option<Vec<Note>>,
    /// What stands in brackets.
    pub arguments: Vec<Self>,
}

/// An annotation.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A rule for values, by its name and argument: `Ge(0)`.
    Rule(String),
    /// Something that Python keeps and does not look at.
    Remark(Json),
}

/// What a hint means. Bounds are inclusive, and not there where Python has none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind<'a> {
    /// An integer.
    Integer {
        /// The smallest.
        min: Option<i128>,
        /// The largest.
        max: Option<i128>,
    },
    /// A float.
    Float,
    /// A boolean.
    Bool,
    /// `None`.
    Nil,
    /// Text.
    Text {
        /// The most characters.
        max: Option<usize>,
    },
    /// Bytes.
    Bytes {
        /// The most of them.
        max: Option<usize>,
    },
    /// A list, or a tuple of any length.
    List {
        /// What all members are, if anything is said of them.
        of: Option<&'a Hint>,
        /// The most members.
        max: Option<usize>,
    },
    /// A dictionary.
    Map {
        /// What keys and values are, if anything is said of them.
        of: Option<(&'a Hint, &'a Hint)>,
        /// The most entries.
        max: Option<usize>,
    },
    /// A value for each place.
    Tuple(&'a [Hint]),
    /// One of several.
    Union(&'a [Hint]),
    /// Anything.
    Any,
    /// What Python itself cannot load: a class by its name alone.
    Class(&'a str),
}

impl Hint {
    /// A hint without anything around it.
    pub fn plain(base: &str) -> Self {
        Self::with(base, Vec::new())
    }

    /// A hint with something in brackets.
    pub fn with(base: &str, arguments: Vec<Self>) -> Self {
        Self { base: base.to_owned(), notes: None, arguments }
    }

    /// The same with rules: `Ge(0)`.
    pub fn ruled(self, rules: impl IntoIterator<Item = String>) -> Self {
        Self { notes: Some(rules.into_iter().map(Note::Rule).collect()), ..self }
    }

    /// What it means.
    pub fn kind(&self) -> Kind<'_> {
        let max = self.number("MaxLen").and_then(|max| usize::try_from(max).ok());
        let arguments = &self.arguments[..];
        match (&self.base[..], arguments) {
            ("int", _) => {
                let max = self.number("Lt").map(|limit| limit.saturating_sub(1));
                Kind::Integer { min: self.number("Ge"), max }
            }
            ("float", _) => Kind::Float,
            ("bool", _) => Kind::Bool,
            ("NoneType", _) => Kind::Nil,
            ("str", _) => Kind::Text { max },
            ("bytes", _) => Kind::Bytes { max },
            ("list", [of]) => Kind::List { of: Some(of), max },
            ("tuple", [of, rest]) if rest.base == ELLIPSIS => Kind::List { of: Some(of), max },
            // `tuple[A, B, ...]` has members of several kinds and no fixed number of them.
            ("tuple", [.., rest]) if rest.base == ELLIPSIS => Kind::List { of: None, max },
            ("list", _) | ("tuple", []) => Kind::List { of: None, max },
            ("tuple", members) => Kind::Tuple(members),
            ("dict", [key, value]) => Kind::Map { of: Some((key, value)), max },
            ("dict", _) => Kind::Map { of: None, max },
            ("Union", forms) => Kind::Union(forms),
            ("any" | "hashable", _) => Kind::Any,
            (class, _) => Kind::Class(class),
        }
    }

    /// The rules.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().flatten().filter_map(|note| match note {
            Note::Rule(rule) => Some(&rule[..]),
            Note::Remark(_) => None,
        })
    }

    /// This hint and all in it.
    pub fn walk(&self, look: &mut dyn FnMut(&Self)) {
        look(self);
        for argument in &self.arguments {
            argument.walk(look);
        }
    }

    /// The number of the rule called `name`.
    fn number(&self, name: &str) -> Option<i128> {
        self.rules()
            .find_map(|rule| rule.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')')?.parse().ok())
    }

    /// The name that the library has for it: `uint8`, `s16`.
    fn short_name(&self) -> Option<String> {
        match self.kind() {
            Kind::Integer { min: Some(0), max: Some(max) } => {
                let bits = [8, 16, 32, 64].into_iter().find(|bits| max == (1 << bits) - 1)?;
                Some(format!("uint{bits}"))
            }
            Kind::Integer { min: Some(min), max: Some(max) } => {
                let fits = |bits: &u32| min == -(1 << (bits - 1)) && max == (1 << (bits - 1)) - 1;
                Some(format!("int{}", [8, 16, 32, 64].iter().find(|bits| fits(bits))?))
            }
            Kind::Text { max: Some(max @ (16 | 64 | 256 | 4096)) } => Some(format!("s{max}")),
            Kind::Bytes { max: Some(max @ (16 | 64 | 256 | 4096)) } => Some(format!("bs{max}")),
            _ => None,
        }
    }
}

/// As one writes it in Python.
impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.short_name() {
            return f.write_str(&name);
        }
        let rules: Vec<&str> = self.rules().collect();
        if !rules.is_empty() {
            f.write_str("Annotated[")?;
        }
        match &self.base[..] {
            "any" => f.write_str("Any")?,
            "NoneType" => f.write_str("None")?,
            ELLIPSIS => f.write_str("...")?,
            other => write!(f, "{}", other.escape_debug())?,
        }
        for (index, argument) in self.arguments.iter().enumerate() {
            f.write_str(if index == 0 { "[" } else { ", " })?;
            argument.fmt(f)?;
        }
        if !self.arguments.is_empty() {
            f.write_str("]")?;
        }
        for rule in &rules {
            write!(f, ", {}", rule.escape_debug())?;
        }
        if rules.is_empty() { Ok(()) } else { f.write_str("]") }
    }
}

/// The word for `...`.
pub(crate) const ELLIPSIS: &str = "ell";

/// The bases that have no arguments: Python writes none and reads none.
pub(crate) const WITHOUT_ARGUMENTS: &[&str] = &[ELLIPSIS, "any", "hashable"];

/// The bases that Python can load.
pub(crate) const LOADABLE: &[&str] =
    &["dict", "list", "tuple", "Union", ELLIPSIS, "any", "int", "float", "hashable", "str", "bytes"];

/// The rules that Python can load.
pub(crate) const RULES: &[&str] = &["Ge", "Lt", "MaxLen"];
