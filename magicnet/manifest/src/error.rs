//! Why a file is no manifest.

use std::fmt;

/// What is wrong with a file, and where: its line, or the object, the field and the parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    place: String,
    what: String,
}

impl ReadError {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { place: String::new(), what: what.into() }
    }

    /// The same, further out: "object `door`, " before what is said already.
    pub(crate) fn within(self, place: &str, name: &str) -> Self {
        let comma = if self.place.is_empty() { "" } else { ", " };
        Self { place: format!("{place} `{}`{comma}{}", name.escape_debug(), self.place), what: self.what }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            f.write_str(&self.what)
        } else {
            write!(f, "{}: {}", self.place, self.what)
        }
    }
}

impl std::error::Error for ReadError {}
