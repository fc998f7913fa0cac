//! What is wrong with a value that came: where, what was expected, what was found.

use std::fmt;

use super::Variant;

/// A value that does not have the type it should have.
///
/// Its text names the parameter (with the path into it), what was expected and what came:
/// ``parameter `at.x`: expected a float, found text of 3 characters``.
#[derive(Clone, Debug, PartialEq)]
pub struct DecodeError(Box<Detail>);

#[derive(Clone, Debug, PartialEq)]
struct Detail {
    /// From the innermost step outwards: errors are built on the way out of the decoders.
    path: Vec<Step>,
    expected: Expected,
    found: Found,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Name(&'static str),
    Index(usize),
}

/// What a decoder was looking for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Expected {
    /// An integer within both bounds, inclusive.
    Integer {
        /// The smallest value allowed.
        min: i128,
        /// The largest value allowed.
        max: i128,
    },
    /// A floating-point number, or an integer that it holds exactly.
    Float,
    /// A floating-point number that is neither NaN nor infinite.
    FiniteFloat,
    /// `true` or `false`.
    Bool,
    /// UTF-8 text.
    Text {
        /// The most characters allowed.
        max: usize,
    },
    /// A byte string.
    Bytes {
        /// The most bytes allowed.
        max: usize,
    },
    /// An array of any type of member.
    Array {
        /// The most members allowed.
        max: usize,
    },
    /// An array of exactly this many members.
    ArrayOf(usize),
    /// An array whose members are in ascending order, none twice.
    Ascending,
    /// A map.
    Map,
    /// A map of any keys and values.
    Entries {
        /// The most entries allowed.
        max: usize,
    },
    /// A map in which no key is there twice.
    DifferentKeys,
    /// The number of a variant of an enum.
    Variant {
        /// The enum's name.
        name: &'static str,
        /// Its variants.
        variants: &'static [Variant],
    },
    /// Any value whose encoding fits.
    Any {
        /// The most bytes its encoding may take.
        max: usize,
    },
    /// One more value: an argument or a member that has no default.
    OneMore,
    /// The end: no more than this many values.
    AtMost(usize),
    /// A value that a rule of the application's accepts.
    Accepted(&'static str),
}

/// What a decoder met instead.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Found {
    /// The end of the bytes, or of the array.
    Nothing,
    /// `nil`.
    Nil,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Integer(i128),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text {
        /// Its length in characters.
        chars: usize,
    },
    /// Bytes marked as text that are not UTF-8.
    BadUtf8,
    /// A byte string.
    Bytes {
        /// Its length.
        len: usize,
    },
    /// An array.
    Array {
        /// Its number of members.
        len: usize,
    },
    /// A map.
    Map {
        /// Its number of entries.
        len: usize,
    },
    /// A msgpack extension type or a reserved marker, which the protocol does not use.
    Foreign,
    /// More values than there is room for.
    Values(usize),
    /// Nested deeper than a value may be.
    TooDeep,
}

impl DecodeError {
    /// An error at the value itself; [`within`](Self::within) and [`at`](Self::at) add the way to it.
    #[cold]
    pub fn new(expected: Expected, found: Found) -> Self {
        Self(Box::new(Detail { path: Vec::new(), expected, found }))
    }

    /// The same error, seen from the parameter or member `name` that holds the value.
    #[cold]
    #[must_use]
    pub fn within(mut self, name: &'static str) -> Self {
        self.0.path.push(Step::Name(name));
        self
    }

    /// The same error, seen from the list that holds the value at `index`.
    #[cold]
    #[must_use]
    pub fn at(mut self, index: usize) -> Self {
        self.0.path.push(Step::Index(index));
        self
    }

    /// What the decoder was looking for.
    pub fn expected(&self) -> &Expected {
        &self.0.expected
    }

    /// What came instead.
    pub fn found(&self) -> &Found {
        &self.0.found
    }

