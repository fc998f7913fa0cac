//! The command line: words, and options with or without a value.

use std::str::FromStr;

use anyhow::anyhow;

/// What stands behind the program's name.
#[derive(Clone, Debug)]
pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    pub(crate) fn read() -> Self {
        Self(std::env::args().skip(1).collect())
    }

    /// The word at a place, if there is one that is no option.
    pub(crate) fn word(&self, place: usize) -> Option<&str> {
        self.0.get(place).map(String::as_str).filter(|word| !word.starts_with("--"))
    }

    pub(crate) fn has(&self, option: &str) -> bool {
        self.0.iter().any(|word| word == option)
    }

    /// What follows an option.
    pub(crate) fn value(&self, option: &str) -> Option<&str> {
        let place = self.0.iter().position(|word| word == option)?;
        self.0.get(place + 1).map(String::as_str)
    }

    /// The number that follows an option.
    pub(crate) fn number<T: FromStr>(&self, option: &str) -> anyhow::Result<Option<T>> {
        let number = self.value(option).map(str::parse);
        number.transpose().map_err(|_not_a_number| anyhow!("{option} needs a number"))
    }
}