    /// The parameter that the value belongs to, with the way into it, such as `at.x` or `tags[2]`.
    pub fn path(&self) -> String {
        let mut text = String::new();
        for step in self.0.path.iter().rev() {
            match step {
                Step::Name(name) if text.is_empty() => text.push_str(name),
                Step::Name(name) => text.extend([".", name]),
                Step::Index(index) => text.push_str(&format!("[{index}]")),
            }
        }
        text
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.path.is_empty() {
            write!(f, "parameter `{}`: ", self.path())?;
        }
        write!(f, "expected {}, found {}", self.0.expected, self.0.found)
    }
}

impl std::error::Error for DecodeError {}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer { min, max } => write!(f, "an integer from {min} to {max}"),
            Self::Float => f.write_str("a float"),
            Self::FiniteFloat => f.write_str("a finite float"),
            Self::Bool => f.write_str("a bool"),
            // `usize::MAX` is how decoders say that there is no bound.
            Self::Text { max: usize::MAX } => f.write_str("text"),
            Self::Text { max } => write!(f, "text of at most {}", count(*max, "character")),
            Self::Bytes { max: usize::MAX } => f.write_str("bytes"),
            Self::Bytes { max } => write!(f, "at most {}", count(*max, "byte")),
            Self::Array { max: usize::MAX } => f.write_str("an array"),
            Self::Array { max } => write!(f, "an array of at most {}", count(*max, "member")),
            Self::ArrayOf(len) => write!(f, "an array of {}", count(*len, "member")),
            Self::Ascending => f.write_str("an array in ascending order"),
            Self::Map => f.write_str("a map"),
            Self::Entries { max: 1 } => f.write_str("a map of at most 1 entry"),
            Self::Entries { max } => write!(f, "a map of at most {max} entries"),
            Self::DifferentKeys => f.write_str("a map whose keys are all different"),
            Self::Variant { name, variants } => {
                write!(f, "the number of a variant of `{name}` (")?;
                write_variants(f, variants)?;
                f.write_str(")")
            }
            Self::Any { max: usize::MAX } => f.write_str("a value"),
            Self::Any { max } => write!(f, "a value of at most {}", count(*max, "byte")),
            Self::OneMore => f.write_str("a value"),
            Self::AtMost(0) => f.write_str("no values"),
            Self::AtMost(most) => write!(f, "at most {}", count(*most, "value")),
            Self::Accepted(rule) => write!(f, "a value that `{rule}` accepts"),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Nil => f.write_str("nil"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "the float {value}"),
            Self::Text { chars } => write!(f, "text of {}", count(*chars, "character")),
            Self::BadUtf8 => f.write_str("text that is not UTF-8"),
            Self::Bytes { len } => f.write_str(&count(*len, "byte")),
            Self::Array { len } => write!(f, "an array of {}", count(*len, "member")),
            Self::Map { len: 1 } => f.write_str("a map of 1 entry"),
            Self::Map { len } => write!(f, "a map of {len} entries"),
            Self::Foreign => f.write_str("a msgpack extension value"),
            Self::Values(values) => f.write_str(&count(*values, "value")),
            Self::TooDeep => f.write_str("a value nested too deep"),
        }
    }
}

/// "0 `Open`, 1 `Closed`", or the first and the last of many.
fn write_variants(f: &mut fmt::Formatter<'_>, variants: &[Variant]) -> fmt::Result {
    let last = variants.len().saturating_sub(1);
    let is_shown = |number: usize| number < MOST_SHOWN || number == last;
    let shown = variants.iter().enumerate().filter(|(number, _)| is_shown(*number));
    for (number, variant) in shown {
        let before = match number {
            0 => "",
            _ if number > MOST_SHOWN => ", ..., ",
            _ => ", ",
        };
        write!(f, "{before}{number} `{}`", variant.name)?;
    }
    Ok(())
}

/// An error is one line: this many variants, and the last.
const MOST_SHOWN: usize = 8;

/// "1 byte", "2 bytes".
fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
